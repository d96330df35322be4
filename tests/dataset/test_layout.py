"""Elements that keep to the rules are laid out; nothing can stand between them unnoticed."""

from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.dataset.layout import LayoutError, layout_of
from tests.dataset.encoded import (
    BIG,
    EXPLICIT,
    ITEM_END,
    element,
    implicit,
    item,
    open_item,
    open_sequence,
    rows,
)

INNER = element(0x00081150, "UI", b"1.2\0")
WHOLE = (
    element(0x00080060, "CS", b"CT")
    + element(0x00081140, "SQ", item(INNER) + open_item(INNER))
    + open_sequence(0x00081199, item(INNER))
    + element(0x00091001, "UN", b"abcd")
    + element(0x00100010, "PN", b"")
)


def values(data: bytes, *, plain: bool = False, little: bool = True) -> list[tuple[tuple[int, ...], bytes]]:
    placed = layout_of(data, 0, len(data), implicit=plain, little=little)
    return [(each.path, data[each.start : each.end]) for each in placed]


def test_the_values_are_those_that_the_reader_finds() -> None:
    assert values(WHOLE) == [(row.path, row.value) for row in rows(WHOLE, EXPLICIT) if row.items is None]


def test_other_encodings_are_laid_out_too() -> None:
    plain = implicit(0x00081140, item(implicit(0x00081150, b"1.2\0"))) + implicit(0x00090010, b"AB")
    assert [value for _, value in values(plain, plain=True)] == [b"1.2\0", b"AB"]
    big = element(0x00280010, "US", b"\0\1", order=">")
    assert values(big, little=False) == [(row.path, row.value) for row in rows(big, BIG)]


def test_a_sequence_of_unknown_vr_holds_implicit_items() -> None:
    data = open_sequence(0x00091002, item(implicit(0x00081150, b"1.2\0")), "UN")
    assert values(data) == [((0x00091002, 0, 0x00081150), b"1.2\0")]


@pytest.mark.parametrize(
    "data",
    [
        WHOLE + b"Doe^",
        WHOLE + b"Doe^Jane",
        WHOLE[:-1],
        WHOLE + element(0x00080060, "CS", b"CT"),
        element(0x00080060, "CS", b"CT") * 2,
        element(0x00080060, "CS", b"CTX"),
        element(0x00080060, "CS", b"CT", 4),
        element(0x00080060, "XX", b"CT"),
        element(0x00080060, "OB", b"CT").replace(b"OB\0\0", b"OBDo"),
        element(0x00081140, "SQ", item(INNER) + b"Doe^Jane"),
        element(0x00081140, "SQ", item(INNER) + ITEM_END),
        open_sequence(0x00081140, item(INNER))[:-8],
        element(0x00081140, "SQ", item(INNER, len(INNER) + 2)),
        ITEM_END,
    ],
)
def test_what_breaks_a_rule_is_an_error(data: bytes) -> None:
    with pytest.raises(LayoutError):
        values(data)


@given(st.binary(max_size=200), st.booleans(), st.booleans())
def test_any_bytes_are_laid_out_or_refused(data: bytes, plain: bool, little: bool) -> None:
    try:
        found = values(data, plain=plain, little=little)
    except LayoutError:
        return
    assert sum(len(value) for _, value in found) + 8 * len(found) <= len(data)


def test_text_that_is_planted_anywhere_is_refused() -> None:
    for place in range(len(WHOLE) + 1):
        with pytest.raises(LayoutError):
            values(WHOLE[:place] + b"Doe^Jane" + WHOLE[place:])


def test_real_files_written_by_pydicom_are_laid_out() -> None:
    folder = Path(pydicom.__file__).parent / "data" / "test_files"
    for name in ("rtplan.dcm", "CT_small.dcm", "MR_small.dcm"):
        content = (folder / name).read_bytes()
        start = 144 + int.from_bytes(content[140:144], "little")
        plain = name == "rtplan.dcm"
        assert layout_of(content, start, len(content), implicit=plain, little=True)
