"""``dicomtui info``."""

import json
from pathlib import Path

from tests.cli.conftest import Run


def test_the_four_groups_come_in_order(run: Run, scan: Path) -> None:
    lines = run("info", scan).out.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == ["Patient", "Study", "Series", "Image"]
    assert ["Patient's", "Name", "Doe^Jane"] in [line.split() for line in lines]


def test_an_instance_without_pixels_is_described_too(run: Run, report: Path) -> None:
    result = run("info", report)
    assert result.code == 0
    assert "Comprehensive SR Storage" in result.out


def test_json_has_lists_of_values_by_keyword(run: Run, scan: Path) -> None:
    document = json.loads(run("info", "--json", scan).out)
    assert list(document) == ["path", "patient", "study", "series", "image"]
    assert document["path"] == str(scan)
    assert document["patient"]["PatientName"] == ["Doe^Jane"]
    assert document["image"]["PixelSpacing"] == ["1.0", "1.0"]


def test_json_of_several_files_says_which_failed_and_why(run: Run, scan: Path, tmp_path: Path) -> None:
    result = run("info", "--json", scan, tmp_path / "absent", "-", stdin=scan.read_bytes())
    first, second, third = json.loads(result.out)
    assert result.code == 1
    assert "no such file" in second["error"]
    assert third == {**first, "path": "-"}


def test_files_are_told_apart_when_there_are_several(run: Run, scan: Path, report: Path) -> None:
    headings = [line for line in run("info", scan, report).out.splitlines() if line.startswith("==>")]
    assert headings == [f"==> {scan} <==", f"==> {report} <=="]
