import re
from decimal import Decimal

import pytest
import yaml

from cdisc.engine.vocabulary import VariableScope, Vocabulary
from cdisc.errors import RawDataError
from cdisc.resources import specs_root
from tests.study_builder import build, evaluate, evaluation


def each(folder, texts, kind, expression, study=""):
    """Return the value of an expression over field A for each text."""
    records = [{"A": text} for text in texts]
    found = evaluate(folder, records, {"R": (kind, expression)}, study)
    return dict(zip(texts, found["R"], strict=True))


def reported(folder, texts, kind, expression, study=""):
    """Return the values, and the codes and counts of what was reported."""
    records = [{"A": text} for text in texts]
    result = build(evaluation(folder, records, {"R": (kind, expression)}, study))
    findings = [(one.code, one.records, one.found[0]) for one in result.findings]
    return result.tables["AE"].column("R").to_pylist(), findings


def test_num_reads_decimal_numbers_and_nothing_else(tmp_path):
    expected = {
        "5": 5.0,
        "-0.50": -0.5,
        "+3": 3.0,
        ".5": 0.5,
        "5.": 5.0,
        " 7 ": 7.0,
        "1e3": 1000.0,
        "1e400": None,
        "<5": None,
        "1,5": None,
        "ND": None,
        "5 mg": None,
        "0x1F": None,
        "inf": None,
        "": None,
    }

    assert each(tmp_path, expected, "number", "f.A | num") == expected


def test_text_is_the_shortest_that_reads_back_as_the_same_number(tmp_path):
    expected = {
        "5.0": "5",
        "0.50": "0.5",
        "-1.25": "-1.25",
        "0.1": "0.1",
        "0.0001": "0.0001",
        "1234567": "1234567",
        "0": "0",
        "": None,
    }

    assert each(tmp_path, expected, "text", "f.A | num | text") == expected


def test_a_date_as_text_is_iso_8601(tmp_path):
    day = {"2026-02-28": "2026-03-01", "2026": None, "": None}
    moment = {"2026-02-28T07:05": "2026-02-28T07:05:00", "2026-02-28": "2026-02-28T00:00:00"}
    dtc = "f.A | iso 'y-m-d' 'y' 'y-m-dTH:M'"

    assert each(tmp_path / "date", day, "text", f"({dtc} | date) + 1 | text") == day
    assert (
        each(tmp_path / "time", moment, "text", f"{dtc} | impute time first flag RTMF | text")
        == moment
    )


def test_rounding_is_half_away_from_zero(tmp_path):
    two = {"2.675": 2.68, "-2.675": -2.68, "1.005": 1.01, "2.674999": 2.67, "": None, "1e30": 1e30}
    none = {"2.5": 3.0, "-2.5": -3.0, "0.5": 1.0, "1.5": 2.0, "-0.4": 0.0}

    assert each(tmp_path / "2", two, "number", "f.A | num | round 2") == two
    assert each(tmp_path / "0", none, "number", "f.A | num | round 0") == none


def test_a_small_number_as_text_reads_back_as_the_same_number(tmp_path):
    expected = {
        "0.00025": "0.00025",
        "1.23456789e-10": "1.23456789e-10",
        "1e-20": "1e-20",
        "-0.0001": "-0.0001",
    }

    assert each(tmp_path, expected, "text", "f.A | num | text") == expected


def test_text_steps_tidy_and_turn_blanks_into_missing(tmp_path):
    records = [{"A": text} for text in ("  Mild\u3000 pain\u00a0\t now ", "   ", "", "é-Ü")]

    found = evaluate(
        tmp_path,
        records,
        {
            "SQUISH": "f.A | squish",
            "UPPER": "f.A | squish | upper",
            "LOWER": "f.A | squish | lower",
        },
    )

    assert found == {
        "SQUISH": ["Mild pain now", None, None, "é-Ü"],
        "UPPER": ["MILD PAIN NOW", None, None, "É-Ü"],
        "LOWER": ["mild pain now", None, None, "é-ü"],
    }


def test_parts_of_a_text_count_from_one(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "701-1015"}, {"A": "701"}, {"A": "-1015"}, {"A": ""}],
        {
            "FIRST": "f.A | part 1 of '-'",
            "SECOND": "f.A | part 2 of '-'",
            "THIRD": "f.A | part 3 of '-'",
            "SUBSTR": "substr(f.A, 5, 2)",
            "REPLACE": "f.A | replace '-' by ''",
            "GONE": "f.A | replace '701' by ''",
        },
    )

    assert found == {
        "FIRST": ["701", "701", None, None],
        "SECOND": ["1015", None, "1015", None],
        "THIRD": [None, None, None, None],
        "SUBSTR": ["10", None, "5", None],
        "REPLACE": ["7011015", "701", "1015", None],
        "GONE": ["-1015", None, "-1015", None],
    }


