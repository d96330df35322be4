"""Zip and tar as FILE arguments."""

import json
import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest

from tests.archive.made_containers import tar_of
from tests.builders import ct, write
from tests.cli.conftest import HOSTILE, Run, unsafe_characters


@pytest.fixture
def study(tmp_path: Path, scan: Path, report: Path) -> Path:
    """A zip of a CT, a report and a text."""
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(scan, "CT/1.dcm")
        archive.write(report, "SR/1.dcm")
        archive.writestr("README.txt", "hello")
    return path


@pytest.fixture
def single(tmp_path: Path, scan: Path) -> Path:
    """A compressed tar of one CT and a text."""
    path = tmp_path / "single.tar.gz"
    (tmp_path / "README").write_text("hello")
    with tarfile.open(path, "w:gz") as archive:
        archive.add(tmp_path / "README", "README")
        archive.add(scan, "scan.dcm")
    return path


def test_a_member_has_the_tags_of_the_file_it_was_made_of(run: Run, study: Path, scan: Path) -> None:
    assert run("tags", f"{study}!/CT/1.dcm").out == run("tags", scan).out


@pytest.mark.parametrize("command", ["tags", "info"])
def test_a_container_stands_for_all_its_instances(run: Run, study: Path, command: str) -> None:
    result = run(command, study)
    headings = [line for line in result.out.splitlines() if line.startswith("==>")]
    assert headings == [f"==> {study}!/CT/1.dcm <==", f"==> {study}!/SR/1.dcm <=="]
    assert (result.code, result.err) == (0, "")


def test_a_folder_in_a_container_stands_for_those_below_it(run: Run, study: Path) -> None:
    document = json.loads(run("info", "--json", f"{study}!/SR").out)
    assert document["path"] == f"{study}!/SR/1.dcm"


def test_the_only_instance_of_a_container_needs_no_name(run: Run, single: Path, scan: Path) -> None:
    assert run("view", single).out == run("view", scan).out
    assert json.loads(run("info", "--json", single).out)["path"] == f"{single}!/scan.dcm"


def test_several_instances_where_one_can_be_shown_are_told(run: Run, study: Path) -> None:
    result = run("view", study)
    assert result.code == 1
    assert "2 instances" in result.err
    assert f"'{study}!/CT/1.dcm'" in result.err


def test_the_numbers_of_a_member_can_be_exported(run: Run, study: Path, scan: Path, tmp_path: Path) -> None:
    assert run("export", f"{study}!/CT/1.dcm", tmp_path / "out.npy").code == 0
    assert np.array_equal(np.load(tmp_path / "out.npy"), pydicom.dcmread(scan).pixel_array)


def test_json_of_a_member_names_no_bytes_of_a_file_that_is_not_there(run: Run, study: Path) -> None:
    model = json.loads(run("tags", "--json", f"{study}!/CT/1.dcm").out)
    assert "BulkDataURI" not in model["7FE00010"]


@pytest.mark.parametrize(
    ("member", "reason"),
    [("absent", "no such member"), ("README.txt", "not DICOM"), ("CT", ""), ("CT/2.dcm", "no such member")],
)
def test_what_is_no_instance_is_said_in_one_line(run: Run, study: Path, member: str, reason: str) -> None:
    result = run("info", f"{study}!/{member}")
    assert result.code == int(bool(reason))
    assert len(result.errors) == int(bool(reason))
    assert reason in result.err


def test_a_container_without_dicom_says_so(run: Run, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "other.zip", "w") as archive:
        archive.writestr("README.txt", "hello")
    result = run("info", tmp_path / "other.zip")
    assert (result.code, len(result.errors)) == (1, 1)
    assert "nothing in it is DICOM" in result.err


