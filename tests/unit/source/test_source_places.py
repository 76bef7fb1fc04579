import pytest

from cdisc.diagnostics import Span
from cdisc.errors import SpecError
from cdisc.language.parser import parse
from cdisc.source import parse_document


def document(text):
    return parse_document(text, file="ae.yaml")


def shown(span):
    """Return what the caret of a span points at, with its line."""
    return span.line, span.text[span.column - 1 : span.end_column - 1]


@pytest.mark.parametrize(
    "scalar", ["NO", "010", "2014-01-02", "1.0", "null", "~", "0x10", "1_000", "12:30:45", "yes"]
)
def test_every_scalar_stays_the_text_that_was_typed(scalar):
    assert document(f"key: {scalar}\n").value == {"key": scalar}


def test_lists_and_mappings_hold_texts():
    assert document("keys: [A, 1]\nraw: {ae: {page: 12}}\n").value == {
        "keys": ["A", "1"],
        "raw": {"ae": {"page": "12"}},
    }


def test_an_empty_file_is_an_empty_mapping():
    assert document("").value == {}
    assert document("# nothing\n").value == {}


def test_keys_and_values_know_their_places():
    found = document("dataset: AE\nvariables:\n  AETERM:  ae.TERM\n  AESEV: {map: ae.SEV | ct}\n")

    assert found.span(("dataset",)) == Span("ae.yaml", 1, 10, 12, "dataset: AE")
    assert shown(found.span(("variables", "AETERM"), key=True)) == (3, "AETERM")
    assert shown(found.span(("variables", "AESEV", "map"))) == (4, "ae.SEV | ct")


def test_a_place_that_the_file_does_not_have_is_that_of_its_nearest_parent():
    found = document("variables:\n  AETERM: ae.TERM\n")

    assert shown(found.span(("variables", "AETERM", "map"))) == (2, "AETERM")
    assert shown(found.span(("variables", "AESEV"))) == (1, "variables")


@pytest.mark.parametrize(
    ("text", "part", "expected"),
    [
        pytest.param("v: ae.TERM | upper\n", "upper", (1, "upper"), id="plain"),
        pytest.param("v: \"'01-' + subject\"\n", "subject", (1, "subject"), id="double quotes"),
        pytest.param("v: 'when A = ''Y'' then B'\n", "then", (1, "then"), id="single quotes"),
        pytest.param("v: 'when A = ''Y'' then B'\n", "'Y'", (1, "''Y'"), id="doubled quotes"),
        pytest.param("v: >-\n  first X\n  order Y\n", "order", (3, "order"), id="folded block"),
        pytest.param("v: |\n  first X\n  order Y\n", "order", (3, "order"), id="literal block"),
        pytest.param("v: first X\n   order Y\n", "order Y", (2, "order Y"), id="folded plain"),
        pytest.param('v: "a \\"b\\" c"\n', "c", (1, "c"), id="escapes"),
        pytest.param("v: é + ß\n", "ß", (1, "ß"), id="characters of two bytes"),
        pytest.param("v: >-\n  first X\n\n  order Y\n", "order", (4, "order"), id="empty line"),
    ],
)
def test_a_part_of_a_value_is_found_however_the_value_is_written(text, part, expected):
    found = document(text)
    start = found.value["v"].index(part)

    assert shown(found.span_within(("v",), start, start + len(part))) == expected


def test_the_end_of_a_value_is_the_column_behind_it():
    span = document("v: ae.TERM |\n").span_within(("v",), 9, 10)

    assert (span.line, span.column, span.end_column) == (1, 13, 14)


def test_a_part_that_goes_over_lines_ends_with_its_first_line():
    found = document("v: >-\n  first X\n  order Y\n")

    assert shown(found.span_within(("v",), 6, 13)) == (2, "X")


def test_mistakes_are_listed_and_the_rest_is_read():
    found = document("a: 1\na: 2\nb:\nc: &x 3\nd: *x\ne: 5\n")

    assert [(one.code, one.span.line) for one in found.problems] == [
        ("SPEC002", 2),
        ("SPEC003", 3),
        ("SPEC004", 4),
    ]
    assert found.value == {"a": "1", "b": "", "c": "3", "d": "", "e": "5"}
    assert found.unread == (("b",), ("d",))


def test_a_value_that_is_empty_on_purpose_is_quoted():
    found = document("a: ''\nb: \"\"\n")

    assert found.problems == ()
    assert found.value == {"a": "", "b": ""}


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [("a: b: c\n", 1, 5), ("a: [1, 2\nb: 3\n", 2, 2), ("\tb: 1\n", 1, 1), ("a: 'x' + y\n", 1, 4)],
)
def test_what_is_not_yaml_is_refused_at_its_place(text, line, column):
    with pytest.raises(SpecError) as caught:
        document(text)

    (only,) = caught.value.diagnostics
    assert (only.code, only.span.line, only.span.column) == ("SPEC001", line, column)


def test_a_comma_that_ends_a_value_within_braces_is_named():
    found = document("set: {A: coalesce(B, C), D: const E}\n")
    help_ = "within { } a comma ends a value: put double quotes round a value that holds one"
    assert [(one.code, one.fact, one.help) for one in found.problems] == [
        ("SPEC003", '"C)" has no value', help_)
    ]
    with pytest.raises(SpecError) as error:
        parse(found.value["set"]["A"], lambda at, end: found.span_within(("set", "A"), at, end))
    assert [one.help for one in error.value.diagnostics] == [help_]
