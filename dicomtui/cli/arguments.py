"""Arguments that several subcommands take: the number of a frame, a window."""

import argparse
from typing import TYPE_CHECKING

from dicomtui.errors import UsageError

if TYPE_CHECKING:
    from dicomtui.imaging.colour_maps import ColourMap
    from dicomtui.imaging.processing import Chain
    from dicomtui.imaging.window import Window

_MOST_DIGITS = 9


def add_frame(parser: argparse.ArgumentParser) -> None:
    """Declare ``--frame``."""
    parser.add_argument("--frame", type=whole_number, default=1, metavar="N", help="the frame, from 1")


def whole_number(text: str) -> int:
    """Return a number from 1 on; anything else is a mistake on the command line."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS else 0
    if number < 1:
        raise argparse.ArgumentTypeError("must be a whole number from 1")
    return number


def window_from(text: str | None) -> "Window | None":
    """Return the window that is written as ``CENTER,WIDTH``.

    Raises
    ------
    UsageError
        If the text is something else.
    """
    from dicomtui.imaging.window import Window

    return None if text is None else Window.from_text(text)


def add_process(parser: "argparse._ActionsContainer") -> None:
    """Declare the option ``--process``."""
    parser.add_argument(
        "--process",
        metavar="STEPS",
        help="what is done to modality values before the window, as in 'clahe(clip=0.02) | gaussian(1.5)';"
        " there are clahe, equalize, gamma, gaussian, median, nlm, sharpen, edges, threshold, otsu,"
        " multi-otsu, segment and grow; or the name that such steps were saved under",
    )


def add_colour_map(parser: "argparse._ActionsContainer") -> None:
    """Declare the option ``--colour-map``."""
    parser.add_argument(
        "--colour-map",
        metavar="NAME",
        help="colours for pictures without: hot-iron, pet-rainbow, hot-metal, pet-20-steps, viridis,"
        " cool-warm",
    )


def colour_map_from(text: str | None) -> "ColourMap | None":
    """Return the colour map of a name.

    Raises
    ------
    UsageError
        If there is none of this name.
    """
    from dicomtui.imaging.colour_maps import colour_map

    return None if text is None else colour_map(text)


def process_from(text: str | None) -> "Chain | None":
    """Return the steps that the option gives.

    Raises
    ------
    UsageError
        If they make no sense.
    """
    if text is None:
        return None
    from dicomtui.imaging.saved_chains import chain_from

    chain = chain_from(text)
    for step in chain.steps:
        numbers = dict(zip((each.name for each in step.kind.parameters), step.numbers, strict=True))
        if numbers.get("low", 0) > numbers.get("high", numbers.get("low", 0)):
            raise UsageError(f"--process {step.kind.name}: low is above high, so that no value lies between")
    return chain
