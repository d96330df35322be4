"""Files that want to break the header walker: cut, lying, nested, inflated, or no files at all."""

import os
import random
import socket
import zlib
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive import forward
from dicomtui.archive.header import DICOMDIR_CLASS, Header, header_of, read_header
from dicomtui.dataset import reading
from dicomtui.errors import ReadError
from tests.archive.made_elements import (
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    SYNTAXES,
    UIDS,
    UNDEFINED,
    a_body,
    a_file,
    element,
    sequence,
)

pytestmark = pytest.mark.usefixtures("each_way")


def write(folder: Path, content: bytes) -> str:
    file = folder / "made.dcm"
    file.write_bytes(content)
    return str(file)


def read_made(folder: Path, content: bytes) -> Header:
    header = read_header(write(folder, content))
    assert header is not None
    return header


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"12", 12),
        (b" -7 ", -7),
        (b"+3\0", 3),
        (b"1.0 ", 1),
        (b"3\\4 ", 3),
        (b"", None),
        (b"12.5", None),
        (b"1_0 ", None),
        (b"abc ", None),
        (b"nan ", None),
        (b"1e99", None),
        (b"9" * 20, None),
        (b"9" * 6000, None),
        (b"\xb2 ", None),
        ("１２".encode(), None),
    ],
)
def test_a_whole_number_is_read_or_is_none(value: bytes, expected: int | None, tmp_path: Path) -> None:
    header = read_made(tmp_path, a_file(a_body(EXPLICIT, (0x00200013, "IS", value))))
    assert header.instance_number == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (b"1\\2\\-3.5e1 ", (1, 2, -35)),
        (b"1\\2", None),
        (b"1\\2\\3\\4 ", None),
        (b"1\\2\\NaN ", None),
        (b"1\\2\\1e999 ", None),
        (b"1\\2\\", None),
        (b"1,0\\2\\3", None),
        (b"", None),
    ],
)
def test_a_position_is_three_finite_numbers_or_none(
    value: bytes, expected: tuple[float, ...] | None, tmp_path: Path
) -> None:
    header = read_made(tmp_path, a_file(a_body(EXPLICIT, (0x00200032, "DS", value))))
    assert header.image_position == expected


@pytest.mark.parametrize(
    ("value", "expected"), [(b"", None), (b"\1", None), (b"\2\1", 258), (b"\2\1\0\0", 258)]
)
def test_rows_are_two_bytes_or_none(value: bytes, expected: int | None, tmp_path: Path) -> None:
    assert read_made(tmp_path, a_file(a_body(EXPLICIT, (0x00280010, "US", value)))).rows == expected


def test_an_attribute_with_the_wrong_vr_is_left_to_the_reader(tmp_path: Path) -> None:
    for vr, value in [("UN", b"A^B "), ("OB", b"A^B "), ("SH", b"A^B ")]:
        file = write(tmp_path, a_file(a_body(EXPLICIT, (0x00100010, vr, value))))
        assert read_header(file) == header_of(reading.read_instance(file))


@pytest.mark.parametrize("syntax", [*SYNTAXES, "no preamble"])
def test_a_cut_anywhere_costs_what_is_cut_off_and_nothing_else(syntax: str, tmp_path: Path) -> None:
    encoding = IMPLICIT if syntax == "no preamble" else syntax
    items = [element(0x00081150, "UI", b"1.2\0", encoding)]
    body = a_body(encoding, (0x00100010, "PN", b"A^B "), (0x00280010, "US", b"\1\1"))
    body = sequence(0x00081140, items, encoding) + body
    content = a_file(body, encoding)
    content = content[content.index(body) :] if syntax == "no preamble" else content
    for length in range(len(content)):
        file = write(tmp_path, content[:length])
        with suppress(ReadError):
            header = read_header(file)
            assert header is None or header.patient_name in ("", "A", "A^", "A^B")
            assert header is None or header == header_of(reading.read_instance(file))._replace(size=length)


def test_no_byte_can_be_changed_so_that_a_header_raises(tmp_path: Path) -> None:
    content = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()[:4000]
    chance = random.Random(20)
    for _ in range(400):
        changed = bytearray(content)
        for _ in range(chance.randint(1, 4)):
            at = chance.randrange(132, len(changed))
            changed[at : at + chance.randint(0, 4)] = chance.choice(
                [b"\xff\xff\xff\xff", b"\0\0", b"\xfe\xff\0\xe0", b"SQ\0\0", b"", chance.randbytes(3)]
            )
        with suppress(ReadError):
            header = read_header(write(tmp_path, bytes(changed)))
            assert header is None or isinstance(header, Header)


