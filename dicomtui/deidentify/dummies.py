"""Values that stand in place of others: valid for their VR, the same every time, and seen to be dummies."""

from struct import pack
from typing import Any, cast

from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.tag import BaseTag

from dicomtui.dataset.raw_elements import Elements
from dicomtui.dataset.values import BINARY_VRS, NUMBER_FORMATS

TEXT = "REMOVED"
DUMMY_DAY = "19000101"
_TEXTS = {
    "AS": "000Y",
    "DA": DUMMY_DAY,
    "DS": "0",
    "DT": f"{DUMMY_DAY}000000",
    "IS": "0",
    "TM": "000000",
    "UI": "2.25.0",
    "UR": "http://removed.invalid/",
}
_BYTES = {"AT": 4, "FD": 8, "FL": 4, "OB": 2, "OD": 8, "OF": 4, "OL": 4, "OV": 8, "OW": 2, "SL": 4, "SS": 2}
_BYTES |= {"SV": 8, "UL": 4, "UN": 2, "US": 2, "UV": 8}


class Maker:
    """Makes elements in the encoding of one file."""

    def __init__(self, *, implicit: bool, little: bool) -> None:
        self.implicit, self.little = implicit, little

    def raw(self, tag: int, vr: str, value: bytes) -> RawDataElement:
        """Return an element of these bytes, padded to an even length (PS3.5 7.1.1)."""
        if len(value) % 2:
            padding = b"\0" if vr == "UI" or vr in BINARY_VRS or vr in NUMBER_FORMATS else b" "
            value += padding
        return RawDataElement(BaseTag(tag), vr, len(value), value, 0, self.implicit, self.little)

    def text(self, tag: int, vr: str, value: str) -> RawDataElement:
        """Return an element of ASCII text, which every character set can hold."""
        return self.raw(tag, vr, value.encode("ascii"))

    def empty(self, tag: int, vr: str) -> RawDataElement | DataElement:
        """Return an element without a value."""
        return self.sequence(tag, []) if vr == "SQ" else self.raw(tag, vr, b"")

    def dummy(self, tag: int, vr: str) -> RawDataElement | DataElement:
        """Return an element whose value stands for what was there."""
        if vr == "SQ":
            return self.sequence(tag, [self._dummy_item(tag)])
        size = _BYTES.get(vr)
        return self.text(tag, vr, _TEXTS.get(vr, TEXT)) if size is None else self.raw(tag, vr, bytes(size))

    def sequence(self, tag: int, items: list[Dataset]) -> DataElement:
        """Return a sequence of *items*."""
        return DataElement(BaseTag(tag), "SQ", Sequence(items), already_converted=True)

    def dataset(self, elements: Elements, encodings: list[str]) -> Dataset:
        """Return an item in the encoding of the file.

        Parameters
        ----------
        elements : Elements
            Made here.
        encodings : list of str
            Codecs of the Data Set around it.
        """
        item = Dataset(cast("dict[BaseTag, Any]", elements), parent_encoding=encodings)
        # pydicom writes values as they are only where nothing changes in between
        item.set_original_encoding(self.implicit, self.little, item._character_set)
        return item

    def item(self, *elements: RawDataElement | DataElement) -> Dataset:
        """Return an item of ASCII text and numbers."""
        return self.dataset({element.tag: element for element in elements}, ["iso8859"])

    def code(self, value: str, scheme: str, meaning: str) -> Dataset:
        """Return the item of a code sequence (PS3.3 8.8)."""
        return self.item(
            self.text(0x00080100, "SH", value),
            self.text(0x00080102, "SH", scheme),
            self.text(0x00080104, "LO", meaning),
        )

    def removed_code(self) -> Dataset:
        """Return a code that says that there was one."""
        return self.code(TEXT, "99REMOVED", "Removed")

    def removed_content(self) -> Dataset:
        """Return a content item that says that there were others (PS3.3 C.17.3.2)."""
        return self.item(
            self.text(0x0040A010, "CS", "CONTAINS"),
            self.text(0x0040A040, "CS", "TEXT"),
            self.sequence(0x0040A043, [self.code("121106", "DCM", "Comment")]),
            self.text(0x0040A160, "UT", TEXT),
        )

    def removed_graphic(self, layer: str) -> Dataset:
        """Return a text in the corner of the display (PS3.3 C.10.5), on a Graphic Layer."""
        corners = (0.0, 0.0), (0.2, 0.1)
        boxes = [pack("<2f" if self.little else ">2f", *corner) for corner in corners]
        text = self.item(
            self.text(0x00700004, "CS", "DISPLAY"),
            self.text(0x00700006, "ST", TEXT),
            self.raw(0x00700010, "FL", boxes[0]),
            self.raw(0x00700011, "FL", boxes[1]),
            self.text(0x00700012, "CS", "LEFT"),
        )
        return self.item(self.text(0x00700002, "CS", layer), self.sequence(0x00700008, [text]))

    def _dummy_item(self, tag: int) -> Dataset:
        if tag == 0x0040A730:  # Content Sequence
            return self.removed_content()
        if tag == 0x00081072:  # Operator Identification Sequence
            return self.item(
                self.text(0x00080080, "LO", TEXT), self.sequence(0x00401101, [self.removed_code()])
            )
        if tag == 0x0040A073:  # Verifying Observer Sequence
            return self.item(
                self.text(0x0040A027, "LO", TEXT),
                self.dummy(0x0040A030, "DT"),
                self.text(0x0040A075, "PN", TEXT),
                self.sequence(0x0040A088, []),
            )
        if tag == 0x00340001:  # Flow Identifier Sequence
            return self.item(self.dummy(0x00340002, "OB"), self.dummy(0x00340005, "OB"))
        if tag == 0x0040B020:  # Waveform Annotation Sequence: a text on the first channel
            one = (1).to_bytes(2, "little" if self.little else "big")
            return self.item(
                self.raw(0x0040A0B0, "US", one + one),
                self.raw(0x0040A180, "US", one),
                self.text(0x00700006, "ST", TEXT),
            )
        if tag == 0x00700001:  # Graphic Annotation Sequence
            return self.removed_graphic(TEXT)
        return self.removed_code()
