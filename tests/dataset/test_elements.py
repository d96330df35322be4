"""What a row says: values that are odd, wrong, huge or private, and where rows come from."""

import re
import tracemalloc
from pathlib import Path
from struct import pack
from time import process_time

import pydicom.data
import pytest
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence

from dicomtui.dataset import elements
from dicomtui.dataset.elements import Element, PixelDataRow, elements_of, walk
from dicomtui.dataset.reading import Instance, read_instance, read_source
from tests.builders import ct, write
from tests.dataset.encoded import (
    EXPLICIT,
    IMPLICIT,
    JPEG,
    SEQUENCE_END,
    element,
    implicit,
    item,
    open_item,
    open_sequence,
    part10,
    rows,
    source,
)

DATA = Path(pydicom.data.__file__).parent
CT, MR = element(0x00080060, "CS", b"CT"), element(0x00080060, "CS", b"MR")
IMAGES = 0x00081140


def only(data_set: bytes, transfer_syntax: str = EXPLICIT) -> Element:
    (row,) = rows(data_set, transfer_syntax)
    return row


@pytest.mark.parametrize(
    ("vr", "value", "text"),
    [
        ("DS", b"12,5", "12,5"),
        ("IS", b"99999999999999999999", "99999999999999999999"),
        ("DA", b"2004.01.19", "2004.01.19"),
        ("DA", b"garbage", "garbage"),
        ("DA", b"20040119\\20040120", "2004-01-19\\2004-01-20"),
        ("TM", b"99 o'clock", "99 o'clock"),
        ("AS", b"45 Y", "45 Y"),
        ("UI", b"1.2.840.10008.1.2 and more", "1.2.840.10008.1.2 and more"),
        ("US", b"\1\0\2\0", "1\\2"),
        ("US", b"\1\0\2", "1 … and 02"),
        ("FD", b"\1", "… and 01"),
        ("AT", b"\x10\0\x10\0\x20", "(0010,0010) PatientName … and 20"),
        ("OB", b"\0\xff\x1b", "00 ff 1b"),
        ("LO", b"", ""),
        ("LO", b"a\x1b[31mb\n", "a\\x1b[31mb↵"),
        ("LT", b"one\r\ntwo", "one\\x0d↵two"),
    ],
)
def test_a_value_is_shown_as_it_stands(vr: str, value: bytes, text: str) -> None:
    assert only(element(0x00091001, vr, value)).text == text


def test_a_vr_that_the_standard_does_not_have_shows_bytes_and_spoils_nothing() -> None:
    # with a length of four bytes, as all VRs to come will have (PS3.5 7.1.2), and with one of two
    long = pack("<HH2sHL", 0x0009, 0x1001, b"ZZ", 0, 2) + b"ab"
    short = element(0x00091002, "ZZ", b"cd")
    assert [(row.vr, row.text) for row in rows(long + short + element(0x00100010, "PN", b"X^Y"))] == [
        ("UN", "61 62"),
        ("UN", "63 64"),
        ("PN", "X^Y"),
    ]


@pytest.mark.parametrize(("signed", "vr", "text"), [(b"\1\0", "SS", "-1"), (b"\0\0", "US", "65535")])
def test_pixel_representation_tells_whether_a_value_is_signed(signed: bytes, vr: str, text: str) -> None:
    inner = implicit(0x00280106, b"\xff\xff")
    data_set = implicit(0x00280103, signed) + implicit(0x00283010, item(inner))
    row = rows(data_set, IMPLICIT)[-1]
    assert (row.vr, row.text) == (vr, text)


def test_private_elements_have_the_creator_of_their_block_in_their_own_item() -> None:
    def block(creator: bytes) -> bytes:
        return element(0x00090010, "LO", creator) + element(0x00091001, "LO", b"x")

    data_set = block(b"GEMS_IDEN_01 ") + element(IMAGES, "SQ", item(block(b"\x1b[31mOTHER")))
    found = [(row.creator, row.name) for row in rows(data_set) if row.tag == 0x00091001]
    assert found == [("\\x1b[31mOTHER", "Unknown"), ("GEMS_IDEN_01", "Full fidelity")]


