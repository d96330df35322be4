"""Letters of orientation: where the rows and columns of a picture lead in the patient.

>>> from dicomtui.imaging.orientation import Orientation, edge_letters
>>> from dicomtui.imaging.viewport import Viewport
>>> edge_letters(Orientation("L", "P"), Viewport())
('R', 'A', 'L', 'P')
>>> edge_letters(Orientation("L", "P"), Viewport().flipped(horizontally=True))
('L', 'A', 'R', 'P')

References
----------
DICOM PS3.3 C.7.6.1.1.1 (Patient Orientation).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dicomtui.imaging.viewport import region_shown

if TYPE_CHECKING:
    from dicomtui.imaging.viewport import Viewport

Vector = tuple[float, float, float]

_OPPOSITE = str.maketrans("RLAPHF", "LRPAFH")
_BIPED = re.compile("[RLAPHF]")
_QUADRUPED = re.compile("LE|RT|CR|CD|PR|DI|PA|PL|[DVRML]")
_QUADRUPED_OPPOSITE = {
    "LE": "RT",
    "RT": "LE",
    "M": "L",
    "L": "M",
    "PR": "DI",
    "DI": "PR",
    "V": "D",
    "PA": "D",
    "PL": "D",
    "CR": "CD",
    "R": "CD",
}
"""Dorsal and caudal have none: it is ventral, palmar or plantar, cranial or rostral, by part of the body."""
_LEAST_PART = 0.2
"""Of a direction: a lean of less than about 12 degrees has no letter."""


@dataclass(frozen=True, slots=True)
class Orientation:
    """Where a picture's rows and columns lead in the patient."""

    across: str
    """Letters of the direction of increasing columns, the strongest first: R, L, A, P, H, F."""
    down: str
    """Letters of the direction of increasing rows."""
    quadruped: bool = False
    """Whether the letters are those of animals: LE, RT, D, V, CR, CD, R, M, L, PR, DI, PA, PL."""


def stated_orientation(parts: Sequence[str], *, quadruped: bool = False) -> Orientation | None:
    """Return the orientation that the values of Patient Orientation state; None where they are no letters."""
    pattern = _QUADRUPED if quadruped else _BIPED
    letters = [pattern.findall(part) for part in parts]
    if len(parts) != 2 or not all(1 <= len(found) <= 3 for found in letters):
        return None
    if ["".join(found) for found in letters] != list(parts):
        return None
    return Orientation(parts[0], parts[1], quadruped)


def direction_letters(direction: Vector) -> str:
    """Return up to three letters for a direction in the patient, the strongest first.

    Parameters
    ----------
    direction : tuple of float
        Of length 1, in the patient's coordinates: to the left, to the back, to the head.
    """
    parts = zip(direction, ("LR", "PA", "HF"), strict=True)
    strong = [(abs(part), pair[part < 0]) for part, pair in parts if abs(part) >= _LEAST_PART]
    return "".join(letter for _, letter in sorted(strong, key=lambda found: -found[0]))


def edge_letters(orientation: Orientation, viewport: "Viewport") -> tuple[str, str, str, str]:
    """Return the letters at the edges of the screen.

    Parameters
    ----------
    orientation : Orientation
        Of the frame.
    viewport : Viewport
        How it is turned and flipped.

    Returns
    -------
    tuple of str
        Left, top, right and bottom, up to three letters each.
    """
    unit = region_shown((1, 1), viewport.fitted(), 1.0, 1, 1)
    left, top, right, bottom = (
        _letters_towards(orientation, unit.to_picture(*edge)) for edge in ((-1, 0), (0, -1), (1, 0), (0, 1))
    )
    return left, top, right, bottom


def opposite(letters: str, *, quadruped: bool = False) -> str:
    """Return the letters of the opposite direction: ``RA`` for ``LP``."""
    if quadruped:
        return "".join(_QUADRUPED_OPPOSITE.get(part, "") for part in _QUADRUPED.findall(letters))
    return letters.translate(_OPPOSITE)


def _letters_towards(orientation: Orientation, place: tuple[float, float]) -> str:
    """Return the letters of the direction from the middle of a picture of one pixel to *place*."""
    across, down = place[0] - 0.5, place[1] - 0.5
    letters = orientation.across if abs(across) > abs(down) else orientation.down
    return letters if across + down > 0 else opposite(letters, quadruped=orientation.quadruped)
