import datetime as dt

import pyarrow as pa
import pyreadstat

from cdisc.engine.describe import describe
from cdisc.spec import load_study
from cdisc.transport import write_xpt
from tests.study_builder import build, read_delivery, resolve_with, write_study

DM = "dataset: DM\nrows: each dm\nkeys: [USUBJID]\nvariables:\n  SUBJID: dm.SUBJ\n"
VS = """dataset: VS
rows: each vs
keys: [USUBJID, VSDTC]
variables:
  VSTESTCD: const PULSE
  VSDTC: vs.DAT | iso 'y-m-d H:M' 'y-m-d'
"""
ADVS = """dataset: ADVS
rows: each VS
keys: [USUBJID, ADTM]
variables:
  ADTM: VS.VSDTC | impute time first
  ADT: date(ADTM)
  ATM: time(ADTM)
"""


def written(folder):
    write_study(
        folder,
        {"sdtm/dm": DM, "sdtm/vs": VS, "adam/advs": ADVS},
        {"dm": "SUBJ\n1\n", "vs": "SUBJ,DAT\n1,2026-05-03 08:15\n1,\n1,2026-05-02\n"},
    )
    return build(folder)


def test_a_time_is_that_of_the_date_with_time(tmp_path):
    table = written(tmp_path).tables["ADVS"]

    assert table.schema.field("ATM").type == pa.time32("s")
    assert table.column("ATM").to_pylist() == [None, dt.time(0, 0), dt.time(8, 15)]


def test_a_time_is_seconds_with_a_format_in_the_transport_file(tmp_path):
    result = written(tmp_path)
    loaded = load_study(tmp_path)
    program = resolve_with(loaded, read_delivery(loaded, tmp_path / "raw"))
    dataset = describe(program, result, "ADVS", standard="ADaMIG")

    write_xpt(dataset, tmp_path / "advs.xpt", created=dt.datetime(2026, 1, 1))  # noqa: DTZ001
    frame, meta = pyreadstat.read_xport(tmp_path / "advs.xpt", disable_datetime_conversion=True)

    assert frame["ATM"].tolist()[1:] == [0, 29700]
    assert meta.original_variable_types["ATM"] == "TIME8"
