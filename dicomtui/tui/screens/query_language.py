"""What can be asked: lines for the guide, a page, and keywords to complete."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cache
from textwrap import wrap

from dicomtui.archive.query import LANGUAGE
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.widgets.query_guide import GuideLine

_OPENED = frozenset("\"'(/")
_LABEL = 12
"""Columns that the labels of :data:`LANGUAGE` take."""
_WORDS = (
    "Words without any operator are looked for in patient, study date, modality, descriptions, accession "
    'number, body part, device and path of each instance: smith ct finds what has both, "chest pain" the two '
    "words together, IM00012 a file of that name."
)

_EXAMPLES = (
    GuideLine("smith ct", "each word stands in some field, or in the path", is_query=True),
    GuideLine("Modality = CT", "", is_query=True),
    GuideLine('"chest pain"', "these words together", is_query=True),
    GuideLine('PatientName ~ "smi*"', "* and ? stand for anything", is_query=True),
    GuideLine("StudyDate >= 2020-03", "dates as people write them", is_query=True),
    GuideLine("SliceThickness < 2 and not Modality = MR", "", is_query=True),
    GuideLine("exists ContrastBolusAgent", "", is_query=True),
)
_RULES = (
    GuideLine("=  !=  <  <=  >  >=", "numbers by size, dates, text in any case"),
    GuideLine("~  !~", 'wildcards "smi*" or expressions /ct[12]/'),
    GuideLine("and  or  not  exists  ( )", "join and group"),
    GuideLine("SliceThickness", "an attribute by its keyword, in any case"),
    GuideLine("(0019,10b2)  A.B", "by its tag; B in the items of sequence A"),
)

LIKELY = (
    "PatientName", "PatientID", "Modality", "StudyDate", "SeriesDescription", "StudyDescription",
    "SliceThickness", "BodyPartExamined", "Manufacturer", "ManufacturerModelName", "SeriesNumber",
    "InstanceNumber", "AccessionNumber", "PatientSex", "PatientBirthDate", "Rows", "Columns",
    "NumberOfFrames", "PixelSpacing", "ImageType", "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID",
    "SeriesInstanceUID", "StudyID", "StudyTime", "SeriesDate", "SeriesTime", "AcquisitionNumber",
    "AcquisitionTime", "ContentTime", "ImagePositionPatient", "ImageOrientationPatient",
    "TemporalPositionIdentifier", "SpecificCharacterSet",
    "TransferSyntaxUID",
)  # fmt: skip
"""Attributes that the index holds, the likelier ones first."""


def guide_lines() -> tuple[GuideLine, ...]:
    """Return what is shown while nothing is asked."""
    return (
        GuideLine("Try", is_heading=True),
        *_EXAMPLES,
        GuideLine(""),
        GuideLine("What can be used", is_heading=True),
        *_RULES,
        GuideLine(""),
        GuideLine("Answered at once", is_heading=True),
        *(GuideLine(line) for line in wrap("  ".join(LIKELY), 70)),
        GuideLine(""),
        GuideLine("Read from the files, with Enter or after a pause", is_heading=True),
        GuideLine("any other attribute"),
    )


def language_page(width: int) -> ReaderScreen:
    """Return the language on a page for a terminal of so many columns."""
    room = max(30, min(width * 9 // 10 - 4, 112))
    lines = "\n".join(_refilled(f"{_WORDS}\n\n{LANGUAGE}", room))
    return ReaderScreen("What can be asked", lines)


def _refilled(text: str, width: int) -> Iterator[str]:
    """Yield the lines of a text wrapped anew; what stands beside a label stays beside it."""
    beside = " " * _LABEL
    for line in re.sub(rf"\n{beside}(?=\S)", " ", text).split("\n"):
        has_label = len(line) > _LABEL and line[_LABEL - 2 : _LABEL] == "  " and line[0] != " "
        indent = beside if has_label else " " * (len(line) - len(line.lstrip()))
        yield from wrap(line, width, subsequent_indent=indent) or [""]


def is_settled(text: str, column: int) -> bool:
    """Whether what is wrong at *column* will not come right by typing on.

    The last word may still grow, and what was opened may still be closed.
    """
    return len(text[column:].split(maxsplit=1)) > 1 and text[column] not in _OPENED


@cache
def every_keyword() -> tuple[str, ...]:
    """Return the keywords of the standard's dictionary in alphabetical order without regard to case."""
    from pydicom.datadict import keyword_dict

    return tuple(sorted(filter(None, keyword_dict), key=str.casefold))


def nothing_found(words: Sequence[str], *, complete: bool) -> str:
    """Say what to do when no instance fits; *words* is empty for a query."""
    keyword = _keyword_like(words[-1]) if words else ""
    if keyword:
        return f"{keyword} is an attribute: go on with = != < > ~ or exists"
    return "no instance fits" if complete else "no instance fits so far"


def _keyword_like(word: str) -> str:
    """Return the keyword that *word* is in any case, or ``""``."""
    keywords = every_keyword()
    at = bisect_left(keywords, word.casefold(), key=str.casefold)
    found = keywords[at] if at < len(keywords) else ""
    return found if found.casefold() == word.casefold() else ""
