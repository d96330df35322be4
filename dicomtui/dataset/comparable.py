"""What of a Data Element counts when two are compared: who it is, its value without its encoding."""

from array import array
from hashlib import blake2b
from typing import NamedTuple

from dicomtui.dataset import dictionary
from dicomtui.dataset.elements import Element, Item, PixelDataRow
from dicomtui.dataset.values import BINARY_VRS, STRING_VRS
from dicomtui.errors import UsageError
from dicomtui.text import safe_line

Key = tuple[int, int, str]
"""Group, element and Private Creator: the block that a creator has reserved does not count (PS3.5 7.8.1)."""
Value = tuple[str, ...] | bytes

_DATES = frozenset({"DA", "TM", "DT"})
_ZONE = 0x00080201  # Timezone Offset From UTC, an SH
_PIXEL_GROUP = 0x7FE0
_TRAILING_PADDING = 0xFFFCFFFC
_BINARY_WORDS = {"OW": "H", "OF": "I", "OL": "I", "OD": "Q", "OV": "Q"}
_DIGEST = 16


IGNORABLE = ("uids", "private", "pixels", "dates")
"""What a person may ask to ignore."""


class Ignored(NamedTuple):
    """What does not count when instances are compared."""

    uids: bool = False
    """UIDs, but for those that the standard registers: SOP Classes, Transfer Syntaxes."""
    private: bool = False
    pixels: bool = False
    """Group 7FE0: pixel data and tables of its frames."""
    dates: bool = False
    """Dates, times, and the time zone."""
    padding: bool = True
    """Group lengths, Data Set Trailing Padding, and what fills values up to an even length."""

    @classmethod
    def from_text(cls, text: str) -> "Ignored":
        """Return what is named with commas between, such as ``uids,dates``.

        Raises
        ------
        UsageError
            If a word is none of uids, private, pixels, dates.
        """
        words = [word.strip() for word in text.split(",") if word.strip()]
        for word in words:
            if word not in IGNORABLE:
                named = ", ".join(IGNORABLE)
                raise UsageError(f"'{safe_line(word, 40)}' cannot be ignored; what can is {named}")
        return cls(**dict.fromkeys(words, True))

    def covers(self, element: Element) -> bool:
        """Whether an element does not count, for itself."""
        tag = element.tag
        if self.padding and (tag & 0xFFFF == 0 or tag == _TRAILING_PADDING):
            return True
        if self.private and dictionary.is_private(tag):
            return True
        if self.pixels and tag >> 16 == _PIXEL_GROUP:
            return True
        if self.dates and (element.vr in _DATES or tag == _ZONE):
            return True
        return self.uids and element.vr == "UI" and not any(map(dictionary.uid_name, element.values))


def key_of(element: Element) -> Key:
    """Return who an element is among those of its Data Set, in whichever file."""
    group, number = element.tag >> 16, element.tag & 0xFFFF
    if element.creator:
        return group, number & 0xFF, element.creator
    if dictionary.is_private_creator(element.tag) and (creator := "\\".join(element.values)):
        return group, -1, creator
    return group, number, ""


def keyed(elements: list[Element], ignored: Ignored) -> dict[tuple[Key, int], Element]:
    """Return the elements that count by who they are, and which of those that are the same one."""
    found: dict[tuple[Key, int], Element] = {}
    for element in elements:
        if ignored.covers(element):
            continue
        key, place = key_of(element), 0
        while (key, place) in found:  # a creator may reserve several blocks
            place += 1
        found[key, place] = element
    return found


def value_of(element: Element, *, padding: bool = False) -> Value:
    """Return the value as it is the same in every encoding: text by value, binary in little endian.

    Parameters
    ----------
    element : Element
        Any but a sequence and the pixel data of an instance.
    padding : bool
        Whether the bytes that fill a text up to an even length count.
    """
    value = element.value
    if value is not None and element.vr in BINARY_VRS:
        return _little(element, value)
    values = tuple(element.values)
    if values == ("",):
        values = ()
    if padding and value and element.vr in STRING_VRS:
        fill = value[len(value.rstrip(b" \0")) :]
        return (*values, f"padding {fill.hex()}") if fill else values
    return values


def same_value(old: Element, new: Element, ignored: Ignored) -> bool:
    """Whether two elements that are no sequences have the same value, be their VRs different or not."""
    padding = not ignored.padding
    if old.vr != new.vr and "UN" in (old.vr, new.vr) and old.value is not None and new.value is not None:
        return old.value.rstrip(b" \0") == new.value.rstrip(b" \0")
    return value_of(old, padding=padding) == value_of(new, padding=padding)


def fingerprint(row: Element | Item, ignored: Ignored) -> bytes:
    """Return a hash of all that counts of an element or item, at every depth."""
    digest = blake2b(digest_size=_DIGEST)
    if isinstance(row, Item):
        for (key, _), element in sorted(keyed(row.elements, ignored).items(), key=lambda found: found[0]):
            digest.update(f"{key}".encode("utf-8", "surrogatepass") + fingerprint(element, ignored))
    elif row.vr == "SQ":
        digest.update(b"SQ")
        for item in row.items or ():
            digest.update(fingerprint(item, ignored))
    else:
        value = row.text if isinstance(row, PixelDataRow) else value_of(row, padding=not ignored.padding)
        told = value if isinstance(value, bytes) else repr(value).encode("utf-8", "surrogatepass")
        digest.update(row.vr.encode() + told)
    return digest.digest()


def _little(element: Element, value: bytes) -> bytes:
    kind = _BINARY_WORDS.get(element.vr)
    if kind is None or element.little:
        return value
    words = array(kind, value[: len(value) - len(value) % array(kind).itemsize])
    words.byteswap()
    return words.tobytes()
