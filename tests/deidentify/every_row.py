"""One element for each row of Table E.1-1, with a value that stands nowhere else."""

import csv
import random
import re
from datetime import date, timedelta
from typing import NamedTuple

from dicomtui.deidentify.tables import DATA
from tests.deidentify.encoded import explicit, implicit, item

REMOVED_GROUPS = (0x0000, 0x0002, 0x0004)
_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"


class Made(NamedTuple):
    """A row of the table and a value for it."""

    tag: int
    vr: str
    line: dict[str, str]
    token: str
    """What must not be found; ``""`` where a value has too few bytes to be recognised."""
    value: bytes

    @property
    def element(self) -> bytes:
        return explicit(self.tag, self.vr, self.value)

    @property
    def implicit(self) -> bytes:
        return implicit(self.tag, self.value)


def lines() -> list[dict[str, str]]:
    with (DATA / "table_e1_1.csv").open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def vr_of(line: dict[str, str]) -> str:
    if line["vr"]:
        return line["vr"].partition(" ")[0]
    if line["name"].endswith("Sequence"):
        return "SQ"
    return "DT" if line["name"].endswith("DateTime") else "LO"


def tag_of(line: dict[str, str]) -> int:
    digits = re.sub(r"[(),]", "", line["tag"]).replace("gggg", "0009").replace("eeee", "1001")
    return int(digits.replace("x", "2"), 16)


def made_rows(seed: int, words: str = "") -> list[Made]:
    """Return a value for each row; the texts of rows that descriptors touch begin with *words*."""
    chance = random.Random(seed)
    days = iter(chance.sample(range(40_000), 700))
    return [_made(line, chance, next(days), words) for line in lines()]


def _made(line: dict[str, str], chance: random.Random, day: int, words: str) -> Made:
    vr, tag = vr_of(line), tag_of(line)
    unique = "".join(chance.choices(_LETTERS, k=10))
    written = (date(1890, 1, 1) + timedelta(day)).strftime("%Y%m%d")
    number = chance.randrange(100_000, 999_999)
    tokens = {
        "DA": written,
        "DT": f"{written}1234{number % 60:02}.{number}",
        "TM": f"1234{number % 60:02}.{number}",
        "UI": f"1.2.3.{number}.{day}.{number}",
        "DS": f"7.{number}{day}",
        "IS": f"{number}{day}",
        "AS": "",
        "US": "",
    }
    token = tokens.get(vr, unique)
    value = token.encode()
    if vr == "AS":
        value = b"042Y"
    elif tag == 0x00080201:  # Timezone Offset From UTC
        token, value = "", b"-0500"
    elif vr == "US":
        value = b"\4\0"
    elif vr == "SQ":
        # an UID is no value that a sequence that is kept and cleaned would keep
        token = f"1.2.3.{number}.{day}.{number}"
        value = item(explicit(0x00081155, "UI", token))
    elif vr == "PN":
        value = f"{unique}^X".encode()
    elif words and line["clean_descriptors"] == "C":
        value = f"{words} {token}".encode()
    return Made(tag, vr, line, token, value)


def implicit_sequences(rows: list[Made]) -> list[bytes]:
    """Return the rows in implicit encoding, as an element of VR UN holds them (PS3.5 6.2.2)."""
    return [
        implicit(row.tag, item(implicit(0x00081155, row.token)) if row.vr == "SQ" else row.value)
        for row in rows
    ]
