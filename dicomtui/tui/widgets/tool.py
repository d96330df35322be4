"""What an image view hands its keys to while something is done to the picture by hand."""

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Sequence

    from textual import events

    from dicomtui.imaging.drawings import Drawing


class Tool(Protocol):
    """Gets the keys first, draws into the picture, says something in the status line."""

    @property
    def hint(self) -> str:
        """What its keys do."""

    @property
    def text(self) -> str:
        """What the status line says of it."""

    def key(self, event: "events.Key") -> bool:
        """Take a key; False if it means nothing to the tool."""

    def drawings(self) -> "Sequence[Drawing]":
        """Return what is drawn into the picture now."""

    def leave(self) -> None:
        """Be put down."""
