from dataclasses import replace
from math import inf, nan

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dicomtui.errors import UsageError
from dicomtui.imaging.window import Window

centers = st.floats(-1e6, 1e6)
functions = st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"])


@st.composite
def windows(draw: st.DrawFn) -> Window:
    function = draw(functions)
    width = draw(st.floats(1, 1e6) if function == "LINEAR" else st.floats(1e-6, 1e6))
    return Window(draw(centers), width, function)


@given(windows(), st.floats(0.1, 100))
def test_raising_the_centre_raises_it_and_keeps_the_rest(window: Window, steps: float) -> None:
    raised = window.shifted(steps)
    assert raised.center >= window.center
    assert replace(raised, center=window.center) == window


@given(windows(), st.floats(-1000, 1000))
def test_no_change_of_width_makes_an_impossible_window(window: Window, steps: float) -> None:
    changed = window.widened(steps)
    assert changed.width > 0
    assert changed.center == window.center


@given(windows())
def test_a_step_is_a_small_part_of_the_width_and_round(window: Window) -> None:
    assert window.width / 70 < window.step <= window.width / 24
    assert f"{window.step:.0e}"[0] in "125"


@pytest.mark.parametrize(
    ("window", "steps", "shown"),
    [
        (Window(40, 400), 1, "C 50 W 400"),
        (Window(40, 400), 10, "C 140 W 400"),
        (Window(40, 400), -0.1, "C 39 W 400"),
        (Window(0.5, 1, "LINEAR_EXACT"), 1, "C 0.52 W 1"),
        (Window(2, 5, "LINEAR_EXACT"), -1, "C 1.8 W 5"),
        (Window(30000, 65535), 1, "C 32000 W 65535"),
        (Window(0.02, 1, "SIGMOID"), -1, "C 0 W 1 sigmoid"),
    ],
)
def test_the_status_line_shows_round_numbers(window: Window, steps: float, shown: str) -> None:
    assert str(window.shifted(steps)) == shown


@given(windows())
def test_fine_steps_do_not_gather_dust(window: Window) -> None:
    assume(abs(window.center) < 1e3 * window.width)
    there = window
    for _ in range(10):
        there = there.shifted(0.1)
    assert there.center == pytest.approx(window.shifted(1).center, abs=window.step / 10)


def test_a_changed_window_is_no_longer_the_files() -> None:
    window = Window(40, 400, explanation="BRAIN")
    assert window.shifted(1).explanation == window.widened(1).explanation == ""


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("40,400", Window(40, 400)),
        (" -600 , 1500 ", Window(-600, 1500)),
        ("0.5,0.25", Window(0.5, 0.25, "LINEAR_EXACT")),
        ("1e3,1", Window(1000, 1)),
    ],
)
def test_a_window_is_written_as_centre_and_width(text: str, window: Window) -> None:
    assert Window.from_text(text) == window


@pytest.mark.parametrize(
    "text", ["", "40", "40,0", "40,-1", "nan,1", "40,nan", "inf,5", "1,2,3", "a,b", "1e99,1"]
)
def test_what_is_no_window_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(UsageError, match="for instance 40,400"):
        Window.from_text(text)


def test_a_refusal_shows_no_control_characters() -> None:
    with pytest.raises(UsageError) as refusal:
        Window.from_text("\x1b]0;x\x07")
    assert "\x1b" not in str(refusal.value)


@pytest.mark.parametrize(
    ("center", "width", "function"),
    [(0, 0.5, "LINEAR"), (0, 0, "LINEAR_EXACT"), (0, -1, "SIGMOID"), (nan, 1, "LINEAR"), (0, inf, "LINEAR")],
)
def test_an_impossible_window_cannot_be_made(center: float, width: float, function: str) -> None:
    with pytest.raises(ValueError, match="width"):
        Window(center, width, function)  # type: ignore[arg-type]


@given(st.floats(allow_nan=False, width=32), st.floats(allow_nan=False, width=32))
def test_a_window_between_any_two_values_can_be_made(low: float, high: float) -> None:
    assume(low <= high)
    window = Window.between(low, high)
    assert window.limits[0] < window.limits[1] or window.width < abs(window.center) * 1e-12
