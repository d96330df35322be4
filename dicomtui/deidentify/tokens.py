"""Identifying values of the original, which must not be found in what is written."""

import re
from collections.abc import Iterable
from functools import cache

from dicomtui.dataset.elements import Element, walk
from dicomtui.dataset.values import STRING_VRS
from dicomtui.deidentify.dates import days_in
from dicomtui.deidentify.dummies import DUMMY_DAY
from dicomtui.deidentify.options import ALL_CODES
from dicomtui.deidentify.rules import CLASS_UIDS, DATE_VRS
from dicomtui.deidentify.tables import descriptor_words, row_of

_PART = re.compile(r"[^\W\d_]{3,}|[^\W\d_\x00-\u0dff]{2,}")
"""Three letters are a name, or two characters of the scripts of Asia, where most names have no more."""
_WIDE = re.compile(r"[^\W\d_\x00-\u0dff]")
_IDENTIFIER = re.compile(
    r"\b(IDs?|Identifiers?|Identification|Numbers?|Address|Telephone|Telecom|Locator|Alias|Name)\b"
)
_STANDARD_ROOT = "1.2.840.10008."
NAMES_OF_THINGS = frozenset({0x00080060, 0x00080070, 0x00081090})
"""Modality, manufacturer and model: a phantom is often named after them."""
_COMMON = (
    "removed anon anonymous anonymized unknown none test dicomtui table edition patient subject name phantom "
    "text code num pname uidref image container composite waveform date time datetime jpeg lut ris pacs dicom"
)


class Tokens:
    """Collects the values that are taken out of one instance, and those that stay for good reason."""

    def __init__(self) -> None:
        self._found: set[str] = set()
        self._days: set[str] = set()
        self._spared: set[str] = set()

    def take(self, element: Element) -> None:
        """Note what identifies in an element that does not stay, and in all that is nested in it."""
        for each in walk([element]) if element.items else [element]:
            self._take(each)

    def spare(self, *texts: str) -> None:
        """Note values that may be found: they stay, or are new."""
        for text in texts:
            self._spared.update((text.strip().casefold(), *_words(text)))
            self._spared |= days_in(text)

    def words(self) -> frozenset[str]:
        """Return the words of the values so far, casefolded: they may not stay in a cleaned text."""
        return frozenset(word for token in self._found for word in _words(token))

    def identifying(self) -> set[str]:
        """Return the values to search for, each as it stood in the original.

        What is too short or too common to tell anything is left out: words of anatomy and technique,
        numbers below five digits, the words that a de-identification writes itself.
        """
        common = self._spared | descriptor_words() | _own_words()
        days = self._days - self._spared - {DUMMY_DAY}
        return {token for token in self._found if token.casefold() not in common} | days

    def _take(self, element: Element) -> None:
        vr, tag = element.vr, element.tag
        if vr == "PN":
            for value in element.values:
                self._found.update(_parts_of_name(value))
        elif vr == "UI":
            if tag not in CLASS_UIDS:
                self._found.update(value for value in element.values if _is_own_uid(value))
        elif vr in DATE_VRS:
            for value in element.values:
                self._days |= days_in(value)
        elif _is_identifier(tag):
            self._found.update(value for value in element.values if _tells_something(value))


def hits(element: Element, tokens: Iterable[str]) -> set[str]:
    """Return the *tokens* that stand in the value of one element, private and binary values among them.

    A number is searched in text and bytes, not among numbers: a Series Number may be any Patient ID.
    """
    if element.items is not None or not element.value:
        return set()
    if element.vr in ("DS", "IS"):
        tokens = [token for token in tokens if not token.isdigit()]
    values = element.values if element.vr in STRING_VRS else [element.value.decode("latin-1")]
    return found_in("\n".join(values), tokens)


def found_in(text: str, tokens: Iterable[str]) -> set[str]:
    """Return the *tokens* that stand in *text* as words of their own, whatever their case.

    A number inside a longer number is another number; a date may be followed by a time.
    """
    folded = text.casefold()
    return {token for token in tokens if token.casefold() in folded and _stands_alone(token, text)}


def _stands_alone(token: str, text: str) -> bool:
    before = r"(?<![\d.])" if token[0].isdigit() else r"(?<![^\W\d_])"
    if token.isdigit():
        after = "" if len(token) == 8 else r"(?!\.?\d)"
    else:
        after = r"(?!\.?\d)" if token[-1].isdigit() else r"(?![^\W\d_])"
    return re.search(before + re.escape(token) + after, text, re.IGNORECASE) is not None


def _parts_of_name(value: str) -> set[str]:
    """Return what a Person Name is recognised by: its components, in all its groups (PS3.5 6.2.1)."""
    parts = set(_PART.findall(value))
    for group in value.split("="):
        if _WIDE.search(group):  # a family name of one character is written next to the given name
            parts |= set(_PART.findall(group.replace("^", "")))
    return parts


def _is_own_uid(value: str) -> bool:
    return len(value) >= 8 and not value.startswith(_STANDARD_ROOT)


def _is_identifier(tag: int) -> bool:
    """Whether a row of the table is about identity alone: no option cleans or describes it."""
    if tag >> 16 & 1:
        return False
    row = row_of(tag)
    return row is not None and "clean_descriptors" not in row.options and bool(_IDENTIFIER.search(row.name))


def _tells_something(value: str) -> bool:
    if len(set(value)) < 3 or len(value) > 256:
        return False
    return len(value) >= 5 if value.isdigit() else len(value) >= 4 and not _is_number(value)


def _is_number(value: str) -> bool:
    return re.fullmatch(r"[\d.,+\- ]+", value) is not None and len(re.sub(r"\D", "", value)) < 5


def _words(text: str) -> set[str]:
    return {part.casefold() for part in _PART.findall(text)}


@cache
def _own_words() -> set[str]:
    return _words(f"{' '.join(code.meaning for code in ALL_CODES)} {_COMMON}")
