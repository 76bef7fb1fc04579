import dataclasses
import shutil

import pytest

from cdisc.dataset import StandardUse
from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import RawDataError
from cdisc.review import validate_package
from cdisc.standard import load_adam

from .conftest import ADAM, ADSL, DM, DS, SDTM, dataset, text, with_rows, write

OF_DATASETS = ("SDTM", "ADAM", "CT", "DEF", "STD")


def without_place(findings):
    """Findings as the datasets alone tell them: no line of a mapping, no reason of the study."""
    return sorted(
        (dataclasses.replace(one, span=None, explained=None) for one in findings), key=repr
    )


def of(findings, *codes):
    return [one for one in findings if one.code in codes]


def codes(findings):
    return {one.code for one in findings}


def test_a_package_that_was_built_has_the_findings_of_its_build(demonstration):
    package, report = demonstration
    built = [one for one in report.findings if one.code.startswith(OF_DATASETS)]

    found = validate_package(package)

    assert without_place(found) == without_place(built)
    others = {one.code for one in report.findings if one not in built}
    assert others <= {"DATA011", "DATA012", "DATA018", "DATA036"}


def test_findings_are_many_enough_for_the_round_trip_to_mean_something(demonstration):
    package, _ = demonstration

    assert {"CT003", "SDTM019"} <= codes(validate_package(package))


def test_without_a_define_the_newest_standards_are_taken_and_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "data" / "sdtm", [DM, DS], define=False)
    write(tmp_path / "data" / "adam", [ADSL], standards=ADAM, define=False)

    found = validate_package(tmp_path.joinpath("data").relative_to(tmp_path))

    expected = "a define.xml that names guide and terminology"
    assumed = "assumed, as the newest that are carried: "
    assert of(found, "SDTM040", "ADAM040") == [
        Diagnostic(
            "ADAM040",
            'no define.xml names the standards of "data/adam"',
            expected=expected,
            help=f"{assumed}ADaMIG 1.3, CT sdtm 2025-03-28, CT adam 2026-03-27",
        ),
        Diagnostic(
            "SDTM040",
            'no define.xml names the standards of "data/sdtm"',
            expected=expected,
            help=f"{assumed}SDTMIG 3.4, CT sdtm 2025-03-28",
        ),
    ]


def test_without_a_define_the_standard_knows_what_a_dataset_is(tmp_path):
    nameless = dataclasses.replace(
        DM, variables=(*DM.variables[:2], dataclasses.replace(DM.variables[2], label="Subject"))
    )

    found = validate_package(write(tmp_path / "sdtm", [nameless, DS], define=False))

    assert [(one.dataset, one.variable) for one in of(found, "SDTM004")] == [("DM", "USUBJID")]
    assert ("DM", "SEX") in {(one.dataset, one.variable) for one in of(found, "SDTM001")}
    assert of(found, "SDTM003", "SDTM025") == []


@pytest.mark.parametrize(
    ("name", "structure", "variable", "label"),
    [
        ("ADSL", "SUBJECT LEVEL ANALYSIS DATASET", "SITEID", "Study Site Identifier"),
        ("ADTEST", "BASIC DATA STRUCTURE", "PARAM", "Parameter"),
    ],
)
def test_without_a_define_the_structure_of_analysis_data_is_told_from_their_variables(
    tmp_path, name, structure, variable, label
):
    required = [
        text(one.name, "Wrong" if one.name == variable else one.label)
        for one in load_adam("1.3").dataset(name, structure).variables
        if one.core == "Req" and one.name.isupper()
    ]
    analysed = dataset(name, "", (), required, [["A"] * len(required)])

    found = validate_package(write(tmp_path / "x", [analysed], standards=ADAM, define=False))

    assert [(one.variable, one.expected) for one in of(found, "ADAM004")] == [(variable, label)]


def test_a_define_of_another_version_is_reported_and_the_data_are_validated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = write(tmp_path / "sdtm", [DM, DS]) / "define.xml"
    path.write_text(
        path.read_text("utf-8").replace('DefineVersion="2.1.0"', 'DefineVersion="3.0.0"'), "utf-8"
    )

    found = validate_package(path.parent.relative_to(tmp_path))

    assert len(of(found, "DEF002")) == 1
    assert [one.fact for one in of(found, "SDTM040")] == [
        'the define.xml of "sdtm" cannot be read, so no standard is named'
    ]
    assert "SDTM001" in codes(found)


