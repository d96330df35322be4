"""Comparing two instances."""

import copy
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from dicomtui.dataset.comparable import Ignored
from dicomtui.dataset.comparison import Difference, compare
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import UsageError
from tests.builders import ct
from tests.dataset.as_read import instance

Told = set[tuple[str, str]]

FILES = ["CT_small.dcm", "rtplan.dcm", "test-SR.dcm", "liver_1frame.dcm", "MR_small.dcm", "rtdose.dcm"]


def told(differences: list[Difference]) -> Told:
    return {(difference.kind, difference.pointer) for difference in differences}


def changed_by(edit: Callable[[FileDataset], object], original: FileDataset | None = None) -> Told:
    """Return what comparison says of an edit."""
    old = original or ct()
    new = copy.deepcopy(old)
    edit(new)
    return told(compare(instance(old), instance(new)))


def item(**attributes: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def reference(number: int) -> Dataset:
    return item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.2", ReferencedSOPInstanceUID=f"1.2.3.{number}")


def with_references(*items: Dataset) -> FileDataset:
    dataset = ct()
    dataset.ReferencedImageSequence = Sequence(items)
    return dataset


# --- laws ---


@pytest.mark.parametrize("name", FILES)
def test_an_instance_does_not_differ_from_itself(name: str) -> None:
    path = get_testdata_file(name, download=False)
    for ignored in (Ignored(), Ignored(padding=False), Ignored(True, True, True, True)):
        assert compare(read_instance(path), read_instance(path), ignored) == []


@pytest.mark.corpus
@pytest.mark.slow
def test_no_real_file_differs_from_itself(corpus: Path) -> None:
    paths = [path for path in sorted(corpus.rglob("*")) if path.is_file() and path.stat().st_size < 1 << 20]
    seen = 0
    for path in paths[::3]:
        try:
            one, other = read_instance(path), read_instance(path)
        except Exception:  # noqa: BLE001  what cannot be read is no matter of comparison
            continue
        seen += 1
        assert compare(one, other, Ignored(padding=False)) == [], path
    assert seen > 50


MIRROR = {"added": "removed", "removed": "added", "changed": "changed"}


@pytest.mark.parametrize("one", FILES)
@pytest.mark.parametrize("other", FILES[:3])
def test_the_other_way_round_is_the_same_with_added_and_removed_exchanged(one: str, other: str) -> None:
    a, b = (read_instance(get_testdata_file(name, download=False)) for name in (one, other))
    there = sorted((MIRROR[d.kind], d.row.path) for d in compare(a, b) if d.kind != "changed")
    back = sorted((d.kind, d.row.path) for d in compare(b, a) if d.kind != "changed")
    assert there == back
    pairs = {(d.old.path, d.new.path) for d in compare(a, b) if d.old and d.new}
    assert pairs == {(d.new.path, d.old.path) for d in compare(b, a) if d.old and d.new}


NUMBERS = st.lists(st.integers(0, 9), max_size=7)


@given(NUMBERS, NUMBERS)
@settings(max_examples=60)
def test_items_differ_the_same_way_in_both_directions(one: list[int], other: list[int]) -> None:
    a, b = (instance(with_references(*map(reference, numbers))) for numbers in (one, other))
    there, back = compare(a, b), compare(b, a)
    assert sorted((MIRROR[d.kind], d.pointer) for d in there if d.kind != "changed") == sorted(
        (d.kind, d.pointer) for d in back if d.kind != "changed"
    )
    assert (there == []) == (one == other)


EDITABLE = {
    "PatientName": st.sampled_from(["A^B", "Ü^É", ""]),
    "SliceThickness": st.sampled_from(["1.5", "2.5", ""]),
    "ImagePositionPatient": st.sampled_from([[1, 2, 3], [4, 5, 6]]),
    "StudyComments": st.sampled_from(["one", "two\nlines"]),
    "KVP": st.sampled_from(["80", "120"]),
    "Rows": st.sampled_from([32, 64]),
    "AccessionNumber": st.sampled_from(["1", "2"]),
}
STATES = st.fixed_dictionaries({}, optional=EDITABLE)


@given(STATES, STATES, st.sampled_from([ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRBigEndian]))
@settings(max_examples=60)
def test_exactly_the_edits_are_found_in_whatever_encoding(
    before: dict[str, object], after: dict[str, object], syntax: str
) -> None:
    old, new = ct(), ct()
    for dataset, state in ((old, before), (new, after)):
        for keyword in EDITABLE:
            if keyword in dataset:
                delattr(dataset, keyword)
        for keyword, value in state.items():
            setattr(dataset, keyword, value)
    new.SOPInstanceUID = new.file_meta.MediaStorageSOPInstanceUID = old.SOPInstanceUID
    expected = {("added", keyword) for keyword in after.keys() - before.keys()}
    expected |= {("removed", keyword) for keyword in before.keys() - after.keys()}
    expected |= {("changed", word) for word in before.keys() & after.keys() if before[word] != after[word]}
    found = told(compare(instance(old), instance(new, syntax), Ignored(pixels=True)))
    assert found - {("changed", "TransferSyntaxUID")} == expected


@pytest.mark.parametrize("name", FILES)
def test_pydicom_agrees_on_what_is_equal(name: str) -> None:
    dataset = pydicom.dcmread(get_testdata_file(name, download=False))
    original = instance(dataset)
    for element in list(dataset)[::5]:
        if element.VR in ("SQ", "OB", "OW", "UN") or element.tag.element == 0:
            continue
        edited = copy.deepcopy(dataset)
        del edited[element.tag]
        assert edited != dataset
        (difference,) = compare(original, instance(edited))
        assert (difference.kind, difference.row.path) == ("removed", (int(element.tag),))


def test_dcmdump_shows_the_same_elements_as_different(tmp_path: Path) -> None:
    """Oracle: the elements whose lines differ between two dumps of dcmtk."""
    paths = [Path(get_testdata_file(name, download=False)) for name in ("rtplan.dcm", "rtdose.dcm")]
    dumps = []
    for path in paths:
        try:
            command = ["dcmdump", "-q", "+L", "--no-uid-names", str(path)]
            done = subprocess.run(command, capture_output=True, check=True)
        except FileNotFoundError:
            pytest.skip("dcmtk is not installed")
        lines = [line for line in done.stdout.decode("latin-1").splitlines() if line.startswith("(")]
        top = [line.rsplit("#", 1) for line in lines if ",0000)" not in line[:12]]
        dumps.append({line[:11]: line.strip() for line, _ in top if " SQ " not in line[:16]})
    expected = {tag for tag in dumps[0].keys() | dumps[1].keys() if dumps[0].get(tag) != dumps[1].get(tag)}
    found = compare(*map(read_instance, paths))
    flat = {
        d.row.pointer
        for d in found
        if len(d.row.path) == 1 and d.row.vr != "SQ" and d.row.tag >> 16 != 0x7FE0
    }
    tags = {f"({d.row.tag >> 16:04x},{d.row.tag & 0xFFFF:04x})" for d in found if d.row.pointer in flat}
    assert tags == {tag for tag in expected if not tag.startswith(("(7fe0", "(fffe"))}


# --- what makes no difference ---


@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_the_encoding_makes_no_difference_but_for_the_transfer_syntax(syntax: str) -> None:
    dataset = pydicom.dcmread(get_testdata_file("rtplan.dcm", download=False))
    found = compare(instance(copy.deepcopy(dataset)), instance(dataset, syntax))
    assert told(found) == {("changed", "TransferSyntaxUID")}


def test_words_of_another_byte_order_are_the_same() -> None:
    def made() -> FileDataset:
        dataset = ct()
        dataset.RedPaletteColorLookupTableData = np.arange(16, dtype="<u2").tobytes()
        return dataset

    little, big = made(), made()
    for dataset in (little, big):
        del dataset.PixelData
    words = np.arange(16, dtype="<u2")
    big.RedPaletteColorLookupTableData = words.byteswap().tobytes()  # pydicom writes OW as it is given
    found = compare(instance(little), instance(big, ExplicitVRBigEndian))
    assert told(found) == {("changed", "TransferSyntaxUID")}


def test_the_character_set_makes_no_difference_to_the_same_name() -> None:
    def edit(dataset: FileDataset) -> None:
        dataset.SpecificCharacterSet = "ISO_IR 100"

    original = ct()
    original.PatientName = "Müller^Jörg"
    assert changed_by(edit, original) == {("changed", "SpecificCharacterSet")}


def test_the_block_of_a_private_creator_makes_no_difference() -> None:
    old, new = ct(), ct()
    old.private_block(0x0029, "ACME", create=True).add_new(0x10, "LO", "same")
    new.add_new(0x00290010, "LO", "OTHER")
    new.add_new(0x00290011, "LO", "ACME")
    new.add_new(0x00291110, "LO", "same")
    assert told(compare(instance(old), instance(new))) == {("added", "(0029,0010)")}


def test_padding_and_group_lengths_count_only_when_asked_for() -> None:
    old, new = ct(), ct()
    old.PatientID, new.PatientID = "ID-1", "ID-1  "
    new.file_meta.SendingApplicationEntityTitle = "THERE"
    new.add_new(0xFFFCFFFC, "OB", b"\0" * 8)
    there = ("added", "SendingApplicationEntityTitle")
    assert told(compare(instance(old), instance(new))) == {there}
    every = told(compare(instance(old), instance(new), Ignored(padding=False)))
    assert every == {
        there,
        ("changed", "FileMetaInformationGroupLength"),
        ("changed", "PatientID"),
        ("added", "DataSetTrailingPadding"),
    }


# --- what does ---


def test_a_value_representation_is_a_difference_of_its_own() -> None:
    old, new = ct(), ct()
    old.add_new(0x00081030, "LO", "same")
    new.add_new(0x00081030, "SH", "same")
    (difference,) = compare(instance(old), instance(new))
    assert difference.same_value
    assert (difference.old.vr, difference.new.vr) == ("LO", "SH")


def test_one_pixel_is_a_difference() -> None:
    def edit(dataset: FileDataset) -> None:
        dataset.PixelData = dataset.PixelData[:-1] + b"\7"

    assert changed_by(edit) == {("changed", "PixelData")}


def test_file_meta_information_is_compared() -> None:
    def edit(dataset: FileDataset) -> None:
        dataset.file_meta.SourceApplicationEntityTitle = "HERE"

    assert changed_by(edit) == {("added", "SourceApplicationEntityTitle")}


# --- items ---


def test_an_item_removed_in_the_middle_does_not_make_those_behind_it_differ() -> None:
    numbers = range(50)
    old = with_references(*map(reference, numbers))
    new = with_references(*(reference(number) for number in numbers if number != 20))
    found = compare(instance(old), instance(new))
    assert told(found) == {("removed", "ReferencedImageSequence[20]")}


def test_an_item_that_is_changed_and_moved_up_is_compared_with_itself() -> None:
    old = with_references(*map(reference, range(10)))
    new = with_references(*map(reference, range(1, 10)))
    new.ReferencedImageSequence[4].ReferencedFrameNumber = 7
    found = told(compare(instance(old), instance(new)))
    assert found == {
        ("removed", "ReferencedImageSequence[0]"),
        ("added", "ReferencedImageSequence[4].ReferencedFrameNumber"),
    }


def test_items_without_a_name_are_compared_with_those_most_like_them() -> None:
    def step(number: int, text: str) -> Dataset:
        return item(PatientComments=f"c{number}", PatientState=f"s{number}", AdmissionID=text)

    old, new = ct(), ct()
    old.RequestAttributesSequence = Sequence([step(1, "a"), step(2, "b"), step(3, "c")])
    new.RequestAttributesSequence = Sequence([step(2, "changed"), step(3, "too")])
    assert told(compare(instance(old), instance(new))) == {
        ("removed", "RequestAttributesSequence[0]"),
        ("changed", "RequestAttributesSequence[1].AdmissionID"),
        ("changed", "RequestAttributesSequence[2].AdmissionID"),
    }


def test_the_order_of_items_is_a_difference() -> None:
    old = with_references(reference(1), reference(2), reference(3))
    new = with_references(reference(2), reference(3), reference(1))
    kinds = sorted(difference.kind for difference in compare(instance(old), instance(new)))
    assert kinds == ["added", "removed"]


def test_thousands_of_items_that_all_differ_are_compared_by_their_places() -> None:
    old = with_references(*map(reference, range(3000)))
    new = with_references(*(reference(number + 5000) for number in range(3000)))
    found = compare(instance(old), instance(new))
    assert len(found) == 3000
    assert all(difference.kind == "changed" for difference in found)


# --- what is asked to be ignored ---


def test_uids_are_ignored_but_for_those_of_the_standard() -> None:
    old, new = ct(), ct()
    new.SOPInstanceUID = new.SeriesInstanceUID = new.file_meta.MediaStorageSOPInstanceUID = "1.2.3"
    new.SOPClassUID = "1.2.840.10008.5.1.4.1.1.4"
    found = told(compare(instance(old), instance(new), Ignored(uids=True)))
    assert found == {("changed", "SOPClassUID"), ("changed", "MediaStorageSOPClassUID")}


@pytest.mark.parametrize("word", ["dates", "private", "pixels"])
def test_what_is_ignored_makes_no_difference(word: str) -> None:
    old, new = ct(), ct()
    if word == "dates":
        new.StudyDate, new.StudyTime, new.AcquisitionDateTime = "19990101", "1200", "20200101120000"
    elif word == "private":
        new.private_block(0x0029, "ACME", create=True).add_new(0x10, "LO", "x")
    else:
        new.PixelData = bytes(len(new.PixelData))
    assert compare(instance(old), instance(new))
    assert compare(instance(old), instance(new), Ignored.from_text(word)) == []


def test_what_cannot_be_ignored_is_said() -> None:
    with pytest.raises(UsageError, match=r"'names' cannot be ignored.*uids, private, pixels, dates"):
        Ignored.from_text("uids,names")
