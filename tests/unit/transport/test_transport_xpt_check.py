import datetime as dt
import math

import pyarrow as pa
import pytest

from cdisc.dataset import Dataset, Variable
from cdisc.diagnostics import catalogue
from cdisc.transport import check_xpt


def told(dataset, **options):
    return [(one.code, one.variable, one.fact) for one in check_xpt(dataset, **options)]


def test_a_dataset_within_the_limits_has_no_findings(dataset_of, text, number):
    dataset = dataset_of(
        (text("_A234567", 200, "x" * 40, "$200."), ["x" * 200, None, " leading"]),
        (number(sas_format="BEST12."), [7.2e75, None, 0.0]),
        (number("ADT", sas_format="E8601DA10.", kind="date"), [None] * 3),
        name="SUPPAE",
        label="x" * 40,
    )
    assert told(dataset) == []


@pytest.mark.parametrize("name", ["", "ADVERSEEV", "ae", "A-E", "1AE", "A E", "ÄE", "AE\n"])
def test_a_dataset_name_that_sas_would_not_take_is_an_error(dataset_of, name):
    assert told(dataset_of(name=name)) == [
        ("XPT001", None, f'"{name}" cannot be the name of a dataset')
    ]


@pytest.mark.parametrize("name", ["", "AETERMLONG", "aeterm", "AE.TERM", "9TERM", "ÄTERM"])
def test_a_variable_name_that_sas_would_not_take_is_an_error(dataset_of, text, name):
    assert told(dataset_of((text(name), []))) == [
        ("XPT002", name, f'"{name}" cannot be the name of a variable')
    ]


def test_two_variables_of_one_name_are_an_error(dataset_of, text):
    assert told(dataset_of((text(), []), (text(), []))) == [
        ("XPT003", "AETERM", 'two variables are called "AETERM"')
    ]


def test_labels_are_measured_in_bytes_of_the_encoding(dataset_of, text):
    long = "严重" * 10  # 20 characters, 60 bytes in UTF-8, 40 in GB18030
    dataset = dataset_of((text(label=long), []), label=long)
    assert told(dataset, encoding="utf-8") == [
        ("XPT004", None, "the label has 60 bytes"),
        ("XPT005", "AETERM", "the label has 60 bytes"),
    ]
    assert told(dataset, encoding="gb18030") == []


def test_a_label_outside_the_encoding_is_an_error(dataset_of, text):
    dataset = dataset_of((text(label="Dose (µg)"), []), label="≥ 5")
    assert told(dataset, encoding="latin-1") == [
        ("XPT009", None, 'the label holds "≥", which is not in iso8859-1')
    ]
    assert told(dataset) == [
        ("XPT009", None, 'the label holds "≥", which is not in ascii'),
        ("XPT009", "AETERM", 'the label holds "µ", which is not in ascii'),
    ]


def test_a_label_that_changes_or_does_not_print_is_a_warning(dataset_of, text):
    assert told(dataset_of((text(label="Term "), []), label="A\tB")) == [
        ("XPT015", None, "the label holds characters that do not print"),
        ("XPT014", "AETERM", "the blanks at the end of the label are lost"),
    ]


@pytest.mark.parametrize("length", [0, -1, 201])
def test_a_text_length_outside_1_to_200_is_an_error(dataset_of, text, length):
    assert told(dataset_of((text(length=length), []))) == [
        ("XPT006", "AETERM", f"text of length {length}")
    ]


def test_a_text_that_is_too_long_is_sent_to_supplemental_records(dataset_of, text):
    (finding,) = check_xpt(dataset_of((text(length=295), [])))
    assert finding.help == "move what follows byte 200 to supplemental records"


def test_a_number_length_other_than_8_is_an_error(dataset_of, number):
    assert told(dataset_of((number(length=4), []))) == [("XPT006", "AESEQ", "number of length 4")]


def test_values_longer_than_their_variable_are_named_with_their_records(dataset_of, text):
    values = ["12345678", "123456789", None, "ABCDEFGHI", "123456789", "ÄÖÜäö", "ABCDEFGHIJ"]
    (finding,) = check_xpt(dataset_of((text(), values)), encoding="utf-8")
    assert (finding.code, finding.fact) == ("XPT007", "5 values longer than 8 bytes")
    assert finding.found == ("record 2: '123456789'", "record 4: 'ABCDEFGHI'", "record 6: 'ÄÖÜäö'")
    assert (finding.dataset, finding.variable, finding.records) == ("AE", "AETERM", 5)


def test_values_are_measured_in_bytes_of_the_encoding(dataset_of, text):
    dataset = dataset_of((text(), ["头痛发热", "头痛"]))
    assert told(dataset, encoding="gb18030") == []
    assert told(dataset, encoding="utf-8") == [("XPT007", "AETERM", "1 value longer than 8 bytes")]


