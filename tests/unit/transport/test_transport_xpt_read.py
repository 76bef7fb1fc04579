import datetime as dt
import struct

import pyarrow as pa
import pyreadstat
import pytest

from cdisc.dataset import Dataset, Variable
from cdisc.errors import RawDataError
from cdisc.transport import read_xpt, read_xpt_members, write_xpt

NAMESTRS = 240 + 5 * 80
MISSING = b"\x2e" + b"\0" * 7
ONE = b"\x41\x10" + b"\0" * 6


def record(title, digits="0" * 30):
    return f"HEADER RECORD*******{title:8s}HEADER RECORD!!!!!!!{digits}  ".encode("ascii")


def namestr(name, length, position, *, kind=1, shown=b"", width=0, decimals=0, label=b"", size=140):
    return struct.pack(
        ">hhhh8s40s8shhh2s8shhi", kind, 0, length, 1, name.ljust(8), label.ljust(40),
        shown.ljust(8), width, decimals, 0, b"  ", b" " * 8, 0, 0, position,
    ).ljust(size, b"\0")  # fmt: skip


def member(described, data=b"", *, count=None, size=140, name=b"AE", label=b"Label"):
    count = len(described) // size if count is None else count
    sas = b"SAS     " + name.ljust(8) + b"SASDATA 6.06    bsd4.2  ".ljust(48) + b"01JAN60:00:00:00"
    parts = (
        record("MEMBER", f"{160:020d}{size:010d}"),
        record("DSCRPTR"),
        sas,
        b" " * 32 + label.ljust(40) + b" " * 8,
        record("NAMESTR", f"000000{count:04d}".ljust(30, "0")),
        described + b" " * (-len(described) % 80),
        record("OBS"),
        data + b" " * (-len(data) % 80),
    )
    return b"".join(parts)


LIBRARY = record("LIBRARY") + b"SAS".ljust(80) + b"x".ljust(80)


@pytest.fixture
def read(tmp_path):
    def run(content, **options):
        path = tmp_path / "ae.xpt"
        path.write_bytes(content)
        return read_xpt(path, **options)

    return run


@pytest.fixture
def refused(read):
    def run(content, **options):
        with pytest.raises(RawDataError) as caught:
            read(content, **options)
        return [(one.code, one.fact) for one in caught.value.diagnostics]

    return run


def test_a_file_made_by_hand_is_read(read):
    described = (
        namestr(b"TERM", 4, 0, kind=2, shown=b"$CHAR", width=4, label=b"Reported")
        + namestr(b"N", 8, 4, width=8, decimals=2)
        + namestr(b"ADT", 8, 12, shown=b"DATE", width=9)
    )
    data = b" A  " + ONE + MISSING + b"    " + MISSING + ONE
    dataset = read(LIBRARY + member(described, data))
    assert dataset == Dataset(
        "AE", "Label", "", "", (),
        (
            Variable("TERM", "Reported", "text", 4, "$CHAR4."),
            Variable("N", "", "number", 8, "8.2"),
            Variable("ADT", "", "date", 8, "DATE9."),
        ),
        pa.table({
            "TERM": pa.array([" A", None]),
            "N": pa.array([1.0, None]),
            "ADT": pa.array([None, dt.date(1960, 1, 2)], pa.date32()),
        }),
    )  # fmt: skip


def test_the_file_of_another_writer_is_read(tmp_path):
    frame = pytest.importorskip("pandas").DataFrame(
        {"A": ["x", "", "yy"], "N": [1.5, None, -1e10], "D": [0.0, 1.0, None]}
    )
    path = tmp_path / "other.xpt"
    pyreadstat.write_xport(
        frame, path, file_format_version=5, table_name="OTHER", file_label="Made elsewhere",
        column_labels=["Alpha", "Number", "Day"], variable_format={"D": "DATE9"},
    )  # fmt: skip
    dataset = read_xpt(path)
    assert (dataset.name, dataset.label) == ("OTHER", "Made elsewhere")
    assert [(one.name, one.label, one.kind) for one in dataset.variables] == [
        ("A", "Alpha", "text"), ("N", "Number", "number"), ("D", "Day", "date"),
    ]  # fmt: skip
    assert dataset.table.to_pydict() == {
        "A": ["x", None, "yy"],
        "N": [1.5, None, -1e10],
        "D": [dt.date(1960, 1, 1), dt.date(1960, 1, 2), None],
    }


