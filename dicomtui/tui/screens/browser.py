"""The browser: tree, attributes and image of the instance under the cursor."""

import os
import time
from functools import partial
from typing import TYPE_CHECKING

from textual.app import ComposeResult
from textual.screen import Screen

from dicomtui.keys import ANYWHERE
from dicomtui.text import safe_line
from dicomtui.tui.bindings import bindings
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.nodes import Kind, Node
from dicomtui.tui.widgets.panes import Panes
from dicomtui.tui.widgets.status_line import HintLine, StatusLine
from dicomtui.tui.widgets.tree_pane import TreePane

if TYPE_CHECKING:
    from dicomtui.settings import Settings
    from dicomtui.tui.key_gate import KeyGate
    from dicomtui.tui.opening import Opened
    from dicomtui.tui.player import Player
    from dicomtui.tui.screens.filling import Filler, Found, Listed
    from dicomtui.tui.screens.loading import FrameReady, InstanceOpened, Loader
    from dicomtui.tui.screens.stacks import Stacks
    from dicomtui.tui.widgets.image_view import ImageView
    from dicomtui.tui.widgets.tag_table import TagTable


PLAY_SECONDS = 1 / 30
"""How often it is looked whether another frame is due."""
WINDOW_HINT = "window: ← → width  ↑ ↓ centre  Shift coarse  Ctrl fine  Esc done"


