"""Standardized uptake values of PET by body weight, where the attributes allow it.

References
----------
QIBA, SUV vendor-neutral pseudo-code ("happy path"); DICOM PS3.3 C.8.9.1 (PET Series), C.8.9.4 (PET Image).
"""

from datetime import datetime, timedelta
from math import isfinite
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.imaging.attributes import items, label, numbers, text, texts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PHILIPS_FACTOR, _PHILIPS_ACTIVITY = 0x1000, 0x1009
_LONGEST = timedelta(days=1)
"""Between injection and scan."""


class SuvFactor(NamedTuple):
    """What makes SUVbw of modality values."""

    factor: float | None
    """In g/ml for each unit of the modality values; None where it cannot be computed."""
    reason: str
    """Why it cannot be, or how it was."""


def suv_factor(dataset: "Dataset") -> SuvFactor:
    """Find by what the modality values of a PET image are multiplied to get SUVbw.

    Parameters
    ----------
    dataset : Dataset
        The data set of the instance.
    """
    if text(dataset, "Modality") != "PT":
        return SuvFactor(None, "only PET has standardized uptake values")
    units = text(dataset, "Units").upper()
    if units == "GML":
        return SuvFactor(1.0, f"{label('Units')} is GML")
    if units == "CNTS":
        return _philips(dataset)
    if units != "BQML":
        return SuvFactor(None, f"{label('Units')} is {units or 'absent'}")
    if not {"ATTN", "DECY"} <= set(texts(dataset, "CorrectedImage")):
        return SuvFactor(None, f"{label('CorrectedImage')} does not name ATTN and DECY")
    dose, reason = _decayed_dose(dataset)
    if dose is None:
        return SuvFactor(None, reason)
    weight = _positive(dataset, "PatientWeight")
    if weight is None:
        return SuvFactor(None, f"{label('PatientWeight')} is absent")
    return SuvFactor(weight * 1000 / dose, reason)


def _philips(dataset: "Dataset") -> SuvFactor:
    try:
        block = dataset.private_block(0x7053, "Philips PET Private Group")
        factor = float(block[_PHILIPS_FACTOR & 0xFF].value)
    except (KeyError, TypeError, ValueError):
        factor = 0.0
    if isfinite(factor) and factor > 0:
        return SuvFactor(factor, "the factor of (7053,xx00) of Philips")
    return SuvFactor(None, f"{label('Units')} is CNTS, and there is no factor of the vendor")


def _decayed_dose(dataset: "Dataset") -> tuple[float | None, str]:
    """Return the activity in Bq at the time to which the pixels are corrected."""
    for drug in items(dataset, "RadiopharmaceuticalInformationSequence")[:1]:
        dose, half_life = _positive(drug, "RadionuclideTotalDose"), _positive(drug, "RadionuclideHalfLife")
        if dose is None:
            return None, f"{label('RadionuclideTotalDose')} is absent"
        correction = text(dataset, "DecayCorrection").upper()
        if correction == "ADMIN":
            return dose, "decay corrected to the injection"
        if correction != "START":
            return None, f"{label('DecayCorrection')} is {correction or 'absent'}"
        if half_life is None:
            return None, f"{label('RadionuclideHalfLife')} is absent"
        elapsed = _elapsed(dataset, drug)
        if elapsed is None:
            return None, "the times of injection and scan are not known"
        return dose * 2 ** (
            -elapsed / half_life
        ), f"decay corrected to the start, {elapsed / 60:.0f} min later"
    return None, f"{label('RadiopharmaceuticalInformationSequence')} is absent"


def _elapsed(dataset: "Dataset", drug: "Dataset") -> float | None:
    """Return the seconds between injection and scan."""
    scan = _moment(text(dataset, "SeriesDate"), text(dataset, "SeriesTime"))
    acquired = _moment(text(dataset, "AcquisitionDate"), text(dataset, "AcquisitionTime"))
    if scan is None or (acquired is not None and acquired < scan):
        return None  # a series that was processed later has another time
    stated = text(drug, "RadiopharmaceuticalStartDateTime")
    start = _moment(stated[:8], stated[8:]) if stated else None
    if start is None:
        start = _moment(text(dataset, "SeriesDate"), text(drug, "RadiopharmaceuticalStartTime"))
        if start is not None and start > scan:  # injected before midnight
            start -= timedelta(days=1)
    if start is None or not timedelta() <= scan - start <= _LONGEST:
        return None
    return (scan - start).total_seconds()


def _moment(date: str, time: str) -> datetime | None:
    clock = time.split("+")[0].split("-")[0].split(".")[0]
    try:
        return datetime.strptime(f"{date}{clock}", "%Y%m%d%H%M%S")
    except ValueError:
        return None


def _positive(dataset: "Dataset", keyword: str) -> float | None:
    found = numbers(dataset, keyword)
    return found[0] if found and isfinite(found[0]) and found[0] > 0 else None
