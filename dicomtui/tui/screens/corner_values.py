"""The values that stand in the corners of the picture: of the instance, and of the frame that is shown."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.tui.opening import Opened


class CornerValues:
    """Texts of attributes by keyword; what a frame of many has of its own counts first.

    Parameters
    ----------
    said : mapping of str to callable
        What is known besides attributes: the window, the place in the stack.
    """

    def __init__(self, said: dict[str, Callable[[], str]]) -> None:
        self._said = said
        self._opened: Opened | None = None
        self._of_instance: dict[str, Element] = {}
        self._of_frame: dict[str, Element] = {}

    def show(self, opened: "Opened", rows: "Sequence[Element]") -> None:
        """Look at a frame: the instance, and the rows of its functional groups."""
        if opened is not self._opened:
            self._opened = opened
            self._of_instance = {each.keyword: each for each in opened.elements if each.keyword}
        self._of_frame = {each.keyword: each for each in rows if each.keyword}

    def text(self, keyword: str) -> str:
        """Return the text of an attribute, empty where it is absent."""
        if keyword in self._said:
            return self._said[keyword]()
        element = self._of_frame.get(keyword) or self._of_instance.get(keyword)
        return "" if element is None else element.text
