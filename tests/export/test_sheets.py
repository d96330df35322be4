from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from dicomtui.export.sheets import contact_sheets


def cells(count: int, caption: str = "") -> Iterator[tuple[NDArray[np.uint8], str]]:
    for index in range(count):
        yield np.full((64, 64), 100 + index, np.uint8), caption or str(index)


def test_pictures_stand_row_by_row() -> None:
    (sheet,) = contact_sheets(cells(5), 3, 2, side=64)
    assert sheet[30, 36].tolist() == [100] * 3
    assert sheet[30, 36 + 68].tolist() == [101] * 3
    below = sheet.shape[0] // 2 + 30
    assert sheet[below, 36].tolist() == [103] * 3
    assert sheet[below, 36 + 2 * 68].tolist() != [105] * 3


@pytest.mark.parametrize(("count", "sheets"), [(1, 1), (6, 1), (7, 2), (13, 3), (0, 0)])
def test_as_many_sheets_are_made_as_are_needed(count: int, sheets: int) -> None:
    assert len(list(contact_sheets(cells(count), 3, 2, side=32))) == sheets


def test_a_picture_keeps_its_shape_in_its_cell() -> None:
    wide = np.full((16, 64), 255, np.uint8)
    (sheet,) = contact_sheets([(wide, "")], 1, 1, side=64)
    white = np.argwhere(sheet[..., 0] == 255)
    height, width = white.max(axis=0) - white.min(axis=0) + 1
    assert (height, width) == (16, 64)


def test_colours_stay() -> None:
    red = np.zeros((10, 10, 3), np.uint8)
    red[..., 0] = 250
    (sheet,) = contact_sheets([(red, "")], 1, 1, side=40)
    assert sheet[20, 20].tolist() == [250, 0, 0]


def test_a_caption_is_drawn_below_its_picture_and_does_not_reach_the_next() -> None:
    (bare,) = contact_sheets(cells(2, " "), 2, 1, side=64)
    (told,) = contact_sheets(((values, "a very long line " * 20) for values, _ in cells(2)), 2, 1, side=64)
    changed = (bare != told).any(axis=(0, 2))
    assert changed[:68].any()
    assert not changed[68:72].any()
    assert not (bare != told)[:68].any()
