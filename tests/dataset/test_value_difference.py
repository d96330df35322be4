"""Which part of a value differs."""

import unicodedata
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dicomtui.dataset.comparison import compare
from dicomtui.dataset.value_difference import Part, parts_of
from tests.builders import ct
from tests.cli.conftest import HOSTILE
from tests.dataset.as_read import instance


def parts(keyword: str, old: Any, new: Any) -> list[Part]:
    """Return what differs between two values of one attribute."""
    one, other = ct(), ct()
    setattr(one, keyword, old)
    setattr(other, keyword, new)
    (difference,) = compare(instance(one), instance(other))
    assert difference.old is not None
    assert difference.new is not None
    return parts_of(difference.old, difference.new)


def test_a_short_value_is_told_as_a_whole() -> None:
    assert parts("KVP", "80", "120") == [Part("", "80", "120")]
    assert parts("StudyDate", "20200131", "20200201") == [Part("", "2020-01-31", "2020-02-01")]


def test_of_many_values_the_ones_that_differ_are_told() -> None:
    old, new = ["1", "0", "0", "0", "1", "0"], ["1", "0", "0", "0", "0.5", "0"]
    assert parts("ImageOrientationPatient", old, new) == [Part("value 5 of 6", "1", "0.5")]


def test_where_most_values_differ_the_whole_is_told() -> None:
    assert parts("ImagePositionPatient", ["1", "2", "3"], ["4", "5", "6"]) == [Part("", "1\\2\\3", "4\\5\\6")]


def test_of_a_long_text_the_piece_that_differs_is_told() -> None:
    old = "x" * 500 + "before" + "y" * 500
    (part,) = parts("TextValue", old, old.replace("before", "after"))
    assert part.where == "from character 501 of 1,006"
    assert part.old == f"…{'x' * 12}before{'y' * 12}…"
    assert part.new == f"…{'x' * 12}after{'y' * 12}…"


def test_of_bytes_the_place_and_the_size_are_told() -> None:
    old = bytes(100)
    new = bytes(40) + b"\1\2" + bytes(58)
    (part,) = parts("ICCProfile", old, new)
    assert part == Part("from byte 40", "00 00 (100 bytes)", "01 02 (100 bytes)")


@given(st.binary(max_size=300), st.binary(max_size=300), st.binary(min_size=1, max_size=40))
@settings(max_examples=40)
def test_the_first_byte_that_differs_is_where_it_is_said_to_be(
    head: bytes, tail: bytes, middle: bytes
) -> None:
    old = head + b"\0" + middle + tail
    new = head + b"\1" + middle + tail
    if len(old) % 2:
        old, new = old + b"\0", new + b"\0"
    (part,) = parts("ICCProfile", old, new)
    assert part.where == f"from byte {len(head):,}"


@pytest.mark.parametrize("padding", ["", "x" * 200])
def test_no_part_can_drive_a_terminal(padding: str) -> None:
    (part,) = parts("TextValue", padding + HOSTILE, padding + HOSTILE[::-1])
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [char for char in part.old + part.new if unicodedata.category(char) in bad]
