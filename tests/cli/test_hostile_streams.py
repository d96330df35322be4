"""No subcommand writes what a terminal, a spreadsheet or a web browser would obey."""

import csv
import io
import json
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dicomtui import cli
from tests.cli.conftest import Run, unsafe_characters
from tests.hostile_instances import PAYLOADS, enormous, write_folder, write_hostile

SUBCOMMANDS = [
    "tags FILE",
    "tags FILE --explain PatientName",
    "tags FILE --charset KOI8-R",
    "diff FILE OTHER",
    "diff FILE OTHER --json",
    "diff FILE OTHER --all",
    "info FILE",
    "view FILE",
    "measure FILE --point 3,4 --rectangle 2,2,20,20",
    "measure FILE --point 3,4 --rectangle 2,2,20,20 --json",
    "measure FILE --point 3,4 --rectangle 2,2,20,20 --csv",
    "scan FOLDER",
    "scan FOLDER --json",
    "find FOLDER Rows>1",
    "find FOLDER Rows>1 --json",
    "find FOLDER Rows>1 --csv --columns PatientName,StationName,PatientComments",
    "find FOLDER Rows>1 --paths",
    "values FOLDER PatientName",
    "values FOLDER StationName --json",
    "values FOLDER StationName --csv",
    "varies FOLDER",
    "varies FOLDER --json",
    "varies FOLDER --csv",
    "validate FOLDER",
    "validate FOLDER --json",
    "report FOLDER",
    "report FOLDER --format json",
    "report FOLDER --format html",
    "index FOLDER",
    "index --list",
    "export FOLDER OUT --format png",
    "export FOLDER OUT --format csv",
    "anonymize FOLDER OUT",
    "anonymize FOLDER OUT --dry-run",
    "anonymize FOLDER OUT --json",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("hostile") / "\x1b[31m[@click=app.quit]\u202e")


@pytest.fixture
def arguments(folder: Path, tmp_path: Path) -> dict[str, str]:
    first, other = sorted(path for path in folder.iterdir() if path.name[0].isdigit())[1:3]
    return {"FILE": str(first), "OTHER": str(other), "FOLDER": str(folder), "OUT": str(tmp_path / "out")}


@pytest.mark.parametrize("command", SUBCOMMANDS)
def test_nothing_but_printable_text_comes_out(command: str, run: Run, arguments: dict[str, str]) -> None:
    result = run(*(arguments.get(word, word) for word in command.split()))
    assert result.code in (0, 1), result.err
    assert result.out or result.err
    assert not unsafe_characters(result.raw_out) - {"\t"}, "a tab separates columns of find and values"
    assert not unsafe_characters(result.raw_err)
    assert all(line.startswith("dicomtui: ") for line in result.errors), result.err
    assert "Traceback" not in result.err
    if "--json" in command or "format json" in command:
        assert json.loads(result.out) is not None
    if "--csv" in command:
        assert no_formula(result.out)


def no_formula(text: str) -> bool:
    """Whether no cell of a table is taken for a formula: numbers may begin with a sign."""
    cells = [cell for row in csv.reader(io.StringIO(text)) for cell in row]
    assert len(cells) > 3
    for cell in cells:
        if cell[:1] in {"=", "+", "-", "@", "\t", "\r"}:
            float(cell)
    return True


def test_every_subcommand_is_tried() -> None:
    tried = {command.split()[0] for command in SUBCOMMANDS}
    without_instances = {"demo", "doctor", "config", "completion"}
    assert set(cli.SUBCOMMANDS) - tried == without_instances


class Elements(HTMLParser):
    """Notes which elements and attributes a page has."""

    def __init__(self) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes.update(name for name, _ in attrs)


def test_a_page_has_no_element_that_comes_from_an_instance(
    run: Run, arguments: dict[str, str], tmp_path: Path
) -> None:
    page = run("report", arguments["FOLDER"], "--format", "html").out
    plain = tmp_path / "plain"
    (plain / "empty").mkdir(parents=True)
    hostile, harmless = Elements(), Elements()
    hostile.feed(page)
    harmless.feed(run("report", plain, "--format", "html").out)
    assert "&lt;script&gt;alert(1)" in page
    assert "script" not in hostile.names - harmless.names
    assert not any(name.startswith("on") for name in hostile.attributes)
    assert not unsafe_characters(page.encode())


def test_an_access_log_has_one_line_an_event(run: Run, arguments: dict[str, str], tmp_path: Path) -> None:
    log = tmp_path / "access.log"
    run("info", "--access-log", log, *sorted(str(path) for path in Path(arguments["FOLDER"]).iterdir()))
    raw = log.read_bytes()
    lines = raw.decode().splitlines()
    assert len(lines) >= len(PAYLOADS)
    assert raw.count(b"\n") == len(lines)
    assert not unsafe_characters(raw)
    assert all(isinstance(json.loads(line), dict) for line in lines if line.startswith("{"))


def test_hostile_arguments_are_said_as_text(run: Run, tmp_path: Path) -> None:
    for payload in PAYLOADS.values():
        bad = payload.replace("\0", "")
        for words in (["tags", tmp_path / bad], ["find", tmp_path, bad], ["values", tmp_path, bad], [bad]):
            result = run(*words)
            assert not unsafe_characters(result.raw_out + result.raw_err), (payload, words)


@pytest.mark.slow
def test_values_of_megabytes_and_fifty_thousand_elements_are_shown_in_bounds(
    run: Run, tmp_path: Path
) -> None:
    path = write_hostile(enormous(), tmp_path, b"enormous.dcm")
    for words in (["tags"], ["info"], ["validate"], ["tags", "--search", "click"], ["view"]):
        result = run(*words, path)
        assert not unsafe_characters(result.raw_out + result.raw_err)
        assert len(result.raw_out) < 8 << 20, "far less than the file holds"
    assert run("tags", path).out.count("\n") < 60_000
