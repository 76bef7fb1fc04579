import pytest

from cdisc.errors import RawDataError
from cdisc.raw import RawFormSource, read_raw, records

CONTEXT = {
    "StudyOID": "S",
    "LocationOID": "L1",
    "SubjectKey": "001",
    "StudyEventOID": "SE.V1",
    "StudyEventRepeatKey": "1",
    "FormOID": "F.AE",
    "FormRepeatKey": None,
    "ItemGroupOID": "IG.AE",
    "ItemGroupRepeatKey": "1",
}


def odm(body, version="1.3", kind="Snapshot"):
    return (
        f'<?xml version="1.0"?><ODM xmlns="http://www.cdisc.org/ns/odm/v{version}" '
        'xmlns:mdsol="http://www.mdsol.com/ns/odm/metadata" '
        f'FileType="{kind}"><Study OID="S"><MetaDataVersion><ItemGroupDef OID="IG.AE"/>'
        '</MetaDataVersion></Study><ClinicalData StudyOID="S" MetaDataVersionOID="1">'
        f'<SubjectData SubjectKey="001"><SiteRef LocationOID="L1"/>{body}</SubjectData>'
        "</ClinicalData></ODM>"
    )


def form(groups):
    return (
        '<StudyEventData StudyEventOID="SE.V1" StudyEventRepeatKey="1"><FormData FormOID="F.AE">'
        f"{groups}</FormData></StudyEventData>"
    )


def group(items, key=1, oid="IG.AE", more=""):
    return (
        f'<ItemGroupData ItemGroupOID="{oid}" ItemGroupRepeatKey="{key}"{more}>'
        f"{items}</ItemGroupData>"
    )


def item(oid, value, more="", inside=""):
    return f'<ItemData ItemOID="{oid}" Value="{value}"{more}>{inside}</ItemData>'


def read(folder, text, **options):
    (folder / "x.xml").write_text(text, encoding="utf-8")
    (form,) = read_raw({"f": RawFormSource("x.xml", **options)}, folder).forms
    return form


def refused(folder, text, **options):
    with pytest.raises(RawDataError) as caught:
        read(folder, text, **options)
    (finding,) = caught.value.diagnostics
    return finding


@pytest.mark.parametrize("block", [1, 20_000])
def test_the_records_of_an_item_group_have_their_context_and_their_items(
    tmp_path, block, monkeypatch
):
    monkeypatch.setattr(records, "_BLOCK", block)
    unit = '<MeasurementUnitRef MeasurementUnitOID="MU.CM"/>'
    text = odm(
        form(
            group(item("T", "a &amp; b") + item("H", "5", inside=unit))
            + group(item("X", "1"), oid="IG.DM")
            + group(item("H", "") + item("U", "ü"), key=2)
        )
    )

    form_ = read(tmp_path, text, itemgroup="IG.AE")

    assert form_.table.to_pylist() == [
        CONTEXT | {"T": "a & b", "H": "5", "H.MeasurementUnitOID": "MU.CM", "U": None},
        CONTEXT
        | {"ItemGroupRepeatKey": "2", "T": None, "H": None}
        | {"H.MeasurementUnitOID": None, "U": "ü"},
    ]
    assert form_.rows.to_pylist() == [1, 3]
    assert form_.notes == ()


def test_the_context_ends_with_its_element(tmp_path):
    text = odm(form(group(item("T", "a"))) + group(item("T", "b")))

    events = read(tmp_path, text).table.column("StudyEventOID").to_pylist()

    assert events == ["SE.V1", None]


def test_typed_item_data_hold_their_value_as_text(tmp_path):
    items = (
        '<ItemDataString ItemOID="T">a <!-- b --> c</ItemDataString>'
        '<ItemDataInteger ItemOID="N">5</ItemDataInteger>'
        '<ItemDataDate ItemOID="D" IsNull="Yes"/>'
        '<ItemDataString ItemOID="E"></ItemDataString>'
    )

    table = read(tmp_path, odm(form(group(items)))).table

    assert table.drop_columns(list(CONTEXT)).to_pylist() == [
        {"T": "a  c", "N": "5", "D": None, "E": None}
    ]


