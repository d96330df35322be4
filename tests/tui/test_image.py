"""Keys of the image pane: what a user sees change."""

import asyncio
from pathlib import Path

import numpy as np
import pytest
from textual.events import MouseScrollDown

from dicomtui.settings import Settings
from dicomtui.tui.widgets.typed_count import TOGETHER
from tests.builders import ct, ramp, write, write_series
from tests.tui.driving import Driver, browser_on, picture_of


@pytest.fixture
def series(tmp_path: Path) -> Path:
    return write_series(tmp_path / "series", 12)


@pytest.fixture
def multiframe(tmp_path: Path) -> Path:
    frames = np.stack([ramp(0) * 0 + 100 * number for number in range(30)])
    return write(ct(frames, WindowCenter=1500, WindowWidth=3000), tmp_path / "frames.dcm")


async def test_the_first_instance_of_a_folder_is_shown_by_itself(series: Path) -> None:
    async with browser_on(series) as driver:
        await driver.until_status("image 12/12")
        assert driver.grey(0.45) < driver.grey(0.55)
        assert "C 0 W 2000" in driver.status


async def test_raising_the_centre_darkens_and_lowering_it_brightens(series: Path) -> None:
    async with picture_of(series) as driver:
        before = driver.grey(0.5)
        await driver.press("full_stop", "full_stop")
        assert driver.grey(0.5) < before
        await driver.press("comma", "comma")
        assert driver.grey(0.5) == before
        await driver.press("comma")
        assert driver.grey(0.5) > before


async def test_narrowing_the_width_raises_the_contrast(series: Path) -> None:
    async with picture_of(series) as driver:
        contrast = driver.grey(0.55) - driver.grey(0.45)
        await driver.press("less_than_sign", "less_than_sign", "less_than_sign")
        assert driver.grey(0.55) - driver.grey(0.45) > contrast
        await driver.press(*["greater_than_sign"] * 6)
        assert driver.grey(0.55) - driver.grey(0.45) < contrast


@pytest.mark.parametrize(
    ("key", "window"),
    [
        ("3", "C 40 W 400"),
        ("4", "C 60 W 400"),
        ("5", "C 50 W 350"),
        ("6", "C -600 W 1500"),
        ("7", "C 350 W 2000"),
        ("8", "C 40 W 80"),
        ("9", "C 90 W 150"),
    ],
)
async def test_the_presets_of_ct_have_the_windows_that_viewers_share(
    series: Path, key: str, window: str
) -> None:
    async with picture_of(series) as driver:
        await driver.press(key)
        assert window in driver.status


