"""Zip and tar as folders: against the plain files, zipfile and tarfile, and archives that want to do harm."""

import io
import os
import random
import socket
import struct
import sys
import tarfile
import zipfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.archive import containers, gzip_reader, member_sources, members, tar_headers, zip_directory
from dicomtui.archive.containers import (
    is_container,
    is_member,
    list_container,
    list_level,
    list_members,
    member_source,
    read_members,
    split_address,
)
from dicomtui.archive.header import header_of_source, read_header
from dicomtui.archive.opening import open_instance
from dicomtui.errors import ReadError
from tests.archive.made_containers import MAKERS, a_container, streamed_zip_of, tar_of, tgz_of, write, zip_of

CT = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
MR = Path(str(get_testdata_file("MR_small.dcm"))).read_bytes()
TWO = [("S/ct.dcm", CT), ("S/mr.dcm", MR)]
NOISE = random.Random(1).randbytes(40_000)


def contents(path: str) -> dict[str, bytes]:
    """Return what can be read of a container, by name."""
    found = {}
    for address, source in read_members(path):
        if not isinstance(source, ReadError):
            with source.open() as stream:
                found[address.removeprefix(f"{path}!/")] = stream.read()
    return found


def reasons(path: str) -> dict[str, str]:
    return {member.name: member.reason for member in list_members(path) if member.reason}


# --- what is read ---


@pytest.mark.parametrize("kind", MAKERS)
def test_a_scan_finds_the_headers_of_the_plain_files(kind: str, tmp_path: Path) -> None:
    plain: dict[str, Any] = {}
    files = []
    for file in sorted(map(str, Path(str(get_testdata_file("CT_small.dcm"))).parent.glob("*.dcm"))):
        with suppress(ReadError):
            plain[f"{len(files)}.dcm"] = read_header(file)
            files.append((f"{len(files)}.dcm", Path(file).read_bytes()))
    path = a_container(tmp_path, kind, files)
    for address, source in read_members(path):
        assert not isinstance(source, ReadError)
        header = header_of_source(source)
        expected = plain.pop(address.removeprefix(f"{path}!/"))
        assert header == (expected and expected._replace(path=address)), address
    assert not plain


@pytest.mark.parametrize("kind", MAKERS)
def test_a_member_has_the_bytes_that_were_put_in(kind: str, tmp_path: Path) -> None:
    files = [("empty", b""), ("a/one", b"1"), ("noise", NOISE), ("zeros", bytes(3 << 20)), *TWO]
    path = a_container(tmp_path, kind, files)
    assert contents(path) == dict(files)
    assert [(member.name, member.reason) for member in list_members(path)] == [
        (name, "") for name, _ in files
    ]
    for name, content in reversed(files):
        source = member_source(f"{path}!/{name}")
        with source.open() as stream:
            assert stream.read() == content
        assert (source.size, source.problems) == (len(content), ())


@pytest.mark.parametrize("kind", MAKERS)
@given(data=st.data())
def test_any_part_of_a_member_can_be_read(kind: str, data: st.DataObject, tmp_path_factory: Any) -> None:
    path = a_container(
        tmp_path_factory.getbasetemp(), kind, [("first", NOISE), ("noise", NOISE), ("last", b"z")]
    )
    plain = io.BytesIO(NOISE)
    with member_source(f"{path}!/noise").open() as stream:
        for _ in range(data.draw(st.integers(1, 6))):
            offset, count = data.draw(st.integers(0, 50_000)), data.draw(st.integers(0, 50_000))
            assert stream.seek(offset) == plain.seek(offset)
            assert stream.read(count) == plain.read(count)
            buffer, expected = bytearray(100), bytearray(100)
            assert stream.readinto(buffer) == plain.readinto(expected)  # type: ignore[attr-defined]
            assert (buffer, stream.tell()) == (expected, plain.tell())


NAMES = st.lists(
    st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0"), min_size=1, max_size=120),
    max_size=8,
    unique=True,
)


