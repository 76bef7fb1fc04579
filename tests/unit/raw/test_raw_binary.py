import datetime as dt
import zipfile
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat
import pytest

from cdisc.errors import RawDataError
from cdisc.raw import RawFormSource, read_raw

FILES = Path(__file__).parent / "files"


def read(folder, file, **options):
    (form,) = read_raw({"f": RawFormSource(file, **options)}, folder).forms
    return form


def refused(folder, file, **options):
    with pytest.raises(RawDataError) as caught:
        read(folder, file, **options)
    return caught.value.diagnostics


def test_a_sas_file_is_read_as_text_with_its_codes_decoded_and_its_special_missings():
    form = read(FILES, "dm.sas7bdat", catalog="formats.sas7bcat")

    assert form.table.to_pydict() == {
        "SUBJID": ["01-001", "01-002", "01-003"],
        "SEX": ["1", "2", None],
        "SEX_D": ["Male", "Female", None],
        "SEV": ["1", "2", None],
        "SEV_D": ["Mild", "Moderate", None],
        "WT": ["70.5", ".A", "0.1"],
        "BIRTH": ["1956-12-31", ".B", "22000.25"],
        "SEEN": ["2020-01-01T10:00:00.5", None, "1960-01-01T00:00:00"],
        "AT": ["09:30:00", "26:00:00", None],
    }
    assert form.rows.to_pylist() == [1, 2, 3]
    (note,) = form.notes
    assert (note.code, note.records) == ("RAW024", 1)
    assert note.fact == '"dm.sas7bdat" has numbers in "BIRTH" that DATE9. does not show whole'


def test_a_sas_file_without_a_catalog_has_its_codes_alone():
    assert "SEX_D" not in read(FILES, "dm.sas7bdat").table.column_names


def test_a_sas_file_that_names_a_field_twice_is_refused(tmp_path):
    data = bytearray((FILES / "dm.sas7bdat").read_bytes())
    data[6522] = data[6514]  # the fourth field has its name where the third has
    (tmp_path / "twice.sas7bdat").write_bytes(data)

    (finding,) = refused(tmp_path, "twice.sas7bdat")

    assert finding.code == "RAW021"
    assert finding.found == ("column 'SEX' is duplicated, renamed to 'SEX_duplicated1'",)


def test_an_absent_catalog_is_named():
    (finding,) = refused(FILES, "dm.sas7bdat", catalog="gone.sas7bcat")

    assert finding.code == "RAW001"
    assert finding.fact.startswith('"gone.sas7bcat" of form "f" is not')


def test_a_transport_file_of_another_program_is_read_as_text(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"ID": ["a", ""], "N": [1.5, None], "D": [22000.0, -1.0]})
    pyreadstat.write_xport(
        frame, tmp_path / "x.xpt", file_format_version=5, variable_format={"D": "DATE9."}
    )

    form = read(tmp_path, "x.xpt")

    assert form.table.to_pydict() == {
        "ID": ["a", None],
        "N": ["1.5", None],
        "D": ["2020-03-26", "1959-12-31"],
    }


def test_special_missing_values_of_a_transport_file_stay(tmp_path):
    import pandas as pd

    frame = pd.DataFrame({"N": [1.0, 2.0, 3.0]})
    pyreadstat.write_xport(frame, tmp_path / "x.xpt", file_format_version=5)
    data = (tmp_path / "x.xpt").read_bytes()
    for number, first in ((b"\x41\x10", b"Z"), (b"\x41\x20", b"_")):
        data = data.replace(number + bytes(6), first + bytes(7))
    (tmp_path / "x.xpt").write_bytes(data)

    assert read(tmp_path, "x.xpt").table.to_pydict() == {"N": [".Z", "._", "3"]}

    (tmp_path / "x.xpt").write_bytes(data.replace(b"Z" + bytes(7), b"\x01" + bytes(7)))
    (finding,) = refused(tmp_path, "x.xpt")
    assert (finding.code, finding.records) == ("RAW025", 1)


def test_a_parquet_file_is_read_as_text(tmp_path):
    zone = dt.timezone(dt.timedelta(hours=2))
    table = pa.table(
        {
            "text": ["NA", "", None],
            "whole": pa.array([1, -2, None], pa.int32()),
            "number": [0.1, 1e20, float("nan")],
            "decimal": [Decimal("1.50"), None, Decimal("1E-9").quantize(Decimal("1E-9"))],
            "date": [dt.date(2020, 2, 29), None, None],
            "moment": [dt.datetime(2020, 2, 29, 1, 2, 3, 500000), None, None],  # noqa: DTZ001  has no zone
            "zoned": [dt.datetime(2020, 2, 29, 1, 2, 3, tzinfo=zone), None, None],
            "time": [dt.time(1, 2, 3), None, None],
            "yes": [True, False, None],
            "code": pa.array(["x", "y", None]).dictionary_encode(),
        }
    )
    pq.write_table(table, tmp_path / "x.parquet")

    form = read(tmp_path, "x.parquet", missing=("NA",))

    assert form.table.to_pydict() == {
        "text": [None, None, None],
        "whole": ["1", "-2", None],
        "number": ["0.1", "100000000000000000000", None],
        "decimal": ["1.500000000", None, "0.000000001"],
        "date": ["2020-02-29", None, None],
        "moment": ["2020-02-29T01:02:03.5", None, None],
        "zoned": ["2020-02-28T23:02:03Z", None, None],
        "time": ["01:02:03", None, None],
        "yes": ["true", "false", None],
        "code": ["x", "y", None],
    }
    assert form.rows.to_pylist() == [1, 2, 3]


