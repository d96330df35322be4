"""SUVbw against the formula of QIBA, worked out by hand for made headers."""

from datetime import datetime, timedelta
from math import exp, log
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dicomtui.imaging.suv import suv_factor

HALF_LIFE = 6586.2  # of F-18, in seconds
DOSE = 370e6
WEIGHT = 80


def pet(drug: dict[str, Any] | None = None, **changes: Any) -> Dataset:
    dataset, injected = Dataset(), Dataset()
    attributes = {
        "Modality": "PT",
        "Units": "BQML",
        "CorrectedImage": ["NORM", "ATTN", "DECY", "SCAT"],
        "DecayCorrection": "START",
        "PatientWeight": WEIGHT,
        "SeriesDate": "20240115",
        "SeriesTime": "103000.00",
        "AcquisitionDate": "20240115",
        "AcquisitionTime": "103000",
        **changes,
    }
    drugs = {
        "RadionuclideTotalDose": DOSE,
        "RadionuclideHalfLife": HALF_LIFE,
        "RadiopharmaceuticalStartTime": "093000",
        **(drug or {}),
    }
    for target, values in ((dataset, attributes), (injected, drugs)):
        for keyword, value in values.items():
            if value is not None:
                setattr(target, keyword, value)
    dataset.RadiopharmaceuticalInformationSequence = [injected]
    return dataset


def expected(seconds: float) -> float:
    return WEIGHT * 1000 / (DOSE * 0.5 ** (seconds / HALF_LIFE))


def test_the_dose_decays_until_the_scan() -> None:
    assert suv_factor(pet()).factor == pytest.approx(expected(3600))


def test_pixels_corrected_to_the_injection_take_the_dose_as_it_was() -> None:
    assert suv_factor(pet(DecayCorrection="ADMIN")).factor == pytest.approx(WEIGHT * 1000 / DOSE)


def test_a_date_and_time_of_injection_counts_before_a_time_alone() -> None:
    drug = {"RadiopharmaceuticalStartDateTime": "20240115090000.0"}
    assert suv_factor(pet(drug)).factor == pytest.approx(expected(5400))


def test_an_injection_before_midnight_was_the_day_before() -> None:
    drug = {"RadiopharmaceuticalStartTime": "233000"}
    dataset = pet(drug, SeriesTime="003000", AcquisitionTime="003000")
    assert suv_factor(dataset).factor == pytest.approx(expected(3600))


@pytest.mark.parametrize(
    ("injected", "seconds"),
    [("0930", 3600), ("093015", 3585), ("093000.5", 3599.5), ("09:30:00", 3600), ("103000", 0)],
)
def test_times_are_read_in_every_form_the_standard_has_or_had(injected: str, seconds: float) -> None:
    factor = suv_factor(pet({"RadiopharmaceuticalStartTime": injected})).factor
    assert factor == pytest.approx(expected(seconds), rel=1e-12)


def test_a_time_of_injection_to_the_hour_is_not_enough() -> None:
    assert suv_factor(pet({"RadiopharmaceuticalStartTime": "09"})).factor is None


@pytest.mark.parametrize(
    ("stated", "zone", "seconds"),
    [
        ("20240115093000+0100", "+0100", 3600),
        ("20240115083000+0000", "+0100", 3600),
        ("20240115043000.0-0400", "+0100", 3600),
        ("20240115140000+0530", "+0100", 3600),
        ("20240115093000-0400", None, 3600),  # of which zone the others are is not known: taken as the same
        ("20240114233000", "+0100", 39600),
    ],
)
def test_offsets_from_utc_count_where_both_are_given(stated: str, zone: str | None, seconds: float) -> None:
    dataset = pet({"RadiopharmaceuticalStartDateTime": stated}, TimezoneOffsetFromUTC=zone)
    assert suv_factor(dataset).factor == pytest.approx(expected(seconds))


@given(
    injected=st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)),
    minutes=st.integers(0, 24 * 60 - 1),
    half_life=st.sampled_from([HALF_LIFE, 1223.4, 4062.6, 282240.0]),  # F-18, C-11, Ga-68, Zr-89
)
def test_the_formula_holds_for_every_injection_of_the_last_day(
    injected: datetime, minutes: int, half_life: float
) -> None:
    injected = injected.replace(microsecond=0)
    scan = injected + timedelta(minutes=minutes)
    drug = {"RadionuclideHalfLife": half_life, "RadiopharmaceuticalStartTime": f"{injected:%H%M%S}"}
    dataset = pet(
        drug,
        SeriesDate=f"{scan:%Y%m%d}",
        SeriesTime=f"{scan:%H%M%S}",
        AcquisitionDate=f"{scan:%Y%m%d}",
        AcquisitionTime=f"{scan:%H%M%S}",
    )
    decayed = DOSE * exp(-log(2) * minutes * 60 / half_life)
    if decayed >= 2:
        assert suv_factor(dataset).factor == pytest.approx(WEIGHT * 1000 / decayed)


