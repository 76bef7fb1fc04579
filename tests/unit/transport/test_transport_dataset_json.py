import datetime as dt
import gzip
import json
import zlib

import pyarrow as pa
import pytest

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.errors import OutputError, RawDataError
from cdisc.transport import About, read_dataset_json, write_dataset_json

HEADER = {
    "datasetJSONCreationDateTime": "2026-03-09T07:05:01",
    "datasetJSONVersion": "1.1.0",
    "itemGroupOID": "IG.AE",
    "records": 1,
    "name": "AE",
    "label": "Adverse Events",
    "columns": [{"itemOID": "IT.AE.X", "name": "X", "label": "", "dataType": "string"}],
    "rows": [["a"]],
}


@pytest.fixture
def adverse_events():
    columns = {
        "AETERM": ("text", ['é "A"\n', None]),
        "AESEQ": ("number", [1.0, 2.0]),
        "AVAL": ("number", [0.1, None]),
        "ASTDT": ("date", [dt.date(2026, 1, 31), None]),
        "ASTDTM": ("datetime", [None, dt.datetime(2026, 1, 31, 23, 59)]),  # noqa: DTZ001  no zone
        "ASTTM": ("time", [dt.time(7, 5), None]),
    }
    table = pa.table({name: pa.array(v, ARROW_TYPES[kind]) for name, (kind, v) in columns.items()})
    variables = (
        Variable("AETERM", "Term", "text", 12),
        Variable("AESEQ", "Sequence Number", "number", 8, integer=True),
        Variable("AVAL", "Value", "number", 8, "8.2"),
        Variable("ASTDT", "Start", "date", 8, "DATE9."),
        Variable("ASTDTM", "Start", "datetime", 8, "DATETIME20."),
        Variable("ASTTM", "Start", "time", 8, "TIME8."),
    )
    return Dataset("AE", "Adverse Events", "", "", ("ASTDT", "AESEQ"), variables, table)


LINES = (
    '{"datasetJSONCreationDateTime":"2026-03-09T07:05:01","datasetJSONVersion":"1.1.0",'
    '"itemGroupOID":"IG.AE","records":2,"name":"AE","label":"Adverse Events","columns":['
    '{"itemOID":"IT.AE.AETERM","name":"AETERM","label":"Term","dataType":"string","length":12},'
    '{"itemOID":"IT.AE.AESEQ","name":"AESEQ","label":"Sequence Number","dataType":"integer",'
    '"keySequence":2},'
    '{"itemOID":"IT.AE.AVAL","name":"AVAL","label":"Value","dataType":"float",'
    '"displayFormat":"8.2"},'
    '{"itemOID":"IT.AE.ASTDT","name":"ASTDT","label":"Start","dataType":"date",'
    '"targetDataType":"integer","displayFormat":"DATE9.","keySequence":1},'
    '{"itemOID":"IT.AE.ASTDTM","name":"ASTDTM","label":"Start","dataType":"datetime",'
    '"targetDataType":"integer","displayFormat":"DATETIME20."},'
    '{"itemOID":"IT.AE.ASTTM","name":"ASTTM","label":"Start","dataType":"time",'
    '"targetDataType":"integer","displayFormat":"TIME8."}]}\n'
    '["é \\"A\\"\\n",1,0.1,"2026-01-31",null,"07:05:00"]\n'
    '[null,2,null,null,"2026-01-31T23:59:00",null]\n'
)


def test_records_stand_one_a_line_after_what_is_said_of_them(adverse_events, created, tmp_path):
    write_dataset_json(adverse_events, tmp_path / "ae.ndjson", created=created)

    assert (tmp_path / "ae.ndjson").read_text(encoding="utf-8") == LINES


def test_a_json_file_says_the_same_as_its_lines(adverse_events, created, tmp_path):
    write_dataset_json(adverse_events, tmp_path / "ae.json", created=created)

    first, *rest = map(json.loads, LINES.splitlines())
    value = json.loads((tmp_path / "ae.json").read_text(encoding="utf-8"))
    assert value == {**first, "rows": rest}
    assert list(value) == [*first, "rows"]


def test_a_compressed_file_is_a_zlib_stream_of_the_lines(adverse_events, created, tmp_path):
    write_dataset_json(adverse_events, tmp_path / "ae.dsjc", created=created)

    assert zlib.decompress((tmp_path / "ae.dsjc").read_bytes()).decode() == LINES