def test_texts_are_joined_and_a_missing_one_makes_the_whole_missing(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "x", "B": "y"}, {"A": "x", "B": ""}],
        {"R": "'(' + f.A + '-' + f.B + ')'", "QUOTE": "f.A + '''s'"},
    )

    assert found == {"R": ["(x-y)", None], "QUOTE": ["x's", "x's"]}


def test_numbers_are_added_and_a_missing_one_makes_the_result_missing(tmp_path):
    found = evaluate(
        tmp_path,
        [{"A": "7", "B": "2"}, {"A": "7", "B": ""}, {"A": "7", "B": "0"}],
        {
            "SUM": ("number", "(f.A | num) + (f.B | num) * 10"),
            "QUOTIENT": ("number", "(f.A | num) / (f.B | num)"),
            "MINUS": ("number", "-(f.A | num) - -1"),
        },
    )

    assert found == {
        "SUM": [27.0, None, 7.0],
        "QUOTIENT": [3.5, None, None],
        "MINUS": [-6.0, -6.0, -6.0],
    }


SEV = "terms:\n  SEV: {Slight pain: MILD, none: ''}\n"


def test_ct_maps_by_terms_submission_value_and_preferred_term_whatever_case_and_width(tmp_path):
    texts = ["Mild", " MILD ", "ｍｉｌｄ", "mild　", "slight  PAIN", "Sever", "none", ""]
    # C66769 of the terminology: MILD has the preferred term "Mild Adverse Event"
    texts.append("Mild Adverse Event")

    values, findings = reported(tmp_path, texts, "text", "f.A | ct SEV", SEV)
    own, _findings = reported(tmp_path / "own", texts[-1:], "text", "f.A | ct AESEV")

    assert values == ["MILD"] * 5 + [None] * 4
    assert [one[:2] for one in findings] == [("DATA004", 2)]
    assert own == ["MILD"]


def test_ct_does_what_the_line_says_with_a_text_that_no_term_matches(tmp_path):
    texts = ["Sever", "MILD"]

    assert reported(tmp_path / "1", texts, "text", "f.A | ct AESEV else keep") == (
        ["Sever", "MILD"],
        [],
    )
    assert reported(tmp_path / "2", texts, "text", "f.A | ct AESEV else missing") == (
        [None, "MILD"],
        [],
    )
    with pytest.raises(RawDataError):
        reported(tmp_path / "3", texts, "text", "f.A | ct AESEV else error")


VISITS = """\
tables:
  visits:
    columns: [KEY, VISIT, VISITNUM]
    rows: [[V1, Screening, '1'], [V2, Visit 2, '2.1'], [V3, '', '']]
terms:
  TRT: {Placebo: '0', Active: '1'}
"""


def test_lookup_gives_the_column_of_the_key_as_text_or_number(tmp_path):
    result = build(
        evaluation(
            tmp_path,
            [{"A": key} for key in ("V1", "V2", "V3", "V9", "")],
            {
                "NAME": "f.A | lookup visits VISIT",
                "NUM": ("number", "f.A | lookup visits VISITNUM"),
            },
            VISITS,
        )
    )

    table = result.tables["AE"]
    assert table.column("NAME").to_pylist() == ["Screening", "Visit 2", None, None, None]
    assert table.column("NUM").to_pylist() == [1.0, 2.1, None, None, None]
    assert [(one.code, one.variable, one.records, one.found) for one in result.findings] == [
        ("DATA002", "NAME", 1, ('"V9" 1 record, first f.csv row 5',)),
        ("DATA002", "NUM", 1, ('"V9" 1 record, first f.csv row 5',)),
    ]


def test_code_gives_the_number_of_a_term(tmp_path):
    values, findings = reported(
        tmp_path, ["Placebo", "Active", "Else", ""], "number", "f.A | code TRT", VISITS
    )

    assert values == [0.0, 1.0, None, None]
    assert [one[:2] for one in findings] == [("DATA002", 1)]


def test_map_knows_the_rest_and_missing(tmp_path):
    texts = ["COMPLETED", "DEATH", "SCREEN FAILURE", ""]

    full, none = reported(
        tmp_path / "1",
        texts,
        "text",
        "f.A | map COMPLETED to DONE 'SCREEN FAILURE' to '' other to STOPPED none to ONGOING",
    )
    short, some = reported(
        tmp_path / "2", texts, "text", "f.A | map COMPLETED to DONE DEATH to DEAD"
    )

    assert (full, none) == (["DONE", "STOPPED", None, "ONGOING"], [])
    assert short == ["DONE", "DEAD", None, None]
    assert some == [("DATA002", 1, '"SCREEN FAILURE" 1 record, first f.csv row 4')]


