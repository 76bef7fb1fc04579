import json
import shutil

import pytest

from .conftest import DM, RAW, STUDY, contents

LEDGER = """\
S1  A study

SDTM
  DM  2  records  2  subjects  Demographics

Raw records
  dm  dm.csv  2 records
    used  2  DM  S1/sdtm/dm.yaml:2
    7 of 7 fields used

0 errors, 0 warnings, 0 notes
"""


def test_a_build_says_the_ledger_and_nothing_else(home):
    outcome = home.build()

    assert (outcome.code, outcome.out, outcome.err) == (0, LEDGER, "")
    assert home.names() == ["S1", "pkg", "raw"]


def test_findings_go_to_standard_error_and_the_ledger_to_standard_output(home):
    home.write("raw/dm.csv", RAW.replace(",M,", ",diverse,"))

    outcome = home.build()

    assert outcome.code == 0
    assert outcome.err.startswith("error[SDTM002]: ") or "warning[DATA004]: " in outcome.err
    assert "[" not in outcome.out


def test_findings_as_json_can_be_read_by_a_machine(home):
    home.write("raw/dm.csv", RAW.replace(",M,", ",diverse,"))

    outcome = home.build("--format", "json")

    (finding,) = [one for one in json.loads(outcome.err) if one["code"] == "DATA004"]
    assert finding["found"] == ['"diverse" 1 record, first dm.csv row 3']
    assert finding["span"]["file"] == "S1/sdtm/dm.yaml"


@pytest.mark.parametrize(
    "arguments",
    [
        ("check", "S1"),
        ("build", "S1", "--raw", "raw", "--out", "pkg"),
    ],
    ids=lambda arguments: arguments[0],
)
def test_a_failure_as_json_can_be_read_by_a_machine(home, arguments):
    home.write("S1/sdtm/dm.yaml", DM.replace("| num", "| nmu"))

    outcome = home.run(*arguments, "--format", "json")

    assert (outcome.code, outcome.out) == (2, "")
    assert [(one["code"], one["span"]["line"]) for one in json.loads(outcome.err)] == [
        ("SPEC013", 15)
    ]


def test_the_findings_of_a_package_are_the_result_of_validation(home, built):
    text = home.run("validate", str(built))
    machine = home.run("validate", str(built), "--format", "json")

    # the package has one dataset: what lacks is of the package, not of its records
    assert (text.code, text.out.startswith("reject[PK-02]: "), text.err) == (4, True, "")
    report = json.loads(machine.out)
    assert (machine.code, machine.err, report["open"]["error"]) == (4, "", 0)
    assert [one for one in report["findings"] if one["records"]] == []


@pytest.mark.parametrize(
    ("least", "code"), [("reject", 4), ("error", 4), ("warning", 4), ("notice", 4), ("never", 0)]
)
def test_a_package_fails_for_an_open_finding_that_is_grave_enough(home, built, least, code):
    assert home.run("validate", str(built), "--fail-on", least).code == code


def test_a_package_that_breaks_a_rule_of_severity_error_gives_4(home):
    home.write("raw/dm.csv", RAW.replace(",57,M,", ",57,,"))  # a required variable
    assert home.build().code == 0

    outcome = home.run("validate", "pkg", "--format", "json", "--html", "page.html")

    assert outcome.code == 4
    assert "SDTM002" in {one["code"] for one in json.loads(outcome.out)["findings"]}
    assert "SDTM002" in (home.path / "page.html").read_text("utf-8")


