"""Members of a zip or tar against the same files on disk: reading headers, opening one instance."""

import tarfile
import zipfile
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive.containers import read_members
from dicomtui.archive.header import header_of_source, read_header
from dicomtui.archive.opening import open_instance
from dicomtui.errors import ReadError
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.benchmarks.series import write_ct

COUNT = 1000
KINDS = {"CT of 512 x 512": 300, "260 elements, many private": COUNT}


@pytest.fixture(params=KINDS)
def files(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, list[Path]]:
    """What the files are like, and where they are: links to the same one, so that the disk takes no part."""
    whole = tmp_path / "whole.dcm"
    if request.param.startswith("CT"):
        write_ct(whole)
    else:
        whole.write_bytes(Path(str(get_testdata_file("CT_small.dcm"))).read_bytes())
    folder = tmp_path / "plain"
    folder.mkdir()
    paths = [folder / f"{number}.dcm" for number in range(KINDS[request.param])]
    for path in paths:
        path.hardlink_to(whole)
    return request.param, paths


def containers_of(paths: list[Path], folder: Path) -> dict[str, str]:
    made = {}
    for name, method in (("deflated zip", zipfile.ZIP_DEFLATED), ("stored zip", zipfile.ZIP_STORED)):
        made[name] = str(folder / f"{name}.zip")
        with zipfile.ZipFile(made[name], "w", method) as archive:
            for path in paths:
                archive.write(path, path.name)
    made["tar"] = str(folder / "plain.tar")
    with tarfile.open(made["tar"], "w") as archive:
        for path in paths:
            member = tarfile.TarInfo(path.name)  # tarfile would make links of links
            member.size = path.stat().st_size
            with path.open("rb") as stream:
                archive.addfile(member, stream)
    return made


def read_headers(paths: list[Path]) -> None:
    for path in paths:
        read_header(str(path))


def read_member_headers(path: str) -> None:
    for _, source in read_members(path):
        assert not isinstance(source, ReadError)
        header_of_source(source)


def test_containers(files: tuple[str, list[Path]], report: Report, tmp_path: Path) -> None:
    kind, paths = files
    made = containers_of(paths, tmp_path)
    calls = [lambda path=path: read_member_headers(path) for path in made.values()]
    plain, *times = medians(lambda: read_headers(paths), *calls, rounds=7)
    for name, time in zip(made, times, strict=True):
        report(f"headers of the members of a {name} / read_header of files, {kind}", time / plain)


def test_opening(report: Report, tmp_path: Path) -> None:
    path = write_ct(tmp_path / "1.dcm")
    made = containers_of([path], tmp_path)
    calls = [lambda container=container: open_instance(f"{container}!/1.dcm") for container in made.values()]
    plain, *times = medians(lambda: open_instance(str(path)), *calls, rounds=15)
    for name, time in zip(made, times, strict=True):
        report(f"opening a member of a {name} that was opened before / the file", time / plain)
