"""What Table E.1-1 asks for each of its rows, under each option, and whether a result has it."""

import io
import re
from collections.abc import Iterable
from datetime import date, timedelta

from pydicom.dataset import Dataset

from dicomtui.deidentify.options import DeidentifyOptions
from tests.deidentify.every_row import Made

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


def tokens_in(content: bytes, rows: Iterable[Made]) -> list[str]:
    return [
        f"{row.line['tag']} {row.token}"
        for row in rows
        if row.token
        and row.token.encode() in content  # quick, unlike the search
        and re.search(rb"(?<![0-9.])" + re.escape(row.token.encode()), content)
    ]


def expected(row: Made, column: str) -> str:
    cell = row.line.get(column, "")
    basic = row.line["basic"]
    return cell or SAFE_SIDE.get(basic, basic)


def verdict(row: Made, column: str, dataset: Dataset, days: timedelta) -> str:
    """Return what is wrong with what became of *row*, ``""`` if nothing is."""
    action = expected(row, column)
    if not action:
        return ""
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
