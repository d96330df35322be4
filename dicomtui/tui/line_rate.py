"""How fast the line to the terminal is, from when the terminal answered what."""

SMALL = 1500
"""Bytes that take no time of their own: their answer tells the latency."""
LARGE = 2000
"""Bytes that take time: their answer tells the rate."""
_NEWEST = 0.3
"""How much the newest measurement counts."""
_FORGETTING = 1.02
"""By how much the least latency is believed less with each answer, as lines change."""
_LEAST_SECONDS = 1e-4


class LineRate:
    """Latency and rate of a line, as far as they are known."""

    def __init__(self) -> None:
        self._latency: float | None = None
        self._seconds_per_byte: float | None = None
        self._answered = 0.0

    @property
    def latency(self) -> float:
        """Seconds from a small write to its answer; 0 while unknown."""
        return self._latency or 0.0

    @property
    def bytes_per_second(self) -> float:
        """What the line carries; infinite while unknown."""
        return 1 / self._seconds_per_byte if self._seconds_per_byte else float("inf")

    def seconds(self, size: int) -> float:
        """Return how long so many bytes keep the line busy; 0 while unknown."""
        return size * (self._seconds_per_byte or 0.0)

    def answered(self, size: int, sent: float, now: float) -> None:
        """Learn from an answer.

        Parameters
        ----------
        size : int
            Bytes since the question before.
        sent, now : float
            When they were sent and when the answer came, in seconds on one clock.
        """
        elapsed = max(now - sent, _LEAST_SECONDS)
        if size < SMALL and sent >= self._answered:
            known = self._latency
            self._latency = elapsed if known is None else min(elapsed, known * _FORGETTING)
        if size >= LARGE:
            began = max(sent + self.latency, self._answered)
            spent = max(now - began, _LEAST_SECONDS) / size
            known = self._seconds_per_byte
            self._seconds_per_byte = spent if known is None else known + _NEWEST * (spent - known)
        self._answered = now
