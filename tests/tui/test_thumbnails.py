"""Small pictures: made nearest first, in bounds, whatever the files are."""

import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from dicomtui.dataset.reading import read_instance
from dicomtui.imaging.rendering import Rendering
from dicomtui.tui.thumbnails import SIDE, Subject, Thumbnails, small
from tests.builders import ct, ramp, write, write_series


def wait_for(seen: Callable[[], object]) -> None:
    end = time.monotonic() + 10
    while not seen():
        assert time.monotonic() < end, "never came"
        time.sleep(0.005)


@pytest.mark.parametrize(("rows", "columns"), [(8, 8), (300, 200), (128, 1), (1, 513), (700, 900)])
def test_a_small_picture_has_square_pixels_and_about_the_mean_of_the_large_one(
    tmp_path: Path, rows: int, columns: int
) -> None:
    values = np.arange(rows * columns, dtype=np.int64).reshape(rows, columns) % 2000
    path = write(ct(values.astype(np.int16)), tmp_path / "a.dcm")
    frame = Rendering(read_instance(path)).frame(1)
    thumbnail = small(frame)
    assert max(thumbnail.values.shape) == SIDE
    assert thumbnail.aspect == 1.0
    assert thumbnail.stored is None
    shape = thumbnail.values.shape
    assert abs(shape[0] * columns - shape[1] * rows) <= max(rows, columns)  # rounded to a pixel
    if min(rows, columns) > SIDE:
        assert abs(thumbnail.values.mean() - frame.values.mean()) < 20  # of 2000


def test_pixels_that_are_not_square_become_square(tmp_path: Path) -> None:
    path = write(ct(ramp(rows=32, columns=32), PixelSpacing=[2, 1]), tmp_path / "a.dcm")
    assert small(Rendering(read_instance(path)).frame(1)).values.shape == (SIDE, SIDE // 2)


def test_what_a_shutter_hides_is_not_in_it(tmp_path: Path) -> None:
    shutter = {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": 17,
        "ShutterRightVerticalEdge": 32,
        "ShutterUpperHorizontalEdge": 1,
        "ShutterLowerHorizontalEdge": 32,
    }
    path = write(ct(ramp(), **shutter), tmp_path / "a.dcm")
    values = small(Rendering(read_instance(path)).frame(1)).values
    assert np.isnan(values[:, : SIDE // 2 - 8]).all()
    assert not np.isnan(values[:, SIDE // 2 + 8 :]).any()


def test_they_come_in_the_order_that_they_are_wanted(tmp_path: Path) -> None:
    frames = np.stack([ramp() for _ in range(12)])
    path = str(write(ct(frames), tmp_path / "a.dcm"))
    made: list[int] = []
    thumbnails = Thumbnails(lambda: None)
    make = thumbnails._make

    def remember(subject: Subject) -> object:
        made.append(subject.number)
        return make(subject)

    thumbnails._make = remember  # type: ignore[assignment, method-assign]
    wanted = [7, 8, 6, 9, 5, 1]
    thumbnails.want(Subject(path, number) for number in wanted)
    wait_for(lambda: len(made) == len(wanted))
    assert made == wanted


def test_what_is_wanted_last_is_made_next(tmp_path: Path) -> None:
    path = str(write(ct(np.stack([ramp() for _ in range(50)])), tmp_path / "a.dcm"))
    made: list[int] = []
    go_on, began = threading.Event(), threading.Event()
    thumbnails = Thumbnails(lambda: None)
    make = thumbnails._make

    def slowly(subject: Subject) -> object:
        made.append(subject.number)
        began.set()
        assert go_on.wait(10)
        return make(subject)

    thumbnails._make = slowly  # type: ignore[assignment, method-assign]
    thumbnails.want(Subject(path, number) for number in range(1, 51))
    assert began.wait(10)
    thumbnails.want([Subject(path, 40)])
    go_on.set()
    wait_for(lambda: thumbnails.get(Subject(path, 40)))
    assert made == [1, 40]


def test_memory_is_bounded_and_the_latest_stay(tmp_path: Path) -> None:
    path = str(write(ct(np.stack([ramp() for _ in range(20)])), tmp_path / "a.dcm"))
    one = SIDE * SIDE * 4
    thumbnails = Thumbnails(lambda: None, limit=5 * one)
    thumbnails.want(Subject(path, number) for number in range(1, 21))
    wait_for(lambda: thumbnails.get(Subject(path, 20)))
    held = [number for number in range(1, 21) if thumbnails.get(Subject(path, number))]
    assert held == [16, 17, 18, 19, 20]


def test_what_cannot_be_decoded_says_why_and_the_others_come(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", 3)
    hostile = "a\x1b[31m\x07[x].dcm"
    (folder / hostile).write_bytes(b"no DICOM \x1b]0;x\x07")
    write(ct(BitsAllocated=24), folder / "bad.dcm")
    paths = [folder / hostile, folder / "bad.dcm", folder / "absent.dcm", folder, folder / "slice000.dcm"]
    arrived = threading.Event()
    thumbnails = Thumbnails(arrived.set)
    thumbnails.want(Subject(str(path), 1) for path in paths)
    wait_for(lambda: thumbnails.get(Subject(str(paths[-1]), 1)))
    assert arrived.wait(10)
    found = [thumbnails.get(Subject(str(path), 1)) for path in paths]
    assert all(one is not None for one in found)
    assert [one.frame is None for one in found if one] == [True, True, True, True, False]
    assert all("\x1b" not in one.reason and "\x07" not in one.reason for one in found if one)
    assert all(one.reason for one in found[:-1] if one)
