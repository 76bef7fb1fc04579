import pytest

from cdisc.errors import RawDataError
from cdisc.raw import RawFormSource, read_raw


def read(folder, file, data, **options):
    (folder / file).write_bytes(data)
    (form,) = read_raw({"f": RawFormSource(file, **options)}, folder).forms
    return form


def refused(folder, file, data, **options):
    with pytest.raises(RawDataError) as caught:
        read(folder, file, data, **options)
    return caught.value.diagnostics


COLUMNS = {"SUBJ": 4, "NAME": 5, "N": 2}


def test_fields_of_fixed_width_count_characters_and_lose_blanks_around_them(tmp_path):
    data = "SUBJNAME N\r\n01  Ünï   3\r\n02   a b 45\r\n  \r\n03  NA    7\r\n\r\n".encode()

    form = read(tmp_path, "f.txt", data, columns=COLUMNS, skip_rows=1, missing=("NA",), strip="SU")

    assert form.table.to_pydict() == {
        "BJ": ["01", "02", None, "03"],
        "NAME": ["Ünï", "a b", None, None],
        "N": ["3", "45", None, "7"],
    }
    assert form.rows.to_pylist() == [2, 3, 4, 5]
    (note,) = form.notes
    assert (note.code, note.records, note.found) == ("RAW030", 1, ("row 4",))


def test_text_behind_the_last_column_is_refused(tmp_path):
    (finding,) = refused(tmp_path, "f.txt", b"01  abcde12x\n01  abcde12 \n", columns=COLUMNS)

    assert (finding.code, finding.found) == ("RAW029", ("row 1",))


def test_a_lone_carriage_return_of_a_line_of_fixed_width_is_refused(tmp_path):
    (finding,) = refused(tmp_path, "f.txt", b"01  abcde12\r01  abcde12\n", columns={"A": 90})

    assert (finding.code, finding.found) == ("RAW010", ("1 line, first at row 1",))


def test_a_file_of_fixed_width_needs_columns(tmp_path):
    (finding,) = refused(tmp_path, "f.txt", b"x", format="fixed")

    assert finding.code == "RAW029"


def test_an_empty_file_of_fixed_width_is_refused(tmp_path):
    (finding,) = refused(tmp_path, "f.txt", b" \n\n", columns=COLUMNS)

    assert finding.code == "RAW005"


def test_tabs_separate_the_fields_of_a_tsv(tmp_path):
    assert read(tmp_path, "f.tsv", b"A,B\tC\n1,2\t3\n").table.to_pydict() == {
        "A,B": ["1,2"],
        "C": ["3"],
    }


def test_the_delimiter_of_a_tsv_may_be_declared(tmp_path):
    form = read(tmp_path, "f.tsv", b"A,B\n1,2\n", delimiter=",")

    assert form.table.to_pydict() == {"A": ["1"], "B": ["2"]}


def test_rows_before_and_behind_the_names_are_passed_over(tmp_path):
    data = b'Export of today\n\nAETERM,AESEV\n"Term, as told",Severity\n$200,$1\nnausea,1\n'

    form = read(tmp_path, "f.csv", data, header=3, skip_rows=2)

    assert form.table.to_pydict() == {"AETERM": ["nausea"], "AESEV": ["1"]}
    assert form.rows.to_pylist() == [6]


def test_labels_without_records_are_a_form_without_records(tmp_path):
    form = read(tmp_path, "f.csv", b"A,B\nLabel,Label\n\n", skip_rows=1)

    assert form.table.to_pydict() == {"A": [], "B": []}


@pytest.mark.parametrize(("header", "skip"), [(3, 0), (1, 2), (2, 1)])
def test_a_header_beyond_the_end_is_refused(tmp_path, header, skip):
    (finding,) = refused(tmp_path, "f.csv", b"A,B\n1,2\n", header=header, skip_rows=skip)

    assert (finding.code, finding.fact) == ("RAW031", '"f.csv" has 2 lines')


def test_an_export_of_redcap_is_read_with_its_mark_and_its_checkboxes(tmp_path):
    data = (
        "\ufeffrecord_id,redcap_event_name,redcap_repeat_instrument,redcap_repeat_instance,"
        'race___1,race___2,note\n"1","baseline_arm_1",,,"1","0","a ""b""\nc"\n'
    ).encode()

    form = read(tmp_path, "f.csv", data)

    assert form.table.to_pylist() == [
        {
            "record_id": "1",
            "redcap_event_name": "baseline_arm_1",
            "redcap_repeat_instrument": None,
            "redcap_repeat_instance": None,
            "race___1": "1",
            "race___2": "0",
            "note": 'a "b"\nc',
        }
    ]


def test_an_export_of_castor_is_read_with_its_semicolons_and_options(tmp_path):
    data = b"Participant Id;Site Abbreviation;ae#nausea\n110001;AMS;1\n110002;AMS;\n"

    form = read(tmp_path, "f.csv", data, delimiter=";")

    assert form.table.to_pydict() == {
        "Participant Id": ["110001", "110002"],
        "Site Abbreviation": ["AMS", "AMS"],
        "ae#nausea": ["1", None],
    }
