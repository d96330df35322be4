"""Looks for instances in a thread: what a query asks, or each of the words that were typed."""

import re
import shlex
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple

from textual.message import Message

from dicomtui.archive.query_terms import QueryError
from dicomtui.errors import DicomTuiError
from dicomtui.text import safe_line
from dicomtui.tui.gentle_sort import gently_sorted
from dicomtui.tui.widgets.instance_table import InstanceRow
from dicomtui.wording import count_text, path_text

if TYPE_CHECKING:
    from dicomtui.archive.header import Header
    from dicomtui.archive.index import Index
    from dicomtui.archive.query import Query
    from dicomtui.archive.query_terms import Attribute
    from dicomtui.tui.screens.counting import Count
    from dicomtui.tui.screens.scanning import Scanner

PAUSE_SECONDS = 1 / 15
"""The least time between two messages."""
_STEP = 500
"""Rows that are made between two looks at whether they are still wanted."""

_IN_COLUMNS = frozenset(
    {"PatientName", "PatientID", "StudyDate", "Modality", "SeriesNumber", "InstanceNumber"}
)
"""Attributes that have a column in any case."""
_WORD_FIELDS = (
    "patient_name", "patient_id", "study_date", "modality", "study_description", "series_description",
    "accession_number", "body_part_examined", "manufacturer", "manufacturer_model_name",
)  # fmt: skip
"""Fields in which plain words are looked for."""
_PATH = "CAST(folder AS TEXT) || CAST(name AS TEXT)"
"""What they are looked for in besides: the path below the folder that was scanned."""
_OPERATOR = re.compile(r"[=<>~()!]|\b(?:and|or|not|exists)\b", re.IGNORECASE)
"""What makes a text a query, not words; in quotes it does not."""
_WORD = re.compile(r'"([^"]*)"?|(?<!\S)\'([^\']*)\'(?!\S)|([^\s"]+)')
"""A word, or several in quotes, which need not be closed while they are typed."""


class Question(NamedTuple):
    """What a line asks."""

    text: str
    query: "Query | None"
    """None where the text is plain words."""
    words: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    """The attributes whose values are shown."""
    first: str = ""
    """The attribute that is named first: keyword, or tag in eight hexadecimal digits."""
    from_files: tuple[str, ...] = ()
    """The attributes that the index does not have."""


def ask(text: str) -> Question:
    """Understand what was typed.

    Raises
    ------
    QueryError
        If it is neither a query nor plain words.
    """
    text = text.strip()
    words = list(_WORD.finditer(text))
    if not any(_OPERATOR.search(word[3]) for word in words if word[3]):
        parts = (word[1] or word[2] or word[3] or "" for word in words)
        phrases = tuple(part.casefold() for part in parts if part.strip())
        if not phrases:
            raise QueryError("expected text in the quotes", 0)
        return Question(text, None, phrases)
    from dicomtui.archive.query import parse_query

    query = parse_query(text)
    shown = tuple(attribute.name for attribute in query.attributes if attribute.name not in _IN_COLUMNS)
    return Question(text, query, (), shown, _element(query.attributes[0]), query.keywords)


def _element(attribute: "Attribute") -> str:
    """Return the top-level element in which an attribute stands: keyword, or tag in hexadecimal digits."""
    keyword = attribute.name.partition(".")[0]
    return keyword if keyword.isidentifier() else f"{attribute.tags[0]:08x}"


class Answered(Message):
    """More instances were found, or the search came further; at its end, all of them are given."""

    def __init__(self, search: "Search", rows: list[InstanceRow]) -> None:
        super().__init__()
        self.search, self.rows = search, rows
        self.are_all = search.ended


