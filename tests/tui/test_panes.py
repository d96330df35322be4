"""Panes, help, palette, settings: what works anywhere."""

from pathlib import Path

import pytest

from dicomtui.errors import UsageError
from dicomtui.keys import PANES
from dicomtui.settings import Settings, load_settings
from dicomtui.tui.app import DicomTuiApp
from dicomtui.tui.themes import THEMES
from tests.builders import ct, write, write_series
from tests.tui.driving import browser_on, picture_of


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 4)


async def test_tab_goes_round_the_three_panes(series: Path) -> None:
    async with browser_on(series) as driver:
        await driver.until_status(" ms")
        assert driver.tree.has_focus
        await driver.press("tab")
        assert driver.tags.has_focus
        await driver.press("tab")
        assert driver.image.has_focus
        await driver.press("tab")
        assert driver.tree.has_focus
        await driver.press("shift+tab")
        assert driver.image.has_focus


async def test_the_hints_follow_the_focus(series: Path) -> None:
    async with browser_on(series) as driver:
        await driver.until_status(" ms")
        assert "search" in driver.text().splitlines()[-1]
        await driver.press("alt+3")
        assert "window" in driver.text().splitlines()[-1]


@pytest.mark.parametrize("width", [60, 80, 100])
@pytest.mark.parametrize("keys", ["", "alt+2", "alt+3", "alt+3 s", "alt+3 w", "alt+3 P", "alt+3 m", "x", "a"])
async def test_hints_are_whole_and_the_way_back_or_to_help_is_among_them(
    series: Path, keys: str, width: int
) -> None:
    async with browser_on(series, size=(width, 24)) as driver:
        await driver.until_status(" ms")
        await driver.press(*keys.split())
        await driver.pilot.pause(0.1)
        line = driver.text().splitlines()[-1]
        assert "Esc" in line or " ? help" in line
        assert "…" not in line
        await driver.pilot.resize_terminal(300, 24)
        await driver.pilot.pause(0.1)
        whole = {hint.strip() for hint in driver.text().splitlines()[-1].split("  ")}
        assert {hint.strip() for hint in line.split("  ")} <= whole


@pytest.mark.parametrize("pane", ["tree", "attributes", "image"])
async def test_z_gives_a_pane_the_whole_screen_and_puts_it_back(series: Path, pane: str) -> None:
    number = {"tree": 1, "attributes": 2, "image": 3}[pane]
    async with browser_on(series, size=(80, 24)) as driver:
        await driver.until_status(" ms")
        await driver.press(f"alt+{number}", "z")
        widget = driver.browser.query_one(f"#{pane} .content")
        assert widget.size.width >= 76
        assert widget.size.height >= 19
        await driver.press("z")
        assert widget.size.width < 60
        await driver.press("z", "escape")
        assert widget.size.width < 60


async def test_another_pane_takes_over_the_whole_screen(series: Path) -> None:
    async with browser_on(series, size=(80, 24)) as driver:
        await driver.until_status(" ms")
        await driver.press("z", "tab", "tab")
        assert driver.image.has_focus
        assert driver.image.size.width >= 76
        await driver.press("escape")
        assert driver.image.size.width < 60


@pytest.mark.parametrize(
    ("key", "pane"), [("trade_mark_sign", "attributes"), ("pound_sign", "image"), ("alt+2", "attributes")]
)
async def test_alt_and_a_digit_go_to_a_pane_with_and_without_a_keyboard_protocol(
    series: Path, key: str, pane: str
) -> None:
    async with browser_on(series) as driver:
        await driver.until_status(" ms")
        await driver.press(key)
        assert driver.browser.panes.focused == pane


async def test_ctrl_b_hides_the_tree_and_brings_it_back(series: Path) -> None:
    async with browser_on(series) as driver:
        await driver.until_status(" ms")
        before = driver.tags.size.height
        await driver.press("ctrl+b")
        assert not driver.tree.region.height
        assert driver.tags.size.height > before
        assert driver.tags.has_focus
        await driver.press("ctrl+b")
        assert driver.tree.region.height


@pytest.mark.parametrize("pane", ["tree", "attributes", "image"])
async def test_help_shows_the_keys_of_the_focused_pane_first(series: Path, pane: str) -> None:
    number = {"tree": 1, "attributes": 2, "image": 3}[pane]
    async with browser_on(series, size=(120, 60)) as driver:
        await driver.until_status(" ms")
        await driver.press(f"alt+{number}", "question_mark")
        text = driver.text()
        assert f"In the {pane}" in text
        assert PANES[pane][-1].description[:40] in text
        await driver.press("escape")
        assert len(driver.app.screen_stack) == 1


