"""Puts into the access log which instances were opened, de-identified or exported."""

import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

from dicomtui import access_log
from dicomtui.errors import DicomTuiError
from dicomtui.outcomes import Step, Written

if TYPE_CHECKING:
    from dicomtui.dataset.reading import Instance

_SOP_INSTANCE_UID = 0x00080018


def record_opened(path: str, instance: "Instance") -> None:
    """Record that somebody has an instance before them."""
    if not access_log.is_on():
        return
    element = next((one for tag, one in (instance.elements or {}).items() if tag == _SOP_INSTANCE_UID), None)
    value = getattr(element, "value", None)
    access_log.record("opened", path, value.decode("latin-1") if isinstance(value, bytes) else "")


def recorded(steps: Iterator[Step], action: access_log.Action) -> Iterator[Step]:
    """Pass on the steps of a batch, and record each instance of which something was written, once."""
    if not access_log.is_on():
        yield from steps
        return
    known: set[str] = set()
    for step in steps:
        for outcome in step.outcomes:
            if isinstance(outcome, Written) and outcome.source not in known:
                known.add(outcome.source)
                access_log.record(action, outcome.source, uid_of(outcome.source))
        yield step


def uid_of(path: str) -> str:
    """Return the SOP Instance UID (0008,0018) of a file or member, ``""`` where it cannot be read."""
    from dicomtui.archive.header import header_of_source
    from dicomtui.archive.opening import open_source

    try:
        header = header_of_source(open_source(path))
    except (DicomTuiError, OSError, zlib.error):
        return ""
    return header.sop_instance_uid if header is not None else ""
