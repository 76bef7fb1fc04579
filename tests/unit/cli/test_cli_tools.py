import json


def test_warnings_are_shown_and_a_study_with_warnings_alone_is_sound(home):
    (home.path / "S1" / "study.yaml").write_text(
        (home.path / "S1" / "study.yaml").read_text(encoding="utf-8")
        + "let:\n  old: DM.AGE > 65\n",
        encoding="utf-8",
    )

    outcome = home.run("check", "S1", "--format", "json")

    (finding,) = json.loads(outcome.err)
    assert outcome.code == 0
    assert (finding["code"], finding["fact"]) == ("SPEC078", 'nothing uses the condition "old"')


def test_warnings_come_with_the_mistakes(home):
    path = home.path / "S1" / "sdtm" / "dm.yaml"
    text = path.read_text(encoding="utf-8")
    text = text.replace("  AGEU: const YEARS\n", "  AGEU: const YEAR\n")
    path.write_text(text.replace("dm.AGE | num", "dm.AGE | number"), encoding="utf-8")

    outcome = home.run("check", "S1", "--format", "json")

    assert outcome.code == 2
    assert [one["code"] for one in json.loads(outcome.err)] == ["SPEC013", "SPEC074"]


def test_a_build_has_the_warnings_among_its_findings(home):
    path = home.path / "S1" / "sdtm" / "dm.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("  ARMNRS: \"''\"\n", "  ARMNRS: when SEX = 'MALE' then 'NOT TREATED'\n"),
        encoding="utf-8",
    )

    outcome = home.build()

    assert 'warning[SPEC075]: SEX is never "MALE"' in outcome.err


def test_files_are_put_into_their_form_once(home):
    checked = home.run("fmt", "S1", "--check")
    first = home.run("fmt", "S1")
    again = home.run("fmt", "S1")
    same = home.run("fmt", "S1", "--check")

    assert (checked.code, checked.out) == (2, "")
    assert "error[SPEC082]: the file is not in its canonical form" in checked.err
    assert (first.code, first.out) == (0, "S1/sdtm/dm.yaml\n")
    assert (again.out, same.code) == ("all files are in their form\n", 0)
    assert "  SUBJID:   dm.SUBJ\n" in (home.path / "S1/sdtm/dm.yaml").read_text(encoding="utf-8")


def test_a_new_dataset_is_written_once(home):
    outcome = home.run("new", "mh", "--study", "S1")
    again = home.run("new", "mh", "--study", "S1")

    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "S1/sdtm/mh.yaml",
        "tests/domains/S1/MH/raw/mh.csv",
        "tests/domains/S1/MH/expected.csv",
        'declare the form "mh" under raw: in study.yaml',
        "then fill in what is missing: cdisc check S1",
    ]
    assert again.code == 6
    assert 'error[OUT008]: "S1/sdtm/mh.yaml" is there already' in again.err


def test_a_verb_is_explained_to_people_and_to_programs(home):
    text = home.run("explain", "study_day")
    values = json.loads(home.run("explain", "study_day", "--format", "json").out)

    assert "Usage: study_day(DATE, [REFERENCE])" in text.out
    assert [one["kind"] for one in values] == ["function"]
    assert values[0]["example"] == "study_day(AESTDTC)"


def test_a_word_that_is_not_known_has_the_nearest_one(home):
    outcome = home.run("explain", "studyday")

    assert (outcome.code, outcome.out) == (2, "")
    assert outcome.err == ('no code, verb or key is called "studyday"; did you mean "study_day"?\n')