def test_the_vr_of_a_private_implicit_element_comes_from_its_vendors_dictionary() -> None:
    row = rows(implicit(0x00190010, b"SIEMENS MR HEADER ") + implicit(0x0019100C, b"1000"), IMPLICIT)[-1]
    assert (row.vr, row.name, row.text) == ("IS", "B_value", "1000")


def test_rows_stand_in_the_order_of_their_tags() -> None:
    assert [row.tag for row in rows(element(0x00100010, "PN", b"") + CT)] == [0x00080060, 0x00100010]


def test_a_pointer_leads_to_an_element() -> None:
    row = rows(element(IMAGES, "SQ", item(CT) + item(element(0x00091001, "LO", b"x"))))[-1]
    assert row.pointer == "ReferencedImageSequence[1].(0009,1001)"
    assert row.path == (IMAGES, 1, 0x00091001)


def test_depth_counts_the_rows_above() -> None:
    top, inner = rows(element(IMAGES, "SQ", item(CT)))
    assert (top.depth, top.children[0].depth, inner.depth) == (0, 1, 2)
    assert top.children[0].text == "1 element"
    assert top.children[0].children[0].tag == inner.tag


def test_native_pixel_data_shows_its_size_and_its_first_bytes(tmp_path: Path) -> None:
    dataset = ct()
    row = elements_of(read_instance(write(dataset, tmp_path / "ct.dcm")))[-1]
    assert isinstance(row, PixelDataRow)
    assert (row.name, row.vr, row.length, row.text) == ("Pixel Data", "OW", 2048, "2.0 KiB")
    assert row.value == dataset.PixelData


def test_encapsulated_pixel_data_shows_its_fragments() -> None:
    value = item(b"") + item(b"\xff\xd8" * 600) + item(b"\xff\xd9") + SEQUENCE_END
    row = only(element(0x7FE00010, "OB", value, 0xFFFFFFFF), JPEG)
    assert (row.length, row.text, row.value) == (None, "1.2 KiB in 2 fragments", value)


def test_of_big_pixel_data_only_the_beginning_is_read() -> None:
    row = only(element(0x7FE00010, "OB", b"\7" * (1 << 20)))
    assert (row.text, len(row.value or b"")) == ("1.0 MiB", 1 << 16)


def test_pixel_data_stands_in_its_place_among_the_elements() -> None:
    found = rows(CT + element(0x7FE00010, "OB", b"\0\0") + element(0xFFFCFFFC, "OB", b"\0\0"))
    assert [row.tag >> 16 for row in found] == [0x0008, 0x7FE0, 0xFFFC]


BIG_VALUES = {
    "UT": b"x" * (8 << 20),
    "OB": b"\1" * (8 << 20),
    "UC": b"\\".join([b"12.5"] * 100_000),
    "UN": b"\2" * (8 << 20),
    "OW": b"\3" * (8 << 20),
    "OD": b"\4" * (8 << 20),
    "UV": b"\5" * (8 << 20),
    "LT": b"\xc3\xa9" * 30_000,
    "DS": b"\\".join([b"12.5"] * 13_000),
    "US": b"\6\0" * 32_000,
}


