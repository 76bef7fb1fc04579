"""``records:`` further records of a dataset, made from those that it has."""

import itertools
from math import exp, log

import pytest

from cdisc.engine.describe import describe
from cdisc.engine.run import run
from cdisc.errors import SpecError
from cdisc.ledger import account, check_ledger
from cdisc.shown import sql_of
from cdisc.spec import load_study
from tests.study_builder import read_delivery, resolve_with, write_study

VS = """\
dataset: VS
rows: each vs
keys: [USUBJID, VSTESTCD, VISITNUM, VSDTC, VSSPID]
variables:
  VSTESTCD: vs.TEST
  VSSPID: vs.NO
  VSORRES: vs.VALUE
  VSSTRESN: VSORRES | num else missing
  VISITNUM: vs.VISIT | num
  VSDTC: vs.DAT | iso 'y-m-d' 'y-m'
"""
TABLES = """\
tables:
  visits:
    columns: [AVISITN, AVISIT]
    rows:
      - ['3', Week 3]
      - ['1', Baseline]
      - ['2', Week 2]
"""
HEAD = """\
dataset: ADVS
rows: each VS
keys: [USUBJID, PARAMCD, AVISITN, ADT, DTYPE, VSSPID]
copy: {VS: [VSSPID]}
variables:
  PARAMCD: VS.VSTESTCD
  AVISITN: VS.VISITNUM
  AVISIT: AVISITN | text | lookup visits AVISIT else missing
  AVAL: VS.VSSTRESN
  ADT: VS.VSDTC | date
  ABLFL: flag last where AVISITN = 1 and AVAL is not missing by USUBJID PARAMCD order ADT DTYPE
  BASE: first AVAL where ABLFL = 'Y' by USUBJID PARAMCD order ADT
  CHG: AVAL - BASE
"""
AVERAGE = """\
  - where: AVAL is not missing
    by: [USUBJID, PARAMCD, AVISITN]
    when: count records > 1
    set: {AVAL: mean AVAL, ADT: max ADT, DTYPE: const AVERAGE}
"""


def made(folder, blocks, rows, head=HEAD):
    """Return ADVS of a study with blocks of records, and the findings about it."""
    advs = f"{head}records:\n{blocks}" if blocks else head
    raw = {"vs": "\n".join(["SUBJ,TEST,NO,VALUE,VISIT,DAT", *rows]) + "\n"}
    datasets = {"sdtm/vs": VS, "adam/advs": advs}
    loaded = load_study(write_study(folder, datasets, raw, TABLES))
    delivered = read_delivery(loaded, folder / "raw")
    program = resolve_with(loaded, delivered)
    result = run(program, delivered)
    assert check_ledger(program, account(program, result)) == ()
    return describe(program, result, "ADVS", standard="ADaMIG"), result


def values(dataset, *names):
    columns = [dataset.table.column(name).to_pylist() for name in names]
    return [
        tuple(str(one) if hasattr(one, "year") else one for one in row)
        for row in zip(*columns, strict=True)
    ]


def test_a_record_for_each_group_has_its_keys_and_the_summary_of_its_records(tmp_path):
    rows = [
        "1,SYSBP,1,120,1,2026-01-01",
        "1,SYSBP,2,131,1,2026-01-02",
        "1,SYSBP,3,,1,2026-01-03",
        "1,SYSBP,4,150,2,2026-02-01",
        "2,SYSBP,5,110,,2026-01-01",
        "2,SYSBP,6,111,,",
    ]
    advs, _ = made(tmp_path, AVERAGE, rows)
    names = ("USUBJID", "AVISITN", "AVISIT", "ADT", "AVAL", "DTYPE", "VSSPID", "BASE", "CHG")
    assert values(advs, *names) == [
        ("S1-1", 1.0, "Baseline", "2026-01-01", 120.0, None, "1", 125.5, -5.5),
        ("S1-1", 1.0, "Baseline", "2026-01-02", 131.0, None, "2", 125.5, 5.5),
        ("S1-1", 1.0, "Baseline", "2026-01-02", 125.5, "AVERAGE", None, 125.5, 0.0),
        ("S1-1", 1.0, "Baseline", "2026-01-03", None, None, "3", 125.5, None),
        ("S1-1", 2.0, "Week 2", "2026-02-01", 150.0, None, "4", 125.5, 24.5),
        ("S1-2", None, None, None, 111.0, None, "6", None, None),
        ("S1-2", None, None, "2026-01-01", 110.0, None, "5", None, None),
        ("S1-2", None, None, "2026-01-01", 110.5, "AVERAGE", None, None, None),
    ]


