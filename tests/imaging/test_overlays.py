import re
from pathlib import Path
from typing import Any

import data_store
import imagecodecs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.tag import Tag

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import DecodeError, ReadError
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.overlays import FileOverlays, overlay_groups, overlays_of
from tests.imaging.made_frames import BIG, EXPLICIT, description, encapsulated, native

VRS = {
    0x10: "US",
    0x11: "US",
    0x15: "IS",
    0x22: "LO",
    0x40: "CS",
    0x50: "SS",
    0x51: "US",
    0x100: "US",
    0x102: "US",
    0x1500: "LO",
    0x3000: "OW",
}
JPEG_LOSSLESS, JPEG_BASELINE = "1.2.840.10008.1.2.4.70", "1.2.840.10008.1.2.4.51"


def packed(bits: NDArray[Any]) -> bytes:
    data = np.packbits(bits.ravel().astype(bool), bitorder="little").tobytes()
    return data + b"\0" * (len(data) % 2)


def add_overlay(dataset: Dataset, bits: NDArray[Any], group: int = 0x6000, **elements: Any) -> Dataset:
    """Add a plane; elements are given as ``x0050=[1, 1]``, None leaves one out."""
    rows, columns = bits.shape[-2:]
    written: dict[str, Any] = {
        "x0010": rows,
        "x0011": columns,
        "x0040": "G",
        "x0050": [1, 1],
        "x0100": 1,
        "x0102": 0,
        "x3000": packed(bits),
        **elements,
    }
    for name, value in written.items():
        element = int(name[1:], 16)
        if value is not None:
            dataset.add(DataElement(Tag(group, element), VRS[element], value))
    return dataset


def overlaid(
    bits: NDArray[Any], shape: tuple[int, int] = (8, 10), frames: int = 1, **elements: Any
) -> Instance:
    """Return an instance of 8 bits with one overlay plane."""
    many = {"NumberOfFrames": frames} if frames > 1 else {}
    dataset = add_overlay(description(*shape, bits=8, **many), bits, **elements)
    return native(dataset, bytes(shape[0] * shape[1] * frames), vr="OB")


def found_in(instance: Instance, number: int = 1) -> FileOverlays:
    return overlays_of(instance.dataset, Frames(instance), number)


def bundled(name: str) -> str:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return path


CHECKED = np.indices((8, 10)).sum(axis=0) % 3 == 0

# --- real files, beside pydicom ---


@pytest.mark.parametrize(
    "path",
    [
        bundled("examples_overlay.dcm"),
        str(Path(data_store.__file__).parent / "data" / "MR-SIEMENS-DICOM-WithOverlays.dcm"),
    ],
    ids=["pydicom", "pydicom-data"],
)
def test_overlays_of_real_files_are_pydicoms(path: str) -> None:
    instance = read_instance(path)
    (overlay,), notes = found_in(instance)
    np.testing.assert_array_equal(overlay.mask, dcmread(path).overlay_array(0x6000) != 0)
    assert overlay.mask.any()
    assert (overlay.group, overlay.label, overlay.kind, notes) == (
        0x6000,
        "Siemens MedCom Object Graphics",
        "G",
        (),
    )


@pytest.mark.corpus
def test_overlays_of_all_real_files_are_pydicoms_or_noted(corpus: Path) -> None:
    compared = noted = 0
    for path in sorted(path for path in corpus.rglob("*") if path.is_file()):
        try:
            instance = read_instance(path)
            frames = Frames(instance)
        except (ReadError, DecodeError):
            continue
        groups = overlay_groups(instance.dataset)
        overlays, notes = overlays_of(instance.dataset, frames, 1)
        for overlay in overlays:
            expected = dcmread(path, force=True).overlay_array(overlay.group) != 0
            np.testing.assert_array_equal(overlay.mask, expected, err_msg=str(path))
            compared += 1
        noted += len(notes)
        assert len(overlays) + len(notes) >= len(groups), path
    assert compared >= 1
    assert noted >= 1  # a plane that is announced, and neither in Overlay Data nor in free bits


