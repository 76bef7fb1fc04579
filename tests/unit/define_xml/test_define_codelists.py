"""Codelists and dictionaries of a define.xml that is built."""

import pytest

from cdisc.dataset import Codelist, Term
from define_xml.build import build_define
from define_xml.model import (
    CodeList,
    CodeListItem,
    EnumeratedItem,
    ExternalCodeList,
)

from .definitions import one, replaced


@pytest.fixture
def tabulation(sdtm, created):
    return build_define(sdtm, created=created, annotated_crf="acrf.pdf")


@pytest.fixture
def analysis(adam, created):
    return build_define(adam, created=created)


def test_codelists_have_decodes_or_stand_for_themselves_or_name_a_dictionary(tabulation):
    assert tabulation.codelists == (
        CodeList(
            oid="CL.AESEV",
            name='Severity/Intensity <"Scale"> for Adverse Events',
            data_type="text",
            standard_oid="STD.CT-SDTM",
            enumerated=(
                EnumeratedItem(coded_value="MILD", order_number=1, code="C41338"),
                EnumeratedItem(coded_value="UNKNOWN & 'ODD'", order_number=2, extended_value=True),
            ),
            code="C66769",
        ),
        CodeList(
            oid="CL.MEDDRA_27.1",
            name="MedDRA 27.1",
            data_type="text",
            external=ExternalCodeList(dictionary="MedDRA", version="27.1"),
        ),
        CodeList(
            oid="CL.NY",
            name="No Yes Response",
            data_type="text",
            standard_oid="STD.CT-SDTM",
            items=(
                CodeListItem(coded_value="N", order_number=1, decode="No", code="C49487"),
                CodeListItem(coded_value="Y", order_number=2, decode="Yes", code="C49488"),
            ),
            code="C66742",
        ),
    )


def test_a_sponsors_numeric_codelist_is_not_in_a_standard(analysis):
    codelist = one(analysis.codelists, "CL.TRTN")
    assert (codelist.data_type, codelist.is_non_standard, codelist.code) == ("integer", True, None)


@pytest.mark.parametrize(("value", "expected"), [("2.0", "integer"), ("2.5", "float")])
def test_a_numeric_codelist_is_integer_where_all_its_values_are(adam, created, value, expected):
    codelist = Codelist("N", "Numbers", (Term("1"), Term(value)), kind="number")
    study = replaced(adam, "ADSL", TRT01PN={"codelist": codelist})
    assert one(build_define(study, created=created).codelists, "CL.N").data_type == expected


def test_a_term_without_decode_decodes_to_itself_among_terms_with_one(sdtm, created):
    mixed = Codelist("NY", "Mixed", (Term("Y", "Yes"), Term("U")))
    study = replaced(sdtm, "AE", AESER={"codelist": mixed}, AESEV={"codelist": None})
    study = replaced(study, "MH", MHTERM={"codelist": None})
    assert [item.decode for item in one(build_define(study, created=created).codelists,
                                        "CL.NY").items] == ["Yes", "U"]  # fmt: skip


def test_an_extended_term_is_marked_beside_its_decode(sdtm, created):
    codelist = Codelist("X", "X", (Term("A", "Alpha"), Term("B", "Beta", extended=True)))
    define = build_define(replaced(sdtm, "AE", AESEV={"codelist": codelist}), created=created)
    items = one(define.codelists, "CL.X").items
    assert [item.extended_value for item in items] == [False, True]


def test_codelists_of_one_name_and_unlike_content_are_told_apart_by_first_use(sdtm, created):
    other = Codelist("NY", "No Yes Response", (Term("Y", "Yes"),))
    study = replaced(sdtm, "MH", MHTERM={"codelist": other})
    define = build_define(study, created=created)
    assert [codelist.oid for codelist in define.codelists] == [
        "CL.AESEV",
        "CL.MEDDRA_27.1",
        "CL.NY.AE.AESER",
        "CL.NY.MH.MHTERM",
    ]
    assert [codelist.name for codelist in define.codelists[2:]] == [
        "No Yes Response (AE.AESER)",
        "No Yes Response (MH.MHTERM)",
    ]
    assert one(define.items, "IT.AE.AESER").codelist_oid == "CL.NY.AE.AESER"
    assert one(define.items, "IT.MH.MHTERM").codelist_oid == "CL.NY.MH.MHTERM"


def test_a_codelist_without_terms_is_not_written(sdtm, created):
    empty = Codelist("EMPTY", "Empty", ())
    define = build_define(replaced(sdtm, "AE", AESEV={"codelist": empty}), created=created)
    assert one(define.items, "IT.AE.AESEV").codelist_oid is None
    assert "CL.EMPTY" not in [codelist.oid for codelist in define.codelists]
