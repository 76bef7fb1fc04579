"""The demonstration study, whole: its datasets, its ledger, its findings; read back by others."""

import datetime as dt
import json
import re
from pathlib import Path

import defineutils
import numpy as np
import pandas as pd
import pyreadstat
import pytest
from lxml import etree

from cdisc.transport import read_xpt
from define_xml import check_define, validate_schema

pytestmark = pytest.mark.slow

SAS_EPOCH = dt.date(1960, 1, 1)
SCHEMA = Path(defineutils.__file__).parent / "validate" / "schema"
# The index of the study's design: dataset, class, and the variables that tell records apart.
INDEX = """
TA     | TRIAL DESIGN    | ARMCD TAETORD
TE     | TRIAL DESIGN    | ETCD
TV     | TRIAL DESIGN    | ARMCD VISITNUM
TI     | TRIAL DESIGN    | IETESTCD
TS     | TRIAL DESIGN    | TSPARMCD TSVAL
DM     | SPECIAL PURPOSE | USUBJID
SE     | SPECIAL PURPOSE | USUBJID SESTDTC TAETORD
SV     | SPECIAL PURPOSE | USUBJID VISITNUM
CO     | SPECIAL PURPOSE | USUBJID CODTC COVAL
EC     | INTERVENTIONS   | USUBJID ECTRT ECSTDTC
EX     | INTERVENTIONS   | USUBJID EXTRT EXSTDTC
CM     | INTERVENTIONS   | USUBJID CMDECOD CMSTDTC CMTRT
PR     | INTERVENTIONS   | USUBJID PRTRT PRSTDTC
AE     | EVENTS          | USUBJID AEDECOD AESTDTC AETERM
DS     | EVENTS          | USUBJID DSSTDTC DSDECOD DSSCAT
MH     | EVENTS          | USUBJID MHDECOD MHSTDTC MHTERM
DV     | EVENTS          | USUBJID DVTERM DVSTDTC
DD     | FINDINGS        | USUBJID DDTESTCD DDDTC
IE     | FINDINGS        | USUBJID IETESTCD
SS     | FINDINGS        | USUBJID SSTESTCD SSDTC
LB     | FINDINGS        | USUBJID LBTESTCD LBSPEC LBDTC
CP     | FINDINGS        | USUBJID CPTESTCD CPMRKSTR CPSPEC CPDTC
MI     | FINDINGS        | USUBJID MITESTCD MISPEC MIDTC
RS     | FINDINGS        | USUBJID RSCAT RSSCAT RSTESTCD RSDTC
FA     | FINDINGS ABOUT  | USUBJID FATESTCD FAOBJ FADTC
VS     | FINDINGS        | USUBJID VSTESTCD VSDTC
SUPPDM | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPAE | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPEC | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPPR | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPMH | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPRS | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPLB | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPCP | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
SUPPDS | RELATIONSHIP    | USUBJID IDVAR IDVARVAL QNAM
RELREC | RELATIONSHIP    | RDOMAIN USUBJID IDVAR IDVARVAL RELID
ADSL   | SUBJECT LEVEL ANALYSIS DATASET | USUBJID
ADEX   | BASIC DATA STRUCTURE           | USUBJID PARAMN APERIOD
ADMRD  | BASIC DATA STRUCTURE           | USUBJID PARAMN ADT
ADRS   | BASIC DATA STRUCTURE           | USUBJID PARAMN
ADGVHD | BASIC DATA STRUCTURE           | USUBJID PARAMN ADT
ADLB   | BASIC DATA STRUCTURE           | USUBJID PARAMCD ADT ATM LBSEQ
ADAE   | OCCURRENCE DATA STRUCTURE      | USUBJID AESEQ
ADTTE  | BASIC DATA STRUCTURE           | USUBJID PARAMCD
"""
INDEX = [[cell.strip() for cell in line.split("|")] for line in INDEX.split("\n") if line]
PAIRS = {"EC EX", "CP RS", "MI RS", "AE FA", "AE CM", "AE RS", "AE DD"}
FORMS = (
    "demo ic ie dx hsct gvhdhx mh vs ecog preg aph ld cartinf chemo dli bm emd resp gvhd toxday"
    " ae cm proc visit xo eot eos death surv dev comm rand mfg lab flow"
)
FORMS = FORMS.split()
CODINGS = ("ext/AE_CODED.csv", "ext/CM_CODED.csv")  # the 36th form: the coding files
STAGES = ["tabulations/sdtm", "analysis/adam/datasets"]


