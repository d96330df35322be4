"""Exporting 200 CT instances as PNG, against a loop of pydicom and Pillow; memory for 2 GiB of frames."""

import itertools
import os
import shutil
import time
from pathlib import Path

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.pixels import apply_modality_lut, apply_windowing

from dicomtui.archive.gathering import gather
from dicomtui.export.batch import export
from dicomtui.export.options import ExportOptions
from dicomtui.outcomes import Written
from dicomtui.pool import Pool
from dicomtui.processes import prepare
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.benchmarks.series import write_ct_series

COUNT = 200
NOISE = 15
"""HU: what a CT has in soft tissue."""
SIDE, FRAMES = 512, 4096
EXPORTED = 400
MEMORY_GOAL = 100 << 20


def run(source: Path, out: Path, options: ExportOptions, pool: Pool) -> int:
    paths = [str(source)]
    steps = export(gather(paths), str(out), options, pool, inputs=paths)
    return sum(isinstance(outcome, Written) for step in steps for outcome in step.outcomes)


def plain_loop(source: Path, out: Path) -> int:
    out.mkdir()
    count = 0
    for path in sorted(source.iterdir()):
        dataset = pydicom.dcmread(path)
        values = apply_windowing(apply_modality_lut(dataset.pixel_array, dataset), dataset)
        low, high = values.min(), values.max()
        shown = ((values - low) / (high - low) * 255).astype(np.uint8)
        Image.fromarray(shown).save(out / f"{path.stem}.png")
        count += 1
    return count


def test_pictures_of_a_series(report: Report, tmp_path: Path) -> None:
    prepare()
    series = write_ct_series(tmp_path / "series", COUNT, NOISE)
    numbers = itertools.count()
    with Pool(2) as pool:

        def ours() -> None:
            out = tmp_path / str(next(numbers))
            assert run(series, out, ExportOptions("png"), pool) == COUNT
            shutil.rmtree(out)

        def plain() -> None:
            out = tmp_path / str(next(numbers))
            assert plain_loop(series, out) == COUNT
            shutil.rmtree(out)

        quick, slow = medians(ours, plain, rounds=5)
        before = sum(map(cpu_seconds, pool.pids()))
        ours()
        busy = sum(map(cpu_seconds, pool.pids())) - before
        start = time.process_time()
        plain()
        report("200 CT as PNG, CPU: pydicom and Pillow / all workers", (time.process_time() - start) / busy)
    report("200 CT as PNG, time: pydicom and Pillow / two workers (goal 3)", slow / quick)


def cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:13])) / os.sysconf("SC_CLK_TCK")


def resident(pid: int) -> int:
    with open(f"/proc/{pid}/statm") as stream:
        return int(stream.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A multi-frame of 2 GiB, most of it a hole."""
    path = get_testdata_file("CT_small.dcm", download=False)
    assert isinstance(path, str)
    dataset = pydicom.dcmread(path)
    dataset.Rows = dataset.Columns = SIDE
    dataset.NumberOfFrames = FRAMES
    dataset.PixelData = b""
    dataset.save_as(tmp_path / "large.dcm")
    size = SIDE * SIDE * 2 * FRAMES
    data = bytearray((tmp_path / "large.dcm").read_bytes())
    at = data.rindex(b"\xe0\x7f\x10\x00OW")
    data[at + 8 : at + 12] = min(size, 0xFFFFFFFE).to_bytes(4, "little")
    (tmp_path / "large.dcm").write_bytes(data[: at + 12])
    os.truncate(tmp_path / "large.dcm", at + 12 + size)
    return tmp_path / "large.dcm"


def test_memory_of_a_multi_frame_of_2_gib(report: Report, large: Path, tmp_path: Path) -> None:
    prepare()
    peak = 0
    paths = [str(large)]
    options = ExportOptions("png", frames=tuple(range(1, EXPORTED + 1)))
    with Pool(2) as pool:
        for _ in export(gather(paths), str(tmp_path / "out"), options, pool, inputs=paths):
            peak = max([peak, *map(resident, pool.pids())])
    assert len(list((tmp_path / "out").iterdir())) == EXPORTED
    report("a worker's memory, 400 frames of a 2 GiB multi-frame / 100 MiB", peak / MEMORY_GOAL)
