"""Walks the Data Elements of a file and keeps the values of a few wanted attributes."""

from collections import Counter
from collections.abc import Sequence
from re import Pattern
from struct import Struct

from dicomtui.archive.forward import Window
from dicomtui.archive.runs import compile_run
from dicomtui.dataset.encoding import LONG_VRS, SHORT_VRS, UNDEFINED

VALUE_LIMIT = 1 << 16
"""Bytes of a value that are believed to be one of a wanted attribute."""
PATIENCE = 200
"""Data Sets of one encoding that are walked by the loop alone: few files are not worth a pattern."""

_ITEM = 0xFFFEE000
_ITEM_END = 0xFFFEE00D
_SEQUENCE_END = 0xFFFEE0DD
NO_TAG = 0xFFFFFFFF
"""Stands where less than the header of an element is left."""
_HEADER = 12
"""Bytes that the longest header of an element has."""

_IMPLICIT = {True: Struct("<HHL").unpack_from, False: Struct(">HHL").unpack_from}
_SHORT = {True: Struct("<H").unpack_from, False: Struct(">H").unpack_from}
_LONG = {True: Struct("<L").unpack_from, False: Struct(">L").unpack_from}


class UnusualError(Exception):
    """Something that only a full parser can judge."""


class Walker:
    """Finds the values of *wanted* attributes: tags in ascending order, each with its VR.

    Without *patterns*, which are for groups below 0100 and the VRs of a header, any attribute can be wanted,
    and files take longer.
    """

    def __init__(self, wanted: Sequence[tuple[int, str]], *, patterns: bool = True) -> None:
        self._wanted = tuple(wanted)
        self._has_patterns = patterns
        self._indices = {tag: index for index, (tag, _) in enumerate(wanted)}
        self._first_tag = self._wanted[0][0] & 0xFFFF0000
        self._last_tag = self._wanted[-1][0]
        self._runs: dict[tuple[bool, bool], Pattern[bytes]] = {}
        self._walked: Counter[tuple[bool, bool]] = Counter()

    @property
    def tags(self) -> list[int]:
        """The tags of the wanted attributes."""
        return list(self._indices)

    def compile(self, *, implicit: bool, little: bool) -> Pattern[bytes]:
        """Make the pattern for an encoding, which takes as long as walking a thousand files."""
        run = self._runs[implicit, little] = compile_run(self._wanted, implicit=implicit, little=little)
        return run

    def walk(self, window: Window, position: int, *, implicit: bool, little: bool) -> list[bytes | None]:
        """Walk the top level of a Data Set up to the last wanted attribute.

        Parameters
        ----------
        window : Window
            Holds the start of the Data Set.
        position : int
            Offset of the first element in the window.
        implicit, little : bool
            VR encoding and byte order.

        Returns
        -------
        list of bytes or None
            For each wanted attribute its length field (two bytes, four where the VR is implicit) and its
            value; None where it is absent. The field stays because cutting it off costs time, and who
            remembers what was decoded does so only once for each value.

        Raises
        ------
        UnusualError
            Where only a full parser can tell what is meant: tags out of order; wanted attributes doubled, cut
            off or with another VR; groups below the first wanted one; unknown VRs.
        LimitError
            If the header does not end within what a window may look at.
        """
        run = self._runs.get((implicit, little)) or self._run_if_it_pays(implicit, little)
        values: list[bytes | None] = [None] * len(self._wanted)
        settled = 0
        position = window.at(position, _HEADER)
        while True:
            if run is not None:
                match = run.match(window.data, position)
                assert match is not None  # all parts of the pattern are optional
                found = match.groups()
                if settled and any(found[:settled]):
                    raise UnusualError
                values[settled:] = found[settled:]
                settled = match.lastindex or settled
                position = window.at(match.end(), _HEADER)
            if settled == len(values):
                return values
            tag, vr, header, length = element_at(window.data, position, implicit, little)
            if tag > self._last_tag:
                if tag >> 16 == _ITEM >> 16:
                    raise UnusualError  # a delimiter of no sequence, behind which anything may follow
                following = position + header + length
                if element_at(window.data, following, implicit, little)[0] < tag:
                    raise UnusualError
                return values
            if tag < self._first_tag:
                raise UnusualError
            if tag in self._indices:
                index = self._indices[tag]
                if index < settled or not self._is_decodable(vr, index, little):
                    raise UnusualError
                position, value = _value_at(window, position, header, length)
                values[index] = bytes(4 if implicit else 2) + value
                settled = index + 1
            position += header
            if length == UNDEFINED:
                position = after_sequence(window, position, implicit, little)
            else:
                position += length
            position = window.at(position, _HEADER)

    def _is_decodable(self, vr: bytes, index: int, little: bool) -> bool:
        """Whether a VR is right, implicit, or UN, whose values are little endian (PS3.5 6.2.2)."""
        return vr in (b"", self._wanted[index][1].encode()) or (vr == b"UN" and little)

    def _run_if_it_pays(self, implicit: bool, little: bool) -> Pattern[bytes] | None:
        """Compile a pattern for this encoding, which takes a while, if many files have it."""
        self._walked[implicit, little] += 1
        if not self._has_patterns or self._walked[implicit, little] <= PATIENCE:
            return None
        return self.compile(implicit=implicit, little=little)


