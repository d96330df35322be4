"""One instance in, one out that tells nobody who the patient is."""

import io

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.uid import SecondaryCaptureImageStorage

from dicomtui.dataset.file_writing import IMPLEMENTATION_UID
from dicomtui.dataset.reading import read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.deidentify.engine import Result, apply_rules, deidentify_instance
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions, Rectangle
from dicomtui.deidentify.pixel_risk import HeldBack
from dicomtui.errors import ReadError
from tests.deidentify.encoded import SOP_INSTANCE, explicit, file_of, implicit, instance_of, item

BASIC, RESEARCH = PRESETS["basic"], PRESETS["research"]
KEY = Key(bytes(range(32)))
NAME = explicit(0x00100010, "PN", "Doe^Jane")
PATIENT = explicit(0x00100020, "LO", "ID-4711")


def written(result: Result) -> bytes:
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, result.dataset, enforce_file_format=True)
    return stream.getvalue()


def deidentified(*elements: bytes, options: DeidentifyOptions = BASIC, key: Key = KEY) -> Result:
    return deidentify_instance(instance_of(*elements), options, key)


def test_the_file_meta_information_has_five_elements_and_the_preamble_is_zero() -> None:
    content = file_of(NAME, preamble=b"Doe^Jane" + bytes(120))
    result = deidentify_instance(read_source(MemorySource("a", content)), BASIC, KEY)
    again = written(result)
    assert again[:128] == bytes(128)
    meta = result.dataset.file_meta
    assert [int(tag) & 0xFFFF for tag in meta.keys()] == [1, 2, 3, 0x10, 0x12]  # noqa: SIM118
    assert meta.ImplementationClassUID == IMPLEMENTATION_UID
    assert meta.MediaStorageSOPInstanceUID == result.new_sop_instance_uid != SOP_INSTANCE
    assert b"Doe" not in again


def test_an_element_that_stands_twice_leaves_neither_copy() -> None:
    content = file_of(
        NAME, PATIENT, explicit(0x00101040, "LO", "First Street"), NAME.replace(b"Jane", b"Mary")
    )
    again = written(deidentify_instance(read_source(MemorySource("a", content)), BASIC, KEY))
    assert not any(word in again for word in (b"Doe", b"Jane", b"Mary", b"Street", b"4711"))


def test_trailing_padding_group_lengths_and_directory_elements_go() -> None:
    result = deidentified(
        explicit(0x00040010 + 0x1500, "CS", "X"),
        explicit(0x00041500, "CS", "DOE"),
        explicit(0x00080000, "UL", bytes(4)),
        explicit(0x00080001, "UL", bytes(4)),
        explicit(0xFFFCFFFC, "OB", b"Doe^Jane"),
    )
    assert not {0x00041500, 0x00080000, 0x00080001, 0xFFFCFFFC} & {int(tag) for tag in result.dataset.keys()}  # noqa: SIM118


@pytest.mark.parametrize("options", [BASIC, RESEARCH, DeidentifyOptions(dates="kept")])
def test_it_says_what_was_done(options: DeidentifyOptions) -> None:
    dataset = deidentified(NAME, explicit(0x00120063, "LO", "by Dr. Doe"), options=options).dataset
    assert dataset.PatientIdentityRemoved == "YES"
    assert "PS3.15 2026d" in str(dataset.DeidentificationMethod)
    assert "Doe" not in str(dataset.DeidentificationMethod)
    codes = [item.CodeValue for item in dataset.DeidentificationMethodCodeSequence]
    dates = {"removed": [], "shifted": ["113107"], "kept": ["113106"]}[options.dates]
    characteristics = ["113108"] if options.retain_patient_characteristics else []
    assert codes == ["113100", *dates, *characteristics]
    temporal = {"removed": "REMOVED", "shifted": "MODIFIED", "kept": "UNMODIFIED"}[options.dates]
    assert dataset.LongitudinalTemporalInformationModified == temporal
    assert "BurnedInAnnotation" not in dataset


