"""Controlled terminology: expected values by hand from the NCI EVS releases."""

import pytest

from cdisc.errors import SpecError, StandardNotFoundError
from cdisc.resources import specs_root
from cdisc.standard import TermStandard, carried_terminology, load_terminology


def sdtm():
    return load_terminology("sdtm", "2025-03-28")


@pytest.mark.parametrize(
    ("package", "date", "codelists", "terms"),
    [
        ("sdtm", "2025-03-28", 1158, 43698),
        ("adam", "2026-03-27", 25, 144),
        ("define-xml", "2026-03-27", 15, 93),
        ("cdash", "2026-03-27", 22, 354),
        ("protocol", "2025-09-26", 51, 419),
    ],
)
def test_a_release_is_carried_whole(package, date, codelists, terms):
    release = load_terminology(package, date)
    found = [release.codelist(code) for code in release.codes()]
    assert (len(found), sum(len(one.terms) for one in found)) == (codelists, terms)


def test_a_codelist_has_all_its_facts():
    found = sdtm().codelist("C66742")
    assert (found.code, found.name, found.submission_value, found.extensible) == (
        "C66742",
        "No Yes Response",
        "NY",
        False,
    )
    assert found.terms == (
        TermStandard("C49487", "N", "No"),
        TermStandard("C48660", "NA", "Not Applicable"),
        TermStandard("C17998", "U", "Unknown"),
        TermStandard("C49488", "Y", "Yes"),
    )


def test_code_and_short_name_find_the_same_codelist():
    assert sdtm().codelist("NY") is sdtm().codelist("C66742")


@pytest.mark.parametrize("key", ["C1", "C666", "C999999", "", "ny", "C66742 ", "codelist", "code"])
def test_a_codelist_that_is_not_in_the_release_is_none(key):
    assert sdtm().codelist(key) is None


def test_terms_stand_by_submission_value_in_either_case():
    strata = load_terminology("adam", "2026-03-27").codelist("STRATA")
    assert [term.value for term in strata.terms[4:7]] == [
        "TOBACCO PRODUCT USE STATUS",
        "TOBACCO PRODUCT USE STATUS POST-TRANSITION",
        "TOBACCO PRODUCT USE STATUS PRE-TRANSITION",
    ]
    units = [term.value for term in sdtm().codelist("UNIT").terms]
    assert units == sorted(units, key=lambda text: (text.casefold(), text.encode()))


def test_extensible_codelists_say_so():
    assert (sdtm().codelist("UNIT").extensible, sdtm().codelist("AESEV").extensible) == (
        True,
        False,
    )


@pytest.mark.parametrize(
    ("codelist", "text", "value"),
    [
        ("NY", "Y", "Y"),
        ("NY", "y", "Y"),
        ("NY", "\uff59", "Y"),  # full-width y
        ("NY", "\uff39", "Y"),
        ("AESEV", "Mild", "MILD"),
        ("UNIT", "MG", "mg"),
        ("UNIT", "Pa", "Pa"),
        ("UNIT", "PA", "PA"),
        ("UNIT", "pa", None),  # Pascal or per year?
        ("NY", "Yes", None),
        ("NY", " Y", None),
        ("NY", "", None),
    ],
)
def test_a_text_matches_by_submission_value_folded_only_if_that_is_unique(codelist, text, value):
    found = sdtm().codelist(codelist).match(text)
    assert (found.value if found else None) == value


@pytest.mark.parametrize(
    ("codelist", "text", "value"),
    [
        ("NY", "Yes", "Y"),
        ("NY", "not applicable", "NA"),
        ("SEX", "female", "F"),
        ("UNIT", "pa", None),
        ("NY", "perhaps", None),
    ],
)
def test_the_preferred_term_matches_only_when_asked(codelist, text, value):
    found = sdtm().codelist(codelist).match(text, preferred=True)
    assert (found.value if found else None) == value


def test_finding_is_exact():
    assert sdtm().codelist("NY").find("y") is None
    assert sdtm().codelist("NY").find("Y") == TermStandard("C49488", "Y", "Yes")


@pytest.mark.parametrize(
    ("codelist", "partner", "value", "decode"),
    [
        ("C66741", "C67153", "SYSBP", "Systolic Blood Pressure"),
        ("C65047", "C67154", "ALT", "Alanine Aminotransferase"),
        ("VSTESTCD", "VSTEST", "TEMP", "Temperature"),
        ("VSTEST", "VSTESTCD", "Temperature", "TEMP"),
        ("C66741", "C67153", "sysbp", None),
        ("C66741", "C67153", "NOSUCH", None),
        ("C66741", "C67154", "TEMP", None),
        ("C66741", "NOSUCH", "TEMP", None),
        ("NOSUCH", "C67153", "TEMP", None),
    ],
)
def test_a_code_is_decoded_by_its_concept(codelist, partner, value, decode):
    assert sdtm().decode(codelist, partner, value) == decode