def test_a_number_in_fewer_bytes_is_widened(read):
    dataset = read(LIBRARY + member(namestr(b"N", 3, 0), b"\x41\x18\0" + MISSING[:3]))
    assert dataset.variables == (Variable("N", "", "number", 8),)
    assert dataset.table.to_pydict() == {"N": [1.5, None]}


def test_descriptions_of_136_bytes_are_read(read):
    dataset = read(LIBRARY + member(namestr(b"N", 8, 0, size=136), ONE, size=136))
    assert dataset.table.to_pydict() == {"N": [1.0]}


def test_header_fields_padded_with_nul_are_read(read):
    described = namestr(b"A\0\0", 1, 0, kind=2, label=b"Alpha\0\0\0", shown=b"$\0\0", width=1)
    dataset = read(LIBRARY + member(described, b"a", name=b"AE\0", label=b"\0" * 40))
    assert (dataset.name, dataset.label) == ("AE", "")
    assert dataset.variables == (Variable("A", "Alpha", "text", 1, "$1."),)


def test_variables_may_be_described_out_of_order(read):
    described = namestr(b"B", 1, 1, kind=2) + namestr(b"A", 1, 0, kind=2)
    assert read(LIBRARY + member(described, b"ab")).table.to_pydict() == {"B": ["b"], "A": ["a"]}


@pytest.mark.parametrize(
    ("shown", "number"),
    [
        (b"DATE", b"\x40\x80" + b"\0" * 6),  # half a day
        (b"DATE", b"\x4a\xff" + b"\0" * 6),  # beyond 32 bits
        (b"DATETIME", b"\x40\x80" + b"\0" * 6),  # half a second
        (b"TIME", b"\x45\x15\x18" + b"\0" * 5),  # 86,400 seconds
        (b"TIME", b"\xc1\x10" + b"\0" * 6),  # before midnight
    ],
)
def test_a_date_or_time_that_would_lose_something_stays_a_number(read, shown, number):
    dataset = read(LIBRARY + member(namestr(b"N", 8, 0, shown=shown, width=8), ONE + number))
    assert dataset.variables[0].kind == "number"
    assert dataset.variables[0].format == f"{shown.decode()}8."
    assert dataset.table["N"][0].as_py() == 1.0


def test_padding_is_no_record_and_short_blank_records_at_the_end_are_padding(read):
    described = namestr(b"A", 8, 0, kind=2)
    for values, kept in ((["x", "", "y"], 3), (["x", "", ""], 1), ([""] * 9 + ["x"], 10)):
        data = b"".join(one.encode("ascii").ljust(8) for one in values)
        assert read(LIBRARY + member(described, data)).table.num_rows == kept


def test_blank_records_of_80_bytes_are_records(read):
    dataset = read(LIBRARY + member(namestr(b"A", 80, 0, kind=2), b" " * 160))
    assert dataset.table.to_pydict() == {"A": [None, None]}


def test_a_block_of_80_blanks_is_more_than_padding(read):
    dataset = read(LIBRARY + member(namestr(b"A", 40, 0, kind=2), b" " * 80))
    assert dataset.table.to_pydict() == {"A": [None]}


def test_text_is_decoded_by_the_encoding_given(read, refused):
    content = LIBRARY + member(
        namestr(b"A", 6, 0, kind=2, label="术".encode("gb18030")), "头痛  x     ".encode("gb18030")
    )
    dataset = read(content, encoding="gb18030")
    assert dataset.variables[0].label == "术"
    assert dataset.table.to_pydict() == {"A": ["头痛", "x"]}
    assert refused(content) == [("XPT035", "variable 1: name, label or format is not in ascii")]


