"""Explaining, copying, pinning and reading attributes in another character set, by keys."""

import base64
import re
from pathlib import Path

import pytest

from dicomtui.dataset.charsets import OVERRIDES
from dicomtui.settings import Settings
from dicomtui.tui.screens.reader import TextLines
from dicomtui.tui.widgets.image_view import ImageView
from dicomtui.tui.widgets.status_line import HintLine
from tests.builders import a_sequence, ct, write, write_series
from tests.dataset.encoded import element, part10
from tests.tui.driving import Driver, browser_on, picture_of

CHINESE = "王^小东"
EVIL = "[@click=app.quit]x[/]\x1b]52;c;ZXZpbA==\x07\u202eabc"


@pytest.fixture
def gbk(tmp_path: Path) -> Path:
    """A document whose texts are GBK, which it does not say."""
    path = tmp_path / "gbk.dcm"
    path.write_bytes(
        part10(
            element(0x00080016, "UI", b"1.2.840.10008.5.1.4.1.1.66\0")
            + element(0x00080018, "UI", b"1.2.3\0")
            + element(0x00080060, "CS", b"OT")
            + element(0x00081030, "LO", "胸部平扫".encode("gbk"))
            + element(0x00100010, "PN", CHINESE.encode("gbk") + b" ")
        )
    )
    return path


async def _attributes(driver: Driver) -> None:
    await driver.until(lambda: driver.tags.row_count() > 5, "attributes")
    await driver.press("alt+2", "z")


async def _go(driver: Driver, keyword: str) -> None:
    driver.tags.reveal(keyword)
    await driver.pilot.pause()


def _page(driver: Driver) -> str:
    return "\n".join(line for lines in driver.app.screen.query(TextLines) for line in driver.lines(lines))


def _hint(driver: Driver) -> str:
    return driver.browser.query_one(HintLine).render().plain