def test_bands_have_limits_and_a_number_in_no_band_is_reported(tmp_path):
    numbers = ["17.9", "18", "24.99", "25", "29.5", "30", ""]

    values, findings = reported(
        tmp_path / "1", numbers, "text", "bands((f.A | num), '<18', '18-<25', '25-<30', '>=30')"
    )
    gap, some = reported(
        tmp_path / "2", ["64", "64.5", "65"], "text", "bands((f.A | num), '18-64', '≥65 years')"
    )

    assert values == ["<18", "18-<25", "18-<25", "25-<30", "25-<30", ">=30", None]
    assert findings == []
    assert gap == ["18-64", None, "≥65 years"]
    assert some == [("DATA005", 1, '"64.5" 1 record, first f.csv row 3')]


def test_bands_write_the_number_of_the_band_beside(tmp_path):
    folder = evaluation(
        tmp_path,
        [{"A": "17"}, {"A": "70"}, {"A": ""}],
        {"AGEGR1": "bands((f.A | num), '<18', '18-64', '>64')"},
    )

    assert build(folder).tables["AE"].column("AGEGR1N").to_pylist() == [1.0, 3.0, None]


def test_range_flag_needs_a_value_and_one_limit(tmp_path):
    cases = [
        ("5", "3", "7", "NORMAL"),
        ("3", "3", "7", "NORMAL"),
        ("7", "3", "7", "NORMAL"),
        ("2.9", "3", "7", "LOW"),
        ("7.1", "3", "7", "HIGH"),
        ("2", "3", "", "LOW"),
        ("9", "3", "", "NORMAL"),
        ("9", "", "7", "HIGH"),
        ("5", "", "", None),
        ("", "3", "7", None),
    ]

    found = evaluate(
        tmp_path,
        [{"A": value, "B": low, "C": high} for value, low, high, _expected in cases],
        {"R": "range_flag((f.A | num), (f.B | num), (f.C | num))"},
    )

    assert found["R"] == [expected for *_given, expected in cases]


CONVERTED = [
    ("5", "mg/dL", "g/L", "ANY", "0.05"),
    ("<5", "mg/dL", "g/L", "ANY", "<0.05"),
    (">= 200", "g/dL", "g/L", "ANY", ">=2000"),
    ("1.50", "g/L", "g/L", "ANY", "1.50"),
    ("2", "g/L", "mg/dL", "ANY", "200"),
    ("100", "mg/dL", "mmol/L", "GLUC", "5.55"),
    ("1", "mg/dL", "umol/L", "CREAT", "88.42"),
    ("NEGATIVE", "mg/dL", "g/L", "ANY", "NEGATIVE"),
    ("", "mg/dL", "g/L", "ANY", None),
]
UNKNOWN = [("5", "furlong", "g/L", "ANY"), ("5", "", "g/L", "ANY"), ("5", "mg/dL", "umol/L", "ANY")]


def convertible(cases):
    return [dict(zip("ABCD", case[:4], strict=True)) for case in cases]


def test_convert_keeps_the_sign_and_the_characters_of_a_result_in_its_own_unit(tmp_path):
    found = evaluate(tmp_path, convertible(CONVERTED), {"R": "f.A | convert f.B to f.C for f.D"})

    assert found["R"] == [expected for *_given, expected in CONVERTED]


def test_a_conversion_that_is_not_known_is_reported_and_never_guessed(tmp_path):
    folder = evaluation(
        tmp_path, convertible(UNKNOWN), {"R": ("number", "f.A | num | convert f.B to f.C for f.D")}
    )

    result = build(folder)

    assert result.tables["AE"].column("R").to_pylist() == [None, None, None]
    (only,) = result.findings
    assert (only.code, only.records) == ("DATA006", 3)
    assert only.found == (
        '"furlong to g/L" 1 record, first f.csv row 2',
        '"mg/dL to umol/L" 1 record, first f.csv row 4',
        '"no unit to g/L" 1 record, first f.csv row 3',
    )


