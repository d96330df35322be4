"""How exactly a picture is shown while it moves, so that the line keeps up."""

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from dicomtui.tui.line_rate import LineRate

MOVING_SECONDS = 0.045
"""What one picture may take of the line while the pictures move, or a key waits behind it."""
LEAST_BYTES = 3000.0
"""What one picture may take in any case."""
SMALL = 0.4
"""A picture that takes less than this part of what it may is small."""
BEFORE_FINER = 3
"""After so many small pictures the next is finer."""
LOW_BYTES_PER_SECOND = 125e3
"""What a line is taken to carry at most, if the user says that it is a thin one: 1 Mbit/s."""


class Bandwidth(StrEnum):
    """What the user says of the line."""

    AUTO = "auto"
    FULL = "full"
    LOW = "low"


class Level(NamedTuple):
    """How pictures that move are shown."""

    deadband: int
    """Cells that change by no more than so many steps of grey stay as they are."""
    is_coarse: bool = False
    """Whether there is one pixel for four."""


LEVELS = (Level(0), Level(1), Level(2), Level(2, is_coarse=True))
"""From the exact one to the one that takes the fewest bytes."""


class Quality:
    """Chooses the level by what pictures take and what the line carries.

    Parameters
    ----------
    line : LineRate
        What was measured of it.
    bandwidth : Bandwidth
        What the user says of it.
    """

    def __init__(self, line: "LineRate", bandwidth: Bandwidth = Bandwidth.AUTO) -> None:
        self._line, self._bandwidth = line, bandwidth
        self._level = 2 if bandwidth is Bandwidth.LOW else 0
        self._exact_bytes = 0
        self._small = 0
        """How many pictures took much less than they may, one after the other."""

    @property
    def is_full(self) -> bool:
        """Whether every picture is shown as exactly as can be, whatever it takes."""
        return self._bandwidth is Bandwidth.FULL

    @property
    def budget(self) -> float:
        """Bytes that one picture may take."""
        if self.is_full:
            return float("inf")
        rate = self._line.bytes_per_second
        if self._bandwidth is Bandwidth.LOW:
            rate = min(rate, LOW_BYTES_PER_SECOND)
        return max(rate * MOVING_SECONDS, LEAST_BYTES)

    @property
    def is_thin(self) -> bool:
        """Whether an exact picture takes more than it may: what changes then is shown coarsely first."""
        return self._exact_bytes > self.budget

    @property
    def level(self) -> Level:
        """How to show the next picture that moves."""
        return LEVELS[self._level]

    def took(self, size: int) -> bool:
        """Learn what a moving picture takes at this level; True if it must be made again at the next one."""
        least = 2 if self._bandwidth is Bandwidth.LOW else 0
        self._small = self._small + 1 if size < self.budget * SMALL else 0
        if size > self.budget and self._level < len(LEVELS) - 1:
            self._level += 1
            return True
        if self._small >= BEFORE_FINER and self._level > least:
            self._level, self._small = self._level - 1, 0
        return False

    def took_exactly(self, size: int) -> None:
        """Learn what an exact picture takes; part of one counts as what it is."""
        self._exact_bytes = size
