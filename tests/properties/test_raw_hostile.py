"""Whatever stands in a delivered file, a reader gives a form or says what is wrong."""

import datetime as dt
import io
import tempfile
import zipfile
from pathlib import Path

import openpyxl
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cdisc.dataset import Dataset, Variable
from cdisc.raw import RawFormSource, read_form
from cdisc.transport import write_dataset_json
from tests.fuzzing import changed_inside, files

FILES = Path(__file__).parents[1] / "unit" / "raw" / "files"
ODM = b"""<?xml version="1.0" encoding="utf-8"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" FileType="Transactional"><ClinicalData StudyOID="S">
<SubjectData SubjectKey="1"><SiteRef LocationOID="L"/><StudyEventData StudyEventOID="V">
<FormData FormOID="F">
<ItemGroupData ItemGroupOID="G" ItemGroupRepeatKey="1" TransactionType="Insert">
<ItemData ItemOID="A" Value="a&amp;b"><MeasurementUnitRef MeasurementUnitOID="M"/></ItemData>
<ItemDataString ItemOID="B">text</ItemDataString><ItemData ItemOID="C"><Value SeqNum="1">x</Value>
<AuditRecord><UserRef UserOID="U"/></AuditRecord></ItemData></ItemGroupData></FormData>
</StudyEventData></SubjectData></ClinicalData></ODM>"""


def workbook():
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (["A", "B", "C"], ["x", 5.1, 45000], ["y", None, True]):
        sheet.append(row)
    sheet["C2"].number_format = "yyyy-mm-dd hh:mm"
    sheet.merge_cells("A5:B6")
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def transport():
    frame = pd.DataFrame({"A": ["x", "yy"], "N": [1.5, None], "D": [22000.0, -1.0]})
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "x.xpt")
        pyreadstat.write_xport(frame, path, file_format_version=5, variable_format={"D": "DATE9."})
        return path.read_bytes()


def parquet():
    out = io.BytesIO()
    table = {"A": ["x", None], "N": [1.5, 2.0], "T": pa.array([1, 2], pa.timestamp("us"))}
    pq.write_table(pa.table(table), out)
    return out.getvalue()


def old_workbook():
    book = xlwt.Workbook()
    sheet = book.add_sheet("Lab")
    for row, values in enumerate((("A", "B", "C"), ("x", 5.1, True), ("é", 45000, "z"))):
        for column, value in enumerate(values):
            sheet.write(row, column, value, xlwt.easyxf(num_format_str="yyyy-mm-dd"))
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def dataset_json():
    variables = (Variable("A", "a", "text", 4), Variable("N", "n", "number", 8))
    table = pa.table({"A": ["x", None], "N": [1.5, None]})
    with tempfile.TemporaryDirectory() as home:
        path = Path(home, "x.json")
        dataset = Dataset("AE", "Events", "", "", (), variables, table)
        write_dataset_json(dataset, path, created=dt.datetime(2026, 1, 1))  # noqa: DTZ001
        return path.read_bytes()


def archive():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("a.csv", "A,B\n1,2\n" * 20)
    return out.getvalue()


CSV = 'A;B\n"x ""y""";1\r\n"a\nb";ü\n'.encode()
SAS = (FILES / "dm.sas7bdat").read_bytes()
CATALOG = (FILES / "formats.sas7bcat").read_bytes()
SEEDS = {
    "csv": ("x.csv", CSV, {"delimiter": ";", "header": 1, "skip_rows": 1}),
    "fixed": ("x.txt", b"01  abc 3\r\n02  b\n", {"columns": {"A": 4, "B": 4, "C": 1}}),
    "excel": ("x.xlsx", workbook(), {}),
    "sas": ("x.sas7bdat", SAS, {}),
    "catalog": ("x.sas7bcat", CATALOG, {"catalog": "x.sas7bcat"}),
    "xpt": ("x.xpt", transport(), {}),
    "parquet": ("x.parquet", parquet(), {}),
    "odm": ("x.xml", ODM, {}),
    "xls": ("x.xls", old_workbook(), {}),
    "json": ("x.json", dataset_json(), {}),
    "zip": ("x.zip", archive(), {}),
}
ARCHIVES = {"excel", "zip"}
CHANGE = st.tuples(
    st.sampled_from(["put", "cut", "add", "twice", "end", "word"]),
    st.integers(0, 1 << 20),
    st.one_of(
        st.binary(min_size=1, max_size=8),
        st.sampled_from([b"\xff" * 8, bytes(8), b"\x7f\xff\xff\xff", b"\xff\xff\xff\x7f", b"-1"]),
    ),
    st.integers(1, 64),
)


