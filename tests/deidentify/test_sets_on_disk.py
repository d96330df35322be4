"""Whole sets through a batch: what lies in the folder afterwards fits together, and others open it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import highdicom as hd
import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.fileset import FileSet
from pydicom.pixels import pixel_array

from dicomtui.archive.gathering import gather
from dicomtui.deidentify.batch import deidentify
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions
from dicomtui.outcomes import Outcome, Written
from dicomtui.pool import Pool
from tests.deidentify.test_whole_sets import KEY, MOST, REFERRING, a_set, uids_in


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


@pytest.fixture(scope="module")
def originals(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two patients, each with CT, SEG, SR and RTSTRUCT, in one folder."""
    folder = tmp_path_factory.mktemp("originals")
    for patient in ("A", "B"):
        for number, dataset in enumerate(a_set()):
            dataset.PatientID, dataset.PatientName = f"{patient}-4711", f"Doe^{patient}nnabel"
            pydicom.dcmwrite(folder / f"{patient}{number}.dcm", dataset, enforce_file_format=True)
    return folder


def run(source: Path, out: Path, options: DeidentifyOptions, pool: Pool, **words: bool) -> list[Outcome]:
    paths = [str(source)]
    steps = deidentify(gather(paths), str(out), options, KEY, pool, inputs=paths, **words)
    return [outcome for step in steps for outcome in step.outcomes]


def datasets(outcomes: list[Outcome]) -> dict[str, Dataset]:
    """Return what was written by the name of its source."""
    return {
        Path(outcome.source).name: pydicom.dcmread(outcome.path)
        for outcome in outcomes
        if isinstance(outcome, Written)
    }


@pytest.mark.parametrize("options", [PRESETS["research"], MOST], ids=["research", "most"])
def test_references_between_files_stay_whole(
    originals: Path, tmp_path: Path, pool: Pool, options: DeidentifyOptions
) -> None:
    made = datasets(run(originals, tmp_path / "out", options, pool))
    assert set(made) == {path.name for path in originals.iterdir()}
    for name, after in made.items():
        before = pydicom.dcmread(originals / name)
        assert not uids_in(before, REFERRING | {"SOPInstanceUID"}) & uids_in(after, REFERRING)
        assert after.SOPInstanceUID == KEY.uid(before.SOPInstanceUID)
        if options.clean_structured_content or "ContentSequence" not in before:
            assert {KEY.uid(uid) for uid in uids_in(before, REFERRING)} == uids_in(after, REFERRING)


def test_two_patients_stay_two_and_their_files_together(originals: Path, tmp_path: Path, pool: Pool) -> None:
    made = datasets(run(originals, tmp_path / "out", PRESETS["basic"], pool))
    ids = {letter: {d.PatientID for name, d in made.items() if name[0] == letter} for letter in "AB"}
    assert [len(ids[letter]) for letter in "AB"] == [1, 1]
    assert ids["A"] != ids["B"]
    folders = {path.parts[len((tmp_path / "out").parts)] for path in (tmp_path / "out").rglob("*.dcm")}
    assert folders == ids["A"] | ids["B"]


def test_intervals_stay_for_each_patient(originals: Path, tmp_path: Path, pool: Pool) -> None:
    made = datasets(run(originals, tmp_path / "out", PRESETS["research"], pool))
    shifts: dict[str, set[int]] = {"A": set(), "B": set()}
    for name, after in made.items():
        before = pydicom.dcmread(originals / name)
        for keyword in ("StudyDate", "SeriesDate", "ContentDate"):
            if before.get(keyword) and after.get(keyword):
                old, new = (datetime.strptime(str(d[keyword].value), "%Y%m%d") for d in (before, after))
                shifts[name[0]].add((new - old).days)
    assert [len(days) for days in shifts.values()] == [1, 1]
    assert all(-4015 <= min(days) <= -365 for days in shifts.values())


def test_highdicom_and_pydicom_open_the_files(originals: Path, tmp_path: Path, pool: Pool) -> None:
    outcomes = run(originals, tmp_path / "out", MOST, pool)
    opened = set()
    for outcome in outcomes:
        assert isinstance(outcome, Written), outcome
        dataset = pydicom.dcmread(outcome.path)
        opened.add(dataset.Modality)
        if dataset.Modality == "SEG":
            segmentation = hd.seg.segread(outcome.path)
            assert segmentation.get_volume().array.any()
        elif dataset.Modality == "SR":
            assert hd.sr.srread(outcome.path).content.get_observer_contexts
        elif dataset.Modality == "CT":
            np.testing.assert_array_equal(pixel_array(outcome.path), pixel_array(outcome.source))
    assert opened == {"CT", "SEG", "SR", "RTSTRUCT"}


def test_the_dicomdir_lists_every_file(originals: Path, tmp_path: Path, pool: Pool) -> None:
    outcomes = run(originals, tmp_path / "out", PRESETS["basic"], pool, dicomdir=True)
    found = FileSet(tmp_path / "out" / "DICOMDIR")
    listed = sorted(Path(instance.path).resolve() for instance in found)
    found._stage["t"].cleanup()  # it warns of it otherwise
    written = sorted(Path(outcome.path).resolve() for outcome in outcomes if isinstance(outcome, Written))
    assert listed == written
    assert len(written) == len(list(originals.iterdir()))
    assert b"Annabel" not in (tmp_path / "out" / "DICOMDIR").read_bytes()
