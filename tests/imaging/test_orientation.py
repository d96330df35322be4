"""The letters of animals; those of people are in the tests of geometry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dicomtui.imaging.geometry import orientation_of
from dicomtui.imaging.orientation import edge_letters, opposite
from dicomtui.imaging.viewport import Viewport

AXIAL = [1, 0, 0, 0, 1, 0]


def animal(*stated: str) -> Dataset:
    dataset = Dataset()
    dataset.AnatomicalOrientationType = "QUADRUPED"
    dataset.PatientOrientation = list(stated)
    return dataset


def letters(dataset: Dataset, viewport: Viewport) -> tuple[str, str, str, str]:
    orientation = orientation_of(dataset, 1)
    assert orientation is not None
    return edge_letters(orientation, viewport)


@pytest.mark.parametrize(
    ("stated", "edges"),
    [  # left, top, right, bottom
        (("LE", "CD"), ("RT", "", "LE", "CD")),
        (("CR", "V"), ("CD", "D", "CR", "V")),
        (("R", "V"), ("CD", "D", "R", "V")),
        (("M", "DI"), ("L", "PR", "M", "DI")),
        (("L", "PR"), ("M", "DI", "L", "PR")),
        (("PA", "DI"), ("D", "PR", "PA", "DI")),
        (("D", "DI"), ("", "PR", "D", "DI")),
        (("LECR", "V"), ("RTCD", "D", "LECR", "V")),
    ],
)
def test_an_animal_has_the_letters_of_its_kind(
    stated: tuple[str, str], edges: tuple[str, str, str, str]
) -> None:
    """Opposite to dorsal and caudal lies what depends on the part of the body: nothing is made up there."""
    dataset = animal(*stated)
    assert letters(dataset, Viewport()) == edges
    left, top, right, bottom = edges
    assert letters(dataset, Viewport().rotated()) == (bottom, left, top, right)
    assert letters(dataset, Viewport().flipped(horizontally=True)) == (right, top, left, bottom)


@pytest.mark.parametrize("stated", [("A", "F"), ("LE", ""), ("LE",), ("LEX", "V"), ("LECRDV", "V")])
def test_letters_of_people_or_none_give_no_letters_for_an_animal(stated: tuple[str, ...]) -> None:
    assert orientation_of(animal(*stated), 1) is None


def test_direction_cosines_of_an_animal_give_no_letters_by_themselves() -> None:
    dataset = animal("LE", "V")
    dataset.ImageOrientationPatient = AXIAL
    assert letters(dataset, Viewport()) == ("RT", "D", "LE", "V")
    del dataset.PatientOrientation
    assert orientation_of(dataset, 1) is None


@given(st.lists(st.sampled_from(["LE", "RT", "M", "L", "PR", "DI"]), max_size=3))
def test_the_opposite_of_the_opposite_is_the_direction(parts: list[str]) -> None:
    stated = "".join(parts)
    assert opposite(opposite(stated, quadruped=True), quadruped=True) == stated
