"""``dicomtui config``."""

import tomllib
from pathlib import Path

import pytest

from dicomtui.settings import Settings, load_settings
from tests.cli.conftest import Run


def test_what_is_printed_is_a_configuration_that_changes_nothing(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    path = Path(run("config", "--path").out.strip())
    assert path == tmp_path / "dicomtui" / "config.toml"
    text = run("config").out
    path.parent.mkdir()
    path.write_text(text)
    loaded = load_settings()
    assert (loaded.theme, loaded.show_other_files, loaded.cache_mib, loaded.index) == (
        Settings().theme,
        Settings().show_other_files,
        Settings().cache_mib,
        Settings().index,
    )
    assert tomllib.loads(text)["theme"] == Settings().theme
