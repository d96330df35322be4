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
from dicomtui.archive.cut_files import NATIVE, cut_finding
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
