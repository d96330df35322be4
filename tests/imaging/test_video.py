"""Every frame of a video is what PyAV makes of the whole bit stream, in whatever order it is asked for."""

import gc
import io
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from dicomtui.__main__ import main
from dicomtui.dataset.reading import Instance, read_instance
from dicomtui.errors import DecodeError
from dicomtui.imaging.codecs import CODECS
from dicomtui.imaging.frames import Frame, Frames
from tests.imaging.made_frames import description, encapsulated

try:
    import av
except ImportError:
    av = None  # type: ignore[assignment]

needs_av = pytest.mark.skipif(av is None, reason="PyAV is not installed: pip install 'dicomtui[video]'")

ROOT = "1.2.840.10008.1.2.4"
ROWS, COLUMNS, COUNT = 48, 64, 30

# codec, container, Transfer Syntax, options of the encoder
STREAMS = {
    "MPEG2": ("mpeg2video", "mpeg2video", ".100", {"g": "8", "bf": "2"}),
    "MPEG2 in a program stream": ("mpeg2video", "vob", ".101.1", {"g": "8", "bf": "2"}),
    "H.264": ("libx264", "h264", ".102", {"g": "8", "bf": "3"}),
    "H.264 with open groups": (
        "libx264",
        "h264",
        ".104.1",
        {"g": "8", "x264-params": "open-gop=1"},
    ),
    "H.264 in a transport stream": ("libx264", "mpegts", ".103", {"g": "8"}),
    "H.264 in MP4": ("libx264", "mp4", ".106", {"g": "8"}),
    "HEVC": ("libx265", "hevc", ".107", {"x265-params": "keyint=8:log-level=none"}),
}

CLAIMS = [
    (codec.uid, photometric)
    for codec in CODECS.values()
    if codec.is_video
    for photometric in codec.photometric
]
KINDS = {"MPEG2": "MPEG2", "MPEG-4": "H.264", "HEVC": "HEVC"}
"""The kind of stream by the name of the Transfer Syntax."""

Picture = NDArray[np.uint8]


def moving(number: int) -> Picture:
    """Return a picture that no other frame is like."""
    y, x = np.mgrid[:ROWS, :COLUMNS]
    values = np.stack([x * 4, y * 5, np.full_like(x, number * 8)], -1).astype(np.uint8)
    values[10:20, number : number + 12] = 255 - values[10:20, number : number + 12]
    return values


@cache
def encoded(kind: str, form_of_pixels: str = "yuv420p") -> tuple[bytes, str]:
    """Return a bit stream of COUNT frames and its Transfer Syntax."""
    name, form, uid, options = STREAMS[kind]
    if name not in av.codecs_available:
        pytest.skip(f"this PyAV has no encoder {name}")
    buffer = io.BytesIO()
    with av.open(buffer, "w", format=form) as container:
        stream: Any = container.add_stream(name, rate=Fraction(25), options=options)
        stream.height, stream.width, stream.pix_fmt = ROWS, COLUMNS, form_of_pixels
        stream.codec_context.thread_count = 1
        for number in range(COUNT):
            container.mux(stream.encode(av.VideoFrame.from_ndarray(moving(number), format="rgb24")))
        container.mux(stream.encode(None))
    return buffer.getvalue(), ROOT + uid


def decoded_by_av(stream: bytes, form: str = "rgb24") -> list[Picture]:
    with av.open(io.BytesIO(stream)) as container:
        return [frame.to_ndarray(format=form) for frame in container.decode(video=0)]


