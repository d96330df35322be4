"""The DICOM JSON Model, held against pydicom's."""

import base64
import json
import os
import struct
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import pydicom
import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dicomtui.dataset.elements import elements_of
from dicomtui.dataset.json_model import json_model
from dicomtui.dataset.reading import read_instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.errors import ReadError
from tests.builders import a_sequence, ct, write

_DATA = Path(pydicom.data.__file__).parent
FILES = sorted(path for folder in ("test_files", "charset_files") for path in (_DATA / folder).rglob("*.dcm"))
NOT_DICOM = {"no_meta.dcm"}  # begins in the middle of an element
NO_JSON_BY_PYDICOM = {"badVR.dcm"}


def expected(dataset: Dataset) -> dict[str, Any]:
    """Return what pydicom says, without what is different on purpose.

    Group lengths are not allowed in the model (PS3.18 F.2.2), an empty element has no Value (F.2.5), pixel
    data is a URI, an empty value among others is null and not ``""``, the padding of each value is gone and
    not that of the last alone, and a private element of unknown VR that holds items is a sequence.
    """
    model = dataset.to_json_dict(bulk_data_threshold=1 << 40)
    return plain(json.loads(json.dumps(model)))


def plain(model: dict[str, Any]) -> dict[str, Any]:
    attributes = {}
    for tag, attribute in model.items():
        if tag.endswith("0000") or tag in ("7FE00010", "3F031001"):
            continue
        if "Value" in attribute:
            values = [_value(attribute["vr"], value) for value in attribute["Value"]]
            attribute = {"vr": attribute["vr"], **({"Value": values} if values else {})}
        attributes[tag] = attribute
    return attributes


def _value(vr: str, value: Any) -> Any:
    if vr == "SQ":
        return plain(value)
    if vr == "FL":  # the same 32 bits, in fewer digits
        return struct.pack("<f", value)
    if isinstance(value, str):
        return value.strip(" ") or None
    return value


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_it_says_what_pydicom_says(path: Path) -> None:
    try:
        instance = read_instance(path)
    except ReadError:
        assert path.name in NOT_DICOM
        return
    model = json.loads(json.dumps(json_model(instance), allow_nan=False))
    if path.name not in NO_JSON_BY_PYDICOM:
        assert plain(model) == expected(pydicom.dcmread(path, force=True))


def test_the_uri_of_pixel_data_leads_to_its_bytes(tmp_path: Path) -> None:
    dataset = ct()
    path = write(dataset, tmp_path / "a scan?#%.dcm")
    attribute = json_model(read_instance(path))["7FE00010"]
    uri = urlsplit(attribute["BulkDataURI"])
    query = {name: int(values[0]) for name, values in parse_qs(uri.query).items()}
    content = Path(unquote(uri.path)).read_bytes()
    assert set(attribute) == {"vr", "BulkDataURI"}
    assert content[query["offset"] :][: query["length"]] == dataset.PixelData


def test_pixel_data_in_memory_has_no_place_to_name(tmp_path: Path) -> None:
    content = write(ct(), tmp_path / "scan.dcm").read_bytes()
    model = json_model(read_source(MemorySource("standard input", content)))
    assert model["7FE00010"] == {"vr": "OW"}


@pytest.mark.parametrize(("vr", "code"), [("OW", "H"), ("OL", "L"), ("OF", "f"), ("OD", "d"), ("OV", "Q")])
def test_binary_values_are_little_endian_whatever_the_file_is(tmp_path: Path, vr: str, code: str) -> None:
    numbers = (1, 2, 258)
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.2", "1.2.3"
    dataset.add_new(0x00660023, vr, struct.pack(f">3{code}", *numbers))
    dataset.file_meta = pydicom.dataset.FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = pydicom.uid.ExplicitVRBigEndian
    path = tmp_path / "big.dcm"
    dataset.save_as(path, enforce_file_format=True)
    binary = base64.b64decode(json_model(read_instance(path))["00660023"]["InlineBinary"])
    assert binary == struct.pack(f"<3{code}", *numbers)


def decimal_of(text: bytes) -> Any:
    """Return the value of a Decimal String that stands so in a file."""
    padded = text + b" " * (len(text) % 2)
    element = struct.pack("<HH2sH", 0x0018, 0x0050, b"DS", len(padded)) + padded
    head = struct.pack("<HH2sH", 0x0008, 0x0060, b"CS", 2) + b"CT"
    model = json_model(read_source(MemorySource("", head + element)))
    return json.loads(json.dumps(model, allow_nan=False))["00180050"]["Value"][0]


@given(st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**31), 2**31 - 1))
def test_a_decimal_string_is_a_number(number: float) -> None:
    assert decimal_of(repr(number).encode()) == number


@pytest.mark.parametrize(
    "text", ["1_000", "nan", "-inf", "1e999", "12,5", "0x10", "١٢", "1 2", "--1", "9" * 5000]
)
def test_what_is_no_number_stays_the_text_it_is(text: str) -> None:
    written = text.encode("utf-8").decode("latin-1")
    assert decimal_of(text.encode("utf-8")) in (written, written.strip(" \x85"))


def test_a_thinned_model_keeps_the_place_of_items(tmp_path: Path) -> None:
    dataset = ct(AnatomicRegionSequence=[a_sequence(0), a_sequence(1)])
    instance = read_instance(write(dataset, tmp_path / "scan.dcm"))
    elements = elements_of(instance)
    sequence = next(element for element in elements if element.keyword == "AnatomicRegionSequence")
    assert sequence.items is not None
    inner = sequence.items[1].elements[0]
    model = json_model(instance, elements, {sequence.path, sequence.items[1].path, inner.path})
    assert list(model) == ["00082218"]
    assert model["00082218"]["Value"][0] == {}
    assert list(model["00082218"]["Value"][1]) == ["00082218"]


@pytest.mark.corpus
def test_every_real_file_makes_valid_json(corpus: Path) -> None:
    for folder, _, names in os.walk(corpus):
        for name in names:
            try:
                instance = read_instance(os.path.join(folder, name))
            except ReadError:
                continue
            model = json_model(instance)
            assert json.loads(json.dumps(model, allow_nan=False)) == model