def test_the_order_of_the_file_does_not_matter(tmp_path):
    rows = ["1,A,1,1,1,2026-01-01", "1,A,2,4,1,2026-01-02", "1,B,3,2,1,", "1,B,4,2,1,2026-01-05"]
    found = [
        made(tmp_path / str(at), AVERAGE, order)[0].table.to_pylist()
        for at, order in enumerate(itertools.permutations(rows, 4))
        if at % 5 == 0
    ]
    assert all(one == found[0] for one in found)
    assert len(found[0]) == 6


def test_expected_visits_without_a_value_carry_the_last_one_forward(tmp_path):
    locf = """\
  - where: AVAL is not missing
    by: [USUBJID, PARAMCD]
    expect: visits
    when: AVAL is not missing
    set:
      AVAL: last AVAL where AVISITN < new.AVISITN order AVISITN ADT VSSPID
      DTYPE: const LOCF
"""
    rows = [
        "1,SYSBP,1,120,1,2026-01-01",
        "1,SYSBP,2,130,1,2026-01-01",
        "1,SYSBP,3,,2,2026-02-01",
        "2,SYSBP,4,110,2,2026-01-01",
        "3,SYSBP,5,,1,2026-01-01",
        "4,SYSBP,6,99,9,2026-01-01",
    ]
    advs, _ = made(tmp_path, locf, rows)
    names = ("USUBJID", "AVISITN", "AVISIT", "AVAL", "DTYPE", "VSSPID")
    assert values(advs, *names) == [
        ("S1-1", 1.0, "Baseline", 120.0, None, "1"),
        ("S1-1", 1.0, "Baseline", 130.0, None, "2"),
        ("S1-1", 2.0, "Week 2", 130.0, "LOCF", None),
        ("S1-1", 2.0, "Week 2", None, None, "3"),
        ("S1-1", 3.0, "Week 3", 130.0, "LOCF", None),
        ("S1-2", 2.0, "Week 2", 110.0, None, "4"),
        ("S1-2", 3.0, "Week 3", 110.0, "LOCF", None),
        ("S1-3", 1.0, "Baseline", None, None, "5"),
        ("S1-4", 9.0, None, 99.0, None, "6"),
    ]
    assert advs.variable("AVAL").method.text == (
        "On records where DTYPE equals 'LOCF': AVAL on the last record within USUBJID and PARAMCD"
        " in the order of AVISITN, ADT and VSSPID, among the records where AVAL is not missing"
        " and AVISITN is less than AVISITN of the new record. On the others: VS.VSSTRESN."
    )
    assert advs.comment == (
        "Records where DTYPE equals 'LOCF': one for each USUBJID, PARAMCD and AVISITN of the"
        " table visits of the records where AVAL is not missing, unless there is such a record,"
        " if AVAL is not missing."
    )


