"""What is written is what was read, whatever was read, and other libraries read the same."""

import errno
import io
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileDataset
from pydicom.tag import BaseTag
from pydicom.uid import JPEG2000Lossless

from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.file_writing import NewPixels, PassedThrough, write_file
from dicomtui.dataset.reading import Instance, read_instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.errors import ReadError, WriteError
from tests.builders import ct, write
from tests.dataset.encoded import BIG, DEFLATED, EXPLICIT, IMPLICIT, SEQUENCE_END, element, item, part10

FOLDER = Path(pydicom.__file__).parent / "data" / "test_files"
CUT = {"MR_truncated.dcm", "emri_small_jpeg_2k_lossless_too_short.dcm"}


def real_files() -> list[Path]:
    return [path for path in sorted(FOLDER.rglob("*")) if path.is_file() and path.stat().st_size < 4 << 20]


def copied(instance: Instance, syntax: str = "") -> Instance:
    """Return what is read of a copy of *instance*."""
    dataset = instance.dataset
    if syntax or "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = syntax or instance.transfer_syntax
    stream = io.BytesIO()
    write_file(stream, dataset, PassedThrough(instance) if instance.pixel_data else None)
    return read_source(MemorySource("copy", stream.getvalue()))


def flat(instance: Instance) -> list[tuple[Any, ...]]:
    """Return every element but Group Lengths and File Meta Information, as it reads."""
    return [
        (each.path, each.vr, each.values if each.items is None else len(each.items))
        for each in walk(elements_of(instance))
        if each.tag & 0xFFFF and each.path[0] >> 16 > 2
    ]


def pixels_of(instance: Instance) -> bytes:
    assert instance.pixel_data is not None
    with instance.source.open() as stream:
        stream.seek(instance.pixel_data.offset)
        return stream.read(instance.pixel_data.length)


@pytest.mark.parametrize("path", real_files(), ids=lambda path: path.name)
def test_a_copy_of_a_real_file_reads_the_same(path: Path) -> None:
    try:
        instance = read_instance(path)
    except ReadError:
        return  # text and other files stand beside them
    if path.name in CUT:
        with pytest.raises(WriteError, match="cut off in the source"):
            copied(instance)
        return
    copy = copied(instance)
    assert flat(copy) == flat(instance)
    if instance.pixel_data is not None:
        assert pixels_of(copy) == pixels_of(instance)


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "image_dfl.dcm", "MR_small_bigendian.dcm", "rtplan.dcm", "SC_rgb_rle_2frame.dcm"]
)
def test_pydicom_and_dcmtk_read_a_copy_as_they_read_the_original(name: str, tmp_path: Path) -> None:
    original = Path(get_testdata_file(name))
    path = tmp_path / "copy.dcm"
    instance = read_instance(original)
    with path.open("w+b") as stream:
        write_file(stream, instance.dataset, PassedThrough(instance) if instance.pixel_data else None)
    before, after = pydicom.dcmread(original), pydicom.dcmread(path)
    assert [each for each in after if each.tag.element] == [each for each in before if each.tag.element]
    if shutil.which("dcmdump") is None:
        pytest.skip("dcmdump is not installed")
    assert dumped(path) == dumped(original)


def dumped(path: Path) -> list[str]:
    """Return dcmdump's lines of the Data Set, without what depends on lengths."""
    output = subprocess.run(["dcmdump", "-q", "+L", str(path)], capture_output=True, check=True).stdout
    lines = output.decode("latin-1").splitlines()
    data_set = lines[next(number for number, line in enumerate(lines) if "Dicom-Data-Set" in line) :]
    return [line for line in data_set if line.strip() and ",0000) UL" not in line]


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, DEFLATED, BIG])
@pytest.mark.parametrize("name", ["rtplan.dcm", "reportsi.dcm", "UN_sequence.dcm", "MR_small_bigendian.dcm"])
def test_values_stay_the_same_in_any_other_encoding(name: str, syntax: str) -> None:
    instance = read_instance(get_testdata_file(name))
    if instance.pixel_data is not None and (syntax == BIG) == instance.encoding.little:
        with pytest.raises(WriteError, match="byte order"):
            copied(instance, syntax)
        return
    pairs = zip(flat(copied(instance, syntax)), flat(instance), strict=True)
    # a private element without a VR cannot get one back
    assert all(new == old or "UN" in (new[1], old[1]) for new, old in pairs)


