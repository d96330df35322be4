"""Every real file opens in the browser: nothing crashes, nothing is eaten, nothing drives the terminal."""

import unicodedata
from pathlib import Path

import pytest

from tests.corpus_parts import PARTS, files_of
from tests.tui.driving import browser_on


def _unsafe(text: str) -> set[str]:
    raw = set(text) - {"\n"}
    return {character for character in raw if unicodedata.category(character) in ("Cc", "Cf", "Cs")}


@pytest.mark.corpus
@pytest.mark.parametrize("part", PARTS)
async def test_every_file_of_the_corpus_opens(corpus: Path, tmp_path: Path, part: int) -> None:
    files = files_of(corpus, part)
    folder = tmp_path / "all"
    folder.mkdir()
    for number, path in enumerate(files):
        (folder / f"{number:04}").symlink_to(path)
    async with browser_on(folder, size=(160, 48)) as driver:
        await driver.until(lambda: "looking" not in driver.status and driver.tree.row_count() == len(files))
        browser = driver.browser
        for number, path in enumerate(files):
            driver.tree.cursor = number

            def shown(number: int = number) -> bool:
                opened = browser._stepper.opened
                ready = opened is None or driver.image.is_ready
                return browser._wanted.endswith(f"{number:04}") and (
                    opened is None or (opened.path == browser._wanted and ready)
                )

            await driver.until(shown, str(path))
            text = driver.text()
            assert not _unsafe(text), (path, _unsafe(text))
            for forbidden in ("internal error", "cannot be shown:", "cannot be read:"):
                assert forbidden not in text, path
