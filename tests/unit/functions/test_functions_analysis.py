"""What analyses ask for in one line: queries, flags of existence and criteria, orders, ratios."""

from tests.study_builder import build, evaluate, evaluation, write_study

QUERIES = """tables:
  bleeding:
    columns: [TERM, NAME, SCOPE]
    rows:
      - [EPISTAXIS, Haemorrhages, NARROW]
      - [ANAEMIA, Haemorrhages, BROAD]
  codes:
    columns: [CODE, NAME]
    rows:
      - ["10015090", Nose bleeds]
"""


def test_a_query_is_a_table_of_terms_or_codes_with_their_scope(tmp_path):
    records = [
        {"TERM": "Epistaxis", "CODE": "10015090"},
        {"TERM": "Anaemia", "CODE": "10002034"},
        {"TERM": "Cough", "CODE": ""},
        {"TERM": "", "CODE": ""},
    ]
    lines = {
        "SMQ01NAM": "f.TERM | upper | lookup bleeding NAME else missing",
        "SMQ01SC": "f.TERM | upper | lookup bleeding SCOPE else missing",
        "SMQ01SCN": ("number", "SMQ01SC | rank BROAD NARROW"),
        "CQ01NAM": "f.CODE | num | text | lookup codes NAME else missing",
    }

    result = build(evaluation(tmp_path, records, lines, QUERIES))

    assert {one: result.tables["AE"].column(one).to_pylist() for one in lines} == {
        "SMQ01NAM": ["Haemorrhages", "Haemorrhages", None, None],
        "SMQ01SC": ["NARROW", "BROAD", None, None],
        "SMQ01SCN": [2, 1, None, None],
        "CQ01NAM": ["Nose bleeds", None, None, None],
    }
    assert [one for one in result.findings if one.code.startswith("DATA00")] == []


def test_a_rank_is_the_place_in_the_order_that_is_written(tmp_path):
    lines = {"R": ("number", "f.A | rank CR PR SD PD 'NON-CR/NON-PD'")}
    records = [{"A": one} for one in ("PD", "CR", "NON-CR/NON-PD", "", "NE")]

    result = build(evaluation(tmp_path, records, lines))

    assert result.tables["AE"].column("R").to_pylist() == [4, 1, 5, None, None]
    assert [(one.code, one.found) for one in result.findings] == [
        ("DATA002", ('"NE" 1 record, first f.csv row 6',))
    ]


ADSL = """dataset: ADSL
rows: each DM
keys: [USUBJID]
variables:
  DTHFL: {map: "when any AE where AE.AESDTH = 'Y' then 'Y'", label: Death}
  DTHYN: {map: "yn(any AE where AE.AESDTH = 'Y')", label: Death or none}
  DTHEX:
    map: when any AE where AE.AESDTH = 'Y' then 'Y' when any AE then 'N' else 'NONE'
    label: Death, none or no event
  AEWRST: {map: "max AE.SEVN", label: Worst, type: number}
  LASTTERM:
    map: last AE.AETERM where AE.SEVN is not missing order AE.SEVN AE.AETERM
    label: Worst term
"""
DM = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n  SUBJID: dm.SUBJ\n"
AE = """dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESDTH: ae.DTH
  SEVN: {map: "ae.SEV | rank MILD MODERATE SEVERE", label: Severity, type: number}
"""


def test_existence_in_another_data_set_has_a_word_for_each_of_its_cases(tmp_path):
    ae = "SUBJ,TERM,DTH,SEV\n1,Cough,Y,MODERATE\n1,Pain,,SEVERE\n2,Rash,N,MILD\n2,Itch,,\n"
    write_study(
        tmp_path,
        {"sdtm/dm": DM, "sdtm/ae": AE, "adam/adsl": ADSL},
        {"dm": "SUBJ\n1\n2\n3\n", "ae": ae},
    )

    table = build(tmp_path).tables["ADSL"].drop_columns(["STUDYID", "USUBJID"])

    assert table.to_pylist() == [
        {"DTHFL": "Y", "DTHYN": "Y", "DTHEX": "Y", "AEWRST": 3, "LASTTERM": "Pain"},
        {"DTHFL": None, "DTHYN": "N", "DTHEX": "N", "AEWRST": 1, "LASTTERM": "Rash"},
        {"DTHFL": None, "DTHYN": "N", "DTHEX": "NONE", "AEWRST": None, "LASTTERM": None},
    ]


def test_a_criterion_is_a_flag_with_or_without_no(tmp_path):
    lines = {
        "AVAL": ("number", "f.A | num"),
        "CRIT1": "when AVAL > 3 then 'ALT > 3 x ULN'",
        "CRIT1FL": "when AVAL > 3 then 'Y'",
        "CRIT2FL": "yn(AVAL > 3)",
        "CRIT3FL": "when AVAL is not missing then yn(AVAL > 3)",
        "CRIT3FN": ("number", "when CRIT3FL = 'Y' then 1 when CRIT3FL = 'N' then 0"),
    }

    found = evaluate(tmp_path, [{"A": "4"}, {"A": "3"}, {"A": ""}], lines)

    assert {name: found[name] for name in list(lines)[1:]} == {
        "CRIT1": ["ALT > 3 x ULN", None, None],
        "CRIT1FL": ["Y", None, None],
        "CRIT2FL": ["Y", "N", "N"],
        "CRIT3FL": ["Y", "N", None],
        "CRIT3FN": [1, 0, None],
    }


def test_a_score_is_the_mean_of_enough_items_on_another_range(tmp_path):
    items = [{"A": "1", "B": "5", "C": "3"}, {"A": "2", "B": "", "C": ""}, {"A": ""}]
    lines = {
        **{f"ITEM{one}": ("number", f"f.{one} | num") for one in "ABC"},
        "N": (
            "number",
            (
                "(when ITEMA is not missing then 1 else 0)"
                " + (when ITEMB is not missing then 1 else 0)"
                " + (when ITEMC is not missing then 1 else 0)"
            ),
        ),
        "SCORE": ("number", "when N >= 2 then scale(average(ITEMA, ITEMB, ITEMC), 1, 5, 0, 100)"),
    }

    assert evaluate(tmp_path, items, lines)["SCORE"] == [50, None, None]


def test_pre_dose_results_of_the_first_day_are_not_on_treatment(tmp_path):
    lines = {
        "ADT": ("date", "f.A | iso 'y-m-d' | date"),
        "TRTSDT": ("date", "f.T | iso 'y-m-d' | date"),
        "ONTRTFL": "when f.TPT = 'PRE' and ADT = TRTSDT then '' else on_treatment(ADT, TRTSDT)",
    }
    day = {"T": "2026-02-01"}
    records = [
        {**day, "A": "2026-02-01", "TPT": "PRE"},
        {**day, "A": "2026-02-01", "TPT": "2H"},
        {**day, "A": "2026-02-02", "TPT": "PRE"},
    ]

    assert evaluate(tmp_path, records, lines)["ONTRTFL"] == [None, "Y", "Y"]


def test_a_result_beyond_the_limit_has_the_limit_as_its_number(tmp_path):
    texts = {
        "<40": 20,
        "<= 0.5": 0.25,
        ">1e3": 500,
        "12": 12,
        "<ND": None,
        "": None,
        "< 4 mg": None,
    }
    line = "coalesce(f.A | num else missing, (f.A | limit) / 2)"

    found = evaluate(tmp_path, [{"A": one} for one in texts], {"R": ("number", line)})

    assert dict(zip(texts, found["R"], strict=True)) == texts
