"""Keyed hashes that stand for values on disk: they recognise a value again and tell nothing about it."""

import hmac
import os
import unicodedata

from dicomtui.archive.members import SEPARATOR
from dicomtui.deidentify.keys import Key

_SIZE = 16
_DOMAIN = b"mark"  # begins with a letter, as no message does that makes a UID or an ID


def mark(key: Key, kind: str, *values: str) -> str:
    """Return what stands for *values* of one *kind* under *key*: 32 hexadecimal digits."""
    parts = [
        unicodedata.normalize("NFC", value).encode("utf-8", "surrogatepass") for value in (kind, *values)
    ]
    message = _DOMAIN + b"".join(b"%d\0%b" % (len(part), part) for part in parts)
    return hmac.digest(key.secret, message, "sha256")[:_SIZE].hex()


def mark_of_source(key: Key, address: str) -> tuple[str, int]:
    """Return what stands for a file as it is now, and its size, which is 0 for a member of a container.

    Parameters
    ----------
    key : Key
        Of the run that the file is to be recognised in.
    address : str
        A path, or the address of a member. Another size or time of modification gives another mark.
    """
    size, mtime = _stamp(address)
    return mark(key, "source", os.path.abspath(address), str(size), str(mtime)), size


def _stamp(address: str) -> tuple[int, int]:
    """Return size and mtime_ns of a file; no size, and the time of its container, for a member of one."""
    try:
        status = os.stat(address)
    except (OSError, ValueError):
        try:
            return 0, os.stat(address.partition(SEPARATOR)[0]).st_mtime_ns
        except (OSError, ValueError):
            return 0, 0
    return status.st_size, status.st_mtime_ns
