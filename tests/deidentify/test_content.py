"""Structured reports: emptied by the Basic Profile, cleaned by concept with the option."""

from datetime import date, timedelta

import pytest
from pydicom.dataset import Dataset

from dicomtui.deidentify.engine import deidentify_instance
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from tests.deidentify.encoded import explicit, instance_of, item

SR = "1.2.840.10008.5.1.4.1.1.88.33"
CONTENT = 0x0040A730
VALUES = {
    "TEXT": lambda value: explicit(0x0040A160, "UT", value),
    "PNAME": lambda value: explicit(0x0040A123, "PN", value),
    "DATE": lambda value: explicit(0x0040A121, "DA", value),
    "UIDREF": lambda value: explicit(0x0040A124, "UI", value),
    "CODE": lambda value: explicit(0x0040A168, "SQ", item(explicit(0x00080100, "SH", value))),
    "IMAGE": lambda value: explicit(0x00081199, "SQ", item(explicit(0x00081155, "UI", value))),
}


def content(code: str, kind: str, value: str, scheme: str = "DCM", *nested: bytes) -> bytes:
    elements = [
        explicit(0x0040A010, "CS", "CONTAINS"),
        explicit(0x0040A040, "CS", kind),
        explicit(
            0x0040A043,
            "SQ",
            item(
                explicit(0x00080100, "SH", code),
                explicit(0x00080102, "SH", scheme),
                explicit(0x00080104, "LO", "Doe's concept"),
            ),
        ),
        VALUES[kind](value),
        *nested,
    ]
    return item(*sorted(elements, key=lambda element: element[1::-1] + element[3:1:-1]))


def items(key: Key, *made: bytes, **chosen: object) -> list[Dataset]:
    chosen.setdefault("clean_structured_content", True)
    options = DeidentifyOptions(**chosen)  # type: ignore[arg-type]
    instance = instance_of(
        explicit(0x00100020, "LO", "ID"), explicit(CONTENT, "SQ", b"".join(made)), sop_class=SR
    )
    return list(deidentify_instance(instance, options, key).dataset[CONTENT].value)


FINDING = content("121071", "TEXT", "Jane Doe has a knee")  # X/D
NAME = content("121008", "PNAME", "Doe^Jane")  # D
STUDY_DATE = content("111060", "DATE", "20200131")  # X/D
BIRTH = content("121031", "DATE", "19700101")  # X
ACCESSION = content("121022", "TEXT", "ACC-4711")  # X
UNKNOWN = content("99", "TEXT", "of Jane Doe", "99LOCAL")
IMAGE = content("121233", "IMAGE", "1.2.3.4711")  # D
SERIAL = content("121016", "TEXT", "SN-4711")  # X, K with devices


def test_the_basic_profile_leaves_one_item_that_says_so(key: Key) -> None:
    (only,) = items(key, FINDING, NAME, IMAGE, clean_structured_content=False)
    assert (only.ValueType, only.TextValue) == ("TEXT", "REMOVED")


def test_items_are_removed_replaced_or_remapped_as_their_concepts_ask(key: Key) -> None:
    finding, name, day, unknown, image = items(
        key, FINDING, NAME, STUDY_DATE, BIRTH, ACCESSION, UNKNOWN, IMAGE, SERIAL
    )
    assert finding.TextValue == unknown.TextValue == "REMOVED"
    assert name.PersonName == "REMOVED"
    assert day.Date == "19000101"
    assert image[0x00081199].value[0].ReferencedSOPInstanceUID == key.uid("1.2.3.4711")


def test_options_reach_into_content(key: Key) -> None:
    kept = items(
        key,
        SERIAL,
        FINDING,
        STUDY_DATE,
        BIRTH,
        retain_device_identity=True,
        clean_descriptors=True,
        dates="shifted",
    )
    serial, finding, day = kept
    assert serial.TextValue == "SN-4711"
    assert finding.TextValue == "knee"
    moved = date(2020, 1, 31) + timedelta(key.offset_days("", "ID"))
    assert day.Date == moved.strftime("%Y%m%d")


def test_items_keep_their_places_where_others_point_at_them(key: Key) -> None:
    pointing = item(
        explicit(0x0040A010, "CS", "INFERRED FROM"), explicit(0x0040DB73, "UL", b"\1\0\0\0\2\0\0\0")
    )
    accession, birth, last = items(key, ACCESSION, BIRTH, pointing)
    assert accession.TextValue == "REMOVED"
    assert birth.Date == "19000101"
    assert last.RelationshipType == "INFERRED FROM"


def test_a_code_that_must_go_is_replaced_where_its_place_must_stay(key: Key) -> None:
    code = explicit(0x00080100, "SH", "M") + explicit(0x00080102, "SH", "DCM")
    name = explicit(0x00080100, "SH", "121032") + explicit(0x00080102, "SH", "DCM")
    sex = item(
        explicit(0x0040A040, "CS", "CODE"),
        explicit(0x0040A043, "SQ", item(name)),
        explicit(0x0040A168, "SQ", item(code + explicit(0x00080104, "LO", "Male"))),
    )
    pointing = item(explicit(0x0040DB73, "UL", b"\1\0\0\0\2\0\0\0"))
    replaced, _ = items(key, sex, pointing)
    assert [each.CodeMeaning for each in replaced[0x0040A168].value] == ["Removed"]


def test_nested_items_are_judged_too(key: Key) -> None:
    nested = content("121071", "TEXT", "x", "DCM", explicit(CONTENT, "SQ", ACCESSION + NAME))
    (outer,) = items(key, nested)
    (inner,) = outer[CONTENT].value
    assert inner.PersonName == "REMOVED"


def test_a_content_sequence_is_never_left_without_items(key: Key) -> None:
    (only,) = items(key, ACCESSION, BIRTH)
    assert only.TextValue == "REMOVED"


@pytest.mark.parametrize("tag", [0x00400555, 0x00400610])
def test_contexts_of_acquisition_and_specimens_are_cleaned_by_concept(tag: int, key: Key) -> None:
    made = ACCESSION + NAME
    if tag == 0x00400610:
        made = item(explicit(0x00400612, "SQ", made))
    options = DeidentifyOptions(clean_structured_content=True)
    kept = deidentify_instance(instance_of(explicit(tag, "SQ", made)), options, key).dataset[tag].value
    if tag == 0x00400610:
        kept = kept[0][0x00400612].value
    assert [each.PersonName for each in kept] == ["REMOVED"]


def test_graphics_stay_without_their_text(key: Key) -> None:
    text = explicit(0x00700008, "SQ", item(explicit(0x00700006, "ST", "Jane Doe")))
    lines = explicit(0x00700009, "SQ", item(explicit(0x00700022, "FL", bytes(8))))
    annotation = explicit(0x00700001, "SQ", item(explicit(0x00700002, "CS", "LAYER"), text, lines))
    instance = instance_of(annotation)
    (kept,) = (
        deidentify_instance(instance, DeidentifyOptions(clean_graphics=True), key).dataset[0x00700001].value
    )
    assert kept[0x00700008].value[0].UnformattedTextValue == "REMOVED"
    assert 0x00700022 in kept[0x00700009].value[0]
    (dummy,) = deidentify_instance(instance, DeidentifyOptions(), key).dataset[0x00700001].value
    assert dummy.GraphicLayer == "LAYER"
    assert 0x00700009 not in dummy
