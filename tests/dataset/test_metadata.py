"""What a person asks first about an instance."""

import unicodedata
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicomtui.dataset.metadata import GROUPS, card, metadata
from dicomtui.dataset.reading import read_instance
from tests.builders import ct, write

KEYWORDS = [keyword for keywords in GROUPS.values() for keyword in keywords]


def test_every_attribute_stands_once_and_is_in_the_dictionary() -> None:
    assert len(KEYWORDS) == len(set(KEYWORDS))
    assert all(pydicom.datadict.tag_for_keyword(keyword) for keyword in KEYWORDS)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small.dcm", "US1_J2KR.dcm", "rtdose.dcm", "test-SR.dcm"]
)
def test_values_are_those_that_pydicom_reads(name: str) -> None:
    path = (
        get_testdata_file(name, download=False)
        if name != "US1_J2KR.dcm"
        else get_testdata_file("examples_ybr_color.dcm")
    )
    assert isinstance(path, str)
    dataset = pydicom.dcmread(path, stop_before_pixels=True)
    groups = metadata(read_instance(path))
    found = {keyword: values for group in groups.values() for keyword, values in group.items()}
    for keyword in KEYWORDS:
        source = dataset.file_meta if keyword == "TransferSyntaxUID" else dataset
        value = source.get(keyword)
        if value is None or value == "":
            assert keyword not in found
            continue
        values = list(value) if isinstance(value, pydicom.multival.MultiValue) else [value]
        assert [type(part)(text) for part, text in zip(values, found[keyword], strict=True)] == values


def test_what_is_absent_or_empty_is_left_out(tmp_path: Path) -> None:
    groups = metadata(read_instance(write(ct(PatientID="", AccessionNumber=None), tmp_path / "scan.dcm")))
    assert "PatientID" not in groups["patient"]
    assert "AccessionNumber" not in groups["study"]


def test_an_inferred_transfer_syntax_is_said_to_be_inferred() -> None:
    path = get_testdata_file("ExplVR_LitEndNoMeta.dcm", download=False)
    assert isinstance(path, str)
    instance = read_instance(path)
    assert metadata(instance)["image"]["TransferSyntaxUID"] == ["1.2.840.10008.1.2.1"]
    assert ("Transfer Syntax (inferred)", "Explicit VR Little Endian (1.2.840.10008.1.2.1)") in card(
        instance
    )["image"]


def test_a_card_is_readable_and_safe(tmp_path: Path) -> None:
    dataset = ct(PatientName="\x1b]0;x\x07\u202e", PatientBirthDate="19700102", PatientAge="050Y")
    shown = card(read_instance(write(dataset, tmp_path / "scan.dcm")))
    pairs = {name: text for group in shown.values() for name, text in group}
    assert list(shown) == ["patient", "study", "series", "image"]
    assert pairs["Patient's Birth Date"] == "1970-01-02"
    assert pairs["Patient's Age"] == "50 years"
    assert pairs["SOP Class UID"].startswith("CT Image Storage")
    assert not any(
        unicodedata.category(character) in ("Cc", "Cf") for text in pairs.values() for character in text
    )
