"""Keyed hashes that stand for values on disk: they recognise a value again and tell nothing about it."""

import hmac
import unicodedata

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