def test_an_expected_row_may_be_one_of_a_parameter(tmp_path):
    head = HEAD.replace(
        "AVISITN | text | lookup visits AVISIT else missing", "when AVAL > 999 then ''"
    )
    locf = """\
  - by: [USUBJID, PARAMCD]
    expect: visits by AVISITN
    set: {DTYPE: const PHANTOM}
"""
    advs = f"{head}records:\n{locf}"
    table = """\
tables:
  visits:
    columns: [PARAMCD, AVISITN, AVISIT]
    rows:
      - [SYSBP, '1', Baseline]
      - [PULSE, '1', First]
      - [PULSE, '2', Second]
"""
    raw = "SUBJ,TEST,NO,VALUE,VISIT,DAT\n1,SYSBP,1,120,1,\n1,PULSE,2,60,1,\n1,TEMP,3,36,1,\n"
    folder = write_study(tmp_path, {"sdtm/vs": VS, "adam/advs": advs}, {"vs": raw}, table)
    loaded = load_study(folder)
    delivered = read_delivery(loaded, folder / "raw")
    table = run(resolve_with(loaded, delivered), delivered).tables["ADVS"]
    assert table.select(["PARAMCD", "AVISITN", "AVISIT", "DTYPE"]).to_pylist() == [
        {"PARAMCD": "PULSE", "AVISITN": 1.0, "AVISIT": None, "DTYPE": None},
        {"PARAMCD": "PULSE", "AVISITN": 2.0, "AVISIT": "Second", "DTYPE": "PHANTOM"},
        {"PARAMCD": "SYSBP", "AVISITN": 1.0, "AVISIT": None, "DTYPE": None},
        {"PARAMCD": "TEMP", "AVISITN": 1.0, "AVISIT": None, "DTYPE": None},
    ]


WORST = """\
  - where: AVISITN > 1 and AVAL is not missing
    keep: first by USUBJID PARAMCD order AVAL descending ADT
    set: {AVISIT: const 'POST-BASELINE MAXIMUM', AVISITN: 99, DTYPE: const MAXIMUM}
"""


def test_the_worst_record_is_repeated_with_everything_that_it_says(tmp_path):
    rows = [
        "1,SYSBP,1,120,1,2026-01-01",
        "1,SYSBP,2,150,2,2026-02-01",
        "1,SYSBP,3,150,3,2026-03-01",
        "2,SYSBP,4,110,1,2026-01-01",
    ]
    advs, result = made(tmp_path, WORST, rows)
    names = ("USUBJID", "AVISITN", "AVISIT", "ADT", "AVAL", "CHG", "DTYPE", "VSSPID")
    assert values(advs, *names) == [
        ("S1-1", 1.0, "Baseline", "2026-01-01", 120.0, 0.0, None, "1"),
        ("S1-1", 2.0, "Week 2", "2026-02-01", 150.0, 30.0, None, "2"),
        ("S1-1", 3.0, "Week 3", "2026-03-01", 150.0, 30.0, None, "3"),
        ("S1-1", 99.0, "POST-BASELINE MAXIMUM", "2026-02-01", 150.0, 30.0, "MAXIMUM", "2"),
        ("S1-2", 1.0, "Baseline", "2026-01-01", 110.0, 0.0, None, "4"),
    ]
    assert result.findings == ()
    assert advs.comment == (
        "Records where DTYPE equals 'MAXIMUM': one for the first record within USUBJID and"
        " PARAMCD in the order of AVAL (descending) and ADT, among the records where AVISITN is"
        " greater than 1 and AVAL is not missing."
    )


def test_a_choice_of_the_worst_that_the_order_leaves_open_is_reported(tmp_path):
    rows = ["1,SYSBP,2,150,2,2026-02-01", "1,SYSBP,3,150,3,2026-03-01"]
    _, result = made(tmp_path, WORST.replace(" ADT", ""), rows)
    assert [(one.code, one.fact, one.dataset) for one in result.findings] == [
        (
            "DATA011",
            "ADVS.rows: the order leaves 1 choice open; the place in the file decided",
            "ADVS",
        )
    ]


MAP = """\
  - by: [USUBJID, AVISITN, ADT]
    when: AVAL is not missing
    set:
      PARAMCD: const MAP
      AVAL: >-
        ((first AVAL where PARAMCD = 'SYSBP' order VSSPID)
        + 2 * (first AVAL where PARAMCD = 'DIABP' order VSSPID)) / 3
"""


