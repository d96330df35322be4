"""Keys of the attributes pane: what a user sees change."""

from pathlib import Path

import pytest

from tests.builders import a_sequence, ct, write, write_series
from tests.tui.driving import Driver, browser_on


@pytest.fixture
def nested(tmp_path: Path) -> Path:
    dataset = ct(AnatomicRegionSequence=[a_sequence(2)], PatientComments="line one\nline two " + "x" * 3000)
    block = dataset.private_block(0x0009, "GEMS_IDEN_01", create=True)
    block.add_new(0x01, "LO", "GE_GENESIS_FF")
    return write(dataset, tmp_path / "nested.dcm")


async def _go(driver: Driver, text: str) -> None:
    """Put the cursor on the row with *text* by searching for it."""
    await driver.press("slash", *text)
    await driver.until(lambda: text.casefold() in driver.cursor_line(driver.tags).casefold(), text)
    await driver.press("enter")


async def _attributes(driver: Driver) -> None:
    await driver.until(lambda: driver.tags.row_count() > 10, "attributes")
    await driver.press("alt+2")


async def test_every_element_has_its_row(nested: Path) -> None:
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("z")
        text = driver.text()
        for expected in (
            "0010,0010 PN",
            "Patient's Name",
            "Doe^Jane",
            "CT Image Storage",
            "2020-01-31",
            "Explicit VR Little Endian",
            "Full fidelity [GEMS_IDEN_01]",
            "GE_GENESIS_FF",
        ):
            assert expected in text


async def test_a_sequence_expands_and_collapses_in_place(nested: Path) -> None:
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("z")
        await _go(driver, "anatomic region sequence")
        await driver.press("escape")
        rows = driver.tags.row_count()
        assert driver.tags.row_at_cursor.pointer.startswith("AnatomicRegionSequence")
        await driver.press("h", "h", "h", "h")
        collapsed = driver.tags.row_count()
        assert collapsed < rows
        await driver.press("l")
        assert driver.tags.row_count() > collapsed
        assert "Item 1" in driver.text()


async def test_search_shows_hits_inside_collapsed_sequences(nested: Path) -> None:
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("slash", *"t-d1100")
        await driver.until(lambda: "T-D1100" in driver.cursor_line(driver.tags), "T-D1100")
        assert "1/1" in driver.text()


async def test_n_walks_the_hits_and_the_counter_counts(nested: Path) -> None:
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("slash", *"patient")
        await driver.until(lambda: "1/" in driver.text(), "a counter")
        await driver.press("enter")
        first = driver.cursor_line(driver.tags)
        await driver.press("n")
        second = driver.cursor_line(driver.tags)
        assert second != first
        assert "patient" in second.casefold()
        assert "2/" in driver.text()
        await driver.press("N")
        assert driver.cursor_line(driver.tags) == first
        await driver.press("N")  # round the end
        assert driver.cursor_line(driver.tags) != first


@pytest.mark.parametrize("query", ["0010,0020", "(0010,0020)", "patientid", "patient id", "id-1", "00100020"])
async def test_a_search_looks_at_tag_keyword_name_and_value(nested: Path, query: str) -> None:
    keys = {" ": "space", ",": "comma", "(": "left_parenthesis", ")": "right_parenthesis", "-": "minus"}
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("slash", *(keys.get(character, character) for character in query))
        await driver.until(lambda: "ID-1" in driver.cursor_line(driver.tags), "ID-1")


async def test_filter_hides_rows_that_do_not_match_but_not_what_holds_a_hit(nested: Path) -> None:
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("slash", *"t-d1100")
        await driver.until(lambda: "T-D1100" in driver.cursor_line(driver.tags))
        await driver.press("enter", "f")
        shown = [line for line in driver.lines(driver.tags) if line.strip()]
        assert "Anatomic Region Sequence" in shown[0]
        assert "T-D1100" in shown[-1]
        assert not any("Patient" in line for line in shown)
        await driver.press("f")
        assert driver.tags.row_count() > len(shown)


