"""One value of a mapping file changes; every other line, and its comments, stay."""

import copy

import pytest

from cdisc.resources import mappings_root
from cdisc.source import parse_document
from cdisc.workbook.splice import scalar, with_key, with_line, with_list, with_value

FILE = """\
# head
dataset: AE
keys: [USUBJID, AETERM]   # sorted
variables:
  AETERM:   ae.AETERM | squish    # as typed
  # a remark on the next line
  AESEV:    {map: ae.AESEV | ct, label: "Severity, by the site"}
  AEDECOD: >-
    when ae.AEPT is missing then 'NO'

    else ae.AEPT
  # between
  AEOUT:
    # inside
    map: ae.AEOUT | ct
    label: 'Outcome'
work: {ONE: ae.A, TWO: ae.B}
"""


def changed(old, new):
    """The lines that are gone and those that came."""
    before, after = old.split("\n"), new.split("\n")
    return (
        [one for one in before if one not in after],
        [one for one in after if one not in before],
    )


@pytest.mark.parametrize(
    ("loc", "value", "gone", "came"),
    [
        (
            ("variables", "AETERM"),
            "ae.X | replace ': ' by '-'",
            ["  AETERM:   ae.AETERM | squish    # as typed"],
            ["  AETERM:   \"ae.X | replace ': ' by '-'\"    # as typed"],
        ),
        (
            ("variables", "AESEV", "label"),
            'no "comma" & it\'s quoted, too',
            ['  AESEV:    {map: ae.AESEV | ct, label: "Severity, by the site"}'],
            ["  AESEV:    {map: ae.AESEV | ct, label: 'no \"comma\" & it''s quoted, too'}"],
        ),
        (
            ("variables", "AEDECOD"),
            "ae.AEPT",
            ["  AEDECOD: >-", "    when ae.AEPT is missing then 'NO'", "", "    else ae.AEPT"],
            ["  AEDECOD: ae.AEPT"],
        ),
        (
            ("variables", "AEOUT", "map"),
            "#1",
            ["    map: ae.AEOUT | ct"],
            ['    map: "#1"'],
        ),
        (
            ("work", "TWO"),
            "coalesce(ae.B, ae.C)",
            ["work: {ONE: ae.A, TWO: ae.B}"],
            ['work: {ONE: ae.A, TWO: "coalesce(ae.B, ae.C)"}'],
        ),
    ],
)
def test_a_value_is_replaced_in_its_place(loc, value, gone, came):
    new = with_value(FILE, loc, value)

    # the blank line of the folded text is one of those that stay elsewhere
    assert changed(FILE, new) == ([one for one in gone if one], came)
    assert parse_document(new, file="").values[loc].value == value


@pytest.mark.parametrize(
    ("loc", "came"),
    [
        (
            ("variables", "AETERM"),
            ["  AETERM:   {map: ae.AETERM | squish, format: $8.}    # as typed"],
        ),
        (
            ("variables", "AESEV"),
            ['  AESEV:    {map: ae.AESEV | ct, label: "Severity, by the site", format: $8.}'],
        ),
        (("variables", "AEOUT"), ["    format: $8."]),
        (
            ("variables", "AEDECOD"),
            ["  AEDECOD: {map: when ae.AEPT is missing then 'NO' else ae.AEPT, format: $8.}"],
        ),
        ((), ["format: $8."]),
    ],
)  # fmt: skip
def test_a_line_says_something_more(loc, came):
    new = with_key(FILE, loc, "format", "$8.")

    assert changed(FILE, new)[1] == came
    document = parse_document(new, file="")
    assert document.problems == ()
    assert document.values[(*loc, "format")].value == "$8."


@pytest.mark.parametrize(
    ("section", "came"),
    [
        ("variables", ["  NEW: \"const 'A: B'\""]),
        ("work", ["work: {ONE: ae.A, TWO: ae.B, NEW: \"const 'A: B'\"}"]),
        ("supp", ["supp:", "  NEW: \"const 'A: B'\""]),
    ],
)
def test_a_section_gets_a_line_at_its_end(section, came):
    new = with_line(FILE, (section,), "NEW", "const 'A: B'")

    assert changed(FILE, new)[1] == came
    values = parse_document(new, file="").value[section]
    assert list(values)[-1] == "NEW"
    assert values["NEW"] == "const 'A: B'"


def test_a_list_is_replaced():
    new = with_list(FILE, ("keys",), ["USUBJID", "a, b"])

    assert changed(FILE, new)[1] == ['keys: [USUBJID, "a, b"]   # sorted']


@pytest.mark.parametrize(
    "text",
    ["yes", "null", "1.0", "a: b", "a #b", "- a", "[a", "{a", "'a'", '"a"', "&a", "*a", "!a", "%a",
     "@a", "`a", "? a", "a, b", "", "~", "a\\b", "it's"],
)  # fmt: skip
def test_a_text_is_read_back_as_it_is(text):
    for flow in (True, False):
        shown = scalar(text, flow=flow)
        whole = f"k: {{x: {shown}}}" if flow else f"k: {shown}"
        value = parse_document(whole, file="").value["k"]
        assert (value["x"] if flow else value) == text


@pytest.mark.parametrize(
    "path",
    sorted((mappings_root() / "CDISCPILOT01").glob("*/*.yaml")),
    ids=lambda path: path.stem,
)
def test_each_line_of_a_study_can_be_changed_and_no_other_is(path):
    text = path.read_text(encoding="utf-8")
    before = parse_document(text, file="").value
    for name, entry in before.get("variables", {}).items():
        loc = ("variables", name, "map") if isinstance(entry, dict) else ("variables", name)
        wanted = copy.deepcopy(before)
        if isinstance(entry, dict):
            wanted["variables"][name]["map"] = "const 'A, B'"
        else:
            wanted["variables"][name] = "const 'A, B'"

        new = with_value(text, loc, "const 'A, B'")

        assert parse_document(new, file="").value == wanted
        comments = [line for line in text.split("\n") if line.lstrip().startswith("#")]
        assert [line for line in new.split("\n") if line.lstrip().startswith("#")] == comments
