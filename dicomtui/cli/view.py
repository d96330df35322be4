"""``dicomtui view``: one frame as half blocks, or as plain text where colours have no place."""

import argparse
import os
from typing import TYPE_CHECKING

from dicomtui.cli import info, inputs, output, terminal
from dicomtui.cli.arguments import (
    add_colour_map,
    add_frame,
    add_process,
    colour_map_from,
    process_from,
    whole_number,
    window_from,
)
from dicomtui.cli.inputs import name_of, read
from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from rich.segment import Segment

    from dicomtui.cli.canvas import Canvas
    from dicomtui.dataset.reading import Instance
    from dicomtui.imaging.colour_maps import ColourMap
    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.window import Window
    from dicomtui.picture.depth import ColourDepth

EXAMPLES = """\
  dicomtui view scan.dcm
  dicomtui view scan.dcm --frame 5 --window 40,400
  dicomtui view scan.dcm --window -600,1500 --columns 120 > lung.txt
  dicomtui view scan.dcm --process 'clahe(clip=0.02) | gaussian(1.5)'
  dicomtui view scan.dcm --graphics sextant --colour-map viridis
  dicomtui view scan.dcm --color always | less -R"""

COLUMNS = 80
"""The width of a picture that goes to a file or a pipe."""
MODES = ("half", "quadrant", "sextant", "octant", "braille", "ascii", "sixel", "kitty", "iterm2")
_MOST_COLUMNS = 2000


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options of the subcommand."""
    inputs.add_argument(parser, "file")
    add_frame(parser)
    parser.add_argument(
        "--window",
        metavar="CENTER,WIDTH",
        help="Window Center and Window Width in the units of the picture (default: the file's own)",
    )
    add_process(parser)
    add_colour_map(parser)
    parser.add_argument(
        "--columns",
        type=whole_number,
        metavar="N",
        help=f"width of the picture (default: what fits the terminal, else {COLUMNS})",
    )
    parser.add_argument(
        "--color",
        choices=("auto", "always", "never"),
        default="auto",
        help="coloured half blocks, or plain text; auto: colours on a terminal, unless NO_COLOR is set",
    )
    parser.add_argument(
        "--graphics",
        metavar="MODE",
        choices=MODES,
        default="half",
        help="characters or protocol to draw with: " + ", ".join(MODES) + " (default: %(default)s)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Print the picture; an instance without pixels prints what it is and returns 1."""
    if (arguments.columns or 1) > _MOST_COLUMNS:
        raise UsageError(f"--columns {arguments.columns}: at most {_MOST_COLUMNS}")
    window, process = window_from(arguments.window), process_from(arguments.process)
    colours = colour_map_from(arguments.colour_map)
    instance = read(arguments.file)
    if instance.pixel_data is None:
        return _without_pixels(instance, arguments.file)
    from dicomtui.imaging.codec_process import expect

    expect(instance)
    rows = picture(
        instance,
        frame=arguments.frame,
        window=window,
        process=process,
        colours=colours,
        columns=arguments.columns,
        color=arguments.color,
        graphics=arguments.graphics,
        name=name_of(arguments.file),
    )
    output.picture(rows)
    return 0


def picture(
    instance: "Instance",
    *,
    frame: int = 1,
    window: "Window | None" = None,
    process: "Chain | None" = None,
    colours: "ColourMap | None" = None,
    columns: int | None = None,
    color: str = "auto",
    graphics: str = "half",
    name: str = "",
) -> "list[list[Segment]]":
    """Return the cells of a frame; what is odd about it is said on standard error.

    Raises
    ------
    UsageError
        If there is no such frame, or the terminal cannot show it so.
    DecodeError
        If it cannot be decoded.
    """
    from dicomtui.imaging.annotations import annotate
    from dicomtui.imaging.processing import processed
    from dicomtui.imaging.rendering import Rendering, default_window, display
    from dicomtui.imaging.viewport import Viewport, resample

    canvas = _canvas(graphics, _depth(color))
    rendering = Rendering(instance)
    if frame > rendering.frames:
        frames = f"{rendering.frames} frame{'' if rendering.frames == 1 else 's'}"
        raise UsageError(f"--frame {frame}: {name} has {frames}")
    shown = processed(rendering.frame(frame), process)
    asked = {"--window": window, "--colour-map": colours} if shown.is_colour else {}
    ignored = tuple(f"{option} has no effect on colours" for option, value in asked.items() if value)
    for note in shown.notes + ignored:
        output.error(f"{name}: warning: {note}")
    aspect = shown.aspect / canvas.aspect
    width, height = canvas.area(shown.values.shape, aspect, _columns(columns), _lines(columns))
    part, region = resample(
        shown.values, Viewport(), aspect, width, height, exact=True, padding=shown.padding
    )
    voi = window or default_window(shown, rendering.modality)[0]
    values = display(part, voi, inverse=shown.inverse)
    if colours is not None and not shown.is_colour:
        values = colours.apply(values)
    picture = annotate(values, region, shown)
    return canvas.rows(picture)


def _without_pixels(instance: "Instance", argument: str) -> int:
    from dicomtui.dataset.metadata import card

    for row in info.rows(card(instance)):
        output.line(row)
    output.error(f"{name_of(argument)}: has no pixel data, so there is no picture")
    return 1


def _columns(columns: int | None) -> int:
    """Return the columns that a picture may take."""
    return columns or (terminal.size()[0] if terminal.is_terminal() else COLUMNS)


def _lines(columns: int | None) -> int | None:
    """Return the lines of a terminal that a picture is fitted to; one is left for the prompt."""
    return terminal.size()[1] - 1 if columns is None and terminal.is_terminal() else None


def _canvas(graphics: str, depth: "ColourDepth") -> "Canvas":
    """Return what draws in the mode that was asked for."""
    from dicomtui.cli.canvas import CellCanvas, GraphicsCanvas
    from dicomtui.picture.modes import Mode

    mode = Mode(graphics)
    if not mode.is_graphics:
        return CellCanvas(mode, depth)
    return GraphicsCanvas(mode)


def _depth(color: str) -> "ColourDepth":
    from dicomtui.picture.cells import UPPER_HALF
    from dicomtui.picture.depth import ColourDepth, colour_depth

    coloured = color == "always" or (color == "auto" and terminal.colours_wanted(os.environ))
    if not coloured or not output.can_show(UPPER_HALF):
        return ColourDepth.NONE
    depth = colour_depth(os.environ)
    if depth is ColourDepth.NONE and color == "always":
        return ColourDepth.PALETTE  # asked for, so whatever shows it in the end has colours
    return depth
