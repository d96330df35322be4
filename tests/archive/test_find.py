"""Finding instances and reading one attribute of all: the answers are those of pydicom."""

import shutil
import subprocess
import sys
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

from dicomtui.archive import attribute_reading
from dicomtui.archive.attribute_reading import read_each, values_of
from dicomtui.archive.find import Match, find, find_by_path
from dicomtui.archive.header import read_header
from dicomtui.archive.header_values import may_have_groups
from dicomtui.archive.index import Index, open_index
from dicomtui.archive.query import parse_attributes, parse_query
from dicomtui.archive.refresh import refresh
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DicomTuiError
from dicomtui.pool import Pool
from tests.archive.asking import MemoryIndex, PlainPool
from tests.builders import ct, write

BUNDLED = Path(str(get_testdata_file("CT_small.dcm"))).parent
ATTRIBUTES = parse_attributes(
    "SliceThickness,KVP,StationName,InstitutionName,PatientAge,PatientComments,Manufacturer,PatientName,"
    "StudyDate,SoftwareVersions,WindowCenter,RescaleSlope,BitsAllocated,LossyImageCompression,ImageType,"
    "AcquisitionDateTime,ReferringPhysicianName,ConvolutionKernel,EchoTime,AcquisitionMatrix,FrameTime"
)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(1) as pool:
        yield pool


def index_of(folder: Path, pool: Pool) -> Index:
    index = open_index(str(folder), keep=False)
    for _ in refresh(index, pool):
        pass
    return index


@pytest.fixture(scope="module")
def bundled(pool: Pool, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Index]:
    """The instances that pydicom has and reads itself, as an index."""
    folder = tmp_path_factory.mktemp("bundled")
    for path in sorted(BUNDLED.glob("*.dcm")):
        try:
            dataset = pydicom.dcmread(path, force=True)
            str(dataset)
        except Exception:  # noqa: BLE001  pydicom keeps files that it cannot read
            continue
        if "SOPClassUID" in dataset:
            shutil.copy(path, folder)
    with closing(index_of(folder, pool)) as index:
        yield index


def places(dataset: Dataset, keyword: str) -> Iterator[Any]:
    """Yield the values of an attribute, at the top and in the functional groups."""
    holders = [dataset]
    for groups in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        for frame in dataset.get(groups, []):
            holders += [item for macro in frame if macro.VR == "SQ" for item in macro.value]
    for holder in holders:
        if keyword in holder:
            value = holder[keyword].value
            yield from value if isinstance(value, MultiValue) else [value]


def any_of(keyword: str, test: Callable[[Any], bool]) -> Callable[[Dataset], bool]:
    return lambda dataset: any(value not in (None, "") and test(value) for value in places(dataset, keyword))


def found(query: str, index: Any, pool: Any, *columns: str) -> dict[str, Match]:
    """Return the matches by the names of their files."""
    matches = [match for step in find(parse_query(query), index, pool, columns) for match in step.matches]
    assert len({match.header.path for match in matches}) == len(matches)
    return {Path(match.header.path).name: match for match in matches}


# --- the same as pydicom ---


