"""What a validation finds: how bad, where, what, and by which clause of the standard."""

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from dicomtui.dataset.scope import Path

Severity = Literal["error", "warning", "note"]
SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
"""The worst first: against the standard; likely to be trouble; worth knowing."""


class Finding(NamedTuple):
    """One thing that an instance, or a series, has otherwise than the standard wants it."""

    severity: Severity
    path: "Path"
    """Tags and item indexes down to the element; empty where it is about the file as a whole."""
    text: str
    """One line, which may quote values: not yet safe to show."""
    clause: str
    """Where the standard says so, ``PS3.5 6.2``."""


def worst_first(findings: "list[Finding]") -> "list[Finding]":
    """Return *findings* in the order of their severity, those of one in the order of the file."""
    return sorted(findings, key=lambda finding: (SEVERITIES.index(finding.severity), finding.path))
