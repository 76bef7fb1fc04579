import dataclasses
import datetime as dt
import importlib
import warnings
from pathlib import Path

import pytest

from cdisc.errors import OutputError
from define_xml import build_define, define_bytes, read_define, validate_schema, write_define
from define_xml.model import Comment

GOLDEN = Path(__file__).parents[2] / "golden" / "define_tiny.xml"


def facts(error):
    return [(one.code, one.fact) for one in error.value.diagnostics]


@pytest.mark.parametrize("stage", ["sdtm", "adam"])
@pytest.mark.parametrize("crf", [None, "acrf.pdf"])
@pytest.mark.witness
def test_the_published_schema_accepts_what_is_written(
    stage, crf, request, created, schema_root, tmp_path
):
    define = build_define(request.getfixturevalue(stage), created=created, annotated_crf=crf)
    path = tmp_path / "define.xml"
    write_define(define, path)
    assert validate_schema(path, schema_root) == ()


@pytest.mark.parametrize("stage", ["sdtm", "adam"])
def test_what_is_written_is_read_back_unchanged(stage, request, created, tmp_path):
    define = build_define(request.getfixturevalue(stage), created=created, annotated_crf="acrf.pdf")
    path = tmp_path / "define.xml"
    write_define(define, path)
    assert read_define(path) == define


def test_two_builds_give_the_same_bytes(sdtm, created):
    first = define_bytes(build_define(sdtm, created=created))
    second = define_bytes(build_define(sdtm, created=created))
    assert first == second


def test_a_small_study_gives_the_golden_file(sdtm, created):
    small = dataclasses.replace(sdtm, datasets=(sdtm.dataset("AE"), sdtm.dataset("SUPPAE")))
    define = build_define(small, created=created, annotated_crf="acrf.pdf")
    assert define_bytes(define).decode() == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.witness
def test_odmlib_reads_what_is_written(sdtm, created, tmp_path):
    loader = importlib.import_module("odmlib.define_loader")
    wrapper = importlib.import_module("odmlib.loader")
    path = tmp_path / "define.xml"
    write_define(build_define(sdtm, created=created, annotated_crf="acrf.pdf"), path)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        reader = wrapper.ODMLoader(loader.XMLDefineLoader(model_package="define_2_1"))
        reader.open_odm_document(str(path))
        version = reader.MetaDataVersion()
    assert [group.Name for group in version.ItemGroupDef] == ["TA", "AE", "MH", "SUPPAE"]
    assert version.ItemDef[5].Origin[0].DocumentRef[0].PDFPageRef[0].PageRefs == "12 14"
    assert [codelist.OID for codelist in version.CodeList] == [
        "CL.AESEV",
        "CL.MEDDRA_27.1",
        "CL.NY",
    ]


def test_no_stylesheet_is_named_unless_asked(adam, created):
    define = build_define(adam, created=created)
    head = b'<?xml version="1.0" encoding="UTF-8"?>\n'
    assert define_bytes(define).startswith(head + b"<ODM ")
    named = b'<?xml-stylesheet type="text/xsl" href="define2-1.xsl"?>\n<ODM '
    assert define_bytes(define, stylesheet="define2-1.xsl").startswith(head + named)


def test_every_text_that_xml_cannot_hold_is_reported_and_nothing_is_written(
    sdtm, created, tmp_path
):
    define = build_define(sdtm, created=created)
    comments = (
        Comment(oid="COM.A", description="a\x00b"),
        Comment(oid="COM.B", description="vertical\x0btab"),
    )
    bad = dataclasses.replace(define, comments=comments, protocol_name="\ufffe")
    path = tmp_path / "define.xml"
    with pytest.raises(OutputError) as error:
        write_define(bad, path)
    hold = "which XML cannot hold"
    assert facts(error) == [
        ("DEF006", f'ProtocolName of "ST.S1" holds the character U+FFFE, {hold}'),
        ("DEF006", f'TranslatedText of "COM.A" holds the character U+0000, {hold}'),
        ("DEF006", f'TranslatedText of "COM.B" holds the character U+000B, {hold}'),
    ]
    assert not path.exists()


def test_a_define_that_was_read_in_part_is_not_written(sdtm, created):
    define = dataclasses.replace(build_define(sdtm, created=created), unread=("x:y, line 3",))
    with pytest.raises(OutputError) as error:
        define_bytes(define)
    assert facts(error) == [
        ("DEF007", "the define.xml was read with parts that would be lost on writing")
    ]
    assert error.value.diagnostics[0].found == ("x:y, line 3",)


def test_a_disk_that_refuses_is_reported(sdtm, created, tmp_path):
    path = tmp_path / "missing" / "define.xml"
    with pytest.raises(OutputError) as error:
        write_define(build_define(sdtm, created=created), path)
    assert facts(error) == [("DEF008", f'"{path}" cannot be written: No such file or directory')]


def test_white_space_and_line_ends_survive(sdtm, created, tmp_path):
    awkward = " \t\r\n two  spaces \r\n\n"
    define = dataclasses.replace(
        build_define(sdtm, created=created),
        comments=(Comment(oid="COM.A", description=awkward), Comment(oid=awkward)),
        study_description="",
        created=dt.datetime.fromisoformat("2026-01-31T12:00:00.123456"),
    )
    path = tmp_path / "define.xml"
    write_define(define, path)
    assert read_define(path) == define