# Each mistake: what is written where, the code of the finding, its first line, the exit code.
MISTAKES = {
    "form": (
        "S1/sdtm/dm.yaml",
        DM.replace("dm.SUBJ", "demo.SUBJ"),
        2,
        "error[SPEC018]: ",
        "demo",
    ),
    "field": ("S1/sdtm/dm.yaml", DM.replace("dm.SEX", "dm.SXE"), 2, "error[SPEC019]: ", '"SEX"'),
    "verb": ("S1/sdtm/dm.yaml", DM.replace("| num", "| nmu"), 2, "error[SPEC013]: ", '"num"'),
    "codelist": (
        "S1/sdtm/dm.yaml",
        DM.replace("dm.SEX | ct", "dm.SEX | ct GENDER"),
        2,
        "error[SPEC021]: ",
        "GENDER",
    ),
    "standard": (
        "S1/study.yaml",
        STUDY.replace("SDTMIG 3.4", "SDTMIG 9.9"),
        5,
        "error[STD001]: ",
        "9.9",
    ),
    "terminology": (
        "S1/study.yaml",
        STUDY.replace("2025-03-28", "2020-01-01"),
        5,
        "error[STD002]: ",
        "2020-01-01",
    ),
    "file": (
        "S1/study.yaml",
        STUDY.replace("dm.csv", "demo.csv"),
        3,
        "error[RAW001]: ",
        "demo.csv",
    ),
    "truncated": ("raw/dm.csv", RAW[: RAW.index(",57")], 3, "error[RAW013]: ", "dm.csv"),
    "open quote": (
        "raw/dm.csv",
        RAW.replace("half of it", '"half of it'),
        3,
        "error[RAW008]: ",
        "dm.csv",
    ),
    "ragged": ("raw/dm.csv", RAW.replace(",34,", ","), 3, "error[RAW012]: ", "dm.csv"),
    "encoding": (
        "raw/dm.csv",
        RAW.replace("half of it", "半分").encode("gb18030"),
        3,
        "error[RAW003]: ",
        "dm.csv",
    ),
    "date": (
        "raw/dm.csv",
        RAW.replace("2026-01-06", "2026-02-30"),
        3,
        "error[DATA007]: ",
        "2026-02-30",
    ),
    "length": (
        "S1/sdtm/dm.yaml",
        DM.replace("dm.REMARK", "{map: dm.REMARK, length: 4}"),
        6,
        "error[XPT007]: ",
        "half of it",
    ),
    "character": (
        "raw/dm.csv",
        RAW.replace("half of it", "½ of it"),
        6,
        "error[XPT008]: ",
        "½ of it",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_gives_its_code_says_where_and_leaves_the_package_as_it_was(home, built, mistake):
    place, text, code, first, said = MISTAKES[mistake]
    shutil.copytree(built, home.path / "pkg")
    home.write(place, text)

    outcome = home.build()

    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith(first)
    assert said in outcome.err
    assert outcome.err.endswith("\n1 error, 0 warnings, 0 notes\n")
    assert contents(home.path / "pkg") == contents(built)
    assert home.names() == ["S1", "pkg", "raw"]


@pytest.mark.parametrize("mistake", ["verb", "ragged", "length"])
def test_a_build_that_fails_leaves_no_package_where_none_was(home, mistake):
    home.write(*MISTAKES[mistake][:2])

    assert home.build().code == MISTAKES[mistake][2]
    assert home.names() == ["S1", "raw"]


def test_all_mistakes_are_said_at_once(home):
    home.write(
        "S1/sdtm/dm.yaml", DM.replace("| num", "| nmu").replace("dm.SEX | ct", "dm.SEX | ct NONE")
    )

    outcome = home.run("check", "S1")

    assert outcome.code == 2
    assert outcome.err.rstrip().endswith("2 errors, 0 warnings, 0 notes")


def test_only_the_raw_data_know_their_fields(home):
    home.write("S1/sdtm/dm.yaml", DM.replace("dm.SEX", "dm.SXE"))

    alone = home.run("check", "S1")
    with_data = home.run("check", "S1", "--raw", "raw", "--format", "json")

    assert (alone.code, alone.err) == (0, "")
    assert (with_data.code, with_data.out) == (2, "")
    assert [one["code"] for one in json.loads(with_data.err)] == ["SPEC019"]


def test_packages_of_others_are_read_in_the_encoding_that_is_named(home, built):
    shutil.copytree(built, home.path / "pkg")
    file = next((home.path / "pkg").rglob("dm.xpt"))
    file.write_bytes(file.read_bytes().replace(b"half", b"h\xe4lf"))

    ascii_only = home.run("validate", "pkg")
    latin = home.run("validate", "pkg", "--encoding", "latin-1", "--fail-on", "never")
    unknown = home.run("validate", "pkg", "--encoding", "morse")

    assert (ascii_only.code, ascii_only.out.startswith("reject[XPT035]: ")) == (4, True)
    assert (latin.code, latin.err) == (0, "")
    assert (unknown.code, unknown.err.startswith("error[XPT017]: ")) == (3, True)


def test_a_study_that_is_not_there_names_those_that_are(home):
    outcome = home.run("check", "SYN0744129")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith('error[SPEC008]: "SYN0744129" is no folder')
    assert 'did you mean "SYN07441291"?' in outcome.err


def test_a_destination_that_is_a_file_gives_6_and_is_left_alone(home):
    home.write("pkg", "precious")

    outcome = home.build()

    assert (outcome.code, outcome.out) == (6, "")
    assert outcome.err.startswith("error[OUT002]: ")
    assert (home.path / "pkg").read_text() == "precious"


def test_a_folder_that_is_no_package_gives_6_and_is_left_alone(home):
    home.write("pkg/thesis.txt", "precious")

    outcome = home.build()

    assert (outcome.code, outcome.err.startswith("error[OUT001]: ")) == (6, True)
    assert contents(home.path / "pkg") == {"thesis.txt": b"precious"}


def test_a_page_that_cannot_be_written_gives_6(home, built):
    outcome = home.run("validate", str(built), "--html", "nowhere/page.html")

    assert (outcome.code, outcome.err.startswith("error[OUT003]: ")) == (6, True)


@pytest.mark.parametrize(
    ("arguments", "code", "first"),
    [
        (("validate", "raw"), 3, "error[RAW017]: "),
        (("sql", "S1", "XX"), 2, "error[SPEC018]: "),
        (("r", "S1", "XX.X"), 2, "error[SPEC018]: "),
        (("r", "S1", "DM.X"), 2, "error[SPEC017]: "),
        (("explain", "SPEC999"), 2, 'no code, verb or key is called "SPEC999"'),
        (("simulate", "--out", "made", "--subjects", "0"), 6, "error[SIM001]: "),
        (("simulate", "--out", "raw/dm.csv/made", "--subjects", "1"), 6, "error[SIM002]: "),
    ],
    ids=lambda value: value[0] if isinstance(value, tuple) else None,
)
def test_each_command_gives_the_code_of_its_failure(home, arguments, code, first):
    outcome = home.run(*arguments)

    assert (outcome.code, outcome.out) == (code, "")
    assert outcome.err.startswith(first)
    assert home.names() == ["S1", "raw"]


@pytest.mark.parametrize(
    "more",
    [
        ("--created", "yesterday"),
        ("--created", "2026-01-01T00:00:00+08:00"),
        ("--threads", "0"),
        ("--format", "xml"),
        ("--unknown",),
    ],
    ids=" ".join,
)
def test_an_argument_that_cannot_be_is_a_matter_of_usage(home, more):
    outcome = home.run("build", "S1", "--raw", "raw", "--out", "pkg", *more)

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err.startswith("Usage: cdisc build ")
    assert home.names() == ["S1", "raw"]


def test_a_mistake_of_the_program_gives_70_and_asks_for_a_report(home, monkeypatch):
    def stumble(*_arguments, **_named):
        raise ZeroDivisionError("in our own code")

    monkeypatch.setattr("cdisc.pipeline.build", stumble)

    outcome = home.build()

    assert (outcome.code, outcome.out) == (70, "")
    assert outcome.err.rstrip().endswith("please report it with the lines above")
    assert "ZeroDivisionError: in our own code" in outcome.err
