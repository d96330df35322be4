"""The attributes of the instance on the screen: read in its character set or another, some of them pinned.

What is asked of an instance is imported once there is one: pydicom is loaded by then, in a thread.
"""

from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from dicomtui.dataset.elements import Element
    from dicomtui.tui.opening import Opened
    from dicomtui.tui.widgets.tag_table import TagTable

_ITEMS = 12
"""Items of a sequence that a card shows."""
_TEXTS = 4
"""Texts of an item that it shows."""
_LOOKED_AT = 2000
"""Elements whose character sets are looked at, so that no file keeps the screen waiting."""


class Attributes:
    """Fills the table of attributes; which character set a person reads with is known here, and nowhere kept.

    Parameters
    ----------
    table : TagTable
        Shows them.
    pins : mapping
        What the configuration pins, by modality.
    """

    def __init__(self, table: "TagTable", pins: "Mapping[str, Sequence[str]]") -> None:
        self._table, self._pins = table, pins
        self.charset = ""
        """Name of the character set that is read instead of the declared one, or nothing."""
        self._opened: Opened | None = None
        self._elements: list[Element] = []
        self._frame: tuple[Sequence[Element], int] = ((), 1)

    def show(self, opened: "Opened | None") -> None:
        """Show the attributes of an instance, or none."""
        self._opened, self._frame = opened, ((), 1)
        self._read()
        self._table.show(self._elements, self.pinned())

    def show_frame(self, elements: "Sequence[Element]", number: int) -> None:
        """Show the functional groups of frame *number*, as they were read with the instance."""
        self._frame = elements, number
        self._table.show_frame(self._reread(elements), number, self.pinned())

    def next_charset(self) -> None:
        """Read with the next character set; after the last, with the one that is declared."""
        if self._opened is None:
            return
        from dicomtui.dataset.charsets import OVERRIDES

        names = ["", *OVERRIDES]
        self._read_as(names[(names.index(self.charset) + 1) % len(names)])

    def leave_charset(self) -> bool:
        """Read with the declared character set again; return whether another one was in use."""
        was_another = bool(self.charset)
        if was_another:
            self._read_as("")
        return was_another

    def pinned(self) -> "list[Element]":
        """Return what is pinned of the instance, the frame in the picture included."""
        if self._opened is None:
            return []
        from dicomtui.dataset.pins import pinned, pinned_names

        names = pinned_names(self._opened.modality, self._pins)
        return pinned(names, self._elements, self._reread(self._frame[0]))

    def pinned_card(self) -> list[tuple[str, str]]:
        """Return what is pinned as pairs of name and safe text; of a sequence, what its first items hold."""
        return [pair for element in self.pinned() for pair in _pairs(element)]

    def card(self) -> dict[str, list[tuple[str, str]]]:
        """Return what a person asks first about the instance, in groups of pairs of name and safe text."""
        if self._opened is None or not self.charset:
            return self._opened.card if self._opened is not None else {}
        from dicomtui.dataset.metadata import groups_of

        read = groups_of(self._elements)
        return {group: read.get(group) or pairs for group, pairs in self._opened.card.items()}

    @property
    def note(self) -> str:
        """What is wrong with the character set of the instance, in a sentence, or nothing."""
        if self.charset:
            return ""
        for element in islice(self._elements, _LOOKED_AT):
            if element.misfit:
                return f"{element.name}: {element.misfit}; E tries others"
        return ""

    def _read_as(self, charset: str) -> None:
        self.charset = charset
        self._read()
        frame, number = self._frame
        self._table.show(self._elements, self.pinned())
        if frame:
            self._table.show_frame(self._reread(frame), number)

    def _read(self) -> None:
        self._elements = list(self._reread(self._opened.elements if self._opened is not None else ()))

    def _reread(self, elements: "Sequence[Element]") -> "Sequence[Element]":
        if not self.charset:
            return elements
        from dicomtui.dataset.charsets import OVERRIDES
        from dicomtui.dataset.elements import with_encodings

        return with_encodings(elements, OVERRIDES[self.charset])


def _pairs(element: "Element") -> list[tuple[str, str]]:
    """Return the name and text of an element; of a sequence one pair an item."""
    items = element.items
    if items is None:
        return [(element.name, element.text)]
    pairs: list[tuple[str, str]] = []
    for item in items[:_ITEMS]:
        texts = (row.text for row in item.elements if row.vr not in ("UI", "SQ", "UN") and row.text)
        pairs.append((element.name if not pairs else "", ", ".join(islice(texts, _TEXTS))))
    if len(items) > _ITEMS:
        pairs.append(("", f"… {len(items)} items in all"))
    return pairs
