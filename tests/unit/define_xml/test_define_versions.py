"""Define-XML 2.0: read as it is, written on request, and what it cannot say is told."""

import dataclasses
from pathlib import Path

import odmlib
import pytest
from lxml import etree

from cdisc.errors import OutputError
from define_xml import build_define, check_define, define_bytes, read_define, write_define
from define_xml import model as m
from define_xml.versions import as_2_0, as_2_1

OLD_SCHEMA = Path(odmlib.__file__).parent / "schemas" / "define" / "2.0" / "define2-0-0.xsd"

# The shape of the examples that CDISC publishes with version 2.0, at reduced size.
FOREIGN = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet type="text/xsl" href="define2-0-0.xsl"?>
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:def="http://www.cdisc.org/ns/def/v2.0" ODMVersion="1.3.2" FileType="Snapshot"
  FileOID="www.cdisc.org/StudyCDISC01_1/1/Define-XML_2.0.0"
  CreationDateTime="2013-03-03T17:04:44" Originator="CDISC XML Technologies Team">
  <Study OID="cdisc01">
    <GlobalVariables>
      <StudyName>CDISC01</StudyName>
      <StudyDescription>CDISC Test Study</StudyDescription>
      <ProtocolName>CDISC01</ProtocolName>
    </GlobalVariables>
    <MetaDataVersion OID="MDV.CDISC01.SDTMIG.3.1.2.SDTM.1.2" Name="Study CDISC01, Data Definitions"
      Description="Study CDISC01, Data Definitions" def:DefineVersion="2.0.0"
      def:StandardName="SDTM-IG" def:StandardVersion="3.1.2">
      <def:AnnotatedCRF><def:DocumentRef leafID="LF.blankcrf"/></def:AnnotatedCRF>
      <def:SupplementalDoc><def:DocumentRef leafID="LF.ReviewersGuide"/></def:SupplementalDoc>
      <def:ValueListDef OID="VL.EG.EGORRES">
        <ItemRef ItemOID="IT.EG.EGORRES.INTP" OrderNumber="1" Mandatory="Yes">
          <def:WhereClauseRef WhereClauseOID="WC.EG.INTP"/>
        </ItemRef>
      </def:ValueListDef>
      <def:WhereClauseDef OID="WC.EG.INTP">
        <RangeCheck SoftHard="Soft" def:ItemOID="IT.EG.EGTESTCD" Comparator="EQ">
          <CheckValue>INTP</CheckValue>
        </RangeCheck>
      </def:WhereClauseDef>
      <ItemGroupDef OID="IG.EG" Domain="EG" Name="EG" Repeating="Yes" IsReferenceData="No"
        SASDatasetName="EG" Purpose="Tabulation" def:Structure="One record per ECG test per visit"
        def:Class="FINDINGS" def:CommentOID="COM.EG" def:ArchiveLocationID="LF.EG">
        <Description><TranslatedText xml:lang="en">ECG Test Results</TranslatedText></Description>
        <ItemRef ItemOID="IT.USUBJID" OrderNumber="1" Mandatory="Yes" KeySequence="1"
          Role="Identifier" MethodOID="MT.USUBJID"/>
        <ItemRef ItemOID="IT.EG.EGTESTCD" OrderNumber="2" Mandatory="Yes" KeySequence="2"
          Role="Topic" RoleCodeListOID="CL.ROLE"/>
        <ItemRef ItemOID="IT.EG.EGORRES" OrderNumber="3" Mandatory="No" Role="Result Qualifier"/>
        <def:leaf ID="LF.EG" xlink:href="eg.xpt"><def:title>eg.xpt</def:title></def:leaf>
      </ItemGroupDef>
      <ItemDef OID="IT.USUBJID" Name="USUBJID" DataType="text" Length="14" SASFieldName="USUBJID">
        <Description>
          <TranslatedText xml:lang="en">Unique Subject Identifier</TranslatedText>
        </Description>
        <def:Origin Type="Derived"/>
      </ItemDef>
      <ItemDef OID="IT.EG.EGTESTCD" Name="EGTESTCD" DataType="text" Length="8"
        SASFieldName="EGTESTCD">
        <Description>
          <TranslatedText xml:lang="en">ECG Test or Examination Short Name</TranslatedText>
        </Description>
        <CodeListRef CodeListOID="CL.EGTESTCD"/>
        <def:Origin Type="Assigned"/>
      </ItemDef>
      <ItemDef OID="IT.EG.EGORRES" Name="EGORRES" DataType="text" Length="8"
        SASFieldName="EGORRES">
        <Description>
          <TranslatedText xml:lang="en">Result or Finding in Original Units</TranslatedText>
        </Description>
        <def:ValueListRef ValueListOID="VL.EG.EGORRES"/>
      </ItemDef>
      <ItemDef OID="IT.EG.EGORRES.INTP" Name="INTP" DataType="text" Length="8"
        SASFieldName="INTP">
        <def:Origin Type="CRF">
          <def:DocumentRef leafID="LF.blankcrf">
            <def:PDFPageRef PageRefs="8 9" Type="PhysicalRef"/>
          </def:DocumentRef>
        </def:Origin>
      </ItemDef>
      <CodeList OID="CL.EGTESTCD" Name="ECG Test Code" DataType="text" SASFormatName="$EGTEST">
        <CodeListItem CodedValue="INTP" Rank="1">
          <Decode><TranslatedText>Interpretation</TranslatedText></Decode>
          <Alias Name="C41255" Context="nci:ExtCodeID"/>
        </CodeListItem>
        <Alias Name="C71153" Context="nci:ExtCodeID"/>
      </CodeList>
      <CodeList OID="CL.ROLE" Name="Roles" DataType="text">
        <EnumeratedItem CodedValue="Topic"/>
      </CodeList>
      <MethodDef OID="MT.USUBJID" Name="Algorithm to derive USUBJID" Type="Computation">
        <Description><TranslatedText xml:lang="en">Study and subject</TranslatedText></Description>
        <FormalExpression Context="SAS">usubjid = catx('-', studyid, subjid);</FormalExpression>
      </MethodDef>
      <def:CommentDef OID="COM.EG">
        <Description><TranslatedText xml:lang="en">See the guide</TranslatedText></Description>
        <def:DocumentRef leafID="LF.ReviewersGuide">
          <def:PDFPageRef FirstPage="4" LastPage="6" Type="PhysicalRef"/>
        </def:DocumentRef>
      </def:CommentDef>
      <def:leaf ID="LF.blankcrf" xlink:href="blankcrf.pdf">
        <def:title>Annotated Case Report Form</def:title>
      </def:leaf>
      <def:leaf ID="LF.ReviewersGuide" xlink:href="reviewersguide.pdf">
        <def:title>Reviewers Guide</def:title>
      </def:leaf>
    </MetaDataVersion>
  </Study>
