"""Standardized uptake values of PET by body weight, where the attributes allow it.

References
----------
QIBA, SUV vendor-neutral pseudo-code ("happy path" and what it says of GE, Philips and Siemens); DICOM PS3.3
C.8.9.1 (PET Series), C.8.9.2 (PET Isotope), C.8.9.4 (PET Image).
"""

import re
from datetime import datetime, timedelta
from math import expm1, log
from typing import TYPE_CHECKING, NamedTuple

from dicomtui.imaging.attributes import items, label, numbers, text, texts

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_PHILIPS, _GE = (0x7053, "Philips PET Private Group"), (0x0009, "GEMS_PETD_01")
_SUV_FACTOR, _ACTIVITY_FACTOR, _GE_SCAN = 0x00, 0x09, 0x0D
_LONGEST = timedelta(days=1)
"""Between injection and scan."""
_LEAST_DOSE = 1e4
"""Bq; what is less was written in MBq, and would make values a million times too large."""
_LARGEST = 1e30
"""No such number can be true."""
_DATE = re.compile(r"(\d{4})\.?(\d\d)\.?(\d\d)")
_TIME = re.compile(r"(\d\d):?(\d\d)(?::?(\d\d)(?:\.(\d{1,6}))?)?")
_ZONE = re.compile(r"[+-]\d{4}")


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
        kind = text(dataset, "SUVType").upper() or "BW"  # PS3.3 C.8.9.1: BW where nothing is said
        if kind != "BW":
            return SuvFactor(None, f"{label('SUVType')} is {kind}")
        return SuvFactor(1.0, f"{label('Units')} is GML")
    if units not in ("BQML", "CNTS"):
        return SuvFactor(None, f"{label('Units')} is {units or 'absent'}")
    if not {"ATTN", "DECY"} <= set(texts(dataset, "CorrectedImage")):
        return SuvFactor(None, f"{label('CorrectedImage')} does not name ATTN and DECY")
    if units == "BQML":
        return _by_weight(dataset, 1.0)
    if factor := _private_number(dataset, _SUV_FACTOR):
        return SuvFactor(factor, "the factor of (7053,xx00) of Philips")
    if activity := _private_number(dataset, _ACTIVITY_FACTOR):
        return _by_weight(dataset, activity)
    return SuvFactor(None, f"{label('Units')} is CNTS, and there is no factor of the vendor")


def _by_weight(dataset: "Dataset", activity: float) -> SuvFactor:
    """Return the factor for values that are Bq/ml once they are multiplied by *activity*."""
    dose, reason = _decayed_dose(dataset)
    if dose is None:
        return SuvFactor(None, reason)
    weight = _positive(dataset, "PatientWeight")
    if weight is None:
        return SuvFactor(None, f"{label('PatientWeight')} is absent")
    return SuvFactor(activity * weight * 1000 / dose, reason)


def _decayed_dose(dataset: "Dataset") -> tuple[float | None, str]:
    """Return the activity in Bq at the time to which the pixels are corrected."""
    for drug in items(dataset, "RadiopharmaceuticalInformationSequence")[:1]:
        dose, half_life = _positive(drug, "RadionuclideTotalDose"), _positive(drug, "RadionuclideHalfLife")
        if dose is None:
            return None, f"{label('RadionuclideTotalDose')} is absent"
        if dose < _LEAST_DOSE:
            return None, f"{label('RadionuclideTotalDose')} is {dose:g}: not in Bq"
        correction = text(dataset, "DecayCorrection").upper()
        if correction == "ADMIN":
            return dose, "decay corrected to the injection"
        if correction != "START":
            return None, f"{label('DecayCorrection')} is {correction or 'absent'}"
        if half_life is None:
            return None, f"{label('RadionuclideHalfLife')} is absent"
        elapsed = _elapsed(dataset, drug, half_life)
        if elapsed is None:
            return None, "the times of injection and scan are not known"
        decayed = dose * 2 ** (-elapsed / half_life)
        if decayed < 1:
            return None, f"{label('RadionuclideHalfLife')} is {half_life:g}: nothing is left at the scan"
        return decayed, f"decay corrected to the start, {elapsed / 60:.0f} min later"
    return None, f"{label('RadiopharmaceuticalInformationSequence')} is absent"


