"""What is said about an attribute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.deidentify.explanation import explain
from dicomtui.deidentify.tables import rows


@pytest.mark.parametrize(
    "name", ["PatientID", "Patient ID", "patient id", "(0010,0020)", "00100020", "0010,0020"]
)
def test_an_attribute_can_be_named_in_many_ways(name: str) -> None:
    assert explain(name)[0] == "(0010,0020) Patient ID, LO: PS3.15 2026d Table E.1-1 says Z/D."


def test_presets_and_options_are_spelled_out() -> None:
    text = "\n".join(explain("StudyDate"))
    assert "basic: emptied" in text
    assert "research: moved by days of the patient's own" in text
    assert "with Full Dates (K): kept if it parses" in text


def test_what_the_table_leaves_out_has_a_rule_too() -> None:
    assert "not in PS3.15 2026d Table E.1-1" in explain("TextValue")[0]
    assert "replaced by a dummy" in explain("TextValue")[1]
    assert "kept as it is" in explain("Rows")[1]


def test_repeating_groups_and_private_attributes_have_a_row() -> None:
    assert explain("60023000")[0].startswith("(60xx,3000) Overlay Data")
    assert explain("00091001")[0].startswith("Private Attributes")


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.tag)
def test_every_row_can_be_explained(row: object) -> None:
    name = row.keyword or row.name  # type: ignore[attr-defined]
    assert any("says" in line for line in explain(name))


@given(st.text(max_size=30))
def test_any_text_is_answered(text: str) -> None:
    assert explain(text)