@given(
    st.dictionaries(
        st.integers(0x00080006, 0x6FFFFFFF).filter(lambda tag: tag & 0xFFFF and tag >> 16 != 0xFFFE),
        st.tuples(
            st.sampled_from(["LO", "PN", "DS", "UI", "OB", "UN", "UT", "US", "FD"]), st.binary(max_size=40)
        ),
        max_size=8,
    ),
    st.sampled_from([EXPLICIT, IMPLICIT, DEFLATED, BIG]),
)
def test_whatever_bytes_an_element_has_they_come_back(
    values: dict[int, tuple[str, bytes]], syntax: str
) -> None:
    implicit, little = syntax == IMPLICIT, syntax != BIG
    dataset = made(syntax)
    for tag, (vr, value) in values.items():
        raw = RawDataElement(BaseTag(tag), vr, len(value), value, 0, implicit, little)
        dataset._dict[raw.tag] = raw
    stream = io.BytesIO()
    write_file(stream, dataset, None)
    found = {each.tag: each.value for each in elements_of(reread(stream)) if each.tag >> 16 != 2}
    wanted = {tag: value for tag, (_, value) in values.items()}
    assert found.keys() == wanted.keys()
    for tag, value in wanted.items():
        if found[tag] is not None:  # else the bytes make a sequence
            assert found[tag][: len(value)] == value
            assert found[tag][len(value) :] in ((b"",) if len(value) % 2 == 0 else (b" ", b"\0"))


def made(syntax: str = EXPLICIT) -> FileDataset:
    dataset = FileDataset("", {}, file_meta=pydicom.dataset.FileMetaDataset(), preamble=b"\0" * 128)
    dataset.file_meta.TransferSyntaxUID = syntax
    return dataset


def reread(stream: io.BytesIO) -> Instance:
    return read_source(MemorySource("copy", stream.getvalue()))


def test_a_long_text_in_a_short_vr_becomes_un() -> None:
    dataset: Any = made()
    dataset._dict[BaseTag(0x00204000)] = RawDataElement(
        BaseTag(0x00204000), "LT", 70000, b"a" * 70000, 0, False, True
    )
    stream = io.BytesIO()
    write_file(stream, dataset, None)
    assert stream.getvalue()[-70012:-70006] == b"\x20\x00\x00\x40UN"
    assert pydicom.dcmread(io.BytesIO(stream.getvalue())).ImageComments == b"a" * 70000


@pytest.mark.parametrize("syntax", [EXPLICIT, IMPLICIT])
def test_sequences_nested_to_the_limit_come_back_and_deeper_ones_are_refused(syntax: str) -> None:
    def nested(levels: int) -> FileDataset:
        inner: Any = pydicom.Dataset()
        inner.PatientID = "deep"
        for _ in range(levels - 1):
            outer: Any = pydicom.Dataset()
            outer.ReferencedImageSequence = [inner]
            inner = outer
        dataset: Any = made(syntax)
        dataset.ReferencedImageSequence = [inner]
        return dataset

    stream = io.BytesIO()
    write_file(stream, nested(64), None)
    assert [each.values for each in walk(elements_of(reread(stream)))][-1] == ["deep"]
    for levels in (65, 3000):
        with pytest.raises(WriteError, match="nested"):
            write_file(io.BytesIO(), nested(levels), None)


def test_items_keep_their_form_and_their_number() -> None:
    inner = element(0x00081150, "UI", b"1.2\0")
    for content in (b"", item(b""), item(inner) + item(b"") + item(inner)):
        defined = part10(element(0x00081140, "SQ", content))
        opened = part10(element(0x00081140, "SQ", content + SEQUENCE_END, 0xFFFFFFFF))
        for whole in (defined, opened):
            stream = io.BytesIO()
            write_file(stream, read_source(MemorySource("made", whole)).dataset, None)
            body = whole[len(part10(b"")) :]
            assert stream.getvalue().endswith(body)


