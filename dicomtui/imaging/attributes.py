"""Values of attributes as plain numbers and text, whatever a file holds in their place."""

from math import inf, nan
from typing import TYPE_CHECKING, Any

from pydicom.datadict import dictionary_description, tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

from dicomtui.dataset.dictionary import format_tag
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from collections.abc import Iterable

_MOST_TEXTS = 64


def value(dataset: Dataset, keyword: str) -> Any:
    """Return the value as pydicom converts it; None where it is absent or cannot be converted."""
    try:
        return dataset.get(keyword)
    except Exception:  # noqa: BLE001  a converter raises anything on hostile input
        return None


def items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; none where there is no sequence."""
    found = value(dataset, keyword)
    return list(found) if isinstance(found, Sequence) else []


def numbers(dataset: Dataset, keyword: str) -> tuple[float, ...]:
    """Return the values as floats, each that is no number as NaN; empty where the attribute is."""
    found = value(dataset, keyword)
    if found is None or found == "" or isinstance(found, bytes | Sequence):
        return ()
    parts: Iterable[Any] = found if isinstance(found, MultiValue | list | tuple) else (found,)
    return tuple(_number(part) for part in parts)


def texts(dataset: Dataset, keyword: str) -> tuple[str, ...]:
    """Return the values as stripped text, bounded in number and length and safe to show."""
    found = value(dataset, keyword)
    if found is None or isinstance(found, Sequence):
        return ()
    parts = found[:_MOST_TEXTS] if isinstance(found, MultiValue | list | tuple) else (found,)
    return tuple("" if part is None else safe_line(str(part).strip(" \0"), 64) for part in parts)


def text(dataset: Dataset, keyword: str) -> str:
    """Return the first value as stripped text, bounded and safe to show; empty where there is none."""
    return next(iter(texts(dataset, keyword)), "")


def label(keyword: str) -> str:
    """Return how a message names an attribute, for instance ``Rescale Slope (0028,1053)``."""
    tag = tag_for_keyword(keyword)
    assert tag is not None, keyword
    return f"{dictionary_description(tag)} {format_tag(tag)}"


def little_endian(dataset: Dataset) -> bool:
    """Whether the words of the data set's OW values stand in little endian order."""
    return dataset.original_encoding[1] is not False


def _number(part: Any) -> float:
    try:
        return float(part)
    except OverflowError:
        return inf
    except (TypeError, ValueError):
        return nan
