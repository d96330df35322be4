"""The steps that a frame is processed by, below the picture, which follows every change."""

from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from dicomtui.imaging.processing import Chain, Step
from dicomtui.tui.widgets.line_list import LineList
from dicomtui.tui.widgets.number_steps import stepped

if TYPE_CHECKING:
    from collections.abc import Sequence

    from dicomtui.imaging.processing_steps import Kind

KEYS = "steps: + -  Space on/off  h l Enter value  J K move  S save O open  V mm³  Esc back"
_LEAST, _SHARE = 3, 0.4
"""Lines that it has at least, and the part of the pane that it has at most: the picture stays in view."""


class _Row(NamedTuple):
    """A line: a step, one of its numbers (``number`` from 0), or a sentence (without a step)."""

    step: int | None
    number: int | None = None
    text: str = ""


class ProcessingFrame(Vertical):
    """A line with the keys, and the panel below it."""

    def __init__(self, panel: "ProcessingPanel") -> None:
        super().__init__(panel)
        self.border_title = Content("Processing")

    def fit(self, lines: int) -> None:
        """Take room for so many lines, but leave the picture its part of the pane."""
        around = self.parent.size.height if isinstance(self.parent, Vertical) else 0
        self.styles.height = min(lines, max(_LEAST, int(around * _SHARE))) + 1


