"""What varies between instances."""

import copy
from collections import Counter
from pathlib import Path

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence

from dicomtui.archive import profiles as module
from dicomtui.archive import variation
from dicomtui.archive.profiles import Profile, Value, _read_batch, profile_of
from dicomtui.archive.variation import HeldValue, Variation, Variations, attribute_name
from dicomtui.dataset.comparable import Ignored
from dicomtui.dataset.reading import read_instance
from tests.builders import ct, ramp, write, write_series
from tests.dataset.as_read import instance

NOTHING = Ignored()


def item(**attributes: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def counted(paths: list[Path], ignored: Ignored = NOTHING) -> Variations:
    """Return what varies between files, read as a worker reads them."""
    variations = Variations()
    found = _read_batch(ignored, [str(path) for path in paths])
    assert not [profile for profile in found if isinstance(profile, str)]
    variations.add([path.name for path in paths], found)  # type: ignore[arg-type]
    return variations


def by_name(variations: Variations) -> dict[str, Variation]:
    return {attribute_name(row.path): row for row in variations.rows()}


def written(folder: Path, *datasets: FileDataset) -> list[Path]:
    return [write(dataset, folder / f"{number}.dcm") for number, dataset in enumerate(datasets)]


# --- profiles ---


def told(changed: Profile, base: Profile) -> dict[object, Value]:
    """Return a whole profile."""
    values = {**base.values, **changed.values} if changed.base is not None else changed.values
    return {path: value for path, value in values.items() if value is not None}


NAMES = [
    "CT_small.dcm",
    "MR_small.dcm",
    "rtplan.dcm",
    "test-SR.dcm",
    "eCT_Supplemental.dcm",
    "MR_small_RLE.dcm",
]


@pytest.mark.parametrize("one", NAMES)
@pytest.mark.parametrize("other", NAMES)
def test_a_file_told_by_what_it_has_otherwise_is_that_file(one: str, other: str) -> None:
    paths = [get_testdata_file(name, download=False) for name in (one, other)]
    base, changed = _read_batch(NOTHING, paths)
    assert isinstance(base, Profile)
    assert isinstance(changed, Profile)
    assert told(changed, base) == profile_of(read_instance(paths[1]), NOTHING)


VALUES = st.fixed_dictionaries(
    {},
    optional={
        "PatientName": st.sampled_from(["A^B", "Ü^É"]),
        "KVP": st.sampled_from(["80", "120"]),
        "SpecificCharacterSet": st.sampled_from(["ISO_IR 100", "ISO_IR 192"]),
        "PixelRepresentation": st.sampled_from([0, 1]),
        "SmallestImagePixelValue": st.sampled_from([1, 2]),
        "RequestAttributesSequence": st.sampled_from([(), ("a",), ("b",), ("a", "b")]),
    },
)


@given(st.lists(VALUES, min_size=2, max_size=5))
@settings(max_examples=20)
def test_any_edited_file_is_told_by_what_it_has_otherwise(
    tmp_path_factory: pytest.TempPathFactory, states: list[dict[str, object]]
) -> None:
    folder = tmp_path_factory.mktemp("edited")
    paths = []
    for number, state in enumerate(states):
        dataset = ct()
        for keyword, value in state.items():
            if isinstance(value, tuple):
                value = Sequence([item(ScheduledProcedureStepID=text) for text in value])
            setattr(dataset, keyword, value)
        paths.append(str(write(dataset, folder / f"{number}.dcm")))
    found = _read_batch(NOTHING, paths)
    for path, changed in zip(paths, found, strict=True):
        assert isinstance(changed, Profile)
        base = found[changed.base or 0]
        assert isinstance(base, Profile)
        assert told(changed, base) == profile_of(read_instance(path), NOTHING)


def test_only_what_is_different_is_sent(tmp_path: Path) -> None:
    write_series(tmp_path, 5)
    first, *others = _read_batch(NOTHING, sorted(map(str, tmp_path.iterdir())))
    assert isinstance(first, Profile)
    assert len(first.values) > 25
    for profile in others:
        assert isinstance(profile, Profile)
        names = {attribute_name(path) for path in profile.values}
        assert {"InstanceNumber", "ImagePositionPatient", "SOPInstanceUID"} <= names
        assert len(names) <= 5


def test_a_file_that_cannot_be_read_does_not_disturb_the_others(tmp_path: Path) -> None:
    good = written(tmp_path, ct(KVP="80"), ct(KVP="120"))
    bad = tmp_path / "bad.dcm"
    bad.write_bytes(b"no DICOM at all")
    reason, first, second = _read_batch(NOTHING, [str(bad), *map(str, good)])
    assert isinstance(reason, str)
    assert "not DICOM" in reason
    assert isinstance(first, Profile)
    assert isinstance(second, Profile)
    assert (first.base, second.base) == (None, 1)


def test_functional_groups_count_as_if_they_stood_at_the_top() -> None:
    dataset = ct()
    dataset.SharedFunctionalGroupsSequence = [item(PixelMeasuresSequence=[item(SliceThickness="2")])]
    dataset.PerFrameFunctionalGroupsSequence = [
        item(PlanePositionSequence=[item(ImagePositionPatient=["0", "0", str(number)])])
        for number in range(9)
    ]
    found = {attribute_name(path): value for path, value in profile_of(instance(dataset), NOTHING).items()}
    thickness = found["PixelMeasuresSequence.SliceThickness"]
    assert thickness is not None
    assert thickness.text.rstrip("0").rstrip(".") == "2"
    positions = found["PlanePositionSequence.ImagePositionPatient"]
    assert positions is not None
    assert "9 values" in positions.text
    assert "(in 9 places)" in positions.text
    assert not [name for name in found if "FunctionalGroups" in name]


def test_frames_in_another_order_are_a_difference() -> None:
    def made(order: list[int]) -> FileDataset:
        dataset = ct()
        dataset.PerFrameFunctionalGroupsSequence = [
            item(FrameContentSequence=[item(FrameComments=str(number))]) for number in order
        ]
        return dataset

    one, other = (profile_of(instance(made(order)), NOTHING) for order in ([1, 2, 2], [1, 1, 2]))
    assert one != other


def test_the_end_of_a_long_value_counts() -> None:
    one, other = (profile_of(instance(ct(StudyComments="x" * 5000 + end)), NOTHING) for end in "ab")
    assert one != other
    assert all(len(value.text) < 200 for value in one.values() if value)


# --- counting ---


def test_the_odd_instance_is_named_first(tmp_path: Path) -> None:
    datasets = [ct(KVP="80" if number == 7 else "120", InstanceNumber=number) for number in range(30)]
    variations = counted(written(tmp_path, *datasets))
    first = variations.rows()[0]
    assert attribute_name(first.path) == "KVP"
    assert first.values == (HeldValue("120", 29, ()), HeldValue("80", 1, ("7.dcm",)))


@pytest.mark.parametrize("odd", [0, 3, 9])
def test_the_instance_that_lacks_an_attribute_is_named(tmp_path: Path, odd: int) -> None:
    datasets = [ct(InstanceNumber=number) for number in range(10)]
    for number, dataset in enumerate(datasets):
        if number != odd:
            dataset.PatientSex = "F"
    row = by_name(counted(written(tmp_path, *datasets)))["PatientSex"]
    assert row.values == (HeldValue("F", 9, ()), HeldValue(None, 1, (f"{odd}.dcm",)))
    assert row.distinct == 1


def test_an_attribute_that_only_one_instance_has_names_it(tmp_path: Path) -> None:
    datasets = [ct(InstanceNumber=number) for number in range(6)]
    datasets[4].PatientComments = "odd"
    row = by_name(counted(written(tmp_path, *datasets)))["PatientComments"]
    assert row.values == (HeldValue(None, 5, ()), HeldValue("odd", 1, ("4.dcm",)))


def test_what_is_expected_to_vary_comes_last(tmp_path: Path) -> None:
    datasets = [
        ct(
            InstanceNumber=number,
            ImagePositionPatient=[0, 0, number],
            AcquisitionTime=f"12{number:02}00",
            StationName="AB"[number % 2],
        )
        for number in range(10)
    ]
    rows = counted(written(tmp_path, *datasets)).rows()
    usual = {attribute_name(row.path) for row in rows if row.expected}
    assert [attribute_name(row.path) for row in rows if not row.expected] == ["StationName"]
    assert {"InstanceNumber", "ImagePositionPatient", "AcquisitionTime", "SOPInstanceUID"} <= usual


def test_two_instances_with_one_uid_are_not_expected(tmp_path: Path) -> None:
    datasets = [ct(InstanceNumber=number) for number in range(5)]
    datasets[3].SOPInstanceUID = datasets[1].SOPInstanceUID
    rows = {attribute_name(row.path): row for row in counted(written(tmp_path, *datasets)).rows()[:2]}
    first = rows["SOPInstanceUID"]
    assert not first.expected
    assert first.values[0] == HeldValue(str(datasets[1].SOPInstanceUID), 2, ("1.dcm", "3.dcm"))


def test_private_attributes_are_told_by_their_creator_whatever_the_block(tmp_path: Path) -> None:
    one, other = ct(), ct()
    one.private_block(0x0029, "ACME", create=True).add_new(1, "LO", "same")
    other.add_new(0x00290010, "LO", "OTHER")
    other.add_new(0x00290011, "LO", "ACME")
    other.add_new(0x00291101, "LO", "same")
    variations = counted(written(tmp_path, one, other))
    assert "(0029,xx01) Unknown [ACME]" in {attribute_name(path) for path, _ in variations.constant()}
    assert "(0029,00xx) Private Creator OTHER" in by_name(variations)


def test_counts_agree_with_pydicom(tmp_path: Path) -> None:
    values = [("80", "A"), ("80", "B"), ("120", "A"), ("", "A"), ("80", "C")]
    datasets = [ct(KVP=kvp, StationName=name, InstanceNumber=n) for n, (kvp, name) in enumerate(values)]
    paths = written(tmp_path, *datasets)
    found = by_name(counted(paths))
    for keyword in ("KVP", "StationName"):
        expected = Counter(str(pydicom.dcmread(path)[keyword].value or "") for path in paths)
        assert {value.text: value.instances for value in found[keyword].values} == expected


@given(st.lists(st.tuples(st.sampled_from(["a", "b", "c", None]), st.booleans()), min_size=1, max_size=40))
def test_counts_do_not_depend_on_how_files_are_read_together(told: list[tuple[str | None, bool]]) -> None:
    """A profile of its own, or by what it has otherwise than another one: it is the same."""
    path = ((0x0018, 0x0060, ""),)
    other = ((0x0008, 0x0060, ""),)
    names = [str(number) for number in range(len(told))]
    alone, together = Variations(), Variations()
    profiles: list[Profile] = []
    base = 0
    for number, (text, new) in enumerate(told):
        values = {other: Value("CT")} | ({path: Value(text)} if text else {})
        alone.add([names[number]], [Profile(values)])
        if new or not number:
            base = number
            profiles.append(Profile(values))
        elif profiles[base].values.get(path) == values.get(path):
            profiles.append(Profile({}, base))
        else:
            profiles.append(Profile({path: values.get(path)}, base))
    together.add(names, profiles)
    assert alone.rows() == together.rows()
    assert alone.constant() == together.constant()
    assert alone.instances == together.instances == len(told)


# --- bounds ---


def test_values_without_number_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variation, "MOST_VALUES", 5)
    path = ((0x0018, 0x0060, ""),)
    variations = Variations()
    for number in range(20):
        variations.add([str(number)], [Profile({path: Value(str(number))})])
    (row,) = variations.rows()
    assert (len(row.values), row.untold) == (5, 15)


def test_attributes_without_number_take_bounded_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variation, "MOST_ATTRIBUTES", 5)
    variations = Variations()
    for number in range(20):
        variations.add([str(number)], [Profile({((0x0029, number, "ACME"),): Value("x")})])
    assert len(variations.rows()) == 5
    assert variations.too_many


def test_pixel_data_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths = written(tmp_path, ct(ramp(1)), ct(ramp(2)))
    monkeypatch.setattr(module.PixelDataRow, "value", property(lambda _: pytest.fail("was read")))
    assert "PixelData" not in by_name(counted(paths))


def test_what_is_ignored_does_not_vary(tmp_path: Path) -> None:
    datasets = [ct(InstanceNumber=1, SeriesInstanceUID=f"1.2.{number}") for number in range(3)]
    datasets[1] = copy.deepcopy(datasets[0])
    paths = written(tmp_path, *datasets)
    assert "SeriesInstanceUID" in by_name(counted(paths))
    assert by_name(counted(paths, Ignored(uids=True))) == {}
