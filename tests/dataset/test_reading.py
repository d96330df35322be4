"""Reading a file as it should be: the elements, and where its pixel data stands."""

import io
import tracemalloc
import zlib
from pathlib import Path

import pydicom
import pydicom.data
import pytest
from pydicom.dataset import FileDataset

from dicomtui.dataset.elements import elements_of
from dicomtui.dataset.reading import read_instance, read_source
from dicomtui.dataset.source import FileSource, MemorySource
from tests.builders import ct, write
from tests.dataset.encoded import (
    DEFLATED,
    IMPLICIT,
    JPEG,
    SEQUENCE_END,
    UNDEFINED,
    element,
    implicit,
    item,
    part10,
    source,
)

DATA = Path(pydicom.data.__file__).parent / "test_files"
CT, NAME = element(0x00080060, "CS", b"CT"), element(0x00100010, "PN", b"DOE^JANE")
IMAGES = 0x00081140


@pytest.mark.parametrize("path", sorted(DATA.glob("*.dcm")), ids=lambda path: path.name)
def test_the_dataset_is_the_one_that_pydicom_reads(path: Path) -> None:
    if path.name == "no_meta.dcm":  # begins in the middle of an element
        return
    expected = pydicom.dcmread(path, force=True)
    for keyword in ("PixelData", "FloatPixelData", "DoubleFloatPixelData"):
        if keyword in expected:
            del expected[keyword]
    instance = read_instance(path)
    for ours, theirs in ((instance.dataset.file_meta, expected.file_meta), (instance.dataset, expected)):
        assert list(ours.keys()) == sorted(theirs.keys())
        for tag in ours.keys():  # noqa: SIM118  items would not convert
            assert ours[tag] == theirs[tag], tag


@pytest.mark.parametrize("name", ["rtplan.dcm", "reportsi.dcm", "MR_small_bigendian.dcm", "UN_sequence.dcm"])
def test_a_dataset_is_written_again_as_it_was(name: str) -> None:
    path = DATA / name
    instance, expected = read_instance(path), pydicom.dcmread(path)
    if "PixelData" in expected:
        del expected.PixelData
    ours, theirs = io.BytesIO(), io.BytesIO()
    for dataset, buffer in ((instance.dataset, ours), (expected, theirs)):
        pydicom.dcmwrite(buffer, dataset, enforce_file_format=False)
    assert ours.getvalue() == theirs.getvalue()[132:]  # but for the preamble, which is not kept


def test_pixel_data_is_located_and_not_loaded(tmp_path: Path) -> None:
    dataset = ct()
    path = write(dataset, tmp_path / "ct.dcm")
    found = read_instance(path).pixel_data
    assert found is not None
    assert (found.tag, found.vr, found.fragments) == (0x7FE00010, "OW", None)
    assert path.read_bytes()[found.offset : found.offset + found.length] == dataset.PixelData


def test_a_big_file_costs_no_memory_for_its_pixel_data(tmp_path: Path) -> None:
    path = tmp_path / "sparse"
    path.write_bytes(part10(CT + element(0x7FE00010, "OW", b"", 3 << 30)))
    with path.open("r+b") as file:
        file.truncate(path.stat().st_size + (3 << 30))
    tracemalloc.start()
    try:
        instance = read_instance(path)
        elements_of(instance)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert instance.pixel_data is not None
    assert (instance.pixel_data.length, instance.warnings) == (3 << 30, ())
    assert peak < 4 << 20


def test_fragments_of_encapsulated_pixel_data_are_found() -> None:
    fragments = [b"", b"\xff\xd8" * 5, b"\xff\xd9"]
    value = b"".join(item(fragment) for fragment in fragments) + SEQUENCE_END
    trailing = element(0xFFFCFFFC, "OB", b"\0\0")
    made = source(element(0x7FE00010, "OB", value, UNDEFINED) + trailing, JPEG)
    instance = read_source(made)
    assert instance.pixel_data is not None
    assert instance.pixel_data.fragments is not None
    content, found = made.content, instance.pixel_data.fragments
    pieces = [content[o : o + n] for o, n in zip(found.offsets, found.lengths, strict=True)]
    assert pieces == fragments
    assert instance.pixel_data.length == len(value)
    assert 0xFFFCFFFC in instance.dataset
    assert instance.warnings == ()


def test_float_pixel_data_counts_as_pixel_data() -> None:
    instance = read_source(source(element(0x7FE00008, "OF", b"\0" * 8)))
    assert instance.pixel_data is not None
    assert (instance.pixel_data.tag, instance.pixel_data.vr) == (0x7FE00008, "OF")


def test_a_deflated_file_is_inflated_and_its_offsets_are_about_that() -> None:
    packed = zlib.compress(CT + NAME, wbits=-15)
    instance = read_source(source(packed, DEFLATED))
    assert instance.dataset.PatientName == "DOE^JANE"
    with instance.source.open() as stream:
        content = stream.read()
    assert content[elements_of(instance)[-1].offset or 0 :] == b"DOE^JANE"


def test_a_meta_header_longer_than_the_head_of_a_file_is_read_whole() -> None:
    uid = element(0x00020010, "UI", IMPLICIT.encode() + b"\0")
    meta = element(0x00020001, "OB", b"\0\1") + element(0x00020003, "UI", b"1.2 " * 5000) + uid
    meta += element(0x00020102, "OB", b"\1" * 20_000)
    content = b"\0" * 128 + b"DICM" + meta + implicit(0x00100010, b"DOE^JANE")
    instance = read_source(MemorySource("made", content))
    assert (instance.dataset.PatientName, instance.transfer_syntax) == ("DOE^JANE", IMPLICIT)
    assert instance.warnings == ()


def test_what_is_inferred_is_said() -> None:
    instance = read_source(MemorySource("made", CT + NAME))
    assert instance.warnings == ("no Transfer Syntax UID (0002,0010): read as 1.2.840.10008.1.2.1",)


def test_a_source_keeps_its_name(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "ct.dcm")
    instance = read_source(FileSource(path))
    assert instance.source.name == str(path)
    assert isinstance(instance.dataset, FileDataset)
