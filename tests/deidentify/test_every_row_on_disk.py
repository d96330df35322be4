"""Every row of Table E.1-1 in whole files, in every kind of encoding: the disk is looked through."""

import os
import zlib
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple, cast

import pydicom
import pytest
from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset

from dicomtui.archive.gathering import gather
from dicomtui.deidentify.batch import deidentify
from dicomtui.deidentify.file import deidentify_file
from dicomtui.deidentify.keys import Key
from dicomtui.deidentify.options import DeidentifyOptions
from dicomtui.deidentify.tasks import Job, Task
from dicomtui.outcomes import Written
from dicomtui.pool import Pool
from tests.deidentify.encoded import LONG, SOP_CLASS, STUDY, even
from tests.deidentify.encoded import explicit as explicit_little
from tests.deidentify.every_row import REMOVED_GROUPS, Made, made_rows
from tests.deidentify.verdicts import COLUMNS, expected, tokens_in, verdict

PROTOCOL_CONTEXT, MODIFIER = 0x00400440, 0x00400441  # sequences that the table does not have
STRUCTURE, PHILIPS, STACK = 0x00082229, 0x20010010, 0x2001105F
CREATOR = "Philips Imaging DD 001"
PIXELS = b"\1\2\3\4\5\6\7\x08"
FRAGMENTS = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x08\0\0\0" + PIXELS + b"\xfe\xff\xdd\xe0\0\0\0\0"


class Syntax(NamedTuple):
    """A Transfer Syntax, and how it writes elements."""

    uid: str
    implicit: bool = False
    little: bool = True
    encapsulated: bool = False

    @property
    def deflated(self) -> bool:
        return self.uid.endswith(".99")

    def number(self, value: int, size: int) -> bytes:
        return value.to_bytes(size, "little" if self.little else "big")

    def element(self, tag: int, vr: str, value: bytes | str) -> bytes:
        value = even(value.encode("utf-8") if isinstance(value, str) else value, vr)
        head = self.number(tag >> 16, 2) + self.number(tag & 0xFFFF, 2)
        if self.implicit:
            return head + self.number(len(value), 4) + value
        if vr in LONG:
            return head + vr.encode() + b"\0\0" + self.number(len(value), 4) + value
        return head + vr.encode() + self.number(len(value), 2) + value

    def item(self, *elements: bytes) -> bytes:
        content = b"".join(elements)
        return self.number(0xFFFE, 2) + self.number(0xE000, 2) + self.number(len(content), 4) + content

    def row(self, row: Made) -> bytes:
        if row.vr == "SQ":
            return self.element(row.tag, "SQ", self.item(self.element(0x00081155, "UI", row.token)))
        return self.element(row.tag, row.vr, row.value)

    def rows(self, rows: Iterable[Made]) -> bytes:
        return b"".join(map(self.row, sorted(rows, key=lambda row: row.tag)))

    def pixels(self) -> bytes:
        if not self.encapsulated:
            return self.element(0x7FE00010, "OW", PIXELS)
        return self.element(0x7FE00010, "OB", b"")[:8] + b"\xff\xff\xff\xff" + FRAGMENTS

    def file(self, instance_uid: str, elements: dict[int, bytes]) -> bytes:
        meta = b"".join(
            explicit_little(tag, "UI", uid)
            for tag, uid in ((0x00020002, SOP_CLASS), (0x00020003, instance_uid), (0x00020010, self.uid))
        )
        meta += explicit_little(0x00020016, "AE", "PREAMBLEAE")
        body = b"".join(element for _, element in sorted(elements.items()))
        if self.deflated:
            deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
            body = deflater.compress(body) + deflater.flush()
            body += bytes(len(body) % 2)
        length = explicit_little(0x00020000, "UL", len(meta).to_bytes(4, "little"))
        return b"Smith^Preamble".ljust(128) + b"DICM" + length + meta + body


IMPLICIT = Syntax("1.2.840.10008.1.2", implicit=True)
SYNTAXES = {
    "implicit": IMPLICIT,
    "explicit": Syntax("1.2.840.10008.1.2.1"),
    "big endian": Syntax("1.2.840.10008.1.2.2", little=False),
    "deflated": Syntax("1.2.840.10008.1.2.1.99"),
    "encapsulated": Syntax("1.2.840.10008.1.2.5", encapsulated=True),
}


def top_elements(syntax: Syntax, rows: list[Made]) -> tuple[str, dict[int, bytes]]:
    """Return the SOP Instance UID and the elements at the top: one for each row, and pixel data."""
    instance_uid = next(row.token for row in rows if row.tag == 0x00080018)
    elements = {row.tag: syntax.row(row) for row in rows if row.tag >> 16 not in REMOVED_GROUPS[:2]}
    elements[0x00080016] = syntax.element(0x00080016, "UI", SOP_CLASS)
    elements[0x7FE00010] = syntax.pixels()
    return instance_uid, elements


