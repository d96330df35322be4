"""What is measured in a frame of an instance, as plain values under names, for JSON and for lines."""

from math import isfinite
from typing import TYPE_CHECKING, Any

import numpy as np

from dicomtui.errors import UsageError
from dicomtui.imaging.measurement import (
    RegionMeasurement,
    angle,
    distance,
    measure_region,
    patient_place,
    profile,
    statistics_of,
    values_inside,
)
from dicomtui.imaging.processing import regions_in
from dicomtui.imaging.regions import Point, Region

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from dicomtui.imaging.processing import Chain
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
            found |= self._suv(suvbw=float(value))
        if self._plane is not None and self._spacing is not None:
            place = patient_place(self._plane, self._spacing, at)
            found["patient_mm"] = [round(part, 3) for part in place]
        return found

    def profile(self, one: Point, other: Point) -> Found:
        """Return the values along a line, a pixel apart; None where there are none."""
        if self._frame.is_colour:
            raise UsageError("colours are not measured; choose a frame without")
        length, unit = distance(one, other, self._spacing)
        return {
            "kind": "profile",
            "from": one,
            "to": other,
            "unit": self._frame.unit,
            "values": _or_none(profile(self._frame.values, one, other)),
            **self._real_world_along(one, other),
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
        shape = {name: part for name, part in vars(region).items() if name != "name"}
        mean, largest = found.statistics.mean, found.statistics.largest
        return {
            "kind": region.name,
            **shape,
            "unit": self._frame.unit,
            **_flat(found),
            **self._suv(suvbw_mean=mean, suvbw_largest=largest),
            **self._real_world_inside(region),
            **self._lengths(found.length_unit),
        }

    def found_regions(self, chain: "Chain") -> list[Found]:
        """Return the regions that the steps of a chain find, the largest first, and their modality values.

        The frame is one that is not processed: all steps are in the chain.
        """
        kind = chain.steps[-1].kind.name
        return [
            {
                "kind": kind,
                "number": found.number,
                "x": found.middle[1],
                "y": found.middle[0],
                "unit": self._frame.unit,
                "pixels": found.pixels,
                "mean": found.mean,
                "deviation": found.deviation,
                "area": found.size,
                **self._suv(suvbw_mean=found.mean),
                **self._lengths("pixels" if self._spacing is None else "mm"),
            }
            for found in regions_in(self._frame, chain)
        ]

    # --- quantities other than modality values ---

    def _suv(self, **values: float) -> Found:
        """Return modality values as standardized uptake values; of PET, what these rely on or why not."""
        suv = self._frame.suv
        if suv is None:
            return {}
        if suv.factor is None:
            return {"suvbw_missing": suv.reason}
        return {name: value * suv.factor for name, value in values.items()} | {"suvbw_by": suv.reason}

    def _real_world(self, stored: float) -> Found:
        """Return the quantities that a stored value stands for, by their names."""
        values = [
            {"label": mapping.label, "value": value, "unit": mapping.unit}
            for mapping in self._frame.real_world
            if isfinite(value := mapping.value(stored))
        ]
        return {"real_world": values} if values else {}

    def _real_world_inside(self, region: Region) -> Found:
        """Return the statistics of the quantities that the stored values of a region stand for."""
        frame, found = self._frame, []
        if frame.stored is None or not frame.real_world:
            return {}
        stored = values_inside(frame.stored, region, frame.padding)
        for mapping in frame.real_world:
            values = mapping.apply(stored)
            if (values := values[np.isfinite(values)]).size:
                statistics = statistics_of(values)._asdict()
                found.append({"label": mapping.label, "unit": mapping.unit, **statistics})
        return {"real_world": found} if found else {}

    def _real_world_along(self, one: Point, other: Point) -> Found:
        """Return the quantities along a line; of a table there is nothing between two of its entries."""
        mappings = [mapping for mapping in self._frame.real_world if mapping.table is None]
        if self._frame.stored is None or not mappings:
            return {}
        stored = profile(self._frame.stored, one, other)
        return {
            "real_world": [
                {
                    "label": mapping.label,
                    "unit": mapping.unit,
                    "values": _or_none(mapping.apply(stored)),
                }
                for mapping in mappings
            ]
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


def _flat(found: RegionMeasurement) -> Found:
    return {
        **found.statistics._asdict(),
        "area": found.area,
        "perimeter": found.perimeter,
        "histogram": list(found.counts),
    }


def _or_none(values: "NDArray[np.float64]") -> list[float | None]:
    return [float(value) if isfinite(value) else None for value in values]
