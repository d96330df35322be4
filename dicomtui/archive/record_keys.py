"""The kind of Directory Record that an instance has, and what it repeats of it (PS3.3 F.4, F.5)."""

from typing import NamedTuple

from dicomtui.dataset import dictionary

_CLASS = "1.2.840.10008.5.1.4.1.1."


class Key(NamedTuple):
    """One attribute of a Directory Record."""

    tag: int
    type: int
    """1: must have a value; 2: must be there, may be empty; 3: there if the instance has a value."""


class Level(NamedTuple):
    """What a record of one kind repeats of its instances."""

    numbered: int
    """The tag of the attribute that tells records of one entity apart; what has none is given a number."""
    keys: tuple[Key, ...]


PATIENT_ID, ISSUER, STUDY_UID, SERIES_UID = 0x00100020, 0x00100021, 0x0020000D, 0x0020000E
CONTENT_SEQUENCE = 0x0040A730
INSTANCE_NUMBER = 0x00200013

PATIENT = Level(PATIENT_ID, (Key(0x00100010, 2), Key(ISSUER, 3), Key(0x00100030, 3), Key(0x00100040, 3)))
STUDY = Level(
    0x00200010,
    (Key(0x00080020, 1), Key(0x00080030, 1), Key(0x00080050, 2), Key(0x00081030, 2), Key(STUDY_UID, 1)),
)
SERIES = Level(0x00200011, (Key(0x00080060, 1), Key(0x0008103E, 3), Key(SERIES_UID, 1)))

_DATED = (Key(0x00080023, 1), Key(0x00080033, 1))
_LABELLED = (*_DATED, Key(0x00700080, 1), Key(0x00700081, 2), Key(0x00700084, 2))
_LEAVES: dict[str, tuple[Key, ...]] = {
    "IMAGE": (),
    "RT DOSE": (Key(0x3004000A, 1),),
    "RT STRUCTURE SET": (Key(0x30060002, 1), Key(0x30060008, 2), Key(0x30060009, 2)),
    "RT PLAN": (Key(0x300A0002, 1), Key(0x300A0006, 2), Key(0x300A0007, 2)),
    "RT TREAT RECORD": (Key(0x30080250, 2), Key(0x30080251, 2)),
    "PRESENTATION": (
        Key(0x00081115, 3),
        Key(0x00700080, 1),
        Key(0x00700081, 2),
        Key(0x00700082, 1),
        Key(0x00700083, 1),
        Key(0x00700084, 2),
        Key(0x00700402, 3),
    ),
    "WAVEFORM": _DATED,
    "SR DOCUMENT": (
        *_DATED,
        Key(0x0040A030, 3),
        Key(0x0040A043, 1),
        Key(0x0040A491, 1),
        Key(0x0040A493, 1),
        Key(CONTENT_SEQUENCE, 3),
    ),
    "KEY OBJECT DOC": (*_DATED, Key(0x0040A043, 1), Key(CONTENT_SEQUENCE, 3)),
    "SPECTROSCOPY": (
        Key(0x00080008, 1),
        *_DATED,
        Key(0x00089092, 3),
        Key(0x00280008, 1),
        Key(0x00280010, 1),
        Key(0x00280011, 1),
        Key(0x00289001, 1),
        Key(0x00289002, 1),
    ),
    "RAW DATA": _DATED,
    "REGISTRATION": _LABELLED,
    "FIDUCIAL": _LABELLED,
    "ENCAP DOC": (
        Key(0x00080023, 2),
        Key(0x00080033, 2),
        Key(0x0040A043, 2),
        Key(0x0040E001, 3),
        Key(0x00420010, 2),
        Key(0x00420012, 1),
    ),
    "VALUE MAP": _LABELLED,
    "STEREOMETRIC": (),
    "PLAN": (),
    "MEASUREMENT": _LABELLED,
    "SURFACE": _LABELLED,
    "SURFACE SCAN": _DATED,
    "TRACT": _LABELLED,
    "ASSESSMENT": (Key(0x00080012, 1), Key(0x00080013, 2)),
    "RADIOTHERAPY": (Key(0x30100033, 3), Key(0x30100034, 3), Key(0x00700081, 2), Key(0x00700084, 2)),
}

_TYPES = {
    "4.2": "SPECTROSCOPY",
    "6.2": "IMAGE",
    "9.": "WAVEFORM",
    "11.": "PRESENTATION",
    "30": "IMAGE",
    "66": "RAW DATA",
    "66.1": "REGISTRATION",
    "66.2": "FIDUCIAL",
    "66.3": "REGISTRATION",
    "66.4": "IMAGE",
    "66.5": "SURFACE",
    "66.6": "TRACT",
    "66.7": "IMAGE",
    "66.8": "IMAGE",
    "67": "VALUE MAP",
    "68.": "SURFACE SCAN",
    "77.1.5.3": "STEREOMETRIC",
    "77.1.5.8": "IMAGE",
    "78.": "MEASUREMENT",
    "78.6": "SR DOCUMENT",
    "79.1": "SR DOCUMENT",
    "80.1": "MEASUREMENT",
    "81.1": "IMAGE",
    "82.1": "IMAGE",
    "88.": "SR DOCUMENT",
    "88.59": "KEY OBJECT DOC",
    "90.1": "ASSESSMENT",
    "104.": "ENCAP DOC",
    "131": "PRESENTATION",
    "481.": "RADIOTHERAPY",
    "481.1": "IMAGE",
    "481.2": "RT DOSE",
    "481.3": "RT STRUCTURE SET",
    "481.4": "RT TREAT RECORD",
    "481.5": "RT PLAN",
    "481.6": "RT TREAT RECORD",
    "481.7": "RT TREAT RECORD",
    "481.8": "RT PLAN",
    "481.9": "RT TREAT RECORD",
    "481.23": "IMAGE",
    "481.24": "IMAGE",
}
"""What stands behind :data:`_CLASS`, or begins it if there is a dot at the end, and the kind of record."""

_PLANS = frozenset({"1.2.840.10008.5.1.4.34.7", "1.2.840.10008.5.1.4.34.10"})


def record_type(sop_class: str) -> str:
    """Return the Directory Record Type (0004,1430) of instances of a SOP Class, ``""`` if it has none here.

    Classes that stand beside patients, such as Hanging Protocol Storage, have none either.
    """
    if sop_class in _PLANS:
        return "PLAN"
    if not sop_class.startswith(_CLASS):
        return ""
    rest = sop_class.removeprefix(_CLASS)
    if rest in _TYPES:
        return _TYPES[rest]
    name = dictionary.uid_name(sop_class)
    first, dot, _ = rest.partition(".")
    if dot and first + dot in _TYPES and "Storage" in name:
        return _TYPES[first + dot]
    return "IMAGE" if "Image Storage" in name else ""


def leaf(kind: str) -> Level:
    """Return what a record of that Directory Record Type repeats of its instance."""
    return Level(INSTANCE_NUMBER, _LEAVES[kind])
