"""Measurements as lines for people and as rows of a table: see :mod:`dicomtui.imaging.measuring`."""

from collections.abc import Iterator, Sequence
from typing import Any

from dicomtui.csv_rows import csv_line

Found = dict[str, Any]

_PLACES = (
    "x",
    "y",
    "left",
    "top",
    "right",
    "bottom",
    "radius_x",
    "radius_y",
    "from",
    "apex",
    "to",
    "corners",
)
_COLUMNS = (
    *("stored", "value", "suvbw", "unit", "patient_mm", "length", "degrees", "pixels", "mean", "deviation"),
    *("least", "largest", "median", "suvbw_mean", "suvbw_largest", "area", "perimeter", "length_unit"),
    *("spacing", "calibrated", "values"),
)
_REAL_WORLD = ("label", "unit", "value", "mean", "deviation", "least", "largest", "median", "values")
"""Of the first quantity that stored values stand for."""
HEADER = ("path", "frame", "kind", "places", *_COLUMNS, *(f"real_world_{name}" for name in _REAL_WORLD))
"""The columns of the table."""


def line_of(found: Found) -> str:
    """Return a measurement as one line: what it is, its values, its unit, what lengths rely on."""
    kind = found["kind"]
    if kind == "point":
        return f"point {found['x']:g},{found['y']:g}  {'  '.join(_point(found))}"
    if kind == "angle":
        return f"angle  {found['degrees']:.2f}°"
    length = found["length_unit"]
    by = ""
    if "spacing" in found:
        by = f"  ({found['spacing']}{'' if found['calibrated'] else ', not calibrated'})"
    if kind == "distance":
        return f"distance  {found['length']:.6g} {length}{by}"
    if kind == "profile":
        along = " ".join("-" if value is None else f"{value:g}" for value in found["values"])
        return f"profile  {found['length']:.6g} {length}{by}  {along} {found['unit']}".rstrip()
    number = f" {found['number']} at {found['x']:.1f},{found['y']:.1f}" if "number" in found else ""
    sizes = f"area {found['area']:.6g} {length}²"
    sizes += f"  perimeter {found['perimeter']:.6g} {length}" if "perimeter" in found else ""
    return f"{kind}{number}  {'  '.join(_region(found))}  {found['pixels']:,} pixels  {sizes}{by}"


def _region(found: Found) -> Iterator[str]:
    yield _statistics(found)
    if "suvbw_mean" in found:
        yield f"SUVbw mean {found['suvbw_mean']:.3g}"
    for each in found.get("real_world", ()):
        yield f"{each['label']} {_statistics(each)}".strip()


def _statistics(found: Found) -> str:
    names = ("mean", "deviation", "least", "largest", "median")
    values = "  ".join(f"{name} {found[name]:.6g}" for name in names if name in found)
    return f"{values} {found['unit']}".rstrip()


def _point(found: Found) -> Iterator[str]:
    if "stored" in found:
        yield f"stored {found['stored']}"
    if "value" in found:
        yield f"{found['value']:g} {found['unit']}".rstrip()
    if "rgb" in found:
        yield f"red, green, blue {', '.join(map(str, found['rgb']))}"
    if "suvbw" in found:
        yield f"SUVbw {found['suvbw']:.3g} g/ml"
    if "suvbw_missing" in found:
        yield f"no SUVbw: {found['suvbw_missing']}"
    for each in found.get("real_world", ()):
        yield f"{each['label']} {each['value']:g} {each['unit']}".strip()
    if "patient_mm" in found:
        yield "patient {:g}, {:g}, {:g} mm".format(*found["patient_mm"])


def csv_of(measurements: Sequence[tuple[str, int, Found]]) -> str:
    """Return a table of measurements, each with its path and frame; cells cannot become formulas."""
    lines = [csv_line(list(HEADER))]
    for path, frame, found in measurements:
        places = " ".join(_numbers(found[name]) for name in _PLACES if name in found)
        cells = [_numbers(found.get(name, "")) for name in _COLUMNS]
        quantity: Found = next(iter(found.get("real_world", ())), {})
        cells += [_numbers(quantity.get(name, "")) for name in _REAL_WORLD]
        lines.append(csv_line([path, frame, found["kind"], places, *cells]))
    return "".join(lines)


def _numbers(value: Any) -> str:
    """Return numbers with spaces between them, as a cell of a table."""
    if isinstance(value, list | tuple):
        return " ".join("-" if part is None else _numbers(part) for part in value)
    return f"{value:.10g}" if isinstance(value, float) else str(value)
