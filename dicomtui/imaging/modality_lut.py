"""Stored values -> modality values: Rescale Slope and Intercept, or a Modality LUT.

>>> import numpy as np
>>> from dicomtui.imaging.modality_lut import ModalityLut
>>> ModalityLut(slope=2.0, intercept=-1024.0, unit="HU").apply(np.array([[0, 512]], np.int16))
array([[-1024.,     0.]], dtype=float32)

References
----------
DICOM PS3.3 C.11.1 (Modality LUT), C.7.6.16.2.9 (Pixel Value Transformation).
"""

from dataclasses import dataclass
from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import DecodeError
from dicomtui.imaging.attributes import items, label, numbers, text, value
from dicomtui.imaging.functional_groups import frame_holders
from dicomtui.imaging.lookup_table import LookupTable, look_up, read_lookup_table

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_CT_IMAGE = "1.2.840.10008.5.1.4.1.1.2"
_UNITS = {"US": "", "OD": "10⁻³ OD", "PCT": "%", "MGML": "mg/ml", "BQML": "Bq/ml", "HU_MOD": "HU"}
_PET_UNITS = {"BQML": "Bq/ml", "GML": "SUV", "CNTS": "counts", "CPS": "counts/s", "PCNT": "%", "NONE": ""}
_LARGEST = 1e30
"""Slopes and intercepts beyond it leave the range of 32-bit floats."""


@dataclass(frozen=True, slots=True, eq=False)
class ModalityLut:
    """How the stored values of a frame become modality values."""

    slope: float = 1.0
    intercept: float = 0.0
    table: LookupTable | None = None
    """Takes the place of slope and intercept where it is present."""
    unit: str = ""
    """``HU``, ``Bq/ml`` and the like; empty for unspecified units."""
    notes: tuple[str, ...] = ()
    """One line for each thing in the file that could not be used."""

    def apply(self, stored: "NDArray[Any]") -> "NDArray[np.float32]":
        """Return modality values.

        Parameters
        ----------
        stored : ndarray of int or float
            Stored values, any shape, already masked to Bits Stored and sign-extended.

        Returns
        -------
        ndarray of float32, same shape
            Always a new array. Integers beyond 2^24 keep 24 significant bits.
        """
        if self.table is not None:
            return look_up(stored, self.table.first, self.table.entries.astype(np.float32))
        # small integers are exact in float32; wider ones are rounded once, at the end
        values: NDArray[Any] = stored.astype(np.float32 if stored.dtype.itemsize <= 2 else np.float64)
        with np.errstate(over="ignore", invalid="ignore"):  # infinite values are no values: see rendering
            if self.slope != 1:
                values *= self.slope
            if self.intercept != 0:
                values += self.intercept
            return values.astype(np.float32, copy=False)


def modality_lut(dataset: "Dataset", number: int) -> ModalityLut:
    """Find the Modality LUT of a frame.

    A Modality LUT Sequence counts before Rescale Slope and Intercept. What makes no sense (a slope that is
    zero or no number, a table shorter than promised) is left out: the stored values are shown then.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: enhanced objects rescale each frame on its own.
    """
    notes: list[str] = []
    for holder in frame_holders(dataset, number, "PixelValueTransformationSequence"):
        for item in items(holder, "ModalityLUTSequence")[:1]:
            try:
                table = read_lookup_table(item, signed=value(dataset, "PixelRepresentation") == 1)
            except DecodeError as error:
                notes.append(f"no Modality LUT: {error}")
            else:
                return ModalityLut(table=table, unit=_unit_of(text(item, "ModalityLUTType")))
        if "RescaleSlope" in holder or "RescaleIntercept" in holder:
            return _rescale(dataset, holder, notes)
    return ModalityLut(unit=_pet_unit(dataset), notes=tuple(notes))


def _rescale(dataset: "Dataset", holder: "Dataset", notes: list[str]) -> ModalityLut:
    found = {}
    for keyword in ("RescaleSlope", "RescaleIntercept"):
        shown = text(holder, keyword) or "absent"
        number = (numbers(holder, keyword) or (float("nan"),))[0]
        zero_slope = keyword == "RescaleSlope" and abs(number) < 1 / _LARGEST
        if not isfinite(number) or abs(number) > _LARGEST or zero_slope:
            note = f"{label(keyword)} is {shown}: stored values are shown"
            return ModalityLut(notes=(*notes, note))
        found[keyword] = number
    unit = _unit_of(text(holder, "RescaleType")) if "RescaleType" in holder else _default_unit(dataset)
    return ModalityLut(
        found["RescaleSlope"], found["RescaleIntercept"], unit=_pet_unit(dataset) or unit, notes=tuple(notes)
    )


def _unit_of(rescale_type: str) -> str:
    return _UNITS.get(rescale_type.upper(), rescale_type)


def _default_unit(dataset: "Dataset") -> str:
    """HU where Rescale Type may be left out because it would say so (PS3.3 C.8.2.1)."""
    sop_class = text(dataset, "SOPClassUID") or _CT_IMAGE
    is_ct = sop_class == _CT_IMAGE or sop_class.startswith(f"{_CT_IMAGE}.")
    return "HU" if is_ct and text(dataset, "Modality") == "CT" else ""


def _pet_unit(dataset: "Dataset") -> str:
    units = text(dataset, "Units")
    return _PET_UNITS.get(units, units)
