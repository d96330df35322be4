"""What the standard's dictionary and the vendors' private ones say about a tag or a UID."""

from functools import lru_cache
from typing import NamedTuple

from pydicom._uid_dict import UID_dictionary
from pydicom.datadict import get_entry, private_dictionary_description, private_dictionary_VR

PRIVATE_CREATOR_BLOCK = range(0x0010, 0x0100)


def is_private(tag: int) -> bool:
    """Whether the group of *tag* is odd (PS3.5 7.8)."""
    return bool(tag >> 16 & 1)


def is_private_creator(tag: int) -> bool:
    """Whether the element reserves a block of its private group."""
    return is_private(tag) and (tag & 0xFFFF) in PRIVATE_CREATOR_BLOCK


def format_tag(tag: int) -> str:
    """Return ``(0010,0020)``."""
    return f"({tag >> 16:04x},{tag & 0xFFFF:04x})"


@lru_cache(maxsize=16384)
def name_of(tag: int, creator: str = "") -> str:
    """Return the attribute's name, ``Unknown`` when no dictionary has it.

    Parameters
    ----------
    tag : int
        Group and element as one number.
    creator : str
        The Private Creator of a private element's block.
    """
    if is_private_creator(tag):
        return "Private Creator"
    try:
        if is_private(tag):
            return str(private_dictionary_description(tag, creator)).strip("[]")
        return get_entry(tag)[2]
    except KeyError:
        return "Group Length" if tag & 0xFFFF == 0 else "Unknown"


@lru_cache(maxsize=16384)
def keyword_of(tag: int) -> str:
    """Return the attribute's keyword, ``""`` when the standard has none."""
    try:
        return "" if is_private(tag) else get_entry(tag)[4]
    except KeyError:
        return ""


@lru_cache(maxsize=16384)
def vr_of(tag: int, creator: str = "") -> str:
    """Return the Value Representation a dictionary gives, maybe ``US or SS``, or ``UN``."""
    if is_private_creator(tag):
        return "LO"
    try:
        return str(private_dictionary_VR(tag, creator)) if is_private(tag) else get_entry(tag)[0]
    except KeyError:
        return "UL" if tag & 0xFFFF == 0 else "UN"


@lru_cache(maxsize=16384)
def fixed_vm_of(tag: int) -> int | None:
    """Return how many values an attribute has, None where that varies or the standard does not know it."""
    try:
        multiplicity = "" if is_private(tag) else get_entry(tag)[1]
    except KeyError:
        return None
    return int(multiplicity) if multiplicity.isdecimal() else None


class Entry(NamedTuple):
    """What the standard's dictionary says of an attribute besides its name."""

    multiplicity: str = ""
    """Value Multiplicity, for instance ``1-n``; empty where it is not known."""
    retired: bool = False


def entry_of(tag: int) -> Entry:
    """Return what the standard's dictionary says of a tag; nothing of a private or unknown one."""
    try:
        _, multiplicity, _, retired, _ = get_entry(tag)
    except KeyError:
        return Entry()
    return Entry() if is_private(tag) else Entry(multiplicity, bool(retired))


def uid_kind(uid: str) -> str:
    """Return what a UID of the standard stands for: ``SOP Class``, ``Transfer Syntax, retired``."""
    entry = UID_dictionary.get(uid)
    return ", ".join(filter(None, (entry[1], "retired" if entry[3] else ""))) if entry else ""


def uid_name(uid: str) -> str:
    """Return the name of a UID that the standard registers, or ``""``."""
    entry = UID_dictionary.get(uid)
    return entry[0] if entry else ""