# --- packed bits ---


@given(
    st.integers(1, 12),
    st.integers(1, 12),
    st.integers(-15, 15),
    st.integers(-15, 15),
    st.randoms(use_true_random=False),
)
def test_every_bit_lies_where_the_origin_puts_it(
    rows: int, columns: int, top: int, left: int, random: Any
) -> None:
    bits = np.array([[random.random() < 0.5 for _ in range(columns)] for _ in range(rows)])
    (overlay,), notes = found_in(overlaid(bits, x0050=[top, left]))
    expected = np.zeros((8, 10), bool)
    for row, column in zip(*np.nonzero(bits), strict=True):
        place = row + top - 1, column + left - 1
        if 0 <= place[0] < 8 and 0 <= place[1] < 10:
            expected[place] = True
    np.testing.assert_array_equal(overlay.mask, expected)
    outside = top > 8 or left > 10 or top + rows <= 1 or left + columns <= 1
    assert bool(notes) == outside


@pytest.mark.parametrize("uid", [EXPLICIT, BIG])
def test_bits_stand_in_words_which_big_endian_order_swaps(uid: str) -> None:
    data = np.frombuffer(packed(CHECKED), "<u2").astype(">u2" if uid == BIG else "<u2").tobytes()
    dataset = add_overlay(description(8, 10), CHECKED, x3000=data)
    (overlay,), _ = found_in(native(dataset, bytes(160), uid=uid))
    np.testing.assert_array_equal(overlay.mask, CHECKED)


def test_a_label_counts_before_the_description_and_cannot_drive_the_terminal() -> None:
    instance = overlaid(CHECKED, x0022="Description", x1500="\x1b[2J evil", x0040="R")
    (overlay,), _ = found_in(instance)
    assert overlay.label == "\\x1b[2J evil"
    assert overlay.kind == "R"


def test_groups_come_in_their_order_and_others_are_no_overlays() -> None:
    dataset = add_overlay(description(8, 10, bits=8), CHECKED, group=0x601E)
    add_overlay(dataset, ~CHECKED, group=0x6002)
    dataset.add_new(0x60010010, "LO", "PRIVATE")
    instance = native(dataset, bytes(80), vr="OB")
    assert overlay_groups(instance.dataset) == (0x6002, 0x601E)
    first, second = found_in(instance).overlays
    np.testing.assert_array_equal(first.mask, ~second.mask)


# --- many frames ---


def test_an_overlay_of_many_frames_follows_the_pictures_frames() -> None:
    bits = np.random.default_rng(1).random((3, 7, 9)) < 0.5  # 63 bits: frames begin inside bytes
    instance = overlaid(bits, shape=(7, 9), frames=5, x0015=3, x0051=2)
    masks = [found_in(instance, number).overlays for number in range(1, 6)]
    assert [len(found) for found in masks] == [0, 1, 1, 1, 0]
    for found, expected in zip(masks[1:4], bits, strict=True):
        np.testing.assert_array_equal(found[0].mask, expected)


def test_without_an_image_frame_origin_the_first_frames_are_meant() -> None:
    instance = overlaid(np.stack([CHECKED, ~CHECKED]), frames=3, x0015=2)
    assert [len(found_in(instance, number).overlays) for number in (1, 2, 3)] == [1, 1, 0]


def test_an_overlay_without_frames_lies_over_every_frame() -> None:
    instance = overlaid(CHECKED, frames=3)
    assert [len(found_in(instance, number).overlays) for number in (1, 2, 3)] == [1, 1, 1]


# --- in the pixel data ---


