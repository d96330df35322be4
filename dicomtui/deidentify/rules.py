"""What happens to an attribute: Table E.1-1 under the chosen options, and what the table leaves out."""

from functools import lru_cache
from typing import Literal, NamedTuple

from dicomtui.dataset import dictionary
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.tables import EDITION, Row, row_of, safe_private

Deed = Literal[
    "keep", "retain", "remove", "empty", "dummy", "uid", "outside-uid", "shift", "words", "content",
    "patient-id", "patient-name", "pseudonym", "character-set",
]  # fmt: skip
"""What is done: ``keep`` and ``retain`` clean what is inside of a sequence, ``retain`` checks formats too."""

CLASS_UIDS = frozenset(
    {
        0x00020002, 0x00020010, 0x00080016, 0x0008001A, 0x0008001B, 0x00080062, 0x0008010C, 0x00080117,
        0x00080118, 0x00081150, 0x0008115A, 0x00083002, 0x00041510, 0x00041512, 0x0004151A, 0x04000010,
    }
)  # fmt: skip
"""UIDs of SOP Classes, Transfer Syntaxes, coding schemes and context groups: they name no instance."""

TEXT_VRS = frozenset({"CS", "LO", "LT", "SH", "ST", "UC", "UT"})
DATE_VRS = frozenset({"DA", "DT", "TM"})

_BASIC: dict[str, Deed] = {
    "X": "remove",
    "Z": "empty",
    "D": "dummy",
    "U": "uid",
    "X/Z": "empty",
    "X/D": "dummy",
    "Z/D": "dummy",
    "X/Z/D": "dummy",
    "X/Z/U*": "keep",
}
_SAFE_SIDE = {"X/Z": "Z", "X/D": "D", "Z/D": "D", "X/Z/D": "D", "X/Z/U*": "U"}
OPTION_NAMES = {
    "retain_safe_private": "Retain Safe Private",
    "retain_uids": "Retain UIDs",
    "retain_device_identity": "Retain Device Identity",
    "retain_institution_identity": "Retain Institution Identity",
    "retain_patient_characteristics": "Retain Patient Characteristics",
    "retain_full_dates": "Full Dates",
    "retain_modified_dates": "Modified Dates",
    "clean_descriptors": "Clean Descriptors",
    "clean_structured_content": "Clean Structured Content",
    "clean_graphics": "Clean Graphics",
}
_OWN_DEEDS: dict[tuple[int, Deed], Deed] = {
    (0x00100010, "empty"): "patient-name",
    (0x00100020, "dummy"): "patient-id",
    # identifiers that tell things apart, and are referred to
    (0x00120040, "dummy"): "pseudonym",
    (0x00120042, "dummy"): "pseudonym",
    (0x00400512, "dummy"): "pseudonym",
    (0x00400551, "dummy"): "pseudonym",
}
_STEP_CONTENT = 0x00400612


class Rule(NamedTuple):
    """What is done to an attribute, and why."""

    deed: Deed
    label: str
    """The standard's code (``X``, ``Z``, ``D``, ``U``, ``C``, ``K``), or the name of a rule beyond the table
    (``PN``, ``date``, ``UI``, ``UR``, ``text``, ``group``, ``unknown``); ``""`` where nothing changes."""
    why: str
    fallback: Deed = "remove"
    """For ``words``: what is done when no word may stay."""


KEPT = Rule("keep", "", "nothing asks for a change")
LOCAL_CODE = Rule("words", "text", "the meaning of a local code is free text", "dummy")
PRIVATE = Rule("remove", "X", f"{EDITION}: private")
NESTED_PIXELS = Rule("remove", "pixels", "pixel data inside of a sequence cannot be judged")
_ON_ITS_OWN = "is set by the de-identification itself"
_TEXT = "free text that the table leaves out"