def test_the_first_value_that_is_there_the_earliest_and_the_latest(tmp_path):
    read = "iso 'y-m-d' 'y-m'"
    found = evaluate(
        tmp_path,
        [
            {"A": "2026-05-03", "B": "2026-05-01"},
            {"A": "", "B": "2026-05-01"},
            {"A": "", "B": ""},
        ],
        {
            "FIRST": "coalesce(f.A, f.B)",
            "CONSTANT": "coalesce(f.A, f.B, 'NONE')",
            "EARLIEST": ("dtc", f"earliest((f.A | {read}), (f.B | {read}))"),
            "LATEST": ("dtc", f"latest((f.A | {read}), (f.B | {read}))"),
        },
    )

    assert found == {
        "FIRST": ["2026-05-03", "2026-05-01", None],
        "CONSTANT": ["2026-05-03", "2026-05-01", "NONE"],
        "EARLIEST": ["2026-05-01", "2026-05-01", None],
        "LATEST": ["2026-05-03", "2026-05-01", None],
    }


def test_decode_gives_the_name_of_the_same_concept(tmp_path):
    from tests.study_builder import write_study

    folder = write_study(
        tmp_path,
        {
            "sdtm/vs": "dataset: VS\nrows: each f\nkeys: [USUBJID, VSTESTCD]\nvariables:\n"
            "  VSTESTCD: f.A\n  VSTEST: VSTESTCD | decode VSTESTCD\n"
        },
        {"f": "SUBJ,A\n001,SYSBP\n001,NOTHING\n"},
    )

    result = build(folder)

    assert result.tables["VS"].column("VSTEST").to_pylist() == [None, "Systolic Blood Pressure"]
    assert [(one.code, one.records) for one in result.findings] == [("DATA002", 1)]


# expected by hand: molar mass times amount, in decimals
MOLAR = [
    ("100", "mg/dL", "mmol/L", "CHOL", "2.5863183758"),  # 1000 mg/L / 386.65 g/mol
    ("100", "mg/dL", "mmol/L", "TRIG", "1.1293947574"),  # 1000 / 885.43
    ("10", "mg/dL", "mmol/L", "CA", "2.4951344877"),  # 100 / 40.078
    ("4", "mEq/L", "mmol/L", "CA", "2"),
    ("4", "mEq/L", "mmol/L", "K", "4"),
    ("4", "g/dL", "umol/L", "ALB", "601.7571308220"),  # 40 / 66472 * 10^6
    ("5", "mmol/L", "mg/dL", "GLUC", "90.0900900901"),  # 5 / 0.0555
    ("0.1", "g/L", "mmol/L", "GLUC", "0.555"),
    ("88.42", "umol/L", "mg/dL", "CREAT", "1"),
    ("0.08842", "mmol/L", "mg/L", "CREAT", "10"),
    ("12.5", "g/dL", "mmol/L", "HGB", "7.7572297381"),  # 125 / 16.114
    ("10", "ug/dL", "nmol/L", "CORTISOL", "275.8925122772"),  # 100 / 362.46 * 1000
    ("<0.5", "ng/dL", "pmol/L", "T4FR", "<6.4360832572"),  # 5 / 776.87 * 1000
    ("5", "pmol/L", "mol/L", "ANY", "5e-12"),
    ("7", "ng/mL", "ug/L", "ANY", "7"),
    ("5", "10^12/L", "10^9/L", "ANY", "5000"),
]


def test_convert_knows_the_molar_mass_of_the_usual_tests(tmp_path):
    found = evaluate(tmp_path, convertible(MOLAR), {"R": "f.A | convert f.B to f.C for f.D"})

    assert [float(one.lstrip("<")) for one in found["R"]] == [
        pytest.approx(float(expected.lstrip("<")), rel=1e-9) for *_given, expected in MOLAR
    ]
    assert [one.startswith("<") for one in found["R"]] == [
        expected.startswith("<") for *_given, expected in MOLAR
    ]


def test_decimals_counts_the_digits_after_the_point_of_a_number_or_a_limit(tmp_path):
    counts = {"<40.1": 1, "5.44": 2, "100": 0, ">=0.500": 3, " < .05 ": 2, "-1.5": 1, "7.": 0}
    counts |= {"ND": None, "1.2.3": None, "1e-3": None, "": None, "<": None, ".": None}

    assert each(tmp_path, list(counts), "number", "f.A | decimals") == counts