@pytest.mark.parametrize("uid", [EXPLICIT, BIG, JPEG_LOSSLESS])
@pytest.mark.parametrize("position", [12, 15])
def test_bits_above_the_stored_values_are_an_overlay_and_no_values(uid: str, position: int) -> None:
    values = np.arange(80, dtype=np.uint16).reshape(8, 10) * 50
    words = values | (CHECKED.astype(np.uint16) << position)
    dataset = description(8, 10, BitsStored=12)
    add_overlay(dataset, CHECKED, x3000=None, x0100=16, x0102=position)
    if uid == JPEG_LOSSLESS:
        encoded = imagecodecs.ljpeg_encode(words, bitspersample=16)
        instance = encapsulated(dataset, [encoded], uid)
    else:
        instance = native(dataset, words.astype(">u2" if uid == BIG else "<u2").tobytes(), uid=uid)
    (overlay,), notes = found_in(instance)
    np.testing.assert_array_equal(overlay.mask, CHECKED)
    np.testing.assert_array_equal(Frames(instance).stored(1), values)
    assert notes == ()


@pytest.mark.parametrize(
    ("elements", "why"),
    [
        ({"x0102": 5}, r"Overlay Bit Position \(6000,0102\) is 5: a bit of the stored values"),
        ({"x0102": 16}, "no such bit"),
        ({"x0102": 65535}, "no such bit"),
        ({"x0100": 1, "x0102": 0}, r"Overlay Data \(6000,3000\) is absent"),
        ({"x0102": [12, 13]}, r"Overlay Bit Position \(6000,0102\) is \[12, 13\]"),
    ],
)
def test_bits_of_the_values_are_never_drawn_as_an_overlay(elements: dict[str, Any], why: str) -> None:
    dataset = description(8, 10, BitsStored=12)
    add_overlay(dataset, CHECKED, **{"x3000": None, "x0100": 16, **elements})
    overlays, notes = found_in(native(dataset, bytes(range(160))))
    assert overlays == ()
    assert re.search(why, notes[0])


# --- files that lie ---


@pytest.mark.parametrize(
    ("elements", "note"),
    [
        ({"x0010": 0}, "no overlay: Overlay Rows (6000,0010) and Columns are 0 and 10"),
        ({"x0010": None}, "no overlay: Overlay Rows (6000,0010) is absent"),
        ({"x0011": [3, 4]}, "no overlay: Overlay Columns (6000,0011) is [3, 4]"),
        ({"x0010": 65535, "x0011": 65535}, "no overlay: 65,535 x 65,535 bits are more than can be shown"),
        ({"x0050": [1]}, "Overlay Origin (6000,0050) makes no sense: taken as 1\\1"),
        ({"x3000": bytes(4)}, "Overlay Data (6000,3000) is cut: it has 4 bytes of 10"),
        ({"x0010": 16000, "x0011": 16000}, "Overlay Data (6000,3000) is cut: it has 10 bytes of 32,000,000"),
    ],
)
def test_an_overlay_that_lies_is_noted(elements: dict[str, Any], note: str) -> None:
    overlays, notes = found_in(overlaid(CHECKED, **elements))
    assert notes == (note,)
    assert len(overlays) == (not note.startswith("no overlay"))


def test_what_is_there_of_a_cut_overlay_is_shown() -> None:
    (overlay,), _ = found_in(overlaid(np.ones((8, 10)), x3000=b"\xff" * 4))
    assert np.flatnonzero(overlay.mask).tolist() == list(range(32))


@given(
    st.dictionaries(
        st.sampled_from(["x0010", "x0011", "x0051", "x0100", "x0102"]), st.integers(0, 0xFFFF), max_size=5
    ),
    st.lists(st.integers(-32768, 32767), max_size=3),
    st.none() | st.binary(max_size=40),
    st.integers(1, 9),
)
def test_no_plane_raises_and_every_mask_has_the_size_of_the_picture(
    elements: dict[str, Any], origin: list[int], data: bytes | None, number: int
) -> None:
    dataset = description(3, 4, BitsStored=12, NumberOfFrames=9)
    add_overlay(dataset, CHECKED, **{"x0015": 4, "x0050": origin, "x3000": data, **elements})
    if int(dataset[0x60000010].value) * int(dataset[0x60000011].value) > 1 << 24:
        return  # allowed, and slow
    for overlay in found_in(native(dataset, bytes(range(216))), number).overlays:
        assert overlay.mask.shape == (3, 4)
        assert overlay.mask.dtype == np.bool_
