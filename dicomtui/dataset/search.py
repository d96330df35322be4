"""Finds elements by words in their tag, keyword, name or value, at every depth."""

from dicomtui.dataset.elements import Element, walk


class SearchIndex:
    """The elements of one instance with what a search looks through, made once."""

    def __init__(self, elements: list[Element]) -> None:
        self._rows = [(element, element.search_key) for element in walk(elements)]
        self._words: list[str] = []
        self._hits = self._rows

    def hits(self, query: str) -> list[Element]:
        """Return the elements that hold every word of *query*, in the order of the file.

        While a query grows, only the hits of the shorter one are looked through.
        """
        words = query.casefold().split()
        if not words:
            return []
        narrower = len(words) >= len(self._words) and all(map(str.startswith, words, self._words))
        rows = self._hits if self._words and narrower else self._rows
        self._words = words
        self._hits = [row for row in rows if all(word in row[1] for word in words)]
        return [element for element, _ in self._hits]