# PS3.15 E.1.1 asks for more than its table: what else identifies, by tag
_BEYOND: dict[int, Rule] = {
    0x00080001: Rule("remove", "group", "a length of the original file"),
    0x00080005: Rule("character-set", "", "the values stay as they are encoded"),
    0x00080051: Rule("remove", "beyond", "says who issued an Accession Number"),
    0x00080116: Rule("remove", "beyond", "names the organization behind a coding scheme"),
    0x00080300: Rule("remove", "beyond", "describes private elements"),
    0x00100024: Rule("remove", "beyond", "says who issued a Patient ID"),
    0x00100033: Rule("remove", "date", "a birth date in another calendar"),
    0x00100034: Rule("remove", "date", "a date of death in another calendar"),
    0x00100035: Rule("remove", "beyond", "the calendar of removed dates"),
    0x00102295: Rule("remove", "beyond", "identifies an animal in a registry"),
    0x00120062: Rule("remove", "set", _ON_ITS_OWN),
    0x00120063: Rule("remove", "set", _ON_ITS_OWN),
    0x00120064: Rule("remove", "set", _ON_ITS_OWN),
    0x00280303: Rule("remove", "set", _ON_ITS_OWN),
    0x00187006: Rule("empty", "text", _TEXT),
    0x00280A04: Rule("remove", "text", _TEXT),
    0x00283003: Rule("dummy", "text", _TEXT),
    0x00400026: Rule("remove", "beyond", "identifies who placed an order"),
    0x00400027: Rule("remove", "beyond", "identifies who filled an order"),
    0x00400036: Rule("remove", "beyond", "identifies a facility"),
    0x00400039: Rule("remove", "beyond", "identifies a jurisdiction"),
    0x0040003A: Rule("remove", "beyond", "identifies an agency"),
    0x0040A160: Rule("dummy", "text", _TEXT),
    0x0040E001: Rule("dummy", "beyond", "identifies a document"),
    0x00420010: Rule("empty", "text", _TEXT),
    # what a segment or a presentation is called tells what it shows: words of the list stay
    0x00620005: Rule("words", "text", _TEXT, "dummy"),
    0x00620006: Rule("words", "text", _TEXT),
    0x00700080: Rule("words", "text", _TEXT, "dummy"),
    0x00700081: Rule("words", "text", _TEXT, "dummy"),  # type 1 among alternatives
}
_WORDS_BEYOND = frozenset({0x00187006, 0x00280A04, 0x00283003, 0x00420010})


_PRESENTATION_STATES = "1.2.840.10008.5.1.4.1.1.11."
_HANGING_PROTOCOL = "1.2.840.10008.5.1.4.38.1"
# the table removes them, but an object of this kind is not conforming without: never remove type 1 or 2
_REQUIRED: dict[int, tuple[str, Rule]] = {
    0x00700082: (_PRESENTATION_STATES, Rule("dummy", "D", "X, but of type 1 in a presentation state")),
    0x00700083: (_PRESENTATION_STATES, Rule("dummy", "D", "X, but of type 1 in a presentation state")),
    0x0040100A: (_HANGING_PROTOCOL, Rule("empty", "Z", "X, but of type 2 in a hanging protocol")),
}


def required_in(sop_class: str) -> dict[int, Rule]:
    """Return what is done to attributes that cannot be removed from instances of a SOP Class, by tag."""
    return {tag: rule for tag, (root, rule) in _REQUIRED.items() if sop_class.startswith(root)}


