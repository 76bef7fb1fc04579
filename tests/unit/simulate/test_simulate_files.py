import hashlib

import pytest
import yaml

from cdisc.errors import OutputError
from cdisc.resources import mappings_root
from cdisc.simulate import simulate, study
from cdisc.simulate.model import load


def digests(path):
    return {
        file.relative_to(path).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(path.rglob("*.csv"))
    }


def test_the_same_arguments_give_the_same_bytes(simulated, tmp_path):
    simulate(tmp_path)
    assert digests(tmp_path) == digests(simulated.path)


def test_a_second_run_replaces_the_files_of_the_first(tmp_path):
    simulate(tmp_path, subjects=3)
    first = digests(tmp_path)
    simulate(tmp_path, subjects=3)
    assert digests(tmp_path) == first


def test_another_seed_gives_another_study(tmp_path):
    simulate(tmp_path / "one", subjects=8, seed=1)
    simulate(tmp_path / "two", subjects=8, seed=2)
    one, two = digests(tmp_path / "one"), digests(tmp_path / "two")
    assert one.keys() == two.keys()
    same = {name for name in one if one[name] == two[name]}
    assert same <= {
        "raw/ext/LABREF.csv", "raw/ext/AE_CODED.csv", "raw/ext/CM_CODED.csv", "raw/edc/DEATH.csv",
    }  # fmt: skip


def test_every_declared_file_is_written_and_no_other(simulated):
    declared = {simulated.file(name)[0] for name in simulated.names()}
    assert set(digests(simulated.path)) == declared


def test_the_mapping_reads_only_files_that_are_simulated_with_their_encoding(simulated):
    text = (mappings_root() / "SYN07441291" / "study.yaml").read_text(encoding="utf-8")
    forms = yaml.safe_load(text)["raw"]
    files = {simulated.file(name) for name in simulated.forms["forms"]}
    for form in forms.values():
        encoding = form.get("encoding", "utf-8")
        assert any(
            file == "raw/" + form["file"] and known.removesuffix("-sig") == encoding
            for file, known in files
        )


def test_the_edc_writes_a_byte_order_mark_and_windows_line_ends(simulated):
    for file in sorted((simulated.path / "raw/edc").glob("*.csv")):
        content = file.read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        assert content.count(b"\xef\xbb\xbf") == 1
        assert content.count(b"\n") == content.count(b"\r\n")


def test_the_hospital_writes_chinese_in_gb18030(simulated):
    content = (simulated.path / "raw/ext/LAB.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    assert "白细胞计数" in content.decode("gb18030")


def test_the_randomization_system_writes_plain_utf8(simulated):
    content = (simulated.path / "raw/ext/RAND.csv").read_bytes()
    assert b"\r" not in content
    assert content.startswith(b"SUBJ_IW,RANDNO,RANDDTTM,ARM_CD,BLOCKID,CANCELLED\n")


def test_forms_of_the_edc_begin_with_the_system_columns(simulated):
    for name, form in simulated.forms["forms"].items():
        if form["as"] == "edc":
            columns = list(simulated.rows(name)[0])
            assert columns[:8] == [
                "STUDY", "SITE", "SUBJ", "EVENT", "EVSEQ", "FORM", "ROWNO", "SAVED_TS",
            ]  # fmt: skip


def test_records_of_a_subject_are_numbered_from_one(clean):
    for name, form in clean.forms["forms"].items():
        if form["as"] == "edc":
            numbers = {}
            for row in clean.rows(name):
                numbers.setdefault(row["SUBJ"], []).append(int(row["ROWNO"]))
            assert all(seen == list(range(1, len(seen) + 1)) for seen in numbers.values())


def test_the_default_study_has_the_size_of_the_registered_one(simulated):
    assert len(simulated.rows("DEMO")) == 76
    assert [row["IEMET"] for row in simulated.rows("IE")].count("0") == 6
    subjects = simulated.rows("truth_subject")
    assert [row["ARMCD"] for row in subjects].count("CART") == 35
    assert [row["ARMCD"] for row in subjects].count("CHEMODLI") == 35
    assert 8_000 < len(simulated.rows("LAB")) < 18_000


def test_one_subject_is_a_study(tmp_path, folder):
    simulate(tmp_path, subjects=1)
    made = folder(tmp_path)
    assert len(made.rows("DEMO")) == 1
    assert len(made.rows("truth_subject")) == 1
    for name in made.names():
        file, _ = made.file(name)
        assert (made.path / file).stat().st_size > 0


@pytest.mark.parametrize("subjects", [0, -1, 1_000_001])
def test_a_number_of_subjects_out_of_range_is_refused(tmp_path, subjects):
    with pytest.raises(OutputError) as refused:
        simulate(tmp_path, subjects=subjects)
    assert [one.code for one in refused.value.diagnostics] == ["SIM001"]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(OutputError) as refused:
        simulate(tmp_path / "taken", subjects=1)
    assert [one.code for one in refused.value.diagnostics] == ["SIM002"]
    assert "taken" in refused.value.diagnostics[0].fact


def test_the_size_of_a_block_does_not_lose_results(tmp_path, folder, monkeypatch):
    def small(name):
        content = load(name)
        if name == "model":
            content["subjects_per_block"] = 3
        return content

    monkeypatch.setattr(study, "load", small)
    simulate(tmp_path, subjects=11)
    made = folder(tmp_path)
    content = (tmp_path / "raw/ext/LAB.csv").read_bytes().decode("gb18030")
    assert content.count("SAMPLE_ID") == 1
    known = {row["SUBJ"] for row in made.rows("DEMO")}
    site = {"PK01": "01", "PK02": "02", "PK03": "03"}
    seen = {f"{site[row['HOSP']]}-{row['PATNO']}" for row in made.rows("LAB")}
    assert known <= seen
    assert {one[3:] for one in seen - known} == {"0999"}
    assert_logged_cells(made)


def assert_logged_cells(made):
    tables = {made.file(name)[0]: made.rows(name) for name in made.forms["forms"]}
    for line in made.rows("truth_dirt"):
        row = tables[line["FILE"]][int(line["ROW"]) - 1]
        if line["FIELD"]:
            assert row[line["FIELD"]] == line["DIRTY"], line


def test_the_log_names_the_row_and_field_of_every_defect(simulated):
    assert_logged_cells(simulated)
