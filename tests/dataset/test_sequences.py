"""Sequences: of any length, any depth, any encoding, and those that only their value gives away."""

from typing import Any

import pytest

from tests.dataset.encoded import (
    BIG,
    IMPLICIT,
    SEQUENCE_END,
    UNDEFINED,
    element,
    implicit,
    item,
    open_item,
    open_sequence,
    rows,
)

CT, MR = element(0x00080060, "CS", b"CT"), element(0x00080060, "CS", b"MR")
IMAGES = 0x00081140


ITEMS_OF_UN = item(implicit(0x00080060, b"CT")) + open_item(implicit(0x00080060, b"MR"))


@pytest.mark.parametrize("tag", [IMAGES, 0x00091001])
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(lambda tag: element(tag, "UN", ITEMS_OF_UN), id="defined length"),
        pytest.param(lambda tag: open_sequence(tag, ITEMS_OF_UN, "UN"), id="undefined length"),
    ],
)
def test_a_sequence_of_unknown_vr_is_opened_as_implicit_little_endian(tag: int, value: Any) -> None:
    top, *inner = rows(value(tag) + element(0x00100010, "PN", b"X^Y"))
    assert (top.vr, top.text) == ("SQ", "2 items")
    assert [(row.vr, row.text) for row in inner] == [("CS", "CT"), ("CS", "MR"), ("PN", "X^Y")]


def test_a_sequence_of_unknown_vr_in_big_endian_is_little_endian_nevertheless() -> None:
    data_set = element(0x00091001, "UN", ITEMS_OF_UN, order=">")
    data_set += element(
        0x00091002, "SQ", item(element(0x00280010, "US", b"\1\0", order=">"), order=">"), order=">"
    )
    assert [row.text for row in rows(data_set, BIG)] == ["2 items", "CT", "MR", "1 item", "256"]


def test_explicit_items_in_unknown_vr_are_read_too() -> None:
    top, inner = rows(element(0x00091001, "UN", item(CT)))
    assert (top.text, inner.text) == ("1 item", "CT")


def test_unknown_vr_inside_unknown_vr_is_opened() -> None:
    inner = implicit(0x00091001, item(implicit(0x00080060, b"CT")))
    assert [row.text for row in rows(element(0x00091001, "UN", item(inner)))] == ["1 item", "1 item", "CT"]
    explicit = element(IMAGES, "SQ", item(element(0x00091001, "UN", item(implicit(0x00080060, b"CT")))))
    assert [row.text for row in rows(explicit)] == ["1 item", "1 item", "CT"]


@pytest.mark.parametrize(
    "value",
    [
        b"\xfe\xff\x00\xe0" + b"\xff\xd8\xff\xe0" * 9,  # a length that leads out of the value
        item(b"not elements at all, but text"),
        item(b"\0" * 64),
        item(implicit(0x00080060, b"CT")) + b"and more behind it",
        item(implicit(0x00080060, b"CT", 100)),
        b"\xfe\xff\x00\xe0",
    ],
)
@pytest.mark.parametrize(
    "wrap", [lambda e: e, lambda e: element(IMAGES, "SQ", item(e))], ids=["top", "nested"]
)
def test_bytes_that_only_begin_like_an_item_stay_bytes(value: bytes, wrap: Any) -> None:
    *_, row, name = rows(wrap(element(0x00091001, "UN", value)) + element(0x00100010, "PN", b"X^Y"))
    assert (row.vr, row.items, row.value) == ("UN", None, value)
    assert name.text == "X^Y"


def test_implicit_private_sequences_are_found_by_their_items() -> None:
    inner = implicit(0x00091002, item(implicit(0x00080060, b"CT")))
    found = rows(implicit(0x00091001, item(inner)), IMPLICIT)
    assert [(row.vr, row.text) for row in found] == [("SQ", "1 item"), ("SQ", "1 item"), ("CS", "CT")]


def test_an_item_may_be_implicit_in_an_explicit_sequence() -> None:
    found = rows(element(IMAGES, "SQ", item(implicit(0x00080060, b"CT")) + item(MR)))
    assert [row.text for row in found] == ["2 items", "CT", "MR"]


def test_a_sequence_may_be_empty_and_so_may_its_items() -> None:
    assert [row.text for row in rows(element(IMAGES, "SQ", b""))] == ["0 items"]
    assert [row.text for row in rows(element(IMAGES, "SQ", item(b"") + open_item(b"")))] == ["2 items"]
    assert [row.text for row in rows(open_sequence(IMAGES, b""))] == ["0 items"]


def test_the_length_of_a_sequence_is_the_written_one() -> None:
    inner = element(IMAGES, "SQ", item(CT))
    assert [row.length for row in rows(open_sequence(IMAGES, item(inner)))] == [None, 18, 2]
    assert [row.length for row in rows(element(IMAGES, "SQ", item(open_sequence(IMAGES, item(CT)))))] == [
        46,
        None,
        2,
    ]


def test_encapsulated_values_inside_items_are_not_taken_for_sequences() -> None:
    icon = element(0x7FE00010, "OB", item(b"") + item(b"\xff\xd8\xff\xd9") + SEQUENCE_END, UNDEFINED)
    found = rows(element(0x00880200, "SQ", item(CT + icon)) + MR)
    assert [(row.tag, row.vr) for row in found] == [
        (0x00080060, "CS"),
        (0x00880200, "SQ"),
        (0x00080060, "CS"),
        (0x7FE00010, "OB"),
    ]
    assert found[-1].value == item(b"") + item(b"\xff\xd8\xff\xd9")
