"""One made-up release as NCI EVS and the CDISC Library publish theirs.

What is made here follows what is known of the published files: the header line of the text and
of the Excel file; the sheet ReadMe before that of the terms; a codelist as a row whose second
column is empty, its terms below it with the name of the codelist and no flag; synonyms parted
by semicolons. The ODM is that of the program of NCI EVS which makes it of the Excel file, with
its attributes, its order of elements, and characters beyond ASCII as references.
"""

import json
import warnings
import zipfile
from xml.sax.saxutils import escape

COLUMNS = (
    "Code", "Codelist Code", "Codelist Extensible (Yes/No)", "Codelist Name",
    "CDISC Submission Value", "CDISC Synonym(s)", "CDISC Definition", "NCI Preferred Term",
)  # fmt: skip
# code, short name, extensible, name, preferred term,
# terms as (code, value, preferred term, synonyms)
NY = ("C66742", "NY", "No", "No Yes Response", "CDISC SDTM Yes No Terminology", [
    ("C49488", "Y", "Yes", "Yes"), ("C49487", "N", "No", "No"),
    ("C48660", "NA", "Not Applicable", "N/A; Not Applicable"),
])  # fmt: skip
UNIT = ("C71620", "UNIT", "Yes", "Unit", "CDISC SDTM Unit of Measure Terminology", [
    ("C67305", "ug/mL", "Microgram per Milliliter", "mcg/mL; mg/L; \u00b5g/mL; mg/L"),
    ("C105484", "10^9/L", "Billion per Liter", "/nL; 10^3/mm3; 10^3/uL"),
    ("C25613", "%", "Percentage", "Percent"),
    ("C64783", "g/dL", 'Gram "per" <Deciliter> & more, \u00b5g'),
])  # fmt: skip
GRADE = ("C66784", "TOXGR4", "No", "Toxicity Grade 4", "CDISC SDTM Grade Terminology", [
    ("C41338", "1", "Grade 1", "1"), ("C41339", "2", "Grade 2"), ("C49489", "10", "Grade 10"),
])  # fmt: skip
EMPTY = ("C9", "NONE", "Yes", "None", "CDISC SDTM None Terminology", [])
RELEASE = (UNIT, NY, EMPTY, GRADE)


def rows_of(release):
    yield COLUMNS
    for code, short, extensible, name, preferred, terms in release:
        yield (code, "", extensible, name, short, name, "The patient\u2019s answer.", preferred)
        for term, value, said, *synonyms in terms:
            yield (term, code, "", name, value, *(synonyms or [""]), "A definition; of it.", said)


def as_text(folder, release, end="\n", encoding="utf-8"):
    path = folder / "SDTM Terminology 2099-01-01.txt"
    text = "".join("\t".join(row) + end for row in rows_of(release))
    path.write_text(text, encoding=encoding, newline="")
    return path


def as_crlf(folder, release):
    return as_text(folder, release, "\r\n", "utf-8-sig")


def number_or_text(text):
    return int(text) if text.isdigit() else text


def as_old_excel(folder, release):
    import xlwt

    book = xlwt.Workbook()
    for number, line in enumerate(("CDISC Terminology", "NCI EVS publishes this file", "")):
        (book.add_sheet("ReadMe") if not number else book.get_sheet(0)).write(number, 0, line)
    sheet = book.add_sheet("SDTM Terminology 2099-01-01")
    for number, row in enumerate(rows_of(release)):
        for column, text in enumerate(row):
            sheet.write(number, column, number_or_text(text))
    path = folder / "SDTM Terminology.xls"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the writer is as old as the form
        book.save(str(path))
    return path


def as_excel(folder, release):
    """An Excel file as programs write it: shared texts, styles, a sheet ReadMe before."""
    from openpyxl import Workbook

    book = Workbook()
    book.active.title = "ReadMe"
    book.active.append(["CDISC Terminology", None, "NCI EVS publishes this file"])
    sheet = book.create_sheet("SDTM Terminology 2099-01-01")
    for row in rows_of(release):
        sheet.append([number_or_text(text) for text in row])
    path = folder / "SDTM Terminology.xlsx"
    book.save(path)
    return path


