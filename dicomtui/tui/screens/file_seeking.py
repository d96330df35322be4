"""Which series of the studies tree hold the files that a filter asks for, found in a thread."""

from typing import TYPE_CHECKING

from dicomtui.tui.latest import LatestWorker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from dicomtui.archive.index import Index
    from dicomtui.tui.screens.study_rows import SeriesKey
    from dicomtui.tui.widgets.nodes import Node

LEAST_LETTERS = 3
"""Letters of a word that is looked for; shorter ones stand in too many names."""
MOST_SERIES = 30
"""Series that are listed for one filter: who means one of more goes on typing."""


class FileSeeker:
    """Looks for the newest of the filters that it is given."""

    def __init__(self) -> None:
        self._worker = LatestWorker("filter")

    def seek(
        self,
        query: str,
        nodes: "Mapping[SeriesKey, Node]",
        indexes: "Sequence[Index]",
        take: "Callable[[Node], None]",
    ) -> None:
        """Call *take*, in the thread, for each of *nodes* with a file whose name holds a word of *query*."""
        words = [word for word in query.split() if len(word) >= LEAST_LETTERS]

        def found() -> "Iterator[Node | None]":
            for word in words:
                for index in indexes:
                    yield from map(nodes.get, index.series_with_file(word))

        def work() -> None:
            taken: set[Node] = set()
            for node in found():
                if self._worker.overtaken or len(taken) == MOST_SERIES:
                    return
                if node is not None and node not in taken:
                    taken.add(node)
                    take(node)

        if words and nodes:
            self._worker.submit(work)
