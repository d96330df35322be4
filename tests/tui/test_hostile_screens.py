"""Every screen and widget, shown instances that want to drive it: text is all that comes of them."""

import asyncio
import importlib
import pkgutil
from pathlib import Path

import pytest
from textual.screen import Screen

import dicomtui.tui.screens
from dicomtui.tui.screens.job_screen import JobScreen
from dicomtui.tui.screens.reader import ReaderScreen
from tests.hostile_instances import enormous, unsafe, write_folder, write_hostile
from tests.tui.driving import Driver, browser_on
from tests.tui.test_export_dialog import dialog_on

TOUR = {
    "tree": "alt+1 j j j l h i escape f x escape slash a escape",
    "studies": "alt+1 t home j l j l i escape o escape end i escape slash x escape t",
    "marks": "alt+1 home space j space j",
    "attributes": "alt+2 e end home slash p a t i e n t escape p p pagedown pagedown",
    "explanation": "alt+2 home j j j j j j j j j K end escape",
    "value": "alt+2 end k enter escape",
    "charset": "alt+2 E E escape",
    "copy": "alt+2 home j y v y escape",
    "values": "alt+2 slash s t a t i o n enter c down enter escape escape",
    "corners": "alt+3 O O O O",
    "windows": "alt+3 1 1 2 v R F 4",
    "overlays": "alt+3 o o S S C C C C C C C C",
    "probe": "alt+3 s j l enter l l enter escape escape",
    "measuring": "alt+3 s enter l l l j j j r escape escape",
    "profile": "alt+3 s enter l l l p escape escape escape",
    "measurements": "alt+3 s i down up escape escape escape",
    "histogram": "alt+3 H escape W",
    "filmstrip": "alt+3 m j l j l escape",
    "processing": "alt+3 P j l escape escape",
    "reslicing": "alt+3 M j j escape",
    "validation": "exclamation_mark j enter escape",
    "compare": "alt+1 home space j d down down enter escape escape escape",
    "variation": "alt+1 home U D down v escape escape escape",
    "find": "ctrl+f P a t i e n t N a m e tab down enter escape escape",
    "export": "alt+1 home x down down escape escape",
    "deidentify": "alt+1 home a down down escape escape",
    "job": "alt+1 home x ctrl+s enter enter enter escape escape escape",
    "help": "question_mark pagedown escape",
    "palette": "colon p a t escape",
    "zoomed": "alt+1 z z alt+2 z z alt+3 z z",
}
"""What is looked at -> the keys that show it."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("hostile") / "\x1b[31m[@click=app.quit]\u202e")


def look(driver: Driver, at: str) -> None:
    """Refuse anything on the screen but printable text, and any action of a file's."""
    for strip in driver.app.screen._compositor.render_strips():
        for segment in strip:
            assert segment.control is None, at
            assert not unsafe(segment.text), (at, segment)
            assert "\n" not in segment.text, (at, segment)
            style = segment.style
            assert style is None or style.link is None, (at, segment)
            assert "app.quit" not in repr(style and style.meta), (at, segment)
    assert not driver.app.crash, at
    assert driver.app.is_running, at
    assert not unsafe(f"{driver.app.title} {driver.app.sub_title}"), at


async def settled(driver: Driver, at: str, seconds: float = 2.0) -> None:
    """Let the workers end, and look meanwhile."""
    for _ in range(int(seconds / 0.02)):
        await driver.pilot.pause()
        look(driver, at)
        if all(worker.is_finished for worker in driver.app.workers):
            return
        await asyncio.sleep(0.02)


async def tour(driver: Driver, seen: set[type[Screen[object]]]) -> None:
    for at, keys in TOUR.items():
        for key in keys.split():
            await driver.pilot.press(key)
            await settled(driver, f"{at}: {key}", 0.1)
            seen.add(type(driver.app.screen))
        for _ in range(100):
            if driver.app.screen is driver.browser:
                break
            await driver.press("escape")
            await asyncio.sleep(0.05)  # a job needs a while to stop
        assert driver.app.screen is driver.browser, f"{at}: {driver.app.screen}"


def screens() -> set[type[Screen[object]]]:
    """Return every screen of the program."""
    for module in pkgutil.iter_modules(dicomtui.tui.screens.__path__):
        importlib.import_module(f"dicomtui.tui.screens.{module.name}")
    found, left = set(), [Screen]
    while left:
        for screen in left.pop().__subclasses__():
            left.append(screen)
            if screen.__module__.startswith("dicomtui.") and not screen.__subclasses__():
                found.add(screen)
    return found


async def test_no_screen_shows_anything_but_text(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # where the job writes
    seen: set[type[Screen[object]]] = set()
    async with browser_on(folder, size=(150, 44)) as driver:
        await driver.until_status(" ms")
        await tour(driver, seen)
    unseen = {screen.__name__ for screen in screens() - seen - {JobScreen}}
    assert not unseen, "keys that show these are missing"


async def test_a_job_on_hostile_instances_says_text(folder: Path, tmp_path: Path) -> None:
    async with dialog_on(folder, keys="alt+1 home space j space j space", size=(150, 44)) as dialog:
        look(dialog, "the form")
        await dialog.run(tmp_path / "out")
        look(dialog, "the job")
        await dialog.press("down", "end", "enter")
        look(dialog, "what was not written")
    written = [path for path in (tmp_path / "out").rglob("*") if path.is_file()]
    assert written
    assert all(path.name.isascii() and path.name.isprintable() for path in written)


@pytest.mark.slow
async def test_megabytes_and_fifty_thousand_elements_are_text_in_bounds(tmp_path: Path) -> None:
    path = write_hostile(enormous(), tmp_path, b"enormous.dcm")
    async with browser_on(path, size=(150, 44)) as driver:
        await driver.until_status(" ms")
        for at in ("attributes", "value", "explanation", "corners"):
            for key in TOUR[at].split():
                await driver.pilot.press(key)
                await settled(driver, f"{at}: {key}", 0.3)
        await driver.press("alt+2", "slash", *"textvalue", "enter", "enter")
        await settled(driver, "a value of 8 MB")
        assert isinstance(driver.app.screen, ReaderScreen)
        await driver.press("pagedown", "end", "y")
        await settled(driver, "the end of a value of 8 MB")
