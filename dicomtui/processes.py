"""New processes, forked from one that was started before the program had threads or a terminal to care for.

Such a process never imports the program, writes nowhere, dumps no memory, has no more of it than it is given,
and ends when the program does.
"""

import os
import resource
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from multiprocessing import get_context, parent_process, resource_tracker, util
from multiprocessing.connection import Connection, wait
from multiprocessing.forkserver import ensure_running
from types import ModuleType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerProcess

_CONTEXT = get_context("forkserver")
_LONGEST_FOLDER = 70
"""Bytes of the name of a folder in which a socket still finds room for its own."""


def prepare(module: str = "dicomtui.archive.reading_process") -> None:
    """Start the process from which others are forked, unless it runs.

    It has to be started before a program has threads, and before Textual takes the terminal.

    Parameters
    ----------
    module : str
        What it imports meanwhile, so that those need not: by default it gets ready to read many files.
    """
    _choose_short_folder()
    _CONTEXT.set_forkserver_preload([module])
    resource_tracker.ensure_running()  # by itself, for it lets signals through that are held back here
    # Ctrl+C goes to all processes on a terminal; those that are forked from here never get it
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        ensure_running()
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _choose_short_folder() -> None:
    """Have sockets made in ``/tmp`` where the temporary folder has too long a name: theirs has 107 bytes."""
    if len(os.fsencode(tempfile.gettempdir())) > _LONGEST_FOLDER:
        before, tempfile.tempdir = tempfile.tempdir, "/tmp"
        try:
            util.get_temp_dir()  # which is kept for as long as the program runs, and removed at its end
        finally:
            tempfile.tempdir = before


def start(
    function: Callable[..., None], *arguments: Any, module: str
) -> tuple["ForkServerProcess", Connection]:
    """Start a process.

    Parameters
    ----------
    function : callable
        A function of a module; is called with its end of the connection and *arguments*.
    module : str
        What is imported first if nothing was prepared.

    Returns
    -------
    ForkServerProcess
        The process.
    Connection
        This end of what leads to it.
    """
    prepare(module)
    ours, theirs = _CONTEXT.Pipe()
    process: ForkServerProcess = _CONTEXT.Process(target=function, args=(theirs, *arguments), daemon=True)
    with _no_main_module():
        process.start()
    theirs.close()
    return process, ours


def settle(memory: int, niceness: int = 0) -> None:
    """Make the new process what this module promises; called in it.

    Parameters
    ----------
    memory : int
        Bytes of address space that it may have.
    niceness : int
        How far it stands back behind the program, which has a user to answer.
    """
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.nice(niceness)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    limit_memory(memory)


def limit_memory(memory: int) -> None:
    """Limit the address space of this process, unless the limit is lower already."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (memory, most))


@contextmanager
def _no_main_module() -> Iterator[None]:
    """Keep new processes from importing the program, which takes their time, if it does not run it again."""
    main = sys.modules["__main__"]
    sys.modules["__main__"] = ModuleType("__main__")
    try:
        yield
    finally:
        sys.modules["__main__"] = main


def _end_with_parent() -> None:
    """End this process as soon as the program has gone, whatever it is doing."""
    parent = parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
