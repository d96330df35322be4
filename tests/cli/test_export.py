"""``dicomtui export``."""

import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from dicomtui.cli import export
from dicomtui.export.arrays import STAGES
from tests.builders import ct, ramp, write
from tests.cli.conftest import Run, unsafe_characters

RTDOSE = Path(str(get_testdata_file("rtdose.dcm")))
COLOUR = Path(str(get_testdata_file("examples_ybr_color.dcm")))


def test_stored_values_come_when_nothing_else_is_asked_for(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.npy"
    result = run("export", RTDOSE, out)
    assert (result.code, result.errors) == (0, [])
    expected = pixel_array(RTDOSE, index=0, raw=True)
    assert np.array_equal(np.load(out), expected)
    assert result.out == f"{out}: {' x '.join(map(str, expected.shape))} {np.load(out).dtype.name}\n"


def test_frames_are_numbered_from_one(run: Run, tmp_path: Path) -> None:
    for number in (1, 7, 15):
        out = tmp_path / f"{number}.npy"
        assert run("export", RTDOSE, out, "--frame", number, "--stage", "stored").code == 0
        assert np.array_equal(np.load(out), pixel_array(RTDOSE, index=number - 1, raw=True))
    for number in ("0", "-1", "16", "x", "99999999999999999999", "1.5"):
        result = run("export", RTDOSE, tmp_path / "none.npy", "--frame", number)
        assert (result.code, result.out, len(result.errors)) == (2, "", 1), number
    assert not (tmp_path / "none.npy").exists()


def test_modality_values_are_in_the_unit_of_the_picture(run: Run, scan: Path, tmp_path: Path) -> None:
    assert run("export", scan, tmp_path / "hu.npy", "--stage", "modality").code == 0
    values = np.load(tmp_path / "hu.npy")
    assert values.dtype == np.float32
    assert np.array_equal(values, ramp())


def test_display_values_follow_the_window_and_it_is_named(run: Run, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "shown.npy"
    result = run("export", scan, out, "--stage", "display", "--window", "-600,200")
    assert result.code == 0
    assert "C -600 W 200 (as asked)" in result.out
    values = np.load(out)
    assert values.dtype == np.uint8
    assert (values[ramp() >= -500] == 255).all()
    assert (values[ramp() <= -701] == 0).all()
    assert "(file)" in run("export", scan, out, "--stage", "display", "--overwrite").out


@pytest.mark.parametrize("options", [(), ("--stage", "modality")])
def test_a_window_without_effect_is_a_usage_error(
    run: Run, scan: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run("export", scan, tmp_path / "out.npy", "--window", "40,400", *options)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert not (tmp_path / "out.npy").exists()


def test_colours_are_stored_or_displayed_but_have_no_modality_values(run: Run, tmp_path: Path) -> None:
    for stage in ("stored", "display"):
        assert run("export", COLOUR, tmp_path / f"{stage}.npy", "--stage", stage).code == 0
        assert np.load(tmp_path / f"{stage}.npy").shape[-1] == 3
    result = run("export", COLOUR, tmp_path / "none.npy", "--stage", "modality")
    assert (result.code, len(result.errors)) == (2, 1)
    assert "stored or display" in result.err


def test_a_file_that_exists_is_refused_and_untouched(run: Run, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npy"
    out.write_bytes(b"mine")
    result = run("export", scan, out)
    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert out.read_bytes() == b"mine"
    assert run("export", scan, out, "--overwrite").code == 0
    assert np.load(out).shape == (32, 32)
    assert sorted(os.listdir(tmp_path)) == ["out.npy", "scan.dcm"]


def test_the_file_to_read_is_never_written(run: Run, scan: Path, tmp_path: Path) -> None:
    original = tmp_path / "original.npy"
    shutil.copy(scan, original)
    link, other_name = tmp_path / "link.npy", tmp_path / "other.npy"
    link.symlink_to(original)
    other_name.hardlink_to(original)
    for out in (original, link, other_name, tmp_path / "." / "original.npy"):
        result = run("export", original, out, "--overwrite")
        assert (result.code, len(result.errors)) == (2, 1)
    assert original.read_bytes() == scan.read_bytes()
    assert link.is_symlink()


@pytest.mark.parametrize("name", ["out", "out.png", "-", "out.npy.gz", ".NPY"])
def test_another_kind_of_file_is_a_usage_error(run: Run, scan: Path, tmp_path: Path, name: str) -> None:
    out = name if name == "-" else str(tmp_path / name)
    result = run("export", scan, out)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert "end the name with .npy" in result.err
    assert os.listdir(tmp_path) == ["scan.dcm"]


def test_a_folder_that_is_not_there_is_one_line(run: Run, scan: Path, tmp_path: Path) -> None:
    result = run("export", scan, tmp_path / "nowhere" / "out.npy")
    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert "cannot be written" in result.err


def test_a_failing_disk_leaves_nothing(
    run: Run, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    result = run("export", scan, tmp_path / "out.npy")
    assert (result.code, result.out, len(result.errors)) == (1, "", 1)
    assert os.listdir(tmp_path) == ["scan.dcm"]


def test_what_cannot_be_exported_is_one_line(run: Run, report: Path, tmp_path: Path) -> None:
    odd = write(ct(BitsAllocated=13), tmp_path / "odd.dcm")
    text = tmp_path / "text.dcm"
    text.write_text("no DICOM")
    for file in (report, odd, text, tmp_path / "absent.dcm"):
        for stage in STAGES:
            result = run("export", file, tmp_path / "out.npy", "--stage", stage)
            assert (result.code, result.out, len(result.errors)) == (1, "", 1), file
    assert not (tmp_path / "out.npy").exists()


def test_standard_input_can_be_exported(run: Run, scan: Path, tmp_path: Path) -> None:
    assert run("export", "-", tmp_path / "out.npy", stdin=scan.read_bytes()).code == 0
    assert np.array_equal(np.load(tmp_path / "out.npy"), pixel_array(scan, raw=True))


def test_hostile_names_and_values_stay_harmless(run: Run, hostile: Path) -> None:
    out = hostile.with_suffix(".npy")
    for stage in STAGES:
        result = run("export", hostile, out, "--stage", stage, "--overwrite")
        assert result.code == 0
        assert unsafe_characters(result.raw_out + result.raw_err) == set()


def test_the_stages_of_the_option_are_those_there_are() -> None:
    assert export._STAGES == STAGES
