import pyarrow as pa
import pytest

from cdisc.dataset import ARROW_TYPES, Variable
from define_xml.data_type import compute_data_type, fits, significant_digits


def column(values, kind="text"):
    return pa.chunked_array([pa.array(values, ARROW_TYPES[kind])])


def variable(name, kind="text", **more):
    return Variable(name, "Label", kind, 20, **more)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["2014-01-02", None, "2015-12-31"], "date"),
        (["2014-01-02T08:30:00", "2014-01-02T08:30:00.5Z"], "datetime"),
        (["2014-01-02T08:30:00+09:00"], "datetime"),
        (["2014-01-02", "2014-01"], "partialDate"),
        (["2014"], "partialDate"),
        (["2014-01-02T08:30"], "partialDatetime"),
        (["2014-01-02T08"], "partialDatetime"),
        (["2014-01-02", "2014-01-02T08:30:00"], "partialDatetime"),
        (["2014---02"], "incompleteDatetime"),
        (["--01-02", "2014-01-02"], "incompleteDatetime"),
        (["2014-01-02T-:30"], "incompleteDatetime"),
        (["2014-01-02", "last spring"], "text"),
        (["2014-01-02/2014-01-05"], "text"),
        ([None, None], "datetime"),
        ([], "datetime"),
    ],
)
def test_the_narrowest_type_of_a_date_is_found_from_its_values(values, expected):
    assert compute_data_type(variable("AESTDTC"), column(values)) == expected


@pytest.mark.parametrize(
    ("name", "values", "expected"),
    [
        ("AEDUR", ["P3D", "PT1H30M", "P2W", "P1Y2M"], "durationDatetime"),
        ("LBELTM", ["-PT15M"], "durationDatetime"),
        ("QSEVLINT", ["2014-01-01/P7D"], "intervalDatetime"),
        ("QSEVLINT", ["P7D", "2014-01-01/P7D"], "text"),
        ("AEDUR", ["P"], "text"),
        ("AEDUR", [None], "durationDatetime"),
    ],
)
def test_durations_and_intervals_are_told_apart(name, values, expected):
    assert compute_data_type(variable(name), column(values)) == expected


def test_text_that_looks_like_a_date_stays_text_where_the_name_does_not_say_date():
    assert compute_data_type(variable("SUBJID"), column(["2014"])) == "text"


@pytest.mark.parametrize(
    ("kind", "integer", "expected"),
    [
        ("number", False, "float"),
        ("number", True, "integer"),
        ("date", False, "integer"),
        ("datetime", False, "integer"),
        ("time", False, "integer"),
    ],
)
def test_what_is_stored_as_a_number_is_integer_or_float(kind, integer, expected):
    assert compute_data_type(variable("X", kind, integer=integer), column([], kind)) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, None, 2e300], 0),
        ([0.5], 1),
        ([0.25, 100.5], 2),
        ([36.6, -0.125], 3),
        ([], 0),
        ([1 / 3], 16),
    ],
)
def test_significant_digits_are_those_that_the_values_need(values, expected):
    assert significant_digits(column(values, "number")) == expected


@pytest.mark.parametrize(
    ("data_type", "name", "kind", "values", "expected"),
    [
        ("text", "A", "text", ["x"], True),
        ("integer", "A", "text", ["1"], False),
        ("date", "A", "text", ["2014-01-01", None], True),
        ("date", "A", "text", ["2014-01"], False),
        ("partialDatetime", "A", "text", ["2014-01-01"], True),
        ("time", "A", "text", ["08:30:00"], True),
        ("partialTime", "A", "text", ["08:30"], True),
        ("time", "A", "text", ["08:30"], False),
        ("integer", "A", "number", [1.0, None], True),
        ("integer", "A", "number", [1.5], False),
        ("float", "A", "number", [1.5], True),
        ("text", "A", "number", [1.5], False),
        ("integer", "A", "date", [], True),
        ("date", "A", "date", [], False),
        ("datetime", "A", "text", [], True),
        ("boolean", "A", "text", [], False),
    ],
)
def test_a_stated_type_fits_or_not(data_type, name, kind, values, expected):
    assert fits(data_type, variable(name, kind), column(values, kind)) is expected
