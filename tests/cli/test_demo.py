"""``dicomtui demo`` where there is no terminal."""

from pathlib import Path

import pytest

from tests.builders import ct, write, write_series
from tests.cli.conftest import HOSTILE, Run, unsafe_characters


def test_without_a_terminal_studies_are_listed_and_a_middle_slice_is_shown(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_series(tmp_path / "series", 5)
    write(
        ct(PatientName=HOSTILE, StudyInstanceUID="1.2.3", SeriesInstanceUID="1.2.3.4", Modality="MR"),
        tmp_path / "other" / "hostile.dcm",
    )
    (tmp_path / "README").write_text("no DICOM")
    (tmp_path / "link").symlink_to(tmp_path / "README")
    monkeypatch.setattr("dicomtui.cli.terminal.unusable_terminal", lambda _: "there is none")
    monkeypatch.setattr("dicomtui.archive.samples.sample_folder", lambda: str(tmp_path))
    result = run("demo")
    lines = result.out.splitlines()
    assert result.code == 0
    assert "there is none" in result.errors[0]
    assert [line.split()[:3] for line in lines if " instance" in line][:2] == [
        ["MR", "1", "instance"],
        ["CT", "5", "instances"],
    ]
    assert "Ramp, instance 3 of 5" in lines
    assert len(lines[lines.index("Ramp, instance 3 of 5") + 1 :]) == 40
    assert not unsafe_characters(result.raw_out + result.raw_err)
