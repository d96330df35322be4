"""The form in which an export is described: only the lines that matter for the format are shown."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

from textual.widget import Widget

from dicomtui.errors import UsageError
from dicomtui.export.formats import FORMATS
from dicomtui.export.names import Template
from dicomtui.export.options import ExportOptions
from dicomtui.export.planning import template_of
from dicomtui.export.written_choices import columns_of, sheet_of, size_of
from dicomtui.imaging.codecs import CODECS
from dicomtui.tui.screens.export_choices import (
    AS_SHOWN,
    STAGED,
    UNCHANGED,
    ExportChoices,
    missing,
    options_of,
    processable,
    syntaxes,
    usual_stage,
    windowed,
)
from dicomtui.tui.screens.export_lines import explanation
from dicomtui.tui.screens.export_subject import CHOSEN, FRAME, SAME
from dicomtui.tui.widgets.form import Form
from dicomtui.tui.widgets.form_lines import CheckLine, ChoiceLine, TextLine
from dicomtui.tui.widgets.pick_line import PickLine

if TYPE_CHECKING:
    from dicomtui.tui.screens.export_subject import Subject

_RULES = ("file", "full", "auto")


class ExportForm(Form):
    """Lines for all that can be chosen.

    Parameters
    ----------
    choices : ExportChoices
        What is chosen at first.
    subject : Subject
        What can be exported.
    """

    groups = ("window", "per", "columns", "transfer_syntax", "template", "output")

    def __init__(self, choices: ExportChoices, subject: "Subject") -> None:
        super().__init__(id="form")
        self._subject = subject
        self._format = PickLine("format", "Format", _format_texts(), choices.format)
        self._what = ChoiceLine("what", "What", (choices.what,), choices.what)
        self._per = ChoiceLine("per", "A file for each", (choices.per,), choices.per)
        stage = choices.stage or usual_stage(choices.format)
        self._stage = ChoiceLine("stage", "Values", ("display", "modality", "stored"), stage)
        self._window = ChoiceLine("window", "Window", _RULES, choices.window)
        steps = subject.screen.process.active_text if subject.screen.process is not None else ""
        self._process = CheckLine("process", "Process", f"as shown: {steps}", checked=choices.process)
        self._side = TextLine("size", "Size", choices.size, "as it is")
        self._sheet = TextLine("sheet", "Sheet", choices.sheet, "4x5")
        self._annotations = CheckLine(
            "annotations", "Draw", "overlay planes, which may show a name", checked=choices.annotations
        )
        self._metadata = CheckLine(
            "with_metadata", "Write", "attributes into the files", checked=choices.with_metadata
        )
        self._columns = TextLine("columns", "Columns", choices.columns, "what a person asks first")
        syntax = choices.transfer_syntax
        self._syntax = PickLine("transfer_syntax", "Transfer Syntax", _syntax_texts(), syntax)
        self._dicomdir = CheckLine("dicomdir", "", "with a DICOMDIR", checked=choices.dicomdir)
        self._engine = ChoiceLine("engine", "Engine", ("own", "dcm2niix"), choices.engine)
        self._template = TextLine("template", "Names", choices.template)
        self._output = TextLine("output", "Output folder", choices.output, "a folder, which is made")
        self._overwrite = CheckLine("overwrite", "", "replace files that exist", checked=choices.overwrite)
        self._wish = choices.what
        """What the user chose, also while a format has no such thing."""
        self._chose_window = bool(choices.window)
        self._usual_template = ""

    def lines(self) -> Iterator[Widget]:
        """Yield the lines."""
        yield from (self._format, self._what, self._per, self._stage, self._window, self._process)
        yield from (self._side, self._sheet)
        yield from (self._annotations, self._metadata, self._columns, self._syntax, self._dicomdir)
        yield from (self._engine, self._template, self._output, self._overwrite)

    def on_mount(self) -> None:
        """Show what matters."""
        self.follow("")

    # --- what is chosen ---

    @property
    def choices(self) -> ExportChoices:
        """What the lines say."""
        return ExportChoices(
            format=self._format.chosen,
            what=self._what.chosen,
            per=self._per.chosen,
            window=self._window.chosen,
            process=self._process.checked,
            stage=self._stage.chosen,
            size=self._side.value,
            sheet=self._sheet.value,
            annotations=self._annotations.checked,
            with_metadata=self._metadata.checked,
            columns=self._columns.value,
            transfer_syntax=self._syntax.chosen,
            dicomdir=self._dicomdir.checked,
            engine=self._engine.chosen,
            template=self._template.value,
            output=self._output.value,
            overwrite=self._overwrite.checked,
        )

    @property
    def remembered(self) -> ExportChoices:
        """The same, without what is usual: that depends on what is exported the next time."""
        choices = self.choices
        return replace(
            choices,
            what=self._wish,
            window=choices.window if self._chose_window else "",
            template="" if choices.template == self._usual_template else choices.template,
        )

    @property
    def options(self) -> ExportOptions:
        """What it means.

        Raises
        ------
        UsageError
            If a line makes no sense: see :meth:`mistake`.
        """
        choices = self.choices
        screen = self._subject.screen
        return options_of(choices, self._subject.frames(choices.what), screen.window, screen.process)

    def mistake(self) -> tuple[str, str]:
        """Return the line that makes no sense and why, or two times nothing."""
        choices = self.choices
        if pip := missing(FORMATS[choices.format].extra):
            return "format", f"{choices.format} needs a further package: {pip}"
        if self._engine.display and choices.engine == "dcm2niix" and (pip := missing("dcm2niix")):
            return "engine", f"it needs a further package: {pip}"
        checks = (
            (self._side, size_of),
            (self._sheet, sheet_of),
            (self._columns, columns_of),
            (self._template, Template.parse),
        )
        for line, check in checks:
            try:
                if line.display:
                    check(line.value)
            except UsageError as error:
                return line.name or "", str(error)
        return "", ""

    # --- which lines matter ---

    def follow(self, name: str) -> None:
        """Bring the lines in step after the one called *name* was changed."""
        if name == "window":
            self._chose_window = True
        elif name == "what":
            self._wish = self._what.chosen
        self._offer_what()
        self._offer_per(keep=name not in ("format", "what"))
        if name == "format":
            self._stage.chosen = usual_stage(self._format.chosen)
        self._offer_window()
        self._show_lines()
        self._suggest_template()

    def _offer_what(self) -> None:
        format_name = self._format.chosen
        self._what.choices = self._subject.whats(format_name)
        wishes = (self._wish, SAME.get(self._wish), self._subject.usual(format_name))
        self._what.chosen = next(wish for wish in wishes if wish in self._what.choices)

    def _offer_per(self, *, keep: bool) -> None:
        self._per.choices = self._subject.units(self._format.chosen, self._what.chosen)
        if not keep or self._per.chosen not in self._per.choices:
            self._per.chosen = self._per.choices[0]

    def _offer_window(self) -> None:
        shown = self._subject.screen.window is not None
        self._window.choices = (AS_SHOWN, *_RULES) if shown else _RULES
        if not self._chose_window or self._window.chosen not in self._window.choices:
            self._window.chosen = AS_SHOWN if shown and self._what.chosen != CHOSEN else "file"
        text = self._subject.screen.window_text
        self._window.remark = text if self._window.chosen == AS_SHOWN else ""

    def _show_lines(self) -> None:
        format, choices = FORMATS[self._format.chosen], self.choices
        drawn = format.kind in ("picture", "movie")
        as_display = format.name not in STAGED or choices.stage == "display"
        shown: dict[Widget, bool] = {
            self._per: len(self._per.choices) > 1 and choices.what != FRAME,
            self._stage: format.name in STAGED,
            self._window: windowed(format, choices.stage),
            self._process: self._subject.screen.process is not None and processable(format, choices.stage),
            self._side: drawn and as_display,
            self._sheet: format.name == "sheet",
            self._annotations: drawn and as_display,
            self._metadata: drawn,
            self._columns: format.name == "csv" and choices.per == "all",
            self._syntax: format.name == "dicom",
            self._dicomdir: format.name == "dicom",
            self._engine: format.name == "nifti",
            self._template: choices.per != "all" and not (format.name == "dicom" and choices.dicomdir),
        }
        for line, is_shown in shown.items():
            line.display = is_shown

    def _suggest_template(self) -> None:
        """Write the usual template of what is chosen into the line, unless the user has written another."""
        choices = self.choices
        usual = template_of(ExportOptions(choices.format, unit=choices.per)).text  # type: ignore[arg-type]
        if choices.template in ("", self._usual_template) and self._template.display:
            self._template.value = usual
        self._usual_template = usual

    def explanation(self, name: str) -> str:
        """Return what a line is about, as a sentence."""
        return explanation(name, self.choices, self._subject)


def _format_texts() -> list[tuple[str, str]]:
    """Return the formats with what they are, and what is to be installed."""
    return [
        (format.name, f"{format.summary}{f'; needs {pip}' if (pip := missing(format.extra)) else ''}")
        for format in FORMATS.values()
    ]


def _syntax_texts() -> list[tuple[str, str]]:
    named = [(name, CODECS[uid].name) for name, uid in syntaxes().items()]
    return [(UNCHANGED, "byte for byte"), *named]
