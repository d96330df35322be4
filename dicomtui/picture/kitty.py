"""Pictures by kitty's graphics protocol, placed where the cursor is."""

from base64 import standard_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

PICTURE = 7701
"""The number of the only picture that there ever is: each new one takes the place of the last."""
PLACEMENT = 1
_CHUNK = 4096
"""Characters of data that one command may carry."""


def kitty(
    pixels: "NDArray[np.uint8]", columns: int, lines: int, opaque: "NDArray[np.bool_] | None" = None
) -> str:
    """Return what draws a picture over so many cells from the cursor on, which it leaves where it is.

    The picture lies above text, which is seen where *opaque* (rows, columns) is false: below text, kitty 0.26
    would mix the other colours of the screen wrongly. Nothing is answered (``q=2``). The data comes in
    pieces, as the protocol demands.

    References
    ----------
    https://sw.kovidgoyal.net/kitty/graphics-protocol/
    """
    from dicomtui.picture.png import png

    data = standard_b64encode(png(pixels, opaque)).decode("ascii")
    what = f"a=T,f=100,i={PICTURE},p={PLACEMENT},C=1,q=2,c={columns},r={lines}"
    return "".join(in_pieces(what, data))


def in_pieces(what: str, data: str) -> list[str]:
    """Return the commands that carry *data*, which is base64; *what* is said in the first."""
    pieces = [data[begin : begin + _CHUNK] for begin in range(0, len(data), _CHUNK)]
    if len(pieces) == 1:
        return [f"\x1b_G{what};{pieces[0]}\x1b\\"]
    first, *between, last = pieces
    middle = [f"\x1b_Gm=1,q=2;{piece}\x1b\\" for piece in between]
    return [f"\x1b_G{what},m=1;{first}\x1b\\", *middle, f"\x1b_Gm=0,q=2;{last}\x1b\\"]


def kitty_erased() -> str:
    """Return what removes the picture and its data."""
    return f"\x1b_Ga=d,d=I,i={PICTURE},q=2\x1b\\"
