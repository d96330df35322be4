"""What terminals answer when they are asked what they can do, and how to tell it from what is typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from dicomtui.picture.known_terminals import UNKNOWN, Known, known_by_version
from dicomtui.text import safe_line

TEST_PICTURE = 31
"""The number by which the answer to kitty's test picture is known."""
LONGEST = 512
"""Characters of an answer; what goes on longer is none."""
_NAME = 60
_SIXEL_ATTRIBUTE = "4"
_COLOURS = range(2, 65537)
_CELL = range(1, 513)

_ANSWER = re.compile(
    r"\x1b\[\?[0-9;]*[cS]"  # DA1, XTSMGRAPHICS
    r"|\x1bP>\|[^\x1b]*\x1b\\"  # XTVERSION
    r"|\x1b_G[^\x1b]*\x1b\\"  # kitty's graphics protocol
    r"|\x1b\[6;[0-9]+;[0-9]+t"  # the size of a cell
    r"|\x1b\]1337;[^\x1b\x07]*(?:\x1b\\|\x07)"  # iTerm2's size of a cell
)
_BEGUN = re.compile(
    r"\x1b(?:\[(?:\?[0-9;]*|6(?:;[0-9]*){0,2})?"
    r"|P(?:>(?:\|[^\x1b]*\x1b?)?)?"
    r"|_(?:G[^\x1b]*\x1b?)?"
    r"|\](?:1(?:3(?:3(?:7(?:;[^\x1b\x07]*\x1b?)?)?)?)?)?)?\Z"
)


@dataclass(frozen=True)
class Answers:
    """What a terminal said of itself."""

    name: str = ""
    """What it calls itself, with its version; safe to show."""
    known: Known = UNKNOWN
    has_sixel: bool = False
    has_kitty: bool = False
    """Whether it took a test picture."""
    has_iterm2: bool = False
    sixel_colours: int = 0
    cell: tuple[int, int] | None = None
    """Pixels of a cell: across, down."""
    is_complete: bool = False
    """Whether the last question was answered, and so all that it answers at all."""


class Sieve:
    """Takes answers out of what comes from the terminal, however it is cut in pieces."""

    def __init__(self) -> None:
        self.answers: list[str] = []
        self.awaits_picture = False
        """Whether the answer to the test picture is waited for too: it may come after the last."""
        self._held = ""

    @property
    def held(self) -> str:
        """What may be the beginning of an answer: no key yet."""
        return self._held

    @property
    def is_complete(self) -> bool:
        """Whether the last question, DA1, is answered."""
        is_last_answered = any(
            answer.startswith("\x1b[?") and answer.endswith("c") for answer in self.answers
        )
        return is_last_answered and not (
            self.awaits_picture and not any(answer.startswith("\x1b_G") for answer in self.answers)
        )

    def feed(self, data: str) -> str:
        """Return what of *data* was typed."""
        data = self._held + data
        self.answers += _ANSWER.findall(data)
        data = _ANSWER.sub("", data)
        begun = _BEGUN.search(data)
        if begun is None or len(begun[0]) > LONGEST:
            self._held = ""
            return data if begun is None else data[: begun.start()]
        self._held = begun[0]
        return data[: begun.start()]

    def release(self) -> str:
        """Return the keys that were held back, as nothing followed; a begun answer is dropped."""
        held, self._held = self._held, ""
        return held if len(held) <= 2 else ""  # Escape, Alt and a key


def read_answers(answers: Iterable[str]) -> Answers:
    """Return what *answers* mean; what makes no sense is left out."""
    found: dict[str, object] = {}
    for answer in answers:
        _read(answer, found)
    known = found.get("known", UNKNOWN)
    if isinstance(known, Known) and known.takes_iterm2:
        found["has_iterm2"] = True
    return Answers(**found)  # type: ignore[arg-type]


def _read(answer: str, found: dict[str, object]) -> None:
    body = answer[3:-1]
    if answer.startswith("\x1b[?") and answer.endswith("c"):
        found["has_sixel"] = _SIXEL_ATTRIBUTE in body.split(";")[1:]
        found["is_complete"] = True
    elif answer.startswith("\x1b[?"):
        numbers = _numbers(body)
        if numbers[:2] == [1, 0] and len(numbers) == 3 and numbers[2] in _COLOURS:
            found["sixel_colours"] = numbers[2]
    elif answer.startswith("\x1bP>|"):
        found["name"] = safe_line(answer[4:-2], _NAME)
        found["known"] = known_by_version(answer[4:-2])
    elif answer.startswith("\x1b_G"):
        keys, _, message = answer[3:-2].partition(";")
        if f"i={TEST_PICTURE}" in keys.split(",") and message == "OK":
            found["has_kitty"] = True
    elif answer.startswith("\x1b[6;"):
        height, width = _numbers(answer[4:-1])
        if width in _CELL and height in _CELL:
            found["cell"] = (width, height)
    elif "ReportCellSize=" in answer:
        found["has_iterm2"] = True


def _numbers(text: str) -> list[int]:
    return [int(part[:9]) for part in text.split(";") if part]
