"""The secret key, and the new UIDs, patient IDs and offsets of dates that it makes out of old values.

All of them are HMAC-SHA256 with a domain of their own, so that the same value gives the same result over
files, runs and machines that share the key, without a table, and nobody without the key can try old values.
"""

import hmac
import os
import secrets
import stat
import unicodedata
from dataclasses import dataclass, field

from dicomtui.errors import UsageError, WriteError
from dicomtui.settings import config_path
from dicomtui.text import safe_line
from dicomtui.writing import make_folders, write_bytes

SIZE = 32
"""Bytes of a key."""

_LETTERS = "23456789ABCDEFGHJKLMNPQRSTVWXZ"  # 30 that are hardly mistaken for each other
_LENGTH = 10  # letters: some 49 bits
_SHORTEST, _LONGEST = 365, 4015  # days


@dataclass(frozen=True)
class Key:
    """A secret of 32 bytes; what it makes tells nothing about what it was made of."""

    secret: bytes = field(repr=False)
    created: str = ""
    """The path of the key file, if it did not exist before."""

    def uid(self, old: str) -> str:
        """Return the new UID for *old*: 2.25 and a UUID of version 8 (PS3.5 B.2)."""
        number = int.from_bytes(self._digest("uid", old)[:16])
        number = number & ~(0xF << 76) | 8 << 76  # the version
        number = number & ~(0b11 << 62) | 0b10 << 62  # the variant
        return f"2.25.{number}"

    def patient_id(self, issuer: str, old: str, study_uid: str = "") -> str:
        """Return the new Patient ID of *old*, of the Study Instance UID where there is no Patient ID."""
        return self._letters("pid", *_subject(issuer, old, study_uid))

    def pseudonym(self, kind: str, old: str) -> str:
        """Return a recognisable identifier of 15 characters for *old*, the same for one *kind* of value."""
        return "ANON-" + self._letters("pseudonym", kind, old)

    def offset_days(self, issuer: str, patient_id: str, study_uid: str = "") -> int:
        """Return by how many days the dates of a patient move: -365 to -4015."""
        number = int.from_bytes(self._digest("date", *_subject(issuer, patient_id, study_uid))[:8])
        return -(_SHORTEST + number % (_LONGEST - _SHORTEST + 1))

    def for_project(self, name: str) -> "Key":
        """Return another key, so that what two recipients get cannot be joined."""
        return Key(self._digest("project", name), self.created)

    def _letters(self, domain: str, *values: str) -> str:
        number = int.from_bytes(self._digest(domain, *values))
        letters = []
        for _ in range(_LENGTH):
            number, index = divmod(number, len(_LETTERS))
            letters.append(_LETTERS[index])
        return "".join(letters)

    def _digest(self, domain: str, *values: str) -> bytes:
        parts = [domain, *(unicodedata.normalize("NFC", value) for value in values)]
        encoded = [part.encode("utf-8", "surrogatepass") for part in parts]
        # each part with its length: no two lists of values give the same message
        message = b"".join(b"%d\0%b" % (len(part), part) for part in encoded)
        return hmac.digest(self.secret, message, "sha256")


def key_path() -> str:
    """Return where the key is kept when no other place is named."""
    return os.path.join(os.path.dirname(config_path()), "deid.key")


def load_key(path: str | None = None, project: str | None = None, forget: bool = False) -> Key:
    """Read the key file, or make it where it does not exist.

    Parameters
    ----------
    path : str, optional
        The key file; :func:`key_path` by default.
    project : str, optional
        Derive a key of this name's own.
    forget : bool
        Use a new key that is kept in memory only, whatever files there are.

    Raises
    ------
    UsageError
        If the file is not a key, cannot be read, or somebody else owns it or may read it.
    WriteError
        If it cannot be made.
    """
    key = Key(secrets.token_bytes(SIZE)) if forget else _stored(path or key_path(), own_folder=path is None)
    return key.for_project(project) if project else key


def _stored(path: str, *, own_folder: bool) -> Key:
    created = ""
    if not os.path.lexists(path):
        try:
            if own_folder:
                make_folders(os.path.dirname(path))
            write_bytes(path, secrets.token_bytes(SIZE))
            created = path
        except OSError as error:
            raise WriteError(f"{safe_line(path)}: cannot be written ({error.strerror})") from error
        except WriteError:
            if not os.path.lexists(path):  # else another process has made it at the same moment
                raise
    return Key(_read(path), created)


def _read(path: str) -> bytes:
    shown = safe_line(path)
    try:
        with open(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as stream:
            status = os.fstat(stream.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise UsageError(f"{shown}: is no regular file; name a key file of {SIZE} bytes")
            if status.st_uid != os.geteuid():
                raise UsageError(f"{shown}: belongs to another user; make a key of your own")
            if status.st_mode & 0o077:
                raise UsageError(f"{shown}: others may read or change the key; run chmod 600 on it")
            secret = stream.read(SIZE + 1)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UsageError(f"{shown}: the key cannot be read ({safe_line(reason).lower()})") from error
    if len(secret) != SIZE:
        raise UsageError(f"{shown}: is no key (it must have {SIZE} bytes)")
    return secret


def _subject(issuer: str, patient_id: str, study_uid: str) -> tuple[str, str, str]:
    """Return what stands for a patient; one without an ID is as many patients as there are studies."""
    return ("patient", issuer, patient_id) if patient_id else ("study", "", study_uid)
