"""Patients, studies and series in the order in which a reader expects them."""

import random

from hypothesis import given
from hypothesis import strategies as st

from dicomtui.archive.hierarchy import dates, hierarchy
from dicomtui.archive.index import SeriesRow

EMPTY = SeriesRow(
    **{
        name: 0 if hint is int else None if hint != str else ""  # noqa: E721
        for name, hint in SeriesRow.__annotations__.items()
    }
)


def a_row(**fields: object) -> SeriesRow:
    return EMPTY._replace(instances=1, images=1, frames=1, size=10, **fields)


def test_patients_stand_by_name_as_a_reader_sorts_them_then_by_id() -> None:
    rows = [
        a_row(patient_name=name, patient_id=number)
        for name, number in [("P10", "1"), ("P2", "1"), ("p2", "0"), ("", "7"), ("P2", "10"), ("P2", "9")]
    ]
    names = [(patient.patient_name, patient.patient_id) for patient in hierarchy(rows)]
    assert names == [("", "7"), ("P2", "1"), ("P2", "9"), ("P2", "10"), ("p2", "0"), ("P10", "1")]


def test_one_id_under_two_names_is_two_patients() -> None:
    rows = [a_row(patient_name=name, patient_id="1", study_instance_uid="1.2") for name in ("A", "B")]
    assert [len(patient.studies) for patient in hierarchy(rows)] == [1, 1]


def test_studies_stand_by_date_and_series_by_number() -> None:
    rows = [
        a_row(study_instance_uid="1.2", study_date="20210101", series_number=2, series_instance_uid="a"),
        a_row(study_instance_uid="1.1", study_date="20200101", series_number=10, series_instance_uid="b"),
        a_row(study_instance_uid="1.1", study_date="20200101", series_number=9, series_instance_uid="c"),
        a_row(study_instance_uid="1.1", study_date="20200101", series_number=None, series_instance_uid="d"),
        a_row(
            study_instance_uid="1.1",
            study_date="20200101",
            series_number=9,
            series_instance_uid="e",
            series_description="B",
        ),
    ]
    (patient,) = hierarchy(rows)
    found = [[series.row.series_instance_uid for series in study.series] for study in patient.studies]
    assert found == [["c", "e", "b", "d"], ["a"]]


def test_a_study_takes_what_its_first_series_lacks_from_the_next() -> None:
    rows = [
        a_row(series_number=1, study_description="", study_date=""),
        a_row(series_number=2, study_description="Head", study_date="20200131", patient_sex="F"),
    ]
    (patient,) = hierarchy(rows)
    assert patient.patient_sex == "F"
    assert (patient.studies[0].study_description, patient.studies[0].study_date) == ("Head", "20200131")


def test_sums_are_those_of_the_series() -> None:
    rows = [a_row(modality=name, series_number=at) for at, name in enumerate(["MR", "CT", "", "CT"])]
    (patient,) = hierarchy(rows)
    assert (patient.instances, patient.size, patient.modalities) == (4, 40, ("CT", "MR"))
    assert patient.series_count == 4
    assert patient.studies[0].modalities == ("CT", "MR")


def test_a_range_of_dates_leaves_out_what_is_no_date() -> None:
    rows = [a_row(study_date=date) for date in ("", "20200131", "2019.01.01", "2018", "00000000", "٢٠١٠٠١٠١")]
    assert dates(rows) == ("20190101", "20200131")
    assert dates([]) == ("", "")


TEXT = st.sampled_from(["", "a", "A", "2", "10", "\udcff", "²"])


@given(
    st.lists(
        st.builds(
            a_row,
            patient_name=TEXT,
            patient_id=TEXT,
            study_instance_uid=TEXT,
            series_instance_uid=TEXT,
            series_number=st.none() | st.integers(),
        ),
        unique_by=lambda row: (
            row.patient_name,
            row.patient_id,
            row.study_instance_uid,
            row.series_instance_uid,
        ),
    ),
    st.randoms(use_true_random=False),
)
def test_every_series_has_one_place_whatever_the_order_of_arrival(
    rows: list[SeriesRow], shuffler: random.Random
) -> None:
    patients = hierarchy(rows)
    found = [row for patient in patients for row in patient.rows]
    assert len(found) == len(rows)
    assert set(found) == set(rows)
    assert hierarchy(shuffler.sample(rows, len(rows))) == patients
    keys = [(patient.patient_name, patient.patient_id) for patient in patients]
    assert len(set(keys)) == len(keys)
