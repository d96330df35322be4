"""What is meant by the paths that a person names."""

import os
import shutil
import tarfile
import zipfile
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive.gathering import gather, holds_dicomdir
from dicomtui.archive.opening import open_instance
from dicomtui.errors import UsageError
from dicomtui.outcomes import Skipped
from tests.builders import ct, write, write_series

DISC = Path(str(get_testdata_file("dicomdirtests/DICOMDIR", download=False))).parent


def gathered(*paths: str | Path) -> tuple[list[str], list[Skipped]]:
    files: list[str] = []
    skipped: list[Skipped] = []
    for found in gather([os.fspath(path) for path in paths]):
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            files += found
    return files, skipped


def test_all_files_below_a_folder_come_in_the_order_of_their_names(tmp_path: Path) -> None:
    for name in ("b/2.dcm", "b/1.dcm", "a/deep/er/3", "z.txt"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    files, skipped = gathered(tmp_path)
    assert [os.path.relpath(file, tmp_path) for file in files] == [
        "z.txt",
        "a/deep/er/3",
        "b/1.dcm",
        "b/2.dcm",
    ]
    assert skipped == []


def test_no_link_and_no_pipe_below_a_folder_is_followed_or_opened(tmp_path: Path) -> None:
    outside = write(ct(), tmp_path / "outside.dcm")
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "link.dcm").symlink_to(outside)
    (folder / "loop").symlink_to(folder)
    os.mkfifo(folder / "pipe")
    files, skipped = gathered(folder)
    assert files == []
    assert {(os.path.basename(each.source), each.reason) for each in skipped} == {
        ("link.dcm", "symbolic link"),
        ("loop", "symbolic link"),
        ("pipe", "named pipe"),
    }


def test_a_link_that_a_person_names_is_meant(tmp_path: Path) -> None:
    write_series(tmp_path / "series", 2)
    (tmp_path / "link").symlink_to(tmp_path / "series")
    files, _ = gathered(tmp_path / "link")
    assert len(files) == 2


def test_no_file_is_meant_twice_under_whatever_names(tmp_path: Path) -> None:
    series = write_series(tmp_path / "series", 3)
    (tmp_path / "link").symlink_to(series)
    one = sorted(series.iterdir())[0]
    files, _ = gathered(one, series, tmp_path / "link", series / ".." / "series", one)
    assert len(files) == 3
    assert files[0] == str(one)


def test_members_of_containers_are_meant_wherever_the_containers_are(tmp_path: Path) -> None:
    series = write_series(tmp_path / "series", 2)
    folder = tmp_path / "in"
    folder.mkdir()
    with zipfile.ZipFile(folder / "a.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(series.iterdir()):
            archive.write(file, f"CT/{file.name}")
            archive.write(file, f"MR/{file.name}")
    with tarfile.open(folder / "b.tar.gz", "w:gz") as tar:
        tar.add(series, "T")
    files, skipped = gathered(folder)
    assert len(files) == 6
    assert skipped == []
    for file in files:
        assert open_instance(file).dataset.PatientName == "Doe^Jane"
    inside, _ = gathered(f"{folder}/a.zip!/MR")
    assert inside == [file for file in files if "a.zip!/MR/" in file]
    assert gathered(inside[0])[0] == inside[:1]


def test_a_folder_that_is_not_in_a_container_is_said_to_be_none(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("CT/1", b"x")
    assert gathered(f"{tmp_path}/a.zip!/MR") == ([], [Skipped(f"{tmp_path}/a.zip!/MR", "no such member")])


def test_a_container_that_is_broken_costs_no_other_file(tmp_path: Path) -> None:
    whole = tmp_path / "whole.zip"
    with zipfile.ZipFile(whole, "w") as archive:
        archive.writestr("1", b"x" * 1000)
    (tmp_path / "cut.zip").write_bytes(whole.read_bytes()[:500])
    write(ct(), tmp_path / "x.dcm")
    files, skipped = gathered(tmp_path)
    assert {f"{tmp_path}/x.dcm", f"{whole}!/1"} <= set(files)
    assert [os.path.basename(each.source).partition("!")[0] for each in skipped] == ["cut.zip"]
    assert str(tmp_path) not in skipped[0].reason


def test_the_files_that_a_dicomdir_names_are_meant_and_missing_ones_said(
    tmp_path: Path,
) -> None:
    disc = tmp_path / "disc"
    shutil.copytree(DISC, disc)
    (disc / "not-named").write_bytes(b"x")
    everything, skipped = gathered(disc / "DICOMDIR")
    assert skipped == []
    assert everything
    assert all(open_instance(file).dataset.SOPInstanceUID for file in everything)
    os.unlink(everything[3])
    fewer, skipped = gathered(disc / "DICOMDIR")
    assert fewer == everything[:3] + everything[4:]
    assert len(skipped) == 1


def test_it_is_known_whether_a_dicomdir_is_among_what_is_meant(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "disc.zip", "w") as archive:
        archive.writestr("DICOMDIR", b"x")
    assert holds_dicomdir([str(DISC)])
    assert holds_dicomdir(["/nowhere", str(DISC / "DICOMDIR")])
    assert holds_dicomdir([str(tmp_path / "disc.zip")])
    assert not holds_dicomdir([str(tmp_path), str(DISC / "77654033")])


@pytest.mark.parametrize("name", ["missing", "missing.zip!/a", "nul\0", "here/missing"])
def test_a_path_that_is_not_there_is_refused_before_anything_is_taken(tmp_path: Path, name: str) -> None:
    write_series(tmp_path / "here", 2)
    with pytest.raises(UsageError, match=r"no such file|null"):
        next(gather([str(tmp_path / "here"), str(tmp_path / name)]))


def test_gathering_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / str(number)).write_bytes(b"")
    taken: list[str] = []
    gathering = gather([str(tmp_path)], stop=lambda: bool(taken))
    for found in gathering:
        assert isinstance(found, list)
        taken += found
    assert 0 < len(taken) < 300
