"""``dicomtui export``: frames, series and attributes as files of other kinds; sorted or transcoded copies."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.cli.arguments import add_colour_map, add_process, whole_number
from dicomtui.cli.batch import Interruption, Tally, naming_overwrite
from dicomtui.cli.exporting import options_of
from dicomtui.cli.inputs import STANDARD_INPUT, save_standard_input
from dicomtui.errors import UsageError
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace

    from dicomtui.export.options import ExportOptions
    from dicomtui.outcomes import Step

EXAMPLES = """\
  dicomtui export scan.dcm scan.png                         the picture as it is shown
  dicomtui export /data/study out --format png --window -600,1500 --jobs 4
  dicomtui export scan.dcm hu.npy --stage modality          the numbers behind it
  dicomtui export us.dcm us.gif                             a movie with the right timing
  dicomtui export /data/ct out --format nifti               a volume for each series
  dicomtui export /data table.csv --columns PatientID,KVP   a row for each instance
  dicomtui export disc.zip out --format dicom --dicomdir --transfer-syntax jpeg-ls
  dicomtui export /data out --format jpeg --size 512 --template '{PatientID}/{InstanceNumber:04}'

Exit codes: 0 everything was written, 1 something failed or there was nothing to write, 2 the command line
makes no sense, 130 or 143 interrupted."""


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    from dicomtui.export.formats import FORMATS

    summaries = "; ".join(f"{format.name}: {format.summary}" for format in FORMATS.values())
    paths = parser.add_argument(
        "paths",
        nargs="+",
        metavar="IN... OUT",
        help="folders, files, zips, tars, DICOMDIRs, and behind them a folder to write to, or one file whose"
        " suffix names the format",
    )
    paths.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    parser.add_argument("--format", choices=tuple(FORMATS), metavar="FORMAT", help=f"one of: {summaries}")
    parser.add_argument(
        "--per",
        choices=("frame", "instance", "series", "all"),
        help="what one file holds (default: what is usual for the format)",
    )
    parser.add_argument("--overwrite", action="store_true", help="replace files that exist")
    parser.add_argument(
        "--template",
        help="names of files: text, keywords in braces, {Path} (of the source), {File} and {Frame};"
        " {InstanceNumber:04} fills up with zeros",
    )
    parser.add_argument(
        "--umask", action="store_true", help="let others read the files as the umask says (default: only you)"
    )
    parser.add_argument(
        "--jobs", type=whole_number, metavar="N", help="processes to use (default: one a core)"
    )
    parser.add_argument("--json", action="store_true", help="at the end one object: summary and outcomes")
    _add_picture_arguments(parser)
    _add_other_arguments(parser)


def _add_picture_arguments(parser: "ArgumentParser") -> None:
    group = parser.add_argument_group("pictures, movies and numbers")
    group.add_argument(
        "--stage",
        choices=("display", "modality", "stored"),
        help="stored: as in the file, without colour conversion; modality: after the Modality LUT, for"
        " instance HU; display: after the window, or RGB (default: stored for npy and npz, else display)",
    )
    group.add_argument("--frames", "--frame", metavar="1-20,25", help="only these frames, from 1")
    group.add_argument(
        "--window",
        metavar="CENTER,WIDTH",
        help="Window Center and Width; or 'file' (default: what the browser shows first), 'full', 'auto'",
    )
    add_process(group)
    add_colour_map(group)
    group.add_argument("--size", metavar="PIXELS", help="of the longer side")
    group.add_argument(
        "--annotations", action="store_true", help="draw overlay planes, which may show a patient's name"
    )
    group.add_argument(
        "--with-metadata", action="store_true", help="write attributes into the files, names among them"
    )
    group.add_argument("--sheet", metavar="ACROSSxDOWN", help="pictures on contact sheets (default: 4x5)")


def _add_other_arguments(parser: "ArgumentParser") -> None:
    group = parser.add_argument_group("tables, volumes and copies")
    group.add_argument("--columns", metavar="NAMES", help="attributes of a table, with commas between")
    group.add_argument(
        "--engine",
        choices=("own", "dcm2niix"),
        default="own",
        help="what makes NIfTI: dcm2niix takes uneven spacing, gantry tilt, 4D series and mosaics too",
    )
    group.add_argument(
        "--transfer-syntax",
        metavar="NAME",
        help="of copies, always without loss: explicit, implicit, deflated, rle, jpeg-ls, jpeg-2000, htj2k"
        " or a UID (default: unchanged, byte for byte)",
    )
    group.add_argument("--dicomdir", action="store_true", help="write copies with a DICOMDIR")


def run(arguments: "Namespace") -> int:
    """Export, and say in a few lines what was written."""
    if len(arguments.paths) < 2:
        raise UsageError("name what to read and where to write: 'dicomtui export IN... OUT'")
    *inputs, out = arguments.paths
    options = options_of(arguments, inputs, out)
    _check(options, inputs, out)
    tally = Tally(keeps_outcomes=arguments.json, named=inputs)
    with Interruption() as interruption, _saved(inputs, out) as paths:
        _work(arguments, options, paths, out, tally, interruption)
    return _report(arguments, out, tally, interruption, options=options)


def _check(options: "ExportOptions", inputs: list[str], out: str) -> None:
    """Refuse what is not there, and copies where they would be taken for originals by the next run."""
    from dicomtui.archive.gathering import require

    require(path for path in inputs if path != STANDARD_INPUT)
    if options.format != "dicom":
        return
    from dicomtui.archive.read_places import clash

    is_file = options.suffix is not None and out.endswith(options.suffix)
    folder = os.path.dirname(out) or os.curdir if is_file else out
    for path in inputs:
        if path != STANDARD_INPUT and (reason := clash(folder, path)):
            raise UsageError(f"{safe_line(folder)}: {reason}")


def _work(
    arguments: "Namespace",
    options: "ExportOptions",
    inputs: list[str],
    out: str,
    tally: Tally,
    interruption: Interruption,
) -> None:
    from dicomtui.archive.gathering import gather
    from dicomtui.archive.recording import recorded
    from dicomtui.export.batch import export
    from dicomtui.pool import Pool

    with Pool(arguments.jobs) as pool:
        sources = gather(inputs, interruption.asked)
        steps: Iterator[Step] = export(sources, out, options, pool, inputs=inputs, stop=interruption.asked)
        with closing(steps):  # type: ignore[type-var]
            tally.follow(recorded(steps, "exported"))


def _report(
    arguments: "Namespace", out: str, tally: Tally, interruption: Interruption, *, options: "ExportOptions"
) -> int:
    tally.failed = [(source, naming_overwrite(reason)) for source, reason in tally.failed]
    tally.name_failures()
    if not (tally.written or tally.failures or tally.lost or interruption.signal):
        reasons = ", ".join(safe_line(reason) for reason, _ in tally.skipped.most_common(3))
        output.error(f"there is nothing to write{reasons and f': {reasons}'}")
    if arguments.json:
        summary = {
            "out": out,
            "written": tally.written,
            "skipped": dict(tally.skipped.most_common()),
            "failed": tally.failures,
            "notes": dict(tally.notes.most_common()),
            "interrupted": bool(interruption.signal),
            "problem": tally.lost or None,
        }
        output.json_values([{"summary": summary, "outcomes": tally.outcomes_as_json()}], array=False)
    else:
        if options.format == "nifti" and tally.failures and options.engine == "own":
            output.error("what is no even stack of planes may be taken with --engine dcm2niix")
        what = "row" if options.unit == "all" else "file"
        output.aside(f"{count_text(tally.written, what)} written to {safe_line(out)}")
        for reason, count in tally.skipped.most_common():
            output.aside(f"{count_text(count, 'file')} left out: {safe_line(reason)}")
        for note, count in tally.notes.most_common():
            output.aside(f"{count_text(count, 'file')}: {safe_line(note)}")
        if interruption.signal:
            output.aside("Interrupted: not everything was written.")
    if interruption.signal:
        return 128 + interruption.signal
    return 1 if tally.failures or tally.lost or not tally.written else 0


@contextmanager
def _saved(inputs: list[str], out: str) -> Iterator[list[str]]:
    """Save what comes from standard input where the output goes, as long as it is needed."""
    if STANDARD_INPUT not in inputs:
        yield inputs
        return
    folder = out if os.path.isdir(out) else os.path.dirname(os.path.abspath(out))
    with tempfile.TemporaryDirectory(prefix=".", suffix=".part", dir=folder) as private:
        path = save_standard_input(os.path.join(private, "stdin"))
        yield [path if name == STANDARD_INPUT else name for name in inputs]
