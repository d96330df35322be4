"""Display values are those of dcmtk's dcm2pnm, to one level: the whole chain by another hand."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

import data_store
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from PIL import Image

from dicomtui.dataset.reading import Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.rendering import Frame, Rendering, default_window, display
from dicomtui.imaging.voi_lut import VoiLut
from dicomtui.imaging.window import Window
from tests.corpus_parts import PARTS, files_of
from tests.imaging.made_frames import BIG, EXPLICIT, description, native
from tests.imaging.test_frames import files_with_pixel_data

BUNDLED = Path(pydicom.__file__).parent / "data"
MORE = Path(data_store.__file__).parent
needs_dcmtk = pytest.mark.skipif(
    not shutil.which("dcmj2pnm"), reason="dcmtk is not installed: nothing else draws whole pictures"
)

DIFFERS = {
    "rtdose_expb.dcm": "it swaps 16-bit words of 32-bit values in big endian OW",
    "rtdose_expb_1frame.dcm": "it swaps 16-bit words of 32-bit values in big endian OW",
    "004.dcm": "it rounds modality values, which are fractions here, to whole numbers",
    "IM-0001-0170-0001.dcm": "it passes over the Rescale Slope in functional groups",
    "IM-0001-9600-0001.dcm": "it passes over the Rescale Slope in functional groups",
    "SC_rgb_jpeg_lossy_gdcm.dcm": "it believes Photometric Interpretation against the codestream",
    "1462fb2c_src__Microsoft.Health.Dicom.Core.UnitTests__Resources__layer1.dcm": "the same",
    "3ae719af_src__Microsoft.Health.Dicom.Tests.Common__TranscodingSamples__JPEGProcess2_4.dcm": "the same",
}
"""Files of which dcmtk makes another picture, and why."""


def tolerance(frame: Frame) -> int:
    """Return by how many levels pictures may differ: its conversion of YBR is off by two."""
    return 2 if frame.is_colour else 1


def drawn_by_dcmtk(
    path: Path, number: int, frame: Frame, voi: Window | VoiLut, folder: Path
) -> NDArray[Any] | None:
    """Return the picture that dcmtk draws through the same window; None where it cannot."""
    options: list[str] = []
    if isinstance(voi, VoiLut):
        options = ["+Wl", "1"]
    elif voi.function == "SIGMOID":
        options = ["+Ww", str(voi.center), str(voi.width), "+Wfs"]
    elif not frame.is_colour:  # the same ramp as a LINEAR window
        low, high = voi.limits
        options = ["+Ww", repr((low + high) / 2 + 0.5), repr(high - low + 1), "+Wfl"]
    made = folder / "drawn.pnm"
    made.unlink(missing_ok=True)
    command = ["dcmj2pnm", "--no-overlays", "--frame", str(number), *options, path, made]
    subprocess.run(command, capture_output=True, check=False, timeout=60)
    return np.asarray(Image.open(made)) if made.exists() else None


def compare(path: Path, instance: Instance, folder: Path) -> tuple[int, str]:
    """Compare the first, a middle and the last frame; return how many agree, and what does not."""
    agreed = 0
    rendering = Rendering(instance)
    for number in sorted({1, (rendering.frames + 1) // 2, rendering.frames}):
        frame = rendering.frame(number)
        voi, _ = default_window(frame, rendering.modality)
        expected = drawn_by_dcmtk(path, number, frame, voi, folder)
        if expected is None:
            continue
        shown = display(frame.values, voi, inverse=frame.inverse)
        if shown.shape != expected.shape:
            return agreed, f"frame {number} has the shape {shown.shape}, not {expected.shape}"
        difference = np.abs(shown.astype(int) - expected)
        if frame.padding is not None:  # which dcmtk draws
            difference[frame.padding] = 0
        if difference.max() > tolerance(frame):
            return agreed, f"frame {number} differs by {difference.max()}"
        agreed += 1
    return agreed, ""


def compare_all(folder: Path, scratch: Path, part: int | None = None) -> tuple[int, dict[str, str]]:
    agreed, wrong = 0, {}
    left_out = set() if part is None else {*folder.rglob("*")}.difference(files_of(folder, part))
    for path, instance in files_with_pixel_data(folder):
        if path in left_out or path.name in DIFFERS or "ICCProfile" in instance.dataset:
            continue
        try:
            count, why = compare(path, instance, scratch)
        except DecodeError:  # what is refused, and why, is in the tests of frames
            continue
        agreed += count
        if why:
            wrong[path.name] = why
    return agreed, wrong


@needs_dcmtk
@pytest.mark.parametrize(("folder", "enough"), [(BUNDLED, 70), (MORE, 25)], ids=["bundled", "pydicom-data"])
def test_files_look_as_dcmtk_draws_them(folder: Path, enough: int, tmp_path: Path) -> None:
    agreed, wrong = compare_all(folder, tmp_path)
    assert wrong == {}
    assert agreed > enough


@needs_dcmtk
@pytest.mark.corpus
@pytest.mark.parametrize("part", PARTS)
def test_many_vendors_files_look_as_dcmtk_draws_them(corpus: Path, part: int, tmp_path: Path) -> None:
    agreed, wrong = compare_all(corpus, tmp_path, part)
    assert wrong == {}
    assert agreed > 50


SIDE = 16
RAMP = np.arange(SIDE * SIDE, dtype=np.int64).reshape(SIDE, SIDE)
WINDOW = {"WindowCenter": "900", "WindowWidth": "1500"}
MADE: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
    "MONOCHROME1": (RAMP * 16, {"PhotometricInterpretation": "MONOCHROME1", **WINDOW}),
    "12 bits below an overlay": ((RAMP * 16) | ((RAMP & 1) << 13), {"BitsStored": 12, **WINDOW}),
    "12 bits above others": ((RAMP << 8) | 5, {"BitsStored": 12, "HighBit": 15, **WINDOW}),
    "signed 12 bits": (RAMP * 16 - 2048 & 0xFFF, {"BitsStored": 12, "PixelRepresentation": 1, **WINDOW}),
    "signed with overlay bits": (
        (RAMP * 16 - 2048 & 0xFFF) | 0x5000,
        {"BitsStored": 12, "PixelRepresentation": 1, **WINDOW},
    ),
    "a falling slope": (RAMP * 16, {"RescaleSlope": "-0.5", "RescaleIntercept": "1024", **WINDOW}),
    "SIGMOID": (RAMP * 16, {"VOILUTFunction": "SIGMOID", **WINDOW}),
    "a window of 1": (RAMP * 16, {"WindowCenter": "1024", "WindowWidth": "1"}),
    "two windows": (RAMP * 16, {"WindowCenter": ["900", "50"], "WindowWidth": ["1500", "10"]}),
    "the whole range": (RAMP * 257, {"WindowCenter": "32768", "WindowWidth": "65536"}),
}
"""Stored words of 16 bits, and the attributes that say what they mean."""


@needs_dcmtk
@pytest.mark.parametrize("uid", [EXPLICIT, BIG])
@pytest.mark.parametrize("name", MADE)
def test_grey_pictures_of_every_kind_look_as_dcmtk_draws_them(name: str, uid: str, tmp_path: Path) -> None:
    words, attributes = MADE[name]
    content = words.astype(">u2" if uid == BIG else "<u2").tobytes()
    instance = native(description(SIDE, SIDE, **attributes), content, uid)
    path = tmp_path / "made.dcm"
    path.write_bytes(instance.source.open().read())
    assert compare(path, instance, tmp_path) == (1, "")


@needs_dcmtk
@pytest.mark.parametrize("planar", [0, 1])
@pytest.mark.parametrize("photometric", ["RGB", "YBR_FULL"])
def test_colour_pictures_look_as_dcmtk_draws_them(photometric: str, planar: int, tmp_path: Path) -> None:
    rows, columns = 7, 5  # an odd number of bytes
    values = np.random.default_rng(3).integers(0, 256, (rows, columns, 3), np.uint8)
    content = np.moveaxis(values, -1, 0).tobytes() if planar else values.tobytes()
    dataset = description(
        rows, columns, 3, bits=8, PhotometricInterpretation=photometric, PlanarConfiguration=planar
    )
    instance = native(dataset, content + b"\0", EXPLICIT, "OB")
    path = tmp_path / "made.dcm"
    path.write_bytes(instance.source.open().read())
    assert compare(path, instance, tmp_path) == (1, "")