def test_bytes_outside_the_encoding_are_named_with_their_records(tmp_path):
    content = LIBRARY + member(namestr(b"A", 4, 0, kind=2), b"ok  \xb5g  ok  \xb5g  \xff   ")
    path = tmp_path / "ae.xpt"
    path.write_bytes(content)
    for encoding in ("ascii", "utf-8"):
        with pytest.raises(RawDataError) as caught:
            read_xpt(path, encoding=encoding)
        (finding,) = caught.value.diagnostics
        assert (finding.code, finding.fact) == ("XPT035", f"3 values not in {encoding}")
        assert finding.found == (r"record 2: b'\xb5g'", r"record 5: b'\xff'")
        assert (finding.dataset, finding.variable) == ("AE", "A")


def test_characters_may_not_run_on_into_the_next_value(refused):
    content = LIBRARY + member(namestr(b"A", 1, 0, kind=2), b"\xc2\xb5")
    assert refused(content, encoding="utf-8") == [("XPT035", "2 values not in utf-8")]


def test_nul_bytes_in_text_are_refused(refused):
    content = LIBRARY + member(namestr(b"A", 4, 0, kind=2), b"ok  x\0\0\0")
    assert refused(content) == [("XPT039", "1 value with NUL bytes")]


def test_special_missing_values_are_kept_beside_the_values(read):
    data = ONE + b"A" + b"\0" * 7 + MISSING + b"_" + b"\0" * 7 + b"Z" + b"\0" * 7
    dataset = read(LIBRARY + member(namestr(b"N", 8, 0), data))
    assert dataset.table.to_pydict() == {"N": [1.0, None, None, None, None]}
    assert {name: ways.to_pylist() for name, ways in dataset.special_missing.items()} == {
        "N": [None, ".A", None, "._", ".Z"]
    }


def test_values_missing_in_a_way_that_sas_does_not_know_are_refused_and_named(tmp_path):
    data = ONE + b"A" + b"\0" * 7 + MISSING + b"a" + b"\0" * 7 + b"\x80" + b"\0" * 7
    path = tmp_path / "ae.xpt"
    path.write_bytes(LIBRARY + member(namestr(b"N", 8, 0), data))
    with pytest.raises(RawDataError) as caught:
        read_xpt(path)
    (finding,) = caught.value.diagnostics
    assert (finding.code, finding.records) == ("XPT036", 2)
    assert finding.found == ("record 4: 'byte 61'", "record 5: 'byte 80'")


def test_several_datasets_are_read_as_members_only(refused, tmp_path):
    first = member(namestr(b"A", 1, 0, kind=2), b"a", name=b"ONE")
    second = member(namestr(b"N", 8, 0), ONE * 3, name=b"TWO")
    content = LIBRARY + first + second
    assert refused(content) == [("XPT037", '"ae.xpt" holds 2 datasets')]
    members = read_xpt_members(tmp_path / "ae.xpt")
    assert [(one.name, one.table.to_pydict()) for one in members] == [
        ("ONE", {"A": ["a"]}),
        ("TWO", {"N": [1.0, 1.0, 1.0]}),
    ]


def test_text_that_looks_like_a_header_is_text_unless_a_record_begins_with_it(read):
    title = record("MEMBER").rstrip(b" 0")
    data = b"x" + title + b"x" * 40
    dataset = read(LIBRARY + member(namestr(b"A", len(data), 0, kind=2), data))
    assert dataset.table.to_pydict() == {"A": [data.decode("ascii")]}


def test_a_library_without_a_dataset_is_refused(refused, tmp_path):
    assert refused(LIBRARY) == [("XPT037", '"ae.xpt" holds 0 datasets')]
    assert read_xpt_members(tmp_path / "ae.xpt") == ()


GOOD = member(namestr(b"A", 7, 0, kind=2) + namestr(b"N", 8, 7), b"x      " + ONE)


