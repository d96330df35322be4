"""How far a key moves a number of a processing step."""

from math import inf

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicomtui.imaging.processing_steps import KINDS, Parameter
from dicomtui.tui.widgets.number_steps import stepped

PARAMETERS = [parameter for kind in KINDS.values() for parameter in kind.parameters]
VALUE = Parameter("lower", -inf, -inf, inf, "a value of the frame")
SIGMA = Parameter("sigma", 1.0, 0.1, 20.0, "a size")
TURNS = Parameter("turns", 1, 1, 9, "a count", whole=True)

Span = tuple[float, float]
spans = st.tuples(st.floats(-4e4, 4e4), st.floats(0, 8e4)).map(lambda span: (span[0], span[0] + span[1]))


@given(st.sampled_from([*PARAMETERS, VALUE]), st.floats(0, 1), st.integers(-30, 30), spans)
def test_no_step_leaves_the_limits(parameter: Parameter, part: float, times: int, span: Span) -> None:
    low, high = max(parameter.least, span[0]), min(parameter.largest, span[1] + 1)
    start = min(max(low + part * (high - low), parameter.least), parameter.largest)
    assert parameter.least <= stepped(start, parameter, times, span) <= parameter.largest


@given(st.sampled_from([*PARAMETERS, SIGMA]), st.integers(1, 30), spans)
def test_up_is_never_lower_and_down_never_higher(parameter: Parameter, times: int, span: Span) -> None:
    start = parameter.default
    # No limit, as some values begin with, comes back to where the values begin.
    assert stepped(start, parameter, times, span) >= min(start, span[1])
    assert stepped(start, parameter, -times, span) <= max(start, span[0])


@pytest.mark.parametrize(
    ("number", "times", "wanted"),
    [
        (1.0, 1, 1.1),
        (1.0, -1, 0.99),  # down from 1 by the step of the numbers below
        (0.9, 2, 0.92),
        (5.0, 2, 5.2),
        (10.0, 1, 11.0),
        (10.0, -1, 9.9),
        (0.99, 2, 1.1),
        (0.2, -5, 0.15),
        (0.12, -5, 0.1),
        (19.5, 5, 20.0),
    ],
)
def test_a_number_moves_by_one_in_its_second_digit(number: float, times: int, wanted: float) -> None:
    assert stepped(number, SIGMA, times, (0, 1)) == pytest.approx(wanted, abs=1e-9)


def test_whole_numbers_move_by_one() -> None:
    assert [stepped(3, TURNS, times, (0, 1)) for times in (1, -1, 20, -20)] == [4, 2, 9, 1]


@example(start=0.0, times=1, width=99999.99999999999)
@given(st.floats(-1e4, 1e4), st.integers(1, 50), st.floats(0.1, 1e5))
def test_a_value_moves_by_about_a_hundredth_of_the_frame_and_back(
    start: float, times: int, width: float
) -> None:
    start = round(start, 6)
    moved = stepped(start, VALUE, times, (0.0, width))
    assert width / 251 <= (moved - start) / times * 1.0000001
    assert (moved - start) / times <= width / 99
    assert stepped(moved, VALUE, -times, (0.0, width)) == pytest.approx(start, abs=1e-8)


def test_no_limit_comes_back_to_where_the_values_begin() -> None:
    span = (-1000.0, 3000.0)
    assert stepped(-inf, VALUE, 1, span) == -1000.0
    assert stepped(inf, VALUE, -1, span) == 3000.0
    assert (stepped(-inf, VALUE, -1, span), stepped(inf, VALUE, 1, span)) == (-inf, inf)


def test_the_values_of_a_frame_of_one_value_move_by_one() -> None:
    assert stepped(7.0, VALUE, 3, (7.0, 7.0)) == 10.0
