"""Image processing as a chain of steps on the modality values of a frame, by scikit-image.

The chain stands between the Modality LUT and the VOI LUT: values keep their unit, and are windowed after it.
Pixels without a value count as the least one, and have none afterwards. A step after ``~`` is switched off.

>>> from dicomtui.imaging.processing import Chain
>>> str(Chain.parse("clahe(clip=0.02) | gaussian(1.5)"))
'clahe(clip=0.02, tiles=8) | gaussian(sigma=1.5)'

References
----------
DICOM PS3.4 N.2 (Pixel Transformation Sequence: what a viewer adds has its place before the VOI LUT).
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.processing_steps import KINDS, Kind, Parameter
from dicomtui.imaging.segmentation import SegmentedRegion, coloured, regions_of
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.rendering import Frame

_STEP = re.compile(r"\s*(~?)\s*([A-Za-z][A-Za-z-]*)\s*(?:\(([^()|]*)\))?\s*")
_PARAMETER = re.compile(r"\s*(?:([a-z]+)\s*=\s*)?([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*")


@dataclass(frozen=True)
class Step:
    """One step with its numbers, in the order of the parameters of its kind."""

    kind: Kind
    numbers: tuple[float, ...]
    is_on: bool = True

    @classmethod
    def of(cls, kind: Kind) -> "Step":
        """Return a step of a kind with its default numbers."""
        return cls(kind, tuple(parameter.default for parameter in kind.parameters))

    @property
    def short_text(self) -> str:
        """The step with those of its numbers that are not the default."""
        pairs = zip(self.kind.parameters, self.numbers, strict=True)
        changed = (f"{of.name}={_written(number)}" for of, number in pairs if number != of.default)
        inside = ", ".join(changed)
        return f"{self.kind.name}({inside})" if inside else self.kind.name

    def __str__(self) -> str:
        pairs = zip(self.kind.parameters, self.numbers, strict=True)
        inside = ", ".join(f"{parameter.name}={_written(number)}" for parameter, number in pairs)
        off = "" if self.is_on else "~"
        return f"{off}{self.kind.name}({inside})" if inside else f"{off}{self.kind.name}"


class Result(NamedTuple):
    """What a chain makes of values."""

    values: "NDArray[np.float32]"
    labels: "NDArray[np.integer[Any]] | None"
    """Numbers of the regions that its last marking step found, 0 outside; None without such a step."""


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
        return all(step.kind.keeps_range for step in self.steps if step.is_on)

    @property
    def is_active(self) -> bool:
        """Whether any step is on."""
        return any(step.is_on for step in self.steps)

    @property
    def is_pointwise(self) -> bool:
        """Whether some of the pixels show truly what becomes of all."""
        return all(step.kind.is_pointwise for step in self.steps if step.is_on)

    @property
    def active_text(self) -> str:
        """The steps that are on, as short as they can be written."""
        return " | ".join(step.short_text for step in self.steps if step.is_on)

    def apply(
        self, values: "NDArray[Any]", padding: "NDArray[np.bool_] | None" = None
    ) -> "NDArray[np.float32]":
        """Return the processed values; as for :meth:`run`."""
        return self.run(values, padding).values

    def run(self, values: "NDArray[Any]", padding: "NDArray[np.bool_] | None" = None) -> Result:
        """Return the processed values, and the regions that were found in them.

        Parameters
        ----------
        values : ndarray of float32, shape (rows, columns)
            Modality values of the whole frame.
        padding : ndarray of bool, shape (rows, columns), optional
            Pixels without a value, which are left as they are and belong to no region.

        Raises
        ------
        UsageError
            If the frame has colours, or scikit-image is not installed.
        """
        if values.ndim != 2:
            raise UsageError("colours are not processed; choose frames without")
        missing = ~np.isfinite(values) if padding is None else padding | ~np.isfinite(values)
        result, labels = values.astype(np.float32), None
        if missing.any():
            result[missing] = values[~missing].min() if not missing.all() else 0
        for step in self.steps:
            if not step.is_on:
                continue
            made = step.kind.apply(result, *step.numbers)
            if step.kind.marks:
                labels = np.where(missing, 0, made)
            else:
                result = np.array(made, np.float32)
        result[missing] = values[missing]
        return Result(result, labels)

    def __str__(self) -> str:
        return " | ".join(map(str, self.steps))


def processed(frame: "Frame", chain: Chain | None) -> "Frame":
    """Return *frame* with its values processed and regions coloured.

    Its own windows and unit are taken away where they do not suit the values any more.
    """
    if chain is None or not chain.is_active:
        return frame
    result = chain.run(frame.values, frame.padding)
    done = _with_values(frame, chain, result.values)
    return (
        done if result.labels is None else replace(done, coloured=coloured(result.labels) or frame.coloured)
    )


def regions_in(frame: "Frame", chain: Chain) -> tuple[SegmentedRegion, ...]:
    """Return the regions that a chain finds, with mean and standard deviation of the modality values."""
    labels = chain.run(frame.values, frame.padding).labels
    return () if labels is None else regions_of(labels, frame.values, frame.place.spacing)


def quickly_processed(frame: "Frame", chain: Chain, step: int = 4) -> "Frame | None":
    """Return what :func:`processed` does from one in *step* x *step* pixels, shown as large as they all.

    None where that would be another picture: where pixels depend on those beside them, or on how many have
    which value.
    """
    if not chain.is_active or not chain.is_pointwise or frame.is_colour:
        return None
    values, padding = frame.values, frame.padding
    rows, columns = values.shape
    present = values[np.isfinite(values) if padding is None else np.isfinite(values) & ~padding]
    if not present.size:
        return None
    few = values[::step, ::step]
    # the range belongs to the whole frame: a row with its least and largest value goes along
    if few.shape[1] < 2:
        return None
    ends = np.resize(np.array([present.min(), present.max()], np.float32), few.shape[1])
    hidden = None if padding is None else np.vstack([padding[::step, ::step], np.zeros_like(ends, bool)])
    done = chain.apply(np.vstack([few, ends]), hidden)[:-1]
    large = np.repeat(np.repeat(done, step, axis=0), step, axis=1)[:rows, :columns]
    return _with_values(frame, chain, large)


def _with_values(frame: "Frame", chain: Chain, values: "NDArray[np.float32]") -> "Frame":
    done = replace(frame, values=values, real_world=())  # which the stored values have, not these
    return done if chain.keeps_range else replace(done, windows=(), unit="", suv=None)


def _written(number: float) -> str:
    """Return a number as it is read again."""
    short = f"{number:g}"
    return short if float(short) == number else repr(number)


def _parse_step(text: str) -> Step:
    match = _STEP.fullmatch(text)
    if match is None:
        raise UsageError(f"'{safe_line(text.strip(), 40)}' is no step; write for instance gaussian(1.5)")
    kind = KINDS.get(match[2].lower())
    if kind is None:
        raise UsageError(f"{safe_line(match[2], 40)} is no step; there are {', '.join(KINDS)}")
    numbers = {parameter.name: parameter.default for parameter in kind.parameters}
    for position, (name, number) in enumerate(_numbers(kind, match[3] or "")):
        if not name and position < len(kind.parameters):
            name = kind.parameters[position].name
        if name not in numbers:
            known = ", ".join(numbers) or "none"
            raise UsageError(f"{kind.name} has no parameter {name or position + 1}; it has {known}")
        numbers[name] = number
    for parameter in kind.parameters:
        _check(kind, parameter, numbers[parameter.name])
    return Step(kind, tuple(numbers.values()), is_on=not match[1])


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
