"""The header walker against pydicom, the reader of this package, and files that want to break it."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import isfinite
from pathlib import Path
from typing import Any
from unittest.mock import patch

import data_store
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.datadict import dictionary_VR, tag_for_keyword
from pydicom.dataset import FileDataset

from dicomtui.archive.header import DICOMDIR_CLASS, Header, header_of, read_header
from dicomtui.dataset import reading
from tests.archive.made_elements import (
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    SYNTAXES,
    UIDS,
    UNDEFINED,
    a_body,
    a_file,
    element,
    even,
    sequence,
)

pytestmark = pytest.mark.usefixtures("each_way")

TEXT = {
    "specific_character_set": "SpecificCharacterSet",
    "image_type": "ImageType",
    "sop_class_uid": "SOPClassUID",
    "sop_instance_uid": "SOPInstanceUID",
    "study_date": "StudyDate",
    "series_date": "SeriesDate",
    "study_time": "StudyTime",
    "series_time": "SeriesTime",
    "acquisition_time": "AcquisitionTime",
    "content_time": "ContentTime",
    "accession_number": "AccessionNumber",
    "modality": "Modality",
    "manufacturer": "Manufacturer",
    "study_description": "StudyDescription",
    "series_description": "SeriesDescription",
    "manufacturer_model_name": "ManufacturerModelName",
    "patient_name": "PatientName",
    "patient_id": "PatientID",
    "patient_birth_date": "PatientBirthDate",
    "patient_sex": "PatientSex",
    "body_part_examined": "BodyPartExamined",
    "study_instance_uid": "StudyInstanceUID",
    "series_instance_uid": "SeriesInstanceUID",
    "study_id": "StudyID",
}
INTEGERS = {
    "echo_number": "EchoNumbers",
    "series_number": "SeriesNumber",
    "acquisition_number": "AcquisitionNumber",
    "instance_number": "InstanceNumber",
    "temporal_position": "TemporalPositionIdentifier",
    "number_of_frames": "NumberOfFrames",
    "rows": "Rows",
    "columns": "Columns",
}
DECIMALS = {
    "slice_thickness": ("SliceThickness", 1),
    "image_position": ("ImagePositionPatient", 3),
    "image_orientation": ("ImageOrientationPatient", 6),
    "pixel_spacing": ("PixelSpacing", 2),
}


def values_of(dataset: FileDataset, keyword: str) -> list[Any]:
    value = dataset.get(keyword)
    if value is None or value == "":
        return []
    return list(value) if isinstance(value, pydicom.multival.MultiValue | list) else [value]


def number(value: Any) -> float | None:
    """A number that pydicom has, or has as text because another value beside it is none."""
    try:
        return float(value) if isfinite(float(value)) else None
    except ValueError:
        return None


def as_pydicom_has_it(dataset: FileDataset) -> dict[str, Any]:
    """The fields of a header, from what pydicom itself reads."""
    fields: dict[str, Any] = {}
    for field, keyword in TEXT.items():
        fields[field] = "\\".join(str(value).strip(" \0") for value in values_of(dataset, keyword))
    meta = dataset.file_meta
    fields["sop_class_uid"] = fields["sop_class_uid"] or str(meta.get("MediaStorageSOPClassUID", ""))
    fields["sop_instance_uid"] = fields["sop_instance_uid"] or str(meta.get("MediaStorageSOPInstanceUID", ""))
    for field, keyword in INTEGERS.items():
        first = next(map(number, values_of(dataset, keyword)), None)
        fields[field] = int(first) if first is not None and first.is_integer() else None
    for field, (keyword, count) in DECIMALS.items():
        numbers = [number(value) for value in values_of(dataset, keyword)]
        if count == 1:
            fields[field] = next(iter(numbers), None)
        else:
            fields[field] = tuple(numbers) if len(numbers) == count and None not in numbers else None
    return fields


def as_read(header: Header | None) -> dict[str, Any]:
    assert header is not None
    return {field: getattr(header, field) for field in (*TEXT, *INTEGERS, *DECIMALS)}


@contextmanager
def no_parser() -> Iterator[None]:
    """Fail where the walker gives up: a scan could not afford it."""
    with patch.object(reading, "read_instance", side_effect=AssertionError("the parser was called")):
        yield


def bundled_files() -> list[str]:
    # not get_testdata_files(), which asks the network for more
    folders = [Path(module.__file__).parent for module in (data_store, pydicom.data)]
    return sorted(str(path) for folder in folders for path in folder.rglob("*") if path.is_file())


def check_against_pydicom(file: str) -> None:
    header = read_header(file)
    try:
        dataset = pydicom.dcmread(file, stop_before_pixels=True, force=header is not None)
    except pydicom.errors.InvalidDicomError:
        assert header is None
        return
    assert as_read(header) == as_pydicom_has_it(dataset)
    assert header is not None
    assert header.path == file
    assert header.size == Path(file).stat().st_size
    declared = dataset.file_meta.get("TransferSyntaxUID")
    assert header.transfer_syntax == (declared or header.transfer_syntax)


@pytest.mark.parametrize("file", bundled_files(), ids=lambda file: Path(file).name)
def test_a_header_holds_what_pydicom_reads(file: str) -> None:
    check_against_pydicom(file)


@pytest.mark.corpus
def test_a_header_of_the_corpus_holds_what_pydicom_reads(corpus: Path) -> None:
    for file in sorted(corpus.rglob("*")):
        if file.is_file():
            check_against_pydicom(str(file))


CODECS = {
    "": "ascii",
    "ISO_IR 100": "latin-1",
    "ISO_IR 144": "iso8859-5",
    "ISO_IR 166": "tis-620",
    "ISO_IR 192": "utf-8",
    "GB18030": "gb18030",
    "GBK": "gbk",
}
PRINTABLE = st.characters(min_codepoint=0x20, max_codepoint=0x4FFF, exclude_categories=("C", "Z"))
INTEGER_TEXTS = st.one_of(
    st.integers(-(1 << 31), 1 << 31).map(str),
    st.sampled_from(["", " 7", "1.0", "+3", "1e2", "2.5", "12,5", "abc", "--1", "0x10"]),
)
DECIMAL_TEXTS = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False, width=32).map("{:.9g}".format),
    st.sampled_from(["", " 7", "+3", "1e2", "NaN", "inf", "1e999", "12,5", "abc", "--1", "0x10"]),
)
WANTED = {
    keyword: (int(tag_for_keyword(keyword)), dictionary_VR(keyword))
    for keyword in (*TEXT.values(), *INTEGERS.values(), *(keyword for keyword, _ in DECIMALS.values()))
    if keyword != "SpecificCharacterSet"
}
MUST = ("SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID")


def texts(codec: str) -> st.SearchStrategy[bytes]:
    text = st.text(st.one_of(PRINTABLE, st.sampled_from(" ^=\\")), max_size=24)
    return text.map(lambda value: even(value.encode(codec, "ignore")))


def values(vr: str, codec: str) -> st.SearchStrategy[bytes]:
    if vr == "US":
        return st.binary(min_size=2, max_size=2)
    if vr == "UI":
        return st.from_regex(r"[0-9.]{1,64}", fullmatch=True).map(lambda uid: even(uid.encode(), b"\0"))
    if vr in ("IS", "DS"):
        numbers = st.lists(INTEGER_TEXTS if vr == "IS" else DECIMAL_TEXTS, max_size=7)
        return numbers.map(lambda texts: even("\\".join(texts).encode()))
    return texts(codec if vr in ("LO", "PN", "SH") else "ascii")


SEQUENCES = [0x00081032, 0x00081110, 0x00081140, 0x00091001, 0x00101002, 0x00191001, 0x00289110]


@st.composite
def unwanted(draw: st.DrawFn, syntax: str, depth: int = 0) -> tuple[int, bytes]:
    """An element that no header has a field for, be it private, a sequence, or long."""
    if depth < 3 and draw(st.booleans()):
        tag, items = (
            draw(st.sampled_from(SEQUENCES)),
            draw(st.lists(data_sets(syntax, depth + 1), max_size=2)),
        )
        return tag, sequence(tag, items, syntax, defined=draw(st.booleans()))
    group = draw(st.sampled_from([0x0008, 0x0009, 0x0010, 0x0011, 0x0018, 0x0019, 0x0020, 0x0021, 0x0028]))
    tag = group << 16 | draw(st.integers(1, 0xFFFF))
    if tag in {0x00080005, *SEQUENCES, *(tag for tag, _ in WANTED.values())}:
        tag += 0x2000
    vr = draw(st.sampled_from(["LO", "DS", "US", "OB", "UT", "UN", "PN", "FD", "SH", "UI", "AT"]))
    size = draw(st.one_of(st.integers(0, 40).map(lambda n: 2 * n), st.integers(0, 600), st.just(9000)))
    return tag, element(tag, vr, draw(st.binary(min_size=1, max_size=4)) * (size // 4), syntax)


def data_sets(syntax: str, depth: int = 0) -> st.SearchStrategy[bytes]:
    wanted = st.sampled_from([*WANTED.values()]).map(
        lambda entry: (entry[0], element(entry[0], entry[1], b"12", syntax))
    )
    some = st.lists(st.one_of(unwanted(syntax, depth), wanted), max_size=4)
    return some.map(lambda elements: b"".join(content for _, content in sorted(dict(elements).items())))


@st.composite
def files(draw: st.DrawFn) -> bytes:
    syntax = draw(st.sampled_from(SYNTAXES))
    charset = draw(st.sampled_from(sorted(CODECS)))
    elements = dict(draw(st.lists(unwanted(syntax), max_size=12)))
    if charset:
        elements[0x00080005] = element(0x00080005, "CS", even(charset.encode()), syntax)
    for keyword, (tag, vr) in WANTED.items():
        if keyword in MUST or draw(st.booleans()):
            elements[tag] = element(tag, vr, draw(values(vr, CODECS[charset])), syntax)
    elements[0x7FE00010] = element(0x7FE00010, "OW", bytes(64), syntax)
    return a_file(b"".join(content for _, content in sorted(elements.items())), syntax)


@settings(deadline=None, max_examples=100)
@given(content=files())
def test_any_header_is_read_as_pydicom_reads_it_and_without_it(
    content: bytes, tmp_path_factory: pytest.TempPathFactory
) -> None:
    file = tmp_path_factory.getbasetemp() / "made.dcm"
    file.write_bytes(content)
    with no_parser():
        header = read_header(str(file))
    assert as_read(header) == as_pydicom_has_it(pydicom.dcmread(file, stop_before_pixels=True))
    if header is not None and header.transfer_syntax != DEFLATED:
        assert header == header_of(reading.read_instance(str(file)))


def write(folder: Path, content: bytes) -> str:
    file = folder / "made.dcm"
    file.write_bytes(content)
    return str(file)


def read_made(folder: Path, content: bytes) -> Header:
    header = read_header(write(folder, content))
    assert header is not None
    return header


def test_a_scan_loads_neither_numpy_nor_pydicom() -> None:
    code = (
        "import sys; from dicomtui.archive.header import read_header; import dicomtui.archive.series;"
        "assert read_header(sys.argv[1]).modality == 'CT';"
        "print({'numpy', 'pydicom'} & set(sys.modules))"
    )
    file = get_testdata_file("CT_small.dcm")
    done = subprocess.run([sys.executable, "-c", code, str(file)], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


def test_a_dicomdir_is_told_by_its_class_without_a_parser() -> None:
    for file in Path(str(get_testdata_file("DICOMDIR"))).parent.glob("DICOMDIR*"):
        with no_parser():
            header = read_header(str(file))
        assert header is not None
        assert header.sop_class_uid == DICOMDIR_CLASS
        assert not header.has_pixels


def test_an_enhanced_instance_leaves_to_its_frames_what_each_frame_has() -> None:
    header = read_header(str(get_testdata_file("emri_small.dcm")))
    assert header is not None
    assert (header.number_of_frames, header.image_position, header.has_pixels) == (10, None, True)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_attributes_inside_sequences_are_not_those_of_the_instance(syntax: str, tmp_path: Path) -> None:
    inner = element(0x00100010, "PN", b"In^ner", syntax)
    inner += sequence(0x00101002, [element(0x00100020, "LO", b"inside", syntax)] * 2, syntax)
    body = a_body(syntax, (0x00100020, "LO", b"outside "), (0x00280010, "US", b"\1\1"))
    at = body.index(element(0x00100020, "LO", b"outside ", syntax))
    body = body[:at] + sequence(0x00081140, [inner], syntax) + body[at:]
    with no_parser():
        header = read_made(tmp_path, a_file(body, syntax))
    assert (header.patient_name, header.patient_id, header.rows) == ("", "outside", 0x0101)


def test_a_sequence_that_was_written_as_unknown_is_stepped_over(tmp_path: Path) -> None:
    items = [a_body(IMPLICIT, (0x00100010, "PN", b"In^ner"))]  # PS3.5 6.2.2: implicit VR inside UN
    value = sequence(0x00091001, items, IMPLICIT)[8:]
    body = element(0x00080016, "UI", UIDS[0x00080016]) + element(0x00080018, "UI", UIDS[0x00080018])
    body += element(0x00091001, "UN", value, length=UNDEFINED) + element(0x00100010, "PN", b"Ou^ter")
    body += element(0x0020000D, "UI", b"1.2\0") + element(0x0020000E, "UI", b"1.3\0")
    with no_parser():
        assert read_made(tmp_path, a_file(body)).patient_name == "Ou^ter"


@pytest.mark.parametrize("size", [9_000, 70_000, 3 << 20])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_long_values_before_the_wanted_ones_are_skipped(size: int, syntax: str, tmp_path: Path) -> None:
    body = a_body(syntax, (0x00091010, "OB", bytes(size)), (0x00280010, "US", b"\1\1"))
    with no_parser():
        assert read_made(tmp_path, a_file(body, syntax)).rows == 0x0101


def test_neither_pixels_nor_long_values_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    body = a_body(EXPLICIT, (0x00091010, "OB", bytes(1 << 20)), (0x00100010, "PN", b"A^B "))
    body += element(0x7FE00010, "OW", bytes(1 << 20))
    file = write(tmp_path, a_file(body))
    sizes = []
    for name in ("read", "pread"):
        original = getattr(os, name)

        def counted(*arguments: int, original: Any = original) -> bytes:
            data: bytes = original(*arguments)
            sizes.append(len(data))
            return data

        monkeypatch.setattr(os, name, counted)
    header = read_header(file)
    assert header is not None
    assert header.patient_name == "A^B"
    assert sum(sizes) < 40_000


def test_a_value_that_stands_twice_is_read_as_the_reader_reads_it(tmp_path: Path) -> None:
    body = a_body(EXPLICIT, (0x00100010, "PN", b"First ")) + element(0x00100010, "PN", b"Second")
    file = write(tmp_path, a_file(body))
    header = read_header(file)
    assert header == header_of(reading.read_instance(file))


def test_missing_uids_come_from_the_file_meta_information(tmp_path: Path) -> None:
    header = read_made(tmp_path, a_file(element(0x00100010, "PN", b"A^B "), sop_class="1.2.840"))
    assert (header.sop_class_uid, header.sop_instance_uid) == ("1.2.840", "1.2.3.4")
    assert header.patient_name == "A^B"
