"""What is said of one element: its attribute, what its value means, where it stands, its bytes."""

from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.datadict import DicomDictionary, keyword_dict

from dicomtui.dataset.defined_terms import VALUE_REPRESENTATIONS, meaning_of, terms_of
from dicomtui.dataset.elements import Element, elements_of
from dicomtui.dataset.explanation import BYTES_SHOWN, element_at, explain
from dicomtui.dataset.reading import read_instance, read_source
from tests.builders import a_sequence, ct, write
from tests.dataset.encoded import element, source

CT = str(get_testdata_file("CT_small.dcm", download=False))


def explained(name: str, path: str | Path = CT) -> dict[str, list[str]]:
    found = element_at(elements_of(read_instance(path)), name)
    assert found is not None
    return lines_of(found)


def lines_of(found: Element) -> dict[str, list[str]]:
    said: dict[str, list[str]] = {}
    last = ""
    for name, text in explain(found, "scan.dcm"):
        if not (name or text):
            continue
        last = name or last
        said.setdefault(last, []).append(text)
    return said


def test_an_attribute_has_its_name_vr_and_multiplicity() -> None:
    said = explained("ImageType")
    assert said["Attribute"] == ["Image Type"]
    assert said["Tag"] == ["(0008,0008)"]
    assert said["VR"][0].startswith("CS, Code String")
    assert said["VM"][0] == "2-n; 3 here"
    assert "Retired" not in said


def test_each_value_of_image_type_has_its_meaning() -> None:
    means = explained("ImageType")["Means"]
    assert [text.partition(":")[0] for text in means] == ["ORIGINAL", "PRIMARY", "AXIAL"]


def test_a_modality_is_spelled_out_with_its_clause() -> None:
    said = explained("0008,0060")
    assert said["Means"] == ["CT: Computed Tomography"]
    assert said["Defined"][0].startswith("PS3.3 C.7.3.1.1.1")


def test_a_transfer_syntax_is_named() -> None:
    assert explained("TransferSyntaxUID")["Means"] == ["Explicit VR Little Endian: Transfer Syntax"]


def test_a_private_element_has_its_creator() -> None:
    assert explained("0009,1001")["Private"] == ["of GEMS_IDEN_01"]
    assert "reserves a block" in explained("0009,0010")["Private"][0]


def test_a_private_element_without_creator_belongs_to_nobody() -> None:
    rows = elements_of(read_source(source(element(0x00091001, "LO", b"x"))))
    assert "nobody" in lines_of(rows[-1])["Private"][0]


def test_a_retired_attribute_is_said_to_be_retired(tmp_path: Path) -> None:
    path = write(ct(ImageDimensions=3), tmp_path / "a.dcm")
    assert DicomDictionary[keyword_dict["ImageDimensions"]][3] == "Retired"
    assert "Retired" in explained("ImageDimensions", path)


def test_the_bytes_are_those_of_the_file_from_the_offset_that_is_said() -> None:
    row = element_at(elements_of(read_instance(CT)), "OtherPatientIDsSequence[1].PatientID")
    assert row is not None
    assert row.offset is not None
    assert Path(CT).read_bytes()[row.offset : row.offset + 8] == b"1234ABCD"
    said = lines_of(row)
    assert said["Place"] == ["scan.dcm::OtherPatientIDsSequence[1].PatientID"]
    assert "31 32 33 34 41 42 43 44" in said["Bytes"][1]
    assert f"{row.offset:08x}" in said["Bytes"][1]


def test_long_values_are_dumped_in_part() -> None:
    dump = explained("PixelData")["Bytes"]
    assert len(dump) == 2 + BYTES_SHOWN // 16
    assert dump[-1].endswith("32.0 KiB in all")


def test_a_place_leads_to_the_element_at_it(tmp_path: Path) -> None:
    path = write(ct(AnatomicRegionSequence=[a_sequence(1)]), tmp_path / "a.dcm")
    rows = elements_of(read_instance(path))
    nested = element_at(rows, "CodeValue")
    assert nested is not None
    assert element_at(rows, nested.pointer.upper()).path == nested.path  # type: ignore[union-attr]
    assert element_at(rows, "no such thing") is None


def test_a_name_is_taken_apart() -> None:
    value = "Yamada^Tarou=山田^太郎".encode()
    rows = elements_of(
        read_source(
            source(element(0x00080005, "CS", b"ISO_IR 192") + element(0x00100010, "PN", value + b" "))
        )
    )
    means = lines_of(rows[-1])["Means"]
    assert means == [
        "letters: family name Yamada, given name Tarou",
        "ideographs: family name 山田, given name 太郎",
    ]


def test_every_term_belongs_to_an_attribute_and_every_vr_is_described() -> None:
    vrs = {part for entry in DicomDictionary.values() for part in entry[0].split(" or ")} - {"NONE", "OB_OW"}
    assert vrs <= VALUE_REPRESENTATIONS.keys()
    for keyword in ("Modality", "PatientPosition", "PhotometricInterpretation", "DoseSummationType"):
        terms = terms_of(keyword)
        assert terms is not None
        assert terms.clause.startswith("PS3.3 ")
    assert meaning_of("PatientPosition", "HFDR ") == "head first-decubitus right"
    assert meaning_of("Modality", "nothing") == ""


@pytest.mark.parametrize("tag", [0x00080060, 0x00100010, 0x00091010, 0x00081115, 0x0008001A, 0x60000022])
@given(st.binary(max_size=64), st.sampled_from(["CS", "PN", "UI", "LT", "UN", "OW", "US", "AT", "LO", "XX"]))
def test_nothing_that_a_file_holds_is_said_in_control_characters(tag: int, value: bytes, vr: str) -> None:
    rows = elements_of(read_source(source(element(tag, vr, value + b" " * (len(value) % 2)))))
    for row in rows:
        for name, text in explain(row, "evil\x1b]0;x\x07.dcm"):
            assert not any(category(character) in ("Cc", "Cf") for character in name + text)
