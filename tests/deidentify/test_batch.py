"""Whole batches: what is written, what is not and why, and what is left when they end too soon."""

import csv
import hashlib
import io
import json
import os
import resource
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, cast

import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive.gathering import gather
from dicomtui.deidentify.batch import DONE, deidentify
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions
from dicomtui.errors import DicomTuiError, UsageError, WriteError
from dicomtui.outcomes import Failed, Outcome, Skipped, Step, Written
from dicomtui.pool import Lost, Pool
from tests.builders import ct, ramp, write, write_series

BASIC = PRESETS["basic"]
KEY = Key(bytes(range(32)))
BUNDLED = Path(str(get_testdata_file("CT_small.dcm", download=False))).parent
SOME = (
    "CT_small.dcm",
    "MR_small_RLE.dcm",
    "JPEG2000.dcm",
    "rtplan.dcm",
    "ExplVR_BigEnd.dcm",
)


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    with Pool(2) as pool:
        yield pool


def steps(out: Path, pool: Pool, *inputs: Path | str, key: Key = KEY, **words: Any) -> Iterator[Step]:
    paths = [os.fspath(path) for path in inputs]
    options = words.pop("options", BASIC)
    return deidentify(gather(paths), str(out), options, key, pool, inputs=paths, **words)


def run(out: Path, pool: Pool, *inputs: Path | str, **words: Any) -> list[Outcome]:
    return [outcome for step in steps(out, pool, *inputs, **words) for outcome in step.outcomes]


