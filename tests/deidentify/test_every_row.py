"""Every row of Table E.1-1, at every depth, under every option: generated from the table."""

import io
from collections.abc import Iterable
from datetime import timedelta

import pydicom
import pytest

from dicomtui.deidentify.engine import Result, apply_rules
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from tests.deidentify.encoded import explicit, implicit, instance_of, item
from tests.deidentify.every_row import REMOVED_GROUPS, Made, implicit_sequences, made_rows
from tests.deidentify.verdicts import COLUMNS, expected, tokens_in, verdict

PROTOCOL_CONTEXT, MODIFIER = 0x00400440, 0x00400441  # sequences that the table does not have


def written(result: Result) -> bytes:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, result.dataset, enforce_file_format=True)
    return stream.getvalue()


def in_order(rows: Iterable[Made]) -> list[Made]:
    return sorted(rows, key=lambda row: row.tag)


def at_top(rows: list[Made]) -> list[Made]:
    return [row for row in rows if row.tag >> 16 not in REMOVED_GROUPS[:2]]


def test_no_row_leaves_its_value_at_the_top_nested_in_private_or_in_unknown_sequences(key: Key) -> None:
    top, nested, private, unknown = (in_order(made_rows(seed)) for seed in range(4))
    deep = item(explicit(MODIFIER, "SQ", item(*(row.element for row in nested))))
    stack = item(*(row.element for row in private))
    plain = implicit(MODIFIER, item(*implicit_sequences(unknown)))
    instance = instance_of(
        *(row.element for row in at_top(top) if row.tag not in (0x00080018, 0x0020000D)),
        explicit(0x00080018, "UI", next(row.token for row in top if row.tag == 0x00080018)),
        explicit(PROTOCOL_CONTEXT, "SQ", deep),
        explicit(0x00082229, "UN", item(plain)),  # Anatomic Structure Sequence, written as UN
        explicit(0x20010010, "LO", "Philips Imaging DD 001"),
        explicit(0x2001105F, "SQ", stack),
    )
    result = apply_rules(instance, DeidentifyOptions(retain_safe_private=True), key)
    content = written(result)
    assert tokens_in(content, [*top, *nested, *private, *unknown]) == []
    again = pydicom.dcmread(io.BytesIO(content))
    assert 0x00100020 in again[PROTOCOL_CONTEXT].value[0][MODIFIER].value[0]
    assert 0x00100020 in again[0x00082229].value[0][MODIFIER].value[0]
    assert 0x00100020 in again[0x2001105F].value[0]
    assert again[0x20010010].value == "Philips Imaging DD 001"


@pytest.mark.parametrize("column", COLUMNS)
def test_each_row_is_treated_as_the_table_says(column: str, key: Key) -> None:
    rows = [row for row in made_rows(7, "HEAD") if row.tag >> 16 not in REMOVED_GROUPS]
    instance = instance_of(*(row.element for row in in_order(rows)))
    dataset = apply_rules(instance, COLUMNS[column], key).dataset
    issuer, patient = (next(row.token for row in rows if row.tag == tag) for tag in (0x00100021, 0x00100020))
    days = timedelta(key.offset_days(issuer, patient))
    wrong = [
        f"{row.line['tag']} {row.line['name']}: {expected(row, column)}: {problem}"
        for row in rows
        if (problem := verdict(row, column, dataset, days))
    ]
    assert wrong == []
