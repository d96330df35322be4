import gc
import os
import shutil
import struct
import subprocess
import sys
import textwrap
import time
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.fileset import FileSet

from dicomtui.archive.dicomdir import DEPTH_LIMIT, Directory, Record, read_dicomdir
from dicomtui.archive.directory_records import parse_directory
from dicomtui.errors import ReadError

SETS = Path(str(get_testdata_file("dicomdirtests/DICOMDIR"))).parent
GOOD = ["DICOMDIR", "DICOMDIR-implicit", "DICOMDIR-reordered", "TINY_ALPHA/DICOMDIR"]
EVERY = [*GOOD, "DICOMDIR-bigEnd", "DICOMDIR-nooffset", "DICOMDIR-nopatient", "DICOMDIR-empty.dcm"]

NOWHERE = 7


@dataclass
class Item:
    """A Directory Record to be written; next and lower are numbers of other records, from 1."""

    kind: str
    file_id: str | bytes | None = None
    next: int = 0
    lower: int = 0
    more: bytes = b""
    astray: bool = False
    """Whether its offsets are written as they are, so that they point anywhere."""


def element(tag: int, vr: str, value: bytes) -> bytes:
    value += b"\0" * (len(value) % 2)
    head = struct.pack("<HH2s", tag >> 16, tag & 0xFFFF, vr.encode())
    if vr in ("SQ", "OB"):
        return head + struct.pack("<HL", 0, len(value)) + value
    return head + struct.pack("<H", len(value)) + value


def text(tag: int, vr: str, value: str | bytes) -> bytes:
    value = value.encode() if isinstance(value, str) else value
    return element(tag, vr, value + b" " * (len(value) % 2))


def dicomdir(items: Sequence[Item], *, first: int = 1, undefined: bool = False) -> bytes:
    """Return a DICOMDIR in Explicit VR Little Endian, its sequence and items of undefined length or not."""
    meta = text(0x00020002, "UI", b"1.2.840.10008.1.3.10\0") + text(
        0x00020010, "UI", b"1.2.840.10008.1.2.1\0"
    )
    head = bytes(128) + b"DICM" + element(0x00020000, "UL", struct.pack("<L", len(meta))) + meta
    start = len(head) + len(text(0x00041130, "CS", "SET ")) + 2 * 12 + 12
    offsets, position = [0], start
    for item in items:
        offsets.append(position)
        position += len(written(item, (0, 0), undefined))
    body = b"".join(written(item, links(item, offsets), undefined) for item in items)
    sequence = element(0x00041220, "SQ", b"")[:8]
    sequence += struct.pack("<L", 0xFFFFFFFF if undefined else len(body)) + body
    roots = [offsets[first] if 0 <= first < len(offsets) else first, 0]
    pointers = [
        element(tag, "UL", struct.pack("<L", offset))
        for tag, offset in zip((0x00041200, 0x00041202), roots, strict=True)
    ]
    content = head + text(0x00041130, "CS", "SET ") + b"".join(pointers) + sequence
    return content + (struct.pack("<HHL", 0xFFFE, 0xE0DD, 0) if undefined else b"")


def links(item: Item, offsets: list[int]) -> tuple[int, int]:
    return (item.next, item.lower) if item.astray else (offsets[item.next], offsets[item.lower])


def written(item: Item, offsets: tuple[int, int], undefined: bool) -> bytes:
    body = element(0x00041400, "UL", struct.pack("<L", offsets[0]))
    body += element(0x00041420, "UL", struct.pack("<L", offsets[1])) + text(0x00041430, "CS", item.kind)
    if item.file_id is not None:
        body += text(0x00041500, "CS", item.file_id)
    body += item.more
    end = struct.pack("<HHL", 0xFFFE, 0xE00D, 0) if undefined else b""
    return struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF if undefined else len(body)) + body + end


def study_of(*leaves: Item) -> list[Item]:
    """Return PATIENT > STUDY > SERIES with *leaves* in a row."""
    for number, leaf in enumerate(leaves, 4):
        leaf.next = number + 1 if number < len(leaves) + 3 else 0
    return [Item("PATIENT", lower=2), Item("STUDY", lower=3), Item("SERIES", lower=4), *leaves]


