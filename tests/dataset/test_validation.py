"""What a person is told about an instance that is not as the standard wants it, and of a good one not."""

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.datadict import dictionary_VR
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from pydicom.uid import ImplicitVRLittleEndian
from pydicom.valuerep import validate_value

from dicomtui.dataset.elements import pointer_of
from dicomtui.dataset.findings import Finding
from dicomtui.dataset.iod_table import requirements_of, sop_classes
from dicomtui.dataset.reading import read_instance
from dicomtui.dataset.validation import validate
from dicomtui.dataset.validation_values import value_problem
from tests.builders import ct, write

ROOT = Path(__file__).parents[2]


def good(**attributes: Any) -> FileDataset:
    """Return a CT instance with which nothing is wrong."""
    rest = {
        "StudyTime": "101500", "AccessionNumber": "", "ReferringPhysicianName": "", "StudyID": "",
        "PatientBirthDate": "", "PatientSex": "", "PatientPosition": "HFS", "FrameOfReferenceUID": "1.2.3",
        "PositionReferenceIndicator": "", "Manufacturer": "", "SliceThickness": 1, "KVP": 120,
        "AcquisitionNumber": 1,
    }  # fmt: skip
    return ct(**{**rest, **attributes})


def found(dataset: Dataset, folder: Path) -> list[Finding]:
    return validate(read_instance(write(dataset, folder / "a.dcm")))


def told(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.severity, pointer_of(finding.path)) for finding in findings]


def test_nothing_is_said_of_an_instance_that_is_as_the_standard_wants_it(tmp_path: Path) -> None:
    assert found(good(), tmp_path) == []


def test_nothing_is_said_of_it_in_implicit_encoding(tmp_path: Path) -> None:
    dataset = good()
    dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    assert found(dataset, tmp_path) == []


@pytest.mark.parametrize(
    ("keyword", "value", "word"),
    [
        ("PatientBirthDate", "20200230", "date"),
        ("StudyTime", "256199", "time"),
        ("AcquisitionDateTime", "2020130110", "date and time"),
        ("PatientAge", "42", "age"),
        ("Modality", "ct", "A to Z"),
        ("KVP", "12,5", "decimal"),
        ("InstanceNumber", "99999999999", "2^31"),
        ("StudyID", "a study id that is too long", "16"),
        ("FrameOfReferenceUID", "1.2.03", "UID"),
        ("PatientName", "a^b^c^d^e^f", "components"),
        ("Manufacturer", "Make\x07r", "control"),
    ],
)
def test_an_illegal_value_is_an_error_at_its_element(
    keyword: str, value: str, word: str, tmp_path: Path
) -> None:
    tag = Tag(keyword)
    dataset = good()
    raw = value.encode() + (b"\0" if "UID" in keyword else b" ") * (len(value) % 2)
    dataset[tag] = RawDataElement(tag, dictionary_VR(tag), len(raw), raw, 0, False, True)
    findings = found(dataset, tmp_path)
    assert told(findings) == [("error", keyword)]
    assert word in findings[0].text
    assert findings[0].clause == "PS3.5 6.2"


@pytest.mark.parametrize(
    "keyword", ["StudyInstanceUID", "RescaleSlope", "Rows", "KVP", "FrameOfReferenceUID"]
)
def test_a_required_attribute_that_is_missing_is_an_error_with_its_module(
    keyword: str, tmp_path: Path
) -> None:
    dataset = good()
    del dataset[keyword]
    findings = [one for one in found(dataset, tmp_path) if "is missing" in one.text]
    assert told(findings) == [("error", keyword)]
    assert findings[0].clause.startswith("PS3.3 C.")


def test_type_1_needs_a_value_and_type_2_does_not(tmp_path: Path) -> None:
    dataset = good(PatientSex="", Modality="")
    findings = found(dataset, tmp_path)
    assert told(findings) == [("error", "Modality")]
    assert "no value" in findings[0].text


def test_what_is_missing_in_an_item_is_found_there(tmp_path: Path) -> None:
    reference = Dataset()
    reference.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    dataset = good(ReferencedStudySequence=Sequence([reference]))
    assert told(found(dataset, tmp_path)) == [
        ("error", "ReferencedStudySequence[0].ReferencedSOPInstanceUID")
    ]


def test_conditional_attributes_are_asked_for_where_the_instance_decides(tmp_path: Path) -> None:
    dataset = good()
    del dataset.PatientPosition
    assert told(found(dataset, tmp_path)) == [("error", "PatientPosition")]
    dataset.PatientOrientationCodeSequence = Sequence([])
    assert told(found(dataset, tmp_path)) == []


Change = Callable[[FileDataset], object]