def shown(names: list[str]) -> set[str]:
    """Return the names that a folder would show, and no folders."""
    return {
        name
        for name in names
        if not name.endswith("/") and not any(part[:1] == "." and part.strip(".") for part in name.split("/"))
    }


@given(names=NAMES)
def test_names_are_those_that_zipfile_reads(names: list[str], tmp_path_factory: Any) -> None:
    path = write(tmp_path_factory.getbasetemp(), "names.zip", zip_of([(name, b"x") for name in names]))
    with zipfile.ZipFile(path) as archive:
        expected = shown(archive.namelist())
    assert {member.name for member in list_members(path)} == expected


@pytest.mark.parametrize("format", [tarfile.PAX_FORMAT, tarfile.GNU_FORMAT])
@given(names=NAMES.map(lambda names: [name for name in names if not name.endswith("/")]))
def test_names_are_those_that_tarfile_reads(format: int, names: list[str], tmp_path_factory: Any) -> None:
    path = write(
        tmp_path_factory.getbasetemp(), "names.tar", tar_of([(name, b"x") for name in names], "w", format)
    )
    with tarfile.open(path) as archive:
        expected = shown([member.name + "/" * member.isdir() for member in archive])
    assert {member.name for member in list_members(path)} == expected


def test_names_without_the_utf8_flag_are_utf8_if_they_can_be_and_cp437_else(tmp_path: Path) -> None:
    content = zip_of([("ab.dcm", b""), ("cd.dcm", b"")])
    content = content.replace(b"ab.dcm", b"\x84b.dcm").replace(b"cd.dcm", "ü.dcm".encode())
    path = write(tmp_path, "names.zip", content)
    assert [member.name for member in list_members(path)] == ["äb.dcm", "ü.dcm"]


def test_bytes_that_are_no_utf8_are_shown_and_can_be_opened(tmp_path: Path) -> None:
    path = write(tmp_path, "names.tar", tar_of([("ab.dcm", CT)]).replace(b"ab.dcm", b"a\xff.dcm"))
    content = bytearray(Path(path).read_bytes())
    content[148:156] = b"%06o\0 " % (sum(content[:148]) + sum(content[156:512]) + 8 * 32)
    Path(path).write_bytes(content)
    assert list(contents(path)) == ["a\\xff.dcm"]
    assert open_instance(f"{path}!/a\\xff.dcm").dataset.Modality == "CT"


