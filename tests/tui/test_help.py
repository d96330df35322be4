"""The page of keys says all of what each key does, however small the terminal."""

from pathlib import Path

import pytest

from dicomtui.keys import every_key
from dicomtui.tui.screens.help import TOOLS
from dicomtui.tui.screens.reader import TextLines
from dicomtui.tui.widgets.probe import Probe
from tests.builders import write_series
from tests.tui.driving import picture_of


@pytest.mark.parametrize("size", [(160, 48), (80, 24), (60, 20)])
async def test_what_a_key_does_is_said_in_full(size: tuple[int, int], tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "series", 3), size=size) as driver:
        await driver.press("question_mark")
        await driver.until(lambda: driver.app.screen.query(TextLines))
        page = driver.app.screen.query_one(TextLines)
        seen = ""
        for _ in range(page.row_count() // (size[1] // 2) + 1):
            seen += " ".join(driver.lines(page)) + " "
            for _ in range(size[1] // 2):
                await driver.pilot.press("j")
            await driver.pilot.pause()
        words = " ".join(seen.split())
        unsaid = [
            key.description
            for key in every_key()
            if not key.id.startswith("image.preset-") and key.description not in words
        ]
    unsaid += [what for tool in TOOLS.values() for _, what in tool if what not in words]
    assert not unsaid


async def test_the_page_names_every_key_of_the_probe(tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "series", 3)) as driver:
        await driver.press("s")
        probe = driver.image.tool
        assert isinstance(probe, Probe)
        named = {key for keys, _ in TOOLS["With the probe"] for key in keys.lower().split()}
        assert named == {*probe._keys, *"hjkl", "esc"}
