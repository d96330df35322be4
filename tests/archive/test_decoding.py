"""Values that headers share are decoded once, and never more of them kept than agreed."""

import pytest

from dicomtui.archive.decoding import Memory, decode_text, person_name, text


def test_a_memory_decodes_each_value_once() -> None:
    decoded: list[bytes] = []

    def decode(raw: bytes) -> str:
        decoded.append(raw)
        return raw.decode()

    memory = Memory(decode, 2)
    assert [memory[b"\4\0abcd"], memory[b"\4\0abcd"], memory[None], memory[None]] == ["abcd", "abcd", "", ""]
    assert decoded == [b"abcd", b""]
    assert memory[b"\4\0abcd"] is memory[b"\4\0abcd"]


def test_a_memory_stays_small_whatever_it_meets() -> None:
    memory = Memory(bytes.decode, 0)
    for number in range(10_000):
        assert memory[b"%d" % number] == str(number)
    assert memory[b"x" * 1000] == "x" * 1000
    assert len(memory) < 5000
    assert max(map(len, memory)) < 1000


@pytest.mark.parametrize(
    "charset", ["", "ISO_IR 100", "ISO_IR 192", "nonsense", "zlib_codec", "\\ISO 2022 IR 87", "\0"]
)
def test_any_bytes_decode_in_any_character_set(charset: str) -> None:
    for raw in (b"abc", b"\xff\xfe\x80", b"\x1b$B\x1b", bytes(range(256))):
        assert isinstance(decode_text(raw, charset), str)
        assert isinstance(decode_text(raw, charset, name=True), str)
    assert decode_text(b"abc", charset) == "abc"


def test_padding_goes_from_each_value_and_separators_from_the_end_of_names() -> None:
    assert text(" A \\ B\0") == "A\\B"
    assert person_name("Doe^Jane== ") == "Doe^Jane"
    assert person_name("A=B=\\C=") == "A=B\\C"
