"""Whole exports: what lies in the target folder afterwards, and that nothing else was touched."""

import hashlib
import json
import os
import stat
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.fileset import FileSet

from dicomtui.archive.gathering import gather
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import UsageError, WriteError
from dicomtui.export.arrays import FrameArrays
from dicomtui.export.batch import export
from dicomtui.export.formats import FORMATS
from dicomtui.export.options import ExportOptions
from dicomtui.imaging.encoders import encodable
from dicomtui.outcomes import Failed, Outcome, Skipped, Written
from dicomtui.pool import Pool
from tests.builders import ct, write, write_series

PNG = ExportOptions("png")


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


def bundled(name: str) -> str:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return path


def exported(
    inputs: Sequence[Path | str], out: Path, options: ExportOptions, pool: Pool, **more: Any
) -> list[Outcome]:
    paths = list(map(str, inputs))
    steps = export(gather(paths), str(out), options, pool, inputs=paths, **more)
    return [outcome for step in steps for outcome in step.outcomes]


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def picture(path: Path) -> np.ndarray:
    with Image.open(path) as image:
        return np.asarray(image)


def frames_in(path: Path) -> int:
    with Image.open(path) as image:
        return int(image.n_frames)  # type: ignore[attr-defined]


def digests(folder: Path) -> dict[str, str]:
    return {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names(folder)}


def test_pictures_lie_in_folders_like_those_of_their_sources(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in" / "a", 3)
    write(ct(), tmp_path / "in" / "1.2.3")
    before = digests(tmp_path / "in")
    outcomes = exported([tmp_path / "in"], tmp_path / "out", PNG, pool)
    assert {type(outcome) for outcome in outcomes} == {Written}
    sources = names(tmp_path / "in")
    assert names(tmp_path / "out") == sorted(f"{name.removesuffix('.dcm')}.png" for name in sources)
    for name in sources:
        shown = FrameArrays(read_instance(tmp_path / "in" / name), "display").array(1).values
        made = picture(tmp_path / "out" / f"{name.removesuffix('.dcm')}.png")
        np.testing.assert_array_equal(made, shown)
    assert digests(tmp_path / "in") == before


def test_every_frame_is_a_picture_with_its_number(pool: Pool, tmp_path: Path) -> None:
    exported([bundled("SC_rgb_rle_2frame.dcm")], tmp_path, PNG, pool)
    assert names(tmp_path) == ["SC_rgb_rle_2frame-1.png", "SC_rgb_rle_2frame-2.png"]


def test_only_the_frames_that_are_wanted_are_written(pool: Pool, tmp_path: Path) -> None:
    options = replace(PNG, frames=(2, 4), template="{Modality}_{Frame:03}")
    exported([bundled("examples_ybr_color.dcm")], tmp_path, options, pool)
    assert names(tmp_path) == ["US_002.png", "US_004.png"]


def test_a_frame_that_is_not_there_fails_with_a_sentence(pool: Pool, tmp_path: Path) -> None:
    (failed,) = exported([bundled("CT_small.dcm")], tmp_path, replace(PNG, frames=(7,)), pool)
    assert isinstance(failed, Failed)
    assert "has 1 frame" in failed.reason
    assert names(tmp_path) == []


def test_names_that_would_be_the_same_get_marks_that_depend_on_nothing_but_the_files(
    pool: Pool, tmp_path: Path
) -> None:
    write_series(tmp_path / "in", 4)
    options = replace(PNG, template="{PatientID}/{SeriesNumber}")
    for out in ("one", "two"):
        exported([tmp_path / "in"], tmp_path / out, options, pool)
    assert len(names(tmp_path / "one")) == 4
    assert digests(tmp_path / "one") == digests(tmp_path / "two")


@pytest.mark.parametrize("patient", ["../../../escaped", "/etc/x", "..", "a\x1b[31m\n", "CON", "-rf", "=1+1"])
def test_no_tag_value_leads_out_of_the_target(patient: str, pool: Pool, tmp_path: Path) -> None:
    write(ct(PatientID=patient), tmp_path / "in" / "a.dcm")
    exported([tmp_path / "in"], tmp_path / "out", replace(PNG, template="{PatientID}/{PatientID}"), pool)
    (name,) = names(tmp_path / "out")
    assert name.isascii()
    assert names(tmp_path) == sorted(["in/a.dcm", f"out/{name}"])


def test_a_link_in_the_target_does_not_lead_out_of_it(pool: Pool, tmp_path: Path) -> None:
    write(ct(PatientID="p"), tmp_path / "in" / "a.dcm")
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "p").symlink_to(tmp_path / "elsewhere")
    (failed,) = exported([tmp_path / "in"], tmp_path / "out", replace(PNG, template="{PatientID}/x"), pool)
    assert isinstance(failed, Failed)
    assert "link out of the target" in failed.reason
    assert names(tmp_path / "elsewhere") == []


