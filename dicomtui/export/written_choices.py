"""What a person writes for an export, as values; what makes no sense is said with the reason."""

from dicomtui.archive.attribute_names import parse_attributes
from dicomtui.archive.query_terms import QueryError
from dicomtui.errors import UsageError

_LARGEST = 16_384
_MOST_ACROSS = 50


def size_of(text: str) -> int | None:
    """Return the pixels of the longer side, None for the picture's own.

    Raises
    ------
    UsageError
        If it is no such number.
    """
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:9]) <= _LARGEST):
        raise UsageError(f"size: write the pixels of the longer side, 1 to {_LARGEST:,}, or nothing")
    return int(text)


def sheet_of(text: str) -> tuple[int, int]:
    """Return how many pictures stand across and down a contact sheet.

    Raises
    ------
    UsageError
        If it is something else.
    """
    parts = [part.strip() for part in text.lower().split("x")]
    if len(parts) == 2 and all(part.isascii() and part.isdigit() for part in parts):
        across, down = (int(part[:9]) for part in parts)
        if 1 <= across <= _MOST_ACROSS and 1 <= down <= _MOST_ACROSS:
            return across, down
    raise UsageError(f"sheet: write pictures across and down, for instance 4x5; at most {_MOST_ACROSS} each")


def columns_of(text: str) -> tuple[str, ...] | None:
    """Return the attributes of a table, None for those that a person asks first.

    Raises
    ------
    UsageError
        If one of them is none.
    """
    try:
        return tuple(attribute.name for attribute in parse_attributes(text)) if text else None
    except QueryError as error:
        raise UsageError(f"columns, column {error.column + 1}: {error.reason}") from error
