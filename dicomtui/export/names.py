"""Names of files made of tag values, which may hold anything and lead nowhere but below the target folder.

>>> from dicomtui.export.names import Template
>>> template = Template.parse("{PatientID}/{SeriesNumber}-{InstanceNumber:04}")
>>> template.path({"PatientID": "../../etc", "SeriesNumber": "3", "InstanceNumber": "7"})
'etc/3-0007'
"""

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from pydicom.datadict import keyword_dict

from dicomtui.errors import UsageError
from dicomtui.text import safe_line

PATH, FILE, FRAME = "Path", "File", "Frame"
SPECIAL = {
    PATH: "the path of the source below what was asked for, without its suffix",
    FILE: "the last part of that path",
    FRAME: "the number of the frame",
}
"""Fields that are no attributes."""

MISSING = "unknown"
"""What stands for a value that is empty or not there."""
LONGEST_PART = 96
"""Characters between two slashes; a suffix and a mark against collisions still fit behind."""
LONGEST_PATH = 480
_FIELD = re.compile(r"\{([^{}]*)\}")
_INSIDE = re.compile(r"([A-Za-z][A-Za-z0-9]*)(?::0?([1-9][0-9]?))?")
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
_MARK = 8


class _Field(NamedTuple):
    keyword: str
    width: int


@dataclass(frozen=True)
class Template:
    """What a person wrote, taken apart: text, and fields in braces."""

    text: str
    pieces: tuple[str | _Field, ...]

    @classmethod
    def parse(cls, text: str) -> "Template":
        """Take *text* apart.

        Raises
        ------
        UsageError
            If a brace has no partner or a field is neither an attribute's keyword nor one of
            :data:`SPECIAL`; the message says where.
        """
        pieces: list[str | _Field] = []
        end = 0
        for match in _FIELD.finditer(text):
            pieces += [_plain(text, end, match.start()), _field(text, match)]
            end = match.end()
        pieces.append(_plain(text, end, len(text)))
        if not text.strip(" /"):
            raise UsageError("the template for names is empty; for instance {PatientID}/{InstanceNumber:04}")
        return cls(text, tuple(piece for piece in pieces if piece))

    @property
    def fields(self) -> tuple[str, ...]:
        """Keywords of attributes and names of special fields, each once."""
        return tuple(dict.fromkeys(piece.keyword for piece in self.pieces if isinstance(piece, _Field)))

    def path(self, values: Mapping[str, str]) -> str:
        """Return a path below the target folder, without a suffix.

        Parameters
        ----------
        values : mapping
            Texts by the names of :attr:`fields`; what is absent or empty is called :data:`MISSING`.

        Returns
        -------
        str
            Parts of ``[A-Za-z0-9._-]`` with slashes between; none begins with a dot or a dash, is empty or
            too long, or is a name that some system keeps for itself.
        """
        made = "".join(piece if isinstance(piece, str) else _text(piece, values) for piece in self.pieces)
        parts = [safe_part(part) for part in made.split("/") if part.strip()]
        path = "/".join(parts) or MISSING
        return path if len(path) <= LONGEST_PATH else _marked(path[: LONGEST_PATH - _MARK - 1], path)


def safe_part(text: str) -> str:
    """Return *text* as one part of a path that is safe on every system.

    Letters that ASCII does not have lose their accents; where any are lost altogether, a mark made of the
    whole text stands in their place, so that two names do not become one.
    """
    decomposed = unicodedata.normalize("NFKD", text)
    plain = "".join(character for character in decomposed if not unicodedata.combining(character))
    safe = _UNSAFE.sub("_", plain).strip("_").lstrip(".-").rstrip(".")
    if (
        any(character.isalnum() and not character.isascii() for character in plain)
        or len(safe) > LONGEST_PART
    ):
        safe = _marked(safe[: LONGEST_PART - _MARK - 1], text)
    if _RESERVED.fullmatch(safe):
        return f"_{safe}"
    return safe or MISSING


def distinct(path: str, identity: str) -> str:
    """Return *path* with a mark made of *identity*, for a name that another has taken.

    Parameters
    ----------
    path : str
        As :meth:`Template.path` returns it.
    identity : str
        What tells the two apart, for instance a SOP Instance UID and a frame.
    """
    return _marked(path, identity)


def _marked(text: str, whole: str) -> str:
    mark = hashlib.sha256(whole.encode("utf-8", "surrogateescape")).hexdigest()[:_MARK]
    return f"{text}-{mark}" if text else mark


def _plain(text: str, start: int, end: int) -> str:
    for column, character in enumerate(text[start:end], start + 1):
        if character in "{}":
            raise UsageError(f"the template for names has a single {character} in column {column}")
    return text[start:end]


def _field(text: str, match: "re.Match[str]") -> _Field:
    inside = _INSIDE.fullmatch(match[1].strip())
    where = f"in column {match.start() + 1} of the template for names"
    if inside is None:
        shown = safe_line(match[0], 40)
        raise UsageError(f"{shown} {where} is no field; write a keyword and a width: {{InstanceNumber:04}}")
    keyword = inside[1]
    if keyword not in SPECIAL and keyword not in keyword_dict:
        known = {name.casefold(): name for name in (*SPECIAL, *keyword_dict)}
        meant = known.get(keyword.casefold())
        advice = f"; did you mean {meant}?" if meant else "; write a keyword such as PatientID"
        raise UsageError(f"{safe_line(keyword, 40)} {where} is no attribute{advice}")
    return _Field(keyword, int(inside[2] or 0))


def _text(field: _Field, values: Mapping[str, str]) -> str:
    value = values.get(field.keyword, "").strip(" \0")
    if field.keyword == PATH:  # its slashes are meant
        return "/".join(safe_part(part) for part in value.split("/") if part) or MISSING
    value = value.lstrip("+").replace("/", "_") if value else MISSING
    return safe_part(value.zfill(field.width) if value.isdecimal() else value)
