"""Frames made in memory and written by an encoder for each Transfer Syntax that has one."""

import re
import shutil
import subprocess
import zlib
from collections.abc import Callable
from functools import partial
from tempfile import NamedTemporaryFile
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom.pixels import get_encoder
from pydicom.uid import RLELossless

from tests.imaging.made_frames import description

ROOT = "1.2.840.10008.1.2"
ROWS, COLUMNS = 37, 46


def picture(samples: int = 1, bits: int = 8) -> np.ndarray:
    """Return a smooth picture that fills its range; chrominance changes slowly."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS]
    top = (1 << bits) - 1
    planes = [
        (0.5 + 0.5 * np.cos(x / (9 + 4 * plane)) * np.cos(y / (7 + 4 * plane))) * top
        for plane in range(samples)
    ]
    values = np.stack(planes, -1).round().astype(np.uint8 if bits == 8 else np.uint16)
    return values[..., 0] if samples == 1 else values


def described(photometric: str, bits: int = 8, frames: int = 1, **attributes: Any) -> Any:
    samples = 3 if photometric.startswith(("RGB", "YBR", "XYB")) else 1
    return description(
        ROWS,
        COLUMNS,
        samples,
        bits=8 if bits == 8 else 16,
        BitsStored=bits,
        PhotometricInterpretation=photometric,
        NumberOfFrames=str(frames),
        **attributes,
    )


def as_jpeg(values: np.ndarray, photometric: str, **options: Any) -> bytes:
    """Encode components as they are."""
    if values.ndim == 2:
        return imagecodecs.jpeg8_encode(values, 100, **options)
    space = "RGB" if photometric == "RGB" else "YCBCR"
    sampling = "422" if photometric == "YBR_FULL_422" else "444"
    return imagecodecs.jpeg8_encode(
        values, 100, colorspace=space, outcolorspace=space, subsampling=sampling, **options
    )


def as_lossless_jpeg(values: np.ndarray, _: str, predictor: int) -> bytes:
    """Encode components as they are, without a word about their colour."""
    space = "UNKNOWN" if values.ndim == 3 else None
    return imagecodecs.jpeg8_encode(
        values, colorspace=space, outcolorspace=space, lossless=True, predictor=predictor
    )


def as_rle(values: np.ndarray, photometric: str) -> bytes:
    return get_encoder(RLELossless).encode(
        values,
        rows=ROWS,
        columns=COLUMNS,
        samples_per_pixel=1 if values.ndim == 2 else 3,
        bits_allocated=8,
        bits_stored=8,
        pixel_representation=0,
        photometric_interpretation=photometric,
        planar_configuration=0,
        number_of_frames=1,
    )


def as_j2k(values: np.ndarray, photometric: str) -> bytes:
    return imagecodecs.jpeg2k_encode(
        values,
        level=0,
        reversible=photometric != "YBR_ICT",
        codecformat="j2k",
        mct=photometric in ("YBR_RCT", "YBR_ICT"),
    )


def as_htj2k(values: np.ndarray, photometric: str) -> bytes:
    in_colour = photometric in ("YBR_RCT", "YBR_ICT")
    return imagecodecs.htj2k_encode(values, reversible=photometric != "YBR_ICT", rgb=in_colour)


def as_jxl(values: np.ndarray, photometric: str) -> bytes:
    if photometric == "XYB":
        return imagecodecs.jpegxl_encode(values, distance=0.3, lossless=False)
    return imagecodecs.jpegxl_encode(values, lossless=True)


SPECTRAL_SELECTION = "{all}: 0-0, 0, 0; " + "".join(f"{{each}}: {band}, 0, 0; " for band in ("1-5", "6-63"))
"""Scans that divide the coefficients by frequency alone, as processes 6 to 9 do."""


def as_other_jpeg(values: np.ndarray, photometric: str, start_of_frame: int, *options: str) -> bytes:
    """Code the coefficients of Baseline JPEG by another process."""
    if not shutil.which("jpegtran"):
        pytest.skip("jpegtran is not installed: no encoder for the retired JPEG processes")
    components = "012"[: 1 if values.ndim == 2 else 3]
    first, *rest = SPECTRAL_SELECTION.split("; ")
    scans = [first.format(all=",".join(components))]
    scans += [scan.format(each=one) for scan in rest for one in components if scan]
    with NamedTemporaryFile("w", suffix=".txt") as script:
        script.write("; ".join(scans) + ";")
        script.flush()
        command = ["jpegtran", "-copy", "all", *(part.replace("SCRIPT", script.name) for part in options)]
        done = subprocess.run(command, input=as_jpeg(values, photometric), capture_output=True, check=True)
    found = re.search(rb"\xff([\xc0-\xc3\xc5-\xc7\xc9-\xcb\xcd-\xcf])\0[\x0b\x11]\x08", done.stdout)
    assert found is not None
    assert found[1][0] == start_of_frame  # the process that the Transfer Syntax is named for
    return done.stdout


def halved(values: np.ndarray) -> bytes:
    """Write Y1 Y2 Cb Cr for each pair of pixels."""
    pairs = values.reshape(ROWS, COLUMNS // 2, 2, 3)
    return np.concatenate([pairs[..., 0], pairs[..., 0, 1:]], axis=-1).tobytes()


def as_bytes(values: np.ndarray, photometric: str) -> bytes:
    return halved(values) if photometric == "YBR_FULL_422" else values.tobytes()


def deflated(values: np.ndarray, photometric: str) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return deflater.compress(as_bytes(values, photometric)) + deflater.flush()


ENCODERS: dict[str, Callable[[np.ndarray, str], bytes]] = {
    ".1.98": as_bytes,
    ".8.1": deflated,
    ".5": as_rle,
    ".4.50": as_jpeg,
    ".4.51": as_jpeg,
    ".4.52": lambda values, colour: as_other_jpeg(values, colour, 0xC9, "-arithmetic"),
    ".4.53": lambda values, colour: as_other_jpeg(values, colour, 0xC2, "-scans", "SCRIPT"),
    ".4.54": lambda values, colour: as_other_jpeg(values, colour, 0xCA, "-arithmetic", "-scans", "SCRIPT"),
    ".4.55": lambda values, colour: as_other_jpeg(values, colour, 0xC2, "-progressive"),
    ".4.56": lambda values, colour: as_other_jpeg(values, colour, 0xCA, "-arithmetic", "-progressive"),
    ".4.57": partial(as_lossless_jpeg, predictor=6),
    ".4.70": partial(as_lossless_jpeg, predictor=1),
    ".4.80": lambda values, _: imagecodecs.jpegls_encode(values),
    ".4.81": lambda values, _: imagecodecs.jpegls_encode(values, level=1),
    **dict.fromkeys((".4.90", ".4.91", ".4.92", ".4.93"), as_j2k),
    **dict.fromkeys((".4.201", ".4.202", ".4.203"), as_htj2k),
    **dict.fromkeys((".4.110", ".4.112"), as_jxl),
    ".4.111": lambda values, colour: imagecodecs.jpegxl_encode_jpeg(as_jpeg(values, colour)),
}
"""What writes a frame of each Transfer Syntax."""
