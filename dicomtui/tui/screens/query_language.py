"""What can be asked: lines for the guide, a page, and keywords to complete."""

from bisect import bisect_left
from functools import cache
from textwrap import wrap

from dicomtui.archive.query import LANGUAGE
from dicomtui.tui.screens.reader import ReaderScreen
from dicomtui.tui.widgets.query_guide import GuideLine

_OPENED = frozenset("\"'(/")
_WORDS = """\
Words without any operator are looked for in patient, study date, modality, descriptions, accession number,
body part and device of each instance: smith ct finds what has both."""

_EXAMPLES = (
    GuideLine("smith ct", "each word stands in some field", is_query=True),
    GuideLine("Modality = CT", "", is_query=True),
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


def language_page() -> ReaderScreen:
    """Return the language on a page."""
    return ReaderScreen("What can be asked", f"{_WORDS}\n\n{LANGUAGE}")


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


def keyword_like(word: str) -> str:
    """Return the keyword that *word* is in any case, or ``""``."""
    keywords = every_keyword()
    at = bisect_left(keywords, word.casefold(), key=str.casefold)
    found = keywords[at] if at < len(keywords) else ""
    return found if found.casefold() == word.casefold() else ""