def video(stream: bytes, uid: str, count: int = COUNT, parts: int = 1, **attributes: Any) -> Instance:
    described = {
        "samples": 3,
        "PhotometricInterpretation": "YBR_PARTIAL_420",
        "NumberOfFrames": str(count),
        **attributes,
    }
    size = -(-len(stream) // parts) // 2 * 2 + 2
    fragments = [stream[at : at + size] for at in range(0, len(stream), size)]
    rows, columns = described.pop("Rows", ROWS), described.pop("Columns", COLUMNS)
    return encapsulated(description(rows, columns, bits=8, **described), [fragments], uid)


@pytest.fixture(scope="module")
def h264() -> tuple[bytes, str]:
    if av is None:
        pytest.skip("PyAV is not installed: pip install 'dicomtui[video]'")
    return encoded("H.264")


@needs_av
@pytest.mark.parametrize("parts", [1, 5])
@pytest.mark.parametrize("kind", STREAMS)
def test_frames_in_any_order_are_those_of_the_stream(kind: str, parts: int) -> None:
    stream, uid = encoded(kind)
    expected = decoded_by_av(stream)
    assert len(expected) == COUNT
    frames = Frames(video(stream, uid, parts=parts))
    assert (frames.count, frames.notes) == (COUNT, ())
    order = [*range(COUNT), *reversed(range(COUNT)), *random.Random(1).choices(range(COUNT), k=40)]
    for index in order:
        frame = frames.frame(index + 1)
        assert frame.photometric == "RGB"
        assert frame.notes == ()
        np.testing.assert_array_equal(frame.values, expected[index], err_msg=f"frame {index + 1}")


@needs_av
@pytest.mark.parametrize(("uid", "photometric"), CLAIMS)
def test_a_video_of_each_syntax_and_colour_is_read(uid: str, photometric: str) -> None:
    stream, _ = encoded(next(kind for word, kind in KINDS.items() if word in CODECS[uid].name))
    samples = 1 if photometric.startswith("MONO") else 3
    fragmented = 5 if "Fragmentable" in CODECS[uid].name else 1
    frames = Frames(
        video(stream, uid, parts=fragmented, samples=samples, PhotometricInterpretation=photometric)
    )
    expected = decoded_by_av(stream, "rgb24" if samples == 3 else "gray")
    for number in (1, 12, COUNT):
        frame = frames.frame(number)
        assert (frame.photometric, frame.notes) == ("RGB" if samples == 3 else photometric, ())
        np.testing.assert_array_equal(frame.values, expected[number - 1])


@needs_av
@pytest.mark.parametrize("kind", ["HEVC", "H.264"])
def test_a_video_of_10_bits_keeps_them(kind: str) -> None:
    stream, uid = encoded(kind, "yuv420p10le")
    frames = Frames(video(stream, uid, BitsAllocated=16, BitsStored=10, HighBit=9))
    expected = decoded_by_av(stream, "rgb48le")
    for number in (2, COUNT):
        np.testing.assert_array_equal(frames.stored(number), expected[number - 1] >> 6)
    assert len(np.unique(frames.stored(2))) > 256


@needs_av
@pytest.mark.parametrize("kind", STREAMS)
def test_the_first_frame_asked_for_may_be_any(kind: str) -> None:
    stream, uid = encoded(kind)
    frames = Frames(video(stream, uid))
    np.testing.assert_array_equal(frames.stored(21), decoded_by_av(stream)[20])
    np.testing.assert_array_equal(frames.stored(3), decoded_by_av(stream)[2])


@needs_av
def test_a_frame_looks_like_what_was_encoded(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264))
    for number in (1, 15, COUNT):
        difference = np.abs(frames.stored(number).astype(int) - moving(number - 1))
        assert difference.mean() < 12


@needs_av
def test_a_grey_video_is_grey(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264, samples=1, PhotometricInterpretation="MONOCHROME2"))
    frame = frames.frame(7)
    assert frame.photometric == "MONOCHROME2"
    np.testing.assert_array_equal(frame.values, decoded_by_av(h264[0], "gray")[6])


@needs_av
def test_more_bits_stored_keep_the_range(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264, BitsAllocated=16, BitsStored=10, HighBit=9))
    values = frames.stored(5)
    assert values.dtype == np.uint16
    assert np.abs(values / 1023 * 255 - decoded_by_av(h264[0])[4]).max() < 3


