"""Published rules on a package: which apply, what they find, and what ours have said already."""

import csv
import datetime as dt
import io
import json

import jsonschema
import openpyxl
import pyarrow as pa
import pytest
import yaml

from cdisc.dataset import Dataset
from cdisc.diagnostics import catalogue
from cdisc.resources import specs_root
from cdisc.review.judgement import judge
from cdisc.review.merging import same
from cdisc.review.origins import Origins, with_origins
from cdisc.review.published import Published, own_rules
from cdisc.review.rule_store import store_of
from cdisc.review.validation import Asked, run_validation
from cdisc.validate import reports
from cdisc.validate.open_rules.findings import severities
from cdisc.validate.rules import load_rules
from cdisc.validate.rules.presence import load_presence

from .conftest import STUDYID, USUBJID, text, write

DAY = dt.date(2026, 1, 1)
NAMES = ["STUDYID", "DOMAIN", "USUBJID", "DTHFL", "ARMCD", "ARM"]
ROWS = [
    ("S1", "DM", "S1-1", "Y", "A", "Arm A"),
    ("S1", "DM", "S1-2", "N", "A", "Arm A"),
    ("S1", "DM", "S1-3", None, "A", "Arm A"),
    ("S1", "DM", "S1-4", "N", "B", "Arm B"),
]


def rule(name, check, **more):
    references = [
        {
            "Rule Identifier": {"Id": "CG9001"},
            "Citations": [{"Document": "IG v3.4", "Section": "5.2", "Item": "DTHFL"}],
        }
    ]
    standards = [{"Name": "SDTMIG", "Version": "3.4", "References": references}]
    return {
        "Core": {"Id": name, "Status": "Published"},
        "Authorities": [{"Organization": "CDISC", "Standards": standards}],
        "Rule Type": "Record Data",
        "Sensitivity": "Record",
        "Scope": {"Domains": {"Include": ["DM"]}},
        "Outcome": {"Message": "The flag is wrong.", "Output Variables": ["DTHFL", "ARMCD"]},
        "Check": {"all": check},
        **more,
    }


WRONG = [
    {"name": "DTHFL", "operator": "non_empty"},
    {"name": "DTHFL", "operator": "not_equal_to", "value": "Y"},
]
SET = [{"name": "DTHFL", "operator": "non_empty"}]
OTHER = {"Domains": {"Include": ["CM"]}}
OLDER = [{"Organization": "CDISC", "Standards": [{"Name": "SDTMIG", "Version": "3.2"}]}]


def published(*rules, grades=None, **more):
    return Published(store_of(rules), severities(grades), **more)


def table(name, names, rows):
    variables = [
        {"STUDYID": STUDYID, "USUBJID": USUBJID}.get(one) or text(one, one) for one in names
    ]
    columns = [pa.array(values, pa.string()) for values in zip(*rows, strict=True)]
    return Dataset(
        name, name, "", "One record per ...", ("USUBJID",), tuple(variables),
        pa.table(columns, names=names),
    )  # fmt: skip


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("published") / "pkg"
    return write(folder, [table("DM", NAMES, ROWS)], define=False)


def found(package, *rules, own=False, **more):
    judged = judge(package, published=published(*rules, **more), own=own)
    return judged, [one for one in judged.findings if one.engine == "open" or one.also]


def test_what_a_published_rule_finds_has_the_shape_of_all_findings(package):
    _judged, (one,) = found(package, rule("OWN-1", WRONG))

    assert (one.code, one.severity, one.message) == ("OWN-1", "error", "The flag is wrong.")
    assert (one.dataset, one.variable) == ("DM", "DTHFL")
    assert (one.records, one.subjects, one.first) == (2, 2, (2, 4))
    assert one.keys == ('USUBJID "S1-2"',)
    assert one.values == ('DTHFL "N", ARMCD "A": 1 record', 'DTHFL "N", ARMCD "B": 1 record')
    assert one.source == "CDISC CG9001: IG v3.4, 5.2, DTHFL"
    assert (one.numbers, one.engine) == (("CG9001",), "open")


def test_a_finding_of_a_dataset_is_about_no_record(package):
    check = [{"name": "ARMNRS", "operator": "not_exists"}]
    _judged, (one,) = found(package, rule("OWN-1", check, Sensitivity="Dataset"))
    assert (one.dataset, one.records, one.first, one.keys) == ("DM", 0, (), ())