def saved(folder: Path, content: bytes) -> Path:
    path = folder / "DICOMDIR"
    path.write_bytes(content)
    return path


def every(records: Sequence[Record]) -> Iterator[Record]:
    pending = list(reversed(records))
    while pending:
        record = pending.pop()
        yield record
        pending.extend(reversed(record.children))


def outline(records: Sequence[Record]) -> list[Any]:
    return [(record.kind, outline(record.children)) for record in records]


def leaf_of(folder: Path, file_id: str | bytes) -> Record:
    """Return the one instance of a DICOMDIR in *folder* that names *file_id*."""
    directory = read_dicomdir(saved(folder, dicomdir(study_of(Item("IMAGE", file_id)))))
    (leaf,) = (record for record in every(directory.records) if record.kind == "IMAGE")
    return leaf


# the sets that pydicom carries


def as_seen_by_pydicom(path: Path) -> list[tuple[str, ...]]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        file_set = FileSet(path)
        seen: list[tuple[str, ...]] = [
            (
                str(instance.PatientID),
                str(instance.StudyInstanceUID),
                str(instance.SeriesInstanceUID),
                str(instance.ReferencedSOPInstanceUIDInFile),
                os.path.realpath(instance.path),
            )
            for instance in file_set
        ]
        del file_set
        gc.collect()  # its temporary folder goes with a warning
    return seen


def as_seen_here(directory: Directory) -> list[tuple[str, ...]]:
    return [
        (
            patient.attributes["PatientID"],
            study.attributes["StudyInstanceUID"],
            series.attributes["SeriesInstanceUID"],
            leaf.attributes["ReferencedSOPInstanceUIDInFile"],
            leaf.file or "",
        )
        for patient in directory.records
        for study in patient.children
        for series in study.children
        for leaf in series.children
    ]


@pytest.mark.parametrize("name", GOOD)
def test_a_good_file_set_has_the_instances_and_files_that_pydicom_finds(name: str) -> None:
    directory = read_dicomdir(SETS / name)
    assert directory.warnings == ()
    assert not any(record.missing for record in every(directory.records))
    assert sorted(as_seen_here(directory)) == sorted(as_seen_by_pydicom(SETS / name))


@pytest.mark.parametrize("name", ["DICOMDIR-bigEnd", "DICOMDIR-nooffset"])
def test_an_odd_directory_of_the_same_files_gives_the_same_tree(name: str) -> None:
    assert as_seen_here(read_dicomdir(SETS / name)) == as_seen_here(read_dicomdir(SETS / "DICOMDIR"))


def test_patients_of_an_unknown_record_type_keep_their_studies() -> None:
    odd, good = read_dicomdir(SETS / "DICOMDIR-nopatient"), read_dicomdir(SETS / "DICOMDIR")
    assert {record.kind for record in odd.records} == {"UNKNOWN"}
    assert as_seen_here(odd) == as_seen_here(good)
    assert odd.warnings


def test_a_directory_without_records_is_empty() -> None:
    assert read_dicomdir(SETS / "DICOMDIR-empty.dcm").records == ()


@pytest.mark.parametrize("name", EVERY)
def test_record_offsets_are_those_of_the_item_tags(name: str) -> None:
    raw = parse_directory((SETS / name).read_bytes())
    assert raw is not None
    sequence = pydicom.dcmread(SETS / name).DirectoryRecordSequence
    assert [record.offset for record in raw.records] == [item.seq_item_tell for item in sequence]
    for record, item in zip(raw.records, sequence, strict=True):
        assert record.next == item.get("OffsetOfTheNextDirectoryRecord", 0)
        assert record.lower == item.get("OffsetOfReferencedLowerLevelDirectoryEntity", 0)


