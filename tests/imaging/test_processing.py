"""Every step is scikit-image's own result on the same values; the parameters mean the same."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.errors import UsageError
from dicomtui.imaging.processing import Chain, processed, quickly_processed, regions_in
from dicomtui.imaging.processing_steps import KINDS
from dicomtui.imaging.rendering import Frame
from dicomtui.imaging.window import Window

exposure = pytest.importorskip("skimage.exposure", reason="scikit-image (extra processing) is not installed")
filters = pytest.importorskip("skimage.filters")
morphology = pytest.importorskip("skimage.morphology")
measure = pytest.importorskip("skimage.measure")
restoration = pytest.importorskip("skimage.restoration")


def picture(rows: int = 96, columns: int = 80) -> np.ndarray:
    y, x = np.mgrid[:rows, :columns]
    smooth = 300 * np.sin(x / 9) * np.cos(y / 7) - 100
    return (smooth + np.random.default_rng(1).normal(0, 20, smooth.shape)).astype(np.float32)


def made_frame(values: np.ndarray, padding: np.ndarray | None = None) -> Frame:
    return Frame(values, padding, (Window(center=40, width=400),), "HU", False, 1.0, ())


def unit(change: Callable[[np.ndarray], np.ndarray]) -> np.ndarray:
    values = picture().astype(np.float64)
    low, high = values.min(), values.max()
    return change((values - low) / (high - low)) * (high - low) + low


EXPECTED: dict[str, Callable[[], Any]] = {
    "clahe(clip=0.02, tiles=4)": lambda: unit(
        lambda v: exposure.equalize_adapthist(v, kernel_size=(24, 20), clip_limit=0.02)
    ),
    "equalize": lambda: unit(exposure.equalize_hist),
    "gamma(0.5)": lambda: unit(lambda v: exposure.adjust_gamma(v, 0.5)),
    "gaussian(1.5)": lambda: filters.gaussian(picture(), 1.5, preserve_range=True),
    "median(2)": lambda: filters.median(picture(), morphology.disk(2)),
    "sharpen(radius=2, amount=1.5)": lambda: filters.unsharp_mask(picture(), 2, 1.5, preserve_range=True),
    "edges": lambda: filters.sobel(picture()),
    "threshold(low=-50, high=50)": lambda: (picture() >= -50) & (picture() <= 50),
    "otsu": lambda: picture() > filters.threshold_otsu(picture()),
    "multi-otsu(4)": lambda: np.digitize(picture(), filters.threshold_multiotsu(picture(), 4)),
    "nlm(strength=0.6, patch=3, distance=4)": lambda: restoration.denoise_nl_means(
        picture(),
        3,
        4,
        0.6 * restoration.estimate_sigma(picture()),
        sigma=restoration.estimate_sigma(picture()),
        preserve_range=True,
    ),
}


@pytest.mark.parametrize("text", EXPECTED)
def test_a_step_is_what_scikit_image_makes_of_the_values(text: str) -> None:
    processed = Chain.parse(text).apply(picture())
    assert processed.dtype == np.float32
    np.testing.assert_allclose(processed, EXPECTED[text](), rtol=1e-4, atol=1e-3)


def test_all_kinds_are_compared() -> None:
    assert {Chain.parse(text).steps[0].kind.name for text in EXPECTED} == {
        name for name, kind in KINDS.items() if not kind.marks
    }


def test_steps_follow_each_other() -> None:
    once = Chain.parse("gaussian(1) | sharpen(amount=2) | gamma(2)").apply(picture())
    values = picture()
    for text in ("gaussian(1)", "sharpen(amount=2)", "gamma(2)"):
        values = Chain.parse(text).apply(values)
    np.testing.assert_array_equal(once, values)


@pytest.mark.parametrize("text", KINDS)
def test_values_are_not_changed_and_padding_stays(text: str) -> None:
    values = picture()
    values[:10] = -2000
    before = values.copy()
    padding = values == -2000
    processed = Chain.parse(text).apply(values, padding)
    np.testing.assert_array_equal(values, before)
    assert (processed[padding] == -2000).all()
    assert np.isfinite(processed).all()


@pytest.mark.parametrize("text", KINDS)
@pytest.mark.parametrize("values", [np.zeros((5, 7)), np.full((1, 1), 3.0), np.full((4, 4), np.nan)])
def test_a_flat_or_empty_frame_is_no_mishap(text: str, values: np.ndarray) -> None:
    if text == "multi-otsu":  # there are no classes in it
        return
    assert Chain.parse(text).apply(values.astype(np.float32)).shape == values.shape


@given(st.sampled_from(sorted(KINDS)), st.data())
def test_what_is_written_reads_back(name: str, data: st.DataObject) -> None:
    numbers = [
        data.draw(st.integers(int(p.least), int(p.largest)) if p.whole else st.floats(p.least, p.largest))
        for p in KINDS[name].parameters
    ]
    chain = Chain.parse(f"{name}({', '.join(f'{number:.5g}' for number in numbers)})")
    assert Chain.parse(str(chain)) == chain


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is no step"),
        ("gaussian |", "is no step"),
        ("blur", "there are clahe"),
        ("gaussian(sigma=x)", "no parameter"),
        ("gaussian(radius=1)", "no parameter radius; it has sigma"),
        ("gaussian(1, 2)", "no parameter 2"),
        ("gaussian(-1)", "from 0 to 100"),
        ("median(1.5)", "a whole number"),
        ("equalize(3)", "it has none"),
        ("__import__('os')", "is no step"),
        ("gaussian(1e999)", "from 0 to 100"),
    ],
)
def test_mistakes_are_said_in_a_sentence(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=said):
        Chain.parse(text)


def test_colours_are_refused() -> None:
    with pytest.raises(UsageError, match="colours"):
        Chain.parse("gaussian").apply(np.zeros((4, 4, 3), np.uint8))


def test_what_has_to_be_installed_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.partition(".")[0] == "skimage"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "skimage", None)
    with pytest.raises(UsageError, match=r"pip install 'dicomtui\[processing\]'"):
        Chain.parse("gaussian").apply(picture())


def test_a_step_that_is_off_is_written_and_does_nothing() -> None:
    chain = Chain.parse("~gaussian(2) | gamma(0.5)")
    assert Chain.parse(str(chain)) == chain
    assert chain.active_text == "gamma(gamma=0.5)"
    assert (
        Chain.parse("clahe(0.02) | ~otsu | segment(40)").active_text == "clahe(clip=0.02) | segment(low=40)"
    )
    np.testing.assert_array_equal(
        chain.apply(picture()), Chain.parse("gamma(0.5)").apply(picture()), strict=True
    )


@pytest.mark.parametrize("padded", [False, True])
@pytest.mark.parametrize("text", ["gamma(0.4)", "threshold(0, 120)", "gamma(2) | gamma(0.3)"])
def test_a_quick_preview_has_the_values_that_the_whole_frame_gets(text: str, padded: bool) -> None:
    padding = picture() < -350 if padded else None
    frame = made_frame(picture(), padding)
    chain = Chain.parse(text)
    quick, whole = quickly_processed(frame, chain), processed(frame, chain)
    assert quick is not None
    assert quick.values.shape == whole.values.shape
    np.testing.assert_array_equal(quick.values[::4, ::4], whole.values[::4, ::4])
    assert (quick.windows, quick.unit) == (whole.windows, whole.unit)


@pytest.mark.parametrize("text", ["gaussian(1)", "clahe", "equalize", "otsu", "segment(3)", "~gamma"])
def test_what_looks_at_other_pixels_has_no_quick_preview(text: str) -> None:
    assert quickly_processed(made_frame(picture()), Chain.parse(text)) is None


def test_regions_lie_in_colour_over_the_processed_values() -> None:
    frame = made_frame(picture())
    chain = Chain.parse("gaussian(1) | segment(low=50, smallest=30)")
    shown = processed(frame, chain)
    np.testing.assert_array_equal(shown.values, Chain.parse("gaussian(1)").apply(picture()))
    assert shown.coloured is not None
    labels = morphology.remove_small_objects(measure.label(shown.values >= 50, connectivity=1), max_size=29)
    np.testing.assert_array_equal(shown.coloured.mask, labels > 0)
    regions = regions_in(frame, chain)
    assert sum(region.pixels for region in regions) == np.count_nonzero(labels)
    first = labels == labels[shown.coloured.mask & (labels > 0)][0]
    assert any(region.mean == pytest.approx(picture()[first].mean(), rel=1e-5) for region in regions)
