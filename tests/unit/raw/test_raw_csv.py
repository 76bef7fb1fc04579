import csv
import io

import pyarrow as pa
import pytest

from cdisc.diagnostics import Span
from cdisc.errors import RawDataError
from cdisc.raw import csv as raw_csv
from cdisc.raw import read_csv_form, scan

SPAN = Span("study.yaml", 7, 8, 21, "  ae: {file: raw/ae.csv}")


@pytest.fixture
def read(tmp_path):
    def reader(data, **dialect):
        path = tmp_path / "ae.csv"
        path.write_bytes(data)
        return read_csv_form(path, name="ae", file="raw/ae.csv", **dialect)

    return reader


@pytest.fixture
def refusal(read):
    def findings(data, **dialect):
        with pytest.raises(RawDataError) as caught:
            read(data, **dialect)
        return [(one.code, one.fact, one.found) for one in caught.value.diagnostics]

    return findings


def test_every_value_is_the_text_that_was_written(read):
    form = read(b"A,B,C\nNA,NULL,nan\n010, x ,1.0\n-,N/A,.\n")

    assert form.name == "ae"
    assert form.file == "raw/ae.csv"
    assert form.table.schema == pa.schema(
        [("A", pa.string()), ("B", pa.string()), ("C", pa.string())]
    )
    assert form.table.to_pydict() == {
        "A": ["NA", "010", "-"],
        "B": ["NULL", " x ", "N/A"],
        "C": ["nan", "1.0", "."],
    }
    assert form.rows.equals(pa.array([2, 3, 4], pa.int64()))


def test_empty_text_is_null_quoted_or_not_and_blanks_are_not(read):
    form = read(b'A,B\n,""\n " ", \n')

    assert form.table.to_pydict() == {"A": [None, ' " "'], "B": [None, " "]}


def test_exactly_the_declared_texts_are_missing(read):
    form = read(b'A,B\nND,nd\n"ND",.\nND ,..\n', missing=("ND", "."))

    assert form.table.to_pydict() == {"A": [None, None, "ND "], "B": ["nd", None, ".."]}


def test_quoted_values_hold_delimiters_quotes_and_line_ends(read):
    form = read(b'A,B\r\n"x,y","say ""no"""\r\n"1\r\n2\n3",z\r\nlast,w\r\n')

    assert form.table.to_pydict() == {
        "A": ["x,y", "1\r\n2\n3", "last"],
        "B": ['say "no"', "z", "w"],
    }
    assert form.rows.to_pylist() == [2, 3, 6]


def test_a_quote_inside_an_unquoted_value_is_an_ordinary_character(read):
    form = read(b'A,B\n5\'11",x"y"z\na""b,"c""d"\n"e",f"\n')

    assert form.table.to_pydict() == {
        "A": ["5'11\"", 'a""b', "e"],
        "B": ['x"y"z', 'c"d', 'f"'],
    }


def test_a_file_without_quoting_keeps_its_quotes(read):
    form = read(b'A|B\n"x|y"\n', delimiter="|", quote="")

    assert form.table.to_pydict() == {"A": ['"x'], "B": ['y"']}


def test_a_file_may_quote_with_an_apostrophe(read):
    form = read(b"A;B\n'x;y';\"z\n", delimiter=";", quote="'")

    assert form.table.to_pydict() == {"A": ["x;y"], "B": ['"z']}


@pytest.mark.parametrize("delimiter", [";", "\t", "|", " ", "\x01", "\x1f", "¦", "||", "~|~", "，"])
def test_any_delimiter_separates(read, delimiter):
    d = delimiter
    form = read(f'A{d}"B{d}B"\n1{d}"2{d}2"\n{d}x,y\n'.encode(), delimiter=d)

    assert form.table.to_pydict() == {"A": ["1", None], f"B{d}B": [f"2{d}2", "x,y"]}


def test_a_missing_text_may_hold_a_long_delimiter(read):
    form = read(b'A||B\n"x||y"||z\n', delimiter="||", missing=("x||y",))

    assert form.table.to_pydict() == {"A": [None], "B": ["z"]}


def test_a_control_character_beside_a_long_delimiter_is_refused(refusal):
    assert refusal(b"A||B\n1||\x1f\n", delimiter="||") == [
        ("RAW014", '"raw/ae.csv" holds the control character U+001F beside the delimiter "||"', ())
    ]