</ODM>
"""


@pytest.fixture
def foreign(tmp_path):
    path = tmp_path / "define.xml"
    path.write_text(FOREIGN, encoding="utf-8")
    for name in ("eg.xpt", "blankcrf.pdf", "reviewersguide.pdf"):
        (tmp_path / name).touch()
    return path


@pytest.fixture(scope="module")
def old_schema():
    return etree.XMLSchema(etree.parse(OLD_SCHEMA))


def test_a_foreign_file_of_2_0_is_read_without_loss_and_keeps_its_words(foreign):
    define = read_define(foreign)
    assert define.unread == ()
    assert define.standards == (
        m.Standard(oid="STD.IG", name="SDTM-IG", type="IG", version="3.1.2", status="Final"),
    )
    (group,) = define.item_groups
    assert (group.class_, group.comment_oid) == (m.Class(name="FINDINGS"), "COM.EG")
    origin = m.Origin(
        type="CRF",
        documents=(
            m.DocumentRef(
                leaf_id="LF.blankcrf",
                pages=(m.PDFPageRef(page_refs="8 9", type="PhysicalRef"),),
            ),
        ),
    )
    assert define.items[3].origins == (origin,)
    assert define.codelists[0].items[0].code == "C41255"


def test_a_foreign_file_of_2_0_is_written_as_it_was_read(foreign, tmp_path, old_schema):
    define = read_define(foreign)
    written = tmp_path / "again.xml"
    write_define(define, written)
    old_schema.assertValid(etree.parse(written))
    assert read_define(written) == define
    before, after = (
        {(one.tag, *sorted(one.attrib.items())) for one in etree.parse(path).iter("{*}*")}
        for path in (foreign, written)
    )
    assert (
        after - before
        == {
            # a language that was not said is English, and a standing default is written
            ("{http://www.cdisc.org/ns/odm/v1.3}TranslatedText", *(_english(),))
        }
        - before
    )
    assert before - after == {("{http://www.cdisc.org/ns/odm/v1.3}TranslatedText",)}


def _english():
    return ("{http://www.w3.org/XML/1998/namespace}lang", "en")


def test_a_foreign_file_of_2_0_has_no_finding_where_nothing_is_wrong(foreign):
    assert [(one.code, one.fact) for one in check_define(foreign)] == []


def test_findings_of_2_0_name_the_lines_of_the_file(foreign):
    text = FOREIGN.replace('def:CommentOID="COM.EG" ', 'def:CommentOID="COM.X" ')
    foreign.write_text(text, encoding="utf-8")
    lines = {one.code: one.span.line for one in check_define(foreign)}
    assert lines == {"DEF010": 30, "DEF011": 82}


def test_a_define_of_2_1_is_translated_and_tells_what_2_0_cannot_say(
    sdtm, created, tmp_path, old_schema
):
    define = build_define(sdtm, created=created, annotated_crf="acrf.pdf")
    old, lost = as_2_0(define)
    assert [(one.code, one.fact.partition(": ")[2]) for one in lost] == [
        ("DEF053", "context of the file (1)"),
        ("DEF053", "standards beside the first guide (1)"),
        ("DEF053", "standard of a dataset or codelist (5)"),
        ("DEF053", "mark of what follows no standard (2)"),
        ("DEF053", "mark of what has no data (2)"),
        ("DEF053", "source of an origin (15)"),
    ]
    origins = {origin.type for item in old.items for origin in item.origins}
    assert origins == {"CRF", "Assigned", "Derived", "Protocol"}
    assert old.standards[0].name == "SDTM-IG"
    path = tmp_path / "define.xml"
    write_define(old, path)
    old_schema.assertValid(etree.parse(path))
    assert read_define(path) == old
    assert b"def/v2.1" not in path.read_bytes()


def test_what_was_translated_and_back_has_the_words_of_2_1(sdtm, created):
    old, _lost = as_2_0(build_define(sdtm, created=created, annotated_crf="acrf.pdf"))
    back = as_2_1(old, context="Submission")
    assert {origin.type for item in back.items for origin in item.origins} == {
        "Collected",
        "Assigned",
        "Derived",
        "Protocol",
    }
    assert (back.context, back.define_version, back.standards[0].name) == (
        "Submission",
        "2.1.0",
        "SDTMIG",
    )
    assert as_2_0(back)[0] == old


def test_what_2_0_has_no_place_for_is_not_left_out_in_silence(sdtm, created):
    define = build_define(sdtm, created=created)
    with pytest.raises(OutputError) as error:
        define_bytes(dataclasses.replace(define, define_version="2.0.0"))
    (finding,) = error.value.diagnostics
    assert (finding.code, finding.found[0]) == ("DEF009", "context of the file (1)")


@pytest.mark.parametrize(
    ("origin", "old"),
    [
        (m.Origin(type="Collected", source="Investigator"), "CRF"),
        (m.Origin(type="Collected", source="Subject"), "CRF"),
        (m.Origin(type="Collected"), "CRF"),
        (m.Origin(type="Collected", source="Vendor"), "eDT"),
        (m.Origin(type="Collected", source="Sponsor"), "eDT"),
        (m.Origin(type="Predecessor", description="DM.AGE"), "Predecessor"),
        (m.Origin(type="Not Available"), None),
        (m.Origin(type="Other"), None),
    ],
)
def test_an_origin_has_the_word_of_2_0_where_there_is_one(sdtm, created, origin, old):
    define = build_define(sdtm, created=created)
    item = dataclasses.replace(define.items[0], origins=(origin,))
    changed, _lost = as_2_0(dataclasses.replace(define, items=(item, *define.items[1:])))
    assert [one.type for one in changed.items[0].origins] == ([] if old is None else [old])
