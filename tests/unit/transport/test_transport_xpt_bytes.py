"""The bytes of small files, set by hand from the record layout (TS-140)."""

from cdisc.transport import write_xpt

LIBRARY = (
    b"HEADER RECORD*******LIBRARY HEADER RECORD!!!!!!!000000000000000000000000000000  "
    b"SAS     SAS     SASLIB  9.4                                     09MAR26:07:05:01"
    b"09MAR26:07:05:01                                                                "
)
MEMBER = (
    b"HEADER RECORD*******MEMBER  HEADER RECORD!!!!!!!000000000000000001600000000140  "
    b"HEADER RECORD*******DSCRPTR HEADER RECORD!!!!!!!000000000000000000000000000000  "
    b"SAS     AE      SASDATA 9.4                                     09MAR26:07:05:01"
    b"09MAR26:07:05:01                Adverse Events                                  "
)
NAMESTR_2 = b"HEADER RECORD*******NAMESTR HEADER RECORD!!!!!!!000000000200000000000000000000  "
OBS = b"HEADER RECORD*******OBS     HEADER RECORD!!!!!!!000000000000000000000000000000  "

AETERM = (
    b"\x00\x02" b"\x00\x00" b"\x00\x05" b"\x00\x01"  # text, no hash, 5 bytes, first variable
    b"AETERM  "
    b"Reported Term                           "
    b"$       " b"\x00\x05" b"\x00\x00" b"\x00\x00" b"\x00\x00"  # $5. left-aligned
    b"        " b"\x00\x00" b"\x00\x00"  # no informat
    b"\x00\x00\x00\x00"  # position 0
)  # fmt: skip
ASTDT = (
    b"\x00\x01" b"\x00\x00" b"\x00\x08" b"\x00\x02"
    b"ASTDT   "
    b"Start Date                              "
    b"DATE    " b"\x00\x09" b"\x00\x00" b"\x00\x00" b"\x00\x00"
    b"        " b"\x00\x00" b"\x00\x00"
    b"\x00\x00\x00\x05"
)  # fmt: skip
REST = b"\x00" * 52


def test_a_file_has_the_bytes_of_the_record_layout(dataset_of, text, number, created, tmp_path):
    dataset = dataset_of(
        (text("AETERM", 5, "Reported Term", "$5."), ["FEVER", "RASH", None]),
        (number("ASTDT", "Start Date", "DATE9.", kind="date"), [1, None, -3654]),
    )
    path = tmp_path / "ae.xpt"
    write_xpt(dataset, path, created=created)
    records = (
        b"FEVER" b"\x43\xe4\x60\x00\x00\x00\x00\x00"  # 3654 = 0xE46
        b"RASH " b"\x2e\x00\x00\x00\x00\x00\x00\x00"
        b"     " b"\xc1\x10\x00\x00\x00\x00\x00\x00"  # -1
    )  # fmt: skip
    described = AETERM + REST + ASTDT + REST
    expected = LIBRARY + MEMBER + NAMESTR_2 + described + b" " * 40 + OBS
    assert path.read_bytes() == expected + records + b" " * 41


def test_a_file_without_records_ends_with_its_headers(dataset_of, text, number, created, tmp_path):
    dataset = dataset_of(
        (text("AETERM", 5, "Reported Term", "$5."), []),
        (number("ASTDT", "Start Date", "DATE9.", kind="date"), []),
    )
    path = tmp_path / "ae.xpt"
    write_xpt(dataset, path, created=created)
    described = AETERM + REST + ASTDT + REST
    assert path.read_bytes() == LIBRARY + MEMBER + NAMESTR_2 + described + b" " * 40 + OBS


def test_a_file_without_variables_has_no_descriptions(dataset_of, created, tmp_path):
    path = tmp_path / "ae.xpt"
    write_xpt(dataset_of(), path, created=created)
    none = NAMESTR_2.replace(b"0000000002", b"0000000000")
    assert path.read_bytes() == LIBRARY + MEMBER + none + OBS


def test_data_of_a_multiple_of_80_bytes_are_not_padded(dataset_of, text, created, tmp_path):
    path = tmp_path / "ae.xpt"
    write_xpt(dataset_of((text(length=8), ["A"] * 10)), path, created=created)
    assert path.read_bytes().partition(OBS)[2] == b"A       " * 10


def test_months_are_english_whatever_the_month(dataset_of, created, tmp_path):
    path = tmp_path / "ae.xpt"
    stamps = []
    for month in range(1, 13):
        write_xpt(dataset_of(), path, created=created.replace(month=month))
        stamps.append(path.read_bytes()[146:149].decode("ascii"))
    assert stamps == "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split()  # noqa: SIM905  legible


def test_labels_and_text_take_the_bytes_of_the_encoding(dataset_of, text, created, tmp_path):
    path = tmp_path / "ae.xpt"
    dataset = dataset_of(
        (text(length=6, label="术语"), ["头痛", "A", None, "呕吐"]), label="不良事件"
    )
    write_xpt(dataset, path, created=created, encoding="gb18030")
    content = path.read_bytes()
    assert content[560 - 48 :][:40] == b"\xb2\xbb\xc1\xbc\xca\xc2\xbc\xfe".ljust(40)
    assert b"\xca\xf5\xd3\xef".ljust(40) in content
    assert content.partition(OBS)[2].rstrip() == (b"\xcd\xb7\xcd\xb4  A           \xc5\xbb\xcd\xc2")
