"""Headers of series that nobody scanned: volumes, dynamics, localisers."""

from typing import Any

from dicomtui.archive.header import Header
from tests.archive.indexed import made_header

AXIAL = (1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
CORONAL = (1.0, 0.0, 0.0, 0.0, 0.0, -1.0)
SAGITTAL = (0.0, 1.0, 0.0, 0.0, 0.0, -1.0)


def instance(number: int, **fields: Any) -> Header:
    """Return one image of the series, without a place unless *fields* give one."""
    defaults = {
        "sop_instance_uid": f"1.2.{number}",
        "instance_number": number,
        "image_position": None,
        "columns": 512,
    }
    return made_header(f"/a/IM{number}", **{**defaults, **fields})


def volume(heights: list[float], first: int = 1, **fields: Any) -> list[Header]:
    """Return axial images at these heights, numbered from *first* on."""
    return [
        instance(number, **{"image_position": (0.0, 0.0, z), "image_orientation": AXIAL, **fields})
        for number, z in enumerate(heights, first)
    ]


def heights(count: int, spacing: float = 5.0) -> list[float]:
    """Return heights at a constant spacing."""
    return [at * spacing for at in range(count)]
