"""``dicomtui doctor``."""

import json

import pytest

from dicomtui.picture.modes import Mode
from tests.cli.conftest import Run


def test_into_a_file_go_facts_without_escape_codes(run: Run) -> None:
    text = run("doctor").out
    assert "\x1b" not in text
    assert "imagecodecs" in text
    assert all(mode in text for mode in Mode)


def test_each_mode_is_offered_or_has_a_reason_in_json(run: Run) -> None:
    modes = json.loads(run("doctor", "--json").out)["terminal"]["modes"]
    assert set(modes) == set(Mode)
    assert all(mode["offered"] != bool(mode["why_not"]) for mode in modes.values())


def test_what_is_missing_comes_with_the_line_to_install_it(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dicomtui.imaging.installed._version", lambda _: "")
    assert "pip install 'dicomtui[video]'" in run("doctor").out


def test_over_ssh_compression_is_recommended(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSH_CONNECTION", "10.0.0.1 1 10.0.0.2 22")
    assert "ssh -C" in run("doctor").out
