import re

import pytest

from cdisc.simulate.model import load

ROW_DEFECTS = {"Q08", "Q25", "Q09", "Q20"}
OF_RECORDS = {"Q06", "Q10", "Q15", "Q16", "Q17", "Q21", "Q22", "Q23", "Q24", "Q26"}


@pytest.mark.parametrize(
    ("defect", "form", "least"),
    [
        ("Q01", "AE", 10),
        ("Q01", "CM", 50),
        ("Q01", "DX", 3),
        ("Q01", "HSCT", 1),
        ("Q01", "MH", 10),
        ("Q02", "MH", 1),
        ("Q03", "LAB", 100),
        ("Q04", "LAB", 100),
        ("Q04", "VS", 20),
        ("Q05", "LAB", 100),
        ("Q06", "AE", 20),
        ("Q06", "CHEMO", 4),
        ("Q06", "CM", 40),
        ("Q06", "LAB", 8),
        ("Q07", "LAB", 100),
        ("Q08", "AE", 1),
        ("Q08", "LAB", 100),
        ("Q09", "LAB", 100),
        ("Q10", "LAB", 100),
        ("Q11", "CM", 4),
        ("Q11", "DEMO", 1),
        ("Q11", "HSCT", 1),
        ("Q11", "AE", 3),
        ("Q11", "EOS", 1),
        ("Q11", "LAB", 50),
        ("Q12", "LAB", 50),
        ("Q12", "VS", 5),
        ("Q13", "LAB", 2),
        ("Q13", "VS", 1),
        ("Q14", "AE", 2),
        ("Q14", "CM", 2),
        ("Q15", "FLOW", 1),
        ("Q15", "LAB", 1),
        ("Q15", "MFG", 1),
        ("Q15", "RAND", 1),
        ("Q16", "RAND", 1),
        ("Q17", "LAB", 10),
        ("Q18", "AE", 2),
        ("Q18", "CM", 5),
        ("Q19", "AE", 10),
        ("Q20", "AE", 3),
        ("Q21", "FLOW", 5),
        ("Q22", "FLOW", 20),
        ("Q23", "RESP", 2),
        ("Q24", "DEATH", 1),
        ("Q25", "LAB", 4),
        ("Q26", "IE", 6),
        ("Q27", "LAB", 100),
        ("Q28", "CM", 3),
        ("Q28", "PROC", 5),
    ],
)
def test_every_defect_of_the_design_is_made_and_logged(simulated, defect, form, least):
    file, _ = simulated.file(form)
    lines = [
        line
        for line in simulated.rows("truth_dirt")
        if (line["DEFECT"], line["FILE"]) == (defect, file)
    ]
    assert len(lines) >= least


def test_the_log_undone_gives_the_study_without_defects(simulated, clean):
    log = {}
    for line in simulated.rows("truth_dirt"):
        log.setdefault(line["FILE"], {}).setdefault(int(line["ROW"]), []).append(line)
    for name in simulated.forms["forms"]:
        file, _ = simulated.file(name)
        restored = []
        for number, row in enumerate(simulated.rows(name), start=1):
            lines = log.get(file, {}).get(number, [])
            if any(line["DEFECT"] in ROW_DEFECTS for line in lines):
                continue
            for line in lines:
                if line["DEFECT"] not in OF_RECORDS:
                    row[line["FIELD"]] = line["CLEAN"]
            restored.append((row, lines))
        expected = clean.rows(name)
        assert len(restored) == len(expected)
        for (row, lines), other in zip(restored, expected, strict=True):
            if name == "LAB" and any(line["DEFECT"] == "Q04" for line in lines):
                row = row | {"RESULT": other["RESULT"], "REF": other["REF"]}  # noqa: PLW2901
            assert row == other


def test_defects_do_not_change_the_truth(simulated, clean):
    for name in ("truth_subject", "truth_endpoint", "truth_tox"):
        assert simulated.rows(name) == clean.rows(name)


def test_a_study_without_defects_logs_only_what_its_course_holds(clean):
    assert {line["DEFECT"] for line in clean.rows("truth_dirt")} == OF_RECORDS


def cells(simulated, defect, field):
    return [
        (line["CLEAN"], line["DIRTY"])
        for line in simulated.rows("truth_dirt")
        if line["DEFECT"] == defect and line["FIELD"] == field
    ]


