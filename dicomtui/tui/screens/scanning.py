"""Scans the folders that the browser shows, in a thread, once studies or a search ask for it."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual.message import Message

from dicomtui.errors import DicomTuiError
from dicomtui.garbage import few_searches_for_garbage
from dicomtui.text import safe_line
from dicomtui.tui.screens.study_rows import SeriesKey, findings_of, series_key
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.archive.hierarchy import Patient
    from dicomtui.archive.index import Index, SeriesRow
    from dicomtui.archive.refresh import Progress

PAUSE_SECONDS = 0.25
"""The least time between two looks at what the scan has found."""
SHARE = 8
"""Gathering what was found takes at most one part in so many of the time."""
STAND_BACK_SECONDS = 0.2
"""How long a step of a scan waits for keys to be answered: while one is held, it goes on slowly."""
PATIENT_SECONDS = 5.0
"""How much longer what was found may wait to be shown while keys are answered."""
_LOOK_SECONDS = 0.005
LONG_SECONDS = 5.0
"""A scan that took longer is worth keeping."""


class ArchiveChanged(Message):
    """The indexes hold more than before, or the scan ended.

    Attributes
    ----------
    patients : list of Patient
        All that is known so far.
    complete : bool
        Whether the scan is over.
    """

    def __init__(self, patients: "list[Patient]", *, complete: bool) -> None:
        super().__init__()
        self.patients, self.complete = patients, complete


class SeriesJudged(Message):
    """It is known what is odd about some series.

    Attributes
    ----------
    findings : dict
        For each series, what is odd in a word or two and as a sentence.
    """

    def __init__(self, findings: "dict[SeriesKey, list[tuple[str, str]]]") -> None:
        super().__init__()
        self.findings = findings


class ScanSaid(Message):
    """A sentence about the scan: why there is none, or that it is worth keeping."""

    def __init__(self, sentence: str) -> None:
        super().__init__()
        self.sentence = sentence


class Scanner:
    """Holds the index of every folder that the browser shows and keeps it in step with the disk.

    Parameters
    ----------
    roots : list of str
        Folders, single files and containers.
    post : callable
        Sends a message to the screen from a thread.
    keep : bool or None
        Whether the indexes stay on disk; None where one is kept already.
    is_answering : callable, optional
        Says whether somebody waits for what a key does; meanwhile the scan stands back.
    """

    def __init__(
        self,
        roots: list[str],
        post: Callable[[Message], object],
        keep: bool | None,
        is_answering: Callable[[], bool] = lambda: False,
    ) -> None:
        self._roots, self._post, self._keep, self._is_answering = roots, post, keep, is_answering
        self.indexes: list[Index] = []
        """One for each folder, none before the scan has begun."""
        self.text = ""
        """How far the scan is, ``""`` when none is under way."""
        self.complete = False
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()
        self._closed = False

    @property
    def running(self) -> bool:
        """Whether a scan is under way."""
        return self._thread is not None and self._thread.is_alive()

    @property
    def known(self) -> int:
        """How many instances were found so far."""
        return sum(index.instances for index in self.indexes)

    def start(self) -> None:
        """Begin to scan, unless that was done before."""
        if self._thread is None:
            self.rescan()

    def rescan(self) -> None:
        """Look again for what has changed."""
        if not self.running:
            self._stopped.clear()
            self.complete, self.text = False, "scanning"
            self._thread = threading.Thread(target=self._run, name="scanner", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Give up; what was found stays."""
        self._stopped.set()

    def close(self) -> None:
        """End the scan and let the indexes go."""
        self._closed = True
        self.stop()
        if self._thread is not None:
            self._thread.join(timeout=1)
        for index in self.indexes:
            index.close()

    def _run(self) -> None:
        started = time.monotonic()
        try:
            with few_searches_for_garbage():
                self._open()
                self._announce()
                for index in self.indexes:
                    self._refresh(index)
                self.complete = not self._stopped.is_set()
                self.text = "" if self.complete else self.text.replace("scanning:", "stopped at")
                self._announce()
                self._say_unread()
                self._offer(time.monotonic() - started)
                self._judge()
        except DicomTuiError as error:
            self._fail(str(error))
        except Exception as error:  # noqa: BLE001  a disk that fails, or a mistake of ours, is one sentence
            self._fail(f"the scan failed: {type(error).__name__}")

    def _fail(self, sentence: str) -> None:
        self.text = ""
        self._say(sentence)

    def _say(self, sentence: str) -> None:
        if not self._closed:
            self._post(ScanSaid(sentence))

    def _open(self) -> None:
        from dicomtui.archive.index import kept_index, open_index

        if self.indexes:
            return
        for root in self._roots:
            kept = kept_index(root) if self._keep is None else None
            index = kept or open_index(root, keep=bool(self._keep))
            self.indexes.append(index)
            if index.notice:
                self._say(index.notice)

    def _refresh(self, index: "Index") -> None:
        from dicomtui.archive.refresh import refresh
        from dicomtui.pool import Pool

        due, changed = time.monotonic() + PAUSE_SECONDS, False
        with Pool() as pool:
            for progress in refresh(index, pool):
                self._stand_back()
                if self._stopped.is_set():
                    return
                changed |= progress.changed
                self.text = _text(progress)
                now = time.monotonic()
                if now >= due + (PATIENT_SECONDS if self._is_answering() else 0):
                    if changed:
                        self._announce()
                    spent = time.monotonic() - now
                    due, changed = now + max(PAUSE_SECONDS, spent * SHARE), False

    def _stand_back(self) -> None:
        """Let keys be answered first; workers that nobody listens to have soon done what they were given."""
        end = time.monotonic() + STAND_BACK_SECONDS
        while self._is_answering() and time.monotonic() < end and not self._stopped.is_set():
            time.sleep(_LOOK_SECONDS)

    def _announce(self) -> None:
        from dicomtui.archive.hierarchy import hierarchy

        if not self._closed:
            rows = _merged(row for index in self.indexes for row in index.series())
            self._post(ArchiveChanged(hierarchy(rows), complete=self.complete))

    def _say_unread(self) -> None:
        """Say how many folders could not be listed, and why."""
        from dicomtui.archive.unread import unread_folders  # loads the reader of headers

        reasons = Counter(reason for index in self.indexes for reason in unread_folders(index))
        if reasons:
            whys = ", ".join(reasons)
            self._say(f"{count_text(reasons.total(), 'folder')} could not be read: {whys}")

    def _offer(self, seconds: float) -> None:
        """Say how the next start need not wait."""
        if seconds > LONG_SECONDS and self.complete and not all(index.kept for index in self.indexes):
            command = f"dicomtui index {safe_line(self._roots[0])}"
            self._say(f"The scan took {seconds:.0f} s: '{command}' keeps it for the next time.")

    def _judge(self) -> None:
        """Find out what is odd about each series."""
        from dicomtui.archive.series import stacks

        findings: dict[SeriesKey, list[tuple[str, str]]] = {}
        due = time.monotonic() + PAUSE_SECONDS
        for index in self.indexes:
            for row in index.series():
                if self._stopped.is_set():
                    return
                findings[series_key(row)] = findings_of(stacks(index.headers_of(row)))
                if time.monotonic() > due:
                    self._post(SeriesJudged(findings))
                    findings, due = {}, time.monotonic() + PAUSE_SECONDS
        self._post(SeriesJudged(findings))


def _text(progress: "Progress") -> str:
    more = "" if progress.complete else "+"
    return f"scanning: {progress.done:,} of {progress.listed:,}{more} files"


def _merged(rows: "Iterable[SeriesRow]") -> "list[SeriesRow]":
    """Return one row for a series that stands in several of the folders."""
    found: dict[SeriesKey, SeriesRow] = {}
    for row in rows:
        key = series_key(row)
        if (other := found.get(key)) is not None:
            row = other._replace(
                instances=other.instances + row.instances,
                images=other.images + row.images,
                frames=other.frames + row.frames,
                size=other.size + row.size,
            )
        found[key] = row
    return list(found.values())
