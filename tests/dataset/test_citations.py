"""What is copied of an element means the same elsewhere, and can never type a command."""

import shlex
import shutil
import subprocess
from pathlib import Path
from unicodedata import category

import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.data import get_testdata_file

from dicomtui.dataset.citations import citations, file_citations, shell_word
from dicomtui.dataset.elements import Element, elements_of, walk
from dicomtui.dataset.explanation import element_at
from dicomtui.dataset.reading import read_instance, read_source
from tests.builders import a_sequence, ct, write
from tests.dataset.encoded import element, source

CT = str(get_testdata_file("CT_small.dcm", download=False))
HOSTILE = [
    "a b'c$(touch x).dcm",
    "--help",
    "new\nline.dcm",
    "esc\x1b]0;x\x07.dcm",
    "rtl\u202egpj.dcm",
    "\udce9.dcm",
]


def found(name: str, path: str | Path = CT) -> Element:
    row = element_at(elements_of(read_instance(path)), name)
    assert row is not None
    return row


def test_a_value_is_that_of_the_file_not_the_one_made_readable() -> None:
    offered = citations(found("StudyDate"), CT)
    assert offered["v"] == ("value", pydicom.dcmread(CT).StudyDate)
    assert offered["t"] == ("tag", "0008,0020")
    assert offered["k"] == ("keyword", "StudyDate")
    assert offered["p"] == ("path", f"{CT}::StudyDate")


@pytest.mark.parametrize(
    "name",
    ["PatientName", "TransferSyntaxUID", "0009,1001", "OtherPatientIDsSequence[1].PatientID", "ImageType"],
)
def test_the_line_of_python_gives_the_value(name: str) -> None:
    row = found(name)
    value = eval(citations(row, CT)["P"][1], {"pydicom": pydicom})
    shown = "\\".join(value) if isinstance(value, pydicom.multival.MultiValue) else str(value)
    assert shown == citations(row, CT)["v"][1]


def test_the_line_of_python_reaches_into_private_sequences(tmp_path: Path) -> None:
    dataset = ct(AnatomicRegionSequence=[a_sequence(1)])
    block = dataset.AnatomicRegionSequence[0].private_block(0x0009, "ME", create=True)
    block.add_new(0x02, "LO", "deep")
    path = str(write(dataset, tmp_path / "a.dcm"))
    row = next(row for row in walk(elements_of(read_instance(path))) if row.text == "deep")
    assert eval(citations(row, path)["P"][1], {"pydicom": pydicom}) == "deep"


@pytest.mark.skipif(shutil.which("dcmdump") is None, reason="dcmtk is not installed")
@pytest.mark.parametrize("name", HOSTILE)
def test_dcmdump_finds_the_value_whatever_the_file_is_called(tmp_path: Path, name: str) -> None:
    path = write(ct(PatientID="FIND-ME"), tmp_path / name)
    command = citations(found("PatientID", path), str(path))["d"][1]
    done = subprocess.run(["bash", "-c", command], capture_output=True, cwd=tmp_path, check=True)
    assert b"FIND-ME" in done.stdout
    assert sorted(tmp_path.iterdir()) == [path]


def test_the_command_of_our_own_says_it_again(tmp_path: Path) -> None:
    path = write(ct(AnatomicRegionSequence=[a_sequence(1)]), tmp_path / "it's.dcm")
    row = found("CodeValue", path)
    words = shlex.split(citations(row, str(path))["c"][1])
    assert words == ["dicomtui", "tags", "--explain", row.pointer, str(path)]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_shell_takes_a_file_name_as_one_word(name: str) -> None:
    raw = name.encode("utf-8", "surrogateescape")
    done = subprocess.run(["bash", "-c", f"printf %s {shell_word(name)}"], capture_output=True, check=True)
    assert done.stdout == raw
    assert shell_word(name).isprintable()


@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40))
def test_no_file_name_reaches_the_clipboard_as_control_characters(name: str) -> None:
    for _, text in file_citations(name, "1.2.3").values():
        assert not any(category(character) in ("Cc", "Cf", "Zl", "Zp") for character in text)


@given(st.sampled_from(["LT", "LO", "PN", "UI", "UN", "SH", "CS"]), st.binary(max_size=60))
def test_no_value_reaches_the_clipboard_as_control_characters(vr: str, value: bytes) -> None:
    for row in elements_of(read_source(source(element(0x00104000, vr, value)))):
        for key, (_, text) in citations(row, "a.dcm").items():
            unsafe = [character for character in text if category(character) in ("Cc", "Cf", "Zl", "Zp")]
            assert unsafe == [] or (key == "V" and set(unsafe) == {"\n"})


def test_a_text_of_several_lines_can_be_copied_with_them(tmp_path: Path) -> None:
    path = write(ct(PatientComments="one\r\ntwo"), tmp_path / "a.dcm")
    offered = citations(found("PatientComments", path), str(path))
    assert offered["V"][1] == "one\ntwo"
    assert "\n" not in offered["v"][1]


def test_a_member_is_offered_to_no_other_program() -> None:
    offered = citations(found("PatientID"), "/x/a.zip!/b.dcm", is_member=True)
    assert {"P", "d"}.isdisjoint(offered)
    assert offered["c"][1].endswith(" '/x/a.zip!/b.dcm'")
