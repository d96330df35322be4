"""Safe text: what leaves here drives no terminal, forges no row, hides nothing and has an end."""

import os
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.text import LINE_LIMIT, MARKS_LIMIT, safe_line, safe_lines

UNSAFE = ("Cc", "Cf", "Cs", "Zl", "Zp")
TEXT = st.text(st.characters())  # surrogates too


def is_safe(text: str) -> bool:
    return not any(unicodedata.category(character) in UNSAFE for character in text)


@given(TEXT | st.text("\x1b[31m\x9b\u202e\u200b\ud800\udcff\U000e0041\r\n\té", max_size=40))
def test_no_character_that_a_terminal_obeys_leaves(text: str) -> None:
    assert is_safe(safe_line(text))
    assert is_safe(safe_lines(text).replace("\n", ""))


@given(TEXT, st.integers(1, 50))
def test_a_line_is_never_longer_than_asked_for(text: str, limit: int) -> None:
    assert len(safe_line(text, limit)) <= limit


@given(TEXT, st.integers(2, 50))
def test_safe_text_stays_as_it_is(text: str, limit: int) -> None:
    once = safe_line(text, limit)
    assert safe_line(once, limit) == once


@given(st.text(st.characters(categories=("L", "N", "P", "S", "Zs")), max_size=200))
def test_printable_text_of_any_script_is_not_changed(text: str) -> None:
    assert safe_line(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", "\\x1b[31mred"),
        ("\x9b31m", "\\x9b31m"),
        ("\x07\x00", "\\x07\\x00"),
        ("one\ntwo\tthree", "one↵two⇥three"),
        ("a\u202eb", "a\\u202eb"),
        ("\u2066\u200b\ufeff", "\\u2066\\u200b\\ufeff"),
        ("\u2028\u2029", "\\u2028\\u2029"),
        ("\U000e0041", "\\U000e0041"),
        ("Müller^山田=やまだ", "Müller^山田=やまだ"),
        ("[@click=app.quit]x[/]", "[@click=app.quit]x[/]"),
    ],
)
def test_what_is_not_printable_shows_as_an_escape(text: str, shown: str) -> None:
    assert safe_line(text) == shown


def test_an_undecodable_byte_of_a_file_name_shows_as_that_byte() -> None:
    assert safe_line(os.fsdecode(b"scan\xff\xe9.dcm")) == "scan\\xff\\xe9.dcm"


def test_a_lone_surrogate_can_be_encoded_afterwards() -> None:
    assert safe_line("\ud800").encode() == b"\\ud800"


def test_a_pile_of_combining_marks_is_taken_down() -> None:
    shown = safe_line("Z" + "\u0301" * 1000)
    assert shown.count("\u0301") == MARKS_LIMIT
    assert shown.startswith("Z\u0301")
    assert "\\u0301" in shown


def test_names_with_several_marks_on_a_letter_are_shown_as_written() -> None:
    name = unicodedata.normalize("NFD", "Nguyễn Thị Hồng Ảnh ที่ปรึกษา שָׁלוֹם")
    assert safe_line(name) == name


def test_a_long_value_is_cut_with_an_ellipsis() -> None:
    shown = safe_line("x" * (1 << 20))
    assert len(shown) == LINE_LIMIT
    assert shown.endswith("…")


def test_escapes_count_towards_the_length() -> None:
    assert len(safe_line("\U000e0041" * LINE_LIMIT)) == LINE_LIMIT


def test_lines_stay_lines_where_they_may() -> None:
    assert safe_lines("a\r\nb\rc\td\x1b\n") == "a\nb\nc   d\\x1b\n"