def test_values_of_odm_2_are_elements_and_may_be_several(tmp_path):
    inner = group(
        '<ItemData ItemOID="T"><Value SeqNum="1">a</Value><Value SeqNum="2">b</Value></ItemData>'
        '<ItemData ItemOID="N" IsNull="Yes"/>'
    )
    text = odm(
        '<StudyEventData StudyEventOID="SE.V1" StudyEventRepeatKey="1">'
        f"{group(inner, oid='F.AE')}</StudyEventData>",
        version="2.0",
    )

    assert read(tmp_path, text, itemgroup="IG.AE").table.to_pylist() == [
        CONTEXT | {"T": "a", "T.2": "b", "N": None}
    ]


def test_what_is_no_record_is_kept_apart_and_counted(tmp_path):
    audit = (
        '<AuditRecord><UserRef UserOID="U"/><LocationRef LocationOID="L"/>'
        "<DateTimeStamp>2020-01-01T00:00:00</DateTimeStamp></AuditRecord>"
    )
    text = odm(
        form(
            group(item("T", "a", inside=audit) + item("X", "b", ' TransactionType="Remove"'))
            + group(item("T", "gone"), key=2, more=' TransactionType="Remove"')
            + group(item("T", "c") + "<mdsol:Query Value='v'><mdsol:X/></mdsol:Query>", key=3)
            + "<Annotation SeqNum='1'><Comment>no data</Comment></Annotation>"
        )
        + f"<AuditRecords>{audit}{audit}</AuditRecords>"
    )

    form_ = read(tmp_path, text)

    assert form_.table.drop_columns(list(CONTEXT)).to_pylist() == [{"T": "a"}, {"T": "c"}]
    assert form_.rows.to_pylist() == [1, 3]
    (note,) = form_.notes
    assert note.code == "RAW027"
    assert note.found == (
        "Annotation, 1 time",
        "AuditRecord, 3 times",
        "element of another namespace, 1 time",
        "removed ItemData, 1 time",
        "removed ItemGroupData, 1 time",
    )


def test_an_item_group_must_be_chosen_among_several(tmp_path):
    text = odm(form(group("") + group("", oid="IG.DM")))

    none, wrong = refused(tmp_path, text), refused(tmp_path, text, itemgroup="IG.AF")

    assert (none.code, none.found) == ("RAW022", ("IG.AE, 1 time", "IG.DM, 1 time"))
    assert wrong.fact == '"x.xml" has no item group "IG.AF" in its clinical data'
    assert wrong.help == 'did you mean "IG.AE"?'


@pytest.mark.parametrize(
    ("text", "row"),
    [
        (odm(form(group(item("T", "a") + item("T", "b")))), "1"),
        (odm(form(group(item("T", "a")) + group(item("T", "b"))), kind="Transactional"), "2"),
    ],
)
def test_two_values_of_one_item_are_refused(tmp_path, text, row):
    finding = refused(tmp_path, text)

    assert (finding.code, finding.found) == ("RAW028", (f"ItemGroupData {row}",))


@pytest.mark.parametrize(
    "type_",
    [
        '<!DOCTYPE ODM [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE ODM [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>',
        '<!DOCTYPE ODM SYSTEM "http://example.com/odm.dtd">',
        '<!DOCTYPE ODM [<!ENTITY % e SYSTEM "file:///etc/hostname"> %e;]>',
    ],
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_document_type_is_refused_before_it_does_anything(tmp_path, type_, codec):
    text = odm(form(group(item("T", "&b;")))).replace('<?xml version="1.0"?>', type_)
    (tmp_path / "x.xml").write_bytes(text.encode(codec))

    with pytest.raises(RawDataError) as caught:
        read_raw({"f": RawFormSource("x.xml")}, tmp_path)

    assert [one.code for one in caught.value.diagnostics] == ["RAW026"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<ODM",
        odm(form(group("")))[:-10],
        "<html/>",
        odm("").replace("http://www.cdisc.org/ns/odm/v1.3", "http://example.com"),
        "<a>" * 1000 + "</a>" * 1000,
    ],
)
def test_what_is_no_whole_odm_is_refused(tmp_path, text):
    assert refused(tmp_path, text).code == "RAW021"
