"""Every Transfer Syntax of the table reads what its encoder wrote."""

import shutil
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom._uid_dict import UID_dictionary

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.codecs import CODECS, codec_for
from dicomtui.imaging.frames import Frames
from tests.imaging.made_codestreams import (
    COLUMNS,
    ENCODERS,
    ROOT,
    ROWS,
    as_bytes,
    described,
    picture,
)
from tests.imaging.made_frames import BIG, GE_PRIVATE, description, encapsulated, native

DELIVERED = {"YBR_FULL_422": "YBR_FULL", "YBR_RCT": "RGB", "YBR_ICT": "RGB", "XYB": "RGB"}
"""What a decoder makes of these; of all others it makes what they are."""
TOLERANCE = {
    **dict.fromkeys((f".4.{last}" for last in (*range(50, 57), 111)), 2),
    ".4.81": 1,
    "YBR_ICT": 2,
    "YBR_FULL_422": 6,
    "XYB": 12,
}
"""How far a lossy encoder may stray; halved chrominance is interpolated by the decoder."""
CLAIMS = [
    (codec.uid, photometric)
    for codec in CODECS.values()
    for photometric in codec.photometric
    if codec.decode is not None and codec.uid.removeprefix(ROOT) in ENCODERS
]
NATIVE_CLAIMS = [
    (codec.uid, photometric)
    for codec in CODECS.values()
    if codec.is_native
    for photometric in codec.photometric
]


@pytest.mark.parametrize(("uid", "photometric"), CLAIMS)
def test_a_frame_of_each_syntax_and_colour_is_read(uid: str, photometric: str) -> None:
    values = picture(3 if photometric.startswith(("RGB", "YBR", "XYB")) else 1)
    if photometric == "YBR_FULL_422":  # each pair of pixels shares its chrominance
        values[:, 1::2, 1:] = values[:, ::2, 1:]
    suffix = uid.removeprefix(ROOT)
    codestream = ENCODERS[suffix](values, photometric)
    frame = Frames(encapsulated(described(photometric), [codestream], uid)).frame(1)
    native_form = suffix in (".1.98", ".8.1")
    tolerance = 0 if native_form else TOLERANCE.get(photometric, TOLERANCE.get(suffix, 0))
    difference = np.abs(frame.values.astype(int) - values)
    assert difference.max() <= tolerance
    assert frame.photometric == DELIVERED.get(photometric, photometric)
    assert frame.notes == ()


@pytest.mark.parametrize("bits", [8, 12])
@pytest.mark.parametrize(("uid", "photometric"), NATIVE_CLAIMS)
def test_native_frames_of_each_syntax_and_colour_are_read(uid: str, photometric: str, bits: int) -> None:
    values = picture(3 if photometric.startswith(("RGB", "YBR")) else 1, bits)
    if photometric == "YBR_FULL_422":
        values[:, 1::2, 1:] = values[:, ::2, 1:]
    big = uid in (BIG, GE_PRIVATE)
    written = np.frombuffer(as_bytes(values, photometric), values.dtype)
    if bits == 8 and uid == GE_PRIVATE:  # without a VR it is OW: pairs of bytes are words
        written = written.view("<u2")
    content = written.astype(written.dtype.newbyteorder(">" if big else "<")).tobytes()
    vr = "OB" if bits == 8 else "OW"
    frame = Frames(native(described(photometric, bits), content, uid, vr)).frame(1)
    np.testing.assert_array_equal(frame.values, values)
    assert frame.photometric == DELIVERED.get(photometric, photometric)
    assert frame.notes == ()


LOSSLESS_16 = [
    (".4.57", lambda values, bits: imagecodecs.jpeg8_encode(values, lossless=True, bitspersample=bits)),
    (".4.80", lambda values, _: imagecodecs.jpegls_encode(values)),
    (".4.90", lambda values, bits: imagecodecs.jpeg2k_encode(values, level=0, bitspersample=bits)),
    (".4.201", lambda values, _: imagecodecs.htj2k_encode(values, reversible=True)),
    (".4.110", lambda values, bits: imagecodecs.jpegxl_encode(values, lossless=True, bitspersample=bits)),
]


@pytest.mark.parametrize(("suffix", "encode"), LOSSLESS_16, ids=[suffix for suffix, _ in LOSSLESS_16])
@pytest.mark.parametrize("bits", [10, 12, 16])
@pytest.mark.parametrize("signed", [False, True])
def test_several_frames_of_more_than_8_bits_come_back_exactly(
    suffix: str, encode: Callable[[np.ndarray, int], bytes], bits: int, signed: bool
) -> None:
    """A codestream that knows no sign holds the bits of a signed value."""
    stack = [np.roll(picture(bits=bits), shift, axis=0) for shift in range(3)]
    expected = [values.astype(np.int32) - (signed << bits - 1) for values in stack]
    written = [(values & (1 << bits) - 1).astype(np.uint16) for values in expected]
    dataset = described("MONOCHROME2", bits, frames=3, PixelRepresentation=int(signed))
    frames = Frames(encapsulated(dataset, [encode(words, bits) for words in written], ROOT + suffix))
    for number in (3, 1, 2):
        stored = frames.stored(number)
        assert stored.dtype == (np.int16 if signed else np.uint16)
        np.testing.assert_array_equal(stored, expected[number - 1])


