"""What the demonstration opens: a made CT series, and the sample files that pydicom's wheel carries.

They are written once into a folder of the program's own cache, so that the browser has a place that it may
show without showing anybody's data. Neither pydicom nor numpy is loaded when the folder is there.
"""

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from fnmatch import fnmatchcase
from importlib.util import find_spec
from pathlib import Path
from secrets import token_hex

from dicomtui.errors import WriteError
from dicomtui.text import safe_line
from dicomtui.writing import private_folder, write_bytes

VERSION = 1
"""To be raised with any change of what is written, so that older folders are made anew."""

PHANTOM = "1 CT phantom, 60 instances"
MANIFEST = ".samples.json"

_GROUPS = {
    "2 CT and MR": ("CT_small.*", "MR_small.*", "examples_overlay.*", "693_*", "J2K_pixelrep*"),
    "3 Ultrasound and colour": (
        "examples_*", "ExplVR_BigEnd.*", "SC_ybr*", "SC_rgb_small_odd.*", "SC_rgb_jpeg_dcmd.*"
    ),
    "4 Reports, plans, waveforms": (
        "test-SR.*", "reportsi.*", "rtplan.*", "rtstruct.*", "rtdose.*", "waveform_*", "liver_1frame.*"
    ),
    "6 Compressed": (
        "JPEG2000.*", "JPEG-lossy.*", "JPEGLS*", "JPGExtended.*", "GDCMJ2K*", "MR_small_RLE*", "MR_small_j*",
        "SC_*", "image_dfl.*", "rtdose_rle*",
    ),
    "8 Odd and broken": ("*",),
}  # fmt: skip
"""Folders for the files of pydicom's ``test_files``, by the first pattern that fits."""

_STALE = 600
"""Seconds after which a half made folder belongs to no running program."""


def sample_folder() -> str:
    """Return the folder of the demonstration, making it when it is absent, incomplete or of another version.

    Raises
    ------
    WriteError
        If the cache folder cannot be written.
    """
    cache = os.environ.get("XDG_CACHE_HOME", "")
    if not os.path.isabs(cache):  # the XDG specification has relative paths ignored
        cache = os.path.expanduser("~/.cache")
    home = private_folder(os.path.join(cache, "dicomtui"))
    folder = os.path.join(home, "demo")
    if not _is_whole(folder):
        _sweep(home)
        building = private_folder(os.path.join(home, f"demo-{token_hex(8)}.part"))
        try:
            _fill(building)
            _move_into_place(building, folder)
        finally:
            _remove(building)
    return folder


def _is_whole(folder: str) -> bool:
    try:
        manifest = json.loads(Path(folder, MANIFEST).read_bytes())
        sizes = manifest["sizes"] if manifest["version"] == VERSION else {}
        return bool(sizes) and all(
            os.stat(os.path.join(folder, name)).st_size == size for name, size in sizes.items()
        )
    except (OSError, ValueError, LookupError, TypeError, AttributeError):
        return False


def _fill(folder: str) -> None:
    sizes = {}
    for name, content in _contents():
        path = os.path.join(folder, name)
        private_folder(os.path.dirname(path))
        write_bytes(path, content)
        sizes[name] = len(content)
    write_bytes(os.path.join(folder, MANIFEST), json.dumps({"version": VERSION, "sizes": sizes}).encode())


def _contents() -> Iterator[tuple[str, bytes]]:
    """Yield the name below the folder and the bytes of each file."""
    from dicomtui.archive.phantom import phantom_instances

    for number, content in enumerate(phantom_instances(), 1):
        yield f"{PHANTOM}/CT{number:03d}.dcm", content
    for name, source in _pydicom_samples():
        with suppress(OSError):
            yield name, source.read_bytes()


def _pydicom_samples() -> Iterator[tuple[str, Path]]:
    """Yield a plain name for each sample that the installed pydicom has, without importing it."""
    spec = find_spec("pydicom")
    for location in (spec.submodule_search_locations or ()) if spec else ():
        data = Path(location, "data")
        for path in sorted(data.glob("test_files/*.dcm")):
            group = next(
                name for name, patterns in _GROUPS.items() if any(fnmatchcase(path.name, p) for p in patterns)
            )
            yield f"{group}/{path.name}", path
        for path in sorted(data.glob("charset_files/*.dcm")):
            yield f"7 Names in many scripts/{path.name}", path
        sets = data / "test_files" / "dicomdirtests"
        for path in sorted(sets.rglob("*")):
            if path.is_file() and not path.name.startswith("README"):
                yield f"5 DICOMDIR sets/{path.relative_to(sets)}", path


def _move_into_place(building: str, folder: str) -> None:
    for _ in range(5):
        with suppress(OSError):  # refused while another folder, or anything else, has the name
            os.rename(building, folder)
            return
        if _is_whole(folder):  # another run was faster
            return
        aside = f"{folder}-{token_hex(8)}.part"
        with suppress(OSError):
            os.rename(folder, aside)
        _remove(aside)
    raise WriteError(f"{safe_line(folder)}: cannot be replaced; remove it and try again")


def _sweep(home: str) -> None:
    """Remove what runs that were killed left behind."""
    with suppress(OSError), os.scandir(home) as entries:
        for entry in entries:
            if fnmatchcase(entry.name, "demo-*.part"):
                with suppress(OSError):
                    if entry.stat(follow_symlinks=False).st_mtime < time.time() - _STALE:
                        _remove(entry.path)


def _remove(path: str) -> None:
    shutil.rmtree(path, ignore_errors=True)
    with suppress(OSError):
        os.unlink(path)
