"""Stored values of real files are those of independent decoders, bit for bit."""

import shutil
import subprocess
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import data_store
import numpy as np
import pydicom
import pytest
from numpy.typing import NDArray
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import DecodeError, ReadError
from dicomtui.imaging.frames import Frames
from tests.imaging.made_frames import EXPLICIT, description, native

BUNDLED = Path(pydicom.__file__).parent / "data"
MORE = Path(data_store.__file__).parent
ROOT = "1.2.840.10008.1.2"

DCMTK = {
    **dict.fromkeys((".4.50", ".4.51", ".4.53", ".4.55", ".4.57", ".4.70"), ("dcmdjpeg", "+cn")),
    **dict.fromkeys((".4.80", ".4.81"), ("dcmdjpls",)),
    ".5": ("dcmdrle",),
    **dict.fromkeys((".1.99", ".2"), ("dcmconv", "+te")),
}
"""The tool that makes native pixel data of a Transfer Syntax without converting colour."""

DCMTK_CANNOT = {
    "SC_rgb_jpeg.dcm": "a data set in another encoding than its Transfer Syntax says",
    "JLSL_08_07_0_1F.dcm": "7 bits in JPEG-LS",
    "liver_rle.dcm": "single bits in RLE",
    "rtdose_expb.dcm": "32-bit values in big endian OW: it swaps 16-bit words",
    "rtdose_expb_1frame.dcm": "32-bit values in big endian OW: it swaps 16-bit words",
}

REFUSED = {
    "JPEG2000-embedded-sequence-delimiter.dcm": "the tiles of the JPEG 2000 codestream",
    "meta_missing_tsyntax.dcm": "Rows (0028,0010) is missing",
    "nested_priv_SQ.dcm": "Rows (0028,0010) is missing",
    "d572ddad_tests__test_files__ambiguous_vr.dcm": "the pixel data has 2 bytes",
    "57df1074_tests__dicom__data__dose__RD.DICOMORIENT.Dose_FFP_empty.dcm": "the pixel data has 0 bytes",
}
"""Files that have pixel data but no picture, and what is said of them."""

Oracle = Callable[[Path, Instance, int], NDArray[Any] | None]
"""Gives a frame, from 1, as another decoder sees it; None where that decoder cannot."""