def test_rules_are_chosen_by_standard_and_use_and_what_is_not_run_is_said(package):
    rules = [
        rule("OWN-1", WRONG),
        rule("OWN-2", WRONG, Scope=OTHER),
        rule("OWN-3", WRONG, Authorities=OLDER),
        rule("OWN-4", [{"name": "DTHFL", "operator": "odd"}]),
        rule("OWN-5", WRONG, Scope={**OTHER, "Use Case": "NONCLIN"}),
        rule("OWN-6", WRONG, **{"Rule Type": "Variable Metadata Check against Define XML"}),
    ]

    ((one,), _), ((other,), _) = (
        (judged.published, findings)
        for judged, findings in (
            found(package, *rules, use="INDH"),
            found(package, *rules, standard=("SDTMIG", "3.2")),
        )
    )

    assert (one.standard, one.rules, one.ran) == ("SDTMIG 3.4", 4, 1)
    assert dict(one.skipped) == {
        "no dataset of those it is for": ("OWN-2",),
        "no define.xml": ("OWN-6",),
        "operator odd": ("OWN-4",),
    }
    assert (other.standard, other.rules, other.ran) == ("SDTMIG 3.2", 1, 1)


def test_severities_are_those_of_the_table_of_the_study_then_of_the_program(package, tmp_path):
    (tmp_path / "rules.yaml").write_text(
        'severities: {"OWN-*": notice, OWN-2: warning}\nstandard: SDTMIG 3.3\n', encoding="utf-8"
    )
    doubtful = {"Executability": "Partially Executable - Possible Overreporting"}

    own = own_rules(tmp_path)

    assert [own.grades.of(one) for one in ("OWN-1", "OWN-2", "X-1", "CORE-000581")] == [
        "notice", "warning", "error", "reject",
    ]  # fmt: skip
    assert own.grades.of("X-1", doubtful) == "warning"
    assert own.standard == ("SDTMIG", "3.3")
    _judged, (one,) = found(package, rule("OWN-1", WRONG), grades={"OWN-1": "notice"})
    assert one.severity == "notice"


def test_what_ours_and_a_published_rule_find_is_one_finding_that_names_both(package):
    _judged, (one,) = found(package, rule("CORE-000006", WRONG), own=True)

    assert (one.code, one.also, one.engine) == ("DM-15", ("CORE-000006",), "cdisc")
    assert one.first == (2, 4)


def test_of_records_that_only_the_published_rule_finds_it_tells_these(package):
    _judged, findings = found(package, rule("CORE-000006", SET), own=True)

    assert {one.code: (one.also, one.records, one.first) for one in findings} == {
        "DM-15": (("CORE-000006",), 2, (2, 4)),
        "CORE-000006": ((), 1, (1,)),
    }


def test_without_rules_of_ours_nothing_is_taken_for_said(package):
    _judged, findings = found(package, rule("CORE-000006", SET))
    assert [(one.code, one.records) for one in findings] == [("CORE-000006", 3)]


def test_a_check_that_counts_the_same_records_says_the_same(package):
    (absent,) = ([one for one in judge(package).findings if one.code == "SDTM018"],)
    assert absent == []
    rows = [(*row[:2], None, *row[3:]) if at == 1 else row for at, row in enumerate(ROWS)]
    folder = write(package.parent / "without", [table("DM", NAMES, rows)], define=False)
    check = [{"name": "variable_name", "operator": "equal_to", "value": "USUBJID"},
             {"name": "variable_value", "operator": "empty"}]  # fmt: skip
    outcome = {"Message": "Missing.", "Output Variables": ["variable_name"]}
    required = rule(
        "CORE-000356", check, Outcome=outcome, **{"Rule Type": "Value Check with Variable Metadata"}
    )

    _judged, (one,) = found(folder, required, own=True)

    assert (one.code, one.variable, one.also) == ("SDTM002", "USUBJID", ("CORE-000356",))


def test_the_table_names_rules_and_checks_that_there_are():
    known = {one.code for stage in ("sdtm", "adam") for one in load_rules(stage)}
    known |= {one.code for stage in ("sdtm", "adam") for one in load_presence(stage)}
    named = {code for codes in same().values() for code in codes}
    assert named - known - set(catalogue()) == set()


