"""Files that were cut: told by what their pixels need, as pydicom counts it."""

import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels.utils import get_expected_length

from dicomtui.archive.containers import member_source
from dicomtui.archive.cut_files import NATIVE, cut_finding, endless_finding
from dicomtui.archive.header import Header, header_of_source, read_header
from dicomtui.errors import DicomTuiError
from tests.builders import ct, ramp, write

BUNDLED = Path(str(get_testdata_file("CT_small.dcm"))).parent


def header_of(path: Path) -> Header:
    header = read_header(str(path))
    assert header is not None
    return header


def cut(path: Path, length: int) -> Path:
    """Leave so many bytes of a file."""
    path.write_bytes(path.read_bytes()[:length])
    return path


@pytest.mark.parametrize("kept", [0.3, 0.6, 0.95])
def test_a_cut_file_is_told_from_whole_ones(tmp_path: Path, kept: float) -> None:
    paths = [write(ct(ramp(number, 128, 128)), tmp_path / f"{number}.dcm") for number in range(4)]
    size = paths[0].stat().st_size
    assert cut_finding([header_of(path) for path in paths]) is None
    cut(paths[2], int(size * kept))
    finding = cut_finding([header_of(path) for path in paths])
    assert finding is not None
    assert finding.mark == "1 cut short"
    assert "2.dcm" in finding.sentence
    assert "1.dcm" not in finding.sentence


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"NumberOfFrames": 3},
        {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"},
        {"SamplesPerPixel": 3, "PhotometricInterpretation": "YBR_FULL_422", "BitsAllocated": 8},
        {"BitsAllocated": 1, "BitsStored": 1},
        {"BitsAllocated": 8, "Rows": 131, "Columns": 133},
        {"BitsAllocated": 32},
    ],
)
def test_pixels_need_what_pydicom_says(tmp_path: Path, attributes: dict[str, Any]) -> None:
    dataset = ct(np.zeros((128, 128), np.int16), **attributes)
    needed = get_expected_length(dataset)
    dataset.PixelData = bytes(needed + needed % 2)
    path = write(dataset, tmp_path / "a.dcm")
    assert cut_finding([header_of(path)]) is None
    cut(path, needed - 1)
    assert cut_finding([header_of(path)]) is not None


def test_real_files_that_are_whole_are_not_remarked() -> None:
    judged = 0
    for path in sorted(BUNDLED.glob("*.dcm")):
        try:
            dataset = pydicom.dcmread(path, force=True)
            expected = get_expected_length(dataset)
            header = read_header(str(path))
            is_small = path.stat().st_size < expected and "PixelData" in dataset
        except (AttributeError, KeyError, TypeError, ValueError, DicomTuiError):
            continue
        if header is not None and header.transfer_syntax in NATIVE and header.has_pixels:
            judged += 1
            assert (cut_finding([header]) is not None) == is_small, path
    assert judged > 10


def test_a_member_of_a_zip_is_judged_like_a_file(tmp_path: Path) -> None:
    path = cut(write(ct(ramp(0, 128, 128)), tmp_path / "a.dcm"), 20_000)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as file:
        file.write(path, "CT/1")
    header = header_of_source(member_source(f"{tmp_path}/study.zip!/CT/1"))
    assert header is not None
    finding = cut_finding([header])
    assert finding is not None
    path.unlink()
    (tmp_path / "study.zip").unlink()
    assert cut_finding([header]) is None  # what is gone is not judged


ENCAPSULATED = ("JPEG2000.dcm", "MR_small_RLE.dcm", "emri_small_jpeg_2k_lossless.dcm")


def encapsulated_file(name: str, folder: Path) -> tuple[Path, int]:
    """Copy a file of pydicom's; return where, and where its pixels begin."""
    source = Path(str(get_testdata_file(name, download=False)))
    copy = folder / name
    copy.write_bytes(source.read_bytes())
    pixels = pydicom.dcmread(source, specific_tags=["PixelData"]).get_item("PixelData")
    assert pixels is not None
    assert pixels.length == 0xFFFFFFFF
    return copy, copy.read_bytes().find(b"\xe0\x7f\x10\x00") + 12


@pytest.mark.parametrize("name", ENCAPSULATED)
def test_a_file_that_ends_inside_its_encapsulated_pixels_is_told(tmp_path: Path, name: str) -> None:
    path, start = encapsulated_file(name, tmp_path)
    whole = header_of(path)
    assert endless_finding([whole]) is None
    content = path.read_bytes()
    pixels = pydicom.dcmread(path).PixelData
    end = start + len(pixels)
    for length in (end, end - 1, end - 8, (start + end) // 2, start + 8, start + 3):
        path.write_bytes(content[:length])
        finding = endless_finding([header_of(path)])
        assert finding is not None, length - end
        assert finding.mark == "1 cut short"
        assert name in finding.sentence


def test_padding_signatures_and_copies_without_pixels_are_no_cuts(tmp_path: Path) -> None:
    path, _ = encapsulated_file("JPEG2000.dcm", tmp_path)
    with path.open("ab") as stream:
        stream.write(b"\xfc\xff\xfc\xffOB\0\0" + (6000).to_bytes(4, "little") + bytes(6000))
    without = pydicom.dcmread(path)
    del without.PixelData
    without.save_as(tmp_path / "without.dcm")
    assert endless_finding([header_of(path), header_of(tmp_path / "without.dcm")]) is None


def test_what_went_away_is_not_called_cut(tmp_path: Path) -> None:
    path, start = encapsulated_file("JPEG2000.dcm", tmp_path)
    header = header_of(cut(path, start + 100))
    path.unlink()
    assert endless_finding([header]) is None


def test_of_the_bundled_files_only_the_one_that_is_too_short_ends_early() -> None:
    found, judged = set(), 0
    short = Path(str(get_testdata_file("emri_small_jpeg_2k_lossless_too_short.dcm", download=False)))
    for path in sorted({*BUNDLED.glob("*.dcm"), *short.parent.glob("*.dcm")}):
        try:
            header = read_header(str(path))
        except DicomTuiError:
            continue
        if header is not None and header.transfer_syntax not in NATIVE:
            judged += 1
            if endless_finding([header]) is not None:
                found.add(path.name)
    assert judged > 20
    assert found == {short.name}
