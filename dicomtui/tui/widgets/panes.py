"""The three panes side by side: focus, full size, hidden tree."""

from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from dicomtui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from dicomtui.tui.widgets.image_view import ImageView
    from dicomtui.tui.widgets.tag_table import TagTable
    from dicomtui.tui.widgets.tree_pane import TreePane


class _Column(Vertical):
    BLANK = True  # nothing of it is seen


class Panes(Horizontal):
    """Tree above attributes on the left, the image on the right; one of them may have all the room."""

    BLANK = True  # nothing of it is seen

    def __init__(self, tree: "TreePane") -> None:
        super().__init__(id="panes")
        self._panes = {
            "tree": Pane("Files", tree, id="tree"),
            "attributes": Pane("Attributes", id="attributes"),
            "image": Pane("Image", id="image"),
        }

    def compose(self) -> ComposeResult:
        """Put the frames in their places."""
        with _Column(id="side"):
            yield self._panes["tree"]
            yield self._panes["attributes"]
        yield self._panes["image"]

    async def fill(self, tags: "TagTable", image: "ImageView") -> None:
        """Put the widgets into the frames that are empty until the first paint."""
        await self._panes["attributes"].hold(tags)
        await self._panes["image"].hold(image)

    def pane(self, name: str) -> Pane:
        """Return one of the panes ``tree``, ``attributes`` and ``image``."""
        return self._panes[name]

    @property
    def focused(self) -> str:
        """The name of the pane that has the focus."""
        focused = self.screen.focused
        above = focused.ancestors_with_self if focused is not None else []
        return next((name for name, pane in self._panes.items() if pane in above), "tree")

    def focus_pane(self, name: str) -> None:
        """Go to a pane; where another has all the room, it gets that."""
        if name == "tree":
            self.remove_class("no-tree")
        if self.zoomed:
            self._give_room(name)
        self.screen.set_focus(self._panes[name].content)

    def step(self, step: int) -> None:
        """Go to the next pane, or the previous one, round the end."""
        names = [name for name in self._panes if name != "tree" or not self.has_class("no-tree")]
        at = names.index(self.focused) if self.focused in names else 0
        self.focus_pane(names[(at + step) % len(names)])

    @property
    def zoomed(self) -> bool:
        """Whether one pane has all the room."""
        return self.has_class("zoomed")

    def zoom(self) -> None:
        """Give the focused pane all the room, or put it back."""
        if self.zoomed:
            self.unzoom()
        else:
            self._give_room(self.focused)

    def _give_room(self, name: str) -> None:
        self.unzoom()
        self._panes[name].add_class("zoomed")
        self.add_class("zoomed", "image-only" if name == "image" else "side-only")

    def unzoom(self) -> None:
        """Show all panes."""
        self.remove_class("zoomed", "image-only", "side-only")
        for pane in self._panes.values():
            pane.remove_class("zoomed")

    def toggle_tree(self) -> None:
        """Hide or show the tree."""
        if self.focused == "tree":
            self.screen.set_focus(self._panes["attributes"].content)
        self.unzoom()
        self.toggle_class("no-tree")
