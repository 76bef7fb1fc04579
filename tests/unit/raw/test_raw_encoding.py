import pytest

from cdisc.errors import RawDataError
from cdisc.raw import encoding as raw_encoding
from cdisc.raw import read_csv_form

CHINESE = "编号,不良事件\r\n01,发热（Ｔ＞３８℃）\r\n02,恶心𠮷\r\n"


@pytest.fixture
def read(tmp_path):
    def reader(data, encoding):
        path = tmp_path / "ae.csv"
        path.write_bytes(data)
        return read_csv_form(path, name="ae", file="ae.csv", encoding=encoding)

    return reader


@pytest.fixture
def refusal(read):
    def one(data, encoding):
        with pytest.raises(RawDataError) as caught:
            read(data, encoding)
        (finding,) = caught.value.diagnostics
        return finding

    return one


@pytest.mark.parametrize("chunk", [1, 3, 1 << 22])
@pytest.mark.parametrize(
    "encoding",
    ["utf-8", "UTF8", "utf-8-sig", "gb18030", "GB18030", "utf-16", "utf-16-le", "utf-32"],
)
def test_chinese_text_is_the_same_in_every_encoding(read, monkeypatch, encoding, chunk):
    monkeypatch.setattr(raw_encoding, "_CHUNK", chunk)

    form = read(CHINESE.encode(encoding), encoding)

    assert form.table.to_pydict() == {
        "编号": ["01", "02"],
        "不良事件": ["发热（Ｔ＞３８℃）", "恶心𠮷"],
    }


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "gb18030"])
def test_a_byte_order_mark_is_no_part_of_the_first_name(read, encoding):
    form = read("\ufeffA,B\n1,2\n".encode(encoding), encoding)

    assert form.table.column_names == ["A", "B"]


def test_text_of_one_byte_a_character_is_decoded(read):
    assert read(b"A\ncaf\xe9 \x80\n", "cp1252").table.to_pydict() == {"A": ["café €"]}


def test_an_unknown_encoding_is_refused(refusal):
    finding = refusal(b"A\n1\n", "utf-88")

    assert finding.code == "RAW002"
    assert finding.fact == '"ae.csv" is declared to be in encoding "utf-88", which is not known'


@pytest.mark.parametrize("encoding", ["hex", "rot13", "zip"])
def test_a_codec_that_makes_no_text_is_refused(refusal, encoding):
    assert refusal(b"A\n1\n", encoding).code == "RAW002"


def test_bytes_that_do_not_fit_are_shown_with_row_column_and_offset(refusal):
    finding = refusal(b"A,B\n1,2\n3,caf\xe9\n", "utf-8")

    assert finding.code == "RAW003"
    assert (
        finding.fact == '"ae.csv" is declared to be in encoding "utf-8", but its bytes do not fit'
    )
    assert finding.found == (
        "byte 0xE9 at row 3, column 6 (byte 14 of the file): invalid continuation byte",
    )
    assert finding.expected == "an encoding that fits every byte of the file: cp1252, latin-1"
    assert finding.help == "declare encoding: cp1252, or ask who exported the file"


def test_columns_are_counted_in_characters(refusal):
    finding = refusal("A,B\n发热,".encode() + b"\xff\n", "utf-8")

    assert finding.found[0].startswith("byte 0xFF at row 2, column 4 (byte 12 of the file)")


def test_gb18030_read_as_utf_8_names_gb18030(refusal):
    finding = refusal("编号\n发热\n".encode("gb18030"), "utf-8")

    assert finding.help == "declare encoding: gb18030, or ask who exported the file"


@pytest.mark.parametrize("declared", ["gb18030", "latin-1", "cp1252"])
def test_utf_8_is_not_read_as_another_encoding_that_happens_to_fit(refusal, declared):
    finding = refusal(("A\n" + "中文不良事件\n" * 20).encode(), declared)

    assert finding.code == "RAW003"
    assert finding.help == "declare encoding: utf-8" or declared == "cp1252"


def test_a_few_characters_that_also_pass_for_utf_8_are_read_as_declared(read):
    assert read("A\nÃ©\n".encode("latin-1"), "latin-1").table.to_pydict() == {"A": ["Ã©"]}


@pytest.mark.parametrize(
    ("written", "declared", "named"),
    [
        ("utf-16", "utf-8", "utf-16"),
        ("utf-8-sig", "gb18030", "utf-8"),
        ("utf-32", "utf-16", "utf-32"),
    ],
)
def test_a_mark_that_contradicts_the_declaration_is_refused(refusal, written, declared, named):
    finding = refusal("A\n1\n".encode(written), declared)

    assert finding.code == "RAW003"
    assert finding.help == f"declare encoding: {named}"


def test_utf_16_without_a_mark_needs_its_byte_order_declared(refusal):
    finding = refusal("A\n1\n".encode("utf-16-le"), "utf-16")

    assert finding.code == "RAW003"
    assert finding.help == "declare encoding: utf-16-le or encoding: utf-16-be"


@pytest.mark.parametrize("chunk", [2, 1 << 22])
def test_a_file_cut_inside_a_character_is_refused(refusal, monkeypatch, chunk):
    monkeypatch.setattr(raw_encoding, "_CHUNK", chunk)

    finding = refusal("A\n发热".encode()[:-1], "utf-8")

    assert finding.found == (
        "byte 0xE7 at row 2, column 2 (byte 6 of the file): unexpected end of data",
    )