def test_backslashes_of_old_windows_programs_are_folders(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("DICOM\\PAT1\\IM1")
    info.create_system = 0
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr(info, CT)
    path = write(tmp_path, "windows.zip", stream.getvalue())
    assert [row.name for row in list_level(f"{path}!/DICOM/PAT1")] == ["IM1"]


@pytest.mark.parametrize("kind", MAKERS)
def test_members_with_one_name_can_all_be_reached(kind: str, tmp_path: Path) -> None:
    path = a_container(tmp_path, kind, [("a", b"1"), ("a", b"2"), ("a#2", b"3"), ("a", b"4")])
    assert contents(path) == {"a": b"1", "a#2": b"2", "a#2#2": b"3", "a#3": b"4"}
    with member_source(f"{path}!/a#3").open() as stream:
        assert stream.read() == b"4"


HOSTILE = ["../x", "/etc/passwd", "C:\\x", "CON", "\x1b]0;x\x07", "a\nb", "a!/b", " ", "..", "a//b", "-rf"]


@pytest.mark.parametrize("kind", MAKERS)
def test_names_that_lead_elsewhere_are_names_and_nothing_more(kind: str, tmp_path: Path) -> None:
    files = [(name, name.encode()) for name in HOSTILE]
    path = a_container(tmp_path, kind, files)
    before = sorted(tmp_path.iterdir())
    inside = {"../x": "__/x", "..": "__"}
    assert contents(path) == {inside.get(name, name): content for name, content in files}
    for name, content in (*files, ("__/x", b"../x")):
        assert split_address(f"{path}!/{name}") == (path, name)
        with member_source(f"{path}!/{name}").open() as stream:
            assert stream.read() == content
    assert sorted(tmp_path.iterdir()) == before


def test_a_null_character_stands_in_no_name(tmp_path: Path) -> None:
    path = write(tmp_path, "null.zip", zip_of([("a_b", CT)]).replace(b"a_b", b"a\0b"))
    assert [member.name for member in list_members(path)] == ["a_b"]
    assert open_instance(f"{path}!/a_b").dataset.Modality == "CT"


def test_what_a_file_manager_hides_is_hidden_and_can_be_opened(tmp_path: Path) -> None:
    path = write(tmp_path, "mac.zip", zip_of([("__MACOSX/._ct", b""), (".x/ct", CT), ("ct", CT)]))
    assert [member.name for member in list_members(path)] == ["ct"]
    assert [address for address, _ in read_members(path)] == [f"{path}!/ct"]
    assert open_instance(f"{path}!/.x/ct").dataset.Modality == "CT"


def test_a_level_shows_folders_first_in_natural_order(tmp_path: Path) -> None:
    names = ["S/IM10", "S/IM2", "/abs/IM1", "B", "./S/x/y", "S//z"]
    path = write(tmp_path, "tree.zip", zip_of([(name, b"") for name in names]))
    assert [(row.name, row.is_folder) for row in list_level(path)] == [
        ("abs", True),
        ("S", True),
        ("B", False),
    ]
    assert [row.name for row in list_level(f"{path}!/S")] == ["x", "IM2", "IM10", "z"]
    assert is_member(f"{path}!/S/IM2")
    assert not is_member(f"{path}!/S")


# --- addresses ---


def test_a_path_that_exists_is_no_address(tmp_path: Path) -> None:
    path = write(tmp_path, "study.zip", zip_of(TWO))
    assert split_address(f"{path}!/S/ct.dcm") == (path, "S/ct.dcm")
    (tmp_path / "study.zip!" / "S").mkdir(parents=True)
    (tmp_path / "study.zip!" / "S" / "ct.dcm").write_bytes(MR)
    assert split_address(f"{path}!/S/ct.dcm") is None
    assert open_instance(f"{path}!/S/ct.dcm").dataset.Modality == "MR"
    assert split_address(f"{path}!/S/mr.dcm") == (path, "S/mr.dcm")


def test_the_container_is_the_first_part_that_is_one(tmp_path: Path) -> None:
    (tmp_path / "a!").mkdir()
    path = write(tmp_path / "a!", "b.zip", zip_of([("c!/d", b"x")]))
    assert split_address(f"{path}!/c!/d") == (path, "c!/d")


@pytest.mark.parametrize("address", ["absent.zip!/a", "!/", "plain.zip!/x", "\0.zip!/a", "folder.zip!/a"])
def test_what_is_no_container_has_no_members(address: str, tmp_path: Path) -> None:
    (tmp_path / "folder.zip").mkdir()
    (tmp_path / "plain.zip").write_bytes(CT)
    assert split_address(str(tmp_path / address)) is None
    with pytest.raises(ReadError):
        member_source(str(tmp_path / address))


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.zip", zip_of(TWO), True),
        ("A.ZIP", zip_of([]), True),
        ("a.dcm", zip_of(TWO), False),
        ("a.tar", tar_of(TWO), True),
        ("a.tar", tar_of([]), True),
        ("a.tar.gz", tgz_of(TWO), True),
        ("a.tgz", tar_of(TWO), True),
        ("a.tgz", zlib.compress(b"x"), False),
        ("a.zip", CT, False),
        ("a.tar", CT, False),
        ("a.zip", b"", False),
    ],
)
def test_a_container_is_told_by_name_and_content(
    name: str, content: bytes, expected: bool, tmp_path: Path
) -> None:
    assert is_container(write(tmp_path, name, content)) is expected


def test_links_and_pipes_are_no_containers(tmp_path: Path) -> None:
    path = write(tmp_path, "a.zip", zip_of(TWO))
    (tmp_path / "link.zip").symlink_to(path)
    os.mkfifo(tmp_path / "pipe.zip")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket.zip"))
    for name in ("link.zip", "pipe.zip", "socket.zip"):
        assert not is_container(str(tmp_path / name))
    for name in ("pipe.zip", "socket.zip"):
        with pytest.raises(ReadError, match="not a regular file"):
            list_members(str(tmp_path / name))


