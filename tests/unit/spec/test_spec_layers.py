import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.shown import sql_of
from cdisc.spec import load_study
from tests.study_builder import build

LIBRARY = {
    "library.yaml": """\
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  ae: {file: standard.csv, subject: SUBJ, missing: [ND], not_used: {A: Not ours, B: Not ours}}
  cm: {file: cm.csv, subject: SUBJ}
terms:
  SEV: {light: MILD, heavy: SEVERE}
let:
  serious: ae.SER = 'Y'
  severe: ae.SEV = 'heavy'
""",
    "sdtm/ae.yaml": """\
dataset: AE
rows: each ae
keys: [USUBJID, AETERM]
variables:
  AETERM: ae.TERM
  AESEV: ae.SEV | ct SEV
  AESER: const 'N'
  AELOC: ae.LOC
coded:
  MedDRA 26.0: {from: ae, variables: [AEDECOD, AEBODSYS]}
supp:
  AEX: {label: An X, map: ae.X}
  AEY: {label: A Y, map: ae.Y}
checks:
  - AESEV is not missing
  - AETERM is not missing
""",
    "sdtm/cm.yaml": """\
dataset: CM
rows: each cm
keys: [USUBJID, CMTRT]
variables: {CMTRT: cm.TRT}
""",
}
STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
extends: ../library
datasets: [AE]
raw:
  ae: {file: ae.csv, not_used: {B: Theirs}}
