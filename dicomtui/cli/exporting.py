"""What the options of ``dicomtui export`` mean."""

import os
from typing import TYPE_CHECKING, Any

from dicomtui.cli.arguments import colour_map_from, process_from, window_from
from dicomtui.cli.inputs import STANDARD_INPUT
from dicomtui.errors import UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from argparse import Namespace

    from dicomtui.export.formats import Format
    from dicomtui.export.options import ExportOptions

STANDARD_OUTPUT = "-"
_MOST_FRAMES = 100_000


def options_of(arguments: "Namespace", inputs: list[str], out: str) -> "ExportOptions":
    """Return what is asked for.

    Raises
    ------
    UsageError
        If an option makes no sense, or would have no effect.
    """
    from dicomtui.export.options import ExportOptions
    from dicomtui.export.written_choices import columns_of, sheet_of, size_of

    format, suffix = _format(arguments.format, out)
    _refuse_without_effect(arguments, format)
    return ExportOptions(
        format=format.name,
        suffix=suffix,
        unit=arguments.per or _unit(arguments, format, inputs),
        stage=arguments.stage or ("stored" if format.name in ("npy", "npz") else "display"),
        frames=_frames(arguments.frames),
        window=_window(arguments.window),
        process=process_from(arguments.process),
        colour_map=colours.name if (colours := colour_map_from(arguments.colour_map)) else None,
        size=size_of(arguments.size or ""),
        annotations=arguments.annotations,
        sheet=sheet_of(arguments.sheet) if arguments.sheet else ExportOptions.sheet,
        template=arguments.template,
        with_metadata=arguments.with_metadata,
        columns=columns_of(arguments.columns or ""),
        transfer_syntax=_transfer_syntax(arguments.transfer_syntax),
        dicomdir=arguments.dicomdir,
        engine=arguments.engine,
        overwrite=arguments.overwrite,
        mode=0o666 & ~_umask() if arguments.umask else 0o600,
    )


def _format(name: str | None, out: str) -> "tuple[Format, str | None]":
    """Return the format, and the suffix of OUT if it is the name of a file."""
    from dicomtui.export.formats import FORMATS, format_of

    meant = None if os.path.isdir(out) or out.endswith(os.sep) else format_of(out)
    if name is None:
        if meant is None:
            raise UsageError(
                f"{safe_line(out)}: is a folder or has no known suffix; say what to write with --format, for"
                f" instance --format png (there are: {', '.join(FORMATS)})"
            )
        return meant
    if out == STANDARD_OUTPUT:
        raise UsageError("export writes files, not to standard output: name a file or a folder")
    if meant and meant[0].suffix != FORMATS[name].suffix:
        raise UsageError(
            f"{safe_line(out)}: ends like {meant[0].name}, but --format says {name}; change one of them"
        )
    return FORMATS[name], meant[1] if meant else None


def _unit(arguments: "Namespace", format: "Format", inputs: list[str]) -> Any:
    """Return 'all' for a table over many; None for what is usual."""
    if "all" not in format.units:
        return None
    one = len(inputs) == 1 and (inputs[0] == STANDARD_INPUT or os.path.isfile(inputs[0]))
    is_instance = (
        one and arguments.columns is None and not inputs[0].endswith((".zip", ".tar", ".gz", ".tgz"))
    )
    return None if is_instance and os.path.basename(inputs[0]).upper() != "DICOMDIR" else "all"


def _refuse_without_effect(arguments: "Namespace", format: "Format") -> None:
    """Refuse what would be ignored in silence."""
    shown = format.kind in ("picture", "movie", "numbers")
    allowed = {
        "--frames": (arguments.frames, shown),
        "--window": (arguments.window, shown and format.name != "nifti"),
        "--process": (arguments.process, shown and format.name != "nifti"),
        "--stage": (arguments.stage, format.name in ("png", "tiff", "npy", "npz")),
        "--sheet": (arguments.sheet, format.name == "sheet"),
        "--size": (arguments.size, format.kind in ("picture", "movie")),
        "--annotations": (arguments.annotations, format.kind in ("picture", "movie")),
        "--columns": (arguments.columns, "all" in format.units and format.name == "csv"),
        "--transfer-syntax": (arguments.transfer_syntax, format.name == "dicom"),
        "--dicomdir": (arguments.dicomdir, format.name == "dicom"),
    }
    for flag, (value, has_effect) in allowed.items():
        if value and not has_effect:
            raise UsageError(f"{flag} has no effect on {format.name}; leave it out")
    if arguments.dicomdir and arguments.template:
        raise UsageError("--template and --dicomdir exclude each other: a DICOMDIR needs names of its own")
    if arguments.per and arguments.per not in format.units:
        raise UsageError(f"--per {arguments.per}: a {format.name} holds {' or '.join(format.units)}")


def _frames(text: str | None) -> tuple[int, ...] | None:
    if text is None:
        return None
    numbers: list[int] = []
    for part in text.split(","):
        first, dash, last = (piece.strip() for piece in part.partition("-"))
        if not (first.isascii() and first.isdigit()) or (dash and not (last.isascii() and last.isdigit())):
            raise UsageError(f"--frames {safe_line(text, 40)}: write numbers from 1, for instance 1-20,25")
        start, end = int(first), int(last) if dash else int(first)
        if start < 1 or end < start:
            raise UsageError(f"--frames {safe_line(text, 40)}: write numbers from 1, for instance 1-20,25")
        if end - start + len(numbers) >= _MOST_FRAMES:
            raise UsageError(f"--frames {safe_line(text, 40)}: at most {_MOST_FRAMES:,} at a time")
        numbers += range(start, end + 1)
    return tuple(dict.fromkeys(numbers))


def _window(text: str | None) -> Any:
    return text if text in ("file", "full", "auto") else window_from(text) or "file"


def _transfer_syntax(name: str | None) -> str | None:
    if name is None:
        return None
    from dicomtui.imaging.encoders import encodable

    return encodable(name).uid


def _umask() -> int:
    umask = os.umask(0o077)
    os.umask(umask)
    return umask
