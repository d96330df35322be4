"""Image processing as a chain of steps on the modality values of a frame, by scikit-image.

The chain stands between the Modality LUT and the VOI LUT: values keep their unit, and are windowed after it.
Steps that work on 0 to 1 (CLAHE, equalisation, gamma) get the values between the least and the largest of
the frame mapped to that, and their results mapped back. Pixels without a value count as the least one, and
have none afterwards.

>>> from dicomtui.imaging.processing import Chain
>>> str(Chain.parse("clahe(clip=0.02) | gaussian(1.5)"))
'clahe(clip=0.02, tiles=8) | gaussian(sigma=1.5)'

References
----------
DICOM PS3.4 N.2 (Pixel Transformation Sequence: what a viewer adds has its place before the VOI LUT).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.rendering import Frame

Apply = Callable[..., Any]
"""Takes finite values of shape (rows, columns) and the parameters; returns values of the same shape."""

_STEP = re.compile(r"\s*([A-Za-z][A-Za-z-]*)\s*(?:\(([^()|]*)\))?\s*")
_PARAMETER = re.compile(r"\s*(?:([a-z]+)\s*=\s*)?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


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


@dataclass(frozen=True)
class Step:
    """One step with its numbers, in the order of the parameters of its kind."""

    kind: Kind
    numbers: tuple[float, ...]

    def __str__(self) -> str:
        pairs = zip(self.kind.parameters, self.numbers, strict=True)
        inside = ", ".join(f"{parameter.name}={number:g}" for parameter, number in pairs)
        return f"{self.kind.name}({inside})" if inside else self.kind.name


@dataclass(frozen=True)
class Chain:
    """Steps, one after the other."""

    steps: tuple[Step, ...]

    @classmethod
    def parse(cls, text: str) -> "Chain":
        """Read what a person writes: ``clahe(clip=0.02) | gaussian(1.5)``.

        Raises
        ------
        UsageError
            If a step or a parameter is unknown, or a number is out of its range.
        """
        return cls(tuple(map(_parse_step, text.split("|"))))

    @property
    def keeps_range(self) -> bool:
        """Whether the windows of the frame suit the results."""
        return all(step.kind.keeps_range for step in self.steps)

    def apply(
        self, values: "NDArray[Any]", padding: "NDArray[np.bool_] | None" = None
    ) -> "NDArray[np.float32]":
        """Return the processed values.

        Parameters
        ----------
        values : ndarray of float32, shape (rows, columns)
            Modality values of the whole frame.
        padding : ndarray of bool, shape (rows, columns), optional
            Pixels without a value, which are left as they are.

        Raises
        ------
        UsageError
            If the frame has colours, or scikit-image is not installed.
        """
        if values.ndim != 2:
            raise UsageError("colours are not processed; choose frames without")
        missing = ~np.isfinite(values) if padding is None else padding | ~np.isfinite(values)
        result = values.astype(np.float32)
        if missing.any():
            result[missing] = values[~missing].min() if not missing.all() else 0
        for step in self.steps:
            result = np.array(step.kind.apply(result, *step.numbers), np.float32)
        result[missing] = values[missing]
        return result

    def __str__(self) -> str:
        return " | ".join(map(str, self.steps))


def processed(frame: "Frame", chain: Chain | None) -> "Frame":
    """Return *frame* with its values processed; without its own windows and unit where they do not suit."""
    if chain is None:
        return frame
    values = chain.apply(frame.values, frame.padding)
    if chain.keeps_range:
        return replace(frame, values=values)
    return replace(frame, values=values, windows=(), unit="")


def _parse_step(text: str) -> Step:
    match = _STEP.fullmatch(text)
    if match is None:
        raise UsageError(f"'{safe_line(text.strip(), 40)}' is no step; write for instance gaussian(1.5)")
    kind = KINDS.get(match[1].lower())
    if kind is None:
        raise UsageError(f"{safe_line(match[1], 40)} is no step; there are {', '.join(KINDS)}")
    numbers = {parameter.name: parameter.default for parameter in kind.parameters}
    for position, (name, number) in enumerate(_numbers(kind, match[2] or "")):
        if not name and position < len(kind.parameters):
            name = kind.parameters[position].name
        if name not in numbers:
            known = ", ".join(numbers) or "none"
            raise UsageError(f"{kind.name} has no parameter {name or position + 1}; it has {known}")
        numbers[name] = number
    for parameter in kind.parameters:
        _check(kind, parameter, numbers[parameter.name])
    return Step(kind, tuple(numbers.values()))


def _numbers(kind: Kind, text: str) -> Iterator[tuple[str, float]]:
    for part in text.split(",") if text.strip() else ():
        match = _PARAMETER.fullmatch(part)
        if match is None:
            raise UsageError(
                f"'{safe_line(part.strip(), 40)}' is no parameter of {kind.name}; write name=number"
            )
        yield match[1] or "", float(match[2])


def _check(kind: Kind, parameter: Parameter, number: float) -> None:
    if not parameter.least <= number <= parameter.largest or (parameter.whole and number != int(number)):
        what = "a whole number" if parameter.whole else "a number"
        raise UsageError(
            f"{kind.name}: {parameter.name} is {what} from {parameter.least:g} to {parameter.largest:g}"
        )


# --- the kinds ---


def _skimage(module: str) -> Any:
    return _imported(f"skimage.{module}")


def _imported(module: str) -> Any:
    try:
        return import_module(module)
    except ImportError as error:
        raise UsageError(
            "processing needs scikit-image; install it with: pip install 'dicomtui[processing]'"
        ) from error


def _from_0_to_1(values: "NDArray[Any]", change: Callable[["NDArray[Any]"], Any]) -> Any:
    """Apply what works on 0 to 1."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return values
    return change((values.astype(np.float64) - low) / (high - low)) * (high - low) + low


