"""README.md keeps its word: its commands, keys, subcommands, examples and pictures are the program's."""

import doctest
import os
import re
import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from dicomtui.cli import SUBCOMMANDS
from dicomtui.keys import ANYWHERE, ATTRIBUTES, IMAGE, LIST, TREE, Key, shown
from dicomtui.settings import load_settings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")

GROUPS = {
    "Anywhere": ANYWHERE,
    "In the tree and the attributes": LIST,
    "In the tree": TREE,
    "In the attributes": ATTRIBUTES,
    "In the image": IMAGE,
}
"""Headings of the tables of keys."""


def section(heading: str) -> str:
    """Return what stands below a heading, up to the next one of its level or above."""
    found = re.search(rf"^(#+) {re.escape(heading)}$", README, re.MULTILINE)
    assert found, f"README.md has no heading {heading!r}"
    end = re.compile(rf"^#{{1,{len(found[1])}}} ", re.MULTILINE).search(README, found.end())
    return README[found.end() : end.start() if end else None]


def code_blocks(text: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def command_with(part: str) -> str:
    """Return the one line of a code block that holds *part*."""
    lines = {line for block in code_blocks(README, r"\w*") for line in block.splitlines() if part in line}
    assert len(lines) == 1, f"README.md has {len(lines)} commands with {part}"
    return lines.pop()


# --- the two commands ---


def test_one_line_sets_up_and_starts_the_demonstration() -> None:
    line = command_with("pip install '.[all]'")
    assert line == "python3 -m venv .venv && .venv/bin/pip install '.[all]' && .venv/bin/dicomtui demo"


def test_one_line_sets_up_and_runs_the_tests() -> None:
    line = command_with("pip install -e")
    assert line == "python3 -m venv .venv && .venv/bin/pip install -e '.[all,test]' && .venv/bin/pytest"


def test_what_the_commands_install_exists() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = {extra for names in re.findall(r"'\.\[(.*?)\]'", README) for extra in names.split(",")}
    assert extras == {"all", "test"}
    assert extras <= project["optional-dependencies"].keys()
    assert "dicomtui" in project["scripts"]


# --- keys and subcommands ---


@pytest.mark.parametrize("heading", GROUPS)
def test_the_tables_of_keys_are_complete(heading: str) -> None:
    def keys(group: tuple[Key, ...]) -> list[str]:
        return sorted(key for row in group for key in shown(row.keys).split())

    assert sorted(keys_in(section(heading))) == keys(GROUPS[heading])


def keys_in(text: str) -> list[str]:
    """Return the keys in the first column of the tables of *text*; ``3``-``9`` stands for seven."""
    keys: list[str] = []
    for cell in re.findall(r"^\| (`.*?) \|", text, re.MULTILINE):
        for first, last in re.findall(r"`(\d)`-`(\d)`", cell):
            keys += map(str, range(int(first), int(last) + 1))
        keys += re.findall(r"`(.+?)`", re.sub(r"`\d`-`\d`", "", cell))
    return keys


def test_the_list_of_subcommands_is_complete() -> None:
    named = re.findall(r"^\| `dicomtui ([a-z-]+)", section("Subcommands"), re.MULTILINE)
    assert named == list(SUBCOMMANDS)


# --- examples and pictures ---


def test_the_lines_from_python_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    blocks = code_blocks(section("From Python"), "python")
    assert blocks
    monkeypatch.chdir(tmp_path)
    shutil.copy(str(get_testdata_file("CT_small.dcm")), "scan.dcm")
    examples = doctest.DocTestParser().get_doctest("\n".join(blocks), {}, "README.md", "README.md", 0)
    assert examples.examples
    results = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE).run(examples)
    assert results.failed == 0


def test_every_picture_and_file_it_points_to_is_there() -> None:
    targets = re.findall(r"\]\(([^)#]+)", README) + re.findall(r'(?:src|href)="([^"#]+)', README)
    local = [target for target in targets if "://" not in target]
    assert any(target.startswith("screenshots/") for target in local)
    assert [target for target in local if not (ROOT / target).exists()] == []


# --- continuous integration runs the same line ---


def test_the_command_for_continuous_integration_is_executable_bash() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    subprocess.run(["bash", "-n", str(script)], check=True)


def test_the_example_of_settings_is_one_that_is_accepted(tmp_path: Path) -> None:
    (example,) = code_blocks(section("Settings"), "toml")
    path = tmp_path / "config.toml"
    path.write_text(example)
    settings = load_settings(str(path))
    assert settings.theme == tomllib.loads(example)["theme"]
    assert settings.keys["image.invert"] == tomllib.loads(example)["keys"]["image.invert"]
