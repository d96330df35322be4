"""What Defined Terms and Enumerated Values mean, and what Value Representations are.

>>> meaning_of("PatientPosition", "HFS")
'head first-supine'
"""

import csv
from functools import cache
from importlib.resources import files
from typing import NamedTuple


class Terms(NamedTuple):
    """The values of an attribute that the standard gives a meaning."""

    clause: str
    """Where the standard does so."""
    meanings: dict[str, str]


VALUE_REPRESENTATIONS = {
    "AE": "Application Entity: the name of a program on the network, at most 16 characters",
    "AS": "Age String: three digits and D, W, M or Y for days, weeks, months or years",
    "AT": "Attribute Tag: group and element, each of two bytes",
    "CS": "Code String: capital letters, digits, space and underscore, at most 16",
    "DA": "Date: YYYYMMDD",
    "DS": "Decimal String: a number as text, at most 16 characters",
    "DT": "Date Time: YYYYMMDDHHMMSS.FFFFFF&ZZXX, at most 26 characters",
    "FD": "Floating Point Double: 8 bytes",
    "FL": "Floating Point Single: 4 bytes",
    "IS": "Integer String: a whole number as text, at most 12 characters",
    "LO": "Long String: at most 64 characters in the Specific Character Set",
    "LT": "Long Text: at most 10,240 characters, lines allowed",
    "OB": "Other Byte: bytes whose order is that of the Transfer Syntax",
    "OD": "Other Double: a stream of 8-byte floating point numbers",
    "OF": "Other Float: a stream of 4-byte floating point numbers",
    "OL": "Other Long: a stream of 4-byte words",
    "OV": "Other 64-bit Very Long: a stream of 8-byte words",
    "OW": "Other Word: a stream of 2-byte words",
    "PN": "Person Name: family^given^middle^prefix^suffix, as letters=ideographs=phonetic characters",
    "SH": "Short String: at most 16 characters in the Specific Character Set",
    "SL": "Signed Long: 4 bytes",
    "SQ": "Sequence of Items: each item a Data Set of its own",
    "SS": "Signed Short: 2 bytes",
    "ST": "Short Text: at most 1,024 characters, lines allowed",
    "SV": "Signed 64-bit Very Long: 8 bytes",
    "TM": "Time: HHMMSS.FFFFFF",
    "UC": "Unlimited Characters: text of any length, no lines",
    "UI": "Unique Identifier: digits and dots, at most 64",
    "UL": "Unsigned Long: 4 bytes",
    "UN": "Unknown: whoever wrote it did not know the VR",
    "UR": "Universal Resource Identifier: a URI or URL",
    "US": "Unsigned Short: 2 bytes",
    "UT": "Unlimited Text: text of any length, lines allowed",
    "UV": "Unsigned 64-bit Very Long: 8 bytes",
}
"""Names and contents of the Value Representations (PS3.5 6.2)."""


def meaning_of(keyword: str, value: str) -> str:
    """Return what a value of an attribute means, ``""`` where the table does not say."""
    terms = terms_of(keyword)
    return terms.meanings.get(value.strip(), "") if terms is not None else ""


def terms_of(keyword: str) -> Terms | None:
    """Return the values of an attribute that have a meaning, None for most attributes."""
    return _table().get(keyword)


@cache
def _table() -> dict[str, Terms]:
    table: dict[str, Terms] = {}
    text = files(__package__).joinpath("data", "defined_terms.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        terms = table.setdefault(row["keyword"], Terms(row["clause"], {}))
        terms.meanings[row["value"]] = row["meaning"]
    return table
