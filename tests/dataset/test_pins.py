"""What stands at the top of the attributes."""

from pathlib import Path

from dicomtui.dataset.elements import elements_of
from dicomtui.dataset.pins import OTHER, PINS, pinned, pinned_names, tag_of
from dicomtui.dataset.reading import read_instance
from tests.builders import ct, write


def test_every_default_is_an_attribute_and_stands_once() -> None:
    for names in PINS.values():
        assert all(tag_of(name) > 0 for name in names), names
        assert len(set(names)) == len(names), names


def test_a_list_of_the_user_takes_the_place_of_the_default() -> None:
    chosen = {"CT": ("KVP",), OTHER: ("Rows",)}
    assert pinned_names("CT", chosen) == ("KVP",)
    assert pinned_names("MR", chosen) == PINS["MR"]
    assert pinned_names("nothing that exists", chosen) == ("Rows",)
    assert pinned_names("nothing that exists", {}) == PINS[OTHER]
    assert pinned_names("CT", {"CT": ()}) == ()


def test_they_stand_in_the_order_of_the_names_without_those_that_are_absent_or_empty(tmp_path: Path) -> None:
    rows = elements_of(read_instance(write(ct(PatientAge="", KVP="120"), tmp_path / "a.dcm")))
    found = pinned(("KVP", "NoSuchThing", "PatientAge", "EchoTime", "0010,0010"), rows)
    assert [row.keyword for row in found] == ["KVP", "PatientName"]


def test_what_stands_in_the_first_place_is_not_looked_for_in_the_next(tmp_path: Path) -> None:
    first = elements_of(read_instance(write(ct(KVP="120"), tmp_path / "a.dcm")))
    second = elements_of(read_instance(write(ct(KVP="80", EchoTime="1"), tmp_path / "b.dcm")))
    assert [row.text for row in pinned(("KVP", "EchoTime"), first, second)] == ["120", "1"]
