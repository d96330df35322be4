"""What has to hold for any bytes at all.

Nothing but a :class:`~dicomtui.errors.DicomTuiError` comes out, no text holds what a terminal would obey, and
the header walker knows what the reader knows.
"""

import io
from collections.abc import Callable, Iterator
from typing import Any

from dicomtui.archive.header import DICOMDIR_CLASS, Header, header_of, header_of_source
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.file_writing import PassedThrough, write_file
from dicomtui.dataset.json_model import json_model
from dicomtui.dataset.metadata import card
from dicomtui.dataset.reading import Instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.deidentify.engine import deidentify_instance
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.verification import verify
from dicomtui.errors import DicomTuiError
from dicomtui.imaging.rendering import Rendering, default_window, display

NAME = "made.dcm"
KEY = Key(bytes(range(32)))
_MOST_ROWS = 3000
"""Rows whose texts are looked at."""


class BrokenLawError(AssertionError):
    """A law does not hold."""


def check(content: bytes, *, deidentify: bool) -> str:
    """Take a file through everything that reads it; return how far it came.

    Raises
    ------
    BrokenLawError
        If a text could do harm, or the walker and the reader disagree.
    Exception
        Whatever else should have been an error of ours.
    """
    source = MemorySource(NAME, content)
    header = _or_error(lambda: header_of_source(source))
    instance = _or_error(lambda: read_source(source))
    if not isinstance(instance, Instance):
        return "not read"
    if isinstance(header, Header) and header.sop_class_uid != DICOMDIR_CLASS and _in_order(instance):
        _agree(header, header_of(instance))
    _look_at_texts(instance)
    seen = _look_at_picture(instance) if instance.pixel_data is not None else "read"
    if deidentify:
        seen += _deidentify(instance)
    return seen


def harmless(text: str) -> None:
    """Refuse text with anything in it that a terminal obeys or that turns lines round."""
    for character in text:
        code = ord(character)
        if code < 0x20 or 0x7F <= code <= 0x9F or code in _TURNING or 0xE0000 <= code <= 0xE0FFF:
            raise BrokenLawError(f"U+{code:04X} in {text[:200]!r}")


_TURNING = frozenset(
    {*range(0x202A, 0x202F), *range(0x2066, 0x206A), *range(0x200B, 0x2010), 0x2028, 0x2029, 0x061C, 0xFEFF}
)


def _or_error(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except DicomTuiError as error:
        sentence = str(error)
        harmless(sentence)
        if not sentence:
            raise BrokenLawError("an error says nothing") from error
        return error.with_traceback(None)  # which would hold on to all that was being read


def _in_order(instance: Instance) -> bool:
    """Whether elements stand as the standard wants them: else the walker has stopped before the last ones.

    And whether numbers hold nothing but numbers: Python takes control characters beside one for spaces.
    """
    places = [
        (element.offset, element.tag) for element in elements_of(instance) if element.offset is not None
    ]
    tags = [tag for _, tag in sorted(places)]
    if any(element.vr in ("DS", "IS") and "\\x" in element.text for element in elements_of(instance)):
        return False
    return tags == sorted(tags) and not any("more than once" in warning for warning in instance.warnings)


def _agree(walked: Header, read: Header) -> None:
    """Compare the two, but for text that is broken and the size, which is another when inflated."""
    for name, one, other in zip(Header._fields, walked, read, strict=True):
        undecodable = any(isinstance(text, str) and not text.isprintable() for text in (one, other))
        if name not in ("path", "size") and one != other and not undecodable:
            raise BrokenLawError(f"the walker has {name} {one!r}, the reader {other!r}")


def _look_at_texts(instance: Instance) -> None:
    for text in _texts(instance):
        harmless(text)
    for pairs in card(instance).values():
        for name, value in pairs:
            harmless(name)
            harmless(value)
    for warning in instance.warnings:
        harmless(warning)
    _or_error(lambda: json_model(instance))


def _texts(instance: Instance) -> Iterator[str]:
    for number, element in enumerate(walk(elements_of(instance))):
        if number == _MOST_ROWS:
            return
        yield element.name
        yield element.text
        yield element.vr


def _look_at_picture(instance: Instance) -> str:
    def look() -> str:
        rendering = Rendering(instance)
        frame = rendering.frame(1)
        window, reason = default_window(frame, rendering.modality)
        shown = display(frame.values, window, inverse=frame.inverse)
        if shown.shape[:2] != frame.values.shape[:2] or shown.dtype != "uint8":
            raise BrokenLawError("the display values are no picture")
        for text in (str(window), reason, frame.unit, *frame.notes):
            harmless(text)
        return "seen"

    found = _or_error(look)
    return found if isinstance(found, str) else "read"


def _deidentify(instance: Instance) -> str:
    """De-identify, write and verify it: a leak is refused by the last of these."""

    def work() -> str:
        result = deidentify_instance(instance, DeidentifyOptions(), KEY)
        stream = io.BytesIO()
        write_file(stream, result.dataset, PassedThrough(instance) if instance.pixel_data else None)
        stream.seek(0)
        verify(stream, result, instance, pixels_cleaned=False)
        return ", de-identified"

    found = _or_error(work)
    return found if isinstance(found, str) else ""