@pytest.fixture(scope="module")
def package(whole_study):
    return whole_study.package, whole_study.report


def transports(package):
    return sorted(package[0].rglob("*.xpt"))


def dataset(package, name):
    path = next(path for path in transports(package) if path.stem == name)
    return read_xpt(path).to_pandas()


@pytest.fixture(scope="module")
def described(package):
    """What define.xml says of each dataset: class and keys, as its HTML page shows them."""
    spaces = {
        "odm": "http://www.cdisc.org/ns/odm/v1.3",
        "def": "http://www.cdisc.org/ns/def/v2.1",
    }
    found = {}
    for stage in STAGES:
        root = etree.parse(package[0] / "m5/datasets/syn07441291" / stage / "define.xml").getroot()
        names = {one.get("OID"): one.get("Name") for one in root.iterfind(".//odm:ItemDef", spaces)}
        for group in root.iterfind(".//odm:ItemGroupDef", spaces):
            keys = [
                (int(one.get("KeySequence")), names[one.get("ItemOID")])
                for one in group.iterfind("odm:ItemRef", spaces)
                if one.get("KeySequence")
            ]
            kind = group.find("def:Class", spaces).get("Name")
            found[group.get("Name")] = (kind, [name for _, name in sorted(keys)])
    return found


@pytest.mark.parametrize(("name", "kind", "keys"), INDEX, ids=[row[0] for row in INDEX])
def test_every_dataset_of_the_design_is_in_the_package(described, package, name, kind, keys):
    assert not dataset(package, name.lower()).empty
    assert described[name][0] == kind
    assert set(keys.split()) <= {"STUDYID", *described[name][1]}


def test_there_is_no_dataset_that_the_design_does_not_name(package):
    assert {path.stem.upper() for path in transports(package)} == {row[0] for row in INDEX}


def test_every_relation_of_the_design_is_in_relrec(package):
    relrec = dataset(package, "relrec")
    pairs = relrec.groupby("RELID").RDOMAIN.agg(lambda domains: " ".join(sorted(set(domains))))
    assert set(pairs) == PAIRS


def test_another_reader_reads_every_value_back(package):
    for path in transports(package):
        ours = read_xpt(path)
        theirs, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
        assert meta.column_names == [variable.name for variable in ours.variables]
        assert meta.column_labels == [variable.label for variable in ours.variables]
        assert len(theirs) == ours.table.num_rows
        for variable in ours.variables:
            own = ours.table.column(variable.name)
            if variable.kind == "text":
                assert theirs[variable.name].tolist() == own.fill_null("").to_pylist()
                continue
            expected = [as_sas(value) for value in own.to_pylist()]
            np.testing.assert_array_equal(theirs[variable.name].to_numpy(float), expected)


def as_sas(value):
    if value is None:
        return np.nan
    if isinstance(value, dt.datetime):
        return (value - dt.datetime(1960, 1, 1)).total_seconds()  # noqa: DTZ001  SAS has no zones
    if isinstance(value, dt.time):
        return value.hour * 3600 + value.minute * 60 + value.second
    return (value - SAS_EPOCH).days if isinstance(value, dt.date) else value


@pytest.mark.parametrize("stage", STAGES)
def test_define_is_valid_and_agrees_with_the_data(package, stage):
    folder = package[0] / "m5" / "datasets" / "syn07441291" / stage
    assert validate_schema(folder / "define.xml", SCHEMA) == ()
    assert check_define(folder / "define.xml") == ()
    assert [one.code for one in package[1].findings if one.code.startswith("DEF")] == []


def test_every_form_of_the_design_was_collected_and_read(package, whole_study):
    assert [form.form for form in package[1].ledger] == FORMS
    delivered = {
        path.relative_to(whole_study.raw).as_posix() for path in whole_study.raw.rglob("*.csv")
    }
    read = {form.file for form in package[1].ledger}
    assert delivered - read == {*CODINGS, "ext/LABREF.csv"}


