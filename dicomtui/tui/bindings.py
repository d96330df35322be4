"""Textual bindings from the table of keys."""

from typing import TYPE_CHECKING

from textual.binding import Binding, BindingType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from dicomtui.keys import Key


def bindings(keys: "Iterable[Key]") -> list[BindingType]:
    """Return one remappable binding for each key."""
    return [Binding(key.keys, key.action, key.description, show=False, id=key.id) for key in keys]
