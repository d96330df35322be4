"""Everything that the browser offers about the folder as a whole: studies, search, values."""

import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.message import Message

from dicomtui.archive.containers import is_container, is_member, split_address
from dicomtui.tui.screens.scanning import Scanner
from dicomtui.tui.screens.studies import Studies
from dicomtui.wording import count_text, path_text

if TYPE_CHECKING:
    from textual.app import App

    from dicomtui.dataset.elements import Element
    from dicomtui.tui.screens.deidentify_choices import Choices
    from dicomtui.tui.screens.export_choices import ExportChoices
    from dicomtui.tui.screens.export_subject import OnScreen
    from dicomtui.tui.screens.jump import Jump
    from dicomtui.tui.widgets.tree_pane import TreePane

    Then = Callable[[Jump | None], None]


class Archive:
    """The scan of the folders that the browser shows, and what is made of it.

    Parameters
    ----------
    tree : TreePane
        Shows the files at first, and the studies after :meth:`switch`.
    paths : list of str
        What the browser was started on.
    post : callable
        Sends a message to the screen from a thread.
    run : callable
        Runs a function in a thread.
    keep : bool or None
        Whether indexes stay on disk; None where one is kept already.
    is_answering : callable
        Says whether somebody waits for what a key does.
    """

    def __init__(
        self,
        tree: "TreePane",
        paths: list[str],
        post: Callable[[Message], object],
        run: Callable[[Callable[[], None]], object],
        keep: bool | None,
        is_answering: Callable[[], bool],
    ) -> None:
        self._tree, self._files = tree, tree.root
        self._roots = [_root(path) for path in paths]
        self.scanner = Scanner(self._roots, post, keep, is_answering)
        self.studies = Studies(tree, post, run, lambda: self.scanner.indexes)
        self._last_choices: Choices | None = None
        self._last_chosen: list[str] = []
        """The paths that were de-identified last: a run over them that was stopped may be gone on with."""
        self._last_export: ExportChoices | None = None

    @property
    def shown(self) -> bool:
        """Whether the tree shows studies."""
        return self._tree.root is self.studies.root

    def switch(self) -> None:
        """Show the studies, or the files again."""
        self.scanner.start()
        self._tree.show_tree(self._files if self.shown else self.studies.root)

    def ask_order(self, app: "App[None]") -> None:
        """Let the user choose the order of the studies."""
        from dicomtui.tui.screens.menu import MenuScreen
        from dicomtui.tui.screens.study_orders import ORDERS

        def sort(choice: int | None) -> None:
            if choice is not None:
                self.studies.sort(choice)

        app.push_screen(MenuScreen("Order", [order.name for order in ORDERS], self.studies.order), sort)

    def show_card(self, app: "App[None]", shown: str, pinned: Sequence[tuple[str, str]]) -> None:
        """Show what is known of the row under the cursor, and what is pinned if it is the one *shown*."""
        from dicomtui.tui.screens.reader import page_width
        from dicomtui.tui.screens.study_card import card_screen

        node = self._tree.node
        if node is not None:
            width = page_width(app.size.width)
            app.push_screen(card_screen(node, width, pinned if node.path == shown else ()))

    def find(self, app: "App[None]", then: "Then") -> None:
        """Let the user find instances by their attributes."""
        from dicomtui.tui.screens.find import find_screen

        self.scanner.start()
        app.push_screen(find_screen(app, self.scanner), then)

    def show_values(self, app: "App[None]", element: "Element", then: "Then") -> None:
        """Show the values of an attribute in all instances."""
        from dicomtui.tui.screens.values_screen import ValuesScreen

        self.scanner.start()
        attribute = element.keyword or f"{element.tag:08x}"
        app.push_screen(ValuesScreen(self.scanner, attribute, element.name), then)

    def deidentify(self, app: "App[None]", then: "Then") -> None:
        """De-identify the marked rows, or the one under the cursor."""
        from dicomtui.tui.screens.chosen import chosen
        from dicomtui.tui.screens.deidentify import DeidentifyScreen

        what = chosen(self._tree.marked(), self._tree.node, self.scanner.indexes)
        if what.is_empty:
            app.notify("Nothing to de-identify: go to a row, or mark some.", timeout=3, markup=False)
            return
        last = self._last_choices
        if last is not None and what.paths != self._last_chosen:
            last = replace(last, output="")

        def remember(choices: "Choices") -> None:
            self._last_choices, self._last_chosen = choices, what.paths

        app.push_screen(DeidentifyScreen(what, last, remember), then)

    def export(self, app: "App[None]", screen: "OnScreen", then: "Then") -> None:
        """Export what is on the screen, the marked rows, or the one under the cursor."""
        from dicomtui.tui.screens.chosen import chosen
        from dicomtui.tui.screens.export import ExportScreen
        from dicomtui.tui.screens.export_subject import Subject

        what = chosen(self._tree.marked(), self._tree.node, self.scanner.indexes)
        subject = Subject(what, screen, self._roots)
        if subject.is_empty:
            app.notify("Nothing to export: go to a row, or mark some.", timeout=3, markup=False)
            return
        app.push_screen(ExportScreen(subject, self._last_export, self._remember_export), then)

    def compare(self, app: "App[None]", shown: str, before: str) -> None:
        """Compare the instance that is shown with the marked one, or with the one that was shown before."""
        from dicomtui.tui.screens.compare import CompareScreen

        marked = [node.path for node in self._tree.marked() if node.path and node.path != shown]
        instances = [path for path in marked if not os.path.isdir(path)]
        other = instances[0] if instances else before
        if not shown or not other:
            app.notify(
                "Nothing to compare with: mark an instance, or go to another.", timeout=3, markup=False
            )
            return
        app.push_screen(CompareScreen(other, shown))

    def show_variation(self, app: "App[None]", stack: list[str], then: "Then") -> None:
        """Show what varies in the marked rows, or the one under the cursor: of an instance, in its stack."""
        from dicomtui.tui.screens.chosen import chosen
        from dicomtui.tui.screens.variation import VariationScreen

        what = chosen(self._tree.marked(), self._tree.node, self.scanner.indexes)
        if len(what.nodes) == 1 and what.nodes[0].path in stack:
            title = f"its stack, {count_text(len(stack), 'instance')}"
            app.push_screen(VariationScreen(title, lambda _: iter([stack])), then)
        elif what.is_empty:
            app.notify("Nothing to look at: go to a row, or mark some.", timeout=3, markup=False)
        else:
            app.push_screen(VariationScreen(what.text, what.sources), then)

    def validate(self, app: "App[None]", shown: str, then: "Then") -> None:
        """Validate the marked rows, or the one under the cursor; of an instance, that one alone."""
        from dicomtui.tui.screens.chosen import chosen
        from dicomtui.tui.screens.validation import ValidationScreen

        what = chosen(self._tree.marked(), self._tree.node, self.scanner.indexes)
        if shown and (what.is_empty or (len(what.nodes) == 1 and what.nodes[0].path == shown)):
            screen = ValidationScreen(path_text(shown).rpartition("/")[2], what.sources, single=shown)
        elif what.is_empty:
            app.notify("Nothing to validate: go to a row, or mark some.", timeout=3, markup=False)
            return
        else:
            screen = ValidationScreen(what.text, what.sources)
        app.push_screen(screen, then)

    def _remember_export(self, choices: "ExportChoices") -> None:
        self._last_export = replace(choices, overwrite=False)  # to be asked for each time

    def close(self) -> None:
        """End the scan."""
        self.scanner.close()


def _root(path: str) -> str:
    """Return what is scanned for a path: a folder, be it in a container, a container, or a file's folder."""
    if os.path.isdir(path):
        return path
    address = split_address(path)
    if address is not None:
        return address[0] if is_member(path) else path
    return path if is_container(path) else os.path.dirname(os.path.abspath(path))
