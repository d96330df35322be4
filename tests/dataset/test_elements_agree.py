"""Every element of every file at hand, held against pydicom and dcmtk."""

import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pydicom
import pydicom.data
import pytest
from pydicom.dataset import Dataset

from dicomtui.dataset.elements import Element, PixelDataRow, elements_of, walk
from dicomtui.dataset.encoding import find_encoding
from dicomtui.dataset.reading import read_instance

FILES = sorted(
    path
    for folder in ("test_files", "charset_files")
    for path in (Path(pydicom.data.__file__).parent / folder).rglob("*")
    if path.is_file() and path.read_bytes()[128:132] == b"DICM"
)
LINE = re.compile(r" *\(([0-9a-f]{4}),([0-9a-f]{4})\) (\S\S) .*# +(u/l|\d+), *\d+ ")
GIVEN_UP_BY_DCMTK = {"MR_truncated.dcm", "SC_rgb_jpeg.dcm", "rtplan_truncated.dcm"}


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="dcmtk is not installed")
@pytest.mark.parametrize("path", FILES[::3], ids=lambda path: path.name)
def test_tags_vrs_and_lengths_are_those_of_dcmtk(path: Path) -> None:
    if path.name in GIVEN_UP_BY_DCMTK:
        pytest.skip("dcmdump stops where a file is cut")
    command = ["dcmdump", "--quiet", "--quote-as-octal", "--load-short", str(path)]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=True)
    shown = (LINE.match(line) for line in run.stdout.splitlines())
    theirs = [
        (int(match[1] + match[2], 16), match[3], None if match[4] == "u/l" else int(match[4]))
        for match in shown
        if match and match[1] != "fffe"
    ]
    unknown = {(tag, length) for tag, vr, length in theirs if vr in ("UN", "??")}
    ours = list(walk(elements_of(read_instance(path))))
    # dcmtk does not look whether a value of unknown VR is a sequence
    closed = {row.path for row in ours if row.vr == "SQ" and (row.tag, row.length) in unknown}
    ours = [row for row in ours if not any(row.path[:depth] in closed for depth in range(1, len(row.path)))]
    assert [row.tag for row in ours] == [tag for tag, _, _ in theirs]
    for row, (_, vr, length) in zip(ours, theirs, strict=True):
        assert _agrees(row, vr), (row.pointer, row.vr, vr)
        assert row.length == length or (vr == "??" and length is not None and row.length == length - 1)


def _agrees(row: Element, vr: str) -> bool:
    """Whether dcmtk means the same VR.

    ``up`` is its name for an offset (UL). ``??`` and UN are what it has no VR for, or the file has, where the
    dictionary of the standard or of a vendor does better. It says OB for encapsulated pixel data (PS3.5 A.4),
    where some files say OW.
    """
    return vr in (row.vr, "??", "UN") or (vr, row.vr) == ("up", "UL") or isinstance(row, PixelDataRow)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_element_is_the_one_that_pydicom_reads(path: Path) -> None:
    dataset = pydicom.dcmread(path)
    theirs = [*_of_pydicom(dataset.file_meta), *_of_pydicom(dataset)]
    ours = [(row.path, row.vr, row.creator, row.value) for row in walk(elements_of(read_instance(path)))]
    inside = {where for where, *_ in theirs}
    closed = {where for where, vr, *_ in theirs if vr == "UN"}  # which pydicom does not look into
    assert all(where in inside or where[:-2] in closed for where, *_ in ours)
    ours = [row for row in ours if row[0] in inside]
    assert [where for where, *_ in ours] == [where for where, *_ in theirs]
    for (_, vr, creator, value), (_, their_vr, their_creator, their_value) in zip(ours, theirs, strict=True):
        assert vr == their_vr or (vr, their_vr) == ("SQ", "UN")
        assert creator == their_creator or (vr == "SQ" and not their_creator)  # pydicom forgets some
        if value is not None and their_value is not None:
            assert value == their_value


def _of_pydicom(dataset: Dataset, around: tuple[int, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield path, VR, private creator and bytes of each element; the last as long as it is not converted."""
    raw = {tag: dataset.get_item(tag) for tag in dataset.keys()}  # noqa: SIM118  the keys alone convert nothing
    for tag in sorted(raw):
        value = getattr(raw[tag], "value", None) if raw[tag].is_raw else None
        converted = dataset[tag]
        where = (*around, int(tag))
        if converted.keyword == "PixelData" and not around:
            value = None  # of which a row reads the first bytes only
        creator = "" if tag.is_private_creator else str(converted.private_creator or "")
        vr = str(converted.VR)
        yield where, vr, creator, None if vr == "SQ" or not isinstance(value, bytes) else value
        for index, inner in enumerate(converted.value if vr == "SQ" else ()):
            yield from _of_pydicom(inner, (*where, index))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_the_bytes_at_the_offset_of_an_element_are_its_value(path: Path) -> None:
    instance = read_instance(path)
    with instance.source.open() as stream:  # the inflated bytes of a deflated file
        content = stream.read()
    for row in walk(elements_of(instance)):
        if row.value is not None and row.vr != "SQ":
            assert row.offset is not None
            assert content[row.offset : row.offset + len(row.value)] == row.value


@pytest.mark.corpus
def test_every_file_of_the_corpus_is_shown(corpus: Path) -> None:
    for path in corpus.rglob("*"):
        if path.is_file() and find_encoding(path.read_bytes()[:8192], path.stat().st_size):
            for row in walk(elements_of(read_instance(path))):
                assert row.text.isprintable()
                assert row.name.isprintable()
                assert row.creator.isprintable()
