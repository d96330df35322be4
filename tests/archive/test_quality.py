"""What a physicist is told of a stack, and what he is spared."""

from math import radians, tan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.archive.header import Header
from dicomtui.archive.quality import findings
from dicomtui.archive.series import stacks
from tests.archive.slices import AXIAL, heights, instance, volume


def marks(headers: list[Header]) -> list[str]:
    """Return the marks of all stacks of a series."""
    return [finding.mark for one in stacks(headers) for finding in one.findings]


def test_an_even_volume_is_not_remarked() -> None:
    assert marks(volume(heights(50, 0.625))) == []


@pytest.mark.parametrize("decimals", [2, 3, 6])
def test_positions_that_were_rounded_are_not_remarked(decimals: int) -> None:
    assert marks(volume([round(z, decimals) for z in heights(100, 0.625 + 1e-4)])) == []


@given(count=st.integers(4, 60), spacing=st.floats(0.3, 20), data=st.data(), start=st.floats(-1000, 1000))
def test_a_lost_slice_is_exactly_one_gap_of_twice_the_spacing(
    count: int, spacing: float, data: st.DataObject, start: float
) -> None:
    whole = volume([start + z for z in heights(count, spacing)])
    lost = data.draw(st.integers(1, count - 2))
    (finding,) = findings([header for at, header in enumerate(whole) if at != lost])
    assert finding.mark.startswith("gap ")
    assert float(finding.mark.split()[1]) == pytest.approx(2 * spacing, abs=0.006)
    assert f"between instance {lost} and instance {lost + 2}, room for 1 instance" in finding.sentence


@given(count=st.integers(3, 60), spacing=st.floats(0.3, 20))
def test_lost_slices_at_the_ends_cannot_be_told(count: int, spacing: float) -> None:
    assert marks(volume(heights(count + 2, spacing))[1:-1]) == []


def test_several_gaps_are_counted_and_the_first_of_them_named() -> None:
    whole = volume(heights(40))
    (finding,) = findings([header for at, header in enumerate(whole) if at not in (5, 12, 13, 20, 30)])
    assert finding.mark == "4 gaps"
    assert "15 mm between instance 12 and instance 15, room for 2 instances" in finding.sentence
    assert "and 1 more" in finding.sentence


def test_uneven_spacing_gives_its_range() -> None:
    thin_then_thick = [*heights(10, 2.5), *(25 + z for z in heights(12, 5.0))]
    (finding,) = findings(volume(thin_then_thick))
    assert finding.mark == "uneven spacing 2.5-5 mm"
    (finding,) = findings(volume([*heights(9, 2.5), 20.6]))
    assert finding.mark == "uneven spacing 0.6-2.5 mm"


def test_copies_are_duplicates_and_nothing_else() -> None:
    whole = volume(heights(10))
    copy = whole[3]._replace(path="/b/IM4")
    (finding,) = findings(stacks([*whole, copy])[0].headers)
    assert finding.mark == "1 duplicate"
    assert "b/IM4 repeats a/IM4" in finding.sentence or "a/IM4 repeats b/IM4" in finding.sentence


def test_two_instances_at_one_place_are_not_copies() -> None:
    whole = volume(heights(10))
    other = whole[3]._replace(path="/b/X", sop_instance_uid="9.9", instance_number=77)
    (finding,) = findings(stacks([*whole, other])[0].headers)
    assert finding.mark == "1 place shared"
    assert "instance 4 and instance 77" in finding.sentence


def test_mixed_sizes_and_pixel_spacings_of_a_stack_are_told() -> None:
    assert marks([*volume(heights(8)), *volume([40.0], 9, rows=256, columns=256)]) == [
        "mixed sizes 512x512, 256x256"
    ]
    assert marks([*volume(heights(8)), *volume([40.0], 9, pixel_spacing=(0.8, 0.7))]) == [
        "mixed pixel spacing"
    ]


@given(angle=st.floats(1, 30), count=st.integers(3, 40), spacing=st.floats(0.5, 10))
def test_gantry_tilt_is_told_in_degrees_and_spoils_no_spacing(
    angle: float, count: int, spacing: float
) -> None:
    headers = [
        instance(
            at,
            image_position=(0.0, at * spacing * tan(radians(angle)), at * spacing),
            image_orientation=AXIAL,
        )
        for at in range(1, count + 1)
    ]
    assert marks(headers) == [f"tilt {angle:.1f}°"]


def test_a_jump_within_the_plane_is_not_taken_for_tilt() -> None:
    headers = [
        instance(at, image_position=(8.0 * (at > 5), 0.0, at * 3.0), image_orientation=AXIAL)
        for at in range(1, 11)
    ]
    assert marks(headers) == ["not in line"]


def test_localisers_projections_and_loops_are_left_alone() -> None:
    localiser = volume([0.0, 30.0, 90.0, 91.0], image_type="ORIGINAL\\PRIMARY\\LOCALIZER")
    views = [instance(at, modality="MG", rows=2000 + at) for at in range(4)]
    clips = [instance(at, modality="US", columns=600 + at % 2, number_of_frames=30) for at in range(6)]
    loop = [
        instance(
            at, image_position=(0.0, 0.0, 10.0 * (at % 2)), image_orientation=AXIAL, temporal_position=at // 2
        )
        for at in range(20)
    ]
    reports = [instance(at, rows=None, columns=None, modality="SR") for at in range(3)]
    for headers in (localiser, views, clips, loop, reports):
        assert marks(headers) == []


def test_diffusion_dynamics_and_echoes_are_left_alone() -> None:
    echoes = volume(heights(9), 1, echo_number=1) + volume(heights(9), 10, echo_number=2)
    phases = [header for at in range(10) for header in volume(heights(9), 9 * at, acquisition_number=at)]
    diffusion = [header for at in range(7) for header in volume(heights(9), 9 * at)]
    for headers in (echoes, phases, diffusion):
        assert marks(headers) == []


def test_a_slice_that_one_echo_lacks_is_a_gap_in_that_echo() -> None:
    second = volume(heights(9), 10, echo_number=2)
    headers = volume(heights(9), 1, echo_number=1) + second[:4] + second[5:]
    assert {one.label: [found.mark for found in one.findings] for one in stacks(headers)} == {
        "echo 1": [],
        "echo 2": ["gap 10 mm"],
    }


def test_instances_without_a_series_are_not_judged_as_one() -> None:
    assert marks(volume([0.0, 1.0, 2.0, 9.0], series_instance_uid="")) == []


NUMBERS = st.sampled_from([0.0, 1.0, -5.0, 1e-9, 1e300, -1e300])


@given(
    st.lists(
        st.builds(
            lambda number, x, y, z: instance(number, image_position=(x, y, z), image_orientation=AXIAL),
            st.integers(0, 50),
            NUMBERS,
            NUMBERS,
            NUMBERS,
        ),
        max_size=12,
    )
)
def test_hostile_positions_never_raise_and_say_one_line(headers: list[Header]) -> None:
    for one in stacks(headers):
        for finding in findings(one.headers):
            assert "\n" not in finding.mark + finding.sentence
            assert len(finding.mark) < 80