@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (b"", ("XPT031", '"ae.xpt" is empty')),
        (b"STUDYID,DOMAIN\n", ("XPT031", '"ae.xpt" is no transport file')),
        (b"**COMPRESSED** " * 16, ("XPT031", '"ae.xpt" is no transport file')),
        (record("LIBV8") + LIBRARY[80:] + GOOD, ("XPT033", "no member header at byte 240")),
        (LIBRARY[:160], ("XPT032", '"ae.xpt" has 160 bytes, no multiple of 80')),
        (LIBRARY + GOOD[:-1], ("XPT032", '"ae.xpt" has 1,119 bytes, no multiple of 80')),
        (LIBRARY + GOOD[:400], ("XPT032", "the file ends within a header")),
        (LIBRARY + b"x".ljust(80) + GOOD, ("XPT033", "no member header at byte 240")),
        (LIBRARY + GOOD.replace(b"DSCRPTR", b"DSCRIPT"),
         ("XPT033", "no descriptor header at byte 320")),
        (LIBRARY + GOOD.replace(b"NAMESTR", b"NAMESTS"),
         ("XPT033", "no variable header at byte 560")),
        (LIBRARY + GOOD.replace(b"0000000002", b"000000-002"),
         ("XPT033", "no variable header at byte 560")),
        (LIBRARY + GOOD.replace(b"0000000140", b"0000000141"),
         ("XPT033", "no member header at byte 240")),
        (LIBRARY + GOOD.replace(b"0000000002", b"0000000001"),
         ("XPT033", "no observation header at byte 800")),
        (LIBRARY + GOOD.replace(b"0000000002", b"0000009999"),
         ("XPT032", "the file ends within its 9,999 variables")),
        (LIBRARY + member(namestr(b"A", 33, 0, kind=2), b"x" * 70),
         ("XPT032", "the file ends within a record")),
        (LIBRARY + member(b"", b"x"), ("XPT032", "the file ends within a record")),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused(refused, content, finding):
    assert refused(content) == [finding]


@pytest.mark.parametrize(
    ("described", "fact"),
    [
        (namestr(b"A", 8, 0, kind=3), "variable 1: type 3, neither 1 (number) nor 2 (text)"),
        (namestr(b"A", 0, 0, kind=2), "variable 1: length 0, outside 1 to 32767"),
        (namestr(b"A", -1, 0, kind=2), "variable 1: length -1, outside 1 to 32767"),
        (namestr(b"A", 9, 0), "variable 1: length 9, outside 2 to 8"),
        (namestr(b"A", 1, 0), "variable 1: length 1, outside 2 to 8"),
        (namestr(b"A", 8, 0, width=-1), "variable 1: format width -1, decimals 0"),
        (namestr(b"A", 8, 2**31 - 1), '"A" begins at byte 2147483647, not 0'),
        (namestr(b"A", 8, -8), '"A" begins at byte -8, not 0'),
        (namestr(b"A", 8, 0) + namestr(b"B", 8, 4), '"B" begins at byte 4, not 8'),
        (namestr(b"A", 8, 0) + namestr(b"A", 8, 8), 'variable 2 is called "A", as another'),
        (namestr(b"", 8, 0), "variable 1 has no name"),
    ],
)
def test_a_variable_that_cannot_be_is_refused(refused, described, fact):
    assert refused(LIBRARY + member(described, b"x" * 80)) == [("XPT034", fact)]


def test_a_file_that_is_not_there_is_a_raw_data_error(tmp_path):
    with pytest.raises(RawDataError) as caught:
        read_xpt(tmp_path / "none.xpt")
    assert [(one.code, one.fact) for one in caught.value.diagnostics] == [
        ("XPT038", 'cannot read "none.xpt": No such file or directory')
    ]


def test_an_encoding_that_does_not_extend_ascii_is_refused(refused):
    assert refused(LIBRARY, encoding="utf-16") == [("XPT017", 'unknown encoding "utf-16"')]


def test_no_cut_of_a_good_file_is_read_as_something_else(
    dataset_of, text, number, created, tmp_path
):
    path = tmp_path / "ae.xpt"
    dataset = dataset_of((text(length=33), ["x" * 33] * 20), (number(), [1.0] * 20))
    write_xpt(dataset, path, created=created)
    content = path.read_bytes()
    for size in range(0, len(content), 40):
        path.write_bytes(content[:size])
        try:
            rows = read_xpt(path).table.num_rows
        except RawDataError:
            continue
        assert rows * 41 == size - content.index(record("OBS")) - 80
