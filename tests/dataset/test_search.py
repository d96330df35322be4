"""Search as you type: what is found, in which order, and that typing on never changes the answer."""

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import read_instance, read_source
from dicomtui.dataset.search import SearchIndex
from dicomtui.dataset.source import MemorySource
from tests.dataset.encoded import element, item, part10

DATA_SET = b"".join(
    [
        element(0x00080005, "CS", b"ISO_IR 192"),
        element(0x00080020, "DA", b"20040119"),
        element(0x00081030, "LO", "Schädel^Übersicht".encode()),
        element(0x00081140, "SQ", item(element(0x0020000E, "UI", b"1.2.3\0"))),
        element(0x00091001, "UN", b"\xde\xad\xbe\xef"),
        element(0x00100010, "PN", b"Doe^Jane"),
        element(0x00104000, "LT", b"x" * 60_000 + b" needle in the long text"),
        element(0x0020000E, "UI", b"1.2.840.10008.1.2\0"),
        element(0x00280010, "US", b"\0\2"),
    ]
)
ELEMENTS = elements_of(read_source(MemorySource("made", part10(DATA_SET))))


def found(query: str) -> list[str]:
    return [hit.pointer for hit in SearchIndex(ELEMENTS).hits(query)]


@pytest.mark.parametrize(
    "query", ["0020,000e", "(0020,000E)", "0020000e", "SeriesInstanceUID", "instance series"]
)
def test_an_attribute_is_found_by_tag_keyword_or_name_at_every_depth(query: str) -> None:
    assert found(query) == ["ReferencedImageSequence[0].SeriesInstanceUID", "SeriesInstanceUID"]


@pytest.mark.parametrize(
    ("query", "pointer"),
    [
        ("20040119", "StudyDate"),
        ("2004-01-19", "StudyDate"),
        ("date study 2004", "StudyDate"),
        ("doe^jane", "PatientName"),
        ("JANE", "PatientName"),
        ("übersicht", "StudyDescription"),
        ("SCHÄDEL", "StudyDescription"),
        ("needle", "PatientComments"),
        ("512", "Rows"),
        ("de ad", "(0009,1001)"),
        ("implicit little", "SeriesInstanceUID"),
        ("1.2.840.10008.1.2 series", "SeriesInstanceUID"),
    ],
)
def test_a_value_is_found_as_written_and_as_shown(query: str, pointer: str) -> None:
    assert found(query) == [pointer]


@pytest.mark.parametrize("query", ["", "   ", "no such words", "0020,000f", "jane 512"])
def test_nothing_is_found_where_nothing_matches(query: str) -> None:
    assert found(query) == []


def test_hits_stand_in_the_order_of_the_file() -> None:
    tags = [hit.tag for hit in SearchIndex(ELEMENTS).hits("00")]
    assert tags == [row.tag for row in walk(ELEMENTS)]


REAL = elements_of(read_instance(get_testdata_file("rtplan.dcm")))
WORDS = st.sampled_from(
    ["", "b", "be", "beam", "300a", "sequence", "1", "10.", "-", "(", "PATIENT", " ", "number"]
)


@given(st.lists(st.tuples(st.booleans(), WORDS), max_size=6))
def test_typing_on_finds_what_a_new_search_would(keys: list[tuple[bool, str]]) -> None:
    index, query = SearchIndex(REAL), ""
    for extends, typed in keys:
        query = query + typed if extends else typed
        assert index.hits(query) == SearchIndex(REAL).hits(query)


@given(st.text("aeinst0128 ^,.-", max_size=6))
def test_every_hit_holds_every_word(query: str) -> None:
    hits = SearchIndex(REAL).hits(query)
    words = query.split()
    assert hits == [row for row in walk(REAL) if words and all(word in row.search_key for word in words)]


def test_a_dataset_without_elements_has_no_hits() -> None:
    assert SearchIndex([]).hits("anything") == []


def test_every_standard_keyword_of_a_file_is_found() -> None:
    index = SearchIndex(REAL)
    for row in pydicom.dcmread(get_testdata_file("rtplan.dcm")):
        assert int(row.tag) in [hit.tag for hit in index.hits(row.keyword)]
        assert int(row.tag) in [hit.tag for hit in index.hits(row.name)]
