"""Volumes as NIfTI against dcm2niix: the same voxels at the same places, on made and on real series."""

import io
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

from dicomtui.archive.header import read_header
from dicomtui.archive.series import stacks
from dicomtui.dataset.reading import read_instance
from dicomtui.errors import DecodeError, DicomTuiError
from dicomtui.export.dcm2niix import ConversionError, converted
from dicomtui.export.nifti import write_nifti
from dicomtui.imaging.frames import Frames
from dicomtui.imaging.volume import NotAVolume, Volume, volume_of

nibabel: Any = pytest.importorskip("nibabel", reason="nibabel (extra nifti) is not installed")

OBLIQUE = (0.9553365, 0.2955202, 0.0, -0.2364162, 0.7642692, 0.6)
ASKEW = (0.0, 1, 0, 0, 0, 1)
DIRECTIONS = {
    "axial": (1, 0, 0, 0, 1, 0),
    "sagittal": (0, 1, 0, 0, 0, -1),
    "coronal": (1, 0, 0, 0, 0, -1),
    "feet first": (-1, 0, 0, 0, -1, 0),
    "oblique": OBLIQUE,
    "double oblique": (0.9363, 0.2896, 0.1987, -0.2955, 0.9553, 0.0),
}


def series(
    folder: Path,
    direction: Sequence[float] = DIRECTIONS["axial"],
    places: Sequence[float] = tuple(2.5 * index for index in range(6)),
    *,
    backwards: bool = False,
    tilt: float = 0.0,
    **attributes: Any,
) -> list[Path]:
    """Write a CT series whose planes stand at *places* along their normal."""
    folder.mkdir()
    values = np.random.default_rng(len(places)).integers(0, 4000, (len(places), 20, 30)).astype("<u2")
    across, down = np.array(direction[:3], float), np.array(direction[3:], float)
    normal = np.cross(across, down)
    uids = {key: generate_uid() for key in ("StudyInstanceUID", "SeriesInstanceUID", "FrameOfReferenceUID")}
    paths = []
    for index, along in enumerate(places):
        dataset = Dataset()
        dataset.file_meta = FileMetaDataset()
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        dataset.SOPClassUID = dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = generate_uid()
        dataset.update(uids_as_elements(uids))
        dataset.Modality, dataset.PatientID, dataset.SeriesNumber = "CT", "p", 1
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.InstanceNumber = len(places) - index if backwards else index + 1
        dataset.ImageOrientationPatient = [round(float(part), 6) for part in direction]
        corner = np.array([10.0, -20.0, 30.0]) + along * normal + along * tilt * down
        dataset.ImagePositionPatient = [round(float(part), 4) for part in corner]
        dataset.PixelSpacing, dataset.SliceThickness = [1.5, 0.7], 2.5
        dataset.Rows, dataset.Columns = 20, 30
        dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, 12, 11
        dataset.PixelRepresentation, dataset.RescaleSlope, dataset.RescaleIntercept = 0, 1, -1024
        dataset.PixelData = values[index].tobytes()
        for keyword, value in attributes.items():
            setattr(dataset, keyword, value(index) if callable(value) else value)
        paths.append(folder / f"{index:03}.dcm")
        dataset.save_as(paths[-1], enforce_file_format=True)
    return paths


def uids_as_elements(uids: dict[str, str]) -> Dataset:
    dataset = Dataset()
    for keyword, uid in uids.items():
        setattr(dataset, keyword, uid)
    return dataset


def volume(paths: Sequence[Path | str]) -> Volume:
    return volume_of([read_instance(path) for path in paths])


def written(made: Volume, path: Path) -> Any:
    stream = io.BytesIO()
    write_nifti(stream, made, compressed=path.suffix == ".gz")
    path.write_bytes(stream.getvalue())
    return nibabel.load(path)