def test_a_row_can_be_made_from_each_record() -> None:
    directory = read_dicomdir(SETS / "DICOMDIR")
    patient = directory.records[0]
    study = patient.children[0]
    series = study.children[0]
    assert directory.file_set_id == "PYDICOM_TEST"
    assert patient.attributes["PatientName"] == "Doe^Archibald"
    assert study.attributes["StudyDate"] == "20010101"
    assert study.attributes["StudyDescription"] == "XR C Spine Comp Min 4 Views"
    assert (series.attributes["Modality"], series.attributes["SeriesNumber"]) == ("CR", "1")
    assert series.children[0].attributes["InstanceNumber"] == "1"
    assert (patient.file, patient.missing) == (None, False)


def test_reading_a_directory_loads_neither_pydicom_nor_numpy() -> None:
    program = textwrap.dedent(
        """
        import sys
        from dicomtui.archive.dicomdir import read_dicomdir
        assert read_dicomdir(sys.argv[1]).records
        print(sorted({"pydicom", "numpy", "textual"} & set(sys.modules)))
        """
    )
    command = [sys.executable, "-c", program, str(SETS / "DICOMDIR")]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == "[]"


# how records are encoded


ICON = element(
    0x00880200,
    "SQ",
    struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    + text(0x00100010, "PN", "Not^The^Patient")
    + struct.pack("<HHL", 0xFFFE, 0xE00D, 0),
)
OPEN_ICON = ICON[:8] + struct.pack("<L", 0xFFFFFFFF) + ICON[12:] + struct.pack("<HHL", 0xFFFE, 0xE0DD, 0)


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("nested", [b"", ICON, OPEN_ICON])
def test_sequences_and_items_may_have_defined_or_undefined_length(
    undefined: bool, nested: bytes, tmp_path: Path
) -> None:
    items = study_of(Item("IMAGE", "A", more=nested), Item("IMAGE", "B", more=nested))
    items[0].more = text(0x00100010, "PN", "Doe^Jane") + nested
    path = saved(tmp_path, dicomdir(items, undefined=undefined))
    directory = read_dicomdir(path)
    assert outline(directory.records) == [
        ("PATIENT", [("STUDY", [("SERIES", [("IMAGE", []), ("IMAGE", [])])])])
    ]
    assert directory.records[0].attributes == {"PatientName": "Doe^Jane"}
    assert directory.warnings == ()
    raw = parse_directory(path.read_bytes())
    oracle = pydicom.dcmread(path).DirectoryRecordSequence
    assert raw is not None
    assert [record.offset for record in raw.records] == [item.seq_item_tell for item in oracle]


def test_a_directory_that_is_cut_off_keeps_what_is_there() -> None:
    whole = parse_directory((SETS / "DICOMDIR").read_bytes())
    assert whole is not None
    content = (SETS / "DICOMDIR").read_bytes()
    for cut in range(whole.records[0].offset, len(content), 97):
        raw = parse_directory(content[:cut])
        assert raw is not None
        assert len(raw.records) == sum(record.offset + 8 <= cut for record in whole.records)
        assert raw.warnings


def test_a_garbled_record_costs_no_other() -> None:
    content = bytearray((SETS / "DICOMDIR").read_bytes())
    whole = parse_directory(bytes(content))
    assert whole is not None
    start, end = whole.records[3].offset + 8, whole.records[4].offset
    content[start:end] = b"\xff" * (end - start)
    raw = parse_directory(bytes(content))
    assert raw is not None
    assert [record.offset for record in raw.records] == [record.offset for record in whole.records]


def test_names_are_decoded_with_the_character_set_of_their_record(tmp_path: Path) -> None:
    name = "Ἀριστοτέλης^山田"
    items = study_of(Item("IMAGE", "A"))
    items[0].more = text(0x00080005, "CS", "ISO_IR 192") + text(0x00100010, "PN", name.encode())
    items[1].more = text(0x00080005, "CS", "ISO_IR 144") + text(
        0x00081030, "LO", "Люкceмбypг".encode("iso8859_5")
    )
    items[2].more = text(0x00080005, "CS", r"\ISO 2022 IR 87") + text(0x0008103E, "LO", b"\x1b$B;3ED\x1b(B")
    (patient,) = read_dicomdir(saved(tmp_path, dicomdir(items))).records
    assert patient.attributes["PatientName"] == name
    assert patient.children[0].attributes["StudyDescription"] == "Люкceмбypг"
    assert patient.children[0].children[0].attributes["SeriesDescription"] == "山田"


