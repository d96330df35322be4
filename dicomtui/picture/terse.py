"""Lines of cells as what a terminal needs to show them: what is there already is passed over.

Each line begins where the cursor stands, in the terminal's own colours, and ends behind its last cell, in the
terminal's own colours.
"""

from functools import cache, lru_cache
from typing import TYPE_CHECKING

import numpy as np

from dicomtui.picture.cells import Cells
from dicomtui.picture.depth import ColourDepth
from dicomtui.picture.glyphs import FULL, SPACE, inverses
from dicomtui.picture.palette import GREYS

if TYPE_CHECKING:
    from collections.abc import Iterable

    from numpy.typing import NDArray

_RESET = "\x1b[0m"
_UPPER = ord("▀")
_Run = tuple[int, int, int, int, int, int]
"""Line, column, length, glyph, front, back."""
_TRUE_STEP = 8
"""How much of a display value is one step where there are 256 of them: the palette has 30 greys."""


def terse_lines(
    cells: Cells, shown: Cells | None = None, valid: "NDArray[np.bool_] | None" = None
) -> list[str]:
    """Return what shows each line.

    Parameters
    ----------
    cells : Cells
        What is to be seen.
    shown : Cells, optional
        What the terminal shows, of the same size.
    valid : ndarray of bool, shape (lines,), optional
        Which lines it still shows; the others are written whole.
    """
    changed = _changed(cells, shown, valid)
    begins = changed.copy()
    same = np.ones(changed.shape, dtype=bool)
    same[:, 0] = False
    same[:, 1:] = changed[:, :-1]
    for part in cells[:3]:
        same[:, 1:] &= part[:, 1:] == part[:, :-1]
    begins &= ~same
    places = np.flatnonzero(begins | ~changed)
    lengths = np.diff(places, append=changed.size)
    is_run = begins.ravel()[places]
    places, lengths = places[is_run], lengths[is_run]
    lines, columns = np.divmod(places, changed.shape[1])
    runs = zip(
        lines.tolist(),
        columns.tolist(),
        lengths.tolist(),
        *(part.ravel()[places].tolist() for part in cells[:3]),
        strict=True,
    )
    return _written(runs, changed.shape, cells.depth)


def settled(cells: Cells, shown: Cells, steps: int) -> Cells:
    """Return *cells* with those that differ by no more than *steps* of grey as they are *shown*.

    Without colours there are no steps: a character is another one or it is not.
    """
    if shown.depth is not cells.depth or shown.glyphs.shape != cells.glyphs.shape or not steps:
        return cells
    if cells.depth is ColourDepth.NONE:
        return cells
    keep = (cells.glyphs == shown.glyphs) | (
        ((cells.glyphs == SPACE) | (cells.glyphs == _UPPER))
        & ((shown.glyphs == SPACE) | (shown.glyphs == _UPPER))
    )
    for now, before in ((cells.front, shown.front), (cells.back, shown.back)):
        keep &= _near(now, before, steps, cells.depth)
    glyphs, front, back = (
        np.where(keep, before, now) for now, before in zip(cells[:3], shown[:3], strict=True)
    )
    return Cells(glyphs, front, back, cells.depth)


def _changed(cells: Cells, shown: Cells | None, valid: "NDArray[np.bool_] | None") -> "NDArray[np.bool_]":
    changed: NDArray[np.bool_]
    if shown is None or shown.depth is not cells.depth or shown.glyphs.shape != cells.glyphs.shape:
        return np.ones(cells.glyphs.shape, dtype=bool)
    changed = cells.glyphs != shown.glyphs
    changed |= cells.front != shown.front
    changed |= cells.back != shown.back
    if valid is not None:
        changed[~valid] = True
    return changed


def _written(runs: "Iterable[_Run]", shape: tuple[int, ...], depth: ColourDepth) -> list[str]:
    lines, width = shape
    written: list[list[str]] = [[] for _ in range(lines)]
    ends = [0] * lines
    at_line, front, back = -1, -1, -1
    inverse = inverses() if depth is not ColourDepth.NONE else {}
    for line, column, length, glyph, wanted_front, wanted_back in runs:
        parts = written[line]
        if line != at_line:
            at_line, front, back = line, -1, -1
        if column != ends[line]:
            parts.append(_forward(column - ends[line]))
        if glyph == SPACE:
            if wanted_back == front and front != back and inverse:
                glyph, wanted_back = FULL, back
            wanted_front = front
        elif glyph in inverse and (
            wanted_back == front != wanted_front or wanted_front == back != wanted_back
        ):
            # Its colours exchanged are there already, or one of them.
            glyph, wanted_front, wanted_back = inverse[glyph], wanted_back, wanted_front
        if wanted_front != front or wanted_back != back:
            parts.append(
                _colours(
                    wanted_front if wanted_front != front else -1,
                    wanted_back if wanted_back != back else -1,
                    depth,
                )
            )
            front, back = wanted_front, wanted_back
        parts.append(_text(glyph, length))
        ends[line] = column + length
    return [
        "".join(parts) + (_RESET if parts else "") + (_forward(width - end) if end < width else "")
        for parts, end in zip(written, ends, strict=True)
    ]


@cache
def _forward(count: int) -> str:
    return f"\x1b[{count}C" if count > 1 else "\x1b[C"


@lru_cache(maxsize=8192)
def _text(glyph: int, length: int) -> str:
    return chr(glyph) * length


@lru_cache(maxsize=65536)
def _colours(front: int, back: int, depth: ColourDepth) -> str:
    if depth is ColourDepth.NONE:
        return ""
    parts = [_colour(front, 30, depth)] if front >= 0 else []
    if back >= 0:
        parts.append(_colour(back, 40, depth))
    return f"\x1b[{';'.join(parts)}m"


def _colour(code: int, base: int, depth: ColourDepth) -> str:
    if depth is ColourDepth.TRUE:
        return f"{base + 8};2;{code >> 16};{code >> 8 & 255};{code & 255}"
    if depth is ColourDepth.SIXTEEN:
        return str(base + code if code < 8 else base + 52 + code)
    return f"{base + 8};5;{code}"


def _near(
    now: "NDArray[np.uint32]", before: "NDArray[np.uint32]", steps: int, depth: ColourDepth
) -> "NDArray[np.bool_]":
    if depth is not ColourDepth.TRUE:
        ranks = _ranks(depth)
        is_near: NDArray[np.bool_] = np.abs(ranks[now] - ranks[before]) <= steps
        return is_near
    near: NDArray[np.bool_] = np.ones(now.shape, dtype=bool)
    for shift in (0, 8, 16):
        channels = ((part >> shift & 255).astype(np.int16) for part in (now, before))
        near &= np.abs(np.subtract(*channels)) <= _TRUE_STEP * steps
    return near


@cache
def _ranks(depth: ColourDepth) -> "NDArray[np.int32]":
    """Return how bright each grey is among the others; colours are near to nothing but themselves."""
    ranks = np.arange(256, dtype=np.int32) * 1000 + 1000
    greys = GREYS.get(depth, GREYS[ColourDepth.SIXTEEN])
    ranks[[code for _, code in sorted(greys.items())]] = np.arange(len(greys))
    return ranks
