"""What a frame costs: beside pydicom's own path for each syntax, and beside reading its bytes."""

import os
import subprocess
import sys
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom import dcmread
from pydicom.pixels import get_encoder, pixel_array
from pydicom.uid import RLELossless

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.dataset.source import MemorySource
from dicomtui.imaging import codec_process
from dicomtui.imaging.codecs import CODECS
from dicomtui.imaging.frames import Frames
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.imaging.made_frames import EXPLICIT, description, encapsulated, native

ROOT = "1.2.840.10008.1.2"
SIDE = 512
LARGE = 4096
"""Frames of the large file: 2 GiB."""
MANY = 1000

_PEAK = r"""
import re, sys
from pathlib import Path
from dicomtui.dataset.reading import read_instance
from dicomtui.imaging.frames import Frames
def kilobytes(field):
    return int(re.search(field + r":\s+(\d+)", Path("/proc/self/status").read_text())[1])
path, number = sys.argv[1], int(sys.argv[2])
Path("/proc/self/clear_refs").write_text("5")  # forget the peak of the imports
idle = kilobytes("VmRSS")
Frames(read_instance(path)).stored(number)
print(kilobytes("VmHWM") - idle)
"""


def picture(bits: int = 12, samples: int = 1, side: int = SIDE) -> np.ndarray:
    """Return something like a CT slice: smooth, with noise in the lowest bits."""
    y, x = np.mgrid[0:side, 0:side]
    noise = np.random.default_rng(0).integers(0, 1 << bits - 7, (side, side, samples))
    smooth = (1 << bits - 1) * (1 + 0.9 * np.sin(x / 40) * np.cos(y / 30))
    values = (smooth[..., None] + noise).astype(np.uint8 if bits == 8 else np.uint16)
    return values[..., 0] if samples == 1 else values


def as_j2k(values: np.ndarray, level: int) -> bytes:
    return imagecodecs.jpeg2k_encode(values, level=level, codecformat="j2k", bitspersample=12)


def as_rle(values: np.ndarray) -> bytes:
    return get_encoder(RLELossless).encode(
        values,
        rows=values.shape[0],
        columns=values.shape[1],
        samples_per_pixel=1,
        bits_allocated=16,
        bits_stored=16,
        pixel_representation=0,
        photometric_interpretation="MONOCHROME2",
        number_of_frames=1,
    )


CT = picture()
GREY = picture(8)
COLOUR = picture(8, 3)
ENCODED = {
    "native": (EXPLICIT, CT, CT.tobytes()),
    "RLE": (".5", CT, as_rle(CT)),
    "JPEG 50": (".4.50", GREY, imagecodecs.jpeg8_encode(GREY, 90)),
    "JPEG 50 colour": (".4.50", COLOUR, imagecodecs.jpeg8_encode(COLOUR, 90, subsampling="422")),
    "JPEG 51 12 bits": (".4.51", CT, imagecodecs.jpeg8_encode(CT, 90, bitspersample=12)),
    "JPEG 57": (".4.57", CT, imagecodecs.jpeg8_encode(CT, lossless=True, predictor=6, bitspersample=12)),
    "JPEG 70": (".4.70", CT, imagecodecs.jpeg8_encode(CT, lossless=True, predictor=1, bitspersample=12)),
    "JPEG-LS 80": (".4.80", CT, imagecodecs.jpegls_encode(CT)),
    "JPEG-LS 81": (".4.81", CT, imagecodecs.jpegls_encode(CT, level=2)),
    "JPEG 2000 90": (
        ".4.90",
        CT,
        as_j2k(CT, 0),
    ),
    "JPEG 2000 91": (
        ".4.91",
        CT,
        as_j2k(CT, 50),
    ),
    "HTJ2K 201": (".4.201", CT, imagecodecs.htj2k_encode(CT, reversible=True)),
    "HTJ2K 203": (".4.203", CT, imagecodecs.htj2k_encode(CT, reversible=False, level=0.001)),
    "JPEG XL 110": (".4.110", CT, imagecodecs.jpegxl_encode(CT, lossless=True, bitspersample=12)),
    "Deflated frame": (".8.1", CT, imagecodecs.deflate_encode(CT.tobytes(), raw=True)),
}


def written(path: Path, instance: Instance) -> Path:
    assert isinstance(instance.source, MemorySource)
    path.write_bytes(instance.source.content)
    return path


def encoded_file(path: Path, uid: str, values: np.ndarray, codestream: bytes, frames: int = 1) -> Path:
    rows, columns, *samples = values.shape
    bits = values.itemsize * 8
    dataset = description(
        rows, columns, *samples, bits=bits, BitsStored=min(bits, 12), NumberOfFrames=str(frames)
    )
    if samples:
        dataset.PhotometricInterpretation = "YBR_FULL_422"
    if uid == EXPLICIT:
        return written(path, native(dataset, codestream))
    return written(path, encapsulated(dataset, [codestream] * frames, ROOT + uid))