def test_values_outside_the_encoding_are_named_with_their_records(dataset_of, text):
    values = pa.chunked_array([["5 mg", None, "5 µg"], ["≥ 5", "5 µg", "naïve", "½"]])
    (finding,) = check_xpt(dataset_of((text(), values)))
    assert (finding.code, finding.fact) == ("XPT008", "5 values not in ascii")
    assert finding.found == ("record 3: '5 µg'", "record 4: '≥ 5'", "record 6: 'naïve'")
    (finding,) = check_xpt(dataset_of((text(), values)), encoding="cp1252")
    assert (finding.fact, finding.found) == ("1 value not in cp1252", ("record 4: '≥ 5'",))


def test_long_values_are_found_beside_values_outside_the_encoding(dataset_of, text):
    dataset = dataset_of((text(length=4), ["头痛", "头痛发热", "한국", None, "plain"]))
    assert told(dataset, encoding="gb2312") == [
        ("XPT007", "AETERM", "2 values longer than 4 bytes"),
        ("XPT008", "AETERM", "1 value not in gb2312"),
    ]


def test_numbers_that_an_ibm_double_cannot_hold_are_an_error(dataset_of, number):
    values = [1.0, math.inf, None, -1e76, 1e-79, math.nan, math.inf, 5.4e-79]
    (finding,) = check_xpt(dataset_of((number(), values)))
    assert finding.code == "XPT010"
    assert finding.fact == "5 values beyond what a transport file can hold exactly"
    assert finding.found == ("record 2: inf", "record 4: -1e+76", "record 5: 1e-79")


def test_not_a_number_is_an_error_of_its_record(dataset_of, number):
    (finding,) = check_xpt(dataset_of((number(), [1.0, None, math.nan, math.nan])))
    assert (finding.code, finding.records, finding.found) == ("XPT010", 2, ("record 3: nan",))


def test_a_moment_that_no_double_holds_exactly_is_an_error(dataset_of, number):
    moments = pa.array([2**53 - 315619200, 2**53 - 315619200 + 2], pa.int64())
    variable = number("ADTM", sas_format="DATETIME20.", kind="datetime")
    dataset = dataset_of((variable, moments.cast(pa.timestamp("s"))))
    (finding,) = check_xpt(dataset)
    assert (finding.code, finding.found) == ("XPT010", ("record 2: 9007199254740994.0",))


def test_ten_thousand_variables_are_one_too_many(text):
    variables = tuple(text(f"V{at}", 1) for at in range(10_000))
    names = [one.name for one in variables]
    table = pa.table([pa.array([], pa.string())] * 10_000, names)
    dataset = Dataset("AE", "", "", "", (), variables, table)
    assert told(dataset) == [("XPT011", None, "10,000 variables")]
    fewer = Dataset("AE", "", "", "", (), variables[:-1], table.select(names[:-1]))
    assert told(fewer) == []


@pytest.mark.parametrize(
    "sas_format", ["DATE9", "date9.", ".", "8", "8.2.1", "LONGERNAME8.", "8,2", "F8.100", "40000."]
)
def test_a_format_that_sas_would_not_take_is_an_error(dataset_of, number, sas_format):
    assert told(dataset_of((number(sas_format=sas_format), []))) == [
        ("XPT012", "AESEQ", f'"{sas_format}" is not a display format')
    ]


def test_a_format_of_the_other_type_is_an_error(dataset_of, text, number):
    dataset = dataset_of((text(sas_format="8."), []), (number(sas_format="$8."), []))
    assert told(dataset) == [
        ("XPT012", "AETERM", 'format "8." cannot show values of kind text'),
        ("XPT012", "AESEQ", 'format "$8." cannot show values of kind number'),
    ]


def test_a_format_that_changes_the_kind_is_a_warning(dataset_of, number):
    dataset = dataset_of(
        (number("ADT", kind="date"), []),
        (number("ADTM", kind="datetime", sas_format="DATE9."), []),
        (number("ATM", kind="time", sas_format="8."), []),
        (number("AVAL", sas_format="DATE9."), []),
    )
    assert told(dataset) == [
        ("XPT013", "ADT", "a date with no format will be read as a number"),
        ("XPT013", "ADTM", 'a datetime with format "DATE9." will be read as a date'),
        ("XPT013", "ATM", 'a time with format "8." will be read as a number'),
        ("XPT013", "AVAL", 'a number with format "DATE9." will be read as a date'),
    ]


def test_blanks_at_the_end_of_text_are_a_warning(dataset_of, text):
    (finding,) = check_xpt(dataset_of((text(), ["A ", " A", None, "  ", "B"])))
    assert (finding.code, finding.severity) == ("XPT014", "warning")
    assert finding.fact == "2 values with blanks at the end, which are lost"
    assert finding.found == ("record 1: 'A '", "record 4: '  '")


