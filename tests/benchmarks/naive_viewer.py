"""What a viewer does that is put together from pydicom, Pillow and rich-pixels: the measure of ours."""

import numpy as np
import pydicom
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_modality_lut, apply_voi_lut
from rich.console import Console
from rich_pixels import Pixels


def display_values(dataset: Dataset, stored: NDArray[np.integer]) -> NDArray[np.uint8]:
    """Window a whole picture."""
    windowed = apply_voi_lut(apply_modality_lut(stored, dataset), dataset)
    low, high = windowed.min(), windowed.max()
    return ((windowed - low) * (255 / (high - low))).astype(np.uint8)


def terminal_text(values: NDArray[np.uint8], side: int, console: Console) -> str:
    """Draw a picture as half blocks on a square of *side* pixels."""
    picture = Image.fromarray(values).resize((side, side), Image.Resampling.BOX).convert("RGB")
    with console.capture() as capture:
        console.print(Pixels.from_image(picture))
    return capture.get()


def show_file(path: str, side: int, console: Console) -> str:
    """Read a file and draw its picture."""
    dataset = pydicom.dcmread(path)
    return terminal_text(display_values(dataset, dataset.pixel_array), side, console)