def test_partial_dates_keep_the_parts_that_are_known(simulated):
    dates = cells(simulated, "Q01", "AESTDAT") + cells(simulated, "Q01", "AEENDAT")
    for complete, partial in dates:
        assert partial in (f"UN-UNK-{complete[-4:]}", f"UN{complete[2:]}")
    assert {dirty[:6] == "UN-UNK" for _, dirty in dates} == {True, False}


def test_a_missing_code_leaves_its_decode(simulated):
    rows = simulated.rows("DEMO")
    assert [row["SEX_D"] for row in rows if row["SEX"] == ""] == [
        {"1": "Male", "2": "Female"}[clean] for clean, _ in cells(simulated, "Q11", "SEX")
    ]


def test_grades_are_written_in_three_other_ways(simulated):
    written = {dirty for _, dirty in cells(simulated, "Q19", "AEGR")}
    assert all(re.fullmatch(r"I|II|III|IV|G\d|\d级", one) for one in written)
    assert len({re.sub(r"\d|[IV]+", "n", one) for one in written}) == 3


def test_results_carry_marks_wide_digits_and_comparators(simulated):
    dirty = [after for _, after in cells(simulated, "Q07", "RESULT")]
    assert any(one.endswith("*") for one in dirty)
    assert any(one.startswith("<") for one in dirty)
    assert any("。" in one for one in dirty)
    assert any("０" <= one[0] <= "９" for one in dirty)


def test_midnight_is_written_as_the_end_of_the_day_before(simulated):
    late = [pair for pair in cells(simulated, "Q27", "COLL_TM") if pair[1].endswith(" 24:00")]
    assert late
    for clean, dirty in late:
        day, before = (tuple(map(int, one.split(" ")[0].split("/"))) for one in (clean, dirty))
        assert before < day


def test_a_corrected_result_follows_the_one_it_corrects(simulated):
    rows = simulated.rows("LAB")
    corrected = [number for number, row in enumerate(rows) if row["STATUS"] == "C"]
    assert corrected
    for number in corrected:
        before = next(
            row
            for row in reversed(rows[:number])
            if row["STATUS"] == "F" and row["ITEM_CODE"] == rows[number]["ITEM_CODE"]
        )
        assert before["SAMPLE_ID"] == rows[number]["SAMPLE_ID"]
        assert before["RESULT"] != rows[number]["RESULT"]


def test_unknown_patients_are_in_no_form(simulated):
    strangers = [row for row in simulated.rows("LAB") if row["PATNO"] == "0999"]
    assert len(strangers) == 4
    assert not any(row["SUBJ"].endswith("-0999") for row in simulated.rows("DEMO"))


def test_the_second_hospital_uses_its_own_units(simulated):
    units = {
        (row["HOSP"], row["ITEM_CODE"]): row["UNIT"]
        for row in simulated.rows("LABREF")
        if row["ITEM_CODE"] in ("HGB", "Hb", "CREA", "Cr")
    }
    assert units == {
        ("PK01", "HGB"): "g/L",
        ("PK01", "CREA"): "umol/L",
        ("PK02", "Hb"): "g/dL",
        ("PK02", "Cr"): "mg/dL",
        ("PK03", "HGB"): "g/L",
        ("PK03", "CREA"): "umol/L",
    }


def test_the_cancelled_number_was_replaced_by_the_one_in_use(simulated):
    rows = simulated.rows("RAND")
    (cancelled,) = [row for row in rows if row["CANCELLED"] == "1"]
    (used,) = [
        row for row in rows if row["SUBJ_IW"] == cancelled["SUBJ_IW"] and row["CANCELLED"] == "0"
    ]
    assert cancelled["RANDDTTM"] < used["RANDDTTM"]
    assert cancelled["RANDNO"] != used["RANDNO"]


def test_the_certificate_completes_a_partial_death(simulated):
    rows = simulated.rows("DEATH")
    (partial,) = [row for row in rows if row["DTHDAT"].startswith("UN-")]
    (complete,) = [row for row in rows if row["SUBJ"] == partial["SUBJ"] and row["DTHSRC"] == "2"]
    assert complete["DTHDAT"][2:] == partial["DTHDAT"][2:]
    truth = simulated.truth()[partial["SUBJ"]]
    assert truth["DEATHDT"][8:] == complete["DTHDAT"][:2]


def test_every_planned_defect_names_a_column_of_its_form():
    forms, plan = load("forms")["forms"], load("defects")
    for one in [*plan["cells"], *plan["known"]]:
        columns = {*forms[one["form"]]["columns"], *load("forms")["system"].values()}
        assert one["column"].removesuffix("_D") in columns