def test_what_is_there_is_not_overwritten_unless_that_is_said(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "CT_small.png").write_bytes(b"mine")
    (failed,) = exported([bundled("CT_small.dcm")], tmp_path, PNG, pool)
    assert isinstance(failed, Failed)
    assert (tmp_path / "CT_small.png").read_bytes() == b"mine"
    (written,) = exported([bundled("CT_small.dcm")], tmp_path, replace(PNG, overwrite=True), pool)
    assert isinstance(written, Written)
    assert picture(tmp_path / "CT_small.png").shape == (128, 128)


def test_a_folder_that_was_made_for_nothing_is_removed_again(pool: Pool, tmp_path: Path) -> None:
    sources = gather([bundled("CT_small.dcm")])
    list(export(sources, str(tmp_path / "new" / "out"), PNG, pool, stop=lambda: True))
    assert not (tmp_path / "new").exists()
    (tmp_path / "mine").mkdir()
    list(export(gather([bundled("CT_small.dcm")]), str(tmp_path / "mine"), PNG, pool, stop=lambda: True))
    assert (tmp_path / "mine").exists()
    closed = export(gather([bundled("CT_small.dcm")]), str(tmp_path / "new"), PNG, pool)
    next(closed)
    closed.close()  # type: ignore[attr-defined]
    assert not (tmp_path / "new").exists()


def test_sources_are_not_replaced_even_when_overwriting_is_allowed(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 3)
    before = digests(tmp_path / "in")
    options = ExportOptions("dicom", template="{File}", overwrite=True, transfer_syntax=encodable("rle").uid)
    outcomes = exported([tmp_path / "in"], tmp_path / "in", options, pool)
    assert [type(outcome) for outcome in outcomes] == [Failed] * 3
    assert digests(tmp_path / "in") == before


def test_one_bad_file_does_not_end_the_batch(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 3)
    write(ct(BitsAllocated=24), tmp_path / "in" / "wrong.dcm")
    (tmp_path / "in" / "note.txt").write_text("no DICOM")
    outcomes = exported([tmp_path / "in", bundled("rtplan.dcm")], tmp_path / "out", PNG, pool)
    kinds = {Path(outcome.source).name: type(outcome) for outcome in outcomes}
    assert kinds["note.txt"] is Skipped
    assert kinds["rtplan.dcm"] is Skipped
    assert kinds["wrong.dcm"] is Failed
    assert list(kinds.values()).count(Written) == 3


def test_members_of_a_zip_are_exported_like_files(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 3)
    with zipfile.ZipFile(tmp_path / "study.zip", "w") as archive:
        for name in names(tmp_path / "in"):
            archive.write(tmp_path / "in" / name, f"CT/{name}")
    exported([tmp_path / "study.zip"], tmp_path / "zip", PNG, pool)
    exported([tmp_path / "in"], tmp_path / "files", PNG, pool)
    assert digests(tmp_path / "zip" / "CT") == digests(tmp_path / "files")


