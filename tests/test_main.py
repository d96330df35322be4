"""The console script: which face, which exit code, what happens when something goes wrong."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from dicomtui import __version__
from dicomtui.__main__ import main
from dicomtui.cli import SUBCOMMANDS
from dicomtui.dataset.reading import Instance
from dicomtui.settings import Settings
from dicomtui.tui.app import DicomTuiApp
from tests.builders import ct, write
from tests.cli.conftest import HOSTILE, in_terminal, unsafe_characters

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    return write(ct(), tmp_path / "scan.dcm")


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], str]]:
    """What the browser was opened on, in place of opening it."""
    calls: list[tuple[list[str], str]] = []
    browser = ModuleType("dicomtui.tui.app")

    def browse(paths: list[str], keep_index: bool | None = None, *, welcome: str = "", **_: object) -> int:
        calls.append((paths, welcome))
        return 0

    browser.browse = browse  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dicomtui.tui.app", browser)
    monkeypatch.setattr("dicomtui.cli.terminal.unusable_terminal", lambda _: "")
    return calls


def program(
    *arguments: str, stdin: bytes | int = subprocess.DEVNULL, **environment: str
) -> "subprocess.CompletedProcess[bytes]":
    options = {"input": stdin} if isinstance(stdin, bytes) else {"stdin": stdin}
    return subprocess.run(
        [sys.executable, "-m", "dicomtui", *arguments],
        capture_output=True,
        timeout=60,
        env={**os.environ, **environment},
        check=False,
        **options,  # type: ignore[call-overload]
    )


# --- which face ---


def test_without_arguments_the_current_folder_is_browsed(opened: list[tuple[list[str], str]]) -> None:
    assert main([]) == 0
    assert opened == [(["."], "")]


@pytest.mark.parametrize(("options", "kept"), [([], None), (["--index"], True), (["--no-index"], False)])
def test_the_browser_is_told_whether_to_keep_an_index(
    options: list[str], kept: bool | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[bool | None] = []

    class App(DicomTuiApp):
        def __init__(
            self, paths: list[str], settings: Settings, welcome: str, keep_index: bool | None, *_: object
        ) -> None:
            made.append(keep_index)
            self.crash = ""

        def run(self, *_: object, **__: object) -> None:
            self._return_code = 0

    monkeypatch.setattr("dicomtui.tui.app.DicomTuiApp", App)
    monkeypatch.setattr("dicomtui.cli.terminal.unusable_terminal", lambda _: "")
    assert main([*options, str(tmp_path)]) == 0
    assert made == [kept]


def test_paths_are_browsed(opened: list[tuple[list[str], str]], tmp_path: Path, scan: Path) -> None:
    assert main([str(tmp_path), str(scan)]) == 0
    assert opened == [([str(tmp_path), str(scan)], "")]


def test_a_path_may_look_like_an_option_or_a_subcommand(
    opened: list[tuple[list[str], str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("--help", "tags", "-"):
        Path(name).mkdir()
    assert main(["--", "--help", "tags", "-"]) == 0
    assert main(["./tags"]) == 0
    assert [paths for paths, _ in opened] == [["--help", "tags", "-"], ["./tags"]]


def test_the_demonstration_opens_with_a_welcome(
    opened: list[tuple[list[str], str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    samples = ModuleType("dicomtui.archive.samples")
    samples.sample_folder = lambda: "samples"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "dicomtui.archive.samples", samples)
    assert main(["demo"]) == 0
    ((paths, welcome),) = opened
    assert paths == ["samples"]
    assert 0 < len(welcome) <= 80


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], [".", "--help"]])
def test_help_lists_every_subcommand_with_examples(arguments: list[str], capsys: Capture) -> None:
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert all(f"\n    {name} " in text for name in SUBCOMMANDS)
    assert "examples:" in text


@pytest.mark.parametrize("name", SUBCOMMANDS)
def test_each_subcommand_has_help_with_examples(name: str, capsys: Capture) -> None:
    assert main([name, "--help"]) == 0
    text = capsys.readouterr().out
    assert text.startswith(f"usage: dicomtui {name}")
    assert f"examples:\n  dicomtui {name}" in text or f"(dicomtui {name}" in text


@pytest.mark.parametrize("option", ["--version", "-V"])
def test_the_version_is_printed(option: str, capsys: Capture) -> None:
    assert main([option]) == 0
    assert capsys.readouterr().out == f"dicomtui {__version__}\n"


# --- wrong command lines ---


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["/no/such/path"], "/no/such/path: no such file or folder"),
        (["tgas"], "did you mean 'dicomtui tags'?"),
        (["confg"], "did you mean 'dicomtui config'?"),
        (["zzz"], "zzz: no such file or folder and no subcommand"),
        ([".", "/no/such/path"], "/no/such/path: no such file or folder"),
        (["/dev/null"], "/dev/null: not a regular file"),
        ([__file__], "not DICOM"),
        (["--colour", "."], "unknown option --colour"),
        (["-"], "dicomtui tags -"),
        (["tags"], "required: FILE"),
        (["tags", "--jsn", "x"], "unrecognized arguments: --jsn; see 'dicomtui tags --help'"),
        (["completion", "fish"], "invalid choice: 'fish'"),
        (["config", "extra"], "unrecognized arguments: extra"),
    ],
    ids=lambda value: value if isinstance(value, str) else " ".join(value),
)
def test_a_wrong_command_line_is_one_line_and_two(
    arguments: list[str], says: str, capsys: Capture, opened: list[object]
) -> None:
    assert main(arguments) == 2
    streams = capsys.readouterr()
    assert streams.out == ""
    assert streams.err.startswith("dicomtui: ")
    assert len(streams.err.splitlines()) == 1
    assert says in streams.err
    assert not opened


@pytest.mark.parametrize("arguments", [[HOSTILE], [f"--{HOSTILE}"], ["tags", f"--{HOSTILE}", "x"]])
def test_hostile_arguments_are_not_echoed(
    arguments: list[str], capsysbinary: pytest.CaptureFixture[bytes], opened: list[object]
) -> None:
    assert main(arguments) == 2
    assert not unsafe_characters(capsysbinary.readouterr().err)


def test_without_a_terminal_the_browser_says_why() -> None:
    result = program("/", TERM="xterm")
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.startswith(b"dicomtui: the browser needs a terminal: standard input is not")
    assert len(result.stderr.splitlines()) == 1


def test_a_dumb_terminal_gets_a_sentence_and_no_escape_codes() -> None:
    code, received = in_terminal(["/"], columns=80, lines=24, TERM="dumb")
    assert code == 2
    assert "TERM is dumb" in received
    assert "\x1b" not in received


# --- what goes wrong on the way ---


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def run(_: object) -> int:
        raise error

    monkeypatch.setattr("dicomtui.cli.config.run", run)


def test_an_interrupt_ends_quietly(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    raising(monkeypatch, KeyboardInterrupt())
    assert main(["config"]) == 130
    assert capsys.readouterr() == ("", "")


@pytest.mark.parametrize(
    "error", [ValueError("DOE^JANE"), RecursionError(), MemoryError(), KeyError("DOE^JANE")]
)
def test_a_mistake_of_ours_is_one_line_without_values(
    error: Exception, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    raising(monkeypatch, error)
    assert main(["config"]) == 1
    streams = capsys.readouterr()
    assert streams.out == ""
    (line,) = streams.err.splitlines()
    assert line.startswith(f"dicomtui: internal error: {type(error).__name__} at ")
    assert "parser.py:" in line
    assert "JANE" not in line


def test_a_mistake_in_one_file_does_not_end_the_batch(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, scan: Path
) -> None:
    from dicomtui.dataset import elements

    elements_of, errors = elements.elements_of, [ValueError("DOE^JANE")]

    def fails_once(instance: Instance) -> list[elements.Element]:
        if errors:
            raise errors.pop()
        return elements_of(instance)

    monkeypatch.setattr(elements, "elements_of", fails_once)
    assert main(["tags", "--json", str(scan), str(scan)]) == 1
    streams = capsys.readouterr()
    first, second = json.loads(streams.out)
    assert first is None
    assert second["00100020"]["Value"] == ["ID-1"]
    assert streams.err.startswith(f"dicomtui: {scan}: internal error: ValueError at cli")
    assert "JANE" not in streams.err


def test_a_reader_that_hangs_up_ends_it_quietly(tmp_path: Path) -> None:
    long = write(ct(PatientComments="x" * 500_000), tmp_path / "long.dcm")
    process = subprocess.Popen(
        [sys.executable, "-m", "dicomtui", "tags", "--full", str(long)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.read(10)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(timeout=60) == 141


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_is_an_error(scan: Path) -> None:
    with open("/dev/full", "wb") as full:
        result = subprocess.run(
            [sys.executable, "-m", "dicomtui", "tags", str(scan)],
            stdout=full,
            stderr=subprocess.PIPE,
            timeout=60,
            check=False,
        )
    assert result.returncode == 1
    assert result.stderr == b"dicomtui: standard output: no space left on device\n"


def test_a_stream_in_ascii_gets_escapes(tmp_path: Path) -> None:
    path = write(ct(PatientName="Yamada^Tarou=山田^太郎"), tmp_path / "scan.dcm")
    result = program("tags", "-", stdin=path.read_bytes(), PYTHONIOENCODING="ascii", PYTHONUTF8="0")
    assert result.returncode == 0
    assert result.stdout.isascii()
    assert rb"Yamada^Tarou=\u5c71\u7530^\u592a\u90ce" in result.stdout


# --- what is imported ---


def imported_by(*command_lines: list[str]) -> set[str]:
    """Return the top-level packages that are loaded after running the program in a fresh interpreter."""
    code = (
        "import json, sys; from dicomtui.__main__ import main;"
        "codes = [main(line) for line in json.loads(sys.argv[1])];"
        "print(json.dumps([codes, sorted({name.partition('.')[0] for name in sys.modules})]))"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, json.dumps(command_lines)], capture_output=True, timeout=60, check=True
    )
    codes, modules = json.loads(result.stdout.splitlines()[-1])
    assert codes == [0] * len(command_lines)
    return set(modules)


def test_subcommands_never_load_textual(scan: Path) -> None:
    modules = imported_by(["tags", str(scan)], ["view", str(scan)], ["info", str(scan)], ["config"])
    assert "textual" not in modules


@pytest.mark.parametrize("arguments", [["--version"], ["--help"], ["config", "--path"]], ids=" ".join)
def test_what_reads_no_file_loads_no_heavy_library(arguments: list[str]) -> None:
    heavy = {"numpy", "pydicom", "textual", "rich", "PIL", "imagecodecs"}
    assert not heavy & imported_by(arguments)


def test_the_face_is_chosen_before_anything_heavy_is_loaded() -> None:
    code = "import sys; import dicomtui.__main__; print(*sys.modules)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60, check=True)
    bare = subprocess.run(
        [sys.executable, "-c", "import sys; print(*sys.modules)"], capture_output=True, timeout=60, check=True
    )
    more = {*result.stdout.decode().split()} - {*bare.stdout.decode().split()}
    assert {name for name in more if not name.startswith("dicomtui")} == set()
