"""Differences as lines and as JSON."""

from collections.abc import Iterator
from math import isfinite
from typing import TYPE_CHECKING

from dicomtui.cli.asking import plain_value
from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.elements import Element, Item, PixelDataRow, pointer_of, walk
from dicomtui.dataset.value_difference import Part, parts_of, whole_value
from dicomtui.dataset.values import BINARY_VRS

if TYPE_CHECKING:
    from dicomtui.dataset.comparison import Difference
    from dicomtui.imaging.pixel_difference import PixelDifference


def lines_of(difference: "Difference", *, whole: bool) -> Iterator[str]:
    """Yield what was, behind a minus sign, and what is instead, behind a plus sign; not yet safe to show.

    Parameters
    ----------
    difference : Difference
        Of :func:`dicomtui.dataset.comparison.compare`.
    whole : bool
        Whether to give long values in full, and all that added and removed items hold.
    """
    old, new = difference.old, difference.new
    if old is None or new is None:
        yield from _one_sided("-" if new is None else "+", difference.row, whole=whole)
        return
    parts = parts_of(old, new)
    if whole and parts[0].where not in ("padding", "other pixels"):
        parts = [Part("", whole_value(old), whole_value(new))]
    for part in parts:
        where = f" ({part.where})" if part.where else ""
        yield f"- {_label(old)}{where}  {part.old}".rstrip()
        yield f"+ {_label(new)}{where}  {part.new}".rstrip()


def _one_sided(sign: str, row: Element | Item, *, whole: bool) -> Iterator[str]:
    if not whole:
        yield f"{sign} {_label(row)}  {row.text}".rstrip()
        return
    if isinstance(row, Item):
        yield f"{sign} {_label(row)}  {row.text}"
    for element in walk(row.elements if isinstance(row, Item) else [row]):
        yield f"{sign} {_label(element)}  {whole_value(element)}".rstrip()


def _label(row: Element | Item) -> str:
    """Return tag, VR and place: private elements by their names, since nobody knows their tags."""
    if isinstance(row, Item):
        return f"{format_tag(row.path[-2])} item {pointer_of(row.path)}"
    place = row.pointer
    if not row.keyword:
        around = f"{pointer_of(row.path[:-1])}." if len(row.path) > 1 else ""
        creator = f" [{row.creator}]" if row.creator else ""
        place = f"{around}{row.name}{creator}"
    return f"{format_tag(row.tag)} {row.vr} {place}"


def pixel_line(figures: "PixelDifference") -> str:
    """Return how much pixels differ."""
    frame = f"frame {figures.frame:,}" if figures.frame else "all frames"
    share = f"{figures.differing:,} of {figures.pixels:,} pixels differ"
    if not figures.differing:
        return f"{frame}, {figures.values} values: {share}"
    extent = f"largest difference {figures.maximum:g}, mean {figures.mean:.4g}"
    return f"{frame}, {figures.values} values: {share}, {extent}, PSNR {figures.psnr:.2f} dB"


def difference_json(difference: "Difference") -> dict[str, object]:
    """Return a difference as an object: change, path, tag, name, VRs, values, and the parts that differ."""
    row, old, new = difference.row, difference.old, difference.new
    tag = row.path[-2] if isinstance(row, Item) else row.tag
    model: dict[str, object] = {
        "change": difference.kind,
        "path": difference.pointer,
        "tag": format_tag(tag),
    }
    if not isinstance(row, Item):
        model |= {"name": row.name, "creator": row.creator}
    for side, one in (("old", old), ("new", new)):
        if one is not None:
            model |= {side: _value_json(one)}
            if not isinstance(one, Item):
                model[f"{side}_vr"] = one.vr
    if old is not None and new is not None:
        model["parts"] = [part._asdict() for part in parts_of(old, new) if part.where]
    return model


def _value_json(row: Element | Item) -> object:
    """Return numbers as such, text, what a row shows of binary values, and items by the keywords in them."""
    if isinstance(row, Item):
        named = ((element.keyword or format_tag(element.tag), element) for element in row.elements)
        return {name: _value_json(element) for name, element in named}
    if row.vr == "SQ":
        return [_value_json(item) for item in row.items or ()]
    if isinstance(row, PixelDataRow) or row.vr in BINARY_VRS:
        return row.text
    return plain_value("\\".join(row.values), row.vr)


def pixels_json(figures: "PixelDifference") -> dict[str, object]:
    """Return how much pixels differ; null stands for what is no finite number."""
    return {
        name: None if isinstance(value, float) and not isfinite(value) else value
        for name, value in figures._asdict().items()
    }