class BrowserScreen(Screen[None], inherit_bindings=False):
    """Three panes over one folder, file or DICOMDIR; which instance is shown is known here."""

    BINDINGS = bindings(ANYWHERE)
    AUTO_FOCUS = "TreePane"
    BLANK = True  # nothing of it is seen

    _tags: "TagTable"
    image: "ImageView"
    _stacks: "Stacks"
    _filler: "Filler"
    _loader: "Loader"

    def __init__(self, paths: list[str], settings: "Settings", gate: "KeyGate", welcome: str = "") -> None:
        super().__init__()
        self._paths, self._settings, self._gate = paths, settings, gate
        self._tree = TreePane(show_others=settings.show_other_files)
        self.panes = Panes(self._tree)
        self._status = StatusLine()
        self._hints = HintLine(settings.keys, welcome)
        self._opened: Opened | None = None
        self._wanted = ""
        """Path of the instance that was asked for last; what comes for another is out of date."""
        self._following = True
        """Whether the tree's cursor goes where the image goes."""
        self._frame_wanted = 1
        self._frame_shown = 1
        self._milliseconds = 0.0
        self._series = ""
        self._order = "file"
        self._notes: tuple[str, ...] = ()
        """What could not be used as written in the frame that is shown."""
        self._player: Player | None = None

    def compose(self) -> ComposeResult:
        """Put two lines below the panes."""
        yield self.panes
        yield self._status
        yield self._hints

    def on_mount(self) -> None:
        """Go on once the frames are painted: an empty screen shows sooner than all that fills it."""
        self.call_after_refresh(self._start)

    async def _start(self) -> None:
        from dicomtui.tui.screens.filling import Filler
        from dicomtui.tui.screens.loading import Loader
        from dicomtui.tui.screens.stacks import Stacks
        from dicomtui.tui.widgets.image_view import ImageView
        from dicomtui.tui.widgets.tag_table import TagTable

        self._loader = Loader(self.post_message, self._settings.cache_mib << 20)
        self._tags, self.image = TagTable(), ImageView(self._settings.presets)
        self._stacks = Stacks(self._tree.root)
        run = partial(self.run_worker, thread=True, exit_on_error=False)
        self._filler = Filler(self._tree, self.post_message, run)
        title = self._filler.start(self._paths)
        await self.panes.fill(self._tags, self.image)
        self.panes.pane("tree").set_title(_tail(_short(title)))
        if len(self._paths) == 1 and os.path.isfile(self._paths[0]):
            first = os.path.abspath(self._paths[0])
            if not self._filler.shows_as_tree(first):
                self._open(first)
        self.set_interval(PLAY_SECONDS, self._play)
        self._gate.open()

    def on_unmount(self) -> None:
        """Let the threads end."""
        if hasattr(self, "_filler"):
            self._filler.stopped = True

    # --- the tree fills ---

    def on_listed(self, event: "Listed") -> None:
        """Show the rows of a folder or DICOMDIR."""
        self._filler.listed(event)
        self._stacks.headers_changed()
        self._place_cursor()

    def on_found(self, event: "Found") -> None:
        """Show what files are, and the first instance."""
        first = self._filler.found(event)
        self._stacks.headers_changed()
        self._status.busy = self._filler.progress(event)
        if first is not None and not self._wanted:
            self._open_node(first)
        elif not self._filler.searching and not self._wanted:
            self.image.show_card([("", "No instance found here. l opens a folder, q quits.")])
        self._show_status()

    def on_tree_pane_children_wanted(self, event: TreePane.ChildrenWanted) -> None:
        """List a folder that was expanded."""
        self._filler.fill(event.node)

    def action_rescan(self) -> None:
        """Read the folder or DICOMDIR under the cursor again."""
        node = self._tree.node
        place = node if node is not None and node.path and node.expandable else node and node.parent
        while place is not None and place.kind is Kind.RECORD:
            place = place.parent
        self._filler.fill(place or self._tree.root)

    # --- an instance is opened ---

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Show the instance that the cursor came to."""
        node = self._tree.node
        if event.sender is self._tree and node is not None:
            if node.path != self._wanted:
                self._following = False
                self._stop()
            self._open_node(node)

    def on_tree_pane_chosen(self, event: TreePane.Chosen) -> None:
        """Go to the picture of an instance."""
        self._open_node(event.node)
        self.panes.focus_pane("image")

    def _open_node(self, node: Node) -> None:
        if node.path == self._wanted or (node.expandable and node.kind is not Kind.DICOMDIR):
            return
        if node.kind is Kind.OTHER or node.path is None:
            self._wanted, self._opened = node.path or "", None
            self.image.show_card([("", safe_line(f"{node.label}: {node.detail or 'nothing to show'}"))])
            self._tags.show([])
            self._show_status()
            return
        if node.header is None and node.parent is not None and node.parent.kind is Kind.RECORD:
            siblings = node.parent.children or []
            self._filler.look_into(node.parent, [sibling for sibling in siblings if sibling.header is None])
        self._open(node.path)

    def _open(self, path: str) -> None:
        """Have *path* and its first frame read, unless something newer is wanted by then."""
        neighbours = self._neighbours(path)
        self._wanted, self._frame_wanted = path, 1
        self._loader.open(path, neighbours)

    def _neighbours(self, path: str) -> list[str]:
        """Return the instances that a next step would show, the likeliest first."""
        stack = self._stacks.of(path)
        at = stack.index(path)
        backwards = self._wanted in stack and stack.index(self._wanted) > at
        order = (at - 1, at + 1) if backwards else (at + 1, at - 1)
        return [stack[number] for number in order if 0 <= number < len(stack)]

    def on_instance_opened(self, event: "InstanceOpened") -> None:
        """Show the attributes; for an object without a picture, its card."""
        opened = event.opened
        if opened.path != self._wanted:
            return
        self._opened, self._frame_shown = opened, 1
        self._order, self._notes = next(iter(opened.orders), "file"), ()
        self._tags.show(opened.elements)
        if opened.rendering is None:
            self._show_card(opened, opened.reason)
        self._show_status()

    def on_frame_ready(self, event: "FrameReady") -> None:
        """Show the frame; within a series, through the window of the one before."""
        if event.opened is not self._opened or event.position != self._frame_wanted:
            return
        self._frame_shown, self._milliseconds = event.position, event.milliseconds
        self._tags.show_frame(event.rows, event.number)
        if event.frame is None:
            self._show_card(event.opened, event.reason)
        else:
            series = event.opened.series or event.opened.path
            self._notes = event.frame.notes
            self.image.show_frame(event.frame, event.opened.modality, keep=series == self._series)
            self._series = series
        self._show_status()

    def _show_card(self, opened: "Opened", reason: str) -> None:
        reason = reason.removeprefix(f"{safe_line(opened.path)}: ")
        lines: list[tuple[str, str]] = [("", f"No picture: {reason}"), ("", "")] if reason else []
        for group, pairs in opened.card.items():
            if pairs:
                lines += [(group.capitalize(), ""), *pairs, ("", "")]
        self.image.show_card(lines)

    def _place_cursor(self) -> None:
        """Put the tree's cursor on the instance that was asked for, unless the user moved it elsewhere."""
        at = self._tree.node
        if self._following and self._wanted and (at is None or at.path != self._wanted):
            node = self._stacks.find(self._wanted)
            if node is not None:
                self._tree.put_cursor(node)

    # --- stepping ---

    def _frame_at(self, opened: "Opened", position: int) -> int:
        """Return the frame of the file that stands at *position* in the order that is shown."""
        order = opened.orders.get(self._order)
        return order[position - 1] if order and 1 <= position <= len(order) else position

    def on_image_view_order_wanted(self) -> None:
        """Go on to the next order of frames, staying at the frame that is shown."""
        opened = self._opened
        names = list(opened.orders) if opened is not None else []
        if opened is None or len(names) < 2:
            self.notify("The frames have one order only.", timeout=3, markup=False)
            return
        frame = self._frame_at(opened, self._frame_wanted)
        self._order = names[(names.index(self._order) + 1) % len(names)]
        self._frame_wanted = self._frame_shown = opened.orders[self._order].index(frame) + 1
        self._show_status()

    def on_image_view_played(self, event: "ImageView.Played") -> None:
        """Play, stop, or change the speed."""
        from dicomtui.imaging.cine import Timing
        from dicomtui.tui.player import Player

        now, opened = time.monotonic(), self._opened
        if event.steps and self._player is not None:
            self._player.change_speed(event.steps, now)
        elif self._player is not None:
            self._stop()
        elif opened is not None and not event.steps:
            count, at = self._sequence(opened)
            if count > 1:
                order = opened.orders.get(self._order) or range(1, count + 1)
                self._player = Player(opened.timing or Timing(), order, at, now)
        self._show_status()

    def _sequence(self, opened: "Opened") -> tuple[int, int]:
        """Return how many frames or instances are stepped through, and the one that was asked for."""
        if opened.rendering is not None and opened.rendering.frames > 1:
            return opened.rendering.frames, self._frame_wanted
        stack = self._stacks.of(self._wanted)
        return len(stack), stack.index(self._wanted) + 1

    def _play(self) -> None:
        """Show what is due, once what was asked for before is there."""
        opened, player = self._opened, self._player
        if player is None or opened is None or not self.is_current:
            return
        if opened.path == self._wanted and self._frame_shown == self._frame_wanted:
            count, at = self._sequence(opened)
            number = min(player.number_at(time.monotonic()), count)
            if number != at:
                self._show_number(opened, number)

    def _stop(self) -> None:
        self._player = None

    def on_image_view_stepped(self, event: "ImageView.Stepped") -> None:
        """Go to another frame, or to another instance of the stack."""
        opened = self._opened
        if opened is None:
            return
        self._stop()
        count, at = self._sequence(opened)
        wanted = count if event.last else event.number or at + event.step
        number = max(1, min(wanted, count))
        if number != at:
            self._show_number(opened, number)

    def _show_number(self, opened: "Opened", number: int) -> None:
        if opened.rendering is not None and opened.rendering.frames > 1:
            self._frame_wanted = number
            around = (at for at in (number + 1, number - 1) if 1 <= at <= opened.rendering.frames)
            ahead = [self._frame_at(opened, at) for at in around]
            self._loader.decode(opened, number, self._frame_at(opened, number), ahead)
        else:
            self._go_to(self._stacks.of(self._wanted)[number - 1])

    def action_step_instance(self, step: int) -> None:
        """Go to the next instance of the folder, or the previous one, series after series."""
        self._go_on(self._stacks.step_instance(self._wanted, step))

    def action_step_series(self, step: int) -> None:
        """Go to the first instance of the next series of the folder, or the previous one."""
        self._go_on(self._stacks.step_series(self._wanted, step))

    def _go_on(self, path: str) -> None:
        if not path or path == self._wanted:
            self.notify("There is nothing further here: open another folder.", timeout=3, markup=False)
        else:
            self._go_to(path)

    def _go_to(self, path: str) -> None:
        if path and path != self._wanted:
            self._open(path)
            self._following = True
            self._place_cursor()

    # --- panes ---

    def on_descendant_focus(self) -> None:
        """Show the hints of the pane that has the focus."""
        self._hints.pane = self.panes.focused

    def action_focus_pane(self, name: str) -> None:
        """Go to a pane."""
        self.panes.focus_pane(name)

    def action_next_pane(self, step: int) -> None:
        """Go to the next pane, or the previous one."""
        self.panes.step(step)

    def action_zoom_pane(self) -> None:
        """Give the focused pane the whole screen, or put it back."""
        self.panes.zoom()

    def action_toggle_tree(self) -> None:
        """Hide or show the tree."""
        self.panes.toggle_tree()

    def action_back(self) -> None:
        """Go one level back; never quit."""
        focused = self.focused
        if self._player is not None:
            self._stop()
            self._show_status()
            return
        if self.image.leave_window_mode():
            return
        if isinstance(focused, LineList) and focused.query_text:
            focused.search("")
        elif self.panes.zoomed:
            self.panes.unzoom()
        elif not self.panes.has_class("no-tree"):
            self.panes.focus_pane("tree")

    def on_tag_table_value_wanted(self, event: "TagTable.ValueWanted") -> None:
        """Show a whole value."""
        from dicomtui.tui.screens.value import value_screen

        self.app.push_screen(value_screen(event.element))

    # --- status ---

    def on_key(self) -> None:
        """Take the welcome away."""
        self._hints.welcome = ""

    def on_image_view_changed(self) -> None:
        """Show window, zoom and frame."""
        self._hints.note = WINDOW_HINT if self.image.window_mode else ""
        self._show_status()

    def _show_status(self) -> None:
        opened = self._opened
        if opened is None:
            self._status.left, self._status.right = _short(self._wanted), ""
            self.panes.pane("image").set_title("")
            return
        name, said = _short(opened.path), (*opened.warnings, *self._notes)
        more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
        self._status.left = f"{os.path.basename(name)}: {said[0]}{more}" if said else name
        self._status.keep_end = not said
        frames = opened.rendering.frames if opened.rendering else 0
        stack = self._stacks.of(opened.path) if frames <= 1 else []
        place = f"frame {self._frame_shown}/{frames}" if frames > 1 else ""
        if frames > 1 and len(opened.orders) > 1:
            place += f" by {self._order}"
        playing = self._player.text if self._player is not None else ""
        if len(stack) > 1:
            place = f"image {stack.index(opened.path) + 1}/{len(stack)}"
        spent = f"{self._milliseconds:.0f} ms" if frames else ""
        parts = (playing, place, self.image.window_text, self.image.zoom_text, spent)
        self._status.right = "  ".join(part for part in parts if part)
        self.panes.pane("image").set_title("  ".join(filter(None, (place, self.image.place_text))))


def _tail(path: str, limit: int = 40) -> str:
    """Return the last parts of a path that fit."""
    while len(path) > limit and os.sep in path.strip(f"…{os.sep}"):
        path = f"…{os.sep}" + path.lstrip(f"…{os.sep}").partition(os.sep)[2]
    return path


def _short(path: str) -> str:
    """Return a path with the home folder as ``~``."""
    home = os.path.expanduser("~")
    return "~" + path[len(home) :] if path.startswith(home + os.sep) else path