@pytest.mark.parametrize("charset", [b"zlib_codec", b"\xff\xfe", b"ISO_IR 999", b"idna", b"\\\\\\", b"rot13"])
def test_an_impossible_character_set_does_not_hide_the_record(charset: bytes, tmp_path: Path) -> None:
    items = study_of(Item("IMAGE", "A"))
    items[0].more = text(0x00080005, "CS", charset) + text(0x00100010, "PN", b"M\xfcller\x1b$B")
    (patient,) = read_dicomdir(saved(tmp_path, dicomdir(items))).records
    assert "ller" in patient.attributes["PatientName"]


@pytest.mark.parametrize("vr", ["OB", "UL", "SQ", "FD"])
def test_a_name_of_an_odd_representation_is_still_text(vr: str, tmp_path: Path) -> None:
    items = study_of(Item("IMAGE", "A"))
    items[0].more = element(0x00100010, vr, b"\x01\xff\x00\x80")
    (patient,) = read_dicomdir(saved(tmp_path, dicomdir(items))).records
    assert isinstance(patient.attributes["PatientName"], str)


# how records point to each other


def test_a_cycle_of_records_ends_and_each_record_stands_once(tmp_path: Path) -> None:
    items = [
        Item("PATIENT", next=1, lower=2),
        Item("STUDY", next=2, lower=3),
        Item("SERIES", lower=4),
        Item("IMAGE", "A", next=5, lower=1),
        Item("IMAGE", "B", next=4, lower=2),
    ]
    directory = read_dicomdir(saved(tmp_path, dicomdir(items)))
    assert outline(directory.records) == [
        ("PATIENT", [("STUDY", [("SERIES", [("IMAGE", []), ("IMAGE", [])])])])
    ]


def test_records_that_only_point_to_themselves_are_placed_by_their_type(tmp_path: Path) -> None:
    kinds = ["PATIENT", "STUDY", "SERIES", "IMAGE", "SR DOCUMENT", "SERIES", "IMAGE", "PATIENT"]
    items = [Item(kind, "A", next=number, lower=number) for number, kind in enumerate(kinds, 1)]
    directory = read_dicomdir(saved(tmp_path, dicomdir(items)))
    first: Any = ("SERIES", [("IMAGE", []), ("SR DOCUMENT", [])])
    assert outline(directory.records) == [
        ("PATIENT", [("STUDY", [first, ("SERIES", [("IMAGE", [])])])]),
        ("PATIENT", []),
    ]


@pytest.mark.parametrize("first", [0, NOWHERE, 2**32 - 1])
@pytest.mark.parametrize("offset", [0, NOWHERE, 2**32 - 1, 2**31])
def test_offsets_into_nowhere_lose_no_record(first: int, offset: int, tmp_path: Path) -> None:
    items = study_of(Item("IMAGE", "A"), Item("IMAGE", "B"))
    for item in items:
        item.next, item.lower, item.astray = offset, offset, True
    directory = read_dicomdir(saved(tmp_path, dicomdir(items, first=first)))
    assert outline(directory.records) == [
        ("PATIENT", [("STUDY", [("SERIES", [("IMAGE", []), ("IMAGE", [])])])])
    ]
    assert directory.warnings


def test_an_image_without_a_series_stands_alone_and_hanging_protocols_belong_to_nobody(
    tmp_path: Path,
) -> None:
    items = [Item("IMAGE", "A"), Item("PATIENT"), Item("HANGING PROTOCOL", "H"), Item("STUDY")]
    directory = read_dicomdir(saved(tmp_path, dicomdir(items, first=0)))
    assert outline(directory.records) == [
        ("IMAGE", []),
        ("PATIENT", []),
        ("HANGING PROTOCOL", []),
        ("STUDY", []),
    ]


KINDS = st.sampled_from(["PATIENT", "STUDY", "SERIES", "IMAGE", "SR DOCUMENT", "", "UNKNOWN", "PALETTE"])


