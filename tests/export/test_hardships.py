"""Full disks, several runs into one folder, kills: no half file, nothing replaced, an honest exit code."""

import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.builders import ct, write, write_series


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "dicomtui", *map(str, arguments)]


def pictures(folder: Path) -> list[Path]:
    """Return the pictures in *folder*; each can be read to its end."""
    found = sorted(folder.rglob("*.png"))
    for path in found:
        with Image.open(path) as image:
            image.load()
    return found


def test_of_four_runs_into_one_folder_each_file_is_written_by_one(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 40)
    runs = [
        subprocess.Popen(
            command("export", tmp_path / "in", tmp_path / "out", "--format", "png", "--jobs", 1),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(4)
    ]
    written = 0
    for run in runs:
        out, errors = run.communicate()
        count = int(re.match(r"(\d+) files? written", out)[1])  # type: ignore[index]
        written += count
        assert run.returncode == (0 if count == 40 else 1)
        assert count == 40 or "exists already" in errors
    assert written == 40
    assert len(pictures(tmp_path / "out")) == 40
    assert [path for path in (tmp_path / "out").rglob("*") if path.suffix != ".png"] == []


def test_a_limit_on_the_size_of_files_leaves_no_half_file(tmp_path: Path) -> None:
    noise = np.random.default_rng(1).integers(0, 4000, (256, 256)).astype(np.int16)
    write(ct(noise), tmp_path / "in" / "large.dcm")
    write(ct(np.zeros((64, 64), np.int16)), tmp_path / "in" / "small.dcm")
    limit = 30_000
    done = subprocess.run(
        command("export", tmp_path / "in", tmp_path / "out", "--format", "png", "--stage", "stored"),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "large.dcm: " in done.stderr
    assert "file too large" in done.stderr
    assert [path.name for path in pictures(tmp_path / "out")] == ["small.png"]
    assert os.listdir(tmp_path / "out") == ["small.png"]


def test_a_full_disk_ends_the_export_with_one_sentence(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 60)
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("no file system can be mounted here")
    try:
        done = subprocess.run(
            command("export", tmp_path / "in", disk / "out", "--format", "npy"),
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert "no space left" in done.stderr
        assert len(done.stderr.splitlines()) < 25
        for path in (disk / "out").iterdir():
            assert np.load(path).shape == (32, 32)
    finally:
        subprocess.run(["umount", disk], check=True)


@pytest.mark.parametrize("delay", [0.8, 1.1, 1.5])
def test_a_killed_export_leaves_whole_files_only(delay: float, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 300)
    before = {path: path.read_bytes() for path in (tmp_path / "in").iterdir()}
    run = subprocess.Popen(
        command("export", tmp_path / "in", tmp_path / "out", "--format", "png", "--size", 512)
    )
    time.sleep(delay)
    run.send_signal(signal.SIGKILL)
    run.wait()
    time.sleep(0.3)  # until its workers have noticed
    if (tmp_path / "out").exists():
        pictures(tmp_path / "out")
    assert {path: path.read_bytes() for path in (tmp_path / "in").iterdir()} == before


def test_ctrl_c_ends_with_what_is_in_hand_and_says_so(tmp_path: Path) -> None:
    write_series(tmp_path / "in", 400)
    run = subprocess.Popen(
        command("export", tmp_path / "in", tmp_path / "out", "--format", "png", "--size", 1024),
        stdout=subprocess.PIPE,
        text=True,
    )
    while not list((tmp_path / "out").glob("*.png") if (tmp_path / "out").exists() else ()):
        time.sleep(0.02)
        assert run.poll() is None
    run.send_signal(signal.SIGINT)
    out, _ = run.communicate()
    assert run.returncode == 130
    assert "Interrupted" in out
    count = int(re.match(r"(\d+) files? written", out)[1])  # type: ignore[index]
    assert len(pictures(tmp_path / "out")) == count < 400
    shutil.rmtree(tmp_path / "out")