def _elapsed(dataset: "Dataset", drug: "Dataset", half_life: float) -> float | None:
    """Return the seconds between injection and scan."""
    scan = _scan(dataset, half_life)
    if scan is None:
        return None
    start = _date_time(text(drug, "RadiopharmaceuticalStartDateTime"), text(dataset, "TimezoneOffsetFromUTC"))
    if start is None:
        start = _moment(f"{scan:%Y%m%d}", text(drug, "RadiopharmaceuticalStartTime"))
        if start is not None and start > scan and scan - datetime.min >= _LONGEST:
            start -= timedelta(days=1)  # injected before midnight
    if start is None or not timedelta() <= scan - start <= _LONGEST:
        return None
    return (scan - start).total_seconds()


def _scan(dataset: "Dataset", half_life: float) -> datetime | None:
    """Return the time to which the pixels of a series are corrected by ``START``.

    It is the time of the series, unless that is later than the acquisition: then the series was processed
    again, and GE tells the time in an attribute of its own, others by the time of the frame.
    """
    series = _moment(text(dataset, "SeriesDate"), text(dataset, "SeriesTime"))
    acquired = _moment(text(dataset, "AcquisitionDate"), text(dataset, "AcquisitionTime"))
    if series is not None and (acquired is None or series <= acquired):
        return series
    if (stated := _date_time(_private_text(dataset, *_GE, _GE_SCAN))) is not None:
        return stated
    reference, duration = _positive(dataset, "FrameReferenceTime"), _positive(dataset, "ActualFrameDuration")
    if acquired is None or reference is None or duration is None:
        return None
    # Frame Reference Time is when the average count rate of the frame was that of the moment: C.8.9.4.1.5
    constant, seconds = log(2) / half_life, duration / 1000
    share = constant * seconds
    average = log(share / -expm1(-share)) / constant if 0 < share < 700 else seconds / 2
    try:
        return acquired + timedelta(seconds=average - reference / 1000)
    except OverflowError:
        return None


def _date_time(stated: str, zone: str = "") -> datetime | None:
    """Return a DT value as local time of the offset from UTC that other times have, where both are given."""
    own = _ZONE.search(stated)
    moment = _moment(stated[:8], (stated[: own.start()] if own else stated)[8:])
    if moment is None or own is None or _ZONE.fullmatch(zone) is None:
        return moment
    try:
        return moment + _offset(zone) - _offset(own[0])
    except OverflowError:
        return None


def _offset(zone: str) -> timedelta:
    return timedelta(hours=int(zone[:3]), minutes=int(zone[0] + zone[3:]))


def _moment(date: str, time: str) -> datetime | None:
    """Return a date with a time that is given to the minute or better; None for all else."""
    day, clock = _DATE.fullmatch(date), _TIME.fullmatch(time)
    if day is None or clock is None:
        return None
    year, month, of_month = map(int, day.groups())
    hour, minute, second = (int(part or 0) for part in clock.groups()[:3])
    fraction = int((clock[4] or "").ljust(6, "0"))
    try:
        return datetime(year, month, of_month, hour, minute, second, fraction)
    except ValueError:
        return None


def _positive(dataset: "Dataset", keyword: str) -> float | None:
    found = numbers(dataset, keyword)
    return found[0] if found and 0 < found[0] < _LARGEST else None


def _private_number(dataset: "Dataset", element: int) -> float | None:
    """Return a factor of Philips; None where there is none above 0."""
    try:
        number = float(_private_text(dataset, *_PHILIPS, element))
    except ValueError:
        return None
    return number if 0 < number < _LARGEST else None


def _private_text(dataset: "Dataset", group: int, creator: str, element: int) -> str:
    try:
        value = dataset.private_block(group, creator)[element].value
    except Exception:  # noqa: BLE001  a converter raises anything on hostile input; KeyError without it
        return ""
    # of Implicit VR the representation may be unknown
    return (value.decode("ascii", "replace") if isinstance(value, bytes) else str(value)).strip(" \0")
