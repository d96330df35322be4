"""Files that are cut, wrong or bombs: all that could be read, or one line, in bounded time and memory."""

import io
import random
import tracemalloc
import zlib
from itertools import pairwise
from pathlib import Path
from time import process_time
from unicodedata import category

import pydicom
import pydicom.data
import pytest

from dicomtui.dataset import reading
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import Instance, read_source
from dicomtui.dataset.source import MemorySource
from dicomtui.errors import ReadError
from tests.dataset.encoded import (
    BIG,
    DEFLATED,
    IMPLICIT,
    ITEM_END,
    JPEG,
    SEQUENCE_END,
    UNDEFINED,
    element,
    implicit,
    item,
    open_item,
    open_sequence,
    part10,
    source,
)

DATA = Path(pydicom.data.__file__).parent / "test_files"
CT, NAME = element(0x00080060, "CS", b"CT"), element(0x00100010, "PN", b"DOE^JANE")
IMAGES = 0x00081140


def is_safe(text: str) -> bool:
    return not any(category(character) in ("Cc", "Cf", "Cs", "Zl", "Zp") for character in text)


def look_at_everything(instance: Instance) -> int:
    """Do what a screen does with every element and return how many there are."""
    rows = list(walk(elements_of(instance)))
    for row in rows:
        for text in (row.text, row.name, row.creator, row.pointer):
            assert is_safe(text), ascii(text)
        assert row.search_key
        assert isinstance(row.values, list)
        assert row.offset is None or row.offset > 0
    assert all(is_safe(warning) for warning in instance.warnings)
    return len(rows)


def read_or_refuse(content: bytes) -> Instance | None:
    try:
        return read_source(MemorySource("made", content))
    except ReadError:
        return None


def nested(content: bytes = CT + NAME) -> dict[str, bytes]:
    inner = element(IMAGES, "SQ", item(content) + item(content))
    return {
        "defined": inner,
        "undefined": open_sequence(IMAGES, open_item(content) + open_item(content)),
        "mixed": open_sequence(0x00081115, item(inner) + open_item(inner)),
        "unknown": element(0x00091001, "UN", item(implicit(0x00080060, b"CT"))),
    }


BODIES = {**nested(), "flat": CT + NAME, "padded": CT + element(0x00200011, "US", b"\1\0")}


@pytest.mark.parametrize("body", BODIES)
def test_what_stands_before_a_cut_is_shown_and_the_cut_is_told(body: str) -> None:
    first = element(0x00080005, "CS", b"ISO_IR 100")
    content = part10(first + BODIES[body])
    whole = [(row.path, row.text) for row in walk(elements_of(read_source(MemorySource("made", content))))]
    ends = {len(content), len(content) - len(BODIES[body])}  # where no element is cut
    if body in ("flat", "padded"):
        ends.add(len(content) - len(BODIES[body]) + len(CT))
    for cut in range(len(part10(first)), len(content) + 1):
        instance = read_or_refuse(content[:cut])
        assert instance is not None
        assert bool(instance.warnings) == (cut not in ends), cut
        assert all("stopped at byte" in warning for warning in instance.warnings)
        assert look_at_everything(instance)
        shown = {row.path: row for row in walk(elements_of(instance))}
        for row in shown.values():  # complete elements are those of the whole file
            if row.value and row.offset and row.vr != "UN" and len(row.value) == row.length:
                assert (row.path, row.text) in whole


def test_items_before_the_cut_are_shown_down_to_the_last_element() -> None:
    for name, encoded in nested().items():
        if name == "unknown":
            continue
        content = part10(encoded)
        content = content[: content.rindex(b"DOE^JANE") + 4]
        instance = read_source(MemorySource("made", content))
        names = [row.text for row in walk(elements_of(instance)) if row.tag == 0x00100010]
        assert names == ["DOE^JANE"] * (len(names) - 1) + ["DOE^"]
        assert len(names) == (4 if name == "mixed" else 2)


