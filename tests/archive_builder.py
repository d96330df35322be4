"""An archive of any size: many series of several kinds, and what else lies about in folders."""

import io
import os
from collections.abc import Callable, Iterator
from functools import cache
from itertools import cycle
from pathlib import Path
from typing import NamedTuple

import pydicom
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.tag import Tag
from pydicom.uid import DeflatedExplicitVRLittleEndian, generate_uid

from dicomtui.archive.phantom import phantom_instances

IN_SERIES = 100
"""Files in a folder, which is one series."""
_FIRST = 10001
"""Instance Number of the first of each series: all have five digits, by which alone they differ."""


class Archive(NamedTuple):
    """What was written."""

    root: Path
    instances: list[str]
    """Paths of the files that are DICOM."""
    others: list[str]
    """Paths of the files that are not."""


def write_archive(root: Path, count: int) -> Archive:
    """Write *count* files: one in 20 is not DICOM, the others are of the :data:`KINDS` that archives have.

    Their pixels are a hole in the file, so that many take little space.
    """
    archive = Archive(root, [], [])
    kinds = cycle(KINDS)
    for series in range(-(-count // IN_SERIES)):
        folder = root / f"{series // 20:03}" / f"{series:05}"
        folder.mkdir(parents=True)
        contents = _series(next(kinds), series)
        for number in range(min(IN_SERIES, count - series * IN_SERIES)):
            if number % 20 == 19:
                path = str(folder / f"notes{number:03}.txt")
                Path(path).write_bytes(_NOT_DICOM[(series + number) % len(_NOT_DICOM)])
                archive.others.append(path)
            else:
                path = str(folder / f"IM{number:06}")
                _write(path, *next(contents))
                archive.instances.append(path)
    return archive


def _write(path: str, head: bytes, size: int) -> None:
    with open(path, "wb") as stream:
        stream.write(head)
        stream.truncate(size)


_NOT_DICOM = (
    b"",
    b"A note about this series.\n" * 40,
    bytes(range(256)) * 40,
    b"\x89PNG\r\n\x1a\n" + bytes(9000),
)


@cache
def _phantom() -> bytes:
    return next(phantom_instances())


def _testdata(name: str) -> Callable[[], bytes]:
    return lambda: Path(str(get_testdata_file(name, download=False))).read_bytes()


_CT, _LEAN_CT, _MR = _testdata("CT_small.dcm"), _phantom, _testdata("MR_small.dcm")
_IMPLICIT, _BIG = _testdata("MR_small_implicit.dcm"), _testdata("MR_small_bigendian.dcm")
_J2K, _RLE = _testdata("JPEG2000.dcm"), _testdata("MR_small_RLE.dcm")
_DEFLATED = _testdata("image_dfl.dcm")
_ENHANCED, _PLAN = _testdata("emri_small.dcm"), _testdata("rtplan.dcm")

KINDS = (
    *(_CT, _LEAN_CT, _MR, _IMPLICIT, _CT, _J2K, _LEAN_CT, _MR, _CT, _IMPLICIT),
    *(_CT, _LEAN_CT, _MR, _BIG, _CT, _RLE, _LEAN_CT, _ENHANCED, _DEFLATED, _PLAN),
)
"""How the series of an archive are distributed over syntaxes and kinds of objects."""


def _series(template: Callable[[], bytes], series: int) -> Iterator[tuple[bytes, int]]:
    """Yield the instances of one series: all but the pixels, and the size of the whole."""
    dataset = pydicom.dcmread(io.BytesIO(template()))
    mark = generate_uid(entropy_srcs=[f"series {series}"])[:55]
    dataset.PatientID, dataset.PatientName = f"ID-{series // 6:05}", f"Patient^{series // 6}"
    dataset.StudyInstanceUID = generate_uid(entropy_srcs=[f"study {series // 3}"])
    dataset.SeriesInstanceUID = generate_uid(entropy_srcs=[f"series of {series}"])
    dataset.SeriesNumber = series
    is_deflated = dataset.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian
    for number in range(_FIRST, _FIRST + IN_SERIES):
        if number == _FIRST or is_deflated:
            data, start = _encoded(dataset, mark, number)
        yield _renumbered(data[:start], number), len(data)


def _renumbered(head: bytes, number: int) -> bytes:
    """Change the first instance of a series into another: its UID, number and place."""
    for before, after in (b".", b""), (b"", b" "), (b"\\", b""):
        head = head.replace(before + b"%d" % _FIRST + after, before + b"%d" % number + after)
    return head


def _encoded(dataset: FileDataset, mark: str, number: int) -> tuple[bytes, int]:
    """Return an instance as a file, and where its pixels begin, or its end."""
    dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"{mark}.{number}"
    dataset.InstanceNumber = number
    if "ImagePositionPatient" in dataset:
        dataset.ImagePositionPatient = [-100, -100, number]
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset)
    data = stream.getvalue()
    if dataset.file_meta.TransferSyntaxUID == DeflatedExplicitVRLittleEndian or "PixelData" not in dataset:
        return data, len(data)
    return data, data.rindex(_pixel_data_tag(dataset)) + 12


def _pixel_data_tag(dataset: Dataset) -> bytes:
    tag = Tag("PixelData")
    order = "little" if dataset.original_encoding[1] else "big"
    return tag.group.to_bytes(2, order) + tag.element.to_bytes(2, order)


def drop_from_cache(paths: list[str]) -> None:
    """Have the next reader of files wait for the disk: their data, not their names and sizes, is dropped."""
    os.sync()  # what was not written yet stays
    for path in paths:
        descriptor = os.open(path, os.O_RDONLY)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
        os.close(descriptor)
