"""Reads the Data Elements of one stream (PS3.5 7), down to the last nested item.

pydicom's own parser calls itself for every sequence (some 240 levels exhaust the interpreter), counts offsets
inside a sequence from its start, and gives up what it has when it meets an error. Here the open sequences are
on a stack, every offset is one of the source, and what was read before an error or a cut stays.
"""

from dataclasses import dataclass
from typing import cast

from pydicom.dataelem import RawDataElement, empty_value_for_VR
from pydicom.tag import BaseTag

from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.element_stream import ElementStream, StructureError
from dicomtui.dataset.encoding import UNDEFINED
from dicomtui.dataset.fragments import find_sequence_end, walk_fragments
from dicomtui.dataset.raw_elements import (
    ITEM,
    ITEM_END,
    ITEM_START,
    NESTING_LIMIT,
    PIXEL_DATA_TAGS,
    SEQUENCE_END,
    SEQUENCE_END_START,
    AnyElement,
    Header,
    RawItem,
    RawSequence,
)
from dicomtui.text import safe_line

PROBLEM_LIMIT = 20
"""Problems that one parser tells; a broken file may have as many as it has elements."""


@dataclass(slots=True, eq=False)
class OpenItem:
    """A Data Set whose elements are being read."""

    item: RawItem
    end: int
    """Offset behind the last byte that it may have."""
    undefined: bool
    """Whether a delimiter ends it."""


@dataclass(slots=True, eq=False)
class OpenSequence:
    """A sequence whose items are being read."""

    sequence: RawSequence
    end: int
    undefined: bool
    implicit: bool
    """Whether what is around it is implicit; if not, each item tells."""
    little: bool
    guess: Header | None
    """Set when only the look of the value says that this is a sequence: any problem proves it wrong."""


