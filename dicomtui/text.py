"""Safe text: the only door from untrusted bytes to a screen, a stream, a log or the clipboard.

Tag values, file names and the error texts of libraries may hold anything: escape sequences that drive the
terminal, direction overrides that disguise what is read, line breaks that forge a row. What leaves here
holds no such character; each one is shown as a visible escape instead.
"""

import unicodedata
from functools import cache

LINE_LIMIT = 4096
"""Characters that one line of output may have."""

_FORMAT_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_VISIBLE = {"\n": "↵", "\t": "⇥"}


def safe_line(text: str, limit: int = LINE_LIMIT) -> str:
    r"""Return *text* as one line without control, direction or zero-width characters.

    Parameters
    ----------
    text : str
        Untrusted text, for instance a decoded value or a file name with surrogate escapes.
    limit : int
        The length at which the text is cut and ended with an ellipsis.

    Returns
    -------
    str
        Printable text: a line break shows as ``↵``, a tab as ``⇥``, anything else that is not shown by a
        terminal as ``\x1b``, ``\u202e`` or ``\U000e0041``.
    """
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    if text.isascii() and text.isprintable():
        return text
    return "".join(_visible(character) for character in text)


def safe_lines(text: str, limit: int = 1 << 20) -> str:
    """Return *text* like :func:`safe_line`, but keep its line breaks and turn tabs into spaces."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(safe_line(line.expandtabs(4), limit) for line in lines)


@cache
def _visible(character: str) -> str:
    if character in _VISIBLE:
        return _VISIBLE[character]
    if unicodedata.category(character) not in _FORMAT_CATEGORIES:
        return character
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # os.fsdecode keeps an undecodable byte of a file name as a lone surrogate
        return f"\\x{code - 0xDC00:02x}"
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