@needs_av
def test_going_on_and_going_back_decode_few_frames(
    h264: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from dicomtui.imaging import video_stream

    passed: list[int] = []
    advance = video_stream._Decoder.next

    def counted(self: Any) -> Any:
        found = advance(self)
        passed.append(found[0])
        return found

    monkeypatch.setattr(video_stream._Decoder, "next", counted)
    monkeypatch.setattr("dicomtui.imaging.video.parent_process", lambda: "a pool")
    frames = Frames(video(*h264))
    frames.stored(20)
    for number in range(21, COUNT + 1):
        passed.clear()
        frames.stored(number)
        assert len(passed) == 1
    for number in range(COUNT, 0, -1):
        passed.clear()
        frames.stored(number)
        assert len(passed) <= 8 + 3  # a group of pictures, and what is coded in front of its key frame


def _process(frames: Frames) -> Any:
    return frames._reader._video._process


def _is_gone(pid: int) -> bool:
    end = time.monotonic() + 5
    while time.monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except FileNotFoundError:
            return True
        time.sleep(0.01)
    return False


@needs_av
def test_a_decoder_that_dies_costs_one_frame(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264))
    frames.stored(3)
    os.kill(_process(frames).pid, signal.SIGSEGV)
    with pytest.raises(DecodeError, match=r"made.dcm: frame 4 .* the codec crashed on it") as refusal:
        frames.stored(4)
    assert "\n" not in str(refusal.value)
    np.testing.assert_array_equal(frames.stored(4), decoded_by_av(h264[0])[3])


