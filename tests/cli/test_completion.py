"""``dicomtui completion``."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from dicomtui.cli import SUBCOMMANDS
from tests.cli.conftest import Run

BASH = shutil.which("bash")


def completed(script: str, *words: str) -> set[str]:
    """Return what bash offers for the last of *words*."""
    assert BASH
    ask = f"COMP_WORDS=({' '.join(words)}); COMP_CWORD={len(words) - 1}; _shtab_dicomtui 2>/dev/null"
    result = subprocess.run(
        [BASH, "--norc", "-c", f'{script}\n{ask}; printf "%s\\n" "${{COMPREPLY[@]}}"'],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return {*result.stdout.split()}


@pytest.mark.skipif(BASH is None, reason="needs bash")
def test_bash_completes_subcommands_options_choices_and_files(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("shtab")
    script = run("completion", "bash").out
    (tmp_path / "scan.dcm").touch()
    monkeypatch.chdir(tmp_path)
    assert completed(script, "dicomtui", "''") == set(SUBCOMMANDS)
    assert completed(script, "dicomtui", "ta") == {"tags"}
    assert {"--json", "--search"} <= completed(script, "dicomtui", "tags", "--")
    assert completed(script, "dicomtui", "view", "--color", "a") == {"auto", "always"}
    assert completed(script, "dicomtui", "tags", "sc") == {"scan.dcm"}
    assert "complete -o bashdefault -o default -F _shtab_dicomtui dicomtui" in script  # paths to browse


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_get_a_script(run: Run, shell: str) -> None:
    pytest.importorskip("shtab")
    result = run("completion", shell)
    assert result.code == 0
    assert all(name in result.out for name in SUBCOMMANDS)


def test_without_the_library_a_sentence_says_what_to_install(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "shtab", None)
    result = run("completion", "bash")
    assert (result.code, result.out) == (1, "")
    assert result.errors == [
        "dicomtui: completion needs the package 'shtab': pip install 'dicomtui[completion]'"
    ]
