"""The values of one attribute: from the index and from the files they are the same."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive.attribute_names import described, parse_attribute
from dicomtui.archive.attribute_reading import values_of
from dicomtui.archive.attribute_values import InstanceValue, ValueCounts, attribute_values
from dicomtui.archive.header import ATTRIBUTES, header_of
from dicomtui.archive.header_values import indexed_value
from dicomtui.archive.query import AttributeValue, QueryError
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DicomTuiError
from tests.archive.asking import MemoryIndex, PlainPool, a_header
from tests.builders import ct, write

INDEXED = [parse_attribute(one.keyword) for one in ATTRIBUTES if described(one.tag)[2]]


def disagreements(paths: Iterable[Path]) -> tuple[int, list[str]]:
    """Return how many values were compared, and where the index says something else than the file."""
    compared, wrong = 0, []
    for path in paths:
        try:
            instance = read_instance(path)
        except DicomTuiError:
            continue
        header, read = header_of(instance), values_of(instance, INDEXED)
        for attribute in INDEXED:
            known = indexed_value(header, attribute)
            if known is not None and read[attribute.name].present:
                compared += 1
                if known.values != read[attribute.name].values:
                    wrong.append(f"{path.name} {attribute}: {known.values} {read[attribute.name].values}")
    return compared, wrong


def test_the_index_knows_what_stands_in_the_file() -> None:
    folder = Path(str(get_testdata_file("CT_small.dcm"))).parent
    compared, wrong = disagreements(sorted(folder.rglob("*.dcm")))
    assert compared > 1000
    assert wrong == []


@pytest.mark.corpus
def test_the_index_knows_what_stands_in_real_files(corpus: Path) -> None:
    compared, wrong = disagreements(path for path in sorted(corpus.rglob("*")) if path.is_file())
    assert compared > 3000
    assert wrong == []


def test_instances_count_once_for_each_of_their_values() -> None:
    counts = ValueCounts()
    values = [
        AttributeValue("DS", True, (("1",), ("2",))),
        AttributeValue("DS", True, (("1", "2"),)),
        AttributeValue("DS", True, (("1",),)),
        AttributeValue("DS", True),
        AttributeValue("DS"),
    ]
    counts.add([InstanceValue(a_header(str(number)), value) for number, value in enumerate(values)])
    assert [(row.text, row.instances, row.first_path) for row in counts.rows()] == [
        ("1", 2, "0"),
        ("2", 1, "0"),
        ("1\\2", 1, "1"),
    ]
    assert (counts.instances, counts.empty, counts.missing) == (5, 1, 1)


def test_values_are_ordered_as_a_reader_would() -> None:
    counts = ValueCounts()
    texts = ["10", "9", "-1", "b10", "b9", "1e2"]
    counts.add([InstanceValue(a_header(), AttributeValue("LO", True, ((text,),))) for text in texts])
    assert [row.text for row in counts.rows(by_value=True)] == ["-1", "9", "10", "1e2", "b9", "b10"]


def test_only_what_the_index_does_not_have_is_read(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    headers = [a_header("/gone", modality="MR"), a_header(str(path))]
    steps = list(attribute_values(MemoryIndex(headers), PlainPool(), "modality"))  # type: ignore[arg-type]
    assert [one.value.text for step in steps for one in step.values] == ["MR", "CT"]
    assert (steps[0].total, steps[-1].done, steps[-1].total) == (1, 1, 1)


def test_an_unknown_attribute_is_a_sentence() -> None:
    with pytest.raises(QueryError, match="did you mean Modality"):
        list(attribute_values(MemoryIndex([]), PlainPool(), "Modalty"))  # type: ignore[arg-type]