@needs_av
def test_a_decoder_that_never_ends_is_given_up(
    h264: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = Frames(video(*h264))
    frames.stored(3)
    os.kill(_process(frames).pid, signal.SIGSTOP)
    monkeypatch.setattr("dicomtui.imaging.decoding_process.SECONDS", 0.3)
    with pytest.raises(DecodeError, match="the codec was given up after 0 s"):
        frames.stored(4)
    monkeypatch.undo()
    np.testing.assert_array_equal(frames.stored(4), decoded_by_av(h264[0])[3])


@needs_av
def test_the_program_itself_never_loads_the_decoder(h264: tuple[bytes, str], tmp_path: Path) -> None:
    path = tmp_path / "video.dcm"
    path.write_bytes(video(*h264).source.open().read())
    code = (
        "import sys\n"
        "from dicomtui.dataset.reading import read_instance\n"
        "from dicomtui.imaging.frames import Frames\n"
        "Frames(read_instance(sys.argv[1])).stored(12)\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'av'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "[]\n"


@needs_av
def test_a_process_ends_with_its_video(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264))
    frames.stored(1)
    pid = _process(frames).pid
    del frames
    gc.collect()
    assert _is_gone(pid)


@needs_av
def test_of_many_videos_few_have_a_process_and_all_have_their_frames(h264: tuple[bytes, str]) -> None:
    expected = decoded_by_av(h264[0])
    videos = [Frames(video(*h264)) for _ in range(5)]
    for number in (7, 8, 3):
        for frames in videos:
            np.testing.assert_array_equal(frames.stored(number), expected[number - 1])
        assert sum(_process(frames) is not None for frames in videos) <= 2


@needs_av
@pytest.mark.parametrize("lie", [[ROWS, COLUMNS], [COLUMNS, ROWS, 3], [1]])
def test_what_the_process_says_of_its_pixels_is_not_trusted(
    lie: list[int], h264: tuple[bytes, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    frames = Frames(video(*h264))
    frames.stored(1)
    real = json.loads
    monkeypatch.setattr(
        "dicomtui.imaging.decoding_process.json.loads", lambda said: {**real(said), "shape": lie}
    )
    with pytest.raises(DecodeError, match="other pixels than a frame has"):
        frames.stored(2)


@needs_av
def test_threads_get_the_frames_they_asked_for(h264: tuple[bytes, str]) -> None:
    expected = decoded_by_av(h264[0])
    frames = Frames(video(*h264))
    wrong: list[int] = []

    def ask(seed: int) -> None:
        for index in random.Random(seed).choices(range(COUNT), k=15):
            if not np.array_equal(frames.stored(index + 1), expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=ask, args=(seed,)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@needs_av
def test_a_number_of_frames_that_is_too_large_ends_where_the_video_ends(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264, count=99))
    for _ in range(2):
        with pytest.raises(DecodeError, match=rf"frame 50 .* 99, the video ends with frame {COUNT}$"):
            frames.stored(50)
        np.testing.assert_array_equal(frames.stored(COUNT), decoded_by_av(h264[0])[-1])


@needs_av
def test_a_number_of_frames_that_is_too_small_is_believed(h264: tuple[bytes, str]) -> None:
    frames = Frames(video(*h264, count=4))
    frames.stored(4)
    with pytest.raises(DecodeError, match="there are frames 1 to 4"):
        frames.stored(5)


@needs_av
@pytest.mark.parametrize(("keyword", "value"), [("Rows", 50), ("Columns", 32)])
def test_a_video_of_another_size_is_refused(h264: tuple[bytes, str], keyword: str, value: int) -> None:
    frames = Frames(video(*h264, **{keyword: value}))
    with pytest.raises(DecodeError, match=f"the video has {ROWS} x {COLUMNS}; Rows"):
        frames.stored(1)


def frame_or_none(frames: Frames, number: int) -> Frame | None:
    """Return a frame, or None where it is refused in one line."""
    try:
        return frames.frame(number)
    except DecodeError as refusal:
        said = str(refusal)
    assert "\n" not in said
    return None


@needs_av
@pytest.mark.parametrize("kind", STREAMS)
@pytest.mark.parametrize("part", [0.02, 0.3, 0.5, 0.7])
def test_a_cut_video_has_its_first_frames_and_no_others(kind: str, part: float) -> None:
    stream, uid = encoded(kind)
    frames = Frames(video(stream[: int(len(stream) * part)], uid))
    there = [frame_or_none(frames, number) for number in range(1, COUNT + 1)]
    read = [frame for frame in there if frame]
    assert there == [*read, *[None] * (COUNT - len(read))]
    assert len(read) < COUNT
    if kind != "H.264 in MP4" and part >= 0.5:  # MP4 has its index at the end
        assert len(read) > 3
    for frame, expected in zip(read, decoded_by_av(stream), strict=False):
        assert frame.notes or np.array_equal(frame.values, expected)


@needs_av
@pytest.mark.parametrize(
    "content",
    [
        b"\0" * 400,
        random.Random(2).randbytes(5000),
        b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n/etc/passwd\n#EXT-X-ENDLIST\n",
        b"ffconcat version 1.0\nfile /etc/passwd\n",
    ],
    ids=["zeros", "noise", "play list", "list of files"],
)
def test_what_is_no_video_is_refused_in_one_line(content: bytes, capfd: pytest.CaptureFixture[str]) -> None:
    frames = Frames(video(content, f"{ROOT}.102"))
    with pytest.raises(DecodeError) as refusal:
        frames.stored(1)
    assert "\n" not in str(refusal.value)
    assert "made.dcm: frame 1 (MPEG-4 AVC/H.264" in str(refusal.value)
    assert capfd.readouterr().err == ""


@needs_av
def test_noise_within_a_video_gives_frames_or_one_line(
    h264: tuple[bytes, str], capfd: pytest.CaptureFixture[str]
) -> None:
    stream, uid = h264
    for seed in range(8):
        rng = random.Random(seed)
        damaged = bytearray(stream)
        for _ in range(20):
            damaged[rng.randrange(len(stream) // 4, len(stream))] ^= 1 << rng.randrange(8)
        frames = Frames(video(bytes(damaged), uid))
        for number in (1, COUNT, 9):
            if frame := frame_or_none(frames, number):
                assert frame.values.shape == (ROWS, COLUMNS, 3)
    assert capfd.readouterr().err == ""


def test_signed_video_is_refused() -> None:
    with pytest.raises(DecodeError, match="video is unsigned"):
        Frames(video(b"\0" * 100, f"{ROOT}.102", PixelRepresentation=1))


def test_without_pyav_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "av", None)
    frames = Frames(video(b"\0" * 100, f"{ROOT}.107"))
    assert (frames.count, frames.notes) == (COUNT, ())
    with pytest.raises(DecodeError, match=r"pip install 'dicomtui\[video\]'$"):
        frames.stored(1)


@needs_av
def test_a_video_is_shown_from_a_file(
    h264: tuple[bytes, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "video.dcm"
    path.write_bytes(video(*h264).source.open().read())
    frames = Frames(read_instance(path))
    np.testing.assert_array_equal(frames.stored(2), decoded_by_av(h264[0])[1])
    del frames
    gc.collect()  # a stream that was left open would be a warning, hence an error
    assert main(["view", str(path), "--frame", "12"]) == 0
    shown = capsys.readouterr()
    assert shown.out.strip()
    assert "Traceback" not in shown.err