@pytest.mark.parametrize("lossless_transform", [True, False])
def test_signed_jpeg_2000_comes_back(lossless_transform: bool) -> None:
    values = picture(bits=12).astype(np.int16) - 2048
    codestream = imagecodecs.jpeg2k_encode(values, level=0, reversible=lossless_transform, bitspersample=12)
    dataset = described("MONOCHROME2", 12, PixelRepresentation=1)
    frames = Frames(encapsulated(dataset, [codestream], f"{ROOT}.4.91"))
    assert np.abs(frames.stored(1).astype(int) - values).max() <= (0 if lossless_transform else 2)
    assert frames.notes == ()


def test_extended_jpeg_has_12_bits() -> None:
    values = picture(bits=12)
    codestream = imagecodecs.jpeg8_encode(values, 100, bitspersample=12)
    stored = Frames(encapsulated(described("MONOCHROME2", 12), [codestream], f"{ROOT}.4.51")).stored(1)
    assert np.abs(stored.astype(int) - values).max() <= 2


def test_single_bit_frames_are_packed_before_they_are_deflated() -> None:
    masks = [(picture() > level).astype(np.uint8) for level in (60, 120, 180)]
    deflaters = [zlib.compressobj(wbits=-15) for _ in masks]
    codestreams = [
        deflater.compress(np.packbits(mask.ravel(), bitorder="little").tobytes()) + deflater.flush()
        for deflater, mask in zip(deflaters, masks, strict=True)
    ]
    dataset = description(ROWS, COLUMNS, bits=1, NumberOfFrames="3")
    frames = Frames(encapsulated(dataset, codestreams, f"{ROOT}.8.1"))
    for number, mask in enumerate(masks, 1):
        np.testing.assert_array_equal(frames.stored(number), mask)


@pytest.mark.parametrize(("option", "uid"), [("+es", ".4.53"), ("+ep", ".4.55"), ("+ee", ".4.51")])
@pytest.mark.parametrize(("photometric", "bits"), [("MONOCHROME2", 8), ("MONOCHROME2", 12), ("RGB", 8)])
def test_jpeg_processes_that_dcmtk_writes_are_read_as_dcmtk_reads_them(
    option: str, uid: str, photometric: str, bits: int, tmp_path: Path
) -> None:
    if not shutil.which("dcmcjpeg"):
        pytest.skip("dcmtk is not installed: no encoder for the retired JPEG processes")
    values = picture(3 if photometric == "RGB" else 1, bits)
    source, coded, decoded = (tmp_path / name for name in ("plain.dcm", "coded.dcm", "decoded.dcm"))
    source.write_bytes(
        native(described(photometric, bits), as_bytes(values, photometric)).source.open().read()
    )
    subprocess.run(["dcmcjpeg", option, "+q", "95", source, coded], check=True, capture_output=True)
    subprocess.run(["dcmdjpeg", "+cn", coded, decoded], check=True, capture_output=True)
    instance = read_instance(coded)
    assert instance.transfer_syntax == ROOT + uid
    np.testing.assert_array_equal(Frames(instance).stored(1), Frames(read_instance(decoded)).stored(1))


@pytest.mark.parametrize("suffix", [".4.52", ".4.53", ".4.54", ".4.55", ".4.56"])
def test_retired_jpeg_holds_the_same_samples_as_baseline(suffix: str) -> None:
    values = picture(3)
    frames = [
        Frames(encapsulated(described("YBR_FULL"), [ENCODERS[one](values, "YBR_FULL")], ROOT + one))
        for one in (".4.50", suffix)
    ]
    np.testing.assert_array_equal(frames[1].stored(1), frames[0].stored(1))


@pytest.mark.parametrize("uid", [codec.uid for codec in CODECS.values() if codec.extra])
def test_video_names_the_extra_that_decodes_it(uid: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    frames = Frames(encapsulated(described("YBR_FULL_422", frames=20), [b"\0\0\1\xba" * 50], uid))
    with pytest.raises(DecodeError, match=r"pip install 'dicomtui\[video\]'"):
        frames.stored(1)


@pytest.mark.parametrize("uid", ["1.3.46.670589.33.1.4.1", "1.2.840.10008.1.2.4.94", "1.2"])
def test_an_unknown_syntax_is_named(uid: str) -> None:
    with pytest.raises(DecodeError, match=rf"made.dcm: Transfer Syntax UID \(0002,0010\) is {uid}"):
        Frames(encapsulated(described("RGB"), [b"\0" * 10], uid))


def test_every_name_is_that_of_the_standard() -> None:
    for uid, codec in CODECS.items():
        assert codec is codec_for(uid)
        if uid in UID_dictionary:
            assert codec.name == UID_dictionary[uid][0]
        else:
            assert codec.name