@pytest.mark.parametrize("length", [64, 1 << 16, 1 << 31, UNDEFINED - 1])
@pytest.mark.parametrize("tag", [0x00091010, 0x00100010, 0x7FE00010])
def test_a_length_that_lies_costs_no_memory_and_keeps_what_stood_before(
    tag: int, length: int, tmp_path: Path
) -> None:
    body = a_body(IMPLICIT, (0x00080060, "CS", b"CT"))
    at = body.index(element(0x0020000D, "UI", UIDS[0x0020000D], IMPLICIT))
    header = read_made(tmp_path, a_file(body[:at] + element(tag, "OB", b"1234", IMPLICIT, length), IMPLICIT))
    assert header.modality == "CT"


def test_a_value_that_claims_gigabytes_is_not_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []

    def pread(descriptor: int, count: int, position: int, original: Any = os.pread) -> bytes:
        asked.append(count)
        data: bytes = original(descriptor, count, position)
        return data

    monkeypatch.setattr(os, "pread", pread)
    body = a_body(IMPLICIT) + element(0x00280030, "DS", b"1234", IMPLICIT, 1 << 31)
    assert read_made(tmp_path, a_file(body, IMPLICIT)).pixel_spacing is None
    assert max(asked, default=0) < 1 << 20


@pytest.mark.parametrize("depth", [1, 64, 5000])
def test_sequences_without_end_or_bottom_are_stepped_over(depth: int, tmp_path: Path) -> None:
    opened = element(0x00081140, "SQ", element(0xFFFEE000, "", b"", length=UNDEFINED), length=UNDEFINED)
    closed = element(0xFFFEE00D, "", b"") + element(0xFFFEE0DD, "", b"")
    uid = element(0x00080016, "UI", UIDS[0x00080016])
    assert read_made(tmp_path, a_file(uid + opened * depth)).sop_class_uid
    with patch.object(reading, "read_instance", side_effect=AssertionError):
        body = uid + element(0x00080018, "UI", b"1.2\0") + opened * depth + closed * depth
        body += element(0x00100010, "PN", b"A^B ") + element(0x0020000D, "UI", b"1\0")
        assert read_made(tmp_path, a_file(body + element(0x0020000E, "UI", b"1\0"))).patient_name == "A^B"


@pytest.mark.parametrize(
    "tags",
    [
        [0x00100010, 0x00100010],
        [0x00100010, 0x00100020, 0x00100010],
        [0x00100010, 0x00091010, 0x00080060, 0x00100020],
        [0x00080060, 0x00091010, 0x00080060],
        [0x00091010, 0x00100010],
        [0x60000010, 0x00280010, 0x00280011],
        [0x00280010, 0x00280011, 0x00280010],
        [0x00000002, 0x00080060, 0x00100010],
        [0x00280011, 0x00280010, 0x00200011],
    ],
    ids=lambda tags: " ".join(f"{tag:08x}" for tag in tags),
)
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_tags_that_are_doubled_or_out_of_order_are_read_as_the_reader_reads_them(
    tags: list[int], syntax: str, tmp_path: Path
) -> None:
    vrs = {0x00100010: "PN", 0x00100020: "LO", 0x00080060: "CS", 0x00280010: "US", 0x00280011: "US"}
    made = [
        element(tag, vrs.get(tag, "OB"), b"%d " % at if tag != 0x00091010 else bytes(100), syntax)
        for at, tag in enumerate(tags)
    ]
    file = write(tmp_path, a_file(a_body(syntax) + b"".join(made), syntax))
    header = read_header(file)
    assert header == header_of(reading.read_instance(file))._replace(size=os.path.getsize(file))


@pytest.mark.parametrize("tag", [0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD])
def test_a_delimiter_of_no_sequence_hides_nothing_behind_it(tag: int, tmp_path: Path) -> None:
    uids = element(0x00080016, "UI", UIDS[0x00080016]) + element(0x00080018, "UI", b"1.2\0")
    uids += element(0x0020000D, "UI", b"1\0") + element(0x0020000E, "UI", b"1\0")
    file = write(tmp_path, a_file(uids + element(tag, "", b"") * 2 + element(0x00280010, "US", b"\1\1")))
    header = read_header(file)
    assert header == header_of(reading.read_instance(file))._replace(size=os.path.getsize(file))


