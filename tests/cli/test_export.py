"""``dicomtui export``."""

import json
import os
import shutil
import stat
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from tests.builders import ct, ramp, write, write_series
from tests.cli.conftest import Run, unsafe_characters

RTDOSE = Path(str(get_testdata_file("rtdose.dcm")))
COLOUR = Path(str(get_testdata_file("examples_ybr_color.dcm")))
STAGES = ("stored", "modality", "display")


def test_stored_values_come_when_nothing_else_is_asked_for(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "out.npy"
    result = run("export", RTDOSE, out)
    assert (result.code, result.errors) == (0, [])
    assert np.array_equal(np.load(out), pixel_array(RTDOSE, raw=True))
    assert result.out == f"1 file written to {out}\n"


def test_frames_are_numbered_from_one(run: Run, tmp_path: Path) -> None:
    for number in (1, 7, 15):
        out = tmp_path / f"{number}.npy"
        assert run("export", RTDOSE, out, "--frame", number, "--stage", "stored").code == 0
        assert np.array_equal(np.load(out), pixel_array(RTDOSE, index=number - 1, raw=True))
    for number in ("0", "-1", "x", "99999999999999999999-999999999999999999999", "1.5", "5-2", ""):
        result = run("export", RTDOSE, tmp_path / "none.npy", f"--frames={number}")
        assert (result.code, result.out, len(result.errors)) == (2, "", 1), number
    result = run("export", RTDOSE, tmp_path / "none.npy", "--frames", "16")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "has 15 frames" in result.err
    assert not (tmp_path / "none.npy").exists()


def test_modality_values_are_in_the_unit_of_the_picture(run: Run, scan: Path, tmp_path: Path) -> None:
    assert run("export", scan, tmp_path / "hu.npy", "--stage", "modality").code == 0
    values = np.load(tmp_path / "hu.npy")
    assert values.dtype == np.float32
    assert np.array_equal(values, ramp())


def test_display_values_follow_the_window(run: Run, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "shown.npy"
    assert run("export", scan, out, "--stage", "display", "--window", "-600,200").code == 0
    values = np.load(out)
    assert values.dtype == np.uint8
    assert (values[ramp() >= -500] == 255).all()
    assert (values[ramp() <= -701] == 0).all()


@pytest.mark.parametrize("options", [(), ("--stage", "modality")])
def test_a_window_without_effect_is_a_usage_error(
    run: Run, scan: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run("export", scan, tmp_path / "out.npy", "--window", "40,400", *options)
    assert (result.code, len(result.errors)) == (1, 1)
    assert "a window has no effect" in result.err
    assert not (tmp_path / "out.npy").exists()


def test_colours_are_stored_or_displayed_but_have_no_modality_values(run: Run, tmp_path: Path) -> None:
    for stage in ("stored", "display"):
        assert run("export", COLOUR, tmp_path / f"{stage}.npy", "--stage", stage).code == 0
        assert np.load(tmp_path / f"{stage}.npy").shape[-1] == 3
    result = run("export", COLOUR, tmp_path / "none.npy", "--stage", "modality")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "stored or display" in result.err


def test_a_file_that_exists_is_refused_and_untouched(run: Run, scan: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.npy"
    out.write_bytes(b"mine")
    result = run("export", scan, out)
    assert (result.code, len(result.errors)) == (1, 1)
    assert "exists already" in result.err
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
        assert (result.code, len(result.errors)) == (1, 1)
        assert "never written" in result.err
    assert original.read_bytes() == scan.read_bytes()
    assert link.is_symlink()


@pytest.mark.parametrize("out", [".", "in", "in/out", "new"])
def test_copies_are_not_written_where_the_next_run_would_read_them(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str
) -> None:
    monkeypatch.chdir(tmp_path)
    write(ct(), tmp_path / "in" / "scan.dcm")
    before = sorted(tmp_path.rglob("*"))
    read = "in" if out.startswith("in") else "."
    result = run("export", read, out, "--format", "dicom", "--template", "{PatientID}/{File}")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert "name another one" in result.err
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(("out", "format"), [("-", "png"), ("i6.png", "jpeg")])
def test_no_folder_is_made_where_a_file_was_meant(
    run: Run, scan: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: str, format: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("export", scan, out, "--format", format)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert os.listdir(tmp_path) == ["scan.dcm"]


@pytest.mark.parametrize("out", ["new", "new/table.csv"])
def test_a_source_that_is_not_there_leaves_no_folder(run: Run, scan: Path, tmp_path: Path, out: str) -> None:
    result = run("export", scan, tmp_path / "nofile", tmp_path / out, "--format", "csv")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert os.listdir(tmp_path) == ["scan.dcm"]


def test_copies_of_one_file_or_of_a_folder_below_go_where_one_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write(ct(), tmp_path / "in" / "scan.dcm")
    assert run("export", "in", ".", "--format", "dicom", "--template", "copies/{File}").code == 0
    assert run("export", "in/scan.dcm", "in/copy.dcm").code == 0
    assert (tmp_path / "copies" / "scan.dcm").read_bytes() == (tmp_path / "in" / "copy.dcm").read_bytes()


def test_a_table_replaces_no_file_that_is_read(run: Run, tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "table.csv")
    before = path.read_bytes()
    result = run("export", path, tmp_path, tmp_path / "table.csv", "--overwrite")
    assert (result.code, len(result.errors)) == (1, 1)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["out", "-", "out.npy.gz", ".NPY", "out.dcmx"])
def test_without_a_format_the_name_has_to_say_it(run: Run, scan: Path, tmp_path: Path, name: str) -> None:
    out = name if name == "-" else str(tmp_path / name)
    result = run("export", scan, out)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert "--format png" in result.err
    assert os.listdir(tmp_path) == ["scan.dcm"]


def test_a_folder_that_is_not_there_is_made_for_its_owner_alone(run: Run, scan: Path, tmp_path: Path) -> None:
    assert run("export", scan, tmp_path / "new" / "out.npy").code == 0
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o700
    assert stat.S_IMODE((tmp_path / "new" / "out.npy").stat().st_mode) == 0o600


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_every_folder_that_is_made_is_for_its_owner_alone(
    run: Run, scan: Path, tmp_path: Path, mask: int
) -> None:
    (tmp_path / "exist").mkdir()
    (tmp_path / "exist").chmod(0o755)
    before = os.umask(mask)
    try:
        template = ("--template", "{PatientID}/{Modality}/{SeriesNumber}")
        assert run("export", scan, tmp_path / "exist", "--format", "dicom").code == 0
        assert run("export", scan, tmp_path / "new" / "a" / "b", "--format", "png", *template).code == 0
        assert run("anonymize", scan, tmp_path / "deep" / "er" / "out", "--forget").code == 0
    finally:
        os.umask(before)
    made = {path: stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_dir()}
    assert made.pop(tmp_path / "exist") == 0o755
    assert len(made) >= 10
    assert set(made.values()) == {0o700}


def test_others_may_read_what_the_umask_lets_them_if_that_is_asked_for(
    run: Run, scan: Path, tmp_path: Path
) -> None:
    before = os.umask(0o022)
    try:
        assert run("export", scan, tmp_path / "new" / "out.npy", "--umask").code == 0
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new" / "out.npy").stat().st_mode) == 0o644
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o755


def test_a_folder_becomes_pictures_named_like_its_files(run: Run, tmp_path: Path) -> None:
    write_series(tmp_path / "in" / "a", 3)
    (tmp_path / "in" / "note.txt").write_text("no DICOM")
    result = run("export", tmp_path / "in", tmp_path / "out", "--format", "png", "--size", "64")
    assert (result.code, result.err) == (0, "")
    assert result.out == f"3 files written to {tmp_path / 'out'}\n1 file left out: not DICOM\n"
    for number in range(3):
        with Image.open(tmp_path / "out" / "a" / f"slice{number:03}.png") as image:
            assert image.size == (64, 64)


def test_names_follow_the_template(run: Run, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 3)
    template = "{Modality}/{SeriesNumber}-{InstanceNumber:04}"
    assert (
        run("export", tmp_path / "in", tmp_path / "out", "--format", "jpeg", "--template", template).code == 0
    )
    found = sorted(str(path.relative_to(tmp_path / "out")) for path in (tmp_path / "out").rglob("*.jpg"))
    assert found == [f"CT/3-{number:04}.jpg" for number in (1, 2, 3)]


def test_what_happened_comes_as_json(run: Run, tmp_path: Path) -> None:
    write_series(tmp_path / "in", 2)
    (tmp_path / "in" / "note.txt").write_text("no DICOM")
    result = run("export", tmp_path / "in", tmp_path / "out", "--format", "png", "--json")
    told = json.loads(result.out)
    assert told["summary"]["written"] == 2
    assert sorted(outcome["outcome"] for outcome in told["outcomes"]) == ["skipped", "written", "written"]
    for outcome in told["outcomes"]:
        assert outcome["outcome"] == "skipped" or Path(outcome["path"]).is_file()


@pytest.mark.parametrize(
    "options",
    [
        ("--template", "{Nonsense}"),
        ("--template", "{"),
        ("--size", "0"),
        ("--size", "999999"),
        ("--transfer-syntax", "rle"),
        ("--dicomdir",),
        ("--columns", "PatientID"),
        ("--sheet", "2x2"),
        ("--per", "series"),
        ("--window", "40"),
        ("--format", "nonsense"),
    ],
)
def test_options_that_make_no_sense_are_refused_before_anything_is_made(
    run: Run, scan: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run("export", scan, tmp_path / "out", "--format", "png", *options)
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
    assert os.listdir(tmp_path) == ["scan.dcm"]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--format", "dicom", "--transfer-syntax", "mpeg"), "these can: explicit"),
        (("--format", "dicom", "--dicomdir", "--template", "{File}"), "exclude each other"),
        (("--format", "sheet", "--sheet", "0x4"), "at most 50"),
        (("--format", "csv", "--columns", "Nonsense"), "columns"),
    ],
)
def test_refusals_say_what_can_be_done(
    run: Run, scan: Path, tmp_path: Path, options: tuple[str, ...], said: str
) -> None:
    result = run("export", scan, tmp_path / "out", *options)
    assert (result.code, len(result.errors)) == (2, 1)
    assert said in result.err


def test_what_cannot_be_exported_is_one_line(run: Run, report: Path, tmp_path: Path) -> None:
    odd = write(ct(BitsAllocated=13), tmp_path / "odd.dcm")
    text = tmp_path / "text.dcm"
    text.write_text("no DICOM")
    for file in (report, odd, text, tmp_path / "absent.dcm"):
        for stage in STAGES:
            result = run("export", file, tmp_path / "out.npy", "--stage", stage)
            refused = file.name == "absent.dcm"
            assert (result.code, len(result.errors)) == (2 if refused else 1, 1), file
    assert not (tmp_path / "out.npy").exists()


def test_standard_input_can_be_exported(run: Run, scan: Path, tmp_path: Path) -> None:
    assert run("export", "-", tmp_path / "out.npy", stdin=scan.read_bytes()).code == 0
    assert np.array_equal(np.load(tmp_path / "out.npy"), pixel_array(scan, raw=True))
    assert sorted(os.listdir(tmp_path)) == ["out.npy", "scan.dcm"]


def test_hostile_names_and_values_stay_harmless(run: Run, hostile: Path) -> None:
    out = hostile.with_suffix(".npy")
    for stage in STAGES:
        result = run("export", hostile, out, "--stage", stage, "--overwrite")
        assert result.code == 0
        assert unsafe_characters(result.raw_out + result.raw_err) == set()


def test_grey_pictures_are_written_in_the_colours_of_a_map(run: Run, scan: Path, tmp_path: Path) -> None:
    from pydicom.pixels import apply_color_lut

    for name, options in (("grey", ()), ("hot", ("--colour-map", "hot-iron"))):
        assert run("export", scan, tmp_path / f"{name}.png", *options).code == 0
    grey = np.asarray(Image.open(tmp_path / "grey.png"))
    expected = apply_color_lut(grey, palette="HOT_IRON")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "hot.png")), expected)
    result = run("export", scan, tmp_path / "none.png", "--colour-map", "none")
    assert (result.code, result.out, len(result.errors)) == (2, "", 1)
