"""Frames arrive in another Transfer Syntax as they were, as other decoders see it too."""

import io
import shutil
import subprocess
from pathlib import Path

import imagecodecs
import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array as decoded_by_pydicom
from pydicom.uid import UID

from dicomtui.dataset.file_writing import write_file
from dicomtui.dataset.reading import Instance, read_instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.imaging.codestream import read_header
from dicomtui.imaging.encoders import ENCODABLE, EncodeError, encodable, encoder_for
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.image_pixel import ImagePixel
from dicomtui.imaging.transcoding import Transcoding
from tests.imaging.made_frames import description, native

SOURCES = ("CT_small.dcm", "MR_small_RLE.dcm", "SC_rgb_rle.dcm", "emri_small_jpeg_ls_lossless.dcm")


def opened(name: str) -> Instance:
    path = get_testdata_file(name, download=False)
    assert path is not None
    return read_instance(path)


def transcoded(instance: Instance, uid: str) -> bytes:
    transcoding = Transcoding(instance, uid)
    dataset = instance.dataset
    pixels = transcoding.pixels()
    for tag, element in transcoding.changes.items():
        dataset[tag] = element
    dataset.file_meta.TransferSyntaxUID = UID(uid)
    stream = io.BytesIO()
    write_file(stream, dataset, pixels)
    return stream.getvalue()


def stored(instance: Instance) -> np.ndarray:
    frames = Frames(instance)
    return np.stack([frames.stored(number) for number in range(1, frames.count + 1)])


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("uid", ENCODABLE)
def test_real_frames_arrive_as_they_were(name: str, uid: str) -> None:
    before = stored(opened(name))
    if "JPEG XL" in str(ENCODABLE[uid]) and opened(name).dataset.PixelRepresentation == 1:
        with pytest.raises(EncodeError, match="cannot hold signed values"):
            transcoded(opened(name), uid)
        return
    content = transcoded(opened(name), uid)
    new = read_source(MemorySource("new.dcm", content))
    assert new.transfer_syntax == uid
    np.testing.assert_array_equal(stored(new), before)
    assert Frames(new).notes == ()


DCMTK = {
    "rle": "dcmdrle",
    "jpeg": "dcmdjpeg",
    "jpeg-ls": "dcmdjpls",
    "deflated": "dcmconv",
    "big-endian": "dcmconv",
}


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("syntax", DCMTK)
def test_dcmtk_decodes_them_to_the_same(name: str, syntax: str, tmp_path: Path) -> None:
    program = DCMTK[syntax]
    if not shutil.which(program):
        pytest.skip(f"{program} of dcmtk is not installed")
    (tmp_path / "new.dcm").write_bytes(transcoded(opened(name), encodable(syntax).uid))
    options = ["+te"] if program == "dcmconv" else []
    command = [program, *options, "new.dcm", "plain.dcm"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, timeout=60)
    before = stored(opened(name))
    after = decoded_by_pydicom(tmp_path / "plain.dcm", raw=True).reshape(before.shape)
    np.testing.assert_array_equal(after, before)


@pytest.mark.parametrize("name", SOURCES)
@pytest.mark.parametrize("syntax", ["explicit", "implicit", "rle", "jpeg-2000"])
def test_pydicom_decodes_them_to_the_same(name: str, syntax: str) -> None:
    if syntax == "jpeg-2000" and name != "SC_rgb_rle.dcm":
        pytest.skip("pydicom decodes JPEG 2000 of 16 bits by plug-ins that are not installed")
    before = stored(opened(name))
    content = io.BytesIO(transcoded(opened(name), encodable(syntax).uid))
    np.testing.assert_array_equal(decoded_by_pydicom(content, raw=True).reshape(before.shape), before)


@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("bits", [5, 8, 10, 12, 16])
@pytest.mark.parametrize("syntax", ["jpeg-2000", "htj2k", "htj2k-rpcl"])
def test_the_codestream_says_bits_stored_and_sign_and_two_decoders_agree(
    syntax: str, bits: int, signed: bool
) -> None:
    pixel = ImagePixel(40, 70, 1, 1, 8 if bits <= 8 else 16, bits, bits - 1, signed, "MONOCHROME2", planar=0)
    low = -(1 << bits - 1) if signed else 0
    kind = f"{'i' if signed else 'u'}{pixel.bits_allocated // 8}"
    values = np.random.default_rng(bits).integers(low, low + (1 << bits), (40, 70)).astype(kind)
    codestream = encoder_for(encodable(syntax).uid, pixel)(values)
    header = read_header(codestream)
    assert (header.bits, header.signed) == (bits, signed)
    np.testing.assert_array_equal(imagecodecs.jpeg2k_decode(codestream), values)  # OpenJPEG
    if syntax != "jpeg-2000":
        np.testing.assert_array_equal(imagecodecs.htj2k_decode(codestream), values)  # OpenJPH


def test_rpcl_has_its_order_its_lengths_and_a_thumbnail() -> None:
    """PS3.5 10.18: RPCL, TLM marker segments, a base resolution of at most 64 pixels."""
    pixel = ImagePixel(600, 513, 1, 1, 16, 12, 11, signed=False, photometric="MONOCHROME2", planar=0)
    codestream = encoder_for(encodable("htj2k-rpcl").uid, pixel)(np.zeros((600, 513), np.uint16))
    segments, at = {}, 2
    while codestream[at : at + 2] != b"\xff\x90":
        length = int.from_bytes(codestream[at + 2 : at + 4], "big")
        segments[codestream[at : at + 2]] = codestream[at + 4 : at + 2 + length]
        at += 2 + length
    coding_style = segments[b"\xff\x52"]
    assert coding_style[1] == 2  # RPCL, ISO/IEC 15444-1 Table A.16
    assert -(-600 // 2 ** coding_style[5]) <= 64
    assert b"\xff\x55" in segments


def test_rows_are_runs_of_their_own_in_rle() -> None:
    """PS3.5 G.3.1; two equal rows are two equal runs."""
    pixel = ImagePixel(2, 100, 1, 1, 8, 8, 7, signed=False, photometric="MONOCHROME2", planar=0)
    encoded = encoder_for(encodable("rle").uid, pixel)(np.full((2, 100), 9, np.uint8))
    assert encoded[64:] == bytes([257 - 100, 9]) * 2


def test_overlays_in_unused_bits_stay_where_words_are_stored_and_are_never_lost_silently() -> None:
    words = np.random.default_rng(3).integers(0, 1 << 16, (4, 4), dtype=np.uint16)
    dataset = description(4, 4, BitsStored=12)
    dataset.add_new(0x60000100, "US", 16)
    dataset.add_new(0x60000102, "US", 13)
    instance = native(dataset, words.tobytes())
    with pytest.raises(EncodeError, match=r"\(6000,0102\)"):
        Transcoding(instance, encodable("jpeg-ls").uid)
    new = read_source(MemorySource("new.dcm", transcoded(instance, encodable("rle").uid)))
    np.testing.assert_array_equal(Frames(new).words(1), words)


def test_the_data_set_is_told_what_has_changed() -> None:
    values = np.arange(48, dtype="<u2").reshape(4, 4, 3)
    shifted = native(description(4, 4, 3, BitsStored=12, HighBit=15), (values << 4).tobytes())
    changes = Transcoding(shifted, encodable("jpeg-2000").uid).changes
    found = {element.keyword: element.value for element in changes.values()}
    assert found == {"PhotometricInterpretation": "YBR_RCT", "HighBit": 11}
    assert Transcoding(shifted, encodable("implicit").uid).changes == {}
