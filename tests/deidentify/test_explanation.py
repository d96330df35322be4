"""What is said about an attribute."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary

from dicomtui.dataset.reading import read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.deidentify.engine import deidentify_instance
from dicomtui.deidentify.explanation import about_element, explain
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS
from dicomtui.deidentify.tables import rows
from tests.deidentify.encoded import explicit, file_of


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


@pytest.mark.parametrize(
    ("tag", "sentence"),
    [
        ("0002,0003", "made anew (the SOP Instance UID (0008,0018) of the copy)"),
        ("0002,0016", "removed (the copy has File Meta Information of its own"),
        ("0004,1130", "removed (it belongs to a DICOMDIR"),
        ("0000,0002", "removed (it belongs to a message"),
        ("0010,0000", "removed (a length of the original file)"),
        ("FFFE,E000", "written anew (no attribute"),
    ],
)
def test_what_is_no_part_of_the_data_set_has_one_fate_whatever_is_chosen(tag: str, sentence: str) -> None:
    lines = explain(tag)
    assert len(lines) == 2
    assert lines[1].startswith(f"  always: {sentence}")
    assert about_element(int(tag.replace(",", ""), 16), "UI")[1:] == lines[1:]


def test_what_is_said_of_the_file_meta_information_is_what_a_copy_has() -> None:
    instance = read_source(MemorySource("a", file_of(explicit(0x00100010, "PN", "Doe^Jane"))))
    copy = deidentify_instance(instance, PRESETS["basic"], Key(bytes(32))).dataset
    meta = {0x00020000, *map(int, copy.file_meta.keys())}  # no file may be without its length
    of_the_standard = [tag for tag in DicomDictionary if tag >> 16 == 2]
    assert len(of_the_standard) > len(meta)
    for tag in of_the_standard:
        assert explain(f"{tag:08x}")[1].startswith(
            "  always: made anew" if tag in meta else "  always: removed"
        )


def test_pixels_are_not_said_to_be_looked_into() -> None:
    assert "not looked for" in explain("7FE00010")[-1]


@pytest.mark.parametrize("name", ["", "  ", "PatientNme", "0010"])
def test_no_attribute_is_found_for_what_is_no_name(name: str) -> None:
    assert explain(name) == ["No attribute is called that: give a keyword or a tag."]


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.tag)
def test_every_row_can_be_explained(row: object) -> None:
    name = row.keyword or row.name  # type: ignore[attr-defined]
    assert any("says" in line for line in explain(name))


@given(st.text(max_size=30))
def test_any_text_is_answered(text: str) -> None:
    assert explain(text)
