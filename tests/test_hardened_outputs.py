"""Every command that writes, on disks that are full, read-only, closed or limited, and killed at any moment.

What is promised: one line says why, nothing that is half written has a final name, and the same command
works as soon as there is room.
"""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pydicom
import pytest

from tests.builders import write_series

SECRET = "SECRET^NAME"
PROGRAM = [sys.executable, "-m", "dicomtui"]
CHAIN = (
    "import sys\n"
    "from dicomtui.errors import DicomTuiError\n"
    "from dicomtui.imaging.processing import Chain\n"
    "from dicomtui.imaging.saved_chains import save_chain\n"
    "try:\n"
    "    save_chain('mine', Chain.parse('median(3) | ' * 300 + 'median(3)'), sys.argv[1])\n"
    "except DicomTuiError as error:\n"
    "    sys.exit(str(error))\n"
)
COMMANDS: dict[str, list[str]] = {
    "png": [*PROGRAM, "export", "--format", "png", "IN", "OUT/png"],
    "npy": [*PROGRAM, "export", "--format", "npy", "IN", "OUT/npy"],
    "json": [*PROGRAM, "export", "--format", "json", "IN", "OUT/json"],
    "dicom": [*PROGRAM, "export", "--format", "dicom", "--dicomdir", "IN", "OUT/dicom"],
    "anonymize": [*PROGRAM, "anonymize", "--mapping", "OUT/mapping.csv", "IN", "OUT/anonymous"],
    "index": [*PROGRAM, "index", "IN"],
    "report": [*PROGRAM, "report", "IN", "-o", "OUT/report.html"],
    "chain": [sys.executable, "-c", CHAIN, "OUT/chains.toml"],
}
"""Commands that write into OUT, and nowhere else."""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    noise = random.Random(1)
    from pydicom import dcmread

    folder = write_series(tmp_path / "in", 3, PatientName=SECRET)
    for path in folder.iterdir():  # nothing that a picture could make small
        dataset = dcmread(path)
        dataset.PixelData = noise.randbytes(len(dataset.PixelData))
        dataset.ImageComments = "long " * 1500
        dataset.save_as(path)
    return folder


def run(
    name: str, source: Path, out: Path, *, before: list[str] | None = None, limit: int = 0
) -> subprocess.CompletedProcess[bytes]:
    """Run a command, behind another or with a limit for the size of files."""
    words = [word.replace("OUT", str(out)) if "OUT" in word else word for word in COMMANDS[name]]
    words = [str(source) if word == "IN" else word for word in words]

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    return subprocess.run(
        [*(before or []), *words],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=60,
        check=False,
        env={**os.environ, "XDG_CACHE_HOME": str(out / "cache"), "TMPDIR": str(out)},
        preexec_fn=limited if limit else None,
    )


def require_one_failure(done: subprocess.CompletedProcess[bytes]) -> None:
    """Require that the command has failed and has said so in words."""
    said = done.stderr.decode()
    assert done.returncode in (1, 2), (done.returncode, said)
    assert said.strip()
    assert "Traceback" not in said
    assert "internal error" not in said
    assert SECRET.split("^")[0] not in said
    assert all(line.isprintable() for line in said.splitlines())


