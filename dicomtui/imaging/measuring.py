"""What is measured in a frame of an instance, as plain values under names, for JSON and for lines."""

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.measurement import (
    Point,
    Region,
    angle,
    distance,
    measure_region,
    patient_place,
    profile,
)

if TYPE_CHECKING:
    from dicomtui.imaging.rendering import Frame

Found = dict[str, Any]


class FrameMeasurer:
    """Measures one frame.

    Parameters
    ----------
    frame : Frame
        As it is, or processed: what is measured are its modality values.
    """

    def __init__(self, frame: "Frame") -> None:
        self._frame = frame
        self._spacing = frame.place.spacing
        self._plane = frame.place.plane

    def point(self, at: Point) -> Found:
        """Return the values of the pixel that holds a place, and where that lies in the patient."""
        column, row = round(at[0]), round(at[1])
        rows, columns = self._frame.values.shape[:2]
        if not (0 <= column < columns and 0 <= row < rows):
            raise UsageError(f"{at[0]:g},{at[1]:g} lies outside the {columns} x {rows} pixels of the frame")
        found: Found = {"kind": "point", "x": at[0], "y": at[1]}
        if self._frame.stored is not None:
            found["stored"] = self._frame.stored[row, column].tolist()
            found |= self._real_world(found["stored"])
        value = self._frame.values[row, column]
        if self._frame.is_colour:
            found["rgb"] = value.tolist()
        elif np.isfinite(value) and not (
            self._frame.padding is not None and self._frame.padding[row, column]
        ):
            found |= {"value": float(value), "unit": self._frame.unit}
            if self._frame.suvbw is not None:
                found["suvbw"] = float(value) * self._frame.suvbw
        if self._plane is not None and self._spacing is not None:
            place = patient_place(self._plane, self._spacing, at)
            found["patient_mm"] = [round(part, 3) for part in place]
        return found

    def _real_world(self, stored: float) -> Found:
        """Return the quantities that a stored value stands for, by their names."""
        values = [
            {"label": mapping.label, "value": value, "unit": mapping.unit}
            for mapping in self._frame.real_world
            if isfinite(value := mapping.value(stored))
        ]
        return {"real_world": values} if values else {}

    def profile(self, one: Point, other: Point) -> Found:
        """Return the values along a line, a pixel apart; None where there are none."""
        if self._frame.is_colour:
            raise UsageError("colours are not measured; choose a frame without")
        length, unit = distance(one, other, self._spacing)
        along = profile(self._frame.values, one, other)
        values = [float(value) if isfinite(value) else None for value in along]
        return {
            "kind": "profile",
            "from": one,
            "to": other,
            "unit": self._frame.unit,
            "values": values,
            "length": length,
            **self._lengths(unit),
        }

    def distance(self, one: Point, other: Point) -> Found:
        """Return how far two places are apart."""
        length, unit = distance(one, other, self._spacing)
        return {"kind": "distance", "from": one, "to": other, "length": length, **self._lengths(unit)}

    def angle(self, one: Point, apex: Point, other: Point) -> Found:
        """Return the angle at the second of three places."""
        degrees = angle(one, apex, other, self._spacing)
        return {"kind": "angle", "from": one, "apex": apex, "to": other, "degrees": degrees}

    def region(self, region: Region) -> Found:
        """Return the statistics of a region."""
        found = measure_region(self._frame.values, region, self._spacing, self._frame.padding)
        values = found._asdict()
        values["histogram"] = list(values.pop("counts"))
        unit = values.pop("length_unit")
        shape = {name: part for name, part in vars(region).items() if name != "name"}
        factor = self._frame.suvbw
        suv = (
            {}
            if factor is None
            else {"suvbw_mean": found.mean * factor, "suvbw_largest": found.largest * factor}
        )
        return {
            "kind": region.name,
            **shape,
            "unit": self._frame.unit,
            **values,
            **suv,
            **self._lengths(unit),
        }

    def _lengths(self, unit: str) -> Found:
        """Return what lengths are in, and how far that can be relied on."""
        if self._spacing is None:
            return {"length_unit": unit}
        return {
            "length_unit": unit,
            "spacing": self._spacing.source,
            "calibrated": self._spacing.calibrated,
        }
