"""cdisc ct: a release from its file to a study that names it, and what another would change."""

import hashlib
import json

import pytest

from .conftest import DM, RAW, STUDY, contents

HEAD = (
    "Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\t"
    "CDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term\n"
)


def codelist(code, value, name, extensible, *terms):
    line = f"{code}\t\t{extensible}\t{name}\t{value}\t\t\t{name} Terminology\n"
    return line + "".join(
        f"{term}\t{code}\t\t{name}\t{text}\t\t\t{preferred}\n" for term, text, preferred in terms
    )


AGEU = codelist("C66781", "AGEU", "Age Unit", "No", ("C29848", "YEARS", "Year"))
OLD = HEAD + AGEU + codelist(
    "C66731", "SEX", "Sex", "No",
    ("C16576", "F", "Female"), ("C20197", "M", "Male"), ("C17998", "U", "Unknown"),
)  # fmt: skip
NEW = HEAD + AGEU + codelist(
    "C66731", "SEX", "Sex", "Yes",
    ("C16576", "FEMALE", "Female"), ("C17998", "U", "Not known"), ("C45908", "I", "Intersex"),
)  # fmt: skip
OWN = STUDY.replace("2025-03-28", "2098-01-01")
SEXES = "terms:\n  SEX: {Frau: F, Mann: M, divers: I}\n"


@pytest.fixture
def releases(home):
    home.write("SDTM Terminology 2098-01-01.txt", OLD)
    home.write("SDTM Terminology 2099-01-01.txt", NEW)
    files = [f"SDTM Terminology {year}-01-01.txt" for year in (2098, 2099)]
    outcome = home.run("ct", "import", *files)
    assert (outcome.code, outcome.err) == (0, "")
    return outcome


def test_an_import_says_what_it_did_and_again_that_it_was_there(home, releases):
    again = home.run("ct", "import", "SDTM Terminology 2099-01-01.txt")

    assert releases.out == (
        "sdtm 2098-01-01: 2 codelists, 4 terms; imported, ct/sdtm-2098-01-01\n"
        "sdtm 2099-01-01: 2 codelists, 4 terms; imported, ct/sdtm-2099-01-01\n"
    )
    assert again.out == (
        "sdtm 2099-01-01: 2 codelists, 4 terms; there already, ct/sdtm-2099-01-01\n"
    )


@pytest.mark.usefixtures("releases")
def test_synonyms_that_come_later_are_added(home):
    named = OLD.replace("Age Unit\tYEARS\t", "Age Unit\tYEARS\tYr; Years of Age")
    home.write("SDTM Terminology 2098-01-01.txt", named)
    added = home.run("ct", "import", "SDTM Terminology 2098-01-01.txt")

    assert added.out == (
        "sdtm 2098-01-01: 2 codelists, 4 terms; added: 2 synonyms, ct/sdtm-2098-01-01\n"
    )
    assert contents(home.path / "ct")["sdtm-2098-01-01/synonyms.tsv"] == (
        b"codelist\tcode\tsynonym\nC66781\tC29848\tYears of Age\nC66781\tC29848\tYr\n"
    )


def test_a_corrupt_file_leaves_nothing(home):
    home.write("SDTM Terminology 2098-01-01.txt", OLD.replace("\tNo\t", "\tnever\t"))
    outcome = home.run("ct", "import", "SDTM Terminology 2098-01-01.txt", "--format", "json")

    spans = [one["span"] for one in json.loads(outcome.err)]
    found = [(one["line"], one["column"]) for one in spans]
    assert (outcome.code, outcome.out) == (2, "")
    assert found == [(2, 9), (4, 9)]
    assert not (home.path / "ct").exists()


def test_a_missing_release_says_how_to_import_it(home):
    home.write("S1/study.yaml", OWN)
    outcome = home.run("check", "S1")

    assert outcome.code == 5
    assert outcome.err.splitlines()[:2] == [
        'error[STD002]: controlled terminology "sdtm 2098-01-01" is not carried and not in "ct"',
        "  --> S1/study.yaml:2:35",
    ]
    assert "cdisc ct import FILE --package sdtm --date 2098-01-01 --to ct\n" in outcome.err, (
        outcome.err
    )


@pytest.mark.usefixtures("releases")
def test_a_study_is_built_with_an_imported_release_and_the_manifest_tells_its_hash(home):
    home.write("S1/study.yaml", OWN)
    home.write("S1/terms/sex.yaml", "terms:\n  SEX: {male: M}\n")
    outcome = home.build()
    manifest = json.loads((home.path / "pkg" / "manifest.json").read_text("utf-8"))
    folder = home.path / "ct" / "sdtm-2098-01-01"
    hashes = {name: hashlib.sha256((folder / name).read_bytes()) for name in
              ("codelists.tsv", "terms.tsv")}  # fmt: skip
    inputs = {one["path"]: one["sha256"] for one in manifest["inputs"]}

    assert outcome.code == 0, outcome.err
    assert manifest["settings"]["terminology"] == {
        "sdtm 2098-01-01": "sha256:"
        + hashlib.sha256(b"".join(one.digest() for one in hashes.values())).hexdigest()
    }
    for name, one in hashes.items():
        assert inputs[f"ct/sdtm-2098-01-01/{name}"] == one.hexdigest()


