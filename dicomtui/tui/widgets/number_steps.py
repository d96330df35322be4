"""How far keys move numbers: whole ones by one, others by a tenth of their size, values by the frame."""

from math import floor, log10
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomtui.imaging.processing_steps import Parameter

_NO_LIMIT = 1e9


def stepped(number: float, parameter: "Parameter", times: int, span: tuple[float, float]) -> float:
    """Return *number* after so many steps, within the limits of its parameter.

    Parameters
    ----------
    number : float
        At present.
    parameter : Parameter
        What it is for.
    times : int
        Steps up; below 0 down.
    span : tuple of float
        The least and the largest value of the frame, for parameters that are values.
    """
    if parameter.largest >= _NO_LIMIT:
        return _within_values(number, times, span, parameter)
    if parameter.whole:
        return min(max(number + times, parameter.least), parameter.largest)
    for _ in range(abs(times)):
        size = abs(number) or parameter.default or 1.0
        # from 1 down come 0.99, 0.98: the step is that of the numbers below
        step = 10.0 ** floor(log10(size * (0.999 if times < 0 else 1.0)) + 1e-9) / 10
        number = round(number + (step if times > 0 else -step), 9)
        if number <= parameter.least or number >= parameter.largest:
            break
    return min(max(number, parameter.least), parameter.largest)


def _within_values(number: float, times: int, span: tuple[float, float], parameter: "Parameter") -> float:
    """Move by about a hundredth of the values of the frame, a round number; beyond them there is no limit."""
    low, high = span
    width = (high - low) / 100
    step = 1.0
    if width > 0:
        power = 10.0 ** floor(log10(width))
        # the logarithm of 999.9999999999999 is 3
        step = max(nice * power for nice in (0.5, 1, 2, 5) if nice * power <= width)
    if abs(number) >= _NO_LIMIT:  # it comes back to where values begin
        moved = high if number > 0 and times < 0 else low if number < 0 < times else number
    else:
        moved = round(number + times * step, 9)
    return min(max(moved, parameter.least), parameter.largest)
