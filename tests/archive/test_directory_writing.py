"""A new DICOMDIR, as dcmtk, pydicom and our own reader see it."""

import os
import shutil
import subprocess
import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.fileset import FileInstance, FileSet
from pydicom.uid import (
    ColorPaletteStorage,
    ComprehensiveSRStorage,
    ExplicitVRBigEndian,
    MRSpectroscopyStorage,
)

from dicomtui.archive.dicomdir import Record, read_dicomdir
from dicomtui.archive.directory_writing import write_dicomdir, writing_dicomdir
from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import WriteError
from tests.builders import ct, write

BUNDLED = Path(str(get_testdata_file("CT_small.dcm"))).parent
REAL = [
    *("CT_small.dcm", "MR_small.dcm", "rtdose.dcm", "rtplan.dcm", "rtstruct.dcm", "liver.dcm", "test-SR.dcm"),
    *("reportsi.dcm", "waveform_ecg.dcm", "MR_small_bigendian.dcm", "image_dfl.dcm", "US1_UNCR.dcm"),
    *("JPEG2000.dcm", "meta_missing_tsyntax.dcm", "no_meta.dcm", "ExplVR_BigEnd.dcm", "SC_rgb_small_odd.dcm"),
]
DCMTK = pytest.mark.skipif(not shutil.which("dcmmkdir"), reason="needs dcmtk")


def file_set(folder: Path, sources: Sequence[Path]) -> list[str]:
    """Copy files under names that are File IDs; return them as they are relative to *folder*."""
    names = []
    for number, source in enumerate(sources):
        name = f"D{number // 10}/I{number:06}"
        (folder / name).parent.mkdir(exist_ok=True, parents=True)
        shutil.copy(source, folder / name)
        names.append(name)
    return names


def made(folder: Path, *datasets: FileDataset) -> list[str]:
    """Write instances under names that are File IDs, and a DICOMDIR for them."""
    names = [write(dataset, folder / f"IM{at}").name for at, dataset in enumerate(datasets)]
    assert write_dicomdir(str(folder), names) == []
    return names


def every(records: Sequence[Record]) -> Iterator[Record]:
    for record in records:
        yield record
        yield from every(record.children)


def instances(folder: Path) -> list[FileInstance]:
    file_set = FileSet(folder / "DICOMDIR")
    file_set._stage["t"].cleanup()  # it warns of its temporary folder otherwise
    return list(file_set)


@pytest.fixture
def real(tmp_path: Path) -> tuple[Path, list[str]]:
    """Real files of many kinds, and those of the File-sets that pydicom brings along."""
    folder = tmp_path / "set"
    sources = [BUNDLED / name for name in REAL if (BUNDLED / name).exists()]
    sources += sorted(path for path in (BUNDLED / "dicomdirtests").rglob("*") if path.is_file())
    return folder, file_set(folder, [path for path in sources if not path.name.startswith("DICOMDIR")])


# --- what others find in it ---


def test_other_readers_find_every_instance_that_was_not_left_out(real: tuple[Path, list[str]]) -> None:
    folder, names = real
    left_out = write_dicomdir(str(folder), names)
    wanted = {str(folder / name) for name in names} - {skipped.source for skipped in left_out}
    assert len(wanted) > 90
    assert {str(instance.path) for instance in instances(folder)} == wanted
    directory = read_dicomdir(folder / "DICOMDIR")
    assert directory.warnings == ()
    assert Counter(record.file for record in every(directory.records) if record.file) == Counter(wanted)


def test_every_record_says_what_its_instance_says(real: tuple[Path, list[str]]) -> None:
    folder, names = real
    write_dicomdir(str(folder), names)
    levels = {"PATIENT": "PatientID", "STUDY": "StudyInstanceUID", "SERIES": "SeriesInstanceUID"}
    for instance in instances(folder):
        original = pydicom.dcmread(instance.path)
        assert instance.ReferencedSOPInstanceUIDInFile == original.file_meta.MediaStorageSOPInstanceUID
        assert instance.ReferencedTransferSyntaxUIDInFile == original.file_meta.TransferSyntaxUID
        node = instance.node
        while node.parent is not None:
            record = node._record
            for element in record:
                same = element.keyword in original and original[element.keyword].value
                if element.tag.group != 4 and same and element.VR != "SQ" and node is instance.node:
                    assert element.value == same, (instance.path, element.keyword)
            identity = levels.get(record.DirectoryRecordType)
            if identity and original.get(identity):
                assert record[identity].value == original[identity].value
            node = node.parent


