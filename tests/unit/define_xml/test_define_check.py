import dataclasses

import pytest

from define_xml import build_define, check_define, validate_schema, write_define
from define_xml.model import Comment, Leaf, Standard


def line_of(path, part):
    lines = path.read_text(encoding="utf-8").splitlines()
    return 1 + next(at for at, line in enumerate(lines) if part in line)


def test_a_define_that_was_just_built_has_no_finding(check, study):
    assert check(datasets=study.datasets) == []


def test_an_analysis_define_that_was_just_built_has_no_finding(analysis_study, created, tmp_path):
    path = tmp_path / "define.xml"
    for name in ("adsl.xpt", "adtte.xpt"):
        (tmp_path / name).touch()
    write_define(build_define(analysis_study, created=created), path)
    assert check_define(path, analysis_study.datasets) == ()


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        (
            'ItemRef ItemOID="IT.TA.ARM"',
            'ItemRef ItemOID="IT.TA.ARMS"',
            '"IG.TA" refers to ItemDef "IT.TA.ARMS", which is not defined',
        ),
        (
            'CodeListOID="CL.AESEV"',
            'CodeListOID="CL.X"',
            '"IT.AE.AESEV" refers to CodeList "CL.X", which is not defined',
        ),
        (
            'MethodOID="MT.AE.AESTDY"',
            'MethodOID="MT.X"',
            '"IG.AE" refers to MethodDef "MT.X", which is not defined',
        ),
        (
            'def:CommentOID="COM.AE.AETERM"',
            'def:CommentOID="COM.X"',
            '"IT.AE.AETERM" refers to def:CommentDef "COM.X", which is not defined',
        ),
        (
            'ValueListOID="VL.SUPPAE.QVAL"',
            'ValueListOID="VL.X"',
            '"IT.SUPPAE.QVAL" refers to def:ValueListDef "VL.X", which is not defined',
        ),
        (
            'WhereClauseOID="WC.SUPPAE.QNAM.AESI"',
            'WhereClauseOID="WC.X"',
            '"VL.SUPPAE.QVAL" refers to def:WhereClauseDef "WC.X", which is not defined',
        ),
        (
            'def:ItemOID="IT.SUPPAE.QNAM"',
            'def:ItemOID="IT.X"',
            '"WC.SUPPAE.QNAM.AESI" refers to ItemDef "IT.X", which is not defined',
        ),
        (
            'def:ArchiveLocationID="LF.TA"',
            'def:ArchiveLocationID="LF.X"',
            '"IG.TA" refers to def:leaf "LF.X", which is not defined',
        ),
        (
            '<def:DocumentRef leafID="LF.acrf"/>',
            '<def:DocumentRef leafID="LF.X"/>',
            '"MDV.S1.SDTM" refers to def:leaf "LF.X", which is not defined',
        ),
        (
            'def:StandardOID="STD.CT-SDTM"',
            'def:StandardOID="STD.X"',
            '"CL.AESEV" refers to def:Standard "STD.X", which is not defined',
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_found(check, old, new, fact):
    assert [one for one in check((old, new)) if one[0] not in {"DEF011", "DEF015"}] == [
        ("DEF010", fact)
    ]


def test_a_reference_to_a_definition_of_another_kind_leads_nowhere(check):
    assert check(('CodeListOID="CL.AESEV"', 'CodeListOID="MT.AE.AESTDY"')) == [
        (
            "DEF010",
            '"IT.AE.AESEV" refers to CodeList "MT.AE.AESTDY", which is not defined',
        ),
        ("DEF011", 'CodeList "CL.AESEV" is never used'),
    ]


def test_a_definition_that_nobody_uses_is_found_where_it_stands(check, package):
    define, path = package
    found = check(
        comments=(*define.comments, Comment(oid="COM.OLD", description="old")),
        leaves=(*define.leaves, Leaf(id="LF.OLD", href="acrf.pdf", title="old")),
    )
    assert found == [
        ("DEF011", 'def:CommentDef "COM.OLD" is never used'),
        ("DEF011", 'def:leaf "LF.OLD" is never used'),
    ]
    assert check_define(path)[0].span.line == line_of(path, 'OID="COM.OLD"')


def test_a_standard_may_be_followed_without_being_named(check, package):
    define, _ = package
    more = Standard(oid="STD.TTE", name="ADaMIG", type="IG", version="1.0", status="Final")
    assert check(standards=(*define.standards, more)) == []


def test_an_oid_given_twice_is_found(check, package):
    define, _ = package
    assert check(methods=(*define.methods, define.methods[0])) == [
        ("DEF012", 'the OID "MT.AE.USUBJID" is given 2 times')
    ]


def test_an_oid_of_two_kinds_of_definition_is_found(check, package):
    define, _ = package
    comment = Comment(oid="MT.AE.AESTDY", description="x")
    found = check(comments=(*define.comments, comment))
    assert ("DEF012", 'the OID "MT.AE.AESTDY" is given 2 times') in found


def test_a_value_that_a_codelist_holds_twice_is_found(check):
    assert check(('CodedValue="N"', 'CodedValue="Y"')) == [
        ("DEF013", 'codelist "CL.NY" holds the value "Y" 2 times')
    ]


@pytest.mark.parametrize("name", ["ae.xpt", "acrf.pdf"])
def test_a_file_that_is_not_there_is_found(check, package, name):
    _, path = package
    (path.parent / name).unlink()
    assert check() == [("DEF014", f'the file "{name}" is not beside the define.xml')]


def test_a_web_address_and_an_escaped_name_are_no_missing_files(check, package):
    _, path = package
    (path.parent / "my crf.pdf").touch()
    assert check(('href="acrf.pdf"', 'href="my%20crf.pdf#page=1"')) == []
    assert check(('href="acrf.pdf"', 'href="https://example.test/acrf.pdf"')) == []


def test_a_variable_without_origin_is_found(check):
    edit = ('<def:Origin Type="Protocol" Source="Sponsor"/>', "")
    assert check(edit) == [("DEF015", 'variable "ARMCD" has no origin')]


def test_a_variable_needs_no_origin_where_all_its_values_have_one(check, package):
    define, _ = package
    items = tuple(
        dataclasses.replace(item, origins=()) if item.oid == "IT.SUPPAE.QVAL" else item
        for item in define.items
    )
    assert check(items=items) == []
    bare = tuple(
        dataclasses.replace(item, origins=()) if item.oid.endswith("QVAL.AESI") else item
        for item in items
    )
    assert check(items=bare) == [("DEF015", 'variable "QVAL" has no origin')]


def test_parts_that_were_not_read_are_found(check):
    assert check(('Name="TA"', 'Name="TA" Origin="old"')) == [
        ("DEF004", "ItemGroupDef/@Origin was not read")
    ]


def test_a_file_that_cannot_be_read_gives_its_reasons(check):
    assert check((' def:Structure="One record per ARMCD"', "")) == [
        ("DEF003", 'ItemGroupDef "IG.TA" lacks def:Structure')
    ]


def test_the_schema_finds_what_it_forbids(check, package, schema_root):
    _, path = package
    check(('DataType="partialDate"', 'DataType="dates"'))
    found = check_define(path, schema_root=schema_root)
    line = line_of(path, 'DataType="dates"')
    assert {(one.code, one.span.line) for one in found} == {("DEF005", line), ("DEF034", line)}


def test_the_schema_is_not_asked_about_another_file(tmp_path, schema_root):
    path = tmp_path / "define.xml"
    path.write_text("<html/>")
    assert [one.code for one in validate_schema(path, schema_root)] == ["DEF002"]
    assert [one.code for one in check_define(path, schema_root=schema_root)] == ["DEF002"]
