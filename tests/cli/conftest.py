"""The program as a function: what it is given, what comes out."""

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from dicomtui.__main__ import main
from tests.builders import ct, write

HOSTILE = "\x1b]0;OWNED\x07\x9b31m\u202eevil\u2066[red]x[/][@click=app.quit]y\u200b\x7f"
"""An escape sequence, C1, direction overrides, markup, a zero-width character and DEL."""


class Result(NamedTuple):
    """What a run of the program left."""

    code: int
    raw_out: bytes
    raw_err: bytes

    @property
    def out(self) -> str:
        return self.raw_out.decode()

    @property
    def err(self) -> str:
        return self.raw_err.decode()

    @property
    def errors(self) -> list[str]:
        return self.err.splitlines()


Run = Callable[..., Result]


@pytest.fixture
def run(capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the program in this process; *stdin* is what is piped into it."""

    def run(*arguments: str | Path, stdin: bytes = b"") -> Result:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        code = main([str(argument) for argument in arguments])
        return Result(code, *capsysbinary.readouterr())

    return run


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A CT instance of 32 x 32 pixels, dark at the left and bright at the right."""
    return write(ct(), tmp_path / "scan.dcm")


@pytest.fixture
def report(tmp_path: Path) -> Path:
    """An instance without pixels, with an item in an item."""
    dataset = ct(Modality="SR", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33")
    for keyword in ("PixelData", "Rows", "Columns"):
        delattr(dataset, keyword)
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "T-D1100", "SRT", "Head"
    item = Dataset()
    item.ConceptNameCodeSequence = Sequence([code])
    item.TextValue = "one\ntwo"
    dataset.ContentSequence = Sequence([Dataset(), item])
    return write(dataset, tmp_path / "report.dcm")


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    """An instance whose values, private creator and file name all try to drive the terminal."""
    dataset = ct(
        PatientName=HOSTILE,
        PatientID=HOSTILE,
        StudyDescription=f"{HOSTILE}\r\nforged: line",
        Modality="\x1b[31mCT",
        WindowCenterWidthExplanation=HOSTILE,
        RescaleType=HOSTILE,
    )
    dataset.add_new(0x00091010, "LO", HOSTILE)
    dataset.private_block(0x0009, HOSTILE[:60], create=True).add_new(0x01, "UN", HOSTILE.encode())
    dataset.InstanceNumber = 424242  # no library writes what stands in its place in the end
    path = write(dataset, tmp_path / f"scan{HOSTILE.replace('/', '')}\n.dcm")
    path.write_bytes(path.read_bytes().replace(b"424242", b"\x1b[31m7"))
    return path


def in_terminal(arguments: list[str], *, columns: int, lines: int, **environment: str) -> tuple[int, str]:
    """Run the program on a terminal of its own; return its exit code and what the terminal received."""
    control, terminal = pty.openpty()
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomtui", *arguments],
        stdin=terminal,
        stdout=terminal,
        stderr=terminal,
        env={**os.environ, **environment},
    )
    os.close(terminal)
    received = b""
    try:
        while chunk := os.read(control, 65536):
            received += chunk
    except OSError:  # how Linux reports that the other end is closed
        pass
    os.close(control)
    return process.wait(), received.decode().replace("\r\n", "\n")


def unsafe_characters(raw: bytes) -> set[str]:
    """Return the characters of an output that could drive or deceive a terminal."""
    bad = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    return {character for character in raw.decode() if unicodedata.category(character) in bad} - {"\n"}
