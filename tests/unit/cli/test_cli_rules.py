"""Published rules from the command line: imported for a study or the user, listed, asked for."""

import json

import pytest

RULE = """\
Core: {Id: OWN-1, Status: Published}
Authorities:
  - Organization: CDISC
    Standards:
      - {Name: SDTMIG, Version: "3.4", References: [{Rule Identifier: {Id: CG9001}}]}
Rule Type: Record Data
Sensitivity: Record
Scope: {Domains: {Include: [AE]}, Classes: {Include: [EVENTS]}}
Check: {all: [{name: --TERM, operator: empty}]}
Outcome: {Message: An event has no term., Output Variables: [--TERM]}
"""
CASE = {
    "ae.csv": "STUDYID,DOMAIN,USUBJID,AESEQ,AETERM\nS1,AE,S1-1,1,\nS1,AE,S1-1,2,RASH\n",
    "_variables.csv": "dataset,variable,label,type,length\nae,AETERM,Term,Char,20\n",
    ".env": "PRODUCT=SDTMIG\nVERSION=3-4\n",
}


@pytest.fixture
def user(home, monkeypatch):
    """The current folder, with one rule and one case; the user's own folder is empty."""
    for name in ("XDG_CONFIG_HOME", "HOME", "APPDATA"):
        monkeypatch.setenv(name, str(home.path / "user"))
    (home.path / "rules").mkdir()
    (home.path / "rules" / "rule.yml").write_text(RULE, encoding="utf-8")
    data = home.path / "case" / "data"
    data.mkdir(parents=True)
    for name, content in CASE.items():
        (data / name).write_text(content, encoding="utf-8")
    return home


def test_without_an_import_nothing_is_judged_and_the_command_is_said(user):
    outcome = user.run("validate", "case", "--rules", "open")

    assert outcome.code == 5
    assert "RULE003" in outcome.err
    assert "type: cdisc rules import PATH" in outcome.err


def test_what_is_imported_is_listed_and_judges(user):
    imported = user.run("rules", "import", "rules", "--format", "json")
    listed = user.run("rules", "list", "--format", "json")
    judged = user.run("validate", "case", "--rules", "open", "--format", "json")

    told = json.loads(listed.out)
    assert told["sha256"] == json.loads(imported.out)["sha256"]
    assert told["rules"] == [
        {
            "id": "OWN-1", "type": "Record Data", "severity": "error", "numbers": ["CG9001"],
            "datasets": "AE", "message": "An event has no term.", "runs": True, "why": "",
        }
    ]  # fmt: skip
    (one,) = json.loads(judged.out)["findings"]
    assert (one["code"], one["dataset"], one["variable"], one["first"]) == (
        "OWN-1", "AE", "AETERM", [1],
    )  # fmt: skip
    assert (one["numbers"], one["engine"]) == (["CG9001"], "open")
    assert judged.code == 4


def test_a_study_has_rules_and_severities_of_its_own(user):
    (user.path / "S1" / "rules.yaml").write_text("severities: {OWN-1: notice}\n", encoding="utf-8")

    imported = user.run("rules", "import", "rules", "--study", "S1")
    judged = user.run("validate", "case", "--rules", "open", "--study", "S1", "--format", "json")

    assert (imported.code, (user.path / "S1" / "open-rules.json").is_file()) == (0, True)
    assert [one["severity"] for one in json.loads(judged.out)["findings"]] == ["notice"]
    assert user.run("rules", "list").code == 5  # the user has none


def test_a_wrong_line_in_the_rules_of_a_study_is_told(user):
    (user.path / "S1" / "rules.yaml").write_text("severities: {OWN-1: grave}\n", encoding="utf-8")
    user.run("rules", "import", "rules", "--study", "S1")

    outcome = user.run("validate", "case", "--rules", "open", "--study", "S1")

    assert (outcome.code, "SPEC001" in outcome.err, "rules.yaml" in outcome.err) == (2, True, True)


def test_the_standard_may_be_said_and_must_have_a_version(user):
    user.run("rules", "import", "rules")

    older = user.run(
        "validate", "case", "--rules", "open", "--standard", "SDTMIG 3.2", "--format", "json"
    )
    wrong = user.run("validate", "case", "--rules", "open", "--standard", "SDTMIG")

    (said,) = json.loads(older.out)["published"]
    assert (said["standard"], said["rules"], older.code) == ("SDTMIG 3.2", 0, 0)
    assert (wrong.code, "a name and a version" in wrong.err) == (2, True)
