"""Safe output: under its final name a file appears whole, private and replacing no other, or not at all.

What is written goes to a new file with a random name in the target folder and is linked to its final name
when it is on the disk. A killed program leaves at most that hidden file, never half a file under a name.
"""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import BinaryIO

from dicomtui.errors import WriteError
from dicomtui.text import safe_line

Path = str | os.PathLike[str]

_NEW_FILE = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
_FOLDER = getattr(os, "O_PATH", os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC
_NO_HARD_LINKS = frozenset(
    {errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}
)


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
def new_file(path: Path, *, overwrite: bool = False, mode: int = 0o600) -> Iterator[BinaryIO]:
    """Open a file that gets its name *path* when the block ends without an error.

    Parameters
    ----------
    path : str or path-like
        The final name; its folder must exist.
    overwrite : bool
        Whether a regular file or a link of that name is replaced (a link itself, not what it points to).
    mode : int
        Permission bits of the file, whatever the umask.

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
            # the length of the final name says nothing about whether a longer one fits
            temporary = f".{secrets.token_hex(8)}.part"
            try:
                with open(os.open(temporary, _NEW_FILE, mode, dir_fd=folder), "w+b") as stream:
                    with suppress(PermissionError):  # a file system without permission bits
                        os.fchmod(stream.fileno(), mode)
                    yield stream
                    stream.flush()
                    os.fsync(stream.fileno())
                _publish(target, temporary, folder, overwrite)
            finally:
                with suppress(FileNotFoundError):
                    os.unlink(temporary, dir_fd=folder)
    except OSError as error:
        raise _failed(target, error) from error


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
    if not (stat.S_ISREG(mode) or stat.S_ISLNK(mode)):
        raise WriteError(f"{safe_line(target)}: is there and no regular file; choose another name")
    if not overwrite:
        raise _taken(target)


def _publish(target: str, temporary: str, folder: int, overwrite: bool) -> None:
    """Give the finished file its name in the open *folder*."""
    name = os.path.basename(target)
    if overwrite:
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
        return
    try:
        try:
            os.link(temporary, name, src_dir_fd=folder, dst_dir_fd=folder, follow_symlinks=False)
        except OSError as error:
            if error.errno not in _NO_HARD_LINKS:
                raise
            _publish_without_links(temporary, name, folder)
    except FileExistsError as error:
        raise _taken(target) from error


def _publish_without_links(temporary: str, name: str, folder: int) -> None:
    """Take the name with an empty file first: where links are unknown, only O_EXCL refuses a taken name."""
    os.close(os.open(name, _NEW_FILE, 0o600, dir_fd=folder))
    try:
        os.replace(temporary, name, src_dir_fd=folder, dst_dir_fd=folder)
    except BaseException:
        os.unlink(name, dir_fd=folder)
        raise


def _taken(target: str) -> WriteError:
    return WriteError(f"{safe_line(target)}: exists already; choose another name or allow overwriting")


def _failed(target: str, error: OSError | ValueError) -> WriteError:
    reason = str(getattr(error, "strerror", None) or error)
    return WriteError(f"{safe_line(target)}: cannot be written ({safe_line(reason).lower()})")
