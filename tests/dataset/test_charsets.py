"""Names and texts in every character set of the standard, and whatever a file claims instead of one."""

import io
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pydicom.data
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.charset import python_encoding
from pydicom.dataset import Dataset

from dicomtui.dataset.charsets import DEFAULT, decode, encodings_of
from dicomtui.dataset.elements import elements_of, walk
from dicomtui.dataset.reading import read_instance, read_source
from tests.dataset.encoded import element, item, part10, source

FOLDER = Path(pydicom.data.__file__).parent / "charset_files"
NAME, CHARSET, DESCRIPTION = 0x00100010, 0x00080005, 0x00081030

# PS3.5 H.3, I.2, J.1-J.2 and the notes of who made the files (FileInfo.txt)
NAMES = {
    "chrArab": "قباني^لنزار",
    "chrFren": "Buc^Jérôme",
    "chrFrenMulti": "Buc^Jérôme",
    "chrGerm": "Äneas^Rüdiger",
    "chrGreek": "Διονυσιος",
    "chrH31": "Yamada^Tarou=山田^太郎=やまだ^たろう",
    "chrH32": "ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう",
    "chrHbrw": "שרון^דבורה",
    "chrI2": "Hong^Gildong=洪^吉洞=홍^길동",
    "chrJapMulti": "やまだ^たろう",
    "chrJapMultiExplicitIR6": "やまだ^たろう",
    "chrKoreanMulti": "김희중",
    "chrRuss": "Люкceмбypг",
    "chrX1": "Wang^XiaoDong=王^小東=",
    "chrX2": "Wang^XiaoDong=王^小东=",
}
ESCAPED_CHINESE = b"\x1b$)A\xd6\xd0\xce\xc4"


def encodings(value: bytes) -> tuple[str, ...]:
    instance = read_source(source(element(CHARSET, "CS", value)))
    return encodings_of(instance.dataset)


def texts(data_set: bytes) -> dict[int, str]:
    return {row.tag: row.text for row in walk(elements_of(read_source(source(data_set))))}


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_show_the_names_that_were_meant(name: str) -> None:
    rows = elements_of(read_instance(FOLDER / f"{name}.dcm"))
    assert next(row.text for row in rows if row.tag == NAME) == NAMES[name]


@pytest.mark.parametrize("name", ["chrSQEncoding", "chrSQEncoding1"])
def test_an_item_has_its_own_character_set_or_that_of_what_is_around_it(name: str) -> None:
    rows = walk(elements_of(read_instance(FOLDER / f"{name}.dcm")))
    assert [row.text for row in rows if row.tag == NAME] == ["ﾔﾏﾀﾞ^ﾀﾛｳ=山田^太郎=やまだ^たろう"]


@pytest.mark.parametrize(
    ("charset", "name", "shown"),
    [
        (b"\\ISO 2022 IR 58", b"Zhang^XiaoDong=\x1b$)A\xd5\xc5^\x1b$)A\xd0\xa1\xb6\xab=", "张^小东"),  # K.2
        (b"GBK", b"Wang^XiaoDong=\xcd\xf5^\xd0\xa1\xb6\xab=", "王^小东"),  # J.4
        (b"ISO_IR 166", b"\xb9\xd2\xc2\xa1", "นายก"),
        (b"ISO_IR 13", b"\xd4\xcf\xc0\xde^\xc0\xdb\xb3", "ﾔﾏﾀﾞ^ﾀﾛｳ"),
        (
            b"ISO 2022 IR 6\\ISO 2022 IR 100\\ISO 2022 IR 144",
            b"\x1b-AJ\xe9r^\x1b-L\xb8\xd2\xd0\xdd",
            "Jér^Иван",
        ),
    ],
)
def test_names_with_code_extensions_are_read(charset: bytes, name: bytes, shown: str) -> None:
    assert shown in texts(element(CHARSET, "CS", charset) + element(NAME, "PN", name))[NAME]


def test_a_text_of_several_lines_returns_to_the_first_character_set_with_each() -> None:
    value = b"1 " + ESCAPED_CHINESE + b".\r\n2 " + ESCAPED_CHINESE + b", too.\r\n"  # PS3.5 K.3
    assert decode(value, encodings(b"\\ISO 2022 IR 58")) == "1 中文.\r\n2 中文, too.\r\n"


@pytest.mark.parametrize("delimiter", ["\\", "=", "^"])
def test_the_next_part_of_a_name_returns_to_the_first_character_set(delimiter: str) -> None:
    value = b"\x1b$)C\xb1\xe8" + delimiter.encode() + b"\xe9"
    assert decode(value, ("latin_1", "euc_kr"), name=True) == f"김{delimiter}é"


def test_a_byte_that_looks_like_a_backslash_belongs_to_its_character() -> None:
    values = ["功能", "許"]  # the second byte of some of these in GB18030 or Shift JIS is 5CH
    raw = "\\".join([*values, "俓"]).encode("GB18030")
    assert b"\\" in "俓".encode("GB18030")
    assert texts(element(CHARSET, "CS", b"GB18030") + element(DESCRIPTION, "LO", raw))[DESCRIPTION].split(
        "\\"
    ) == [
        *values,
        "俓",
    ]