def test_a_series_of_ge_that_was_processed_later_has_the_time_of_its_scan() -> None:
    dataset = pet(SeriesTime="170000")
    dataset.private_block(0x0009, "GEMS_PETD_01", create=True).add_new(0x0D, "DT", "20240115102000.00")
    assert suv_factor(dataset).factor == pytest.approx(expected(3000))


def test_another_series_that_was_processed_later_goes_by_the_time_of_the_frame() -> None:
    """The frame began at 10:30, and its counts are those of 1,800 seconds after the scan."""
    frame = {"FrameReferenceTime": "1800000", "ActualFrameDuration": "240000"}
    decay = log(2) / HALF_LIFE
    during = decay * 240
    average = 1 / decay * log(during / (1 - exp(-during)))
    factor = suv_factor(pet(SeriesTime="170000", **frame)).factor
    assert factor == pytest.approx(expected(3600 + average - 1800))
    # whoever knows the time of the series finds nearly the same
    assert factor == pytest.approx(suv_factor(pet(SeriesTime="100159", **frame)).factor, rel=1e-4)


def test_values_that_are_suv_already_stay() -> None:
    assert suv_factor(pet(Units="GML")).factor == 1
    assert suv_factor(pet(Units="GML", SUVType="BW")).factor == 1


@pytest.mark.parametrize("kind", ["LBM", "LBMJAMES128", "BSA", "IBW"])
def test_values_that_are_another_suv_are_not_taken_for_suvbw(kind: str) -> None:
    found = suv_factor(pet(Units="GML", SUVType=kind))
    assert found.factor is None
    assert kind in found.reason


def test_counts_take_the_factor_of_the_vendor() -> None:
    dataset = pet(Units="CNTS")
    assert suv_factor(dataset).factor is None
    block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0.000375")
    assert suv_factor(dataset).factor == pytest.approx(0.000375)
    block.add_new(0x09, "DS", "2.5")
    assert suv_factor(dataset).factor == pytest.approx(0.000375)


@pytest.mark.parametrize("value", [0.0, None, "x"])
def test_counts_become_concentrations_by_the_other_factor_of_the_vendor(value: object) -> None:
    dataset = pet(Units="CNTS")
    block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x09, "DS", "2.5")
    if value is not None:
        block.add_new(0x00, "LO" if isinstance(value, str) else "DS", value)
    assert suv_factor(dataset).factor == pytest.approx(2.5 * expected(3600))


def test_factors_of_unknown_representation_are_read() -> None:
    dataset = pet(Units="CNTS")
    block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "UN", b"0.000375\0")
    assert suv_factor(dataset).factor == pytest.approx(0.000375)


@pytest.mark.parametrize(
    ("drug", "changes", "reason"),
    [
        ({}, {"Modality": "CT"}, "only PET"),
        ({}, {"Units": "CPS"}, "CPS"),
        ({}, {"CorrectedImage": ["ATTN"]}, "DECY"),
        ({}, {"CorrectedImage": None}, "DECY"),
        ({}, {"DecayCorrection": "NONE"}, "NONE"),
        ({}, {"PatientWeight": None}, "Patient's Weight"),
        ({}, {"PatientWeight": 0}, "Patient's Weight"),
        ({"RadionuclideTotalDose": None}, {}, "Total Dose"),
        ({"RadionuclideTotalDose": 370}, {}, "not in Bq"),
        ({"RadionuclideHalfLife": None}, {}, "Half Life"),
        ({"RadionuclideHalfLife": "1e-300"}, {}, "Half Life"),
        ({}, {"Units": "CNTS", "CorrectedImage": ["ATTN"]}, "DECY"),
        ({"RadiopharmaceuticalStartTime": None}, {}, "times"),
        ({"RadiopharmaceuticalStartTime": "later"}, {}, "times"),
        ({}, {"SeriesTime": "113000"}, "times"),  # acquired before the series: it was processed later
        ({}, {"SeriesTime": "113000", "FrameReferenceTime": "1e15", "ActualFrameDuration": "1"}, "times"),
        ({}, {"SeriesTime": "113000", "FrameReferenceTime": "1e25", "ActualFrameDuration": "1"}, "times"),
        ({"RadiopharmaceuticalStartDateTime": "20240113093000"}, {}, "times"),
        (
            {
                "RadiopharmaceuticalStartDateTime": "99991231235959-9999",
                "RadiopharmaceuticalStartTime": None,
            },
            {"TimezoneOffsetFromUTC": "+9999"},
            "times",
        ),
        ({}, {"SeriesDate": "00010101", "AcquisitionDate": "00010101", "SeriesTime": "0001"}, "times"),
    ],
)
def test_where_it_cannot_be_computed_the_reason_is_said(
    drug: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    found = suv_factor(pet(drug, **changes))
    assert found.factor is None
    assert reason in found.reason
