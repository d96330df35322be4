"""Nothing outside what was asked for holds a value of a file: not on the disk, not in a list of processes."""

import os
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.builders import write_series
from tests.tui.test_terminal import Terminal

SECRETS = (b"SECRETNAME", b"S3CR3T-ID", b"SECRETWARD")
PROGRAM = [sys.executable, "-m", "dicomtui"]
BATCH = {
    "tags": ["tags", "IN/slice000.dcm"],
    "info": ["info", "IN/slice000.dcm"],
    "diff": ["diff", "IN/slice000.dcm", "IN/slice001.dcm"],
    "scan": ["scan", "IN"],
    "find": ["find", "IN", "Modality = CT"],
    "values": ["values", "IN", "PatientName"],
    "varies": ["varies", "IN"],
    "validate": ["validate", "IN"],
    "report": ["report", "IN"],
    "measure": ["measure", "--point", "1,1", "IN/slice000.dcm"],
    "view": ["view", "IN/slice000.dcm"],
    "export": ["export", "--format", "png", "IN", "OUT/png"],
    "anonymize": ["anonymize", "IN", "OUT/anonymous"],
}
"""Commands whose output, if it is a file, has no value of who the patient is."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_series(
        tmp_path / "in",
        4,
        PatientName="SECRETNAME^A",
        PatientID="S3CR3T-ID",
        InstitutionalDepartmentName="SECRETWARD",
    )


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Have everything that a program may take for its own in one folder; write with no umask."""
    folder = tmp_path / "home"
    for name in ("tmp", "config", "cache", "data", "state", "run", "work"):
        (folder / name).mkdir(parents=True)
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("TMPDIR", str(folder / "tmp"))
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(folder / "run"))
    for name in ("CONFIG", "CACHE", "DATA", "STATE"):
        monkeypatch.setenv(f"XDG_{name}_HOME", str(folder / name.lower()))
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("COLUMNS", "LINES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(folder / "work")
    before = os.umask(0)
    yield folder
    os.umask(before)


def entries(folder: Path) -> set[str]:
    try:
        return set(os.listdir(folder))
    except OSError:
        return set()


SHARED = (Path("/tmp"), Path("/var/tmp"), Path("/dev/shm"))


def telling(*folders: Path) -> list[str]:
    """Return the files below folders whose name or content has a secret."""
    found = []
    for folder in folders:
        for path in folder.rglob("*") if folder.is_dir() else [folder]:
            try:
                content = path.read_bytes() if path.is_file() else b""
            except OSError:  # it was of somebody else, or has gone
                continue
            if any(secret in content + os.fsencode(path.name) for secret in SECRETS):
                found.append(str(path))
    return found


def open_to_others(folder: Path) -> list[str]:
    """Return what a command has made that others may read."""
    return [str(path) for path in folder.rglob("*") if stat.S_IMODE(path.lstat().st_mode) & 0o077]


class Watch:
    """Looks at the processes of a session while they run."""

    def __init__(self, session: int) -> None:
        self.looks = 0
        self.told: set[str] = set()
        self._session = session
        self._ends = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        while not self._ends.wait(0.05):
            for process in Path("/proc").glob("[0-9]*"):
                self._look(process)

    def _look(self, process: Path) -> None:
        try:
            fields = (process / "stat").read_text().rsplit(")", 1)[1].split()
            if int(fields[3]) != self._session:
                return
            content = b"".join((process / name).read_bytes() for name in ("cmdline", "environ", "comm"))
        except (OSError, IndexError):
            return
        self.looks += 1
        self.told |= {content.decode(errors="replace") for secret in SECRETS if secret in content}

    def __enter__(self) -> "Watch":
        return self

    def __exit__(self, *_: object) -> None:
        self._ends.set()
        self._thread.join()


def test_a_batch_leaves_no_value_anywhere_and_nothing_open_to_others(source: Path, home: Path) -> None:
    before = {folder: entries(folder) for folder in SHARED}
    out = home / "out"
    out.mkdir(0o700)
    said = {}
    for name, words in BATCH.items():
        arguments = [word.replace("IN", str(source), 1) if word.startswith("IN") else word for word in words]
        arguments = [word.replace("OUT", str(out)) for word in arguments]
        process = subprocess.Popen(
            [*PROGRAM, *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        with Watch(process.pid) as watch:
            printed, errors = process.communicate(timeout=60)
        said[name] = printed
        assert process.returncode in (0, 1), errors
        assert watch.looks, name
        assert not watch.told
        assert not any(secret in errors for secret in SECRETS), name
    assert SECRETS[0] in said["tags"]  # or the test looks for nothing
    assert SECRETS[0] in said["values"]
    made = [folder / name for folder in SHARED for name in entries(folder) - before[folder]]
    assert not telling(home, *made)
    assert not open_to_others(out)
    assert [path.name for path in out.iterdir()]
    assert not list((home / "tmp").iterdir())
    assert not list((home / "work").iterdir())


@pytest.mark.parametrize("ending", ["quit", "terminated", "killed", "broken"])
def test_a_session_leaves_no_value_anywhere_however_it_ends(ending: str, source: Path, home: Path) -> None:
    before = {folder: entries(folder) for folder in SHARED}
    code = (
        "import sys\n"
        "from dicomtui.tui.widgets.tag_table import TagTable\n"
        "def broken(self, index, width):\n"
        "    raise ValueError('SECRET' + 'NAME')\n"
        "TagTable.row = broken\n"
        "from dicomtui.__main__ import main\n"
        "sys.exit(main(sys.argv[1:]))\n"
    )
    terminal = Terminal(str(source), code=code if ending == "broken" else "")
    try:
        with Watch(terminal.pid) as watch:
            if ending == "broken":
                assert terminal.end(20) == 1
                assert not any(secret in terminal.seen.partition(b"\x1b[?1049l")[2] for secret in SECRETS)
            else:
                use(terminal, ending)
        assert watch.looks
        assert not watch.told
    finally:
        terminal.close()
    made = [folder / name for folder in SHARED for name in entries(folder) - before[folder]]
    assert not telling(home, *made)
    for folder in ("tmp", "work"):
        assert not [path for path in (home / folder).rglob("*") if path.is_file()]
    for folder in ("config", "cache", "data", "state"):
        assert not open_to_others(home / folder)


def use(terminal: Terminal, ending: str) -> None:
    """Look at elements and pictures, measure, look for a value; then end."""
    terminal.until(b"image 4/4")
    terminal.send("\t/secretname\r")
    terminal.until(SECRETS[0])  # or nothing could be left
    for keys in ("\t\tk", "s", "\x1b", "H", "\x1b", "m"):
        terminal.send(keys)
        time.sleep(0.3)
        terminal._read()
    titles = [part.partition(b"\x07")[0] for part in terminal.seen.split(b"\x1b]")[1:]]
    assert not [title for title in titles if any(secret in title for secret in SECRETS)]
    if ending == "quit":
        terminal.send("\x1b")
        time.sleep(0.3)
        terminal.send("q")
        assert terminal.end() == 0
    else:
        os.kill(terminal.pid, signal.SIGTERM if ending == "terminated" else signal.SIGKILL)
        assert terminal.end() == (143 if ending == "terminated" else -signal.SIGKILL)


def test_an_index_is_kept_only_when_asked_for_and_for_its_owner_alone(source: Path, home: Path) -> None:
    for arguments in (["scan", str(source)], ["index", str(source)]):
        assert not list((home / "cache").rglob("*.*"))
        subprocess.run([*PROGRAM, *arguments], capture_output=True, check=True, timeout=60)
    assert telling(home / "cache")  # it was asked for
    assert not open_to_others(home / "cache")
    assert not telling(home / "config", home / "data", home / "state", home / "tmp", home / "work")


def test_saved_chains_and_the_access_log_are_private_without_an_umask(source: Path, home: Path) -> None:
    code = (
        "import sys\n"
        "from dicomtui.imaging.processing import Chain\n"
        "from dicomtui.imaging.saved_chains import save_chain\n"
        "save_chain('mine', Chain.parse('median(3)'), sys.argv[1])\n"
    )
    chains = home / "config" / "new" / "dicomtui" / "chains.toml"
    subprocess.run([sys.executable, "-c", code, str(chains)], check=True, timeout=60)
    log = home / "state" / "access.log"
    words = ["tags", str(source / "slice000.dcm"), "--access-log", str(log)]
    subprocess.run([*PROGRAM, *words], check=True, capture_output=True, timeout=60)
    assert chains.exists()
    assert log.stat().st_size
    assert not open_to_others(home / "config")
    assert not open_to_others(home / "state")
    assert not telling(home / "config", home / "state")