def test_a_compressed_file_may_be_gzip_as_some_programs_write_it(adverse_events, tmp_path):
    (tmp_path / "ae.dsjc").write_bytes(gzip.compress(LINES.encode()))

    assert read_dataset_json(tmp_path / "ae.dsjc").dataset == adverse_events


def test_decimals_are_texts_where_asked(number, dataset_of, created, tmp_path):
    dataset = dataset_of((number("AVAL"), [0.1, 1e22, 1.5e-7, None]))

    write_dataset_json(dataset, tmp_path / "x.ndjson", created=created, decimals=True)

    first, *rest = (tmp_path / "x.ndjson").read_text().splitlines()
    column = json.loads(first)["columns"][0]
    assert (column["dataType"], column["targetDataType"]) == ("decimal", "decimal")
    assert rest == ['["0.1"]', '["10000000000000000000000"]', '["0.00000015"]', "[null]"]
    assert read_dataset_json(tmp_path / "x.ndjson").dataset == dataset


def test_what_a_file_says_beside_its_dataset_is_kept(adverse_events, created, tmp_path):
    about = About(
        file_oid="F", modified="2026-01-01T00:00:00", originator="O", system=("S", "1"),
        study_oid="ST", metadata_oid="MDV", metadata_ref="define.xml",
    )  # fmt: skip

    write_dataset_json(adverse_events, tmp_path / "ae.json", created=created, about=about)

    value = json.loads((tmp_path / "ae.json").read_text(encoding="utf-8"))
    assert list(value)[2:9] == [
        "fileOID", "dbLastModifiedDateTime", "originator", "sourceSystem", "studyOID",
        "metaDataVersionOID", "metaDataRef",
    ]  # fmt: skip
    assert value["sourceSystem"] == {"name": "S", "version": "1"}
    assert read_dataset_json(tmp_path / "ae.json").about == about


RECORDS = '"records" of the file has not the form that the standard sets'


def read(tmp_path, **changes):
    value = {name: one for name, one in {**HEADER, **changes}.items() if one is not ...}
    (tmp_path / "ae.json").write_text(json.dumps(value), encoding="utf-8")
    return read_dataset_json(tmp_path / "ae.json").dataset


def column(**attributes):
    return {"itemOID": "IT.AE.X", "name": "X", "label": "", **attributes}


def said(error):
    return [(one.code, one.fact) for one in error.value.diagnostics]


@pytest.mark.parametrize(
    ("attributes", "values", "kind", "expected"),
    [
        ({"dataType": "string"}, ["a", "", None], "text", ["a", None, None]),
        ({"dataType": "URI"}, ["http://a"], "text", ["http://a"]),
        ({"dataType": "date"}, ["2026-01", "2026"], "text", ["2026-01", "2026"]),
        ({"dataType": "double"}, [1, 2.5, -1e3], "number", [1.0, 2.5, -1000.0]),
        ({"dataType": "integer"}, [1, 5.0, None], "number", [1.0, 5.0, None]),
        ({"dataType": "decimal", "targetDataType": "decimal"}, ["162.9", "1,234.5", ""],
         "number", [162.9, 1234.5, None]),
        ({"dataType": "date", "targetDataType": "integer"}, ["2024-02-29", "", None],
         "date", [dt.date(2024, 2, 29), None, None]),
        ({"dataType": "datetime", "targetDataType": "integer"}, ["2026-01-31", "2026-01-31T10:20"],
         "datetime", [dt.datetime(2026, 1, 31), dt.datetime(2026, 1, 31, 10, 20)]),  # noqa: DTZ001  no zone
        ({"dataType": "time", "targetDataType": "integer"}, ["10:20", "23:59:59.000"],
         "time", [dt.time(10, 20), dt.time(23, 59, 59)]),
    ],
)  # fmt: skip
def test_a_column_becomes_a_variable(attributes, values, kind, expected, tmp_path):
    dataset = read(
        tmp_path,
        columns=[column(**attributes)],
        rows=[[one] for one in values],
        records=len(values),
    )

    assert dataset.variables[0].kind == kind
    assert dataset.table.column(0).to_pylist() == expected