@pytest.mark.parametrize(
    ("key", "partner"),
    [
        ("C66741", "VSTEST"),
        ("LBTESTCD", "LBTEST"),
        ("TSPARMCD", "TSPARM"),
        ("NY", None),
        ("X", None),
    ],
)
def test_the_codelist_of_names_is_found_from_that_of_codes(key, partner):
    found = sdtm().partner(key)
    assert (found.submission_value if found else None) == partner


def test_both_codelists_of_every_pair_hold_the_same_concepts():
    pairs = [(sdtm().codelist(code), sdtm().partner(code)) for code in sdtm().codes()]
    differing = [
        own.submission_value
        for own, other in pairs
        if other is not None and {t.code for t in own.terms} != {t.code for t in other.terms}
    ]
    assert differing == []


@pytest.mark.parametrize("table", ["codelists.tsv", "terms.tsv"])
@pytest.mark.parametrize(("package", "date"), carried_terminology())
def test_tables_are_sorted_by_codelist_so_that_bisection_finds_each(package, date, table):
    text = (specs_root() / "ct" / f"{package}-{date}" / table).read_bytes()
    keys = [line.split(b"\t")[0] for line in text.splitlines()[1:]]
    assert keys == sorted(keys)


def _write_release(root, terms, one, ten):
    folder = root / "ct" / "sdtm-2099-01-01"
    folder.mkdir(parents=True)
    (folder / "codelists.tsv").write_text(
        "code\tvalue\textensible\tterms\tname\tpreferred_term\n"
        f"C1\tONE\tNo\t{one}\tOne\tFirst\nC10\tTEN\tYes\t{ten}\tTen\tTenth\n"
    )
    (folder / "terms.tsv").write_text("codelist\tcode\tvalue\tpreferred_term\n" + terms)
    return load_terminology("sdtm", "2099-01-01", root=root)


def test_a_code_that_begins_like_another_is_told_apart(tmp_path):
    terms = "C1\tC5\tA\tAlpha\nC10\tC6\tB\tBeta\nC10\tC7\tC\tGamma\n"
    release = _write_release(tmp_path, terms, 1, 2)
    assert [term.value for term in release.codelist("ONE").terms] == ["A"]
    assert [term.value for term in release.codelist("TEN").terms] == ["B", "C"]


def test_a_codelist_without_terms_is_empty(tmp_path):
    release = _write_release(tmp_path, "C10\tC6\tB\tBeta\n", 0, 1)
    assert release.codelist("ONE").terms == ()


def test_a_release_without_terms_at_all_has_empty_codelists(tmp_path):
    assert _write_release(tmp_path, "", 0, 0).codelist("TEN").terms == ()


def test_a_table_that_does_not_end_in_a_newline_is_read_to_its_end(tmp_path):
    release = _write_release(tmp_path, "C1\tC5\tA\tAlpha\nC10\tC6\tB\tBeta", 1, 1)
    assert release.codelist("TEN").terms == (TermStandard("C6", "B", "Beta"),)


def test_terms_are_read_only_for_the_codelist_that_is_asked_for(tmp_path):
    release = _write_release(tmp_path, "C1\tC5\tA\tAlpha\nC10\tbroken\n", 1, 1)
    assert release.codelist("ONE").terms == (TermStandard("C5", "A", "Alpha"),)
    with pytest.raises(SpecError) as raised:
        release.codelist("TEN")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.span.line, diagnostic.expected) == (
        "STD003",
        3,
        "4 fields",
    )


def test_a_term_that_stands_apart_from_its_codelist_is_an_error(tmp_path):
    terms = "C1\tC5\tA\tAlpha\nC10\tC6\tB\tBeta\nC1\tC7\tC\tGamma\n"
    with pytest.raises(SpecError) as raised:
        _write_release(tmp_path, terms, 2, 1).codelist("ONE")
    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.code, diagnostic.fact, diagnostic.expected) == (
        "STD003",
        "1 terms of C1 stand together in terms.tsv",
        "2 terms",
    )
    assert diagnostic.span.text == "C1\tONE\tNo\t2\tOne\tFirst"


def test_a_release_that_is_not_carried_names_those_that_are_and_how_to_add_it():
    with pytest.raises(StandardNotFoundError) as raised:
        load_terminology("sdtm", "2023-12-15")
    assert str(raised.value) == (
        'error[STD002]: controlled terminology "sdtm 2023-12-15" is not carried\n'
        " = expected: one of adam 2026-03-27, cdash 2026-03-27, define-xml 2026-03-27, "
        "protocol 2025-09-26, sdtm 2025-03-28\n"
        " = help: write 2025-03-28, or import it: "
        "cdisc ct import FILE --package sdtm --date 2023-12-15\n"
        " = more: cdisc explain STD002"
    )


def test_a_package_written_wrongly_is_suggested():
    with pytest.raises(StandardNotFoundError) as raised:
        load_terminology("sdmt", "2025-03-28")
    assert raised.value.diagnostics[0].help == 'did you mean "sdtm"?'
