"""Regular expressions for Data Elements with short values.

While a length is one of a few dozen numbers, "tag, VR, length, that many bytes" is a regular language, and
``re`` walks it in C, about five times as fast as a loop in Python. Patterns are text and want ``re.DOTALL``.
"""

from collections.abc import Iterable

SHORT_VR = "(?:[ACDFILPT][A-Z]|S[HLST]|U[ILS])"
"""A VR with a two-byte length, or one that no edition of the standard knows: parsers take it for such."""

_FREQUENT_LENGTHS = frozenset({2, 4, 8, 12, 0, 6, 10})


def byte(first: int, last: int | None = None) -> str:
    """Match one byte, or one from *first* to *last*."""
    return f"\\x{first:02x}" if last is None or last == first else f"[\\x{first:02x}-\\x{last:02x}]"


def even_lengths(longest: int) -> list[int]:
    """Give the even lengths up to *longest*, those that are met most often first."""
    return sorted(range(0, longest + 1, 2), key=lambda length: (length not in _FREQUENT_LENGTHS, length))


def sized(lengths: Iterable[int], *, implicit: bool = False, little: bool = True) -> str:
    """Match a length field of two bytes, four where the VR is implicit, and as many bytes as it says."""
    padding = "\\x00" * (3 if implicit else 1)
    fields = ((n, byte(n) + padding if little else padding + byte(n)) for n in lengths)
    return "(?:" + "|".join(f"{field}.{{{length}}}" for length, field in fields) + ")"