def test_a_parameter_is_computed_from_others_and_a_further_one_from_it(tmp_path):
    twice = """\
  - where: PARAMCD = 'MAP'
    set: {PARAMCD: const MAP2, AVAL: (max AVAL by USUBJID AVISITN ADT) * 2}
"""
    rows = [
        "1,SYSBP,1,120,1,2026-01-01",
        "1,DIABP,2,90,1,2026-01-01",
        "1,SYSBP,3,150,2,2026-02-01",
        "1,DIABP,4,,2,2026-02-01",
        "1,SYSBP,5,160,3,2026-03-01",
        "1,DIABP,6,100,3,2026-03-01",
    ]
    head = HEAD.replace(" DTYPE,", "").replace(" DTYPE", "")
    advs, _ = made(tmp_path, MAP + twice, rows, head)
    found = values(advs, "PARAMCD", "AVISITN", "AVAL", "BASE", "CHG")
    assert [one for one in found if one[0].startswith("MAP")] == [
        ("MAP", 1.0, 100.0, 100.0, 0.0),
        ("MAP", 3.0, 120.0, 100.0, 20.0),
        ("MAP2", 1.0, 200.0, 200.0, 0.0),
        ("MAP2", 3.0, 240.0, 200.0, 40.0),
    ]


def test_the_variable_that_is_set_is_in_its_own_expression_that_of_the_record_it_is_made_from(
    tmp_path,
):
    block = """\
  - where: PARAMCD = 'SYSBP'
    set: {PARAMCD: PARAMCD + 'B', AVAL: AVAL * 10, DTYPE: "when AVAL > 1200 then 'HIGH'"}
  - by: [USUBJID, PARAMCD]
    set: {PARAMCD: PARAMCD + 'C', DTYPE: const GROUP}
"""
    rows = ["1,SYSBP,1,120,1,2026-01-01", "1,SYSBP,2,121,1,2026-01-02", "1,PULSE,3,70,1,2026-01-01"]
    advs, _ = made(tmp_path, block, rows)
    assert values(advs, "PARAMCD", "AVAL", "DTYPE", "BASE") == [
        ("PULSE", 70.0, None, 70.0),
        ("PULSEC", None, "GROUP", None),
        ("SYSBP", 120.0, None, 121.0),
        ("SYSBP", 121.0, None, 121.0),
        ("SYSBPB", 1200.0, None, 1210.0),
        ("SYSBPB", 1210.0, "HIGH", 1210.0),
        ("SYSBPBC", None, "GROUP", None),
        ("SYSBPC", None, "GROUP", None),
    ]


def test_a_summary_may_stand_in_a_formula_that_uses_it_twice(tmp_path):
    block = """\
  - by: [USUBJID, AVISITN]
    set:
      PARAMCD: const RISK
      DTYPE: const COMPUTED
      AVAL: framingham((mean AVAL where PARAMCD = 'SYSBP'), 180, 45, 61, 'F', 'N', 'N', 'N')
"""
    rows = ["1,SYSBP,1,120,1,2026-01-01", "1,SYSBP,2,128,1,2026-01-02"]
    advs, _ = made(tmp_path, block, rows)
    # of a woman, by the table of coefficients in D'Agostino, Circulation 2008;117:743-753
    total = 2.32888 * log(61) + 1.20904 * log(180) - 0.70833 * log(45) + 2.76157 * log(124)
    (risk,) = [one for one in values(advs, "PARAMCD", "AVAL") if one[0] == "RISK"]
    assert risk[1] == pytest.approx(100 * (1 - 0.95012 ** exp(total - 26.1931)), rel=1e-3)