@pytest.mark.parametrize(
    ("attributes", "value"),
    [
        ({"dataType": "date", "targetDataType": "integer"}, "2026-01"),
        ({"dataType": "date", "targetDataType": "integer"}, "2026-02-29"),
        ({"dataType": "date", "targetDataType": "integer"}, "0000-01-01"),
        ({"dataType": "datetime", "targetDataType": "integer"}, "2026-01-31T10:20:30.5"),
        ({"dataType": "datetime", "targetDataType": "integer"}, "2026-01-31T10:20:30Z"),
        ({"dataType": "time", "targetDataType": "integer"}, "24:00:00"),
        ({"dataType": "integer"}, 1.5),
        ({"dataType": "integer"}, 2**53 + 2),
        ({"dataType": "float"}, 10**400),
        ({"dataType": "decimal", "targetDataType": "decimal"}, "0.12345678901234567890"),
        ({"dataType": "decimal", "targetDataType": "decimal"}, "1e5"),
    ],
)
def test_a_value_that_would_change_is_refused(attributes, value, tmp_path):
    with pytest.raises(RawDataError) as error:
        read(tmp_path, columns=[column(**attributes)], rows=[[None], [value]], records=2)

    (found,) = error.value.diagnostics
    assert (found.code, found.variable, found.records) == ("DSJ007", "X", 1)
    assert found.fact == "record 2 has a value that cannot be taken as it is"


@pytest.mark.parametrize(
    ("changes", "code", "fact"),
    [
        ({"label": ...}, "DSJ002", 'the file has no "label"'),
        ({"records": "1"}, "DSJ002", RECORDS),
        ({"records": -1}, "DSJ002", RECORDS),
        ({"records": True}, "DSJ002", RECORDS),
        ({"name": ""}, "DSJ002", '"name" of the file has not the form that the standard sets'),
        ({"datasetJSONVersion": "1.0.0"}, "DSJ002",
         '"datasetJSONVersion" of the file has not the form that the standard sets'),
        ({"datasetJSONCreationDateTime": "2026-03-09"}, "DSJ002",
         '"datasetJSONCreationDateTime" of the file has not the form that the standard sets'),
        ({"lable": "x"}, "DSJ003", 'the file has an attribute "lable"'),
        ({"sourceSystem": {"name": "x"}}, "DSJ002", 'sourceSystem has no "version"'),
        ({"columns": [column()]}, "DSJ002", 'column 1, "X", has no "dataType"'),
        ({"columns": [column(dataType="text")]}, "DSJ002",
         '"dataType" of column 1, "X", has not the form that the standard sets'),
        ({"columns": [column(dataType="string", length=0)]}, "DSJ002",
         '"length" of column 1, "X", is 0'),
        ({"columns": [column(dataType="string", targetDataType="integer")]}, "DSJ004",
         'column 1, "X", has the dataType "string" and the targetDataType "integer"'),
        ({"columns": [column(dataType="string")] * 2}, "DSJ004", 'two columns have the name "X"'),
        ({"columns": [column(dataType="boolean")]}, "DSJ007",
         '"X" is of dataType boolean, which a dataset here has no place for'),
        ({"records": 2}, "DSJ005", '"ae.json" holds 1 records'),
        ({"records": 0}, "DSJ005", '"ae.json" holds more than 0 records'),
        ({"rows": [["a", "b"]]}, "DSJ006", "record 1 is no array of 1 values"),
        ({"rows": ["a"]}, "DSJ006", "record 1 is no array of 1 values"),
        ({"rows": [[1]]}, "DSJ006", 'record 1 has no text in "X"'),
        ({"rows": [[True]]}, "DSJ006", 'record 1 has no text in "X"'),
        ({"columns": [column(dataType="float")]}, "DSJ006", 'record 1 has no number in "X"'),
        ({"columns": [column(dataType="float")], "rows": [[True]]}, "DSJ006",
         'record 1 has no number in "X"'),
        ({"rows": [["\ud800"]]}, "DSJ006",
         'a text of "X" holds half a character (a lone surrogate)'),
    ],
)  # fmt: skip
def test_what_the_standard_does_not_allow_is_refused(changes, code, fact, tmp_path):
    with pytest.raises(RawDataError) as error:
        read(tmp_path, **changes)

    assert (code, fact) in said(error)


