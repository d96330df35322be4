"""Colours for grey pictures: published maps of 256 colours each, out of a table.

>>> import numpy as np
>>> from dicomtui.imaging.colour_maps import colour_map
>>> colour_map("hot iron").apply(np.array([[0, 255]], np.uint8)).tolist()
[[[0, 0, 0], [255, 255, 255]]]

References
----------
DICOM PS3.6 Annex B (well-known colour palettes).
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True, eq=False)
class ColourMap:
    """One map."""

    name: str
    source: str
    """Where its colours were published."""
    colours: "NDArray[np.uint8]"
    """Shape (256, 3): for each display value red, green and blue."""

    def apply(self, shown: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
        """Return RGB, shape (rows, columns, 3), for display values of shape (rows, columns)."""
        rgb: NDArray[np.uint8] = self.colours[shown]
        return rgb


@cache
def colour_maps() -> dict[str, ColourMap]:
    """Return all maps by their names, in the order in which they are offered."""
    text = files(__package__).joinpath("data", "colour_maps.csv").read_text("utf-8")
    return {
        row["name"]: ColourMap(
            row["name"],
            row["source"],
            np.frombuffer(bytes.fromhex(row["colours"]), np.uint8).reshape(256, 3),
        )
        for row in csv.DictReader(text.splitlines())
    }


def colour_map(name: str) -> ColourMap:
    """Return a map by its name; case, spaces and hyphens do not count.

    Raises
    ------
    UsageError
        If there is none of this name.
    """
    wanted = _plain(name)
    for each in colour_maps().values():
        if _plain(each.name) == wanted:
            return each
    known = ", ".join(colour_maps())
    raise UsageError(f"colour map {safe_line(name, 40)!r} is unknown; there are {known}")


def _plain(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())
