import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.errors import UsageError
from dicomtui.export.names import LONGEST_PART, LONGEST_PATH, Template, distinct, safe_part

SAFE_PART = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]*")


@given(st.text(max_size=400))
def test_any_value_becomes_one_safe_part(value: str) -> None:
    part = safe_part(value)
    assert SAFE_PART.fullmatch(part)
    assert len(part) <= LONGEST_PART + 1
    assert not part.endswith(".")


@given(st.lists(st.text(max_size=300), min_size=3, max_size=3))
def test_no_value_leads_out_of_the_target_folder(values: list[str]) -> None:
    template = Template.parse("{PatientID}/{StudyDescription} {SeriesNumber}/{Path}")
    named = dict(zip(("PatientID", "StudyDescription", "Path"), values, strict=True))
    path = template.path(named)
    assert len(path) <= LONGEST_PATH
    assert all(SAFE_PART.fullmatch(part) for part in path.split("/"))


@pytest.mark.parametrize(
    ("value", "part"),
    [
        ("..", "unknown"),
        (".", "unknown"),
        ("", "unknown"),
        (" \0", "unknown"),
        ("/etc/passwd", "etc_passwd"),
        ("-rf", "rf"),
        (".bashrc", "bashrc"),
        ("Doe^John", "Doe_John"),
        ("Müller", "Muller"),
        ("CON", "_CON"),
        ("nul.txt", "_nul.txt"),
        ("a\nb\x1b[31m", "a_b_31m"),
        ("name.", "name"),
    ],
)
def test_hostile_values_become_plain_names(value: str, part: str) -> None:
    assert safe_part(value) == part


def test_names_in_scripts_that_ascii_lacks_stay_apart() -> None:
    assert safe_part("山田^太郎") != safe_part("鈴木^花子")


def test_long_values_that_differ_at_their_end_stay_apart() -> None:
    assert safe_part("a" * 300 + "1") != safe_part("a" * 300 + "2")


def test_numbers_are_filled_up_with_zeros_and_other_values_are_left_alone() -> None:
    template = Template.parse("{InstanceNumber:04}_{SeriesNumber}")
    assert template.path({"InstanceNumber": "7", "SeriesNumber": "12"}) == "0007_12"
    assert template.path({"InstanceNumber": "7a"}) == "7a_unknown"


def test_slashes_of_the_template_and_of_the_path_make_folders_those_of_values_do_not() -> None:
    template = Template.parse("{PatientID}/{Path}")
    assert template.path({"PatientID": "a/b", "Path": "x/../y"}) == "a_b/x/unknown/y"


def test_fields_are_told_once_in_their_order() -> None:
    assert Template.parse("{Modality}/{Frame}-{Modality}").fields == ("Modality", "Frame")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "empty"),
        ("//", "empty"),
        ("{PatientID", "column 1"),
        ("a}b", "column 2"),
        ("{}", "column 1"),
        ("x{Patient ID}", "column 2"),
        ("{patientid}", "did you mean PatientID"),
        ("{Nonsense}", "no attribute"),
        ("{InstanceNumber:x}", "no field"),
        ("{PatientID.__class__}", "no field"),
    ],
)
def test_a_template_that_makes_no_sense_is_refused_with_the_place(text: str, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        Template.parse(text)


def test_a_name_that_is_taken_gets_a_mark_of_its_own() -> None:
    assert distinct("CT/1", "1.2.3") != distinct("CT/1", "1.2.4")
    assert re.fullmatch(r"CT/1-[0-9a-f]{8}", distinct("CT/1", "1.2.3"))
