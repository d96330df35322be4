"""The form in which a de-identification is described."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

from textual.widget import Widget

from dicomtui.deidentify.keys import key_path
from dicomtui.deidentify.options import (
    OPTION_TEXTS,
    PRESET_TEXTS,
    PRESETS,
    Dates,
    DeidentifyOptions,
    Rectangle,
)
from dicomtui.tui.widgets.form import Form
from dicomtui.tui.widgets.form_lines import CheckLine, ChoiceLine, TextLine
from dicomtui.wording import path_text

_CHECKS = (
    ("retain_uids", "Keep", "UIDs"),
    ("retain_device_identity", "", "device identity"),
    ("retain_institution_identity", "", "institution identity"),
    ("retain_patient_characteristics", "", "patient characteristics"),
    ("retain_safe_private", "", "safe private elements"),
    ("clean_descriptors", "Keep cleaned", "descriptors"),
    ("clean_structured_content", "", "structured content"),
    ("clean_graphics", "", "graphics"),
)
"""Options with a box: field, name of their group, what they are called."""
_KEYS = {
    "key file": "the same patient gets the same new IDs in every run; your key is kept in {}",
    "project": "a key of the project's own, made of yours: what two projects get cannot be joined",
    "forget": "a new key that is forgotten after this: nobody, nor you, can make the same IDs again",
}
_RECTANGLE = re.compile(r"\s*(\d{1,9})\s*,\s*(\d{1,9})\s*,\s*(\d{1,9})\s*,\s*(\d{1,9})\s*")


@dataclass(frozen=True)
class Choices:
    """What was chosen."""

    options: DeidentifyOptions = field(default_factory=lambda: next(iter(PRESETS.values())))
    output: str = ""
    key: str = "key file"
    """``key file``, ``project`` or ``forget``."""
    project: str = ""
    dicomdir: bool = False


def rectangles_of(text: str) -> tuple[Rectangle, ...]:
    """Return the rectangles of a text such as ``0,0,512,40; 0,480,512,512``.

    Raises
    ------
    ValueError
        If one of them is none; the message says which and why.
    """
    found = []
    for number, part in enumerate(filter(str.strip, text.split(";")), start=1):
        match = _RECTANGLE.fullmatch(part)
        if match is None:
            raise ValueError(f"rectangle {number}: four numbers are needed: left, top, right, bottom")
        rectangle = Rectangle(*map(int, match.groups()))
        if rectangle.right <= rectangle.left or rectangle.bottom <= rectangle.top:
            raise ValueError(f"rectangle {number}: right and bottom must be beyond left and top")
        found.append(rectangle)
    return tuple(found)


class ChoicesForm(Form):
    """Lines for all that can be chosen.

    Parameters
    ----------
    choices : Choices
        What is chosen at first.
    """

    groups = ("dates", "retain_uids", "clean_descriptors", "blank", "output", "key")

    def __init__(self, choices: Choices) -> None:
        super().__init__(id="form")
        options = choices.options
        self._preset = ChoiceLine("preset", "Preset", tuple(PRESETS))
        self._dates = ChoiceLine("dates", "Dates", ("removed", "shifted", "kept"), options.dates)
        self._checks = {
            name: CheckLine(name, label, meaning, checked=getattr(options, name))
            for name, label, meaning in _CHECKS
        }
        self._risk = CheckLine(
            "allow_pixel_risk", "", "write what may show the patient", checked=options.allow_pixel_risk
        )
        rectangles = "; ".join(",".join(map(str, rectangle)) for rectangle in options.blank)
        self._blank = TextLine("blank", "Make black", rectangles, "left,top,right,bottom; ...")
        self._output = TextLine("output", "Output folder", choices.output, "a new or empty folder")
        self._dicomdir = CheckLine("dicomdir", "", "with a DICOMDIR", checked=choices.dicomdir)
        self._key = ChoiceLine("key", "Key", tuple(_KEYS), choices.key)
        self._project = TextLine("project", "", choices.project, "name of the project")
        self._project.display = choices.key == "project"

    def lines(self) -> Iterator[Widget]:
        """Yield the lines."""
        yield self._preset
        yield self._dates
        yield from self._checks.values()
        yield self._blank
        yield self._risk
        yield self._output
        yield self._dicomdir
        yield self._key
        yield self._project

    def on_mount(self) -> None:
        """Say whether it is a preset."""
        self.follow("")

    # --- what is chosen ---

    @property
    def choices(self) -> Choices:
        """What the lines say; rectangles that make no sense are none: see :meth:`mistake`."""
        try:
            blank = rectangles_of(self._blank.value)
        except ValueError:
            blank = ()
        options = DeidentifyOptions(
            dates=cast("Dates", self._dates.chosen),
            blank=blank,
            allow_pixel_risk=self._risk.checked,
            **{name: line.checked for name, line in self._checks.items()},
        )
        project = self._project.value
        return Choices(options, self._output.value, self._key.chosen, project, self._dicomdir.checked)

    def mistake(self) -> tuple[str, str]:
        """Return the line that makes no sense and why, or two times nothing."""
        try:
            rectangles_of(self._blank.value)
        except ValueError as error:
            return "blank", str(error)
        if self._key.chosen == "project" and not self._project.value:
            return "project", "give the project a name, or choose another key"
        return "", ""

    def follow(self, name: str) -> None:
        """Bring the lines in step after the one called *name* was changed."""
        if name == "preset":
            options = PRESETS[self._preset.chosen]
            for field_name, line in self._checks.items():
                line.checked = getattr(options, field_name)
            self._dates.chosen, self._risk.checked = options.dates, options.allow_pixel_risk
        elif not name:
            same = (preset for preset, options in PRESETS.items() if options == self.choices.options)
            self._preset.chosen = next(same, self._preset.chosen)
        self._preset.remark = "" if self.choices.options == PRESETS[self._preset.chosen] else "changed"
        self._project.display = self._key.chosen == "project"

    def offer_dicomdir(self) -> None:
        """Check the box for a DICOMDIR."""
        self._dicomdir.checked = True

    # --- lines ---

    def explanation(self, name: str) -> str:
        """Return what a line is about, as a sentence."""
        match name:
            case "preset":
                text = PRESET_TEXTS[self._preset.chosen]
                return f"{text}; changed below" if self._preset.remark else text
            case "key":
                return _KEYS[self._key.chosen].format(path_text(key_path()))
            case "project":
                return "a name that nobody else needs to know; the same name makes the same key"
            case "dicomdir":
                return "a DICOMDIR for what is written, whose files have names of 8 characters"
            case "output":
                return "a new or empty folder; files and folders in it are named by new UIDs"
        return OPTION_TEXTS.get(name, "")
