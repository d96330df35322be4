"""Same bytes are the same value, and nothing else is: pydicom's comparison of the Data Sets says so too."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicomtui.dataset.raw_equality import same_raw
from dicomtui.dataset.reading import Instance, read_instance
from tests.builders import ct, write

SEQUENCES = ("ReferencedImageSequence", "SourceImageSequence")
LEAVES = st.fixed_dictionaries(
    {},
    optional={
        "PatientID": st.sampled_from(["a", "b", ""]),
        "InstanceNumber": st.integers(1, 3),
        "Rows": st.integers(1, 3),
    },
)


def _nested(below: st.SearchStrategy[Dataset]) -> st.SearchStrategy[Dataset]:
    def put_together(values: dict[str, object], items: dict[str, list[Dataset]]) -> Dataset:
        dataset = _dataset(values)
        for keyword, held in items.items():
            setattr(dataset, keyword, Sequence(held))
        return dataset

    return st.builds(
        put_together, LEAVES, st.dictionaries(st.sampled_from(SEQUENCES), st.lists(below, max_size=2))
    )


def _dataset(values: dict[str, object]) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


ITEMS = st.recursive(st.builds(_dataset, LEAVES), _nested, max_leaves=4)


def instance(items: list[Dataset], path: Path, syntax: str = ExplicitVRLittleEndian) -> Instance:
    dataset = ct(ReferencedSeriesSequence=Sequence(items))
    dataset.file_meta.TransferSyntaxUID = syntax
    return read_instance(write(dataset, path))


def is_same(one: Instance, other: Instance) -> bool:
    assert one.elements is not None
    assert other.elements is not None
    (tag,) = (tag for tag in one.elements if int(tag) == 0x00081115)
    return same_raw(one.elements[tag], other.elements[tag])


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=st.lists(ITEMS, max_size=2), other=st.lists(ITEMS, max_size=2))
def test_sequences_are_the_same_where_pydicom_says_so(
    one: list[Dataset], other: list[Dataset], tmp_path: Path
) -> None:
    first, second = instance(one, tmp_path / "one.dcm"), instance(other, tmp_path / "other.dcm")
    again = instance(one, tmp_path / "again.dcm")
    assert is_same(first, again)
    assert is_same(first, second) == (Sequence(one) == Sequence(other))


def test_the_same_items_in_another_encoding_are_not_taken_for_the_same_bytes(tmp_path: Path) -> None:
    item = _dataset({"PatientID": "a"})
    explicit = instance([item], tmp_path / "explicit.dcm")
    implicit = instance([item], tmp_path / "implicit.dcm", ImplicitVRLittleEndian)
    assert not is_same(explicit, implicit)


@pytest.mark.parametrize("turned", [False, True])
def test_a_sequence_is_not_the_same_as_bytes(turned: bool, tmp_path: Path) -> None:
    other = ct()
    other.add_new(0x00081115, "LO", "ab")
    pair = [instance([], tmp_path / "one.dcm"), read_instance(write(other, tmp_path / "other.dcm"))]
    assert not is_same(*(reversed(pair) if turned else pair))