@pytest.mark.parametrize("name", ["rtplan.dcm", "nested_priv_SQ.dcm", "UN_sequence.dcm", "image_dfl.dcm"])
def test_a_real_file_cut_at_any_byte_is_read_or_refused(name: str) -> None:
    content = (DATA / name).read_bytes()[:2700]
    whole = look_at_everything(read_source(MemorySource("made", content)))
    counts = [0]
    for cut in range(len(content)):
        instance = read_or_refuse(content[:cut])
        counts.append(look_at_everything(instance) if instance else 0)
    if name != "image_dfl.dcm":
        assert all(now >= before for before, now in pairwise(counts[200:]))
    assert counts[-1] <= whole


def test_cut_pixel_data_is_told_with_what_is_there() -> None:
    instance = read_source(source(CT + element(0x7FE00010, "OW", b"\0" * 60, 100)))
    assert instance.pixel_data is not None
    assert instance.pixel_data.length == 60
    assert instance.warnings == ("pixel data is cut: 60 of 100 bytes are there",)


def test_encapsulated_pixel_data_without_an_end_keeps_its_whole_fragments() -> None:
    value = item(b"") + item(b"\xff\xd8\xff\xd9") + item(b"\xff\xd8", 100)
    instance = read_source(source(element(0x7FE00010, "OB", value, UNDEFINED), JPEG))
    assert instance.pixel_data is not None
    assert instance.pixel_data.fragments is not None
    assert instance.pixel_data.fragments.lengths == (0, 4)
    assert instance.warnings == ("stopped at byte 194: the encapsulated pixel data has no end",)


def test_a_cut_deflated_file_shows_what_came_before() -> None:
    packed = zlib.compress(CT + NAME + element(0x00104000, "LT", random.Random(0).randbytes(5000)), wbits=-15)
    instance = read_source(source(packed[:3000], DEFLATED))
    assert instance.dataset.PatientName == "DOE^JANE"
    assert instance.warnings[0] == "the deflated Data Set is cut"
    assert "stopped at byte" in instance.warnings[1]


SEEDS = ["CT_small.dcm", "rtplan.dcm", "reportsi.dcm", "nested_priv_SQ.dcm", "UN_sequence.dcm", "priv_SQ.dcm"]
SEEDS += ["ExplVR_BigEnd.dcm", "JPEG2000.dcm", "image_dfl.dcm", "DICOMDIR-empty.dcm", "SC_rgb_rle_2frame.dcm"]


@pytest.mark.parametrize("name", SEEDS)
def test_random_damage_is_read_or_refused(name: str) -> None:
    seed = next(DATA.rglob(name)).read_bytes()[:12_000]
    generator = random.Random(name)
    for _ in range(250):
        content = bytearray(seed)
        for _ in range(generator.choice([1, 1, 2, 5, 20])):
            content[generator.randrange(len(content))] = generator.choice(
                [0, 0x1B, 0xFF, generator.randrange(256)]
            )
        if instance := read_or_refuse(bytes(content)):
            look_at_everything(instance)


@pytest.mark.parametrize("seed", range(3))
def test_noise_behind_a_header_is_read_or_refused(seed: int) -> None:
    generator = random.Random(seed)
    for syntax in (IMPLICIT, BIG, DEFLATED, JPEG, "1.2.840.10008.1.2.1"):
        for _ in range(100):
            if instance := read_or_refuse(part10(CT + generator.randbytes(200), syntax)):
                look_at_everything(instance)


@pytest.mark.parametrize(
    "content", [b"", b"\0", b"DICM", b"\x89PNG\r\n\x1a\n" * 20, b"%PDF-1.4\n" * 20, b"a,b\n" * 99]
)
def test_what_is_not_dicom_is_refused_in_one_line(content: bytes) -> None:
    with pytest.raises(
        ReadError, match=r"^made: not DICOM \(no DICM prefix and no believable first element\)$"
    ):
        read_source(MemorySource("made", content))


def test_a_prefix_and_nothing_else_is_refused() -> None:
    with pytest.raises(ReadError, match="no element can be read"):
        read_source(MemorySource("made", b"\0" * 128 + b"DICM"))


