"""The configuration file: what it sets, and what it is told when it is wrong."""

from pathlib import Path

import pytest

from dicomtui.errors import UsageError
from dicomtui.settings import Settings, config_path, load_settings


def _load(tmp_path: Path, text: str | bytes) -> Settings:
    path = tmp_path / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_settings(str(path))


def test_no_file_gives_the_defaults(tmp_path: Path) -> None:
    assert load_settings(str(tmp_path / "none.toml")) == Settings()


def test_it_is_looked_for_where_xdg_says(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", "/somewhere")
    assert config_path() == "/somewhere/dicomtui/config.toml"


def test_what_is_set_is_taken(tmp_path: Path) -> None:
    settings = _load(
        tmp_path,
        """
        theme = "dicomtui-black"
        show_other_files = false
        index = true
        [presets.CT]
        4 = { name = "liver", center = 80, width = 180.5 }
        [keys]
        "image.invert" = "f9"
        """,
    )
    assert settings.theme == "dicomtui-black"
    assert not settings.show_other_files
    assert settings.index
    assert settings.presets == {"CT": {4: ("liver", 80.0, 180.5)}}
    assert settings.keys == {"image.invert": "f9"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("theem = 'x'", "theem"),
        ("theme = 3", "theme must be"),
        ("cache_mib = -1", "cache_mib"),
        ("cache_mib = true", "cache_mib"),
        ("index = 1", "index must be"),
        ("index = 'yes'", "index must be"),
        ("theme = = 3", "line 1"),
        (b"theme = '\xff'", "UTF-8"),
        ("[keys]\n'image.nothing' = 'x'", "image.nothing"),
        ("[keys]\n'image.invert' = 'ctrl+zork'", "no key"),
        ("[keys]\n'image.invert' = 'j'", "image.next"),
        ("[keys]\n'list.search' = 'q'", "app.quit"),
        ("[presets.CT]\n4 = { name = 'x', center = 1, width = -3 }", "presets"),
        ("[presets.CT]\n4 = { name = 'x', center = 1, width = nan }", "presets"),
        ("[presets.CT]\n2 = { name = 'x', center = 1, width = 3 }", "presets"),
        ("[presets.CT]\n4 = 7", "presets"),
    ],
)
def test_a_mistake_is_one_line_that_names_it(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(UsageError, match=r"config\.toml") as caught:
        _load(tmp_path, text)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_pins_and_the_clipboard_are_taken(tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text('clipboard = "off"\n[pins]\nct = ["KVP", "0009,1001", "(0010,0010)"]\nOTHER = []\n')
    settings = load_settings(str(path))
    assert settings.pins == {"CT": ("KVP", "0009,1001", "(0010,0010)"), "OTHER": ()}
    assert settings.clipboard == "off"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('clipboard = "yes"', "auto, on, off"),
        ("clipboard = true", "clipboard"),
        ("pins = 1", "pins"),
        ("[pins]\nCT = 'KVP'", "pins"),
        ("[pins]\nCT = [1]", "pins"),
        ("[pins]\nCT = ['[@click=app.quit]']", "pins"),
        ("[pins]\nCT = ['\\u001b']", "pins"),
    ],
)
def test_a_mistake_in_pins_or_clipboard_is_one_line(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(UsageError) as caught:
        load_settings(str(path))
    assert said in str(caught.value)
    assert str(caught.value).isprintable()
