"""Laws of whole Data Sets, whatever is in them."""

import io
import re
import warnings
from collections.abc import Iterator
from typing import Any

import pydicom
from hypothesis import HealthCheck, assume, given, settings
from pydicom.dataset import Dataset, FileDataset

from dicomtui.archive.header import header_of, header_of_source
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.file_writing import write_file
from dicomtui.dataset.reading import read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.deidentify.engine import deidentify_instance
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.verification import verify
from tests.fuzz.datasets import VALUE_REPRESENTATIONS, files
from tests.fuzz.laws import KEY, check, harmless

_EXAMPLES = settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def flat(dataset: Dataset, around: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], str, Any]]:
    """Return place, VR and value of each element that is no sequence."""
    for element in dataset:
        place = (*around, int(element.tag))
        if element.VR == "SQ":
            yield place, "SQ", len(element.value)
            for number, item in enumerate(element.value):
                yield from flat(item, (*place, number))
        else:
            yield place, element.VR, element.value


def names_stand_elsewhere(dataset: Dataset) -> bool:
    """Whether a part of a person's name is in another value too: a copy that keeps that one is held back."""
    texts = [(vr, str(value)) for _, vr, value in flat(dataset)]
    parts = {
        part for vr, text in texts if vr == "PN" for part in re.findall(r"[^\W\d_]{2,}", text.casefold())
    }
    return any(part in text.casefold() for part in parts for vr, text in texts if vr != "PN")


@_EXAMPLES
@given(files())
def test_what_pydicom_writes_is_read_with_the_values_that_pydicom_reads(
    made: tuple[FileDataset, bytes],
) -> None:
    _, content = made
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        instance = read_source(MemorySource("made", content))
        assert instance.warnings == ()
        assert list(flat(instance.dataset)) == list(flat(pydicom.dcmread(io.BytesIO(content))))


@_EXAMPLES
@given(files())
def test_rows_are_the_elements_that_were_written_and_harmless(made: tuple[FileDataset, bytes]) -> None:
    dataset, content = made
    instance = read_source(MemorySource("made", content))
    rows = [row for row in walk(elements_of(instance)) if hasattr(row, "tag") and row.tag > 0x0002FFFF]
    assert [row.tag for row in rows if row.tag < 0xFFFE0000] == [place[-1] for place, *_ in flat(dataset)]
    for row in rows:
        harmless(row.text)
        harmless(row.name)


@_EXAMPLES
@given(files())
def test_the_walker_finds_what_the_reader_finds(made: tuple[FileDataset, bytes]) -> None:
    source = MemorySource("made", made[1])
    walked, read = header_of_source(source), header_of(read_source(source))
    assert walked is not None
    assert walked._replace(size=0) == read._replace(size=0)


@_EXAMPLES
@given(files())
def test_whatever_is_de_identified_is_verified_and_says_no_name(made: tuple[FileDataset, bytes]) -> None:
    assume(not names_stand_elsewhere(made[0]))
    instance = read_source(MemorySource("made", made[1]))
    result = deidentify_instance(instance, DeidentifyOptions(), KEY)
    stream = io.BytesIO()
    write_file(stream, result.dataset, None)
    stream.seek(0)
    verify(stream, result, instance, pixels_cleaned=False)
    copy = read_source(MemorySource("copy", stream.getvalue()))
    values = [row.text for row in walk(elements_of(copy))]
    assert not any("Doe" in text or "ID-77342" in text for text in values)
    assert not any(row.tag >> 16 == 0x0009 for row in elements_of(copy))


@_EXAMPLES
@given(files())
def test_every_law_of_mutated_files_holds_for_whole_ones(made: tuple[FileDataset, bytes]) -> None:
    assume(not names_stand_elsewhere(made[0]))
    assert check(made[1], deidentify=True).endswith("de-identified")


def test_every_value_representation_of_the_standard_is_drawn() -> None:
    from pydicom.valuerep import VR

    standard = {vr.value for vr in VR if len(vr.value) == 2}
    assert standard - VALUE_REPRESENTATIONS == {"SQ"}
