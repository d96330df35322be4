"""Volumes as NIfTI, in the orientation that dcm2niix gives them.

References
----------
The NIfTI-1 data format (coordinates are right, anterior, superior); DICOM PS3.3 C.7.6.2.1.1 (left, posterior,
head).
"""

import gzip
from importlib import import_module
from typing import TYPE_CHECKING, Any, BinaryIO

import numpy as np

from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.volume import Volume

_LEVEL = 6
_MILLIMETRES, _SECONDS = "mm", "sec"
_SCANNER = 1
"""Code of coordinates that come from the scanner."""


def write_nifti(stream: BinaryIO, volume: "Volume", *, compressed: bool = True) -> None:
    """Write *volume* as one file.

    Parameters
    ----------
    stream : BinaryIO
        Where to.
    volume : Volume
        Its values are written as they are; slope and intercept stand in the header.
    compressed : bool
        Whether as ``.nii.gz``.

    Raises
    ------
    UsageError
        If nibabel is not installed.
    """
    try:
        nibabel: Any = import_module("nibabel")
    except ImportError as error:
        raise UsageError("NIfTI needs nibabel; install it with: pip install 'dicomtui[nifti]'") from error
    values, affine = _arranged(volume)
    image = nibabel.Nifti1Image(values, affine)
    image.header.set_slope_inter(volume.slope, volume.intercept)
    image.header.set_xyzt_units(_MILLIMETRES, _SECONDS)
    image.set_qform(affine, _SCANNER)
    image.set_sform(affine, _SCANNER)
    if not compressed:
        image.to_stream(stream)
        return
    with gzip.GzipFile("", "wb", _LEVEL, stream, mtime=0) as packed:  # neither a name nor a date
        image.to_stream(packed)


def _arranged(volume: "Volume") -> "tuple[NDArray[np.generic], NDArray[np.float64]]":
    """Return values by column, row from the bottom, and plane; and where they lie."""
    count = volume.values.shape[1]
    across, down, through = (np.array(step) for step in volume.steps)
    corner = np.array(volume.corner) + (count - 1) * down
    affine = np.eye(4)
    affine[:3] = np.column_stack([across, -down, through, corner])
    affine[:2] *= -1  # left and posterior become right and anterior
    values = np.transpose(volume.values[:, ::-1], (2, 1, 0))
    if values.dtype == np.uint16 and values.max(initial=0) <= np.iinfo(np.int16).max:
        values = values.astype(np.int16)  # which more programs read
    return values, affine
