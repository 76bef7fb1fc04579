import pytest

from cdisc.diagnostics import Span
from cdisc.errors import ConformanceError
from define_xml import build_define, define_bytes, read_define


@pytest.fixture
def text(sdtm, created):
    return define_bytes(build_define(sdtm, created=created)).decode()


@pytest.fixture
def read(tmp_path):
    def write_and_read(content):
        path = tmp_path / "define.xml"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return read_define(path)

    return write_and_read


def refused(read, content):
    with pytest.raises(ConformanceError) as error:
        read(content)
    return [(one.code, one.fact, one.span.line) for one in error.value.diagnostics]


DOCUMENT_TYPE = (
    "DEF001",
    "the define.xml declares a document type, which may define entities",
    2,
)


def test_entities_are_refused_before_they_swell(read, text):
    bomb = '<!DOCTYPE ODM [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>\n<ODM'
    assert refused(read, text.replace("<ODM", bomb, 1)) == [DOCUMENT_TYPE]


def test_external_entities_are_refused_and_not_opened(read, text, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    outside = f'<!DOCTYPE ODM [<!ENTITY s SYSTEM "{secret.as_uri()}">]>\n<ODM'
    content = text.replace("<ODM", outside, 1).replace("P-1", "&s;")
    assert refused(read, content) == [DOCUMENT_TYPE]


def test_a_document_type_in_another_encoding_is_refused_too(read, text):
    content = text.replace("<ODM", '<!DOCTYPE ODM SYSTEM "http://x.test/odm.dtd">\n<ODM', 1)
    assert refused(read, content.replace("UTF-8", "UTF-16").encode("utf-16")) == [DOCUMENT_TYPE]


def test_a_file_that_breaks_off_is_not_well_formed(read, text):
    lines = text.splitlines()[:10]
    found = refused(read, "\n".join(lines))
    assert found == [("DEF001", "the define.xml is not well-formed XML", 10)]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('def:DefineVersion="2.1.0"', 'def:DefineVersion="1.0.0"'),
        ("http://www.cdisc.org/ns/odm/v1.3", "http://www.cdisc.org/ns/odm/v1.2"),
        ("http://www.cdisc.org/ns/def/v2.1", "http://www.cdisc.org/ns/def/v2.0"),
        ("MetaDataVersion", "MetaData"),
    ],
)
def test_another_version_is_refused(read, text, old, new):
    found = refused(read, text.replace(old, new))
    assert found == [("DEF002", "the file is not a define.xml of version 2.0 or 2.1", 2)]


def test_all_missing_and_mistyped_parts_are_reported_together(read, text):
    content = text.replace(' Repeating="No"', "", 1)
    content = content.replace('OrderNumber="2"', 'OrderNumber="two"', 1)
    content = content.replace('Mandatory="Yes"', 'Mandatory="yes"', 1)
    content = content.replace(' def:Structure="One record per ARMCD"', "")
    content = content.replace("<ProtocolName>P-1</ProtocolName>", "")
    content = content.replace('CreationDateTime="2026-01-31T', 'CreationDateTime="2026-01-32T')
    codes_and_facts = [(code, fact) for code, fact, _ in refused(read, content)]
    assert codes_and_facts == [
        ("DEF003", 'ODM holds "2026-01-32T12:00:00+00:00" in CreationDateTime'),
        ("DEF003", "ODM lacks Study/GlobalVariables/ProtocolName"),
        ("DEF003", 'ItemRef "IT.SUPPAE.QVAL.AETRTEM" holds "two" in OrderNumber'),
        ("DEF003", 'ItemGroupDef "IG.TA" lacks Repeating'),
        ("DEF003", 'ItemGroupDef "IG.TA" lacks def:Structure'),
        ("DEF003", 'ItemRef "IT.TA.STUDYID" holds "yes" in Mandatory'),
    ]


def test_a_finding_points_at_the_line_of_the_element(read, text, tmp_path):
    content = text.replace(' def:Structure="One record per ARMCD"', "")
    line = 1 + next(at for at, each in enumerate(content.splitlines()) if 'OID="IG.TA"' in each)
    with pytest.raises(ConformanceError) as error:
        read(content)
    assert error.value.diagnostics[0].span == Span(str(tmp_path / "define.xml"), line, 1, 1)


def test_what_the_model_cannot_hold_is_listed_and_not_dropped(read, text):
    content = text.replace(
        "</MetaDataVersion>",
        '<v:Extension xmlns:v="http://vendor.test/v1"><v:Part/></v:Extension></MetaDataVersion>',
    )
    content = content.replace('Name="AE"', 'Name="AE" Origin="old"', 1)
    french = '<TranslatedText xml:lang="fr">Armes</TranslatedText>'
    content = content.replace("Trial Arms</TranslatedText>", f"Trial Arms</TranslatedText>{french}")
    define = read(content)
    assert [part.partition(", line ")[0] for part in define.unread] == [
        "TranslatedText",
        "ItemGroupDef/@Origin",
        "Extension",
    ]


def test_a_text_without_a_language_is_english_and_a_schema_location_is_no_content(read, text):
    content = text.replace(' xml:lang="en"', "").replace(
        "<ODM ",
        '<ODM xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="a b" ',
    )
    assert read(content) == read(text)


def test_comments_and_instructions_are_skipped(read, text):
    content = text.replace("<Study ", "<!-- by hand --><?page break?><Study ", 1)
    assert read(content) == read(text)


def test_an_absent_yes_or_no_keeps_its_meaning(read, text):
    assert read(text.replace(' IsReferenceData="No"', "")) == read(text)
