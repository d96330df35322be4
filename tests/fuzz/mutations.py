"""What may happen to a file: flipped bits, cuts, edited lengths, parts of other files; all from a seed."""

import re
from collections.abc import Callable, Sequence
from random import Random

MOST_BYTES = 1 << 18
"""A mutated file is cut here: what is larger would take time without being stranger."""
_LENGTHS = (0, 1, 2, 7, 8, 9, 0x7F, 0xFF, 0x7FFF, 0xFFFE, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFE, 0xFFFFFFFF)
_MARKERS = (
    b"\xfe\xff\x00\xe0",  # Item (FFFE,E000)
    b"\xfe\xff\x0d\xe0",  # Item Delimitation Item
    b"\xfe\xff\xdd\xe0",  # Sequence Delimitation Item
    b"\xe0\x7f\x10\x00",  # Pixel Data
    b"\x1b$B\x1b(B",  # escape sequences of ISO 2022
    b"\x1b]52;c;AAAA\x07",  # and one that a terminal would obey
    b"[@click=app.quit]x[/]",
    "\u202e\u2066\U000e0041".encode(),
    b"SQ\0\0\xff\xff\xff\xff",
    b"UN\0\0\xff\xff\xff\xff",
    b"\xff\xd8\xff",
    b"\0" * 64,
)
_VALUE_REPRESENTATIONS = (
    "AE AS AT CS DA DS DT FD FL IS LO LT OB OD OF OL OV OW PN SH SL SQ SS ST SV TM UC UI UL UN UR US UT UV ZZ"
)

Mutation = Callable[[bytearray, Random, Sequence[bytes]], None]


def mutated(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Return one of *seeds* after one to six mutations."""
    content = bytearray(random.choice(seeds))
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        if content:
            random.choice(MUTATIONS)(content, random, seeds)
    return bytes(content[:MOST_BYTES])


def _place(content: bytearray, random: Random) -> int:
    """Choose a place, more often among the attributes than in the pixels."""
    end = len(content) if random.random() < 0.3 else min(len(content), 4096)
    return random.randrange(end)


def flip_bits(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Flip a few bits."""
    for _ in range(random.choice((1, 2, 8, 64))):
        content[_place(content, random)] ^= 1 << random.randrange(8)


def overwrite(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Put random bytes, or bytes that mean something, in place of others."""
    new = random.choice(_MARKERS) if random.random() < 0.7 else random.randbytes(random.randrange(1, 32))
    at = _place(content, random)
    content[at : at + len(new)] = new


def truncate(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Cut the end off."""
    del content[random.randrange(len(content)) :]


def edit_length(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Write a length of two or four bytes where one may stand."""
    width = random.choice((2, 4))
    length = random.choice(_LENGTHS) & ((1 << 8 * width) - 1)
    at = _place(content, random) & ~1
    content[at : at + width] = length.to_bytes(width, random.choice(("little", "little", "big")))


def edit_value_representation(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Put another Value Representation where one stands."""
    names = _VALUE_REPRESENTATIONS.encode().split()
    if found := re.compile(b"|".join(names)).search(content, _place(content, random) // 4):
        content[found.start() : found.end()] = random.choice(names)


def edit_value(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Put a text that is no number, no date and no character set where a text stands."""
    texts = (
        b"1e999",
        b"NaN",
        b"-0",
        b"12,5",
        b"9" * 20,
        b"zlib_codec",
        b"ISO 2022 IR 87",
        b"\\\\\\",
        b"\xff\xfe",
    )
    new = random.choice(texts)
    at = _place(content, random)
    content[at : at + len(new)] = new


def insert(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Shift all that follows."""
    at = _place(content, random)
    content[at:at] = random.randbytes(random.choice((1, 2, 3, 8)))


def remove(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Take some bytes out."""
    at = _place(content, random)
    del content[at : at + random.choice((1, 2, 8, 100))]


def repeat(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Write a part several times."""
    at = _place(content, random)
    part = bytes(content[at : at + random.choice((4, 8, 40, 400))])
    content[at:at] = part * random.choice((1, 2, 50))


def splice(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Put a part of another file in."""
    other = random.choice(seeds)
    start = random.randrange(len(other))
    part = other[start : start + random.choice((8, 100, 2000))]
    at = _place(content, random)
    content[at : at + (len(part) if random.random() < 0.5 else 0)] = part


def head_of_another(content: bytearray, random: Random, seeds: Sequence[bytes]) -> None:
    """Put the File Meta Information of another file in front: the encoding is another than it says."""
    other = random.choice(seeds)
    end = random.randrange(132, 400)
    content[:end] = other[:end]


MUTATIONS: tuple[Mutation, ...] = (
    flip_bits,
    flip_bits,
    overwrite,
    truncate,
    edit_length,
    edit_length,
    edit_value_representation,
    edit_value,
    insert,
    remove,
    repeat,
    splice,
    head_of_another,
)