def test_files_are_private_unless_others_are_to_read_them(pool: Pool, tmp_path: Path) -> None:
    exported([bundled("CT_small.dcm")], tmp_path / "a", replace(PNG, template="x/{File}"), pool)
    exported([bundled("CT_small.dcm")], tmp_path / "b", replace(PNG, template="x/{File}", mode=0o644), pool)
    assert stat.S_IMODE((tmp_path / "a/x/CT_small.png").stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "a/x").stat().st_mode) & 0o077 == 0
    assert stat.S_IMODE((tmp_path / "b/x/CT_small.png").stat().st_mode) == 0o644


def test_a_target_that_is_a_file_takes_one(pool: Pool, tmp_path: Path) -> None:
    options = replace(PNG, suffix=".png")
    exported([bundled("CT_small.dcm")], tmp_path / "new" / "name.png", options, pool)
    assert names(tmp_path) == ["new/name.png"]
    with pytest.raises(UsageError, match=r"2 files would be written"):
        exported([bundled("SC_rgb_rle_2frame.dcm")], tmp_path / "two.png", options, pool)
    assert names(tmp_path) == ["new/name.png"]


@pytest.mark.parametrize("stage", ["stored", "modality", "display"])
def test_arrays_are_those_of_the_frames(stage: Any, pool: Pool, tmp_path: Path) -> None:
    options = ExportOptions("npy", stage=stage)
    exported([bundled("CT_small.dcm"), bundled("emri_small.dcm")], tmp_path, options, pool)
    for name in ("CT_small", "emri_small"):
        arrays = FrameArrays(read_instance(bundled(f"{name}.dcm")), stage)
        frames = np.stack([arrays.array(number).values for number in range(1, arrays.count + 1)])
        np.testing.assert_array_equal(
            np.load(tmp_path / f"{name}.npy"), frames if len(frames) > 1 else frames[0]
        )


def test_a_series_is_one_archive_of_arrays_in_order(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 5)
    exported([tmp_path / "in"], tmp_path / "out", ExportOptions("npz", unit="series", stage="stored"), pool)
    (name,) = names(tmp_path / "out")
    archive = np.load(tmp_path / "out" / name)
    assert archive["values"].shape[0] == 5
    assert (np.diff(archive["position"][:, 2]) > 0).all()


def test_a_series_is_one_volume(pool: Pool, tmp_path: Path) -> None:
    nibabel: Any = pytest.importorskip("nibabel")
    write_series(tmp_path / "in", 5)
    outcomes = exported([tmp_path / "in"], tmp_path / "out", ExportOptions("nifti"), pool)
    assert [type(outcome) for outcome in outcomes] == [Written]
    assert nibabel.load(tmp_path / "out" / names(tmp_path / "out")[0]).shape[2] == 5


@pytest.mark.parametrize(
    ("format_name", "suffix"), [("gif", ".gif"), ("apng", ".apng"), ("webp-movie", ".webp")]
)
def test_a_series_is_a_movie_and_so_is_an_instance_of_many_frames(
    format_name: str, suffix: str, pool: Pool, tmp_path: Path
) -> None:
    write_series(tmp_path / "in", 5)
    (tmp_path / "in" / "multi.dcm").write_bytes(Path(bundled("examples_ybr_color.dcm")).read_bytes())
    options = ExportOptions(format_name)
    exported([tmp_path / "in"], tmp_path / "out", options, pool)
    frames = sorted(frames_in(tmp_path / "out" / name) for name in names(tmp_path / "out"))
    assert frames == [5, 28]  # of the 30 two are like the one before, which stays the longer
    assert {Path(name).suffix for name in names(tmp_path / "out")} == {FORMATS[format_name].suffix}


def test_a_contact_sheet_shows_a_series(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 5)
    exported([tmp_path / "in"], tmp_path / "out", ExportOptions("sheet", sheet=(2, 2), size=64), pool)
    assert len(names(tmp_path / "out")) == 2