@given(st.text("ﾔﾏﾀ山田やまだDOE^=", max_size=12))
def test_japanese_names_are_read_as_pydicom_writes_them(name: str) -> None:
    dataset = Dataset()
    dataset.SpecificCharacterSet = ["ISO 2022 IR 13", "ISO 2022 IR 87"]
    dataset.PatientName = name
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pydicom.dcmwrite(buffer, dataset, implicit_vr=False, little_endian=True, enforce_file_format=False)
    rows = elements_of(read_source(source(buffer.getvalue())))
    written = next(row for row in rows if row.tag == NAME)
    decoded = pydicom.dcmread(io.BytesIO(part10(buffer.getvalue()))).PatientName
    assert written.text.rstrip("=") == str(decoded)


@pytest.mark.parametrize("term", [term for term in python_encoding if term])
def test_every_defined_term_is_known(term: str) -> None:
    assert encodings(term.encode()) == (python_encoding[term],)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (b"ISO-IR 100", "latin_1"),
        (b"ISO IR 100", "latin_1"),
        (b"ISO_IR_100", "latin_1"),
        (b"iso_ir 100 ", "latin_1"),
        (b"ISO-IR 6", "iso8859"),
        (b"ISO2022 IR 149", "euc_kr"),
        (b"ISO_2022_IR_87", "iso2022_jp"),
        (b"UTF-8", "UTF-8"),
        (b"windows-1251", "WINDOWS-1251"),
        (b"latin1", "LATIN1"),
    ],
)
def test_names_that_writers_vary_are_understood(written: bytes, meant: str) -> None:
    assert encodings(written) == (meant,)


NO_CHARACTER_SETS = [b"zlib_codec", b"base64", b"rot13", b"idna", b"punycode", b"undefined", b"unknown"]
NO_CHARACTER_SETS += [b"Not Supplied", b"\x1b[31m", b"1" * 5000, b"ISO_IR 99999", b"cp99999", b"\xff\xfe"]


@pytest.mark.parametrize("written", NO_CHARACTER_SETS)
def test_a_name_of_no_character_set_leaves_the_default(written: bytes) -> None:
    assert encodings(written) == DEFAULT
    shown = texts(element(CHARSET, "CS", written) + element(NAME, "PN", b"M\xfcller"))
    assert shown[NAME] == "Müller"


@pytest.mark.parametrize("written", [element(CHARSET, "CS", b""), element(CHARSET, "CS", b" \\ ")])
def test_an_empty_value_counts_as_absent(written: bytes) -> None:
    inner = element(0x00081140, "SQ", item(written + element(NAME, "PN", "Иван".encode())))
    assert texts(element(CHARSET, "CS", b"ISO_IR 192") + inner)[NAME] == "Иван"


@pytest.mark.parametrize(
    "written",
    [
        element(CHARSET, "US", b"\1\0"),
        element(CHARSET, "SQ", item(element(NAME, "PN", b"X"))),
        element(CHARSET, "ZZ", b"\1\0"),
        element(CHARSET, "FD", b"\1\0"),
        element(CHARSET, "CS", b"\\".join([b"ISO_IR 192"] * 5_000)),
    ],
)
def test_a_character_set_that_is_none_hides_nothing(written: bytes) -> None:
    assert texts(written + element(NAME, "PN", b"DOE^JANE"))[NAME] == "DOE^JANE"


def test_character_sets_that_stand_alone_take_no_extensions() -> None:
    assert encodings(b"ISO_IR 192\\ISO 2022 IR 87") == ("UTF8",)
    assert encodings(b"ISO 2022 IR 6\\GB18030\\ISO 2022 IR 149") == ("iso8859", "euc_kr")


@given(
    st.binary(max_size=60),
    st.lists(st.sampled_from(sorted(python_encoding.values())), min_size=1, max_size=3),
)
def test_bytes_that_do_not_fit_are_replaced_and_never_raise(raw: bytes, codecs: list[str]) -> None:
    for name in (False, True):
        assert isinstance(decode(raw, codecs, name=name), str)


def test_a_dataset_that_somebody_made_has_its_codecs_too() -> None:
    dataset = Dataset()
    assert encodings_of(dataset) == DEFAULT
    assert encodings_of(dataset, ("UTF8",)) == ("UTF8",)
    dataset.SpecificCharacterSet = ["", "ISO 2022 IR 87"]
    assert encodings_of(dataset) == ("iso8859", "iso2022_jp")


def test_nothing_of_a_file_reaches_the_terminal_by_way_of_a_warning(tmp_path: Path) -> None:
    path = tmp_path / "scan.dcm"
    path.write_bytes(
        part10(element(CHARSET, "CS", b"\x1b]0;PWN\x07") + element(NAME, "PN", b"\x1b$(Z\xff\xff"))
    )
    code = (
        "import sys; from dicomtui.dataset.reading import read_instance;"
        "from dicomtui.dataset.elements import elements_of;"
        "i = read_instance(sys.argv[1]); [e.text for e in elements_of(i)]; str(i.dataset)"
    )
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONWARNINGS"}
    run = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, timeout=60, env=environment, check=True
    )
    assert run.stdout == run.stderr == b""
