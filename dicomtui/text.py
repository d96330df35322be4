"""Safe text: the only door from untrusted bytes to a screen, a stream, a log or the clipboard.

Tag values, file names and the error texts of libraries may hold anything: escape sequences that drive the
terminal, direction overrides that disguise what is read, line breaks that forge a row. What leaves here
holds no such character; each one is shown as a visible escape instead.
"""

import unicodedata
from collections.abc import Iterator
from functools import cache

LINE_LIMIT = 4096
"""Characters that one line of output may have."""
MARKS_LIMIT = 8
"""Combining marks that one character may carry; no script needs more, and a pile of them hides other rows."""

_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
_MARK_CATEGORIES = frozenset({"Mn", "Me"})
_VISIBLE = {"\n": "↵", "\t": "⇥"}


def safe_line(text: str, limit: int = LINE_LIMIT) -> str:
    r"""Return *text* as one line without control, direction or zero-width characters.

    Parameters
    ----------
    text : str
        Untrusted text, for instance a decoded value or a file name with surrogate escapes.
    limit : int
        The length at which the result is cut and ended with an ellipsis.

    Returns
    -------
    str
        Printable text, at most *limit* characters: a line break shows as ``↵``, a tab as ``⇥``, anything else
        that is not shown by a terminal as ``\x1b``, ``\u202e`` or ``\U000e0041``.
    """
    cut = text[: limit + 1]
    if not (cut.isascii() and cut.isprintable()):
        cut = "".join(_visible_characters(cut))
    return cut if len(cut) <= limit else cut[: limit - 1] + "…"


def safe_lines(text: str, limit: int = 1 << 20) -> str:
    """Return *text* like :func:`safe_line`, but keep its line breaks and turn tabs into spaces."""
    if len(text) > limit:
        text = text[: limit - 1] + "…"
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(safe_line(line.expandtabs(4), limit) for line in lines)


def _visible_characters(text: str) -> Iterator[str]:
    marks = 0
    for character in text:
        shown, is_mark = _visible(character)
        marks = marks + 1 if is_mark else 0
        yield shown if marks <= MARKS_LIMIT else _escaped(character)


@cache
def _visible(character: str) -> tuple[str, bool]:
    """Return what is shown for *character*, and whether it is drawn over the one before."""
    category = unicodedata.category(character)
    if category not in _UNSAFE_CATEGORIES:
        return character, category in _MARK_CATEGORIES
    return _VISIBLE.get(character) or _escaped(character), False


def _escaped(character: str) -> str:
    code = ord(character)
    if 0xDC80 <= code <= 0xDCFF:  # os.fsdecode keeps an undecodable byte of a file name as a lone surrogate
        code -= 0xDC00
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
