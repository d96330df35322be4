"""Which attributes the IOD of a SOP Class requires: the table of PS3.3 that the package carries.

``data/iod_table.json`` is made by ``scripts/make_iod_table.py``, which says what is in it and what is not.
"""

import json
from functools import cache
from pathlib import Path as FilePath
from typing import Any, NamedTuple

_DATA = FilePath(__file__).with_name("data") / "iod_table.json"
_STRICTEST = {"1": 0, "1C": 1, "2": 2, "2C": 3}
_CAPITALS = frozenset(
    {
        "ct",
        "cr",
        "dx",
        "mr",
        "nm",
        "us",
        "rt",
        "sc",
        "pet",
        "xa",
        "xrf",
        "voi",
        "lut",
        "roi",
        "dvh",
        "sop",
        "sr",
    }
)


class Requirement(NamedTuple):
    """An attribute that has to be there."""

    tag: int
    type: str
    """Data Element Type (PS3.5 7.4): 1, 2, 1C or 2C."""
    clause: str
    """The module that requires it, ``PS3.3 C.7.1.1 Patient``."""


Requirements = dict[tuple[int, ...], tuple[Requirement, ...]]
"""What is required, by the tags of the sequences around it."""


def requirements_of(sop_class: str) -> Requirements | None:
    """Return what the mandatory modules of a SOP Class require; None where the table does not have it."""
    modules = _table()["classes"].get(sop_class)
    return None if modules is None else _merged(tuple(modules))


def sop_classes() -> list[str]:
    """Return the UIDs of all SOP Classes in the table."""
    return list(_table()["classes"])


def modules_of(sop_class: str) -> list[str]:
    """Return the names of the mandatory modules of a SOP Class, ``image-plane``."""
    return list(_table()["classes"].get(sop_class, ()))


@cache
def _table() -> dict[str, Any]:
    table: dict[str, Any] = json.loads(_DATA.read_text(encoding="ascii"))
    return table


@cache
def _merged(modules: tuple[str, ...]) -> Requirements:
    """Return the attributes of some modules; of one that several have the strictest type counts."""
    found: dict[tuple[int, ...], dict[int, Requirement]] = {}
    for module in modules:
        number, attributes = _table()["modules"][module]
        clause = " ".join(filter(None, ("PS3.3", number, _title(module))))
        for place, tags in attributes.items():
            kind, *around = place.split(" ")
            here = found.setdefault(tuple(int(tag, 16) for tag in around), {})
            for tag in (int(tag, 16) for tag in tags.split(" ")):
                known = here.get(tag)
                if known is None or _STRICTEST[kind] < _STRICTEST[known.type]:
                    here[tag] = Requirement(tag, kind, clause)
    return {place: tuple(here[tag] for tag in sorted(here)) for place, here in found.items()}


def _title(module: str) -> str:
    return " ".join(word.upper() if word in _CAPITALS else word.title() for word in module.split("-"))