def _set(**values: Any) -> Change:
    return lambda dataset: dataset.update(values)


@pytest.mark.parametrize(
    ("change", "severity", "element"),
    [
        (_set(PixelData=b"\0" * 100), "error", "PixelData"),
        (_set(PixelData=b"\0" * (32 * 32 * 2 + 10)), "warning", "PixelData"),
        (_set(BitsStored=17), "error", "BitsStored"),
        (_set(HighBit=11), "error", "HighBit"),
        (_set(PixelSpacing=[0, 1]), "error", "PixelSpacing"),
        (_set(ImageOrientationPatient=[1, 0, 0, 0, 2, 0]), "error", "ImageOrientationPatient"),
        (_set(ImageOrientationPatient=[1, 0, 0, 1, 0, 0]), "error", "ImageOrientationPatient"),
        (_set(WindowWidth=0), "error", "WindowWidth"),
        (_set(WindowWidth=[1, 2]), "error", "WindowWidth"),
        (_set(PixelSpacing=[1, 1, 1]), "error", "PixelSpacing"),
        (_set(PixelRepresentation=2), "error", "PixelRepresentation"),
    ],
)
def test_an_image_that_contradicts_itself_is_found(
    change: Change, severity: str, element: str, tmp_path: Path
) -> None:
    dataset = good()
    change(dataset)
    assert told(found(dataset, tmp_path)) == [(severity, element)]


@pytest.mark.parametrize(("entries", "is_wrong"), [(16, False), (15, True)])
def test_a_lookup_table_is_as_long_as_its_descriptor_says(
    entries: int, is_wrong: bool, tmp_path: Path
) -> None:
    table = Dataset()
    table.LUTDescriptor = [16, 0, 16]
    table.add_new("LUTData", "OW", b"\0\0" * entries)
    findings = found(good(VOILUTSequence=Sequence([table])), tmp_path)
    assert [pointer_of(one.path) for one in findings] == ["VOILUTSequence[0].LUTData"] * is_wrong


def test_a_vr_that_is_not_the_standards_is_an_error(tmp_path: Path) -> None:
    path = write(good(), tmp_path / "a.dcm")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x10\0\x20\0LO", b"\x10\0\x20\0SH"))
    findings = validate(read_instance(path))
    assert told(findings) == [("error", "PatientID")]
    assert "LO" in findings[0].text


def test_an_odd_length_is_an_error(tmp_path: Path) -> None:
    path = write(good(), tmp_path / "a.dcm")
    content = path.read_bytes()
    path.write_bytes(content.replace(b"\x10\0\x20\0LO\x04\0ID-1", b"\x10\0\x20\0LO\x03\0ID1"))
    assert told(validate(read_instance(path))) == [("error", "PatientID")]


def test_a_wrong_group_length_is_found(tmp_path: Path) -> None:
    path = write(good(), tmp_path / "a.dcm")
    content = bytearray(path.read_bytes())
    content[140] += 2
    path.write_bytes(content)
    assert ("error", "FileMetaInformationGroupLength") in told(validate(read_instance(path)))


def test_text_that_does_not_fit_the_character_set_is_an_error(tmp_path: Path) -> None:
    path = write(good(PatientID="ID-1"), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes().replace(b"ID-1", b"\xff\xfe-1"))
    assert told(validate(read_instance(path))) == [("error", "PatientID")]


def test_a_character_set_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    path = write(good(), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes().replace(b"ISO_IR 192", b"ISO_IR 999"))
    assert told(validate(read_instance(path))) == [("error", "SpecificCharacterSet")]


def test_meta_information_of_another_instance_is_found(tmp_path: Path) -> None:
    path = write(good(SOPInstanceUID="1.2.3.4"), tmp_path / "a.dcm")
    path.write_bytes(path.read_bytes().replace(b"1.2.3.4", b"1.2.3.5", 1))
    assert told(validate(read_instance(path))) == [("error", "MediaStorageSOPInstanceUID")]


def test_a_private_element_without_its_creator_is_an_error(tmp_path: Path) -> None:
    dataset = good()
    dataset.add_new(0x00091001, "LO", "x")
    assert told(found(dataset, tmp_path)) == [("error", "(0009,1001)")]


def test_that_there_is_no_table_for_a_private_sop_class_is_a_note(tmp_path: Path) -> None:
    findings = found(good(SOPClassUID="1.3.6.1.4.1.99999.1"), tmp_path)
    assert ("note", "SOPClassUID") in told(findings)
    assert not any("is missing" in finding.text for finding in findings)


