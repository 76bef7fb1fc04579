import csv
import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from cdisc.errors import RawDataError
from cdisc.raw import read_csv_form, scan

PIECES = ["a", "NA", "é", "中", "😀", ",", ";", '"', "\n", "\r\n", " ", "\t", "'"]
TEXT = st.one_of(
    st.lists(st.sampled_from(PIECES), max_size=5).map("".join),
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r")),
)
NAMES = st.lists(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\r\n\ufeff"), min_size=1),
    min_size=1,
    max_size=4,
    unique=True,
)


@st.composite
def tables(draw):
    names = draw(NAMES)
    record = st.lists(TEXT, min_size=len(names), max_size=len(names))
    return names, draw(st.lists(record, max_size=6))


@given(
    tables(),
    st.sampled_from([",", ";", "\t", "|"]),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-be"]),
    st.sampled_from([1, 3, 7, 1 << 23]),
)
@example((["A"], [[""], ['"'], ["\n"]]), ",", "\r\n", csv.QUOTE_MINIMAL, "utf-16", 1)
def test_any_table_that_python_writes_reads_back(
    tmp_path_factory, table, delimiter, end, quoting, encoding, block
):
    names, records = table
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting)
    writer.writerow(names)
    writer.writerows(records)
    path = tmp_path_factory.getbasetemp() / "any.csv"
    path.write_bytes(text.getvalue().encode(encoding))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_BLOCK", block)
        form = read_csv_form(path, name="f", file="f", delimiter=delimiter, encoding=encoding)

    assert form.table.column_names == names
    columns = [form.table.column(place).to_pylist() for place in range(len(names))]
    assert columns == [[record[place] or None for record in records] for place in range(len(names))]
    lines = text.getvalue().split("\n")
    assert [lines[row - 1] for row in form.rows.to_pylist()] == [
        first_line(record, delimiter, end, quoting) for record in records
    ]


def first_line(record, delimiter, end, quoting):
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting).writerow(record)
    return text.getvalue().split("\n")[0]


@given(
    st.lists(st.sampled_from(["a", "b", ",", '"', "\n", "\r\n", '""', '","'])).map("".join),
    st.sampled_from([1, 2, 5, 1 << 23]),
)
def test_whatever_is_accepted_is_what_a_strict_reader_of_python_sees(tmp_path_factory, body, block):
    text = "A,B\n" + body
    path = tmp_path_factory.getbasetemp() / "mess.csv"
    path.write_bytes(text.encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scan, "_BLOCK", block)
        try:
            form = read_csv_form(path, name="f", file="f")
        except RawDataError:
            form = None
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), strict=True))
        while len(lines) > 1 and not lines[-1]:
            lines.pop()
        expected = lines[1:] if all(len(line) == 2 for line in lines) else None
    except csv.Error:
        expected = None

    actual = form and [list(record.values()) for record in form.table.to_pylist()]
    assert actual == (expected and [[value or None for value in line] for line in expected]) or (
        actual == [] == expected
    )
