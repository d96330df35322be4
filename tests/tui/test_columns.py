"""Columns of a table: whatever stands in a file takes the cells that it was given."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dicomtui.archive.query import parse_attribute, parse_query
from dicomtui.text import safe_line
from dicomtui.tui.gentle_sort import gently_sorted
from dicomtui.tui.screens.query_language import LIKELY, guide_lines, is_settled
from dicomtui.tui.screens.searching import ask
from dicomtui.tui.widgets.columns import Column, fitted
from dicomtui.tui.widgets.value_table import ValueRow

texts = st.text(st.characters(), max_size=60)


@given(texts, st.integers(2, 40), st.booleans(), st.booleans())
def test_a_value_takes_exactly_its_column(text: str, width: int, right: bool, keep_end: bool) -> None:
    shown = fitted(text, Column("", width, right=right, keep_end=keep_end))
    assert cell_len(shown) == width
    assert safe_line(shown) == shown


def test_a_path_that_is_too_long_keeps_its_end() -> None:
    assert fitted("/a/long/path/to/file.dcm", Column("", 10, keep_end=True)) == "…/file.dcm"


@given(st.lists(st.tuples(st.none() | texts, st.integers(1, 50)), max_size=20))
def test_values_are_ordered_whatever_they_are(pairs: list[tuple[str | None, int]]) -> None:
    rows = [ValueRow(text, number) for text, number in pairs]
    ordered = gently_sorted(rows, lambda row: row.order, lambda: False)
    assert ordered == sorted(rows, key=lambda row: row.order)
    assert all(not before or after for before, after in pairwise(row.text for row in ordered))


def test_a_long_sort_is_like_a_short_one_and_can_be_given_up() -> None:
    rows = [number * 7919 % 20_011 for number in range(20_000)]
    assert gently_sorted(rows, lambda row: row, lambda: False) == sorted(rows)
    assert gently_sorted(rows, lambda row: row, lambda: True) == rows


@pytest.mark.parametrize("keyword", LIKELY)
def test_what_is_said_to_be_answered_at_once_is_in_the_index(keyword: str) -> None:
    assert parse_attribute(keyword).field


def test_every_example_can_be_asked() -> None:
    examples = [line.text for line in guide_lines() if line.is_query]
    assert len(examples) >= 4
    for example in examples:
        question = ask(example)
        assert question.words or question.query == parse_query(example)


@pytest.mark.parametrize(
    ("text", "column", "settled"),
    [
        ("Modality =", 10, False),
        ("Modality = CT and Slise", 18, False),
        ("Modality = CT and Slise < 2", 18, True),
        ('PatientName = "John Smi', 14, False),
        ("(Modality = CT and", 0, False),
        ("", 0, False),
    ],
)
def test_a_mistake_is_one_when_the_user_has_gone_on(text: str, column: int, settled: bool) -> None:
    assert is_settled(text, column) is settled
