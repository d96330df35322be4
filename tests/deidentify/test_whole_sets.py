"""Sets of instances that refer to each other, real files, and other libraries that open the results."""

import dataclasses
import io
from pathlib import Path
from typing import Any

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sr.codedict import codes

from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import Instance, read_source
from dicomtui.dataset.source import FileSource, MemorySource
from dicomtui.deidentify.engine import Result, deidentify_instance
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions
from dicomtui.deidentify.pixel_risk import HeldBack
from dicomtui.deidentify.tokens import found_in, hits
from dicomtui.errors import ReadError
from tests.builders import ct, ramp
from tests.corpus_parts import PARTS, files_of

TEST_FILES = Path(pydicom.__file__).parent / "data" / "test_files"

KEY = Key(bytes(range(32)))
MOST = DeidentifyOptions(
    dates="shifted",
    retain_safe_private=True,
    retain_patient_characteristics=True,
    clean_descriptors=True,
    clean_structured_content=True,
    clean_graphics=True,
)
REFERRING = {"ReferencedSOPInstanceUID", "SeriesInstanceUID", "StudyInstanceUID", "FrameOfReferenceUID"}
REFERRING |= {"ReferencedFrameOfReferenceUID", "TrackingUID"}


def read(dataset: Dataset) -> Instance:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return read_source(MemorySource("made.dcm", stream.getvalue()))


def written(result: Result, original: Dataset) -> Dataset:
    """Return what a reader sees of the result with the pixel data of the original."""
    dataset = result.dataset
    if "PixelData" in original:
        dataset.add(original["PixelData"])
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return pydicom.dcmread(io.BytesIO(stream.getvalue()))


def a_set() -> list[Dataset]:
    images: list[Any] = [
        ct(
            ramp(number),
            InstanceNumber=number,
            ImagePositionPatient=[0, 0, float(number)],
            SeriesDate="20200210",
        )
        for number in range(1, 4)
    ]
    for image in images:
        image.FrameOfReferenceUID = "1.2.3.4.5.6"
        image.SliceThickness, image.PositionReferenceIndicator = 1, ""
        image.StudyTime, image.StudyID, image.AccessionNumber = "120000", "S1", "A-1234"
        image.PatientBirthDate, image.PatientSex, image.ReferringPhysicianName = "19700101", "F", "Miller^Ann"
    common = {"series_number": 9, "instance_number": 1, "manufacturer": "Acme"}
    device = {"manufacturer_model_name": "M", "software_versions": "1", "device_serial_number": "SN-4711"}
    segment = hd.seg.SegmentDescription(
        1, "Knee", codes.SCT.Tissue, codes.SCT.Tissue, hd.seg.SegmentAlgorithmTypeValues.MANUAL
    )
    segmentation = hd.seg.Segmentation(
        images,
        np.ones((3, 32, 32), bool),
        hd.seg.SegmentationTypeValues.BINARY,
        [segment],
        series_instance_uid=hd.UID(),
        sop_instance_uid=hd.UID(),
        **common,
        **device,
    )
    return [*images, segmentation, a_report(images, common), a_structure_set(images)]


def a_report(images: list[Any], common: dict[str, Any]) -> Dataset:
    context = hd.sr.ObservationContext(
        observer_person_context=hd.sr.ObserverContext(
            codes.DCM.Person, hd.sr.PersonObserverIdentifyingAttributes("Miller^Ann")
        )
    )
    finding = hd.sr.QualitativeEvaluation(codes.SCT.Tissue, codes.SCT.Tissue)
    group = hd.sr.MeasurementsAndQualitativeEvaluations(
        hd.sr.TrackingIdentifier(hd.UID(), "knee of Jane"), qualitative_evaluations=[finding]
    )
    report = hd.sr.MeasurementReport(context, codes.LN.CTUnspecifiedBodyRegion, [group])
    return hd.sr.Comprehensive3DSR(
        images, report[0], hd.UID(), common["series_number"], hd.UID(), 1, manufacturer="Acme"
    )


def a_structure_set(images: list[Any]) -> Dataset:
    made: Any = ct()
    del made.PixelData
    made.SOPClassUID = made.file_meta.MediaStorageSOPClassUID = "1.2.840.10008.5.1.4.1.1.481.3"
    made.Modality, made.StructureSetLabel, made.FrameOfReferenceUID = "RTSTRUCT", "Jane's plan", "1.2.3.4.5.6"
    contour, image, roi = Dataset(), Dataset(), Dataset()
    image.ReferencedSOPClassUID = images[0].SOPClassUID
    image.ReferencedSOPInstanceUID = images[0].SOPInstanceUID
    contour.ContourImageSequence = [image]
    roi.ContourSequence = [contour]
    made.ROIContourSequence = [roi]
    made.StructureSetDate = "20200310"
    return made


