"""``dicomtui anonymize``: copies of instances that tell nobody who the patient is."""

import dataclasses
import os
from contextlib import closing
from functools import partial
from typing import TYPE_CHECKING

from dicomtui.cli import output
from dicomtui.cli.anonymizing import Run, key_text, report_outcome
from dicomtui.cli.arguments import whole_number
from dicomtui.cli.batch import Interruption, Tally
from dicomtui.cli.inputs import STANDARD_INPUT
from dicomtui.errors import UsageError
from dicomtui.text import safe_line

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterator

    from dicomtui.deidentify.options import DeidentifyOptions, Rectangle
    from dicomtui.outcomes import Step

EXAMPLES = """\
  dicomtui anonymize /data/study out                      nothing that identifies, no dates
  dicomtui anonymize study.zip out --preset research      dates shifted; age, sex, size kept
  dicomtui anonymize /data out --project trial-7 --mapping ../trial-7.csv
  dicomtui anonymize us.dcm out --blank 0,0,640,60        make a strip of all frames black
  dicomtui anonymize /data out --dry-run                  say what would happen, write nothing
  dicomtui anonymize --explain PatientName                what the standard says of an attribute

What is not done: pixels are not searched for text (no OCR), and faces are not removed: features in the
pixels stay, so that a head CT or MR can be rendered to a face. Instances whose pixels are known to show
text often (ultrasound, captures of screens, photographs, documents and the like) are held back.

Originals are never changed. OUT/report.json says what was done to each file; OUT/report.csv says it as a
table of files, and OUT/report-actions.csv as a table of the lists of actions that it refers to.

Exit codes: 0 every instance was written, 1 some failed or were held back (what is no DICOM in a folder does
not count), 2 the command line makes no sense, 130 or 143 interrupted; the same command with --resume then
goes on."""

_FLAGS = {
    "--retain-uids": "retain_uids",
    "--retain-device": "retain_device_identity",
    "--retain-institution": "retain_institution_identity",
    "--retain-patient-characteristics": "retain_patient_characteristics",
    "--retain-safe-private": "retain_safe_private",
    "--clean-descriptors": "clean_descriptors",
    "--clean-structured-content": "clean_structured_content",
    "--clean-graphics": "clean_graphics",
    "--allow-pixel-risk": "allow_pixel_risk",
}


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    from dicomtui.deidentify.options import OPTION_TEXTS, PRESET_TEXTS

    paths = parser.add_argument(
        "paths",
        nargs="*",
        metavar="IN... OUT",
        help="folders, files, zips, tars or DICOMDIRs to read, and behind them the new folder to write to",
    )
    paths.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    parser.add_argument(
        "--preset",
        choices=tuple(PRESET_TEXTS),
        default="basic",
        help="; ".join(f"{name}: {text}" for name, text in PRESET_TEXTS.items())
        + " (default: basic); the options below add to it",
    )
    for flag, name in _FLAGS.items():
        parser.add_argument(flag, action="store_true", dest=name, help=OPTION_TEXTS[name])
    parser.add_argument("--dates", choices=("removed", "shifted", "kept"), help=OPTION_TEXTS["dates"])
    parser.add_argument(
        "--blank",
        action="append",
        default=[],
        metavar="X0,Y0,X1,Y1",
        help=OPTION_TEXTS["blank"] + "; repeatable",
    )
    _add_key_arguments(parser)
    _add_run_arguments(parser)


def _add_key_arguments(parser: "ArgumentParser") -> None:
    key_file = parser.add_argument(
        "--key-file", metavar="F", help="the secret key (default: one of your own, made when first needed)"
    )
    key_file.complete = "file"  # type: ignore[attr-defined]
    parser.add_argument(
        "--project", metavar="NAME", help="other pseudonyms for each NAME, so that two sets cannot be joined"
    )
    parser.add_argument(
        "--forget", action="store_true", help="a key for this run alone: nobody can make the same again"
    )
    mapping = parser.add_argument(
        "--mapping", metavar="FILE", help="write which original has become what to a new CSV file outside OUT"
    )
    mapping.complete = "file"  # type: ignore[attr-defined]


def _add_run_arguments(parser: "ArgumentParser") -> None:
    parser.add_argument(
        "--dicomdir", action="store_true", help="write a DICOMDIR too (always done if IN has one)"
    )
    parser.add_argument("--resume", action="store_true", help="go on where an earlier run into OUT has ended")
    parser.add_argument(
        "--dry-run", action="store_true", help="read everything, write nothing, say what would be"
    )
    parser.add_argument(
        "--jobs", type=whole_number, metavar="N", help="processes to use (default: one a core)"
    )
    parser.add_argument("--json", action="store_true", help="at the end one object: summary and outcomes")
    parser.add_argument(
        "--explain", metavar="ATTRIBUTE", help="only say what becomes of an attribute: a keyword or a tag"
    )


def run(arguments: "Namespace") -> int:
    """De-identify, or explain."""
    if arguments.explain is not None:
        return _explain(arguments)
    if len(arguments.paths) < 2:
        raise UsageError("name what to read and the folder to write to: 'dicomtui anonymize IN... OUT'")
    *inputs, out = arguments.paths
    options = _options(arguments)
    _check(arguments, inputs, out)
    tally = Tally(keeps_outcomes=arguments.json, named=inputs)
    run = Run(out, inputs, arguments.dry_run, tally)
    with Interruption() as interruption:
        created = _work(arguments, options, run, interruption)
    return report_outcome(run, interruption, created=created, as_json=arguments.json)


