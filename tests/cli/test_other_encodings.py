"""Subcommands in locales that are not UTF-8: what the encoding lacks is an escape, and nothing breaks."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.builders import write_series

LOCALES = {
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "latin-1": {"PYTHONIOENCODING": "latin-1", "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
}
COMMANDS = {
    "tags": ["tags", "FILE"],
    "info": ["info", "FILE"],
    "view": ["view", "FILE"],
    "scan": ["scan", "IN"],
    "find": ["find", "IN", "Modality = CT"],
    "values": ["values", "IN", "PatientName"],
    "varies": ["varies", "IN"],
    "validate": ["validate", "IN"],
    "report": ["report", "IN", "--format", "html"],
    "measure": ["measure", "--point", "1,1", "--rectangle", "1,1,5,5", "FILE"],
    "export": ["export", "--format", "json", "IN", "OUT/json"],
    "anonymize": ["anonymize", "IN", "OUT/anonymous"],
    "doctor": ["doctor"],
    "config": ["config"],
    "demo": ["demo"],
}


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(
        tmp_path / "série",
        2,
        SpecificCharacterSet="ISO_IR 192",
        PatientName="Jérôme^Müller=漢字",
        SeriesDescription="Ünïcödé 漢字",
    )


def run(name: str, locale: str, series: Path, tmp_path: Path) -> subprocess.CompletedProcess[bytes]:
    places = {"FILE": str(series / "slice000.dcm"), "IN": str(series)}
    words = [places.get(word, word).replace("OUT", str(tmp_path)) for word in COMMANDS[name]]
    return subprocess.run(
        [sys.executable, "-m", "dicomtui", *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=60,
        env={**os.environ, **LOCALES[locale], "XDG_CACHE_HOME": str(tmp_path / "cache")},
    )


@pytest.mark.parametrize("name", COMMANDS)
def test_a_subcommand_writes_ascii_where_there_is_nothing_else(
    name: str, series: Path, tmp_path: Path
) -> None:
    done = run(name, "C", series, tmp_path)
    assert done.returncode in (0, 1), done.stderr
    assert (done.stdout + done.stderr).isascii()
    assert done.stdout
    assert b"Traceback" not in done.stderr
    assert b"internal error" not in done.stderr


@pytest.mark.parametrize("name", ["info", "values", "report"])
def test_a_subcommand_writes_what_latin_1_has_and_escapes_the_rest(
    name: str, series: Path, tmp_path: Path
) -> None:
    done = run(name, "latin-1", series, tmp_path)
    assert done.returncode == 0, done.stderr
    shown = done.stdout.decode("latin-1")
    assert "ü" in shown
    assert "Ã" not in shown  # the beginning of UTF-8
    assert b"\\u6f22" in done.stdout
