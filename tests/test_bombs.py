"""Small files that claim to be huge cost one sentence, not the memory and the time of the machine."""

import json
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.bombs import bombs
from tests.tui.driving import browser_on

PROJECT = Path(__file__).parents[1]
PEAK_MIB = 800
"""The most memory that a process may ever have had: what is inflated may have 256 MiB, a frame too."""
COMMANDS = (
    "info IN",
    "tags IN",
    "view IN",
    "scan IN",
    "validate IN",
    "report IN",
    "export IN OUT --format png",
    "anonymize IN OUT",
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("bombs")
    for number, (_, content) in enumerate(bombs()):
        (made / f"{number:03}.dcm").write_bytes(content)
    return made


def test_every_law_holds_for_files_that_claim_to_be_huge() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.bombs"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.stdout, done.stderr
    said = json.loads(done.stdout)
    assert len(said["found"]) > 90
    assert not {claim: what for claim, what in said["found"].items() if "\n" in what}
    assert said["peak_mib"] < PEAK_MIB


_MEASURED = (
    "import sys\n"
    "from pathlib import Path\n"
    "from dicomtui.__main__ import main\n"
    "each = sys.argv[3:] if sys.argv[2] == 'view' else []\n"
    "code = max(main(['view', one]) for one in each) if each else main(sys.argv[2:])\n"
    "from tests.fuzz.fuzzer import peak_mib\n"
    "Path(sys.argv[1]).write_text(str(peak_mib()))\n"
    "sys.exit(code)\n"
)
"""Runs the program, once for each file where it takes one alone, and notes how much memory it had at most."""


class Done(NamedTuple):
    """What became of a command."""

    code: int
    err: str
    peak_mib: int


def run(command: str, folder: Path, out: Path) -> Done:
    """Run a subcommand on all files, and measure the memory that it had at most."""
    files = [str(path) for path in sorted(folder.iterdir())]
    takes_files = command.split()[0] in ("info", "tags", "view")
    words: list[str] = []
    for word in command.split():
        words += files if word == "IN" and takes_files else [str(folder)] if word == "IN" else [word]
    words = [str(out / "out") if word == "OUT" else word for word in words]
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, str(out / "peak"), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        cwd=PROJECT,
        timeout=120,
        check=False,
    )
    return Done(done.returncode, done.stderr.decode(errors="replace"), int((out / "peak").read_text()))


@pytest.mark.parametrize("command", COMMANDS)
def test_a_subcommand_says_a_sentence_about_each_and_goes_on(
    command: str, folder: Path, tmp_path: Path
) -> None:
    done = run(command, folder, tmp_path)
    assert done.code in (0, 1), done.err[-2000:]
    assert "internal error" not in done.err
    assert "Traceback" not in done.err
    assert all(line.startswith("dicomtui: ") for line in done.err.split("\n") if line.strip()), done.err[
        :2000
    ]
    assert done.peak_mib < PEAK_MIB


async def test_the_browser_steps_through_them(folder: Path) -> None:
    async with browser_on(folder) as driver:
        await driver.until(lambda: driver.browser._stepper.opened is not None, "the first instance")
        for path in sorted(folder.iterdir())[::3]:
            driver.browser._go_to(str(path))
            await driver.until(
                lambda path=path: path.name in driver.status, f"{path.name} in the status line"
            )
