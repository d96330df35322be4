"""ICC Profile: RGB as a camera or scanner means it -> sRGB, which terminals show.

References
----------
DICOM PS3.3 C.11.15 (ICC Profile), C.8.12.5 (Optical Path).
"""

from io import BytesIO
from typing import TYPE_CHECKING, Any

import numpy as np
from PIL import Image, ImageCms

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import items, label, value
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_KEYWORD = "ICCProfile"
_LIMIT = 16 << 20
"""Bytes that a profile may have."""
_LEAST_DIFFERENCE = 1
"""Levels: a profile that changes no colour by more is sRGB already, and is not worth its time."""


class IccTransform:
    """Turns RGB of one profile into sRGB.

    Parameters
    ----------
    profile : bytes
        An ICC profile whose colour space is RGB.

    Raises
    ------
    DecodeError
        If it is no such profile.
    """

    def __init__(self, profile: bytes) -> None:
        if len(profile) > _LIMIT:
            raise DecodeError(f"{label(_KEYWORD)} has {len(profile):,} bytes: more than {_LIMIT >> 20} MiB")
        try:
            opened = ImageCms.ImageCmsProfile(BytesIO(profile))
            space = opened.profile.xcolor_space.strip()
            if space != "RGB":
                raise DecodeError(f"{label(_KEYWORD)} is for {safe_line(space, 8)}, not RGB")
            self._transform: Any = ImageCms.buildTransform(
                opened, ImageCms.createProfile("sRGB"), "RGB", "RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError, TypeError, ImportError) as error:
            raise DecodeError(f"{label(_KEYWORD)}: {safe_line(str(error), 120)}") from error

    def apply(self, rgb: "NDArray[np.uint8]") -> "NDArray[np.uint8]":
        """Return sRGB for RGB, both of shape (rows, columns, 3)."""
        picture = Image.fromarray(np.ascontiguousarray(rgb))
        ImageCms.applyTransform(picture, self._transform, inPlace=True)
        return np.asarray(picture)

    @property
    def changes_colours(self) -> bool:
        """Whether any colour comes out visibly different."""
        steps = np.linspace(0, 255, 9).astype(np.uint8)
        samples = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
        difference = self.apply(samples).astype(np.int16) - samples
        return bool(np.abs(difference).max() > _LEAST_DIFFERENCE)


def icc_transform_of(dataset: "Dataset") -> tuple[IccTransform | None, tuple[str, ...]]:
    """Return what an instance's ICC profile does to its colours, and what to say about it.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance; in whole slide microscopy the first Optical Path has the profile.

    Returns
    -------
    IccTransform or None
        None where there is no profile, it cannot be used, or it changes nothing.
    tuple of str
        A note where a profile is left out.
    """
    for holder in (dataset, *items(dataset, "OpticalPathSequence")[:1]):
        profile = value(holder, _KEYWORD)
        if isinstance(profile, bytes) and profile:
            try:
                transform = IccTransform(profile)
            except DecodeError as error:
                return None, (f"colours are shown as they are: {error}",)
            return (transform if transform.changes_colours else None), ()
    return None, ()
