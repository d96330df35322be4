"""What the elements of one Data Set share: character set, private creators, Pixel Representation."""

from pydicom.tag import BaseTag

from dicomtui.dataset import dictionary
from dicomtui.dataset.charsets import DEFAULT, Encodings, decode, encodings_in
from dicomtui.dataset.raw_elements import AnyElement, Elements, RawSequence
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS, STRING_VRS
from dicomtui.text import safe_line

Path = tuple[int, ...]
"""Tags and item indexes from the top to an element: the same attribute has the same path in another file."""

_KNOWN_VRS = STRING_VRS | BINARY_VRS | NUMBER_FORMATS.keys() | {"AT", "SQ"}
_PIXEL_REPRESENTATION = BaseTag(0x00280103)


class Scope:
    """One Data Set, at the top or in an item, as its elements see it."""

    def __init__(
        self,
        elements: Elements,
        path: Path = (),
        depth: int = 0,
        parent: "Scope | None" = None,
        override: Encodings | None = None,
    ) -> None:
        self.elements, self.path, self.depth = elements, path, depth
        self.override: Encodings | None = parent.override if parent is not None else override
        """Codecs that count here and below whatever (0008,0005) says."""
        self.encodings: Encodings = self.override or encodings_in(
            elements, parent.encodings if parent else DEFAULT
        )
        self._parent = parent
        self._creators: dict[int, str] = {}

    @property
    def declares(self) -> bool:
        """Whether a character set is declared, here or further out, or chosen by who looks."""
        here = bool(self.override or encodings_in(self.elements, ()))
        return here or (self._parent is not None and self._parent.declares)

    @property
    def level(self) -> int:
        """The number of sequences around the elements."""
        return len(self.path) // 2

    def creator(self, tag: int) -> str:
        """Return the Private Creator that reserved the block of *tag*, or ``""`` (PS3.5 7.8.1)."""
        if not dictionary.is_private(tag) or dictionary.is_private_creator(tag) or not tag & 0xFF00:
            return ""
        block = (tag & 0xFFFF0000) | (tag >> 8 & 0xFF)
        if block not in self._creators:
            self._creators[block] = self._creator_of_block(block)
        return self._creators[block]

    def vr(self, element: AnyElement) -> str:
        """Choose one VR: the written one, else the dictionary's, with the ambiguous ones resolved."""
        if isinstance(element, RawSequence):
            return "SQ"
        tag, vr = int(element.tag), element.VR
        if vr is None or vr == "UN":
            known = dictionary.vr_of(tag, self.creator(tag))
            vr = "UN" if vr == "UN" and known == "SQ" else known
        if " or " not in vr:
            return vr if vr in _KNOWN_VRS else "UN"
        if "SS" in vr:
            return "SS" if self.signed() else "US"
        return "OW"

    def signed(self) -> bool:
        """Whether Pixel Representation (0028,0103), here or further out, says signed."""
        element = self.elements.get(_PIXEL_REPRESENTATION)
        if element is None or isinstance(element, RawSequence):
            return self._parent is not None and self._parent.signed()
        return element.value in (1, b"\1\0", b"\0\1")

    def _creator_of_block(self, block: int) -> str:
        element = self.elements.get(BaseTag(block))
        if element is None or isinstance(element, RawSequence):
            return ""
        value = element.value or ""
        text = decode(value, self.encodings) if isinstance(value, bytes) else str(value)
        return safe_line(text.strip(" \0"), 64)
