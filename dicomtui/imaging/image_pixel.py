"""How the pixel data of an instance is described: the Image Pixel Module.

References
----------
DICOM PS3.3 C.7.6.3 (Image Pixel), C.7.6.24 (Floating Point Image Pixel), C.7.6.25 (Double Floating Point).
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NoReturn

import numpy as np

from dicomtui.dataset.reading import Instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import label, text, value
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

FRAME_LIMIT = 256 << 20
"""Bytes that one frame may have when decoded."""

LARGE_FRAME = 32 << 20
"""Bytes from which on a frame has to be believable: memory is asked for before its bytes are looked at."""

_KINDS: dict[int, "Kind"] = {0x7FE00008: "float", 0x7FE00009: "double"}
_FLOAT_BITS = {"float": 32, "double": 64}
_INTEGER_BITS = (1, 8, 16, 32)

Kind = Literal["integer", "float", "double"]


@dataclass(frozen=True, slots=True)
class ImagePixel:
    """What every frame of an instance looks like."""

    rows: int
    columns: int
    samples: int
    """Samples per Pixel: 1, or 3 for colour."""
    frames: int
    """The declared Number of Frames; the pixel data may hold fewer."""
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    """Whether Pixel Representation is 1 (two's complement)."""
    photometric: str
    """Photometric Interpretation, inferred from the samples where it is absent."""
    planar: int
    """Planar Configuration: 0 colour by pixel, 1 colour by plane."""
    kind: Kind = "integer"
    """Pixel Data (7FE0,0010), Float Pixel Data (7FE0,0008) or Double Float Pixel Data (7FE0,0009)."""
    notes: tuple[str, ...] = ()
    """One line for each attribute that could not be taken as written."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of a frame: (rows, columns), or (rows, columns, samples) for colour."""
        return (self.rows, self.columns) if self.samples == 1 else (self.rows, self.columns, self.samples)

    @property
    def values_per_frame(self) -> int:
        """Rows x columns x samples."""
        return self.rows * self.columns * self.samples

    @property
    def word_type(self) -> np.dtype[np.generic]:
        """The type of one value as it is allocated, before masking; single bits are held in bytes."""
        if self.kind != "integer":
            return np.dtype(f"f{self.bits_allocated // 8}")
        return np.dtype(f"u{max(self.bits_allocated, 8) // 8}")


def image_pixel(instance: Instance) -> ImagePixel:
    """Read the description of the pixel data.

    Parameters
    ----------
    instance : Instance
        Any instance; only its attributes are looked at, not its pixel data.

    Returns
    -------
    ImagePixel
        With what is optional or can be inferred filled in.

    Raises
    ------
    DecodeError
        If an attribute is missing, or zero, or says what cannot be: in one line that names it.
    """
    return _Description(instance).read()


class _Description:
    """Reads the attributes one after another, and remembers what it had to assume."""

    def __init__(self, instance: Instance) -> None:
        self._name = safe_line(instance.source.name)
        self._dataset: Dataset = instance.dataset
        tag = instance.pixel_data.tag if instance.pixel_data else 0
        self._kind: Kind = _KINDS.get(tag, "integer")
        self._notes: list[str] = []

    def read(self) -> ImagePixel:
        rows = self._size("Rows")
        columns = self._size("Columns")
        samples, photometric = self._colour()
        allocated, stored, high = self._bits()
        if rows * columns * samples * max(allocated, 8) // 8 > FRAME_LIMIT:
            self._refuse(
                f"a frame of {rows} x {columns} x {samples} values of {allocated} bits is larger than "
                f"{FRAME_LIMIT >> 20} MiB"
            )
        return ImagePixel(
            rows=rows,
            columns=columns,
            samples=samples,
            frames=self._frames(),
            bits_allocated=allocated,
            bits_stored=stored,
            high_bit=high,
            signed=self._choice("PixelRepresentation", (0, 1), 0) == 1,
            photometric=photometric,
            planar=self._choice("PlanarConfiguration", (0, 1), 0) if samples > 1 else 0,
            kind=self._kind,
            notes=tuple(self._notes),
        )

    def _size(self, keyword: str) -> int:
        found = self._integer(keyword)
        if found is None:
            self._refuse(f"{label(keyword)} is missing")
        if not 1 <= found <= 0xFFFF:
            self._refuse(f"{label(keyword)} is {found}")
        return found

    def _colour(self) -> tuple[int, str]:
        photometric = text(self._dataset, "PhotometricInterpretation").upper()
        in_colour = photometric.startswith(("RGB", "YBR", "XYB"))
        samples = self._integer("SamplesPerPixel")
        if samples is None:
            samples = 3 if in_colour else 1
        if samples not in (1, 3):
            self._refuse(f"{label('SamplesPerPixel')} is {samples}: only 1 and 3 can be shown")
        fitting = "RGB" if samples == 3 else "MONOCHROME2"
        if photometric and in_colour != (samples == 3):
            self._notes.append(
                f"{label('PhotometricInterpretation')} is {photometric} with {samples} samples per pixel: "
                f"taken as {fitting}"
            )
            return samples, fitting
        return samples, photometric or fitting

    def _bits(self) -> tuple[int, int, int]:
        if self._kind != "integer":
            bits = _FLOAT_BITS[self._kind]
            return bits, bits, bits - 1
        allocated = self._integer("BitsAllocated")
        if allocated is None:
            self._refuse(f"{label('BitsAllocated')} is missing")
        if allocated not in _INTEGER_BITS:
            self._refuse(f"{label('BitsAllocated')} is {allocated}: only 1, 8, 16 and 32 can be read")
        stored = self._integer("BitsStored", allocated)
        assert stored is not None
        if not 1 <= stored <= allocated:
            self._refuse(f"{label('BitsStored')} is {stored} with {allocated} bits allocated")
        high = self._integer("HighBit", stored - 1)
        assert high is not None
        if not stored - 1 <= high < allocated:
            self._notes.append(
                f"{label('HighBit')} is {high} with {stored} bits stored: taken as {stored - 1}"
            )
            high = stored - 1
        return allocated, stored, high

    def _frames(self) -> int:
        found = self._integer("NumberOfFrames", strict=False)
        if found is not None and found >= 1:
            return found
        if "NumberOfFrames" in self._dataset:
            self._notes.append(f"{label('NumberOfFrames')} is not a number from 1: taken as 1")
        return 1

    def _choice(self, keyword: str, allowed: tuple[int, ...], default: int) -> int:
        found = self._integer(keyword, default)
        if found not in allowed:
            self._notes.append(f"{label(keyword)} is {found}: taken as {default}")
            return default
        return found

    def _integer(self, keyword: str, default: int | None = None, *, strict: bool = True) -> int | None:
        found = value(self._dataset, keyword)
        if found is None or found == "":
            return default
        try:
            return int(found)
        except (TypeError, ValueError, OverflowError):
            if strict:
                self._refuse(f"{label(keyword)} is {safe_line(repr(found), 40)}, not one number")
            return default

    def _refuse(self, why: str) -> NoReturn:
        raise DecodeError(f"{self._name}: {why}")