def test_a_link_that_a_user_names_is_followed(tmp_path: Path) -> None:
    path = write(tmp_path, "a.zip", zip_of(TWO))
    (tmp_path / "link.zip").symlink_to(path)
    assert open_instance(f"{tmp_path}/link.zip!/S/ct.dcm").source.name == f"{tmp_path}/link.zip!/S/ct.dcm"


def test_two_names_of_one_container_keep_their_addresses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(tmp_path, "a.zip", zip_of(TWO))
    monkeypatch.chdir(tmp_path)
    assert list_members(path)[0].address == f"{path}!/S/ct.dcm"
    assert list_members("a.zip")[0].address == "a.zip!/S/ct.dcm"
    assert list_level("a.zip!/S")[0].path == "a.zip!/S/ct.dcm"
    assert next(read_members("./a.zip"))[0] == "./a.zip!/S/ct.dcm"


# --- what is refused ---


def a_zip_with(content: bytes, **attributes: Any) -> bytes:
    info = zipfile.ZipInfo("odd")
    method = attributes.pop("method", zipfile.ZIP_STORED)
    for name, value in attributes.items():
        setattr(info, name, value)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("ct", CT)
        archive.writestr(info, content, method)
    return stream.getvalue()


def encrypted() -> bytes:
    content = bytearray(a_zip_with(CT))
    content[content.rfind(b"PK\3\4") + 6] |= 1
    content[content.rfind(b"PK\1\2") + 8] |= 1
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (encrypted(), "encrypted"),
        (a_zip_with(b"/etc", create_system=3, external_attr=0o120777 << 16), "symbolic link"),
        (a_zip_with(b"", create_system=3, external_attr=0o010644 << 16), "not a regular file"),
        (a_zip_with(CT, method=zipfile.ZIP_BZIP2), "bzip2"),
        (a_zip_with(CT, method=zipfile.ZIP_LZMA), "LZMA"),
        (a_zip_with(zip_of(TWO), filename="a/b.ZIP"), "inside a container"),
    ],
    ids=["encrypted", "link", "pipe", "bzip2", "lzma", "nested"],
)
def test_a_member_that_cannot_be_opened_is_listed_with_the_reason(
    content: bytes, reason: str, tmp_path: Path
) -> None:
    path = write(tmp_path, "odd.zip", content)
    assert [member.reason == "" for member in list_members(path)] == [True, False]
    ((name, found),) = reasons(path).items()
    assert reason in found
    assert contents(path) == {"ct": CT}
    with pytest.raises(ReadError, match=reason):
        member_source(f"{path}!/{name}")
    assert [row.reason for row in list_level(path) if not row.is_folder and row.name == "odd"] in (
        [found],
        [],
    )


@pytest.mark.parametrize("suffix", [".tar", ".tgz"])
@pytest.mark.parametrize(
    ("kind", "reason"),
    [
        (tarfile.SYMTYPE, "symbolic link"),
        (tarfile.LNKTYPE, "link to another member"),
        (tarfile.FIFOTYPE, "pipe"),
        (tarfile.CHRTYPE, "device"),
        (tarfile.BLKTYPE, "device"),
    ],
)
def test_special_members_of_a_tar_are_listed_with_the_reason(
    suffix: str, kind: bytes, reason: str, tmp_path: Path
) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w:gz" if suffix == ".tgz" else "w") as archive:
        folder = tarfile.TarInfo("folder")
        folder.type = tarfile.DIRTYPE
        odd = tarfile.TarInfo("odd")
        odd.type, odd.linkname = kind, "/etc/passwd"
        ct = tarfile.TarInfo("ct")
        ct.size = len(CT)
        for member in (folder, odd, ct):
            archive.addfile(member, io.BytesIO(CT))
    path = write(tmp_path, f"odd{suffix}", stream.getvalue())
    outcomes = dict(read_members(path))
    assert reason in str(outcomes[f"{path}!/odd"])
    assert reason in reasons(path)["odd"]
    assert contents(path) == {"ct": CT}