def test_every_record_is_repeated_for_another_kind_of_baseline(tmp_path):
    head = HEAD.replace("by USUBJID PARAMCD", "by USUBJID PARAMCD BASETYPE").replace(
        "where AVISITN = 1 and", "where AVISITN = KIND and"
    )
    head += "  BASETYPE: const 'VISIT 1'\nwork:\n  KIND: when BASETYPE = 'VISIT 1' then 1 else 2\n"
    copies = "  - set: {BASETYPE: const 'VISIT 2'}\n"
    rows = [
        "1,SYSBP,1,100,1,2026-01-01",
        "1,SYSBP,2,110,2,2026-02-01",
        "1,SYSBP,3,130,2,2026-02-01",
        "1,SYSBP,4,150,3,2026-03-01",
    ]
    advs, _ = made(tmp_path, AVERAGE + copies, rows, head)
    by_type = values(advs, "BASETYPE", "VSSPID", "DTYPE", "AVAL", "BASE", "CHG")
    assert sorted(by_type, key=lambda one: (one[0], one[3])) == [
        ("VISIT 1", "1", None, 100.0, 100.0, 0.0),
        ("VISIT 1", "2", None, 110.0, 100.0, 10.0),
        ("VISIT 1", None, "AVERAGE", 120.0, 100.0, 20.0),
        ("VISIT 1", "3", None, 130.0, 100.0, 30.0),
        ("VISIT 1", "4", None, 150.0, 100.0, 50.0),
        ("VISIT 2", "1", None, 100.0, 120.0, -20.0),
        ("VISIT 2", "2", None, 110.0, 120.0, -10.0),
        ("VISIT 2", None, "AVERAGE", 120.0, 120.0, 0.0),
        ("VISIT 2", "3", None, 130.0, 120.0, 10.0),
        ("VISIT 2", "4", None, 150.0, 120.0, 30.0),
    ]


def test_without_records_there_are_no_further_ones(tmp_path):
    advs, _ = made(tmp_path, AVERAGE + WORST + MAP, [])
    assert advs.table.num_rows == 0
    assert "DTYPE" in advs.table.column_names


def test_what_the_data_say_is_reported_once_and_of_the_dataset(tmp_path):
    head = HEAD.replace("else missing", "")
    rows = ["1,SYSBP,1,120,1,2026-01", "1,SYSBP,2,130,7,2026-01-01", "1,SYSBP,3,140,7,2026-01-02"]
    _, result = made(tmp_path, AVERAGE, rows, head)
    assert [(one.code, one.fact, one.found) for one in result.findings] == [
        (
            "DATA002",
            "ADVS.AVISIT: 1 value is not listed and becomes missing",
            ('"7" 3 records, first vs.csv row 3',),
        )
    ]


def test_the_method_says_what_further_records_hold_and_what_the_others_hold(tmp_path):
    advs, _ = made(tmp_path, AVERAGE + MAP, ["1,SYSBP,1,120,1,2026-01-01"])
    assert advs.variable("AVAL").method.text == (
        "On records where DTYPE equals 'AVERAGE': the mean of AVAL within USUBJID, PARAMCD and"
        " AVISITN where AVAL is not missing. Missing values are passed over."
        " On records where PARAMCD equals 'MAP': ((AVAL on the first record within USUBJID,"
        " AVISITN and ADT in the order of VSSPID, among the records where PARAMCD equals 'SYSBP')"
        " plus (2 multiplied by (AVAL on the first record within USUBJID, AVISITN and ADT in the"
        " order of VSSPID, among the records where PARAMCD equals 'DIABP'))) divided by 3."
        " On the others: VS.VSSTRESN."
    )
    assert advs.variable("CHG").method.text == "AVAL minus BASE."
    origins = {one.name: one.origin for one in advs.variables}
    assert origins["AVISITN"].predecessor == "VS.VISITNUM"
    assert (origins["DTYPE"].type, origins["PARAMCD"].type) == ("Assigned", "Derived")
    assert advs.comment == (
        "Records where DTYPE equals 'AVERAGE': one for each USUBJID, PARAMCD and AVISITN of the"
        " records where AVAL is not missing, if the number of records of ADVS within USUBJID,"
        " PARAMCD and AVISITN where AVAL is not missing is greater than 1."
        " Records where PARAMCD equals 'MAP': one for each USUBJID, AVISITN and ADT, if AVAL is"
        " not missing."
    )


