"""What the elements of one Data Set share: character set, private creators, Pixel Representation."""

from typing import TYPE_CHECKING

from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.sequence import Sequence

from dicomtui.dataset import dictionary
from dicomtui.dataset.charsets import DEFAULT, Encodings, decode, encodings_of
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS, STRING_VRS
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from pydicom.dataelem import DataElement
    from pydicom.dataset import Dataset

Path = tuple[int, ...]
"""Tags and item indexes from the top to an element: the same attribute has the same path in another file."""

_ITEM_START = {b"\xfe\xff\x00\xe0": True, b"\xff\xfe\xe0\x00": False}
_KNOWN_VRS = STRING_VRS | BINARY_VRS | NUMBER_FORMATS.keys() | {"AT", "SQ"}


class Scope:
    """One Data Set, at the top or in an item, as its elements see it."""

    def __init__(
        self, dataset: "Dataset", path: Path = (), depth: int = 0, parent: "Scope | None" = None
    ) -> None:
        self.dataset, self.path, self.depth = dataset, path, depth
        self.encodings: Encodings = encodings_of(dataset, parent.encodings if parent else DEFAULT)
        self._parent = parent
        self._creators: dict[int, str] = {}

    def creator(self, tag: int) -> str:
        """Return the Private Creator that reserved the block of *tag*, or ``""`` (PS3.5 7.8.1)."""
        if not dictionary.is_private(tag) or dictionary.is_private_creator(tag) or not tag & 0xFF00:
            return ""
        block = (tag & 0xFFFF0000) | (tag >> 8 & 0xFF)
        if block not in self._creators:
            raw = self.dataset.get_item(block) if block in self.dataset else None
            value = getattr(raw, "value", None) or b""
            text = decode(value, self.encodings) if isinstance(value, bytes) else str(value)
            self._creators[block] = safe_line(text.strip(" \0"), 64)
        return self._creators[block]

    def settle_vr(self, tag: int, vr: str | None) -> str:
        """Choose one VR: the written one, else the dictionary's, with the ambiguous ones resolved."""
        if vr is None or vr == "UN":
            known = dictionary.vr_of(tag, self.creator(tag))
            vr = known if vr is None or known != "SQ" else "UN"
        if vr == "UN" and self._holds_items(tag):
            return "SQ"
        if " or " not in vr:
            return vr if vr in _KNOWN_VRS else "UN"
        if "SS" in vr:
            return "SS" if self.signed() else "US"
        return "OW"

    def signed(self) -> bool:
        """Whether Pixel Representation (0028,0103), here or further out, says signed."""
        scope: Scope | None = self
        while scope is not None:
            raw = scope.dataset.get_item(0x00280103) if 0x00280103 in scope.dataset else None
            if raw is not None:
                return raw.value in (1, b"\1\0", b"\0\1")
            scope = scope._parent
        return False

    def _holds_items(self, tag: int) -> bool:
        """Whether an element of unknown VR is a sequence (PS3.5 6.2.2 note 5)."""
        value = self.dataset.get_item(tag).value
        return isinstance(value, bytes) and value[:4] in _ITEM_START and len(value) > 8

    def sequence(self, raw: "RawDataElement | DataElement") -> "list[Dataset]":
        """Return the items of a sequence; none where they cannot be parsed."""
        if isinstance(raw, RawDataElement):
            if raw.VR in (None, "UN"):
                little = _ITEM_START.get((raw.value or b"")[:4], raw.is_little_endian)
                implicit = raw.is_implicit_VR or raw.VR == "UN"
                raw = raw._replace(VR="SQ", is_implicit_VR=implicit, is_little_endian=little)
            try:
                raw = convert_raw_data_element(raw, encoding=list(self.encodings))
            except Exception:  # noqa: BLE001  a parser raises anything on hostile input
                return []
        return list(raw.value) if isinstance(raw.value, Sequence) else []
