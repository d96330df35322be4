"""A Window: which modality values are shown from black to white, and how keys and text change it.

>>> from dicomtui.imaging.window import Window
>>> str(Window(center=40, width=400).shifted(1).widened(-2))
'C 50 W 380'
>>> Window.from_text("-600,1500")
Window(center=-600.0, width=1500.0, function='LINEAR', explanation='')

References
----------
DICOM PS3.3 C.11.2.1.2 (Window Center and Window Width), C.11.2.1.3 (VOI LUT Function).
"""

from dataclasses import dataclass, replace
from math import floor, isfinite, log10
from typing import Literal, Self

from dicomtui.errors import UsageError
from dicomtui.text import safe_line

Function = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

LARGEST = 1e30
"""Centres and widths beyond it leave the range of 32-bit floats."""

_NICE = (5, 2, 1)
_STEPS_IN_WIDTH = 25


@dataclass(frozen=True, slots=True)
class Window:
    """Window Center (0028,1050) and Window Width (0028,1051), in the units of the modality values.

    Raises
    ------
    ValueError
        If the width is below what the function allows (1 for LINEAR, above 0 for the others), or a number is
        not finite.
    """

    center: float
    width: float
    function: Function = "LINEAR"
    explanation: str = ""
    """Window Center & Width Explanation (0028,1055), safe to show."""

    def __post_init__(self) -> None:
        if not (isfinite(self.center) and abs(self.center) <= LARGEST and 0 < self.width <= LARGEST):
            raise ValueError(f"no window has centre {self.center:g} and width {self.width:g}")
        if self.function == "LINEAR" and self.width < 1:
            raise ValueError(f"width {self.width:g} is below 1, which LINEAR does not allow")

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return the window that a user writes as ``CENTER,WIDTH``; below a width of 1 it is LINEAR_EXACT.

        Raises
        ------
        UsageError
            If the text is something else, or the width is not above 0.
        """
        try:
            center, width = (float(part) for part in text.split(","))
            return cls(center, width, "LINEAR" if width >= 1 else "LINEAR_EXACT")
        except ValueError as error:
            wanted = "write CENTER,WIDTH with a width above 0, for instance 40,400"
            raise UsageError(f"window '{safe_line(text, 40)}': {wanted}") from error

    @classmethod
    def between(cls, low: float, high: float, explanation: str = "") -> Self:
        """Return the LINEAR_EXACT window that shows *low* as black and *high* as white.

        Where they are equal, that value is shown as middle grey.
        """
        low, high = (min(max(end, -LARGEST / 4), LARGEST / 4) for end in (low, high))
        width = high - low if high > low else 1.0
        return cls(low / 2 + high / 2, width, "LINEAR_EXACT", explanation)

    @property
    def limits(self) -> tuple[float, float]:
        """The values at which a LINEAR or LINEAR_EXACT ramp reaches black and white."""
        if self.function == "LINEAR":
            middle, half = self.center - 0.5, (self.width - 1) / 2
        else:
            middle, half = self.center, self.width / 2
        return middle - half, middle + half

    @property
    def step(self) -> float:
        """By how much one key press moves the window: 1, 2 or 5 times a power of ten, about width / 25."""
        rough = self.width / _STEPS_IN_WIDTH
        power = 10.0 ** floor(log10(rough))
        return next(nice * power for nice in _NICE if nice * power <= rough * 1.001)

    def shifted(self, steps: float) -> Self:
        """Return the window with its centre moved by *steps* (10 for coarse, 0.1 for fine)."""
        center = self._rounded(self.center + steps * self.step)
        return replace(self, center=min(max(center, -LARGEST), LARGEST), explanation="")

    def widened(self, steps: float) -> Self:
        """Return the window with its width changed by *steps*, never below what the function allows."""
        least = 1.0 if self.function == "LINEAR" else max(self.step / 10, 1e-30)
        width = self._rounded(self.width + steps * self.step)
        return replace(self, width=min(max(width, least), LARGEST), explanation="")

    def __str__(self) -> str:
        """Return how a status line shows it: ``C 40 W 400``."""
        numbers = f"C {self._shown(self.center)} W {self._shown(self.width)}"
        return f"{numbers} sigmoid" if self.function == "SIGMOID" else numbers

    def _rounded(self, number: float) -> float:
        """Drop the dust of binary arithmetic; a hundredth of a step is kept."""
        return round(number, 2 - floor(log10(self.step)))

    def _shown(self, number: float) -> str:
        if abs(number) >= 1e7 or self.width < 1e-6:
            return f"{number:.4g}"
        text = f"{number:.{max(0, 3 - floor(log10(self.width)))}f}"
        return f"{float(text):.10g}"  # without trailing zeros, and never -0
