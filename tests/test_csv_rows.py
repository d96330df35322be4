"""Tables as CSV."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.csv_rows import csv_line


@given(
    st.lists(st.text(st.characters(categories=["L", "N", "Zs", "Po"]), max_size=20), min_size=1, max_size=5)
)
def test_what_is_written_is_read_again(cells: list[str]) -> None:
    cells = [cell.replace("@", "a") for cell in cells]
    assert next(csv.reader([csv_line(cells)])) == cells


@pytest.mark.parametrize("cell", ["=1+1", "@SUM(A1)", "+cmd", "-cmd|' /C calc'!A0", "\t=1"])
def test_no_cell_begins_a_formula(cell: str) -> None:
    assert next(csv.reader([csv_line([cell])]))[0].startswith("'")


@pytest.mark.parametrize("cell", ["-1", "+1.5", "-1e-3", "1\\-2", ""])
def test_numbers_stay_numbers(cell: str) -> None:
    assert csv_line([cell, "x"]) == f"{cell},x\n"


def test_control_characters_are_visible() -> None:
    assert csv_line(["\x1b]0;PWN\x07", None, 3]) == "\\x1b]0;PWN\\x07,,3\n"
