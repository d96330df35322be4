"""What the tables and the rules beyond them say about an attribute, in sentences."""

import re

from pydicom.datadict import tag_for_keyword

from dicomtui.dataset import dictionary
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions
from dicomtui.deidentify.rules import OPTION_NAMES, Rule, rules_of
from dicomtui.deidentify.tables import EDITION, PRIVATE, Row, row_of, rows_named

_DEEDS = {
    "keep": "kept; what is inside of a sequence is cleaned",
    "retain": "kept if it parses",
    "remove": "removed",
    "empty": "emptied",
    "dummy": "replaced by a dummy",
    "uid": "replaced by a UID that the key makes",
    "outside-uid": "replaced by a UID that the key makes, unless it is one of the standard's own",
    "shift": "moved by days of the patient's own",
    "words": "cut down to the words of a list",
    "content": "kept, its items cleaned by concept",
    "patient-id": "replaced by an ID that the key makes",
    "patient-name": "replaced by the new Patient ID",
    "pseudonym": "replaced by an identifier that the key makes",
    "character-set": "kept if the standard knows it",
}
_CODES = {"K": "kept", "C": "cleaned"}
_META_MADE = {
    0x00020000: "their length",
    0x00020001: "their version",
    0x00020002: "the SOP Class UID (0008,0016)",
    0x00020003: "the SOP Instance UID (0008,0018) of the copy",
    0x00020010: "how the copy is encoded",
    0x00020012: "the program that wrote the copy",
}
"""What a copy has in its own File Meta Information elements."""
_PIXELS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})
_TAG = re.compile(r"\(?([0-9a-f]{4}),?([0-9a-f]{4})\)?", re.IGNORECASE)


def explain(attribute: str) -> list[str]:
    """Return lines about an attribute.

    Parameters
    ----------
    attribute : str
        A keyword, a name, or a tag: ``PatientID``, ``Patient ID``, ``(0010,0020)``, ``00100020``.

    Returns
    -------
    list of str
        For each row of the table that is meant: what the standard says, then what is done under each preset
        and each option. One line if nothing is known under that name.
    """
    if match := _TAG.fullmatch(attribute.strip()):
        return _about_tag(int(match[1] + match[2], 16))
    found = rows_named(attribute)
    if found:
        return [line for row in found for line in _about_row(row, _tag_of(row))]
    tag = tag_for_keyword(attribute.strip()) if attribute.strip() else None  # some have no keyword
    return _about_tag(tag) if tag is not None else ["No attribute is called that: give a keyword or a tag."]


def about_element(tag: int, vr: str, creator: str = "") -> list[str]:
    """Return what is done with one element of an instance: under each preset, and with each option.

    Parameters
    ----------
    tag : int
        Its tag.
    vr : str
        Its Value Representation.
    creator : str
        The Private Creator of a private element's block.
    """
    row = row_of(tag)
    said = f"{EDITION} Table E.1-1 says {row.basic}" if row is not None else f"not in {EDITION} Table E.1-1"
    if always := _whatever_is_chosen(tag):
        return [said, f"  always: {always}"]
    lines = [said, *_presets(tag, vr, creator)]
    for column, code in row.options.items() if row is not None else ():
        rule = rules_of(_options_with(column)).rule(tag, vr, creator)
        lines.append(f"  with {OPTION_NAMES[column]} ({code}): {_sentence(rule)}")
    return lines


def _about_tag(tag: int) -> list[str]:
    row = row_of(tag)
    if row is not None:
        return _about_row(row, tag)
    lines = [f"{dictionary.format_tag(tag)} {dictionary.name_of(tag)}: not in {EDITION} Table E.1-1."]
    if always := _whatever_is_chosen(tag):
        return [*lines, f"  always: {always}"]
    lines += _presets(tag, dictionary.vr_of(tag))
    if tag in _PIXELS:
        lines.append("  with rectangles to be blanked: black there; text in pictures is not looked for")
    return lines


def _whatever_is_chosen(tag: int) -> str:
    """Return what becomes of what is no part of an instance's own Data Set; ``""`` for all else."""
    if tag in _META_MADE:
        return f"made anew ({_META_MADE[tag]})"
    if tag >> 16 == 0x0002:
        return "removed (the copy has File Meta Information of its own, without it: PS3.10 7.1)"
    if tag >> 16 == 0x0000:
        return "removed (it belongs to a message, not to a file: PS3.7 6.3)"
    if tag >> 16 == 0x0004:
        return "removed (it belongs to a DICOMDIR, and that of the copies is made anew)"
    if tag >> 16 == 0xFFFE:
        return "written anew (no attribute, but what separates items: PS3.5 7.5)"
    return "removed (a length of the original file)" if tag & 0xFFFF == 0 else ""


def _about_row(row: Row, tag: int) -> list[str]:
    lines = [f"{row.tag} {row.name}, {row.vr}: {EDITION} Table E.1-1 says {row.basic}."]
    if row.tag == PRIVATE:
        lines[0] = f"{row.name}: {EDITION} Table E.1-1 says {row.basic}."
    if always := _whatever_is_chosen(tag):
        return [*lines, f"  always: {always}"]
    lines += _presets(tag, dictionary.vr_of(tag))
    for column, code in row.options.items():
        option = _options_with(column)
        rule = rules_of(option).rule(tag, row.vr)
        done = _CODES[code] if row.tag == PRIVATE else _sentence(rule)
        lines.append(f"  with {OPTION_NAMES[column]} ({code}): {done}")
    return lines


def _presets(tag: int, vr: str, creator: str = "") -> list[str]:
    rules = {name: rules_of(options).rule(tag, vr, creator) for name, options in PRESETS.items()}
    return [f"  {name}: {_sentence(rule)}" for name, rule in rules.items()]


def _sentence(rule: Rule) -> str:
    if rule.deed == "keep" and not rule.label:
        return "kept as it is"
    return f"{_DEEDS[rule.deed]} ({rule.label}{rule.label and ': '}{rule.why})"


def _options_with(column: str) -> DeidentifyOptions:
    """Return the Basic Profile with one option."""
    if column == "retain_full_dates":
        return DeidentifyOptions(dates="kept")
    if column == "retain_modified_dates":
        return DeidentifyOptions(dates="shifted")
    return DeidentifyOptions(**{column: True})  # type: ignore[arg-type]


def _tag_of(row: Row) -> int:
    """Return a tag of the row: that of the first group for a repeating one."""
    digits = row.tag.strip("()").replace(",", "")
    return int(digits.replace("gggg", "0009").replace("eeee", "1001").replace("x", "0"), 16)
