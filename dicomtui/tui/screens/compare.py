"""What is different between two instances, as rows."""

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message

from dicomtui.dataset.comparable import IGNORABLE, Ignored
from dicomtui.dataset.comparison import Difference, compare
from dicomtui.dataset.dictionary import format_tag
from dicomtui.dataset.elements import Element, Item
from dicomtui.dataset.value_difference import parts_of, whole_value
from dicomtui.errors import DecodeError, DicomTuiError
from dicomtui.text import safe_line
from dicomtui.tui.screens.dialog import Dialog
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.widgets.change_table import ChangeRow, ChangeTable
from dicomtui.tui.widgets.columns import ColumnNames
from dicomtui.tui.widgets.key_hints import KeyHints
from dicomtui.tui.widgets.table_pane import TablePane
from dicomtui.wording import path_text

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance

_SIGNS = {"removed": "-", "added": "+", "changed": "~"}
_KEYS = (
    ("Enter", "whole values"), ("/", "filter"), ("u", "UIDs"), ("p", "private"), ("t", "dates and times"),
    ("x", "pixels"), ("Esc", "back"),
)  # fmt: skip


class Compared(Message):
    """What is different is known, or why it cannot be."""

    def __init__(self, ignored: Ignored, differences: list[Difference], reason: str = "") -> None:
        super().__init__()
        self.ignored, self.differences, self.reason = ignored, differences, reason


class CompareScreen(Dialog[None], inherit_bindings=False):
    """One row for each element or item that differs; Enter shows both values in full.

    Parameters
    ----------
    old, new : str
        Paths of two instances, or addresses of members.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "back", show=False),
        Binding("u", "ignore('uids')", show=False),
        Binding("p", "ignore('private')", show=False),
        Binding("t", "ignore('dates')", show=False),
        Binding("x", "ignore('pixels')", show=False),
    ]
    AUTO_FOCUS = "ChangeTable"

    def __init__(self, old: str, new: str) -> None:
        super().__init__()
        self._old, self._new = old, new
        self._ignored = Ignored()
        self._differences: list[Difference] = []
        names = ColumnNames()
        self._table = ChangeTable(names, ("", "Attribute", "Before", "After"), 1)
        title = f"{_name(old)} against {_name(new)}"
        self._pane = TablePane(title, names, self._table, id="differences")
        self._hints = KeyHints()
        self._said = "comparing …"

    def compose(self) -> ComposeResult:
        """Put the rows into a frame."""
        yield self._pane
        yield self._hints

    def on_mount(self) -> None:
        """Begin to compare."""
        self._hints.keys = _KEYS
        self._compare()

    def _compare(self) -> None:
        self._show_counts()
        self.run_worker(partial(self._run, self._ignored), thread=True, exit_on_error=False)

    def _run(self, ignored: Ignored) -> None:
        """Compare, in a thread."""
        from dicomtui.archive.opening import open_instance
        from dicomtui.archive.recording import record_opened

        try:
            old, new = open_instance(self._old), open_instance(self._new)
            record_opened(self._old, old)
            found = compare(old, new, ignored, _same_pixels)
        except DicomTuiError as error:
            self.post_message(Compared(ignored, [], str(error)))
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one line
            self.post_message(Compared(ignored, [], f"they cannot be compared: {type(error).__name__}"))
        else:
            self.post_message(Compared(ignored, found))

    def on_compared(self, event: Compared) -> None:
        """Show what is different."""
        if event.ignored != self._ignored:
            return
        self._differences = event.differences
        self._said = safe_line(event.reason, 200) or _counted(event.differences)
        self._table.show([_row(place, difference) for place, difference in enumerate(event.differences)])
        self._show_counts()

    def _show_counts(self) -> None:
        left_out = [word for word in IGNORABLE if getattr(self._ignored, word)]
        more = f" · without {', '.join(left_out)}" if left_out else ""
        self._pane.border_subtitle = Content(f"{self._said}{more}{self._table.listed_text}")

    def on_change_table_arranged(self) -> None:
        """Say how many rows are listed."""
        self._show_counts()

    # --- keys ---

    def action_ignore(self, word: str) -> None:
        """Leave a kind of attributes out, or have it back."""
        self._ignored = self._ignored._replace(**{word: not getattr(self._ignored, word)})
        self._compare()

    def action_back(self) -> None:
        """Go one level back: the filter, the screen."""
        if self._table.query_text:
            self._table.search("")
        else:
            self.dismiss(None)

    def on_change_table_chosen(self, event: ChangeTable.Chosen) -> None:
        """Show both values in full."""
        difference = self._differences[event.row.place]
        text = "\n".join(_page(difference))
        self.app.push_screen(ReaderScreen(f"{difference.kind}: {difference.pointer}", text))


def _same_pixels(old: "Instance", new: "Instance") -> bool:
    from dicomtui.imaging.pixel_difference import same_pixels

    try:
        return same_pixels(old, new)
    except DecodeError:
        return False  # encoded otherwise, and nobody can tell


def _name(path: str) -> str:
    return safe_line(path_text(path).rpartition("/")[2], 50)


def _counted(differences: list[Difference]) -> str:
    if not differences:
        return "nothing differs"
    kinds = [difference.kind for difference in differences]
    parts = [f"{kinds.count(kind):,} {kind}" for kind in ("changed", "added", "removed") if kind in kinds]
    return ", ".join(parts)


def _row(place: int, difference: Difference) -> ChangeRow:
    old, new = difference.old, difference.new
    left = right = ""
    if old is not None and new is not None:
        parts = parts_of(old, new)
        left = ", ".join(part.old for part in parts)
        right = ", ".join(part.new for part in parts)
        if left == right and parts[0].where:
            right = f"{right} ({parts[0].where})"
        if difference.same_value and isinstance(old, Element) and isinstance(new, Element):
            left, right = f"{old.vr} {left}", f"{new.vr} {right}"
    elif old is not None:
        left = old.text
    elif new is not None:
        right = new.text
    return ChangeRow(_SIGNS[difference.kind], _label(difference), left, right, place)


def _label(difference: Difference) -> str:
    row = difference.row
    if isinstance(row, Item) or row.keyword:
        return difference.pointer
    return f"{difference.pointer} {row.name}"


def _page(difference: Difference) -> list[str]:
    """Return the lines of a page about one difference."""
    lines: list[str] = []
    for heading, row in (("before", difference.old), ("after", difference.new)):
        if row is None:
            continue
        about = f"{format_tag(row.tag)} {row.vr} {row.name}" if isinstance(row, Element) else "item"
        lines += [f"{heading}: {safe_line(about)}", *(f"  {line}" for line in _whole(row)), ""]
    if difference.old is not None and difference.new is not None:
        for part in parts_of(difference.old, difference.new):
            if part.where:
                lines += [f"{part.where}:", f"  - {part.old}", f"  + {part.new}"]
    return lines


def _whole(row: Element | Item) -> list[str]:
    if isinstance(row, Item):
        return [safe_line(f"{element.pointer}  {whole_value(element)}") for element in row.elements]
    return [safe_line(whole_value(row), 1 << 16)]
