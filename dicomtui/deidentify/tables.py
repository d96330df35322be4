"""The tables of PS3.15 Annex E as they stand in the standard, looked up by tag, creator and concept."""

import csv
import re
from functools import cache
from pathlib import Path
from typing import NamedTuple

EDITION = "PS3.15 2026d"
"""The edition of the standard that the data files repeat."""

DATA = Path(__file__).with_name("data")
OPTION_COLUMNS = (
    "retain_safe_private",
    "retain_uids",
    "retain_device_identity",
    "retain_institution_identity",
    "retain_patient_characteristics",
    "retain_full_dates",
    "retain_modified_dates",
    "clean_descriptors",
    "clean_structured_content",
    "clean_graphics",
)
"""The columns of options, in the order of Table E.1-1."""

PRIVATE = "(gggg,eeee)"
"""The tag of the row for private attributes, "where gggg is odd"."""

_TAG = re.compile(r"\(([0-9A-F]{2})([0-9A-F]{2}|xx),([0-9A-F]{4}|xxxx)\)")

_VALUE_TYPES = {"DATE": "DA", "DATETIME": "DT", "TIME": "TM", "TEXT": "UT", "PNAME": "PN", "UIDREF": "UI"}


class Row(NamedTuple):
    """One row of Table E.1-1, or of Table E.3.4-1 without a tag."""

    tag: str
    """As in the standard: ``(0010,0010)``, ``(60xx,3000)``, ``(gggg,eeee)``."""
    name: str
    keyword: str
    vr: str
    """As in the standard; for rows that give none, what the name or the Value Type says."""
    basic: str
    """The action of the Basic Profile: ``X``, ``Z/D``, ``X/Z/U*``."""
    options: dict[str, str]
    """``K`` or ``C`` by column, for the options that touch the row."""


class SafePrivate(NamedTuple):
    """One row of Table E.3.10-1."""

    vr: str
    meaning: str


def rows() -> tuple[Row, ...]:
    """Return the rows of Table E.1-1 in the order of the standard."""
    return _rows()


def row_of(tag: int) -> Row | None:
    """Return the row that *tag* falls under: its own, a repeating group's, or that of private attributes."""
    singles, masks = _by_tag()
    if tag >> 16 & 1:
        return singles[-1]
    row = singles.get(tag)
    if row is None and (tag >> 24 in (0x50, 0x60)):
        row = masks.get((tag >> 24, tag & 0xFFFF)) or masks.get((tag >> 24, -1))
    return row


def rows_named(text: str) -> list[Row]:
    """Return the rows whose keyword, name or tag is *text*, whatever its case, spaces and brackets."""
    wanted = _plain(text)
    return [
        row
        for row in rows()
        if wanted in (_plain(row.keyword or row.name), _plain(row.name), _plain(row.tag))
    ]


def safe_private(tag: int, creator: str) -> SafePrivate | None:
    """Return the row for a private element: by group, Private Creator and the low byte of the element."""
    return _safe_private().get((tag >> 16, creator, tag & 0xFF))


def concept_row(code: str, scheme: str, value_type: str) -> Row | None:
    """Return the row of Table E.3.4-1 for a content item's concept name and Value Type."""
    return _concepts().get((code, scheme, value_type))


@cache
def descriptor_words() -> frozenset[str]:
    """Return the words, in lower case, that may stay in a cleaned description."""
    return frozenset((DATA / "descriptor_words.txt").read_text("ascii").split())


@cache
def _rows() -> tuple[Row, ...]:
    return tuple(_row(line, line["tag"], line["keyword"]) for line in _lines("table_e1_1.csv"))


@cache
def _by_tag() -> tuple[dict[int, Row], dict[tuple[int, int], Row]]:
    """Return the rows by tag, -1 standing for private ones, and those of repeating groups by their masks."""
    singles: dict[int, Row] = {}
    masks: dict[tuple[int, int], Row] = {}
    for row in rows():
        match = _TAG.fullmatch(row.tag)
        if match is None:
            singles[-1] = row
        elif match[2] == "xx":
            masks[int(match[1], 16), -1 if match[3] == "xxxx" else int(match[3], 16)] = row
        else:
            singles[int(match[1] + match[2] + match[3], 16)] = row
    return singles, masks


@cache
def _safe_private() -> dict[tuple[int, str, int], SafePrivate]:
    return {
        (int(line["tag"][1:5], 16), line["private_creator"], int(line["tag"][8:10], 16)): SafePrivate(
            line["vr"].partition("/")[0], line["meaning"]
        )
        for line in _lines("safe_private_e3_10_1.csv")
    }


@cache
def _concepts() -> dict[tuple[str, str, str], Row]:
    return {
        (line["code"], line["scheme"], line["value_type"]): _row(
            line | {"vr": _VALUE_TYPES.get(line["value_type"], "SQ")}, "", ""
        )
        for line in _lines("sr_concepts_e3_4_1.csv")
    }


def _row(line: dict[str, str], tag: str, keyword: str) -> Row:
    name = line.get("name") or line["meaning"]
    options = {column: line[column] for column in OPTION_COLUMNS if line.get(column)}
    return Row(tag, name, keyword, line.get("vr") or _vr_by_name(name), line["basic"], options)


def _vr_by_name(name: str) -> str:
    if name.endswith("Sequence"):
        return "SQ"
    return "DT" if name.endswith("DateTime") else "UT"


def _lines(file: str) -> list[dict[str, str]]:
    with (DATA / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _plain(text: str) -> str:
    return re.sub(r"[^0-9a-z]", "", text.casefold())
