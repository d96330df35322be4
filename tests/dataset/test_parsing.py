"""Any tree of elements, encoded in any way, is parsed to the same tree."""

import io
from struct import pack
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataelem import RawDataElement

from dicomtui.dataset.fragments import find_sequence_end, walk_fragments
from dicomtui.dataset.parsing import parse_elements, parse_sequence
from dicomtui.dataset.raw_elements import Elements, RawSequence
from tests.dataset.encoded import ITEM_END, SEQUENCE_END, UNDEFINED, item, open_item

SEQUENCES = (0x00081115, 0x00081140, 0x00400275, 0x00091001)  # the last one private: only its items tell
LEAVES = {0x00080060: "CS", 0x00081030: "LO", 0x00104000: "LT", 0x00091002: "OB", 0x00280010: "US"}

Tree = dict[int, Any]
"""Bytes by tag, or for a sequence the trees of its items with the choice of lengths."""


def trees() -> st.SearchStrategy[Tree]:
    leaves = st.dictionaries(st.sampled_from(sorted(LEAVES)), st.binary(max_size=6), max_size=3)

    def around(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        items = st.lists(st.tuples(st.booleans(), inner), max_size=3)
        sequences = st.dictionaries(st.sampled_from(SEQUENCES), st.tuples(st.booleans(), items), max_size=2)
        return st.tuples(leaves, sequences).map(lambda both: {**both[0], **both[1]})

    return st.recursive(leaves, around, max_leaves=12)


def encode(tree: Tree, *, implicit: bool, little: bool) -> bytes:
    order, encoded = "<" if little else ">", b""
    for tag in sorted(tree):
        value, length, vr = tree[tag], None, LEAVES.get(tag, "SQ")
        if isinstance(value, tuple):
            undefined, items = value
            value = b"".join(_item(inner, open_, implicit, little) for open_, inner in items)
            if undefined:
                value, length = value + _delimiter(0xE0DD, order), UNDEFINED
        length = len(value) if length is None else length
        encoded += pack(order + "HH", tag >> 16, tag & 0xFFFF)
        if implicit:
            encoded += pack(order + "L", length)
        elif vr in ("SQ", "OB"):
            encoded += vr.encode() + pack(order + "HL", 0, length)
        else:
            encoded += vr.encode() + pack(order + "H", length)
        encoded += value
    return encoded


def _item(tree: Tree, undefined: bool, implicit: bool, little: bool) -> bytes:
    order, content = "<" if little else ">", encode(tree, implicit=implicit, little=little)
    start = pack(order + "HHL", 0xFFFE, 0xE000, UNDEFINED if undefined else len(content))
    return start + content + (_delimiter(0xE00D, order) if undefined else b"")


def _delimiter(number: int, order: str) -> bytes:
    return pack(order + "HHL", 0xFFFE, number, 0)


def plain(elements: Elements) -> Tree:
    """Return bytes by tag, and for a sequence the items."""
    tree: Tree = {}
    for tag, element in elements.items():
        opened = element if isinstance(element, RawSequence) else None
        if isinstance(element, RawDataElement) and tag in SEQUENCES:
            opened = parse_sequence(element)
        if opened is not None:
            assert opened.problem == ""
            tree[int(tag)] = [plain(item.elements) for item in opened.items]
        else:
            assert isinstance(element, RawDataElement)
            tree[int(tag)] = element.value or b""
    return tree


def expected(tree: Tree, *, implicit: bool) -> Tree:
    found: Tree = {}
    for tag in sorted(tree):
        value = tree[tag]
        if not isinstance(value, tuple):
            found[tag] = value
        elif implicit and tag == 0x00091001 and not value[1]:
            found[tag] = b"" if not value[0] else []  # nothing tells that it is a sequence
        else:
            found[tag] = [expected(inner, implicit=implicit) for _, inner in value[1]]
    return found


@given(trees(), st.booleans(), st.booleans())
def test_any_tree_is_parsed_as_it_was_encoded(tree: Tree, implicit: bool, little: bool) -> None:
    content = encode(tree, implicit=implicit, little=little)
    parsed = parse_elements(io.BytesIO(content), 0, len(content), implicit=implicit, little=little)
    assert parsed.problems == []
    assert parsed.position == len(content)
    assert plain(parsed.elements) == expected(tree, implicit=implicit)


@given(trees(), st.data())
def test_any_tree_that_is_cut_keeps_what_stands_before(tree: Tree, data: st.DataObject) -> None:
    content = encode(tree, implicit=False, little=True)
    cut = data.draw(st.integers(0, len(content)))
    parsed = parse_elements(io.BytesIO(content[:cut]), 0, cut, implicit=False, little=True)
    whole = parse_elements(io.BytesIO(content), 0, len(content), implicit=False, little=True)
    tags = list(parsed.elements)
    assert tags == list(whole.elements)[: len(tags)]
    for tag in tags[:-1]:
        assert plain({tag: parsed.elements[tag]}) == plain({tag: whole.elements[tag]})
    ends = {
        len(encode({tag: tree[tag] for tag in sorted(tree)[:count]}, implicit=False, little=True))
        for count in range(len(tree) + 1)
    }
    assert bool(parsed.problems) == (cut not in ends)


def test_the_parser_stops_before_another_group() -> None:
    content = encode({0x00080060: b"CT", 0x00104000: b"x"}, implicit=False, little=True)
    parsed = parse_elements(io.BytesIO(content), 0, len(content), implicit=False, little=True, group=8)
    assert list(parsed.elements) == [0x00080060]
    assert parsed.position == 10


def test_the_items_of_fragments_are_found_without_reading_them() -> None:
    content = b"before" + item(b"") + item(b"abc") + SEQUENCE_END + b"after"
    assert walk_fragments(io.BytesIO(content), 6, len(content), True) == ([14, 22], [0, 3], 25, True)
    assert walk_fragments(io.BytesIO(content), 6, 24, True) == ([14], [0], 14, False)


def test_a_delimiter_is_found_across_the_borders_of_what_is_read_at_once() -> None:
    for before in range((1 << 20) - 9, (1 << 20) + 2):
        content = b"\1" * before + SEQUENCE_END + ITEM_END
        assert find_sequence_end(io.BytesIO(content), 0, len(content), True) == before
    assert find_sequence_end(io.BytesIO(open_item(b"")), 0, 16, True) is None