def files_with_pixel_data(folder: Path) -> Iterator[tuple[Path, Instance]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            try:
                instance = read_instance(path)
            except ReadError:
                continue
            if instance.pixel_data is not None:
                yield path, instance


def by_pydicom(path: Path, _: Instance, number: int) -> NDArray[Any] | None:
    try:
        return pixel_array(path, index=number - 1, raw=True)
    except Exception:  # noqa: BLE001  it lacks decoders, and raises anything
        return None


def by_dcmtk(folder: Path) -> Oracle:
    @cache
    def decoded(path: Path, command: tuple[str, ...]) -> Path | None:
        made = folder / "decoded.dcm"
        done = subprocess.run([*command, path, made], capture_output=True, check=False)
        return made if done.returncode == 0 else None

    def read(path: Path, instance: Instance, number: int) -> NDArray[Any] | None:
        command = DCMTK.get(instance.transfer_syntax.removeprefix(ROOT))
        if command is None or path.name in DCMTK_CANNOT:
            return None
        made = decoded(path, command)
        assert made is not None, f"{command[0]} cannot read {path.name}"
        return pixel_array(made, index=number - 1, raw=True)

    return read


def compare(folder: Path, oracle: Oracle) -> tuple[int, dict[str, str]]:
    """Compare the first and the last frame of each file; return how many agree, and what does not."""
    agreed, wrong = 0, {}
    for path, instance in files_with_pixel_data(folder):
        try:
            frames = Frames(instance)
            for number in sorted({1, frames.count}):
                stored = frames.stored(number)
                expected = oracle(path, instance, number)
                if expected is None:
                    continue
                if stored.shape == expected.shape and np.array_equal(stored, expected.astype(stored.dtype)):
                    agreed += 1
                else:
                    wrong[path.name] = f"frame {number} differs"
        except DecodeError as refusal:
            if REFUSED.get(path.name, "?") not in str(refusal):
                wrong[path.name] = str(refusal)
    return agreed, wrong


# Lossy JPEG agrees bit for bit too: all three use the same inverse transform and interpolation.


@pytest.mark.parametrize(("folder", "enough"), [(BUNDLED, 90), (MORE, 70)], ids=["bundled", "pydicom-data"])
def test_stored_values_are_pydicoms(folder: Path, enough: int) -> None:
    agreed, wrong = compare(folder, by_pydicom)
    assert wrong == {}
    assert agreed > enough


@pytest.mark.parametrize(("folder", "enough"), [(BUNDLED, 40), (MORE, 10)], ids=["bundled", "pydicom-data"])
def test_stored_values_are_dcmtks(folder: Path, enough: int, tmp_path: Path) -> None:
    if not shutil.which("dcmdjpeg"):
        pytest.skip("dcmtk is not installed: no second decoder for JPEG, JPEG-LS and RLE")
    agreed, wrong = compare(folder, by_dcmtk(tmp_path))
    assert wrong == {}
    assert agreed > enough


@pytest.mark.corpus
def test_stored_values_of_many_vendors_files_are_pydicoms(corpus: Path) -> None:
    agreed, wrong = compare(corpus, by_pydicom)
    assert wrong == {}
    assert agreed > 300


@pytest.mark.corpus
def test_stored_values_of_many_vendors_files_are_dcmtks(corpus: Path, tmp_path: Path) -> None:
    if not shutil.which("dcmdjpeg"):
        pytest.skip("dcmtk is not installed: no second decoder for JPEG, JPEG-LS and RLE")
    agreed, wrong = compare(corpus, by_dcmtk(tmp_path))
    assert wrong == {}
    assert agreed > 120


@pytest.mark.parametrize(
    ("encoded", "plain"),
    [
        ("rtdose_expb.dcm", "rtdose.dcm"),
        ("rtdose_rle.dcm", "rtdose.dcm"),
        ("liver_expb_1frame.dcm", "liver_1frame.dcm"),
        ("MR_small_jpeg_ls_lossless.dcm", "MR_small.dcm"),
        ("MR_small_jp2klossless.dcm", "MR_small.dcm"),
    ],
)
def test_the_same_picture_in_another_encoding_has_the_same_values(encoded: str, plain: str) -> None:
    one, other = (Frames(read_instance(get_testdata_file(name))) for name in (encoded, plain))
    assert one.count == other.count
    for number in range(1, one.count + 1):
        np.testing.assert_array_equal(one.stored(number), other.stored(number))


@pytest.mark.corpus
@pytest.mark.parametrize("name", ["liver_rle.dcm", "liver_deflate.dcm", "liver_j2k.dcm", "liver_expb.dcm"])
def test_single_bits_have_the_same_values_in_every_encoding(corpus: Path, name: str) -> None:
    folder = corpus / "pydicom__pydicom-data" / "data"
    one, other = Frames(read_instance(folder / name)), Frames(read_instance(folder / "liver.dcm"))
    for number in (1, 2, 3):
        np.testing.assert_array_equal(one.stored(number), other.stored(number))
        assert one.stored(number).dtype == np.uint8


@pytest.mark.corpus
def test_lossy_high_throughput_jpeg_2000_stays_near_the_lossless_one(corpus: Path) -> None:
    folder = corpus / "pydicom__pydicom-data" / "data"
    lossy, lossless = (
        Frames(read_instance(folder / name)).stored(1).astype(int)
        for name in ("HTJ2K_08_RGB.dcm", "HTJ2KLossless_08_RGB.dcm")
    )
    assert np.abs(lossy - lossless).max() <= 4


def test_an_instance_without_pixel_data_is_refused() -> None:
    with pytest.raises(DecodeError, match="there is no pixel data"):
        Frames(read_instance(get_testdata_file("rtplan.dcm")))


def test_a_truncated_file_is_shown_and_noted() -> None:
    frames = Frames(read_instance(get_testdata_file("MR_truncated.dcm")))
    whole = Frames(read_instance(get_testdata_file("MR_small.dcm"))).stored(1).ravel()
    stored = frames.stored(1).ravel()
    np.testing.assert_array_equal(stored[:4065], whole[:4065])
    assert not stored[4065:].any()
    assert frames.notes == ("frame 1 is cut: 8,130 of 8,192 bytes are there, the rest is 0",)


def test_a_hostile_name_stays_on_its_line() -> None:
    instance = native(description(4, 4, Rows=None), b"\0" * 32, EXPLICIT)
    instance.source.name = "a\x1b]0;x\nb.dcm"
    with pytest.raises(DecodeError) as refusal:
        Frames(instance)
    assert "\x1b" not in str(refusal.value)
    assert "\n" not in str(refusal.value)
