"""What an object without a picture is, as lines that fit."""

from pathlib import Path

import pytest
from rich.style import Style

from dicomtui.tui.widgets.card import Card
from tests.builders import ct, write
from tests.tui.driving import browser_on

LINES = [
    ("Study", ""),
    ("Study Description", "Follow-up of the whole chest with contrast"),
    ("Modality", "SR"),
]


def lines(width: int) -> list[str]:
    card = Card(LINES)
    return [card.line(y, width, Style()).text for y in range(len(LINES))]


def test_names_are_whole_where_they_take_no_more_than_half() -> None:
    assert lines(38)[1].startswith("  Study Description ")
    assert lines(200)[1].rstrip().endswith("whole chest with contrast")
    assert lines(200)[2].index("SR") == lines(200)[1].index("Follow-up")


@pytest.mark.parametrize("width", [20, 30, 38, 60])
def test_what_does_not_fit_ends_in_an_ellipsis(width: int) -> None:
    name, text = LINES[1]
    line = lines(width)[1]
    assert len(line) == width
    shown_name, shown_text = line[: width // 2 + 3].strip(), line.rstrip()
    assert shown_name.startswith(name) or "…" in shown_name
    assert shown_text.endswith((text, "…"))


async def test_a_report_names_its_attributes_in_full_in_a_small_terminal(tmp_path: Path) -> None:
    report = ct(SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11", Modality="SR", StudyDescription="Follow-up")
    for keyword in ("PixelData", "Rows", "Columns", "BitsAllocated", "BitsStored", "HighBit"):
        if keyword in report:
            del report[keyword]
    write(report, tmp_path / "report.dcm")
    async with browser_on(tmp_path, size=(80, 24)) as driver:
        await driver.until(lambda: "Study" in "".join(driver.lines(driver.image)), "the card")
        card = driver.lines(driver.image)
        assert any(line.split() == ["Study", "Description", "Follow-up"] for line in card), card
