from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from dicomtui.errors import DecodeError
from dicomtui.imaging.lookup_table import look_up, read_lookup_table


def lut(descriptor: Any, data: Any, vr: str = "OW") -> Dataset:
    item = Dataset()
    item.add_new("LUTDescriptor", "US", descriptor)
    item.add_new("LUTData", vr, data)
    return item


@given(
    st.lists(st.integers(-(1 << 31), (1 << 31) - 1), min_size=1),
    st.sampled_from(["i1", "u1", "i2", "u2", "i4", "u4", "f4", "f8"]),
    st.integers(-40000, 40000),
    st.integers(1, 300),
)
def test_values_outside_get_the_nearest_end(numbers: list[int], dtype: str, first: int, count: int) -> None:
    if dtype[0] == "f":
        values: Any = np.array(numbers, dtype)
    else:
        limits = np.iinfo(dtype)
        values = np.clip(np.array(numbers), limits.min, limits.max).astype(dtype)
    entries = np.arange(count, dtype=np.uint16)
    expected = [min(max(round(float(value)) - first, 0), count - 1) for value in values]
    assert look_up(values, first, entries).tolist() == expected


def test_no_number_gets_the_first_entry_and_infinity_the_ends() -> None:
    entries = np.array([7, 8, 9], np.uint8)
    assert look_up(np.array([np.nan, -np.inf, np.inf], np.float32), 0, entries).tolist() == [7, 7, 9]


@pytest.mark.parametrize(
    ("data", "vr"),
    [
        (np.arange(300, dtype="<u2").tobytes(), "OW"),
        (list(range(300)), "US"),
        (np.arange(300, dtype="<u2").tobytes() + b"\0\0", "OW"),
    ],
)
def test_entries_are_read_from_words_and_from_numbers(data: Any, vr: str) -> None:
    table = read_lookup_table(lut([300, 5, 16], data, vr), signed=False)
    assert (table.first, table.bits) == (5, 16)
    assert table.entries.tolist() == list(range(300))


@pytest.mark.parametrize("size", ["u1", "<u2"])
@pytest.mark.parametrize("count", [256, 255])
def test_entries_of_eight_bits_stand_two_or_one_in_a_word(size: str, count: int) -> None:
    data = np.arange(count).astype(size).tobytes()
    table = read_lookup_table(lut([count, 0, 8], data + b"\0" * (len(data) % 2)), signed=False)
    assert table.entries.tolist() == list(range(count))


def test_big_endian_words_are_swapped() -> None:
    item = lut([3, 0, 16], np.array([1, 2, 0x1234], ">u2").tobytes())
    item.set_original_encoding(is_implicit_vr=False, is_little_endian=False)
    assert read_lookup_table(item, signed=False).entries.tolist() == [1, 2, 0x1234]


def test_zero_entries_mean_65536() -> None:
    table = read_lookup_table(lut([0, 0, 16], bytes(1 << 17)), signed=False)
    assert len(table.entries) == 65536


def test_the_first_value_is_negative_where_the_values_are() -> None:
    item = lut([2, 0xFC00, 16], [1, 2], "US")
    assert read_lookup_table(item, signed=True).first == -1024
    assert read_lookup_table(item, signed=False).first == 0xFC00


@pytest.mark.parametrize(
    ("descriptor", "data", "said"),
    [
        ([256, 0, 16], b"\0" * 511, "255 of 256 entries"),
        ([256, 0, 16], b"", "0 of 256 entries"),
        ([256, 0], b"\0" * 512, "three whole numbers"),
        (None, b"\0" * 512, "is absent"),
        ([256, 0, 0], b"\0" * 512, "says 0 bits"),
        ([256, 0, 17], b"\0" * 512, "says 17 bits"),
        ([256, 0, 65535], b"\0" * 512, "says 65535 bits"),
        ([256, 0, 16], None, "0 of 256 entries"),
    ],
)
def test_a_table_that_lies_is_refused_in_one_line(descriptor: Any, data: Any, said: str) -> None:
    with pytest.raises(DecodeError, match=said) as refusal:
        read_lookup_table(lut(descriptor, data), signed=False)
    assert "\n" not in str(refusal.value)
    assert "(0028,300" in str(refusal.value)


@pytest.mark.parametrize("data", [["1", "x"], [1e9], [-(1 << 20)]])
def test_entries_that_are_no_words_are_refused(data: Any) -> None:
    item = lut([1, 0, 16], b"")
    item.add_new("LUTData", "LO" if isinstance(data[0], str) else "FD", data)
    with pytest.raises(DecodeError, match="16-bit numbers"):
        read_lookup_table(item, signed=False)