def test_control_characters_are_a_warning_and_nul_an_error(dataset_of, text):
    found = check_xpt(dataset_of((text(), ["A\tB", "A\r\nB", None, "A\0B", "\x7f", "AB"])))
    assert [(one.code, one.severity, one.found) for one in found] == [
        ("XPT015", "warning",
         ("record 1: 'A\\tB'", "record 2: 'A\\r\\nB'", "record 5: '\\x7f'")),
        ("XPT020", "error", ("record 4: 'A\\x00B'",)),
    ]  # fmt: skip


def test_nul_does_not_disturb_the_measuring_of_other_values(dataset_of, text):
    dataset = dataset_of((text(length=2), ["A\0B", "é\0", "é", "ééé"]))
    assert told(dataset, encoding="latin-1") == [
        ("XPT007", "AETERM", "1 value longer than 2 bytes"),
        ("XPT020", "AETERM", "2 values with a NUL character"),
    ]


def test_a_short_blank_record_at_the_end_is_an_error(dataset_of, text):
    short = dataset_of((text("A", 4), ["x", None, None]), (text("B", 4), [None, "x", None]))
    assert told(short) == [
        ("XPT016", None, "record 3, the last, is blank: it cannot be told from padding")
    ]


def test_a_blank_record_is_no_matter_elsewhere_or_with_a_missing_number(dataset_of, text, number):
    assert told(dataset_of((text("A", 79), [None, "x"]))) == []
    assert told(dataset_of((text("A", 8), ["x", None]), (number(), [1.0, None]))) == []


@pytest.mark.parametrize(("width", "rows"), [(50, 2), (79, 3), (80, 2), (200, 1)])
def test_a_blank_last_record_that_is_more_than_padding_is_a_warning(dataset_of, text, width, rows):
    values = ["x"] * (rows - 1) + [None]
    (finding,) = check_xpt(dataset_of((text("A", width), values)))
    assert (finding.code, finding.severity) == ("XPT022", "warning")
    assert finding.fact == f"record {rows}, the last, is blank: some readers lose it"


def test_version_8_says_how_many_records_there_are_so_a_blank_one_is_no_matter(dataset_of, text):
    assert told(dataset_of((text("A", 8), ["x", None])), version=8) == []


def test_a_number_with_the_bytes_of_blanks_counts_as_blank(dataset_of, number):
    blanks = 0x20202020202020 * 2.0**-56 * 2.0 ** (4 * (0x20 - 64))
    assert [code for code, _, _ in told(dataset_of((number(), [1.0, blanks])))] == ["XPT016"]


@pytest.mark.parametrize(
    "encoding",
    [
        *("nonsense", "utf-16", "utf-7", "cp037", "iso2022_jp", "hz", "punycode", "rot13"),
        *("utf-8-sig", "unicode_escape", "raw_unicode_escape", "base64"),
    ],
)
def test_an_encoding_that_does_not_extend_ascii_is_an_error(dataset_of, encoding):
    assert told(dataset_of(), encoding=encoding) == [
        ("XPT017", None, f'unknown encoding "{encoding}"')
    ]


def test_records_without_variables_are_an_error():
    table = pa.table({"A": ["x", "y"]}).select([])
    dataset = Dataset("AE", "", "", "", (), (), table)
    assert told(dataset) == [("XPT019", None, "2 records without a variable")]


def test_everything_is_found_at_once(dataset_of, text, number):
    dataset = dataset_of(
        (text("aeterm", 0, "x" * 41), ["µ", "x"]),
        (number("AESEQ", sas_format="DATE9"), [math.inf, 1.0]),
        name="ADVERSEEVENTS",
    )
    assert [code for code, _, _ in told(dataset)] == [
        "XPT001", "XPT002", "XPT005", "XPT006", "XPT007", "XPT008", "XPT012", "XPT010",
    ]  # fmt: skip


def test_a_column_of_another_type_is_a_mistake_of_the_program(dataset_of, number):
    with pytest.raises(TypeError, match=r"AE\.AESEQ: int64 is not of kind number"):
        check_xpt(dataset_of((number(), pa.array([1, 2]))))


def test_every_code_that_is_given_is_in_the_catalogue():
    held = {code for code in catalogue() if code.startswith("XPT")}
    wanted = [*range(1, 24), *range(31, 40)]
    assert held == {f"XPT{number:03d}" for number in wanted}


def test_dates_and_times_need_no_range(dataset_of):
    dataset = dataset_of(
        (Variable("ADT", "", "date", 8, "DATE9."), [dt.date.min, dt.date.max]),
        (Variable("ATM", "", "time", 8, "TIME8."), [dt.time.min, dt.time(23, 59, 59)]),
    )
    assert told(dataset) == []
