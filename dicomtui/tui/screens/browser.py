"""The browser: tree, attributes and image of the instance under the cursor."""

import os
from functools import partial
from typing import TYPE_CHECKING, cast

from textual._styles_cache import StylesCache
from textual.app import ComposeResult

from dicomtui.access_log import record
from dicomtui.keys import ANYWHERE
from dicomtui.text import safe_line
from dicomtui.tui.bindings import bindings
from dicomtui.tui.paint_clock import PaintClock
from dicomtui.tui.screens.at_rest import AtRest
from dicomtui.tui.screens.below import LaidOutOnce
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.nodes import Kind, Node
from dicomtui.tui.widgets.panes import Panes
from dicomtui.tui.widgets.status_line import HintLine, StatusLine
from dicomtui.tui.widgets.tree_pane import TreePane
from dicomtui.wording import path_text

if TYPE_CHECKING:
    from dicomtui.settings import Settings
    from dicomtui.tui.app import DicomTuiApp
    from dicomtui.tui.key_gate import KeyGate
    from dicomtui.tui.opening import Opened
    from dicomtui.tui.screens.archive import Archive
    from dicomtui.tui.screens.attributes import Attributes
    from dicomtui.tui.screens.corner_values import CornerValues
    from dicomtui.tui.screens.filling import Filler, Found, Listed
    from dicomtui.tui.screens.filmstrip import Filmstrips
    from dicomtui.tui.screens.jump import Jump
    from dicomtui.tui.screens.loading import FrameReady, InstanceOpened, Loader
    from dicomtui.tui.screens.processing import Processing, RegionsFound
    from dicomtui.tui.screens.reslicing import Reslicing, ReslicingTold
    from dicomtui.tui.screens.scanning import ArchiveChanged, ScanSaid, SeriesJudged
    from dicomtui.tui.screens.stacks import Stacks
    from dicomtui.tui.screens.stepping import Stepper
    from dicomtui.tui.screens.studies import SeriesListed, Studies
    from dicomtui.tui.widgets.image_view import ImageView
    from dicomtui.tui.widgets.measured import Measured
    from dicomtui.tui.widgets.picture_painter import Painter
    from dicomtui.tui.widgets.processing_panel import ProcessingPanel
    from dicomtui.tui.widgets.tag_table import TagTable


PLAY_SECONDS = 1 / 30
"""How often it is looked whether another frame is due."""
WINDOW_HINT = "window: ← → width  ↑ ↓ centre  Shift coarse  Ctrl fine  Esc done"