def as_bare_excel(folder, release, name="SDTM Terminology 2099-01-01"):
    """An Excel file as its standard describes it, by hand: sheets of inline texts."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    rels = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    kind = "application/vnd.openxmlformats-officedocument.spreadsheetml"

    def cell(text):
        if text.isdigit():
            return f"<c><v>{text}</v></c>"
        return f'<c t="inlineStr"><is><t xml:space="preserve">{escape(text)}</t></is></c>'

    body = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in rows_of(release))
    path = folder / "download.xlsx"
    with zipfile.ZipFile(path, "w") as file:
        file.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{package}/content-types">'
            '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.'
            'relationships+xml"/>'
            f'<Override PartName="/xl/workbook.xml" ContentType="{kind}.sheet.main+xml"/>'
            f'<Override PartName="/xl/s1.xml" ContentType="{kind}.worksheet+xml"/></Types>',
        )
        file.writestr(
            "_rels/.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{rels}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        )
        file.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{main}" xmlns:r="{rels}"><sheets>'
            f'<sheet name="{name}" sheetId="1" r:id="r1"/></sheets></workbook>',
        )
        file.writestr(
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
            f'Type="{rels}/worksheet" Target="s1.xml"/></Relationships>',
        )
        file.writestr(
            "xl/s1.xml",
            f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>',
        )
    return path


def referred(text):
    """A text as the program of NCI EVS escapes it."""
    plain = escape(text, {'"': "&quot;", "'": "&apos;"})
    return "".join(one if ord(one) < 127 else f"&#{ord(one)};" for one in plain)


def synonym_lines(indent, synonyms):
    for one in "; ".join(synonyms).replace("; ", ";").split(";"):
        if one:
            yield f"{indent}<nciodm:CDISCSynonym>{referred(one)}</nciodm:CDISCSynonym>\n"


def odm_text(release):
    yield '<?xml version="1.0" encoding="UTF-8"?>\n\n'
    yield (
        '<ODM xmlns="http://www.cdisc.org/ns/odm/v1.3" '
        'xmlns:xs="http://www.w3.org/2001/XMLSchema-instance" '
        'xmlns:nciodm="http://ncicb.nci.nih.gov/xml/odm/EVS/CDISC" FileType="Snapshot" '
        'FileOID="CDISC_CT.SDTM.2099-01-01" Granularity="Metadata" '
        'CreationDateTime="2099-01-02T09:30:00" AsOfDateTime="2099-01-01T00:00:00" '
        'ODMVersion="1.3.2" Originator="CDISC XML Technologies Team (Terminology2ODM converter)" '
        'SourceSystem="NCI Thesaurus" SourceSystemVersion="2099-01-01" '
        'nciodm:Context="Submission" nciodm:ControlledTerminologyVersion="1.2.0">\n'
        '    <Study OID="CDISC_CT.SDTM.2099-01-01">\n        <GlobalVariables>\n'
        "            <StudyName>CDISC SDTM Controlled Terminology</StudyName>\n"
        "            <StudyDescription>CDISC SDTM Controlled Terminology, 2099-01-01"
        "</StudyDescription>\n"
        "            <ProtocolName>CDISC SDTM Controlled Terminology</ProtocolName>\n"
        "        </GlobalVariables>\n"
        '        <MetaDataVersion OID="CDISC_CT_MetaDataVersion.SDTM.2099-01-01" '
        'Name="CDISC SDTM Controlled Terminology" '
        'Description="CDISC SDTM Controlled Terminology, 2099-01-01">\n'
    )
    for code, short, extensible, name, preferred, terms in release:
        yield (
            f'            <CodeList OID="CL.{code}.{referred(short)}" Name="{referred(name)}" '
            f'DataType="text" nciodm:ExtCodeID="{code}" '
            f'nciodm:CodeListExtensible="{extensible}">\n'
            "                <Description>\n"
            '                    <TranslatedText xml:lang="en">The patient&#8217;s answer.'
            "</TranslatedText>\n                </Description>\n"
        )
        for term, value, said, *synonyms in terms:
            yield (
                f'                <EnumeratedItem CodedValue="{referred(value)}" '
                f'nciodm:ExtCodeID="{term}">\n'
            )
            yield from synonym_lines(" " * 20, synonyms)
            yield (
                "                    <nciodm:CDISCDefinition>A definition; of it."
                "</nciodm:CDISCDefinition>\n"
                f"                    <nciodm:PreferredTerm>{referred(said)}"
                "</nciodm:PreferredTerm>\n                </EnumeratedItem>\n"
            )
        yield (
            f"                <nciodm:CDISCSubmissionValue>{referred(short)}"
            "</nciodm:CDISCSubmissionValue>\n"
        )
        yield from synonym_lines(" " * 16, [name])
        yield (
            f"                <nciodm:PreferredTerm>{referred(preferred)}"
            "</nciodm:PreferredTerm>\n            </CodeList>\n"
        )
    yield "        </MetaDataVersion>\n    </Study>\n</ODM>\n"


def as_odm(folder, release):
    path = folder / "SDTM Terminology.odm.xml"
    path.write_text("".join(odm_text(release)), encoding="utf-8")
    return path


def as_library(folder, release):
    codelists = [
        {
            "conceptId": code, "extensible": {"Yes": "true", "No": "false"}.get(
                extensible, extensible
            ),
            "name": name, "submissionValue": short, "definition": "The patient\u2019s answer.",
            "preferredTerm": preferred, "synonyms": [name],
            "terms": [
                {
                    "conceptId": term, "submissionValue": value, "definition": "A definition.",
                    "preferredTerm": said,
                    # as an interface may: in another order, and none at all
                    **({"synonyms": synonyms[0].split("; ")[::-1]} if synonyms else {}),
                }
                for term, value, said, *synonyms in terms
            ],
        }
        for code, short, extensible, name, preferred, terms in release
    ]  # fmt: skip
    value = {
        "_links": {"self": {
            "href": "/mdr/ct/packages/sdtmct-2099-01-01",
            "title": "SDTM Controlled Terminology Package 57", "type": "Terminology",
        }},
        "codelists": codelists, "effectiveDate": "2099-01-01", "name": "SDTM CT 2099-01-01",
        "label": "SDTM Controlled Terminology Package 57", "registrationStatus": "Final",
        "source": "NCI EVS", "version": "2099-01-01",
    }  # fmt: skip
    path = folder / "library.json"
    path.write_text(json.dumps(value), encoding="utf-8")
    return path


def as_compact(folder, release):
    """Compact JSON, which has no synonyms."""
    codelists = [
        {
            "code": code, "name": name, "submissionValue": short, "preferredTerm": preferred,
            "extensible": {"Yes": True, "No": False}.get(extensible, extensible),
            "terms": [list(term[:3]) for term in terms],
        }
        for code, short, extensible, name, preferred, terms in release
    ]  # fmt: skip
    value = {
        "package": "sdtmct-2099-01-01",
        "termColumns": ["code", "submissionValue", "preferredTerm"],
        "codelists": codelists,
    }
    path = folder / "compact.json"
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path