def test_elements_behind_the_pixel_data_stay_behind_it() -> None:
    tail = element(0xFFFCFFFC, "OB", b"\0\0")
    whole = part10(element(0x00100020, "LO", b"A ") + element(0x7FE00010, "OW", b"\1\2\3\4") + tail)
    instance = read_source(MemorySource("made", whole))
    stream = io.BytesIO()
    write_file(stream, instance.dataset, PassedThrough(instance))
    assert stream.getvalue().endswith(b"\1\2\3\4" + tail)


@pytest.mark.parametrize("tag", [0x7FE00008, 0x7FE00009])
def test_float_pixel_data_is_passed_through(tag: int) -> None:
    vr = "OF" if tag == 0x7FE00008 else "OD"
    instance = read_source(MemorySource("made", part10(element(tag, vr, bytes(range(16))))))
    copy = copied(instance)
    assert copy.pixel_data is not None
    assert (copy.pixel_data.tag, copy.pixel_data.vr) == (tag, vr)
    assert pixels_of(copy) == bytes(range(16))


def test_pixel_data_of_odd_length_is_padded() -> None:
    whole = part10(element(0x7FE00010, "OB", b"\1\2\3"))
    copy = copied(read_source(MemorySource("made", whole)))
    assert pixels_of(copy) == b"\1\2\3\0"


@pytest.mark.parametrize("offsets", ["basic", "extended"])
def test_pydicom_finds_each_new_frame(offsets: str) -> None:
    frames = [bytes([number]) * (number + 2) for number in range(5)]
    dataset: Any = ct(np.zeros((5, 4, 4), np.int16))
    dataset.file_meta.TransferSyntaxUID = JPEG2000Lossless
    length = 3 << 30 if offsets == "extended" else 160
    stream = io.BytesIO()
    write_file(stream, dataset, NewPixels("OB", iter(frames), 5, encapsulated=True, length=length))
    read: Any = pydicom.dcmread(io.BytesIO(stream.getvalue()))
    extended = None
    if offsets == "extended":
        extended = (read.ExtendedOffsetTable, read.ExtendedOffsetTableLengths)
    found = pydicom.encaps.generate_frames(read.PixelData, number_of_frames=5, extended_offsets=extended)
    assert [frame.rstrip(b"\0").rjust(1, b"\0") for frame in found] == [
        frame.rstrip(b"\0").rjust(1, b"\0") for frame in frames
    ]
    if not extended:
        assert len(pydicom.encaps.parse_basic_offsets(read.PixelData)) == 5


def test_new_native_pixels_are_read_as_they_were_given() -> None:
    values = np.arange(96, dtype="<u2").reshape(2, 6, 8)
    dataset: Any = ct(np.zeros((2, 6, 8), np.int16))
    stream = io.BytesIO()
    frames = (frame.tobytes() for frame in values)
    write_file(stream, dataset, NewPixels("OW", frames, 2, encapsulated=False, length=values.nbytes))
    assert (pydicom.dcmread(io.BytesIO(stream.getvalue())).pixel_array == values).all()


@pytest.mark.parametrize(("vr", "keyword"), [("OF", "FloatPixelData"), ("OD", "DoubleFloatPixelData")])
def test_new_floating_point_pixels_have_elements_of_their_own(vr: str, keyword: str) -> None:
    stream = io.BytesIO()
    write_file(stream, ct(), NewPixels(vr, iter([bytes(range(16))]), 1, encapsulated=False, length=16))
    read = pydicom.dcmread(io.BytesIO(stream.getvalue()))
    assert read[keyword].value == bytes(range(16))
    assert "PixelData" not in read


@pytest.mark.parametrize("encapsulated", [True, False])
def test_frames_that_are_missing_are_told(encapsulated: bool) -> None:
    with pytest.raises(WriteError, match="instead of"):
        write_file(io.BytesIO(), ct(), NewPixels("OB", iter([b"12"]), 2, encapsulated=encapsulated, length=4))