def test_what_is_wrong_in_each_of_many_items_is_told_a_few_times_and_counted(tmp_path: Path) -> None:
    items = []
    for number in range(50):
        item = Dataset()
        item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        item.ReferencedSOPInstanceUID = f"1.2.0{number}"
        items.append(item)
    with pydicom.config.disable_value_validation():
        findings = found(good(ReferencedStudySequence=Sequence(items)), tmp_path)
    assert len(findings) == 5
    assert "45 more" in findings[-1].text


def test_the_worst_comes_first(tmp_path: Path) -> None:
    dataset = good(SOPClassUID="1.3.6.1.4.1.99999.1", BitsStored=17)
    severities = [finding.severity for finding in found(dataset, tmp_path)]
    assert severities == sorted(severities, key=["error", "warning", "note"].index)
    assert len(set(severities)) > 1


_TEXTS = ("AE", "AS", "CS", "DA", "DS", "IS", "LO", "SH", "UI", "TM", "DT", "PN", "UR")


@given(st.sampled_from(_TEXTS), st.text(st.characters(codec="ascii", exclude_characters="\\"), max_size=70))
def test_a_value_that_pydicom_refuses_is_refused(vr: str, value: str) -> None:
    value = value.strip(" \0")
    if vr in ("PN", "UR", "TM", "DT", "DA") or "\x1b" in value:
        value = "".join(character for character in value if character.isprintable())
    try:
        validate_value(vr, value, pydicom.config.RAISE)
    except ValueError:
        if vr in ("DA", "TM", "DT") and "-" in value:
            return  # ranges, which only queries have
        assert value_problem(vr, value)


@given(st.dates(), st.times())
def test_dates_and_times_as_the_standard_writes_them_are_legal(date: Any, time: Any) -> None:
    day = f"{date.year:04}{date:%m%d}"
    assert value_problem("DA", day) == ""
    assert value_problem("TM", f"{time:%H%M%S.%f}") == ""
    assert value_problem("DT", f"{day}{time:%H%M%S.%f}+0100") == ""


@given(st.binary(max_size=400))
def test_whatever_the_bytes_are_validation_ends_with_findings(garbage: bytes) -> None:
    from dicomtui.dataset.reading import read_source
    from dicomtui.dataset.source import MemorySource
    from dicomtui.errors import ReadError

    head = b"\x08\0\x05\0CS\x0a\0ISO_IR 100\x08\0\x16\0UI\x02\x001\0\x08\0\x18\0UI\x02\x001\0"
    content = b"\0" * 128 + b"DICM" + head + head + garbage
    try:
        instance = read_source(MemorySource("hostile", content))
    except ReadError:
        return
    assert all(finding.text and finding.clause for finding in validate(instance))


def test_the_table_is_what_the_script_makes_of_highdicoms_tables() -> None:
    script = ROOT / "scripts" / "make_iod_table.py"
    specification = importlib.util.spec_from_file_location("make_iod_table", script)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    table = ROOT / "dicomtui" / "dataset" / "data" / "iod_table.json"
    assert table.read_text() == module.text()


def test_the_table_knows_every_image_storage_class_that_is_common() -> None:
    for suffix in ("1", "2", "4", "6.1", "7", "12.1", "20", "128", "481.1", "481.2", "481.3", "66.4"):
        requirements = requirements_of(f"1.2.840.10008.5.1.4.1.1.{suffix}")
        assert requirements is not None
        assert any(one.tag == 0x00080018 for one in requirements[()]), suffix
    assert len(sop_classes()) > 150
    assert requirements_of("1.2.3") is None


@pytest.mark.corpus
def test_dciodvfy_agrees_about_type_1_and_2_of_real_files(corpus: Path) -> None:
    """Of what we call missing at the top level, dciodvfy calls nearly all missing too."""
    from dicomtui.archive.dciodvfy import dciodvfy_findings, find_dciodvfy
    from dicomtui.dataset.dictionary import keyword_of
    from dicomtui.errors import DicomTuiError

    try:
        program = find_dciodvfy()
    except DicomTuiError:
        pytest.skip("dciodvfy is not installed")
    files = [path for path in sorted(corpus.rglob("*")) if path.is_file() and path.stat().st_size < 300_000]
    ours, agreed = 0, 0
    for path in files[::6]:
        try:
            findings = validate(read_instance(path))
        except DicomTuiError:
            continue
        missing = {one.path[0] for one in findings if "is missing: Type" in one.text and len(one.path) == 1}
        theirs = {
            one.path[-1] for one in dciodvfy_findings(program, str(path)) if one.path and "issing" in one.text
        }
        if missing and theirs:  # it gives up on some files
            ours += len(missing)
            agreed += len({tag for tag in missing if tag in theirs or not keyword_of(tag)})
    assert ours > 100
    assert agreed > 0.95 * ours
