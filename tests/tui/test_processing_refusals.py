"""What the processing panel says where there is nothing to process, to save or to open."""

from pathlib import Path

import pytest
from pydicom.dataset import FileDataset

from dicomtui.imaging.saved_chains import chains_path, saved_chains
from dicomtui.tui.widgets.processing_panel import ProcessingPanel
from tests.builders import ct, write
from tests.tui.driving import Driver, browser_on, picture_of
from tests.tui.test_processing import add, panel_of

pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write(ct(), tmp_path / "scan.dcm")


def coloured() -> FileDataset:
    dataset = ct(SamplesPerPixel=3, PhotometricInterpretation="RGB", PlanarConfiguration=0)
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.HighBit = 7
    dataset.PixelData = b"\x10\x80\xf0" * 32 * 32
    return dataset


async def says(driver: Driver, text: str) -> None:
    await driver.until(lambda: text in " ".join(driver.text().split()), text)


async def test_colours_are_refused_in_a_sentence(tmp_path: Path) -> None:
    async with picture_of(write(coloured(), tmp_path / "colour.dcm")) as driver:
        await driver.press("P")
        await says(driver, "Colours are not processed")
        assert not driver.browser.query(ProcessingPanel)


async def test_without_a_picture_there_is_nothing_to_process(tmp_path: Path) -> None:
    dataset = ct()
    del dataset.PixelData
    async with browser_on(write(dataset, tmp_path / "none.dcm")) as driver:
        await driver.until(lambda: "SOP Class UID" in "".join(driver.lines(driver.image)), "the card")
        await driver.press("alt+3", "P")
        await says(driver, "There is no picture to process")


async def test_p_in_another_pane_goes_back_to_the_panel(scan: Path) -> None:
    async with picture_of(scan) as driver:
        await driver.press("P")
        panel = panel_of(driver)
        assert panel.has_focus
        await driver.press("tab", "alt+3", "P")
        assert panel_of(driver) is panel
        assert panel.has_focus


@pytest.mark.parametrize("typed", ["abc", "nan", "inf", "1e999"])
async def test_what_is_no_number_is_said_and_changes_nothing(typed: str, scan: Path) -> None:
    async with picture_of(scan) as driver:
        await driver.press("P")
        await add(driver, "gamma")
        before = panel_of(driver).chain
        await driver.press("j", "enter", *typed, "enter")
        await says(driver, "That is no number")
        assert panel_of(driver).chain == before


async def test_nothing_is_saved_without_steps_and_nothing_opened_without_saved_ones(scan: Path) -> None:
    async with picture_of(scan) as driver:
        await driver.press("P", "O")
        await says(driver, "No steps are saved yet")
        await driver.press("S", *"mine", "enter")
        await says(driver, "There is no step to save")
        assert saved_chains() == {}


async def test_a_name_that_cannot_be_one_is_said_and_not_saved(scan: Path) -> None:
    async with picture_of(scan) as driver:
        await driver.press("P")
        await add(driver, "gamma")
        await driver.press("S", *"a b", "enter")
        await says(driver, "is no name for steps")
        assert saved_chains() == {}


@pytest.mark.parametrize("name", ["a b", "gaussian", "x" * 41, "a name of many words"])
async def test_why_a_name_cannot_be_one_is_seen_whole_in_a_small_terminal(scan: Path, name: str) -> None:
    async with picture_of(scan, size=(80, 24)) as driver:
        await driver.press("P")
        await add(driver, "gamma")
        await driver.press("S", *("space" if letter == " " else letter for letter in name), "enter")
        await says(driver, "is no name for steps")
        line = driver.text().splitlines()[-1]
        assert "…" not in line.split("'")[-1]


async def test_saved_steps_that_cannot_be_read_are_said(scan: Path) -> None:
    async with picture_of(scan) as driver:
        await driver.press("P")
        await add(driver, "gamma")
        await driver.press("S", *"mine", "enter")
        await driver.until(lambda: "mine" in saved_chains())
        Path(chains_path()).write_text("[broken")
        await driver.press("O")
        await says(driver, Path(chains_path()).name)
