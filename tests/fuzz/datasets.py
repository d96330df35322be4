"""Strategies for whole Data Sets: every VR, nested sequences, private blocks, character sets, encodings."""

import string
import warnings
from io import BytesIO
from typing import Any

import pydicom
from hypothesis import strategies as st
from pydicom import config
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import (
    CTImageStorage,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
]
CHARACTER_SETS = {
    "ISO_IR 192": "aÄ山田Ж \u202e\x9b",
    "ISO_IR 100": "aÄß é",
    "ISO_IR 144": "aЖя",
    "ISO_IR 126": "aΩλ",
    "GB18030": "a王小东",
    "": "aB c",
}
"""Specific Character Set -> letters that it can write."""
_CODE = string.ascii_uppercase + string.digits + "_ "


def _numbers(bits: int, *, signed: bool) -> st.SearchStrategy[int]:
    return st.integers(-(1 << bits - 1), (1 << bits - 1) - 1) if signed else st.integers(0, (1 << bits) - 1)


def _uids() -> st.SearchStrategy[str]:
    return st.lists(st.integers(0, 99999), min_size=1, max_size=5).map(
        lambda parts: ".".join(["1", "2", *map(str, parts)])
    )


def _texts(letters: str, longest: int) -> st.SearchStrategy[str]:
    return st.text(letters, max_size=longest).map(lambda text: text.strip())


def _values(letters: str) -> dict[str, st.SearchStrategy[Any]]:
    """Return what an element of each VR may hold; text in *letters* where a character set applies."""
    even = st.binary(max_size=40).map(lambda content: content + b"\0" * (len(content) % 2))
    words = st.binary(max_size=5).map(lambda content: content * 8)
    names = st.lists(_texts(letters.replace(" ", ""), 8), min_size=1, max_size=3).map("^".join)
    return {
        "AE": _texts(_CODE, 16),
        "AS": st.builds("{:03}{}".format, st.integers(0, 999), st.sampled_from("DWMY")),
        "AT": _numbers(32, signed=False),
        "CS": _texts(_CODE, 16),
        "DA": st.dates().map(lambda date: f"{date:%Y%m%d}".zfill(8)),
        "DS": st.integers(-(10**9), 10**9).map(str),
        "DT": st.datetimes().map(lambda time: f"{time.year:04}{time:%m%d%H%M%S}"),
        "FL": st.floats(width=32, allow_nan=False),
        "FD": st.floats(allow_nan=False),
        "IS": _numbers(32, signed=True).map(str),
        "LO": _texts(letters, 20),
        "LT": _texts(letters + "\n", 60),
        "OB": even,
        "OD": words,
        "OF": words,
        "OL": words,
        "OV": words,
        "OW": words,
        "PN": names.map(lambda name: name.rstrip("^")),
        "SH": _texts(letters, 8),
        "SL": _numbers(32, signed=True),
        "SS": _numbers(16, signed=True),
        "ST": _texts(letters + "\n", 60),
        "SV": _numbers(64, signed=True),
        "TM": st.times().map(lambda time: f"{time:%H%M%S}"),
        "UC": _texts(letters, 30),
        "UI": _uids(),
        "UL": _numbers(32, signed=False),
        "UN": even,
        "UR": st.just("https://example.org/a?b=c"),
        "US": _numbers(16, signed=False),
        "UT": _texts(letters, 80),
        "UV": _numbers(64, signed=False),
    }


VALUE_REPRESENTATIONS = frozenset(_values("a"))
_SEVERAL = frozenset(
    [
        "AE",
        "AS",
        "AT",
        "CS",
        "DA",
        "DS",
        "DT",
        "FL",
        "FD",
        "IS",
        "LO",
        "PN",
        "SH",
        "SL",
        "SS",
        "SV",
        "TM",
        "UC",
        "UI",
        "UL",
        "US",
        "UV",
    ]
)
_STANDARD = {
    "AE": 0x00080054, "AS": 0x00101010, "AT": 0x00209165, "CS": 0x00180022, "DA": 0x00080012,
    "DS": 0x00180050, "DT": 0x0008002A, "FL": 0x00089459, "FD": 0x00189073, "IS": 0x00201206,
    "LO": 0x00081040, "LT": 0x00104000, "OB": 0x00282000, "OD": 0x7FE00009, "OF": 0x00640009,
    "OL": 0x00660129, "OV": 0x7FE00001, "OW": 0x00281201, "PN": 0x00081048, "SH": 0x00081010,
    "SL": 0x00186020, "SS": 0x00189219, "ST": 0x00080081, "TM": 0x00080032, "UC": 0x00080119,
    "UI": 0x00081155, "UL": 0x00081161, "UR": 0x00081190, "US": 0x00280014, "UT": 0x0040A160,
}  # fmt: skip
"""An attribute of the dictionary for each VR that a VR-less encoding can give back."""


@st.composite
def items(draw: st.DrawFn, letters: str, depth: int = 0, *, private: bool = True) -> Dataset:
    """Draw a Data Set without identifiers: some attributes of the standard, private ones, sequences."""
    values, dataset = _values(letters), Dataset()
    for vr in draw(st.lists(st.sampled_from(sorted(_STANDARD)), max_size=8, unique=True)):
        if vr not in ("OD", "OV"):  # pixels are another matter
            _add(dataset, _STANDARD[vr], vr, draw(_one_or_several(vr, values[vr])))
    if private and draw(st.booleans()):
        dataset.add_new(0x00090010, "LO", "ACME 1.1")
        for number, vr in enumerate(draw(st.lists(st.sampled_from(sorted(values)), max_size=6))):
            _add(dataset, 0x00091000 + number, vr, draw(_one_or_several(vr, values[vr])))
    if depth < 3 and draw(st.booleans()):
        below = st.lists(items(letters, depth + 1, private=private), max_size=2)
        dataset.add_new(0x00081140, "SQ", draw(below))
        if draw(st.booleans()):
            dataset[0x00081140].is_undefined_length = True
    return dataset


@st.composite
def files(draw: st.DrawFn) -> tuple[FileDataset, bytes]:
    """Draw a Data Set with the identifiers of an instance, and the file that pydicom makes of it."""
    syntax = draw(st.sampled_from(SYNTAXES))
    charset = draw(st.sampled_from(sorted(CHARACTER_SETS)))
    content = draw(items(CHARACTER_SETS[charset]))
    meta = FileMetaDataset()
    meta.TransferSyntaxUID, meta.MediaStorageSOPClassUID = syntax, CTImageStorage
    meta.MediaStorageSOPInstanceUID = draw(_uids())
    dataset = FileDataset("", content, preamble=bytes(128), file_meta=meta)
    if charset:
        dataset.SpecificCharacterSet = charset
    dataset.SOPClassUID, dataset.SOPInstanceUID = CTImageStorage, meta.MediaStorageSOPInstanceUID
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = draw(_uids()), draw(_uids())
    dataset.PatientName, dataset.PatientID, dataset.Modality = "Doe^Jane", "ID-77342", "CT"
    stream = BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(
            stream,
            dataset,
            implicit_vr=syntax == ImplicitVRLittleEndian,
            little_endian=syntax != ExplicitVRBigEndian,
            enforce_file_format=True,
        )
    return dataset, stream.getvalue()


def _one_or_several(vr: str, values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=2, max_size=4) if vr in _SEVERAL else values


def _add(dataset: Dataset, tag: int, vr: str, value: Any) -> None:
    dataset.add(DataElement(tag, vr, value, validation_mode=config.IGNORE))