def test_burned_in_annotation_is_denied_only_where_pixels_were_cleaned() -> None:
    options = DeidentifyOptions(blank=(Rectangle(0, 0, 8, 8),))
    pixels = explicit(0x7FE00010, "OW", bytes(8))
    assert deidentified(pixels, options=options).dataset.BurnedInAnnotation == "NO"
    cleaned = deidentified(pixels, options=options).dataset.DeidentificationMethodCodeSequence
    assert "113101" in [item.CodeValue for item in cleaned]
    assert "BurnedInAnnotation" not in deidentified(options=options).dataset


def test_pixel_data_is_not_in_the_result() -> None:
    dataset = deidentified(explicit(0x7FE00010, "OW", bytes(8)), explicit(0x00281101, "US", bytes(6))).dataset
    assert 0x7FE00010 not in dataset
    assert 0x00281101 in dataset


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (0x00080020, "DA", "Doe"),
        (0x00080030, "TM", "Jane"),
        (0x0008002A, "DT", "20200131 DOE"),
        (0x00101010, "AS", "Doe"),
        (0x00101030, "DS", "Jane"),
        (0x00080201, "SH", "Doeville"),
    ],
)
@pytest.mark.parametrize(
    "options", [RESEARCH, DeidentifyOptions(dates="kept", retain_patient_characteristics=True)]
)
def test_a_kept_value_that_does_not_parse_is_emptied_and_reported(
    tag: int, vr: str, value: str, options: DeidentifyOptions
) -> None:
    result = deidentified(explicit(tag, vr, value), options=options)
    if tag != 0x00080201 or options is RESEARCH:
        assert result.dataset.get_item(tag).value == b""
        assert [problem for problem in result.problems if f"({tag >> 16:04x},{tag & 0xFFFF:04x})" in problem]
        assert not [problem for problem in result.problems if value in problem]


def test_a_number_with_letters_is_emptied_wherever_it_stands() -> None:
    result = deidentified(explicit(0x00180050, "DS", "Jane Doe"), explicit(0x00180088, "DS", "12,5"))
    assert result.dataset.get_item(0x00180050).value == b""
    assert result.dataset.get_item(0x00180088).value == b"12,5"
    assert len(result.problems) == 1


@pytest.mark.parametrize("vr", ["LO", "UN"])
@pytest.mark.parametrize("tag", [0x00280010, 0x00180050, 0x00200013, 0x00281052])
def test_text_does_not_stay_under_an_attribute_of_numbers(tag: int, vr: str) -> None:
    result = deidentified(explicit(tag, vr, "Doe^J"), options=RESEARCH)
    if (tag, vr) != (0x00280010, "UN"):  # six bytes are three numbers: the verification reads them as text
        assert b"Doe" not in written(result)
        assert result.dataset.get_item(tag).value == b""


@pytest.mark.parametrize("vr", ["US", "UN"])
def test_bytes_behind_the_one_number_of_an_attribute_do_not_stay(vr: str) -> None:
    result = deidentified(explicit(0x00280010, vr, b"\x80\x00Jane"))
    assert result.dataset.get_item(0x00280010).value == b"\x80\x00"
    assert any("(0028,0010)" in problem and "others are removed" in problem for problem in result.problems)


def test_attributes_of_several_numbers_keep_them() -> None:
    descriptor = bytes(range(6))
    result = deidentified(explicit(0x00281101, "US", descriptor), explicit(0x00280009, "AT", bytes(8)))
    assert result.dataset.get_item(0x00281101).value == descriptor
    assert result.problems == []


def test_numbers_of_an_unknown_vr_stay() -> None:
    dataset = deidentified(explicit(0x00280010, "UN", b"\0\2"), explicit(0x00180050, "UN", b"2.5 ")).dataset
    assert [dataset.get_item(tag).value for tag in (0x00280010, 0x00180050)] == [b"\0\2", b"2.5 "]


@pytest.mark.parametrize("tag", [0x00620005, 0x00620006, 0x00700080, 0x00700081, 0x00280A04, 0x00187006])
def test_labels_and_descriptions_that_the_table_leaves_out_hold_no_names(tag: int) -> None:
    assert b"Doe" not in written(deidentified(explicit(tag, "LO", "Liver of Mrs. Doe")))


def test_the_label_of_a_segment_keeps_the_words_of_anatomy() -> None:
    labels = [
        deidentified(explicit(0x00620005, "LO", text)).dataset.SegmentLabel for text in ("Liver Doe", "Doe")
    ]
    assert labels == ["Liver", "REMOVED"]


