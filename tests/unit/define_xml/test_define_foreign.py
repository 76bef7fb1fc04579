"""A define.xml of 2.1 in the shape of the examples that CDISC publishes, at reduced size."""

import pytest
from lxml import etree

from define_xml import check_define, read_define, set_aside, write_define
from define_xml import model as m
from define_xml.schema import published_schemas

STYLESHEET = '<?xml-stylesheet type="text/xsl" href="stylesheets/define2-1.xsl"?>'
FOREIGN = f"""<?xml version="1.0" encoding="UTF-8"?>
{STYLESHEET}
<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" xmlns:xlink="http://www.w3.org/1999/xlink"
  xmlns:def="http://www.cdisc.org/ns/def/v2.1" xmlns:arm="http://www.cdisc.org/ns/arm/v1.0"
  xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
  xsi:schemaLocation="http://www.cdisc.org/ns/odm/v1.3 arm1-0-0.xsd"
  ODMVersion="1.3.2" FileType="Snapshot" FileOID="www.cdisc.org/StudyCDISC-Sample/1/Define-XML"
  CreationDateTime="2018-11-05T10:14:12-06:00" Originator="CDISC Data Exchange Standards Team"
  SourceSystem="Tool" SourceSystemVersion="1" def:Context="Other">
  <Study OID="STDY.www.cdisc.org.CDISC-Sample">
    <GlobalVariables>
      <StudyName>CDISC-Sample</StudyName>
      <StudyDescription>CDISC-Sample Data Definition</StudyDescription>
      <ProtocolName>CDISC-Sample protocol</ProtocolName>
    </GlobalVariables>
    <MetaDataVersion OID="MDV.CDISC-Sample.ADaMIG.1.1" Name="Study, Data Definitions"
      Description="Data Definitions" def:DefineVersion="2.1.0" def:CommentOID="COM.MDV">
      <def:Standards>
        <def:Standard OID="STD.1" Name="ADaMIG" Type="IG" Version="1.1" Status="Final"/>
        <def:Standard OID="STD.2" Name="CDISC/NCI" Type="CT" PublishingSet="ADaM"
          Version="2011-07-22" Status="Final" def:CommentOID="COM.STD.2"/>
      </def:Standards>
      <def:SupplementalDoc><def:DocumentRef leafID="LF.ADRG"/></def:SupplementalDoc>
      <def:ValueListDef OID="VL.AD.AVAL">
        <Description><TranslatedText xml:lang="en">Values</TranslatedText></Description>
        <ItemRef ItemOID="IT.AD.AVAL.A" OrderNumber="1" Mandatory="No" MethodOID="MT.AVAL">
          <def:WhereClauseRef WhereClauseOID="WC.A"/><def:WhereClauseRef WhereClauseOID="WC.B"/>
        </ItemRef>
      </def:ValueListDef>
      <def:WhereClauseDef OID="WC.A">
        <RangeCheck SoftHard="Soft" def:ItemOID="IT.AD.PARAMCD" Comparator="IN">
          <CheckValue>A1</CheckValue><CheckValue>A2</CheckValue>
        </RangeCheck>
        <RangeCheck SoftHard="Soft" def:ItemOID="IT.AD.AVISITN" Comparator="GE">
          <CheckValue>24</CheckValue>
        </RangeCheck>
      </def:WhereClauseDef>
      <def:WhereClauseDef OID="WC.B" def:CommentOID="COM.WC">
        <RangeCheck SoftHard="Soft" def:ItemOID="IT.AD.PARAMCD" Comparator="EQ">
          <CheckValue>B</CheckValue>
        </RangeCheck>
      </def:WhereClauseDef>
      <ItemGroupDef OID="IG.AD" Name="ADQSADAS" SASDatasetName="ADQSADAS" Repeating="Yes"
        IsReferenceData="No" Purpose="Analysis" def:StandardOID="STD.1"
        def:Structure="One record per subject per parameter per visit"
        def:ArchiveLocationID="LF.AD" def:CommentOID="COM.AD">
        <Description><TranslatedText xml:lang="en">ADAS-Cog Analysis</TranslatedText></Description>
        <ItemRef ItemOID="IT.AD.PARAMCD" OrderNumber="1" Mandatory="Yes" KeySequence="1"/>
        <ItemRef ItemOID="IT.AD.AVISITN" OrderNumber="2" Mandatory="No" KeySequence="2"/>
        <ItemRef ItemOID="IT.AD.AVAL" OrderNumber="3" Mandatory="No" def:IsNonStandard="Yes"/>
        <def:Class Name="BASIC DATA STRUCTURE">
          <def:SubClass Name="TIME-TO-EVENT" ParentClass="BASIC DATA STRUCTURE"/>
        </def:Class>
        <def:leaf ID="LF.AD" xlink:href="adqsadas.xpt">
          <def:title>adqsadas.xpt</def:title>
        </def:leaf>
      </ItemGroupDef>
      <ItemDef OID="IT.AD.PARAMCD" Name="PARAMCD" DataType="text" Length="8"
        SASFieldName="PARAMCD">
        <Description><TranslatedText xml:lang="en">Parameter Code</TranslatedText></Description>
        <CodeListRef CodeListOID="CL.PARAMCD"/>
        <def:Origin Type="Assigned" Source="Sponsor"/>
      </ItemDef>
      <ItemDef OID="IT.AD.AVISITN" Name="AVISITN" DataType="integer" Length="3"
        SASFieldName="AVISITN" def:DisplayFormat="3.0">
        <Description><TranslatedText xml:lang="en">Visit (N)</TranslatedText></Description>
        <def:Origin Type="Assigned" Source="Sponsor"/>
      </ItemDef>
      <ItemDef OID="IT.AD.AVAL" Name="AVAL" DataType="float" Length="8" SignificantDigits="1"
        SASFieldName="AVAL">
        <Description><TranslatedText xml:lang="en">Analysis Value</TranslatedText></Description>
        <def:ValueListRef ValueListOID="VL.AD.AVAL"/>
      </ItemDef>
      <ItemDef OID="IT.AD.AVAL.A" Name="AVAL" DataType="float" Length="8" SignificantDigits="1">
        <def:Origin Type="Predecessor">
          <Description><TranslatedText xml:lang="en">QS.QSSTRESN</TranslatedText></Description>
        </def:Origin>
        <def:Origin Type="Derived" Source="Sponsor"/>
      </ItemDef>
      <CodeList OID="CL.PARAMCD" Name="Parameter Code" DataType="text" SASFormatName="$PARAMCD"
        def:IsNonStandard="Yes" def:CommentOID="COM.CL">
        <Description><TranslatedText xml:lang="en">All of them</TranslatedText></Description>
        <CodeListItem CodedValue="A1" OrderNumber="1" Rank="2.5" def:ExtendedValue="Yes">
          <Decode><TranslatedText xml:lang="en">First</TranslatedText></Decode>
          <Description><TranslatedText xml:lang="en">Of one</TranslatedText></Description>
        </CodeListItem>
        <CodeListItem CodedValue="A2" OrderNumber="2">
          <Decode><TranslatedText xml:lang="en">Second</TranslatedText></Decode>
        </CodeListItem>
        <CodeListItem CodedValue="B" OrderNumber="3">
          <Decode><TranslatedText xml:lang="en">Other</TranslatedText></Decode>
        </CodeListItem>
      </CodeList>
      <MethodDef OID="MT.AVAL" Name="Sum" Type="Computation">
        <Description><TranslatedText xml:lang="en">Sum of the items</TranslatedText></Description>
        <FormalExpression Context="SAS 9.0">aval = sum(of q1-q9);</FormalExpression>
        <def:DocumentRef leafID="LF.SAP">
          <def:PDFPageRef PageRefs="Section_7" Type="NamedDestination" Title="Scores"/>
        </def:DocumentRef>
      </MethodDef>
      <def:CommentDef OID="COM.MDV">
        <Description><TranslatedText xml:lang="en">Sample</TranslatedText></Description>
      </def:CommentDef>
      <def:CommentDef OID="COM.STD.2">
        <Description><TranslatedText xml:lang="en">Old</TranslatedText></Description>
      </def:CommentDef>
      <def:CommentDef OID="COM.WC">
        <Description><TranslatedText xml:lang="en">Joined</TranslatedText></Description>
      </def:CommentDef>
      <def:CommentDef OID="COM.AD">
        <Description><TranslatedText xml:lang="en">See the guide</TranslatedText></Description>
        <def:DocumentRef leafID="LF.ADRG">
          <def:PDFPageRef FirstPage="4" LastPage="6" Type="PhysicalRef"/>
        </def:DocumentRef>
      </def:CommentDef>
      <def:CommentDef OID="COM.CL">
        <Description><TranslatedText xml:lang="en">Ours</TranslatedText></Description>
      </def:CommentDef>
      <def:CommentDef OID="COM.JOIN">
        <Description><TranslatedText xml:lang="en">By USUBJID</TranslatedText></Description>
      </def:CommentDef>
      <def:leaf ID="LF.ADRG" xlink:href="adrg.pdf"><def:title>Guide</def:title></def:leaf>
      <def:leaf ID="LF.SAP" xlink:href="sap.pdf"><def:title>SAP</def:title></def:leaf>
      <arm:AnalysisResultDisplays>
        <arm:ResultDisplay OID="RD.Table_14-3.01" Name="Table 14-3.01">
          <Description><TranslatedText xml:lang="en">Primary Endpoint</TranslatedText></Description>
          <def:DocumentRef leafID="LF.SAP"><def:PDFPageRef PageRefs="2" Type="PhysicalRef"/>
          </def:DocumentRef>
          <arm:AnalysisResult OID="AR.Table_14-3.01.R.1" ParameterOID="IT.AD.PARAMCD"
            AnalysisReason="SPECIFIED IN SAP" AnalysisPurpose="PRIMARY OUTCOME MEASURE">
            <Description><TranslatedText xml:lang="en">Dose response</TranslatedText></Description>
            <arm:AnalysisDatasets def:CommentOID="COM.JOIN">
              <arm:AnalysisDataset ItemGroupOID="IG.AD">
                <def:WhereClauseRef WhereClauseOID="WC.B"/>
                <arm:AnalysisVariable ItemOID="IT.AD.AVAL"/>
              </arm:AnalysisDataset>
            </arm:AnalysisDatasets>
            <arm:Documentation>
              <Description><TranslatedText xml:lang="en">Linear model</TranslatedText></Description>
              <def:DocumentRef leafID="LF.SAP"/>
            </arm:Documentation>
            <arm:ProgrammingCode Context="SAS version 9.2">
              <arm:Code>proc glm; run;</arm:Code>
            </arm:ProgrammingCode>
          </arm:AnalysisResult>
        </arm:ResultDisplay>
      </arm:AnalysisResultDisplays>
    </MetaDataVersion>
  </Study>
</ODM>
"""