def uids_in(dataset: Dataset, keywords: set[str]) -> set[str]:
    return {str(each.value) for each in dataset.iterall() if each.keyword in keywords and each.value}


@pytest.mark.parametrize(
    "options", [PRESETS["basic"], PRESETS["research"], MOST], ids=["basic", "research", "most"]
)
def test_references_in_a_set_stay_whole(options: DeidentifyOptions) -> None:
    originals = a_set()
    results = [deidentify_instance(read(each), options, KEY) for each in originals]
    new = [written(result, original) for result, original in zip(results, originals, strict=True)]
    old_uids = set[str]().union(*(uids_in(each, REFERRING | {"SOPInstanceUID"}) for each in originals))
    assert len({each.PatientID for each in new}) == len({each.StudyInstanceUID for each in new}) == 1
    for before, after in zip(originals, new, strict=True):
        assert not old_uids & uids_in(after, REFERRING | {"SOPInstanceUID"})
        if options.clean_structured_content or "ContentSequence" not in before:
            assert {KEY.uid(uid) for uid in uids_in(before, REFERRING)} == uids_in(after, REFERRING)
        assert after.file_meta.MediaStorageSOPInstanceUID == after.SOPInstanceUID


def test_highdicom_opens_a_segmentation_and_a_report_afterwards() -> None:
    originals = a_set()
    segmentation, report = (
        written(deidentify_instance(read(each), MOST, KEY), each) for each in originals[3:5]
    )
    opened = hd.seg.Segmentation.from_dataset(segmentation)
    assert opened.get_volume().array.shape[0] == 3
    assert hd.sr.Comprehensive3DSR.from_dataset(report).content.get_observer_contexts


def test_intervals_between_dates_stay_over_a_set() -> None:
    originals = a_set()
    new = [deidentify_instance(read(each), PRESETS["research"], KEY).dataset for each in originals]
    image, structures = new[0], new[-1]
    days = [
        pydicom.valuerep.DA(value)
        for value in (image.StudyDate, image.SeriesDate, structures.StructureSetDate)
    ]
    assert [(day - days[0]).days for day in days] == [0, 10, 39]  # type: ignore[operator]
    assert image.PatientBirthDate == ""
    assert image.StudyTime == "120000"


def test_two_patients_stay_two_and_one_patient_stays_one() -> None:
    def ids(**attributes: str) -> tuple[str, str]:
        dataset = deidentify_instance(read(ct(**attributes)), PRESETS["research"], KEY).dataset
        return str(dataset.PatientID), str(dataset.StudyDate)

    one, again, other = ids(), ids(StudyInstanceUID="1.2.3.4"), ids(PatientID="ID-2")
    assert one == again
    assert one[0] != other[0]


def checked(source: FileSource) -> None:
    """De-identify a real file under several options; read and search what comes out."""
    try:
        instance = read_source(source)
    except ReadError:
        return
    for options in (PRESETS["basic"], PRESETS["research"], MOST):
        try:
            result = deidentify_instance(instance, dataclasses.replace(options, allow_pixel_risk=True), KEY)
        except HeldBack:
            return
        result.dataset.file_meta.TransferSyntaxUID = plain(instance)
        stream = io.BytesIO()
        pydicom.dcmwrite(stream, result.dataset, enforce_file_format=True)
        again = read_source(MemorySource(source.name, stream.getvalue()))
        assert not again.warnings
        for element in walk(elements_of(again)):
            if element.vr == "PN":
                assert all(value in ("", "REMOVED") or value.startswith("ANON^") for value in element.values)
            if element.vr == "UI":
                uids = {token for token in result.tokens if token.count(".") > 2}
                assert not hits(element, uids)


def plain(instance: Instance) -> str:
    """Return a Transfer Syntax that pydicom writes a Data Set without pixel data in."""
    if not instance.encoding.little:
        return "1.2.840.10008.1.2.2"
    return "1.2.840.10008.1.2" if instance.encoding.implicit else "1.2.840.10008.1.2.1"


@pytest.mark.parametrize("name", ["CT_small.dcm", "*rtplan*.dcm", "reportsi.dcm", "693_*.dcm", "*DICOMDIR*"])
def test_files_that_anyone_has_can_be_de_identified(name: str) -> None:
    for path in sorted(TEST_FILES.rglob(name))[:6]:  # get_testdata_files() would ask the network for more
        if path.is_file():
            checked(FileSource(path))


@pytest.mark.corpus
@pytest.mark.parametrize("part", PARTS)
def test_every_real_file_can_be_de_identified_and_read_again(corpus: Path, part: int) -> None:
    for path in files_of(corpus, part):
        checked(FileSource(path))


def test_a_token_is_found_where_it_would_be_left() -> None:
    """The search itself: without it the tests above would prove nothing."""
    assert found_in("PHYSICIAN: DOE", {"Doe"}) == {"Doe"}
