"""How many files would be held back and why, in a line."""

import re
from typing import TYPE_CHECKING

from rich.text import Text

from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from dicomtui.tui.screens.job import Job

_HELD = "held back, because "


def count_line(count: "Job", most: int) -> Text:
    """Say how many files are held back, for the *most* frequent reasons, and how far counting is."""
    if count.reason:
        return Text(safe_line(count.reason, 400))
    held = [(_short(reason), number) for reason, number in count.skipped.most_common() if _is_held(reason)]
    others = [
        (_short(reason), number) for reason, number in count.skipped.most_common() if not _is_held(reason)
    ]
    if count.failed:
        others.append(("cannot be read", count.failed.total()))
    so_far = "" if count.ended and not count.stopping else " so far"
    parts = [f"held back{so_far}: {_listed(held, most) or 'none'}"]
    if others:
        parts.append(f"left out: {_listed(others, most)}")
    if not count.ended:
        more = "" if count.complete else "+"
        end = "stopping" if count.stopping else "s stops"
        parts.append(f"{count.done:,} of {count.total:,}{more} looked at, {end}")
    elif count.stopping:
        parts.append(f"{count.done:,} looked at, s begins again")
    else:
        written = count.done - count.skipped.total() - count.failed.total()
        parts.insert(0, f"{written:,} of {count_text(count.done, 'file')} can be written")
    return Text(safe_line(" · ".join(parts), 400))


def _listed(reasons: list[tuple[str, int]], most: int) -> str:
    listed = [f"{number:,} × {reason}" for reason, number in reasons[:most]]
    if rest := sum(number for _, number in reasons[most:]):
        listed.append(f"{rest:,} × for other reasons")
    return ", ".join(listed)


def _is_held(reason: str) -> bool:
    return reason.startswith(_HELD)


def _short(reason: str) -> str:
    """Return why something is left out in a few words."""
    short = reason.removeprefix(_HELD).removeprefix("it is ").removeprefix("a ")
    return re.sub(r" \([^)]*\)", "", short.partition(", which")[0])