def by_dcm2niix(paths: Sequence[Path | str]) -> list[Any]:
    pytest.importorskip("dcm2niix", reason="dcm2niix is not installed")
    with converted(list(map(str, paths)), sidecar=False) as made:
        return [in_memory(nibabel.load(path)) for path in made]


def in_memory(image: Any) -> Any:
    return nibabel.Nifti1Image(image.get_fdata(), image.affine, image.header)


@pytest.mark.parametrize("backwards", [False, True])
@pytest.mark.parametrize("name", DIRECTIONS)
def test_a_volume_is_the_one_that_dcm2niix_makes(name: str, backwards: bool, tmp_path: Path) -> None:
    paths = series(tmp_path / "in", DIRECTIONS[name], backwards=backwards)
    ours = written(volume(paths[::-1]), tmp_path / "ours.nii.gz")
    (theirs,) = by_dcm2niix(paths)
    np.testing.assert_allclose(ours.affine, theirs.affine, atol=1e-3)
    np.testing.assert_array_equal(ours.get_fdata(), theirs.get_fdata())
    assert ours.get_data_dtype() == theirs.get_data_dtype()
    assert [int(ours.header[code]) for code in ("qform_code", "sform_code")] == [1, 1]
    np.testing.assert_allclose(ours.get_qform(), ours.get_sform(), atol=1e-4)


def test_every_voxel_lies_where_its_pixel_does(tmp_path: Path) -> None:
    paths = series(tmp_path / "in", OBLIQUE)
    image = written(volume(paths), tmp_path / "out.nii")
    instance = read_instance(paths[4])
    dataset = instance.dataset
    across, down = np.split(np.array(dataset.ImageOrientationPatient, float), 2)
    place = np.array(dataset.ImagePositionPatient, float) + 7 * 0.7 * across + 3 * 1.5 * down
    voxel = np.linalg.inv(image.affine) @ np.append(place * [-1, -1, 1], 1)
    i, j, k = np.rint(voxel[:3]).astype(int)
    np.testing.assert_allclose(voxel[:3], [i, j, k], atol=0.01)
    assert image.get_fdata()[i, j, k] == Frames(instance).stored(1)[3, 7] - 1024.0


def test_planes_that_are_rescaled_apart_are_written_as_modality_values(tmp_path: Path) -> None:
    paths = series(tmp_path / "in", RescaleSlope=lambda index: 1 + index / 4)
    image = written(volume(paths), tmp_path / "out.nii")
    (theirs,) = by_dcm2niix(paths)
    assert image.get_data_dtype() == np.float32
    np.testing.assert_allclose(image.get_fdata(), theirs.get_fdata(), rtol=1e-5)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"places": (0, 2.5, 5, 10, 12.5)}, "a gap: 5 mm between .*002.dcm and .*003.dcm, elsewhere 2.5 mm"),
        ({"places": (0, 2.5, 5, 8, 10.5)}, "uneven spacing: 3 mm"),
        ({"places": (0, 2.5, 5, 0, 2.5, 5)}, "4D"),
        ({"tilt": 0.2}, "gantry tilt of 11.3 degrees"),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "M", "MOSAIC"]}, "a mosaic"),
        ({"ImagePositionPatient": None}, r"no Image Position \(0020,0032\)"),
        ({"PixelSpacing": None}, r"no Pixel Spacing \(0028,0030\)"),
        ({"PixelSpacing": lambda index: [1 + index, 1]}, r"Pixel Spacing \(0028,0030\) differs"),
        (
            {"ImageOrientationPatient": lambda index: [1, 0, 0, 0, 1, 0] if index else [0, 1, 0, 0, 0, 1]},
            "parallel",
        ),
        ({"Rows": lambda index: 10 if index else 20}, "several sizes"),
    ],
)
def test_what_is_no_volume_is_refused_with_the_reason(
    changes: dict[str, Any], said: str, tmp_path: Path
) -> None:
    paths = series(tmp_path / "in", **changes)
    with pytest.raises(NotAVolume, match=said):
        volume(paths)


