"""``dicomtui measure``: values at points, distances, angles and regions of frames, as lines or JSON."""

from typing import TYPE_CHECKING, Any

from dicomtui.cli import inputs, output
from dicomtui.cli.arguments import add_process, process_from, whole_number
from dicomtui.cli.inputs import name_of, read
from dicomtui.errors import UsageError
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from dicomtui.imaging.processing import Chain

EXAMPLES = """\
  dicomtui measure ct.dcm --ellipse 256,256,20,20
  dicomtui measure ct.dcm --rectangle 10,10,50,40 --distance 0,0,511,511 --json
  dicomtui measure us.dcm --polygon '10,10;60,12;40,80' --all-frames --json
  dicomtui measure pet.dcm --point 64,64
  dicomtui measure ct.dcm --process 'gaussian(1)' --segment 150,3000,50 --csv
  dicomtui measure mr.dcm --grow 120,96,40

Places are columns and rows; 0,0 is the middle of the first pixel. A region holds the pixels whose middle lies
in it or on its edge. Lengths are millimetres where the file says how large its pixels are, else pixels. What
--process does is measured too; --segment and --grow find regions in it, and measure what was there before."""

_KINDS = {
    "point": (2, "X,Y", "stored and modality value, standardized uptake value, place in the patient"),
    "distance": (4, "X0,Y0,X1,Y1", "between two places"),
    "angle": (6, "X0,Y0,X1,Y1,X2,Y2", "at the second of three places"),
    "profile": (4, "X0,Y0,X1,Y1", "the values along a line, a pixel apart"),
    "rectangle": (4, "X0,Y0,X1,Y1", "mean, standard deviation, least, largest, median, area, perimeter"),
    "ellipse": (4, "X,Y,RX,RY", "the same, around a middle"),
    "polygon": (0, "X,Y,X,Y,X,Y", "the same, between three corners or more"),
}
_FINDERS = {
    "segment": ("LOW,HIGH,SMALLEST", "the connected regions with values from LOW to HIGH"),
    "grow": (
        "X,Y,TOLERANCE",
        "the region around a place whose values differ by up to TOLERANCE from its own",
    ),
}
_LARGEST = 1e6

Wanted = tuple[str, tuple[Any, ...]]
"""A method of FrameMeasurer and what it is given."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    inputs.add_argument(parser, "file")
    for name, (_, metavar, text) in _KINDS.items():
        parser.add_argument(
            f"--{name}", action="append", default=[], metavar=metavar, help=f"{text}; repeatable"
        )
    for name, (metavar, text) in _FINDERS.items():
        parser.add_argument(
            f"--{name}",
            action="append",
            default=[],
            metavar=metavar,
            help=f"{text}: area, mean, standard deviation; repeatable",
        )
    frames = parser.add_mutually_exclusive_group()
    frames.add_argument("--frame", type=whole_number, default=1, metavar="N", help="which frame (default: 1)")
    frames.add_argument("--all-frames", action="store_true", help="every frame")
    add_process(parser)
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="an array with an object for each measurement")
    forms.add_argument("--csv", action="store_true", help="a table with a row for each measurement")


def run(arguments: "Namespace") -> int:
    """Print the measurements."""
    wanted = [each for kind in _KINDS for text in getattr(arguments, kind) for each in [_wanted(kind, text)]]
    finders = [_finder(kind, text) for kind in _FINDERS for text in getattr(arguments, kind)]
    if not (wanted or finders):
        raise UsageError("what is to be measured? Name a --point, a --distance, an --angle or a region")
    found = _measured(arguments, wanted, finders)
    if arguments.json:
        output.json_values(list(found), array=True)  # nothing of it if the last one makes no sense
        return 0
    if arguments.csv:
        from dicomtui.imaging.measured_text import csv_of

        rows = [(name_of(arguments.file), result.pop("frame"), result) for result in found]
        for line in csv_of(rows).splitlines():
            output.line(line)
        return 0
    from dicomtui.imaging.measured_text import line_of

    is_empty = True
    for result in found:
        is_empty = False
        output.line(f"frame {result['frame']}  {line_of(result)}")
    if is_empty:
        output.line("no region")
    return 0


def _measured(
    arguments: "Namespace", wanted: list[Wanted], finders: "list[Chain]"
) -> "Iterator[dict[str, Any]]":
    process = process_from(arguments.process)
    instance = read(arguments.file)

    from dicomtui.imaging.measuring import FrameMeasurer
    from dicomtui.imaging.processing import Chain, processed
    from dicomtui.imaging.rendering import Rendering

    rendering = Rendering(instance)
    count = rendering.frames
    if arguments.frame > count:
        raise UsageError(
            f"--frame {arguments.frame}: {name_of(arguments.file)} has {count_text(count, 'frame')}"
        )
    for number in range(1, count + 1) if arguments.all_frames else [arguments.frame]:
        original = rendering.frame(number)
        frame = FrameMeasurer(processed(original, process))
        for method, places in wanted:
            yield {"frame": number, **getattr(frame, method)(*places)}
        for finder in finders:
            chain = Chain((*(process.steps if process else ()), *finder.steps))
            for found in FrameMeasurer(original).found_regions(chain):
                yield {"frame": number, **found}


def _wanted(kind: str, text: str) -> Wanted:
    from dicomtui.imaging.regions import Ellipse, Rectangle, polygon

    numbers = _numbers(kind, text)
    places = list(zip(numbers[::2], numbers[1::2], strict=True))
    if kind == "rectangle":
        (a, b), (c, d) = places
        return "region", (Rectangle(min(a, c), min(b, d), max(a, c), max(b, d)),)
    if kind == "ellipse":
        if min(numbers[2:]) <= 0:
            raise UsageError(f"--ellipse {safe_line(text, 60)}: radii are above 0")
        return "region", (Ellipse(numbers[0], numbers[1], numbers[2], numbers[3]),)
    if kind == "polygon":
        return "region", (polygon(places),)
    return kind, tuple(places)


def _finder(kind: str, text: str) -> "Chain":
    """Return the step that finds regions, with the numbers that are given; the others are as it has them."""
    from dicomtui.imaging.processing import Chain

    form, _ = _FINDERS[kind]
    if not text.strip() or set(text) & set("()|"):
        raise UsageError(f"--{kind} {safe_line(text, 60)}: write {form}")
    return Chain.parse(f"{kind}({text})")


def _numbers(kind: str, text: str) -> list[float]:
    count, form, _ = _KINDS[kind]
    try:
        numbers = [float(part) for part in text.replace(";", ",").split(",")]
    except ValueError:
        numbers = []
    is_right = len(numbers) == count if count else len(numbers) >= 6 and len(numbers) % 2 == 0
    if not is_right or not all(abs(number) <= _LARGEST for number in numbers):
        raise UsageError(f"--{kind} {safe_line(text, 60)}: write {form}")
    return numbers
