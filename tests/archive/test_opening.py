"""One door to files and members."""

from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicomtui.archive.opening import open_instance
from dicomtui.dataset.elements import elements_of
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import ReadError
from dicomtui.imaging.frames import Frames
from tests.archive.made_containers import MAKERS, a_container, write, zip_of

FILES = [
    "CT_small.dcm",
    "ExplVR_BigEnd.dcm",
    "image_dfl.dcm",
    "MR_small_RLE.dcm",
    "rtdose.dcm",
    "test-SR.dcm",
]


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", FILES)
def test_a_member_is_the_instance_that_the_file_is(kind: str, name: str, tmp_path: Path) -> None:
    plain = str(get_testdata_file(name))
    path = a_container(tmp_path, kind, [(f"S/{name}", Path(plain).read_bytes())])
    member, file = open_instance(f"{path}!/S/{name}"), open_instance(plain)
    assert member.warnings == file.warnings
    assert [element.text for element in elements_of(member)] == [
        element.text for element in elements_of(file)
    ]
    assert member.pixel_data == file.pixel_data
    assert member.source.name == f"{path}!/S/{name}"


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("name", ["rtdose.dcm", "MR_small_RLE.dcm"])
def test_the_frames_of_a_member_are_those_that_pydicom_decodes(kind: str, name: str, tmp_path: Path) -> None:
    plain = str(get_testdata_file(name))
    path = a_container(tmp_path, kind, [(name, Path(plain).read_bytes())])
    frames = Frames(open_instance(f"{path}!/{name}"))
    expected = pydicom.dcmread(plain).pixel_array
    last = expected[-1] if expected.ndim == 3 else expected
    assert (frames.stored(frames.count) == last).all()


def test_a_plain_path_is_read_as_ever(tmp_path: Path) -> None:
    plain = str(get_testdata_file("CT_small.dcm"))
    assert open_instance(plain).elements == read_instance(plain).elements


@pytest.mark.parametrize("name", ["absent.dcm", "absent.zip!/a", "a.zip!/absent", "a.zip!/text", "a.zip"])
def test_what_cannot_be_opened_is_said_with_its_name(name: str, tmp_path: Path) -> None:
    write(tmp_path, "a.zip", zip_of([("text", b"hello")]))
    with pytest.raises(ReadError) as raised:
        open_instance(str(tmp_path / name))
    assert str(tmp_path / name) in str(raised.value)