def test_planes_shifted_in_their_own_plane_are_refused(tmp_path: Path) -> None:
    def moved(index: int) -> list[float]:
        return [10.0 + 6 * (index == 2), -20.0, 30 + 2.5 * index]

    with pytest.raises(NotAVolume, match=r"not lie on one line: .*002\.dcm"):
        volume(series(tmp_path / "in", ImagePositionPatient=moved))


def test_neither_name_nor_date_stands_in_the_file(tmp_path: Path) -> None:
    made = volume(series(tmp_path / "in", PatientName="Secret^Name"))
    first, second = io.BytesIO(), io.BytesIO()
    write_nifti(first, made)
    write_nifti(second, made)
    assert first.getvalue() == second.getvalue()
    assert first.getvalue()[4:8] == bytes(4)  # the time of the gzip file
    assert not first.getvalue()[3] & 0b1000  # nor a name
    image = written(made, tmp_path / "out.nii")
    assert bytes(image.header["descrip"].tobytes()).strip(b"\0") == b""


def test_a_single_plane_is_as_thick_as_it_says(tmp_path: Path) -> None:
    made = volume(series(tmp_path / "in", places=(0,)))
    assert made.steps[2] == pytest.approx((0, 0, 2.5))
    assert "one plane" in made.notes[0]


def test_dcm2niix_takes_what_is_refused_here(tmp_path: Path) -> None:
    paths = series(tmp_path / "in", tilt=0.2)
    assert by_dcm2niix(paths)
    times = series(tmp_path / "4D", places=(0, 2.5, 5, 0, 2.5, 5))
    assert by_dcm2niix(times)


def test_a_side_car_is_written_on_request_and_does_not_name_the_patient(tmp_path: Path) -> None:
    pytest.importorskip("dcm2niix", reason="dcm2niix is not installed")
    paths = series(tmp_path / "in", PatientName="Secret^Name", PatientID="12345678")
    with converted(list(map(str, paths)), sidecar=True) as made:
        assert [Path(path).suffix for path in made] == [".json", ".gz"]
        assert b"Secret" not in Path(made[0]).read_bytes()
        assert b"12345678" not in Path(made[0]).read_bytes()
    assert not Path(made[0]).exists()


def test_what_dcm2niix_cannot_convert_is_said_in_a_sentence(tmp_path: Path) -> None:
    pytest.importorskip("dcm2niix", reason="dcm2niix is not installed")
    (tmp_path / "text.dcm").write_text("no DICOM")
    with (
        pytest.raises(ConversionError, match="dcm2niix"),
        converted([str(tmp_path / "text.dcm")], sidecar=False),
    ):
        pass


def _real_stacks(corpus: Path) -> Iterator[list[str]]:
    by_series: dict[str, list[Any]] = {}
    for folder, _, names in os.walk(corpus):
        for name in names:
            try:
                header = read_header(os.path.join(folder, name))
            except DicomTuiError:
                continue
            if header is not None and header.has_pixels and header.series_instance_uid:
                by_series.setdefault(header.series_instance_uid, []).append(header)
    for headers in by_series.values():
        for stack in stacks(headers):
            if len(stack.headers) > 2:
                yield [header.path for header in stack.headers]


@pytest.mark.corpus
def test_real_series_give_the_volumes_of_dcm2niix(corpus: Path, tmp_path: Path) -> None:
    compared = 0
    for index, paths in enumerate(_real_stacks(corpus)):
        try:
            made = volume(paths)
        except (NotAVolume, DecodeError):
            continue
        ours = written(made, tmp_path / f"{index}.nii")
        for theirs in by_dcm2niix(paths):
            if theirs.shape != ours.shape:
                continue
            np.testing.assert_allclose(ours.affine, theirs.affine, atol=2e-3)
            np.testing.assert_allclose(ours.get_fdata(), theirs.get_fdata(), rtol=1e-4, atol=1e-3)
            compared += 1
    assert compared >= 3
