"""The only writer of the streams."""

import io
import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dicomtui.cli import output
from dicomtui.errors import WriteError


def written(monkeypatch: pytest.MonkeyPatch, encoding: str = "utf-8") -> io.TextIOWrapper:
    stream = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", stream)
    output.prepare()
    return stream


def content(stream: io.TextIOWrapper) -> bytes:
    stream.flush()
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue()


@given(st.text())
def test_a_line_is_one_line_without_control_characters(text: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        stream = written(monkeypatch)
        output.line(text)
        line, end, rest = content(stream).decode().partition("\n")
    assert (end, rest) == ("\n", "")
    assert not {unicodedata.category(character) for character in line} & {"Cc", "Cf", "Cs", "Zl", "Zp"}


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=10,
)


@given(st.lists(_JSON, max_size=4), st.booleans())
def test_json_is_printable_ascii_that_reads_back(values: list[object], array: bool) -> None:
    values = values if array else [*values, None][:1]
    with pytest.MonkeyPatch.context() as monkeypatch:
        stream = written(monkeypatch)
        output.json_values(iter(values), array=array)
        text = content(stream).decode("ascii")
    assert text.replace("\n", "").isprintable()
    assert json.loads(text) == (values if array else values[0])


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "shift-jis"])
def test_what_an_encoding_lacks_is_escaped(monkeypatch: pytest.MonkeyPatch, encoding: str) -> None:
    stream = written(monkeypatch, encoding)
    output.line("山田 Ää ▀ ↵")
    assert content(stream).decode(encoding).endswith("\n")
    if encoding == "ascii":
        assert content(stream).startswith(rb"\u5c71\u7530 \xc4\xe4")


def test_half_blocks_are_known_to_be_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    written(monkeypatch, "latin-1")
    assert not output.can_show("▀")
    written(monkeypatch, "utf-8")
    assert output.can_show("▀")


def test_a_closed_stream_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    output.line("nobody listens")
    output.flush()


def test_a_full_disk_is_said_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, _: object) -> int:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(Full()), write_through=True))
    with pytest.raises(WriteError, match="standard output: no space left on device"):
        output.line("x" * 100_000, 100_000)
