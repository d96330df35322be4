"""Somebody who presses whatever there is: keys of the browser in a seeded order, as a terminal sends them."""

import random
from collections.abc import Callable, Iterator
from typing import NamedTuple

from textual.keys import key_to_character

from dicomtui.keys import Key, every_key

_SEQUENCES = {
    "escape": "\x1b",
    "enter": "\r",
    "tab": "\t",
    "space": " ",
    "shift+tab": "\x1b[Z",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "ctrl+up": "\x1b[1;5A",
    "ctrl+down": "\x1b[1;5B",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~",
    "f1": "\x1bOP",
}
_NOT_ALONE = frozenset({"app.quit", "app.suspend", "app.export", "app.deidentify", "app.back"})
"""Not pressed at random: what ends the program, opens what could write, or is a key that takes its time."""
_WORDS = ("ct", "mr", "name", "uid", "date", "0008", "a", "7", "dcm", "rtstruct", "é", "zzz", "pixel")
_QUERIES = (
    "Modality=CT",
    "PatientName~a",
    "Rows>100",
    "nothing=",
    "Modality",
    "(",
    "Modality=MR",
)
_FORM_KEYS = ("\t", "\x1b[Z", " ", "j", "k", "h", "l", "v", "\x1b[C", "\x1b[D", "c")


def typed(name: str) -> str:
    """Return what a terminal sends for a key of Textual's name."""
    if name in _SEQUENCES:
        return _SEQUENCES[name]
    if name.startswith("ctrl+"):
        return chr(ord(name[-1]) & 0x1F)
    if name.startswith("alt+"):
        return "\x1b" + name[-1]
    return name if len(name) == 1 else key_to_character(name) or ""


class Act(NamedTuple):
    """One thing that a user does."""

    keys: tuple[str, ...] = ()
    """Each as a terminal sends it, with a moment after each; ``""`` is a longer one."""
    size: tuple[int, int] | None = None
    """Columns and lines that the terminal is made to have."""
    rest: float = 0.0
    """Seconds of looking at it."""


class RandomUser:
    """What somebody does, without end; the same for the same seed.

    Dialogs that write are entered, changed, and left; now and then a key in one begins what it is for.

    Parameters
    ----------
    seed : int
        Of the order.
    """

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._keys = [key for key in every_key() if key.id not in _NOT_ALONE]
        self._columns, self._lines = 120, 40

    def acts(self) -> Iterator[Act]:
        """Yield what is done next: every key once, so that all is loaded, then whatever there is."""
        for key in self._random.sample(self._keys, len(self._keys)):
            yield Act((self._random.choice(("\x1b1", "\x1b2", "\x1b3", "\x1b3")), self._key(key)))
        kinds: dict[Callable[[], Act], int] = {
            self._press: 40,
            self._go_to_a_row: 30,
            self._hold: 6,
            self._step: 10,
            self._leave: 10,
            self._play: 4,
            self._search: 5,
            self._find: 1,
            self._command: 2,
            self._look_at_a_dialog: 3,
            self._resize: 2,
            self._point: 5,
        }
        while True:
            (kind,) = self._random.choices(list(kinds), list(kinds.values()))
            yield kind()

    def _press(self) -> Act:
        return Act((self._key(self._random.choice(self._keys)),), rest=self._random.choice((0, 0, 0.05, 0.3)))

    def _key(self, key: Key) -> str:
        return typed(self._random.choice(key.keys.split(",")))

    def _go_to_a_row(self) -> Act:
        pane = self._random.choice(("\x1b1", "\x1b1", "\x1b1", "\x1b2"))
        row = (*str(self._random.randint(1, 600)), "G")
        return Act((pane, *row, self._random.choice(("\r", "l", "h", " ", ""))), rest=0.1)

    def _hold(self) -> Act:
        key = self._random.choice(("j", "k", "\x1b[B", "\x1b[A", ".", ",", ">", "<", "]", "[", "+", "-"))
        return Act((key,) * self._random.randint(5, 25))

    def _step(self) -> Act:
        return Act((self._random.choice("[]{}}JK"),) * self._random.randint(1, 3), rest=0.1)

    def _leave(self) -> Act:
        return Act(("\x1b",) * self._random.randint(1, 3))

    def _play(self) -> Act:
        speed = self._random.choice(((), ("2", "5"), ("9", "9"), ("1",)))
        watch = ("",) * self._random.randint(1, 8)
        return Act(("\x1b", "\x1b3", *speed, " ", *watch, self._random.choice((" ", "\x1b1", "]"))))

    def _search(self) -> Act:
        pane = self._random.choice(("\x1b1", "\x1b2"))
        end = self._random.choice(("\r", "\x1b", "\rnnN"))
        return Act(("\x1b", pane, self._random.choice("/f"), *self._random.choice(_WORDS), *end))

    def _find(self) -> Act:
        return Act(
            ("\x1b", "\x1b", "\x06", *self._random.choice(_QUERIES), "\r", "", "j", "\x1b", "\x1b"), rest=0.3
        )

    def _command(self) -> Act:
        named = [key for key in self._keys if len(key.description) > 12]
        words = self._random.choice(named).description[:30]
        end = self._random.choice(("\r", "\x1b"))
        return Act(("\x1b", "\x1b", "\x10", *words, "", end, "\x1b"), rest=0.1)

    def _look_at_a_dialog(self) -> Act:
        changes = (self._random.choice(_FORM_KEYS) for _ in range(self._random.randint(2, 9)))
        leave = ("\x1b",) * 4
        return Act(("\x1b", "\x1b", self._random.choice("ax"), "", *changes, *leave))

    def _resize(self) -> Act:
        self._columns, self._lines = self._random.choice(
            ((120, 40), (160, 48), (80, 24), (self._random.randint(20, 240), self._random.randint(5, 70)))
        )
        return Act(size=(self._columns, self._lines), rest=0.2)

    def _point(self) -> Act:
        place = f"{self._random.randint(1, self._columns)};{self._random.randint(1, self._lines)}"
        button = self._random.choice((0, 0, 64, 65, 2))
        down = f"\x1b[<{button};{place}M"
        return Act((down if button >= 64 else f"{down}\x1b[<{button};{place}m",))