def test_a_name_of_a_person_goes_whatever_attribute_claims_to_be_one() -> None:
    result = deidentified(explicit(0x00180022, "PN", "Doe^Jane"), explicit(0x00700084, "PN", "Miller^Ann"))
    assert not any(word in written(result) for word in (b"Doe", b"Miller"))


def test_a_uid_next_to_one_of_the_standard_is_replaced_too() -> None:
    dataset = deidentified(explicit(0x00089123, "UI", "1.2.840.10008.1.1\\1.2.3.4711")).dataset
    assert list(dataset.CreatorVersionUID) == ["1.2.840.10008.1.1", KEY.uid("1.2.3.4711")]


def test_names_dates_uids_and_addresses_outside_of_the_table_do_not_stay() -> None:
    result = deidentified(
        explicit(0x00189333 ^ 0x0, "DA", "20200131"),
        explicit(0x00080064 + 0x0, "CS", "SYN"),
        explicit(0x00081190, "UR", "http://pacs/Doe"),
        explicit(0x00143101 - 0x2F, "PN", "Doe^Jane"),
        explicit(0x00420010, "ST", "Report of Jane Doe"),
        explicit(0x00283003, "LO", "LUT of Doe"),
        explicit(0x00089123, "UI", "1.2.3.4711"),
        explicit(0x0008010C, "UI", "1.2.840.10008.2.16.4"),
    )
    again = written(result)
    assert not any(word in again for word in (b"Doe", b"Jane", b"20200131", b"4711"))
    assert result.dataset.CodingSchemeUID == "1.2.840.10008.2.16.4"
    assert result.dataset.CreatorVersionUID.startswith("2.25.")


def test_well_known_uids_stay_in_every_place() -> None:
    frame = "1.2.840.10008.1.4.1.1"
    result = deidentified(explicit(0x00200052, "UI", frame))
    assert result.dataset.FrameOfReferenceUID == frame
    made_up = deidentified(explicit(0x00200052, "UI", "1.2.840.10008.99.1"))
    assert made_up.dataset.FrameOfReferenceUID.startswith("2.25.")


def test_a_sequence_that_cannot_be_parsed_is_removed_and_reported() -> None:
    result = deidentified(explicit(0x00081032, "UN", b"Doe^Jane at home"))
    assert 0x00081032 not in result.dataset
    assert any("(0008,1032)" in problem for problem in result.problems)
    assert b"Doe" not in written(result)


def test_pixel_data_inside_of_a_sequence_goes() -> None:
    nested = item(explicit(0x00280010, "US", b"\1\0"), explicit(0x7FE00010, "OW", b"Doe^Jane"))
    result = deidentified(explicit(0x00081032, "SQ", nested))
    assert b"Doe" not in written(result)
    assert 0x7FE00010 not in result.dataset[0x00081032].value[0]


def test_private_elements_stay_only_when_they_are_known_to_be_safe() -> None:
    elements = (
        explicit(0x20010010, "LO", "Philips Imaging DD 001"),
        explicit(0x20010011, "LO", "SOMEBODY"),
        explicit(0x20011003, "FL", b"\0\0\x80?"),
        explicit(0x200110A9, "LO", "Doe"),
        explicit(0x20011103, "LO", "Jane"),
    )
    safe = deidentified(*elements, options=DeidentifyOptions(retain_safe_private=True)).dataset
    assert sorted(int(tag) for tag in safe.keys() if tag.is_private) == [0x20010010, 0x20011003]  # noqa: SIM118
    assert safe[0x20011003].value == 1.0
    assert not [tag for tag in deidentified(*elements).dataset.keys() if tag.is_private]  # noqa: SIM118


def test_the_meaning_of_a_local_code_goes_and_that_of_a_public_one_stays() -> None:
    def code(scheme: str, meaning: str) -> bytes:
        return item(
            explicit(0x00080100, "SH", "A1"),
            explicit(0x00080102, "SH", scheme),
            explicit(0x00080104, "LO", meaning),
        )

    both = code("99HOSPITAL", "Knee of Jane") + code("SCT", "Knee joint") + code("L", "Jane")
    items = deidentified(explicit(0x00081032, "SQ", both)).dataset[0x00081032].value
    assert [each.CodeMeaning for each in items] == ["Knee", "Knee joint", "REMOVED"]


