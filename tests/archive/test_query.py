"""The query language: what it means, that it points at mistakes, that the index never leaves a match out."""

import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dicomtui.archive.header import Header
from dicomtui.archive.query import LANGUAGE, AttributeValue, Query, QueryError, parse_attribute, parse_query
from dicomtui.archive.query_terms import OPERATORS, All, Comparison, Exists, Not, Term
from dicomtui.archive.query_terms import Any as AnyOf
from dicomtui.archive.query_values import regular_expression, satisfies
from dicomtui.text import safe_line
from tests.archive.asking import a_header, selected

SMITH = a_header(
    "smith", patient_name="Smith^Anna", modality="CT", slice_thickness=1.25, study_date="20200315"
)
DOE = a_header("doe", patient_name="Doe^Jane^^^", modality="MR", slice_thickness=10.0, study_date="20191231")
NOBODY = a_header("nobody", modality="", study_date="2020.03.01", image_type="DERIVED\\SECONDARY\\AXIAL")
PEOPLE = (SMITH, DOE, NOBODY)


def found(query: str) -> str:
    """Return the paths of what matches, as far as the headers tell."""
    parsed = parse_query(query)
    matches = [header.path for header in PEOPLE if parsed.matches(header)]
    assert set(matches) <= set(selected(parsed, PEOPLE))
    return " ".join(matches)


# --- what is asked ---


@pytest.mark.parametrize(
    ("query", "paths"),
    [
        ('Modality = CT and SliceThickness < 2 and PatientName ~ "smi*"', "smith"),
        ("modality=ct", "smith"),
        ("(0008,0060) = CT", "smith"),
        ("0008,0060 = CT", "smith"),
        ("00080060 = CT", "smith"),
        ("( 0008 , 0060 ) = CT", "smith"),
        ("Modality = CT OR Modality = MR", "smith doe"),
        ("not (Modality = CT or Modality = MR)", "nobody"),
        ("NOT Modality = CT", "doe nobody"),
        ("Modality != CT", "doe"),
        ("Modality <> CT && SliceThickness >= 10", "doe"),
        ("!Modality = CT || Modality == CT", "smith doe nobody"),
        ("Modality = MR or Modality = CT and SliceThickness > 5", "doe"),
        ("(Modality = MR or Modality = CT) and SliceThickness > 5", "doe"),
        ("SliceThickness < 9", "smith"),
        ("SliceThickness = 1.250", "smith"),
        ("SliceThickness != 10", "smith"),
        ("PatientName = 'doe^jane'", "doe"),
        ("PatientName ~ *a*", "smith doe"),
        ("PatientName ~ Smith^?nna", "smith"),
        ("PatientName ~ Smit?", ""),
        ("PatientName ~ /^smith|^DOE/", "smith doe"),
        ("PatientName !~ /anna/", "doe"),
        ("ImageType = axial", "nobody"),
        ('ImageType = "DERIVED\\SECONDARY\\AXIAL"', "nobody"),
        ("ImageType ~ derived*", "nobody"),
        ("StudyDate = 2020-03", "smith nobody"),
        ("StudyDate > 2019", "smith nobody"),
        ("StudyDate > 2020", ""),
        ("StudyDate >= 2019-12-31 and StudyDate < 2020-03-15", "doe nobody"),
        ("StudyDate = 20191231", "doe"),
        ("StudyDate <= 2020-03-14", "doe nobody"),
        ('Modality = ""', "nobody"),
        ("Modality != ''", "smith doe"),
    ],
)
def test_a_query_means_what_it_says(query: str, paths: str) -> None:
    assert found(query) == paths


