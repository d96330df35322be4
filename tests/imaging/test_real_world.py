from math import isnan
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag

from dicomtui.dataset.reading import read_instance
from dicomtui.imaging.real_world import RealWorldMapping, real_world_of
from dicomtui.imaging.rendering import Rendering


def item(unit: str = "mm2/s", scheme: str = "UCUM", meaning: str = "", **attributes: Any) -> Dataset:
    code, mapping = Dataset(), Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = unit, scheme, meaning
    mapping.MeasurementUnitsCodeSequence = Sequence([code])
    written = {
        "LUTLabel": "ADC",
        "RealWorldValueFirstValueMapped": 0,
        "RealWorldValueLastValueMapped": 100,
        "RealWorldValueSlope": 2.0,
        "RealWorldValueIntercept": -1.0,
        **attributes,
    }
    for keyword, value in written.items():
        if value is not None:
            setattr(mapping, keyword, value)
    return mapping


def mapped(*found: Dataset) -> Dataset:
    dataset = Dataset()
    dataset.RealWorldValueMappingSequence = Sequence(found)
    return dataset


def the_mapping(*arguments: str, **attributes: Any) -> RealWorldMapping:
    (mapping,), notes = (
        (found := real_world_of(mapped(item(*arguments, **attributes)), 1)).mappings,
        found.notes,
    )
    assert notes == ()
    return mapping


def bundled(name: str) -> str:
    path = get_testdata_file(name, download=False)
    assert isinstance(path, str)
    return path


# --- what a value means ---


def test_a_linear_mapping_gives_the_quantity_of_mapped_values_alone() -> None:
    mapping = the_mapping()
    assert (mapping.label, mapping.value(0), mapping.value(100)) == ("ADC", -1, 199)
    assert isnan(mapping.value(101))
    assert isnan(mapping.value(-1))


def test_a_table_gives_one_quantity_for_each_value() -> None:
    mapping = the_mapping(
        RealWorldValueFirstValueMapped=5,
        RealWorldValueLastValueMapped=7,
        RealWorldValueLUTData=[0.5, 2.5, -9.0],
    )
    assert [mapping.value(stored) for stored in (5, 6, 7)] == [0.5, 2.5, -9]
    assert isnan(mapping.value(8))


@given(
    st.integers(-100, 100),
    st.integers(0, 50),
    st.none() | st.randoms(use_true_random=False),
    st.lists(st.integers(-300, 300), min_size=1, max_size=20),
)
def test_many_values_are_mapped_as_each_is(first: int, span: int, table: Any, stored: list[int]) -> None:
    entries = None if table is None else np.array([table.uniform(-9, 9) for _ in range(span + 1)])
    mapping = RealWorldMapping("", "", first, first + span, 0.5, 3.0, entries)
    expected = [mapping.value(value) for value in stored]
    np.testing.assert_array_equal(mapping.apply(np.array(stored, np.int16)), expected)


@pytest.mark.parametrize(
    ("arguments", "unit"),
    [
        (("mm2/s", "UCUM"), "mm²/s"),
        (("[hnsf'U]", "UCUM", "Hounsfield unit"), "HU"),
        (("1", "UCUM", "no units"), ""),
        (("ml/100ml/s", "UCUM", "anything"), "ml/100ml/s"),
        (("X-1", "99LOCAL", "parts"), "parts"),
        (("X-1", "99LOCAL", ""), "X-1"),
        (("\x1b[2J", "UCUM"), "\\x1b[2J"),
    ],
)
def test_the_unit_is_text_that_can_be_shown(arguments: tuple[str, ...], unit: str) -> None:
    assert the_mapping(*arguments).unit == unit


# --- where it stands ---


