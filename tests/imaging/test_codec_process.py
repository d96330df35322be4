"""What a user gets when a codestream does its worst to a codec: a sentence, and the next frame."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from multiprocessing.connection import Connection
from multiprocessing.reduction import recv_handle
from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DecodeError
from dicomtui.imaging import codec_process, decoding_process
from dicomtui.imaging.codec_process import CodecError
from dicomtui.imaging.frames import Frames

PICTURE = np.arange(64 * 48, dtype=np.uint8).reshape(64, 48)
GOOD = bytes(imagecodecs.jpegls_encode(PICTURE))
REAL = codec_process._serve


def crash(data: bytes) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def never_end(data: bytes) -> None:
    time.sleep(1000)


def take_everything(data: bytes) -> bytearray:
    return bytearray(decoding_process.MEMORY * 2)


def write_to_terminal(data: bytes) -> bytes:
    os.write(1, b"secret")
    os.write(2, b"secret")
    return b"1"


def serve_wrongly(connection: Connection) -> None:
    """Serve with codecs that behave as badly as compiled code can."""
    for codec in (crash, never_end, take_everything, write_to_terminal):
        setattr(imagecodecs, f"{codec.__name__}_decode", codec)
    REAL(connection)


def serve_lies(connection: Connection) -> None:
    """Say that there are pixels which are not there, or no pixels at all."""
    recv_handle(connection)
    while True:
        codec, *_ = connection.recv()
        connection.send_bytes(LIES[codec])


LIES = {
    "larger": b'{"type": "|u1", "shape": [1000000, 1000000]}',
    "negative": b'{"type": "|u1", "shape": [-5, -5]}',
    "objects": b'{"type": "O", "shape": [1]}',
    "nothing": b"{}",
    "garbage": b"\x80\x04",
    "words": b'{"type": "no type", "shape": "many"}',
}


@pytest.fixture(autouse=True)
def a_process_of_its_own() -> Iterator[None]:
    _end()
    yield
    _end()


def _end() -> None:
    process, codec_process._process = codec_process._process, None
    if process is not None:
        process.close()


@pytest.fixture
def wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codec_process, "_serve", serve_wrongly)


def decoded() -> Any:
    return codec_process.decode("jpegls_decode", GOOD, PICTURE.nbytes)


def test_pixels_come_back_as_the_codec_gives_them() -> None:
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_the_program_itself_never_loads_a_codec() -> None:
    code = (
        "import sys; from dicomtui.dataset.reading import read_instance; "
        "from dicomtui.imaging.frames import Frames; "
        f"Frames(read_instance({get_testdata_file('JPEG2000.dcm', download=False)!r})).frame(1); "
        "print([name for name in sys.modules if name.startswith('imagecodecs._jpeg2k')])"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert said.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("codec", "sentence"),
    [
        ("crash_decode", r"the codec crashed on it \(SIGSEGV\)"),
        ("take_everything_decode", "the codec wanted more memory than the frame can need"),
        ("no_such_decode", "no_such_decode"),
    ],
)
def test_what_it_does_is_a_sentence_and_the_next_frame_works(wrong: None, codec: str, sentence: str) -> None:
    with pytest.raises(CodecError, match=sentence):
        codec_process.decode(codec, b"", 1)
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_a_codec_that_never_ends_is_given_up(wrong: None, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded()
    monkeypatch.setattr(decoding_process, "SECONDS", 0.3)
    with pytest.raises(CodecError, match="given up after 0 s"):
        codec_process.decode("never_end_decode", b"", 1)
    monkeypatch.undo()
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_an_interrupt_while_it_decodes_costs_one_frame_too(wrong: None) -> None:
    timer = threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT))
    timer.start()
    with pytest.raises(KeyboardInterrupt):
        codec_process.decode("never_end_decode", b"", 1)
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_it_writes_nothing_on_the_terminal(wrong: None, capfd: pytest.CaptureFixture[str]) -> None:
    assert codec_process.decode("write_to_terminal_decode", b"", 1).tobytes() == b"1"
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("lie", LIES)
def test_what_it_says_is_not_trusted(monkeypatch: pytest.MonkeyPatch, lie: str) -> None:
    monkeypatch.setattr(codec_process, "_serve", serve_lies)
    with pytest.raises(CodecError, match="the codec gave no pixels"):
        codec_process.decode(lie, b"\0" * 100, 1)
    monkeypatch.setattr(codec_process, "_serve", REAL)
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_one_that_was_killed_between_two_frames_costs_one_frame() -> None:
    decoded()
    process = codec_process._process
    assert process is not None
    process._process.kill()
    process._process.join()
    with pytest.raises(CodecError, match=r"crashed on it \(SIGKILL\)"):
        decoded()
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_frames_may_be_asked_for_by_many_threads() -> None:
    wrong = []

    def ask(seed: int) -> None:
        picture = np.random.default_rng(seed).integers(0, 256, (40 + seed, 50), np.uint8)
        data = bytes(imagecodecs.jpegls_encode(picture))
        for _ in range(20):
            if not np.array_equal(codec_process.decode("jpegls_decode", data, picture.nbytes), picture):
                wrong.append(seed)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_large_frames_leave_no_memory_behind() -> None:
    picture = np.zeros((7000, 7000), np.uint8)
    data = bytes(imagecodecs.jpegls_encode(picture))
    assert codec_process.decode("jpegls_decode", data, picture.nbytes).shape == picture.shape
    process = codec_process._process
    assert process is not None
    assert os.fstat(process._memory).st_size <= 32 << 20
    np.testing.assert_array_equal(decoded(), PICTURE)


def test_a_frame_of_a_file_that_crashes_its_codec_names_the_file(
    wrong: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = str(get_testdata_file("JPEG2000.dcm", download=False))
    real = codec_process.decode
    monkeypatch.setattr(codec_process, "decode", lambda codec, *rest, **more: real("crash_decode", *rest))
    with pytest.raises(DecodeError, match=r"JPEG2000\.dcm: frame 1 .*crashed on it \(SIGSEGV\)"):
        Frames(read_instance(path)).frame(1)


def test_a_temporary_folder_with_a_long_name_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / ("x" * 100)
    folder.mkdir()
    path = str(get_testdata_file("JPEG2000.dcm", download=False))
    done = subprocess.run(
        [sys.executable, "-m", "dicomtui", "view", path],
        capture_output=True,
        env={**os.environ, "TMPDIR": str(folder)},
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert not list(folder.iterdir())


def test_nothing_is_left_when_the_program_is_killed(tmp_path: Path) -> None:
    code = (
        "import time; from dicomtui.imaging import codec_process\n"
        "from tests.imaging.test_codec_process import GOOD\n"
        "codec_process.decode('jpegls_decode', GOOD, 1)\n"
        "print(codec_process._process.pid, flush=True)\n"
        "time.sleep(100)"
    )
    before = set(os.listdir("/dev/shm")) if os.path.isdir("/dev/shm") else set()
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "TMPDIR": str(tmp_path)}
    program = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=environment
    )
    assert program.stdout is not None
    pid = int(program.stdout.readline())
    program.kill()
    program.wait()
    program.stdout.close()
    deadline = time.monotonic() + 10
    while os.path.exists(f"/proc/{pid}") and _is_running(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    while before and set(os.listdir("/dev/shm")) - before:  # of other programs, for a moment
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert not [name for name in os.listdir(tmp_path) if not name.startswith("pymp-")]


def _is_running(pid: int) -> bool:
    try:
        return "\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