class BrowserScreen(LaidOutOnce[None], inherit_bindings=False):
    """Three panes over one folder, file or DICOMDIR; which instance is shown is known here."""

    BINDINGS = bindings(ANYWHERE)
    AUTO_FOCUS = "TreePane"
    BLANK = True  # nothing of it is seen

    _tags: "TagTable"
    _attributes: "Attributes"
    image: "ImageView"
    _filler: "Filler"
    _files: "Stacks"
    _archive: "Archive"
    _corners: "CornerValues"
    _loader: "Loader"
    _stepper: "Stepper"

    def __init__(
        self,
        paths: list[str],
        settings: "Settings",
        gate: "KeyGate",
        welcome: str = "",
        keep_index: bool | None = None,
    ) -> None:
        super().__init__()
        self._clock = PaintClock(partial(self.call_later, self._on_timer_update), self._may_paint)
        self._at_rest = AtRest()
        self._paths = [os.path.realpath(path) for path in paths]  # as a scan names what it finds
        self._settings, self._gate, self._keep_index = settings, gate, keep_index
        self._tree = TreePane(show_others=settings.show_other_files)
        self.panes = Panes(self._tree)
        self._status = StatusLine()
        self._hints = HintLine(settings.keys, welcome)
        self._wanted = ""
        """Path of the instance that was asked for last; what comes for another is out of date."""
        self._in_table: Opened | None = None
        """The instance whose attributes are shown: the one on the screen, or soon."""
        self._before = ""
        """Path of the instance that was shown before the one that is shown."""
        self._attribute = ""
        """The attribute to go to once that instance is shown."""
        self._following = True
        """Whether the tree's cursor goes where the image goes."""
        self._shown_in: dict[bool, str] = {}
        """What was shown when a tree was left: of the studies (True) or of the files."""
        self._milliseconds = 0.0
        self._processing: Processing | None = None
        self._reslicing: Reslicing | None = None
        self._filmstrips: Filmstrips | None = None
        self._series = ""
        self._title = self._scanning = ""
        self._notes: tuple[str, ...] = ()
        """What could not be used as written in the frame that is shown."""

    def compose(self) -> ComposeResult:
        """Put two lines below the panes."""
        yield self.panes
        yield self._status
        yield self._hints

    def on_mount(self) -> None:
        """Go on once the frames are painted: an empty screen shows sooner than all that fills it."""
        self.call_after_refresh(self._start)

    async def _start(self) -> None:
        from dicomtui.tui.screens.archive import Archive
        from dicomtui.tui.screens.attributes import Attributes
        from dicomtui.tui.screens.corner_values import CornerValues
        from dicomtui.tui.screens.filling import Filler
        from dicomtui.tui.screens.loading import Loader
        from dicomtui.tui.screens.stacks import Stacks
        from dicomtui.tui.screens.stepping import Stepper
        from dicomtui.tui.widgets.image_view import ImageView
        from dicomtui.tui.widgets.tag_table import TagTable

        self._loader = Loader(self.post_message, self._settings.cache_mib << 20)
        self._tags, self.image = TagTable(), ImageView(self._settings.presets, self._painter())
        self._attributes = Attributes(self._tags, self._settings.pins)
        image = self.image
        self._corners = CornerValues({"Window": lambda: image.window_text, "Place": self._place_text})
        image.own_corners, image.corner_value = self._settings.corners, self._corners.text
        self._files = Stacks(self._tree.root)
        self._stepper = Stepper(self._loader.decode, self._stack, self._go_to)
        run = partial(self.run_worker, thread=True, exit_on_error=False)
        self._filler = Filler(self._tree, self.post_message, run)
        self._title = _tail(path_text(self._filler.start(self._paths)))
        self._archive = Archive(
            self._tree, self._paths, self.post_message, run, self._keep_index, lambda: self._gate.is_answering
        )
        await self.panes.fill(self._tags, self.image)
        self._show_title()
        if len(self._paths) == 1 and os.path.isfile(self._paths[0]):
            first = os.path.abspath(self._paths[0])
            if not self._filler.shows_as_tree(first):
                self._open(first)
        self.set_interval(PLAY_SECONDS, self._play)
        self._gate.open()

    def _painter(self) -> "Painter":
        """Return what draws pictures: as the terminal can, and the settings say."""
        from dicomtui.picture.modes import Mode
        from dicomtui.tui.widgets.picture_painter import Painter
        from dicomtui.tui.widgets.picture_quality import Bandwidth, Quality

        app = cast("DicomTuiApp", self.app)
        painter = Painter(app.terminal, Quality(app.pacer.line, Bandwidth(self._settings.bandwidth)))
        mode = self._settings.graphics
        painter.mode = None if mode == "auto" else Mode(mode)
        if painter.graphics_mode is not None and painter.mode not in app.terminal.modes:
            painter.mode = None
            self.call_later(
                self.notify, "This terminal did not acknowledge that mode: see 'dicomtui doctor'."
            )
        return painter

    def on_screen_resume(self) -> None:
        """Draw the picture anew, as another screen may have stood over it; let go what that one drew."""
        StylesCache.get_inner_outer.cache_clear()  # of a thousand widgets, with all their lines
        if hasattr(self, "image"):
            self.image.forget_shown()

    def on_image_view_mode_changed(self) -> None:
        """Say in which mode pictures are shown now."""
        self._hints.welcome = f"Pictures are shown as {self.image.painter.mode_text}."

    def on_unmount(self) -> None:
        """Let the threads end."""
        if hasattr(self, "_filler"):
            self._filler.stopped = True
            self._archive.close()

    @property
    def _update_timer(self) -> PaintClock:  # type: ignore[override]
        """What paints this screen, instead of Textual's timer."""
        return self._clock

    def _compositor_refresh(self) -> None:
        """Paint; below another screen once, where Textual would ask for the next paint each time."""
        super()._compositor_refresh()
        if self.app.screen is not self:
            self._repaint_required = False

    # --- the tree fills ---

    def on_listed(self, event: "Listed") -> None:
        """Show the rows of a folder or DICOMDIR."""
        self._filler.listed(event)
        self._files.headers_changed()
        self._place_cursor()

    def on_found(self, event: "Found") -> None:
        """Show what files are, and the first instance."""
        first = self._filler.found(event)
        self._files.headers_changed()
        self._status.busy = self._filler.progress(event)
        if first is not None and not self._wanted:
            self._open_node(first)
        elif not self._filler.searching and not self._wanted:
            self.image.show_card([("", "No instance found here. l opens a folder, q quits.")])
        self._show_status()

    def on_tree_pane_children_wanted(self, event: TreePane.ChildrenWanted) -> None:
        """List a folder or a series that was expanded."""
        if self._archive.shown:
            self._archive.studies.fill(event.node)
        else:
            self._filler.fill(event.node)

    def action_rescan(self) -> None:
        """Read the folder or DICOMDIR under the cursor again; where studies are shown, all of them."""
        if self._archive.shown:
            self._archive.scanner.rescan()
            return
        node = self._tree.node
        place = node if node is not None and node.path and node.expandable else node and node.parent
        while place is not None and place.kind is Kind.RECORD:
            place = place.parent
        self._filler.fill(place or self._tree.root)

    # --- the archive as a whole ---

    @property
    def _stacks(self) -> "Stacks | Studies":
        """The stacks of the tree that is shown."""
        return self._archive.studies if self._archive.shown else self._files

    def action_switch_tree(self) -> None:
        """Show the studies, or the files again."""
        self._shown_in[self._archive.shown] = self._wanted
        self._archive.switch()
        self.panes.focus_pane("tree")
        self._show_title()
        if self._shown_in.get(self._archive.shown) != self._wanted:
            self._following = True
            self._place_cursor()

    def on_archive_changed(self, event: "ArchiveChanged") -> None:
        """Show the patients, studies and series that the scan has found."""
        self._archive.studies.changed(event.patients, complete=event.complete)
        self._place_cursor()

    def on_series_judged(self, event: "SeriesJudged") -> None:
        """Mark the series about which something is odd."""
        self._archive.studies.judged(event.findings)

    def on_scan_said(self, event: "ScanSaid") -> None:
        """Show a sentence about the scan until the next key."""
        self._hints.welcome = safe_line(event.sentence)

    def on_series_listed(self, event: "SeriesListed") -> None:
        """Show the instances of a series, and the one that was waited for."""
        path = self._archive.studies.listed(event)
        if path:
            self._open(path)
        self._place_cursor()

    def action_sort(self) -> None:
        """Choose the order of the studies."""
        self._archive.ask_order(self.app)

    def action_card(self) -> None:
        """Show what is known of the row under the tree's cursor; outside the tree, of the instance."""
        opened = self._stepper.opened
        if opened is None or self.panes.focused == "tree":
            path = opened.path if opened is not None else ""
            self._archive.show_card(self.app, path, self._attributes.pinned_card())
            return
        from dicomtui.tui.screens.reader import page_width
        from dicomtui.tui.screens.study_card import instance_card_screen

        width = page_width(self.app.size.width)
        pinned, groups = self._attributes.pinned_card(), self._attributes.card()
        self.app.push_screen(instance_card_screen(opened.path, width, pinned, groups))

    def action_find(self) -> None:
        """Find instances by their attributes."""
        self._archive.find(self.app, self._jump)

    def action_deidentify(self) -> None:
        """De-identify the marked rows, or the one under the tree's cursor."""
        self._archive.deidentify(self.app, self._jump)

    def action_export(self) -> None:
        """Export what is on the screen, the marked rows, or the one under the tree's cursor."""
        from dicomtui.tui.screens.export_subject import on_screen

        shown = on_screen(self._stepper, self.image, self._stack()[0])
        self._archive.export(self.app, shown, self._jump)

    def action_compare(self) -> None:
        """Compare the instance with the marked one, or with the one that was shown before."""
        shown = self._stepper.opened
        self._archive.compare(self.app, shown.path if shown is not None else "", self._before)

    def action_variation(self) -> None:
        """Show what varies in the marked rows, the one under the cursor, or the stack of its instance."""
        self._archive.show_variation(self.app, self._stack()[0] if self._wanted else [], self._jump)

    def action_validate(self) -> None:
        """Validate the instance, the marked rows, or the row under the tree's cursor."""
        shown = self._stepper.opened
        self._archive.validate(self.app, shown.path if shown is not None else "", self._jump)

    def on_tag_table_values_wanted(self, event: "TagTable.ValuesWanted") -> None:
        """Show the values of an attribute in all instances."""
        self._archive.show_values(self.app, event.element, self._jump)

    def _jump(self, jump: "Jump | None") -> None:
        """Go to an instance and an attribute that were found."""
        if jump is None:
            return
        if not self._archive.shown and self._files.find(jump.path) is None:
            self.action_switch_tree()
        self._attribute = jump.attribute
        if jump.path != self._wanted:
            self._go_to(jump.path)
        elif self._stepper.opened is not None:
            self._tags.reveal(self._attribute)
        self.panes.focus_pane("attributes")

    def on_tree_pane_marks_changed(self) -> None:
        """Say how many rows are marked."""
        self._show_title()

    def _show_title(self) -> None:
        marked = self._tree.marks
        self.panes.pane("tree").rename("Studies" if self._archive.shown else "Files")
        self.panes.pane("tree").set_title(
            "  ".join(filter(None, (self._scanning or self._title, f"{marked} marked" if marked else "")))
        )

    # --- an instance is opened ---

    def on_line_list_moved(self, event: LineList.Moved) -> None:
        """Show the instance that the cursor came to."""
        node = self._tree.node
        if event.sender is self._tree and node is not None:
            if node.path != self._wanted:
                self._following = False
                self._stepper.stop()
            self._open_node(node)

    def on_tree_pane_chosen(self, event: TreePane.Chosen) -> None:
        """Go to the picture of an instance."""
        self._open_node(event.node)
        self.panes.focus_pane("image")

    def _open_node(self, node: Node) -> None:
        if node.about is not None:
            path = self._archive.studies.preview(node)
            if path and path != self._wanted:
                self._open(path)
            return
        if node.path == self._wanted or (node.expandable and node.kind is not Kind.DICOMDIR):
            return
        if node.kind is Kind.OTHER or node.path is None:
            self._wanted = node.path or ""
            self._stepper.show(None)
            self.image.show_card([("", safe_line(f"{node.label}: {node.detail or 'nothing to show'}"))])
            self._in_table = None
            self._attributes.show(None)
            self._show_status()
            return
        if node.header is None and node.parent is not None and node.parent.kind is Kind.RECORD:
            siblings = node.parent.children or []
            self._filler.look_into(node.parent, [sibling for sibling in siblings if sibling.header is None])
        self._open(node.path)

    def _open(self, path: str) -> None:
        """Have *path* and its first frame read, unless something newer is wanted by then."""
        neighbours = self._neighbours(path)
        self._wanted, self._stepper.wanted = path, 1
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
        if self._stepper.opened is not None and self._stepper.opened.path != opened.path:
            self._before = self._stepper.opened.path
        self._stepper.show(opened)
        if self._filmstrips is not None:
            self._filmstrips.end(opened.path)
        record("opened", opened.path, opened.sop_instance)
        self._notes = ()
        self._at_rest.do(partial(self._show_attributes, opened), at_once=self._may_dawdle)
        if opened.rendering is None:
            self._show_card(opened, opened.reason)
        self._place_cursor()
        self._show_status()

    def _show_attributes(self, opened: "Opened") -> None:
        if opened is not self._stepper.opened or opened is self._in_table:
            return
        self._in_table = opened
        self._attributes.show(opened)
        if self._attribute:
            self._tags.reveal(self._attribute)
            self._attribute = ""

    def _show_frame_attributes(self, ready: "FrameReady") -> None:
        self._show_attributes(ready.opened)
        if ready.opened is self._in_table:
            self._attributes.show_frame(ready.rows, ready.number)

    @property
    def _may_dawdle(self) -> bool:
        """Whether the line has room for more than pictures."""
        return not self._stepper.playing and not self.image.painter.is_thin

    def on_frame_ready(self, event: "FrameReady") -> None:
        """Show the frame; within a series, through the window of the one before."""
        if event.opened is not self._stepper.opened or event.position != self._stepper.wanted:
            return
        self._stepper.shown, self._milliseconds = event.position, event.milliseconds
        self._at_rest.do(partial(self._show_frame_attributes, event), at_once=self._may_dawdle)
        if event.frame is None:
            self._show_card(event.opened, event.reason)
        else:
            if self._reslicing is not None:
                self._reslicing.end()
            if self._filmstrips is not None:
                self._filmstrips.end(event.opened.path, event.position)
            series = event.opened.series or event.opened.path
            self._notes = event.frame.notes
            self.image.subject = event.opened.path, event.number
            self._corners.show(event.opened, event.rows)
            self.image.show_frame(event.frame, event.opened.modality, keep=series == self._series)
            self._series = series
        self._show_status()

    def _show_card(self, opened: "Opened", reason: str) -> None:
        reason = reason.removeprefix(f"{safe_line(opened.path)}: ")
        lines: list[tuple[str, str]] = [("", f"No picture: {reason}"), ("", "")] if reason else []
        for group, pairs in self._attributes.card().items():
            if pairs:
                lines += [(group.capitalize(), ""), *pairs, ("", "")]
        self.image.show_card(lines)

    def _place_cursor(self) -> None:
        """Put the tree's cursor on the instance that was asked for, unless the user moved it elsewhere."""
        at, opened = self._tree.node, self._stepper.opened
        if self._following and self._wanted and (at is None or at.path != self._wanted):
            node = self._stacks.find(self._wanted)
            if node is not None:
                self._tree.put_cursor(node)
            elif self._archive.shown and opened is not None and opened.path == self._wanted:
                self._archive.studies.reveal(opened.series)  # comes back once it is listed

    # --- stepping ---

    def _stack(self) -> tuple[list[str], int]:
        """Return the stack of the instance that was asked for, and where in it that stands, from 1."""
        paths = self._stacks.of(self._wanted)
        return paths, paths.index(self._wanted) + 1

    def on_image_view_order_wanted(self) -> None:
        """Go on to the next order of frames."""
        if not self._stepper.next_order():
            self.notify("The frames have one order only.", timeout=3, markup=False)
        self._show_status()

    def on_image_view_filmstrip_wanted(self) -> None:
        """Show all frames or instances, small."""
        from dicomtui.tui.screens.filmstrip import Filmstrips

        if self._filmstrips is None:
            self._filmstrips = Filmstrips(self.image, self._stepper, self._stack)
        if not self._filmstrips.begin():
            self.notify("There is one picture only.", timeout=3, markup=False)
        self._show_status()

    def on_image_view_played(self, event: "ImageView.Played") -> None:
        """Play, stop, or change the speed."""
        self._stepper.play(event.steps, event.rate)
        self._show_status()

    def on_image_view_repeat_wanted(self) -> None:
        """Choose what comes behind the last frame."""
        self._say(f"Playing: {self._stepper.next_repeat()}.")
        self._show_status()

    def _may_paint(self) -> bool:
        """Whether the terminal has drawn what was painted before."""
        return cast("DicomTuiApp", self.app).pacer.may_send()

    def _play(self) -> None:
        """Show what is due, once what was asked for before is there."""
        opened = self._stepper.opened
        is_shown = opened is not None and opened.path == self._wanted and self.is_current
        if is_shown and self._may_paint():
            playing = self._stepper.playing
            self._stepper.tick()
            if playing and not self._stepper.playing:
                self._show_status()
        if self._archive.scanner.text != self._scanning:
            self._scanning = self._archive.scanner.text
            self._show_title()

    def on_image_view_stepped(self, event: "ImageView.Stepped") -> None:
        """Go to another frame, or to another instance of the stack."""
        if self._stepper.opened is not None:
            self._stepper.step(event.step, event.number, last=event.last)

    def action_step_instance(self, step: int) -> None:
        """Go to the next instance of the folder, or the previous one, series after series."""
        self._go_on(self._stacks.step_instance(self._wanted, step))

    def action_step_series(self, step: int) -> None:
        """Go to the first instance of the next series of the folder, or the previous one."""
        self._go_on(self._stacks.step_series(self._wanted, step))

    def _go_on(self, path: str | None) -> None:
        """Go to *path*; None comes once its series is listed."""
        if path is None:
            self._following = True
        elif not path or path == self._wanted:
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
        if hasattr(self, "image"):
            self._show_hint()

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
        if self._stepper.playing:
            self._stepper.stop()
            self._show_status()
            return
        if self.image.leave_tool() or self.image.leave_window_mode():
            return
        if isinstance(focused, LineList) and focused.query_text:
            focused.search("")
        elif self._attributes.leave_charset():
            self._show_charset()
        elif self.panes.zoomed:
            self.panes.unzoom()
        elif self._archive.scanner.running:
            self._archive.scanner.stop()
            self.notify("The scan was stopped; r goes on with it.", timeout=5, markup=False)
        elif not self.panes.has_class("no-tree"):
            self.panes.focus_pane("tree")

    def on_tag_table_value_wanted(self, event: "TagTable.ValueWanted") -> None:
        """Show a whole value."""
        from dicomtui.tui.screens.value import value_screen

        self.app.push_screen(value_screen(event.element))

    def on_tag_table_explanation_wanted(self, event: "TagTable.ExplanationWanted") -> None:
        """Show all about an element."""
        from dicomtui.tui.screens.explanation import explanation_screen
        from dicomtui.tui.screens.reader import page_width

        width = page_width(self.app.size.width)
        self.app.push_screen(explanation_screen(event.element, self._wanted, width))

    def action_next_charset(self) -> None:
        """Read texts in the next character set."""
        self._attributes.next_charset()
        self._show_charset()

    def _show_charset(self) -> None:
        opened = self._stepper.opened
        if opened is not None and opened.rendering is None:
            self._show_card(opened, opened.reason)
        self._show_status()

    def action_copy(self) -> None:
        """Copy what the next key says: of the attribute under the cursor, or of the instance."""
        from dicomtui.tui.screens.copying import CopyScreen, copied, offered, show_by_hand

        element = self._tags.element if self.panes.focused == "attributes" else None
        node = self._tree.node if self.panes.focused == "tree" else None
        choices = offered(self._stepper.opened, element, node)
        if not choices:
            self.notify("Nothing to copy: go to a row.", timeout=3, markup=False)
            return

        def copy(chosen: tuple[str, str, bool] | None) -> None:
            if chosen is None:
                return
            name, text, by_hand = chosen
            if by_hand:
                show_by_hand(self.app, name, text)
            else:
                self._hints.welcome = copied(self.app, name, text, self._settings.clipboard)

        self.app.push_screen(CopyScreen(choices), copy)

    # --- status ---

    def on_key(self) -> None:
        """Take the welcome away."""
        self._hints.welcome = ""

    # --- processing ---

    async def action_process(self) -> None:
        """Open the panel with the steps that frames are processed by."""
        if self._processing is None:
            from dicomtui.tui.screens.processing import Processing

            self._processing = Processing(self.image, self.panes.pane("image"), self._say, self._series_files)
        await self._processing.open()

    def action_reslice(self) -> None:
        """Show planes and slabs through the stack of the instance."""
        from dicomtui.tui.screens.reslicing import Reslicing

        if self._reslicing is None:
            self._reslicing = Reslicing(self.image, self.post_message, self._say)
        opened = self._stepper.opened
        if opened is not None and opened.rendering is not None:
            self._reslicing.begin(self._series_files(), opened.modality, (opened.path, self._stepper.number))

    def _series_files(self) -> list[str]:
        """Return the files of the stack, or the one that holds many frames."""
        opened = self._stepper.opened
        multiframe = opened is not None and opened.rendering is not None and opened.rendering.frames > 1
        return [self._wanted] if multiframe else self._stack()[0]

    def on_reslicing_told(self, event: "ReslicingTold") -> None:
        """Go on with planes and slabs."""
        event.go_on()

    def _say(self, sentence: str) -> None:
        self._hints.welcome = safe_line(sentence)

    def on_processing_panel_changed(self, event: "ProcessingPanel.Changed") -> None:
        """Process by the chain as it is now."""
        if self._processing is not None:
            self._processing.take(event.chain)
            self._show_status()

    async def on_processing_panel_wanted(self, event: "ProcessingPanel.Wanted") -> None:
        """Ask what the panel wants to know."""
        if self._processing is not None:
            await self._processing.ask(event.what)

    def on_regions_found(self, event: "RegionsFound") -> None:
        """Show what is known of the regions."""
        if self._processing is not None:
            self._processing.show_regions(event)

    def on_image_view_processing_failed(self, event: "ImageView.ProcessingFailed") -> None:
        """Say why the frame is shown as it is."""
        self._say(event.reason)

    def on_picture_view_changed(self) -> None:
        """Show window, zoom and frame."""
        if self._processing is not None:
            self._processing.frame_changed()
        self._show_hint()
        self._show_status()

    def _show_hint(self) -> None:
        """Say what keys do while they go elsewhere than usual."""
        processing = self._processing.hint if self._processing is not None else ""
        hint = self.image.tool.hint if self.image.tool is not None else ""
        self._hints.note = processing or (WINDOW_HINT if self.image.window_mode else hint)

    def on_image_view_measured_something(self, event: "ImageView.MeasuredSomething") -> None:
        """Say what was measured; the values along a line are plotted."""
        from dicomtui.imaging.measured_text import line_of
        from dicomtui.tui.screens.plots import ProfileScreen

        if event.found["kind"] == "profile":
            self.app.push_screen(ProfileScreen(event.found))
        else:
            self._hints.welcome = safe_line(line_of(event.found), 400)

    def on_image_view_histogram_wanted(self, event: "ImageView.HistogramWanted") -> None:
        """Show how often each value is there."""
        from dicomtui.tui.screens.plots import HistogramScreen

        self.app.push_screen(HistogramScreen(self.image, event.region))

    def on_image_view_measurements_wanted(self) -> None:
        """Show what was measured; one of them may be gone to."""
        from dicomtui.tui.screens.measurements import MeasurementsScreen

        self.app.push_screen(MeasurementsScreen(self.image.measurements), self._go_to_measurement)

    def _go_to_measurement(self, measured: "Measured | None") -> None:
        self.image.paint()  # some may have been deleted
        if measured is not None and measured.subject[0] != self._wanted:
            self._go_to(measured.subject[0])
        elif measured is not None:
            self.image.action_go_to(measured.subject[1])

    def _place_text(self) -> str:
        return self._stepper.text()

    def _show_status(self) -> None:
        opened = self._stepper.opened
        if opened is None:
            self._status.left, self._status.right = path_text(self._wanted), ""
            self.panes.pane("image").set_title("")
            return
        name = path_text(opened.path)
        said = tuple(filter(None, (*opened.warnings, *self._notes, self._attributes.note)))
        more = f" (and {len(said) - 1} more)" if len(said) > 1 else ""
        self._status.left = f"{os.path.basename(name)}: {said[0]}{more}" if said else name
        self._status.keep_end = not said
        self._status.left_first = self.image.tool is not None and not self.image.surface.is_blank
        if self.image.tool is not None and self._status.left_first:
            self._status.left, self._status.keep_end = self.image.tool.text, False
        frames, place = self._stepper.frames, self._stepper.text()
        spent = f"{self._milliseconds:.0f} ms" if frames else ""
        parts = (
            self._stepper.playing,
            f"read as {self._attributes.charset}" if self._attributes.charset else "",
            place,
            self._processing.text if self._processing is not None else "",
            self.image.window_text,
            self.image.colour_map_name if self.image.has_window else "",
            self.image.surface.zoom_text,
            spent,
            self.image.quality_text,
        )
        self._status.right = "  ".join(part for part in parts if part)
        self.panes.pane("image").set_title("  ".join(filter(None, (place, self.image.place_text))))


def _tail(path: str, limit: int = 40) -> str:
    """Return the last parts of a path that fit."""
    while len(path) > limit and os.sep in path.strip(f"…{os.sep}"):
        path = f"…{os.sep}" + path.lstrip(f"…{os.sep}").partition(os.sep)[2]
    return path
