"""The kinds of steps that a frame is processed by, each of them one function of scikit-image.

Steps that work on 0 to 1 (CLAHE, equalisation, gamma) get the values between the least and the largest of the
frame mapped to that, and their results mapped back.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.imaging.scikit_image import imported, skimage
from dicomtui.imaging.segmentation import grow, segment

if TYPE_CHECKING:
    from numpy.typing import NDArray

Apply = Callable[..., Any]
"""Takes finite values of shape (rows, columns) and the parameters; returns values of the same shape."""


class Parameter(NamedTuple):
    """A number that a step takes."""

    name: str
    default: float
    least: float
    largest: float
    text: str
    whole: bool = False


class Kind(NamedTuple):
    """A kind of step."""

    name: str
    text: str
    apply: Apply
    parameters: tuple[Parameter, ...] = ()
    keeps_range: bool = True
    """Whether the results mean what the values meant, so that the same windows suit them."""
    is_pointwise: bool = False
    """Whether the result at a pixel depends on its value, and on the least and the largest one, alone."""
    marks: bool = False
    """Whether it changes no value, and gives numbers of regions (from 1; 0 is outside) instead."""


def _from_0_to_1(values: "NDArray[Any]", change: Callable[["NDArray[Any]"], Any]) -> Any:
    """Apply what works on 0 to 1."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return values
    return change((values.astype(np.float64) - low) / (high - low)) * (high - low) + low


def _clahe(values: "NDArray[Any]", clip: float, tiles: float) -> Any:
    size = tuple(max(1, side // int(tiles)) for side in values.shape)
    adapt = skimage("exposure").equalize_adapthist
    return _from_0_to_1(values, lambda unit: adapt(unit, kernel_size=size, clip_limit=clip))


def _equalize(values: "NDArray[Any]") -> Any:
    return _from_0_to_1(values, skimage("exposure").equalize_hist)


def _gamma(values: "NDArray[Any]", gamma: float) -> Any:
    return _from_0_to_1(values, lambda unit: skimage("exposure").adjust_gamma(unit, gamma))


def _gaussian(values: "NDArray[Any]", sigma: float) -> Any:
    return skimage("filters").gaussian(values, sigma, preserve_range=True)


def _median(values: "NDArray[Any]", radius: float) -> Any:
    return skimage("filters").median(values, skimage("morphology").disk(int(radius)))


def _nlm(values: "NDArray[Any]", strength: float, patch: float, distance: float) -> Any:
    if values.max() <= values.min():
        return values
    restoration = skimage("restoration")
    imported("pywt")  # which estimates the noise
    sigma = float(restoration.estimate_sigma(values))
    return restoration.denoise_nl_means(
        values,
        patch_size=int(patch),
        patch_distance=int(distance),
        h=strength * sigma,
        sigma=sigma,
        fast_mode=True,
        preserve_range=True,
    )


def _sharpen(values: "NDArray[Any]", radius: float, amount: float) -> Any:
    return skimage("filters").unsharp_mask(values, radius, amount, preserve_range=True)


def _edges(values: "NDArray[Any]") -> Any:
    return skimage("filters").sobel(values)


def _threshold(values: "NDArray[Any]", low: float, high: float) -> Any:
    return (values >= low) & (values <= high)


def _otsu(values: "NDArray[Any]") -> Any:
    return values > skimage("filters").threshold_otsu(values)


def _multi_otsu(values: "NDArray[Any]", classes: float) -> Any:
    return np.digitize(values, skimage("filters").threshold_multiotsu(values, int(classes)))


_LARGEST = 1e9

KINDS = {
    kind.name: kind
    for kind in (
        Kind(
            "clahe",
            "contrast limited adaptive histogram equalisation",
            _clahe,
            (
                Parameter("clip", 0.01, 0, 1, "how much contrast: 0 none, 1 all"),
                Parameter("tiles", 8, 1, 64, "tiles along each side", whole=True),
            ),
        ),
        Kind("equalize", "histogram equalisation", _equalize),
        Kind(
            "gamma",
            "gamma",
            _gamma,
            (Parameter("gamma", 1, 0.01, 100, "below 1 brighter, above darker"),),
            is_pointwise=True,
        ),
        Kind("gaussian", "smooth", _gaussian, (Parameter("sigma", 1, 0, 100, "pixels"),)),
        Kind("median", "median", _median, (Parameter("radius", 1, 1, 20, "pixels", whole=True),)),
        Kind(
            "nlm",
            "non-local means",
            _nlm,
            (
                Parameter("strength", 0.8, 0, 10, "in standard deviations of the noise"),
                Parameter("patch", 5, 1, 21, "pixels", whole=True),
                Parameter("distance", 6, 1, 21, "pixels", whole=True),
            ),
        ),
        Kind(
            "sharpen",
            "unsharp mask",
            _sharpen,
            (Parameter("radius", 1, 0, 100, "pixels"), Parameter("amount", 1, 0, 20, "of the difference")),
        ),
        Kind("edges", "edges (Sobel)", _edges, keeps_range=False),
        Kind(
            "threshold",
            "1 between two values, 0 outside",
            _threshold,
            (
                Parameter("low", 0, -_LARGEST, _LARGEST, "least value"),
                Parameter("high", _LARGEST, -_LARGEST, _LARGEST, "largest value"),
            ),
            keeps_range=False,
            is_pointwise=True,
        ),
        Kind("otsu", "1 above Otsu's threshold, 0 below", _otsu, keeps_range=False),
        Kind(
            "multi-otsu",
            "classes by Otsu's thresholds",
            _multi_otsu,
            (Parameter("classes", 3, 2, 5, "how many", whole=True),),
            keeps_range=False,
        ),
        Kind(
            "segment",
            "regions between two values, each in a colour",
            segment,
            (
                Parameter("low", 0, -_LARGEST, _LARGEST, "least value"),
                Parameter("high", _LARGEST, -_LARGEST, _LARGEST, "largest value"),
                Parameter("smallest", 20, 1, 1e8, "pixels of the smallest region", whole=True),
            ),
            marks=True,
        ),
        Kind(
            "grow",
            "the region around a point, in colour",
            grow,
            (
                Parameter("column", -1, -1, 1e6, "of the point, from 0; -1 is the middle", whole=True),
                Parameter("row", -1, -1, 1e6, "of the point, from 0; -1 is the middle", whole=True),
                Parameter("tolerance", 50, 0, _LARGEST, "how far values may be from that of the point"),
            ),
            marks=True,
        ),
    )
}
"""Name -> kind of step."""
