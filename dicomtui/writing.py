"""Safe output: under its final name a file appears whole, private and replacing no other, or not at all.

What is written goes to a new file with a random name in the target folder and is linked to its final name
when it is on the disk. A killed program leaves at most that hidden file, never half a file under a name.

Of many files, each is written by :func:`part_file` and named by :func:`publish` without waiting for the disk,
which on a slow one would cost more than all else. A killed program loses nothing by that, because what was
written is the kernel's by then; a power failure may, so :func:`flush_to_disk` waits once for all of them.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO, NamedTuple

from dicomtui.errors import WriteError
from dicomtui.text import safe_line

Path = str | os.PathLike[str]

PART_SUFFIX = ".part"
"""Ends the name of a file that is not finished."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS})
_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)


class TakenError(WriteError):
    """Something of that name exists, and may not be replaced."""


def write_bytes(path: Path, data: bytes, *, overwrite: bool = False, mode: int = 0o600) -> None:
    """Write *data* to a new file at *path*; see :func:`new_file`.

    Raises
    ------
    WriteError
        If the file exists and may not be replaced, or cannot be written.
    """
    with new_file(path, overwrite=overwrite, mode=mode) as stream:
        stream.write(data)


@contextmanager
def new_file(
    path: Path, *, overwrite: bool = False, mode: int = 0o600, durable: bool = True
) -> Iterator[BinaryIO]:
    """Open a file that gets its name *path* when the block ends without an error.

    Parameters
    ----------
    path : str or path-like
        The final name; its folder must exist.
    overwrite : bool
        Whether a regular file or a link of that name is replaced (a link itself, not what it points to).
    mode : int
        Permission bits of the file, whatever the umask.
    durable : bool
        Whether to wait until the file is on the disk. Who writes many files calls :func:`flush_to_disk` once
        when they are written: a killed program loses nothing by that, only a machine without power may.

    Yields
    ------
    BinaryIO
        A stream for writing. After an error nothing is left of it, under any name.

    Raises
    ------
    WriteError
        If the name is taken and may not be replaced, or an OSError comes from here or from the block.
    """
    target = os.fspath(path)
    name = os.path.basename(target)
    try:
        with _opened_folder(target) as folder:
            _refuse_taken(target, name, folder, overwrite)
            temporary = _temporary_name()
            try:
                with _opened(temporary, mode, folder) as stream:
                    yield stream
                    stream.flush()
                    if durable:
                        os.fsync(stream.fileno())
                _publish(target, temporary, folder, folder, overwrite)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
    except OSError as error:
        raise _failed(target, error) from error


def require_writable(path: Path) -> None:
    """Make sure, before long work, that a new file can be made at *path*; nothing is left of the attempt.

    Raises
    ------
    WriteError
        If the name is taken, or no file can be made in its folder.
    """
    target = os.fspath(path)
    try:
        with _opened_folder(target) as folder:
            _refuse_taken(target, os.path.basename(target), folder, overwrite=False)
            temporary = _temporary_name()
            with _opened(temporary, 0o600, folder):
                os.unlink(temporary, dir_fd=folder)
    except OSError as error:
        raise _failed(target, error) from error


class Part(NamedTuple):
    """A file that has no final name yet."""

    path: str
    stream: BinaryIO


@contextmanager
def part_file(folder: Path, *, mode: int = 0o600) -> Iterator[Part]:
    """Open a new file in *folder* that stays when the block ends without an error, to be published later.

    Parameters
    ----------
    folder : str or path-like
        A folder of the program's own, on the file system of the final name. What a killed program leaves in
        it ends with :data:`PART_SUFFIX`.
    mode : int
        Permission bits of the file, whatever the umask.

    Raises
    ------
    WriteError
        If an OSError comes from here or from the block; nothing is left then.
    """
    path = os.path.join(os.fspath(folder), _temporary_name())
    try:
        with _opened(path, mode) as stream:
            yield Part(path, stream)
    except BaseException as error:
        with suppress(OSError):
            os.unlink(path)
        if isinstance(error, OSError):
            raise _failed(path, error) from error
        raise


def publish(part: Path, path: Path) -> None:
    """Give a finished file its final name, whose folder must exist.

    Raises
    ------
    TakenError
        If there is something of that name; *part* stays.
    WriteError
        If the name cannot be given for another reason.
    """
    target, temporary = os.fspath(path), os.fspath(part)
    try:
        with _opened_folder(target) as folder:
            _publish(target, temporary, None, folder, overwrite=False)
        with suppress(FileNotFoundError):  # it was moved where links are unknown
            os.unlink(temporary)
    except OSError as error:
        raise _failed(target, error) from error


