"""`cdisc check` looks again only where something has changed, and says the same either way."""

import dataclasses
import json
import os
import sys

import pytest

import cdisc.tools.checking
from cdisc.diagnostics import Diagnostic, Span
from cdisc.resources import specs_root
from cdisc.tools import memo
from cdisc.tools.memo import Looked, Memo, Outcome, cache_folder

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject", description: A study}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  dm: {file: dm.csv, subject: SUBJ}
  ae: {file: ae.csv, subject: SUBJ}
terms:
  SEVERITIES: {mild: MILD, strong: SEVERE}
tables:
  codes: {columns: [KEY, TEXT], rows: [[a, A text], [b, B text]]}
"""
AE = """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AEDECOD: ae.CODE | lookup codes TEXT
  AESEV: ae.SEV | ct SEVERITIES
  AECAT: when DM.SEX = 'F' then 'A' when DM.SEX = 'M' then 'B'
  AESTDTC: ae.START | iso 'y-m-d'
  AESTDY: study_day(AESTDTC)
"""


@pytest.fixture
def kept(home):
    """The study with events; every file of it is old, as files are when they are checked."""
    write(home, "S1/study.yaml", STUDY)
    write(home, "S1/sdtm/ae.yaml", AE)
    (home.path / "S1/crf.yaml").unlink()
    for path in home.path.rglob("*"):
        os.utime(path, (0, 0))
    return home


def write(home, name, text):
    home.write(name, text)
    os.utime(home.path / name, (0, 0))


def edit(home, name, old, new):
    text = (home.path / name).read_text()
    assert old in text
    write(home, name, text.replace(old, new))


def check(home):
    """Check with what is kept and without: it must be the same; and say whether it was kept."""
    looks = []
    plain = cdisc.tools.checking.check

    def counted(*arguments):
        looks.append(arguments)
        return plain(*arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(cdisc.tools.checking, "check", counted)
        found = home.run("check", "S1", "--cache", "cache")
    assert found == home.run("check", "S1", "--no-cache")
    return not looks, found


def test_a_study_that_has_not_changed_is_not_checked_again(kept):
    first, found = check(kept)
    assert not first
    assert "AE has no line for 15 expected variables" in found.err
    assert check(kept) == (True, found)


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("S1/sdtm/ae.yaml", "then 'A'", "then 'C'"),
        ("S1/sdtm/dm.yaml", "SEX: dm.SEX | ct", "SEX: const F"),
        ("S1/sdtm/dm.yaml", "RFSTDTC: dm.FIRST | iso 'y-m-d'", "RFSTDTC: const '2026'"),
        ("S1/study.yaml", "strong: SEVERE", "strong: STRONG"),
        ("S1/study.yaml", "TEXT], rows: [[a, A text], [b, B text]]", "TEXT], rows: [[a, A]]"),
        ("S1/study.yaml", "columns: [KEY, TEXT]", "columns: [KEY, NAME]"),
        ("S1/study.yaml", "ct: 2025-03-28", "ct: 2024-03-29"),
        ("S1/study.yaml", "sdtm: SDTMIG 3.4", "sdtm: SDTMIG 3.3"),
    ],
    ids=["line", "type", "values", "term", "row", "column", "terminology", "guide"],
)
def test_whatever_is_edited_is_looked_at_again(kept, name, old, new):
    check(kept)

    edit(kept, name, old, new)

    assert not check(kept)[0]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("S1/terms/more.yaml", "terms:\n  MORE: {x: X}\n"),
        ("S1/sdtm/vs.yaml", "dataset: VS\nrows: each ae\nkeys: [USUBJID]\nvariables: {}\n"),
        ("S1/explained.yaml", "explained: []\n"),
        ("S1/steps.py", "def step(records):\n    return records\n"),
    ],
)
def test_a_new_file_is_seen_and_so_is_its_going(kept, name, text):
    check(kept)

    write(kept, name, text)
    assert not check(kept)[0]

    (kept.path / name).unlink()
    assert not check(kept)[0]


def test_a_study_with_mistakes_is_checked_each_time(kept):
    edit(kept, "S1/sdtm/ae.yaml", "ae.TERM", "ae.TERM |")

    for _time in range(2):
        again, found = check(kept)
        assert (again, found.code) == (False, 2)
        assert "error[SPEC010]" in found.err


def test_terminology_that_is_imported_later_is_looked_at(kept):
    check(kept)
    assert check(kept)[0]

    source = specs_root() / "ct/sdtm-2025-03-28/terms.tsv"
    write(kept, "ct/sdtm-2025-03-28/terms.tsv", source.read_bytes()[:1000])

    assert not check(kept)[0]


def test_an_edit_of_a_library_is_seen_and_so_is_one_that_hides_it(kept):
    write(kept, "S1/study.yaml", f"extends: ../LIB\n{STUDY}")
    write(kept, "LIB/study.yaml", STUDY)
    write(kept, "LIB/sdtm/ae.yaml", AE)
    check(kept)
    assert check(kept)[0]

    edit(kept, "LIB/sdtm/ae.yaml", "AESTDY: study_day(AESTDTC)", "AESTDY: study_day(AESTDTC, 1)")
    assert not check(kept)[0]

    write(kept, "LIB/sdtm/ae.yaml", AE)
    check(kept)
    assert check(kept)[0]
    write(kept, "LIB/library.yaml", STUDY.replace("strong: SEVERE", "strong: LIFE"))
    assert not check(kept)[0]


def test_another_version_of_the_program_or_of_a_package_looks_again(kept, monkeypatch):
    check(kept)
    assert check(kept)[0]
    write(kept, "program/one.py", "pass\n")
    write(kept, "installed/yaml-99.dist-info/METADATA", "")

    monkeypatch.setattr(memo, "_PROGRAM", kept.path / "program")
    memo._program.cache_clear()
    assert not check(kept)[0]
    assert check(kept)[0]

    monkeypatch.setattr(sys, "path", [*sys.path, str(kept.path / "installed")])
    memo._program.cache_clear()
    assert not check(kept)[0]
    assert check(kept)[0]
    memo._program.cache_clear()


def test_the_findings_are_named_from_the_current_folder(kept, monkeypatch):
    command = ["check", str(kept.path / "S1"), "--cache", str(kept.path / "cache")]
    there = kept.run(*command)
    monkeypatch.chdir(kept.path / "S1")
    here = kept.run(*command)

    assert "--> S1/sdtm/ae.yaml" in there.err
    assert "--> ./sdtm/ae.yaml" in here.err


@pytest.mark.parametrize(
    "damage",
    [
        lambda _text: "",
        lambda text: text[:-20],
        lambda _text: "[]",
        lambda _text: '{"of": 1}',
        lambda text: text.replace("AEDECOD", "AEXXXXX"),
        lambda text: json.dumps({**json.loads(text), "kept": 5}),
        lambda _text: "[" * 100_000,
    ],
    ids=["empty", "cut", "list", "foreign", "altered", "number", "deep"],
)
def test_a_file_that_is_damaged_or_foreign_is_written_anew(kept, damage):
    edit(kept, "S1/sdtm/ae.yaml", "then 'A'", "then AEDECOD when DM.SEX = 'F' then 'A'")
    found = check(kept)[1]
    [file] = (kept.path / "cache/check").iterdir()
    text = file.read_text()
    assert "AEDECOD" in text

    file.write_text(damage(text))
    assert check(kept) == (False, found)
    assert check(kept) == (True, found)


def test_a_file_that_changes_during_the_check_keeps_nothing(kept):
    looked = Memo(kept.path / "S1", kept.path / "cache")
    kept.write("S1/sdtm/ae.yaml", AE.replace("'A'", "'C'"))

    looked.write(Outcome((), 1, 2), Looked())

    assert Memo(kept.path / "S1", kept.path / "cache").read() is None


def test_a_library_that_comes_before_the_one_that_was_meant_is_seen(tmp_path):
    study, cache = tmp_path / "S1", tmp_path / "cache"
    nearer = tmp_path / "near" / "library.yaml"
    Memo(study, cache).write(Outcome((), 1, 2), Looked(asked=(nearer,)))
    assert Memo(study, cache).read() == Outcome((), 1, 2)

    nearer.parent.mkdir()
    nearer.touch()
    os.utime(nearer, (0, 0))

    assert Memo(study, cache).read() is None


def test_where_nothing_can_be_kept_the_check_goes_on(kept):
    kept.write("cache", "a file, and no folder")

    assert check(kept) == check(kept)
    assert not check(kept)[0]


def test_every_part_of_a_finding_is_kept(tmp_path):
    full = Diagnostic(
        "SPEC070", "fact", Span("a.yaml", 1, 2, 3, "é text"), ("x", "y"), "e", "h", "AE", "AESEV",
        7, "why",
    )  # fmt: skip
    assert all(getattr(full, one.name) for one in dataclasses.fields(full))
    found = Outcome((full, Diagnostic("SPEC072", "bare")), 3, 4)

    Memo(tmp_path, tmp_path / "cache").write(found, Looked())

    assert Memo(tmp_path, tmp_path / "cache").read() == found


def test_what_was_kept_longest_ago_is_forgotten(tmp_path, monkeypatch):
    monkeypatch.setattr(memo, "_MOST", 2)
    studies = [tmp_path / name for name in ("a", "b", "c")]
    cache = tmp_path / "cache"
    (cache / "check").mkdir(parents=True)
    (cache / "check" / "mine.json").write_text("{}")
    for age, study in enumerate(studies):
        one = Memo(study, cache)
        one.write(Outcome((), 1, 1), Looked())
        os.utime(one.file, (age, age))

    assert [Memo(study, cache).read() is not None for study in studies] == [False, True, True]
    assert (cache / "check" / "mine.json").exists()


def test_the_folder_is_that_of_the_person_unless_the_environment_says_otherwise(monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", "/some/where")
    assert cache_folder().as_posix() == "/some/where/cdisc"

    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert cache_folder().as_posix() == "/home/me/.cache/cdisc"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert cache_folder().as_posix() == "/home/me/.cache/cdisc"


def test_raw_files_are_looked_at_each_time(kept):
    kept.write("raw/ae.csv", "SUBJ,TERM,CODE,SEV,START\n001,Headache,a,mild,2026-01-05\n")
    first = kept.run("check", "S1", "--raw", "raw", "--cache", "cache")
    assert first.code == 0
    assert "cache" not in kept.names()

    kept.write("raw/ae.csv", "SUBJ,TERM,CODE,SEV\n001,Headache,a,mild\n")
    assert "START" in kept.run("check", "S1", "--raw", "raw", "--cache", "cache").err
