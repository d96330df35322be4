"""What a report says of an archive, as values and in its three forms."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser

import pytest

from dicomtui.archive.identities import identity_findings
from dicomtui.archive.index import Index, open_index
from dicomtui.archive.report import Report, judge, make_report
from dicomtui.archive.report_html import report_page
from dicomtui.archive.report_json import report_values
from dicomtui.archive.report_text import report_lines
from dicomtui.archive.scanned_file import ScannedFile
from tests.archive.indexed import made_header, no_dicom
from tests.archive.slices import heights, volume
from tests.cli.conftest import HOSTILE, unsafe_characters

ROOT = "/a"


@pytest.fixture
def index() -> Iterator[Index]:
    """A volume with a gap, an MR instance of another patient, and three files that are none."""
    index = open_index(ROOT, keep=False)
    gap = volume([*heights(5), 50.0], study_date="20200131", series_description="Lung", series_number=4)
    other = made_header(
        "/a/mr",
        patient_id="ID-1",
        patient_name="Roe^Max",
        study_instance_uid="1.9",
        series_instance_uid="1.9.1",
        study_date="20210228",
        modality="MR",
        sop_class_uid="1.2.840.10008.5.1.4.1.1.4",
        number_of_frames=7,
    )
    files = [ScannedFile(header.path, header.size, 1, header) for header in (*gap, other)]
    skipped = [no_dicom("/a/x"), no_dicom("/a/b"), no_dicom("/a/c", "permission denied")]
    index.update([*files, *skipped])
    yield index
    index.close()


def report_of(index: Index) -> Report:
    findings = [finding for found in judge(index) for finding in found]
    return make_report(index, findings, ROOT, "2026-01-02T03:04:05")


def test_counts_are_those_of_the_instances(index: Index) -> None:
    report = report_of(index)
    assert report.totals() == {
        "patients": 2,
        "studies": 2,
        "series": 2,
        "instances": 7,
        "images": 7,
        "frames": 13,
        "size": 7000,
        "skipped": 3,
    }
    assert (report.first_date, report.last_date) == ("20200131", "20210228")
    assert dict(report.modalities) == {"CT": 6, "MR": 1}
    assert [(one.name, one.instances) for one in report.sop_classes] == [
        ("CT Image Storage", 6),
        ("MR Image Storage", 1),
    ]
    assert [one.name for one in report.transfer_syntaxes] == ["Explicit VR Little Endian"]


def test_what_should_have_been_read_stands_before_what_is_no_dicom(index: Index) -> None:
    found = [(one.reason, one.files, one.example, one.is_failure) for one in report_of(index).skipped]
    assert found == [("permission denied", 1, "/a/c", True), ("not DICOM", 2, "/a/b", False)]


def test_a_gap_is_found_in_its_series(index: Index) -> None:
    (found,) = report_of(index).series_findings
    assert found.row.series_description == "Lung"
    assert found.finding.mark == "gap 30 mm"


def test_one_patient_id_with_two_names_is_remarked(index: Index) -> None:
    (found,) = report_of(index).identities
    assert found.sentence == "Patient ID (0010,0020) ID-1 has 2 names: Doe^Jane, Roe^Max."


def test_a_study_of_two_patients_and_a_series_in_two_studies_are_remarked(index: Index) -> None:
    first = index.series()[0]
    first = first._replace(patient_id="1", patient_name="A", study_instance_uid="5", series_instance_uid="6")
    cases = {
        "Study Instance UID (0020,000D) 5 has 2 patients: A (ID 1), B (ID 2).": {
            "patient_id": "2",
            "patient_name": "B",
        },
        "Series Instance UID (0020,000E) 6 has 2 studies: 5, 7.": {"study_instance_uid": "7"},
    }
    for sentence, change in cases.items():
        found = identity_findings([first, first._replace(**change)])
        assert [one.sentence for one in found] == [sentence]
    assert identity_findings([first, first]) == []


def test_instances_without_study_or_series_are_counted(index: Index) -> None:
    first = index.series()[0]
    found = identity_findings(
        [first, first._replace(series_instance_uid="", instances=1, first_path="/a/lost")]
    )
    assert [one.sentence for one in found] == ["1 instance without Series Instance UID (0020,000E): /a/lost."]


def test_the_text_names_classes_and_writes_dates_as_people_do(index: Index) -> None:
    text = "\n".join(report_lines(report_of(index)))
    for part in ("2020-01-31 to 2021-02-28", "CT Image Storage", "permission denied", "Lung: A gap"):
        assert part in text
    assert "1.2.840" not in text


def test_json_has_names_and_uids_and_goes_through_json(index: Index) -> None:
    values = json.loads(json.dumps(report_values(report_of(index)), allow_nan=False))
    assert values["instances"] == 7
    assert values["sop_classes"][0] == {
        "uid": "1.2.840.10008.5.1.4.1.1.2",
        "name": "CT Image Storage",
        "instances": 6,
    }
    assert values["findings"][0]["SeriesInstanceUID"] == "1.2.3.4"
    assert values["studies_by_patient"][0]["studies"][0]["series"][0]["NumberOfSeriesRelatedInstances"] == 6


class _Page(HTMLParser):
    """Collects the elements and the text of a page, and finds what is not closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.elements: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes.update(name for name, _ in attrs)
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def test_the_page_is_whole_and_asks_for_nothing(index: Index) -> None:
    page = _Page()
    text = "\n".join(report_page(report_of(index)))
    page.feed(text)
    assert page.open == []
    assert not page.elements & {"script", "link", "img", "iframe", "object", "base", "form", "a"}
    assert not page.attributes & {"src", "href", "onclick", "onload"}
    assert not re.search(r"https?:|//|url\(|@import", text)
    assert "Doe^Jane (ID-1)" in page.texts


ATTACK = f"{HOSTILE}</td><script>alert(1)</script>&lt;\"'"


def test_hostile_values_stay_text_in_every_form() -> None:
    index = open_index(ROOT, keep=False)
    fields = dict.fromkeys(("patient_name", "patient_id", "study_description", "series_description"), ATTACK)
    headers = volume(
        [0.0, 1.0, 2.0, 9.0], modality=ATTACK, transfer_syntax=ATTACK, sop_class_uid=ATTACK, **fields
    )
    paths = [f"/a/{ATTACK.replace('/', '')}{at}" for at in range(4)]
    index.update(
        ScannedFile(path, 1, 1, header._replace(path=path))
        for path, header in zip(paths, headers, strict=True)
    )
    index.update([no_dicom(f"/a/x{ATTACK.replace('/', '')}")])
    report = report_of(index)
    assert len(report.series_findings) == 1
    text = "\n".join(report_lines(report))
    assert unsafe_characters(text.encode()) == set()
    html = "\n".join(report_page(report))
    assert unsafe_characters(html.encode()) == set()
    page = _Page()
    page.feed(html)
    assert page.open == []
    assert "script" not in page.elements
    assert any("<script>alert(1)</script>" in text for text in page.texts)


def test_an_empty_archive_has_a_report() -> None:
    report = report_of(open_index("/nothing", keep=False))
    assert report.totals()["instances"] == 0
    assert "Study dates    none" in "\n".join(report_lines(report))
    assert report_values(report)["first_study_date"] is None
    assert "</html>" in list(report_page(report))[-1]