def flush_to_disk(folder: Path) -> None:
    """Wait until everything in the file system of *folder* is on the disk.

    Raises
    ------
    WriteError
        If something could not be written there.
    """
    from ctypes import CDLL, get_errno

    shown = os.fspath(folder)
    try:
        descriptor = os.open(shown, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            if CDLL(None, use_errno=True).syncfs(descriptor) != 0:
                raise OSError(get_errno(), os.strerror(get_errno()))
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _failed(shown, error) from error


def nothing_fits(error: BaseException) -> bool:
    """Whether *error*, or its cause, says that other files could not be written there either."""
    found = error if isinstance(error, OSError) else error.__cause__
    return isinstance(found, OSError) and found.errno in _FULL


def private_folder(path: Path) -> str:
    """Make a folder of the program's own that nobody else may enter, and the folders above it.

    A folder that exists is made private too, so this is not for a folder that a user named.

    Returns
    -------
    str
        The path as given.

    Raises
    ------
    WriteError
        If it cannot be made, is no folder, or belongs to another user.
    """
    folder = os.fspath(path)
    above = os.path.dirname(folder.rstrip(os.sep))
    try:
        if above and not os.path.isdir(above):
            private_folder(above)
        with suppress(FileExistsError):
            os.mkdir(folder, 0o700)
        status = os.stat(folder)
        if not stat.S_ISDIR(status.st_mode):
            raise WriteError(f"{safe_line(folder)}: is not a folder; move it away or choose another place")
        if status.st_uid != os.geteuid():
            raise WriteError(f"{safe_line(folder)}: belongs to another user; choose another place")
        if stat.S_IMODE(status.st_mode) != 0o700:
            os.chmod(folder, 0o700)
    except (OSError, ValueError) as error:
        raise _failed(folder, error) from error
    return folder


def make_folders(path: Path, *, mode: int = 0o700) -> None:
    """Make the folder *path* and all above it that are missing; those that exist keep their mode.

    Parameters
    ----------
    path : str or path-like
        The folder.
    mode : int
        Permission bits of each folder that is made; the umask can only take some of them away.

    Raises
    ------
    WriteError
        If one of them cannot be made, or is there and no folder.
    """
    folder = os.fspath(path)
    missing = []
    above = folder
    while above and not os.path.isdir(above):
        missing.append(above)
        above = os.path.dirname(above.rstrip(os.sep))
    try:
        for each in reversed(missing):
            try:
                os.mkdir(each, mode)
            except FileExistsError:
                if not os.path.isdir(each):  # else another process has made it
                    raise
    except (OSError, ValueError) as error:
        reason = safe_line(getattr(error, "strerror", None) or str(error)).lower()
        raise WriteError(f"{safe_line(folder)}: the folder cannot be made ({reason})") from error


def _temporary_name() -> str:
    # the length of the final name says nothing about whether a longer one fits
    return f".{secrets.token_hex(8)}{PART_SUFFIX}"


@contextmanager
def _opened(path: str, mode: int, folder: int | None = None) -> Iterator[BinaryIO]:
    with open(os.open(path, _NEW_FILE, mode, dir_fd=folder), "w+b") as stream:
        with suppress(PermissionError):  # a file system without permission bits
            os.fchmod(stream.fileno(), mode)
        yield stream


@contextmanager
def _opened_folder(target: str) -> Iterator[int]:
    """Hold the folder of *target* open, so that the file stays in it if the folder is swapped meanwhile."""
    try:
        descriptor = os.open(os.path.dirname(target) or os.curdir, _FOLDER)
    except ValueError as error:
        raise _failed(target, error) from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _refuse_taken(target: str, name: str, folder: int, overwrite: bool) -> None:
    """Say before the work what would fail after it."""
    try:
        mode = os.stat(name or os.curdir, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return
    except ValueError as error:
        raise _failed(target, error) from error
    if stat.S_ISDIR(mode):
        raise WriteError(f"{safe_line(target)}: is a folder; name a file, which may be in it")
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise WriteError(f"{safe_line(target)}: is there and no regular file; choose another name")
    if not overwrite:
        raise _taken(target)


def _publish(target: str, temporary: str, source: int | None, folder: int, overwrite: bool) -> None:
    """Give the finished file, which is in the open folder *source*, its name in the open *folder*."""
    name = os.path.basename(target)
    if overwrite:
        os.replace(temporary, name, src_dir_fd=source, dst_dir_fd=folder)
        return
    try:
        try:
            os.link(temporary, name, src_dir_fd=source, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            _publish_without_links(temporary, name, source, folder)
    except FileExistsError as error:
        raise _taken(target) from error


def _publish_without_links(temporary: str, name: str, source: int | None, folder: int) -> None:
    """Take the name with an empty file first: where links are unknown, only O_EXCL refuses a taken name."""
    os.close(os.open(name, _NEW_FILE, 0o600, dir_fd=folder))
    try:
        os.replace(temporary, name, src_dir_fd=source, dst_dir_fd=folder)
    except BaseException:
        os.unlink(name, dir_fd=folder)
        raise


def _taken(target: str) -> "TakenError":
    return TakenError(f"{safe_line(target)}: exists already; choose another name or allow overwriting")


def _failed(target: str, error: OSError | ValueError) -> WriteError:
    reason = str(getattr(error, "strerror", None) or error)
    return WriteError(f"{safe_line(target)}: cannot be written ({safe_line(reason).lower()})")
