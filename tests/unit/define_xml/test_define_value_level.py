"""Values by test, parameter and qualifier: types and lengths of the data, the rest of the spec."""

import dataclasses

import pytest

from cdisc.dataset import Codelist, Dictionary, Division, Method, Origin, Term, Value
from define_xml import build_define, check_define, write_define
from define_xml.described import Described, describe_values
from define_xml.model import CodeListItem, ItemDef, ItemRef, RangeCheck, WhereClause
from tests.unit.define_xml.conftest import ASSIGNED, COLLECTED, DERIVED, dataset, number, text

HAND = Codelist("HAND", "Hand", (Term("LEFT", "Left Hand"), Term("RIGHT", "Right Hand")))
TEST = text("VSTESTCD", "Vital Signs Test Short Name", 8, core="Req", origin=COLLECTED)
NAME = text("VSTEST", "Vital Signs Test Name", 20, core="Req", origin=COLLECTED)


def vital_signs(rows, division=None):
    variables = (
        TEST,
        NAME,
        text(
            "VSORRES",
            "Result",
            200,
            origin=DERIVED,
            method=Method("As it was collected.", "vs.RESULT"),
            division=division or Division("VSTESTCD", "VSTEST"),
        ),
        number("VSSTRESN", "Numeric Result", origin=ASSIGNED, division=Division("VSTESTCD")),
    )
    keys = ("VSTESTCD",)
    return dataset("VS", "Vital Signs", "FINDINGS", keys, variables, rows, standard="SDTMIG")


def described(values, column="VSORRES"):
    rows = [["T", "Test", *one] for one in values]
    vs = vital_signs(rows)
    variable = vs.variable(column)
    (found,) = describe_values(vs.table, variable, variable.division, said="QORIG")
    return found


@pytest.mark.parametrize(
    ("values", "data_type", "length", "digits"),
    [
        (["12", "-7", "100"], "integer", 3, None),
        (["12", "0.50", "7.125"], "float", 5, 3),
        (["007", "12"], "text", 3, None),  # a code
        (["<5", "12"], "text", 2, None),
        (["2014-01-02", "2020-12-31"], "date", 10, None),
        (["2014-01-02T10:00:00"], "datetime", 19, None),
        (["P14D", "PT8H"], "durationDatetime", 4, None),
        (["2014", "1999"], "integer", 4, None),
        (["né"], "text", 3, None),  # bytes of UTF-8
        (["1e5", "NaN"], "text", 3, None),
    ],
)
def test_the_type_of_collected_text_is_the_narrowest_that_all_its_values_have(
    values, data_type, length, digits
):
    found = described([(one, None) for one in values])
    assert found == Described("T", "Test", data_type, length, digits, None)


def test_numbers_have_the_decimals_that_they_need_and_the_length_of_the_variable():
    whole = described([(None, 1.0), (None, 2.0), (None, None)], "VSSTRESN")
    assert whole == Described("T", None, "integer", 8, None, None)
    broken = described([(None, 1.0), (None, 0.125)], "VSSTRESN")
    assert broken == Described("T", None, "float", 8, 3, None)


ROWS = [
    ["HEIGHT", "Height", "182.5", 182.5],
    ["HEIGHT", "Height", "170", 170.0],
    ["SIDE", "Side", "LEFT", None],
    ["NONE", "Nothing", None, None],
    ["BMI", "Body Mass", "23", 23.0],
]
KNOWN = Division(
    "VSTESTCD",
    "VSTEST",
    (
        Value("SIDE", codelist=HAND, origin=COLLECTED),
        Value("BMI", origin=DERIVED, method=Method("Weight by height.", "w / h"), comment="ok"),
        Value("GONE", origin=COLLECTED),  # no record has it
    ),
)


@pytest.fixture
def define(sdtm, created):
    study = dataclasses.replace(sdtm, datasets=(vital_signs(ROWS, KNOWN),))
    return build_define(study, created=created)


def one(definitions, oid):
    (found,) = [item for item in definitions if item.oid == oid]
    return found


