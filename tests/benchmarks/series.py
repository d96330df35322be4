"""CT series of any length, with something to see in every picture."""

import io
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
import pydicom
from pydicom.uid import generate_uid

from dicomtui.archive.phantom import phantom_instances

_MIDDLE = 30


@cache
def _slice() -> bytes:
    return next(islice(phantom_instances(), _MIDDLE, None))


def write_ct(path: Path) -> Path:
    """Write one slice of the phantom, 512 x 512."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_slice())
    return path


def write_ct_series(folder: Path, count: int, noise: int = 0) -> Path:
    """Write *count* instances with the same picture, each at a place of its own.

    Parameters
    ----------
    folder : Path
        Where to.
    count : int
        How many.
    noise : int
        Standard deviation that is added to the values: a scanner's is 10 to 30 HU, and compresses badly.
    """
    folder.mkdir(parents=True, exist_ok=True)
    dataset = pydicom.dcmread(io.BytesIO(_slice()))
    if noise:
        values = dataset.pixel_array + np.random.default_rng(0).normal(
            0, noise, (dataset.Rows, dataset.Columns)
        )
        limits = np.iinfo(dataset.pixel_array.dtype)
        dataset.PixelData = values.clip(limits.min, limits.max).astype(dataset.pixel_array.dtype).tobytes()
    for number in range(1, count + 1):
        dataset.InstanceNumber = number
        dataset.ImagePositionPatient = [0, 0, number]
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.save_as(folder / f"CT{number:04}.dcm")
    return folder