def files_of(out: Path) -> dict[str, str]:
    """Return what is written, by relative path, with a hash of it."""
    return {
        str(path.relative_to(out)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*.dcm"))
    }


def leftovers(out: Path) -> list[Path]:
    return list(out.rglob("*.part"))


def stamped(folder: Path) -> dict[Path, tuple[bytes, int]]:
    return {
        path: (path.read_bytes(), path.stat().st_mtime_ns) for path in folder.rglob("*") if path.is_file()
    }


# --- what is written ---


def test_files_of_all_kinds_are_written_open_and_their_originals_stay(tmp_path: Path, pool: Pool) -> None:
    source = tmp_path / "in"
    source.mkdir()
    for name in SOME:
        shutil.copy(BUNDLED / name, source)
    before = stamped(source)
    outcomes = run(tmp_path / "out", pool, source, options=DeidentifyOptions(allow_pixel_risk=True))
    written = [each for each in outcomes if isinstance(each, Written)]
    assert [each for each in outcomes if not isinstance(each, Written)] == []
    assert {os.path.basename(each.source) for each in written} == set(SOME)
    assert stamped(source) == before
    for each in written:
        old, new = pydicom.dcmread(each.source), pydicom.dcmread(each.path)
        assert new.PatientIdentityRemoved == "YES"
        assert new.SOPInstanceUID != old.SOPInstanceUID
        assert new.file_meta.TransferSyntaxUID == old.file_meta.TransferSyntaxUID
        assert new.get("PixelData") == old.get("PixelData")
        parts = Path(each.path).relative_to(tmp_path / "out").parts
        assert parts[1:] == (new.StudyInstanceUID, new.SeriesInstanceUID, f"{new.SOPInstanceUID}.dcm")
        assert os.stat(each.path).st_mode & 0o777 == 0o600
    assert leftovers(tmp_path / "out") == []


def test_the_same_key_gives_the_same_bytes_and_another_key_other_ones(tmp_path: Path, pool: Pool) -> None:
    series = write_series(tmp_path / "in", 3)
    for name, key in (("a", KEY), ("b", KEY), ("c", KEY.for_project("other"))):
        run(tmp_path / name, pool, series, key=key)
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")
    assert len(files_of(tmp_path / "c")) == 3
    assert not files_of(tmp_path / "a").keys() & files_of(tmp_path / "c").keys()


def test_members_of_a_zip_are_written_as_if_they_were_files(tmp_path: Path, pool: Pool) -> None:
    series = write_series(tmp_path / "in", 4)
    with zipfile.ZipFile(tmp_path / "in.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in series.iterdir():
            archive.write(file, f"CT/{file.name}")
    run(tmp_path / "a", pool, series)
    run(tmp_path / "b", pool, tmp_path / "in.zip")
    assert len(files_of(tmp_path / "a")) == 4
    assert files_of(tmp_path / "a") == files_of(tmp_path / "b")


def test_no_old_name_or_identifier_is_anywhere_in_the_output_folder(tmp_path: Path, pool: Pool) -> None:
    folder = tmp_path / "Kowalczyk^Zofia"
    for number in range(3):
        dataset = ct(
            ramp(number), PatientName="Kowalczyk^Zofia", PatientID="ZK-5581234", InstanceNumber=number
        )
        write(dataset, folder / f"Kowalczyk{number}.dcm")
    (folder / "Kowalczyk.txt").write_bytes(b"Kowalczyk")
    write(ct(PatientName="Kowalczyk", BurnedInAnnotation="YES"), folder / "held.dcm")
    run(tmp_path / "out", pool, folder)
    for path in (tmp_path / "out").rglob("*"):
        content = path.read_bytes() if path.is_file() else b""
        for word in (b"kowalczyk", b"5581234", dataset.StudyInstanceUID.encode()):
            assert word not in content.lower()
            assert word not in str(path.relative_to(tmp_path)).lower().encode()


def test_names_are_those_of_a_dicomdir_when_there_is_to_be_one(tmp_path: Path, pool: Pool) -> None:
    series = write_series(tmp_path / "in", 3)
    outcomes = run(tmp_path / "out", pool, series, dicomdir=True)
    written = {
        str(Path(each.path).relative_to(tmp_path / "out")) for each in outcomes if isinstance(each, Written)
    }
    assert len(written) == 3
    directory = pydicom.dcmread(tmp_path / "out" / "DICOMDIR")
    named = [item for item in directory.DirectoryRecordSequence if item.DirectoryRecordType == "IMAGE"]
    assert {"/".join(item.ReferencedFileID) for item in named} == written


def test_a_dicomdir_can_be_stopped_and_is_written_by_the_next_run(
    tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomtui.deidentify.batch._STEP_SECONDS", 0)
    series = write_series(tmp_path / "in", 6)
    ended: list[Step] = []
    for step in steps(tmp_path / "out", pool, series, dicomdir=True, stop=lambda: len(ended) > 2):
        if step.complete and step.done == 6:  # at most two of these come before the DICOMDIR is begun
            ended.append(step)
    assert not (tmp_path / "out" / "DICOMDIR").exists()
    assert json.loads((tmp_path / "out" / "report.json").read_text())["totals"]["written"] == 6
    run(tmp_path / "out", pool, series, dicomdir=True, resume=True)
    directory = pydicom.dcmread(tmp_path / "out" / "DICOMDIR")
    types = [item.DirectoryRecordType for item in directory.DirectoryRecordSequence]
    assert types.count("IMAGE") == 6


def test_rectangles_are_black_in_what_is_written(tmp_path: Path, pool: Pool) -> None:
    from dicomtui.deidentify.options import Rectangle

    path = write(ct(ramp(rows=16, columns=16)), tmp_path / "in" / "1.dcm")
    options = DeidentifyOptions(blank=(Rectangle(0, 0, 4, 2),))
    (outcome,) = run(tmp_path / "out", pool, path, options=options)
    assert isinstance(outcome, Written)
    old, new = pydicom.dcmread(path).pixel_array, pydicom.dcmread(outcome.path).pixel_array
    assert len({int(value) for value in new[:2, :4].flat}) == 1
    assert (new[2:] == old[2:]).all()
    assert (new[:2, 4:] == old[:2, 4:]).all()


# --- what is not written ---


def test_what_is_no_dicom_or_held_back_is_skipped_with_a_reason(tmp_path: Path, pool: Pool) -> None:
    folder = tmp_path / "in"
    write(ct(BurnedInAnnotation="YES"), folder / "burned.dcm")
    (folder / "notes.txt").write_bytes(b"hello" * 100)
    shutil.copy(BUNDLED / "dicomdirtests" / "DICOMDIR", folder / "DICOMDIR")
    outcomes = {os.path.basename(each.source): each for each in run(tmp_path / "out", pool, folder)}
    assert all(isinstance(each, Skipped) for each in outcomes.values())
    reasons = {name: each.reason for name, each in outcomes.items() if isinstance(each, Skipped)}
    assert reasons["burned.dcm"].startswith("held back, because it says that it has burned-in annotation")
    assert reasons["notes.txt"].startswith("not DICOM")
    assert "DICOMDIR" in reasons["DICOMDIR"]
    assert files_of(tmp_path / "out") == {}


def test_a_damaged_file_fails_alone_and_its_reason_is_one_safe_line(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 3)
    whole = (BUNDLED / "CT_small.dcm").read_bytes()
    (folder / "cut\x1b[31m.dcm").write_bytes(whole[:-2000])
    outcomes = run(tmp_path / "out", pool, folder)
    failed = [each for each in outcomes if isinstance(each, Failed)]
    assert len(failed) == 1
    assert "cut" in failed[0].source
    assert failed[0].reason.isprintable()
    assert str(tmp_path) not in failed[0].reason
    assert len(files_of(tmp_path / "out")) == 3
    assert leftovers(tmp_path / "out") == []


def test_a_file_that_nobody_may_read_fails_alone(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 2)
    files = sorted(folder.iterdir())
    gone: list[str | Path] = [str(file) for file in files]
    listed = list(gather([str(folder)]))
    files[0].unlink()
    found = deidentify(listed, str(tmp_path / "out"), BASIC, KEY, pool, inputs=[str(folder)])
    outcomes = [outcome for step in found for outcome in step.outcomes]
    assert {(each.source, type(each)) for each in outcomes} == {(gone[0], Failed), (gone[1], Written)}


def test_the_same_instance_twice_is_written_once(tmp_path: Path, pool: Pool) -> None:
    folder = tmp_path / "in"
    write(ct(), folder / "1.dcm")
    shutil.copy(folder / "1.dcm", folder / "2.dcm")
    outcomes = run(tmp_path / "out", pool, folder)
    assert sorted(type(each).__name__ for each in outcomes) == ["Skipped", "Written"]
    assert len(files_of(tmp_path / "out")) == 1


def test_two_instances_of_one_uid_do_not_overwrite_each_other(tmp_path: Path, pool: Pool) -> None:
    folder = tmp_path / "in"
    write(ct(ramp(1), SOPInstanceUID="1.2.3"), folder / "1.dcm")
    write(ct(ramp(2), SOPInstanceUID="1.2.3"), folder / "2.dcm")
    outcomes = run(tmp_path / "out", pool, folder)
    (failed,) = (each for each in outcomes if isinstance(each, Failed))
    (written,) = (each for each in outcomes if isinstance(each, Written))
    assert "(0008,0018)" in failed.reason
    assert pydicom.dcmread(written.path).PixelData == pydicom.dcmread(written.source).PixelData


def test_two_patients_never_become_one(tmp_path: Path, pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A collision of new Patient IDs is made by telling the batch of one that was there before."""
    from dicomtui.deidentify.output_folder import OutputFolder

    folder = tmp_path / "in"
    write(ct(PatientID="first"), folder / "1.dcm")
    (written,) = run(tmp_path / "a", pool, folder)
    assert isinstance(written, Written)
    new = pydicom.dcmread(written.path).PatientID
    made = OutputFolder.__init__

    def taken(self: OutputFolder, out: str) -> None:
        made(self, out)
        self.patients[new] = "somebody else"

    monkeypatch.setattr(OutputFolder, "__init__", taken)
    (failed,) = run(tmp_path / "b", pool, folder)
    assert isinstance(failed, Failed)
    assert "another patient has the same new Patient ID" in failed.reason
    assert files_of(tmp_path / "b") == {}
    assert leftovers(tmp_path / "b") == []


def test_a_file_that_kills_its_worker_costs_no_other(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 6)
    numbers = iter(range(1000))

    def outcomes() -> Iterator[Outcome]:
        for step in steps(tmp_path / "out", pool, folder):
            if next(numbers) == 0:
                for pid in pool.pids():
                    os.kill(pid, signal.SIGKILL)
            yield from step.outcomes

    assert [type(each) for each in outcomes()] == [Written] * 6  # tried again by another one
    assert leftovers(tmp_path / "out") == []


def test_a_file_that_no_worker_survives_has_failed(tmp_path: Path) -> None:
    class Deadly:
        def map(self, function: Any, batches: Any) -> Iterator[Any]:
            for batch in batches:
                for task in batch:
                    yield [task], [Lost("its reader crashed")]

    folder = write_series(tmp_path / "in", 2)
    outcomes = run(tmp_path / "out", cast("Pool", Deadly()), folder)
    assert [(type(each), each.reason) for each in outcomes] == [(Failed, "its reader crashed")] * 2  # type: ignore[union-attr]


# --- what is said of it ---


def test_the_report_of_a_resumed_run_equals_that_of_one_in_a_piece(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 40)
    write(ct(BurnedInAnnotation="YES"), folder / "burned.dcm")
    done: list[Outcome] = []
    running = steps(tmp_path / "out", pool, folder, stop=lambda: bool(done))
    for step in running:
        done += step.outcomes
    stopped = json.loads((tmp_path / "out" / "report.json").read_text())
    run(tmp_path / "out", pool, folder, resume=True)
    run(tmp_path / "whole", pool, folder)
    resumed, whole = (json.loads((tmp_path / name / "report.json").read_text()) for name in ("out", "whole"))
    assert resumed == whole
    assert len(whole["files"]) == 41
    assert 0 < len(stopped["files"]) < 41
    assert (tmp_path / "out" / "report.csv").read_bytes() == (tmp_path / "whole" / "report.csv").read_bytes()


def test_the_mapping_leads_from_every_original_to_what_it_became(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 3, PatientID="old-id")
    for name, resume in (("first", False), ("resumed", True)):
        outcomes = run(tmp_path / "out", pool, folder, mapping=str(tmp_path / name), resume=resume)
        assert len(outcomes) == 3
        assert os.stat(tmp_path / name).st_mode & 0o777 == 0o600
        rows = list(csv.DictReader((tmp_path / name).read_text().splitlines()))
        assert {row["old path"] for row in rows} == {str(path) for path in folder.iterdir()}
        for row in rows:
            old, new = pydicom.dcmread(row["old path"]), pydicom.dcmread(tmp_path / "out" / row["new path"])
            for keyword in ("Patient ID", "Study Instance UID", "Series Instance UID", "SOP Instance UID"):
                attribute = keyword.replace(" ", "")
                assert row[f"old {keyword}"] == old[attribute].value
                assert row[f"new {keyword}"] == new[attribute].value


def test_a_mapping_in_the_output_folder_is_refused_before_anything_happens(
    tmp_path: Path, pool: Pool
) -> None:
    folder = write_series(tmp_path / "in", 1)
    with pytest.raises(UsageError, match="mapping"):
        run(tmp_path / "out", pool, folder, mapping=str(tmp_path / "out" / "mapping.csv"))
    assert not (tmp_path / "out").exists()


# --- what the caller sees and decides ---


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 3)
    write(ct(BurnedInAnnotation="YES"), folder / "burned.dcm")
    before = stamped(tmp_path)
    dry = run(tmp_path / "out", pool, folder, dry_run=True)
    assert stamped(tmp_path) == before
    assert not (tmp_path / "out").exists()
    assert sorted(dry) == sorted(run(tmp_path / "out", pool, folder))


def test_the_last_step_says_that_all_is_done(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 20)
    seen = list(steps(tmp_path / "out", pool, folder))
    assert (seen[-1].done, seen[-1].total, seen[-1].complete) == (20, 20, True)
    assert [step.done for step in seen] == sorted(step.done for step in seen)
    assert sum(len(step.outcomes) for step in seen) == 20


def test_a_stopped_run_keeps_what_is_done_and_can_be_taken_up_again(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 150)
    done: list[Outcome] = []
    running = steps(tmp_path / "out", pool, folder, stop=lambda: bool(done))
    for step in running:
        done += step.outcomes
    assert 0 < len(done) < 150
    assert len(files_of(tmp_path / "out")) == len(done)
    again = run(tmp_path / "out", pool, folder, resume=True)
    assert sum(each == Skipped(each.source, DONE) for each in again) == len(done)
    run(tmp_path / "whole", pool, folder)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "whole")


def test_closing_the_generator_ends_the_work_at_once_and_leaves_nothing_half(
    tmp_path: Path, pool: Pool
) -> None:
    folder = write_series(tmp_path / "in", 60)
    for step in (running := steps(tmp_path / "out", pool, folder)):
        if step.done:
            running.close()  # type: ignore[attr-defined]
            break
    assert leftovers(tmp_path / "out") == []
    require_whole(tmp_path / "out")
    run(tmp_path / "out", pool, folder, resume=True)
    assert len(files_of(tmp_path / "out")) == 60


def test_a_file_that_was_removed_or_cut_since_is_made_again(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 3)
    run(tmp_path / "out", pool, folder)
    whole = files_of(tmp_path / "out")
    first, second, _ = sorted((tmp_path / "out").rglob("*.dcm"))
    first.unlink()
    os.truncate(second, 100)
    again = run(tmp_path / "out", pool, folder, resume=True)
    assert sorted(type(each).__name__ for each in again) == ["Skipped", "Written", "Written"]
    assert files_of(tmp_path / "out") == whole


def test_more_files_can_be_added_to_a_run(tmp_path: Path, pool: Pool) -> None:
    first = write_series(tmp_path / "a", 2)
    second = tmp_path / "b"
    write(ct(ramp(77), PatientID="other"), second / "1.dcm")
    run(tmp_path / "out", pool, first)
    assert [type(each) for each in run(tmp_path / "out", pool, second, resume=True)] == [Written]
    assert len(files_of(tmp_path / "out")) == 3


def test_a_folder_that_is_read_is_refused_before_anything_happens(tmp_path: Path, pool: Pool) -> None:
    folder = write_series(tmp_path / "in", 2)
    before = stamped(tmp_path)
    for out in (folder, folder / "out", tmp_path):
        with pytest.raises(UsageError):
            run(out, pool, folder)
    assert stamped(tmp_path) == before


# --- what goes wrong where it is written ---


def limited(size: int) -> Callable[[], None]:
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def test_a_file_that_is_too_large_for_the_disk_fails_and_leaves_nothing(tmp_path: Path) -> None:
    write(ct(ramp(rows=256, columns=256)), tmp_path / "in" / "large.dcm")
    write(ct(ramp(1)), tmp_path / "in" / "small.dcm")
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(tmp_path / "in"), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
        preexec_fn=limited(60_000),
    )
    assert done.stdout.split() == ["Failed", "Written"]
    require_whole(tmp_path / "out")
    assert leftovers(tmp_path / "out") == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    disk = tmp_path / "disk"
    disk.mkdir()
    if shutil.which("mount") is None or os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", str(disk)], check=False
    ).returncode:
        pytest.skip("no small disk can be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_ends_the_run_with_one_sentence_and_nothing_half(
    tmp_path: Path, pool: Pool, small_disk: Path
) -> None:
    folder = tmp_path / "in"
    for number in range(200):
        write(ct(ramp(number, 64, 64)), folder / f"{number:03}.dcm")
    outcomes: list[Outcome] = []
    running = (outcome for step in steps(small_disk / "out", pool, folder) for outcome in step.outcomes)
    with pytest.raises(
        WriteError, match=r"nothing more can be written \(no space left on device\)"
    ) as failure:
        outcomes.extend(running)
    assert "\n" not in str(failure.value)
    assert len(outcomes) < 150
    written = [each for each in outcomes if isinstance(each, Written)]
    assert len(files_of(small_disk / "out")) == len(written) > 0
    require_whole(small_disk / "out")
    assert leftovers(small_disk / "out") == []
    subprocess.run(["mount", "-o", "remount,size=9m", str(small_disk)], check=True)
    run(small_disk / "out", pool, folder, resume=True)
    assert len(files_of(small_disk / "out")) == 200


def test_a_disk_that_cannot_be_written_to_is_refused(tmp_path: Path, pool: Pool, small_disk: Path) -> None:
    folder = write_series(tmp_path / "in", 2)
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk)], check=True)
    with pytest.raises(DicomTuiError, match=r"may not be written to|read-only"):
        run(small_disk / "out", pool, folder)


# --- what is killed ---

SCRIPT = """
import sys
from dicomtui.archive.gathering import gather
from dicomtui.deidentify.batch import deidentify
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS
from dicomtui.pool import Pool

source, out = sys.argv[1:]
with Pool(2) as pool:
    key = Key(bytes(range(32)))
    for step in deidentify(gather([source]), out, PRESETS["basic"], key, pool, inputs=[source], resume=True):
        for outcome in step.outcomes:
            print(type(outcome).__name__, flush=True)
"""


def require_whole(out: Path) -> None:
    """Require that every file under a final name can be read to its last pixel."""
    for path in out.rglob("*.dcm"):
        dataset = pydicom.dcmread(io.BytesIO(path.read_bytes()))
        assert dataset.PatientIdentityRemoved == "YES"
        assert len(dataset.PixelData) == dataset.Rows * dataset.Columns * 2


def killed_and_resumed(tmp_path: Path, pool: Pool, count: int, kills: int) -> None:
    folder = write_series(tmp_path / "in", count)
    before = stamped(folder)
    out = tmp_path / "out"
    command = [sys.executable, "-c", SCRIPT, str(folder), str(out)]
    for number in range(kills):
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        for _ in range(1 + number * 7 % 11):
            process.stdout.readline()
        time.sleep(number * 37 % 50 / 1000)
        process.kill()
        process.wait()
        process.stdout.close()
        require_whole(out)
    deadline = time.monotonic() + 60
    while True:  # the workers of the last one end as soon as they see that it is gone
        try:
            outcomes = run(out, pool, folder, resume=True)
            break
        except UsageError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert len(outcomes) == count
    assert not any(isinstance(each, Failed) for each in outcomes)
    assert {each.reason for each in outcomes if isinstance(each, Skipped)} == {DONE}
    run(tmp_path / "whole", pool, folder)
    assert files_of(out) == files_of(tmp_path / "whole")
    assert len(files_of(out)) == count
    assert stamped(folder) == before
    assert leftovers(out) == []


def test_a_killed_run_leaves_nothing_half_and_its_rerun_equals_one_that_was_not_killed(
    tmp_path: Path, pool: Pool
) -> None:
    killed_and_resumed(tmp_path, pool, 120, 3)


@pytest.mark.slow
def test_a_run_may_be_killed_twenty_times(tmp_path: Path, pool: Pool) -> None:
    killed_and_resumed(tmp_path, pool, 500, 20)


def test_of_two_files_with_one_uid_the_first_is_written_however_fast_the_others_are(
    tmp_path: Path, pool: Pool
) -> None:
    folder = tmp_path / "in"
    for number in range(30):
        dataset = ct(InstanceNumber=number)
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number // 2}"
        write(dataset, folder / f"{number:02}.dcm")
    outcomes = run(tmp_path / "out", pool, folder)
    written = sorted(Path(outcome.source).name for outcome in outcomes if isinstance(outcome, Written))
    assert written == [f"{number:02}.dcm" for number in range(0, 30, 2)]