class ElementParser:
    """Reads what one open item or sequence holds, and all that is nested in it, without recursion.

    Items and sequences alternate on the stack of what is open. Each knows the offset behind its last byte,
    never beyond the end of what is around it, so that a wrong length spoils no more than its own item.
    """

    def __init__(
        self,
        stream: ElementStream,
        root: OpenItem | OpenSequence,
        *,
        origin: int = 0,
        level: int = 0,
        group: int | None = None,
    ) -> None:
        self.pixel_data: Header | None = None
        self.problems: list[str] = []
        self.withdrawn = False
        self._stream, self._origin, self._level, self._group = stream, origin, level, group
        self._root, self._last = root, root.end
        self._open: list[OpenItem | OpenSequence] = [root]
        self._guesses = 1 if isinstance(root, OpenSequence) and root.guess else 0
        self._ended = False

    @property
    def position(self) -> int:
        """Where the next header would be."""
        return self._stream.position

    def run(self, start: int) -> None:
        """Read from *start* until everything is closed, or something stops the parser."""
        self._stream.seek(start)
        while self._open:
            frame = self._open[-1]
            try:
                if self._stream.position >= frame.end:
                    self._close_at_end(frame)
                elif isinstance(frame, OpenItem):
                    self._read_element(frame)
                else:
                    self._read_item(frame)
            except StructureError as error:
                self._recover(str(error))
            except Exception as error:  # noqa: BLE001  a member of an archive raises anything when it is read
                self._stop(f"{type(error).__name__}: {safe_line(str(error), 200)}")

    def _read_element(self, frame: OpenItem) -> None:
        item = frame.item
        header = self._stream.header(frame.end, implicit=item.implicit, little=item.little)
        tag = header.tag
        if tag >> 16 == 0xFFFE:
            self._read_delimiter(frame, tag)
        elif frame is self._root and self._ends_here(header):
            self._open.clear()
            self._stream.seek(self._stream.mark)
        elif tag == 0 and header.length == 0:
            raise StructureError("zeros stand in place of an element")
        elif header.length == UNDEFINED:
            self._read_undefined(frame, header)
        elif frame is not self._root and self._is_sequence(header):
            self._enter(frame, header)
        else:
            self._read_value(frame, header)

    def _ends_here(self, header: Header) -> bool:
        if self._group is not None:
            return header.tag >> 16 != self._group
        if header.tag in PIXEL_DATA_TAGS:
            self.pixel_data = header
            return True
        return False

    def _is_sequence(self, header: Header) -> bool:
        return header.says_sequence or (
            header.says_unknown and header.length >= 8 and self._stream.peek(4) in ITEM_START
        )

    def _read_value(self, frame: OpenItem, header: Header) -> None:
        if not header.length:
            self._put(frame, header, cast("bytes | None", empty_value_for_VR(header.vr, raw=True)))
            return
        present = min(header.length, frame.end - header.offset)
        if present < header.length:
            self._tell_overrun(frame, format_tag(header.tag))
        value = self._stream.read(present)
        self._put(frame, header, value)
        if len(value) < present:  # the file has shrunk since it was opened
            raise StructureError(f"the {self._stream.whole} ends inside {format_tag(header.tag)}")

    def _read_undefined(self, frame: OpenItem, header: Header) -> None:
        """Read a sequence, fragments of encapsulated data, or whatever else a delimiter ends."""
        stream, little = self._stream, frame.item.little
        start = stream.peek(4)
        if header.says_sequence or (
            header.says_unknown and (start in ITEM_START or start in SEQUENCE_END_START)
        ):
            self._enter(frame, header)
            return
        *_, end, ended = walk_fragments(stream.raw, header.offset, frame.end, little)
        found = end if ended else find_sequence_end(stream.raw, header.offset, frame.end, little)
        stream.seek(header.offset)
        self._put(frame, header, stream.read((frame.end if found is None else found) - header.offset))
        if found is None:
            self._tell_unended(frame, format_tag(header.tag))
        stream.seek(frame.end if found is None else found + 8)

    def _put(self, frame: OpenItem, header: Header, value: bytes | None) -> None:
        item, offset = frame.item, self._origin + header.offset
        tag = BaseTag(header.tag)
        self._attach(
            item, RawDataElement(tag, header.vr, header.length, value, offset, item.implicit, item.little)
        )

    def _attach(self, item: RawItem, element: AnyElement) -> None:
        if element.tag in item.elements:
            self._tell(f"{format_tag(element.tag)} stands more than once; the last one is shown")
        item.elements[element.tag] = element

    def _enter(self, frame: OpenItem, header: Header) -> None:
        """Open a sequence; one that is nested too deep is stepped over."""
        undefined = header.length == UNDEFINED
        end = self._bounded_end(frame, header.length, format_tag(header.tag))
        tag, offset = BaseTag(header.tag), self._origin + header.offset
        sequence = RawSequence(tag, header.length, offset, [])
        self._attach(frame.item, sequence)
        level = self._level + len(self._open) // 2
        if level >= NESTING_LIMIT:
            sequence.problem = f"nested deeper than {NESTING_LIMIT} sequences"
            if level == NESTING_LIMIT:
                self._tell(f"{format_tag(tag)} is {sequence.problem}, and was not opened")
            if not undefined:
                self._stream.seek(end)
                return
            sequence = RawSequence(tag, header.length, offset, [])  # read to find the end, kept by nobody
        guess = None if undefined or header.says_sequence else header
        self._guesses += guess is not None
        little = ITEM_START.get(self._stream.peek(4), frame.item.little)
        self._open.append(OpenSequence(sequence, end, undefined, frame.item.implicit, little, guess))

    def _read_item(self, frame: OpenSequence) -> None:
        tag, length = self._stream.item_header(frame.end, little=frame.little)
        if tag == SEQUENCE_END:
            self._close(frame)
            if not frame.undefined:
                self._stream.seek(frame.end)
        elif tag == ITEM:
            end = self._bounded_end(frame, length, "an item")
            # in explicit encoding an item may be implicit nevertheless, as those of VR UN are (PS3.5 6.2.2)
            implicit = frame.implicit or not self._stream.item_is_explicit()
            item = RawItem({}, implicit, frame.little, length)
            frame.sequence.items.append(item)
            self._open.append(OpenItem(item, end, length == UNDEFINED))
        elif tag != ITEM_END:  # which some writers put behind items of defined length
            raise StructureError(f"{format_tag(tag)} stands in place of an item")

    def _read_delimiter(self, frame: OpenItem, tag: int) -> None:
        """Close what ends here; a delimiter that ends nothing is passed over."""
        around = self._open[-2] if len(self._open) > 1 else None
        if frame.undefined and tag == ITEM_END:
            self._close(frame)
        elif frame.undefined or (around is not None and around.undefined and tag == SEQUENCE_END):
            self._close(frame)  # the item's own delimiter is missing
            self._stream.seek(self._stream.mark)
        elif tag == ITEM:
            raise StructureError("an item stands outside of a sequence")

    def _bounded_end(self, frame: OpenItem | OpenSequence, length: int, what: str) -> int:
        if length == UNDEFINED:
            return frame.end
        end = self._stream.position + length
        if end > frame.end:
            self._tell_overrun(frame, what)
        return min(end, frame.end)

    def _close(self, frame: OpenItem | OpenSequence) -> None:
        self._open.pop()
        if isinstance(frame, OpenSequence) and frame.guess is not None:
            self._guesses -= 1

    def _close_at_end(self, frame: OpenItem | OpenSequence) -> None:
        if frame.undefined:
            self._tell_unended(frame, "a sequence")
        self._close(frame)

    def _recover(self, reason: str) -> None:
        """Go on behind the innermost sequence or item whose end is known; what it held so far stays."""
        if self._guesses:
            self._withdraw_guess()
            return
        while self._open and (frame := self._open[-1]) is not self._root:
            if not frame.undefined and frame.end < self._last:
                self._tell(f"{reason}; skipped to byte {self._origin + frame.end:,}")
                self._stream.seek(frame.end)
                return
            self._open.pop()
        self._stop(reason)

    def _withdraw_guess(self) -> None:
        """Take the innermost value that only looked like a sequence as bytes."""
        frame = self._open.pop()
        while not (isinstance(frame, OpenSequence) and frame.guess is not None):
            frame = self._open.pop()
        self._guesses -= 1
        if not self._open:
            self.withdrawn = True
            return
        around = cast("OpenItem", self._open[-1])
        del around.item.elements[frame.sequence.tag]
        self._stream.seek(frame.guess.offset)
        self._put(around, frame.guess, self._stream.read(frame.end - frame.guess.offset))

    def _tell(self, reason: str) -> None:
        if self._guesses:
            raise StructureError(reason)
        if len(self.problems) < PROBLEM_LIMIT:
            self.problems.append(f"at byte {self._origin + self._stream.mark:,}: {reason}")

    def _tell_overrun(self, frame: OpenItem | OpenSequence, what: str) -> None:
        if self._guesses or frame.end < self._last:
            self._tell(f"{what} is longer than what is around it")
        else:
            self._tell_end(self._last, f"the {self._stream.whole} ends inside {what}")

    def _tell_unended(self, frame: OpenItem | OpenSequence, what: str) -> None:
        if frame.end == self._last:
            self._tell_end(self._last, f"the {self._stream.whole} ends inside {what}")
        elif not self._guesses:
            self._tell(f"{what} has no delimiter")

    def _tell_end(self, position: int, reason: str) -> None:
        """Record the problem that ends the parse, once."""
        if not self._ended:
            self.problems.append(f"stopped at byte {self._origin + position:,}: {reason}")
        self._ended = True

    def _stop(self, reason: str) -> None:
        self._guesses = 0
        self._tell_end(self._stream.mark, reason)
        self._open.clear()
