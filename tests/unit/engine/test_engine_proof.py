"""What is said of a study before its data: what is wrong is found, what is right is left alone."""

import pytest

from cdisc.engine.proof import prove
from cdisc.engine.resolve import attempt
from cdisc.spec import load_study
from tests.study_builder import write_study

HEAD = "dataset: CE\nrows: each ce\nkeys: [USUBJID, CETERM]\nvariables:\n  CETERM: ce.TERM\n"
# Variables that lines below may name.
MORE = (
    "  CEDECOD: when ce.A = '1' then 'X' when ce.A = '2' then 'Z'\n"
    "  CEPRESP: ce.LISTED | ct\n"
    "  CESTDTC: ce.STDAT | iso 'd-mmm-y' unknown 'UN'\n"
    "  CEENDTC: ce.ENDAT | iso 'd-mmm-y'\n"
)


def findings(folder, datasets, study=""):
    raw = {"ce": "SUBJ,TERM\n"}
    program, mistakes = attempt(load_study(write_study(folder, datasets, raw, study)))
    return prove(program, mistakes)


def of_line(folder, line, study=""):
    """Return the codes that are given for the line of one variable."""
    text = HEAD + MORE + f"  CECAT: >-\n    {line}\n"
    found = findings(folder, {"sdtm/ce": text}, study)
    return [one.code for one in found]


@pytest.mark.parametrize(
    "line",
    [
        "when ce.A = '1' then 'x' when ce.A = '1' then 'y'",
        "when ce.A in ('1', '2') then 'x' when ce.A = '2' then 'y'",
        "when ce.A = '1' or ce.B = '1' then 'x' when ce.B = '1' and ce.A = '3' then 'y'",
        "when ce.A is not missing then 'x' when ce.A = '2' then 'y'",
        "when (ce.A | num) < 5 then 'x' when (ce.A | num) < 3 then 'y'",
        (
            "when (ce.A | num) < 5 then 'x' when (ce.A | num) > 4 then 'y'"
            " when (ce.A | num) = 7 then ''"
        ),
        "when CESTDTC before CEENDTC then 'x' when CESTDTC before CEENDTC and ce.A = '1' then 'y'",
        "when ce.A = '1' then 'x' when not (ce.A = '1') then 'y' else 'z'",
        "when ce.A = '1' then 'x' when ce.A <> '1' then 'y' else 'z'",
        (
            "when CEDECOD = 'X' then 'x' when CEDECOD = 'Z' then ''"
            " when CEDECOD is not missing then 'z'"
        ),
        "when any ce where ce.A = '1' then 'x' when any ce where ce.A = '1' then 'y'",
    ],
)
def test_a_branch_that_is_never_reached_is_found(tmp_path, line):
    assert of_line(tmp_path, line) == ["SPEC070"]


@pytest.mark.parametrize(
    "line",
    [
        "when ce.A = '1' then 'x' when ce.A = '2' then 'y' else 'z'",
        "when ce.A = '2' then 'y' when ce.A in ('1', '2') then 'x'",
        "when ce.A = '1' and ce.B = '1' then 'x' when ce.A = '1' then 'y'",
        "when ce.A = '1' then 'x' when ce.A is missing then 'y' else 'z'",
        "when (ce.A | num) < 5 then 'x' when (ce.A | num) > 5 then 'y' else 'z'",
        # a number that is missing is in neither
        "when (ce.A | num) < 5 then 'x' when (ce.A | num) >= 5 then 'y' else 'z'",
        # dates that are partial are neither before nor on or after
        "when CESTDTC before CEENDTC then 'x' when CESTDTC on or after CEENDTC then 'y' else 'z'",
        "when ce.A < '5' then 'x' when ce.A < '3' then 'y'",
        "when ce.A contains 'x' then 'x' when ce.A = 'x' then 'y'",
        "when (ce.A | upper) = 'X' then 'x' when ce.A = 'X' then 'y'",
        "when any ce where ce.A = '1' then 'x' when any ce where ce.A = '2' then 'y'",
        (
            "when CEPRESP = 'Y' then 'x' when CEPRESP = 'N' then ''"
            " when CEPRESP is not missing then 'z'"
        ),
        "when ce.A = ce.B then 'x' when ce.A <> ce.B then 'y' else 'z'",
    ],
)
def test_a_branch_that_may_be_reached_is_left_alone(tmp_path, line):
    assert of_line(tmp_path, line) == []


@pytest.mark.parametrize(
    "line",
    [
        "when ce.A = '1' and ce.A = '2' then 'x'",
        "when ce.A <> '1' or ce.A <> '2' then 'x'",
        "when ce.B = 'y' and (ce.A is missing and ce.A = '2') then 'x'",
        "when (ce.A | num) > 5 and (ce.A | num) < 3 then 'x'",
        "when ce.A in ('1', '2') and ce.A not in ('1', '2', '3') then 'x'",
        "yn(ce.A is missing or ce.A is not missing)",
        "first ce.B where ce.A = '1' and ce.A <> '1' order ce.B",
    ],
)
def test_a_condition_that_is_decided_is_found(tmp_path, line):
    assert of_line(tmp_path, line) == ["SPEC071"]


@pytest.mark.parametrize(
    "line",
    [
        "when ce.A = '1' and ce.B = '2' then 'x'",
        "when ce.A <> '1' and ce.A <> '2' then 'x'",
        "when (ce.A | num) > 3 and (ce.A | num) < 5 then 'x'",
        "when not (ce.A = '1') and ce.A is missing then 'x'",
        "when CEENDTC after CESTDTC or not (ce.A = '1') then 'x'",
    ],
)
def test_a_condition_that_the_data_decide_is_left_alone(tmp_path, line):
    assert of_line(tmp_path, line) == []