@pytest.mark.parametrize(
    ("body", "left"),
    [
        pytest.param(element(IMAGES, "SQ", item(CT + b"\1\2\3")), [CT], id="bytes left over in an item"),
        pytest.param(element(IMAGES, "SQ", item(CT) + b"\1\2\3"), [CT], id="bytes left over in a sequence"),
        pytest.param(element(IMAGES, "SQ", item(CT) + NAME), [CT], id="an element in place of an item"),
        pytest.param(element(IMAGES, "SQ", item(CT[:-2])), [], id="a value longer than its item"),
        pytest.param(element(IMAGES, "SQ", item(CT, 99)), [CT], id="an item longer than its sequence"),
        pytest.param(
            element(0x00081115, "SQ", item(element(IMAGES, "SQ", item(CT), 99))),
            [CT],
            id="a sequence too long",
        ),
        pytest.param(element(IMAGES, "SQ", open_item(CT)[: -len(ITEM_END)]), [CT], id="no item delimiter"),
        pytest.param(element(IMAGES, "SQ", item(CT) + SEQUENCE_END), [CT], id="a delimiter too many"),
        pytest.param(
            element(IMAGES, "SQ", item(CT) + ITEM_END + item(CT)), [CT, CT], id="an item delimiter too many"
        ),
        pytest.param(element(IMAGES, "SQ", item(CT + ITEM_END)), [CT], id="an item delimiter in an item"),
        pytest.param(
            open_sequence(IMAGES, open_item(CT)[: -len(ITEM_END)] + open_item(CT)),
            [CT, CT],
            id="no end of an item",
        ),
        pytest.param(
            open_sequence(IMAGES, open_item(CT)[: -len(ITEM_END)]), [CT], id="no end of the last item"
        ),
        pytest.param(ITEM_END + SEQUENCE_END, [], id="delimiters outside of any sequence"),
        pytest.param(element(IMAGES, "SQ", item(b"\0" * 80)), [], id="zeros in an item"),
    ],
)
@pytest.mark.parametrize("around", ["defined", "undefined", "top"])
def test_wrong_structure_spoils_no_more_than_its_own_sequence(
    body: bytes, left: list[bytes], around: str
) -> None:
    if around == "defined":
        body = element(0x00082112, "SQ", item(body))
    elif around == "undefined":
        body = open_sequence(0x00082112, item(body))
    instance = read_source(source(body + NAME))
    rows = list(walk(elements_of(instance)))
    assert [
        row.text for row in rows if row.tag == 0x00080060 and row.length == 2 == len(row.value or b"")
    ] == ["CT"] * len(left)
    assert rows[-1].text == "DOE^JANE"


def test_zeros_at_the_end_are_not_taken_for_elements() -> None:
    instance = read_source(source(CT + NAME + b"\0" * 100_000))
    assert [row.text for row in elements_of(instance)][1:] == ["CT", "DOE^JANE"]
    assert instance.warnings == ("stopped at byte 186: zeros stand in place of an element",)


def test_an_element_that_stands_twice_is_told() -> None:
    instance = read_source(source(NAME + element(0x00100010, "PN", b"ROE^JOHN")))
    assert instance.dataset.PatientName == "ROE^JOHN"
    assert instance.warnings == ("at byte 176: (0010,0010) stands more than once; the last one is shown",)


def test_pixel_data_that_stands_twice_is_told_and_the_first_is_shown() -> None:
    made = source(element(0x7FE00010, "OB", b"\1\1") + element(0x7FE00010, "OB", b"\2\2\2\2") + NAME)
    instance = read_source(made)
    assert instance.pixel_data is not None
    assert instance.pixel_data.length == 2
    (warning,) = instance.warnings
    assert warning.endswith("pixel data stands more than once; the first is shown")


def test_a_million_empty_pixel_data_elements_take_no_time() -> None:
    start = process_time()
    read_source(source(element(0x7FE00010, "OB", b"") * 1_000_000))
    assert process_time() - start < 1