@pytest.mark.parametrize(
    ("name", "data", "code", "fact"),
    [
        ("x.json", b"", "DSJ001", '"x.json" ends before its data do'),
        ("x.json", b"hello", "DSJ001", '"x.json" is no JSON'),
        ("x.json", b"\xff\xfe{", "DSJ001", "the file is not UTF-8"),
        ("x.json", b'{"a":1,"a":2}', "DSJ001", '"x.json" is no JSON'),
        ("x.ndjson", b"[1]\n", "DSJ001", 'the first line of "x.ndjson" is no JSON object'),
        ("x.dsjc", b"{}", "DSJ008", '"x.dsjc" cannot be unpacked'),
        ("x.dsjc", zlib.compress(b"{}" * 99)[:9], "DSJ008", '"x.dsjc" ends within its packed data'),
        ("x.dsjc", zlib.compress(LINES.encode()) + b"more", "DSJ008",
         '"x.dsjc" goes on after the end of its packed data'),
        ("x.ndjson", LINES.replace('"]\n[null', '"][null').encode(), "DSJ001",
         "the line of record 1 is no JSON"),
        ("x.ndjson", LINES.replace("]\n[null", "],[null").encode(), "DSJ001",
         "the line of record 1 holds several records"),
        ("x.ndjson", LINES.encode()[:-9], "DSJ001", "the line of record 2 is no JSON"),
        ("x.ndjson", LINES.replace("0.1", "NaN").encode(), "DSJ001",
         "the line of record 1 is no JSON"),
        ("x.ndjson", LINES.replace("0.1", "01").encode(), "DSJ001",
         "the line of record 1 is no JSON"),
    ],
)  # fmt: skip
def test_a_damaged_file_is_refused(name, data, code, fact, tmp_path):
    (tmp_path / name).write_bytes(data)

    with pytest.raises(RawDataError) as error:
        read_dataset_json(tmp_path / name)

    assert said(error) == [(code, fact)]


def test_a_file_that_is_not_there_is_said(tmp_path):
    with pytest.raises(RawDataError) as error:
        read_dataset_json(tmp_path / "x.json")

    assert said(error) == [("FILE002", 'cannot read "x.json": No such file or directory')]


def test_all_that_cannot_be_written_is_said_before_the_first_byte(
    text, number, dataset_of, created, tmp_path
):
    dataset = dataset_of(
        (text("", 0), ["a"]),
        (number("A"), [float("inf")]),
        (number("B", kind="date"), pa.array([3_000_000], pa.int32()).cast(pa.date32())),
        name="",
    )

    with pytest.raises(OutputError) as error:
        write_dataset_json(dataset, tmp_path / "x.json", created=created)

    assert said(error) == [
        ("DSJ009", "record 1 has a value that Dataset-JSON cannot hold"),
        ("DSJ009", "record 1 has a value that Dataset-JSON cannot hold"),
        ("DSJ010", '"length" of column 1, "", is 0'),
        ("DSJ010", '"name" of column 1, "", has not the form that the standard sets'),
        ("DSJ010", '"name" of the file has not the form that the standard sets'),
    ]
    assert list(tmp_path.iterdir()) == []


def test_a_packed_file_that_swells_without_end_is_refused(tmp_path, monkeypatch):
    from cdisc.transport import json_source

    monkeypatch.setattr(json_source, "_SWOLLEN", 1_000_000)
    (tmp_path / "x.dsjc").write_bytes(zlib.compress(bytes(3_000_000)))

    with pytest.raises(RawDataError) as error:
        read_dataset_json(tmp_path / "x.dsjc")

    assert said(error) == [("DSJ008", '"x.dsjc" unpacks to more than 500 times its size')]


@pytest.mark.witness
@pytest.mark.parametrize("decimals", [False, True])
def test_an_outside_program_finds_nothing_wrong(adverse_events, created, tmp_path, decimals):
    import dsjframe

    for name in ("ae.json", "ae.ndjson"):
        write_dataset_json(adverse_events, tmp_path / name, created=created, decimals=decimals)

        judged = dsjframe.validate_dataset(tmp_path / name)

        assert judged["ok"], judged
        assert dsjframe.read_dataset(tmp_path / name)["ASTDT"].to_pylist() == [
            dt.date(2026, 1, 31), None,
        ]  # fmt: skip


@pytest.mark.witness
def test_what_an_outside_program_writes_is_read(adverse_events, tmp_path):
    import dsjframe

    table = adverse_events.table.select(["AETERM", "AVAL"])
    for name in ("ae.json", "ae.ndjson", "ae.dsjc"):
        dsjframe.write_dataset(
            table, tmp_path / name, {"label": "L", "name": "AE", "itemGroupOID": "IG.AE"}
        )

        assert read_dataset_json(tmp_path / name).dataset.table == table
