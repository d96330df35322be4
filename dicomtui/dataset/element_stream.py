"""A stream of Data Elements: positions and headers (PS3.5 7.1), the values left to the caller."""

from struct import Struct
from typing import BinaryIO

from dicomtui.dataset.encoding import LONG_VRS, SHORT_VRS
from dicomtui.dataset.raw_elements import Header

_VR_NAMES = {vr: vr.decode("ascii") for vr in SHORT_VRS | LONG_VRS}
_EXPLICIT = {True: Struct("<HH2sH").unpack, False: Struct(">HH2sH").unpack}
_IMPLICIT = {True: Struct("<HHL").unpack, False: Struct(">HHL").unpack}
_LENGTH = {True: Struct("<L").unpack, False: Struct(">L").unpack}


class StructureError(Exception):
    """What stands here is not what must stand here."""


class ElementStream:
    """Reads headers and values one after the other and knows where it is."""

    def __init__(self, stream: BinaryIO, whole: str) -> None:
        self.raw = stream
        self.whole = whole
        """What a message calls the bytes of the stream: ``file`` or ``sequence``."""
        self.position = 0
        self.mark = 0
        """Where the header at hand begins."""

    def seek(self, position: int) -> None:
        """Go to *position*."""
        self.position = self.raw.seek(position)

    def read(self, count: int) -> bytes:
        """Return the next *count* bytes, fewer if the source has shrunk since it was opened."""
        data = self.raw.read(count)
        self.position += len(data)
        return data

    def peek(self, count: int) -> bytes:
        """Return up to *count* bytes from here and stay."""
        data = self.raw.read(count)
        self.raw.seek(self.position)
        return data

    def item_is_explicit(self) -> bool:
        """Whether the first element of the item that begins here names a VR."""
        return self.peek(6)[4:] in _VR_NAMES

    def item_header(self, end: int, *, little: bool) -> tuple[int, int]:
        """Read tag and length of an item or a delimiter, which never have a VR (PS3.5 7.5)."""
        self.mark = self.position
        group, element, length = _IMPLICIT[little](self._exactly(8, end, "a sequence"))
        return group << 16 | element, length

    def header(self, end: int, *, implicit: bool, little: bool) -> Header:
        """Read the header of an element that may reach up to *end*.

        In explicit encoding a header without a VR is taken as an implicit one: some writers mix them.
        """
        self.mark = self.position
        data = self._exactly(8, end, "an element")
        group, element, vr, length = _EXPLICIT[little](data)
        tag, name = group << 16 | element, _VR_NAMES.get(vr)
        if implicit or group == 0xFFFE or not (name or (vr.isalpha() and vr.isupper())):
            return Header(tag, None, _LENGTH[little](data[4:])[0], self.position)
        if vr in SHORT_VRS:
            return Header(tag, name, length, self.position)
        if vr in LONG_VRS:
            (length,) = _LENGTH[little](self._exactly(4, end, "an element"))
            return Header(tag, name, length, self.position)
        # VRs that the standard does not have yet will have a length of four bytes after two that are zero
        # (PS3.5 7.1.2); writers of VRs of their own do not keep to it
        if length == 0 and self.position + 4 <= end:
            (long,) = _LENGTH[little](self.peek(4))
            if self.position + 4 + long <= end:
                return Header(tag, "UN", long, self.position + len(self.read(4)))
        return Header(tag, "UN", length, self.position)

    def _exactly(self, count: int, end: int, what: str) -> bytes:
        data = self.read(count) if self.position + count <= end else b""
        if len(data) < count:
            raise StructureError(f"the {self.whole} ends inside {what}")
        return data