def test_a_source_that_cannot_be_read_at_all_is_one_line() -> None:
    class Failing(MemorySource):
        def open(self) -> io.BytesIO:
            raise OSError(5, "Input/output \x1b error")

    with pytest.raises(ReadError, match=r"^made: cannot be read \(OSError: .*Input/output \\x1b error\)$"):
        read_source(Failing("made", b""))


def test_a_million_problems_are_told_in_a_few_lines() -> None:
    instance = read_source(source(NAME * 20_000))
    assert len(instance.warnings) <= 21


def test_a_length_of_four_gigabytes_asks_for_no_memory() -> None:
    tracemalloc.start()
    try:
        read_source(source(CT + element(0x00091001, "OB", b"\0" * 10, 0xFFFFFFF0)))
        read_source(source(CT + element(IMAGES, "SQ", item(CT, 0xFFFFFFF0), 0xFFFFFFF0)))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 1 << 20


def test_a_source_that_fails_while_it_is_read_shows_what_came_before() -> None:
    class Failing(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            if self.tell() > 190:
                raise zlib.error("\x1b[31minvalid stored block")
            return super().read(size)

    class FailingSource(MemorySource):
        def open(self) -> io.BytesIO:
            return Failing(self.content)

    content = part10(CT + NAME + element(0x00104000, "LT", b"x" * 99))
    instance = read_source(FailingSource("made", content))
    assert instance.dataset.PatientName == "DOE^JANE"
    (warning,) = instance.warnings
    assert warning.endswith("error: \\x1b[31minvalid stored block")


@pytest.mark.parametrize("encode", ["defined", "undefined", "unknown", "implicit"])
def test_a_thousand_nested_sequences_hide_nothing_that_follows(encode: str) -> None:
    body = implicit(0x00080060, b"CT") if encode in ("unknown", "implicit") else CT
    for _ in range(1000):
        if encode == "undefined":
            body = open_sequence(IMAGES, open_item(body))
        elif encode == "defined":
            body = element(IMAGES, "SQ", item(body))
        else:
            body = implicit(0x00091001, item(body))
    name = NAME
    if encode == "unknown":
        body = element(0x00091003, "UN", item(body))
    elif encode == "implicit":
        name = implicit(0x00100010, b"DOE^JANE")
    made = source(body + name, IMPLICIT if encode == "implicit" else "1.2.840.10008.1.2.1")
    start = process_time()
    tracemalloc.start()
    try:
        instance = read_source(made)
        rows = list(walk(elements_of(instance)))
        texts = [row.text for row in rows]
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert process_time() - start < 2
    assert peak < 32 << 20
    assert texts[-1] == "DOE^JANE"
    if encode in ("defined", "undefined"):
        assert texts[-2] == "nested deeper than 64 sequences"
        assert len(rows[-2].path) == 2 * 64 + 1
    str(instance.dataset.file_meta)
    look_at_everything(instance)


def test_ten_thousand_nested_items_without_an_end_do_no_harm() -> None:
    opening = open_sequence(IMAGES, b"")[: -len(SEQUENCE_END)] + open_item(b"")[: -len(ITEM_END)]
    start = process_time()
    instance = read_source(source(NAME + opening * 10_000))
    look_at_everything(instance)
    assert process_time() - start < 5
    assert any("stopped at byte" in warning for warning in instance.warnings)


def test_a_deflate_bomb_is_refused_before_it_fills_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "INFLATE_LIMIT", 4 << 20)
    packed = zlib.compress(bytes(64 << 20), 9, wbits=-15)
    made = source(packed, DEFLATED)
    tracemalloc.start()
    try:
        with pytest.raises(ReadError, match=r"^made: the deflated Data Set is larger than 4 MiB$"):
            read_source(made)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * (4 << 20)


def test_a_file_that_only_says_it_is_deflated_is_refused() -> None:
    with pytest.raises(ReadError, match="the deflated Data Set cannot be inflated"):
        read_source(source(b"\xff" * 100, DEFLATED))
