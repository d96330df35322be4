"""What whole programs with all their processes cost: time, CPU and memory."""

import json
import subprocess
import sys
from collections.abc import Sequence
from typing import NamedTuple

from tests.benchmarks.measuring import installed

_LAUNCHER = """
import ctypes, json, os, resource, subprocess, sys, time
ctypes.CDLL(None).prctl(36, 1, 0, 0, 0)  # PR_SET_CHILD_SUBREAPER: what is left behind is waited for here
begin = time.perf_counter()
nowhere = subprocess.DEVNULL
run = subprocess.run(sys.argv[1:], stdin=nowhere, stdout=nowhere, stderr=subprocess.PIPE)
wall = time.perf_counter() - begin
while True:
    try:
        os.wait()
    except ChildProcessError:
        break
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
said = run.stderr[-500:].decode("utf-8", "replace")
print(json.dumps([wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, run.returncode, said]))
"""


class Spent(NamedTuple):
    """What a program and all processes that it started have cost."""

    wall: float
    """Seconds until it ended."""
    cpu: float
    """Seconds of CPU of all processes."""
    memory: int
    """Bytes of memory that the largest of its processes had in use at its peak."""


def spent_by(command: Sequence[object]) -> Spent:
    """Run a command, which must end well.

    It is started by a small process: a fork of this one would count with the memory that this one has.
    """
    arguments = [sys.executable, "-S", "-c", _LAUNCHER, *map(str, command)]
    answer = subprocess.run(arguments, stdout=subprocess.PIPE, check=True, timeout=600, env=installed())
    wall, cpu, memory, code, said = json.loads(answer.stdout)
    assert code == 0, f"{command[0]}: {said}"
    return Spent(wall, cpu, memory)


def module(call: str) -> list[str]:
    """Return the command that calls a function of a module, ``package.module:function``, as a script does."""
    name, _, function = call.partition(":")
    program = f"import sys; from {name} import {function} as run; sys.exit(run(sys.argv[1:]))"
    return [sys.executable, "-c", program]
