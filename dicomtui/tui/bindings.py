"""Textual bindings from the table of keys."""

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomtui.keys import Key

_WITHOUT_PROTOCOL = {
    "alt+1": "inverted_exclamation_mark",
    "alt+2": "trade_mark_sign",
    "alt+3": "pound_sign",
}
"""What Textual makes of Alt and a digit from a terminal that sends Esc before the digit, as most do."""


def bindings(keys: "Iterable[Key]") -> list[BindingType]:
    """Return one remappable binding for each key."""
    return [
        Binding(_everywhere(key.keys), key.action, key.description, show=False, id=key.id) for key in keys
    ]


def _everywhere(keys: str) -> str:
    return ",".join(name for key in keys.split(",") for name in (key, _WITHOUT_PROTOCOL.get(key)) if name)