@pytest.mark.parametrize("delimiter", ["", "\n", "a\r", '"', '|"'])
def test_a_delimiter_that_separates_nothing_is_refused(refusal, delimiter):
    fact = f'"raw/ae.csv" is declared to have the delimiter {delimiter!r}, which separates nothing'

    assert refusal(b"A\n", delimiter=delimiter) == [("RAW015", fact, ())]


@pytest.mark.parametrize("quote", ["''", "«", "\n"])
def test_a_quote_of_more_than_one_byte_is_refused(refusal, quote):
    fact = f'"raw/ae.csv" is declared to have the quoting character {quote!r}, which cannot quote'

    assert refusal(b"A\n", quote=quote) == [("RAW015", fact, ())]


def test_a_prefix_is_taken_from_the_names_that_have_it(read):
    form = read(b"IT.AETERM,PATNUM,XIT.A\n1,2,3\n", strip="IT.")

    assert form.table.column_names == ["AETERM", "PATNUM", "XIT.A"]


def test_a_quoted_name_over_two_lines_moves_the_rows(read):
    form = read(b'"A\nB",C\n1,2\n')

    assert form.table.to_pydict() == {"A\nB": ["1"], "C": ["2"]}
    assert form.rows.to_pylist() == [3]


@pytest.mark.parametrize("data", [b"A,B\n", b"A,B", b"A,B\r\n", b"\xef\xbb\xbfA,B\n\n\n"])
def test_a_header_alone_is_a_form_without_records(read, data):
    form = read(data)

    assert form.table.equals(
        pa.table({"A": pa.array([], pa.string()), "B": pa.array([], pa.string())})
    )
    assert form.rows.equals(pa.array([], pa.int64()))


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n", b"\n\r\n\n"])
def test_the_last_line_may_lack_its_end_or_be_followed_by_blank_lines(read, end):
    form = read(b"A,B\n1,2" + end)

    assert form.table.to_pydict() == {"A": ["1"], "B": ["2"]}
    assert form.rows.to_pylist() == [2]


def test_an_empty_line_of_a_file_of_one_field_is_a_record(read):
    form = read(b"A\n\nx\r\n\r\n")

    assert form.table.to_pydict() == {"A": [None, "x", None]}
    assert form.rows.to_pylist() == [2, 3, 4]


def test_a_value_longer_than_a_block_is_read_whole(read, monkeypatch):
    monkeypatch.setattr(raw_csv, "_BLOCK", 16)
    value = 'line, "quoted"\n' * 400
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["A", "B"], ["x", value], ["y", "z"]])

    form = read(text.getvalue().encode())

    assert form.table.to_pydict() == {"A": ["x", "y"], "B": [value, "z"]}
    assert form.rows.to_pylist() == [2, 403]


# Refusals


def test_no_bytes_and_blank_lines_alone_are_refused(refusal):
    empty = [("RAW005", '"raw/ae.csv" is empty', ())]

    assert refusal(b"") == empty
    assert refusal(b"\xef\xbb\xbf") == empty
    assert refusal(b"\n\r\n") == empty


def test_fields_without_a_name_and_names_given_twice_are_refused_together(refusal):
    assert refusal(b"A,,B,IT.A,\n1,2,3,4,5\n", strip="IT.") == [
        ("RAW006", '"raw/ae.csv" has fields without a name', ("2 fields of 5: number 2, 5",)),
        ("RAW007", '"raw/ae.csv" names a field more than once', ('"A" 2 times',)),
    ]


def test_a_name_that_is_nothing_but_the_prefix_is_refused(refusal):
    assert [code for code, _, _ in refusal(b"IT.,A\n1,2\n", strip="IT.")] == ["RAW006"]


def test_ragged_records_are_counted_and_the_first_three_shown(read, refusal):
    data = b'A,B\n1,2\n"x\ny",1,1\n3\n4,5\n\n6,7,8,9\n1,2\n'

    assert refusal(data) == [
        (
            "RAW012",
            '"raw/ae.csv" has 4 records whose number of fields is not the header\'s',
            (
                "row 3: 3 fields in place of 2",
                "row 5: 1 field in place of 2",
                "row 7: 1 field in place of 2",
            ),
        )
    ]
    with pytest.raises(RawDataError) as caught:
        read(data)
    assert caught.value.diagnostics[0].records == 4
    assert caught.value.diagnostics[0].span == Span("raw/ae.csv", 3, 1, 2)


