"""``dicomtui measure``."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset, dcmread
from pydicom.data import get_testdata_file

from tests.builders import ct, ramp, write
from tests.cli.conftest import Run

CT = Path(str(get_testdata_file("CT_small.dcm")))
COLOUR = Path(str(get_testdata_file("examples_ybr_color.dcm")))


def test_a_region_has_the_statistics_of_modality_values(run: Run, scan: Path) -> None:
    result = run("measure", scan, "--rectangle", "3,4,10,20", "--json")
    (found,) = json.loads(result.out)
    inside = ramp()[4:21, 3:11]
    assert found["mean"] == pytest.approx(inside.mean())
    assert found["deviation"] == pytest.approx(inside.std())
    assert found["unit"] == "HU"
    assert (found["frame"], found["kind"], found["pixels"]) == (1, "rectangle", inside.size)


def test_all_that_is_asked_for_is_told_in_lines(run: Run) -> None:
    result = run(
        "measure",
        CT,
        "--point",
        "64,64",
        "--distance",
        "0,0,3,4",
        "--angle",
        "1,0,0,0,0,1",
        "--ellipse",
        "9,9,3,3",
    )
    assert (result.code, result.err) == (0, "")
    point, distance, angle, ellipse = result.out.splitlines()
    assert "stored 1928  904 HU  patient " in point
    assert distance.endswith("mm  (PixelSpacing)")
    assert "90.00°" in angle
    assert "mean" in ellipse


def test_every_frame_is_measured_if_that_is_asked_for(run: Run) -> None:
    dose = Path(str(get_testdata_file("rtdose.dcm")))
    found = json.loads(run("measure", dose, "--ellipse", "4,4,2,2", "--all-frames", "--json").out)
    assert [each["frame"] for each in found] == list(range(1, 16))
    assert len({each["mean"] for each in found}) > 1


def test_colours_have_values_at_a_point_but_no_statistics(run: Run) -> None:
    assert "red, green, blue" in run("measure", COLOUR, "--point", "5,5").out
    result = run("measure", COLOUR, "--ellipse", "9,9,3,3")
    assert (result.code, len(result.errors)) == (2, 1)


def test_processing_comes_before_measuring(run: Run) -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")
    options = ("--rectangle", "20,20,90,90", "--json")
    plain = json.loads(run("measure", CT, *options).out)[0]
    smooth = json.loads(run("measure", CT, *options, "--process", "gaussian(3)").out)[0]
    assert smooth["deviation"] < plain["deviation"]
    assert np.isclose(smooth["mean"], plain["mean"], rtol=0.1)


def two_blocks(folder: Path) -> Path:
    """Write a picture of 0 with a block of 100 and a larger one of 200 and 220 in it."""
    values = np.zeros((40, 50), np.int16)
    values[5:9, 10:15] = 100
    values[20:30, 30:36] = 200
    values[20:30, 36:40] = 220
    return write(ct(values, PixelSpacing=[2, 0.5]), folder / "blocks.dcm")


def test_regions_are_found_by_value_the_largest_first(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")
    options = ("--segment", "50,3000,10", "--json")
    large, small = json.loads(run("measure", two_blocks(tmp_path), *options).out)
    assert (large["kind"], large["number"], large["pixels"]) == ("segment", 1, 100)
    assert large["mean"] == pytest.approx(208)
    assert large["deviation"] == pytest.approx(np.std([200] * 60 + [220] * 40))
    assert (large["area"], large["length_unit"], large["unit"]) == (100.0, "mm", "HU")
    assert (small["x"], small["y"]) == pytest.approx((12, 6.5))
    assert (small["pixels"], small["mean"], small["deviation"]) == (20, 100, 0)


def test_the_smallest_regions_are_left_out_and_a_point_grows(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")
    blocks = two_blocks(tmp_path)
    assert len(json.loads(run("measure", blocks, "--segment", "50,3000,21", "--json").out)) == 1
    (grown,) = json.loads(run("measure", blocks, "--grow", "31,21,15", "--json").out)
    assert (grown["kind"], grown["pixels"], grown["mean"]) == ("grow", 60, 200)
    assert run("measure", blocks, "--segment", "5000").out == "no region\n"
    assert json.loads(run("measure", blocks, "--segment", "5000", "--json").out) == []


def test_steps_find_regions_but_what_was_there_before_is_measured(run: Run, tmp_path: Path) -> None:
    filters = pytest.importorskip(
        "skimage.filters", reason="scikit-image (extra processing) is not installed"
    )
    options = ("--process", "gaussian(1)", "--segment", "120", "--json")
    path = two_blocks(tmp_path)
    (found,) = json.loads(run("measure", path, *options).out)
    values = dcmread(path).pixel_array.astype(np.float32) - 1024
    inside = values[filters.gaussian(values, 1, preserve_range=True) >= 120]  # of the larger block alone
    assert found["pixels"] == inside.size != 100
    assert (found["mean"], found["deviation"]) == pytest.approx((inside.mean(), inside.std()))


def test_the_dose_of_a_region_is_in_the_unit_of_the_dose(run: Run) -> None:
    path = Path(str(get_testdata_file("rtdose.dcm")))
    options = ("--rectangle", "1,2,6,5", "--profile", "0,0,3,0", "--frame", "3")
    profile, region = json.loads(run("measure", path, *options, "--json").out)
    dataset = dcmread(path)
    dose = dataset.pixel_array[2] * float(dataset.DoseGridScaling)
    inside = dose[2:6, 1:7]
    (found,) = region["real_world"]
    assert found["mean"] == pytest.approx(inside.mean())
    assert found["deviation"] == pytest.approx(inside.std())
    assert (found["least"], found["largest"]) == pytest.approx((inside.min(), inside.max()))
    assert found["median"] == pytest.approx(np.median(inside))
    assert profile["real_world"][0]["values"] == pytest.approx(list(dose[0, :4]))
    rows = list(csv.DictReader(io.StringIO(run("measure", path, *options, "--csv").out)))
    assert float(rows[1]["real_world_mean"]) == pytest.approx(inside.mean())


def pet(folder: Path, **changes: object) -> Path:
    """Write a PET image of 5,000 Bq/ml, an hour after the injection of 370 MBq of F-18 into 80 kg."""
    drug = Dataset()
    drug.RadionuclideTotalDose, drug.RadionuclideHalfLife = 370e6, 6586.2
    drug.RadiopharmaceuticalStartTime = "0930"
    attributes = {
        "Modality": "PT",
        "SOPClassUID": "1.2.840.10008.5.1.4.1.1.128",
        "Units": "BQML",
        "CorrectedImage": ["ATTN", "DECY"],
        "DecayCorrection": "START",
        "PatientWeight": 80,
        "SeriesDate": "20240115",
        "SeriesTime": "103000",
        "RescaleIntercept": 0,
        "RescaleSlope": 5,
        "RadiopharmaceuticalInformationSequence": [drug],
        **changes,
    }
    stored_1000 = np.full((16, 16), 1000 - 1024, np.int16)
    return write(ct(stored_1000, **attributes), folder / "pet.dcm")


def test_pet_has_uptake_values_by_weight_and_says_how(run: Run, tmp_path: Path) -> None:
    options = ("--point", "3,3", "--ellipse", "8,8,3,3", "--json")
    point, region = json.loads(run("measure", pet(tmp_path), *options).out)
    expected = 5000 * 80_000 / (370e6 * 0.5 ** (3600 / 6586.2))
    assert (point["value"], point["unit"]) == (5000, "Bq/ml")
    assert point["suvbw"] == pytest.approx(expected)
    assert region["suvbw_mean"] == pytest.approx(expected)
    assert "60 min" in region["suvbw_by"]


def test_pet_without_them_says_why(run: Run, tmp_path: Path) -> None:
    result = run("measure", pet(tmp_path, PatientWeight=None), "--point", "3,3")
    assert "no SUVbw: Patient's Weight (0010,1030) is absent" in result.out


def test_what_is_no_uptake_any_more_has_no_uptake_value(run: Run, tmp_path: Path) -> None:
    pytest.importorskip("skimage", reason="scikit-image (extra processing) is not installed")
    options = ("--point", "3,3", "--process", "threshold(0)", "--json")
    (point,) = json.loads(run("measure", pet(tmp_path), *options).out)
    assert point["value"] == 1
    assert not any(name.startswith("suvbw") for name in point)


def test_a_table_has_the_statistics_in_columns_and_no_formula(run: Run, tmp_path: Path) -> None:
    blocks = two_blocks(tmp_path).rename(tmp_path / "=1+1.dcm")
    result = run("measure", blocks, "--rectangle", "30,20,39,29", "--distance", "0,0,6,2", "--csv")
    distance, region = csv.DictReader(io.StringIO(result.out))
    assert float(region["mean"]) == pytest.approx(208)
    assert float(distance["length"]) == 5
    assert not distance["path"].startswith("=")
    assert region["places"] == "30 20 39 29"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--segment", ""),
        ("--segment", "x"),
        ("--segment", "1) | gaussian(1"),
        ("--segment", "1,2,3,4"),
        ("--segment", "1e99"),
        ("--grow", "1,1,-1"),
        ("--grow", "~"),
        ("--point", "1"),
        ("--point", "x,y"),
        ("--point", "nan,1"),
        ("--point", "500,1"),
        ("--ellipse", "1,1,0,1"),
        ("--polygon", "1,1,2,2"),
        ("--polygon", "1,1,2,2,3"),
        ("--rectangle", "500,500,600,600"),
        ("--angle", "1,1,1,1,2,2"),
        ("--distance", "1,1,2,inf"),
        ("--point", "1,1", "--frame", "2"),
    ],
)
def test_what_makes_no_sense_is_one_line(run: Run, options: tuple[str, ...]) -> None:
    for form in ((), ("--json",)):
        result = run("measure", CT, *options, *form)
        assert (result.code, result.out, len(result.errors)) == (2, "", 1)
