"""Searches the bytes of values for what identifies a patient, in any encoding that it may stand in.

Two passes: one over all values at once, which finds whatever might be there and most often nothing, and for
what it finds another over each value, which decides and says where.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from pydicom.charset import python_encoding

from dicomtui.dataset.layout import Placed
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS

_CODECS = tuple(dict.fromkeys(("utf-8", "utf-16-le", "utf-16-be", *python_encoding.values())))
_ESCAPE = re.compile(rb"\x1b(?:\$?[()-][A-Z]|\$[AB])")
_RUN = re.compile(rb"[0-9.]{4,}")
_WIDE = re.compile(rb"[^\0]\0{1,3}[^\0](?:\0{1,3}[^\0])+")
_YEAR_FIRST = re.compile(rb"(?<![0-9.])([0-9]{4})([-/.:])([0-9]{2})\2([0-9]{2})(?![0-9])")
_YEAR_LAST = re.compile(rb"(?<![0-9.])([0-9]{1,2})([-/.])([0-9]{1,2})\2([0-9]{4})(?![0-9])")
_NUMBER_VRS = frozenset({"AS", "DS", "IS", "TM"})
_LONG_NUMBER = 7
_MOST_CHARACTERS = 64
"""Of a longer token only so many are searched for."""
_SHORT_WORD, _PRINTABLE_RUN, _FEW_BYTES = 5, 8, 64
_PRINTABLE = re.compile(rb"[\x20-\x7e]*")


class Hit(NamedTuple):
    """An identifying value that was found."""

    value: Placed
    kind: str
    """``a date``, ``a UID``, ...: never the value itself."""


class TokenSearch:
    """What is searched for in one file.

    Parameters
    ----------
    tokens : iterable of str
        Names, identifiers, dates as eight digits, UIDs.
    """

    def __init__(self, tokens: Iterable[str]) -> None:
        self._numbers: dict[bytes, str] = {}
        self._words: list[tuple[bytes, str]] = []
        self._others: list[str] = []
        for token in tokens:
            if not token.isascii():
                self._others.append(token)
            elif re.fullmatch(r"[0-9][0-9.]*", token):
                self._numbers[token.encode("ascii").rstrip(b".")] = token
            else:
                self._words.append((token.lower().encode("ascii"), token))
        self._days = {token for token in self._numbers if len(token) == 8 and token.isdigit()}

    def first_hit(self, data: bytes, values: Sequence[Placed]) -> Hit | None:
        """Return the first value that holds one of the tokens.

        Parameters
        ----------
        data : bytes
            What the offsets of *values* are about.
        values : sequence of Placed
            Where to look.
        """
        suspects = self._suspects(b"\n".join([data[each.start : each.end] for each in values]))
        if not suspects:
            return None
        for value in values:
            content = data[value.start : value.end]
            for token in suspects:
                if content and _holds(content, token, value.vr):
                    return Hit(value, kind_of(token))
        return None

    def _suspects(self, content: bytes) -> list[str]:
        """Return the tokens that may be in *content*: all that are, and few others."""
        lowered = content.lower()
        thinned = _thinned(lowered)
        found = [token for word, token in self._words if word in lowered or word in thinned]
        if self._numbers:
            numbers = set(_numbers_in(lowered)) | set(_numbers_in(thinned))
            days = {number[:8] for number in numbers} & self._days
            found += [self._numbers[number] for number in days | (numbers & self._numbers.keys())]
        return found + [token for token in self._others if _pattern(token).search(content)]


def kind_of(token: str) -> str:
    """Say what kind of value a token is."""
    if re.fullmatch(r"[0-9]{8}", token):
        return "a date or an identifier"
    if re.fullmatch(r"[0-9]+(\.[0-9]+){2,}", token):
        return "a UID"
    return "part of a name or an identifier" if token.isalpha() else "an identifier"


def _thinned(content: bytes) -> bytes:
    """Return the ASCII text with two or four bytes a character in *content*, as lines of plain text."""
    return b"\n".join(run.replace(b"\0", b"") for run in _WIDE.findall(content)) if b"\0" in content else b""


def _numbers_in(content: bytes) -> Iterator[bytes]:
    """Yield runs of digits and full stops, and the days of dates that are written with separators."""
    for run in _RUN.findall(content):
        yield run.rstrip(b".")
    for year, _, month, day in _YEAR_FIRST.findall(content):
        yield year + month + day
    for one, _, other, year in _YEAR_LAST.findall(content):
        yield year + one.zfill(2) + other.zfill(2)
        yield year + other.zfill(2) + one.zfill(2)


def _holds(content: bytes, token: str, vr: str) -> bool:
    """Whether *content*, or what it has of wide characters, holds *token* as a word of its own."""
    if not token.isascii():
        return _pattern(token).search(content) is not None
    lowered = _ESCAPE.sub(b"\x1b", content).lower()
    word = token.lower().encode("ascii")
    forms = (lowered, _thinned(lowered))
    if re.fullmatch(rb"[0-9][0-9.]*", word):
        number = word.rstrip(b".")
        if vr in _NUMBER_VRS and len(number) < _LONG_NUMBER:
            return False  # any number may be equal to a short one
        is_day = len(number) == 8 and number.isdigit()
        return any(
            each == number or (is_day and each[:8] == number) for form in forms for each in _numbers_in(form)
        )
    binary = vr in BINARY_VRS or vr in NUMBER_FORMATS or vr == "AT"
    return any(
        not binary or _is_text(form, match) for form in forms for match in _word_pattern(word).finditer(form)
    )


def _is_text(content: bytes, match: re.Match[bytes]) -> bool:
    """Whether a short word in binary data is text, and not numbers that happen to be letters.

    Three letters in either case stand by chance in every few megabytes of noise. They are text where other
    text is around them, or between zeros.
    """
    start, end = match.span()
    if end - start >= _SHORT_WORD or len(content) <= _FEW_BYTES:
        return True
    start -= len(_PRINTABLE.findall(content[max(0, start - _FEW_BYTES) : start][::-1])[0])
    end += len(_PRINTABLE.findall(content[end : end + _FEW_BYTES])[0])
    ends = {content[max(0, start - 1) : start], content[end : end + 1]}
    return end - start >= _PRINTABLE_RUN or ends <= {b"", b"\0"}


@lru_cache(maxsize=256)
def _word_pattern(word: bytes) -> re.Pattern[bytes]:
    """Return the pattern of an ASCII word in lower case that no other letter or digit continues."""
    before, after = rb"(?<![a-z])", rb"(?![a-z])"
    if word[:1].isdigit():
        before = rb"(?<![0-9.])"
    if word[-1:].isdigit():
        after = rb"(?!\.?[0-9])"
    return re.compile(before + re.escape(word) + after)


@lru_cache(maxsize=1024)
def _pattern(token: str) -> re.Pattern[bytes]:
    """Return a pattern of all the bytes that can stand for *token*, in either case.

    Words that are written without spaces between have no boundaries, and what precedes a word in code
    extensions may be the letter of an escape sequence, so that only what continues it is looked at. Of a long
    text its beginning is enough.
    """
    is_whole = len(token) <= _MOST_CHARACTERS
    token = token[:_MOST_CHARACTERS]
    forms: dict[bytes, None] = {}
    for codec in _CODECS:
        parts = [_alternatives(character, codec) for character in token]
        if all(parts):
            forms[b"".join(parts)] = None
    after = rb"(?![A-Za-z])" if is_whole and token[-1].isalpha() and ord(token[-1]) < 0x0E00 else b""
    return re.compile(b"(?:" + b"|".join(forms) + b")" + after, re.DOTALL) if forms else re.compile(rb"(?!)")


@lru_cache(maxsize=1 << 14)
def _alternatives(character: str, codec: str) -> bytes:
    """Return a pattern of one character in upper and lower case; empty if *codec* does not have it."""
    found: dict[bytes, None] = {}
    for form in (character, character.lower(), character.upper()):
        try:
            encoded = form.encode(codec)
        except (UnicodeError, LookupError):
            continue
        found[re.escape(_ESCAPE.sub(b"", encoded))] = None
    found.pop(b"", None)
    return b"(?:" + b"|".join(found) + b")" if found else b""