def _clahe(values: "NDArray[Any]", clip: float, tiles: float) -> Any:
    size = tuple(max(1, side // int(tiles)) for side in values.shape)
    adapt = _skimage("exposure").equalize_adapthist
    return _from_0_to_1(values, lambda unit: adapt(unit, kernel_size=size, clip_limit=clip))


def _equalize(values: "NDArray[Any]") -> Any:
    return _from_0_to_1(values, _skimage("exposure").equalize_hist)


def _gamma(values: "NDArray[Any]", gamma: float) -> Any:
    return _from_0_to_1(values, lambda unit: _skimage("exposure").adjust_gamma(unit, gamma))


def _gaussian(values: "NDArray[Any]", sigma: float) -> Any:
    return _skimage("filters").gaussian(values, sigma, preserve_range=True)


def _median(values: "NDArray[Any]", radius: float) -> Any:
    return _skimage("filters").median(values, _skimage("morphology").disk(int(radius)))


def _nlm(values: "NDArray[Any]", strength: float, patch: float, distance: float) -> Any:
    if values.max() <= values.min():
        return values
    restoration = _skimage("restoration")
    _imported("pywt")  # which estimates the noise
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
    return _skimage("filters").unsharp_mask(values, radius, amount, preserve_range=True)


def _edges(values: "NDArray[Any]") -> Any:
    return _skimage("filters").sobel(values)


def _threshold(values: "NDArray[Any]", low: float, high: float) -> Any:
    return (values >= low) & (values <= high)


def _otsu(values: "NDArray[Any]") -> Any:
    return values > _skimage("filters").threshold_otsu(values)


def _multi_otsu(values: "NDArray[Any]", classes: float) -> Any:
    return np.digitize(values, _skimage("filters").threshold_multiotsu(values, int(classes)))


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
        Kind("gamma", "gamma", _gamma, (Parameter("gamma", 1, 0.01, 100, "below 1 brighter, above darker"),)),
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
        ),
        Kind("otsu", "1 above Otsu's threshold, 0 below", _otsu, keeps_range=False),
        Kind(
            "multi-otsu",
            "classes by Otsu's thresholds",
            _multi_otsu,
            (Parameter("classes", 3, 2, 5, "how many", whole=True),),
            keeps_range=False,
        ),
    )
}
"""Name -> kind of step."""