@pytest.fixture
def place(tmp_path):
    path = tmp_path / "define.xml"
    path.write_text(FOREIGN, encoding="utf-8")
    for name in ("adqsadas.xpt", "adrg.pdf", "sap.pdf"):
        (tmp_path / name).touch()
    return path


def test_it_is_read_without_loss_and_written_so_that_it_is_read_as_the_same(place, tmp_path):
    define = read_define(place)
    assert define.unread == ()
    again = tmp_path / "again.xml"
    write_define(define, again)
    assert read_define(again) == define
    values = {
        path: sorted(
            value for one in _elements(path) for value in (*one.attrib.values(), _text(one))
        )
        for path in (place, again)
    }
    assert values[again] == values[place]


def test_analysis_results_are_read_as_they_stand(place):
    (display,) = read_define(place).displays
    (result,) = display.results
    assert (display.oid, result.oid, result.comment_oid) == (
        "RD.Table_14-3.01",
        "AR.Table_14-3.01.R.1",
        "COM.JOIN",
    )
    assert result.programming_code == m.ProgrammingCode(
        context="SAS version 9.2", code="proc glm; run;"
    )


def test_the_schema_and_the_check_find_nothing(place):
    found = check_define(place, schema_root=published_schemas())
    assert [(one.code, one.fact) for one in found] == []