class RowMaker:
    """Makes rows out of headers; each text is held once: thousands of instances have the same patient."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def row(self, header: "Header", values: Iterable[str] = ()) -> InstanceRow:
        """Return the row of an instance."""
        return InstanceRow(
            header.path,
            self._once(header.patient_name),
            self._once(header.patient_id),
            self._once(header.study_date),
            self._once(header.modality),
            self._once(_number(header.series_number)),
            self._once(_number(header.instance_number)),
            self._once(header.series_description or header.study_description),
            tuple(map(self._once, values)),
        )

    def _once(self, text: str) -> str:
        return self._texts.setdefault(text, text)


class Search:
    """One question to some indexes; its thread says what it found, and how far it is.

    Parameters
    ----------
    question : Question
        What is looked for.
    indexes : sequence of Index
        Where.
    post : callable
        Sends a message to the screen from a thread.
    at_once : bool
        Whether instances are shown as they are found, not all together at the end.
    """

    def __init__(
        self,
        question: Question,
        indexes: "Sequence[Index]",
        post: Callable[[Message], object],
        *,
        at_once: bool = True,
    ) -> None:
        self.question, self._indexes, self._post = question, indexes, post
        self._at_once = at_once
        self.read = self.to_read = self.skipped = 0
        """Files that were read, that have to be, that could not be."""
        self.ended = self.stopped = False
        self.reason = ""
        """Why it ended early, as one line."""
        self._maker = RowMaker()
        self._rows: list[InstanceRow] = []

    @property
    def text(self) -> str:
        """What was typed."""
        return self.question.text

    def stop(self) -> None:
        """Give up; what was found stays."""
        if not self.ended:
            self.ended = self.stopped = True

    def run(self) -> None:
        """Search, in a thread."""
        try:
            self._run()
        except DicomTuiError as error:
            self.reason = str(error)
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one line
            self.reason = f"the search failed: {type(error).__name__}"
        self._rows = gently_sorted(self._rows, place_of, lambda: self.stopped)
        self.ended = True
        self._post(Answered(self, self._rows))

    def _run(self) -> None:
        due, told = 0.0, 0
        with closing(self._found()) as found:
            for rows in found:
                self._rows += rows
                if self.ended:
                    return
                now = time.monotonic()
                if self._at_once and now >= due:
                    self._post(Answered(self, self._rows[told:]))
                    due, told = now + PAUSE_SECONDS, len(self._rows)

    def _found(self) -> Generator[list[InstanceRow], None, None]:
        """Yield rows as they are found, none where there is nothing but progress."""
        query = self.question.query
        if query is None:
            for index in self._indexes:
                yield from self._with_words(index)
            return
        from dicomtui.archive.find import find
        from dicomtui.pool import Pool

        names = self.question.attributes
        for index in self._indexes:
            read, to_read = self.read, self.to_read
            with Pool() as pool:
                for step in find(query, index, pool):
                    self.read, self.to_read = read + step.done, to_read + step.total
                    self.skipped += len(step.skipped)
                    yield [
                        self._maker.row(header, [values.get(name, "") for name in names])
                        for header, values in step.matches
                    ]

    def _with_words(self, index: "Index") -> Iterator[list[InstanceRow]]:
        """Find the instances of which each word stands in one of the fields."""
        headers = index.headers(*_where_words(self.question.words))
        while rows := [self._maker.row(header) for header in islice(headers, _STEP)]:
            yield rows


def progress_text(work: "Search | Count") -> str:
    """Say how far the reading of files is, or how it ended; ``""`` where there is nothing to say."""
    read = f"{work.read:,} of {work.to_read:,} files read"
    if work.reason:
        return safe_line(work.reason, 200)
    if work.stopped:
        return f"stopped: {read}" if work.to_read else "stopped"
    if not work.ended:
        return f"{read}, Esc stops" if work.to_read else "Esc stops"
    return f"{work.skipped:,} could not be read" if work.skipped else ""


def found_text(search: Search | None, question: Question | None, found: int) -> str:
    """Say how many instances a search has found, or what was asked where the line asks something else."""
    if search is None:
        return ""
    if question is None or search.text != question.text:
        return f"of {safe_line(search.text, 60)}"  # what is typed is no question yet
    return ", ".join(part for part in (f"{found:,} found", progress_text(search)) if part)


def title_of(scanner: "Scanner") -> str:
    """Say in what is looked: how many instances, of which folders, and how far the scan of them is."""
    places = ", ".join(safe_line(path_text(index.about), 60) for index in scanner.indexes)
    return " · ".join(filter(None, (count_text(scanner.known, "instance"), places, scanner.text)))


def command_line(subcommand: str, scanner: "Scanner", question: str) -> str:
    """Return how a script asks *question* of the same folders; it is not yet safe to show."""
    roots = [index.about for index in scanner.indexes] or ["PATH"]
    return " ".join(["dicomtui", subcommand, *map(_quoted_path, roots), shlex.quote(question)])


def _quoted_path(path: str) -> str:
    """Return a path for a shell, which takes ``~`` for the home folder where it is not quoted."""
    short = path_text(path)
    return f"~/{shlex.quote(short[2:])}" if short.startswith("~/") else shlex.quote(path)


def _where_words(words: Sequence[str]) -> tuple[str, list[str]]:
    """Return a condition on the fields of a header, and its parameters; SQL compares ASCII in any case."""
    condition = " OR ".join(f"{field} LIKE ? ESCAPE '!'" for field in (*_WORD_FIELDS, _PATH))
    parameters: list[str] = []
    for word in words:
        date = word.replace("-", "")  # 2020-03 is how it is shown, 202003 how it is written
        parameters += [_pattern(date if date.isdigit() else word)] * len(_WORD_FIELDS)
        parameters.append(_pattern(word))
    return " AND ".join([f"({condition})"] * len(words)), parameters


def _pattern(word: str) -> str:
    """Return a pattern for what holds a word; the parts of a name may stand in for words: Smith^Anna."""
    escaped = re.sub(r"([!%_])", r"!\1", word).replace(" ", "_")
    return f"%{escaped}%"


def place_of(row: InstanceRow) -> tuple[str, str, str, int, str, int, str]:
    """Return what orders instances as a reader would: by patient, study, series, number."""
    series, number = int(row.series_number or 0), int(row.instance_number or 0)
    return row.patient_name, row.patient_id, row.study_date, series, row.description, number, row.path


def _number(value: int | None) -> str:
    return "" if value is None else str(value)