class ProcessingPanel(LineList):
    """A chain to be changed by keys.

    Parameters
    ----------
    chain : Chain
        What it begins with.
    span : tuple of float
        The least and the largest value of the frame: numbers without limits of their own move within it.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "switch", show=False),
        Binding("L", "change(10)", show=False),
        Binding("H", "change(-10)", show=False),
        Binding("J", "reorder(1)", show=False),
        Binding("K", "reorder(-1)", show=False),
        Binding("plus", "add", show=False),
        Binding("minus,delete", "remove", show=False),
        Binding("0", "default", show=False),
        Binding("S", "save", show=False),
        Binding("O", "open_saved", show=False),
        Binding("V", "measure_stack", show=False),
        Binding("escape,P", "leave", show=False),
    ]

    class Changed(Message):
        """The user changed the chain."""

        def __init__(self, chain: Chain) -> None:
            super().__init__()
            self.chain = chain

    class Wanted(Message):
        """The user wants what asks further: ``add``, ``number``, ``save``, ``open``, ``stack``, ``leave``."""

        def __init__(self, what: str) -> None:
            super().__init__()
            self.what = what

    def __init__(self, chain: Chain, span: tuple[float, float]) -> None:
        super().__init__()
        self.chain, self.span = chain, span
        self._regions: Sequence[str] = ()

    # --- its lines ---

    def _rows(self) -> list[_Row]:
        rows = [
            row
            for at, step in enumerate(self.chain.steps)
            for row in (_Row(at), *(_Row(at, number) for number in range(len(step.numbers))))
        ]
        rows.append(_Row(None, text="+ add a step"))
        return [*rows, *(_Row(None, text=f"  {text}") for text in self._regions)]

    def row_count(self) -> int:
        """Return the number of lines."""
        return len(self._rows())

    def row(self, index: int, width: int) -> list[Segment]:
        """Return a step with its box, a number with what it means, or a sentence."""
        row = self._rows()[index]
        dim = self.styling.dim
        if row.step is None:
            return [Segment(f" {row.text}")]
        step = self.chain.steps[row.step]
        if row.number is None:
            box = f" [{'x' if step.is_on else ' '}] {row.step + 1} "
            return [
                Segment(f"{box}{step.kind.name:<12}", Style(bold=step.is_on)),
                Segment(step.kind.text, dim),
            ]
        parameter, number = step.kind.parameters[row.number], step.numbers[row.number]
        shown = "no limit" if abs(number) >= 1e9 else f"{number:g}"
        value = f"‹ {shown} ›"
        return [Segment(f"       {parameter.name:<10}{value:<14}"), Segment(parameter.text, dim)]

    def search(self, query: str) -> None:
        """Search nothing: there are few lines."""

    def on_mount(self) -> None:
        """Take as many lines as there are."""
        self._fit()

    def on_resize(self) -> None:
        """Leave the picture its part of the pane."""
        self._fit()

    def _fit(self) -> None:
        self.rows_changed()
        if isinstance(self.parent, ProcessingFrame):
            self.parent.fit(self.row_count())

    def show_regions(self, texts: "Sequence[str]") -> None:
        """Show what is known of the regions, a line each, largest first."""
        if texts != self._regions:
            self._regions = texts
            self._fit()

    # --- changes ---

    @property
    def at(self) -> _Row:
        """The line under the cursor."""
        return self._rows()[self.cursor]

    def take(self, chain: Chain, at: int | None = None) -> None:
        """Take another chain; the cursor goes to step *at*, from 0."""
        self.chain = chain
        self._fit()
        if at is not None:
            self.cursor = next((n for n, row in enumerate(self._rows()) if row.step == at), 0)
        self.refresh()
        self.post_message(self.Changed(chain))

    def add(self, kind: "Kind", numbers: "Sequence[float]" = ()) -> None:
        """Put a step behind the one under the cursor."""
        step = Step(kind, tuple(numbers)) if numbers else Step.of(kind)
        steps = list(self.chain.steps)
        at = len(steps) if self.at.step is None else self.at.step + 1
        steps.insert(at, step)
        self.take(Chain(tuple(steps)), at)

    def set_number(self, number: float) -> None:
        """Give the number under the cursor a value within its limits."""
        row = self.at
        if row.step is None or row.number is None:
            return
        step = self.chain.steps[row.step]
        parameter = step.kind.parameters[row.number]
        number = min(max(number, parameter.least), parameter.largest)
        numbers = list(step.numbers)
        numbers[row.number] = float(round(number)) if parameter.whole else number
        self._put(row.step, replace(step, numbers=tuple(numbers)))

    def _put(self, at: int, step: Step) -> None:
        steps = list(self.chain.steps)
        if steps[at] != step:
            steps[at] = step
            self.take(Chain(tuple(steps)))

    def action_change(self, times: int) -> None:
        """Change the number under the cursor, or switch the step on (up) or off (down)."""
        row = self.at
        if row.step is None:
            return
        step = self.chain.steps[row.step]
        if row.number is None:
            self._put(row.step, replace(step, is_on=times > 0))
            return
        parameter = step.kind.parameters[row.number]
        self.set_number(stepped(step.numbers[row.number], parameter, times * self.take_count(), self.span))

    def action_expand(self) -> None:
        """Raise the number."""
        self.action_change(1)

    def action_collapse(self) -> None:
        """Lower the number."""
        self.action_change(-1)

    def action_default(self) -> None:
        """Give the number its default."""
        row = self.at
        if row.step is not None and row.number is not None:
            self.set_number(self.chain.steps[row.step].kind.parameters[row.number].default)

    def action_switch(self) -> None:
        """Switch the step on or off."""
        row = self.at
        if row.step is None:
            self.action_add()
        else:
            step = self.chain.steps[row.step]
            self._put(row.step, replace(step, is_on=not step.is_on))

    def action_reorder(self, by: int) -> None:
        """Move the step up or down."""
        at, steps = self.at.step, list(self.chain.steps)
        if at is not None and 0 <= at + by < len(steps):
            steps.insert(at + by, steps.pop(at))
            self.take(Chain(tuple(steps)), at + by)

    def action_remove(self) -> None:
        """Take the step out."""
        at, steps = self.at.step, list(self.chain.steps)
        if at is not None:
            del steps[at]
            self.take(Chain(tuple(steps)), min(at, len(steps) - 1))

    # --- what asks further ---

    def action_open(self) -> None:
        """Type the number, switch the step, or add one."""
        row = self.at
        if row.number is not None:
            self.post_message(self.Wanted("number"))
        else:
            self.action_switch()

    def action_add(self) -> None:
        """Choose a step to add."""
        self.post_message(self.Wanted("add"))

    def action_save(self) -> None:
        """Keep the chain under a name."""
        self.post_message(self.Wanted("save"))

    def action_open_saved(self) -> None:
        """Take a chain that was kept."""
        self.post_message(self.Wanted("open"))

    def action_measure_stack(self) -> None:
        """Measure the regions over all planes of the series."""
        self.post_message(self.Wanted("stack"))

    def action_leave(self) -> None:
        """Go back to the picture; the chain stays."""
        self.post_message(self.Wanted("leave"))