@pytest.mark.usefixtures("releases")
def test_a_package_with_an_imported_release_is_validated_by_it_if_the_folder_is_said(home):
    home.write("S1/study.yaml", OWN)
    assert home.build().code == 0

    without = home.run("validate", "pkg", "--format", "json")
    beside = home.run("validate", "pkg", "--ct", "ct", "--format", "json")

    assert "STD002" in {one["code"] for one in json.loads(without.out)["findings"]}
    assert "STD002" not in {one["code"] for one in json.loads(beside.out)["findings"]}


def test_a_study_may_say_where_its_releases_lie(home):
    home.write("releases.txt", OLD)
    home.write("S1/study.yaml", OWN.replace("ct: 2098", "ct_folder: ../kept/terms, ct: 2098"))
    imported = home.run(
        "ct", "import", "releases.txt", "--study", "S1", "--package", "sdtm", "--date", "2098-01-01"
    )

    assert imported.code == 0, imported.err
    assert (home.path / "kept" / "terms" / "sdtm-2098-01-01" / "terms.tsv").is_file()
    assert home.run("check", "S1").code == 0


@pytest.mark.usefixtures("releases")
def test_the_list_tells_carried_and_imported_releases(home):
    text = home.run("ct", "list").out.splitlines()
    machine = json.loads(home.run("ct", "list", "--format", "json").out)

    assert [(line.split()[0], line.split()[1], line.split()[-1]) for line in text] == [
        ("adam", "2026-03-27", "carried"), ("cdash", "2026-03-27", "carried"),
        ("define-xml", "2026-03-27", "carried"), ("protocol", "2025-09-26", "carried"),
        ("sdtm", "2025-03-28", "carried"), ("sdtm", "2098-01-01", "ct/sdtm-2098-01-01"),
        ("sdtm", "2099-01-01", "ct/sdtm-2099-01-01"),
    ]  # fmt: skip
    assert [(one["codelists"], one["terms"]) for one in machine[-3:]] == [
        (1158, 43698), (2, 4), (2, 4),
    ]  # fmt: skip


@pytest.mark.usefixtures("releases")
def test_a_difference_is_shown_whole(home):
    outcome = home.run("ct", "diff", "2098-01-01", "sdtm-2099-01-01")

    assert outcome.out == (
        "sdtm 2098-01-01 -> sdtm 2099-01-01\n"
        "  codelists: 0 added, 0 retired, 1 changed\n"
        "  terms: 1 added, 1 retired, 1 renamed, 0 recoded, 1 reworded\n"
        "\n"
        "  C66731 SEX  now extensible  Sex\n"
        "    > C16576 F -> FEMALE\n"
        "    - C20197 M\n"
        "    ~ C17998 U  Unknown -> Not known\n"
        "    + C45908 I\n"
    )


@pytest.mark.usefixtures("releases")
def test_a_difference_shows_what_it_touches_in_a_study(home):
    home.write("S1/study.yaml", OWN)
    home.write("S1/terms/sex.yaml", SEXES)
    outcome = home.run("ct", "diff", "2098-01-01", "2099-01-01", "--study", "S1")

    touched = "  DM.SEX  C66731 SEX  now extensible  "
    assert outcome.out.splitlines()[4:] == [
        "1 variables have a codelist that changed, 3 of their values did",
        touched + "terms: 1 added, 1 retired, 1 renamed, 1 reworded  sdtm/dm.yaml:17",
        "    renamed  F -> FEMALE  terms/sex.yaml:2, sdtm/dm.yaml:17",
        "    retired  M  terms/sex.yaml:2, sdtm/dm.yaml:17",
        "    published  I  terms/sex.yaml:2, sdtm/dm.yaml:17",
    ]


@pytest.mark.parametrize("given", [("--raw", "raw"), ("--package", "pkg")], ids=lambda one: one[0])
@pytest.mark.usefixtures("releases")
def test_a_difference_counts_the_records_that_it_touches(home, given):
    home.write("S1/study.yaml", OWN)
    home.write("S1/terms/sex.yaml", "terms:\n  SEX: {Mann: M}\n")
    home.write("raw/dm.csv", RAW + "003,2026-01-07,2026-03-01,,60,Mann,\n")
    assert home.build().code == 0
    before = contents(home.path / "pkg")

    outcome = home.run(
        "ct", "diff", "2098-01-01", "2099-01-01", "--study", "S1", *given, "--format", "json"
    )  # fmt: skip
    (sex,) = [one for one in json.loads(outcome.out)["study"] if one["variable"] == "SEX"]

    assert [(one["kind"], one["value"], one["new"], one["records"]) for one in sex["values"]] == [
        ("renamed", "F", "FEMALE", 1),
        ("retired", "M", None, 2),
    ]
    assert contents(home.path / "pkg") == before


@pytest.mark.usefixtures("releases")
def test_a_literal_in_a_line_is_touched_too(home):
    home.write("S1/study.yaml", OWN)
    home.write("S1/sdtm/dm.yaml", DM.replace("dm.SEX | ct", "const M"))
    outcome = home.run("ct", "diff", "2098-01-01", "2099-01-01", "--study", "S1")

    assert outcome.out.splitlines()[-1] == "    retired  M  sdtm/dm.yaml:17"


def test_a_release_to_compare_that_is_nowhere_is_an_error(home):
    outcome = home.run("ct", "diff", "2098-01-01", "sdtm-2025-03-28")

    assert outcome.code == 5
    assert outcome.err.startswith('error[STD008]: there is no release "2098-01-01" ')