def test_clean_descriptors_keep_listed_words_that_are_nobody_s_name() -> None:
    result = deidentified(
        explicit(0x00081030, "LO", "CT Head w/o Dr. Miller, 5mm HAND 12.03.1981"),
        explicit(0x00100010, "PN", "Hand^Jane"),
        options=DeidentifyOptions(clean_descriptors=True),
    )
    assert result.dataset.StudyDescription == "CT Head 5mm"


def test_the_character_set_and_kept_text_stay_as_they_are() -> None:
    result = deidentified(
        explicit(0x00080005, "CS", "ISO_IR 192"), explicit(0x00081090, "LO", "Röntgen"), options=BASIC
    )
    again = pydicom.dcmread(io.BytesIO(written(result)))
    assert again.ManufacturerModelName == "Röntgen"


@pytest.mark.parametrize("name", ["zlib_codec", "Doe", "ISO_IR 999"])
def test_an_unknown_character_set_is_removed(name: str) -> None:
    result = deidentified(explicit(0x00080005, "CS", name), explicit(0x00081090, "LO", "Model"))
    written(result)
    assert "SpecificCharacterSet" not in result.dataset
    assert result.problems


def test_a_misspelt_character_set_is_mended() -> None:
    result = deidentified(explicit(0x00080005, "CS", "ISO IR 100"), explicit(0x00081090, "LO", b"R\xf6ntgen"))
    again = pydicom.dcmread(io.BytesIO(written(result)))
    assert (again.SpecificCharacterSet, again.ManufacturerModelName) == ("ISO_IR 100", "Röntgen")


def test_a_patient_without_id_is_named_after_the_study() -> None:
    one = deidentified(explicit(0x00100020, "LO", ""), explicit(0x0020000D, "UI", "1.2.3.4"))
    other = deidentified(explicit(0x00100020, "LO", ""), explicit(0x0020000D, "UI", "1.2.3.5"))
    assert one.new_patient_id
    assert one.new_patient_id != other.new_patient_id


def test_the_same_input_and_key_give_the_same_bytes_and_another_project_none_of_them() -> None:
    one, again = deidentified(NAME, PATIENT), deidentified(NAME, PATIENT)
    other = deidentified(NAME, PATIENT, key=KEY.for_project("other"))
    assert written(one) == written(again)
    assert one.new_patient_id != other.new_patient_id
    assert one.new_sop_instance_uid != other.new_sop_instance_uid


def test_overlays_go_with_the_whole_group() -> None:
    dataset = deidentified(
        explicit(0x60000010, "US", b"\1\0"),
        explicit(0x60001500, "LO", "Doe"),
        explicit(0x60003000, "OW", b"\0\0"),
    ).dataset
    assert not [tag for tag in dataset.keys() if tag.group == 0x6000]  # noqa: SIM118


def test_uids_are_those_of_the_report() -> None:
    result = deidentified(PATIENT, explicit(0x0020000E, "UI", "1.2.3.4.5"))
    dataset = result.dataset
    assert result.old_sop_instance_uid == SOP_INSTANCE
    assert result.old_series_instance_uid == "1.2.3.4.5"
    assert result.old_patient_id == "ID-4711"
    assert result.new_series_instance_uid == dataset.SeriesInstanceUID == KEY.uid("1.2.3.4.5")
    assert result.new_patient_id == dataset.PatientID


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("UI", "1.2.3\\4.5"),
        ("UI", "1.2." + "3" * 70),
        ("UI", ".."),
        ("LO", "Doe"),
        ("UI", "1 .2"),
        ("SQ", b""),
    ],
)
def test_what_names_no_instance_becomes_a_uid_although_uids_stay(vr: str, value: str | bytes) -> None:
    result = deidentified(explicit(0x00080018, vr, value), options=DeidentifyOptions(retain_uids=True))
    uid = result.new_sop_instance_uid
    assert uid == SOP_INSTANCE or uid.startswith("2.25.")
    assert result.dataset.file_meta.MediaStorageSOPInstanceUID == result.dataset.SOPInstanceUID == uid
    assert result.dataset.get_item(0x00080018).VR == "UI"