def test_sparse_members_are_refused(tmp_path: Path) -> None:
    member = tarfile.TarInfo("sparse")
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.name": "sparse"}
    member.size = 512
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(member, io.BytesIO(bytes(512)))
    path = write(tmp_path, "sparse.tar", stream.getvalue() + bytes(1024))
    assert "sparse" in reasons(path)["sparse"]


# --- limits ---


@pytest.mark.parametrize("kind", MAKERS)
def test_too_many_members_are_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    path = a_container(tmp_path, kind, [(str(number), b"") for number in range(20)])
    modules = (zip_directory, tar_headers)
    with patch.object(modules[0], "MEMBER_LIMIT", 19), patch.object(modules[1], "MEMBER_LIMIT", 19):
        with pytest.raises(ReadError, match=r"made\S+: holds more than 19 members"):
            list_members(path)
        with pytest.raises(ReadError, match="more than 19"):
            list(read_members(path))
    assert len(list_members(path)) == 20


@pytest.mark.parametrize("kind", ["deflated zip", "compressed tar"])
def test_a_member_that_is_too_large_inflated_is_refused_in_a_sentence(kind: str, tmp_path: Path) -> None:
    path = a_container(tmp_path, kind, [("bomb", bytes(5 << 20)), ("ct", CT)])
    with patch.object(member_sources, "SIZE_LIMIT", 4 << 20):
        with pytest.raises(ReadError, match=r"bomb: too large to be inflated"):
            member_source(f"{path}!/bomb")
        assert member_source(f"{path}!/ct").size == len(CT)


def test_a_large_member_that_inflates_a_thousandfold_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path, "bomb.zip", zip_of([("bomb", bytes(5 << 20)), ("picture", bytes(1 << 20))]))
    with patch.object(member_sources, "FREE_BYTES", 2 << 20):
        with pytest.raises(ReadError, match="200 times"):
            member_source(f"{path}!/bomb")
        assert member_source(f"{path}!/picture").size == 1 << 20  # black, but small


def test_a_compressed_tar_that_inflates_a_thousandfold_ends_with_a_sentence(tmp_path: Path) -> None:
    path = write(tmp_path, "bomb.tgz", tgz_of([("ct", CT), ("bomb", bytes(9 << 20)), ("behind", CT)]))
    with patch.object(gzip_reader, "FREE_BYTES", 2 << 20):
        assert [member.name for member in list_members(path)] == ["ct", "bomb"]
        assert "times its size" in list_container(path).problem
        assert "times its size" in str(list(read_members(path))[-1][1])


def test_a_header_inflates_no_more_than_it_needs(tmp_path: Path) -> None:
    path = write(tmp_path, "long.zip", zip_of([("ct", CT + bytes(50 << 20))]))
    for _, source in read_members(path):
        assert not isinstance(source, ReadError)
        with patch.object(member_sources, "inflate", side_effect=AssertionError("inflated as a whole")):
            header = header_of_source(source)
        assert header is not None
        assert header.modality == "CT"


def test_sizes_that_lie_are_not_believed(tmp_path: Path) -> None:
    honest = zip_of(TWO)
    for claim in (0, 1, 100, 0x7FFFFFFF, 0xFFFFFFFE):
        lying = honest.replace(struct.pack("<L", len(CT)), struct.pack("<L", claim))
        path = write(tmp_path, "lying.zip", lying)
        os.utime(path, (claim, claim))
        source = member_source(f"{path}!/S/ct.dcm")
        assert (source.size, source.problems) == (len(CT), ())


def test_a_stored_size_that_leads_behind_the_end_is_cut_there(tmp_path: Path) -> None:
    content = zip_of([("noise", NOISE)], zipfile.ZIP_STORED)
    path = write(
        tmp_path, "lying.zip", content.replace(struct.pack("<L", len(NOISE)), struct.pack("<L", 1 << 30))
    )
    source = member_source(f"{path}!/noise")
    with source.open() as stream:
        assert len(stream.read()) == source.size < len(content)