class RuleSet:
    """The rules under one choice of options; asking twice for a tag costs a look-up."""

    def __init__(self, options: DeidentifyOptions) -> None:
        self._options = options
        self._columns = options.columns
        self._known: dict[tuple[int, str], Rule] = {}

    def rule(self, tag: int, vr: str, creator: str = "") -> Rule:
        """Return what is done to an element.

        Parameters
        ----------
        tag : int
            Group and element as one number.
        vr : str
            The Value Representation that the file or a dictionary gives.
        creator : str
            The Private Creator of a private element's block.
        """
        if tag >> 16 & 1:
            return self._private(tag, vr, creator)
        rule = self._known.get((tag, vr))
        if rule is None:
            rule = self._known[tag, vr] = self._standard(tag, vr)
        return rule

    def resolve(self, row: Row, vr: str = "") -> Rule:
        """Return what a row of a table asks for: C before K before the basic action (PS3.15 E.1.1)."""
        touching = {name: code for name, code in row.options.items() if name in self._columns}
        cleaning = [name for name, code in touching.items() if code == "C"]
        vr = vr if vr not in ("", "UN") else row.vr
        if cleaning and (rule := self._cleaned(row, cleaning, vr)):
            return rule
        if kept := [name for name, code in touching.items() if code == "K"]:
            return Rule("retain", "K", f"{_names(kept)}: K")
        label = _SAFE_SIDE.get(row.basic, row.basic)
        deed = _BASIC[row.basic]
        if deed == "dummy" and row.vr == "UI":
            deed = "uid"
        if cleaning:
            return Rule(deed, label, f"{_names(cleaning)}: C, and only a person could clean it: {label}")
        why = f"{EDITION}: {row.basic}" + (f", on the safe side {label}" if label != row.basic else "")
        return Rule(deed, label, why)

    def _cleaned(self, row: Row, cleaning: list[str], vr: str) -> Rule | None:
        """Return the rule for a C that can be carried out without a person, else None."""
        why = f"{_names(cleaning)}: C"
        if "retain_modified_dates" in cleaning:
            datelike = row.vr in DATE_VRS or row.tag == "(0008,0201)"
            return Rule("shift", "C", f"{why}, moved by the patient's own days") if datelike else None
        if "clean_structured_content" in cleaning:
            return Rule("content", "C", f"{why}, item by item")
        if row.vr == "SQ":
            return Rule("keep", "C", f"{why}, inside")
        if vr in TEXT_VRS and not {"clean_graphics", "retain_device_identity"} & set(cleaning):
            return Rule("words", "C", f"{why}, words of a list stay", _BASIC[row.basic])
        return None

    def _standard(self, tag: int, vr: str) -> Rule:
        group, element = tag >> 16, tag & 0xFFFF
        if group in (0x0000, 0x0002, 0x0004) or element == 0:
            return Rule("remove", "group", "belongs to the original file, not to the instance")
        row = row_of(tag)
        if row is not None:
            rule = self.resolve(row, vr)
            return rule._replace(deed=_OWN_DEEDS.get((tag, rule.deed), rule.deed))
        if tag in _BEYOND:
            rule = _BEYOND[tag]
            if tag in _WORDS_BEYOND and "clean_descriptors" in self._columns:
                return Rule("words", "text", rule.why, rule.deed)
            return rule
        if tag == 0x00280301 and self._options.blank:
            return Rule("remove", "set", _ON_ITS_OWN)
        if group >> 8 == 0x60:
            return Rule("remove", "overlay", "goes with its Overlay Data")
        if tag == _STEP_CONTENT and "clean_structured_content" in self._columns:
            return Rule("content", "C", "Clean Structured Content: C, item by item")
        if dictionary.name_of(tag) == "Unknown":
            return Rule("remove", "unknown", "no dictionary knows what it is")
        return self._by_vr(tag, {vr, dictionary.vr_of(tag)}, KEPT)

    def _by_vr(self, tag: int, vrs: set[str], otherwise: Rule) -> Rule:
        """Return the rule for an attribute that no table lists, by any VR that is claimed for it."""
        if "PN" in vrs:
            return Rule("dummy", "PN", "every name of a person")
        if vrs & DATE_VRS:
            deeds: dict[str, Deed] = {"removed": "dummy", "shifted": "shift", "kept": "retain"}
            return Rule(deeds[self._options.dates], "date", f"every date and time: {self._options.dates}")
        if "UI" in vrs and tag not in CLASS_UIDS and not self._options.retain_uids:
            return Rule("outside-uid", "UI", "every UID outside of the standard's own root")
        if "UR" in vrs:
            return Rule("dummy", "UR", "an address may hold identifiers")
        return otherwise

    def _private(self, tag: int, vr: str, creator: str) -> Rule:
        safe = safe_private(tag, creator) if self._options.retain_safe_private else None
        if safe is None or tag >> 16 in (1, 3, 5, 7, 0xFFFF):
            return PRIVATE
        kept = Rule("keep", "C", "Retain Safe Private: Table E.3.10-1 has it")
        return self._by_vr(tag, {vr, safe.vr}, kept)


@lru_cache(maxsize=8)
def rules_of(options: DeidentifyOptions) -> RuleSet:
    """Return the rules under *options*; a batch asks for the same ones again and again."""
    return RuleSet(options)


def _names(columns: list[str]) -> str:
    return " and ".join(OPTION_NAMES[column] for column in columns)