def test_values_without_a_text_are_refused_all_at_once(tmp_path):
    table = pa.table({"L": [[1]], "B": [b"x"], "I": [float("inf")], "OK": ["x"]})
    pq.write_table(table, tmp_path / "x.parquet")

    found = refused(tmp_path, "x.parquet")

    assert [(one.code, one.found) for one in found] == [
        ("RAW025", ("values of the type binary",)),
        ("RAW025", ("infinite numbers",)),
        ("RAW025", ("values of the type list<element: int64>",)),
    ]


@pytest.mark.parametrize("file", ["x.parquet", "x.sas7bdat", "x.xpt"])
def test_a_file_of_another_format_than_its_name_says_is_refused(tmp_path, file):
    (tmp_path / file).write_bytes(b"A,B\n1,2\n" * 100)

    (finding,) = refused(tmp_path, file)

    assert finding.code == ("XPT031" if file == "x.xpt" else "RAW021")


def test_an_option_that_means_nothing_for_the_format_is_refused(tmp_path):
    (tmp_path / "x.csv").write_bytes(b"A\n1\n")

    found = refused(tmp_path, "x.csv", sheet="S", itemgroup="IG")

    assert [one.fact for one in found] == [
        '"x.csv" is of the format csv, for which itemgroup has no meaning',
        '"x.csv" is of the format csv, for which sheet has no meaning',
    ]


def test_a_format_may_be_declared_against_the_name(tmp_path):
    (tmp_path / "x.dat").write_bytes((FILES / "dm.sas7bdat").read_bytes())

    assert read(tmp_path, "x.dat", format="sas").table.num_rows == 3


@pytest.fixture
def archive(tmp_path):
    with zipfile.ZipFile(tmp_path / "Export.ZIP", "w", zipfile.ZIP_DEFLATED) as whole:
        whole.writestr("lab/AE.csv", "A\tB\n1\t2\n")
        whole.writestr("dm.sas7bdat", (FILES / "dm.sas7bdat").read_bytes())
        whole.writestr("../../evil.csv", "A\n1\n")
        whole.writestr("bomb.csv", bytes(64 << 20))
    return tmp_path


def test_files_in_an_archive_are_read_as_those_in_a_folder(archive):
    assert read(archive, "Export.ZIP/lab/AE.csv", delimiter="\t").table.to_pydict() == {
        "A": ["1"],
        "B": ["2"],
    }
    assert read(archive, "Export.ZIP/dm.sas7bdat").file == "Export.ZIP/dm.sas7bdat"


def test_an_absent_member_of_an_archive_is_named(archive):
    (finding,) = refused(archive, "Export.ZIP/ae.csv")

    assert finding.code == "RAW019"
    assert finding.found == ("files there: ../../evil.csv, bomb.csv, dm.sas7bdat, lab/AE.csv",)


def test_a_bomb_is_not_unpacked(archive):
    (finding,) = refused(archive, "Export.ZIP/bomb.csv")

    assert finding.code == "RAW020"
    assert finding.found[0].startswith("67,108,864 bytes, packed in ")


def test_a_path_that_leaves_an_archive_is_refused(archive):
    (finding,) = refused(archive, "Export.ZIP/../../evil.csv")

    assert finding.code == "RAW004"


def test_a_damaged_and_an_encrypted_archive_are_refused(archive):
    data = (archive / "Export.ZIP").read_bytes()
    (archive / "cut.zip").write_bytes(data[: len(data) // 2])
    # bit 0 of the flags, in the local header and in the directory
    with zipfile.ZipFile(archive / "s.zip", "w") as whole:
        whole.writestr("a.csv", "A\n1\n")
    locked = bytearray((archive / "s.zip").read_bytes())
    locked[6] |= 1
    locked[locked.index(b"PK\x01\x02") + 8] |= 1
    (archive / "locked.zip").write_bytes(locked)

    (cut,) = refused(archive, "cut.zip/lab/AE.csv")
    (encrypted,) = refused(archive, "locked.zip/a.csv")

    assert (cut.code, cut.found) == (
        "RAW019",
        ("the archive is damaged or packed in an unknown way",),
    )
    assert (encrypted.code, encrypted.found) == ("RAW019", ("it is encrypted",))