@pytest.mark.parametrize("name", FORMS)
def test_every_raw_record_and_field_is_accounted_for(package, name):
    form = next(one for one in package[1].ledger if one.form == name)
    assert form.records > 0
    assert form.unaccounted == 0
    assert [field.name for field in form.unused if not field.reason] == []
    for use in form.uses:
        left_out = [
            one for one in form.excluded if (one.dataset, one.line) == (use.dataset, use.line)
        ]
        assert use.records + sum(one.records for one in left_out) == form.records
        assert all(one.reason for one in left_out)


def test_nothing_was_left_over_in_silence(package):
    lost = {"DATA013", "DATA014", "DATA021"}  # field, form, file that nobody uses
    assert [one for one in package[1].findings if one.code in lost] == []


def test_every_finding_is_explained(package):
    """There is no error; the warnings are those of the data that no query mended."""
    findings = package[1].findings
    assert [one.fact for one in findings if one.explained is None] == []
    assert [one.fact for one in findings if one.severity == "error"] == []
    warnings = [one for one in findings if one.severity == "warning"]
    assert sorted((one.code, one.dataset) for one in warnings) == [
        ("DATA012", "AE"),
        ("DATA012", "LB"),
        ("DATA012", "VS"),
        ("SDTM019", "AE"),
        ("SDTM019", "CM"),
    ]


def test_no_explanation_explains_nothing(package):
    assert [one.fact for one in package[1].findings if one.code in ("DATA036", "DATA037")] == []


def test_every_defect_that_is_reported_was_planted(package, whole_study):
    """As many records are found as the simulator spoiled, no more and no fewer."""
    dirt = pd.read_csv(whole_study.truth / "truth_dirt.csv", dtype=str, keep_default_na=False)
    planted = dirt.groupby(["DEFECT", "FILE"]).size()
    found = {
        (one.code, one.dataset): one.records
        or int(re.match(r"(\d+) records? of", one.fact).group(1))
        for one in package[1].findings
        if one.severity != "note"
    }
    assert found == {
        ("SDTM019", "AE"): planted["Q14", "raw/edc/AE.csv"],
        ("SDTM019", "CM"): planted["Q14", "raw/edc/CM.csv"],
        ("DATA012", "AE"): planted["Q20", "raw/edc/AE.csv"],
        ("DATA012", "LB"): planted["Q17", "raw/ext/LAB.csv"],
        ("DATA012", "VS"): planted["Q13", "raw/edc/VS.csv"],
    }


def test_other_subjects_have_no_finding_of_another_kind(small_study):
    grave = [one for one in small_study.report.findings if one.severity != "note"]
    assert [one.fact for one in grave if one.explained is None] == []
    assert small_study.report.status == "clean"


def test_the_manifest_lists_every_file_with_its_hash(package):
    manifest = json.loads((package[0] / "manifest.json").read_text(encoding="utf-8"))
    files = {
        path.relative_to(package[0]).as_posix() for path in package[0].rglob("*") if path.is_file()
    }
    assert {one["path"] for one in manifest["outputs"]} == files - {"manifest.json"}


def test_units_are_those_of_the_study_whatever_the_hospital_sent(package):
    lb = dataset(package, "lb")
    collected = lb[lb.LBSTRESN.notna()]
    assert collected.groupby("LBTESTCD").LBSTRESU.nunique().max() == 1
    mixed = collected.groupby("LBTESTCD").LBORRESU.nunique()
    assert (mixed > 1).any()
    haemoglobin = collected[(collected.LBTESTCD == "HGB") & (collected.LBORRESU == "g/dL")]
    assert not haemoglobin.empty
    np.testing.assert_allclose(
        haemoglobin.LBSTRESN, pd.to_numeric(haemoglobin.LBORRES) * 10, rtol=1e-12
    )


def test_partial_dates_stay_partial(package):
    starts = dataset(package, "ae").AESTDTC.dropna()
    assert set(starts.str.len()) >= {4, 7, 10}
    assert dataset(package, "ae")[lambda ae: ae.AESTDTC.str.len() < 10].AESTDY.isna().all()