@pytest.mark.parametrize(
    ("query", "is_match"),
    [
        ("Modality = CT", any_of("Modality", lambda value: value == "CT")),
        ("SliceThickness < 4", any_of("SliceThickness", lambda value: value < 4)),
        ("KVP >= 120", any_of("KVP", lambda value: value >= 120)),
        ("BitsAllocated = 16", any_of("BitsAllocated", lambda value: value == 16)),
        ("exists KVP", lambda dataset: "KVP" in dataset),
        ("exists PatientID", lambda dataset: "PatientID" in dataset),
        ("not exists PatientID", lambda dataset: "PatientID" not in dataset),
        ("PatientName ~ *a*", any_of("PatientName", lambda value: "a" in str(value).casefold())),
        ("PixelSpacing < 0.5", any_of("PixelSpacing", lambda value: value < 0.5)),
        ("ImageType = DERIVED", any_of("ImageType", lambda value: value.strip() == "DERIVED")),
        ("StudyDate > 2003", any_of("StudyDate", lambda value: str(value) > "20031231" and len(value) == 8)),
        ("PixelRepresentation = 1 and SmallestImagePixelValue < 0",
         lambda dataset: dataset.get("PixelRepresentation") == 1
         and (dataset.get("SmallestImagePixelValue") or 0) < 0),
        ("AnatomicRegionSequence.CodeValue exists",
         lambda dataset: any("CodeValue" in item for item in dataset.get("AnatomicRegionSequence") or [])),
        ("ContentSequence.ConceptNameCodeSequence.CodeMeaning ~ *e*",
         lambda dataset: any(
             "e" in code.get("CodeMeaning", "").casefold()
             for item in dataset.get("ContentSequence") or []
             for code in item.get("ConceptNameCodeSequence") or []
         )),
        ("exists 0009,0010", lambda dataset: 0x00090010 in dataset),
        ("(0009,1002) != ''", lambda dataset: 0x00091002 in dataset and bool(dataset[0x00091002].value)),
        ("exists PixelData", lambda dataset: "PixelData" in dataset),
        ("MediaStorageSOPInstanceUID exists",
         lambda dataset: "MediaStorageSOPInstanceUID" in dataset.file_meta),
        ("FrameIncrementPointer = FrameTime or FrameIncrementPointer = (0018,1063)",
         lambda dataset: dataset.get("FrameIncrementPointer") == 0x00181063),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_what_is_found_is_what_pydicom_finds(
    bundled: Index, pool: Pool, query: str, is_match: Callable[[Dataset], bool]
) -> None:
    expected = {
        path.name for path in Path(bundled.root).iterdir() if is_match(pydicom.dcmread(path, force=True))
    }
    assert set(found(query, bundled, pool)) == expected


def test_the_walker_reads_what_the_parser_reads() -> None:
    walked = 0
    for path in sorted(BUNDLED.rglob("*")):
        if path.is_file():
            walked += agrees(path)
    assert walked > 50


@pytest.mark.corpus
def test_the_walker_reads_what_the_parser_reads_in_real_files(corpus: Path) -> None:
    assert sum(agrees(path) for path in sorted(corpus.rglob("*")) if path.is_file()) > 300


def agrees(path: Path) -> bool:
    """Whether the walker read a file, which it must do as the parser does."""
    try:
        header, expected = read_header(str(path)), values_of(read_instance(path), ATTRIBUTES)
    except DicomTuiError:
        return False
    if header is None:
        return False
    walker = attribute_reading._walker(ATTRIBUTES, may_have_groups(header))
    assert walker is not None
    with path.open("rb") as stream:
        reader = attribute_reading.FileReader(stream.fileno(), 0)
        values = attribute_reading._walked(reader, path.stat().st_size, ATTRIBUTES, walker)
    assert values in (None, expected), path
    return values is not None


# --- where things stand ---


def test_a_keyword_finds_what_stands_in_functional_groups(tmp_path: Path, pool: Pool) -> None:
    enhanced = ct(NumberOfFrames=2)
    frames = []
    for thickness in (1.5, 7.5):
        measures, frame = Dataset(), Dataset()
        measures.SliceThickness, measures.PixelSpacing = thickness, [1, 1]
        frame.PixelMeasuresSequence = [measures]
        frames.append(frame)
    enhanced.PerFrameFunctionalGroupsSequence = frames
    write(enhanced, tmp_path / "enhanced.dcm")
    write(ct(SliceThickness=3), tmp_path / "plain.dcm")
    with closing(index_of(tmp_path, pool)) as index:
        assert set(found("SliceThickness > 5", index, pool)) == {"enhanced.dcm"}
        assert set(found("SliceThickness = 3", index, pool)) == {"plain.dcm"}
        path = "PerFrameFunctionalGroupsSequence.PixelMeasuresSequence.SliceThickness"
        assert found(f"{path} < 2", index, pool)["enhanced.dcm"].values == {path: "1.5; 7.5"}
        assert found("Modality = CT", index, pool, "SliceThickness")["enhanced.dcm"].values == {
            "Modality": "CT",
            "SliceThickness": "1.5; 7.5",
        }


@pytest.mark.parametrize("query", ["Modality = CT", "KVP = 120", "RequestAttributesSequence.CodeValue = a"])
def test_members_of_a_zip_are_found_like_files(tmp_path: Path, pool: Pool, query: str) -> None:
    item = Dataset()
    item.CodeValue = "A"
    scan = write(ct(KVP="120.0", RequestAttributesSequence=[item]), tmp_path / "scan.dcm")
    with zipfile.ZipFile(tmp_path / "study.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(scan, "CT/1")
        archive.write(scan, "2")
    with closing(index_of(tmp_path, pool)) as index:
        paths = {match.header.path for match in found(query, index, pool).values()}
        assert len(index.skipped()) == 0
    assert paths == {str(tmp_path / name) for name in ("scan.dcm", "study.zip!/CT/1", "study.zip!/2")}


def test_numbers_look_the_same_from_the_index_and_from_the_file(tmp_path: Path, pool: Pool) -> None:
    write(ct(SliceThickness="2.500", KVP="120.00", PixelSpacing=["0.50", "1.0"]), tmp_path / "a.dcm")
    with closing(index_of(tmp_path, pool)) as index:
        (match,) = found("SliceThickness > 0 and KVP > 0", index, pool, "PixelSpacing").values()
    assert list(match.values.values()) == ["2.5", "120", "0.5\\1"]


def test_a_worker_reads_plain_attributes_without_loading_pydicom() -> None:
    script = (
        "import sys; from dicomtui.archive.attribute_reading import read_each\n"
        "from dicomtui.archive.query_terms import Attribute\n"
        f"paths, kvp = [{str(BUNDLED / 'CT_small.dcm')!r}], Attribute('KVP', (0x00180060,), 'DS')\n"
        "(found,) = read_each(paths, [kvp])\n"
        "assert found['KVP'].text == '120', found\n"
        "assert not {'pydicom', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


# --- in which order ---


class LatePool(PlainPool):
    """A pool whose first batch is ready last."""

    def map(self, function: Any, batches: Any) -> Iterator[Any]:
        yield from reversed(list(super().map(function, batches)))


@pytest.mark.parametrize(
    "query", ["Modality = CT", "KVP = 120", "Modality = CT and KVP > 1 or SliceThickness = 3"]
)
def test_what_is_found_comes_in_the_order_of_paths_however_it_was_read(tmp_path: Path, query: str) -> None:
    files = [tmp_path / f"{name:03}.dcm" for name in range(100)]
    for number, path in enumerate(files):
        write(ct(KVP=120, SliceThickness=3 if number % 3 else None), path)
    headers = [header for path in files if (header := read_header(str(path)))]
    steps = list(find_by_path(parse_query(query), MemoryIndex(headers[::-1]), LatePool()))  # type: ignore[arg-type]
    assert [match.header.path for step in steps for match in step.matches] == list(map(str, files))
    assert steps[-1].done == steps[-1].total


def test_what_comes_first_is_given_while_what_comes_later_is_read(tmp_path: Path) -> None:
    paths = [str(write(ct(KVP=120), tmp_path / f"{number:03}.dcm")) for number in range(100)]
    headers = [header for path in paths if (header := read_header(path))]
    steps = find_by_path(parse_query("KVP = 120"), MemoryIndex(headers), PlainPool())  # type: ignore[arg-type]
    counts = [len(step.matches) for step in steps]
    assert sum(counts) == 100
    assert counts.count(0) + 1 < len(counts)


def test_a_file_that_cannot_be_read_holds_nothing_back(tmp_path: Path, pool: Pool) -> None:
    for name in "abc":
        write(ct(KVP=120), tmp_path / f"{name}.dcm")
    with closing(index_of(tmp_path, pool)) as index:
        (tmp_path / "a.dcm").unlink()
        steps = list(find_by_path(parse_query("KVP = 120"), index, pool))
    assert [match.header.path[-5] for step in steps for match in step.matches] == ["b", "c"]
    assert [Path(skipped.source).name for step in steps for skipped in step.skipped] == ["a.dcm"]


# --- what goes wrong ---


def test_a_file_that_is_gone_is_counted_and_costs_no_other(tmp_path: Path, pool: Pool) -> None:
    for name in "abc":
        write(ct(KVP=120, InstanceNumber=ord(name)), tmp_path / f"{name}.dcm")
    index = index_of(tmp_path, pool)
    (tmp_path / "b.dcm").unlink()
    steps = list(find(parse_query("KVP = 120"), index, pool))
    assert sorted(match.header.path[-5] for step in steps for match in step.matches) == ["a", "c"]
    skipped = [skipped for step in steps for skipped in step.skipped]
    assert [Path(one.source).name for one in skipped] == ["b.dcm"]
    assert "b.dcm" not in skipped[0].reason
    assert (steps[-1].done, steps[-1].total) == (3, 3)
    index.close()


def test_what_the_index_decides_is_found_though_its_file_is_gone(tmp_path: Path, pool: Pool) -> None:
    write(ct(), tmp_path / "a.dcm")
    index = index_of(tmp_path, pool)
    (tmp_path / "a.dcm").unlink()
    assert found("Modality = CT", index, pool, "KVP")["a.dcm"].values == {"Modality": "CT", "KVP": ""}
    index.close()


def test_a_search_can_be_stopped_at_any_step(tmp_path: Path) -> None:
    header = read_header(str(write(ct(KVP=120), tmp_path / "a.dcm")))
    assert header is not None
    steps = find(parse_query("KVP > 1"), MemoryIndex([header] * 100), PlainPool())  # type: ignore[arg-type]
    next(steps)
    next(steps)
    steps.close()
    assert list(steps) == []


def test_hostile_paths_are_a_reason_not_a_crash(tmp_path: Path) -> None:
    paths = [str(tmp_path / "none"), "a\0b", str(tmp_path), "x.zip!/y", "\udcff"]
    results = read_each(paths, ATTRIBUTES)
    assert all(isinstance(result, str) and result for result in results)


def test_counts_agree_with_pydicom(bundled: Index, pool: Pool) -> None:
    from dicomtui.archive.attribute_values import ValueCounts, attribute_values

    for keyword in ("Modality", "Manufacturer", "StationName", "BitsAllocated"):
        counts = ValueCounts()
        for step in attribute_values(bundled, pool, keyword):
            counts.add(step.values)
        datasets = [pydicom.dcmread(path, force=True) for path in Path(bundled.root).iterdir()]
        expected = Counter(str(dataset[keyword].value).strip() for dataset in datasets if keyword in dataset)
        empty = expected.pop("", 0) + expected.pop("None", 0)
        assert {row.text: row.instances for row in counts.rows()} == expected
        assert counts.missing == sum(keyword not in dataset for dataset in datasets)
        assert (counts.empty, counts.instances) == (empty, len(datasets))