async def test_a_preset_changes_the_picture(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("6")
        lung = driver.grey(0.3)
        await driver.press("8")
        assert driver.grey(0.3) < lung  # far below the brain window: black


async def test_a_preset_of_the_users_own_takes_the_key(series: Path) -> None:
    settings = Settings(presets={"CT": {4: ("my liver", 77.0, 222.0)}})
    async with picture_of(series, settings=settings) as driver:
        await driver.press("4")
        assert "C 77 W 222 my liver" in driver.status


async def test_auto_file_and_full_windows_follow_the_digits(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("0")
        assert "auto" in driver.status
        await driver.press("2")
        assert "full range" in driver.status
        await driver.press("1")
        assert "C 0 W 2000 file" in driver.status


async def test_the_files_several_windows_come_one_after_the_other(tmp_path: Path) -> None:
    path = write(
        ct(WindowCenter=[40, -600], WindowWidth=[400, 1500], WindowCenterWidthExplanation=["SOFT", "LUNG"]),
        tmp_path / "a.dcm",
    )
    async with picture_of(path) as driver:
        await driver.press("1")
        assert "C 40 W 400 file 1/2 SOFT" in driver.status
        await driver.press("1")
        assert "C -600 W 1500 file 2/2 LUNG" in driver.status
        await driver.press("1")
        assert "file 1/2 SOFT" in driver.status


async def test_in_window_mode_the_arrows_change_the_window(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("w")
        assert "WINDOW" in driver.status
        before = driver.grey(0.5)
        await driver.press("up", "up")
        assert driver.grey(0.5) < before
        contrast = driver.grey(0.55) - driver.grey(0.45)
        await driver.press("left", "left", "left", "left")
        assert driver.grey(0.55) - driver.grey(0.45) > contrast
        await driver.press("escape")
        assert "WINDOW" not in driver.status
        assert driver.image.has_focus


async def test_shift_is_coarse_and_control_is_fine_in_window_mode(series: Path) -> None:
    async with picture_of(series) as driver:
        steps = {}
        for key in ("up", "shift+up", "ctrl+up"):
            await driver.press("1", "w", key)
            steps[key] = float(driver.status.split("C ")[1].split(" ")[0])
            await driver.press("w")
        assert steps["shift+up"] == pytest.approx(10 * steps["up"])
        assert 0 < steps["ctrl+up"] < steps["up"]


async def test_inverting_swaps_dark_and_bright_and_twice_is_nothing(series: Path) -> None:
    async with picture_of(series) as driver:
        left, right = driver.grey(0.35), driver.grey(0.65)
        await driver.press("v")
        assert driver.grey(0.35) > driver.grey(0.65)
        assert "inverted" in driver.status
        await driver.press("v")
        assert (driver.grey(0.35), driver.grey(0.65)) == (left, right)


async def test_zooming_spreads_the_ramp_and_equals_fits_it_again(series: Path) -> None:
    async with picture_of(series) as driver:
        spread = driver.grey(0.6) - driver.grey(0.4)
        zoom = driver.status
        await driver.press("plus", "plus", "plus")
        assert driver.grey(0.6) - driver.grey(0.4) < spread
        assert driver.status != zoom
        await driver.press("minus")
        await driver.press("equals_sign")
        assert driver.grey(0.6) - driver.grey(0.4) == spread


async def test_panning_moves_over_a_zoomed_picture_and_stays_inside(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("plus", "plus", "plus", "plus")
        middle = driver.grey(0.5)
        await driver.press("right", "right")
        assert driver.grey(0.5) > middle
        await driver.press("left", "left", "left", "left")
        assert driver.grey(0.5) < middle
        at_edge = [await _press_and_look(driver, "left") for _ in range(20)]
        assert at_edge[-1] == at_edge[-2]


async def _press_and_look(driver: Driver, key: str) -> int:
    await driver.press(key)
    return driver.grey(0.5)


async def test_one_to_one_shows_each_column_once(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("b")
        assert " 100% " in driver.status


async def test_rotating_turns_the_ramp_upright_and_four_times_is_nothing(series: Path) -> None:
    async with picture_of(series) as driver:
        upright = (driver.grey(0.5, 0.3), driver.grey(0.5, 0.7))
        assert upright[0] == upright[1]
        await driver.press("R")
        assert driver.grey(0.5, 0.3) < driver.grey(0.5, 0.7)
        await driver.press("R", "R", "R")
        assert (driver.grey(0.5, 0.3), driver.grey(0.5, 0.7)) == upright


async def test_flipping_mirrors_the_ramp(series: Path) -> None:
    async with picture_of(series) as driver:
        assert driver.grey(0.4) < driver.grey(0.6)
        await driver.press("F")
        assert driver.grey(0.4) > driver.grey(0.6)
        await driver.press("R", "V")
        assert driver.grey(0.5, 0.3) < driver.grey(0.5, 0.7)


async def test_reset_undoes_everything(series: Path) -> None:
    async with picture_of(series) as driver:
        before = [driver.grey(x) for x in (0.35, 0.5, 0.65)], driver.status
        await driver.press("8", "plus", "F", "R", "v")
        await driver.press("u")
        assert ([driver.grey(x) for x in (0.35, 0.5, 0.65)], driver.status) == before


async def test_j_and_k_step_through_the_series_in_space(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("home")
        await driver.until_status("image 1/12")
        assert "slice011.dcm" in driver.status  # the lowest position has the last name
        await driver.press("j")
        await driver.until_status("image 2/12")
        assert "slice010.dcm" in driver.status
        await driver.press("k")
        await driver.until_status("image 1/12")
        await driver.press("k")
        await driver.until_status("image 1/12")


@pytest.mark.parametrize(
    ("keys", "place"),
    [
        (["J"], 11),
        (["G"], 12),
        (["end"], 12),
        (["5", "j"], 6),
        (["1", "0", "j"], 11),
        (["7", "G"], 7),
        (["G", "K"], 2),
        (["end", "home"], 1),
        (["end", "g", "g"], 1),
        (["5", "g", "g"], 5),
        (["9", "9", "j"], 12),
    ],
)
async def test_counts_tens_and_ends_go_where_they_say(
    series: Path, keys: list[str], place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomtui.tui.widgets.typed_count.TOGETHER", 30)  # the machine may be slow
    async with picture_of(series) as driver:
        await driver.press("home")
        await driver.until_status("image 1/12")
        await driver.press(*keys)
        await driver.until_status(f"image {place}/12")
        assert "C 0 W 2000" in driver.status  # digits of a count leave no preset behind


async def test_the_window_stays_while_stepping_through_a_series(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("7")
        await asyncio.sleep(2 * TOGETHER)
        await driver.press("k")
        await driver.until_status("image 11/12")
        assert "C 350 W 2000" in driver.status


async def test_another_series_begins_with_its_own_window(series: Path) -> None:
    write(ct(SeriesInstanceUID="1.2.3", SeriesNumber=9, WindowCenter=500), series / "z.dcm")
    async with picture_of(series) as driver:
        await driver.press("7")
        await driver.press("right_curly_bracket")
        await driver.until_status("z.dcm")
        await driver.until_status("C 500 W 2000")


async def test_frames_step_inside_a_multi_frame_instance(
    multiframe: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomtui.tui.widgets.typed_count.TOGETHER", 30)  # the machine may be slow
    async with picture_of(multiframe) as driver:
        await driver.until_status("frame 1/30")
        dark = driver.grey(0.5)
        await driver.press("J")
        await driver.until_status("frame 11/30")
        assert driver.grey(0.5) > dark
        await driver.press("2", "5", "G")
        await driver.until_status("frame 25/30")
        await driver.press("G")
        await driver.until_status("frame 30/30")
        await driver.press("j")
        await driver.until_status("frame 30/30")


async def test_a_key_held_down_ends_at_its_newest_frame(multiframe: Path) -> None:
    async with picture_of(multiframe) as driver:
        for _ in range(17):
            driver.image.action_step(1)
        await driver.until_status("frame 18/30")


async def test_the_picture_keeps_its_shape_and_refits_on_resize(series: Path) -> None:
    async with picture_of(series) as driver:
        for size in ((120, 40), (80, 24), (200, 30)):
            await driver.pilot.resize_terminal(*size)
            await driver.pilot.pause()
            width, height = driver.image.size
            shown = min(width, height * 2)
            assert f"{shown / 32:.0%}" in driver.status


async def test_pixel_spacing_stretches_the_picture(tmp_path: Path) -> None:
    path = write(ct(PixelSpacing=[2, 1]), tmp_path / "a.dcm")
    async with picture_of(path) as driver:
        width, height = driver.image.size
        expected = min(width, height * 2 // 2)  # twice as high as wide
        assert f"{expected / 32:.0%}" in driver.status


async def test_monochrome1_shows_low_values_bright(tmp_path: Path) -> None:
    path = write(ct(PhotometricInterpretation="MONOCHROME1"), tmp_path / "a.dcm")
    async with picture_of(path) as driver:
        assert driver.grey(0.4) > driver.grey(0.6)


async def test_a_file_that_cannot_be_decoded_names_its_transfer_syntax(tmp_path: Path) -> None:
    dataset = ct()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.80"
    dataset.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0abcd\xfe\xff\xdd\xe0\0\0\0\0"
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    path = write(dataset, tmp_path / "a.dcm")
    async with browser_on(path) as driver:
        await driver.until(lambda: "JPEG-LS" in driver.text(), "JPEG-LS")
        assert "Doe^Jane" in driver.text()


async def test_an_object_without_pixels_shows_what_it_is(tmp_path: Path) -> None:
    dataset = ct(Modality="SR", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.11")
    del dataset.PixelData
    path = write(dataset, tmp_path / "report.dcm")
    async with browser_on(path) as driver:
        await driver.until(lambda: "Basic Text SR Storage" in "\n".join(driver.lines(driver.image)))
        assert "Doe^Jane" in "\n".join(driver.lines(driver.image))


async def test_colour_is_shown_in_colour(tmp_path: Path) -> None:
    dataset = ct(
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=0,
        Modality="US",
        BitsAllocated=8,
        BitsStored=8,
        HighBit=7,
    )
    for keyword in ("RescaleSlope", "RescaleIntercept", "RescaleType", "WindowCenter", "WindowWidth"):
        delattr(dataset, keyword)
    pixels = np.zeros((32, 32, 3), np.uint8)
    pixels[..., 0] = 255
    dataset.PixelData = pixels.tobytes()
    path = write(dataset, tmp_path / "red.dcm")
    async with picture_of(path) as driver:
        assert "colour" in driver.status
        strip = driver.image.render_line(driver.image.size.height // 2)
        colours = {
            segment.style.bgcolor.get_truecolor()
            for segment in strip
            if segment.style and segment.style.bgcolor
        }
        assert (255, 0, 0) in {tuple(colour) for colour in colours}
        before = driver.status
        await driver.press("full_stop", "3")  # a window means nothing for colour: nothing happens
        assert driver.status == before


async def test_the_wheel_steps(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("home")
        await driver.until_status("image 1/12")
        await driver.pilot._post_mouse_events([MouseScrollDown], driver.image)
        await driver.until_status("image 2/12")


def _with_overlay() -> object:
    dataset = ct(np.full((32, 32), -1000, np.int16))
    dataset.add_new(0x60000010, "US", 32)
    dataset.add_new(0x60000011, "US", 32)
    dataset.add_new(0x60000040, "CS", "G")
    dataset.add_new(0x60000050, "SS", [1, 1])
    dataset.add_new(0x60000100, "US", 1)
    dataset.add_new(0x60000102, "US", 0)
    bits = np.zeros((32, 32), np.uint8)
    bits[12:20, 12:20] = 1
    dataset.add_new(0x60003000, "OW", np.packbits(bits, bitorder="little").tobytes())
    return dataset


async def test_an_overlay_is_drawn_and_o_takes_it_away(tmp_path: Path) -> None:
    async with picture_of(write(_with_overlay(), tmp_path / "a.dcm")) as driver:
        assert driver.grey(0.5) == 255
        await driver.press("o")
        assert driver.grey(0.5) == 0
        await driver.press("o")
        assert driver.grey(0.5) == 255


async def test_a_shutter_hides_and_capital_s_opens_it(tmp_path: Path) -> None:
    shutter = {
        "ShutterShape": "RECTANGULAR",
        "ShutterLeftVerticalEdge": 10,
        "ShutterRightVerticalEdge": 22,
        "ShutterUpperHorizontalEdge": 10,
        "ShutterLowerHorizontalEdge": 22,
        "ShutterPresentationValue": 0,
    }
    async with picture_of(write(ct(**shutter), tmp_path / "a.dcm")) as driver:
        assert driver.grey(0.9) == 0
        await driver.press("S")
        assert driver.grey(0.9) > 150
        assert driver.grey(0.5) > 0


async def test_letters_and_ruler_follow_the_view_and_can_be_hidden(series: Path) -> None:
    async with picture_of(series) as driver:
        lines = driver.lines(driver.image)
        middle = next(line for line in lines if "R" in line)
        assert middle.index("R") < middle.index("L")
        assert any("10 mm" in line for line in lines)
        await driver.press("F")
        middle = next(line for line in driver.lines(driver.image) if "R" in line)
        assert middle.index("L") < middle.index("R")
        await driver.press("O", "O")  # texts in the corners come first
        assert not any(letter in "".join(driver.lines(driver.image)) for letter in "RLAP")


def where(driver: Driver, letter: str) -> tuple[float, float]:
    """Return where a letter stands in the image pane, in fractions of it."""
    lines = driver.lines(driver.image)
    row = next(number for number, line in enumerate(lines) if letter in line)
    return lines[row].index(letter) / driver.image.size.width, row / driver.image.size.height


@pytest.mark.parametrize("keys", ["", "R", "RR", "RRR", "F", "V", "RF", "FR", "RV", "RRF", "RFRV"])
async def test_the_letter_of_the_patients_left_stays_with_his_left(series: Path, keys: str) -> None:
    """The picture is an axial slice that grows brighter to the patient's left."""
    async with picture_of(series) as driver:
        await driver.press(*keys)
        x, y = where(driver, "L")
        inwards = [0.5 + 0.4 * (place - 0.5) for place in (x, y)]
        opposite = [1 - place for place in inwards]
        assert driver.grey(*inwards) > driver.grey(*opposite)
        other = where(driver, "R")
        assert abs(x + other[0] - 1) + abs(y + other[1] - 1) < 0.2


async def test_the_status_says_when_the_picture_is_turned_or_flipped(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("R", "F")
        assert "turned 90° flipped" in driver.status
        await driver.press("u")
        assert "turned" not in driver.status
        assert "flipped" not in driver.status


async def test_window_mode_says_what_its_keys_do(series: Path) -> None:
    async with picture_of(series) as driver:
        await driver.press("w")
        assert "Shift coarse" in driver.text().splitlines()[-1]
        await driver.press("w")
        assert "Shift coarse" not in driver.text()


async def test_the_reason_why_there_is_no_picture_is_readable_in_a_small_terminal(tmp_path: Path) -> None:
    dataset = ct()
    dataset.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.90"
    dataset.PixelData = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x04\0\0\0abcd\xfe\xff\xdd\xe0\0\0\0\0"
    dataset["PixelData"].is_undefined_length = True
    dataset["PixelData"].VR = "OB"
    path = write(dataset, tmp_path / "a folder with a long name" / "a file with a long name.dcm")
    async with browser_on(path, size=(80, 24)) as driver:
        await driver.until(lambda: "No picture:" in driver.text())
        said = " ".join(line.strip() for line in driver.lines(driver.image)[:8])
        assert "1.2.840.10008.1.2.4.90" in said
        assert str(tmp_path) not in said


async def test_what_pictures_take_is_shown_when_asked_for(series: Path) -> None:
    async with picture_of(series) as driver:
        assert "kB" not in driver.status
        await driver.press("B", "j")
        await driver.until_status("kB")
        await driver.press("B")
        assert "kB" not in driver.status


async def test_a_picture_that_is_approximate_says_so(series: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with picture_of(series) as driver:
        assert "approximate" not in driver.status
        monkeypatch.setattr(driver.image.painter, "is_approximate", True)
        driver.image.post_message(driver.image.Changed())
        await driver.until_status("approximate")
