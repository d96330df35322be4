"""What is built is complete: style sheets and tests travel along, and the browser runs from the wheel."""

import os
import subprocess
import sys
import tarfile
from pathlib import Path
from zipfile import ZipFile

import pytest

from dicomtui import __version__

ROOT = Path(__file__).parents[1]


def build(target: str, source: Path, folder: Path) -> Path:
    """Build the wheel or sdist of *source*: without network, and outside the checkout."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)],
        cwd=source,
        check=True,
        capture_output=True,
        timeout=120,
    )
    (built,) = folder.iterdir()
    return built


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build("wheel", ROOT, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def unpacked_sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    sdist = build("sdist", ROOT, tmp_path_factory.mktemp("sdist"))
    folder = tmp_path_factory.mktemp("unpacked")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def names_in(wheel: Path) -> set[str]:
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def test_the_wheel_holds_every_module_table_and_style_sheet(wheel: Path) -> None:
    modules = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dicomtui").rglob("*.py")}
    sheets = {f"dicomtui/css/{path.name}" for path in (ROOT / "css").glob("*.tcss")}
    tables = {path.relative_to(ROOT).as_posix() for path in (ROOT / "dicomtui").rglob("data/*")}
    assert sheets
    assert tables
    inside = {name for name in names_in(wheel) if ".dist-info/" not in name}
    assert inside == modules | tables | sheets | {"dicomtui/py.typed"}


def test_the_wheel_has_one_version_and_one_command(wheel: Path) -> None:
    info = f"dicomtui-{__version__}.dist-info"
    with ZipFile(wheel) as archive:
        assert f"\nVersion: {__version__}\n" in archive.read(f"{info}/METADATA").decode()
        assert "dicomtui = dicomtui.__main__:main" in archive.read(f"{info}/entry_points.txt").decode()
        assert f"{info}/licenses/LICENSE" in archive.namelist()


def test_the_sdist_holds_the_tests_and_the_style_sheets(unpacked_sdist: Path) -> None:
    def below(folder: Path, *parts: str) -> set[str]:
        found = (path for part in parts for path in (folder / part).rglob("*") if path.is_file())
        return {path.relative_to(folder).as_posix() for path in found if path.suffix in (".py", ".tcss")}

    assert below(unpacked_sdist, "tests", "css", "dicomtui") == below(ROOT, "tests", "css", "dicomtui")


def test_the_wheel_is_the_same_when_it_is_built_from_the_sdist(
    wheel: Path, unpacked_sdist: Path, tmp_path: Path
) -> None:
    assert names_in(build("wheel", unpacked_sdist, tmp_path)) == names_in(wheel)


BROWSE = """
import asyncio, sys
import dicomtui
from dicomtui.tui.app import DicomTuiApp

async def main():
    app = DicomTuiApp(["."])
    async with app.run_test(size=(100, 30)):
        pane = app.screen.query_one("#attributes")
        print(dicomtui.__file__)
        print(*app.css_path, sep="\\n")
        print(pane.styles.border_top[0], pane.region.height, app.screen.query_one("#tree").region.height)

asyncio.run(main())
"""


def test_the_browser_runs_from_the_wheel_in_its_style(wheel: Path, tmp_path: Path) -> None:
    site, elsewhere = tmp_path / "site", tmp_path / "elsewhere"
    elsewhere.mkdir()
    with ZipFile(wheel) as archive:
        archive.extractall(site)
    done = subprocess.run(
        [sys.executable, "-P", "-c", BROWSE],
        cwd=elsewhere,
        env={**os.environ, "PYTHONPATH": str(site)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    package, *sheets, drawn = done.stdout.splitlines()
    assert Path(package).is_relative_to(site)
    assert len(sheets) == len(list((ROOT / "css").glob("*.tcss")))
    assert all(Path(sheet).is_relative_to(site / "dicomtui" / "css") for sheet in sheets)
    border, attributes, tree = drawn.split()
    assert border == "round"
    assert int(attributes) > int(tree) > 0
