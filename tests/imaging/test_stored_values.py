import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from dicomtui.imaging.stored_values import smallest_type, stored_values


@st.composite
def words_and_bits(draw: st.DrawFn) -> tuple[np.ndarray, int, int]:
    width = draw(st.sampled_from([8, 16, 32]))
    bits = draw(st.integers(1, width))
    shift = draw(st.integers(0, width - bits))
    return draw(arrays.arrays(f"u{width // 8}", (3, 5))), bits, shift


@given(words_and_bits(), st.booleans())
def test_a_stored_value_is_its_bits_in_twos_complement_or_not(
    drawn: tuple[np.ndarray, int, int], signed: bool
) -> None:
    words, bits, shift = drawn
    expected = [[int(word) >> shift & (1 << bits) - 1 for word in row] for row in words]
    if signed:
        expected = [[value - (value >> bits - 1 << bits) for value in row] for row in expected]
    values = stored_values(words.copy(), bits, shift=shift, signed=signed)
    assert values.tolist() == expected


@given(st.integers(1, 32), st.booleans())
def test_the_type_is_the_smallest_that_holds_the_bits(bits: int, signed: bool) -> None:
    chosen = np.iinfo(smallest_type(bits, signed=signed))
    lowest, highest = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
    assert chosen.min <= lowest
    assert highest <= chosen.max
    assert chosen.bits == 8 or bits > chosen.bits // 2
