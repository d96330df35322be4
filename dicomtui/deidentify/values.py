"""Makes the new element for one that is not looked into: removed, emptied, replaced, moved or as it is."""

import re
from collections.abc import Callable, Sequence
from struct import calcsize

from pydicom.charset import convert_encodings, python_encoding
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset

from dicomtui.dataset import dictionary
from dicomtui.dataset.elements import Element
from dicomtui.dataset.raw_elements import AnyElement
from dicomtui.dataset.values import NUMBER_FORMATS, STRING_VRS, odd_bytes
from dicomtui.deidentify import dates
from dicomtui.deidentify.descriptors import cleaned
from dicomtui.deidentify.dummies import Maker
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.rules import DATE_VRS, Deed, Rule
from dicomtui.deidentify.tables import row_of
from dicomtui.deidentify.tokens import NAMES_OF_THINGS, Tokens

_ISSUER, _PATIENT_ID, _STUDY_UID = 0x00100021, 0x00100020, 0x0020000D
_GRAPHIC_ANNOTATIONS, _LAYER = 0x00700001, 0x00700002
_PERFORMED_STEPS = 0x00081111
_CLASS_UID, _INSTANCE_UID = 0x00081150, 0x00081155
_STANDARD_ROOT = "1.2.840.10008."

_NUMBERS = re.compile(rb"(?:[0-9+\-.,eE\\ \0]|nan|inf|NaN|Inf|NAN|INF)*")
_UIDS = re.compile(rb"[0-9.\\ \0]*")
_CODE_STRING = re.compile(r"[A-Z0-9_ ]{1,16}")
_ISO_NAME = re.compile(r"ISO[ _-]?(2022)?[ _-]?IR[ _-]?([0-9]{1,4})")
_WORDS = {"d": 8, "f": 4, "L": 4, "Q": 8, "l": 4, "h": 2, "q": 8, "H": 2}  # bytes by format
_SIZES = {vr: _WORDS[kind] for vr, kind in NUMBER_FORMATS.items()} | {"AT": 2, "OW": 2}

Tell = Callable[[Element, str], None]