def test_the_sql_of_a_dataset_shows_its_stages(tmp_path):
    made(tmp_path, AVERAGE, [])
    text = sql_of(tmp_path, "ADVS")
    assert text.index('CREATE OR REPLACE TABLE "ADVS.base.1"') < text.index(
        'CREATE OR REPLACE TABLE "ADVS.made1.1"'
    )


def test_tabulation_records_and_their_qualifiers_can_be_added_too(tmp_path):
    fa = """\
dataset: FA
rows: each fa
keys: [USUBJID, FATESTCD, FAORRES]
variables:
  FATESTCD: fa.TEST
  FAOBJ: const RASH
  FAORRES: fa.VALUE
records:
  - by: USUBJID
    set: {FATESTCD: const NUMBER, FAORRES: count records | text}
supp:
  FANOTE: {label: Note, map: fa.NOTE}
"""
    raw = {"fa": "SUBJ,TEST,VALUE,NOTE\n1,SIZE,3,small\n1,OCCUR,Y,\n2,OCCUR,N,no\n"}
    folder = write_study(tmp_path, {"sdtm/fa": fa}, raw)
    loaded = load_study(folder)
    delivered = read_delivery(loaded, folder / "raw")
    tables = run(resolve_with(loaded, delivered), delivered).tables
    assert tables["FA"].select(["USUBJID", "FASEQ", "FATESTCD", "FAORRES"]).to_pylist() == [
        {"USUBJID": subject, "FASEQ": number, "FATESTCD": code, "FAORRES": value}
        for subject, number, code, value in [
            ("S1-1", 1.0, "NUMBER", "2"),
            ("S1-1", 2.0, "OCCUR", "Y"),
            ("S1-1", 3.0, "SIZE", "3"),
            ("S1-2", 1.0, "NUMBER", "1"),
            ("S1-2", 2.0, "OCCUR", "N"),
        ]
    ]
    assert tables["SUPPFA"].select(["USUBJID", "IDVARVAL", "QVAL"]).to_pylist() == [
        {"USUBJID": "S1-1", "IDVARVAL": "3", "QVAL": "small"},
        {"USUBJID": "S1-2", "IDVARVAL": "2", "QVAL": "no"},
    ]


@pytest.mark.parametrize("kind", ["first", "last"])
def test_a_first_and_a_last_value_are_those_of_the_group(kind, tmp_path):
    blocks = f"""\
  - by: [USUBJID, PARAMCD]
    set: {{AVAL: {kind} AVAL order ADT, DTYPE: const EXTREME}}
"""
    rows = ["1,A,1,5,1,2026-01-02", "1,A,2,7,2,2026-01-01", "1,B,3,9,1,2026-01-01"]
    advs, _ = made(tmp_path, blocks, rows)
    found = [one for one in values(advs, "PARAMCD", "AVAL", "DTYPE") if one[2]]
    assert found == [("A", 7.0 if kind == "first" else 5.0, "EXTREME"), ("B", 9.0, "EXTREME")]


def marked(span):
    return span.text[span.column - 1 : span.end_column - 1]


def test_mistakes_of_a_block_are_reported_once_and_in_their_place(tmp_path):
    blocks = """\
  - where: AVALL is not missing
    by: [USUBJID, PARAMCD]
    when: AVAL
    set: {AVAL: mean AVALX, AVISITN: new.AVISTN, DTYPE: const AVERAGE}
  - keep: first by USUBJID PARMCD order AVAL
    set: {DTYPE: first AVAL}
"""
    with pytest.raises(SpecError) as caught:
        made(tmp_path, blocks, [])
    found = [(one.code, one.span.line, marked(one.span)) for one in caught.value.diagnostics]
    assert sorted(found, key=lambda one: one[1:]) == [
        ("SPEC017", 15, "AVALL"),
        ("SPEC014", 17, "AVAL"),
        ("SPEC017", 18, "AVALX"),
        ("SPEC017", 18, "new.AVISTN"),
        ("SPEC017", 19, "PARMCD"),
        ("SPEC016", 20, "first AVAL"),
    ]
