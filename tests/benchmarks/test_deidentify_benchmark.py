"""De-identifying 500 CT, against `cp -r` and other programs; a multi-frame of 512 MiB, against `cp`."""

import importlib.util
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from tests.benchmarks.conftest import Report
from tests.benchmarks.spent import Spent, module, spent_by

COUNT = 500
ROUNDS = 3
FILES_A_SECOND = 150
"""Of each core, as a goal."""
MEMORY_GOAL = 100 << 20
FRAMES, MORE_MEMORY = 1024, 16 << 20

PROGRAM = module("dicomtui.__main__:main")
DICOGNITO = module("dicognito.__main__:main")
# it takes its arguments from sys.argv alone
ANONYMIZER = [*PROGRAM[:2], "from dicomanonymizer.anonymizer import main; main()"]

Command = Callable[[Path], list[object]]


@pytest.fixture(params=["262 elements, 222 private", "130 elements, 90 private"])
def series(request: pytest.FixtureRequest, report: Report, tmp_path: Path) -> tuple[str, Path]:
    """What the files are like, and the folder of a series of CT with 512 x 512 noisy pixels each."""
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    private = [element.tag for element in dataset if element.tag.is_private]
    for tag in private[90:] if request.param.startswith("130") else ():
        del dataset[tag]
    dataset.Rows = dataset.Columns = 512
    dataset.PixelData = np.random.default_rng(0).integers(0, 2000, (512, 512), np.int16).tobytes()
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = generate_uid(), generate_uid()
    folder = tmp_path / "series"
    folder.mkdir()
    for number in range(1, COUNT + 1):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.InstanceNumber, dataset.ImagePositionPatient = number, [-100, -100.5, number * 1.25]
        dataset.save_as(folder / f"CT{number:04}.dcm")
    return request.param, folder


def in_turns(*commands: Command, out: Path, rounds: int = ROUNDS, files: int = 0) -> list[Spent]:
    """Run commands that write to the folder *out*, in turns; return the medians of what they cost.

    The first round, which reads the files from the disk, does not count.
    """
    costs: list[list[Spent]] = []
    for _ in range(rounds + 1):
        costs.append([])
        for command in commands:
            costs[-1].append(spent_by(command(out)))
            count = sum(len(names) for _, _, names in os.walk(out))
            assert count >= files, f"{count} of {files} files were written"
            shutil.rmtree(out)
    columns = zip(*costs[1:], strict=True)
    return [Spent(*map(median, zip(*column, strict=True))) for column in columns]


def test_a_series(series: tuple[str, Path], report: Report, tmp_path: Path) -> None:
    kind, folder = series
    out = tmp_path / "out"

    def copied(out: Path) -> list[object]:
        return ["cp", "-r", folder, out]

    def ours(out: Path) -> list[object]:
        return [*PROGRAM, "anonymize", "--forget", folder, out]

    def ours_of_one(out: Path) -> list[object]:
        return [*PROGRAM, "anonymize", "--forget", next(folder.iterdir()), out]

    commands: dict[str, Command] = {"cp -r": copied, "dicomtui": ours, "one": ours_of_one}
    if importlib.util.find_spec("dicognito"):
        commands["dicognito"] = lambda out: [*DICOGNITO, "-o", out, folder]
    if importlib.util.find_spec("dicomanonymizer"):

        def anonymizer(out: Path) -> list[object]:
            out.mkdir()
            return [*ANONYMIZER, folder, out]

        commands["dicom-anonymizer"] = anonymizer
    costs = dict(zip(commands, in_turns(*commands.values(), out=out, files=1), strict=True))
    plain, own = costs["cp -r"], costs["dicomtui"]
    report(
        f"CPU of a file, start of the program included / 1/150 s, {kind}", own.cpu / COUNT * FILES_A_SECOND
    )
    beyond = (own.cpu - costs["one"].cpu) / (COUNT - 1)
    report(f"CPU of a file, start of the program left out / 1/150 s, {kind}", beyond * FILES_A_SECOND)
    report(f"time, 500 CT / cp -r, {kind}", own.wall / plain.wall)
    report(f"memory of the largest process / 100 MiB, {kind}", own.memory / MEMORY_GOAL)
    for name in ("dicognito", "dicom-anonymizer"):
        if name in costs:
            report(f"CPU, {name} / 500 CT, {kind}", costs[name].cpu / own.cpu)
            report(f"time, {name} / 500 CT on all cores, {kind}", costs[name].wall / own.wall)
    missing = {"dicognito", "dicom-anonymizer"} - costs.keys()
    if missing:
        pytest.skip(f"measured, but not against {' and '.join(sorted(missing))}: not installed")


def test_a_multi_frame(report: Report, tmp_path: Path) -> None:
    dataset = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    small = tmp_path / "small.dcm"
    dataset.save_as(small)
    dataset.Rows = dataset.Columns = 512
    dataset.NumberOfFrames = FRAMES
    dataset.PixelData = np.random.default_rng(0).bytes(512 * 512 * 2) * FRAMES
    large = tmp_path / "large.dcm"
    dataset.save_as(large)
    del dataset

    def copied(out: Path) -> list[object]:
        out.mkdir()
        return ["cp", large, out]

    def ours(path: Path) -> Command:
        return lambda out: [*PROGRAM, "anonymize", "--forget", "--jobs", "1", path, out]

    plain, one, big = in_turns(copied, ours(small), ours(large), out=tmp_path / "out", files=1)
    report("time, a multi-frame of 512 MiB / cp (goal 2.5)", big.wall / plain.wall)
    report("time beyond that of a small file, 512 MiB / cp", (big.wall - one.wall) / plain.wall)
    report("memory beyond that of a small file, 512 MiB / 16 MiB", (big.memory - one.memory) / MORE_MEMORY)
