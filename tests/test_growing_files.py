"""Files that somebody else is writing meanwhile: they grow, shrink and vanish under whoever reads them."""

import os
import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest

from dicomtui.archive.header import read_header
from dicomtui.archive.scan import scan
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DicomTuiError
from dicomtui.imaging.rendering import Rendering
from dicomtui.pool import Pool
from tests.builders import ct, ramp, write, write_series
from tests.fuzz.laws import harmless
from tests.tui.driving import picture_of

ROUNDS = 300


@pytest.fixture
def whole(tmp_path: Path) -> Path:
    """A multi-frame of half a megabyte."""
    frames = np.stack([ramp(number, 128, 128) for number in range(16)])
    return write(ct(frames, NumberOfFrames="16"), tmp_path / "growing" / "image.dcm")


@contextmanager
def being_changed(path: Path, change: Callable[[Path, bytes, random.Random], None]) -> Iterator[None]:
    """Change a file again and again, as another process would."""
    content, stop, rng = path.read_bytes(), threading.Event(), random.Random(5)

    def run() -> None:
        while not stop.is_set():
            change(path, content, rng)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        path.write_bytes(content)


def grow(path: Path, content: bytes, rng: random.Random) -> None:
    with path.open("r+b") as stream:
        stream.truncate(rng.choice((0, 100, 140, rng.randrange(2000), rng.randrange(len(content)))))
        stream.seek(0, os.SEEK_END)
        while (at := stream.tell()) < len(content):
            stream.write(content[at : at + rng.randrange(1, 1 << 17)])
            stream.flush()


def come_and_go(path: Path, content: bytes, rng: random.Random) -> None:
    path.unlink()
    path.write_bytes(content[: rng.randrange(len(content))])


def take_turns(path: Path, content: bytes, rng: random.Random) -> None:
    """Put a file of another size in its place, as whoever saves anew does."""
    other = path.with_suffix(".new")
    other.write_bytes(content[: rng.randrange(len(content))] + bytes(rng.randrange(5000)))
    other.replace(path)


@pytest.mark.parametrize("change", [grow, come_and_go, take_turns])
def test_a_file_that_changes_while_it_is_read_is_read_or_refused_in_a_sentence(
    whole: Path, change: Callable[[Path, bytes, random.Random], None]
) -> None:
    refused = 0
    with being_changed(whole, change):
        for number in range(ROUNDS):
            try:
                read_header(str(whole))
                instance = read_instance(whole)
                for element in walk(elements_of(instance)):
                    harmless(element.text)
                Rendering(instance).frame(number % 16 + 1)
            except DicomTuiError as error:
                harmless(str(error))
                refused += 1
    assert refused, "nothing has changed meanwhile"
    assert Rendering(read_instance(whole)).frame(16).values.shape == (128, 128)


def test_a_scan_of_a_folder_that_is_being_filled_ends_and_knows_each_file_once(tmp_path: Path) -> None:
    write_series(tmp_path / "archive", 300)
    stop = threading.Event()
    contents = [path.read_bytes() for path in sorted((tmp_path / "archive").iterdir())]

    def fill() -> None:
        number = 0
        while not stop.is_set():
            number += 1
            path = tmp_path / "archive" / f"new{number:06}"
            path.write_bytes(contents[number % 300][: 200 * (number % 9)])
            with path.open("ab") as stream:
                stream.write(contents[number % 300][200 * (number % 9) :])
            if number % 3 == 0:
                path.unlink()

    thread = threading.Thread(target=fill)
    thread.start()
    try:
        with Pool(2) as pool:
            found = [file for batch in scan(str(tmp_path / "archive"), pool) for file in batch.files]
    finally:
        stop.set()
        thread.join()
    paths = [file.path for file in found]
    assert len(paths) == len(set(paths))
    assert sum(file.header is not None and "new" not in file.path for file in found) == 300
    assert all(file.header is not None or file.reason for file in found)


async def test_a_picture_whose_file_was_cut_says_so_and_comes_back_with_it(whole: Path) -> None:
    async with picture_of(whole) as driver:
        await driver.until_status("frame 1/16")
        content = whole.read_bytes()
        os.truncate(whole, 2000)
        await driver.press("9", "j")
        await driver.until(
            lambda: "No picture" in driver.text() or "cut" in driver.text(), "why there is none"
        )
        whole.write_bytes(content)
        await driver.press("k", "j")
        await driver.until_status("frame 10/16")
