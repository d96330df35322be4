"""A header known by its layout is the header that a walk through it gives, whatever the file holds."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.archive import header
from dicomtui.archive.header import ATTRIBUTES, Header, read_header
from dicomtui.archive.layouts import Layouts
from dicomtui.archive.walker import UnusualError, Walker
from tests.archive.made_elements import (
    BIG,
    DEFLATED,
    EXPLICIT,
    IMPLICIT,
    SYNTAXES,
    UIDS,
    a_body,
    a_file,
    element,
    even,
    sequence,
)

NAMES = ["CT_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm", "rtplan.dcm", "emri_small.dcm"]
TAGS = [attribute.tag for attribute in ATTRIBUTES]
SERIES = 0x0020000E


class NoLayouts(Layouts):
    """Knows no header."""

    def read(self, head: bytes) -> None:
        return None


def fresh(kind: type[Layouts] = Layouts) -> Layouts:
    return kind(TAGS, series=SERIES)


def outcomes(folder: Path, contents: list[bytes], layouts: Layouts) -> list[Any]:
    """Return the headers of files, or what is raised, with the given layouts."""
    found: list[Any] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(header, "_LAYOUTS", layouts)
        for content in contents:
            file = folder / "made.dcm"
            file.write_bytes(content)
            try:
                found.append(read_header(str(file), parse=False))
            except UnusualError:
                found.append(UnusualError)
    return found


def instance(syntax: str, number: int, *extra: tuple[int, str, bytes], **uids: bytes) -> bytes:
    """An instance of a series, with values that differ in length from one to the next."""
    text = even(b"%d" % number)
    uid = even(b"1.2.3.4.%d" % number, b"\0")
    around = sequence(0x00081140, [element(0x00080018, "UI", b"1.2\0", syntax)], syntax)
    body = a_body(
        syntax,
        (0x00080018, "UI", uid),
        (0x00100010, "PN", uids.get("name", b"Doe^Jane")),
        (SERIES, "UI", uids.get("series", UIDS[SERIES])),
        (0x00200013, "IS", text),
        (0x00200032, "DS", even(b"1\\2\\%d" % number)),
        (0x00280010, "US", b"\2\2"),
        (0x00280011, "US", b"\2\2"),
        (0x00280100, "US", b"\1\1"),
        (0x7FE00010, "OW", bytes(64)),
        *extra,
    )
    place = body.index(element(0x00100010, "PN", uids.get("name", b"Doe^Jane"), syntax))
    return a_file(body[:place] + around + body[place:], syntax)


@pytest.mark.parametrize("syntax", [IMPLICIT, EXPLICIT, BIG])
def test_a_series_is_walked_a_few_times_and_known_from_then_on(
    syntax: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked = []
    walk = Walker.walk

    def counted(self: Walker, *args: Any, **options: Any) -> list[bytes | None]:
        walked.append(1)
        return walk(self, *args, **options)

    monkeypatch.setattr(Walker, "walk", counted)
    found = outcomes(tmp_path, [instance(syntax, number) for number in range(1, 200)], fresh())
    assert [one.instance_number for one in found] == list(range(1, 200))
    assert [one.image_position for one in found] == [(1, 2, number) for number in range(1, 200)]
    assert [one.sop_instance_uid for one in found] == [f"1.2.3.4.{number}" for number in range(1, 200)]
    assert len(walked) <= 4


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_series_in_turns_keep_their_own_values(syntax: str, tmp_path: Path) -> None:
    names = [b"Doe^Jane", b"Roe^Jo", b"", b"Poe^Jeremias", b"Moe^Al  ", b"Noe^Ed  "]
    contents = [
        instance(syntax, number, name=names[number % 6], series=b"1.2.%d\0" % (number % 6))
        for number in range(60)
    ]
    found = outcomes(tmp_path, contents, fresh())
    assert [one.patient_name for one in found] == [names[number % 6].decode().strip() for number in range(60)]
    assert [one.series_instance_uid for one in found] == [f"1.2.{number % 6}" for number in range(60)]


def test_another_character_set_is_another_layout(tmp_path: Path) -> None:
    contents = []
    for number in range(12):
        latin = number % 2 == 0
        charset = (0x00080005, "CS", b"ISO_IR 100" if latin else b"ISO_IR 192")
        name = "Jäger ".encode("latin-1") if latin else even("Jäger".encode())
        contents.append(instance(EXPLICIT, number, charset, name=name))
    found = outcomes(tmp_path, contents, fresh())
    assert {one.patient_name for one in found} == {"Jäger"}


def test_an_instance_whose_uid_is_empty_is_not_taken_for_one_of_its_series(tmp_path: Path) -> None:
    contents = [instance(EXPLICIT, number) for number in range(1, 12)]
    emptied = instance(EXPLICIT, 5).replace(
        element(0x00080018, "UI", b"1.2.3.4.5\0"), element(0x00080018, "UI", b"")
    )
    assert outcomes(tmp_path, [*contents, emptied], fresh())[-1] is UnusualError


# --- against a walk through each file ---


@st.composite
def mutated(draw: st.DrawFn) -> list[bytes]:
    """A series, among whose instances are some that were changed anywhere in their headers."""
    source = draw(st.sampled_from([*NAMES, *SYNTAXES]))
    if source in NAMES:
        base = Path(str(get_testdata_file(source, download=False))).read_bytes()[:9000]
        contents = [base] * draw(st.integers(2, 4))
    else:
        contents = [instance(source, number) for number in range(7, 13)]
    end = min(len(contents[0]), 2500)
    for _ in range(draw(st.integers(1, 6))):
        content = draw(st.sampled_from(contents))
        start = draw(st.integers(0, end))
        length = draw(st.sampled_from([0, 1, 2, 2, 4, 8, 30]))
        change = draw(
            st.one_of(
                st.binary(min_size=length, max_size=length),
                st.binary(max_size=12),
                st.sampled_from([content[start - 40 : start], b"\0", b"\0\0", b"  ", b"UN\0\0", b"\xff" * 4]),
            )
        )
        made = content[:start] + change + content[start + length :]
        contents += [made, content] if draw(st.booleans()) else [made, made[: draw(st.integers(0, 4000))]]
    return contents


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(contents=mutated())
def test_a_layout_gives_what_a_walk_gives(
    contents: list[bytes], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.getbasetemp()
    twice = contents + contents
    assert outcomes(folder, twice, fresh()) == outcomes(folder, twice, fresh(NoLayouts))


def test_files_of_no_series_cost_little_more_than_a_walk(tmp_path: Path) -> None:
    """What cannot be learnt is not tried for ever: that would slow a scan down."""
    layouts = fresh()
    learnt: list[Any] = []
    learn = layouts._put_first

    def counted(*args: Any) -> None:
        learnt.append(args)
        learn(*args)

    layouts._put_first = counted  # type: ignore[method-assign, assignment]
    contents = [instance(EXPLICIT, 1, series=b"1.%d" % (1000 + number)) for number in range(900)]
    found = outcomes(tmp_path, contents, layouts)
    assert all(isinstance(one, Header) for one in found)
    assert len(learnt) < 50
    assert len(layouts._layouts) <= 4


def test_a_deflated_data_set_is_walked(tmp_path: Path) -> None:
    layouts = fresh()
    outcomes(tmp_path, [instance(DEFLATED, number) for number in range(5)], layouts)
    assert layouts._layouts == []
