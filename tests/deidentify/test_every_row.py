"""Every row of Table E.1-1, at every depth, under every option: generated from the table."""

import io
import re
from collections.abc import Iterable
from datetime import date, timedelta

import pydicom
import pytest
from pydicom.dataset import Dataset

from dicomtui.deidentify.engine import Result, apply_rules
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from tests.deidentify.encoded import explicit, implicit, instance_of, item
from tests.deidentify.every_row import REMOVED_GROUPS, Made, implicit_sequences, made_rows

PROTOCOL_CONTEXT, MODIFIER = 0x00400440, 0x00400441  # sequences that the table does not have
COLUMNS = {
    "retain_uids": DeidentifyOptions(retain_uids=True),
    "retain_device_identity": DeidentifyOptions(retain_device_identity=True),
    "retain_institution_identity": DeidentifyOptions(retain_institution_identity=True),
    "retain_patient_characteristics": DeidentifyOptions(retain_patient_characteristics=True),
    "retain_full_dates": DeidentifyOptions(dates="kept"),
    "retain_modified_dates": DeidentifyOptions(dates="shifted"),
    "clean_descriptors": DeidentifyOptions(clean_descriptors=True),
    "clean_structured_content": DeidentifyOptions(clean_structured_content=True),
    "clean_graphics": DeidentifyOptions(clean_graphics=True),
    "none": DeidentifyOptions(),
}
SAFE_SIDE = {"X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}


def written(result: Result) -> bytes:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, result.dataset, enforce_file_format=True)
    return stream.getvalue()


def tokens_in(content: bytes, rows: Iterable[Made]) -> list[str]:
    return [
        f"{row.line['tag']} {row.token}"
        for row in rows
        if row.token and re.search(rb"(?<![0-9.])" + re.escape(row.token.encode()), content)
    ]


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


def expected(row: Made, column: str) -> str:
    cell = row.line.get(column, "")
    basic = row.line["basic"]
    return cell or SAFE_SIDE.get(basic, basic)


@pytest.mark.parametrize("column", COLUMNS)
def test_each_row_is_treated_as_the_table_says(column: str, key: Key) -> None:
    rows = [row for row in made_rows(7, "HEAD") if row.tag >> 16 not in REMOVED_GROUPS]
    instance = instance_of(*(row.element for row in in_order(rows)))
    dataset = apply_rules(instance, COLUMNS[column], key).dataset
    issuer, patient = (next(row.token for row in rows if row.tag == tag) for tag in (0x00100021, 0x00100020))
    days = timedelta(key.offset_days(issuer, patient))
    wrong = [
        f"{row.line['tag']} {row.line['name']}: {action}: {problem}"
        for row in rows
        if (action := expected(row, column)) and (problem := verdict(row, action, column, dataset, days))
    ]
    assert wrong == []


def verdict(row: Made, action: str, column: str, dataset: Dataset, days: timedelta) -> str:
    """Return what is wrong with what became of *row*, ``""`` if nothing is."""
    if row.tag >> 16 & 1:
        return "is there" if row.tag in dataset else ""
    present = row.tag in dataset
    value = written_value(dataset, row.tag) if present else b""
    if action == "K":
        if row.vr == "SQ":
            return "" if present and len(dataset[row.tag].value) == 1 else "is not kept"
        return "" if value == padded(row) else f"became {value!r}"
    if action == "C":
        return verdict_on_cleaning(row, column, present, value, days)
    if action == "X":
        return "is there" if present else ""
    if action == "Z":
        if row.tag == 0x00100010:
            return "" if value.startswith(b"ANON^") else "is no pseudonym"
        if row.vr == "SQ":
            return "" if present and len(dataset[row.tag].value) == 0 else "is not emptied"
        return "" if present and not value else f"became {value!r}"
    if row.vr == "SQ":
        return "" if present and row.token.encode() not in value else "holds the token"
    if action == "U":
        return "" if value.startswith(b"2.25.") else f"became {value!r}"
    return "" if value and value != padded(row) else f"became {value!r}"


def verdict_on_cleaning(row: Made, column: str, present: bool, value: bytes, days: timedelta) -> str:
    if row.tag == 0x00080201:
        return "" if value.strip() == b"-0500" else f"became {value!r}"
    if column == "retain_modified_dates" and row.vr in ("DA", "DT", "TM"):
        if row.vr == "TM":
            return "" if value == padded(row) else f"became {value!r}"
        day = date.fromisoformat(f"{row.token[:4]}-{row.token[4:6]}-{row.token[6:8]}") + days
        wanted = day.strftime("%Y%m%d") + row.token[8:]
        return "" if value.decode().strip() == wanted else f"became {value!r}, not {wanted}"
    if column in ("clean_descriptors", "retain_patient_characteristics") and row.vr in (
        "LO",
        "LT",
        "SH",
        "ST",
        "UT",
    ):
        if column == "clean_descriptors":
            return "" if value.strip() == b"HEAD" else f"became {value!r}"
        return "" if row.token.encode() not in value else "is kept"
    if row.vr == "SQ":
        return "" if present and row.token.encode() not in value else "is not cleaned"
    basic = row.line["basic"]
    if SAFE_SIDE.get(basic, basic) == "X":
        return "is there" if present else ""
    return "" if present and (not row.token or row.token.encode() not in value) else f"became {value!r}"


def padded(row: Made) -> bytes:
    return row.element[-(len(row.value) + len(row.value) % 2) :] if row.value else b""


def written_value(dataset: Dataset, tag: int) -> bytes:
    element = dataset.get_item(tag)
    if element.VR == "SQ":
        stream = io.BytesIO()
        holder = Dataset()
        holder.add(dataset[tag])
        holder.save_as(stream, implicit_vr=True, little_endian=True)
        return stream.getvalue()
    value = element.value if isinstance(element.value, bytes) else str(element.value).encode()
    return value.rstrip(b" \0") if not isinstance(element.value, bytes) else value
