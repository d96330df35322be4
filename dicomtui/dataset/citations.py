"""An element as other programs and people refer to it: texts to be copied.

What is copied may be pasted into a shell or a terminal: every text is printable, and one line unless lines
are asked for. A control character is written as an escape, so that a value cannot type a command.
"""

import os
import shlex
from typing import TYPE_CHECKING

from dicomtui.dataset import dictionary
from dicomtui.dataset.explanation import place_of
from dicomtui.dataset.values import TEXT_VRS
from dicomtui.text import safe_line, safe_lines

if TYPE_CHECKING:
    from dicomtui.dataset.elements import Element
    from dicomtui.dataset.scope import Path

VALUE_LIMIT = 1 << 20
"""Characters of a value that are copied."""


def citations(element: "Element", path: str, *, is_member: bool = False) -> dict[str, tuple[str, str]]:
    """Return what can be copied of an element.

    Parameters
    ----------
    element : Element
        A row of an instance.
    path : str
        The file that it stands in, or the address of a member.
    is_member : bool
        Whether that is a member of a zip or tar, which no other program opens.

    Returns
    -------
    dict
        By the key that is pressed for it: what it is called, and the safe text. A value is that of the file,
        without what makes it readable on the screen: a date has no dashes.
    """
    tag = f"{element.tag >> 16:04x},{element.tag & 0xFFFF:04x}"
    found = {"v": ("value", value_text(element)), "t": ("tag", tag)}
    if element.vr in TEXT_VRS:
        found["V"] = ("value with its lines", safe_lines("\\".join(element.values), VALUE_LIMIT))
    if element.keyword:
        found["k"] = ("keyword", element.keyword)
    found["p"] = ("path", safe_line(place_of(element, path)))
    found["y"] = ("row", f"({tag}) {element.vr} {element.name}: {element.text}")
    found["c"] = ("command", f"dicomtui tags --explain {shlex.quote(element.pointer)} {shell_word(path)}")
    if not is_member:
        found["P"] = ("pydicom", pydicom_line(element.path, path))
        found["d"] = ("dcmdump", f"dcmdump +P {tag} {shell_word(path)}")
    return found


def file_citations(path: str, uid: str = "", *, is_member: bool = False) -> dict[str, tuple[str, str]]:
    """Return what can be copied of an instance as a whole, as :func:`citations` does."""
    found = {"p": ("path", safe_line(path))}
    if uid:
        found["u"] = ("SOP Instance UID", safe_line(uid, 64))
    found["c"] = ("command", f"dicomtui {shell_word(path)}")
    if not is_member:
        found["P"] = ("pydicom", f"pydicom.dcmread({path!r})")
        found["d"] = ("dcmdump", f"dcmdump {shell_word(path)}")
    return found


def value_text(element: "Element") -> str:
    """Return the values as they stand in the file, with backslashes between them, in one safe line."""
    if element.vr == "SQ":
        return element.text
    return safe_line("\\".join(element.values), VALUE_LIMIT)


def pydicom_line(place: "Path", path: str) -> str:
    """Return a line of Python that gives the value."""
    parts = [f"pydicom.dcmread({path!r})"]
    if place[0] >> 16 == 2:
        parts.append(".file_meta")
    for position, part in enumerate(place):
        if position % 2:
            parts.append(f"[{part}]")
            continue
        keyword = dictionary.keyword_of(part)
        parts.append(f".{keyword}" if keyword else f"[0x{part >> 16:04x}, 0x{part & 0xFFFF:04x}].value")
    return "".join(parts)


def shell_word(path: str) -> str:
    """Return a file name as one word of a shell, whatever bytes it holds.

    A name with control characters or bytes that are no text is written in ``$'...'``, which bash, zsh, ksh
    and POSIX.1-2024 understand: it stays printable, and means the same file.
    """
    if safe_line(path, len(path) + 1) == path:
        return shlex.quote(path)
    return "$'" + "".join(_ansi_c(byte) for byte in os.fsencode(path)) + "'"


def _ansi_c(byte: int) -> str:
    character = chr(byte)
    if character in "\\'":
        return f"\\{character}"
    return character if 0x20 <= byte < 0x7F else f"\\{byte:03o}"
