"""Real files with damage anywhere give a picture or one line: no traceback, no hang, no gigabytes."""

import subprocess
import sys

import pytest

# In a process of its own, for a limit of memory holds for all of a process.
_SHOW_DAMAGED = r"""
import random, re, resource, signal, sys, warnings
from pathlib import Path
import numpy as np, pydicom
from dicomtui.dataset.reading import read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.errors import DicomTuiError
from dicomtui.imaging.annotations import annotate
from dicomtui.imaging.cine import timing
from dicomtui.imaging.rendering import Rendering, default_window, display
from dicomtui.imaging.viewport import Viewport, resample

seed, count, room = (int(text) for text in sys.argv[1:])
warnings.simplefilter("ignore")  # pydicom's, about values
files = sorted(Path(pydicom.__file__).parent.glob("data/test_files/*.dcm"))
files = [path for path in files if path.stat().st_size < 200_000 and b"\xe0\x7f\x10\0" in path.read_bytes()]
used = int(re.search(r"VmSize:\s+(\d+)", Path("/proc/self/status").read_text())[1]) << 10
resource.setrlimit(resource.RLIMIT_AS, (used + (room << 20), resource.RLIM_INFINITY))
rng = random.Random(seed)
WORDS = [b"\0\0", b"\xff\xff", b"\xff\x7f", b"\1\0"]

def damaged(data):
    data = bytearray(data)
    image, pixels = data.find(b"\x28\0\x02\0"), data.find(b"\xe0\x7f\x10\0")
    parts = [(0, len(data)), (max(image, 0), pixels), (pixels, min(len(data), pixels + 900))]
    first, behind = rng.choice(parts)
    for _ in range(rng.choice([1, 2, 8])):
        at = rng.randrange(first, max(behind, first + 1))
        data[at : at + 2] = rng.choice([*WORDS, rng.randbytes(2), b"", b"1234"])
    return bytes(data[: rng.randrange(len(data))] if rng.random() < 0.1 else data)

def show(content):
    instance = read_source(MemorySource("damaged.dcm", content))
    if instance.pixel_data is None:
        return
    rendering = Rendering(instance)
    timing(instance.dataset, rendering.frames)
    for number in {1, rendering.frames}:
        frame = rendering.frame(number)
        window, _ = default_window(frame, rendering.modality)
        part, region = resample(
            frame.values, Viewport(), frame.aspect, 60, 40, exact=True, padding=frame.padding
        )
        shown = annotate(display(part, window, inverse=frame.inverse), region, frame)
        assert shown.dtype == np.uint8
        assert not any("\n" in note or "\x1b" in note for note in frame.notes)

pictures = refusals = 0
for number in range(count):
    path = rng.choice(files)
    content = damaged(path.read_bytes())
    signal.alarm(10)
    try:
        show(content)
        pictures += 1
    except DicomTuiError as refusal:
        assert "\n" not in str(refusal) and "\x1b" not in str(refusal), (seed, number, path)
        refusals += 1
    except BaseException:
        print("seed", seed, "number", number, path.name, file=sys.stderr)
        raise
    signal.alarm(0)
print(pictures, refusals)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc and a limit of memory")
@pytest.mark.parametrize("seed", [1, 2])
def test_damage_gives_a_picture_or_one_line(seed: int) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _SHOW_DAMAGED, str(seed), "400", "600"],
        capture_output=True,
        text=True,
        timeout=200,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    pictures, refusals = map(int, done.stdout.split())
    assert pictures + refusals == 400
    assert min(pictures, refusals) > 40
