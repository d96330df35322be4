"""Stored values -> physical quantities: Real World Value Mapping, and the dose of RT Dose.

References
----------
DICOM PS3.3 C.7.6.16.2.11 (Real World Value Mapping), C.8.8.3 (RT Dose).
"""

from dataclasses import dataclass
from math import isfinite, nan
from typing import TYPE_CHECKING

import numpy as np

from dicomtui.imaging.attributes import items, label, numbers, text
from dicomtui.imaging.functional_groups import frame_groups
from dicomtui.imaging.lookup_table import ENTRY_LIMIT

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from pydicom.dataset import Dataset

_KEYWORD = "RealWorldValueMappingSequence"
_UNITS = {"[hnsf'U]": "HU", "1": "", "{no units}": "", "{ratio}": "", "um2/s": "µm²/s", "mm2/s": "mm²/s"}
_DOSE_UNITS = {"GY": "Gy", "RELATIVE": "relative"}
_MOST_MAPPINGS = 64


@dataclass(frozen=True, slots=True, eq=False)
class RealWorldMapping:
    """One quantity that stored values stand for."""

    label: str
    """LUT Label or LUT Explanation, safe to show: which quantity it is."""
    unit: str
    """From the Measurement Units Code Sequence, UCUM where it is shorter; empty for a plain number."""
    first: float
    """The least stored value that is mapped."""
    last: float
    """The greatest stored value that is mapped."""
    slope: float = 1.0
    intercept: float = 0.0
    table: "NDArray[np.float64] | None" = None
    """One entry for each stored value from :attr:`first` on; takes the place of slope and intercept."""

    def value(self, stored: float) -> float:
        """Return the quantity for one stored value; NaN where it is not mapped."""
        if not self.first <= stored <= self.last:
            return nan
        if self.table is not None:
            return float(self.table[round(stored - self.first)])
        return stored * self.slope + self.intercept

    def apply(self, stored: "NDArray[np.generic]") -> "NDArray[np.float64]":
        """Return the quantities of many stored values, same shape; NaN for those that are not mapped."""
        values = stored.astype(np.float64)
        mapped = (values >= self.first) & (values <= self.last)
        if self.table is not None:
            index = np.where(mapped, np.rint(values - self.first), 0).astype(np.intp)
            return np.where(mapped, self.table[index], nan)
        with np.errstate(over="ignore", invalid="ignore"):
            return np.where(mapped, values * self.slope + self.intercept, nan)


@dataclass(frozen=True, slots=True)
class FileMappings:
    """What the stored values of one frame stand for."""

    mappings: tuple[RealWorldMapping, ...] = ()
    """In the file's order: several quantities, or several ranges of one."""
    notes: tuple[str, ...] = ()
    """One line for each mapping that is left out."""


def real_world_of(dataset: "Dataset", number: int) -> FileMappings:
    """Return what the stored values of a frame stand for.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    number : int
        The frame, from 1: its own functional groups count before the shared ones and the data set.
    """
    for holder in (*frame_groups(dataset, number), dataset):
        if found := items(holder, _KEYWORD):
            return _mappings(found[:_MOST_MAPPINGS])
    return _dose(dataset)


def _mappings(found: "list[Dataset]") -> FileMappings:
    mappings, notes = [], []
    for item in found:
        mapping = _mapping(item)
        if mapping is None:
            named = text(item, "LUTLabel") or text(item, "LUTExplanation") or "without a name"
            notes.append(f"{label(_KEYWORD)}: the mapping '{named}' makes no sense: left out")
        else:
            mappings.append(mapping)
    return FileMappings(tuple(mappings), tuple(notes))


def _mapping(item: "Dataset") -> RealWorldMapping | None:
    first = _one(item, "RealWorldValueFirstValueMapped", "DoubleFloatRealWorldValueFirstValueMapped")
    last = _one(item, "RealWorldValueLastValueMapped", "DoubleFloatRealWorldValueLastValueMapped")
    if not first <= last:
        return None
    named = text(item, "LUTLabel") or text(item, "LUTExplanation")
    if table := numbers(item, "RealWorldValueLUTData"):
        if not (len(table) <= ENTRY_LIMIT and first.is_integer() and len(table) > last - first):
            return None
        return RealWorldMapping(named, _unit(item), first, last, table=np.array(table))
    slope, intercept = _one(item, "RealWorldValueSlope"), _one(item, "RealWorldValueIntercept")
    if not (isfinite(slope) and isfinite(intercept)):
        return None
    return RealWorldMapping(named, _unit(item), first, last, slope, intercept)


def _one(item: "Dataset", *keywords: str) -> float:
    """Return the first of the attributes that has one finite value, else NaN."""
    for keyword in keywords:
        found = numbers(item, keyword)
        if len(found) == 1 and isfinite(found[0]):
            return found[0]
    return nan


def _unit(item: "Dataset") -> str:
    for code in items(item, "MeasurementUnitsCodeSequence")[:1]:
        stated, meaning = text(code, "CodeValue"), text(code, "CodeMeaning")
        if stated in _UNITS:
            return _UNITS[stated]
        return stated if text(code, "CodingSchemeDesignator") == "UCUM" else meaning or stated
    return ""


def _dose(dataset: "Dataset") -> FileMappings:
    """Read Dose Grid Scaling: times the stored value it is the dose."""
    if "DoseGridScaling" not in dataset:
        return FileMappings()
    scaling = _one(dataset, "DoseGridScaling")
    if not scaling > 0:
        note = f"{label('DoseGridScaling')} is {text(dataset, 'DoseGridScaling') or 'empty'}: left out"
        return FileMappings(notes=(note,))
    unit = text(dataset, "DoseUnits")
    shown = _DOSE_UNITS.get(unit.upper(), unit)
    named = f"dose {text(dataset, 'DoseType').lower()}".strip()
    return FileMappings((RealWorldMapping(named, shown, -np.inf, np.inf, scaling),))
