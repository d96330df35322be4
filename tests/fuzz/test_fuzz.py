"""No bytes at all may crash, hang or fool what reads them.

Ten thousand mutated files go through reading, rows, header walker, frames and de-identification, in processes
that are limited in memory. ``DICOMTUI_FUZZ_SEED`` chooses other files than those of every day.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from random import Random

import pytest

from dicomtui.dataset.source import MemorySource
from tests.fuzz.fuzzer import seeds
from tests.fuzz.laws import BrokenLawError, check, harmless
from tests.fuzz.mutations import MUTATIONS, mutated

CASES = 10_000
PROCESSES = 2
SEED = int(os.environ.get("DICOMTUI_FUZZ_SEED", "20261123"))
PEAK_MIB = 1024
"""The most memory that a process may ever have had."""
PROJECT = Path(__file__).parents[2]


def test_ten_thousand_mutated_files_break_nothing() -> None:
    command = [sys.executable, "-m", "tests.fuzz.fuzzer", "--json", "--cases", str(CASES // PROCESSES)]
    processes = [
        subprocess.Popen(
            [*command, "--seed", str(SEED + number)],
            cwd=PROJECT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for number in range(PROCESSES)
    ]
    for number, process in enumerate(processes):
        said, wrong = process.communicate(timeout=600)
        assert said, wrong
        report = json.loads(said)
        broken = "\n".join(
            f"case {case} of seed {SEED + number}: {what}" for case, what in report["findings"]
        )
        assert not broken, broken
        assert report["peak_mib"] < PEAK_MIB
        seen = report["seen"]
        assert sum(seen.values()) == CASES // PROCESSES
        reached = sum(count for how, count in seen.items() if how != "not read")
        assert reached > CASES // PROCESSES // 2, "most mutations should leave something to be read"
        assert sum(count for how, count in seen.items() if how.startswith("seen")) > CASES // PROCESSES // 10
        assert sum(count for how, count in seen.items() if "de-identified" in how) > CASES // PROCESSES // 20


def test_a_case_can_be_made_again() -> None:
    contents = [bytes(range(256)) * 4, b"\0" * 500]
    assert [mutated(Random(f"3/{number}"), contents) for number in range(50)] == [
        mutated(Random(f"3/{number}"), contents) for number in range(50)
    ]


@pytest.mark.parametrize("mutation", dict.fromkeys(MUTATIONS), ids=lambda mutation: mutation.__name__)
def test_every_mutation_changes_files(mutation) -> None:  # type: ignore[no-untyped-def]
    import pydicom

    contents = seeds([Path(pydicom.__file__).parent / "data" / "test_files"])
    changed = 0
    for number in range(50):
        random = Random(number)
        before = random.choice(contents)
        after = bytearray(before)
        mutation(after, random, contents)
        changed += after != before
    assert changed > 25


@pytest.mark.parametrize(
    "text", ["\x1b[31m", "\x9b", "\x00", "\u202e", "\u2066", "a\nb", "\x7f", "\U000e0041"]
)
def test_the_laws_notice_text_that_could_do_harm(text: str) -> None:
    with pytest.raises(BrokenLawError):
        harmless(text)


def test_the_laws_notice_an_error_that_is_none_of_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(source: MemorySource) -> None:
        raise KeyError("made up")

    monkeypatch.setattr("tests.fuzz.laws.read_source", fail)
    with pytest.raises(KeyError):
        check(b"\0" * 128 + b"DICM", deidentify=False)
