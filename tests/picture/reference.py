"""Turns cells back into the pixels that a terminal shows; knows the characters by their names alone."""

import unicodedata

import numpy as np

ROWS, COLUMNS = 24, 8
"""Pixels of a cell here: 2, 3 and 4 rows fit."""
OCTANTS = {0x1CEA8: "1", 0x1CEAB: "2", 0x1FBE6: "35", 0x1FBE7: "46", 0x1CEA3: "7", 0x1CEA0: "8"}
"""Characters that Python does not know by name yet: which of eight parts they fill."""
_QUARTERS = {"UPPER LEFT": (0, 0), "UPPER RIGHT": (0, 1), "LOWER LEFT": (1, 0), "LOWER RIGHT": (1, 1)}
_BARS = {
    "SPACE": (0, 0, 1, 1, 0),
    "FULL BLOCK": (0, 1, 0, 1, 1),
    "UPPER HALF BLOCK": (0, 1 / 2, 0, 1, 1),
    "LOWER HALF BLOCK": (1 / 2, 1, 0, 1, 1),
    "LEFT HALF BLOCK": (0, 1, 0, 1 / 2, 1),
    "RIGHT HALF BLOCK": (0, 1, 1 / 2, 1, 1),
    "UPPER ONE QUARTER BLOCK": (0, 1 / 4, 0, 1, 1),
    "LOWER ONE QUARTER BLOCK": (3 / 4, 1, 0, 1, 1),
    "UPPER THREE QUARTERS BLOCK": (0, 3 / 4, 0, 1, 1),
    "LOWER THREE QUARTERS BLOCK": (1 / 4, 1, 0, 1, 1),
}


def glyph_mask(code: int) -> np.ndarray:
    """Return how much of each pixel of a cell a character covers, by its name in the UCD."""
    mask = np.zeros((ROWS, COLUMNS))
    name = unicodedata.name(chr(code), "")
    if name in _BARS:
        top, bottom, left, right, value = _BARS[name]
        mask[int(top * ROWS) : int(bottom * ROWS), int(left * COLUMNS) : int(right * COLUMNS)] = value
    elif name.startswith("QUADRANT "):
        for part in name.removeprefix("QUADRANT ").split(" AND "):
            _fill(mask, *_QUARTERS[part], 2)
    elif name.startswith("BLOCK SEXTANT-"):
        for number in name.rpartition("-")[2]:
            _fill(mask, *divmod(int(number) - 1, 2), 3)
    elif name.startswith("BRAILLE PATTERN DOTS-"):
        for number in name.rpartition("-")[2]:
            row = "1237".find(number) if number in "1237" else "4568".find(number)
            _dot(mask, row, int(number in "4568"))
    else:
        for number in OCTANTS[code] if code in OCTANTS else octant_parts(code):
            _fill(mask, *divmod(int(number) - 1, 2), 4)
    return mask


def octant_parts(code: int) -> str:
    """Return the parts of an octant, counted as Unicode orders them: all sets but those named elsewhere."""
    own = [parts for parts in map(_parts, range(256)) if not _is_elsewhere(parts)]
    assert 0x1CD00 <= code <= 0x1CDE5
    assert len(own) == 0x1CDE5 - 0x1CD00 + 1
    return own[code - 0x1CD00]


def _parts(bits: int) -> str:
    return "".join(str(part + 1) for part in range(8) if bits >> part & 1)


def _is_elsewhere(parts: str) -> bool:
    quarters = all((one in parts) == (other in parts) for one, other in ("13", "24", "57", "68"))
    return quarters or parts in {"12", "78", "123456", "345678", *OCTANTS.values()}


def _fill(mask: np.ndarray, row: int, column: int, rows: int) -> None:
    height, width = ROWS // rows, COLUMNS // 2
    mask[row * height : (row + 1) * height, column * width : (column + 1) * width] = 1


def _dot(mask: np.ndarray, row: int, column: int) -> None:
    top, left = row * ROWS // 4 + 2, column * COLUMNS // 2 + 1
    mask[top : top + 3, left : left + 2] = 1


def rendered(glyphs: np.ndarray, front: np.ndarray, back: np.ndarray) -> np.ndarray:
    """Return pixels (lines * ROWS, columns * COLUMNS[, 3]) of glyphs in colours (lines, columns[, 3])."""
    known, where = np.unique(glyphs, return_inverse=True)
    masks = np.array([glyph_mask(int(code)) for code in known])[where.reshape(glyphs.shape)]
    colours = [part.astype(float).reshape(*glyphs.shape, -1) for part in (front, back)]
    covered = masks[..., np.newaxis]
    cells = covered * colours[0][:, :, None, None] + (1 - covered) * colours[1][:, :, None, None]
    lines, columns = glyphs.shape
    picture = cells.transpose(0, 2, 1, 3, 4).reshape(lines * ROWS, columns * COLUMNS, -1)
    return picture[..., 0] if front.ndim == 2 else picture


def decoded(codes: np.ndarray) -> np.ndarray:
    """Return RGB of codes in true colour."""
    return np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=-1)
