"""The standard's tables, which must not change unseen."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.deidentify import tables
from dicomtui.deidentify.options import ALL_CODES, OPTION_TEXTS, DeidentifyOptions

# sha256 and rows of the data files of edition 2026d
PINNED = {
    "table_e1_1.csv": ("e54eb1da3acc6e3b7269d66cb51228c73e9ffe32d477014ce5ef1c380636c536", 657),
    "safe_private_e3_10_1.csv": ("4b17458ac2c18d8299863973f7308b35e8d97ea1ccb47c954b6874bc9ad6c96c", 479),
    "sr_concepts_e3_4_1.csv": ("f864022786dbbc5d0b900bce6e79418393ef0bdbddff5e687b0381556cdf289e", 214),
    "cid7050.csv": ("a0bfe2e754ff9d9c6a0c2057955d5c74604cba316e3144223c8ea4fc43eb5459", 13),
}


@pytest.mark.parametrize("file", PINNED)
def test_the_tables_are_those_of_the_edition(file: str) -> None:
    content = (tables.DATA / file).read_bytes()
    assert (hashlib.sha256(content).hexdigest(), len(content.splitlines()) - 1) == PINNED[file]
    assert tables.EDITION == "PS3.15 2026d"


@pytest.mark.parametrize(
    ("tag", "row"),
    [
        (0x00100010, "(0010,0010)"),
        (0x50000005, "(50xx,xxxx)"),
        (0x501E3000, "(50xx,xxxx)"),
        (0x60003000, "(60xx,3000)"),
        (0x601E4000, "(60xx,4000)"),
        (0x00091001, "(gggg,eeee)"),
        (0x00090010, "(gggg,eeee)"),
        (0x60010010, "(gggg,eeee)"),
        (0x60000010, None),
        (0x00280010, None),
    ],
)
def test_repeating_and_odd_groups_have_their_rows(tag: int, row: str | None) -> None:
    found = tables.row_of(tag)
    assert (found and found.tag) == row


def test_every_row_is_found_by_its_name() -> None:
    assert all(row in tables.rows_named(row.name) for row in tables.rows())
    assert [row.tag for row in tables.rows_named("patientid")] == ["(0010,0020)"]
    assert [row.tag for row in tables.rows_named("0010,0020")] == ["(0010,0020)"]


def test_safe_private_elements_are_known_by_creator_and_low_byte_in_any_block() -> None:
    creator = "Philips Imaging DD 001"
    for block in (0x10, 0x11, 0xFF):
        found = tables.safe_private(0x20010000 | block << 8 | 0x03, creator)
        assert found is not None
        assert found.vr == "FL"
    assert tables.safe_private(0x20011003, "Philips Imaging DD 00") is None
    assert tables.safe_private(0x20051003, creator) is None


def test_the_claimed_codes_are_those_of_the_standard() -> None:
    lines = (tables.DATA / "cid7050.csv").read_text("utf-8").splitlines()[1:]
    known = {line.split(",")[1]: line.split(",")[2] for line in lines}
    assert {code.value: code.meaning for code in ALL_CODES}.items() <= known.items()


def test_every_option_has_a_sentence() -> None:
    assert OPTION_TEXTS.keys() == DeidentifyOptions.__dataclass_fields__.keys()


@given(st.integers(0, 0xFFFFFFFF))
def test_any_tag_can_be_asked_for(tag: int) -> None:
    row = tables.row_of(tag)
    assert (row is not None and row.tag == tables.PRIVATE) == bool(tag >> 16 & 1)
