"""Windows that a key calls up: fixed ones for Hounsfield units and SUV, percentiles of the picture elsewhere.

>>> from dicomtui.imaging.presets import presets_for
>>> [f"{preset.key} {preset.name}" for preset in presets_for("CT", "HU")][:2]
['3 Soft tissue', '4 Abdomen']
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dicomtui.imaging.voi_lut import percentile_window
from dicomtui.imaging.window import Window

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Preset:
    """A named window, fixed or taken from the picture."""

    key: str
    """``3`` to ``9``; empty for one that only the palette offers."""
    name: str
    window: Window | None = None
    percentiles: tuple[float, float] = (0, 100)
    """What the window spans where none is fixed."""

    def window_for(self, values: "NDArray[Any]", padding: "NDArray[np.bool_] | None" = None) -> Window:
        """Return the window for a picture of modality values, shape (rows, columns)."""
        return self.window or percentile_window(values, *self.percentiles, padding)


def _fixed(key: str, name: str, center: float, width: float) -> Preset:
    return Preset(key, name, Window(center, width, explanation=name))


def _suv(key: str, top: float) -> Preset:
    return Preset(key, f"SUV 0-{top:g}", Window.between(0, top, f"SUV 0-{top:g}"))


PRESETS: dict[str, tuple[Preset, ...]] = {
    "CT": (
        _fixed("3", "Soft tissue", 40, 400),
        _fixed("4", "Abdomen", 60, 400),
        _fixed("5", "Mediastinum", 50, 350),
        _fixed("6", "Lung", -600, 1500),
        _fixed("7", "Bone", 350, 2000),
        _fixed("8", "Brain", 40, 80),
        _fixed("9", "Liver", 90, 150),
        _fixed("", "Angio", 300, 600),
        _fixed("", "Stroke", 40, 40),
    ),
    "PT": (_suv("3", 5), _suv("4", 7), _suv("5", 10), _suv("6", 15), _suv("7", 20)),
}
"""Fixed windows by Modality (0008,0060): those of CT are in HU, those of PT in SUV."""

RELATIVE = (
    Preset("3", "Most values (5-95 %)", percentiles=(5, 95)),
    Preset("4", "Nearly all (0.1-99.9 %)", percentiles=(0.1, 99.9)),
    Preset("5", "Dark parts (1-60 %)", percentiles=(1, 60)),
    Preset("6", "Middle (20-80 %)", percentiles=(20, 80)),
    Preset("7", "Bright parts (40-99.9 %)", percentiles=(40, 99.9)),
)
"""Percentiles of the picture, for values whose scale means nothing by itself (MR, CR, US ...)."""

_UNITS = {"CT": "HU", "PT": "SUV"}


def presets_for(modality: str, unit: str) -> tuple[Preset, ...]:
    """Return the presets of a modality whose values are in *unit*; the relative ones where none are fixed."""
    return PRESETS[modality] if unit and _UNITS.get(modality) == unit else RELATIVE
