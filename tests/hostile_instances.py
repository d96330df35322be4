"""Instances whose values and file names all want to drive the terminal, or the program that shows them."""

import os
import unicodedata
import warnings
from pathlib import Path

import pydicom
from pydicom import config
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset

from tests.builders import ct, ramp

PAYLOADS = {
    "title": "\x1b]0;OWNED\x07",
    "clipboard": "\x1b]52;c;AAAA\x1b\\",
    "colour": "\x1b[31mred\x1b[2J",
    "device control": "\x1bP+q544e\x1b\\\x1b_Gi=1;\x1b\\",
    "C1": "\x9b31m\x9d0;OWNED\x9c\x90q\x9c",
    "C0": "a\x08\x07\x00b\x7f\x0e",
    "lines": "one\r\nforged: line\x0b\x0c\x85\u2028two",
    "bidi": "\u202eevil\u2066\u200f\u061c",
    "zero width": "a\u200bb\u200dc\ufeff\u00add",
    "tags": "\U000e0041\U000e0042\U000e007f",
    "action": "[@click=app.quit]x[/]",
    "closing": "[/x][/]",
    "unterminated": "[@click=app.quit(",
    "bracket": "[b",
    "style": "[red on green]y[link=http://x]z",
    "formula": '=cmd|"/c calc"!A1',
    "plus": "+1+1",
    "at": "@SUM(1)",
    "minus": "-2+3",
    "script": "</td><script>alert(1)</script>&amp;\"'",
    "marks": "a" + "\u0301" * 40,
}
"""What is tried -> the text that tries it."""

_TEXTS = [
    "PatientName",
    "PatientID",
    "StudyDescription",
    "SeriesDescription",
    "ProtocolName",
    "Manufacturer",
    "StationName",
    "InstitutionName",
    "ManufacturerModelName",
    "ReferringPhysicianName",
    "PatientComments",
    "ImageComments",
    "ContrastBolusAgent",
    "WindowCenterWidthExplanation",
    "RescaleType",
    "StudyID",
    "AccessionNumber",
    "OperatorsName",
    "SequenceName",
    "PatientAddress",
    "DerivationDescription",
    "DeviceSerialNumber",
    "RequestedProcedureDescription",
    "BodyPartExamined",
    "PatientPosition",
    "PatientSex",
    "PatientAge",
    "KVP",
    "EchoTime",
    "SoftwareVersions",
    "Laterality",
    "ViewPosition",
    "ScanningSequence",
    "Units",
]
"""Attributes that some screen, table or page shows."""
_UNSAFE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def unsafe(text: str) -> set[str]:
    """Return the characters of *text* that could drive or deceive who reads it, but for the line break."""
    return {character for character in text if unicodedata.category(character) in _UNSAFE} - {"\n"}


def hostile(number: int = 0) -> FileDataset:
    """Return the CT slice *number*: every payload stands in every attribute of some slice."""
    texts = list(PAYLOADS.values())
    dataset = ct(ramp(number), InstanceNumber=number + 1, ImagePositionPatient=[0, 0, float(number)])
    _set(dataset, texts, number)
    item = Dataset()
    _set(item, texts, number + 5)
    inner = Dataset()
    inner.add_new("CodeMeaning", "UT", texts[number % len(texts)])
    inner.add_new("CodeValue", "UT", texts[(number + 1) % len(texts)])
    item.AnatomicRegionSequence = [inner]
    item.MeasurementUnitsCodeSequence = [inner]
    item.LUTLabel = "label"
    item.RealWorldValueFirstValueMapped, item.RealWorldValueLastValueMapped = 0, 4000
    item.RealWorldValueSlope, item.RealWorldValueIntercept = 2.0, 1.0
    dataset.RealWorldValueMappingSequence = [item]
    dataset.RequestAttributesSequence = [item]
    dataset.add_new(0x00090010, "UT", texts[number % len(texts)])
    dataset.add_new(0x00091001, "UN", "".join(texts).encode())
    dataset.add_new(0x00091002, "UT", "".join(texts))
    _overlay(dataset, texts[number % len(texts)])
    return dataset


def broken_names(number: int = 0) -> FileDataset:
    """Return an instance whose identifiers and modality are payloads too."""
    dataset = hostile(number)
    texts = list(PAYLOADS.values())
    for at, keyword in enumerate(
        ("StudyInstanceUID", "SeriesInstanceUID", "SOPInstanceUID", "FrameOfReferenceUID", "Modality")
    ):
        dataset.add_new(keyword, "UT", f"{texts[(number + at) % len(texts)]}{number}")
    for keyword in ("StudyDate", "SeriesTime", "SeriesNumber", "PixelSpacing", "SpecificCharacterSet"):
        dataset.add_new(keyword, "UT", texts[(number + 2) % len(texts)])
    return dataset


def enormous() -> FileDataset:
    """Return an instance with a value of 8 MB, one of 100,000 values and 50,000 elements."""
    dataset = hostile()
    dataset.add_new("TextValue", "UT", "[@click=app.quit]\x1b[2J" * (8_000_000 // 21))
    dataset.add_new("PatientComments", "UT", "x" * 1_000_000 + "\x1b]0;OWNED\x07")
    dataset.add_new("TableOfYBreakPoints", "UT", "\\".join(["1.5"] * 99_999 + ["\x9b31m"]))
    for number in range(50_000):
        dataset.add_new(0x00110100 + number, "UT", "[/x]\x1b[31m")
    return dataset


def name(payload: str) -> bytes:
    """Return a file name that holds *payload*."""
    return os.fsencode(payload.replace("/", "").replace("\0", "")[:80]) + b".dcm"


def write_hostile(dataset: FileDataset, folder: Path, file_name: bytes) -> Path:
    """Write *dataset*, whatever its values are."""
    folder.mkdir(parents=True, exist_ok=True)
    path = Path(os.fsdecode(os.fsencode(folder) + b"/" + file_name))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(path, dataset, enforce_file_format=False)
    return path


def write_folder(folder: Path, slices: int = len(PAYLOADS), broken: int = 3) -> Path:
    """Write slices of one series and some with broken identifiers, under names that hold every payload."""
    texts = list(PAYLOADS.values())
    for number in range(slices):
        write_hostile(hostile(number), folder, b"%02d" % number + name(texts[number % len(texts)]))
    for number in range(broken):
        write_hostile(broken_names(number * 7), folder, b"z%d\xff\xfe\x9b\n.dcm" % number)
    (folder / ("\x1b]0;OWNED\x07[@click=app.quit]" + "\u202e")).write_bytes(b"no DICOM")
    return folder


def _set(dataset: Dataset, texts: list[str], number: int) -> None:
    for at, keyword in enumerate(_TEXTS):
        vr = dictionary_VR(keyword)
        text = texts[(number + at) % len(texts)]
        vr = vr if vr in ("LO", "SH", "PN", "LT", "ST", "UT") else "UT"
        dataset.add(DataElement(tag_for_keyword(keyword), vr, text, validation_mode=config.IGNORE))


def _overlay(dataset: FileDataset, label: str) -> None:
    for element, vr, value in (
        (0x10, "US", 32),
        (0x11, "US", 32),
        (0x40, "CS", "G"),
        (0x50, "SS", [1, 1]),
        (0x100, "US", 1),
        (0x102, "US", 0),
        (0x1500, "UT", label),
        (0x22, "UT", label),
        (0x3000, "OW", bytes(128)),
    ):
        dataset.add_new(0x60000000 + element, vr, value)
