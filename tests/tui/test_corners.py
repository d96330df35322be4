"""Texts in the corners of the picture, and colour maps: what a user sees."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from dicomtui.errors import UsageError
from dicomtui.imaging.colour_maps import colour_maps
from dicomtui.settings import CORNERS, Settings, load_settings
from dicomtui.tui.widgets.corners import filled, laid_out, templates_for
from tests.builders import ct, write, write_series
from tests.tui.driving import Driver, picture_of


def shown(driver: Driver) -> str:
    return "\n".join(driver.lines(driver.image))


async def test_o_goes_from_letters_and_ruler_to_all_texts_to_none_and_back(tmp_path: Path) -> None:
    path = write(ct(KVP=120, ConvolutionKernel="B30f", SliceThickness=2.5), tmp_path / "a.dcm")
    async with picture_of(path) as driver:
        assert "mm" in shown(driver)
        assert "Doe" not in shown(driver)
        await driver.press("O")
        for text in ("Doe^Jane", "ID-1", "2020-01-31", "Test study", "3:  Ramp", "120", "B30f", "C 0 W 2000"):
            assert text in shown(driver), text
        await driver.press("O")
        assert "mm" not in shown(driver)
        assert "Doe" not in shown(driver)
        await driver.press("O")
        assert "mm" in shown(driver)
        assert "Doe" not in shown(driver)


async def test_the_texts_follow_the_instance_and_the_window(tmp_path: Path) -> None:
    async with picture_of(write_series(tmp_path / "s", 5)) as driver:
        await driver.press("O", "home")
        await driver.until(lambda: "image 1/5" in shown(driver), "the first")
        await driver.press("j")
        await driver.until(lambda: "image 2/5" in shown(driver), "the second")
        await driver.press("6")
        assert "C -600 W 1500" in shown(driver)


async def test_the_configuration_says_what_stands_where(tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text(
        '[corners.ALL]\ntop_right = ["all {Modality}"]\ntop_left = ["for all"]\n'
        '[corners.CT]\ntop_left = ["own {PatientID}", "{Absent}", "{Rows} rows  {Absent} left out"]\n'
    )
    settings = load_settings(str(config))
    async with picture_of(write(ct(), tmp_path / "a.dcm"), settings=settings) as driver:
        await driver.press("O")
        lines = driver.lines(driver.image)
        assert lines[0].startswith("own ID-1")
        assert lines[0].endswith("all CT")
        assert lines[1].startswith("32 rows")
        assert "left out" not in shown(driver)
        assert "for all" not in shown(driver)
        assert "Doe" not in shown(driver)


@pytest.mark.parametrize(
    "text", ['CT = ["x"]', '[corners.CT]\nmiddle = ["x"]', "[corners.CT]\ntop_left = [1]"]
)
def test_a_configuration_of_corners_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    config = tmp_path / "config.toml"
    config.write_text(text if text.startswith("[") else f"[corners]\n{text}")
    with pytest.raises(UsageError, match="corners: write them as"):
        load_settings(str(config))


HOSTILE = "A\x1b[31m\x9b2J[@click=app.quit]x[/]\u202e\u2066name"


async def test_hostile_values_are_shown_as_text(tmp_path: Path) -> None:
    path = write(ct(PatientName=HOSTILE, StudyDescription=HOSTILE[:60]), tmp_path / "a.dcm")
    async with picture_of(path, size=(160, 48)) as driver:
        await driver.press("O")
        screen = shown(driver)
        assert "[@click=app.quit]" in screen
        assert not any(ord(letter) < 32 and letter != "\n" for letter in screen)
        assert not {"\x9b", "\u202e", "\u2066"} & set(screen)


@pytest.mark.parametrize("size", [(160, 48), (120, 40), (80, 24), (60, 16), (30, 8)])
async def test_letters_and_ruler_are_never_hidden(tmp_path: Path, size: tuple[int, int]) -> None:
    long = "W" * 60
    path = write(
        ct(PatientName=long, StudyDescription=long, Manufacturer=long, PatientID=long, KVP=120),
        tmp_path / "a.dcm",
    )
    async with picture_of(path, size=size) as driver:
        for keys in (["O"], ["z"], ["plus"], ["R"]):
            await driver.press(*keys)
            lines = driver.lines(driver.image)
            edges = {
                (line, at): letter
                for line, column, text in driver.image.surface._edge_texts()
                for at, letter in enumerate(text, column)
            }
            assert all(
                lines[line][at : at + 1] == letter.strip()
                for (line, at), letter in edges.items()
                if letter != " "
            )


async def test_names_in_wide_characters_take_their_cells(tmp_path: Path) -> None:
    path = write(ct(PatientName="山田^太郎"), tmp_path / "a.dcm")
    async with picture_of(path) as driver:
        await driver.press("O")
        first = driver.lines(driver.image)[0]
        assert first.startswith("山田^太郎")
        assert cell_len(first) <= driver.image.size.width


values = st.dictionaries(
    st.sampled_from(["PatientName", "PatientID", "StudyDescription", "Manufacturer", "KVP", "Window"]),
    st.text(max_size=80),
)


@given(
    values=values,
    columns=st.integers(1, 200),
    lines=st.integers(1, 80),
    modality=st.sampled_from(["CT", "MR", ""]),
)
def test_corners_stay_inside_the_pane_and_off_its_last_line(
    values: dict[str, str], columns: int, lines: int, modality: str
) -> None:
    marks = laid_out(templates_for(modality, {}), lambda name: values.get(name, ""), columns, lines)
    for line, texts in marks.items():
        assert 0 <= line < max(1, lines - 1)
        taken: set[int] = set()
        for column, text in texts:
            cells = set(range(column, column + cell_len(text)))
            assert cells <= set(range(columns))
            assert not cells & taken
            taken |= cells


@given(template=st.text(max_size=60), value=st.text(max_size=60))
def test_any_template_gives_one_safe_line(template: str, value: str) -> None:
    line = filled(template, lambda _: value)
    assert "\n" not in line
    assert "\x1b" not in line


def test_each_corner_has_a_default_for_every_modality() -> None:
    for modality in ("CT", "MR", "PT", "US", "MG", "XA", "whatever"):
        assert set(templates_for(modality, Settings().corners)) == set(CORNERS)


async def test_c_goes_through_the_colour_maps_and_back_to_grey(tmp_path: Path) -> None:
    async with picture_of(write(ct(), tmp_path / "a.dcm")) as driver:
        for name in colour_maps():
            await driver.press("C")
            assert name in driver.status
            lines = [driver.image.render_line(y) for y in range(driver.image.size.height)]
            found = {style.bgcolor for line in lines for _, style, _ in line if style is not None}
            assert any(len(set(colour.get_truecolor())) > 1 for colour in found if colour is not None)
        await driver.press("C")
        assert not any(name in driver.status for name in colour_maps())


async def test_a_colour_picture_keeps_its_colours(tmp_path: Path) -> None:
    from pydicom.data import get_testdata_file

    path = get_testdata_file("SC_rgb.dcm", download=False)
    assert path is not None
    async with picture_of(path) as driver:
        before = [str(driver.image.render_line(y)) for y in range(driver.image.size.height)]
        await driver.press("C")
        assert [str(driver.image.render_line(y)) for y in range(driver.image.size.height)] == before
        assert "hot" not in driver.status
