"""Pictures by iTerm2's protocol: a file in the text."""

from base64 import standard_b64encode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def iterm2(pixels: "NDArray[np.uint8]", columns: int, lines: int) -> str:
    """Return what draws a picture over so many cells from the cursor on, which it may move.

    References
    ----------
    https://iterm2.com/documentation-images.html
    """
    from dicomtui.picture.png import png

    data = png(pixels)
    what = f"inline=1;size={len(data)};width={columns};height={lines};preserveAspectRatio=0;doNotMoveCursor=1"
    return f"\x1b]1337;File={what}:{standard_b64encode(data).decode('ascii')}\x07"
