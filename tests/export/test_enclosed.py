import io
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import ExplicitVRLittleEndian

from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.export.enclosed import NothingEnclosedError, enclosed

CLASS = "1.2.840.10008.5.1.4.1.1."


def document(
    path: Path, content: bytes, sop_class: str = "104.1", mime: str = "", **values: object
) -> Instance:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CLASS + sop_class
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.MIMETypeOfEncapsulatedDocument = mime
    dataset.EncapsulatedDocument = content + b"\0" * (len(content) % 2)
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path, enforce_file_format=True)
    return read_instance(path)


def video(path: Path, content: bytes, syntax: str) -> Instance:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CLASS + "77.1.1.1"
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    dataset.Rows = dataset.Columns = 16
    dataset.PixelData = encapsulate([content], fragments_per_frame=3)
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    dataset.save_as(path, enforce_file_format=True)
    return read_instance(path)


def content(instance: Instance) -> tuple[str, bytes]:
    found = enclosed(instance)
    stream = io.BytesIO()
    found.write(stream)
    return found.suffix, stream.getvalue()


@pytest.mark.parametrize("size", [1000, 1001])
def test_a_document_comes_out_as_it_went_in(size: int, tmp_path: Path) -> None:
    data = b"%PDF-1.7" + bytes(range(1, 251)) * 4
    data = data[:size]
    instance = document(
        tmp_path / "a.dcm", data, mime="application/pdf", EncapsulatedDocumentLength=len(data)
    )
    assert content(instance) == (".pdf", data)


@pytest.mark.parametrize(
    ("sop_class", "mime", "data", "suffix"),
    [
        ("104.2", "text/XML", b"<x/>", ".xml"),
        ("104.3", "model/stl", b"solid ", ".stl"),
        ("104.4", "", b"v 1 2 3 ", ".obj"),
        ("104.5", "model/mtl", b"newmtl", ".mtl"),
        ("7", "", b"%PDF-1.4", ".pdf"),
        ("7", "../../x", b"who knows", ".bin"),
    ],
)
def test_its_suffix_is_of_what_it_is(
    sop_class: str, mime: str, data: bytes, suffix: str, tmp_path: Path
) -> None:
    assert content(document(tmp_path / "a.dcm", data, sop_class, mime))[0] == suffix


@pytest.mark.parametrize("stated", [5, 4000, 0])
def test_a_length_that_cannot_be_true_cuts_nothing(stated: int, tmp_path: Path) -> None:
    data = b"%PDF-1.7" * 20
    instance = document(tmp_path / "a.dcm", data, EncapsulatedDocumentLength=stated)
    assert content(instance)[1] == data


@pytest.mark.parametrize(
    ("syntax", "head", "suffix"),
    [
        ("100", b"\0\0\1\xba", ".mpg"),
        ("101", b"\0\0\1\xb3", ".m2v"),
        ("102", b"\0\0\0\x20ftypisom", ".mp4"),
        ("103", b"G" + bytes(187) + b"G", ".ts"),
        ("102", b"\0\0\0\1\x67", ".h264"),
        ("107", b"\0\0\0\1\x40", ".h265"),
    ],
)
def test_a_video_is_its_fragments_one_after_the_other(
    syntax: str, head: bytes, suffix: str, tmp_path: Path
) -> None:
    data = head + bytes(range(256)) * 20
    data += b"\0" * (len(data) % 2)
    instance = video(tmp_path / "a.dcm", data, f"1.2.840.10008.1.2.4.{syntax}")
    assert content(instance) == (suffix, data)


def test_what_encloses_nothing_is_said_to() -> None:
    path = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(path, str)
    with pytest.raises(NothingEnclosedError, match=r"CT_small\.dcm: encloses neither"):
        enclosed(read_instance(path))


def test_an_empty_document_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(NothingEnclosedError, match="is empty"):
        enclosed(document(tmp_path / "a.dcm", b""))
