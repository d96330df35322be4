"""How much pixels differ."""

import copy
import tracemalloc
from math import inf, isinf
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRBigEndian, RLELossless
from skimage.metrics import peak_signal_noise_ratio

from dicomtui.dataset.comparison import compare
from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.pixel_difference import pixel_differences, same_pixels
from tests.builders import ct, ramp, write
from tests.dataset.as_read import instance


def random_frames(frames: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-1000, 3000, (frames, 16, 20)).astype(np.int16)


def test_figures_agree_with_numpy_and_scikit_image() -> None:
    old, new = random_frames(3, 1), random_frames(3, 2)
    new[1] = old[1]
    new[2, :8] = old[2, :8]
    found = list(pixel_differences(instance(ct(old)), instance(ct(new))))
    assert [figures.frame for figures in found] == [1, 2, 3, 0]
    for figures in found:
        a, b = (old, new) if not figures.frame else (old[figures.frame - 1], new[figures.frame - 1])
        apart = np.abs(a.astype(float) - b)
        assert figures.values == "stored"
        assert figures.pixels == apart.size
        assert figures.differing == np.count_nonzero(apart)
        assert figures.maximum == apart.max()
        assert figures.mean == pytest.approx(apart.mean())
        if figures.frame == 2:
            assert figures.psnr == inf
        else:
            expected = peak_signal_noise_ratio(a.astype(float), b.astype(float), data_range=65535)
            assert figures.psnr == pytest.approx(expected)


def test_modality_values_are_compared_where_they_are_rescaled_otherwise() -> None:
    old = ct(ramp())
    new = copy.deepcopy(old)
    new.RescaleIntercept = -1000
    stored, modality, *both = pixel_differences(instance(old), instance(new))
    assert (stored.values, stored.differing) == ("stored", 0)
    assert (modality.values, modality.maximum, modality.mean) == ("modality", 24, 24)
    assert [figures.values for figures in both] == ["stored", "modality"]


def test_a_colour_pixel_counts_once_however_many_samples_differ() -> None:
    old = instance_of_colour(np.zeros((4, 5, 3), np.uint8))
    changed = np.zeros((4, 5, 3), np.uint8)
    changed[1, 2] = (3, 0, 6)
    *_, total = pixel_differences(old, instance_of_colour(changed))
    assert (total.pixels, total.differing, total.maximum) == (20, 1, 6)
    assert total.mean == pytest.approx(9 / 60)


def instance_of_colour(values: np.ndarray) -> Instance:
    dataset = ct()
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, "RGB", 0
    dataset.Rows, dataset.Columns = values.shape[:2]
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = values.tobytes()
    return instance(dataset)


def test_nan_is_equal_to_nan() -> None:
    values = np.array([[1.0, np.nan], [np.inf, 2.0]], "<f4")

    def made(changed: float) -> Instance:
        dataset = ct()
        del dataset.PixelData
        dataset.Rows = dataset.Columns = 2
        dataset.BitsAllocated = 32
        other = values.copy()
        other[0, 0] = changed
        dataset.FloatPixelData = other.tobytes()
        return instance(dataset)

    *_, same = pixel_differences(made(1), made(1))
    *_, apart = pixel_differences(made(1), made(1.5))
    assert same.differing == 0
    assert isinf(same.psnr)
    assert (apart.differing, apart.maximum) == (1, 0.5)


@pytest.mark.parametrize(
    "name", ["MR_small_RLE.dcm", "MR_small_jpeg_ls_lossless.dcm", "MR_small_bigendian.dcm"]
)
def test_pixels_that_are_encoded_otherwise_are_the_same(name: str) -> None:
    old, new = (read_instance(get_testdata_file(f, download=False)) for f in ("MR_small.dcm", name))
    assert same_pixels(old, new)
    keywords = {difference.pointer for difference in compare(old, new, same_pixels=same_pixels)}
    assert "PixelData" not in keywords


def test_one_pixel_is_found_behind_another_encoding() -> None:
    old = ct(ramp())
    new = copy.deepcopy(old)
    new.PixelData = new.PixelData[:-2] + b"\x34\x12"
    new.compress(RLELossless)
    assert not same_pixels(instance(old), instance(new, RLELossless))


def test_the_same_bytes_in_another_order_are_other_pixels() -> None:
    dataset = ct(ramp())
    old, new = instance(dataset), instance(copy.deepcopy(dataset), ExplicitVRBigEndian)
    assert not same_pixels(old, new)  # pydicom writes words as it is given them


def test_frames_that_are_not_alike_are_refused_with_their_sizes() -> None:
    with pytest.raises(DecodeError, match=r"1 of 32 x 32.*2 of 16 x 20"):
        list(pixel_differences(instance(ct(ramp())), instance(ct(random_frames(2, 0)))))


def test_memory_is_that_of_a_few_frames(tmp_path: Path) -> None:
    values = np.zeros((200, 64, 64), np.int16)
    paths = [write(ct(values + number), tmp_path / f"{number}.dcm") for number in range(2)]
    instances = [read_instance(path) for path in paths]
    next(iter(pixel_differences(*instances)))
    tracemalloc.start()
    try:
        assert sum(1 for _ in pixel_differences(*instances)) == 201
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < values.nbytes / 2