@pytest.mark.parametrize("what", ENCODED)
def test_a_decoded_frame_beside_pydicoms(what: str, report: Report, tmp_path: Path) -> None:
    uid, values, codestream = ENCODED[what]
    full = uid if uid == EXPLICIT else ROOT + uid
    path = encoded_file(tmp_path / "one.dcm", uid, values, codestream)
    frames = Frames(read_instance(path))
    frames.stored(1)
    try:
        pixel_array(path, index=0, raw=True)
    except Exception as error:  # noqa: BLE001  it lacks decoders, and raises anything
        pytest.skip(f"pydicom does not decode {CODECS[full]} here: {str(error).splitlines()[0]}")
    dataset = dcmread(path)  # in memory: it pays nothing for the file, ours opens it again
    ours, theirs = medians(
        lambda: frames.stored(1), lambda: pixel_array(dataset, index=0, raw=True), rounds=15
    )
    report(f"{what}, {SIDE} x {SIDE}: a frame beside pydicom's, which has its bytes in memory", ours / theirs)
    ours, theirs = medians(
        lambda: Frames(read_instance(path)).stored(1), lambda: pixel_array(path, index=0, raw=True), rounds=15
    )
    report(f"{what}, {SIDE} x {SIDE}: from a path to the frame, beside pydicom", ours / theirs)


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A sparse file of native frames."""
    path = tmp_path / "large.dcm"
    empty = native(description(SIDE, SIDE, NumberOfFrames=str(LARGE)), b"")
    assert isinstance(empty.source, MemorySource)
    length = LARGE * SIDE * SIDE * 2
    with path.open("wb") as file:
        file.write(empty.source.content[:-4] + (length & 0xFFFFFFFF).to_bytes(4, "little"))
        file.truncate(file.tell() + length)
    return path


@pytest.mark.parametrize("number", [1, LARGE])
def test_a_frame_of_2_gigabytes_beside_reading_its_bytes(number: int, report: Report, large: Path) -> None:
    instance = read_instance(large)
    frames = Frames(instance)
    assert instance.pixel_data is not None
    length = SIDE * SIDE * 2
    offset = instance.pixel_data.offset + (number - 1) * length

    def pread() -> bytes:
        descriptor = os.open(large, os.O_RDONLY)
        try:
            return os.pread(descriptor, length, offset)
        finally:
            os.close(descriptor)

    def by_pydicom() -> object:
        return pixel_array(large, index=number - 1, raw=True)

    # apart from each other: after pydicom the allocator is cold for whoever comes next
    ours, plain = medians(lambda: frames.stored(number), pread, rounds=31)
    report(f"native 2 GiB, frame {number}: beside opening the file and reading its bytes", ours / plain)
    ours, theirs = medians(lambda: frames.stored(number), by_pydicom, rounds=31)
    report(f"native 2 GiB, frame {number}: beside pydicom from the path", ours / theirs)


@pytest.mark.parametrize("what", ["RLE", "JPEG 2000 90"])
@pytest.mark.parametrize("table", [True, False], ids=["with a table", "without a table"])
def test_the_last_of_1000_frames_beside_pydicoms(
    what: str, table: bool, report: Report, tmp_path: Path
) -> None:
    uid, values, codestream = ENCODED[what]
    dataset = description(*values.shape, BitsStored=12, NumberOfFrames=str(MANY))
    path = written(tmp_path / "many.dcm", encapsulated(dataset, [codestream] * MANY, ROOT + uid, basic=table))
    frames = Frames(read_instance(path))
    single = Frames(read_instance(encoded_file(tmp_path / "one.dcm", uid, values, codestream)))
    last, opened, one, theirs = medians(
        lambda: frames.stored(MANY),
        lambda: Frames(read_instance(path)).stored(MANY),
        lambda: single.stored(1),
        lambda: pixel_array(path, index=MANY - 1, raw=True),
        rounds=9,
    )
    name = f"{what}, frame {MANY} of {MANY} {'with' if table else 'without'} an offset table"
    report(f"{name}: beside the only frame of a file", last / one)
    report(f"{name}: from the path, beside pydicom", opened / theirs)


def test_peak_memory_of_the_last_frame(report: Report, large: Path, tmp_path: Path) -> None:
    uid, values, codestream = ENCODED["RLE"]
    many = encoded_file(tmp_path / "many.dcm", uid, values, codestream, MANY)
    for name, path, number in (("native 2 GiB", large, LARGE), (f"RLE, {MANY} frames", many, MANY)):
        command = [sys.executable, "-c", _PEAK, path, str(number)]
        kilobytes = int(subprocess.run(command, capture_output=True, check=True, text=True).stdout)
        report(f"{name}: MiB at peak over idle for the last frame", kilobytes / 1024)


CODESTREAMS = [what for what in ENCODED if what.startswith(("JPEG", "HTJ2K"))]


@pytest.mark.parametrize("what", CODESTREAMS)
def test_a_codec_in_a_process_of_its_own_beside_the_same_in_this_one(
    what: str, report: Report, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    uid, values, codestream = ENCODED[what]
    frames = Frames(read_instance(encoded_file(tmp_path / "one.dcm", uid, values, codestream)))

    def here() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(codec_process, "parent_process", lambda: "a pool")
            frames.stored(1)

    apart, direct = medians(lambda: frames.stored(1), here, rounds=31)
    report(f"{what}, {SIDE} x {SIDE}: apart / in the process itself", apart / direct)
