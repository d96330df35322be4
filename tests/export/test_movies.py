"""Movies are read back by Pillow and PyAV: frames, order and time."""

import io
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray
from PIL import Image

from dicomtui.errors import UsageError
from dicomtui.export import movies
from dicomtui.export.movies import write_movie

PILLOW = ["gif", "apng", "webp-movie"]


def grey(index: int) -> NDArray[np.uint8]:
    return np.full((12, 17), 10 + 9 * index, np.uint8)


def coloured(index: int) -> NDArray[np.uint8]:
    values = np.zeros((12, 17, 3), np.uint8)
    values[..., index % 3] = 200
    return values


def movie(seconds: Sequence[float], format_name: str, frame=grey, **options) -> Image.Image:  # type: ignore[no-untyped-def]
    stream = io.BytesIO()
    write_movie(stream, frame, seconds, format_name, **options)
    return Image.open(io.BytesIO(stream.getvalue()))


def shown(image: Image.Image) -> list[tuple[tuple[int, ...], float]]:
    """Colour of the middle and milliseconds of each frame."""
    frames = []
    for index in range(image.n_frames):  # type: ignore[attr-defined]
        image.seek(index)
        image.load()
        frames.append((image.convert("RGB").getpixel((8, 6)), image.info["duration"]))
    return frames  # type: ignore[return-value]


@pytest.mark.parametrize("format_name", PILLOW)
def test_frames_come_back_in_order_each_for_its_time(format_name: str) -> None:
    seconds = [0.1, 0.25, 0.04, 1.5]
    frames = shown(movie(seconds, format_name))
    assert [colour for colour, _ in frames] == [(10 + 9 * index,) * 3 for index in range(4)]
    assert [duration for _, duration in frames] == [100, 250, 40, 1500]


@pytest.mark.parametrize("format_name", PILLOW)
def test_colours_come_back(format_name: str) -> None:
    frames = shown(movie([0.1] * 3, format_name, coloured))
    assert [colour for colour, _ in frames] == [(200, 0, 0), (0, 200, 0), (0, 0, 200)]


@pytest.mark.parametrize("format_name", PILLOW)
def test_a_movie_plays_again_and_again(format_name: str) -> None:
    assert movie([0.1] * 3, format_name).info["loop"] == 0


def test_rounding_to_hundredths_of_a_second_does_not_add_up() -> None:
    durations = [duration for _, duration in shown(movie([1 / 30] * 28, "gif"))]
    assert abs(sum(durations) - 28 / 30 * 1000) <= 10
    assert set(durations) == {30, 40}


def test_frames_too_short_for_a_gif_are_left_out_so_that_the_time_is_kept() -> None:
    frames = shown(movie([0.01] * 28, "gif"))
    assert {duration for _, duration in frames} == {20}
    assert abs(sum(duration for _, duration in frames) - 280) <= 20


@given(st.lists(st.floats(0.001, 2), min_size=1, max_size=40), st.sampled_from(sorted(movies._TICKS)))
def test_the_time_of_a_movie_is_that_of_its_frames(seconds: list[float], format_name: str) -> None:
    scheduled = movies._scheduled(list(enumerate(seconds)), format_name)
    ticks = movies._TICKS[format_name]
    total = sum(duration for _, duration in scheduled) / ticks
    assert abs(total - sum(seconds)) <= movies._SHORTEST[format_name] / ticks + 1e-9
    assert [index for index, _ in scheduled] == sorted({index for index, _ in scheduled})


def test_sweeping_frames_go_back_to_the_first() -> None:
    frames = shown(movie([0.1, 0.2, 0.3], "apng", sweeps=True))
    assert [duration for _, duration in frames] == [100, 200, 300, 200]
    assert frames[3][0] == frames[1][0]


def test_frames_of_another_size_are_fitted_into_that_of_the_first() -> None:
    def frame(index: int) -> NDArray[np.uint8]:
        return np.full((10, 10) if index == 0 else (20, 10), 255, np.uint8)

    image = movie([0.1] * 2, "apng", frame)
    image.seek(1)
    values = np.asarray(image.convert("L"))
    assert values.shape == (10, 10)
    assert values[5, 5] == 255
    assert values[5, 0] == 0


@pytest.mark.parametrize("format_name", PILLOW)
def test_a_movie_of_one_frame_is_a_picture(format_name: str) -> None:
    assert movie([0.1], format_name).convert("RGB").getpixel((8, 6)) == (10, 10, 10)


def test_more_frames_than_fit_in_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(movies, "MEMORY_LIMIT", 1000)
    with pytest.raises(UsageError, match="choose webp-movie or mp4"):
        movie([0.1] * 5, "gif")


def test_a_comment_stands_in_the_movie_only_if_it_is_given() -> None:
    for format_name in PILLOW:
        plain, told = io.BytesIO(), io.BytesIO()
        write_movie(plain, grey, [0.1] * 3, format_name)
        write_movie(told, grey, [0.1] * 3, format_name, comment="Modality: US")
        assert b"Modality: US" in told.getvalue()
        assert b"Modality" not in plain.getvalue()


def test_an_mp4_has_the_frames_at_their_times() -> None:
    av = pytest.importorskip("av", reason="PyAV (extra video) is not installed")
    stream = io.BytesIO()
    seconds = [0.1, 0.3, 0.05, 0.2]
    write_movie(stream, lambda index: np.full((31, 45), 60 * index + 20, np.uint8), seconds, "mp4")
    stream.seek(0)
    with av.open(stream) as container:
        frames = list(container.decode(video=0))
    assert [round(float(frame.time), 3) for frame in frames] == [0.0, 0.1, 0.4, 0.45]
    assert (frames[0].width, frames[0].height) == (46, 32)
    for index, frame in enumerate(frames):
        assert abs(int(frame.to_ndarray(format="gray")[15, 20]) - (60 * index + 20)) <= 3