def mutated(data, changes):
    data = bytearray(data)
    for kind, place, some, length in changes:
        at = place % (len(data) + 1)
        if kind == "put":
            data[at : at + len(some)] = some
        elif kind == "word":
            data[at : at + 1] = bytes([some[0]])
        elif kind == "cut":
            del data[at : at + length]
        elif kind == "add":
            data[at:at] = some
        elif kind == "twice":
            data[at:at] = data[at : at + length]
        else:
            del data[at:]
    return bytes(data)


def inside(data, changes, which):
    """Change a part of an archive, so that the archive itself stays whole."""
    with zipfile.ZipFile(io.BytesIO(data)) as old:
        parts = {name: old.read(name) for name in old.namelist()}
    name = sorted(parts)[which % len(parts)]
    parts[name] = mutated(parts[name], changes)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for part, one in parts.items():
            new.writestr(part, one)
    return out.getvalue()


def check(folder, kind, changes, which):
    seed = SEEDS[kind][1]
    within = kind in ARCHIVES and which is not None
    judge(folder, kind, inside(seed, changes, which) if within else mutated(seed, changes))


def judge(folder, kind, data):
    file, _, options = SEEDS[kind]
    (folder / file).write_bytes(data)
    if kind == "catalog":
        (folder / "x.sas7bdat").write_bytes(SAS)
        file = "x.sas7bdat"
    name = f"{file}/a.csv" if kind == "zip" else file

    form, findings = read_form(folder, "f", RawFormSource(name, **options))

    assert (form is None) == bool(findings)
    assert all(one.code.startswith(("RAW", "XPT", "DSJ")) and one.to_text() for one in findings)
    if form is not None:
        assert {str(one) for one in form.table.schema.types} <= {"string"}
        assert len(form.rows) == form.table.num_rows
        form.table.validate(full=True)


CHANGES = st.lists(CHANGE, max_size=4)
WHICH = st.none() | st.integers(0, 20)
FREE = (HealthCheck.too_slow, HealthCheck.data_too_large)


@pytest.mark.parametrize("kind", SEEDS)
def test_a_changed_file_is_read_or_refused(tmp_path_factory, kind):
    folder = tmp_path_factory.mktemp("hostile")

    @settings(max_examples=40, deadline=None, suppress_health_check=FREE)
    @given(CHANGES, WHICH)
    def run(changes, which):
        check(folder, kind, changes, which)

    run()


def judge_many(folder, kind, count):
    within = changed_inside if kind in ARCHIVES else None
    for data in files([SEEDS[kind][1]], count, within):
        judge(folder, kind, data)


@pytest.mark.parametrize("kind", SEEDS)
def test_three_hundred_changed_files_are_read_or_refused(tmp_path, kind):
    judge_many(tmp_path, kind, 300)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", SEEDS)
def test_two_hundred_thousand_changed_files_are_read_or_refused(tmp_path, kind):
    judge_many(tmp_path, kind, 200_000)


@given(st.binary(max_size=200), st.sampled_from(sorted(SEEDS)))
def test_any_bytes_are_read_or_refused(tmp_path_factory, data, kind):
    folder = tmp_path_factory.getbasetemp()
    file, _, options = SEEDS[kind]
    (folder / file).write_bytes(data)
    if kind == "catalog":
        (folder / "x.sas7bdat").write_bytes(SAS)
        file = "x.sas7bdat"

    form, findings = read_form(folder, "f", RawFormSource(file, **options))

    assert (form is None) == bool(findings)
