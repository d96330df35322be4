"""What is different between two instances, and what varies over 1,000, against loops with pydicom."""

import statistics
import sys
from itertools import pairwise
from pathlib import Path

import pydicom
import pytest
from pydicom.data import get_testdata_file

from dicomtui.dataset.comparison import compare
from dicomtui.dataset.reading import read_instance
from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import medians
from tests.benchmarks.spent import module, spent_by

INSTANCES = 1000
SECONDS = 3


@pytest.fixture
def series(tmp_path: Path) -> list[str]:
    """A series of CT instances with nearly 300 elements each, many of them private."""
    dataset = pydicom.dcmread(get_testdata_file("CT_small.dcm", download=False))
    paths = []
    for number in range(INSTANCES):
        dataset.SOPInstanceUID = dataset.file_meta.MediaStorageSOPInstanceUID = f"1.2.3.{number}"
        dataset.InstanceNumber, dataset.SliceLocation = number, number
        dataset.ImagePositionPatient = [0, 0, number]
        dataset.KVP = "80" if number == INSTANCES // 2 else "120"
        paths.append(str(tmp_path / f"IM{number:04}.dcm"))
        dataset.save_as(paths[-1])
    return paths


_PLAIN = """
import os, sys, pydicom
from collections import Counter

counts = {}

def count(dataset, around):
    for element in dataset:
        path = (*around, element.tag)
        if element.VR == "SQ":
            for item in element.value:
                count(item, path)
        else:
            counts.setdefault(path, Counter())[str(element.value)] += 1

for entry in os.scandir(sys.argv[1]):
    count(pydicom.dcmread(entry.path, stop_before_pixels=True), ())
for path, values in counts.items():
    if len(values) > 1:
        print(path, len(values), values.most_common(4))
"""


def test_what_varies_over_a_thousand_instances(series: list[str], report: Report) -> None:
    folder = str(Path(series[0]).parent)
    program = module("dicomtui.__main__:main")
    commands = (
        [*program, "varies", folder, "--no-index"],
        [sys.executable, "-c", _PLAIN, folder],
        [*program, "values", folder, "FilterType", "--no-index"],
    )
    rounds = [[spent_by(command) for command in commands] for _ in range(3)]
    cpu, wall = (
        [statistics.median(getattr(spent, what) for spent in column) for column in zip(*rounds, strict=True)]
        for what in ("cpu", "wall")
    )
    report("CPU, dicomtui varies of 1,000 instances / a loop with pydicom", cpu[0] / cpu[1])
    report("time, dicomtui varies of 1,000 instances / a loop with pydicom", wall[0] / wall[1])
    report("CPU, dicomtui varies / dicomtui values of one attribute", cpu[0] / cpu[2])
    report("time, dicomtui varies of 1,000 instances / three seconds", wall[0] / SECONDS)


def test_the_difference_between_two_instances(series: list[str], report: Report) -> None:
    pairs = list(pairwise(series[:101]))

    def ours() -> int:
        return sum(len(compare(read_instance(one), read_instance(other))) for one, other in pairs)

    def plain() -> int:
        found = 0
        for one, other in pairs:
            old, new = pydicom.dcmread(one), pydicom.dcmread(other)
            for mine, theirs in ((old, new), (old.file_meta, new.file_meta)):
                tags = (tag for tag in mine.keys() | theirs.keys() if tag.element)
                found += sum(mine.get(tag) != theirs.get(tag) for tag in tags)
        return found

    assert ours() == plain()
    mine, theirs = medians(ours, plain, rounds=5)
    report("two instances / a loop with pydicom", mine / theirs)