@pytest.mark.parametrize(
    ("vr", "values", "query", "is_match"),
    [
        ("IS", ["010"], "= 10", True),
        ("DS", ["1e1"], "= 10", True),
        ("DS", ["2,5"], "< 9", False),
        ("DS", ["2,5"], "~ *,*", True),
        ("LO", ["007"], "= 7", False),
        ("LO", ["9"], "< 10", True),
        ("LO", ["b"], "> A", True),
        ("LO", ["x", "", "y"], "= Y", True),
        ("LO", ["Straße"], "= STRASSE", True),
        ("LO", ["a\\b"], '= "a\\\\b"', True),
        ("LO", ["50% *"], '~ "50% \\*"', True),
        ("LO", ["50% x"], '~ "50? x" and X !~ "50% \\*?"', True),
        ("PN", ["Yamada^Tarou=山田^太郎"], "= 山田^太郎", True),
        ("TM", ["143015.25"], "= 14:30", True),
        ("TM", ["143015.25"], "> 14:30:15", False),
        ("TM", ["143015.25"], ">= 143015.2", True),
        ("TM", ["14"], "< 14:00:01", True),
        ("TM", ["nine"], "< 23", False),
        ("DT", ["20200315143015.5+0100"], "= 2020-03-15T14:30", True),
        ("DT", ["20200315143015"], '= "2020-03-15 14"', True),
        ("DT", ["202003"], "< 2020-03-15", True),
        ("AS", ["018M"], "> 1", True),
        ("AS", ["012M"], "= 1Y", True),
        ("AS", ["065Y"], "< 65Y", False),
        ("AS", ["003W"], "= 21D", True),
        ("UI", ["1.2.840.10008.5.1.4.1.1.2"], '= "CT Image Storage"', True),
        ("UI", ["1.2.840.10008.5.1.4.1.1.2.1"], "~ *enhanced*", True),
        ("UI", ["1.2.840.10008.5.1.4.1.1.2"], "~ *.1.1.2", True),
        ("AT", ["(0018,1063)"], "= 0018,1063", True),
        ("US", ["65535"], "> 65534.5", True),
        ("UN", ["12"], "= 12.0", True),
        ("LT", ["two\nlines"], "~ two*", True),
        ("LT", ["two\nlines"], "~ /two.lines$/", True),
    ],
)
def test_values_compare_by_their_representation(
    vr: str, values: list[str], query: str, is_match: bool
) -> None:
    keyword = {
        "IS": "SeriesNumber", "DS": "KVP", "LO": "PatientID", "PN": "PatientName", "TM": "StudyTime",
        "DT": "AcquisitionDateTime", "AS": "PatientAge", "UI": "SOPClassUID", "US": "Rows",
        "AT": "FrameIncrementPointer", "UN": "(0019,1002)", "LT": "PatientComments",
    }[vr]  # fmt: skip
    query = f"{keyword} {query}".replace(" X ", f" {keyword} ")
    value = AttributeValue(vr, True, (tuple(values),))
    terms = parse_query(query).term
    for term in terms.terms if isinstance(terms, All) else (terms,):
        assert isinstance(term, Comparison)
        assert satisfies(value, term.operator, term.text, is_regex=term.is_regex) is is_match


def test_what_the_index_cannot_know_is_left_to_the_file() -> None:
    assert parse_query("exists PatientID").matches(a_header()) is None
    assert parse_query("exists PatientID").matches(a_header(patient_id="1")) is True
    assert parse_query("KVP > 100").matches(SMITH) is None
    assert parse_query("KVP > 100 and Modality = MR").matches(SMITH) is False
    assert parse_query("KVP > 100 or Modality = CT").matches(SMITH) is True
    assert parse_query("SliceThickness < 2").matches(a_header(number_of_frames=9)) is None
    read = {"KVP": AttributeValue("DS", True, (("120",),))}
    assert parse_query("KVP > 100 and not exists KVP").matches(SMITH, read) is False


def test_absent_empty_and_filled_are_told_apart() -> None:
    absent, empty = AttributeValue("LO"), AttributeValue("LO", True)
    filled = AttributeValue("LO", True, (("x",),))

    def matching(text: str) -> list[bool | None]:
        query = parse_query(text)
        return [query.matches(a_header(), {"StationName": value}) for value in (absent, empty, filled)]

    assert matching("exists StationName") == [False, True, True]
    assert matching("not StationName exists") == [True, False, False]
    assert matching('StationName = ""') == [True, True, False]
    assert matching("StationName != ''") == [False, False, True]
    assert matching("StationName != y") == [False, False, True]
    assert matching("not StationName = y") == [True, True, True]


def test_a_query_says_what_it_needs() -> None:
    query = parse_query(
        "Modality = CT and RequestAttributesSequence . ScheduledProcedureStepID = 1 or exists 0019,1002"
    )
    nested = "RequestAttributesSequence.ScheduledProcedureStepID"
    assert [attribute.name for attribute in query.attributes] == ["Modality", nested, "(0019,1002)"]
    assert query.attributes[1].tags == (0x00400275, 0x00400009)
    assert query.keywords == (nested, "(0019,1002)")
    assert parse_attribute("(0040,0275).00400009") == query.attributes[1]


# --- mistakes ---


