"""Which frame is due while a cine plays: time decides, so that frames are dropped rather than delayed."""

from bisect import bisect_right
from enum import StrEnum
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.imaging.cine import Timing

FASTER = 1.25
RATES = (0.1, 1000.0)
"""Frames a second, least and most, unless a file asks for less."""


class Repeat(StrEnum):
    """What comes behind the last frame."""

    LOOP = "loop"
    """The first one."""
    BOUNCE = "back and forth"
    """The last but one."""
    ONCE = "once"
    """Nothing."""


class Player:
    """Plays positions 1 to the number of frames.

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
    repeat : Repeat, optional
        What comes behind the last frame; without it, what the file says.
    rate : float, optional
        Frames a second instead of those of the file, which then stay equally long only if they do there.
    """

    def __init__(
        self,
        timing: "Timing",
        order: "Sequence[int]",
        number: int,
        now: float,
        repeat: Repeat | None = None,
        rate: float | None = None,
    ) -> None:
        self.timing = timing
        self.speed = 1.0
        self._source = timing.source
        self._seconds = [timing.seconds_of(frame) for frame in order]
        self.repeat = repeat or (Repeat.BOUNCE if timing.sweeps else Repeat.LOOP)
        self._lay_out()
        self._begin(number, now)
        if rate is not None:
            self.play_at(rate, now)

    @property
    def text(self) -> str:
        """The rate, where it comes from, and what is not a loop, for a status line."""
        repeat = "" if self.repeat is Repeat.LOOP else f" {self.repeat}"
        return f"▶ {self.timing.rate * self.speed:.3g}/s ({self._source}){repeat}"

    def number_at(self, now: float) -> int:
        """Return the position that is due."""
        spent = self._spent(now)
        if self.repeat is Repeat.ONCE:
            spent = min(spent, self._ends[-1])
        else:
            spent %= self._ends[-1]
        return self._positions[min(bisect_right(self._ends, spent), len(self._positions) - 1)]

    def is_over(self, now: float) -> bool:
        """Whether nothing comes any more."""
        return self.repeat is Repeat.ONCE and self._spent(now) >= self._ends[-1]

    def ahead(self, now: float, every: float, count: int) -> list[int]:
        """Return the positions that are due next where one is shown each *every* seconds, *count* at most."""
        due = (self.number_at(now + step * every) for step in range(1, count + 1))
        return [number for number in dict.fromkeys(due) if number != self.number_at(now)]

    def change_speed(self, steps: int, now: float) -> None:
        """Play faster or slower from here on."""
        self._play_at(self.timing.rate * self.speed * FASTER**steps, now)

    def play_at(self, rate: float, now: float) -> None:
        """Play so many frames a second from here on."""
        self._source = "chosen"
        self._play_at(rate, now)

    def repeat_as(self, repeat: Repeat, now: float) -> None:
        """Go on from here in another way."""
        number = self.number_at(now)
        self.repeat = repeat
        self._lay_out()
        self._begin(number, now)

    def _play_at(self, rate: float, now: float) -> None:
        number, own = self.number_at(now), self.timing.rate
        self.speed = min(max(rate, min(RATES[0], own)), max(RATES[1], own)) / own
        self._begin(number, now)

    def _lay_out(self) -> None:
        positions = list(range(1, len(self._seconds) + 1))
        back = positions[-2:0:-1] if self.repeat is Repeat.BOUNCE else []
        self._positions = positions + back
        self._ends = list(accumulate(self._seconds[at - 1] for at in self._positions))

    def _spent(self, now: float) -> float:
        return self._offset + (now - self._began) * self.speed

    def _begin(self, number: int, now: float) -> None:
        self._began = now
        self._offset = self._ends[number - 2] if number > 1 else 0.0
