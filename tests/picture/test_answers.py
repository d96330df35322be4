"""What terminals answer, however it is cut, and what is typed between."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.picture.answers import Sieve, read_answers

XTERM = ["\x1bP>|XTerm(379)\x1b\\", "\x1b[?1;0;1024S", "\x1b[?63;1;2;4;6;9;15;16;22;28c"]
KITTY = ["\x1bP>|kitty(0.26.5)\x1b\\", "\x1b[6;20;9t", "\x1b_Gi=31;OK\x1b\\", "\x1b[?62;c"]


def sieved(*pieces: str) -> tuple[str, Sieve]:
    sieve = Sieve()
    typed = "".join(sieve.feed(piece) for piece in pieces)
    return typed + sieve.release(), sieve


def test_xterm_with_sixels_is_known_by_its_answers() -> None:
    answers = read_answers(XTERM)
    assert (answers.name, answers.has_sixel, answers.sixel_colours) == ("XTerm(379)", True, 1024)
    assert answers.is_complete
    assert not answers.has_kitty


def test_kitty_is_offered_pictures_for_it_took_one() -> None:
    answers = read_answers(KITTY)
    assert answers.has_kitty
    assert answers.cell == (9, 20)
    assert not answers.has_sixel


@pytest.mark.parametrize(
    "answer", ["\x1b_Gi=31;ENOTSUPPORTED:no\x1b\\", "\x1b_Gi=7;OK\x1b\\", "\x1b_GOK\x1b\\"]
)
def test_a_picture_that_was_refused_offers_nothing(answer: str) -> None:
    assert not read_answers([answer, "\x1b[?62;c"]).has_kitty


def test_an_older_terminal_that_is_number_four_has_no_sixels_for_that() -> None:
    assert not read_answers(["\x1b[?4;6c"]).has_sixel


@given(
    st.lists(
        st.one_of(st.sampled_from(XTERM + KITTY), st.text("jkq 7é/", min_size=1, max_size=3)), max_size=8
    ),
    st.data(),
)
def test_what_was_typed_is_left_whole_wherever_answers_are_cut(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    pieces = [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    typed, sieve = sieved(*pieces)
    assert typed == "".join(part for part in parts if "\x1b" not in part)
    assert sieve.answers == [part for part in parts if "\x1b" in part]


@given(st.text("\x1b[]P_G?>|\\;:0123456789cStqi=OK\x07\x9b", max_size=200))
def test_nonsense_breaks_nothing_and_is_not_kept_for_ever(nonsense: str) -> None:
    sieve = Sieve()
    sieve.feed(nonsense)
    sieve.feed("j" * 600)
    assert sieve.feed("k") == "k"
    read_answers(sieve.answers)


@pytest.mark.parametrize(
    "keys", ["\x1b", "\x1b[A", "\x1b[1;5C", "\x1b[200~text\x1b[201~", "\x1bOP", "\x1b[<0;3;4M"]
)
def test_keys_that_look_like_answers_stay_keys(keys: str) -> None:
    assert sieved(*keys)[0] == keys


def test_a_name_is_shown_without_its_controls() -> None:
    assert "\x9b" not in read_answers(["\x1bP>|ev\x9bil\x1b\\"]).name
