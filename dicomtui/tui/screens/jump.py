"""Where a screen sends the browser."""

from typing import NamedTuple


class Jump(NamedTuple):
    """Where the browser is to go."""

    path: str
    """The instance: a file, or the address of a member of a container."""
    attribute: str
    """Keyword, or tag in eight hexadecimal digits, of the row to stand on; ``""`` for none."""