def test_a_finding_points_at_the_line_of_the_spec(read):
    with pytest.raises(RawDataError) as caught:
        read(b"A,B\n1\n", span=SPAN)

    assert str(caught.value) == (
        'error[RAW012]: "raw/ae.csv" has 1 record whose number of fields is not the header\'s\n'
        "  --> study.yaml:7:8\n"
        "  |\n"
        "7 |   ae: {file: raw/ae.csv}\n"
        "  |        ^^^^^^^^^^^^^\n"
        "  = found: row 2: 1 field in place of 2\n"
        "  = expected: 2 fields in every record\n"
        "  = help: check the delimiter; a value that holds it, or a line end, must be quoted\n"
        "  = more: cdisc explain RAW012"
    )


def test_a_file_cut_in_its_last_record_is_refused(refusal):
    assert refusal(b"A,B,C\n1,2,3\n4,5") == [
        (
            "RAW013",
            '"raw/ae.csv" ends in the middle of a record',
            ("row 3: 2 fields in place of 3",),
        )
    ]


def test_a_file_cut_behind_ragged_records_gives_both_findings(refusal):
    found = refusal(b"A,B,C\n1\n4,5")

    assert [code for code, _, _ in found] == ["RAW012", "RAW013"]


def test_too_many_fields_in_the_last_record_are_no_cut(refusal):
    assert [code for code, _, _ in refusal(b"A\n1,2")] == ["RAW012"]


@pytest.mark.parametrize("tail", [b'"never closed', b'"a\nb\nc\n', b'"', b'x,"', b'"a""'])
def test_a_file_cut_inside_quotes_is_refused(refusal, tail):
    assert refusal(b"A,B\n1,2\n" + tail) == [
        (
            "RAW008",
            '"raw/ae.csv" ends inside a quoted value',
            ("the record that begins at row 3 never ends",),
        )
    ]


def test_a_header_cut_inside_quotes_is_refused(refusal):
    assert refusal(b'"A,B\n1,2\n')[0][2] == ("the record that begins at row 1 never ends",)


@pytest.mark.parametrize("value", [b'"a"b', b'"a" ', b'"a""b"c', b'""x', b'"a"\rb'])
def test_text_behind_a_closing_quote_is_refused(refusal, value):
    found = refusal(b"A,B\n1,2\n" + value + b",2\n")

    assert found[0] == ("RAW009", '"raw/ae.csv" holds text behind a closing quote', ("row 3",)) or (
        value == b'"a"\rb' and found[0][0] == "RAW010"
    )


def test_a_lone_carriage_return_is_refused_outside_quotes_only(read, refusal):
    assert refusal(b"A,B\n1,x\ry\n2,z\r") == [
        (
            "RAW010",
            '"raw/ae.csv" holds a carriage return without a line feed outside quotes',
            ("2 carriage returns, first at row 2",),
        )
    ]
    assert read(b'A,B\n1,"x\ry"\n').table.to_pydict() == {"A": ["1"], "B": ["x\ry"]}


def test_nul_bytes_are_refused_quoted_or_not(refusal):
    assert refusal(b'A,B\n1,2\n\0,"\0"\n') == [
        ("RAW011", '"raw/ae.csv" holds NUL bytes', ("2 NUL bytes, first at row 3",))
    ]


def test_a_folder_in_place_of_the_file_is_refused(tmp_path):
    with pytest.raises(RawDataError) as caught:
        read_csv_form(tmp_path, name="ae", file="raw/ae.csv")

    assert [one.code for one in caught.value.diagnostics] == ["RAW001"]


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!", "a SAS transport file"),
        (b"PK\x03\x04\x14\x00", "a workbook or another zip file"),
        (b"\x1f\x8b\x08", "a gzip file"),
    ],
)
def test_another_kind_of_file_is_told_by_its_first_bytes(refusal, data, kind):
    assert refusal(data) == [("RAW016", f'"raw/ae.csv" is no delimited text but {kind}', ())]


def test_a_regular_file_is_scanned_without_a_walk_through_its_quotes(read, monkeypatch):
    monkeypatch.setattr(scan._Scan, "_walk", None)

    form = read(b'A,"B"\n"""x""","a ""b"" c"\n"","\r\n"\r\nx,"y"')

    assert form.table.to_pydict() == {"A": ['"x"', None, "x"], "B": ['a "b" c', "\r\n", "y"]}


# Properties
