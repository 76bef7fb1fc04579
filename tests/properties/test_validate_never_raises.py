import datetime as dt

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.dataset import ARROW_TYPES, AdamStudy, Codelist, Dataset, SdtmStudy, Term, Variable
from cdisc.diagnostics import Diagnostic
from cdisc.standard import load_adam, load_sdtm, load_terminology
from cdisc.validate import validate_study

SDTM, ADAM = load_sdtm("3.4"), load_adam("1.3")
CT = (load_terminology("sdtm", "2025-03-28"), load_terminology("adam", "2026-03-27"))
OWN = Codelist("OWN", "Own", (Term("Y"), Term("Z", extended=True)))

TEXTS = ["Y", "y", "1", "2026-05-14", "2026---14", "2026-02-30", "P3D", "AE", "AESEQ", "ÄÖ" * 30]
VALUES = {
    "text": st.sampled_from(TEXTS),
    "number": st.sampled_from([0.0, -1.0, 1.0, 2.0, 1.5, float("inf"), 1e300]),
    "date": st.sampled_from([dt.date(2026, 5, 14), dt.date(1, 1, 1)]),
    "datetime": st.sampled_from([dt.datetime(2026, 5, 14, 8, 30)]),  # noqa: DTZ001  no zones here
    "time": st.sampled_from([dt.time(8, 30)]),
}
TABULATION = [
    "STUDYID", "DOMAIN", "USUBJID", "RFSTDTC", "RFENDTC", "ARMCD", "ARM", "AESEQ", "AETERM",
    "AESEV", "AESTDTC", "AEENDTC", "AESTDY", "AEDUR", "VISIT", "VISITNUM", "LBTESTCD", "LBTEST",
    "RDOMAIN", "IDVAR", "IDVARVAL", "QNAM", "QLABEL", "bad name",
]  # fmt: skip
ANALYSIS = [
    "USUBJID", "PARAMCD", "PARAM", "AVAL", "AVALC", "AVALCAT1", "AVALCA1N", "CNSR", "SAFFL",
    "SAFFN", "ABLFL", "ASTDT", "AENDT", "ASTDTF", "ASTTMF", "TRTSDT", "TRTEDT", "ASEQ", "SEX",
]  # fmt: skip


@st.composite
def datasets(draw, name, names, class_name):
    chosen = draw(st.lists(st.sampled_from(names), min_size=1, max_size=8, unique=True))
    records = draw(st.integers(0, 4))
    variables, columns = [], {}
    for one in chosen:
        kind = draw(st.sampled_from(sorted(VALUES)))
        values = draw(st.lists(st.none() | VALUES[kind], min_size=records, max_size=records))
        columns[one] = pa.array(values, ARROW_TYPES[kind])
        codelist = draw(st.sampled_from([None, OWN]))
        variables.append(Variable(one, one, kind, draw(st.integers(1, 201)), codelist=codelist))
    keys = tuple(draw(st.lists(st.sampled_from(names), max_size=3, unique=True)))
    return Dataset(name, name, class_name, "One record", keys, tuple(variables), pa.table(columns))


def _is_found(found):
    return isinstance(found, tuple) and all(isinstance(one, Diagnostic) for one in found)


@settings(max_examples=25, deadline=None, derandomize=True, report_multiple_bugs=False)
@given(
    datasets("DM", TABULATION, "SPECIAL PURPOSE"),
    datasets("AE", TABULATION, "EVENTS"),
    datasets("SUPPAE", TABULATION, "RELATIONSHIP"),
)
def test_no_tabulation_data_make_a_check_raise(subjects, events, supplement):
    study = SdtmStudy("S", "S", "S", "S", (), (subjects, events, supplement))
    found = validate_study(study, standard=SDTM, terminology=CT)
    assert _is_found(found)
    assert [one.to_text() for one in found] == [
        one.to_text() for one in validate_study(study, standard=SDTM, terminology=CT)
    ]


@settings(max_examples=25, deadline=None, derandomize=True, report_multiple_bugs=False)
@given(
    datasets("DM", TABULATION, "SPECIAL PURPOSE"),
    datasets("ADSL", ANALYSIS, "SUBJECT LEVEL ANALYSIS DATASET"),
    datasets("ADX", ANALYSIS, "BASIC DATA STRUCTURE"),
)
def test_no_analysis_data_make_a_check_raise(previous, subjects, values):
    study = AdamStudy("S", "S", "S", "S", (), (subjects, values))
    found = validate_study(
        study,
        standard=ADAM,
        terminology=CT,
        previous=SdtmStudy("S", "S", "S", "S", (), (previous,)),
    )
    assert _is_found(found)