def test_one_bad_member_hides_no_good_one(run: Run, study: Path) -> None:
    with zipfile.ZipFile(study, "a") as archive:
        link = zipfile.ZipInfo("link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    result = run("info", study)
    assert result.code == 1
    assert result.out.count("==>") == 2
    assert result.errors == [f"dicomtui: {study}!/link: a symbolic link"]


def test_the_names_of_members_cannot_drive_the_terminal(run: Run, tmp_path: Path, scan: Path) -> None:
    path = tmp_path / "hostile.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.write(scan, HOSTILE + "\r\nforged")
        archive.write(write(ct(), tmp_path / "other"), "../../" + HOSTILE)
        archive.writestr("\x1b]0;a\x07.zip", "")
    for arguments in (["info", path], ["tags", path], ["view", path], ["info", "--json", path]):
        result = run(*arguments)
        assert unsafe_characters(result.raw_out + result.raw_err) == set()


def test_the_browser_refuses_what_is_not_in_the_container(
    run: Run, study: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dicomtui.cli.terminal.unusable_terminal", lambda environment: "")
    result = run(f"{study}!/nothing")
    assert (result.code, len(result.errors)) == (2, 1)
    assert "no such member" in result.err


def test_a_file_whose_path_reads_like_an_address_is_that_file(run: Run, study: Path, report: Path) -> None:
    folder = study.with_name("study.zip!")
    (folder / "CT").mkdir(parents=True)
    report.rename(folder / "CT" / "1.dcm")
    assert "Comprehensive SR Storage" in run("info", f"{study}!/CT/1.dcm").out


@pytest.fixture
def parted(tmp_path: Path) -> Path:
    """A zip with two folders of CT, one of MR, and a folder that only begins like the first."""
    path = tmp_path / "study.zip"
    with zipfile.ZipFile(path, "w") as file:
        for name, modality in (("CT/1", "CT"), ("./CT/sub//2", "CT"), ("MR/3", "MR"), ("CT2/4", "CT")):
            scan = write(ct(Modality=modality, SeriesInstanceUID=f"1.{ord(name[-1])}"), tmp_path / "made.dcm")
            file.writestr(zipfile.ZipInfo(name), scan.read_bytes())
    return path


def test_a_folder_in_a_container_is_a_path_for_all_that_ask_archives(run: Run, parted: Path) -> None:
    for address in (f"{parted}!/CT", f"{parted}!/CT/"):
        found = run("find", address, "Modality != ''", "--paths").out.splitlines()
        assert sorted(name.partition("!/")[2] for name in found) == ["./CT/sub//2", "CT/1"]
        assert run("info", *found).code == 0
        assert json.loads(run("report", address, "--format", "json").out)["instances"] == 2
        assert "2 instances" in run("scan", address).out.splitlines()[-1]
        assert run("values", address, "Modality").out.split()[0] == "2"
    assert run("find", f"{parted}!/CT/1", "Modality = CT", "--paths").out == f"{parted}!/CT/1\n"
    assert run("find", f"{parted}!/", "Modality = MR", "--paths").out == f"{parted}!/MR/3\n"


def test_what_is_not_in_a_container_is_no_path(run: Run, parted: Path) -> None:
    for command in (["scan"], ["report"], ["find", "Modality = CT"], ["values", "Modality"]):
        result = run(command[0], f"{parted}!/US", *command[1:])
        assert (result.code, result.out) == (2, "")
        assert result.errors == [f"dicomtui: {parted}!/US: no such member"]


def test_only_the_index_of_a_whole_container_is_kept(run: Run, parted: Path) -> None:
    assert run("index", parted).code == 0
    result = run("index", f"{parted}!/CT")
    assert result.code == 1
    assert "not kept" in result.errors[0]
    assert len(json.loads(run("index", "--list", "--json").out)) == 1
    assert run("find", f"{parted}!/MR", "Modality != ''", "--index", "--paths").out == f"{parted}!/MR/3\n"
    assert len(run("find", parted, "Modality != ''", "--paths").out.splitlines()) == 4


@pytest.mark.parametrize("kind", ["zip", "tar"])
def test_members_are_read_under_the_names_under_which_they_are_listed(
    run: Run, tmp_path: Path, kind: str
) -> None:
    names = [
        "../up/1",
        "/abs/2",
        "a/../b/3",
        "C:\\x\\4",
        "./dot/5",
        "//two//6",
        "..",
        "!/7",
        "a!/b.zip!/8",
        " 9 ",
    ]
    scan = write(ct(), tmp_path / "scan.dcm").read_bytes()
    path = tmp_path / f"study.{kind}"
    if kind == "zip":
        with zipfile.ZipFile(path, "w") as made:
            for name in names:
                made.writestr(zipfile.ZipInfo(name), scan)
    else:
        path.write_bytes(tar_of([(name, scan) for name in names]))
    found = run("find", path, "Modality = CT", "--paths0")
    assert found.errors == []
    addresses = found.out.split("\0")[:-1]
    assert len(addresses) == len(names)
    for address in addresses:
        assert run("info", address).code == 0, address
    assert run("info", f"{path}!/../up/1").code == 0
    listed = json.loads(run("scan", path, "--json").out)
    assert listed["skipped"] == []