def test_too_many_values_to_try_are_left_alone(tmp_path):
    parts = " and ".join(f"ce.F{number} <> '1'" for number in range(30))

    assert of_line(tmp_path, f"when {parts} then 'x' when {parts} then 'y'") == []


@pytest.mark.parametrize(
    ("line", "value", "help_"),
    [
        ("when CEPRESP = 'Yes' then 'x'", "Yes", None),
        ("when 'X' = CEPRESP then 'x'", "X", None),
        ("when CEPRESP in ('Y', 'NO') then 'x'", "NO", 'did you mean "N"?'),
        ("when CEDECOD <> 'Q' then 'x'", "Q", None),
        ("when yn(ce.A = '1') = 'T' then 'x'", "T", None),
        ("when (ce.A | map a to ONE other to TWO) = 'ONA' then 'x'", "ONA", 'did you mean "ONE"?'),
    ],
)  # fmt: skip
def test_a_value_that_cannot_occur_is_found(tmp_path, line, value, help_):
    text = HEAD + MORE + f"  CECAT: >-\n    {line}\n"
    (finding,) = findings(tmp_path, {"sdtm/ce": text})

    assert (finding.code, finding.help) == ("SPEC075", help_)
    assert f'is never "{value}"' in finding.fact


@pytest.mark.parametrize(
    "line",
    [
        "when CEPRESP in ('Y', 'N') then 'x'",
        "when ce.SEV = 'BAD' then 'x'",
        "when (ce.SEV | ct SEVS else keep) = 'BAD' then 'x'",
        "when CETERM = 'anything' then 'x'",
    ],
)
def test_a_value_that_may_occur_is_left_alone(tmp_path, line):
    assert of_line(tmp_path, line, "terms:\n  SEVS: {Bad: SEVERE}\n"
                   if "SEVS" in line else "") == []  # fmt: skip


def test_the_lines_of_records_of_one_source_do_not_limit_a_variable(tmp_path):
    text = (
        "dataset: CE\nrows:\n  - {each: ce where ce.A = '1', set: {CECAT: \"'ONE'\"}}\n"
        "  - {each: ce where ce.A = '2', set: {CECAT: \"'TWO'\"}}\n"
        "keys: [USUBJID, CETERM]\nvariables:\n  CETERM: ce.TERM\n"
        "  CECAT: const 'THREE'\n  CESCAT: when CECAT = 'TWO' then 'x'\n"
    )

    assert findings(tmp_path, {"sdtm/ce": text}) == ()


def test_the_tests_of_one_source_do_not_limit_those_of_another(tmp_path):
    text = (
        "dataset: XX\nclass: FINDINGS\nlabel: Findings\nrows:\n"
        "  - {melt: ce, tests: {columns: [result], A: [FA]}, set: {XXCAT: \"'ONE'\"}}\n"
        "  - {melt: ce, tests: {columns: [result], B: [FB]}}\n"
        "keys: [USUBJID, XXTESTCD]\nvariables:\n  XXTESTCD: test.code\n"
        "  XXORRES: test.result\n  XXCAT: when test.code = 'A' then 'x'\n"
        "  XXSCAT: when test.code = 'B' then 'x'\n"
    )

    assert findings(tmp_path, {"sdtm/xx": text, "sdtm/ce": HEAD}) == ()


def test_a_reference_to_one_record_of_the_subject_is_left_alone(tmp_path):
    other = (
        "dataset: XX\nclass: EVENTS\nlabel: Other\nrows: each ce\nkeys: [USUBJID]\n"
        "variables:\n  XXTERM: ce.TERM\n"
    )
    text = HEAD + "  CECAT: XX.XXTERM\n  CESCAT: first XX.XXTERM order XX.XXTERM\n"

    assert findings(tmp_path, {"sdtm/ce": text, "sdtm/xx": other}) == ()


def test_dates_of_which_one_is_complete_are_compared_in_silence(tmp_path):
    assert of_line(tmp_path, "when CESTDTC before CEENDTC then 'x'") == []
    assert of_line(tmp_path, "when CESTDTC before max CESTDTC then 'x'") == ["SPEC077"]


def test_nothing_is_said_of_lines_that_have_mistakes(tmp_path):
    text = HEAD + "  CECAT: when ce.A = '1' and ce.A = '2' then (ce.A | nosuch)\n"

    assert findings(tmp_path, {"sdtm/ce": text}) == ()


def test_what_may_be_used_where_nothing_can_be_read_is_not_called_unused(tmp_path):
    text = HEAD + "  CECAT: when old then\n"
    found = findings(tmp_path, {"sdtm/ce": text}, "let:\n  old: CE.CETERM = 'x'\n")

    assert found == ()


def test_what_is_used_only_by_itself_is_unused(tmp_path):
    study = 'let:\n  "f(a)": f(a) + 1\n'

    assert [one.fact for one in findings(tmp_path, {"sdtm/ce": HEAD}, study)] == [
        'nothing uses the function "f"'
    ]


def test_terms_of_the_name_of_a_variable_are_used_by_it(tmp_path):
    text = HEAD + "  CESEV: ce.SEV | ct\n"

    assert findings(tmp_path, {"sdtm/ce": text}, "terms:\n  SEV: {Bad: SEVERE}\n") == ()


def test_work_variables_that_no_line_names_are_unused(tmp_path):
    text = HEAD + "  CECAT: USED\nwork:\n  USED: ce.A\n  SPARE: ce.B\n"

    assert [one.fact for one in findings(tmp_path, {"sdtm/ce": text})] == [
        'nothing uses the work variable "SPARE"'
    ]