def test_a_wrong_checksum_is_a_warning_of_the_instance(tmp_path: Path) -> None:
    content = zip_of([("ct", CT)])
    path = write(tmp_path, "bad.zip", content.replace(struct.pack("<L", zlib.crc32(CT)), b"\1\2\3\4"))
    assert any("checksum" in warning for warning in open_instance(f"{path}!/ct").warnings)


def test_members_that_share_their_bytes_are_refused_but_the_first(tmp_path: Path) -> None:
    content = zip_of([("a", bytes(100_000)), ("b", bytes(100_000)), ("c", bytes(100_000))])
    records = content.index(b"PK\1\2")
    where = [struct.unpack_from("<L", content, at + 42)[0] for at in _records(content)]
    overlapping = bytearray(content)
    for at in _records(content):
        struct.pack_into("<L", overlapping, at + 42, where[0])
    path = write(tmp_path, "overlapping.zip", bytes(overlapping))
    assert records > 0
    assert list(reasons(path)) == ["b", "c"]
    assert set(reasons(path).values()) == {"its bytes are those of another member"}


def _records(content: bytes) -> list[int]:
    found = []
    at = content.find(b"PK\1\2")
    while at >= 0:
        found.append(at)
        at = content.find(b"PK\1\2", at + 1)
    return found


# --- what is cut or damaged ---


@pytest.mark.parametrize("kind", MAKERS)
def test_of_a_cut_container_all_that_is_there_is_shown_with_a_sentence(kind: str, tmp_path: Path) -> None:
    files = [("one", NOISE), ("two", CT), ("three", NOISE[::-1])]
    whole = Path(a_container(tmp_path, kind, files)).read_bytes()
    end = (
        whole.find(b"PK\1\2") if "zip" in kind else len(whole) - (10_000 if "compressed" in kind else 20_000)
    )
    last = "three"
    path = write(tmp_path, "cut" + MAKERS[kind][0], whole[: end - 5000])
    listing = list_container(path)
    assert [member.name for member in listing.members] == [name for name, _ in files]
    assert listing.problem
    found = contents(path)
    assert {name: found[name] for name in ("one", "two")} == dict(files[:2])
    assert dict(files)[last].startswith(found.get(last, b""))
    *_, (address, error) = read_members(path)
    assert address == path
    assert isinstance(error, ReadError)
    assert list_level(path)[-1].reason


@pytest.mark.parametrize("kind", MAKERS)
@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damage_is_said_and_never_raised_as_anything_else(
    kind: str, data: st.DataObject, tmp_path_factory: Any
) -> None:
    folder = tmp_path_factory.getbasetemp()
    content = bytearray(Path(a_container(folder, kind, [("a/x.zip", b"PK"), *TWO, ("z", b"")])).read_bytes())
    content = content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))]
    for _ in range(data.draw(st.integers(0, 12))):
        if content:
            at = data.draw(st.integers(0, len(content) - 1) | st.integers(-min(len(content), 300), -1))
            content[at] = data.draw(st.integers(0, 255))
    path = write(folder, f"damaged{MAKERS[kind][0]}", bytes(content))
    os.utime(path, ns=(0, data.draw(st.integers(0, 1 << 50))))
    with suppress(ReadError):
        for _, source in read_members(path):
            if not isinstance(source, ReadError):
                with suppress(ReadError):
                    header_of_source(source)
    with suppress(ReadError):
        for member in list_members(path):
            with suppress(ReadError):
                open_instance(member.address)


def test_a_container_that_changes_under_a_reader_is_not_mixed_up(tmp_path: Path) -> None:
    path = write(tmp_path, "a.zip", zip_of(TWO, zipfile.ZIP_STORED))
    source = member_source(f"{path}!/S/ct.dcm")
    write(tmp_path, "a.zip", zip_of([("other", NOISE)]))
    with pytest.raises(ReadError, match="has changed"):
        source.open()
    assert [member.name for member in list_members(path)] == ["other"]


