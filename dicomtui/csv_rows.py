"""Rows of CSV, for people and their spreadsheets: safe text in which no spreadsheet finds a formula."""

import csv
import io
import re
import sys
from collections.abc import Iterable

from dicomtui.text import safe_line

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
"""What makes a spreadsheet compute a cell."""
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


def csv_line(cells: Iterable[object]) -> str:
    """Return one row of CSV with its line break: safe text in which no spreadsheet finds a formula."""
    row = io.StringIO()
    csv.writer(row, lineterminator="\n").writerow([_cell(cell) for cell in cells])
    return row.getvalue()


def _cell(cell: object) -> object:
    """Return a cell as safe text; one that would begin a formula is put behind an apostrophe."""
    if not isinstance(cell, str):
        return "" if cell is None else cell
    is_formula = cell.startswith(_FORMULA) and not _NUMBER.fullmatch(cell)
    return safe_line(f"'{cell}" if is_formula else cell, sys.maxsize)