def test_what_is_not_kept_is_named_with_its_line(place):
    text = FOREIGN.replace(
        '<TranslatedText xml:lang="en">Sample</TranslatedText>',
        '<TranslatedText xml:lang="en">Sample</TranslatedText>'
        '<TranslatedText xml:lang="de">Muster</TranslatedText>',
    ).replace('Name="Sum"', 'Name="Sum" v:Tool="x" xmlns:v="http://vendor.test/v"')
    place.write_text(text, encoding="utf-8")
    lines = text.splitlines()
    german = 1 + next(at for at, line in enumerate(lines) if "Muster" in line)
    method = 1 + next(at for at, line in enumerate(lines) if "v:Tool" in line)
    assert set(read_define(place).unread) == {
        f"TranslatedText, line {german}",
        f"MethodDef/@Tool, line {method}",
    }
    assert [one.code for one in check_define(place)] == ["DEF004", "DEF004"]


def test_comments_and_instructions_are_named_with_their_lines_and_do_not_stop_the_writing(
    place, tmp_path
):
    text = FOREIGN.replace("<MethodDef", "<!-- by\n hand --><?page break?><MethodDef", 1)
    text = text.replace("Sum of the", "Sum <!-- not so --> of the")
    place.write_text(text, encoding="utf-8")
    line = 1 + next(at for at, one in enumerate(text.splitlines()) if "by" in one and "<!--" in one)

    define = read_define(place)

    assert [(one.code, one.fact, one.span.line) for one in set_aside(define, place)] == [
        ("DEF056", f"{what} is not written again", at)
        for what, at in (
            (f"processing instruction {STYLESHEET}", 2),
            ('comment "by hand"', line),
            ("processing instruction <?page break?>", line + 1),
            ('comment "not so"', line + 2),
        )
    ]
    (method,) = define.methods
    assert method.description == "Sum  of the items"
    again = tmp_path / "again.xml"
    write_define(define, again)
    assert read_define(again) == define
    assert read_define(again).aside == ()


def _elements(path):
    return [one for one in etree.parse(path).iter("{*}*") if not one.tag.endswith("}ODM")]


def _text(element):
    return (element.text or "").strip()
