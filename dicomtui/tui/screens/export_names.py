"""The first files that an export would make: their names are made in a thread while a template is typed."""

import os
from collections.abc import Callable, Sequence
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from dicomtui.errors import DicomTuiError
from dicomtui.export.formats import FORMATS
from dicomtui.outcomes import Skipped
from dicomtui.text import safe_line
from dicomtui.tui.latest import LatestWorker
from dicomtui.tui.widgets.name_list import NameRow

if TYPE_CHECKING:
    from dicomtui.export.describing import Described
    from dicomtui.export.options import ExportOptions
    from dicomtui.export.planning import Piece
    from dicomtui.tui.screens.export_subject import Subject

MOST = 24
"""Sources that are looked at."""
_REMOVED = "PatientIdentityRemoved"


class Names(NamedTuple):
    """What was found out."""

    rows: Sequence[NameRow] = ()
    remark: str = ""
    """What else is to be said of them, as one safe line."""
    warning: str = ""
    """That a source is not marked as de-identified."""


class NamesMade(Message):
    """The first names were made, or could not be."""

    def __init__(self, names: Names) -> None:
        super().__init__()
        self.names = names


class NamePreviewer:
    """Makes names in a thread; of what is asked for quickly one after the other, only the last.

    Parameters
    ----------
    subject : Subject
        What can be exported.
    post : callable
        Sends a message to the screen from a thread.
    """

    def __init__(self, subject: "Subject", post: Callable[[Message], object]) -> None:
        self._subject, self._post = subject, post
        self._worker = LatestWorker("names")
        self._firsts: dict[str, tuple[list[str], bool]] = {}
        """The first sources of what is exported, and whether there are more."""
        self._described: dict[tuple[str, tuple[str, ...]], list[Described]] = {}
        self._stopped = False

    def compute(self, options: "ExportOptions", what: str, folder: str) -> None:
        """Have the names made of files that go to *folder*."""

        def job() -> None:
            try:
                names = self._names(options, what, folder)
            except DicomTuiError as error:
                names = Names(remark=safe_line(str(error), 400))
            except Exception as error:  # noqa: BLE001  a mistake of ours is one line
                names = Names(remark=f"the names cannot be made: {type(error).__name__}")
            if not self._worker.overtaken and not self._stopped:
                self._post(NamesMade(names))

        self._worker.submit(job)

    def end(self) -> None:
        """Look for no more sources: nobody waits for them any longer."""
        self._stopped = True

    def _names(self, options: "ExportOptions", what: str, folder: str) -> Names:
        from dicomtui.export.batch import TABLE
        from dicomtui.export.planning import Item, plan, special_values, template_of, unit_of

        addresses, more = self._first(what)
        fields = (*template_of(options).fields, _REMOVED)
        described = self._read(what, addresses, fields)
        warning = _warning(described)
        suffix = "" if options.dicomdir else FORMATS[options.format].suffix
        if unit_of(options) == "all":
            rows = [self._row(TABLE + suffix, self._subject.text(what), options, folder)] if addresses else []
            return Names(rows, "" if rows else "no instance found", warning)
        inputs = self._subject.inputs(what)
        items = [
            Item(address, one.header, one.frames, special_values(address, inputs) | one.values)
            for address, one in zip(addresses, described, strict=True)
            if one.header is not None
        ]
        pieces, skipped = plan(items, options)
        rows = [self._row(piece.path + suffix, _source(piece), options, folder) for piece in pieces[:MOST]]
        reasons = dict.fromkeys(one.reason for one in described if one.reason)
        reasons |= dict.fromkeys(one.reason for one in skipped)
        return Names(rows, _remark(len(pieces), more, list(reasons)), warning)

    def _row(self, name: str, source: str, options: "ExportOptions", folder: str) -> NameRow:
        """Return a name with what becomes of a file that has it already."""
        path = os.path.join(folder, name)
        if not folder or not os.path.lexists(path):
            return NameRow(name, source)
        if not options.overwrite:
            return NameRow(name, source, "exists")
        return NameRow(name, source, "original, stays" if self._is_kept(path) else "replaces")

    def _is_kept(self, path: str) -> bool:
        from dicomtui.export.originals import is_original

        return is_original(path, self._subject.originals)

    def _first(self, what: str) -> tuple[list[str], bool]:
        """Return the first sources, and whether there are more."""
        if what not in self._firsts:
            batches = self._subject.sources(what, lambda: self._stopped)
            found = (path for batch in batches if not isinstance(batch, Skipped) for path in batch)
            some = list(islice(found, MOST + 1))
            self._firsts[what] = some[:MOST], len(some) > MOST
        return self._firsts[what]

    def _read(self, what: str, addresses: Sequence[str], fields: tuple[str, ...]) -> "list[Described]":
        from dicomtui.export.describing import describe

        if (what, fields) not in self._described:
            self._described[what, fields] = describe(fields, addresses)
        return self._described[what, fields]


def _source(piece: "Piece") -> str:
    name = safe_line(os.path.basename(piece.sources[0]), 80)
    if len(piece.sources) > 1:
        return f"{name} and {len(piece.sources) - 1:,} more"
    return f"{name}, frame {piece.frames[0]}" if len(piece.frames) == 1 and piece.frames[0] > 1 else name


def _remark(count: int, more: bool, reasons: Sequence[str]) -> str:
    said = []
    if more:
        said.append(f"and more; these are of the first {MOST} instances")
    elif count > MOST:
        said.append(f"and {count - MOST:,} more")
    if not count:
        said.insert(0, "nothing to write")
    said += [f"left out: {reason}" for reason in reasons[:2]]
    return safe_line(" · ".join(said), 400)


def _warning(described: "Sequence[Described]") -> str:
    """Return that sources are not marked as de-identified (0012,0062), ``""`` if they are."""
    known = [one for one in described if one.header is not None]
    marked = sum(one.values.get(_REMOVED, "").strip().upper() == "YES" for one in known)
    if marked == len(known):
        return ""
    said = "it may tell who the patient is; Esc, then a, takes that out"
    text = f"not marked as de-identified (0012,0062): {said}"
    if len(known) == 1:
        return text[0].upper() + text[1:]
    return f"{len(known) - marked:,} of {len(known):,} looked at {text}"
