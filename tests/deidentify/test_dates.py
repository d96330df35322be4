"""Dates that move, and values that are none."""

from contextlib import suppress
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.deidentify.dates import check, days_in, shifted

DAYS = st.integers(-4015, -365)
DATES = st.dates(date(1100, 1, 1), date(2200, 1, 1))
MOMENTS = st.datetimes(datetime(1100, 1, 1), datetime(2200, 1, 1))


@given(DATES, DATES, DAYS)
def test_intervals_stay(one: date, other: date, days: int) -> None:
    moved = shifted("DA", f"{one:%Y%m%d}\\{other:%Y%m%d}", days).split("\\")
    first, second = (datetime.strptime(text, "%Y%m%d").date() for text in moved)
    assert second - first == other - one
    assert one - first == timedelta(-days)


@given(MOMENTS, st.sampled_from(["", "+0530", "-0500"]), DAYS)
def test_the_clock_and_the_zone_of_a_datetime_stay(moment: datetime, zone: str, days: int) -> None:
    moved = shifted("DT", f"{moment:%Y%m%d%H%M%S.%f}{zone}", days)
    assert moved == f"{moment + timedelta(days):%Y%m%d%H%M%S.%f}{zone}"


@pytest.mark.parametrize(
    ("vr", "value", "moved"),
    [
        ("DA", "20200301", "20200229"),
        ("DA", "2020.03.01", "20200229"),
        ("DA", "20200301 ", "20200229"),
        ("DA", "20200301-20200302", "20200229-20200301"),
        ("DA", "-20200302", "-20200301"),
        ("DA", "20200302-", "20200301-"),
        ("DA", "\\20200301\\", "\\20200229\\"),
        ("DT", "20200301", "20200229"),
        ("DT", "2020030112", "2020022912"),
        ("DT", "202003", "202002"),
        ("DT", "2020", "2019"),
        ("DT", "2020-0500", "2019-0500"),
        ("DT", "20200301-20200302", "20200229-20200301"),
        ("DT", "20200301120000-0500-20200302120000-0500", "20200229120000-0500-20200301120000-0500"),
        ("TM", "120000.5", "120000.5"),
        ("TM", "12:00:00", "12:00:00"),
        ("TM", "1000-1200", "1000-1200"),
        ("SH", "-0500", "-0500"),
    ],
)
def test_a_day_earlier(vr: str, value: str, moved: str) -> None:
    assert shifted(vr, value, -1) == moved


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DA", "JOHN"),
        ("DA", "20201301"),
        ("DA", "20200230"),
        ("DA", "2020-01-31"),
        ("DA", "-"),
        ("DA", "00010101"),
        ("DA", "２０２００３０１"),
        ("DT", "20200301 SMITH"),
        ("DT", "202013"),
        ("TM", "250000"),
        ("TM", "noon"),
        ("TM", "-"),
        ("SH", "Paris"),
    ],
)
def test_what_is_no_date_is_not_passed_on(vr: str, value: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        shifted(vr, value, -365)


@given(st.sampled_from(["DA", "DT", "TM", "AS", "SH"]), st.text(max_size=40))
def test_any_text_is_a_value_or_a_value_error(vr: str, text: str) -> None:
    for work in (lambda: shifted(vr, text, -400), lambda: check(vr, text)):
        with suppress(ValueError):
            work()


def test_ages_are_numbers_with_a_unit() -> None:
    check("AS", "042Y")
    with pytest.raises(ValueError, match="age"):
        check("AS", "Jane")


def test_the_days_of_a_value_are_found() -> None:
    assert days_in("20200131123000") == {"20200131"}
    assert days_in("2020.01.31") == {"20200131"}
