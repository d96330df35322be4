"""Which rows of a tree match a query, and what has to stay in view around them."""

from dicomtui.tui.widgets.nodes import Kind, Node


def text_of(node: Node) -> str:
    """Return what a query is compared with: everything that the row shows."""
    return f"{node.label}\n{node.warning}\n{node.detail}".casefold()


def filtered(root: Node, query: str, show_others: bool) -> tuple[list[Node], set[Node]]:
    """Return the rows below *root* that match, in order, and the nodes that are open because of that.

    A row matches when every word of the query stands in it or in a row above it, so that a patient's name
    and a series' description find the series. What stands above a match is shown with it, closed or not; what
    stands below is shown as far as it is open.
    """
    words = query.casefold().split()
    rows: list[Node] = []
    opened: set[Node] = set()
    missing = {root: words}  # words that neither a node nor those above it have
    for node in _below(root, show_others):
        above = node.parent
        assert above is not None
        before = missing[above]
        text = text_of(node)
        missing[node] = [word for word in before if word not in text]
        if before and not missing[node]:
            place = above
            while place is not root and place not in opened:
                opened.add(place)
                assert place.parent is not None
                place = place.parent
    shown = {root}
    for node in _below(root, show_others):
        above = node.parent
        assert above is not None
        hit = not missing[node]
        inherited = hit and not missing[above]
        wanted = above.expanded or above is root or above in opened if inherited else hit
        if above in shown and (node in opened or wanted):
            shown.add(node)
            rows.append(node)
    return rows, opened


def _below(root: Node, show_others: bool) -> list[Node]:
    """Return every node below *root* that is known, parents first."""
    found: list[Node] = []
    stack = list(reversed(root.children or ()))
    while stack:
        node = stack.pop()
        if show_others or node.kind is not Kind.OTHER:
            found.append(node)
            stack.extend(reversed(node.children or ()))
    return found