def _work(arguments: "Namespace", options: "DeidentifyOptions", run: Run, interruption: Interruption) -> str:
    """Do it; return where a key file was made, if one was."""
    from dicomtui.pool import Pool
    from dicomtui.processes import prepare

    prepare("dicomtui.deidentify.file")  # or each worker takes half a second to import pydicom
    from dicomtui.archive.gathering import gather, holds_dicomdir
    from dicomtui.archive.recording import recorded
    from dicomtui.deidentify.batch import deidentify
    from dicomtui.deidentify.keys import load_key

    forget = arguments.forget or (arguments.dry_run and arguments.key_file is None)  # no trial makes a key
    key = load_key(arguments.key_file, arguments.project, forget)
    with Pool(arguments.jobs) as pool:
        steps: Iterator[Step] = deidentify(
            gather(run.inputs, interruption.asked),
            run.out,
            options,
            key,
            pool,
            inputs=run.inputs,
            resume=arguments.resume,
            dry_run=arguments.dry_run,
            dicomdir=arguments.dicomdir or holds_dicomdir(run.inputs),
            mapping=arguments.mapping,
            project=arguments.project is not None,
            stop=interruption.asked,
        )
        try:
            with closing(steps):  # type: ignore[type-var]
                run.tally.follow(steps if arguments.dry_run else recorded(steps, "de-identified"))
        except UsageError:
            if key.created:
                output.error(key_text(key.created))
            raise
    return key.created


def _explain(arguments: "Namespace") -> int:
    from dicomtui.archive.attribute_names import suggestion
    from dicomtui.deidentify.explanation import explain

    if arguments.paths:
        raise UsageError("--explain takes no files: 'dicomtui anonymize --explain PatientName'")
    lines = explain(arguments.explain)
    if len(lines) == 1:
        hint = suggestion(arguments.explain) or "; give a keyword or a tag: PatientName or 0010,0010"
        raise UsageError(f"--explain: no attribute is called {safe_line(arguments.explain, 80)!r}{hint}")
    for line in lines:
        output.line(line)
    return 0


def _options(arguments: "Namespace") -> "DeidentifyOptions":
    """Return the preset with what was asked for in addition."""
    from dicomtui.deidentify.options import PRESETS

    chosen = {name: True for name in _FLAGS.values() if getattr(arguments, name)}
    change = partial(dataclasses.replace, PRESETS[arguments.preset], **chosen)
    return change(
        dates=arguments.dates or PRESETS[arguments.preset].dates,
        blank=tuple(map(_rectangle, arguments.blank)),
    )


def _rectangle(text: str) -> "Rectangle":
    from dicomtui.deidentify.options import Rectangle

    numbers = [int(part) for part in text.split(",") if part.strip().isascii() and part.strip().isdigit()]
    if len(numbers) != 4 or text.count(",") != 3:
        raise UsageError(
            f"--blank {safe_line(text, 40)}: write four numbers of pixels: left,top,right,bottom"
        )
    rectangle = Rectangle(*numbers)
    if rectangle.left >= rectangle.right or rectangle.top >= rectangle.bottom:
        raise UsageError(f"--blank {safe_line(text, 40)}: is empty; right and bottom lie behind left and top")
    return rectangle


def _check(arguments: "Namespace", inputs: list[str], out: str) -> None:
    """Refuse what makes no sense before anything is read or made, a key file above all."""
    from dicomtui.archive.gathering import require
    from dicomtui.deidentify import mapping

    if STANDARD_INPUT in inputs and not os.path.lexists(STANDARD_INPUT):
        raise UsageError("standard input is not read by anonymize: save it to a file and name that")
    require(inputs)

    for option, name in (("--mapping", arguments.mapping), ("--key-file", arguments.key_file)):
        if name == STANDARD_INPUT:
            raise UsageError(f"{option} -: is no standard stream; name a file")
    if arguments.forget and (arguments.key_file is not None or arguments.project is not None):
        raise UsageError("--forget uses no key that is kept: leave out --key-file and --project")
    if arguments.forget and arguments.resume:
        raise UsageError("--forget cannot be resumed, since its key is gone: write into a new folder")
    if arguments.project is not None and not arguments.project.strip():
        raise UsageError("--project: give the project a name")
    _check_out(arguments, inputs, out)
    if arguments.mapping is not None and (reason := mapping.refusal(arguments.mapping, out, inputs)):
        raise UsageError(reason)


def _check_out(arguments: "Namespace", inputs: list[str], out: str) -> None:
    """Refuse what cannot be the folder that is written to, or was meant as a file."""
    from dicomtui.archive.members import CONTAINER_SUFFIXES
    from dicomtui.deidentify.output_folder import holds_run, refusal

    if out == STANDARD_INPUT:
        raise UsageError("anonymize writes files, not to standard output: name a folder")
    if out.lower().endswith((".dcm", ".dicom", *CONTAINER_SUFFIXES)) and not os.path.lexists(out):
        raise UsageError(
            f"{safe_line(out)}: is called like a file, but what is written is a folder; name one"
            f" (or write {safe_line(out)}/)"
        )
    if arguments.dry_run or not (reason := refusal(out, inputs, resume=arguments.resume)):
        return
    if not arguments.resume and holds_run(out) and not refusal(out, inputs, resume=True):
        raise UsageError(f"{safe_line(out)}: holds an earlier run; go on with --resume, or name a new folder")
    raise UsageError(reason)
