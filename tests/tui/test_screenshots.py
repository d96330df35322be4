"""One picture of each screen, for README and against surprises.

``DICOMTUI_SCREENSHOTS=write pytest tests/tui/test_screenshots.py`` writes the pictures in ``screenshots/``.
Without that, what the program shows is compared with what they show.
"""

import html
import os
import re
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from dicomtui.__main__ import WELCOME
from dicomtui.archive.samples import sample_folder
from tests.tui.driving import Driver, browser_on

SCREENSHOTS = Path(__file__).parents[2] / "screenshots"


@pytest.fixture
def demo(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> str:
    """The folder of the demonstration, in a home of its own."""
    home = tmp_path_factory.getbasetemp() / "screenshots-home"
    home.mkdir(exist_ok=True)
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CACHE_HOME", str(home / ".cache"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / ".config"))
    key = home / ".config" / "dicomtui" / "deid.key"
    if not key.exists():
        key.parent.mkdir(parents=True)
        key.write_bytes(bytes(range(32)))
        key.chmod(0o600)
    monkeypatch.chdir(home)
    return sample_folder()


async def _browser(driver: Driver) -> None:
    await driver.press("2", "2", "j")
    await driver.until_status("image 23/60")


async def _image(driver: Driver) -> None:
    await driver.press("alt+3", "z", "3", "2", "G")
    await driver.until_status("image 32/60")
    await driver.press("6")


async def _attributes(driver: Driver) -> None:
    await driver.press("alt+2", "z", "slash", *"date")
    await driver.until(lambda: "1/" in driver.text())
    await driver.press("enter", "n")


async def _help(driver: Driver) -> None:
    await driver.press("alt+3", "question_mark")


async def _value(driver: Driver) -> None:
    await driver.press("alt+2", "G", "enter")
    await driver.until(lambda: "00000000 " in driver.text())


async def _palette(driver: Driver) -> None:
    await driver.press("alt+3", "colon")
    await driver.until(lambda: len(driver.app.screen_stack) == 2)
    await driver.press(*"zoom")
    await driver.until(lambda: "zoom in" in driver.text().casefold())
    await driver.pilot.pause(0.5)


async def _studies(driver: Driver) -> None:
    await driver.press("t")
    await driver.until(lambda: "#1" in driver.cursor_line(driver.tree), "the instance that is shown")
    await driver.until(lambda: not driver.browser._archive.scanner.running, "the end of the scan")
    await driver.press("h")


async def _find(driver: Driver) -> None:
    await driver.press("ctrl+f")
    await driver.until(lambda: not driver.browser._archive.scanner.running, "the end of the scan")
    await driver.press(*"Modality = CT and SliceThickness < 5", "enter")
    await driver.until(lambda: " found" in driver.text(), "the results")
    await driver.pilot.pause(0.5)


async def _deidentify(driver: Driver) -> None:
    await driver.press("a")
    await driver.until(lambda: "removed" in driver.text() and "can be written" in driver.text())
    await driver.pilot.pause(0.5)


async def _export(driver: Driver) -> None:
    await driver.press("x")
    await driver.until(lambda: "CT001.png" in driver.text(), "the names of the files")
    await driver.pilot.pause(0.5)


async def _measuring(driver: Driver) -> None:
    await driver.press("alt+3", "z", "2", "2", "G")
    await driver.until_status("image 22/60")
    await driver.press("O", "s", *"HHkkk", "enter", *"LLLJJJ", "e")
    await driver.until(lambda: "mean" in driver.text(), "what was measured")


async def _processing(driver: Driver) -> None:
    await driver.press("alt+3", "2", "2", "G")
    await driver.until_status("image 22/60")
    await driver.press("P")
    await driver.until(lambda: "Processing" in driver.text(), "the steps")
    await driver.press("plus")
    await driver.pilot.pause(0.5)
    await driver.press("enter")
    await driver.pilot.pause(1.0)


async def _filmstrip(driver: Driver) -> None:
    await driver.press("alt+3", "z", "3", "m")
    await driver.pilot.pause(2.0)


async def _varies(driver: Driver) -> None:
    await driver.press("D")
    await driver.until(lambda: "SliceLocation" in driver.text(), "what varies")
    await driver.pilot.pause(0.5)


async def _welcome(driver: Driver) -> None:
    assert "Welcome" in driver.text()


SCREENS: dict[str, tuple[tuple[int, int], Callable[[Driver], Awaitable[None]]]] = {
    "browser": ((160, 48), _browser),
    "image": ((120, 40), _image),
    "attributes": ((120, 30), _attributes),
    "help": ((100, 40), _help),
    "value": ((100, 24), _value),
    "palette": ((100, 30), _palette),
    "studies": ((160, 40), _studies),
    "find": ((120, 30), _find),
    "deidentify": ((160, 40), _deidentify),
    "export": ((120, 32), _export),
    "measuring": ((120, 40), _measuring),
    "processing": ((160, 48), _processing),
    "filmstrip": ((120, 40), _filmstrip),
    "varies": ((120, 30), _varies),
    "small": ((80, 24), _welcome),
}


@pytest.mark.parametrize("name", SCREENS)
async def test_a_screen_looks_as_its_picture(demo: str, name: str) -> None:
    size, arrange = SCREENS[name]
    async with browser_on(demo, size=size, welcome=WELCOME) as driver:
        await driver.until_status("image 1/60")
        await arrange(driver)
        await driver.pilot.pause()
        driver.browser._milliseconds = 3  # how long a frame took is different each time
        driver.browser._show_status()
        await driver.pilot.pause()
        made = _without_remote_fonts(driver.app.export_screenshot(title="dicomtui"))
    path = SCREENSHOTS / f"{name}.svg"
    if os.environ.get("DICOMTUI_SCREENSHOTS") == "write":
        path.write_text(made, "utf-8")
    assert _shown(path.read_text("utf-8")) == _shown(made)


def _without_remote_fonts(svg: str) -> str:
    return re.sub(r"@font-face \{.*?\}", "", svg, flags=re.DOTALL)


def _shown(svg: str) -> list[str]:
    """Return the texts of a picture in their order, without the cells of half blocks."""
    texts = (html.unescape(text) for text in re.findall(r"<text[^>]*>(.*?)</text>", svg, re.DOTALL))
    return [text for text in texts if text.strip() and "▀" not in text]