@pytest.mark.parametrize("error", [errno.EXDEV, errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP])
def test_pixel_data_is_copied_where_the_kernel_cannot(
    error: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def refuse(*args: object) -> int:
        calls.append(args)
        raise OSError(error, "no")

    monkeypatch.setattr(os, "copy_file_range", refuse)
    instance = read_instance(write(ct(), tmp_path / "a.dcm"))
    with (tmp_path / "b.dcm").open("w+b") as stream:
        write_file(stream, instance.dataset, PassedThrough(instance))
    assert calls
    assert pixels_of(read_instance(tmp_path / "b.dcm")) == pixels_of(instance)


def test_a_source_that_shrinks_while_it_is_copied_is_told(tmp_path: Path) -> None:
    path = write(ct(), tmp_path / "a.dcm")
    instance = read_instance(path)
    os.truncate(path, path.stat().st_size - 100)
    with (tmp_path / "b.dcm").open("w+b") as stream, pytest.raises(WriteError, match="shorter"):
        write_file(stream, instance.dataset, PassedThrough(instance))


def test_text_that_the_character_set_does_not_hold_is_refused_not_replaced() -> None:
    dataset: Any = made()
    dataset.SpecificCharacterSet = "ISO_IR 100"
    dataset.PatientComments = "山田"
    with pytest.raises(WriteError, match=r"\(0010,4000\) has characters"):
        write_file(io.BytesIO(), dataset, None)
    dataset.SpecificCharacterSet = "ISO_IR 192"
    stream = io.BytesIO()
    write_file(stream, dataset, None)
    assert pydicom.dcmread(io.BytesIO(stream.getvalue())).PatientComments == "山田"


def test_a_value_that_is_none_of_its_vr_is_one_line_with_its_tag() -> None:
    dataset: Any = made()
    dataset.add(pydicom.DataElement(0x00280010, "US", "many", already_converted=True))
    with pytest.raises(WriteError, match=r"^\(0028,0010\) is no value of US that can be written \(\w+\)$"):
        write_file(io.BytesIO(), dataset, None)


def test_a_data_set_without_a_transfer_syntax_is_refused() -> None:
    dataset: Any = made()
    del dataset.file_meta.TransferSyntaxUID
    with pytest.raises(WriteError, match=r"\(0002,0010\)"):
        write_file(io.BytesIO(), dataset, None)


def test_what_is_written_is_not_changed() -> None:
    instance = read_instance(get_testdata_file("rtplan.dcm"))
    before = list(instance.dataset.values())
    copied(instance)
    assert all(one is other for one, other in zip(instance.dataset.values(), before, strict=True))


_MEMORY = """
import resource, sys
from dicomtui.dataset.file_writing import PassedThrough, write_file
from dicomtui.dataset.reading import read_instance
instance = read_instance(sys.argv[1])
resource.setrlimit(resource.RLIMIT_DATA, (int(sys.argv[3]),) * 2)
with open(sys.argv[2], "w+b") as stream:
    write_file(stream, instance.dataset, PassedThrough(instance))
"""


@pytest.mark.slow
@pytest.mark.parametrize("kernel", [True, False])
def test_half_a_gigabyte_is_copied_in_little_memory(tmp_path: Path, kernel: bool) -> None:
    size = 512 << 20
    head = write(ct(PixelData=b""), tmp_path / "head.dcm").read_bytes()
    source = tmp_path / "big.dcm"
    with source.open("wb") as stream:
        stream.write(head[:-4] + size.to_bytes(4, "little"))
        stream.truncate(len(head) + size)
    code = _MEMORY if kernel else "import os\ndel os.copy_file_range\n" + _MEMORY
    limit = 256 << 20  # half of the file: what the interpreter has already counts too
    arguments = [sys.executable, "-c", code, str(source), str(tmp_path / "copy.dcm"), str(limit)]
    subprocess.run(arguments, check=True, timeout=120)
    assert (tmp_path / "copy.dcm").stat().st_size == pytest.approx(source.stat().st_size, abs=200)