class Values:
    """Makes new elements for one instance; the same patient, UID or identifier gives the same value."""

    def __init__(
        self, make: Maker, key: Key, elements: Sequence[Element], tokens: Tokens, tell: Tell
    ) -> None:
        self.encodings: list[str] = ["iso8859"]
        """Codecs of the Data Set that is being cleaned."""
        self._make, self._key, self._tokens, self._tell = make, key, tokens, tell
        top = {
            each.tag: self.text(each) for each in elements if each.tag in (_ISSUER, _PATIENT_ID, _STUDY_UID)
        }
        self._issuer, self.study_uid = top.get(_ISSUER, ""), top.get(_STUDY_UID, "")
        self.patient_id = top.get(_PATIENT_ID, "")
        self._days = key.offset_days(self._issuer, self.patient_id, self.study_uid)
        for element in elements:  # a name that comes later must not stay in a description before it
            if element.vr == "PN":
                tokens.take(element)
        self._deeds: dict[Deed, Callable[[Element, Rule], AnyElement | None]] = {
            "keep": self._kept,
            "retain": self._retained,
            "remove": self._removed,
            "empty": self._emptied,
            "dummy": self._dummy,
            "uid": self._new_uid,
            "outside-uid": self._outside_uid,
            "shift": self._shifted,
            "words": self._words,
            "content": self._kept,
            "patient-id": self._patient_id,
            "patient-name": self._patient_name,
            "pseudonym": self._pseudonym,
            "character-set": self._character_set,
        }

    def new(self, element: Element, rule: Rule) -> AnyElement | None:
        """Return what becomes of *element* under *rule*; None if it is removed."""
        return self._deeds[rule.deed](element, rule)

    def text(self, element: Element) -> str:
        """Return all values of an element as text, with backslashes between them."""
        if element.vr in STRING_VRS:
            return "\\".join(element.values).strip(" \0")
        return (element.value or b"").decode("latin-1").strip(" \0")

    def is_unchanged(self, element: Element, new: AnyElement | None) -> bool:
        """Whether *new* has the bytes of *element*, padding apart."""
        if not isinstance(new, RawDataElement) or element.value is None:
            return False
        return (new.value or b"").rstrip(b" \0") == element.value.rstrip(b" \0")

    def _kept(self, element: Element, rule: Rule) -> AnyElement | None:
        value = element.value or b""
        vr = element.vr
        known = self._vr(element) if element.tag >> 16 & 1 == 0 else vr
        if element.length is None or (value and known == "SQ"):
            self._tell(element, "cannot be parsed as a sequence: removed")
            return None
        if not all(_fits(each, value) for each in {vr, known}) or (
            known in NUMBER_FORMATS and vr in STRING_VRS
        ):
            return self._failed(element, known)
        if element.tag in NAMES_OF_THINGS:
            self._tokens.spare(*element.values)
        if known in NUMBER_FORMATS:
            value = self._counted(element, known, value)
        size = _SIZES.get(vr)
        if size and element.little != self._make.little:  # an item of UN is little endian (PS3.5 6.2.2)
            value = b"".join(value[at : at + size][::-1] for at in range(0, len(value), size))
        return self._make.raw(element.tag, vr, value)

    def _counted(self, element: Element, vr: str, value: bytes) -> bytes:
        """Return as many binary numbers as there can be: what stands behind them is none."""
        count = dictionary.fixed_vm_of(element.tag)
        length = len(value) if count is None else count * calcsize(f"<{NUMBER_FORMATS[vr]}")
        if len(value) > length:
            self._tell(element, f"has more values than {count}: the others are removed")
        return value[:length]

    def _retained(self, element: Element, rule: Rule) -> AnyElement | None:
        vr = self._date_vr(element)
        text = self.text(element)
        if vr in STRING_VRS and element.vr in NUMBER_FORMATS:  # bytes that the standard takes for text
            return self._failed(element, vr)
        try:
            if text:
                dates.check(vr, text)
        except ValueError:
            return self._failed(element, vr)
        self._tokens.spare(*element.values)
        return self._kept(element, rule)

    def _removed(self, element: Element, rule: Rule) -> AnyElement | None:
        if not element.tag >> 16 & 1:
            self._tokens.take(element)
        return None

    def _emptied(self, element: Element, rule: Rule) -> AnyElement | None:
        self._tokens.take(element)
        return self._make.empty(element.tag, self._vr(element))

    def _dummy(self, element: Element, rule: Rule) -> AnyElement | None:
        self._tokens.take(element)
        tag, items = element.tag, element.items
        if not items and not element.value:
            return self._make.empty(tag, self._vr(element))
        if items and tag == _PERFORMED_STEPS:
            return self._make.sequence(tag, [self._reference(item.elements) for item in items])
        if items and tag == _GRAPHIC_ANNOTATIONS:
            layer = next((self.text(each) for each in items[0].elements if each.tag == _LAYER), "")
            known = layer if _CODE_STRING.fullmatch(layer) else "REMOVED"
            return self._make.sequence(tag, [self._make.removed_graphic(known)])
        return self._make.dummy(tag, self._vr(element))

    def _reference(self, elements: list[Element]) -> Dataset:
        """Return an item that refers to the new UID of what *elements* refer to, and holds nothing else."""
        found = {each.tag: self.text(each) for each in elements}
        old, sop_class = found.get(_INSTANCE_UID, ""), found.get(_CLASS_UID, "")
        return self._make.item(
            self._make.text(_CLASS_UID, "UI", sop_class if dictionary.uid_name(sop_class) else ""),
            self._make.text(_INSTANCE_UID, "UI", self._mapped(old)),
        )

    def _new_uid(self, element: Element, rule: Rule) -> AnyElement | None:
        if element.items is not None:
            return self._failed(element, "UI")
        self._tokens.take(element)
        return self._make.text(element.tag, "UI", self._mapped(self._uids(element)))

    def _outside_uid(self, element: Element, rule: Rule) -> AnyElement | None:
        uids = self._uids(element)
        if all(not uid or uid.startswith(_STANDARD_ROOT) for uid in uids.split("\\")):
            return self._kept(element, rule)
        self._tokens.take(element)
        mapped = [
            uid if uid.startswith(_STANDARD_ROOT) and _UIDS.fullmatch(uid.encode()) else self._mapped(uid)
            for uid in uids.split("\\")
        ]
        return self._make.text(element.tag, "UI", "\\".join(mapped))

    def _uids(self, element: Element) -> str:
        parts = (element.value or b"").decode("latin-1").split("\\")
        return "\\".join(part.strip(" \0") for part in parts)

    def _mapped(self, uids: str) -> str:
        """Return new UIDs; those that the standard registers are the same everywhere and stay."""
        return "\\".join(
            uid if not uid or dictionary.uid_name(uid) else self._key.uid(uid) for uid in uids.split("\\")
        )

    def _shifted(self, element: Element, rule: Rule) -> AnyElement | None:
        vr = self._date_vr(element)
        self._tokens.take(element)
        try:
            moved = dates.shifted(vr, self.text(element), self._days)
        except ValueError:
            return self._failed(element, vr)
        self._tokens.spare(moved)
        return self._make.text(element.tag, vr, moved)

    def _words(self, element: Element, rule: Rule) -> AnyElement | None:
        words = cleaned(self.text(element), self._tokens.words())
        if words or not element.value:
            return self._make.text(element.tag, self._vr(element), words)
        return self._deeds[rule.fallback](element, rule)

    def _patient_id(self, element: Element, rule: Rule) -> AnyElement | None:
        self._tokens.take(element)
        old = self.text(element)
        if not old and (element.depth or not self.study_uid):
            return self._make.empty(element.tag, "LO")
        return self._make.text(element.tag, "LO", self._key.patient_id(self._issuer, old, self.study_uid))

    def _patient_name(self, element: Element, rule: Rule) -> AnyElement | None:
        self._tokens.take(element)
        if element.depth or not self.text(element) or not (self.patient_id or self.study_uid):
            return self._make.empty(element.tag, "PN")
        same = self._key.patient_id(self._issuer, self.patient_id, self.study_uid)
        return self._make.text(element.tag, "PN", f"ANON^{same}")

    def _pseudonym(self, element: Element, rule: Rule) -> AnyElement | None:
        old = self.text(element)
        self._tokens.take(element)
        if not old:
            return self._make.empty(element.tag, "LO")
        return self._make.text(element.tag, "LO", self._key.pseudonym(element.keyword, old))

    def _character_set(self, element: Element, rule: Rule) -> AnyElement | None:
        """Keep names of character sets that the standard knows, since all values stay encoded as they are."""
        terms = [_standard_term(term) for term in self.text(element).split("\\")]
        if not all(term in python_encoding for term in terms):
            self._tell(element, "names an unknown character set: removed")
            return None
        if any(terms):
            self.encodings = convert_encodings(terms)
        return self._make.text(element.tag, "CS", "\\".join(terms))

    def _failed(self, element: Element, vr: str) -> AnyElement | None:
        self._tokens.take(element)
        self._tell(element, f"is no value of {vr}: emptied")
        return self._make.empty(element.tag, vr)

    def _vr(self, element: Element) -> str:
        """Return the standard's VR for a new value, what the file says where the standard is silent."""
        tag = element.tag
        known = dictionary.vr_of(tag, element.creator if tag >> 16 & 1 else "")
        return known if len(known) == 2 and known != "UN" else element.vr

    def _date_vr(self, element: Element) -> str:
        vr = self._vr(element)
        row = row_of(element.tag)
        return row.vr if vr == "UN" and row is not None and row.vr in DATE_VRS else vr


def _fits(vr: str, value: bytes) -> bool:
    """Whether *value* can be of a VR of numbers or UIDs; any value can be of another."""
    pattern = _NUMBERS if vr in ("DS", "IS") else _UIDS if vr == "UI" else None
    return not odd_bytes(vr, len(value)) and (pattern is None or pattern.fullmatch(value) is not None)


def _standard_term(term: str) -> str:
    """Return the Defined Term (PS3.3 C.12.1.1.2) that is meant: writers vary its spaces and dashes."""
    term = term.strip(" \0").upper()
    if match := _ISO_NAME.fullmatch(term):
        return f"ISO 2022 IR {int(match[2])}" if match[1] else f"ISO_IR {int(match[2])}"
    return term
