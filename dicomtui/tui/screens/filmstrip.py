"""The filmstrip of the instance or the stack that is shown: begun, painted as pictures come, ended."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from dicomtui.tui.thumbnails import Subject, Thumbnails
from dicomtui.tui.widgets.filmstrip import Filmstrip

if TYPE_CHECKING:
    from dicomtui.tui.screens.stepping import Stepper
    from dicomtui.tui.widgets.image_view import ImageView


class Filmstrips:
    """Shows filmstrips in the image view, one at a time; small pictures stay for the next.

    Parameters
    ----------
    image : ImageView
        Where they are shown.
    stepper : Stepper
        Knows the frames or instances, and goes to the one that is opened.
    stack : callable
        Returns the paths of the stack, and where the instance stands in it, from 1.
    """

    def __init__(
        self, image: "ImageView", stepper: "Stepper", stack: Callable[[], tuple[list[str], int]]
    ) -> None:
        self._image, self._stepper, self._stack = image, stepper, stack
        self._thumbnails = Thumbnails(self._arrived)
        self._strip: Filmstrip | None = None
        self._began_at: tuple[str, int] = ("", 0)

    def begin(self) -> bool:
        """Show the frames of the instance or, where it has one, the instances of the stack.

        Returns
        -------
        bool
            False if there is nothing else to be seen.
        """
        subjects, cursor = self._subjects()
        opened = self._stepper.opened
        if len(subjects) < 2 or opened is None:
            return False
        self._stepper.stop()
        self._image.leave_tool()
        self._image.leave_window_mode()
        self._began_at = opened.path, self._stepper.wanted
        self._strip = Filmstrip(self._image, self._thumbnails, subjects, cursor, self._open)
        self._image.surface.cover = self._strip
        self._image.tool = self._strip
        return True

    def end(self, path: str, position: int = 0) -> None:
        """End it as another frame or instance comes; what was on its way when it began does not count."""
        is_other = path != self._began_at[0] or position not in (0, self._began_at[1])
        if is_other and self._strip is not None and self._image.tool is self._strip:
            self._image.leave_tool()

    def _subjects(self) -> tuple[list[Subject], int]:
        opened, frames = self._stepper.opened, self._stepper.frames
        if opened is not None and frames > 1:
            order = opened.orders.get(self._stepper.order) or range(1, frames + 1)
            return [Subject(opened.path, number) for number in order], self._stepper.wanted - 1
        paths, at = self._stack()
        return [Subject(path, 1) for path in paths], at - 1

    def _open(self, position: int) -> None:
        self._stepper.step(0, position)

    def _arrived(self) -> None:
        """Have what came painted; called in a thread."""
        self._image.call_later(self._paint)

    def _paint(self) -> None:
        if self._strip is not None and self._image.tool is self._strip:
            self._image.paint()
