"""Values as text: what stands in the file, readable where it is well-formed, as written where it is not."""

import math
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.dataset.values import (
    BINARY_VRS,
    NUMBER_FORMATS,
    STRING_VRS,
    Raw,
    components,
    hex_dump,
    odd_bytes,
    readable,
)
from dicomtui.wording import size_text

ALL_VRS = sorted(STRING_VRS | BINARY_VRS | NUMBER_FORMATS.keys() | {"AT"})


def split(vr: str, value: bytes, *, little: bool = True) -> list[str]:
    return components(Raw(vr, value, little, ("UTF8",)))


@pytest.mark.parametrize(
    ("vr", "value", "shown"),
    [
        ("DS", b"12,5", ["12,5"]),
        ("DS", b" 1.50\\abc\\ ", ["1.50", "abc", ""]),
        ("DS", b"NaN\\1e999", ["NaN", "1e999"]),
        ("IS", b"99999999999999999999", ["99999999999999999999"]),
        ("DA", b"2004.01.19", ["2004.01.19"]),
        ("DA", b"garbage", ["garbage"]),
        ("UI", b"1.2.3 trailing\0", ["1.2.3 trailing"]),
        ("CS", b"\xe9T\xc9 ", ["éTÉ"]),
        ("AE", b"  NODE  ", ["NODE"]),
        ("LO", b"a\\ b \\", ["a", "b", ""]),
        ("PN", b"DOE^JANE\\ROE^RICHARD ", ["DOE^JANE", "ROE^RICHARD"]),
        ("LT", b"  two\\parts\r\nof one text \0", ["  two\\parts\r\nof one text"]),
        ("UT", b"C:\\scans ", ["C:\\scans"]),
        ("UC", b" keeps its left side \\x", [" keeps its left side", "x"]),
    ],
)
def test_text_stands_as_it_is_written(vr: str, value: bytes, shown: list[str]) -> None:
    assert split(vr, value) == shown


@pytest.mark.parametrize(
    ("vr", "written", "shown"),
    [
        ("DA", "20040119", "2004-01-19"),
        ("DA", "20041319", "20041319"),
        ("DA", "20040100", "20040100"),
        ("DA", "20040101-20050101", "20040101-20050101"),
        ("TM", "0830", "08:30"),
        ("TM", "083015.250", "08:30:15.250"),
        ("TM", "235960", "23:59:60"),
        ("TM", "08", "08"),
        ("TM", "246099", "246099"),
        ("TM", "8:30", "8:30"),
        ("TM", "083015.", "083015."),
        ("DT", "20040119083015.25+0100", "2004-01-19 08:30:15.25 +0100"),
        ("DT", "200401190830", "2004-01-19 08:30"),
        ("DT", "2004", "2004"),
        ("AS", "045Y", "45 years"),
        ("AS", "001D", "1 day"),
        ("AS", "45", "45"),
        ("AS", "45Y", "45Y"),
        ("UI", "1.2.840.10008.1.2", "Implicit VR Little Endian (1.2.840.10008.1.2)"),
        ("UI", "1.2.840.10008.1.2 x", "1.2.840.10008.1.2 x"),
        ("AT", "(0010,0010)", "(0010,0010) PatientName"),
        ("AT", "(0009,1001)", "(0009,1001)"),
        ("AT", "not a tag", "not a tag"),
        ("DS", "20040119", "20040119"),
    ],
)
def test_only_what_is_well_formed_is_made_readable(vr: str, written: str, shown: str) -> None:
    assert readable(vr, written) == shown


@pytest.mark.parametrize("vr", ["US", "SS", "UL", "SL", "UV", "SV", "FD", "OW", "OV", "OL"])
@pytest.mark.parametrize("little", [True, False])
def test_binary_numbers_are_those_that_numpy_reads(vr: str, *, little: bool) -> None:
    value = bytes(range(1, 49))
    kinds = {"h": "i2", "H": "u2", "l": "i4", "L": "u4", "q": "i8", "Q": "u8", "d": "f8"}
    if vr == "OW":  # shown as bytes
        assert split(vr, value, little=little) == [value.hex(" ")]
        return
    numbers = np.frombuffer(value, ("<" if little else ">") + kinds[NUMBER_FORMATS[vr]])
    assert split(vr, value, little=little) == [str(number) for number in numbers.tolist()]


@given(st.floats(width=32))
def test_a_single_is_shown_in_the_digits_that_bring_it_back(value: float) -> None:
    (shown,) = split("FL", struct.pack("<f", value))
    assert math.isnan(value) == math.isnan(float(shown))
    if not math.isnan(value):
        assert np.float32(shown) == np.float32(value)
    assert len(shown) <= 16


def test_a_single_does_not_show_the_digits_of_a_double() -> None:
    assert split("FL", struct.pack("<3f", 0.1, 12.5, 1e10)) == ["0.1", "12.5", "1e+10"]


@pytest.mark.parametrize("vr", ["US", "UL", "FD", "FL", "AT", "OV"])
def test_bytes_that_make_no_whole_number_are_counted_and_not_read(vr: str) -> None:
    size = 4 if vr == "AT" else struct.calcsize(f"<{NUMBER_FORMATS[vr]}")
    assert [odd_bytes(vr, length) for length in (0, 1, size, size + 1)] == [0, 1, 0, 1]
    assert len(split(vr, b"\1" * (size + 1))) == 1
    assert split(vr, b"\1") == []


def test_tags_are_read_in_both_byte_orders() -> None:
    assert split("AT", b"\x10\0\x20\0") == split("AT", b"\0\x10\0\x20", little=False) == ["(0010,0020)"]


@given(st.sampled_from(ALL_VRS), st.binary(max_size=80), st.booleans())
def test_no_value_of_any_vr_raises(vr: str, value: bytes, little: bool) -> None:
    for part in split(vr, value, little=little):
        assert isinstance(readable(vr, part), str)


@given(st.sampled_from(ALL_VRS), st.text(max_size=40))
def test_no_text_in_place_of_a_value_raises(vr: str, text: str) -> None:
    assert isinstance(readable(vr, text), str)


def test_a_hex_dump_shows_offset_bytes_and_characters() -> None:
    assert hex_dump(b"DICM\0\xff" + b"x" * 12, 128).splitlines() == [
        "00000080  44 49 43 4d 00 ff 78 78  78 78 78 78 78 78 78 78  DICM..xxxxxxxxxx",
        "00000090  78 78                                             xx",
    ]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (1023, "1023 bytes"),
        (1024, "1.0 KiB"),
        (8 << 20, "8.0 MiB"),
        (3 << 30, "3.0 GiB"),
        (5 << 40, "5.0 TiB"),
    ],
)
def test_sizes_are_said_as_people_say_them(count: int, text: str) -> None:
    assert size_text(count) == text
