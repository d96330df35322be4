"""Content items of structured reports and the like, cleaned by concept (PS3.15 E.3.4, Table E.3.4-1)."""

from dicomtui.dataset.elements import Element, Item, walk
from dicomtui.deidentify.rules import Deed, Rule, RuleSet
from dicomtui.deidentify.tables import EDITION, concept_row

CONTENT_SEQUENCE = 0x0040A730

_VALUE_TYPE, _CONCEPT_NAME = 0x0040A040, 0x0040A043
_CODE_VALUE, _SCHEME = 0x00080100, 0x00080102
_BY_REFERENCE = 0x0040DB73
_TEXT, _DATETIME, _DATE, _TIME, _NAME, _UID = (
    0x0040A160, 0x0040A120, 0x0040A121, 0x0040A122, 0x0040A123, 0x0040A124,
)  # fmt: skip
_CODE, _MEASURED = 0x0040A168, 0x0040A300
_DATES = (_DATETIME, _DATE, _TIME)


def concept_rule(item: Item, rules: RuleSet) -> Rule | None:
    """Return what Table E.3.4-1 asks for a content item, None where it has no such concept."""
    values = {element.tag: element for element in item.elements}
    name = values.get(_CONCEPT_NAME)
    if name is None or not name.items:
        return None
    code = {element.tag: _first(element) for element in name.items[0].elements}
    row = concept_row(code.get(_CODE_VALUE, ""), code.get(_SCHEME, ""), _first(values.get(_VALUE_TYPE)))
    if row is None:
        return None
    rule = rules.resolve(row)
    return rule._replace(why=rule.why.replace(EDITION, f"{EDITION} Table E.3.4-1") + f": {row.name}")


def has_references(sequence: Element) -> bool:
    """Whether content items in *sequence* point at others by their position, which then must not change."""
    return any(element.tag == _BY_REFERENCE for element in walk([sequence]))


def value_rules(rule: Rule) -> dict[int, Rule]:
    """Return the rules for the elements that hold the value of a content item, under the rule of its concept.

    An item to be removed whose place must stay is given here too: its value is a dummy.
    """

    def deeds(deed: Deed, *tags: int) -> dict[int, Rule]:
        return {tag: rule._replace(deed=deed, fallback="dummy") for tag in tags}

    if rule.deed == "retain":
        return deeds("retain", _TEXT, _NAME, _UID, *_DATES)
    if rule.deed == "shift":
        return deeds("shift", *_DATES)
    if rule.deed == "words":
        return deeds("words", _TEXT)
    dummies = deeds("dummy", _TEXT, _NAME, *_DATES) | deeds("uid", _UID)
    if rule.deed == "remove":
        dummies |= deeds("dummy", _CODE) | deeds("empty", _MEASURED)
    return dummies


def _first(element: Element | None) -> str:
    values = element.values if element is not None and element.items is None else []
    return values[0] if values else ""
