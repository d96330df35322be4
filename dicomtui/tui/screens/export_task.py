"""The export that was chosen, as a job; and which folders can be written to."""

import os
from typing import TYPE_CHECKING

from dicomtui.archive.recording import recorded
from dicomtui.text import safe_line
from dicomtui.wording import path_text

if TYPE_CHECKING:
    from dicomtui.export.options import ExportOptions
    from dicomtui.tui.screens.export_subject import Subject
    from dicomtui.tui.screens.job import Steps, Stop

NAME = "exported"
"""How a folder for the output is called: not after what is in it."""
_MOST = 100
"""Folders of that name that are tried."""


class ExportTask:
    """Exports what is chosen.

    Parameters
    ----------
    subject : Subject
        What can be exported.
    what : str
        Which of it is.
    options : ExportOptions
        How.
    folder : str
        Where the files go, as it was typed.
    """

    looking = "reading headers"
    after_stop = "what was written stays"

    def __init__(self, subject: "Subject", what: str, options: "ExportOptions", folder: str) -> None:
        self.title = f"Export as {options.format}: {subject.text(what)}"
        self.folder = full_path(folder)
        self._subject, self._what, self._options = subject, what, options

    def steps(self, stop: "Stop") -> "Steps":
        """Export; called in a thread, which loads what the dialog can do without."""
        from dicomtui.export.batch import export
        from dicomtui.pool import Pool

        sources, inputs = self._subject.sources(self._what, stop), self._subject.inputs(self._what)
        with Pool() as pool:
            originals = self._subject.originals
            steps = export(
                sources, self.folder, self._options, pool, inputs=inputs, originals=originals, stop=stop
            )
            yield from recorded(steps, "exported")

    def remarks(self) -> list[str]:
        """Say what there is to know of the folder."""
        return []


def full_path(path: str) -> str:
    """Return an absolute path for one that was typed, ``""`` for nothing."""
    return os.path.abspath(os.path.expanduser(path)) if path else ""


def output_problem(path: str) -> str:
    """Return why a folder that was typed cannot be written to, ``""`` if it can."""
    if not path:
        return "name a folder for what is written"
    if "\0" in path:
        return "no folder can have this name"
    place = folder = full_path(path)
    while not os.path.lexists(place):
        place = os.path.dirname(place)
    shown = safe_line(path_text(place), 120)
    if not os.path.isdir(place):
        return (
            f"{shown} is no folder" if place == folder else f"{shown} is no folder, so none can be made in it"
        )
    if not os.access(place, os.W_OK | os.X_OK):
        return f"you may not write into {shown}"
    return ""


def output_remark(path: str) -> str:
    """Return what else is to be known of a folder that can be written to."""
    folder = full_path(path)
    if not os.path.isdir(folder):
        return "a new folder; only you can read what is written"
    with os.scandir(folder) as entries:
        return "a folder with files in it, which stay" if next(entries, None) is not None else ""


def likely_output(subject: "Subject") -> str:
    """Return a folder that does not exist: below the current one, beside what is chosen, or in the home."""
    beside = [os.path.dirname(path) for path in subject.chosen.paths]
    for above in (os.getcwd(), *beside, os.path.expanduser("~")):
        if os.access(above, os.W_OK):
            for number in range(1, _MOST):
                path = os.path.join(above, f"{NAME}-{number}" if number > 1 else NAME)
                if not os.path.lexists(path):
                    return path_text(path)
    return ""
