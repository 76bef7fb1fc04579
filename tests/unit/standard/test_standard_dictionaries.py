import pytest

from cdisc.errors import SpecError
from cdisc.standard import load_dictionary
from tests.made_dictionaries import write_meddra, write_whodrug, write_whodrug_c3


def refused(name, version, folder):
    with pytest.raises(SpecError) as error:
        load_dictionary(name, version, folder)
    (found,) = error.value.diagnostics
    return found


def test_meddra_has_the_terms_and_the_paths_of_its_files(tmp_path):
    found = load_dictionary("MedDRA", "27.1", write_meddra(tmp_path))
    assert found.levels == ("LLT", "PT", "HLT", "HLGT", "SOC")
    assert {level: len(terms) for level, terms in found.terms.items()} == {
        "LLT": 5, "PT": 3, "HLT": 4, "HLGT": 3, "SOC": 3,
    }  # fmt: skip
    assert found.above["10000002"] == "20000001"
    assert [path["SOC"] for path in found.paths["20000001"]] == ["50000001", "50000002"]
    assert found.primary["20000001"] == "50000001"
    assert found.retired == {"10000002"}


def test_the_rows_of_meddra_are_the_primary_paths_by_code_and_by_text(tmp_path):
    found = load_dictionary("MedDRA", "27.1", write_meddra(tmp_path))
    rows = {row[0]: dict(zip(found.columns, row, strict=True)) for row in found.rows}
    wanted = {
        "LLT": "Bluish spots",
        "LLTCD": "10000002",
        "PT": "Blue spot",
        "PTCD": "20000001",
        "HLT": "Spots",
        "HLTCD": "30000001",
        "HLGT": "Skin colours",
        "HLGTCD": "40000001",
        "SOC": "Skin of toys",
        "SOCCD": "50000001",
    }
    for key in ("10000002", "Bluish spots", "BLUISH SPOTS"):
        assert rows[key] == {"KEY": key, **wanted}


def test_a_text_of_two_terms_is_no_key(tmp_path):
    found = load_dictionary("MedDRA", "27.1", write_meddra(tmp_path))
    keys = {row[0] for row in found.rows}
    assert {"10000004", "10000005"} <= keys
    assert not {"Odd gait", "Odd Gait", "ODD GAIT"} & keys


def test_a_distribution_of_another_version_is_refused(tmp_path):
    found = refused("MedDRA", "26.0", write_meddra(tmp_path))
    assert (found.code, found.expected) == ("SPEC096", "MedDRA 26.0")
    assert "are MedDRA 27.1, not 26.0" in found.fact


def test_a_folder_without_the_files_is_refused(tmp_path):
    found = refused("MedDRA", "27.1", tmp_path)
    assert (found.code, found.fact.split('"')[1]) == ("SPEC095", "llt.asc")


def test_a_line_that_ends_early_is_refused_in_its_place(tmp_path):
    folder = write_meddra(tmp_path)
    with (folder / "llt.asc").open("a", encoding="utf-8") as file:
        file.write("10000009$Half a line$2000\n")
    found = refused("MedDRA", "27.1", folder)
    assert (found.code, str(found.span)) == ("SPEC095", "llt.asc:6:1")


def test_a_file_of_an_old_code_page_is_read(tmp_path):
    folder = write_meddra(tmp_path)
    with (folder / "llt.asc").open("ab") as file:
        file.write("10000006$Ménière of toys$20000002$$$$$$$Y$$\n".encode("cp1252"))
    assert load_dictionary("MedDRA", "27.1", folder).terms["LLT"]["10000006"] == "Ménière of toys"


def test_whodrug_gives_every_name_of_a_drug_its_classes(tmp_path):
    found = load_dictionary("WHODrug", "2025-03", write_whodrug(tmp_path))
    assert found.terms["DRUG"]["00000101002"] == "GLIMMER [TOYZOLE]"
    assert found.terms["ATC"]["Z01A"] == "PLAIN TOYS FOR EARS"
    assert [path["ATC"] for path in found.paths["00000101002"]] == ["Z01A", "Z02B"]
    assert [row for row in found.rows if row[0] == "puppetine".upper()] == [
        ("PUPPETINE", "PUPPETINE", "00000201001")
    ]


def test_a_line_that_is_no_drug_is_refused(tmp_path):
    folder = write_whodrug(tmp_path)
    (folder / "DD.txt").write_text("0000010100\n", encoding="utf-8")
    assert refused("WHODrug", "2025-03", folder).code == "SPEC095"


def test_another_dictionary_is_not_known(tmp_path):
    assert refused("LOINC", "2.77", tmp_path).expected == "MedDRA, WHODrug"


def test_both_formats_of_whodrug_say_the_same(tmp_path):
    old = load_dictionary("WHODrug", "2025-03", write_whodrug(tmp_path / "b3"))
    new = load_dictionary("WHODrug", "2025-03", write_whodrug_c3(tmp_path / "c3"))
    assert {code: name.upper() for code, name in new.terms["DRUG"].items()} == old.terms["DRUG"]
    assert new.terms["ATC"] == old.terms["ATC"]
    assert new.paths == old.paths
    assert (new.columns, new.start) == (old.columns, old.start)


def test_a_line_of_the_c3_format_is_as_long_as_its_layout_says(tmp_path):
    lines = (write_whodrug_c3(tmp_path) / "MP.txt").read_text("utf-8").splitlines()
    assert {len(line) for line in lines} == {1742}
    assert (lines[0][45:56], lines[0][1653:1656], lines[0][1734:]) == (
        "00000101001", "N/A", "20240101",
    )  # fmt: skip


def test_a_drug_is_found_by_its_medicinal_product(tmp_path):
    found = load_dictionary("WHODrug", "2025-03", write_whodrug_c3(tmp_path))
    rows = {row[0]: row[1:] for row in found.rows}
    assert rows["103"] == rows["GLIMMER [TOYZOLE]"] == ("Glimmer [Toyzole]", "00000101002")
    assert rows["102"] == rows["101"] == ("Toyzole", "00000101001")


def test_names_of_files_may_be_written_in_either_case(tmp_path):
    folder = write_whodrug_c3(tmp_path)
    (folder / "MP.txt").rename(folder / "mp.TXT")
    (folder / "ThG.txt").rename(folder / "thg.txt")
    assert len(load_dictionary("WHODrug", "2025-03", folder).terms["DRUG"]) == 3


@pytest.mark.parametrize(
    ("file", "change", "place", "expected"),
    [
        ("MP.txt", lambda text: text + "202       00\n", "MP.txt:5:1",
         "a medicinal product in 1742 characters"),
        ("MP.txt", lambda text: text.replace("Toyzole  ", "Toyzola  ", 1), "MP.txt:2:1",
         'the name of drug code 00000101001, "Toyzola"'),
        ("ThG.txt", lambda text: text.replace("201       ", "209       "), "ThG.txt:4:1",
         "an ATC code and a medicinal product of MP.txt"),
    ],
)  # fmt: skip
def test_a_line_of_the_c3_format_that_is_none_is_refused_in_its_place(
    tmp_path, file, change, place, expected
):
    folder = write_whodrug_c3(tmp_path)
    path = folder / file
    path.write_text(change(path.read_text("utf-8")), encoding="utf-8")
    found = refused("WHODrug", "2025-03", folder)
    assert (found.code, str(found.span), found.expected) == ("SPEC095", place, expected)