@pytest.fixture(scope="module")
def validation(package, tmp_path_factory):
    explained = tmp_path_factory.mktemp("explained") / "explained.yaml"
    reasons = [{"finding": "CORE-000006", "because": "Seen."}]
    explained.write_text(yaml.safe_dump({"explained": reasons}), encoding="utf-8")
    rules = published(
        rule("CORE-000006", WRONG), rule("OWN-1", SET), rule("OWN-2", SET, Scope=OTHER)
    )
    asked = Asked(explained=explained, published=rules)
    return run_validation(package, DAY, asked, lambda _said: None)


def test_an_explanation_holds_for_the_finding_that_names_the_rule_too(validation):
    (one,) = [one for one in validation.findings if one.code == "DM-15"]
    assert (one.explained, one.also) == ("Seen.", ("CORE-000006",))


def test_every_report_has_the_finding_and_what_was_not_run(validation, tmp_path):
    reports.write_workbook(validation, tmp_path / "findings.xlsx")
    book = openpyxl.load_workbook(tmp_path / "findings.xlsx")
    cells = [str(cell.value) for sheet in book for row in sheet for cell in row]
    shown = [
        reports.render_text(validation),
        reports.render_html(validation),
        reports.render_sarif(validation),
        reports.render_json(validation),
        "\n".join(cells),
    ]

    for report in shown:
        assert "OWN-1" in report
        assert "CG9001" in report
        assert "no dataset of those it is for" in report
    assert "pkg: 2 of 3 published rules of SDTMIG 3.4 (sha256 " in shown[0]
    schema = json.loads((specs_root() / "schema/validation.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(shown[3]), schema)


def test_a_run_is_held_against_the_run_before(validation, package, tmp_path):
    before = tmp_path / "before.json"
    before.write_text(reports.render_json(validation), encoding="utf-8")
    rules = published(rule("OWN-1", WRONG), rule("OWN-3", SET))

    after = run_validation(
        package, DAY, Asked(previous=before, published=rules, own=False), lambda _said: None
    )

    status = {one.code: one.status for one in after.findings if one.code.startswith(("OWN", "DM"))}
    assert status == {
        "OWN-1": "changed", "OWN-3": "new",
        **{one.code: "gone" for one in validation.findings if one.code.startswith("DM")},
    }  # fmt: skip


def test_a_finding_leads_to_the_line_and_the_field_that_made_the_values(package):
    _judged, findings = found(package, rule("OWN-1", WRONG))
    key = ("DM", "DTHFL")
    origins = Origins({key: "sdtm/DM.yaml:7"}, {key: ("death.DTHYN",)}, {key: ("12",)})

    (one,) = with_origins(findings, origins)

    assert (one.place, one.fields, one.pages) == ("sdtm/DM.yaml:7", ("death.DTHYN",), ("12",))


@pytest.mark.parametrize("names", [("_datasets", "_variables"), ("tables", "variables")])
def test_the_folder_of_a_case_is_judged_by_what_it_says_of_itself(tmp_path, names):
    data = tmp_path / "CORE-1" / "negative" / "01" / "data"
    data.mkdir(parents=True)
    sheet = io.StringIO()
    csv.writer(sheet).writerows(
        [NAMES, *[["" if one is None else one for one in row] for row in ROWS]]
    )
    (data / "dm.csv").write_text(sheet.getvalue(), encoding="utf-8")
    (data / f"{names[0]}.csv").write_text("Filename,Label\ndm.xpt,Demographics\n", encoding="utf-8")
    lines = "".join(f"dm.xpt,{name},{name},Char,20\n" for name in NAMES)
    (data / f"{names[1]}.csv").write_text(f"dataset,variable,label,type,length\n{lines}", "utf-8")
    (data / ".env").write_text("PRODUCT=SDTMIG\nVERSION=3-4\n", encoding="utf-8")

    for place in (data, data.parent):
        judged, (one,) = found(place, rule("OWN-1", WRONG), rule("OWN-2", WRONG, Authorities=OLDER))
        assert (one.code, one.records, one.first) == ("OWN-1", 2, (2, 4))
        assert [(each.standard, each.rules) for each in judged.published] == [("SDTMIG 3.4", 1)]
        assert judged.datasets == (("DM", "Demographics", 4, 6),)
