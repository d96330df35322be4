"""Which instances are stepped through together, and in which order."""

import os
import random
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.archive.header import Header, header_of, read_header
from dicomtui.archive.series import natural_key, stack, stacks
from dicomtui.dataset.reading import read_instance
from tests.archive.made_elements import a_body, a_file
from tests.builders import ct, write, write_series

SERIES = "1.2.3.4"
AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Header:
    """An image of the series without anything that could order it."""
    file = tmp_path_factory.mktemp("series") / "blank.dcm"
    file.write_bytes(a_file(a_body()))
    header = read_header(str(file))
    assert header is not None
    return header._replace(series_instance_uid=SERIES, rows=4, columns=4)


def series_of(blank: Header, **fields: list[object]) -> list[Header]:
    """One instance for each place in the lists, named IMG0, IMG1, ..."""
    count = len(next(iter(fields.values())))
    return [
        blank._replace(
            path=f"/a/IMG{index}",
            sop_instance_uid=f"1.{index}",
            **{field: values[index] for field, values in fields.items()},
        )
        for index in range(count)
    ]


def names(headers: list[Header]) -> list[str]:
    return [os.path.basename(header.path) for header in headers]


def test_a_series_written_in_reverse_is_stepped_through_from_feet_to_head(tmp_path: Path) -> None:
    write_series(tmp_path, 12)
    headers = [read_header(str(path)) for path in tmp_path.iterdir()]
    heights = [header.image_position[2] for header in stack(headers, headers[0])]
    assert heights == sorted(heights)
    assert len(heights) == 12


def test_an_instance_that_was_read_as_a_whole_finds_its_stack(tmp_path: Path) -> None:
    first = write(ct(), tmp_path / "first.dcm")
    header = header_of(read_instance(first))
    assert stack([header], header) == [header]


@given(
    angles=st.tuples(st.floats(-3, 3), st.floats(-3, 3)),
    spacing=st.floats(0.1, 20),
    order=st.permutations(range(8)),
)
def test_order_follows_the_slice_normal_of_any_oblique_stack(
    blank: Header, angles: tuple[float, float], spacing: float, order: list[int]
) -> None:
    (a, b), origin = angles, np.array([-120.0, 33.0, 7.0])
    row = np.array([np.cos(a), np.sin(a), 0])
    column = np.array([-np.sin(a) * np.cos(b), np.cos(a) * np.cos(b), np.sin(b)])
    normal = np.cross(row, column)
    headers = series_of(
        blank,
        image_position=[tuple(map(float, origin + index * spacing * normal)) for index in range(8)],
        image_orientation=[tuple(map(float, (*row, *column)))] * 8,
        instance_number=order,  # which says something else
    )
    assert stack(headers, headers[3]) == headers


def test_instances_at_one_place_follow_acquisition_time_echo_and_number(blank: Header) -> None:
    ordered = series_of(
        blank,
        image_orientation=[AXIAL] * 7,
        image_position=[(0.0, 0.0, z) for z in (1.0, 1.0, 1.0000001, 1.0, 1.0, 1.0, 2.0)],
        acquisition_number=[1, 1, 1, 1, 2, None, 0],
        temporal_position=[1, 1, 1, 2, 1, 1, 0],
        echo_number=[1, 1, 2, 1, 1, 1, 0],
        instance_number=[1, 2, 1, 1, 1, 1, 0],
    )
    shuffled = ordered[::-1]
    assert stack(shuffled, shuffled[0]) == ordered


def test_without_geometry_the_instance_number_counts_then_the_name_as_a_reader_sorts_it(
    blank: Header,
) -> None:
    headers = [
        blank._replace(path=f"/a/{name}", sop_instance_uid=name, instance_number=number)
        for name, number in [("z9", 1), ("a10", 2), ("a2", 2), ("b", 10), ("IMG10", None), ("IMG9", None)]
    ]
    assert names(stack(headers, headers[0])) == ["z9", "a2", "a10", "b", "IMG9", "IMG10"]


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("image_position", [(0.0, 0.0, 3.0), None, (0.0, 0.0, 1.0)]),
        ("image_orientation", [AXIAL, (1.0, 0.0, 0.0, 0.0, 0.0, -1.0), AXIAL]),
        ("image_orientation", [AXIAL, None, AXIAL]),
        ("image_orientation", [(0.0,) * 6] * 3),
        ("image_orientation", [(1e308,) * 6] * 3),
    ],
)
def test_what_is_no_stack_in_space_follows_instance_numbers(
    blank: Header, field: str, values: list[object]
) -> None:
    fields: dict[str, list[object]] = {
        "image_position": [(0.0, 0.0, 3.0), (0.0, 0.0, 2.0), (0.0, 0.0, 1.0)],
        "image_orientation": [(0.6, 0.8, 0.0, 0.0, 0.0, 1.0)] * 3
        if field == "image_position"
        else [AXIAL] * 3,
        "instance_number": [1, 2, 3],
    }
    headers = series_of(blank, **(fields | {field: values}))
    assert names(stack(headers[::-1], headers[0])) == ["IMG0", "IMG1", "IMG2"]


