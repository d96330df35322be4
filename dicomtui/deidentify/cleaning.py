"""Applies the rules to the elements of one instance, down to the last nested item."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import NamedTuple

from pydicom.dataset import Dataset
from pydicom.tag import BaseTag

from dicomtui.dataset import dictionary
from dicomtui.dataset.elements import Element, Item, PixelDataRow, elements_of
from dicomtui.dataset.raw_elements import AnyElement, Elements
from dicomtui.dataset.reading import Instance
from dicomtui.deidentify.content import CONTENT_SEQUENCE, concept_rule, has_references, value_rules
from dicomtui.deidentify.descriptors import is_local
from dicomtui.deidentify.dummies import Maker
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.pixel_risk import text_at
from dicomtui.deidentify.rules import LOCAL_CODE, NESTED_PIXELS, PRIVATE, Rule, required_in, rules_of
from dicomtui.deidentify.tokens import Tokens
from dicomtui.deidentify.values import Values

_SOP_CLASS = 0x00080016
_CODING_SCHEME, _CODE_MEANING = 0x00080102, 0x00080104
_PIXEL_GROUP = 0x7FE0


class Action(NamedTuple):
    """What was done to one element."""

    path: str
    """Tags and item numbers: ``(0040,0275)[0].(0040,0007)``."""
    keyword: str
    rule: str
    """See :attr:`~dicomtui.deidentify.rules.Rule.label`."""
    why: str


Watch = Callable[[Element, Rule, AnyElement | None], None]
"""Called with an element, its rule, and what became of it: None if it was removed."""


class Cleaner:
    """Makes the elements of the result, and notes what was done, what failed and what must not be found."""

    def __init__(
        self, instance: Instance, options: DeidentifyOptions, key: Key, watch: Watch | None = None
    ) -> None:
        self.actions: list[Action] = []
        self.problems: list[str] = []
        self.tokens = Tokens()
        self.make = Maker(implicit=instance.encoding.implicit, little=instance.encoding.little)
        self._elements = [each for each in elements_of(instance) if not isinstance(each, PixelDataRow)]
        self._rules = rules_of(options)
        self._required = required_in(text_at(instance.elements or {}, _SOP_CLASS))
        self._values = Values(self.make, key, self._elements, self.tokens, self._tell)
        self._watch = watch
        self._wants_creators = options.retain_safe_private
        self._drops_private = watch is None and not options.retain_safe_private
        self._keeps_places = False

    def clean(self) -> Elements:
        """Return the elements at the top of the new Data Set."""
        return self._cleaned(self._elements)

    @property
    def patient_id(self) -> str:
        """The Patient ID of the original."""
        return self._values.patient_id

    def _cleaned(self, elements: Sequence[Element], values: dict[int, Rule] | None = None) -> Elements:
        """Return what stays of the elements of one Data Set.

        Parameters
        ----------
        elements : sequence of Element
            In the order of their tags.
        values : dict of int to Rule, optional
            Rules for the value of a content item, which its concept gives.
        """
        kept: Elements = {}
        creators: list[Element] = []
        scheme = ""
        for element in elements:
            tag = element.tag
            private = tag >> 16 & 1
            if private and self._drops_private:  # of many files they are most of the elements
                self.actions.append(Action(tag_path(element.path), "", PRIVATE.label, PRIVATE.why))
                continue
            if private and dictionary.is_private_creator(tag):
                creators.append(element)
                continue
            rule = values.get(tag) if values else None
            if rule is None:
                rule = self._rules.rule(
                    tag, element.vr, element.creator if private and self._wants_creators else ""
                )
            if self._required and rule.deed == "remove":
                rule = self._required.get(tag, rule)
            if tag == _CODING_SCHEME:
                scheme = self._values.text(element)
            elif tag == _CODE_MEANING and is_local(scheme):
                rule = LOCAL_CODE
            elif tag >> 16 == _PIXEL_GROUP and element.depth:
                rule = NESTED_PIXELS
            new = self._applied(element, rule)
            if new is not None:
                kept[new.tag] = new
        blocks = {tag >> 8 for tag in kept if tag >> 16 & 1} if creators else set()
        for element in creators:
            self._keep_creator(element, kept, blocks)
        return kept

    def _applied(self, element: Element, rule: Rule) -> AnyElement | None:
        items = element.items if element.vr == "SQ" else None
        new: AnyElement | None
        if rule.deed == "content" and items is not None:
            new = self._content(element, items)
        elif items is not None and rule.deed in ("keep", "retain", "content", "words", "outside-uid"):
            new = self._inside(element, items)
        else:
            new = self._values.new(element, rule)
        self._note(element, rule, new)
        return new

    def _inside(self, element: Element, items: list[Item]) -> AnyElement | None:
        problem = element.text.partition(" … ")[2]
        if problem and not items:
            self._tell(element, "cannot be parsed as a sequence: removed")
            return None
        if problem:
            self._tell(element, "was read in part")
        return self.make.sequence(element.tag, [self._item(item) for item in items])

    def _item(self, item: Item, values: dict[int, Rule] | None = None) -> Dataset:
        around = self._values.encodings
        dataset = self.make.dataset(self._cleaned(item.elements, values), around)
        self._values.encodings = around
        return dataset

    def _content(self, element: Element, items: list[Item]) -> AnyElement | None:
        """Return a sequence of content items, each judged by its concept."""
        top = element.tag == CONTENT_SEQUENCE and not element.depth
        if top:
            self._keeps_places = has_references(element)
        kept = []
        for item in items:
            rule = concept_rule(item, self._rules)
            if rule is None:
                kept.append(self._item(item))
                continue
            path = tag_path(item.path)
            self.actions.append(Action(path, "", rule.label, rule.why))
            if rule.deed == "remove" and not self._keeps_places:
                for nested in item.elements:
                    self.tokens.take(nested)
                    if self._watch:
                        self._watch(nested, rule, None)
            else:
                kept.append(self._item(item, value_rules(rule)))
        if items and not kept and element.tag == CONTENT_SEQUENCE:
            kept.append(self.make.removed_content())
        return self.make.sequence(element.tag, kept)

    def _keep_creator(self, creator: Element, kept: Elements, blocks: set[int]) -> None:
        """Keep a Private Creator whose block is one of *blocks*, which are not empty (PS3.15 E.3.10)."""
        rule = self._rules.rule(creator.tag, "LO")
        if (creator.tag >> 16 << 8 | creator.tag & 0xFF) in blocks:
            rule = Rule("keep", "C", "Retain Safe Private: reserves the block of what is kept")
        new = self._values.new(creator, rule)
        if new is not None:
            kept[BaseTag(creator.tag)] = new
        self._note(creator, rule, new)

    def _note(self, element: Element, rule: Rule, new: AnyElement | None) -> None:
        if self._watch:
            self._watch(element, rule, new)
        if not rule.label or (rule.deed == "outside-uid" and self._values.is_unchanged(element, new)):
            return
        self.actions.append(Action(tag_path(element.path), element.keyword, rule.label, rule.why))

    def _tell(self, element: Element, problem: str) -> None:
        self.problems.append(f"{tag_path(element.path)} {problem}")


@lru_cache(maxsize=4096)
def tag_path(path: tuple[int, ...]) -> str:
    """Return a path of tags and item numbers as text, which holds no value of the file."""
    text = dictionary.format_tag(path[0])
    for place, part in enumerate(path[1:], 1):
        text += f"[{part}]" if place % 2 else f".{dictionary.format_tag(part)}"
    return text
