"""A seeded fuzzer: the same seed makes the same files.

    python -m tests.fuzz.fuzzer --seed 7 --cases 100000 --keep /tmp/found

prints one line for each case that broke a law, and keeps its file.
"""

import argparse
import json
import os
import resource
import signal
import sys
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from tests.fuzz.laws import check
from tests.fuzz.mutations import mutated

CASE_SECONDS = 10.0
"""How long one file may take: a hundred times what an ordinary one takes."""
MEMORY = 3 << 30
"""Bytes of address space: numpy, pydicom and the codecs have half of one without doing anything."""
_LARGEST_SEED = 1 << 17
_DEIDENTIFIED = 4
"""One case of so many is de-identified too, which takes longest."""


class TookTooLong(BaseException):
    """The time of a case is over."""


class Finding(NamedTuple):
    """A case that broke a law."""

    case: int
    what: str


class Report(NamedTuple):
    """What came of a run."""

    seen: dict[str, int]
    """How many cases came how far."""
    findings: list[Finding]


def seeds(folders: Sequence[Path]) -> list[bytes]:
    """Return the small files of *folders*, in the order of their names: what mutations begin with."""
    files = sorted((path for folder in folders for path in folder.rglob("*")), key=lambda path: path.name)
    return [
        path.read_bytes()
        for path in files
        if path.is_file() and not path.is_symlink() and 132 < path.stat().st_size <= _LARGEST_SEED
    ]


def run(seed: int, cases: int, contents: Sequence[bytes], keep: Path | None = None) -> Report:
    """Make *cases* files and check each.

    Parameters
    ----------
    seed : int
        A case is made of the seed and its number alone, so that it can be made again.
    cases : int
        How many.
    contents : sequence of bytes
        What is mutated.
    keep : Path, optional
        A folder for files that broke a law.
    """
    seen: Counter[str] = Counter()
    findings = []
    for number in range(cases):
        content = mutated(Random(f"{seed}/{number}"), contents)
        what = checked(content, deidentify=number % _DEIDENTIFIED == 0)
        seen[what if "\n" not in what else "broken"] += 1
        if "\n" in what:
            findings.append(Finding(number, what))
            if keep is not None:
                keep.mkdir(parents=True, exist_ok=True)
                (keep / f"{seed}-{number}.dcm").write_bytes(content)
    return Report(dict(seen), findings)


def checked(content: bytes, *, deidentify: bool) -> str:
    """Return how far a file came, or several lines on what went wrong; :func:`limit` has to be in force."""
    signal.setitimer(signal.ITIMER_REAL, CASE_SECONDS)
    try:
        return check(content, deidentify=deidentify)
    except (Exception, TookTooLong):  # noqa: BLE001  whatever it is, it is what is looked for
        return traceback.format_exc(limit=-4)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _stop(*_: object) -> None:
    raise TookTooLong


def _folders() -> Iterator[Path]:
    import data_store
    import pydicom

    yield Path(pydicom.__file__).parent / "data"
    yield Path(data_store.__file__).parent
    corpus = Path(os.environ.get("DICOMTUI_CORPUS", Path(__file__).parents[3] / "shared" / "corpus"))
    if corpus.is_dir():
        yield corpus


def limit() -> None:
    """Bound the memory of this process and the time of each file."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, _stop)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def peak_mib() -> int:
    """Return the most memory that this program ever had; ``ru_maxrss`` counts that of its parent too."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) >> 10


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line, in a process that is limited in memory."""
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz.fuzzer")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--cases", type=int, default=1000)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--json", action="store_true")
    options: Any = parser.parse_args(arguments)
    limit()
    report = run(options.seed, options.cases, seeds(list(_folders())), options.keep)
    peak = peak_mib()
    if options.json:
        json.dump({"seen": report.seen, "findings": report.findings, "peak_mib": peak}, sys.stdout)
    else:
        sys.stdout.write(f"seed {options.seed}: {report.seen}, peak {peak} MiB\n")
        sys.stdout.writelines(f"case {finding.case}: {finding.what}\n" for finding in report.findings)
    return 1 if report.findings else 0


if __name__ == "__main__":
    sys.exit(main())
