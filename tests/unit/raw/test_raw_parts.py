"""Files read part by part hold what the same files hold when they are read whole."""

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from cdisc.errors import RawDataError
from cdisc.raw import parts, read_study
from cdisc.raw.parts import store_study
from cdisc.spec import load_study

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, ct: 2025-03-28}
raw:
  f: {file: f.csv, subject: SUBJ, missing: [ND]}
"""
SOUND = {
    "plain": "SUBJ,A\n1,x\n2,\n3,ND\n",
    "without an end": "SUBJ,A\n1,x\n2,y",
    "of Windows": "SUBJ,A\r\n1,x\r\n2,y\r\n",
    "with a mark": "\ufeffSUBJ,A\n1,x\n",
    "with lines in values": 'SUBJ,A\n1,"x\ny\n\nz"\n2,"a,""b"""\n3,c\n',
    "of a header alone": "SUBJ,A\n",
    "with blank lines at the end": "SUBJ,A\n1,x\n\n\n",
    "beyond ASCII": "SUBJ,A\n1,度\n2,ß\n",
}
UNSOUND = {
    "cut off": "SUBJ,A\n1,x\n2",
    "ragged": "SUBJ,A\n1,x\n2,y,z\n3,a\n",
    "with an open quote": 'SUBJ,A\n1,"x\n2,y\n',
    "with text behind a quote": 'SUBJ,A\n1,"x"y\n2,y\n',
    "with a lone return": "SUBJ,A\n1,x\ry\n2,y\n",
    "with a NUL": "SUBJ,A\n1,x\0\n2,y\n",
    "with a name twice": "SUBJ,A,A\n1,x,y\n",
    "empty": "",
}


def loaded(tmp_path, study=STUDY):
    (tmp_path / "study.yaml").write_text(study, encoding="utf-8")
    return load_study(tmp_path)


def stored(tmp_path, study):
    return store_study(study, tmp_path, tmp_path / "stored", lambda _said: None)


@pytest.mark.parametrize("window", [1, 7, 1 << 25])
@pytest.mark.parametrize("text", SOUND.values(), ids=SOUND)
def test_sound_text_is_the_same_in_windows_of_any_size(tmp_path, monkeypatch, text, window):
    monkeypatch.setattr(parts, "_WINDOW", window)
    (tmp_path / "f.csv").write_text(text, encoding="utf-8", newline="")
    study = loaded(tmp_path)
    (whole,), (made,) = read_study(study, tmp_path).forms, stored(tmp_path, study).forms
    assert made.table.whole() == whole.table
    assert made.rows.column(0).to_pylist() == whole.rows.to_pylist()
    assert (made.name, made.file, made.notes) == (whole.name, whole.file, whole.notes)


@pytest.mark.parametrize("window", [3, 1 << 25])
@pytest.mark.parametrize("text", UNSOUND.values(), ids=UNSOUND)
def test_what_is_amiss_is_explained_as_of_the_whole_file(tmp_path, monkeypatch, text, window):
    monkeypatch.setattr(parts, "_WINDOW", window)
    (tmp_path / "f.csv").write_text(text, encoding="utf-8", newline="")
    study = loaded(tmp_path)
    with pytest.raises(RawDataError) as whole:
        read_study(study, tmp_path)
    with pytest.raises(RawDataError) as made:
        stored(tmp_path, study)
    assert made.value.diagnostics == whole.value.diagnostics


def test_sound_text_is_not_read_whole(tmp_path, monkeypatch):
    monkeypatch.delattr(parts, "read_form")
    (tmp_path / "f.csv").write_text(SOUND["with lines in values"], encoding="utf-8")
    said = []
    store_study(loaded(tmp_path), tmp_path, tmp_path / "stored", said.append)
    assert said == ["f.csv, 3 records"]


def test_bytes_of_another_encoding_are_read_whole(tmp_path):
    (tmp_path / "f.csv").write_text("SUBJ,A\n1,度\n", encoding="gb18030")
    study = loaded(tmp_path, STUDY.replace("SUBJ,", "SUBJ, encoding: gb18030,"))
    (made,) = stored(tmp_path, study).forms
    assert made.table.whole().to_pydict() == {"SUBJ": ["1"], "A": ["度"]}


def test_parquet_is_the_same_in_row_groups(tmp_path, monkeypatch):
    monkeypatch.setattr(parts, "_RECORDS", 2)
    table = pa.table({"SUBJ": ["1", "2", "ND", "", "5"], "A": [1.5, None, 1e20, -0.0, 7.0]})
    pq.write_table(table, tmp_path / "f.parquet", row_group_size=3)
    study = loaded(tmp_path, STUDY.replace("f.csv", "f.parquet"))
    (whole,), (made,) = read_study(study, tmp_path).forms, stored(tmp_path, study).forms
    assert made.table.whole() == whole.table
    assert made.rows.column(0).to_pylist() == whole.rows.to_pylist() == [1, 2, 3, 4, 5]


def test_values_without_text_are_explained_as_of_the_whole_file(tmp_path):
    table = pa.table({"SUBJ": ["1"], "A": [float("inf")]})
    pq.write_table(table, tmp_path / "f.parquet")
    study = loaded(tmp_path, STUDY.replace("f.csv", "f.parquet"))
    with pytest.raises(RawDataError) as made:
        stored(tmp_path, study)
    assert [one.code for one in made.value.diagnostics] == ["RAW025"]