@pytest.mark.parametrize(
    ("query", "at", "words"),
    [
        ("", "", "expected the keyword"),
        ("SliceThicknes < 2", "SliceThicknes", "did you mean SliceThickness?"),
        ("Modality = CT and Foo = 1", "Foo", "no attribute is called Foo"),
        ("Modality", "", "behind Modality"),
        ("Modality CT", "CT", "expected ="),
        ("Modality =", "", "expected a value"),
        ("Modality = and", "and", "expected a value"),
        ("Modality = CT MR", "MR", "quotes"),
        ("Modality = CT) or Modality = MR", ") or", "without '('"),
        ("((Modality = CT)", "((", "without ')'"),
        ("Modality = 'CT", "'CT", "no ' at its end"),
        ("StudyDate > 2020-13", "2020-13", "StudyDate is a date"),
        ("StudyDate = 2021-02-29", "2021-02-29", "StudyDate is a date"),
        ("StudyTime > 25", "25", "StudyTime is a time"),
        ("PatientAge > old", "old", "PatientAge is an age"),
        ("SliceThickness < thin", "thin", "SliceThickness is a number"),
        ("SOPClassUID = Nothing", "Nothing", "is a UID"),
        ("PatientName = smi*", "smi*", "write ~"),
        ("PatientName ~ smith", "smith", "*smith*"),
        ("PatientName ~ /(smi/", "(smi", "regular expression: missing )"),
        ("PatientName ~ /smi(/", "smi(/", "regular expression"),
        ("PatientName ~ /(?=x)/", "(?=", "regular expression"),
        ("PatientName ~ /smi", "/smi", "no / at its end"),
        ("Modality.PatientID = 1", ".PatientID", "Modality is no sequence"),
        ("RequestAttributesSequence[0].CodeValue = 1", "[0]", "all items"),
        ("and Modality = CT", "and", "expected an attribute"),
        ('Modality < ""', '""', "needs a value"),
    ],
)
def test_a_mistake_is_pointed_at(query: str, at: str, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_query(query)
    assert words in caught.value.reason
    assert query[caught.value.column :].startswith(at)
    assert caught.value.column == (query.index(at) if at else len(query))


@pytest.mark.parametrize("text", ["(" * 100_000, "(" * 5000, "not " * 2000 + "Modality = CT", "!" * 5000])
def test_no_depth_is_too_much_for_a_sentence(text: str) -> None:
    with pytest.raises(QueryError, match=r"longer than|nested deeper"):
        parse_query(text)


def test_too_many_comparisons_are_refused() -> None:
    with pytest.raises(QueryError, match="more than 200"):
        parse_query(" or ".join(["Modality = CT"] * 201))
    everything = parse_query(" or ".join(["Modality = XA"] * 200))
    assert selected(everything, PEOPLE) == []


def test_the_page_about_the_language_holds_what_works() -> None:
    examples = re.findall(r"[A-Z]\w{3,} (?:[=<>~]|!=) (?:\"[^\"]+\"|/[^/]+/|[^\s',:.]+)", LANGUAGE)
    assert len(examples) > 8
    for text in examples:
        parse_query(text)


# --- laws ---

TEXT_LITERALS = ["CT", "ct", "Doe^Jane", "Doe", "2020", "1.5", "", "é", "K", "a=b", 'a "b" \\c', "c\n", "\\"]
NUMBER_LITERALS = ["1.5", "-2", "0", "2020", "9e99", ""]
LITERALS = {
    "Modality": TEXT_LITERALS,
    "PatientName": TEXT_LITERALS,
    "ImageType": TEXT_LITERALS,
    "StudyDate": ["2020", "2020-03", "20200315", "2019-12-31", ""],
    "StudyTime": ["14", "14:30", "143000.5", ""],
    "SOPInstanceUID": ["1.2.3", "CT Image Storage", ""],
    "TransferSyntaxUID": ["1.2.3", "RLELossless", ""],
    "SliceThickness": NUMBER_LITERALS,
    "PixelSpacing": NUMBER_LITERALS,
    "SeriesNumber": NUMBER_LITERALS,
    "Rows": NUMBER_LITERALS,
    "KVP": NUMBER_LITERALS,
}
KEYWORDS = sorted(LITERALS)
PATTERNS = ["*", "C?", "*e*", "d*", "?", "*%*", "_*", "1*", "*^", "*\\\\*"]


@st.composite
def comparisons(draw: st.DrawFn) -> Term:
    keyword = draw(st.sampled_from(KEYWORDS))
    attribute = parse_attribute(keyword)
    operator = draw(st.sampled_from(OPERATORS))
    if operator in ("~", "!~"):
        if draw(st.booleans()):
            return Comparison(attribute, operator, draw(st.sampled_from(["^C", "e|x", "[0-9]+", ""])), True)
        return Comparison(attribute, operator, draw(st.sampled_from(PATTERNS)))
    text = draw(st.sampled_from(LITERALS[keyword]))
    return Comparison(attribute, operator if text else draw(st.sampled_from(["=", "!="])), text)


TERMS = st.recursive(
    comparisons() | st.sampled_from(KEYWORDS).map(lambda keyword: Exists(parse_attribute(keyword))),
    lambda inner: (
        inner.map(Not)
        | st.lists(inner, min_size=2, max_size=3).map(lambda terms: All(tuple(terms)))
        | st.lists(inner, min_size=2, max_size=3).map(lambda terms: AnyOf(tuple(terms)))
    ),
    max_leaves=6,
)
TEXTS = st.sampled_from(
    [
        "",
        "CT",
        "ct",
        "MR\\CT",
        "Doe^Jane",
        "DOE^JANE^^",
        "Doe=Ä",
        "é",
        "É",
        "\u212a",
        "a\0b",
        "%",
        "_x",
        "1.2.3",
        "c\n",
    ]
)
HEADERS = st.builds(
    a_header,
    modality=TEXTS,
    patient_name=TEXTS,
    image_type=TEXTS,
    sop_instance_uid=TEXTS,
    transfer_syntax=TEXTS,
    study_date=st.sampled_from(["", "20200315", "2020.03.15", "20191231\\20200101", "2020", "x", "2020-1-1"]),
    study_time=st.sampled_from(["", "1430", "143000.5", "late"]),
    slice_thickness=st.sampled_from([None, 0.0, -2.0, 1.5, 2020.0]),
    series_number=st.sampled_from([None, 0, -2, 2020, (1 << 63) - 1]),
    rows=st.sampled_from([None, 0, 2020]),
    sop_class_uid=st.sampled_from(["1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.5.1.4.1.1.66.4"]),
    number_of_frames=st.sampled_from([None, 1, 2]),
    pixel_spacing=st.sampled_from([None, (1.5, 1.5), (0.0, -2.0)]),
)


@given(TERMS)
def test_a_printed_query_parses_to_itself(term: Term) -> None:
    assert str(parse_query(str(term))) == str(term)


@given(TERMS, st.lists(HEADERS, min_size=1, max_size=4))
def test_the_index_never_leaves_a_match_out(term: Term, headers: list[Header]) -> None:
    query = Query(term)
    headers = [header._replace(path=str(number)) for number, header in enumerate(headers)]
    chosen = set(selected(query, headers))
    for header in headers:
        verdict = query.matches(header)
        assert header.path in chosen or verdict is False
        if query.where().exact:
            assert (verdict is True) == (header.path in chosen)


WORDS = st.sampled_from(
    ["Modality", "=", "!=", "~", "(", ")", "and", "or", "not", "exists", '"', "'", "/", "CT", "\\",
     "0008,0060", "(0008,0060)", ".", "StudyDate", "2020", "<", "*", "[", "{", "\x1b", "\ud800", "\0", " "]
)  # fmt: skip


@given(
    st.text(max_size=40)
    | st.lists(WORDS, max_size=15).map(" ".join)
    | st.lists(WORDS, max_size=15).map("".join)
)
@example("PatientName ~ /[/")
@example("PatientName ~ /{1,}/")
def test_whatever_is_typed_is_understood_or_pointed_at(text: str) -> None:
    try:
        query = parse_query(text)
    except QueryError as error:
        column, reason = error.column, error.reason
    else:
        query.matches(SMITH)
        selected(query, PEOPLE)
        return
    assert 0 <= column <= len(text)
    assert safe_line(reason) == reason


# --- regular expressions ---


@pytest.mark.parametrize("expression", ["(a+)+b", "(a|aa)*c", "(.*)(.*)(.*)(.*)(.*)b", "(a?){200}a{200}b"])
def test_no_expression_hangs_on_any_text(expression: str) -> None:
    matches = regular_expression(expression)
    start = time.process_time()
    assert not matches("a" * 50_000)
    assert time.process_time() - start < 2


def test_many_wildcards_do_not_hang_either() -> None:
    value = AttributeValue("LT", True, (("a" * 10_000,),))
    start = time.process_time()
    assert not satisfies(value, "~", "*a" * 30 + "*b*c")
    assert time.process_time() - start < 2


def test_letters_match_in_either_case() -> None:
    for expression in ("SMITH", "smith", "[S]mith", "[a-z]mith", "[A-Z]MITH", r"\Dmith"):
        assert regular_expression(expression)("sMiTh"), expression