@DCMTK
def test_dcmtk_reads_it_without_a_complaint(real: tuple[Path, list[str]]) -> None:
    folder, names = real
    write_dicomdir(str(folder), names)
    done = subprocess.run(
        ["dcmdump", str(folder / "DICOMDIR")], capture_output=True, text=True, check=False, errors="replace"
    )
    assert (done.returncode, done.stderr.strip()) == (0, "")
    assert "UnknownTag" not in done.stdout


@DCMTK
def test_the_tree_is_the_one_that_dcmtk_makes(tmp_path: Path) -> None:
    sources = sorted(
        path
        for path in (BUNDLED / "dicomdirtests").rglob("*")
        if path.is_file() and path.parent != BUNDLED / "dicomdirtests" and "TINY" not in str(path)
    )
    names = file_set(tmp_path, [path for path in sources if path.name != "DICOMDIR"])
    assert write_dicomdir(str(tmp_path), names) == []
    ours = shape(read_dicomdir(tmp_path / "DICOMDIR").records)
    done = subprocess.run(
        ["dcmmkdir", "+D", "THEIRS", "+I", *names],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert shape(read_dicomdir(tmp_path / "THEIRS").records) == ours


def shape(records: Sequence[Record]) -> frozenset[Any]:
    """Return a tree of records without its order, with what tells each one apart."""
    wanted = ("PatientID", "StudyInstanceUID", "SeriesInstanceUID", "ReferencedFileID", "InstanceNumber")
    return frozenset(
        (record.kind, *(record.attributes.get(name, "") for name in wanted), shape(record.children))
        for record in records
    )


# --- what the records hold ---


def test_names_keep_their_characters(tmp_path: Path) -> None:
    names = {"ISO_IR 192": "Äneas^Žofie", "ISO_IR 144": "Люкceмбypг", "ISO_IR 100": "Buc^Jérôme"}
    datasets = []
    for number, (charset, name) in enumerate(names.items()):
        dataset = ct(
            PatientID=f"P{number}", StudyInstanceUID=f"1.2.{number}", SeriesInstanceUID=f"1.2.3.{number}"
        )
        dataset.SpecificCharacterSet, dataset.PatientName = charset, name
        datasets.append(dataset)
    made(tmp_path, *datasets)
    assert {str(instance.PatientName) for instance in instances(tmp_path)} == set(names.values())
    patients = read_dicomdir(tmp_path / "DICOMDIR").records
    assert {patient.attributes["PatientName"] for patient in patients} == set(names.values())


def test_what_an_instance_may_lack_and_a_record_may_not_is_filled_in(tmp_path: Path) -> None:
    datasets = []
    for number in range(3):
        dataset = ct(
            StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.4", SOPInstanceUID=f"1.2.3.4.{number}"
        )
        dataset.PatientID = dataset.StudyDate = ""
        dataset.InstanceNumber = 2 if number == 0 else None
        del dataset.SeriesNumber
        datasets.append(dataset)
    made(tmp_path, *datasets)
    found = instances(tmp_path)
    assert len(found) == 3
    for instance in found:
        for keyword in ("PatientID", "StudyDate", "StudyTime", "StudyID", "SeriesNumber"):
            assert instance[keyword].value not in ("", None), keyword
    assert sorted(int(instance.InstanceNumber) for instance in found) == [1, 2, 3]


def test_patients_without_an_id_are_not_merged(tmp_path: Path) -> None:
    made(
        tmp_path,
        *(ct(PatientID="", StudyInstanceUID=f"1.{n}", SeriesInstanceUID=f"1.{n}.1") for n in (1, 2)),
        ct(PatientID="UNKNOWN1", StudyInstanceUID="1.3", SeriesInstanceUID="1.3.1"),
    )
    patients = read_dicomdir(tmp_path / "DICOMDIR").records
    assert len({patient.attributes["PatientID"] for patient in patients}) == 3


def test_the_same_id_from_two_issuers_is_two_patients(tmp_path: Path) -> None:
    made(
        tmp_path,
        *(
            ct(IssuerOfPatientID=issuer, StudyInstanceUID=f"1.{n}", SeriesInstanceUID=f"1.{n}.1")
            for n, issuer in enumerate(("HERE", "THERE"), 1)
        ),
    )
    assert len(read_dicomdir(tmp_path / "DICOMDIR").records) == 2


def test_instances_stand_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    made(tmp_path, *(ct(InstanceNumber=n, SOPInstanceUID=f"1.2.{n}") for n in (10, 9, 100, 1)))
    found = [r.attributes for r in every(read_dicomdir(tmp_path / "DICOMDIR").records) if r.kind == "IMAGE"]
    assert [attributes["InstanceNumber"] for attributes in found] == ["1", "9", "10", "100"]


def test_a_report_shows_its_title_and_only_what_modifies_it(tmp_path: Path) -> None:
    dataset = ct(SOPClassUID=ComprehensiveSRStorage, Modality="SR")
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(dataset, keyword)
    dataset.CompletionFlag, dataset.VerificationFlag = "COMPLETE", "UNVERIFIED"
    title = Dataset()
    title.CodeValue, title.CodingSchemeDesignator, title.CodeMeaning = "121058", "DCM", "Prozedur"
    dataset.ConceptNameCodeSequence = [title]
    content = [Dataset(), Dataset()]
    for item, relation in zip(content, ("HAS CONCEPT MOD", "CONTAINS"), strict=True):
        item.RelationshipType, item.ValueType, item.TextValue = relation, "TEXT", relation
    dataset.ContentSequence = content
    made(tmp_path, dataset)
    (found,) = instances(tmp_path)
    assert found.ConceptNameCodeSequence[0].CodeMeaning == "Prozedur"
    assert [item.RelationshipType for item in found.ContentSequence] == ["HAS CONCEPT MOD"]
    assert found.ContentDate  # the instance has none


def test_numbers_of_big_endian_files_are_turned_round(tmp_path: Path) -> None:
    dataset = ct(SOPClassUID=MRSpectroscopyStorage, NumberOfFrames=1, ContentDate="20200131")
    dataset.ContentTime = "12"
    del dataset.PixelData
    dataset.Rows, dataset.Columns, dataset.DataPointRows, dataset.DataPointColumns = 3, 4, 70000, 5
    dataset.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    made(tmp_path, dataset)
    (found,) = instances(tmp_path)
    assert (found.Rows, found.Columns, found.DataPointRows, found.DataPointColumns) == (3, 4, 70000, 5)


# --- what is left out ---


def test_what_cannot_be_listed_is_left_out_with_a_reason_and_leaves_no_trace(tmp_path: Path) -> None:
    good = write(ct(), tmp_path / "GOOD")
    other = {"StudyInstanceUID": "1.2.9", "SeriesInstanceUID": "1.2.9.1", "PatientID": "OTHER"}
    palette = ct(SOPClassUID=ColorPaletteStorage, **other)
    no_modality = ct(**other)
    del no_modality.Modality
    bad = {
        "TEXT": "not DICOM",
        "ABSENT": "",
        "PALETTE": "SOP Class (0008,0016)",
        "NOMOD": "Modality (0008,0060)",
        "NOSTUDY": "Study Instance UID (0020,000d)",
        "NOMETA": "(0002,0002)",
        "lower": "File ID",
        "LONGERTHAN8": "File ID",
        "DOT.DCM": "File ID",
        "../OUT": "File ID",
    }
    (tmp_path / "TEXT").write_text("no DICOM")
    write(palette, tmp_path / "PALETTE")
    write(no_modality, tmp_path / "NOMOD")
    write(ct(**{**other, "StudyInstanceUID": ""}), tmp_path / "NOSTUDY")
    (tmp_path / "NOMETA").write_bytes(bytes_without_meta(ct(**other)))
    for name in ("lower", "LONGERTHAN8", "DOT.DCM"):
        write(ct(**other), tmp_path / name)
    left_out = write_dicomdir(str(tmp_path), ["GOOD", *bad])
    assert [os.path.relpath(skipped.source, tmp_path) for skipped in left_out] == list(bad)
    for skipped, why in zip(left_out, bad.values(), strict=True):
        assert why in skipped.reason
        assert str(tmp_path) not in skipped.reason
    records = list(every(read_dicomdir(tmp_path / "DICOMDIR").records))
    assert [record.kind for record in records] == ["PATIENT", "STUDY", "SERIES", "IMAGE"]
    assert records[-1].file == str(good)


def bytes_without_meta(dataset: FileDataset) -> bytes:
    stream = pydicom.filebase.DicomBytesIO()
    stream.is_implicit_VR, stream.is_little_endian = True, True
    pydicom.filewriter.write_dataset(stream, dataset)
    return stream.getvalue()


def test_a_folder_without_instances_has_an_empty_directory(tmp_path: Path) -> None:
    assert write_dicomdir(str(tmp_path), []) == []
    directory = read_dicomdir(tmp_path / "DICOMDIR")
    assert (directory.records, directory.warnings) == ((), ())
    assert len(instances(tmp_path)) == 0


def test_a_long_value_costs_only_itself(tmp_path: Path) -> None:
    made(tmp_path, ct(PatientName="x" * 70000, StudyDescription="y" * 65534))
    assert len(instances(tmp_path)) == 1


# --- the file ---


def test_a_new_run_replaces_it_and_a_failing_disk_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = made(tmp_path, ct(SOPInstanceUID="1.1"), ct(SOPInstanceUID="1.2"))
    before = (tmp_path / "DICOMDIR").read_bytes()

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(WriteError):
            write_dicomdir(str(tmp_path), names[:1])
    assert (tmp_path / "DICOMDIR").read_bytes() == before
    write_dicomdir(str(tmp_path), names[:1])
    assert len(instances(tmp_path)) == 1
    assert sorted(os.listdir(tmp_path)) == ["DICOMDIR", "IM0", "IM1"]
    assert (tmp_path / "DICOMDIR").stat().st_mode & 0o777 == 0o600


def test_too_many_records_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomtui.archive.directory_layout._HIGHEST_OFFSET", 500)
    write(ct(), tmp_path / "IM0")
    with pytest.raises(WriteError, match="too many"):
        write_dicomdir(str(tmp_path), ["IM0"])
    assert os.listdir(tmp_path) == ["IM0"]


def test_paths_are_taken_one_by_one(tmp_path: Path) -> None:
    write(ct(), tmp_path / "IM0")
    taken: list[str] = []

    def paths() -> Iterator[str]:
        for name in ("IM0", "IM1"):
            taken.append(name)
            yield str(tmp_path / name)
            write(ct(SOPInstanceUID="1.2.3"), tmp_path / "IM1")  # is read after the first was taken

    assert write_dicomdir(str(tmp_path), paths()) == []
    assert len(instances(tmp_path)) == 2


def test_who_stops_taking_leaves_the_directory_of_before(tmp_path: Path) -> None:
    names = made(tmp_path, ct(SOPInstanceUID="1.1"), ct(SOPInstanceUID="1.2"))
    before = (tmp_path / "DICOMDIR").read_bytes()
    writing = writing_dicomdir(str(tmp_path), names)
    assert next(writing) is None
    writing.close()
    assert (tmp_path / "DICOMDIR").read_bytes() == before
    assert sorted(os.listdir(tmp_path)) == ["DICOMDIR", "IM0", "IM1"]


# --- what is found without a parser ---


def parsed_only(folder: Path, names: Sequence[str], monkeypatch: pytest.MonkeyPatch) -> tuple[bytes, bytes]:
    """Return the DICOMDIR that is written, and the one that is if every file is parsed."""
    monkeypatch.setattr("uuid.uuid4", lambda: uuid.UUID(int=1))
    made = []
    for _ in range(2):
        write_dicomdir(str(folder), names)
        made.append((folder / "DICOMDIR").read_bytes())
        monkeypatch.setattr("dicomtui.archive.directory_writing.quick_identity", lambda path: None)
    return made[0], made[1]


def test_a_parser_would_have_found_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    names = file_set(tmp_path, [BUNDLED / name for name in REAL if (BUNDLED / name).exists()])
    quick, parsed = parsed_only(tmp_path, names, monkeypatch)
    assert quick == parsed


@pytest.mark.corpus
def test_a_parser_would_have_found_the_same_in_real_files(
    tmp_path: Path, corpus: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = file_set(tmp_path, sorted(path for path in corpus.rglob("*") if path.is_file()))
    quick, parsed = parsed_only(tmp_path, names, monkeypatch)
    assert quick == parsed


def test_of_a_series_one_file_is_parsed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []

    def counted(path: str) -> Instance:
        parsed.append(path)
        return read_instance(path)

    monkeypatch.setattr("dicomtui.archive.directory_writing.read_instance", counted)
    made(tmp_path, *(ct(SOPInstanceUID=f"1.{number}", InstanceNumber=number) for number in range(30)))
    assert len(parsed) == 1
    assert len(instances(tmp_path)) == 30


@pytest.mark.corpus
def test_real_files_are_all_found_again(tmp_path: Path, corpus: Path) -> None:
    names = file_set(tmp_path, sorted(path for path in corpus.rglob("*") if path.is_file()))
    left_out = write_dicomdir(str(tmp_path), names)
    wanted = {str(tmp_path / name) for name in names} - {skipped.source for skipped in left_out}
    assert {str(instance.path) for instance in instances(tmp_path)} == wanted
    assert len(wanted) > 0.75 * len(names)