def test_a_file_meta_information_longer_than_the_first_read_is_stepped_over(tmp_path: Path) -> None:
    content = a_file(a_body(IMPLICIT, (0x00100010, "PN", b"A^B ")), IMPLICIT)
    at = content.index(element(0x00080016, "UI", UIDS[0x00080016], IMPLICIT))
    header = read_made(tmp_path, content[:at] + element(0x00020102, "OB", bytes(9000)) + content[at:])
    assert (header.patient_name, header.transfer_syntax) == ("A^B", IMPLICIT)


def test_a_header_without_end_is_left_to_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "LOOK_LIMIT", 1 << 16)
    many = sequence(0x00081140, [element(0x00081150, "UI", b"1.2\0")] * 10_000)
    first = element(0x00080016, "UI", UIDS[0x00080016]) + element(0x00080018, "UI", b"1.2\0")
    last = element(0x0020000D, "UI", b"1\0") + element(0x0020000E, "UI", b"1\0")
    file = write(tmp_path, a_file(first + many + element(0x00100010, "PN", b"A^B ") + last))
    with patch.object(reading, "read_instance", wraps=reading.read_instance) as reader:
        header = read_header(file)
    assert reader.called
    assert header is not None
    assert header.patient_name == "A^B"


def test_the_records_of_a_dicomdir_are_not_read(tmp_path: Path) -> None:
    records = sequence(0x00041220, [element(0x00041430, "CS", b"IMAGE ")] * 10_000)
    content = a_file(element(0x00041130, "CS", b"SET ") + records, sop_class=DICOMDIR_CLASS)
    with (
        patch.object(reading, "read_instance", side_effect=AssertionError),
        patch.object(os, "pread", side_effect=AssertionError),
    ):
        assert read_made(tmp_path, content).sop_class_uid == DICOMDIR_CLASS


def test_a_deflated_bomb_is_not_inflated_to_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(forward, "INFLATE_LIMIT", 1 << 20)
    monkeypatch.setattr(reading, "INFLATE_LIMIT", 1 << 20)
    body = a_body(DEFLATED, (0x00091010, "OB", bytes(8 << 20)))
    with pytest.raises(ReadError, match="larger than 1 MiB"):
        read_header(write(tmp_path, a_file(body, DEFLATED)))


def test_deflated_data_that_is_none_is_an_error(tmp_path: Path) -> None:
    start = len(a_file(b"", DEFLATED)) - len(zlib.compress(b"", wbits=-zlib.MAX_WBITS))
    with pytest.raises(ReadError, match="cannot be inflated"):
        read_header(write(tmp_path, a_file(b"", DEFLATED)[:start] + b"\xff" * 100))


@pytest.mark.parametrize("content", [b"", b"DICM", b"text\n" * 100, bytes(1000), b"PK\3\4" + bytes(300)])
def test_what_is_not_dicom_has_no_header(content: bytes, tmp_path: Path) -> None:
    assert read_header(write(tmp_path, content)) is None


def test_nothing_but_a_regular_file_is_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    (tmp_path / "link").symlink_to(str(get_testdata_file("CT_small.dcm")))
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in (
            "fifo",
            "folder",
            "dangling",
            "link",
            "socket",
            "missing",
            "null\0character",
            "x" * 5000,
        ):
            with pytest.raises(ReadError) as caught:
                read_header(str(tmp_path / name))
            assert "\n" not in str(caught.value)
    for device in ("/dev/zero", "/dev/null", "/proc/self/mem"):
        with suppress(ReadError):
            assert read_header(device) is None  # /proc holds regular files that are none


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    file = write(tmp_path, a_file(a_body()))
    with (
        patch.object(os, "open", side_effect=PermissionError(13, "Permission denied")),
        pytest.raises(ReadError, match="permission denied"),
    ):
        read_header(file)
    with (
        patch.object(os, "read", side_effect=OSError(5, "Input/output error")),
        pytest.raises(ReadError, match="input/output error"),
    ):
        read_header(file)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd"))
    for content in (b"text", a_file(a_body()), a_file(b"\0" * 50), a_file(b"\xff" * 50, DEFLATED)):
        with suppress(ReadError):
            read_header(write(tmp_path, content))
    assert len(os.listdir("/proc/self/fd")) == before