def test_a_frames_own_mapping_counts_before_the_shared_one_and_the_data_sets() -> None:
    dataset = mapped(item(LUTLabel="top"))
    dataset.SharedFunctionalGroupsSequence = Sequence([mapped(item(LUTLabel="shared"))])
    dataset.PerFrameFunctionalGroupsSequence = Sequence([mapped(item(LUTLabel="own")), Dataset()])
    labels = [real_world_of(dataset, number).mappings[0].label for number in (1, 2)]
    assert labels == ["own", "shared"]
    del dataset.SharedFunctionalGroupsSequence
    assert real_world_of(dataset, 2).mappings[0].label == "top"


def test_several_quantities_of_one_frame_are_kept_in_order() -> None:
    found = real_world_of(mapped(item(LUTLabel="A"), item(LUTLabel="B")), 1)
    assert [mapping.label for mapping in found.mappings] == ["A", "B"]


def test_a_real_perfusion_map_reads_as_its_own_quantity() -> None:
    frame = Rendering(read_instance(bundled("eCT_Supplemental.dcm"))).frame(1)
    (mapping,) = frame.real_world
    assert (mapping.label, mapping.unit) == ("RCBF", "ml/100ml/s")
    assert frame.stored is not None
    assert mapping.value(float(frame.stored[200, 200])) == frame.values[200, 200]


def test_a_dose_is_scaled_and_has_the_unit_of_the_file() -> None:
    path = bundled("rtdose.dcm")
    dataset = dcmread(path)
    frame = Rendering(read_instance(path)).frame(3)
    (mapping,) = frame.real_world
    assert (mapping.label, mapping.unit) == ("dose physical", "relative")
    expected = dataset.pixel_array[2] * float(dataset.DoseGridScaling)
    assert frame.stored is not None
    np.testing.assert_allclose(mapping.apply(frame.stored), expected)
    dataset.DoseUnits = "GY"
    assert real_world_of(dataset, 3).mappings[0].unit == "Gy"


def test_stored_values_are_kept_as_small_as_they_came() -> None:
    frame = Rendering(read_instance(bundled("CT_small.dcm"))).frame(1)
    assert frame.real_world == ()
    assert frame.stored is not None
    assert frame.stored.nbytes * 2 <= frame.values.nbytes


# --- files that lie ---


@pytest.mark.parametrize(
    "attributes",
    [
        {"RealWorldValueSlope": None},
        {"RealWorldValueSlope": float("nan")},
        {"RealWorldValueIntercept": float("inf")},
        {"RealWorldValueFirstValueMapped": 200},
        {"RealWorldValueLastValueMapped": None},
        {"RealWorldValueLUTData": [1.0, 2.0]},
        {"RealWorldValueFirstValueMapped": [1, 2]},
    ],
)
def test_a_mapping_that_makes_no_sense_is_left_out_and_said(attributes: dict[str, Any]) -> None:
    found = real_world_of(mapped(item(**attributes), item(LUTLabel="good")), 1)
    assert [mapping.label for mapping in found.mappings] == ["good"]
    assert found.notes == (
        "Real World Value Mapping Sequence (0040,9096): the mapping 'ADC' makes no sense: left out",
    )


@pytest.mark.parametrize("scaling", [b"0 ", b"-1", b"ab", b""])
def test_a_dose_without_a_scale_is_not_made_up(scaling: bytes) -> None:
    dataset = dcmread(bundled("rtdose.dcm"))
    tag = Tag("DoseGridScaling")
    dataset[tag] = RawDataElement(tag, "DS", len(scaling), scaling, 0, False, True)
    found = real_world_of(dataset, 1)
    assert found.mappings == ()
    assert found.notes[0].startswith("Dose Grid Scaling (3004,000e) is ")


def test_doubles_may_say_which_values_are_mapped() -> None:
    mapping = the_mapping(
        RealWorldValueFirstValueMapped=None,
        RealWorldValueLastValueMapped=None,
        DoubleFloatRealWorldValueFirstValueMapped=-1.5,
        DoubleFloatRealWorldValueLastValueMapped=1.5,
    )
    assert mapping.value(1.25) == 1.5
    assert isnan(mapping.value(1.6))
