"""Which frame is due while a cine plays: time decides, so that frames are dropped rather than delayed."""

from bisect import bisect_right
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.imaging.cine import Timing

FASTER = 1.25
SPEEDS = (1 / 16, 16.0)


class Player:
    """Plays positions 1 to the number of frames, again and again.

    Parameters
    ----------
    timing : Timing
        How long frames stay, by their number in the file.
    order : sequence of int
        The frame that stands at each position.
    number : int
        The position to begin at, from 1.
    now : float
        Seconds on a clock that never goes back.
    """

    def __init__(self, timing: "Timing", order: "Sequence[int]", number: int, now: float) -> None:
        self.timing = timing
        self.speed = 1.0
        positions = list(range(1, len(order) + 1))
        self._positions = positions + positions[-2:0:-1] if timing.sweeps else positions
        self._ends = list(accumulate(timing.seconds_of(order[at - 1]) for at in self._positions))
        self._begin(number, now)

    @property
    def text(self) -> str:
        """The rate and where it comes from, for a status line."""
        return f"▶ {self.timing.rate * self.speed:.3g}/s ({self.timing.source})"

    def number_at(self, now: float) -> int:
        """Return the position that is due."""
        spent = self._offset + (now - self._began) * self.speed
        return self._positions[bisect_right(self._ends, spent % self._ends[-1])]

    def change_speed(self, steps: int, now: float) -> None:
        """Play faster or slower from here on."""
        number = self.number_at(now)
        self.speed = min(max(self.speed * FASTER**steps, SPEEDS[0]), SPEEDS[1])
        self._begin(number, now)

    def _begin(self, number: int, now: float) -> None:
        self._began = now
        self._offset = self._ends[number - 2] if number > 1 else 0.0
