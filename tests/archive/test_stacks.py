"""Which stacks a series is split into, and which it is not."""

import random
from math import cos, sin, tau

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.archive.header import Header
from dicomtui.archive.series import Stack, stack, stacks
from tests.archive.slices import AXIAL, CORONAL, SAGITTAL, heights, instance, volume


def labels(headers: list[Header]) -> dict[str, int]:
    """Return how many instances there are in each stack."""
    return {one.label: len(one.headers) for one in stacks(headers)}


def test_a_volume_is_one_stack_without_a_label() -> None:
    headers = volume(heights(30))
    assert stacks(headers[::-1]) == [Stack(headers)]


def test_planes_of_a_localiser_are_stacks_in_the_order_of_their_numbers() -> None:
    headers = [
        instance(
            3 * plane + at, image_orientation=orientation, image_position=tuple(10.0 * at for _ in range(3))
        )
        for plane, orientation in enumerate([SAGITTAL, CORONAL, AXIAL])
        for at in range(3)
    ]
    assert list(labels(headers[::-1]).items()) == [("sagittal", 3), ("coronal", 3), ("axial", 3)]


def test_one_image_of_each_plane_is_stepped_through_as_one() -> None:
    headers = [
        instance(at, image_orientation=orientation, image_position=(0.0, 0.0, 0.0))
        for at, orientation in enumerate([AXIAL, CORONAL, SAGITTAL])
    ]
    assert stacks(headers) == [Stack(headers)]


def test_a_scout_does_not_mix_with_the_volume_it_was_made_for() -> None:
    headers = [*volume([0.0], image_orientation=CORONAL), *volume(heights(40), 2)]
    assert labels(headers) == {"coronal": 1, "axial": 40}


def test_a_turning_projection_is_one_stack_by_number() -> None:
    headers = [
        instance(
            at, image_position=(0.0, 0.0, 0.0), image_orientation=(1.0 - at / 100, at / 50, 0, 0, 0, -1.0)
        )
        for at in range(1, 37)
    ]
    assert stacks(headers[::-1]) == [Stack(headers)]


def test_echoes_at_the_same_places_are_stacks_of_their_own() -> None:
    headers = [
        header._replace(
            echo_number=echo, sop_instance_uid=f"{header.sop_instance_uid}.{echo}", path=f"/{echo}/{at}"
        )
        for at, header in enumerate(volume(heights(10)))
        for echo in (1, 2)
    ]
    assert labels(headers) == {"echo 1": 10, "echo 2": 10}
    member = headers[7]
    assert member in stack(headers, member)
    assert {header.echo_number for header in stack(headers, member)} == {member.echo_number}


def test_echo_numbers_do_not_split_where_each_place_is_taken_once() -> None:
    headers = [header._replace(echo_number=at % 2) for at, header in enumerate(volume(heights(10)))]
    assert labels(headers) == {"": 10}


@pytest.mark.parametrize(
    ("field", "label"),
    [
        ("temporal_position", "time 3"),
        ("acquisition_number", "acquisition 3"),
        ("acquisition_time", "time 3"),
    ],
)
def test_each_time_of_a_dynamic_is_a_volume(field: str, label: str) -> None:
    headers = []
    for time in range(1, 6):
        value = f"1000{time}" if field == "acquisition_time" else time
        headers += volume(heights(12), 1 + 12 * time, **{field: value})
    found = labels(headers)
    assert len(found) == 5
    assert found[label] == 12


def test_diffusion_volumes_of_which_no_attribute_tells_are_counted() -> None:
    headers = volume(heights(20)) + volume(heights(20), 21) + volume(heights(20), 41)
    assert labels(headers) == {"volume 1": 20, "volume 2": 20, "volume 3": 20}
    assert [header.instance_number for header in stacks(headers)[1].headers] == list(range(21, 41))


def test_a_cine_at_one_place_is_one_stack_in_time() -> None:
    headers = [
        instance(at, image_position=(0.0, 0.0, 0.0), image_orientation=AXIAL, temporal_position=at)
        for at in range(1, 26)
    ]
    assert stacks(headers[::-1]) == [Stack(headers)]


def test_magnitude_and_phase_are_stacks_and_an_aborted_time_stays_one() -> None:
    kinds = [
        volume(heights(8), 8 * at, image_type=f"ORIGINAL\\PRIMARY\\{kind}") for at, kind in enumerate("MP")
    ]
    assert labels(kinds[0] + kinds[1]) == {"M": 8, "P": 8}
    times = [volume(heights(8), 8 * time, temporal_position=time) for time in range(1, 5)]
    assert labels([*times[0], *times[1], *times[2], *times[3][:3]]) == {
        "time 1": 8,
        "time 2": 8,
        "time 3": 8,
        "time 4": 3,
    }


def test_two_sizes_of_one_volume_are_two_stacks_but_one_odd_image_stays() -> None:
    small = volume(heights(9), 10, rows=256, columns=256)
    assert labels(volume(heights(9)) + small) == {"256x256": 9, "512x512": 9}
    assert labels([*volume(heights(9)), *volume([45.0], 10, rows=256)]) == {"": 10}


def test_objects_without_pixels_are_kept_apart() -> None:
    report = instance(99, rows=None, columns=None, modality="SR")
    assert labels([*volume(heights(4)), report]) == {"images": 4, "other objects": 1}


def test_the_views_of_a_mammography_are_one_stack_by_number() -> None:
    views = [instance(at, modality="MG", rows=3000 + at, image_orientation=None) for at in range(1, 5)]
    (found,) = stacks(views[::-1])
    assert (found.headers, found.findings) == (views, [])


@given(
    order=st.permutations(range(24)),
    lost=st.sets(st.integers(0, 23), max_size=8),
    seed=st.randoms(use_true_random=False),
)
def test_the_order_of_arrival_does_not_count(order: list[int], lost: set[int], seed: random.Random) -> None:
    every = [header for time in (1, 2, 3) for header in volume(heights(8), 8 * time, temporal_position=time)]
    headers = [every[at] for at in order if at not in lost]
    found = stacks(headers)
    assert stacks(seed.sample(headers, len(headers))) == found
    assert sorted(header.path for one in found for header in one.headers) == sorted(
        header.path for header in headers
    )


def test_thousands_of_directions_cost_no_time() -> None:
    angles = [at * tau / 3000 for at in range(3000)]
    headers = [
        instance(
            at,
            image_position=(0.0, 0.0, 0.0),
            image_orientation=(cos(angle), sin(angle), 0.0, 0.0, 0.0, -1.0),
        )
        for at, angle in enumerate(angles)
    ]
    assert stacks(headers[::-1]) == [Stack(headers)]
