"""How fast frames are played: as the file says, in seconds, and never at a speed that is none."""

import doctest
from math import inf, isfinite, nan
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicomtui.dataset.reading import read_instance
from dicomtui.imaging import cine
from dicomtui.imaging.cine import DEFAULT_RATE, LONGEST, SHORTEST, Timing, timing
from dicomtui.text import safe_line

TIME, VECTOR = 0x00181063, 0x00181065


def made(**attributes: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def written(keyword: str, value: bytes, vr: str = "DS") -> Dataset:
    """Return a data set with a value that no library would write."""
    dataset, tag = Dataset(), Tag(keyword)
    dataset[tag] = RawDataElement(tag, vr, len(value), value, 0, False, True)
    return dataset


def acquired(keyword: str, *values: Any) -> Dataset:
    """Return an enhanced data set whose frames say when or how long they were acquired."""
    groups = [made(FrameContentSequence=Sequence([made(**{keyword: value})])) for value in values]
    return made(PerFrameFunctionalGroupsSequence=Sequence(groups))


def seconds(found: Timing) -> tuple[float, ...]:
    return pytest.approx(found.seconds, rel=1e-9)  # type: ignore[return-value]


# --- each attribute in its unit ---


@pytest.mark.parametrize(
    ("attributes", "expected", "source"),
    [
        ({"FrameTime": "40"}, 0.04, "Frame Time (0018,1063)"),
        ({"CineRate": "25"}, 0.04, "Cine Rate (0018,0040)"),
        ({"RecommendedDisplayFrameRate": "25"}, 0.04, "Recommended Display Frame Rate (0008,2144)"),
    ],
)
def test_one_number_is_the_speed_of_all_frames(
    attributes: dict[str, str], expected: float, source: str
) -> None:
    found = timing(made(**attributes), 3)
    assert seconds(found) == (expected,)
    assert found.rate == pytest.approx(1 / expected)
    assert [found.seconds_of(number) for number in (1, 3)] == pytest.approx([expected] * 2)
    assert (found.source, found.notes, found.sweeps) == (source, (), False)


def test_a_vector_holds_each_frame_until_the_next_and_the_last_as_long_as_others() -> None:
    found = timing(made(FrameTimeVector=[0, 100, 300, 100]), 4)
    assert seconds(found) == (0.1, 0.3, 0.1, 0.1)
    assert found.seconds_of(2) == pytest.approx(0.3)
    assert found.rate == pytest.approx(4 / 0.6)
    assert found.source == "Frame Time Vector (0018,1065)"


def test_a_vector_of_equal_times_is_one_number_whatever_its_first() -> None:
    assert seconds(timing(made(FrameTimeVector=[0, 50, 50, 50]), 4)) == (0.05,)
    assert seconds(timing(made(FrameTimeVector=[7, 50, 50, 50, 9]), 4)) == (0.05,)


def test_the_increment_pointer_says_which_time_counts() -> None:
    both = {"FrameTime": "20", "FrameTimeVector": [0, 100, 300]}
    assert seconds(timing(made(**both), 3)) == (0.02,)
    assert seconds(timing(made(**both, FrameIncrementPointer=VECTOR), 3)) == (0.1, 0.3, 0.2)
    assert seconds(timing(made(**both, FrameIncrementPointer=[TIME, VECTOR]), 3)) == (0.02,)
    assert seconds(timing(made(**both, FrameIncrementPointer=[VECTOR, TIME]), 3)) == (0.1, 0.3, 0.2)


def test_what_is_meant_for_the_display_counts_before_the_times_of_acquisition() -> None:
    dataset = made(FrameTime="5", RecommendedDisplayFrameRate="30", CineRate="200")
    assert timing(dataset, 9).rate == pytest.approx(30)
    del dataset.RecommendedDisplayFrameRate
    assert timing(dataset, 9).source == "Frame Time (0018,1063)"


def test_enhanced_frames_are_as_far_apart_as_their_acquisition() -> None:
    times = ("20200101235959.25", "20200102000000", "20200102000000.500000")
    found = timing(acquired("FrameAcquisitionDateTime", *times), 3)
    assert seconds(found) == (0.75, 0.5, 0.625)
    assert found.source == "Frame Acquisition DateTime (0018,9074)"
    found = timing(acquired("FrameReferenceDateTime", *times[1:]), 2)
    assert seconds(found) == (0.5,)
    assert found.source == "Frame Reference DateTime (0018,9151)"


def test_time_zones_count() -> None:
    times = ("20200101120000+0100", "20200101110001.0+0000", "20200101063002-0430")
    assert seconds(timing(acquired("FrameAcquisitionDateTime", *times), 3)) == (1.0,)


@pytest.mark.parametrize(
    "times",
    [
        ("20200101120001", "20200101120000"),  # a stack in space, not a film
        ("20200101120000", "20200101120000"),
        ("20200101120000", "20200101120100.1"),
        ("20200101120000", ""),
        ("20200101", "20200102"),
        ("20200101120000", "20209901120001"),
        ("20200101120000", "yesterday"),
    ],
)
def test_frames_that_are_not_one_after_the_other_have_the_default_rate(times: tuple[str, str]) -> None:
    found = timing(acquired("FrameAcquisitionDateTime", *times), 2)
    assert (found.rate, found.source) == (pytest.approx(DEFAULT_RATE), "default")


def test_how_long_an_acquisition_took_is_the_last_resort() -> None:
    found = timing(acquired("FrameAcquisitionDuration", 100.0, 400.0), 2)
    assert seconds(found) == (0.1, 0.4)
    assert found.source == "Frame Acquisition Duration (0018,9220)"
    found = timing(acquired("FrameAcquisitionDuration", 100.0, 180_000.0), 2)
    assert found.source == "default"
    assert "(0018,9220) is 180000 ms at frame 2" in found.notes[0]


def test_frames_of_one_moment_are_no_film_however_long_they_took() -> None:
    dataset = acquired("FrameAcquisitionDuration", 100.0, 100.0)
    for group in dataset.PerFrameFunctionalGroupsSequence:
        group.FrameContentSequence[0].FrameAcquisitionDateTime = "20200101120000"
    assert timing(dataset, 2) == Timing()


# --- what makes no sense ---


@pytest.mark.parametrize("keyword", ["FrameTime", "CineRate", "RecommendedDisplayFrameRate"])
@pytest.mark.parametrize(
    "value", [b"0", b"-40", b"1e9", b"1e-9", b"nan", b"inf", b"fast", b"\x1b[31m", b"1e999", b"4O"]
)
def test_a_speed_that_is_none_is_noted_and_the_default_taken(keyword: str, value: bytes) -> None:
    found = timing(written(keyword, value), 5)
    assert found.seconds == (1 / DEFAULT_RATE,)
    assert found.source == "default"
    assert len(found.notes) == 1
    assert found.notes[0].isprintable()
    assert cine.label(keyword) in found.notes[0]


def test_the_next_attribute_takes_the_place_of_one_without_sense() -> None:
    found = timing(made(RecommendedDisplayFrameRate="0", FrameTime="50", CineRate="7"), 5)
    assert found.source == "Frame Time (0018,1063)"
    assert found.notes == ("Recommended Display Frame Rate (0008,2144) is 0 frames/s: no speed to play at",)


def test_a_rate_with_decimals_counts_though_it_should_be_whole() -> None:
    assert timing(written("CineRate", b"29.97 ", "IS"), 5).rate == pytest.approx(29.97)


@pytest.mark.parametrize(
    ("vector", "said"),
    [
        ([0, 40], "has 2 values for 3 frames"),
        ([0, 40, 0], "is 0 ms at frame 3"),
        ([0, -40, 40], "is -40 ms at frame 2"),
        ([0, 40, 1e9], "at frame 3"),
    ],
)
def test_a_vector_that_makes_no_sense_is_noted(vector: list[float], said: str) -> None:
    found = timing(made(FrameTimeVector=vector, CineRate="4"), 3)
    assert found.source == "Cine Rate (0018,0040)"
    assert said in found.notes[0]


@pytest.mark.parametrize("frames", [0, 1])
def test_a_single_frame_has_nothing_to_play_and_nothing_to_note(frames: int) -> None:
    assert timing(made(FrameTime="0", PreferredPlaybackSequencing=9), frames) == Timing()


def test_a_file_that_says_nothing_has_the_default_stated_as_such() -> None:
    found = timing(Dataset(), 20)
    assert (found.rate, found.source, found.notes) == (pytest.approx(DEFAULT_RATE), "default", ())
    assert timing(made(FrameTime=None, FrameTimeVector=None, CineRate=None), 20) == found


@pytest.mark.parametrize(
    ("value", "sweeps", "notes"), [(None, False, 0), (0, False, 0), (1, True, 0), (7, False, 1)]
)
def test_playing_loops_or_sweeps(value: int | None, sweeps: bool, notes: int) -> None:
    found = timing(made(PreferredPlaybackSequencing=value, FrameTime="40"), 2)
    assert (found.sweeps, len(found.notes)) == (sweeps, notes)
    assert seconds(found) == (0.04,)


NUMBERS = st.one_of(st.floats(), st.sampled_from([0.0, -1.0, 40.0, 1e9, nan, inf]), st.binary(max_size=6))


@given(
    st.dictionaries(
        st.sampled_from(
            [
                "FrameTime",
                "FrameTimeVector",
                "CineRate",
                "RecommendedDisplayFrameRate",
                "FrameIncrementPointer",
                "PreferredPlaybackSequencing",
            ]
        ),
        st.tuples(st.sampled_from(["DS", "IS", "FD", "US", "AT", "UN", "SQ"]), st.lists(NUMBERS, max_size=4)),
    ),
    st.integers(0, 5),
)
def test_every_frame_stays_for_a_time_whatever_the_file_says(
    attributes: dict[str, tuple[str, list[float | bytes]]], frames: int
) -> None:
    dataset = Dataset()
    for keyword, (vr, values) in attributes.items():
        raw = b"\\".join(part if isinstance(part, bytes) else str(part).encode() for part in values)
        dataset.update(written(keyword, raw, vr))
    found = timing(dataset, frames)
    assert len(found.seconds) in (1, frames)
    assert all(SHORTEST <= found.seconds_of(number) <= LONGEST for number in range(1, frames + 1))
    assert isfinite(found.rate)
    assert all(note == safe_line(note) for note in found.notes)


# --- real files ---


def test_an_ultrasound_loop_plays_at_its_frame_time() -> None:
    found = timing(read_instance(str(get_testdata_file("examples_ybr_color.dcm"))).dataset, 30)
    assert found.rate == pytest.approx(1000 / 33.333)
    assert found.notes == ()


@pytest.mark.corpus
def test_real_vectors_and_rates_are_found(corpus: Path) -> None:
    sources = set()
    for path in sorted(corpus.rglob("*.dcm")):
        try:
            dataset = read_instance(path).dataset
        except Exception:  # noqa: BLE001  other tests are about those
            continue
        frames = cine.numbers(dataset, "NumberOfFrames")
        if frames and frames[0] > 1:
            found = timing(dataset, int(frames[0]))
            assert found.notes == (), path.name
            sources.add(found.source.partition(" (")[0])
    assert {"default", "Frame Time", "Frame Time Vector", "Recommended Display Frame Rate"} <= sources


def test_the_example_works() -> None:
    results = doctest.testmod(cine)
    assert results.attempted
    assert not results.failed


def test_a_frame_increment_pointer_that_is_no_tag_is_passed_over() -> None:
    dataset = Dataset()
    dataset.add_new(0x00280009, "IS", 1 << 32)
    dataset.FrameTime = 40
    assert timing(dataset, 3).rate == pytest.approx(25)
