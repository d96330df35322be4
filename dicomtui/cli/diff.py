"""``dicomtui diff``: what is different between two instances."""

import os
import sys
from typing import TYPE_CHECKING

from dicomtui.cli import inputs, output, terminal
from dicomtui.cli.inputs import STANDARD_INPUT, name_of
from dicomtui.errors import DecodeError, DicomTuiError, UsageError
from dicomtui.text import LINE_LIMIT, safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.dataset.comparable import Ignored
    from dicomtui.dataset.comparison import Difference
    from dicomtui.dataset.reading import Instance
    from dicomtui.imaging.pixel_difference import PixelDifference

EXAMPLES = """\
  dicomtui diff before.dcm after.dcm
  dicomtui diff a.dcm b.dcm --ignore uids,dates
  dicomtui diff original.dcm compressed.dcm --pixels
  dicomtui diff 'study.zip!/CT/1.dcm' 'study.zip!/CT/2.dcm' --json | jq '.differences[].path'
  curl -s URL | dicomtui diff local.dcm -"""

_ABOUT = """\
A line that begins with - is what the first FILE has, one with + what the second has instead. How values are
encoded makes no difference: byte order, lengths, character set, padding, the block of a private creator; the
Transfer Syntax is one line of its own. Items of sequences are compared with those that they belong to, even
where others were added or removed before them. Pixel data that is encoded otherwise is compared decoded.

Exit codes: 0 they are equal, 1 they differ, 2 they could not be compared."""
_EQUAL, _DIFFERENT, _FAILED = 0, 1, 2
_COLOURS = {"-": "red", "+": "green"}


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    parser.epilog = f"{_ABOUT}\n\n{parser.epilog}"
    inputs.add_argument(parser, "old")
    inputs.add_argument(parser, "new")
    add_ignore(parser)
    parser.add_argument(
        "--pixels",
        action="store_true",
        help="also how much the pixels differ, by frame: how many, largest and mean difference, PSNR;"
        " of modality values too where they are rescaled otherwise",
    )
    parser.add_argument(
        "--all",
        action="store_true",
        help="leave nothing out: group lengths and padding, long values whole, all that stands in added and"
        " removed items",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="an object: old, new, equal, differences (change, path, tag, name, VRs, values), pixels",
    )


def add_ignore(parser: "ArgumentParser") -> None:
    """Declare ``--ignore``, which is the same for all that compare."""
    parser.add_argument(
        "--ignore",
        metavar="WHAT",
        default="",
        help="what does not count, with commas between: uids (but those of the standard), private, pixels,"
        " dates (and times)",
    )


def run(arguments: "Namespace") -> int:
    """Print what is different; return 0 if nothing is, 1 if something is, 2 if that is not known: as diff."""
    from dicomtui.dataset.comparable import Ignored

    ignored = Ignored.from_text(arguments.ignore)._replace(padding=not arguments.all)
    if arguments.pixels and ignored.pixels:
        raise UsageError("--pixels and --ignore pixels contradict each other")
    if arguments.old == arguments.new == STANDARD_INPUT:
        raise UsageError("only one of the two can come from standard input")
    try:
        code = _compare(arguments, ignored)
        output.finish()
        return code
    except (UsageError, BrokenPipeError):
        raise
    except DicomTuiError as error:
        output.error(str(error))
    except OSError as error:  # the disk or the network failed while a file was read
        output.error((error.strerror or "cannot be read").lower())
    return _FAILED


def _compare(arguments: "Namespace", ignored: "Ignored") -> int:
    from dicomtui.dataset.comparison import compare

    old, new = inputs.read(arguments.old), inputs.read(arguments.new)
    differences = compare(old, new, ignored, _same_pixels)
    code = _DIFFERENT if differences else _EQUAL
    pixels: list[PixelDifference] = []
    if arguments.pixels:
        try:
            pixels = _pixels(old, new)
        except DecodeError as error:
            output.error(str(error))
            code = code or _FAILED
    if arguments.json:
        output.json_values([_as_json(arguments, differences, pixels)], array=False)
    else:
        _print(arguments, differences, pixels)
    return code


def _same_pixels(old: "Instance", new: "Instance") -> bool:
    from dicomtui.imaging.pixel_difference import same_pixels

    try:
        return same_pixels(old, new)
    except DecodeError as error:
        output.error(f"the pixel data is encoded otherwise, and so called different: {error}")
        return False


def _pixels(old: "Instance", new: "Instance") -> "list[PixelDifference]":
    from dicomtui.imaging.pixel_difference import pixel_differences

    if old.pixel_data is None and new.pixel_data is None:
        output.error("neither has pixel data")
        return []
    found = []
    for difference in pixel_differences(old, new):
        found.append(difference)
        output.progress(f"frame {difference.frame:,}" if difference.frame else "")
    return found


def _print(arguments: "Namespace", differences: "list[Difference]", pixels: "list[PixelDifference]") -> None:
    from dicomtui.cli.differences import lines_of, pixel_line

    write = _coloured if terminal.colours_wanted(os.environ) else output.line
    limit = sys.maxsize if arguments.all else LINE_LIMIT
    if differences:
        write(f"--- {name_of(arguments.old)}", limit)
        write(f"+++ {name_of(arguments.new)}", limit)
    for difference in differences:
        for line in lines_of(difference, whole=arguments.all):
            write(line, limit)
    several = any(figures.frame > 1 for figures in pixels)
    for figures in pixels:
        if not figures.frame or (several and figures.differing):
            output.line(pixel_line(figures))


def _coloured(text: str, limit: int) -> None:
    """Write a line in the colour of what it begins with."""
    from rich.segment import Segment
    from rich.style import Style

    output.picture([[Segment(safe_line(text, limit), Style(color=_COLOURS[text[0]]))]])


def _as_json(
    arguments: "Namespace", differences: "list[Difference]", pixels: "list[PixelDifference]"
) -> dict[str, object]:
    from dicomtui.cli.differences import difference_json, pixels_json

    model: dict[str, object] = {
        "old": name_of(arguments.old),
        "new": name_of(arguments.new),
        "equal": not differences,
        "differences": [difference_json(difference) for difference in differences],
    }
    if arguments.pixels:
        model["pixels"] = [pixels_json(figures) for figures in pixels]
    return model
