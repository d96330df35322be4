"""Which files an export never replaces."""

from pathlib import Path

import pytest

from dicomtui.errors import WriteError
from dicomtui.export.batch import export
from dicomtui.export.options import ExportOptions
from dicomtui.export.originals import is_original
from dicomtui.pool import Pool
from tests.builders import ct, write


@pytest.fixture
def shown(tmp_path: Path) -> Path:
    write(ct(), tmp_path / "shown" / "deep" / "a.dcm")
    (tmp_path / "shown" / "note.txt").write_text("no DICOM")
    return tmp_path / "shown"


def test_a_dicom_file_below_a_folder_that_is_shown_is_one(shown: Path) -> None:
    assert is_original(str(shown / "deep" / "a.dcm"), [str(shown)])


def test_other_files_and_names_that_are_free_are_none(shown: Path) -> None:
    assert not is_original(str(shown / "note.txt"), [str(shown)])
    assert not is_original(str(shown / "deep" / "b.dcm"), [str(shown)])


def test_a_dicom_file_beside_the_folder_is_none(shown: Path) -> None:
    beside = write(ct(), shown.parent / "shown2" / "a.dcm")
    assert not is_original(str(beside), [str(shown)])


def test_it_is_one_through_a_link_to_its_folder_too(shown: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(shown / "deep")
    assert is_original(str(tmp_path / "link" / "a.dcm"), [str(shown)])
    assert is_original(str(shown / "deep" / "a.dcm"), [str(tmp_path / "link")])


def test_a_container_that_is_shown_is_one_itself(shown: Path) -> None:
    assert is_original(str(shown / "note.txt"), [str(shown / "note.txt")])


def test_a_broken_dicom_file_is_one(shown: Path) -> None:
    broken = shown / "broken.dcm"
    broken.write_bytes((shown / "deep" / "a.dcm").read_bytes()[:200])
    assert is_original(str(broken), [str(shown)])


def test_the_dicomdir_of_a_folder_that_is_shown_is_not_replaced(shown: Path) -> None:
    directory = write(ct(), shown / "DICOMDIR")
    before = directory.read_bytes()
    options = ExportOptions("dicom", dicomdir=True, overwrite=True)
    sources = [[str(shown / "deep" / "a.dcm")]]
    with Pool() as pool, pytest.raises(WriteError, match="DICOMDIR: is an original"):
        list(export(sources, str(shown), options, pool, originals=[str(shown)]))
    assert directory.read_bytes() == before
