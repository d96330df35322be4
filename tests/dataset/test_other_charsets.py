"""Texts in another character set than the declared one: noticed, and read on request."""

from pathlib import Path

import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.dataset.charsets import OVERRIDES, misfit
from dicomtui.dataset.elements import Element, elements_of, walk, with_encodings
from dicomtui.dataset.reading import read_instance, read_source
from tests.dataset.encoded import element, item, open_sequence, source

FOLDER = Path(pydicom.data.__file__).parent / "charset_files"
LATIN, CYRILLIC, UTF_8 = b"ISO_IR 100", b"ISO_IR 144", b"ISO_IR 192"
NAMES = {
    "UTF-8": "Müller^王",
    "GB18030 (GBK)": "王^小东",
    "Big5": "王^小東",
    "Shift JIS": "山田^太郎",
    "EUC-JP": "山田^太郎",
    "EUC-KR": "홍^길동",
    "CP1251": "Иванов^Пётр",
    "KOI8-R": "Иванов^Пётр",
    "ISO 8859-2": "Dvořák^Antonín",
    "Latin-1 (CP1252)": "Müller^“Jürgen”",
}


def rows(name: bytes, charset: bytes | None = None) -> list[Element]:
    declared = b"" if charset is None else element(0x00080005, "CS", charset)
    return elements_of(read_source(source(declared + element(0x00100010, "PN", name))))


@pytest.mark.parametrize("name", NAMES)
def test_each_character_set_reads_what_was_written_in_it(name: str) -> None:
    encoded = NAMES[name].encode(OVERRIDES[name][0])
    for charset in (None, LATIN, b"nonsense"):
        read = with_encodings(rows(encoded, charset), OVERRIDES[name])
        assert read[-1].text == NAMES[name]
        assert read[-1].misfit == ""


def test_every_character_set_that_can_be_chosen_is_tried() -> None:
    assert NAMES.keys() == OVERRIDES.keys()


def test_items_are_read_in_it_too_whatever_they_declare() -> None:
    inner = element(0x00080005, "CS", LATIN) + element(0x00100010, "PN", "王".encode("gbk"))
    data_set = element(0x00080005, "CS", LATIN) + open_sequence(0x00101002, item(inner))
    top = elements_of(read_source(source(data_set)))
    read = with_encodings(top, OVERRIDES["GB18030 (GBK)"])
    assert [row.text for row in walk(read) if row.keyword == "PatientName"] == ["王"]
    nested = next(row for row in walk(top) if row.keyword == "PatientName")
    assert nested.text != "王"
    assert [row.text for row in with_encodings([nested], OVERRIDES["GB18030 (GBK)"])] == ["王"]


def test_reading_in_another_changes_neither_places_nor_bytes() -> None:
    top = elements_of(read_instance(FOLDER / "chrRuss.dcm"))
    read = with_encodings(top, OVERRIDES["CP1251"])
    assert [(row.path, row.vr, row.length, row.offset) for row in walk(read)] == [
        (row.path, row.vr, row.length, row.offset) for row in walk(top)
    ]
    assert [row.value for row in walk(read)] == [row.value for row in walk(top)]


@pytest.mark.parametrize("path", sorted(FOLDER.glob("*.dcm")), ids=lambda path: path.stem)
def test_files_that_say_rightly_what_they_are_written_in_are_not_suspected(path: Path) -> None:
    suspected = {row.keyword for row in walk(elements_of(read_instance(path))) if row.misfit}
    assert suspected == set()


@pytest.mark.parametrize(
    ("name", "charset", "said"),
    [
        ("Müller".encode(), None, "without a Specific Character Set"),
        ("Müller".encode("latin-1"), None, "without a Specific Character Set"),
        ("Müller".encode(), LATIN, "UTF-8, although"),
        ("Müller".encode("latin-1"), UTF_8, "no characters of"),
        ("“Jürgen”".encode("cp1252"), LATIN, "from 128 to 159"),
        ("Müller".encode("latin-1"), LATIN, ""),
        ("Müller".encode(), UTF_8, ""),
        ("Люкceмбypг".encode("iso8859_5"), CYRILLIC, ""),
        (b"Mueller", None, ""),
        (b"", None, ""),
    ],
)
def test_what_cannot_be_right_is_said(name: bytes, charset: bytes | None, said: str) -> None:
    found = rows(name, charset)[-1].misfit
    assert said in found
    assert bool(said) == bool(found)


def test_a_long_text_that_is_cut_inside_a_character_is_not_suspected() -> None:
    text = ("é" * 2000).encode()
    row = elements_of(
        read_source(source(element(0x00080005, "CS", UTF_8) + element(0x00104000, "LT", b"a" + text + b" ")))
    )[-1]
    assert row.misfit == ""


@given(st.binary(max_size=40), st.sampled_from([None, ("iso8859",), ("UTF8",), ("iso8859", "iso2022_jp")]))
def test_nothing_is_too_odd_to_be_looked_at(raw: bytes, encodings: tuple[str, ...] | None) -> None:
    said = misfit(raw, encodings, name=True)
    assert not said or not raw.isascii()
