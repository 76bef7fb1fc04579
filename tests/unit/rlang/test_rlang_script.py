import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import OutputError
from cdisc.functions import builtin_verbs
from cdisc.rlang import r_script
from cdisc.rlang.semantics import semantics, used_by
from cdisc.spec import load_study
from tests.study_builder import evaluation, write_study

WITHOUT = {"step iso639", "step split", "call time", "call visit_number"}


def test_almost_every_verb_has_a_rendering():
    verbs = builtin_verbs()
    without = {name for name, verb in verbs.items() if verb.r is None and verb.expands is None}

    assert without <= WITHOUT
    assert len(without) < 0.1 * len(verbs)


def test_what_has_no_rendering_is_said_and_not_guessed(tmp_path):
    folder = evaluation(tmp_path, [{"A": "x"}], {"LONG": "f.A | split into 2"})
    program = resolve(load_study(folder))

    with pytest.raises(OutputError) as caught:
        r_script(program, "AE", "LONG")

    (found,) = caught.value.diagnostics
    assert found.code == "OUT007"
    assert found.fact == "AE.LONG has no rendering in R: step split"


def test_a_variable_of_a_dataset_is_derived_from_the_package(tmp_path):
    dm = "dataset: DM\nrows: each dm\nkeys: USUBJID\nvariables:\n  RFXSTDTC: min EX.EXSTDTC\n"
    ex = (
        "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\n"
        "variables:\n  EXSTDTC: ex.D | iso 'y-m-d'\n"
    )
    folder = write_study(
        tmp_path,
        {"sdtm/dm": dm, "sdtm/ex": ex},
        {"dm": "SUBJ\n1\n", "ex": "SUBJ,D\n1,2026-05-03\n"},
    )

    script = r_script(resolve(load_study(folder)), "DM", "RFXSTDTC")

    assert script.startswith(
        "# DM.RFXSTDTC Date/Time of First Study Treatment\n"
        "# The earliest EX.EXSTDTC of the subject.\n"
    )
    assert (
        """
DM_RFXSTDTC <- function(DM, EX) {
  min_EX <- EX %>%
    group_by(USUBJID) %>%
    summarise(min_EX = minimum(EXSTDTC), .groups = "drop")
  DM <- DM %>%
    left_join(min_EX, by = "USUBJID") %>%
    mutate(RFXSTDTC = min_EX)
  DM %>% select(USUBJID, RFXSTDTC)
}

# DM <- haven::read_xpt("dm.xpt") %>% missing_texts()
# EX <- haven::read_xpt("ex.xpt") %>% missing_texts()
# DM_RFXSTDTC(DM, EX)
"""
        in script
    )


def test_a_script_holds_the_functions_that_it_calls_and_no_others():
    found = used_by("x <- dtc_before(a, b)")

    assert [text.rsplit(" <- function", 1)[0].split("\n")[-1] for text in found] == [
        "known",
        "dtc_before",
    ]
    assert set(semantics()) > {"known", "dtc_before", "study_day"}


def two_datasets(folder, dm_rows="each dm", line="min EX.EXSTDTC", work=""):
    """DM with one line, and EX with a work variable, ready to be rendered."""
    dm = f"dataset: DM\nrows: {dm_rows}\nkeys: USUBJID\nvariables:\n  RFXSTDTC: {line}\n"
    ex = (
        "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\n"
        f"variables:\n  EXSTDTC: ex.D | iso 'y-m-d'\n  EXTRT: ex.T\n{work}"
    )
    mappings = {"sdtm/dm": dm, "sdtm/ex": ex}
    raw = {"dm": "SUBJ\n1\n", "ex": "SUBJ,D,T\n1,2026-05-03,A\n"}
    return resolve(load_study(write_study(folder, mappings, raw)))


@pytest.mark.parametrize(
    "line",
    [
        "first EX.EXSTDTC where EX.FIRST = 'Y' order EX.EXSTDTC",
        "first EX.EXSTDTC where EX.EXTRT = USUBJID order EX.FIRST",
        "min EX.EXSTDTC where EX.FIRST = USUBJID",
    ],
)
def test_a_work_variable_of_another_dataset_is_in_no_file_and_refused(tmp_path, line):
    program = two_datasets(
        tmp_path, line=line, work="work:\n  FIRST: \"when EXTRT = 'A' then 'Y'\"\n"
    )

    with pytest.raises(OutputError) as caught:
        r_script(program, "DM", "RFXSTDTC")

    (found,) = caught.value.diagnostics
    assert found.fact == "DM.RFXSTDTC has no rendering in R: EX.FIRST, which is not submitted"


def test_records_that_are_taken_by_what_others_say_are_refused(tmp_path):
    rows = "each dm where any ex where ex.SUBJ = dm.SUBJ"
    program = two_datasets(tmp_path, dm_rows=rows, line="dm.SUBJ | iso 'y'")

    with pytest.raises(OutputError) as caught:
        r_script(program, "DM", "RFXSTDTC")

    (found,) = caught.value.diagnostics
    assert found.fact.endswith(": records that are taken by what others say")


def test_values_of_the_source_and_of_all_its_records_have_names_of_their_own(tmp_path):
    ec = (
        "dataset: EC\nrows: each EX\nkeys: [USUBJID, ECSTDTC]\nvariables:\n"
        "  ECTRT: EX.EXTRT\n  ECSTDTC: min EX.EXSTDTC where EX.EXTRT = DRUG\n"
        "work:\n  DRUG: EX.EXTRT\n"
    )
    ex = (
        "dataset: EX\nrows: each ex\nkeys: [USUBJID, EXSTDTC]\n"
        "variables:\n  EXSTDTC: ex.D | iso 'y-m-d'\n  EXTRT: ex.T\n"
    )
    raw = {"ex": "SUBJ,D,T\n1,2026-05-03,A\n"}
    folder = write_study(tmp_path, {"sdtm/ec": ec, "sdtm/ex": ex}, raw)

    script = r_script(resolve(load_study(folder)), "EC", "ECSTDTC")

    assert "all_EX.EXTRT = EXTRT" in script
    assert "filter(all_EX.EXTRT == DRUG)" in script