def test_a_uid_that_stays_is_not_searched_for_although_only_the_file_meta_information_has_it() -> None:
    content = file_of().replace(explicit(0x00080018, "UI", SOP_INSTANCE), b"")
    result = deidentify_instance(
        read_source(MemorySource("a", content)), DeidentifyOptions(retain_uids=True), KEY
    )
    assert result.new_sop_instance_uid == SOP_INSTANCE
    assert SOP_INSTANCE not in result.tokens


def test_an_instance_without_uids_is_refused_whatever_the_options_allow() -> None:
    content = file_of(explicit(0x00080018, "UI", "")).replace(
        SOP_INSTANCE.encode(), b"\0" * len(SOP_INSTANCE)
    )
    with pytest.raises(HeldBack, match=r"\(0008,0018\)"):
        deidentify_instance(
            read_source(MemorySource("a", content)), DeidentifyOptions(allow_pixel_risk=True), KEY
        )


def test_a_secondary_capture_is_held_back_unless_allowed() -> None:
    instance = instance_of(NAME, sop_class=SecondaryCaptureImageStorage)
    with pytest.raises(HeldBack, match="secondary capture"):
        deidentify_instance(instance, BASIC, KEY)
    assert deidentify_instance(instance, DeidentifyOptions(allow_pixel_risk=True), KEY)


VRS = [
    "AE",
    "AS",
    "CS",
    "DA",
    "DS",
    "DT",
    "IS",
    "LO",
    "LT",
    "OB",
    "PN",
    "SH",
    "SQ",
    "TM",
    "UI",
    "UL",
    "UN",
    "US",
]
TAGS = [
    0x00080005, 0x00080012, 0x00080016, 0x00080018, 0x00080020, 0x00080102, 0x00080104, 0x00081032,
    0x00081111, 0x00081140, 0x00100010, 0x00100020, 0x00100030, 0x00101010, 0x00181200, 0x0020000D,
    0x00280103, 0x0040A043, 0x0040A730, 0x00700001, 0x0040A160, 0x20010010, 0x2001105F, 0x20011003,
    0x50000010, 0x60003000, 0x7FE00010,
]  # fmt: skip
ANY = st.builds(explicit, st.sampled_from(TAGS), st.sampled_from(VRS), st.binary(max_size=24))
NESTED = st.builds(
    lambda tag, vr, inner: explicit(tag, vr, item(*inner)),
    st.sampled_from(TAGS),
    st.sampled_from(["SQ", "UN"]),
    st.lists(ANY, max_size=4),
)
CHOICES = st.builds(
    DeidentifyOptions,
    *[st.booleans()] * 4,
    st.sampled_from(["removed", "shifted", "kept"]),
    *[st.booleans()] * 4,
    st.just(()),
    st.just(True),
)


@settings(max_examples=150)
@given(st.lists(st.one_of(ANY, NESTED), max_size=8), CHOICES)
def test_whatever_stands_in_a_file_is_written_or_refused(
    elements: list[bytes], options: DeidentifyOptions
) -> None:
    try:
        instance = instance_of(*elements)
        result = deidentify_instance(instance, options, KEY)
    except (HeldBack, ReadError):
        return
    written(result)


@settings(max_examples=60)
@given(st.lists(st.one_of(ANY, NESTED), max_size=8), CHOICES)
def test_what_was_de_identified_can_be_again_and_changes_nothing_but_ids_and_dates(
    elements: list[bytes], options: DeidentifyOptions
) -> None:
    try:
        once = deidentify_instance(instance_of(*elements), options, KEY)
        again = apply_rules(read_source(MemorySource("again", written(once))), options, KEY)
    except (HeldBack, ReadError):
        return
    assert set(again.dataset.keys()) <= set(once.dataset.keys())


def test_sixty_four_sequences_inside_each_other_are_cleaned() -> None:
    nested = NAME
    for _ in range(70):
        nested = explicit(
            0x00081032, "UN", item(implicit(0x00081032, item()) if nested is NAME else b"", nested)
        )
    result = deidentified(nested)
    assert b"Doe" not in written(result)
