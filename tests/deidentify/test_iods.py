"""What dicom3tools' dciodvfy says of results, against what it says of their originals (PS3.3)."""

import os
import re
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path

import pydicom
import pytest

from dicomtui.dataset.reading import read_instance
from dicomtui.deidentify.file import deidentify_file
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import PRESETS, DeidentifyOptions
from dicomtui.deidentify.pixel_risk import text_at
from dicomtui.deidentify.tasks import Job, Task
from dicomtui.errors import ReadError

CHOICES = {
    **PRESETS,
    "full dates": DeidentifyOptions(dates="kept"),
    **{
        name: DeidentifyOptions(**{name: True})
        for name in (
            "retain_uids",
            "retain_device_identity",
            "retain_institution_identity",
            "retain_patient_characteristics",
            "retain_safe_private",
            "clean_descriptors",
            "clean_structured_content",
            "clean_graphics",
        )
    },
}
LARGEST = 3_000_000
BUNDLED = Path(pydicom.__file__).parent / "data" / "test_files"
KNOWN = {
    "(0018,5100)": "not looked for in an original that lacks attributes of type 1: seen in one PET",
    "(0018,1200)": "the same file, whose date has a zero byte at its end",
    "(5600,0020)": "one original is cut in this value, which dciodvfy does not say",
    "(0008,1199)": "the original's UID is 0, which it says of it in other words",
}
"""Tags of new errors, and why they stay."""
_DEFLATED = "1.2.840.10008.1.2.1.99"
"""Dciodvfy reads past the end of a deflated file."""
_UID = re.compile(r"<[0-9]+(\.[0-9]+)+>")

pytestmark = pytest.mark.skipif(
    shutil.which("dciodvfy") is None, reason="dciodvfy of dicom3tools is not installed"
)


def errors_of(path: Path | str) -> set[str]:
    run = subprocess.run(["dciodvfy", "-new", path], capture_output=True, timeout=60)
    said = (run.stderr + run.stdout).decode("utf-8", "replace").splitlines()
    # two UIDs that were equal are so afterwards, and are another one
    return {_UID.sub("<UID>", line.replace(str(path), "")) for line in said if line.startswith("Error")}


def one_of_each_class(paths: Iterable[Path]) -> list[Path]:
    """Return one file for each SOP Class that is among *paths*."""
    found: dict[str, Path] = {}
    for path in sorted(paths):
        if not path.is_file() or path.stat().st_size > LARGEST:
            continue
        try:
            instance = read_instance(path)
        except ReadError:
            continue
        elements = instance.elements or {}
        if instance.transfer_syntax == _DEFLATED:
            continue
        sop_class = text_at(elements, 0x00080016)
        if sop_class and sop_class != "1.2.840.10008.1.3.10":
            found.setdefault(sop_class, path)
    return list(found.values())


def new_errors(path: Path, options: DeidentifyOptions, folder: Path, key: Key) -> list[str]:
    """Return the errors that the result has and its original has not; none of one that is not written."""
    options = DeidentifyOptions(**{**vars(options), "allow_pixel_risk": True})
    made = deidentify_file(Job(options, key, str(folder)), Task(0, os.fspath(path), 1))
    if not made.part:
        return []
    before, after = errors_of(path), errors_of(made.part)
    return [f"{path.name}: {line}" for line in sorted(after - before)]


def check(paths: list[Path], choice: str, folder: Path, key: Key) -> None:
    assert paths
    found = [error for path in paths for error in new_errors(path, CHOICES[choice], folder, key)]
    assert [error for error in found if not any(part in error for part in KNOWN)] == []


@pytest.mark.parametrize("choice", CHOICES)
def test_bundled_files_have_no_new_errors(choice: str, tmp_path: Path, key: Key) -> None:
    check(one_of_each_class(BUNDLED.glob("*.dcm")), choice, tmp_path, key)


@pytest.mark.corpus
@pytest.mark.parametrize(
    "choice", [pytest.param(name, marks=() if name in PRESETS else pytest.mark.slow) for name in CHOICES]
)
def test_real_files_have_no_new_errors(choice: str, corpus: Path, tmp_path: Path, key: Key) -> None:
    check(one_of_each_class(corpus.rglob("*")), choice, tmp_path, key)
