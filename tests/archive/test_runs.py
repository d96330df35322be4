"""The pattern takes a whole header in one step: this is what a scan's speed rests on."""

import pytest

from dicomtui.archive.runs import compile_run
from tests.archive.made_elements import BIG, EXPLICIT, IMPLICIT, element

WANTED = [(0x00080018, "UI"), (0x00100010, "PN"), (0x00180050, "DS"), (0x00280010, "US")]


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
def test_short_elements_in_order_are_one_run_and_the_wanted_ones_its_groups(syntax: str) -> None:
    tags = [0x00080005, 0x00080018, 0x0009FFFF, 0x00100010, 0x00101010, 0x00171001, 0x0018004F]
    tags += [0x00180050, 0x00180051, 0x001800FF, 0x00180100, 0x0018FFFF, 0x00190000, 0x00280010]
    vrs = dict(WANTED)
    body = b"".join(element(tag, vrs.get(tag, "SH"), b"%02d" % at, syntax) for at, tag in enumerate(tags))
    run = compile_run(WANTED, implicit=syntax == IMPLICIT, little=syntax != BIG)
    match = run.match(body + element(0x00280011, "US", b"\0\1", syntax))
    assert match is not None
    assert match.end() == len(body)
    found = [value[4 if syntax == IMPLICIT else 2 :] for value in match.groups()]
    assert found == [b"%02d" % tags.index(tag) for tag, _ in WANTED]


@pytest.mark.parametrize(
    "stranger",
    [
        element(0x00081140, "SQ", b""),
        element(0x00080070, "UN", b"ab"),
        element(0x00080070, "LO", b"odd"),
        element(0x00080070, "LO", bytes(300)),
        element(0x00080018, "SH", b"12"),
        element(0x00080017, "UI", b"12")[:-1],
        element(0x60000010, "US", b"12"),
    ],
)
def test_what_is_long_odd_strange_or_cut_ends_the_run(stranger: bytes) -> None:
    first = element(0x00080005, "CS", b"AB")
    match = compile_run(WANTED, implicit=False, little=True).match(first + stranger)
    assert match is not None
    assert match.end() == len(first)
    assert not any(match.groups())
