"""What the dictionaries say, held against pydicom's own look-ups."""

import pytest
from pydicom.datadict import DicomDictionary, dictionary_VR, private_dictionaries

from dicomtui.dataset.dictionary import (
    format_tag,
    is_private,
    is_private_creator,
    keyword_of,
    name_of,
    uid_name,
    vr_of,
)

ITEMS = (0xFFFEE000, 0xFFFEE00D, 0xFFFEE0DD)  # they have no VR


def test_every_attribute_of_the_standard_has_its_name_keyword_and_vr() -> None:
    for tag, (vr, _, name, _, keyword) in DicomDictionary.items():
        assert (name_of(tag), keyword_of(tag), vr_of(tag)) == (name, keyword, vr)


@pytest.mark.parametrize("tag", [0x60003000, 0x60023000, 0x60FE3000])
def test_every_overlay_has_the_attributes_of_the_first(tag: int) -> None:
    assert (name_of(tag), keyword_of(tag)) == ("Overlay Data", "OverlayData")
    assert vr_of(tag) == dictionary_VR(tag)


def test_private_attributes_have_the_names_that_their_vendor_gave_them() -> None:
    for creator, entries in list(private_dictionaries.items())[::20]:
        for pattern, (vr, _, name, _) in entries.items():
            if "x" in pattern[:4]:
                continue
            group, element = int(pattern[:4], 16), int(pattern[-2:], 16)
            tag = group << 16 | 0x1000 | element
            assert name_of(tag, creator) == name.strip("[]")
            assert vr_of(tag, creator) == vr


def test_one_tag_means_what_its_creator_says() -> None:
    assert name_of(0x00091001, "GEMS_IDEN_01") == "Full fidelity"
    assert name_of(0x00091001, "SOMEBODY ELSE") == "Unknown"
    assert name_of(0x00091001) == "Unknown"


@pytest.mark.parametrize(("tag", "name"), [(0x00090010, "Private Creator"), (0x00091001, "Unknown")])
def test_a_private_element_has_no_keyword(tag: int, name: str) -> None:
    assert (name_of(tag), keyword_of(tag)) == (name, "")


def test_group_lengths_are_known_in_every_group() -> None:
    assert (name_of(0x00020000), vr_of(0x00020000)) == ("File Meta Information Group Length", "UL")
    assert (name_of(0x00080000), vr_of(0x00080000)) == ("Group Length", "UL")
    assert (name_of(0x00090000), vr_of(0x00090000)) == ("Group Length", "UL")


def test_what_no_dictionary_has_is_unknown() -> None:
    assert (name_of(0x00080002), keyword_of(0x00080002), vr_of(0x00080002)) == ("Unknown", "", "UN")


def test_a_private_group_is_odd_and_its_creators_stand_in_the_first_block() -> None:
    assert is_private(0x00091001)
    assert not is_private(0x00081001)
    assert is_private_creator(0x00090010)
    assert is_private_creator(0x000900FF)
    assert not is_private_creator(0x0009000F)
    assert not is_private_creator(0x00090100)
    assert not is_private_creator(0x00080010)


def test_a_tag_is_written_as_in_the_standard() -> None:
    assert format_tag(0x0020000E) == "(0020,000e)"
    assert format_tag(0xFFFEE00D) == "(fffe,e00d)"


def test_uids_of_the_standard_have_a_name_and_others_none() -> None:
    assert uid_name("1.2.840.10008.5.1.4.1.1.2") == "CT Image Storage"
    assert uid_name("1.2.3") == ""
