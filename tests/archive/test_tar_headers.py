"""Headers of tars that are rare, and archives that stop in the middle: tarfile says what is there."""

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.archive.containers import Listing, list_container, read_members
from dicomtui.archive.tar_headers import BLOCK, is_tar_header
from dicomtui.errors import ReadError
from tests.archive.made_containers import tar_of, write

CT = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
TWO = [("first.dcm", CT), ("second.dcm", CT)]
SECOND = BLOCK + -(-len(CT) // BLOCK) * BLOCK
"""Where the header of the second member begins."""


def signed(header: bytes) -> bytes:
    """Return a header with the checksum that it has to have."""
    rest = header[:148] + b" " * 8 + header[156:]
    return header[:148] + b"%06o\0 " % sum(rest) + header[156:]


def with_field(content: bytes, at: int, start: int, field: bytes) -> bytes:
    """Return a tar in whose header at *at* a field is another, and the checksum right."""
    header = content[at : at + BLOCK]
    changed = signed(header[:start] + field + header[start + len(field) :])
    return content[:at] + changed + content[at + BLOCK :]


def names(listing: Listing) -> list[str]:
    return [member.name for member in listing.members]


def test_a_long_name_of_posix_is_put_together(tmp_path: Path) -> None:
    name = f"{'a' * 90}/{'b' * 40}/{'c' * 80}"
    path = write(tmp_path, "ustar.tar", tar_of([(name, CT)], "w", tarfile.USTAR_FORMAT))
    with tarfile.open(path) as archive:
        assert names(list_container(path)) == archive.getnames() == [name]


def test_a_size_in_binary_is_read_as_tarfile_reads_it(tmp_path: Path) -> None:
    binary = b"\x80" + len(CT).to_bytes(11, "big")
    path = write(tmp_path, "binary.tar", with_field(tar_of(TWO), 0, 124, binary))
    with tarfile.open(path) as archive:
        assert names(list_container(path)) == archive.getnames() == ["first.dcm", "second.dcm"]
    contents = []
    for _, source in read_members(path):
        assert not isinstance(source, ReadError)
        with source.open() as stream:
            contents.append(stream.read())
    assert contents == [CT, CT]


@pytest.mark.parametrize(
    "size",
    [b"\xff" * 11 + b"\x00", b"12z45678901\0"],
    ids=["below 0", "no number"],
)
def test_members_before_a_bad_size_are_there_and_it_is_said_where_the_damage_is(
    size: bytes, tmp_path: Path
) -> None:
    path = write(tmp_path, "bad.tar", with_field(tar_of(TWO), SECOND, 124, size))
    listing = list_container(path)
    assert names(listing) == ["first.dcm"]
    assert f"damaged at byte {SECOND:,}" in listing.problem


def test_members_before_a_broken_header_are_there_and_it_is_said_where_the_damage_is(tmp_path: Path) -> None:
    whole = tar_of(TWO)
    path = write(tmp_path, "bad.tar", whole[:SECOND] + b"\xa5" * BLOCK + whole[SECOND + BLOCK :])
    listing = list_container(path)
    assert names(listing) == ["first.dcm"]
    assert f"damaged at byte {SECOND:,}" in listing.problem


@pytest.mark.parametrize("kind", [b"x", b"L"])
def test_a_long_name_of_gigabytes_is_not_read(kind: bytes, tmp_path: Path) -> None:
    whole = with_field(with_field(tar_of(TWO), SECOND, 156, kind), SECOND, 124, b"77777777777\0")
    path = write(tmp_path, "huge.tar", whole)
    listing = list_container(path)
    assert names(listing) == ["first.dcm"]
    assert f"damaged at byte {SECOND:,}" in listing.problem


@pytest.mark.parametrize("maps", [1, 3])
def test_behind_an_old_sparse_file_with_a_long_map_the_walk_goes_on(maps: int, tmp_path: Path) -> None:
    header = bytearray(tar_of([("sparse", b"")], "w", tarfile.GNU_FORMAT)[:BLOCK])
    header[156:157], header[482] = b"S", 1
    blocks = [bytes(504) + bytes([number < maps]) + bytes(7) for number in range(1, maps + 1)]
    path = write(tmp_path, "old.tar", signed(bytes(header)) + b"".join(blocks) + tar_of([("ct.dcm", CT)]))
    sparse, ct = list_container(path).members
    assert "sparse" in sparse.reason
    assert (ct.name, ct.reason) == ("ct.dcm", "")
    path = write(tmp_path, "cut.tar", signed(bytes(header)) + b"".join(blocks)[:-1])
    assert "cut" in list_container(path).problem


@pytest.mark.parametrize(
    "records", [b"nothing", b"99 ", b"2 a", b"x path=other\n", b"8 size=\xb2\n", b"11 size=abc\n"]
)
def test_an_extended_header_that_makes_no_sense_changes_nothing(records: bytes, tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        extended = tarfile.TarInfo("extended")
        extended.type, extended.size = tarfile.XHDTYPE, len(records)
        archive.addfile(extended, io.BytesIO(records))
        member = tarfile.TarInfo("ct.dcm")
        member.size = len(CT)
        archive.addfile(member, io.BytesIO(CT))
    path = write(tmp_path, "odd.tar", stream.getvalue())
    listing = list_container(path)
    assert names(listing) == ["ct.dcm"]
    assert listing.problem == ""
    assert listing.members[0].size == len(CT)


@settings(max_examples=200)
@given(st.binary(max_size=BLOCK + 8))
def test_noise_is_no_header(noise: bytes) -> None:
    assert not is_tar_header(noise) or not noise.strip(b"\0")


@given(st.integers(0, BLOCK - 1), st.integers(1, 255))
def test_a_header_with_one_byte_changed_is_none(place: int, change: int) -> None:
    header = bytearray(tar_of(TWO)[:BLOCK])
    assert is_tar_header(bytes(header))
    header[place] ^= change
    if not 148 <= place < 156:
        assert not is_tar_header(bytes(header))