def _clipboard(driver: Driver, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Collect the texts that the terminal would put on its clipboard."""
    texts: list[str] = []
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("TMUX", "STY", "ZELLIJ", "VTE_VERSION", "TERM_PROGRAM"):
        monkeypatch.delenv(name, raising=False)

    def write_out(data: str) -> None:
        texts.extend(base64.b64decode(found).decode() for found in re.findall("\x1b]52;c;(.*?)\x07", data))

    monkeypatch.setattr(driver.app._driver, "write", write_out)
    return texts


# --- pinned ---


async def test_what_matters_for_the_modality_stands_at_the_top(tmp_path: Path) -> None:
    path = write(ct(KVP="120", PatientAge="040Y"), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        lines = driver.lines(driver.tags)
        assert "Pinned" in lines[0]
        assert "Doe^Jane" in lines[1]
        end = next(at for at, line in enumerate(lines) if "0002,0000" in line)
        assert any("KVP" in line and "120" in line for line in lines[:end])
        assert not any("040Y" in line or "40 years" in line for line in lines[:end])


async def test_the_configuration_says_what_is_pinned(tmp_path: Path) -> None:
    path = write(ct(KVP="120"), tmp_path / "a.dcm")
    settings = Settings(pins={"CT": ("Rows", "NoSuchThing", "0010,0020")})
    async with browser_on(path, size=(160, 60), settings=settings) as driver:
        await _attributes(driver)
        lines = driver.lines(driver.tags)
        assert ["Rows" in lines[1], "Patient ID" in lines[2], "0002,0000" in lines[3]] == [True] * 3
    async with browser_on(path, size=(160, 60), settings=Settings(pins={"CT": ()})) as driver:
        await _attributes(driver)
        assert "0002,0000" in driver.lines(driver.tags)[0]


async def test_what_is_pinned_follows_the_instance_and_stays_folded(tmp_path: Path) -> None:
    folder = write_series(tmp_path / "s", 3)
    async with browser_on(
        folder, size=(160, 60), settings=Settings(pins={"CT": ("InstanceNumber",)})
    ) as driver:
        await driver.until_status("image 3/3")
        await driver.press("alt+2")
        assert driver.lines(driver.tags)[1].endswith("3")
        await driver.press("left_square_bracket")
        await driver.until(lambda: driver.lines(driver.tags)[1].endswith("2"), "instance 2")
        await driver.press("home", "h", "left_square_bracket")
        await driver.until_status("image 1/3")
        await driver.until(lambda: "0002,0000" in driver.lines(driver.tags)[1], "no pinned rows")


async def test_enter_on_a_pinned_row_goes_to_where_it_stands(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("home", "j", "enter")
        assert driver.tags.row_at_cursor.path == (0x00100010,)


async def test_the_card_of_an_instance_begins_with_what_is_pinned(tmp_path: Path) -> None:
    path = write(ct(KVP="117", PatientName=EVIL), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        await driver.press("i")
        await driver.until(lambda: "KVP" in driver.text() and "117" in driver.text(), "the card")
        assert _page(driver).startswith("Patient's Name")
        assert "\x1b" not in _page(driver)
        assert "[@click" in _page(driver)
        assert "SOP Instance UID" in _page(driver)


async def test_the_card_of_what_has_no_picture_shows_what_its_sequences_hold(tmp_path: Path) -> None:
    from pydicom.dataset import Dataset

    roi = Dataset()
    roi.ROINumber, roi.ROIName = 7, "Heart"
    dataset = ct(
        Modality="RTSTRUCT", StructureSetROISequence=[roi], SOPClassUID="1.2.840.10008.5.1.4.1.1.481.3"
    )
    del dataset.PixelData, dataset.Rows, dataset.Columns
    async with browser_on(write(dataset, tmp_path / "rs.dcm"), size=(120, 40)) as driver:
        await _attributes(driver)
        await driver.press("i")
        await driver.until(lambda: "7, Heart" in driver.text(), "the region's name")


# --- explaining ---


async def test_k_explains_the_attribute_under_the_cursor(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        await _go(driver, "Modality")
        await driver.press("K")
        await driver.until(lambda: "Computed Tomography" in driver.text(), "the meaning of CT")
        page = _page(driver)
        for expected in (
            "(0008,0060)",
            "Code String",
            "PS3.3 C.7.3.1.1.1",
            f"{path}::Modality",
            "43 54",
            "basic:",
        ):
            assert expected in page.replace("\n               ", "")
        await driver.press("escape")
        assert driver.tags.has_focus


@pytest.mark.parametrize("key", ["c", "K"])
async def test_the_row_of_what_is_pinned_says_that_it_is_no_attribute(tmp_path: Path, key: str) -> None:
    write(ct(), tmp_path / "a.dcm")
    async with picture_of(tmp_path) as driver:
        await driver.press("alt+2", "home", key)
        assert driver.app.screen is driver.browser
        await driver.until(lambda: "This row is no attribute" in driver.text(), "why nothing happens")


async def test_an_item_has_nothing_to_explain(tmp_path: Path) -> None:
    path = write(ct(AnatomicRegionSequence=[a_sequence(0)]), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        await _go(driver, "AnatomicRegionSequence")
        await driver.press("l", "j", "K", "y", "v")
        assert driver.app.screen is driver.browser


async def test_hostile_values_are_explained_as_text(tmp_path: Path) -> None:
    path = write(ct(PatientName=EVIL), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        await _go(driver, "PatientName")
        await driver.press("K")
        await driver.until(lambda: "Person Name" in driver.text())
        assert "\x1b" not in driver.text()
        assert "[@click=app.quit]x[/]\\x1b]52" in _page(driver)


# --- copying ---


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("v", "20200131"),
        ("t", "0008,0020"),
        ("k", "StudyDate"),
        ("p", "a.dcm::StudyDate"),
        ("c", "tags --explain StudyDate "),
        ("P", ").StudyDate"),
        ("d", "dcmdump +P"),
    ],
)
async def test_y_and_a_letter_copy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, key: str, text: str
) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        copied = _clipboard(driver, monkeypatch)
        await _go(driver, "StudyDate")
        await driver.press("y")
        assert "copy: v value" in driver.text()
        await driver.press(key)
        assert len(copied) == 1
        assert text in copied[0]
        assert "sent to the clipboard" in _hint(driver)
        assert driver.app.screen is driver.browser
        await driver.press("j")
        assert "clipboard" not in _hint(driver)


async def test_any_other_key_copies_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        copied = _clipboard(driver, monkeypatch)
        for key in ("escape", "q", "z", "down"):
            await driver.press("y", key)
            assert driver.app.screen is driver.browser
        assert copied == []


async def test_no_escape_sequence_of_a_file_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(ct(PatientName=EVIL), tmp_path / "a'; touch x.dcm")
    async with browser_on(path, size=(160, 60)) as driver:
        await _attributes(driver)
        copied = _clipboard(driver, monkeypatch)
        await _go(driver, "PatientName")
        for key in "vtkpycPd":
            await driver.press("y", key)
        assert len(copied) == 8
        assert all(text.isprintable() for text in copied)


async def test_without_a_clipboard_the_text_is_shown_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write(ct(PatientComments="word " * 60 + "last"), tmp_path / "a.dcm")
    async with browser_on(path, size=(80, 24), settings=Settings(clipboard="off")) as driver:
        await _attributes(driver)
        copied = _clipboard(driver, monkeypatch)
        await _go(driver, "PatientComments")
        await driver.press("y", "v")
        await driver.until(lambda: "last" in driver.text(), "the end of the text")
        assert _page(driver).replace("\n", " ").count("word") == 60
        assert copied == []
        await driver.press("escape")
        assert "Not copied: the configuration turns it off" in _hint(driver)


async def test_s_shows_instead_of_copying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    async with browser_on(path, size=(100, 30)) as driver:
        await _attributes(driver)
        copied = _clipboard(driver, monkeypatch)
        await _go(driver, "PatientID")
        await driver.press("y", "s", "k")
        await driver.until(lambda: "marked with Shift" in driver.text(), "the page")
        assert _page(driver).strip() == "PatientID"
        assert copied == []


async def test_outside_the_attributes_the_instance_is_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dataset = ct()
    path = write(dataset, tmp_path / "a.dcm")
    async with browser_on(path, size=(120, 30)) as driver:
        await driver.until_status(" ms")
        copied = _clipboard(driver, monkeypatch)
        await driver.press("alt+3", "y", "p", "y", "u", "alt+1", "y", "c")
        assert copied == [str(path), dataset.SOPInstanceUID, f"dicomtui {path}"]


# --- character sets ---


async def test_texts_that_fit_no_character_set_are_marked(gbk: Path) -> None:
    async with browser_on(gbk, size=(160, 40)) as driver:
        await _attributes(driver)
        await driver.until_status("without a Specific Character Set")
        marked = [line for line in driver.lines(driver.tags) if " ! " in line]
        assert len({line.split()[0] for line in marked}) == 2
        await _go(driver, "PatientName")
        await driver.press("K")
        await driver.until(lambda: "Character set  bytes above 127" in _page(driver), "what is wrong with it")


async def test_e_reads_texts_in_another_character_set_everywhere(gbk: Path) -> None:
    async with browser_on(gbk, size=(160, 40)) as driver:
        await driver.until(lambda: driver.tags.row_count() > 5)
        await driver.press("alt+2")
        before = gbk.read_bytes()
        assert CHINESE not in driver.text()
        await driver.press("E")
        assert "read as UTF-8" in driver.status
        await driver.press("E")
        assert "read as GB18030" in driver.status
        names = [line for line in driver.lines(driver.tags) if CHINESE in line]
        assert len(names) == 2  # pinned, and where it stands
        assert not any(" ! " in line for line in driver.lines(driver.tags))
        assert any(CHINESE in line for line in driver.lines(driver.browser.query_one(ImageView)))  # the card
        await driver.press("i")
        await driver.until(lambda: CHINESE in _page(driver), "the name on the info card")
        await driver.press("escape", "escape")
        assert "read as" not in driver.status
        assert CHINESE not in driver.text()
        assert gbk.read_bytes() == before


async def test_e_comes_back_to_the_declared_one(gbk: Path) -> None:
    async with browser_on(gbk, size=(160, 40)) as driver:
        await driver.until(lambda: driver.tags.row_count() > 5)
        await driver.press("alt+2")
        before = driver.lines(driver.tags)
        for name in OVERRIDES:
            await driver.press("E")
            assert f"read as {name}" in driver.status
        await driver.press("E")
        assert "read as" not in driver.status
        assert driver.lines(driver.tags) == before


async def test_a_search_finds_what_is_read(gbk: Path) -> None:
    async with browser_on(gbk, size=(160, 40)) as driver:
        await driver.until(lambda: driver.tags.row_count() > 5)
        await driver.press("alt+2", "E", "E", "slash", *"平扫")
        await driver.until(lambda: "1/1" in driver.text(), "a hit")


async def test_a_narrow_pane_leaves_the_room_to_names_and_values(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    async with browser_on(path, size=(80, 24)) as driver:
        await driver.until(lambda: driver.tags.row_count() > 5)
        await driver.press("alt+2", "home")
        assert driver.lines(driver.tags)[1].split() == ["Patient's", "Name", "Doe^Jane"]
        await driver.press("z")
        assert "0010,0010 PN" in driver.lines(driver.tags)[1]
