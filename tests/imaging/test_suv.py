"""SUVbw against the formula of QIBA, worked out by hand for made headers."""

from typing import Any

import pytest
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


def test_values_that_are_suv_already_stay() -> None:
    assert suv_factor(pet(Units="GML")).factor == 1


def test_counts_take_the_factor_of_the_vendor() -> None:
    dataset = pet(Units="CNTS")
    assert suv_factor(dataset).factor is None
    block = dataset.private_block(0x7053, "Philips PET Private Group", create=True)
    block.add_new(0x00, "DS", "0.000375")
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
        ({"RadionuclideHalfLife": None}, {}, "Half Life"),
        ({"RadiopharmaceuticalStartTime": None}, {}, "times"),
        ({"RadiopharmaceuticalStartTime": "later"}, {}, "times"),
        ({}, {"SeriesTime": "113000"}, "times"),  # acquired before the series: it was processed later
        ({"RadiopharmaceuticalStartDateTime": "20240113093000"}, {}, "times"),
    ],
)
def test_where_it_cannot_be_computed_the_reason_is_said(
    drug: dict[str, Any], changes: dict[str, Any], reason: str
) -> None:
    found = suv_factor(pet(drug, **changes))
    assert found.factor is None
    assert reason in found.reason