# --- odd but right ---


def test_zip64_is_read(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in TWO:
            with archive.open(name, "w", force_zip64=True) as member:
                member.write(content)
    with patch.object(zipfile, "ZIP64_LIMIT", 100), patch.object(zipfile, "ZIP_FILECOUNT_LIMIT", 1):
        large = zip_of(TWO)
    assert b"PK\6\6" in large
    for content in (stream.getvalue(), large):
        path = write(tmp_path, f"{len(content)}.zip", content)
        assert contents(path) == dict(TWO)


def test_a_comment_that_looks_like_an_end_hides_nothing(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("ct", CT)
        archive.comment = b"x" * 60_000
    assert contents(write(tmp_path, "comment.zip", stream.getvalue())) == {"ct": CT}


def test_a_gzip_of_several_members_is_one_stream(tmp_path: Path) -> None:
    import gzip

    plain = tar_of(TWO)
    parts = [plain[at : at + 10_000] for at in range(0, len(plain), 10_000)]
    path = write(tmp_path, "parts.tar.gz", b"".join(map(gzip.compress, parts)) + bytes(512))
    assert contents(path) == dict(TWO)
    assert list_container(path).problem == ""


def test_a_tar_without_its_end_marker_is_whole(tmp_path: Path) -> None:
    whole = tar_of([("ct", CT)])
    end = 512 + -(-len(CT) // 512) * 512
    path = write(tmp_path, "short.tar", whole[:end])
    assert list_container(path).problem == ""
    assert contents(path) == {"ct": CT}


def test_an_empty_container_has_no_members(tmp_path: Path) -> None:
    for name, content in (("a.zip", zip_of([])), ("a.tar", tar_of([])), ("a.tgz", tgz_of([]))):
        path = write(tmp_path, name, content)
        assert list_container(path) == ([], "")
        assert list(read_members(path)) == []
        assert list_level(path) == []


# --- what it costs ---


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_a_huge_stored_member_is_a_window_on_the_file(kind: str, tmp_path: Path) -> None:
    size = 3 << 30
    path = tmp_path / f"huge.{kind}"
    with path.open("wb") as stream:  # a sparse file
        if kind == "tar":
            member = tarfile.TarInfo("huge")
            member.size = size
            stream.write(member.tobuf())
        else:
            stream.write(
                struct.pack("<4sHHHHHLLLHH", b"PK\3\4", 45, 0, 0, 0, 0, 0, size, size, 4, 0) + b"huge"
            )
        stream.write(CT)
        stream.seek(size - len(CT) - 4, os.SEEK_CUR)
        stream.write(b"last")
        if kind == "zip":
            record = struct.pack(
                "<4s6H3L5H2L", b"PK\1\2", 45, 45, 0, 0, 0, 0, 0, size, size, 4, 0, 0, 0, 0, 0, 0
            )
            at = stream.tell()
            stream.write(record + b"huge")
            stream.write(struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 1, 1, len(record) + 4, at, 0))
    read = []
    preadv = os.preadv
    with patch.object(
        os, "preadv", lambda fd, views, at: read.append(len(views[0])) or preadv(fd, views, at)
    ):
        source = member_source(f"{path}!/huge")
        with source.open() as stream:
            stream.seek(-4, os.SEEK_END)
            assert stream.read() == b"last"
        assert open_instance(f"{path}!/huge").dataset.Modality == "CT"
    assert source.size == size
    assert sum(read) < 4 << 20


def test_a_deflated_member_is_inflated_once(tmp_path: Path) -> None:
    path = write(tmp_path, "a.zip", zip_of(TWO))
    with patch.object(member_sources, "inflate", wraps=member_sources.inflate) as inflate:
        sources = [member_source(f"{path}!/S/ct.dcm") for _ in range(3)]
        for source in sources:
            for _ in range(3):
                source.open().close()
    assert inflate.call_count == 1


def test_the_memory_for_inflated_members_is_bounded(tmp_path: Path) -> None:
    path = write(tmp_path, "a.zip", zip_of([(str(number), bytes(1 << 20)) for number in range(8)]))
    kept: Any = member_sources.Kept(3 << 20)
    with patch.object(member_sources, "_contents", kept):
        for number in range(8):
            member_source(f"{path}!/{number}")
    assert sum(slot.weight for slot in kept._slots.values()) <= 3 << 20


def test_stepping_through_a_compressed_tar_inflates_each_part_a_few_times(tmp_path: Path) -> None:
    files = [(f"{number:03}", random.Random(number).randbytes(20_000)) for number in range(100)]
    path = write(tmp_path, "a.tgz", tgz_of(files))
    inflated = 0
    inflate = gzip_reader.GzipReader._inflate

    def counting(reader: gzip_reader.GzipReader, count: int) -> bytes:
        nonlocal inflated
        part = inflate(reader, count)
        inflated += len(part)
        return part

    with (
        patch.object(gzip_reader, "SPACING", 50_000),
        patch.object(gzip_reader, "PLACES", 20),
        patch.object(gzip_reader.GzipReader, "_inflate", counting),
    ):
        for name, content in files:
            with member_source(f"{path}!/{name}").open() as stream:
                assert stream.read() == content
    assert inflated < 10 * 2_000_000  # from the start each time, it would be fifty times


def test_a_compressed_tar_is_scanned_in_one_pass(tmp_path: Path) -> None:
    path = write(tmp_path, "a.tgz", tgz_of([(str(number), NOISE) for number in range(30)]))
    with patch.object(gzip_reader.GzipPlaces, "reader_at", side_effect=AssertionError("went back")):
        for _, source in read_members(path):
            assert not isinstance(source, ReadError)
            header_of_source(source)


def test_threads_do_not_disturb_each_other(tmp_path: Path) -> None:
    files = [(str(number), random.Random(number).randbytes(30_000)) for number in range(20)]
    paths = [a_container(tmp_path, kind, files) for kind in ("deflated zip", "pax tar", "compressed tar")]

    def look(number: int) -> None:
        path, chosen = paths[number % 3], files[number % 20]
        if number % 5 == 0:
            assert contents(path) == dict(files)
        with member_source(f"{path}!/{chosen[0]}").open() as stream:
            assert stream.read() == chosen[1]

    with (
        patch.object(member_sources, "_contents", member_sources.Kept(100_000)),
        ThreadPoolExecutor(8) as pool,
    ):
        list(pool.map(look, range(120)))


def test_a_scan_of_members_loads_neither_numpy_nor_pydicom(tmp_path: Path) -> None:
    import subprocess

    path = write(tmp_path, "a.zip", zip_of(TWO))
    script = (
        "import sys\nfrom dicomtui.archive.containers import read_members\n"
        "from dicomtui.archive.header import header_of_source\n"
        f"print([header_of_source(source).modality for _, source in read_members({path!r})])\n"
        "assert not {'numpy', 'pydicom', 'tarfile', 'zipfile'} & set(sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['CT', 'MR']"


def test_streamed_members_are_found_without_a_directory(tmp_path: Path) -> None:
    content = streamed_zip_of(TWO)
    path = write(tmp_path, "cut.zip", content[: content.index(b"PK\1\2")])
    assert contents(path) == dict(TWO)
    assert "directory is missing" in list_container(path).problem


def test_only_wanted_members_are_read_in_the_order_of_the_file(tmp_path: Path) -> None:
    files = [(str(number), bytes([number])) for number in range(10)]
    for kind in MAKERS:
        path = a_container(tmp_path, kind, files)
        found = list(read_members(path, ["7", "absent", "2"]))
        assert [address for address, _ in found] == [f"{path}!/{name}" for name in ("2", "7", "absent")]
        assert "no such member" in str(found[-1][1])


def test_the_limits_are_those_that_are_said() -> None:
    assert members.MEMBER_LIMIT == 200_000
    assert containers.SEPARATOR == "!/"