def test_a_nearly_equal_orientation_is_the_same(blank: Header) -> None:
    headers = series_of(
        blank,
        image_orientation=[AXIAL, (0.9999999, 1e-5, 0.0, -1e-5, 0.9999999, 0.0)],
        image_position=[(0.0, 0.0, 2.0), (0.0, 0.0, 1.0)],
        instance_number=[1, 2],
    )
    assert names(stack(headers, headers[0])) == ["IMG1", "IMG0"]


def test_other_series_and_objects_without_pixels_are_left_out(blank: Header) -> None:
    image, other, report = series_of(
        blank, series_instance_uid=[SERIES, "9.9", SERIES], rows=[4, 4, None], instance_number=[1, 2, 3]
    )
    assert stack([image, other, report], image) == [image]
    assert stack([image, other, report], report) == [report]


def test_an_instance_without_series_stands_alone(blank: Header) -> None:
    lost = series_of(blank, series_instance_uid=["", ""])
    assert stack(lost, lost[1]) == [lost[1]]


def test_copies_of_an_instance_are_kept_side_by_side(blank: Header) -> None:
    headers = [
        blank._replace(path=f"/{folder}/IMG{number}", sop_instance_uid=uid, instance_number=1)
        for folder, number, uid in [
            ("a", 1, "1.1"),
            ("a", 2, "1.2"),
            ("a", 3, ""),
            ("b", 1, "1.1"),
            ("b", 2, ""),
        ]
    ]
    ordered = stack(headers[::-1], headers[0])
    assert [header.path for header in ordered] == ["/a/IMG1", "/b/IMG1", "/a/IMG2", "/a/IMG3", "/b/IMG2"]


NUMBERS = st.one_of(st.none(), st.integers(-2, 3))
POSITIONS = st.one_of(
    st.none(), st.tuples(*[st.sampled_from([0.0, 1.0, 1.0001, -5.0, -1.7e308, 1.7e308]) for _ in range(3)])
)
ORIENTATIONS = st.sampled_from([None, AXIAL, AXIAL, AXIAL, (0.0, 1.0, 0.0, 0.0, 0.0, 1.0)])
LONG = (1.2, 0.3, 0.0, 0.0, 1.2, 0.3)


@given(data=st.data(), count=st.integers(1, 8), seed=st.randoms(use_true_random=False))
def test_no_instance_is_lost_and_the_order_of_arrival_does_not_count(
    blank: Header, data: st.DataObject, count: int, seed: random.Random
) -> None:
    orientation = data.draw(st.sampled_from([ORIENTATIONS, st.just(AXIAL), st.just(LONG)]))
    headers = [
        blank._replace(
            path=f"/{data.draw(st.sampled_from('ab'))}/{index}",
            sop_instance_uid=data.draw(st.sampled_from(["", "1", "2", "3"])),
            image_position=data.draw(POSITIONS),
            image_orientation=data.draw(orientation),
            instance_number=data.draw(NUMBERS),
            acquisition_number=data.draw(NUMBERS),
            temporal_position=data.draw(NUMBERS),
            echo_number=data.draw(NUMBERS),
        )
        for index in range(count)
    ]
    found = stacks(headers)
    ordered = [header for one in found for header in one.headers]
    assert sorted(header.path for header in ordered) == sorted(header.path for header in headers)
    assert stacks(seed.sample(headers, count)) == found
    for one in found:
        assert stack(ordered, one.headers[-1]) == one.headers
        assert all(finding.mark and finding.sentence for finding in one.findings)
    assert len({one.label for one in found}) == len(found)
    for uid in "123":
        places = [index for index, header in enumerate(ordered) if header.sop_instance_uid == uid]
        assert all(after - before == 1 for before, after in pairwise(places))


def test_names_sort_as_a_reader_sorts_them() -> None:
    ordered = ["", "1", "01", "2", "10", "a", "A1", "a1b", "a2", "a10", "ab", "IMG2", "IMG10", "img10b", "z²"]
    shuffled = random.Random(3).sample(ordered, len(ordered))
    result = sorted(shuffled, key=natural_key)
    assert result.index("IMG2") < result.index("IMG10")
    assert result == sorted(ordered, key=natural_key)
    assert [name for name in result if name.isdigit()] == ["01", "1", "2", "10"]
    assert result[-1] == "z²"


@given(st.lists(st.text(st.characters(), max_size=12), max_size=8))
def test_any_names_have_one_order(some: list[str]) -> None:
    hostile = ["\udcff1", "\x00", "٣", "²", "9" * 5000, "0" * 5000 + "1", "ß", "ss"]
    keys = [natural_key(name) for name in some + hostile]
    assert len(set(keys)) == len(set(some + hostile))
    assert all(before < after for before, after in pairwise(sorted(set(keys))))


@given(
    st.text(st.characters(exclude_categories=("N",)), max_size=5),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
)
def test_numbers_in_names_count_as_numbers(text: str, one: int, other: int) -> None:
    before, after = natural_key(f"{text}{one}.dcm"), natural_key(f"{text}{other}.dcm")
    assert (before < after) == (one < other)