def file_with_rows_everywhere(syntax: Syntax, seed: int) -> tuple[bytes, list[Made]]:
    """Return a file with all rows at the top, nested two deep, in a private and in an unknown sequence."""
    top, nested, private, unknown = (made_rows(seed + depth) for depth in range(4))
    instance_uid, elements = top_elements(syntax, top)
    elements[0x0020000D] = syntax.element(0x0020000D, "UI", STUDY)
    deep = syntax.item(syntax.element(MODIFIER, "SQ", syntax.item(syntax.rows(nested))))
    plain = IMPLICIT.item(IMPLICIT.element(MODIFIER, "SQ", IMPLICIT.item(IMPLICIT.rows(unknown))))
    elements |= {
        PROTOCOL_CONTEXT: syntax.element(PROTOCOL_CONTEXT, "SQ", deep),
        STRUCTURE: syntax.element(STRUCTURE, "UN", plain),  # implicit whatever is around it (PS3.5 6.2.2)
        PHILIPS: syntax.element(PHILIPS, "LO", CREATOR),
        STACK: syntax.element(STACK, "SQ", syntax.item(syntax.rows(private))),
    }
    found = [row for row in top if row.tag != 0x0020000D] + nested + private + unknown
    return syntax.file(instance_uid, elements), found


def content_of(path: Path) -> bytes:
    """Return the bytes of a file, and those of a deflated Data Set inflated."""
    content = path.read_bytes()
    if content[128:132] == b"DICM" and pydicom.filereader.read_file_meta_info(path)[
        0x00020010
    ].value.endswith(".99"):
        start = 132 + 12 + int.from_bytes(content[140:144], "little")
        return content + zlib.decompress(content[start:], wbits=-zlib.MAX_WBITS)
    return content


@pytest.mark.parametrize(
    "options",
    [
        pytest.param(DeidentifyOptions(allow_pixel_risk=True), id="basic", marks=pytest.mark.slow),
        pytest.param(
            DeidentifyOptions(allow_pixel_risk=True, retain_safe_private=True), id="safe private elements"
        ),
    ],
)
def test_a_batch_leaves_no_value_of_any_row_on_the_disk(
    options: DeidentifyOptions, tmp_path: Path, key: Key
) -> None:
    folder, out = tmp_path / "in", tmp_path / "out"
    folder.mkdir()
    rows: list[Made] = []
    for number, (name, syntax) in enumerate(SYNTAXES.items()):
        content, made = file_with_rows_everywhere(syntax, 10 * number)
        (folder / name).write_bytes(content)
        assert len(tokens_in(content_of(folder / name), made)) > 1900, "the search finds them in the original"
        rows += made
    paths = [str(folder)]
    with Pool(1) as pool:
        steps = deidentify(gather(paths), str(out), options, key, pool, inputs=paths)
        outcomes = [outcome for step in steps for outcome in step.outcomes]
    assert [each for each in outcomes if not isinstance(each, Written)] == []
    files = [path for path in out.rglob("*") if path.is_file()]
    assert len([path for path in files if path.suffix == ".dcm"]) == len(SYNTAXES)
    for path in files:
        content = content_of(path) + os.fsencode(path.relative_to(out))
        assert tokens_in(content, rows) == [], path.name
        assert b"PREAMBLE" not in content.upper()
    for path in files:
        if path.suffix == ".dcm":
            check_what_is_around(pydicom.dcmread(path), options)


def check_what_is_around(dataset: Dataset, options: DeidentifyOptions) -> None:
    """Check that sequences were cleaned, not removed: the search alone would be content with nothing."""
    assert 0x00100020 in dataset[PROTOCOL_CONTEXT].value[0][MODIFIER].value[0]
    assert 0x00100020 in dataset[STRUCTURE].value[0][MODIFIER].value[0]
    assert PIXELS in dataset.PixelData
    if options.retain_safe_private:
        assert dataset[PHILIPS].value == CREATOR
        assert 0x00100020 in dataset[STACK].value[0]
    else:
        assert not any(element.tag.is_private for element in dataset)


EVERYTHING = [
    pytest.param(column, name, marks=() if name in ("implicit", "big endian") else pytest.mark.slow)
    for column in COLUMNS
    for name in SYNTAXES
]


@pytest.mark.parametrize(("column", "name"), EVERYTHING)
def test_each_row_on_the_disk_is_what_the_table_says(
    column: str, name: str, tmp_path: Path, key: Key
) -> None:
    syntax = SYNTAXES[name]
    rows = [
        row._replace(value=row.value[::-1]) if row.vr == "US" and not syntax.little else row
        for row in made_rows(7, "HEAD")
    ]
    options = replace(COLUMNS[column], allow_pixel_risk=True)  # they have an Encapsulated Document too
    instance_uid, elements = top_elements(syntax, rows)
    source = tmp_path / "in.dcm"
    source.write_bytes(syntax.file(instance_uid, elements))
    made = deidentify_file(Job(options, key, str(tmp_path)), Task(0, str(source), 1))
    assert made.record.outcome == "written", made.record.reason
    dataset = with_known_sequences(pydicom.dcmread(made.part), rows)
    issuer, patient = (next(row.token for row in rows if row.tag == tag) for tag in (0x00100021, 0x00100020))
    days = timedelta(key.offset_days(issuer, patient))
    wrong = [
        f"{row.line['tag']} {row.line['name']}: {expected(row, column)}: {problem}"
        for row in rows
        if row.tag >> 16 not in REMOVED_GROUPS and (problem := verdict(row, column, dataset, days))
    ]
    assert wrong == []
    assert not any(tag >> 16 in REMOVED_GROUPS for tag in dataset.keys())  # noqa: SIM118


def with_known_sequences(dataset: Dataset, rows: list[Made]) -> Dataset:
    """Let pydicom read sequences that its dictionary does not have, which implicit encoding cannot tell."""
    for row in rows:
        raw = dataset.get_item(row.tag) if row.tag in dataset else None
        if row.vr == "SQ" and isinstance(raw, RawDataElement):
            dataset[row.tag] = convert_raw_data_element(cast("RawDataElement", raw._replace(VR="SQ")))
    return dataset
