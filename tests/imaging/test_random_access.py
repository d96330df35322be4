"""A frame costs a frame, in bytes, in memory, wherever it stands."""

import os
import shutil
import threading
import tracemalloc
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dicomtui.dataset.reading import read_instance, read_source
from dicomtui.dataset.source import FileSource
from dicomtui.errors import DecodeError
from dicomtui.imaging.frames import Frames
from tests.imaging.made_frames import description, native


class CountingSource:
    """Counts the bytes that are read from another source."""

    def __init__(self, source: Any) -> None:
        self.name, self.size, self._source = source.name, source.size, source
        self.taken = 0

    def open(self) -> BinaryIO:
        stream = self._source.open()
        counting = self

        class Counted:
            def __enter__(self) -> "Counted":
                return self

            def __exit__(self, *_: object) -> None:
                stream.close()

            def seek(self, *position: int) -> int:
                return stream.seek(*position)

            def tell(self) -> int:
                return stream.tell()

            def read(self, count: int = -1) -> bytes:
                data = stream.read(count)
                counting.taken += len(data)
                return data

            def readinto(self, buffer: memoryview) -> int:
                counting.taken += len(buffer)
                return stream.readinto(buffer)

        return Counted()  # type: ignore[return-value]


@pytest.mark.parametrize(
    "name", ["rtdose.dcm", "rtdose_expb.dcm", "rtdose_rle.dcm", "examples_ybr_color.dcm", "liver_1frame.dcm"]
)
def test_only_the_bytes_of_a_frame_are_read(name: str) -> None:
    source = CountingSource(FileSource(get_testdata_file(name)))
    instance = read_source(source)
    frames = Frames(instance)
    assert instance.pixel_data is not None
    source.taken = 0
    frames.stored(frames.count)
    fragments = instance.pixel_data.fragments
    if fragments is None:
        expected = -(-frames.pixel.values_per_frame * frames.pixel.bits_allocated // 8)
    else:
        expected = fragments.lengths[-1]
    assert source.taken == expected


@pytest.fixture
def two_gigabytes(tmp_path: Path) -> Path:
    """A sparse file of 4,096 native frames of 512 x 512, each with its number in a corner."""
    path = tmp_path / "large.dcm"
    dataset = description(512, 512, NumberOfFrames="4096")
    start = native(dataset, b"").source.content[:-4]
    frame = 512 * 512 * 2
    with path.open("wb") as file:
        file.write(start + (4096 * frame).to_bytes(4, "little"))
        begin = file.tell()
        for number in (1, 2048, 4096):
            file.seek(begin + (number - 1) * frame)
            file.write(number.to_bytes(2, "little"))
        file.truncate(begin + 4096 * frame)
    if path.stat().st_blocks * 512 > 64 << 20:
        pytest.skip("this file system has no sparse files")
    return path


def test_any_frame_of_two_gigabytes_needs_the_memory_of_one(two_gigabytes: Path) -> None:
    tracemalloc.start()
    frames = Frames(read_instance(two_gigabytes))
    for number in (4096, 1, 2048):
        stored = frames.stored(number)
        assert (stored[0, 0], np.count_nonzero(stored)) == (number, 1)
    assert tracemalloc.get_traced_memory()[1] < 4 << 20
    tracemalloc.stop()


def test_frames_may_be_asked_for_from_several_threads() -> None:
    frames = Frames(read_instance(get_testdata_file("examples_ybr_color.dcm")))
    expected = {number: frames.stored(number) for number in range(1, frames.count + 1)}
    wrong: list[int] = []

    def read(numbers: range) -> None:
        wrong.extend(
            number for number in numbers if not np.array_equal(frames.stored(number), expected[number])
        )

    threads = [threading.Thread(target=read, args=(range(1 + first, 31, 3),)) for first in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_file_that_vanishes_is_refused_in_one_line(tmp_path: Path) -> None:
    path = tmp_path / "gone.dcm"
    shutil.copyfile(get_testdata_file("CT_small.dcm"), path)
    frames = Frames(read_instance(path))
    os.remove(path)
    with pytest.raises(DecodeError, match=r"gone.dcm: frame 1 .*no such file"):
        frames.stored(1)
