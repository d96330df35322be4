"""A count that is typed before a key, where the digits mean something by themselves too."""

TOGETHER = 0.4
"""Seconds within which digits and the key after them belong together: a preset is looked at for longer."""
_LIMIT = 9_999_999


class TypedCount:
    """Digits typed one right after the other, and whether a ``g`` waits for its second."""

    def __init__(self) -> None:
        self.now = 0.0
        """When the key in hand was typed, in seconds."""
        self._digits = ""
        self._typed_at = 0.0
        self._g_waits = False

    def __bool__(self) -> bool:
        """Whether digits were typed just before the key in hand."""
        return bool(self._digits) and self.now - self._typed_at < TOGETHER

    def type(self, digit: int) -> None:
        """Add a digit, or begin anew when the last one is long ago."""
        self._digits = (self._digits if self else "") + str(digit)
        self._typed_at = self.now

    def take(self) -> int | None:
        """Return the count once; None when nothing, or only zeros, was typed just before."""
        count = min(int(self._digits), _LIMIT) if self else 0
        self._digits = ""
        return count or None

    def second_g(self) -> bool:
        """Say whether this ``g`` is the second of two."""
        self._g_waits = not self._g_waits
        return not self._g_waits

    def forget_g(self) -> None:
        """Another key came: the next ``g`` is a first one."""
        self._g_waits = False