def test_a_release_that_is_not_carried_is_reported_where_it_is_named(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    old = (
        StandardUse("SDTMIG", "SDTMIG", "IG", "3.1.2"),
        StandardUse("CT-SDTM", "CDISC/NCI", "CT", "2011-06-10", "SDTM"),
    )
    path = write(tmp_path / "sdtm", [DM, DS], standards=old) / "define.xml"
    lines = path.read_text("utf-8").splitlines()

    found = of(validate_package(path.parent.relative_to(tmp_path)), "STD001", "STD002")

    assert [(one.code, one.fact, one.help) for one in found] == [
        (
            "STD001",
            'SDTMIG "3.1.2" is not carried',
            "SDTMIG 3.4, the newest that is carried, was used; its findings may not apply",
        ),
        (
            "STD002",
            'controlled terminology "sdtm 2011-06-10" is not carried',
            "CT sdtm 2025-03-28, the newest that is carried, was used; its findings may not apply",
        ),
    ]
    for one, word in zip(found, ["3.1.2", "2011-06-10"], strict=True):
        number = next(at for at, line in enumerate(lines, 1) if word in line)
        start = lines[number - 1].index(f'Version="{word}"') + 1
        assert one.span == Span(
            "sdtm/define.xml", number, start, start + len(word) + 10, lines[number - 1]
        )


def test_the_other_findings_do_not_depend_on_a_release_that_is_not_carried(tmp_path):
    old = (SDTM[0], StandardUse("CT-SDTM", "CDISC/NCI", "CT", "2011-06-10", "SDTM"))
    new = validate_package(write(tmp_path / "new", [DM, DS]))

    found = validate_package(write(tmp_path / "old", [DM, DS], standards=old))

    assert without_place(one for one in found if one.code != "STD002") == without_place(new)


def test_a_define_that_names_no_terminology_is_said(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    plain = dataclasses.replace(DS.variables[4], codelist=None)
    unnamed = dataclasses.replace(DS, variables=(*DS.variables[:4], plain))
    write(tmp_path / "sdtm", [DM, unnamed], standards=SDTM[:1])

    found = validate_package(tmp_path.joinpath("sdtm").relative_to(tmp_path))

    assert [(one.fact, one.help) for one in of(found, "SDTM040")] == [
        (
            'the define.xml of "sdtm" does not name every standard',
            "assumed, as the newest that are carried: CT sdtm 2025-03-28",
        )
    ]


def test_keys_come_from_the_define(tmp_path):
    twice = with_rows(DS, [("S1", "DS", "S1-1", "COMPLETED", "STUDY TREATMENT")] * 2)

    with_define = validate_package(write(tmp_path / "with", [DM, twice]))
    without = validate_package(write(tmp_path / "without", [DM, twice], define=False))

    assert [(one.expected, one.records) for one in of(with_define, "SDTM014")] == [
        ("one record for each USUBJID, DSTERM", 2)
    ]
    assert of(without, "SDTM014") == []


def test_a_term_that_the_define_marks_as_extended_is_a_note(tmp_path):
    marked = validate_package(write(tmp_path / "marked", [DM, DS]))
    unmarked = validate_package(write(tmp_path / "unmarked", [DM, DS], define=False))

    assert [one.found for one in of(marked, "CT003")] == [('"CAR-T": record 2',)]
    assert of(marked, "CT002") == []
    assert [one.found for one in of(unmarked, "CT002")] == [('"CAR-T": record 2',)]


def test_a_value_that_the_codelist_of_the_define_lacks_is_found_on_both_sides(tmp_path):
    package = write(tmp_path / "sdtm", [DM, DS])
    other = with_rows(DS, [("S1", "DS", "S1-1", "COMPLETED", "STUDY PARTICIPATION")] * 2)
    write(tmp_path / "other", [other], define=False)
    shutil.copy(tmp_path / "other" / "ds.xpt", package / "ds.xpt")

    found = validate_package(package)

    assert [(one.code, one.found) for one in of(found, "CT005", "DEF030")] == [
        ("CT005", ('"STUDY PARTICIPATION": 2 records, first 1',)),
        ("DEF030", ('"STUDY PARTICIPATION"',)),
    ]


def test_a_label_of_the_file_is_not_hidden_by_that_of_the_define(tmp_path):
    package = write(tmp_path / "sdtm", [DM, DS])
    path = package / "define.xml"
    label = "Reported Term for the Disposition Event"
    path.write_text(path.read_text("utf-8").replace(label, "Term"), "utf-8")

    found = validate_package(package)

    assert [one.found for one in of(found, "DEF025")] == [
        (f'data "{label}"', 'define.xml "Term"'),
    ]


def test_a_dataset_that_the_define_forgets_is_validated_by_the_standard(tmp_path):
    package = write(tmp_path / "sdtm", [DM])
    forgotten = with_rows(DS, [("S1", "XX", "S1-1", "COMPLETED", "STUDY TREATMENT")])
    write(tmp_path / "other", [forgotten], define=False)
    shutil.copy(tmp_path / "other" / "ds.xpt", package / "ds.xpt")

    found = validate_package(package)

    assert [one.dataset for one in of(found, "DEF020", "SDTM027")] == ["DS", "DS"]


def test_analysis_data_are_compared_with_the_tabulation_data_of_their_study(tmp_path):
    others = [("S2", "DM", "S1-1"), ("S2", "DM", "S1-3")]
    analysed = [("S2", "S1-1"), ("S2", "S1-3"), ("S2", "S1-4")]
    write(tmp_path / "s1" / "tabulations" / "sdtm", [DM])
    write(tmp_path / "s1" / "analysis" / "adam", [ADSL], standards=ADAM)
    write(tmp_path / "s2" / "tabulations" / "sdtm", [with_rows(DM, others)], name="S2")
    write(tmp_path / "s2" / "analysis" / "adam", [with_rows(ADSL, analysed)], standards=ADAM)

    found = of(validate_package(tmp_path), "ADAM028")

    assert [(one.variable, one.found) for one in found] == [
        ("USUBJID", ('"S1-3": record 2',)),
        ("USUBJID", ('"S1-4": record 3',)),
    ]


def test_everything_that_cannot_be_read_is_said_before_anything_is_validated(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    package = write(tmp_path / "sdtm", [DM, DS]).relative_to(tmp_path)
    (package / "dm.xpt").write_bytes((package / "dm.xpt").read_bytes()[:1000])
    (package / "ds.xpt").write_bytes(b"no transport file")

    with pytest.raises(RawDataError) as raised:
        validate_package(package)

    assert [(one.code, one.fact, str(one.span)) for one in raised.value.diagnostics] == [
        ("XPT032", '"dm.xpt" has 1,000 bytes, no multiple of 80', "sdtm/dm.xpt:1:1"),
        ("XPT031", '"ds.xpt" is no transport file', "sdtm/ds.xpt:1:1"),
    ]


def test_text_is_read_in_the_encoding_that_is_named(tmp_path):
    package = write(tmp_path / "sdtm", [DM, DS])
    path = package / "ds.xpt"
    path.write_bytes(path.read_bytes().replace(b"CAR-T", b"CAR-\xc4"))

    with pytest.raises(RawDataError) as raised:
        validate_package(package)
    found = validate_package(package, encoding="latin-1")

    assert [one.code for one in raised.value.diagnostics] == ["XPT035"]
    assert [one.found for one in of(found, "CT005")] == [('"CAR-Ä": record 2',)]


@pytest.mark.parametrize(
    ("name", "fact"),
    [
        ("empty", 'there is no transport file in "empty"'),
        ("absent", '"absent" is no folder'),
        ("file", '"file" is no folder'),
    ],
)
def test_a_folder_without_transport_files_is_refused(tmp_path, monkeypatch, name, fact):
    monkeypatch.chdir(tmp_path)
    tmp_path.joinpath("empty").mkdir()
    tmp_path.joinpath("file").write_text("", "utf-8")

    with pytest.raises(RawDataError) as raised:
        validate_package(tmp_path.joinpath(name).relative_to(tmp_path))

    assert raised.value.diagnostics == (
        Diagnostic("RAW017", fact, help="name a package, or a folder that holds *.xpt"),
    )


def test_a_name_in_upper_case_is_a_transport_file_too(tmp_path):
    package = write(tmp_path / "sdtm", [DM, DS])
    before = validate_package(package)
    (package / "dm.xpt").rename(package / "DM.XPT")
    (package / "ds.xpt").rename(package / "DS.XPT")

    found = validate_package(package)

    assert [one for one in found if one.code != "DEF014"] == list(before)
    assert [one.fact for one in of(found, "DEF014")] == [
        'the file "dm.xpt" is not beside the define.xml',
        'the file "ds.xpt" is not beside the define.xml',
    ]
