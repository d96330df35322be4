"""The de-identification that was chosen, as a job; and the same without writing, to count."""

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtui.archive.recording import recorded
from dicomtui.deidentify.batch import deidentify
from dicomtui.deidentify.keys import Key, key_path, load_key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.output_folder import holds_run, refusal
from dicomtui.pool import Pool
from dicomtui.tui.screens.job_summary import LOOKING
from dicomtui.wording import path_text

if TYPE_CHECKING:
    from dicomtui.tui.screens.chosen import Chosen
    from dicomtui.tui.screens.deidentify_choices import Choices
    from dicomtui.tui.screens.job import Steps, Stop

NAME = "deidentified"
"""How a folder for the output is called: not after what is in it."""
_MOST = 100
"""Folders of that name that are tried."""


class DeidentifyTask:
    """De-identifies what is chosen.

    Parameters
    ----------
    chosen : Chosen
        The files.
    choices : Choices
        What is done to them, and where they go.
    """

    after_stop = "start again with the same folder to go on"

    def __init__(self, chosen: "Chosen", choices: "Choices") -> None:
        self.unfinished = choices.key != "forget"
        """Whether it can be gone on with."""
        self.title = f"De-identify {chosen.text}"
        self.folder, self.looking = full_path(choices.output), LOOKING
        self._chosen, self._choices = chosen, choices
        self._key = Key(b"")

    def steps(self, stop: "Stop") -> "Steps":
        """De-identify; a run that was stopped in the same folder is gone on with."""
        choices = self._choices
        self._key = key_of(choices)
        with Pool() as pool:
            steps = deidentify(
                self._chosen.sources(stop),
                self.folder,
                choices.options,
                self._key,
                pool,
                inputs=self._chosen.paths,
                resume=holds_run(self.folder),
                dicomdir=choices.dicomdir,
                stop=stop,
            )
            yield from recorded(steps, "de-identified")
        self.unfinished = self.unfinished and stop()

    def remarks(self) -> list[str]:
        """Say where things are."""
        remarks = []
        if os.path.isfile(os.path.join(self.folder, "report.json")):
            remarks.append("report.json, report.csv and report-actions.csv say what was done to each file.")
        if self._key.created:
            remarks.append(
                f"A key was made: {path_text(self._key.created)}. Keep it, and keep it to yourself."
            )
        return remarks


def dry_steps(chosen: "Chosen", options: DeidentifyOptions, stop: "Stop") -> "Steps":
    """Do the same to all files without writing any, with a key of its own."""
    with Pool() as pool:
        key = load_key(forget=True)
        yield from deidentify(chosen.sources(stop), "", options, key, pool, dry_run=True, stop=stop)


def key_of(choices: "Choices") -> Key:
    """Return the key that was chosen.

    Raises
    ------
    DicomTuiError
        If there is none and none can be made, or others can read it.
    """
    project = choices.project if choices.key == "project" else None
    return load_key(project=project, forget=choices.key == "forget")


def key_for_preview(choices: "Choices") -> Key:
    """Return the key that was chosen if it is there already; no key is made to look at a preview."""
    return key_of(choices) if os.path.lexists(key_path()) else load_key(forget=True)


def full_path(path: str) -> str:
    """Return an absolute path for one that was typed, ``""`` for nothing."""
    return os.path.abspath(os.path.expanduser(path)) if path else ""


def output_problem(path: str, chosen: "Chosen") -> str:
    """Return why a folder that was typed cannot be written to, ``""`` if it can."""
    if not path:
        return "name a folder for what is written"
    return refusal(full_path(path), chosen.paths, resume=holds_run(full_path(path)))


def output_remark(path: str) -> str:
    """Return what else is to be known of a folder that can be written to."""
    if not holds_run(full_path(path)):
        return ""
    return "holds an earlier run, which is gone on with: files that are done already are left out"


def likely_output(chosen: "Chosen") -> str:
    """Return a new folder that does not lie inside of what is chosen, if one can be found."""
    return next(
        (path_text(path) for path in _candidates(chosen.paths) if not refusal(path, chosen.paths)),
        "",
    )


def _candidates(paths: list[str]) -> Iterator[str]:
    """Yield folders that do not exist: below the current one, beside what is chosen, in the home folder."""
    for above in (os.getcwd(), *map(os.path.dirname, paths), os.path.expanduser("~")):
        if os.access(above, os.W_OK):
            names = (f"{NAME}-{number}" if number > 1 else NAME for number in range(1, _MOST))
            free = (os.path.join(above, name) for name in names)
            yield from (path for path in free if not os.path.lexists(path))