def element_at(data: bytes, position: int, implicit: bool, little: bool) -> tuple[int, bytes, int, int]:
    """Return the tag, VR, size of the header and length of the value of an element, item or delimiter.

    The VR is empty where it is implicit. The tag is :data:`NO_TAG` where less than a header is left.
    """
    if len(data) - position < 8:
        return NO_TAG, b"", 0, 0
    group, element, length = _IMPLICIT[little](data, position)
    tag = group << 16 | element
    if implicit or group == 0xFFFE:
        return tag, b"", 8, length
    vr = data[position + 4 : position + 6]
    if vr in SHORT_VRS:
        (length,) = _SHORT[little](data, position + 6)
        return tag, vr, 8, length
    if vr not in LONG_VRS:
        raise UnusualError
    if len(data) - position < _HEADER:
        return NO_TAG, b"", 0, 0
    (length,) = _LONG[little](data, position + 8)
    return tag, vr, _HEADER, length


def _value_at(window: Window, position: int, header: int, length: int) -> tuple[int, bytes]:
    """Return where an element is now and its value, which must be there as a whole."""
    if length > VALUE_LIMIT:
        raise UnusualError
    position = window.at(position, header + length)
    value = window.data[position + header : position + header + length]
    if len(value) < length:
        raise UnusualError
    return position, value


def after_sequence(window: Window, position: int, implicit: bool, little: bool) -> int:
    """Step over a sequence of undefined length (PS3.5 7.5), given where its first item begins."""
    around = [implicit]  # for each open sequence, whether the VR is implicit around it
    item: bool | None = None  # the same for the open item
    while around:
        position = window.at(position, _HEADER)
        encoding = around[-1] if item is None else item
        tag, _, header, length = element_at(window.data, position, encoding, little)
        if tag == NO_TAG:
            raise UnusualError  # the file ends here, or a length inside led astray
        position += header
        if item is None:
            if tag == _SEQUENCE_END:
                item = around.pop()
            elif tag != _ITEM:
                raise UnusualError
            elif length != UNDEFINED:
                position += length
            else:
                position = window.at(position, _HEADER)
                item = around[-1] or _seems_implicit(window.data, position)
        elif tag == _ITEM_END:
            item = None
        elif length != UNDEFINED:
            position += length
        else:
            around.append(item)
            item = None
    return position


def _seems_implicit(data: bytes, position: int) -> bool:
    """Whether an item turns to implicit VR, as it must in a value of VR UN (PS3.5 6.2.2)."""
    vr = data[position + 4 : position + 6]
    return not (vr.isalpha() and vr.isupper())
