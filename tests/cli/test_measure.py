"""``dicomtui measure``."""

import json
from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from tests.builders import ramp
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


@pytest.mark.parametrize(
    "options",
    [
        (),
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
