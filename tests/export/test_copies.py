"""Transcoded copies decode to the same pixels, for pydicom and dcmtk; all else stays byte for byte."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DicomTuiError
from dicomtui.export.copies import write_copy
from dicomtui.imaging.encoders import encodable
from dicomtui.imaging.frames import Frames

WITHOUT_ORACLE = {"htj2k", "jpeg"}
"""Syntaxes for which pydicom has no decoder here; our own have oracles in their tests."""
NAMES = ["explicit", "implicit", "big-endian", "deflated", "rle", "jpeg-ls", "jpeg-2000", "htj2k", "jpeg"]
FILES = [
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "SC_rgb_rle_2frame.dcm",
    "examples_palette.dcm",
    "emri_small.dcm",
]


def bundled(name: str) -> str:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return path


def copied(source: str, path: Path, name: str | None) -> tuple[str, ...]:
    with open(path, "xb+") as stream:
        return write_copy(stream, source, encodable(name).uid if name else None)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("file", FILES)
def test_a_transcoded_copy_has_the_same_pixels_and_attributes(file: str, name: str, tmp_path: Path) -> None:
    source, path = bundled(file), tmp_path / "copy.dcm"
    copied(source, path, name)
    before, after = pydicom.dcmread(source), pydicom.dcmread(path)
    assert after.file_meta.TransferSyntaxUID == encodable(name).uid
    if name in WITHOUT_ORACLE:
        frames, originals = Frames(read_instance(path)), Frames(read_instance(source))
        assert frames.count == originals.count
        for number in range(1, frames.count + 1):
            np.testing.assert_array_equal(frames.stored(number), originals.stored(number))
    else:
        new = pixel_array(after, raw=after.PhotometricInterpretation != "YBR_RCT")
        np.testing.assert_array_equal(new, pixel_array(before, raw=True))
    changed = {"PhotometricInterpretation", "PlanarConfiguration", "HighBit", "PixelData"}
    for element in before:
        if element.keyword not in changed and element.tag.element:
            swapped = name == "big-endian" and element.VR == "OW"  # pydicom leaves words as they stand
            value = after[element.tag].value
            assert (
                np.frombuffer(value, ">u2").astype("<u2").tobytes() if swapped else value
            ) == element.value
    assert len(after) == len([element for element in before if element.tag.element])


@pytest.mark.parametrize(
    ("name", "program"), [("rle", "dcmdrle"), ("jpeg-ls", "dcmdjpls"), ("jpeg", "dcmdjpeg")]
)
@pytest.mark.parametrize("file", ["CT_small.dcm", "SC_rgb_rle_2frame.dcm"])
def test_dcmtk_decodes_a_transcoded_copy(file: str, name: str, program: str, tmp_path: Path) -> None:
    if shutil.which(program) is None:
        pytest.skip(f"{program} of dcmtk is not installed")
    path, back = tmp_path / "copy.dcm", tmp_path / "back.dcm"
    copied(bundled(file), path, name)
    subprocess.run([program, path, back], check=True, capture_output=True)
    np.testing.assert_array_equal(pixel_array(back, raw=True), pixel_array(bundled(file), raw=True))


@pytest.mark.parametrize(
    "file", ["CT_small.dcm", "image_dfl.dcm", "no_meta.dcm", "rtplan.dcm", "JPEG2000.dcm"]
)
def test_a_copy_is_the_same_bytes(file: str, tmp_path: Path) -> None:
    try:
        assert copied(bundled(file), tmp_path / "copy.dcm", None) == ()
    except DicomTuiError:
        assert file == "no_meta.dcm"
        return
    assert (tmp_path / "copy.dcm").read_bytes() == Path(bundled(file)).read_bytes()


def test_a_copy_in_the_syntax_that_it_has_is_the_same_bytes(tmp_path: Path) -> None:
    copied(bundled("MR_small_RLE.dcm"), tmp_path / "copy.dcm", "rle")
    assert (tmp_path / "copy.dcm").read_bytes() == Path(bundled("MR_small_RLE.dcm")).read_bytes()


def test_what_has_no_pixel_data_becomes_explicit_instead_of_compressed(tmp_path: Path) -> None:
    (note,) = copied(bundled("rtplan.dcm"), tmp_path / "copy.dcm", "jpeg-ls")
    assert "Explicit VR Little Endian" in note
    after = pydicom.dcmread(tmp_path / "copy.dcm")
    assert after.file_meta.TransferSyntaxUID == encodable("explicit").uid
    assert after == pydicom.dcmread(bundled("rtplan.dcm"))


def test_a_lossy_source_keeps_saying_so(tmp_path: Path) -> None:
    source = bundled("SC_rgb_jpeg_dcmtk.dcm")
    copied(source, tmp_path / "copy.dcm", "explicit")
    after = pydicom.dcmread(tmp_path / "copy.dcm")
    assert after.get("LossyImageCompression") == pydicom.dcmread(source).get("LossyImageCompression")
    assert after.PhotometricInterpretation in ("RGB", "YBR_FULL")