async def test_help_names_the_presets_of_the_modality(series: Path) -> None:
    async with picture_of(series, size=(120, 60)) as driver:
        await driver.press("f1")
        assert "preset: Lung" in driver.text()


@pytest.mark.parametrize("key", ["ctrl+p", "colon"])
async def test_the_palette_finds_an_action_and_runs_it(series: Path, key: str) -> None:
    async with picture_of(series) as driver:
        await driver.press(key)
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        await driver.press(*"invert")
        await driver.until(lambda: "image: invert" in driver.text().casefold(), "invert in the palette")
        await driver.press("enter")
        await driver.until_status("inverted")


async def test_the_palette_changes_the_theme(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("colon")
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        await driver.press(*"dicomtui-black")
        await driver.until(lambda: "Theme: dicomtui-black" in driver.text(), "the theme in the palette")
        await driver.press("enter")
        await driver.until(lambda: driver.app.theme == "dicomtui-black")


async def test_presets_without_a_key_are_in_the_palette(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("colon")
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        await driver.press(*"stroke")
        await driver.until(lambda: "preset Stroke" in driver.text().replace("stroke", "Stroke"))
        await driver.press("enter")
        await driver.until_status("C 40 W 40")


@pytest.mark.parametrize("key", ["q", "ctrl+c"])
async def test_q_quits(series: Path, key: str) -> None:
    async with browser_on(series) as driver:
        await driver.until_status(" ms")
        await driver.press(key)
        assert driver.app.return_code == 0
        assert not driver.app.is_running


async def test_escape_never_quits(series: Path) -> None:
    async with browser_on(series) as driver:
        await driver.until_status(" ms")
        await driver.press("escape", "escape", "escape")
        assert driver.app.is_running
        assert driver.tree.has_focus


async def test_a_remapped_key_works_and_its_old_one_does_not(series: Path) -> None:
    async with picture_of(series, settings=Settings(keys={"image.invert": "x"})) as driver:
        await driver.press("v")
        assert "inverted" not in driver.status
        await driver.press("x")
        assert "inverted" in driver.status


async def test_a_true_black_theme_has_black_behind_everything(series: Path) -> None:
    assert {theme.name for theme in THEMES} >= {"dicomtui-dark", "dicomtui-black", "dicomtui-light"}
    async with browser_on(series, settings=Settings(theme="dicomtui-black")) as driver:
        await driver.until_status(" ms")
        assert driver.browser.styles.background.rgb == (0, 0, 0)
        assert driver.tree.background_colors[1].rgb == (0, 0, 0)


def test_an_unknown_theme_is_refused_with_those_there_are(series: Path) -> None:
    with pytest.raises(UsageError, match="dicomtui-black"):
        DicomTuiApp([str(series)], Settings(theme="no such theme"))


@pytest.mark.parametrize("size", [(80, 24), (160, 48), (40, 12), (20, 5), (300, 90)])
async def test_any_size_is_drawn(series: Path, size: tuple[int, int]) -> None:
    async with browser_on(series, size=size) as driver:
        await driver.until(lambda: driver.tags.row_count() > 10)
        await driver.press("j", "tab", "tab", "plus", "R", "z", "z")


async def test_the_welcome_stays_until_a_key_is_pressed(series: Path) -> None:
    async with browser_on(series, welcome="Welcome: press j") as driver:
        await driver.until_status("image 4/4")
        assert "Welcome: press j" in driver.text().splitlines()[-1]
        await driver.press("j")
        assert "Welcome" not in driver.text()
        assert "help" in driver.text().splitlines()[-1]


async def test_what_a_codestream_contradicts_stands_in_the_status_line() -> None:
    from pydicom.data import get_testdata_file

    path = get_testdata_file("J2K_pixelrep_mismatch.dcm", download=False)
    async with picture_of(path, size=(160, 48)) as driver:
        assert "J2K_pixelrep_mismatch.dcm: " in driver.status
        assert "signed" in driver.status


async def test_warnings_of_the_reader_stand_in_the_status_line(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "cut.dcm")
    path.write_bytes(path.read_bytes()[:-100])
    async with browser_on(path, size=(160, 48)) as driver:
        await driver.until_status("pixel data is cut")


def test_the_defaults_that_config_prints_are_the_defaults(tmp_path: Path) -> None:
    from dicomtui.keys import every_key
    from dicomtui.settings import default_toml

    path = tmp_path / "config.toml"
    path.write_text(default_toml())
    settings = load_settings(str(path))
    assert settings.theme == Settings().theme
    assert settings.keys == {key.id: key.keys for key in every_key()}
