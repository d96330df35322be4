"""The shape of the project: the map, what imports what, which call stands where, the linters."""

import ast
import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

import dicomtui
from dicomtui.cli import SUBCOMMANDS

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dicomtui"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def dotted(source: Path) -> str:
    """Return a module's name below the package: ``dataset.reading``; ``dataset`` for a package."""
    parts = source.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {dotted(source): ast.parse(source.read_text("utf-8")) for source in SOURCES}
NAMES = [name for name in MODULES if name]

# --- the map ---


def test_the_map_names_every_module_once_and_nothing_else() -> None:
    named = re.findall(r"^ *([a-z_]+(?:\.[a-z0-9_]+)*)/? {2,}\S", dicomtui.__doc__ or "", re.MULTILINE)
    twice = [name for name, count in Counter(named).items() if count > 1]
    wrong = {"missing": set(NAMES) - set(named), "unknown": set(named) - set(NAMES), "twice": set(twice)}
    assert not any(wrong.values()), wrong


@pytest.mark.parametrize("name", MODULES)
def test_every_module_says_what_it_holds(name: str) -> None:
    assert ast.get_docstring(MODULES[name])


# --- the linters, so that one command is enough ---


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "ruff", "check", "--no-cache"],
        ["-m", "ruff", "format", "--check", "--no-cache"],
        ["-m", "mypy"],
        ["-c", "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_logo=True))"],
    ],
    ids=["ruff-check", "ruff-format", "mypy", "import-linter"],
)
def test_the_linters_find_nothing(command: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, *command], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


# --- what is really imported: the linter sees the static graph alone ---

CT = str(get_testdata_file("CT_small.dcm"))
HEAVY = {"numpy", "pydicom", "PIL", "imagecodecs", "textual", "rich", "rich_pixels"}
LIBRARIES = {"numpy", "pydicom", "PIL", "imagecodecs"}
HEADLESS = [f"dicomtui.cli.{name}" for name in SUBCOMMANDS] + ["dicomtui.cli.output", "dicomtui.cli.inputs"]


def loaded_by(statements: str) -> set[str]:
    """Return the top-level modules that are loaded after *statements* ran in a process of their own."""
    script = (
        f"{statements}\nimport json, sys\nprint(json.dumps(sorted({{n.split('.')[0] for n in sys.modules}})))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdin=subprocess.DEVNULL,
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


@pytest.mark.parametrize(
    ("statements", "unwanted"),
    [
        ("import dicomtui.__main__, dicomtui.settings, dicomtui.keys", HEAVY | {"argparse", "asyncio"}),
        ("import dicomtui.tui.app", LIBRARIES),
        ("import dicomtui.archive.folder, dicomtui.archive.series, dicomtui.archive.samples", HEAVY),
        (f"import dicomtui.archive.header as h; assert h.read_header({CT!r}).modality == 'CT'", HEAVY),
        ("import dicomtui.archive.scan, dicomtui.archive.reading_process", HEAVY),
        (f"import {', '.join(HEADLESS)}", {"textual"}),
    ],
    ids=["start", "browser", "folder", "header", "scan", "subcommands"],
)
def test_a_module_loads_no_more_than_it_needs(statements: str, unwanted: set[str]) -> None:
    assert loaded_by(statements) & unwanted == set()


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        (["--version"], HEAVY),
        (["--help"], HEAVY),
        (["config"], HEAVY),
        (["completion", "bash"], HEAVY),
        (["tags", CT], {"textual", "rich"}),
        (["info", CT], {"textual", "rich"}),
        (["view", CT], {"textual"}),
    ],
    ids=lambda value: value[0] if isinstance(value, list) else "",
)
def test_a_subcommand_loads_no_more_than_it_needs(arguments: list[str], unwanted: set[str]) -> None:
    assert (
        loaded_by(f"from dicomtui.__main__ import main; assert main({arguments!r}) == 0") & unwanted == set()
    )


# --- which call stands where ---


def imported(tree: ast.Module) -> Iterator[str]:
    """Yield the full name of everything that a module imports, wherever it does so."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importing(*prefixes: str) -> set[str]:
    """Return the modules that import something whose full name begins with one of *prefixes*."""
    return {
        name for name, tree in MODULES.items() if any(what.startswith(prefixes) for what in imported(tree))
    }


def using(*attributes: str) -> set[str]:
    """Return the modules in which one of *attributes* stands behind a dot."""
    nodes = ((name, node) for name, tree in MODULES.items() for node in ast.walk(tree))
    return {name for name, node in nodes if isinstance(node, ast.Attribute) and node.attr in attributes}


def test_no_module_reads_a_file_through_the_parser_of_pydicom() -> None:
    readers = importing("pydicom.dcmread", "pydicom.filereader", "pydicom.fileset", "pydicom.dicomdir")
    assert readers | using("dcmread", "read_partial", "FileSet", "DicomDir") == set()


def test_only_the_data_set_parses_elements() -> None:
    parsers = importing(
        "dicomtui.dataset.parsing", "dicomtui.dataset.element_parser", "dicomtui.dataset.element_stream"
    )
    assert {name.partition(".")[0] for name in parsers} == {"dataset"}


def test_no_module_holds_the_pixel_data_of_a_file_as_a_whole() -> None:
    assert using("pixel_array", "PixelData", "convert_pixel_data") == set()


def test_the_browser_shows_no_string_as_markup() -> None:
    """A ``str`` that reaches Textual is parsed: ``[@click=app.quit]`` in a patient's name would be a link."""
    wrong = [
        f"{name}:{node.lineno} {ast.unparse(node)}"
        for name, tree in MODULES.items()
        if name.startswith("tui")
        for node in markup(tree)
    ]
    assert wrong == []


PARSED = {"border_title", "border_subtitle", "tooltip"}
"""Attributes of a widget that Textual parses."""
TEXTS = {"content", "label", "message", "title"}
"""Arguments of a widget or of ``notify`` that Textual parses."""
PLAIN = {"Content", "Text"}
"""What shows a string as it stands."""


def markup(tree: ast.Module) -> Iterator[ast.AST]:
    """Yield what gives Textual something other than a literal or an object that is shown as it stands."""
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    widgets = {
        alias.asname or alias.name
        for node in imports
        if (node.module or "").startswith("textual.widgets")
        for alias in node.names
    } - {"Input", "TextArea"}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func.attr if isinstance(node.func, ast.Attribute) else ""
            called = node.func.id if isinstance(node.func, ast.Name) else called
            given = node.args[:1] + [word.value for word in node.keywords if word.arg in TEXTS]
            if called == "from_markup" or (
                called in widgets | {"notify"} and not all(is_plain(value) for value in given)
            ):
                yield node
        elif isinstance(node, ast.Assign):
            targets = {target.attr for target in node.targets if isinstance(target, ast.Attribute)}
            if targets & PARSED and not is_plain(node.value):
                yield node


def is_plain(node: ast.expr) -> bool:
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id in PLAIN
    return isinstance(node, ast.Constant)


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("Static(name)", 1),
        ("Static(f'{name}')", 1),
        ("Static('literal')", 0),
        ("Static(Content(name))", 0),
        ("self.app.notify(message)", 1),
        ("self.notify(Content(message))", 0),
        ("pane.border_title = name", 1),
        ("pane.border_title = Content(name)", 0),
        ("Content.from_markup(name)", 1),
    ],
)
def test_strings_that_would_be_parsed_are_found(line: str, count: int) -> None:
    assert len(list(markup(ast.parse(f"from textual.widgets import Static\n{line}")))) == count
