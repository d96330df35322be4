import io
import json
import sys
import zlib
from pathlib import Path

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
)

from dicomtui.dataset.encoding import HEAD, find_encoding

SYNTAXES = [
    ImplicitVRLittleEndian,
    ExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    DeflatedExplicitVRLittleEndian,
    JPEGBaseline8Bit,
]
PREFIX = bytes(128) + b"DICM"


def a_dataset() -> Dataset:
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.SOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    dataset.SOPInstanceUID = "1.2.3"
    dataset.PatientName = "Doe^Jane"
    dataset.Rows = 4
    return dataset


def encoded(dataset: Dataset, syntax: UID) -> bytes:
    """The Data Set alone, as pydicom writes it."""
    buffer = io.BytesIO()
    pydicom.dcmwrite(
        buffer,
        dataset,
        implicit_vr=syntax.is_implicit_VR,
        little_endian=syntax.is_little_endian,
        enforce_file_format=False,
    )
    return buffer.getvalue()


def a_file(syntax: UID, body: bytes | None = None, declared: str | None = None) -> tuple[bytes, int]:
    """A file with preamble and File Meta Information, and where its Data Set begins."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.7"
    meta.MediaStorageSOPInstanceUID = "1.2.3"
    meta.TransferSyntaxUID = declared or syntax
    meta.ImplementationClassUID = "1.2.3.4"
    meta.ImplementationVersionName = "MADE"
    buffer = io.BytesIO()
    pydicom.filewriter.write_file_meta_info(buffer, meta, enforce_standard=False)
    start = len(PREFIX) + len(buffer.getvalue())
    body = encoded(a_dataset(), syntax) if body is None else body
    if syntax == DeflatedExplicitVRLittleEndian:
        deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = deflater.compress(body) + deflater.flush()
    return PREFIX + buffer.getvalue() + body, start


@pytest.mark.parametrize("syntax", SYNTAXES, ids=str)
def test_a_file_says_how_it_is_encoded_and_where_its_data_set_begins(syntax: UID) -> None:
    content, start = a_file(syntax)
    encoding = find_encoding(content[:HEAD], len(content))
    assert encoding == (start, 132, str(syntax), True, syntax.is_implicit_VR, syntax.is_little_endian)


@pytest.mark.parametrize("syntax", SYNTAXES[:3], ids=str)
def test_a_file_without_preamble_and_meta_is_told_by_its_elements(syntax: UID) -> None:
    content = encoded(a_dataset(), syntax)
    encoding = find_encoding(content, len(content))
    assert encoding == (0, None, str(syntax), False, syntax.is_implicit_VR, syntax.is_little_endian)


def test_a_file_without_preamble_may_begin_with_its_meta() -> None:
    content, start = a_file(ExplicitVRLittleEndian)
    encoding = find_encoding(content[132:], len(content) - 132)
    assert encoding == (start - 132, 0, str(ExplicitVRLittleEndian), True, False, True)


@pytest.mark.parametrize("declared", SYNTAXES[:3], ids=str)
@pytest.mark.parametrize("real", SYNTAXES[:3], ids=str)
def test_the_data_set_is_believed_more_than_its_declaration(declared: UID, real: UID) -> None:
    content, _ = a_file(real, declared=declared)
    encoding = find_encoding(content, len(content))
    assert encoding is not None
    assert encoding.transfer_syntax == declared
    assert (encoding.implicit, encoding.little) == (real.is_implicit_VR, real.is_little_endian)


@pytest.mark.parametrize("real", SYNTAXES[:3], ids=str)
def test_a_missing_transfer_syntax_is_inferred(real: UID) -> None:
    content = PREFIX + b"\2\0\2\0UI\4\x001.2\0" + encoded(a_dataset(), real)
    encoding = find_encoding(content, len(content))
    assert encoding is not None
    assert (encoding.transfer_syntax, encoding.declared, encoding.meta) == (real, False, 132)


def test_private_information_in_the_meta_is_stepped_over() -> None:
    content, start = a_file(ExplicitVRLittleEndian)
    private = b"\2\0\0\1UI\4\x001.2\0" + b"\2\0\2\1OB\0\0" + (300).to_bytes(4, "little") + bytes(300)
    encoding = find_encoding(content[:start] + private + content[start:], len(content) + len(private))
    assert encoding is not None
    assert encoding.start == start + len(private)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"DICM",
        bytes(8),
        bytes(16),
        bytes(5000),
        b"\x7fELF" + bytes(60),
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"PK\3\4" + bytes(100),
        b"\0\0\1\0\1\0\x10\x10\0\0\1\0\4\0\x28\1\0\0\x16\0\0\0",  # an icon
        b"\0\0\2\0\0\0\0\0\0\0\x10\0\x20\0\x10\0\x20\0" + bytes(2000),  # a Targa image
        b"\0\0\0\x18ftypmp42" + bytes(100),
        "DICOM in UTF-32".encode("utf-32-be"),
        "the first element has group 0008".encode("utf-16-le"),
        b"\x04\0\0\0\0\0\0\0\x04\0\0\0",  # a record of Fortran
        b"\x08\0\x08\0\x09\0\0\0\x08\0\x09\0\x0a\0\0\0" * 200,  # a label map
        b"\x08\0\x05\0CS",
    ],
)
def test_other_files_are_not_dicom(content: bytes) -> None:
    assert find_encoding(content[:HEAD], len(content)) is None


def test_no_file_of_pythons_library_is_dicom() -> None:
    for file in sorted(Path(json.__file__).parents[1].glob("*/*")):
        if file.is_file():
            with file.open("rb") as stream:
                assert find_encoding(stream.read(HEAD), file.stat().st_size) is None, file
    with Path(sys.executable).open("rb") as stream:
        assert find_encoding(stream.read(HEAD), Path(sys.executable).stat().st_size) is None


@pytest.mark.parametrize("name", ["CT_small.dcm", "rtstruct.dcm", "ExplVR_BigEndNoMeta.dcm"])
def test_a_cut_head_never_raises(name: str) -> None:
    content = Path(get_testdata_file(name)).read_bytes()
    for cut in range(600):
        find_encoding(content[:cut], cut)
        find_encoding(content[:cut], len(content))


@given(st.binary(max_size=400), st.booleans(), st.integers(0, 1 << 40))
def test_no_bytes_raise(content: bytes, prefixed: bool, size: int) -> None:
    encoding = find_encoding(PREFIX + content if prefixed else content, size)
    assert encoding is not None or not prefixed


@pytest.mark.corpus
def test_every_file_of_the_corpus_is_told_as_pydicom_tells_it(corpus: Path) -> None:
    for file in sorted(corpus.rglob("*")):
        if not file.is_file():
            continue
        with file.open("rb") as stream:
            encoding = find_encoding(stream.read(HEAD), file.stat().st_size)
        try:
            meta = pydicom.filereader.read_file_meta_info(str(file))
        except pydicom.errors.InvalidDicomError:
            continue
        assert encoding is not None, file
        assert encoding.transfer_syntax == meta.get("TransferSyntaxUID", encoding.transfer_syntax), file
        assert encoding.declared == ("TransferSyntaxUID" in meta), file
