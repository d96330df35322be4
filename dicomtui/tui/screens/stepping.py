"""Where the image stands: among the frames of an instance, or among the instances of its stack."""

import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from dicomtui.tui.opening import Opened
    from dicomtui.tui.player import Player, Repeat

AHEAD = 3
"""Frames that are decoded ahead while a cine plays."""
_USUAL_SECONDS = 1 / 30


class Decode(Protocol):
    """Has a frame decoded: its position, its number in the file, and the frames to decode ahead."""

    def __call__(self, opened: "Opened", position: int, number: int, ahead: Sequence[int]) -> None:
        """Decode it in a thread."""


class Stepper:
    """Steps through frames where there are several, else through the stack; plays them.

    Parameters
    ----------
    decode : callable
        Has a frame decoded.
    stack : callable
        Returns the paths of the stack that is stepped through, and where the instance that was asked for
        stands in it, from 1.
    go_to : callable
        Shows the instance at a path.
    """

    def __init__(
        self, decode: Decode, stack: Callable[[], tuple[list[str], int]], go_to: Callable[[str], None]
    ) -> None:
        self._decode, self._stack, self._go_to = decode, stack, go_to
        self.opened: Opened | None = None
        """The instance that is shown."""
        self.wanted = 1
        """The frame that was asked for last; what comes for another is out of date."""
        self.shown = 1
        self.order = "file"
        self._player: Player | None = None
        self._repeat: Repeat | None = None
        """What the user wants to come behind the last frame; None as the file says."""
        self._shown_at = 0.0
        self._every = _USUAL_SECONDS
        """How long it takes from one frame of a cine to the next that is shown, about."""

    def show(self, opened: "Opened | None") -> None:
        """Go to the first frame of another instance."""
        self.opened, self.shown = opened, 1
        self.order = next(iter(opened.orders), "file") if opened is not None else "file"

    @property
    def frames(self) -> int:
        """How many frames the instance has, 0 without a picture."""
        return self.opened.rendering.frames if self.opened and self.opened.rendering else 0

    @property
    def number(self) -> int:
        """The frame of the file that is shown, from 1; 0 without a picture."""
        return self._frame_at(self.shown) if self.frames else 0

    def text(self) -> str:
        """Return the place among frames or instances, for a status line."""
        if self.frames > 1:
            order = f" by {self.order}" if self.opened and len(self.opened.orders) > 1 else ""
            return f"frame {self.shown}/{self.frames}{order}"
        paths, at = self._stack()
        return f"image {at}/{len(paths)}" if len(paths) > 1 else ""

    def step(self, step: int, number: int | None = None, *, last: bool = False) -> None:
        """Go *step* frames or instances on, or to *number*, staying inside."""
        self.stop()
        count, at = self._sequence()
        wanted = max(1, min(count if last else number or at + step, count))
        if wanted != at:
            self._show(wanted)

    def next_order(self) -> bool:
        """Go on to the next order of frames, staying at the frame; False if there is one only."""
        names = list(self.opened.orders) if self.opened is not None else []
        if self.opened is None or len(names) < 2:
            return False
        frame = self._frame_at(self.wanted)
        self.order = names[(names.index(self.order) + 1) % len(names)]
        self.wanted = self.shown = self.opened.orders[self.order].index(frame) + 1
        return True

    # --- playing ---

    @property
    def playing(self) -> str:
        """The rate while frames are played, else ``""``."""
        return self._player.text if self._player is not None else ""

    def play(self, faster: int = 0, rate: int | None = None) -> None:
        """Play, or stop; with *faster* steps or a *rate*, change the speed of what plays."""
        from dicomtui.imaging.cine import Timing
        from dicomtui.tui.player import Player, Repeat

        now, opened = time.monotonic(), self.opened
        if faster and self._player is not None:
            self._player.change_speed(faster, now)
        elif rate is not None and self._player is not None:
            self._player.play_at(rate, now)
        elif self._player is not None:
            self.stop()
        elif opened is not None and not faster:
            count, at = self._sequence()
            if count > 1:
                at = 1 if at == count and self._repeat is Repeat.ONCE else at
                order = opened.orders.get(self.order) or range(1, count + 1)
                self._player = Player(opened.timing or Timing(), order, at, now, self._repeat, rate)
                self._every = _USUAL_SECONDS

    def next_repeat(self) -> str:
        """Choose the next thing to come behind the last frame; return what that is."""
        from dicomtui.tui.player import Repeat

        kinds = list(Repeat)
        sweeps = self.opened is not None and self.opened.timing is not None and self.opened.timing.sweeps
        now = self._repeat or (Repeat.BOUNCE if sweeps else Repeat.LOOP)
        self._repeat = kinds[(kinds.index(now) + 1) % len(kinds)]
        if self._player is not None:
            self._player.repeat_as(self._repeat, time.monotonic())
        return self._repeat

    def stop(self) -> None:
        """Play no more."""
        self._player = None

    def tick(self) -> None:
        """Show the frame that is due, once the one before has been shown."""
        if self._player is not None and self.shown == self.wanted:
            now = time.monotonic()
            count, at = self._sequence()
            number = min(self._player.number_at(now), count)
            if number != at:
                spent = min(now - self._shown_at, 1.0)
                self._every, self._shown_at = (self._every + max(spent, _USUAL_SECONDS)) / 2, now
                self._show(number, self._player.ahead(now, self._every, AHEAD))
            elif self._player.is_over(now):
                self.stop()

    # --- frames or instances ---

    def _sequence(self) -> tuple[int, int]:
        """Return how many frames or instances are stepped through, and the one that was asked for."""
        if self.frames > 1:
            return self.frames, self.wanted
        paths, at = self._stack()
        return len(paths), at

    def _frame_at(self, position: int) -> int:
        """Return the frame of the file that stands at *position* in the order that is shown."""
        order = self.opened.orders.get(self.order) if self.opened is not None else None
        return order[position - 1] if order and 1 <= position <= len(order) else position

    def _show(self, number: int, ahead: Sequence[int] = ()) -> None:
        """Show what stands at *number*, and have what comes next decoded: *ahead*, or its neighbours."""
        if self.opened is not None and self.frames > 1:
            self.wanted = number
            ahead = [self._frame_at(at) for at in ahead or (number + 1, number - 1) if 1 <= at <= self.frames]
            self._decode(self.opened, number, self._frame_at(number), ahead)
        else:
            self._go_to(self._stack()[0][number - 1])
