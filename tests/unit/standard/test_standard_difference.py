"""What changed between two releases: expected values by hand from two made-up releases."""

import json

import pytest

from cdisc.errors import StandardNotFoundError
from cdisc.standard import TermStandard, load_terminology
from cdisc.standard.difference import difference, find_release
from cdisc.tools.ct_rendering import to_json, to_text

OLD = {
    ("C1", "AGE", "No", "Age"): [("C11", "YEARS", "Year"), ("C12", "WEEKS", "Week")],
    ("C2", "SAME", "Yes", "Same"): [("C21", "A", "Alpha")],
    ("C3", "GONE", "No", "Gone"): [("C31", "G", "Gamma")],
    ("C4", "MANY", "Yes", "Many"): [
        ("C41", "kept", "Kept"), ("C42", "old name", "Renamed"), ("C43", "moved", "Moved"),
        ("C44", "left", "Left"), ("C45", "worded", "Before"), ("C46", "taken", "Giver"),
        ("C47", "taker", "Taker"),
    ],
}  # fmt: skip
NEW = {
    ("C1", "AGEU", "Yes", "Age"): [("C11", "YEARS", "Year"), ("C12", "WEEKS", "Week")],
    ("C2", "SAME", "Yes", "Same"): [("C21", "A", "Alpha")],
    ("C4", "MANY", "Yes", "Many"): [
        ("C41", "kept", "Kept"), ("C42", "new name", "Renamed"), ("C48", "moved", "Moved"),
        ("C45", "worded", "After"), ("C47", "taken", "Taker"), ("C49", "come", "Come"),
    ],
    ("C5", "COME", "No", "Come"): [("C51", "X", "Xi"), ("C52", "Y", "Ypsilon")],
}  # fmt: skip


def write(root, date, release):
    folder = root / f"sdtm-{date}"
    folder.mkdir(parents=True)
    heads = ["code\tvalue\textensible\tterms\tname\tpreferred_term"]
    rows = ["codelist\tcode\tvalue\tpreferred_term"]
    for (code, value, extensible, name), terms in release.items():
        heads.append(f"{code}\t{value}\t{extensible}\t{len(terms)}\t{name}\t{name} Terminology")
        rows += ["\t".join((code, *term)) for term in terms]
    (folder / "codelists.tsv").write_text("\n".join(heads) + "\n")
    (folder / "terms.tsv").write_text("\n".join(rows) + "\n")
    return load_terminology("sdtm", date, imported=root)


@pytest.fixture
def changed(tmp_path):
    return difference(write(tmp_path, "2098-01-01", OLD), write(tmp_path, "2099-01-01", NEW))


def test_codelists_are_compared_by_their_codes(changed):
    found = [
        (one.kind, one.code, one.last.submission_value, one.renamed, one.extensibility)
        for one in changed.codelists
    ]
    assert found == [
        ("changed", "C1", "AGEU", True, True),
        ("retired", "C3", "GONE", False, False),
        ("changed", "C4", "MANY", False, False),
        ("added", "C5", "COME", False, False),
    ]


def test_terms_are_compared_by_their_codes_and_a_value_that_moved_is_told_apart(changed):
    def said(term):
        return term and (term.code, term.value)

    terms = changed.codelist("C4").terms
    found = [(one.kind, said(one.old), said(one.new)) for one in terms]
    assert found == [
        ("renamed", ("C42", "old name"), ("C42", "new name")),
        ("recoded", ("C43", "moved"), ("C48", "moved")),
        ("retired", ("C44", "left"), None),
        ("reworded", ("C45", "worded"), ("C45", "worded")),
        # the value goes on, but as the name of another concept
        ("retired", ("C46", "taken"), None),
        ("renamed", ("C47", "taker"), ("C47", "taken")),
        ("added", None, ("C49", "come")),
    ]


def test_a_codelist_that_only_has_another_name_has_no_changed_terms(changed):
    assert changed.codelist("C1").terms == ()
    assert changed.codelist("C2") is None


def test_a_release_is_the_same_as_itself():
    release = find_release("adam-2026-03-27")
    assert difference(release, release).codelists == ()


@pytest.mark.parametrize(
    ("word", "package", "date"),
    [
        ("sdtm-2025-03-28", "sdtm", "2025-03-28"),
        ("2025-03-28", "sdtm", "2025-03-28"),
        ("define-xml 2026-03-27", "define-xml", "2026-03-27"),
    ],
)
def test_a_release_is_found_by_its_name(word, package, date):
    found = find_release(word)
    assert (found.package, found.date) == (package, date)


def test_an_imported_release_is_found_by_its_name_and_by_its_folder(tmp_path):
    write(tmp_path / "ct", "2099-01-01", NEW)
    by_name = find_release("2099-01-01", tmp_path / "ct")
    by_folder = find_release(str(tmp_path / "ct" / "sdtm-2099-01-01"))

    assert by_name.codelist("COME").terms == by_folder.codelist("COME").terms == (
        TermStandard("C51", "X", "Xi"), TermStandard("C52", "Y", "Ypsilon"),
    )  # fmt: skip
    assert (by_folder.package, by_folder.date) == ("sdtm", "2099-01-01")


def test_a_release_that_is_nowhere_names_those_that_are():
    with pytest.raises(StandardNotFoundError) as raised:
        find_release("sdtm-2025-03-82")
    assert str(raised.value) == (
        'error[STD008]: there is no release "sdtm-2025-03-82" among those that are carried\n'
        " = expected: adam-2026-03-27, cdash-2026-03-27, define-xml-2026-03-27, "
        "protocol-2025-09-26, sdtm-2025-03-28\n"
        ' = help: did you mean "sdtm-2025-03-28"?\n'
        " = more: cdisc explain STD008"
    )


def with_synonyms(root, date, text):
    (root / f"sdtm-{date}" / "synonyms.tsv").write_text(f"codelist\tcode\tsynonym\n{text}")


def test_synonyms_are_compared_where_both_releases_have_them(tmp_path):
    old, new = (write(tmp_path, date, OLD) for date in ("2098-02-01", "2099-02-01"))
    with_synonyms(tmp_path, "2098-02-01", "C1\tC11\ta\nC1\tC11\tYrs\n")

    assert difference(old, new).codelists == ()

    again = write(tmp_path, "2099-03-01", OLD)
    with_synonyms(tmp_path, "2099-03-01", "C1\tC11\ta\nC1\tC11\tYears\n")
    (codelist,) = difference(old, again).codelists
    (term,) = codelist.terms
    assert (codelist.code, term.kind) == ("C1", "reworded")
    assert (term.old.synonyms, term.new.synonyms) == (("a", "Yrs"), ("a", "Years"))
    text = to_text(difference(old, again))
    assert "    ~ C11 YEARS  -Yrs; +Years\n" in text
    value = json.loads(to_json(difference(old, again)))["codelists"][0]["terms"][0]
    assert (value["synonyms_retired"], value["synonyms_added"]) == (["Yrs"], ["Years"])
