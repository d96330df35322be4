"""Steps are kept under a name, and nothing else is lost by that."""

from pathlib import Path

import pytest

from dicomtui.errors import UsageError
from dicomtui.imaging.processing import Chain
from dicomtui.imaging.saved_chains import chain_from, chains_path, save_chain, saved_chains


@pytest.fixture(autouse=True)
def _own_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))


def test_what_is_saved_comes_back_with_its_steps_that_are_off() -> None:
    bones, soft = Chain.parse("sharpen(2, 1.5) | ~clahe"), Chain.parse("gaussian(1.23456789)")
    save_chain("bones", bones)
    save_chain("soft", soft)
    assert saved_chains() == {"bones": bones, "soft": soft}
    assert chain_from(" bones ") == bones
    save_chain("bones", soft)
    assert chain_from("bones") == soft


def test_without_a_file_there_are_none_and_steps_are_read() -> None:
    assert saved_chains() == {}
    assert chain_from("gaussian(2)") == Chain.parse("gaussian(2)")
    assert chain_from("clahe") == Chain.parse("clahe")
    with pytest.raises(UsageError, match="nosuch is no step; there are clahe"):
        chain_from("nosuch")


def test_an_unknown_name_says_which_there_are() -> None:
    save_chain("bones", Chain.parse("clahe"))
    with pytest.raises(UsageError, match="saved are bones"):
        chain_from("bonse")


@pytest.mark.parametrize("name", ["", "a b", "gaussian", "Gaussian", "../x", 'a"', "x" * 41, "\x1b[2J"])
def test_a_name_that_would_not_be_found_again_is_refused(name: str) -> None:
    with pytest.raises(UsageError, match="is no name"):
        save_chain(name, Chain.parse("clahe"))
    assert not Path(chains_path()).exists()


@pytest.mark.parametrize("text", ["a = 1", "a = 'blur(3)'", "a = ", "\xff"])
def test_a_file_that_makes_no_sense_is_said_and_left_alone(text: str) -> None:
    path = Path(chains_path())
    path.parent.mkdir()
    path.write_bytes(text.encode("latin-1"))
    for attempt in (saved_chains, lambda: save_chain("b", Chain.parse("clahe"))):
        with pytest.raises(UsageError, match=r"chains\.toml"):
            attempt()
    assert path.read_bytes() == text.encode("latin-1")


def test_the_configuration_is_never_written() -> None:
    path = Path(chains_path()).with_name("config.toml")
    path.parent.mkdir()
    path.write_text("# mine\ntheme = 'dicomtui-light'\n")
    save_chain("bones", Chain.parse("clahe"))
    assert path.read_text() == "# mine\ntheme = 'dicomtui-light'\n"