def test_each_test_with_a_result_is_a_value_of_the_result(define):
    assert one(define.value_lists, "VL.VS.VSORRES").item_refs == tuple(
        ItemRef(
            item_oid=f"IT.VS.VSORRES.{test}",
            order_number=order,
            mandatory=False,
            method_oid="MT.VS.VSORRES.BMI" if test == "BMI" else None,
            where_clause_oids=(f"WC.VS.VSTESTCD.{test}",),
        )
        for order, test in enumerate(["BMI", "HEIGHT", "SIDE"], start=1)
    )
    numeric = one(define.value_lists, "VL.VS.VSSTRESN").item_refs
    assert [ref.item_oid for ref in numeric] == ["IT.VS.VSSTRESN.BMI", "IT.VS.VSSTRESN.HEIGHT"]
    assert one(define.items, "IT.VS.VSORRES").value_list_oid == "VL.VS.VSORRES"


def test_a_value_says_its_own_type_codelist_origin_method_and_comment(define):
    assert one(define.items, "IT.VS.VSORRES.HEIGHT") == ItemDef(
        oid="IT.VS.VSORRES.HEIGHT",
        name="HEIGHT",
        data_type="float",
        length=5,
        significant_digits=1,
        sas_field_name="VSORRES",
        description="Height",
    )
    side = one(define.items, "IT.VS.VSORRES.SIDE")
    assert (side.data_type, side.length, side.codelist_oid) == ("text", 4, "CL.HAND")
    assert [origin.type for origin in side.origins] == ["Collected"]
    index = one(define.items, "IT.VS.VSORRES.BMI")
    assert (index.comment_oid, index.origins[0].type) == ("COM.VS.VSORRES.BMI", "Derived")
    assert one(define.methods, "MT.VS.VSORRES.BMI").description == "Weight by height."
    assert one(define.codelists, "CL.HAND").items[0] == CodeListItem(
        coded_value="LEFT", order_number=1, decode="Left Hand"
    )


def test_the_condition_of_a_test_is_written_once_for_all_its_variables(define):
    assert define.where_clauses == tuple(
        WhereClause(
            oid=f"WC.VS.VSTESTCD.{test}",
            range_checks=(
                RangeCheck(
                    comparator="EQ", soft_hard="Soft", item_oid="IT.VS.VSTESTCD", values=(test,)
                ),
            ),
        )
        for test in ("BMI", "HEIGHT", "SIDE")
    )


def test_value_level_metadata_of_tests_are_valid_and_nothing_of_them_is_unused(
    define, tmp_path, schema_root
):
    path = tmp_path / "define.xml"
    write_define(define, path)
    (tmp_path / "vs.xpt").touch()
    found = check_define(path, schema_root=schema_root)
    assert [one.code for one in found] == ["DEF017"]  # there is no CRF


def test_a_qualifier_of_whole_numbers_is_a_whole_number(sdtm, created):
    supp = sdtm.dataset("SUPPAE")
    numbers = supp.table.set_column(
        supp.table.column_names.index("QVAL"), "QVAL", [["1", "2", "12"]]
    )
    known = text("AESI", "Special Interest", origin=Origin("Assigned", "Sponsor"))
    study = dataclasses.replace(
        sdtm, datasets=(dataclasses.replace(supp, table=numbers, qualifiers=(known,)),)
    )
    interest = one(build_define(study, created=created).items, "IT.SUPPAE.QVAL.AESI")
    assert (interest.data_type, interest.length) == ("integer", 2)
    assert [(origin.type, origin.source) for origin in interest.origins] == [
        ("Assigned", "Sponsor")
    ]


def test_names_and_codes_of_one_dictionary_are_codelists_of_their_own_types(sdtm, created):
    meddra = Dictionary("MedDRA", "27.1")
    variables = (
        text("AEDECOD", "Dictionary-Derived Term", dictionary=meddra, origin=ASSIGNED),
        number("AEPTCD", "Preferred Term Code", integer=True, dictionary=meddra, origin=ASSIGNED),
    )
    events = dataset("AE", "Adverse Events", "EVENTS", ("AEDECOD",), variables, [["Rash", 1.0]])
    define = build_define(dataclasses.replace(sdtm, datasets=(events,)), created=created)
    assert [
        (one.oid, one.name, one.data_type, one.external.version) for one in define.codelists
    ] == [
        ("CL.MEDDRA_27.1", "MedDRA 27.1", "text", "27.1"),
        ("CL.MEDDRA_27.1_CODES", "MedDRA 27.1 codes", "integer", "27.1"),
    ]
    assert one(define.items, "IT.AE.AEPTCD").codelist_oid == "CL.MEDDRA_27.1_CODES"