@st.composite
def tangles(draw: st.DrawFn) -> bytes:
    size = draw(st.integers(1, 12))
    number = st.integers(0, size)
    items = [Item(draw(KINDS), "A", draw(number), draw(number), astray=False) for _ in range(size)]
    return dicomdir(items, first=draw(number), undefined=draw(st.booleans()))


@settings(max_examples=150, deadline=None)
@given(tangles())
def test_whatever_points_where_each_record_stands_exactly_once(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    raw = parse_directory(content)
    assert raw is not None
    directory = read_dicomdir(saved(tmp_path_factory.mktemp("set"), content))
    placed = [record.kind for record in every(directory.records)]
    assert sorted(placed) == sorted(record.values[0x00041430].decode().strip() for record in raw.records)


@settings(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(EVERY),
    changes=st.lists(st.tuples(st.floats(0, 1), st.binary(min_size=1, max_size=8)), min_size=1, max_size=20),
    cut=st.floats(0.02, 1),
)
def test_a_damaged_directory_is_read_or_refused_in_one_line(
    tmp_path_factory: pytest.TempPathFactory, name: str, changes: list[tuple[float, bytes]], cut: float
) -> None:
    content = bytearray((SETS / name).read_bytes())
    for place, change in changes:
        at = int(place * (len(content) - len(change)))
        content[at : at + len(change)] = change
    path = saved(tmp_path_factory.mktemp("set"), bytes(content[: int(cut * len(content))]))
    try:
        directory = read_dicomdir(path)
    except ReadError as error:
        said = str(error)
    else:
        said = "".join(directory.warnings)
        assert all(isinstance(text, str) for r in every(directory.records) for text in r.attributes.values())
    assert said.isprintable()


def test_a_ladder_of_records_is_not_followed_beyond_reason(tmp_path: Path) -> None:
    items = [Item("IMAGE", "A", lower=number + 1) for number in range(1, 5000)] + [Item("IMAGE", "A")]
    directory = read_dicomdir(saved(tmp_path, dicomdir(items)))
    assert sum(1 for _ in every(directory.records)) == 5000
    depth, level = 0, directory.records
    while level:
        depth, level = depth + 1, tuple(child for record in level for child in record.children)
    assert depth <= DEPTH_LIMIT + 4


def test_twenty_thousand_records_of_one_file_are_read_within_two_seconds(tmp_path: Path) -> None:
    (tmp_path / "A").write_bytes(b"")
    more = (
        text(0x00080005, "CS", "ISO_IR 100") + text(0x00200013, "IS", "1") + text(0x00041511, "UI", "1.2.3.4")
    )
    items = study_of(*(Item("IMAGE", "A", more=more) for _ in range(20_000)))
    path = saved(tmp_path, dicomdir(items))
    start = time.process_time()
    directory = read_dicomdir(path)
    assert time.process_time() - start < 2
    leaves = directory.records[0].children[0].children[0].children
    assert len(leaves) == 20_000
    assert {leaf.file for leaf in leaves} == {os.path.realpath(tmp_path / "A")}


# what is not a DICOMDIR


def test_an_image_is_not_a_directory() -> None:
    with pytest.raises(ReadError, match=r"not a DICOMDIR \(no Directory Record Sequence \(0004,1220\)\)"):
        read_dicomdir(str(get_testdata_file("CT_small.dcm")))


def test_a_text_file_a_folder_and_a_pipe_are_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("DICOMDIR\n" * 99)
    os.mkfifo(tmp_path / "pipe")
    for name in ("text", "pipe", ".", "nothing"):
        with pytest.raises(ReadError) as caught:
            read_dicomdir(tmp_path / name)
        assert str(caught.value).isprintable()


def test_an_enormous_file_is_refused_without_reading_it(tmp_path: Path) -> None:
    with open(tmp_path / "DICOMDIR", "wb") as stream:
        stream.write((SETS / "DICOMDIR").read_bytes())
        stream.truncate(8 << 30)
    with pytest.raises(ReadError, match="too large for a DICOMDIR"):
        read_dicomdir(tmp_path / "DICOMDIR")


# which files the records name


@pytest.mark.parametrize(
    ("file_id", "on_disk"),
    [
        (r"IMAGES\CT\IM1", "IMAGES/CT/IM1"),
        (r"IMAGES\CT\IM1", "images/ct/im1"),
        (r"IMAGES\CT\IM1", "Images/CT/Im1.dcm"),
        (r"IMAGES\CT\IM1", "IMAGES/CT/IM1.IMA"),
        (r"images\im1.dcm", "IMAGES/IM1.DCM"),
        ("IMAGES/IM1", "IMAGES/IM1"),
        (r"IMAGES \IM1 ", "IMAGES/IM1"),
        (r"\IMAGES\IM1", "IMAGES/IM1"),
        (r".\IMAGES\\IM1", "IMAGES/IM1"),
        (r"DISC\IMAGES\IM1", "IMAGES/IM1"),
        (r"disc\IM1", "IM1.dcm"),
    ],
)
def test_a_file_is_found_however_the_disc_was_copied(file_id: str, on_disk: str, tmp_path: Path) -> None:
    disc = tmp_path / "DISC"
    (disc / on_disk).parent.mkdir(parents=True)
    (disc / on_disk).write_bytes(b"")
    leaf = leaf_of(disc, file_id)
    assert leaf.file == os.path.realpath(disc / on_disk)
    assert not leaf.missing
    assert leaf.attributes["ReferencedFileID"]


def test_the_file_as_it_is_written_comes_first_then_case_then_dicom_extensions(tmp_path: Path) -> None:
    for name in ("IM1.jpg", "IM1.dcm", "im1", "IM1"):
        (tmp_path / name).write_bytes(b"")
    found = []
    for name in ("IM1", "im1", "IM1.dcm", "IM1.jpg"):
        found.append(os.path.basename(leaf_of(tmp_path, "IM1").file or ""))
        (tmp_path / name).unlink()
    assert found == ["IM1", "im1", "IM1.dcm", "IM1.jpg"]


def test_two_folders_that_differ_in_case_are_both_searched(tmp_path: Path) -> None:
    (tmp_path / "IMAGES").mkdir()
    (tmp_path / "images").mkdir()
    (tmp_path / "images" / "IM1").write_bytes(b"")
    assert leaf_of(tmp_path, r"IMAGES\IM1").file == os.path.realpath(tmp_path / "images" / "IM1")


def test_a_directory_reached_over_a_link_stands_for_the_files_beside_it(tmp_path: Path) -> None:
    shutil.copytree(SETS / "TINY_ALPHA", tmp_path / "disc")
    (tmp_path / "link").symlink_to(tmp_path / "disc" / "DICOMDIR")
    (tmp_path / "folder").symlink_to(tmp_path / "disc")
    for path in (tmp_path / "link", tmp_path / "folder" / "DICOMDIR"):
        assert not any(record.missing for record in every(read_dicomdir(path).records))


@pytest.mark.parametrize("name", ["DICOMDIR", "TINY_ALPHA/DICOMDIR"])
def test_a_missing_file_keeps_its_record_and_says_so(name: str, tmp_path: Path) -> None:
    shutil.copy(SETS / name, tmp_path / "DICOMDIR")
    directory = read_dicomdir(tmp_path / "DICOMDIR")
    leaves = [record for record in every(directory.records) if record.kind == "IMAGE"]
    oracle = pydicom.dcmread(SETS / name).DirectoryRecordSequence
    assert len(leaves) == sum(item.DirectoryRecordType == "IMAGE" for item in oracle)
    assert all(leaf.missing and leaf.file is None for leaf in leaves)
    assert all(leaf.attributes["ReferencedFileID"] in leaf.reason for leaf in leaves)


def test_a_leaf_that_names_no_file_says_so(tmp_path: Path) -> None:
    directory = read_dicomdir(saved(tmp_path, dicomdir(study_of(Item("IMAGE")))))
    reasons = {record.kind: record.reason for record in every(directory.records)}
    assert "(0004,1500)" in reasons.pop("IMAGE")
    assert set(reasons.values()) == {""}


OUTSIDE = "leads out of the folder"


@pytest.mark.parametrize(
    "file_id",
    [r"..\SECRET", r"IMAGES\..\..\SECRET", "../SECRET", "IMAGES/../../SECRET", r".. \SECRET"],
)
def test_a_file_id_never_climbs_out_of_the_folder(file_id: str, tmp_path: Path) -> None:
    (tmp_path / "SECRET").write_bytes(b"")
    (tmp_path / "disc" / "IMAGES").mkdir(parents=True)
    leaf = leaf_of(tmp_path / "disc", file_id)
    assert leaf.file is None
    assert OUTSIDE in leaf.reason


def test_an_absolute_file_id_leads_nowhere(tmp_path: Path) -> None:
    secret = tmp_path / "SECRET"
    secret.write_bytes(b"")
    (tmp_path / "disc").mkdir()
    for file_id in (str(secret), str(secret).replace("/", "\\"), r"C:\SECRET", r"\\server\share\SECRET"):
        leaf = leaf_of(tmp_path / "disc", file_id)
        assert leaf.file is None
        assert leaf.missing


def test_links_are_followed_inside_the_folder_and_refused_when_they_lead_out(tmp_path: Path) -> None:
    (tmp_path / "SECRET").write_bytes(b"")
    disc = tmp_path / "disc"
    (disc / "IMAGES").mkdir(parents=True)
    (disc / "IMAGES" / "IM1").write_bytes(b"")
    (disc / "OUT").symlink_to(tmp_path)
    (disc / "FILE").symlink_to("../SECRET")
    (disc / "IN").symlink_to("IMAGES")
    (disc / "LOOP").symlink_to("LOOP")
    (disc / "SIBLING").symlink_to(tmp_path / "disc2")
    (tmp_path / "disc2").write_bytes(b"")
    for file_id in (r"OUT\SECRET", "FILE", "SIBLING"):
        leaf = leaf_of(disc, file_id)
        assert leaf.file is None
        assert OUTSIDE in leaf.reason
    assert leaf_of(disc, r"IN\IM1").file == os.path.realpath(disc / "IMAGES" / "IM1")
    assert leaf_of(disc, "LOOP").missing
    assert leaf_of(disc, r"LOOP\IM1").missing


def test_links_that_multiply_do_not_slow_the_search(tmp_path: Path) -> None:
    for name in ("A", "a"):
        (tmp_path / name).symlink_to(".")
    (tmp_path / "IM1").write_bytes(b"")
    assert leaf_of(tmp_path, "A\\" * 60 + "IM1").file == os.path.realpath(tmp_path / "IM1")


def test_a_pipe_or_a_folder_in_the_place_of_a_file_is_reported_and_never_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "PIPE")
    (tmp_path / "FOLDER").mkdir()
    (tmp_path / "DEVICE").symlink_to("/dev/zero")
    for file_id in ("PIPE", "FOLDER"):
        leaf = leaf_of(tmp_path, file_id)
        assert leaf.file is None
        assert "not a regular file" in leaf.reason
    assert leaf_of(tmp_path, "DEVICE").file is None


@pytest.mark.parametrize("file_id", ["\x1b]0;owned\x07", "A\nB", "nul\0inside", "A" * 4000, "\\" * 50, "."])
def test_a_hostile_file_id_is_missing_and_its_reason_can_be_shown(file_id: str, tmp_path: Path) -> None:
    leaf = leaf_of(tmp_path, file_id)
    assert leaf.missing
    assert leaf.reason.isprintable()
    assert len(leaf.reason) < 400


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_folder_that_may_not_be_read_says_so(tmp_path: Path) -> None:
    (tmp_path / "IMAGES").mkdir(mode=0)
    assert "permission denied" in leaf_of(tmp_path, r"IMAGES\IM1").reason


@pytest.mark.corpus
def test_every_directory_of_the_corpus_has_all_its_records(corpus: Path) -> None:
    found = 0
    for path in corpus.rglob("*"):
        if not path.is_file() or "DICOMDIR" not in path.name.upper():
            continue
        oracle = pydicom.dcmread(path, force=True).get("DirectoryRecordSequence")
        if oracle is not None:
            found += 1
            assert sum(1 for _ in every(read_dicomdir(path).records)) == len(oracle)
    assert found > 5