"""


def write(folder, files):
    for name, text in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text, encoding="utf-8")
    return folder / "S1"


def layered(tmp_path, dataset="", study=STUDY, library=LIBRARY, **more):
    files = {f"library/{name}": text for name, text in library.items()}
    files["S1/study.yaml"] = study
    if dataset:
        files["S1/sdtm/ae.yaml"] = dataset
    return write(tmp_path, {**files, **more})


def dataset_of(home, name="AE"):
    return next(one for one in load_study(home).datasets if one.model.dataset == name)


def lines(home):
    return dict(dataset_of(home).model.variables)


def problems(home):
    with pytest.raises(SpecError) as caught:
        resolve(load_study(home))
    return [
        (one.code, one.span.file.rsplit("/", 2)[-2:], one.span.line, one.span.column)
        for one in caught.value.diagnostics
    ]


def test_a_study_has_what_its_library_says(tmp_path):
    loaded = load_study(layered(tmp_path))

    assert loaded.problems == ()
    assert [one.model.dataset for one in loaded.datasets] == ["AE"]
    assert loaded.study.standards.sdtm == "SDTMIG 3.4"
    assert set(loaded.study.let) == {"serious", "severe"}
    assert loaded.terms == {"SEV": {"light": "MILD", "heavy": "SEVERE"}}


def test_a_form_is_described_by_both_and_only_a_form_of_the_study_is_there(tmp_path):
    forms = load_study(layered(tmp_path)).study.raw

    assert list(forms) == ["ae"]
    assert forms["ae"].file == "ae.csv"
    assert (forms["ae"].subject, forms["ae"].missing) == ("SUBJ", ("ND",))
    assert forms["ae"].not_used == {"A": "Not ours", "B": "Theirs"}


def test_a_line_of_the_study_stands_in_place_of_that_of_the_library(tmp_path):
    home = layered(
        tmp_path, "dataset: AE\nvariables:\n  AESER: ae.SER | ct\n  AEACN: ae.ACN | ct\n"
    )

    assert lines(home) == {
        "AETERM": "ae.TERM",
        "AESEV": "ae.SEV | ct SEV",
        "AESER": "ae.SER | ct",
        "AELOC": "ae.LOC",
        "AEACN": "ae.ACN | ct",
    }


def test_a_line_may_move_to_another_section(tmp_path):
    home = layered(
        tmp_path,
        "dataset: AE\nvariables: {AEDECOD: ae.PT}\nsupp: {AELOC: {label: Where, map: ae.LOC}}\n",
    )
    model = dataset_of(home).model

    assert model.coded["MedDRA 26.0"].variables == ("AEBODSYS",)
    assert "AELOC" not in model.variables
    assert list(model.supp) == ["AEX", "AEY", "AELOC"]


def test_a_coding_of_which_nothing_is_left_is_gone(tmp_path):
    home = layered(
        tmp_path,
        "dataset: AE\ncoded: {MedDRA 27.1: {from: ae, variables: [AEDECOD, AEBODSYS, AELLT]}}\n",
    )

    assert list(dataset_of(home).model.coded) == ["MedDRA 27.1"]


def test_lines_and_checks_of_the_library_can_be_left_out(tmp_path):
    home = layered(tmp_path, "dataset: AE\ndrop: [AELOC, AEBODSYS, AEX, AESEV  is not missing]\n")
    model = dataset_of(home).model

    assert load_study(home).problems == ()
    assert list(model.variables) == ["AETERM", "AESEV", "AESER"]
    assert model.coded["MedDRA 26.0"].variables == ("AEDECOD",)
    assert list(model.supp) == ["AEY"]
    assert model.checks == ("AETERM is not missing",)


def test_checks_come_on_top_and_rows_and_keys_replace(tmp_path):
    home = layered(
        tmp_path,
        "dataset: AE\nrows: each ae where TERM is not missing\nkeys: [USUBJID, AESPID]\n"
        "variables: {AESPID: ae.NO}\nchecks:\n  - AESPID is not missing\n",
    )
    model = dataset_of(home).model

    assert model.rows == ("each ae where TERM is not missing",)
    assert model.keys == ("USUBJID", "AESPID")
    assert model.checks == (
        "AESEV is not missing", "AETERM is not missing", "AESPID is not missing",
    )  # fmt: skip


def test_a_file_that_replaces_the_library_stands_alone(tmp_path):
    home = layered(
        tmp_path,
        "dataset: AE\nreplaces: library\nrows: each ae\nkeys: [USUBJID, AETERM]\n"
        "variables: {AETERM: ae.TERM}\n",
    )

    assert lines(home) == {"AETERM": "ae.TERM"}


def test_a_file_of_a_dataset_that_is_not_taken_stands_alone(tmp_path):
    home = layered(
        tmp_path,
        study=STUDY.replace("[AE]", "[CM]"),
        dataset="dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\n"
        "variables: {AETERM: ae.TERM}\n",
    )

    assert lines(home) == {"AETERM": "ae.TERM"}


def test_terms_are_laid_over_entry_by_entry_from_every_file(tmp_path):
    home = layered(
        tmp_path,
        study=STUDY + "terms:\n  SEV: {heavy: MODERATE}\n",
        **{
            "library/terms/more.yaml": "terms: {OUT: {a: A, b: B}, NEW: {x: X}}\n",
            "S1/terms/own.yaml": "terms: {OUT: {b: C, d: D}}\n",
        },
    )

    loaded = load_study(home)

    assert loaded.problems == ()
    assert loaded.terms == {
        "SEV": {"light": "MILD", "heavy": "MODERATE"},
        "OUT": {"a": "A", "b": "C", "d": "D"},
        "NEW": {"x": "X"},
    }


def test_libraries_may_stand_on_libraries(tmp_path):
    middle = {
        "middle/library.yaml": "extends: ../library\n"
        "let: {severe: ae.SEV = 'X', more: ae.A = 'X'}\n",
        "middle/sdtm/ae.yaml": "dataset: AE\ndrop: AELOC\nvariables: {AETERM: ae.TERM | upper}\n",
    }
    home = layered(
        tmp_path,
        study=STUDY.replace("../library", "../middle"),
        dataset="dataset: AE\nvariables: {AESER: ae.SER | ct}\n",
        **middle,
    )

    loaded = load_study(home)

    assert loaded.study.let == {
        "serious": "ae.SER = 'Y'", "severe": "ae.SEV = 'X'", "more": "ae.A = 'X'",
    }  # fmt: skip
    assert lines(home) == {
        "AETERM": "ae.TERM | upper", "AESEV": "ae.SEV | ct SEV", "AESER": "ae.SER | ct",
    }  # fmt: skip
    assert [path.relative_to(tmp_path).as_posix() for path, _name in loaded.files] == [
        "S1/study.yaml",
        "middle/library.yaml",
        "library/library.yaml",
        "library/sdtm/ae.yaml",
        "library/sdtm/cm.yaml",
        "middle/sdtm/ae.yaml",
        "S1/sdtm/ae.yaml",
    ]
    assert len({name for _path, name in loaded.files}) == 7


def test_a_study_that_is_carried_is_a_library_as_well(tmp_path):
    study = STUDY.replace("../library", "SYN07441291").replace("[AE]", "[DM]")
    home = write(tmp_path, {"S1/study.yaml": study})

    assert [one.model.dataset for one in load_study(home).datasets] == ["DM"]
    assert load_study(home).study.study.id == "S1"


def test_a_mistake_is_reported_in_the_file_that_made_it(tmp_path):
    library = {**LIBRARY, "sdtm/ae.yaml": LIBRARY["sdtm/ae.yaml"].replace("const 'N'", "AESRE")}
    home = layered(
        tmp_path,
        "dataset: AE\nvariables:\n  AEACN: ae.ACN | cit\nchecks:\n  - AETREM is not missing\n",
        library=library,
    )

    assert sorted(problems(home)) == [
        ("SPEC013", ["sdtm", "ae.yaml"], 3, 19),
        ("SPEC017", ["sdtm", "ae.yaml"], 5, 5),
        ("SPEC017", ["sdtm", "ae.yaml"], 7, 10),
    ]


def test_a_mistake_of_form_is_reported_in_the_file_that_made_it(tmp_path):
    library = {
        **LIBRARY,
        "library.yaml": LIBRARY["library.yaml"] + "lett: {a: b}\n",
        "sdtm/ae.yaml": LIBRARY["sdtm/ae.yaml"] + "check: []\n",
    }
    home = layered(tmp_path, "dataset: AE\nvariables: {AETERM: }\nsup: {}\n", library=library)

    found = [
        (one.code, one.span.file.split("/")[-2:], one.span.line)
        for one in load_study(home).problems
    ]

    assert sorted(found) == [
        ("SPEC003", ["sdtm", "ae.yaml"], 2),
        ("SPEC005", ["library", "library.yaml"], 10),
        ("SPEC005", ["sdtm", "ae.yaml"], 3),
        ("SPEC005", ["sdtm", "ae.yaml"], 17),
    ]


def test_the_sql_says_of_each_line_which_file_says_it(tmp_path):
    home = layered(tmp_path, "dataset: AE\nvariables:\n  AESER: ae.SER | ct\n")

    sql = sql_of(home, "AE")

    assert "-- library/sdtm/ae.yaml:5  AETERM: ae.TERM" in sql
    assert "-- sdtm/ae.yaml:3  AESER: ae.SER | ct" in sql


def test_a_function_of_a_library_lies_in_the_library(tmp_path):
    library = {
        **LIBRARY,
        "sdtm/ae.yaml": (
            "dataset: AE\nrows: each ae\nkeys: [USUBJID, AETERM]\nvariables: {AETERM: ae.TERM}\n"
            "steps:\n"
            "  - {python: functions.upper, reads: AETERM, writes: AEMODIFY, says: Capitals.}\n"
        ),
        "functions.py": (
            "def upper(records):\n    return records['AETERM'].str.upper().to_frame('AEMODIFY')\n"
        ),
    }
    step = """\
steps:
  - sql: SELECT _row, AEMODIFY AS AESPID FROM records
    reads: AEMODIFY
    writes: AESPID
    says: The same.
"""
    home = layered(
        tmp_path,
        "dataset: AE\n" + step,
        library=library,
        **{"S1/raw/ae.csv": "SUBJ,TERM,SER,SEV,B\n1,a,,,\n"},
    )

    table = build(home).tables["AE"]

    assert table.column("AESPID").to_pylist() == ["A"]
    assert [name for _path, name in load_study(home).files][-1] == "library/1/functions.py"


def test_a_condition_of_a_library_is_wrong_only_where_it_is_used(tmp_path):
    library = {
        **LIBRARY,
        "library.yaml": LIBRARY["library.yaml"] + "  dosed: EX.EXDOSE > 0\n",
        "sdtm/ae.yaml": "dataset: AE\nrows: each ae\nkeys: AETERM\nvariables: {AETERM: ae.TERM}\n",
    }
    line = "dataset: AE\nvariables:\n  AESER: yn(dosed)\n"

    resolve(load_study(layered(tmp_path / "unused", library=library)))

    assert problems(layered(tmp_path / "used", line, library=library)) == [
        ("SPEC018", ["library", "library.yaml"], 10, 10)
    ]