def named(folder: Path) -> list[Path]:
    """Return the files that have a final name."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return [path for path in files if not any(part[0] == "." for part in path.relative_to(folder).parts)]


def require_whole(folder: Path) -> None:
    """Require that what has a final name can be read to its end."""
    for path in named(folder):
        content = path.read_bytes()
        if content[128:132] == b"DICM":
            dataset = pydicom.dcmread(path)
            if path.name != "DICOMDIR":
                assert len(dataset.PixelData) == dataset.Rows * dataset.Columns * 2
        elif path.suffix == ".png":
            assert content.endswith(b"IEND\xaeB`\x82")
        elif path.suffix == ".npy":
            import numpy as np

            np.load(path)
        elif path.suffix == ".json":
            import json

            json.loads(content)
        elif path.suffix == ".html":
            assert content.rstrip().endswith(b"</html>")
        elif path.suffix == ".toml":
            import tomllib

            tomllib.loads(content.decode())


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """Mount small file systems, where that is allowed."""
    folders: list[Path] = []

    def mount(options: str) -> Path:
        folder = tmp_path / "mounted"
        folder.mkdir(exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, check=False
        )
        if done.returncode:
            pytest.skip("nothing can be mounted here")
        folders.append(folder)
        return folder

    yield mount
    for folder in folders:
        subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.skipif(not shutil.which("mount"), reason="nothing can be mounted here")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_full_disk_is_said_and_more_room_is_enough(
    name: str, source: Path, mounted: Callable[[str], Path]
) -> None:
    out = mounted("size=256k")
    free = os.statvfs(out)
    (out / "filler").write_bytes(bytes(free.f_bavail * free.f_frsize))
    require_one_failure(run(name, source, out))
    (out / "filler").unlink()
    require_whole(out)
    assert not [path for path in named(out) if not path.stat().st_size and name != "index"]
    subprocess.run(["mount", "-o", "remount,size=32m", str(out)], check=True)
    shutil.rmtree(out / "anonymous", ignore_errors=True)
    again = run(name, source, out)
    assert again.returncode == 0, again.stderr
    require_whole(out)
    assert named(out)


@pytest.mark.skipif(not shutil.which("mount"), reason="nothing can be mounted here")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_read_only_disk_is_said(name: str, source: Path, mounted: Callable[[str], Path]) -> None:
    out = mounted("ro,size=64k")
    require_one_failure(run(name, source, out))


@pytest.mark.skipif(not shutil.which("setpriv"), reason="there is no setpriv")
@pytest.mark.parametrize("name", COMMANDS)
def test_a_folder_that_is_closed_is_said(name: str, source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    before = ["setpriv", "--bounding-set", "-dac_override,-dac_read_search"] if os.geteuid() == 0 else []
    require_one_failure(run(name, source, out, before=before))
    assert not list(out.iterdir())


@pytest.mark.parametrize("name", COMMANDS)
def test_a_limit_of_the_size_of_files_is_said_and_leaves_no_half(
    name: str, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    require_one_failure(run(name, source, out, limit=100))
    require_whole(out)
    assert not [path for path in named(out) if path.stat().st_size == 100]
    assert not list(out.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dicom", "anonymize", "report", "index"])
def test_who_is_killed_at_any_moment_leaves_nothing_half(name: str, source: Path, tmp_path: Path) -> None:
    begin = time.monotonic()
    whole = tmp_path / "whole"
    whole.mkdir()
    assert run(name, source, whole).returncode == 0
    takes = time.monotonic() - begin
    moments = random.Random(2)
    for number in range(8):
        out = tmp_path / f"out{number}"
        out.mkdir()
        words = [word.replace("OUT", str(out)) for word in COMMANDS[name]]
        process = subprocess.Popen(
            [str(source) if word == "IN" else word for word in words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "XDG_CACHE_HOME": str(out / "cache")},
        )
        time.sleep(takes * moments.uniform(0.3, 1.0))
        process.send_signal(signal.SIGKILL)
        process.wait()
        require_whole(out)
        if name == "index":
            assert run(name, source, out).returncode == 0


@pytest.mark.parametrize("name", ["dicom", "anonymize"])
def test_two_runs_into_one_folder_write_each_file_once_and_whole(
    name: str, source: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    words = [word.replace("OUT/mapping.csv", "MAP").replace("OUT", str(out)) for word in COMMANDS[name]]
    runs = [
        subprocess.Popen(
            [
                {"IN": str(source), "MAP": str(tmp_path / f"mapping{number}.csv")}.get(word, word)
                for word in words
            ],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        for number in range(2)
    ]
    said = [process.communicate(timeout=60)[1] for process in runs]
    assert all(process.returncode in (0, 1, 2) for process in runs)
    assert min(process.returncode for process in runs) == 0 or name != "anonymize"
    assert not any(b"Traceback" in text or b"internal error" in text for text in said)
    require_whole(out)
    found = [path for path in named(out) if path.suffix == ".png" or b"DICM" in path.read_bytes()[128:132]]
    assert len([path for path in found if path.name != "DICOMDIR"]) == 3
    assert not list(out.rglob("*.part"))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dicom", "anonymize", "index", "report"])
def test_a_clock_that_goes_backwards_changes_nothing(
    name: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "clock").mkdir()
    (tmp_path / "clock" / "sitecustomize.py").write_text(
        "import itertools, time\n"
        "began, back = time.time(), itertools.count()\n"
        "time.time = lambda: began - 86400.0 * next(back)\n"
        "time.time_ns = lambda: int(time.time() * 1e9)\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "clock"))
    out = tmp_path / "out"
    out.mkdir()
    done = run(name, source, out)
    assert done.returncode == 0, done.stderr
    require_whole(out)
    if name == "index":
        again = run(name, source, out)
        assert again.returncode == 0, again.stderr
