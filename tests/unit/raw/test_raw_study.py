import pytest

from cdisc.diagnostics import Span
from cdisc.errors import RawDataError
from cdisc.raw import RawFormSource, read_raw


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "lab").mkdir()
    (tmp_path / "ae.csv").write_bytes(b"IT.AETERM;SITE\nnausea;NA\n")
    (tmp_path / "lab" / "chem.txt").write_bytes("ALT|备注\n.|正常\n".encode("gb18030"))
    (tmp_path / "bad.csv").write_bytes(b"A,A\n1,2\n")
    (tmp_path / "worse.csv").write_bytes(b"A,B\n1\n")
    return tmp_path


def test_every_form_is_read_as_its_source_says(folder):
    study = read_raw(
        {
            "lab": RawFormSource("lab/chem.txt", delimiter="|", encoding="gb18030", missing=(".",)),
            "ae": RawFormSource("ae.csv", delimiter=";", strip="IT."),
        },
        folder,
    )

    assert [(form.name, form.file) for form in study.forms] == [
        ("lab", "lab/chem.txt"),
        ("ae", "ae.csv"),
    ]
    assert study.form("lab").table.to_pydict() == {"ALT": [None], "备注": ["正常"]}
    assert study.form("ae").table.to_pydict() == {"AETERM": ["nausea"], "SITE": ["NA"]}


def test_the_findings_of_all_files_are_raised_once(folder):
    with pytest.raises(RawDataError) as caught:
        read_raw(
            {
                "worse": RawFormSource("worse.csv", span=Span("study.yaml", 9, 1, 2)),
                "ae": RawFormSource("ae.csv"),
                "gone": RawFormSource("gone.csv", span=Span("study.yaml", 8, 1, 2)),
                "bad": RawFormSource("bad.csv", span=Span("study.yaml", 7, 1, 2)),
            },
            folder,
        )

    assert [one.code for one in caught.value.diagnostics] == ["RAW007", "RAW001", "RAW012"]


def test_a_missing_file_names_the_files_that_are_there(folder):
    with pytest.raises(RawDataError) as caught:
        read_raw({"ae": RawFormSource("AE.CSV")}, folder)

    (finding,) = caught.value.diagnostics
    assert finding.code == "RAW001"
    assert finding.fact == '"AE.CSV" of form "ae" is not in the folder of the raw data'
    assert finding.found == ("files there: ae.csv, bad.csv, lab/chem.txt, worse.csv",)
    assert finding.help == 'did you mean "ae.csv"?'


def test_a_missing_folder_holds_no_file(folder):
    with pytest.raises(RawDataError) as caught:
        read_raw({"ae": RawFormSource("ae.csv")}, folder / "none")

    (finding,) = caught.value.diagnostics
    assert finding.found == ("no file there",)
    assert finding.help == "name the file under raw: in study.yaml"


@pytest.mark.parametrize("file", ["../ae.csv", "lab/../../ae.csv", "/etc/hostname"])
def test_no_file_outside_the_folder_is_read(folder, file):
    (folder / "inner").mkdir()

    with pytest.raises(RawDataError) as caught:
        read_raw({"ae": RawFormSource(file)}, folder / "inner")

    assert [one.code for one in caught.value.diagnostics] == ["RAW004"]