@pytest.mark.parametrize("vr", BIG_VALUES)
def test_a_row_is_made_from_the_beginning_of_a_value_whatever_its_size(
    vr: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = only(element(0x00091001, vr, BIG_VALUES[vr]))
    looked_at = []
    monkeypatch.setattr(
        elements, "components", lambda raw: looked_at.append(len(raw.value)) or ["\\".join("12345")]
    )
    assert row.text.startswith("1\\2")
    assert max(looked_at) <= elements.PREVIEW


@pytest.mark.parametrize("vr", BIG_VALUES)
def test_a_long_value_is_cut_and_followed_by_its_size(vr: str) -> None:
    row = only(element(0x00091001, vr, BIG_VALUES[vr]))
    assert re.search(r" … \d+\.\d [KM]iB$", row.text)
    assert len(row.text) < 2 * elements.PREVIEW
    assert row.value is not None
    assert len(row.value) == len(BIG_VALUES[vr])


def test_the_cut_does_not_stand_inside_a_character() -> None:
    data_set = element(0x00080005, "CS", b"ISO_IR 192") + element(
        0x00104000, "LT", b"x" + "é".encode() * 2000
    )
    assert rows(data_set)[-1].text == "x" + "é" * 511 + " … 3.9 KiB"


def test_a_hundred_thousand_values_are_all_there_when_the_value_is_opened() -> None:
    assert only(element(0x00091001, "UC", BIG_VALUES["UC"])).values == ["12.5"] * 100_000


def test_the_items_of_a_big_sequence_are_counted_without_opening_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    value = item(element(0x00104000, "UT", b"x" * 1000)) * 2000
    row = elements_of(read_source(source(element(IMAGES, "SQ", value))))[-1]
    with monkeypatch.context() as patch:
        patch.delattr(elements, "parse_sequence")
        assert row.text == "2000 items"
    assert len(row.children) == 2000


def test_fifty_thousand_elements_take_a_couple_of_seconds() -> None:
    content = element(0x00080005, "CS", b"ISO_IR 192") + element(0x00100010, "PN", "É^X".encode())
    content += b"".join(element(0x00200000 + number, "DS", b"12.5\\1") for number in range(0x10, 0x3E))
    value = open_sequence(0x52009230, open_item(content) * 1000)
    start = process_time()
    found = rows(value)
    texts = [row.text for row in found]
    assert process_time() - start < 5
    assert len(found) == 48_001
    assert texts[-1] == "12.5\\1"


def test_a_huge_value_is_held_once() -> None:
    made = source(element(0x00091001, "OB", bytes(64 << 20)))
    tracemalloc.start()
    try:
        row = elements_of(read_source(made))[-1]
        assert row.text.endswith("64.0 MiB")
        assert row.value is row.value
        assert row.search_key
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1.1 * (64 << 20)


@pytest.mark.parametrize("name", ["CT_small.dcm", "rtplan.dcm", "reportsi.dcm", "UN_sequence.dcm"])
def test_rows_do_not_depend_on_who_looked_at_the_dataset_before(name: str) -> None:
    path = DATA / "test_files" / name
    untouched, touched = read_instance(path), read_instance(path)
    str(touched.dataset)
    str(touched.dataset.file_meta)
    described = [
        [
            (row.path, row.vr, row.length, row.offset, row.text, row.value)
            for row in walk(elements_of(instance))
        ]
        for instance in (untouched, touched)
    ]
    assert described[0] == described[1]


def test_a_dataset_that_somebody_made_has_rows_too(tmp_path: Path) -> None:
    read = read_instance(write(ct(), tmp_path / "ct.dcm"))
    dataset = FileDataset("", {}, file_meta=FileMetaDataset())
    dataset.PatientName = "DOE^JANE"
    dataset.StudyDate = "20040119"
    dataset.PixelSpacing = [0.5, 0.25]
    dataset.Rows = 512
    dataset.EncapsulatedDocument = b"\1\2"
    dataset.PatientComments = ""
    dataset.FrameIncrementPointer = [0x00181063, 0x00181065]
    inner = Dataset()
    inner.Modality = "CT"
    dataset.ReferencedImageSequence = Sequence([inner])
    shown = {
        row.keyword: row.text for row in walk(elements_of(Instance(read.source, dataset, read.encoding)))
    }
    assert shown == {
        "StudyDate": "20040119",
        "ReferencedImageSequence": "1 item",
        "Modality": "CT",
        "PatientName": "DOE^JANE",
        "PatientComments": "",
        "PixelSpacing": "0.5\\0.25",
        "FrameIncrementPointer": "(0018,1063)\\(0018,1065)",
        "Rows": "512",
        "EncapsulatedDocument": "01 02",
    }


def test_a_file_without_meta_information_has_rows(tmp_path: Path) -> None:
    (tmp_path / "bare").write_bytes(part10(CT + element(0x00100010, "PN", b"DOE^JANE"))[132 + 28 :])
    assert [row.text for row in elements_of(read_instance(tmp_path / "bare"))] == ["CT", "DOE^JANE"]