WEIGHTS = {"C": 12.0107, "H": 1.00794, "N": 14.0067, "O": 15.9994, "S": 32.065, "I": 126.90447}
WEIGHTS |= {"P": 30.973762, "Co": 58.933195, "Cl": 35.45, "Li": 6.94, "K": 39.0983}
WEIGHTS |= {"Ca": 40.078, "Fe": 55.845, "Mg": 24.305, "Na": 22.98976928}
FORMULAS = {
    **dict.fromkeys(("CHOL", "HDL", "LDL"), "C27 H46 O1"),
    **dict.fromkeys(("T3", "T3FR"), "C15 H12 I3 N1 O4"),
    **dict.fromkeys(("T4", "T4FR"), "C15 H11 I4 N1 O4"),
    "AMMONIA": "N1 H3",
    "CA": "Ca1",
    "CL": "Cl1",
    "CORTISOL": "C21 H30 O5",
    "ESTRDIOL": "C18 H24 O2",
    "HOMOCY": "C4 H9 N1 O2 S1",
    "IRON": "Fe1",
    "K": "K1",
    "LACTICAC": "C3 H6 O3",
    "LITHIUM": "Li1",
    "MG": "Mg1",
    "PHOS": "P1",
    "SODIUM": "Na1",
    "TESTOS": "C19 H28 O2",
    "TRIG": "C57 H104 O6",  # triolein
    "UREA": "C1 H4 N2 O1",
    "VITB12": "C63 H88 Co1 N14 O14 P1",
}


def test_every_molar_mass_is_that_of_its_formula():
    text = specs_root().joinpath("units", "molar.yaml").read_text(encoding="utf-8")
    molar = {test: float(mass) for test, mass in yaml.safe_load(text).items()}
    computed = {
        test: sum(
            WEIGHTS[atom] * int(count) for atom, count in re.findall(r"(\D+)(\d+) ?", formula)
        )
        for test, formula in FORMULAS.items()
    }

    assert molar.pop("ALB") == pytest.approx(66500, rel=1e-3)
    assert molar == pytest.approx(computed, rel=4e-5)


@pytest.mark.parametrize("test", ["CA", "MG", ""])
def test_an_equivalent_is_no_mole_where_it_is_not_said(tmp_path, test):
    records = [{"A": "3", "B": "mEq/L", "C": "mmol/L", "D": test}]

    found = evaluate(
        tmp_path,
        records,
        {"R": "f.A | convert f.B to f.C for f.D", "S": "f.A | convert f.B to f.C"},
    )

    assert (found["R"], found["S"]) == ([None] if not test else ["1.5"], [None])


def test_a_number_that_is_too_long_to_convert_is_reported_and_does_not_pass(tmp_path):
    long = "1" + "0" * 27
    records = [{"A": text, "B": "mg/dL", "C": "g/L"} for text in (long, f"<{long}", "1e40")]
    records.append({"A": long, "B": "g/L", "C": "g/L"})

    result = build(evaluation(tmp_path, records, {"R": "f.A | convert f.B to f.C"}))

    assert result.tables["AE"].column("R").to_pylist() == [None, None, None, long]
    assert [(one.code, one.records) for one in result.findings] == [("DATA033", 3)]


def test_all_units_of_a_test_agree_with_each_other():
    study = VariableScope(Vocabulary(None), "LBSTRESN", "number").conversions()
    for key, factor in study.items():
        test, start, to = key.split("|")
        assert Decimal(factor) * Decimal(study[f"{test}|{to}|{start}"]) == pytest.approx(1)
    for test in ("GLUC", "CREAT", "CHOL", "HGB"):
        ways = {
            round(Decimal(study[f"{test}|{mass}|{molar}"]) / scale, 12)
            for mass, molar, scale in (
                ("mg/dL", "umol/L", Decimal(1)),
                ("mg/L", "umol/L", Decimal("0.1")),
                ("g/L", "mmol/L", Decimal("0.1")),
            )
        }
        assert len(ways) == 1


@pytest.mark.parametrize(
    ("value", "low", "high", "expected"),
    [
        ("5", "3", "7", "NORMAL"),
        ("7.1", "3", "7", "HIGH"),
        ("<3", "3", "7", "LOW"),
        ("<=3", "3", "7", None),
        ("<2", "3", "7", "LOW"),
        ("<5", "3", "7", None),
        ("<0.1", "", "7", "NORMAL"),
        ("< 0.1", "0", "7", "NORMAL"),
        ("<9", "0", "7", None),
        (">7", "3", "7", "HIGH"),
        (">=7", "3", "7", None),
        (">50", "3", "7", "HIGH"),
        (">5", "3", "7", None),
        (">5", "3", "", "NORMAL"),
        (">5", "", "", None),
        ("NEGATIVE", "3", "7", None),
        ("", "3", "7", None),
    ],
)
def test_range_flag_of_a_text_says_what_holds_for_all_that_it_may_stand_for(
    tmp_path, value, low, high, expected
):
    records = [{"A": value, "B": low, "C": high}]

    found = evaluate(tmp_path, records, {"R": "range_flag(f.A, (f.B | num), (f.C | num))"})

    assert found["R"] == [expected]