async def test_escape_clears_the_search(nested: Path) -> None:
    async with browser_on(nested) as driver:
        await _attributes(driver)
        await driver.press("slash", *"patient")
        await driver.until(lambda: "1/" in driver.text())
        await driver.press("escape")
        await driver.until(lambda: "1/" not in driver.text())
        assert driver.tags.has_focus


async def test_the_query_and_the_attribute_survive_another_instance(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", 4)
    async with browser_on(folder, size=(160, 50)) as driver:
        await driver.until_status("image 4/4")
        await driver.press("alt+2", "slash", *"instancenumber", "enter")
        await driver.until(lambda: "Instance Number" in driver.cursor_line(driver.tags))
        assert driver.cursor_line(driver.tags).endswith("4")
        await driver.press("left_square_bracket")
        await driver.until_status("image 3/4")
        await driver.until(lambda: driver.cursor_line(driver.tags).endswith("3"), "instance number 3")
        assert "1/1" in driver.text()


async def test_an_expanded_sequence_stays_expanded_in_the_next_instance(tmp_path: Path) -> None:
    folder = tmp_path / "s"
    write_series(folder, 2, AnatomicRegionSequence=[a_sequence(1)])
    async with browser_on(folder, size=(160, 60)) as driver:
        await driver.until_status("image 2/2")
        await driver.press("alt+2", "e")
        rows = driver.tags.row_count()
        await driver.press("left_square_bracket")
        await driver.until_status("image 1/2")
        assert driver.tags.row_count() == rows


async def test_a_long_value_opens_in_full(nested: Path) -> None:
    async with browser_on(nested) as driver:
        await _attributes(driver)
        await driver.press("slash", *"comments", "enter")
        await driver.until(lambda: "line one" in driver.cursor_line(driver.tags))
        assert "KiB" in driver.tags.row_at_cursor.text
        await driver.press("enter")
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        assert "line two" in driver.text()
        await driver.press("escape")
        assert len(driver.app.screen_stack) == 1
        assert driver.tags.has_focus


async def test_bytes_open_as_a_hex_dump(nested: Path) -> None:
    async with browser_on(nested) as driver:
        await _attributes(driver)
        await driver.press("G", "enter")  # the pixel data stands last
        await driver.until(lambda: len(driver.app.screen_stack) == 2)
        assert "00000000  " in driver.text()


async def test_private_elements_can_be_hidden(nested: Path) -> None:
    async with browser_on(nested, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("z")
        assert "GE_GENESIS_FF" in driver.text()
        await driver.press("p")
        assert "GE_GENESIS_FF" not in driver.text()


@pytest.mark.parametrize(
    ("keys", "row"),
    [
        (["G"], -1),
        (["end"], -1),
        (["G", "g", "g"], 0),
        (["G", "home"], 0),
        (["5", "j"], 5),
        (["1", "2", "G"], 11),
        (["1", "0", "j", "3", "k"], 7),
        (["down", "down", "up"], 1),
    ],
)
async def test_movement_keys_go_where_they_say(nested: Path, keys: list[str], row: int) -> None:
    async with browser_on(nested) as driver:
        await _attributes(driver)
        await driver.press("home", *keys)
        assert driver.tags.cursor == row % driver.tags.row_count()


async def test_pages_move_by_what_is_in_view(nested: Path) -> None:
    async with browser_on(nested, size=(80, 24)) as driver:
        await _attributes(driver)
        await driver.press("home", "ctrl+d")
        half = driver.tags.cursor
        assert 0 < half <= driver.tags.size.height
        await driver.press("pagedown")
        assert driver.tags.cursor > half
        assert 0 <= driver.tags.cursor - driver.tags.scroll_offset.y < driver.tags.size.height
        await driver.press("pageup", "ctrl+u")
        assert driver.tags.cursor == 0
