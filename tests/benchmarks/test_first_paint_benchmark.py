"""What the browser costs until it is on the screen, against an empty Textual app."""

from pathlib import Path

from tests.benchmarks.conftest import Report
from tests.benchmarks.measuring import median_costs
from tests.benchmarks.programs import EMPTY, browser
from tests.builders import ct, write


def test_first_paint(tmp_path: Path, report: Report) -> None:
    write(ct(), tmp_path / "scan.dcm")
    ours = browser(tmp_path)
    empty, painted, picture = median_costs(
        (EMPTY, "Attributes"), (ours, "Attributes"), (ours, r"\d ms"), rounds=11
    )
    report("CPU to first paint / empty Textual app", painted.cpu / empty.cpu)
    report("time to first paint / empty Textual app", painted.wall / empty.wall)
    report("CPU to first picture / empty Textual app", picture.cpu / empty.cpu)
    report("time to first picture / empty Textual app", picture.wall / empty.wall)