def test_a_table_has_a_line_for_every_instance_in_order(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 120)
    (tmp_path / "in" / "note.txt").write_text("no DICOM")
    options = ExportOptions("csv", unit="all", columns=("InstanceNumber", "Modality"))
    outcomes = exported([tmp_path / "in"], tmp_path / "out", options, pool)
    lines = (tmp_path / "out" / "attributes.csv").read_text().splitlines()
    assert lines[0] == "source,InstanceNumber,Modality"
    assert [line.split(",")[0] for line in lines[1:]] == [
        str(tmp_path / "in" / name) for name in names(tmp_path / "in") if name.endswith(".dcm")
    ]
    assert sum(isinstance(outcome, Written) for outcome in outcomes) == 120
    assert [outcome for outcome in outcomes if not isinstance(outcome, Written)] == [
        Skipped(str(tmp_path / "in" / "note.txt"), "not DICOM")
    ]


def test_flat_json_is_a_line_for_every_instance(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 3)
    exported([tmp_path / "in"], tmp_path / "out", ExportOptions("jsonl", unit="all"), pool)
    lines = (tmp_path / "out" / "attributes.jsonl").read_text().splitlines()
    assert [json.loads(line)["Modality"] for line in lines] == ["CT"] * 3


def test_copies_are_sorted_with_a_dicomdir_that_finds_them(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in" / "a", 3)
    (tmp_path / "in" / "mr.dcm").write_bytes(Path(bundled("MR_small.dcm")).read_bytes())
    exported([tmp_path / "in"], tmp_path / "out", ExportOptions("dicom", dicomdir=True), pool)
    found = FileSet(tmp_path / "out" / "DICOMDIR")
    copies = [Path(instance.path).read_bytes() for instance in found]
    found._stage["t"].cleanup()  # it warns of it otherwise
    originals = [path.read_bytes() for path in (tmp_path / "in").rglob("*.dcm")]
    assert sorted(copies) == sorted(originals)


def test_a_dicomdir_that_is_there_is_not_replaced(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "DICOMDIR").write_bytes(b"mine")
    with pytest.raises(UsageError, match="has a DICOMDIR already"):
        exported([bundled("CT_small.dcm")], tmp_path, ExportOptions("dicom", dicomdir=True), pool)
    assert names(tmp_path) == ["DICOMDIR"]
    assert (tmp_path / "DICOMDIR").read_bytes() == b"mine"


def test_copies_can_be_transcoded(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 3)
    options = ExportOptions("dicom", template="{Path}", transfer_syntax=encodable("jpeg-ls").uid)
    exported([tmp_path / "in"], tmp_path / "out", options, pool)
    for name in names(tmp_path / "in"):
        before, after = (pydicom.dcmread(tmp_path / folder / name) for folder in ("in", "out"))
        np.testing.assert_array_equal(after.pixel_array, before.pixel_array)
        assert after.file_meta.TransferSyntaxUID == encodable("jpeg-ls").uid


def test_a_batch_stops_when_it_is_asked_to(pool: Pool, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 100)
    seen: list[Outcome] = []
    paths = [str(tmp_path / "in")]
    steps = export(gather(paths), str(tmp_path / "out"), PNG, pool, inputs=paths, stop=lambda: len(seen) > 5)
    for step in steps:
        seen += step.outcomes
    assert 5 < len(seen) < 100
    assert len(names(tmp_path / "out")) == len(seen)
    assert all(picture(tmp_path / "out" / name).size for name in names(tmp_path / "out"))


def test_a_target_that_cannot_be_made_is_said_in_a_sentence(pool: Pool, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"mine")
    with pytest.raises(WriteError, match="cannot be made"):
        exported([bundled("CT_small.dcm")], tmp_path / "file", PNG, pool)
    assert os.listdir(tmp_path) == ["file"]
