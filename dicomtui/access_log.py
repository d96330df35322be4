"""The access log: who opened, de-identified or exported which instance, and when; off unless asked for.

One line of JSON for each instance: time, user, host, action, SOP Instance UID, path. Never a name, never
another value. Whoever writes with the same file open, be it another process, never splits a line: each is one
``write`` to a file that is open for appending (POSIX: at its end, whatever others write).
"""

import errno
import json
import os
import socket
import stat
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Literal

from dicomtui.errors import UsageError
from dicomtui.text import safe_line

Action = Literal["opened", "de-identified", "exported"]

_PRIVATE = 0o600
_KEYS = frozenset({"time", "user", "host", "action", "sop_instance_uid", "path"})
_LONGEST_LINE = 1 << 16
"""Bytes of which the first line of a log is one: a path of the longest kind, escaped, is half of that."""
_UID_LIMIT = 64
_UID_CHARACTERS = frozenset("0123456789.")


class AccessLog:
    """Appends to one file; any thread may.

    Parameters
    ----------
    path : str
        The file; it is made if it does not exist, for its owner alone.
    complain : callable
        Is told once, in a line, when something could not be written; nothing else is stopped by that.

    Raises
    ------
    UsageError
        If it cannot be opened for appending, is no regular file, or holds something that is no such log: who
        asks for a log must not go without, and what is named by mistake is left as it is.
    """

    def __init__(self, path: str, complain: Callable[[str], object]) -> None:
        self._path, self._complain = os.path.abspath(os.path.expanduser(path)), complain
        self._lock = threading.Lock()
        self._has_failed = False
        self._user, self._host = _user(), socket.gethostname()
        self._file = self._opened()

    def _opened(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK
        try:
            file = os.open(self._path, flags, _PRIVATE)
        except OSError as error:
            raise UsageError(
                f"access log {self._name}: {(error.strerror or 'cannot be opened').lower()}"
            ) from error
        try:
            if not stat.S_ISREG(os.fstat(file).st_mode):
                raise UsageError(f"access log {self._name}: is no regular file")
            if not _begins_like_a_log(os.pread(file, _LONGEST_LINE, 0)):
                raise UsageError(
                    f"access log {self._name}: is there and no access log, so nothing is appended to it; name"
                    " another file"
                )
            os.fchmod(file, _PRIVATE)
        except OSError as error:
            os.close(file)
            raise UsageError(f"access log {self._name}: is not yours") from error
        except UsageError:
            os.close(file)
            raise
        return file

    @property
    def _name(self) -> str:
        return safe_line(self._path)

    def append(self, action: Action, path: str, sop_instance_uid: str) -> None:
        """Append a line; what fails is said once.

        Parameters
        ----------
        action : str
            What was done.
        path : str
            The file, or the address of a member.
        sop_instance_uid : str
            Of the instance; what is no UID is left out, for it might be a name.
        """
        entry = {
            "time": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "user": self._user,
            "host": self._host,
            "action": action,
            "sop_instance_uid": _uid(sop_instance_uid),
            "path": _absolute(path),
        }
        line = json.dumps(entry, ensure_ascii=True).replace("\x7f", "\\u007f").encode("ascii") + b"\n"
        with self._lock:
            self._write(line)

    def _write(self, line: bytes) -> None:
        try:
            written = os.write(self._file, line)
            if written < len(line):  # the disk is full: the rest is missing, the next line stays whole
                os.write(self._file, b"\n")
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except OSError as error:
            if not self._has_failed:
                self._has_failed = True
                reason = (error.strerror or "cannot be written").lower()
                self._complain(f"access log {self._name}: {reason}; what is opened is not all recorded")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._file >= 0:
                os.close(self._file)
                self._file = -1


_current: AccessLog | None = None


def start(path: str, complain: Callable[[str], object]) -> None:
    """Have :func:`record` write to *path* from now on; there is one log for the process.

    Raises
    ------
    UsageError
        If it cannot be written.
    """
    global _current
    stop()
    _current = AccessLog(path, complain)


def stop() -> None:
    """Record no longer."""
    global _current
    if _current is not None:
        _current.close()
    _current = None


def is_on() -> bool:
    """Whether there is a log; who would have to look for a UID first asks."""
    return _current is not None


def record(action: Action, path: str, sop_instance_uid: str) -> None:
    """Append a line to the log, if there is one."""
    if _current is not None:
        _current.append(action, path, sop_instance_uid)


def _begins_like_a_log(head: bytes) -> bool:
    """Whether a file that begins so is a log of ours, or empty."""
    if not head:
        return True
    try:
        entry = json.loads(head.partition(b"\n")[0])
    except (ValueError, RecursionError):
        return False
    return isinstance(entry, dict) and entry.keys() >= _KEYS


def _user() -> str:
    """Return the name of the user that the process runs as, by the system, not by the environment."""
    import pwd

    number = os.getuid()
    try:
        return pwd.getpwuid(number).pw_name
    except KeyError:
        return str(number)


def _uid(text: str) -> str:
    text = text.strip(" \0")
    return text if len(text) <= _UID_LIMIT and _UID_CHARACTERS.issuperset(text) else ""


def _absolute(path: str) -> str:
    return path if path == "-" else os.path.abspath(path)
