"""Where every value stands in elements that were written by the rules (PS3.5 7.1, 7.5), and nothing else.

The parser of this package forgives whatever can be forgiven. Here any deviation is an error: what passes has
no byte that is neither a value nor part of a header, so that nothing can hide between the elements.
"""

from struct import Struct
from typing import NamedTuple

from dicomtui.dataset import dictionary
from dicomtui.dataset.encoding import LONG_VRS, SHORT_VRS, UNDEFINED
from dicomtui.dataset.raw_elements import ITEM, ITEM_END, NESTING_LIMIT, SEQUENCE_END
from dicomtui.dataset.scope import Path

_SHORT = {vr: vr.decode("ascii") for vr in SHORT_VRS}
_LONG = {vr: vr.decode("ascii") for vr in LONG_VRS}
_EXPLICIT = {True: Struct("<HH2sH").unpack_from, False: Struct(">HH2sH").unpack_from}
_IMPLICIT = {True: Struct("<HHL").unpack_from, False: Struct(">HHL").unpack_from}
_LENGTH = {True: Struct("<L").unpack_from, False: Struct(">L").unpack_from}


class Placed(NamedTuple):
    """A value that is no sequence."""

    path: Path
    vr: str
    """The written one, else the standard's, ``UN`` if there is none."""
    start: int
    end: int


class LayoutError(Exception):
    """Something does not stand as the rules want it.

    Parameters
    ----------
    path : Path
        Where; empty for the Data Set itself.
    reason : str
        What is wrong, without a value.
    """

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(reason)
        self.path, self.reason = path, reason


def layout_of(data: bytes, start: int, end: int, *, implicit: bool, little: bool) -> list[Placed]:
    """Return the values of the elements that stand between *start* and *end*, nested ones too.

    Parameters
    ----------
    data : bytes
        The file, or its beginning.
    start, end : int
        Offsets of the first header and behind the last value.
    implicit, little : bool
        The encoding.

    Raises
    ------
    LayoutError
        If tags do not ascend, a length is odd or reaches too far, a VR is none of the standard's, items do
        not nest, or bytes are left over.
    """
    walk = _Walk(data)
    try:
        walk.elements(start, end, (), implicit=implicit, little=little, open_item=False)
    except LayoutError:
        raise
    except Exception as error:  # a header that is cut
        raise LayoutError((), "ends inside a header") from error
    return walk.values


class _Walk:
    """Goes through the elements once."""

    def __init__(self, data: bytes) -> None:
        self.values: list[Placed] = []
        self._data = data

    def elements(
        self, position: int, end: int, path: Path, *, implicit: bool, little: bool, open_item: bool
    ) -> int:
        """Note the elements up to *end*, or to the delimiter of an open item; return where that is."""
        read, previous = self._implicit if implicit else self._explicit, -1
        while position < end:
            tag, vr, length, position = read(position, little, path)
            here = (*path, tag)
            if tag >> 16 == 0xFFFE:
                if tag == ITEM_END and open_item and not length:
                    return position
                raise LayoutError(path, "holds a delimiter that ends nothing")
            if tag <= previous:
                raise LayoutError(here, "stands more than once, or behind a higher tag")
            previous = tag
            undefined = length == UNDEFINED
            stop = end if undefined else position + length
            if stop > end or (stop & 1 != position & 1 and not undefined):
                raise LayoutError(here, "has an odd length, or one that reaches too far")
            if undefined or vr == "SQ":
                # a value of unknown VR without a length holds items in implicit encoding (PS3.5 6.2.2)
                plain = implicit or vr != "SQ"
                position = self._items(
                    position, stop, here, implicit=plain, little=little or plain, undefined=undefined
                )
            else:
                self.values.append(Placed(here, vr, position, stop))
                position = stop
        if open_item:
            raise LayoutError(path, "has an item without an end")
        return position

    def _implicit(self, position: int, little: bool, path: Path) -> tuple[int, str, int, int]:
        """Return tag, VR, length and where the value begins."""
        group, number, length = _IMPLICIT[little](self._data, position)
        tag = group << 16 | number
        return tag, dictionary.vr_of(tag), length, position + 8

    def _explicit(self, position: int, little: bool, path: Path) -> tuple[int, str, int, int]:
        group, number, code, length = _EXPLICIT[little](self._data, position)
        tag, position = group << 16 | number, position + 8
        if code in _SHORT:
            return tag, _SHORT[code], length, position
        if code in _LONG and not length:
            return tag, _LONG[code], _LENGTH[little](self._data, position)[0], position + 4
        if group == 0xFFFE:  # delimiters never have a VR
            return tag, "", _LENGTH[little](self._data, position - 4)[0], position
        raise LayoutError((*path, tag), "has no VR of the standard")

    def _items(
        self, position: int, end: int, path: Path, *, implicit: bool, little: bool, undefined: bool
    ) -> int:
        header = _IMPLICIT[little]
        index = 0
        if len(path) // 2 >= NESTING_LIMIT:
            raise LayoutError(path, f"is nested deeper than {NESTING_LIMIT} sequences")
        while position < end:
            group, number, length = header(self._data, position)
            tag = group << 16 | number
            position += 8
            if tag == SEQUENCE_END and undefined and not length:
                return position
            stop = end if length == UNDEFINED else position + length
            if tag != ITEM or stop > end:
                raise LayoutError(path, "is not made of items")
            position = self.elements(
                position,
                stop,
                (*path, index),
                implicit=implicit,
                little=little,
                open_item=length == UNDEFINED,
            )
            index += 1
        if undefined or position != end:
            raise LayoutError(path, "has no end")
        return position
