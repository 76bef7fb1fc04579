"""Taking over a release: one made-up release as text, Excel (old and new), ODM XML and JSON."""

import zipfile

import pytest

from cdisc.errors import OutputError, SpecError
from cdisc.resources import specs_root
from cdisc.standard import carried_terminology, imported_terminology, load_terminology
from cdisc.standard.publication import import_releases, read_publication
from tests.made_publications import (
    EMPTY,
    NY,
    RELEASE,
    as_bare_excel,
    as_compact,
    as_crlf,
    as_excel,
    as_library,
    as_odm,
    as_old_excel,
    as_text,
)

PUBLISHED = (as_text, as_crlf, as_old_excel, as_excel, as_bare_excel, as_odm, as_library)
FORMS = (*PUBLISHED, as_compact)
each_form = pytest.mark.parametrize("form", FORMS, ids=lambda form: form.__name__[3:])

CODELISTS = (
    "code\tvalue\textensible\tterms\tname\tpreferred_term\n"
    "C66742\tNY\tNo\t3\tNo Yes Response\tCDISC SDTM Yes No Terminology\n"
    "C66784\tTOXGR4\tNo\t3\tToxicity Grade 4\tCDISC SDTM Grade Terminology\n"
    "C71620\tUNIT\tYes\t4\tUnit\tCDISC SDTM Unit of Measure Terminology\n"
    "C9\tNONE\tYes\t0\tNone\tCDISC SDTM None Terminology\n"
)
TERMS = (
    "codelist\tcode\tvalue\tpreferred_term\n"
    "C66742\tC49487\tN\tNo\nC66742\tC48660\tNA\tNot Applicable\nC66742\tC49488\tY\tYes\n"
    "C66784\tC41338\t1\tGrade 1\nC66784\tC49489\t10\tGrade 10\nC66784\tC41339\t2\tGrade 2\n"
    "C71620\tC25613\t%\tPercentage\nC71620\tC105484\t10^9/L\tBillion per Liter\n"
    'C71620\tC64783\tg/dL\tGram "per" <Deciliter> & more, µg\n'
    "C71620\tC67305\tug/mL\tMicrogram per Milliliter\n"
)


SYNONYMS = (
    "codelist\tcode\tsynonym\n"
    "C66742\tC49487\tNo\nC66742\tC48660\tN/A\nC66742\tC48660\tNot Applicable\n"
    "C66742\tC49488\tYes\nC66784\tC41338\t1\nC71620\tC25613\tPercent\n"
    "C71620\tC105484\t/nL\nC71620\tC105484\t10^3/mm3\nC71620\tC105484\t10^3/uL\n"
    "C71620\tC67305\tmcg/mL\nC71620\tC67305\tmg/L\nC71620\tC67305\tµg/mL\n"
)


def tables(folder):
    return tuple((folder / name).read_text("utf-8") for name in ("codelists.tsv", "terms.tsv"))


@pytest.mark.parametrize("form", PUBLISHED, ids=lambda form: form.__name__[3:])
def test_every_published_form_gives_the_same_synonyms(tmp_path, form):
    (made,) = import_releases([form(tmp_path, RELEASE)], tmp_path / "ct")

    assert (made.folder / "synonyms.tsv").read_text("utf-8") == SYNONYMS
    assert made.synonyms == 12
    terms = load_terminology("sdtm", "2099-01-01", imported=tmp_path / "ct").codelist("NY").terms
    assert [term.synonyms for term in terms] == [("No",), ("N/A", "Not Applicable"), ("Yes",)]


def test_a_release_without_synonyms_has_no_table_of_them(tmp_path):
    (made,) = import_releases([as_compact(tmp_path, RELEASE)], tmp_path / "ct")
    release = load_terminology("sdtm", "2099-01-01", imported=tmp_path / "ct")

    assert sorted(path.name for path in made.folder.iterdir()) == ["codelists.tsv", "terms.tsv"]
    assert (made.synonyms, release.has_synonyms) == (0, False)
    assert {term.synonyms for term in release.codelist("NY").terms} == {()}


def test_synonyms_are_laid_beside_a_release_that_is_there_without_them(tmp_path):
    import_releases([as_compact(tmp_path, RELEASE)], tmp_path / "ct")
    (made,) = import_releases([as_odm(tmp_path, RELEASE)], tmp_path / "ct")
    (again,) = import_releases([as_compact(tmp_path, RELEASE)], tmp_path / "ct")

    assert (made.new, made.synonyms, again.new, again.synonyms) == (False, 12, False, 0)
    assert (made.folder / "synonyms.tsv").read_text("utf-8") == SYNONYMS
    assert [path.name for path in (tmp_path / "ct").iterdir()] == ["sdtm-2099-01-01"]


def test_other_synonyms_are_another_content(tmp_path):
    import_releases([as_odm(tmp_path, RELEASE)], tmp_path / "ct")
    code, *head, terms = NY
    other = (code, *head, [("C49488", "Y", "Yes", "Aye"), *terms[1:]])
    with pytest.raises(OutputError) as raised:
        import_releases([as_odm(tmp_path, [*RELEASE[:1], other, *RELEASE[2:]])], tmp_path / "ct")

    assert [one.code for one in raised.value.diagnostics] == ["STD006"]
    assert tables(tmp_path / "ct" / "sdtm-2099-01-01") == (CODELISTS, TERMS)


def test_a_carried_release_takes_its_synonyms_from_the_folder_of_the_project(tmp_path):
    carried = load_terminology("adam", "2026-03-27")
    release = published(carried)
    *head, terms = release[0]
    release[0] = (*head, [(*terms[0], "first; second"), *terms[1:]])
    path = as_text(tmp_path, release)
    (made,) = import_releases([path], tmp_path / "ct", package="adam", date="2026-03-27")

    found = load_terminology("adam", "2026-03-27", imported=tmp_path / "ct")
    assert [one.name for one in made.folder.iterdir()] == ["synonyms.tsv"]
    assert (made.folder, made.new, made.synonyms) == (tmp_path / "ct" / "adam-2026-03-27", False, 2)
    term = found.codelist(head[0]).find(terms[0][1])
    assert (term.code, term.synonyms) == (terms[0][0], ("first", "second"))
    assert found.folder == carried.folder
    assert (carried.has_synonyms, found.has_synonyms) == (False, True)
    assert found.sha256 != carried.sha256
    assert imported_terminology(tmp_path / "ct") == ()


@each_form
def test_every_form_gives_the_same_two_tables(tmp_path, form):
    (made,) = import_releases([form(tmp_path, RELEASE)], tmp_path / "ct")

    assert (made.package, made.date, made.codelists, made.terms, made.new) == (
        "sdtm", "2099-01-01", 4, 10, True,
    )  # fmt: skip
    assert made.folder == tmp_path / "ct" / "sdtm-2099-01-01"
    assert tables(made.folder) == (CODELISTS, TERMS)
    assert imported_terminology(tmp_path / "ct") == (("sdtm", "2099-01-01"),)


@each_form
def test_the_order_of_the_file_leaves_no_trace(tmp_path, form):
    shuffled = [(*head, [*terms[2:], *terms[:2]]) for *head, terms in reversed(RELEASE)]
    (made,) = import_releases([form(tmp_path, shuffled)], tmp_path / "ct")

    assert tables(made.folder) == (CODELISTS, TERMS)


def test_an_imported_release_is_used_like_a_carried_one(tmp_path):
    import_releases([as_odm(tmp_path, RELEASE)], tmp_path / "ct")
    release = load_terminology("sdtm", "2099-01-01", imported=tmp_path / "ct")

    assert release.codelist("UNIT").match("UG/ML").code == "C67305"
    assert release.codelist("NY").match("not applicable", preferred=True).value == "NA"


def published(release):
    return [
        (
            one.code, one.submission_value, "Yes" if one.extensible else "No", one.name,
            one.preferred_term,
            [(term.code, term.value, term.preferred_term) for term in one.terms],
        )
        for one in map(release.codelist, reversed(release.codes()))
    ]  # fmt: skip


@pytest.mark.parametrize(("package", "date"), carried_terminology())
def test_a_carried_release_comes_back_byte_for_byte(tmp_path, package, date):
    path = as_text(tmp_path, published(load_terminology(package, date)))
    (made,) = import_releases(
        [path], tmp_path / "ct", package=package, date=date, root=tmp_path / "specs"
    )

    assert tables(made.folder) == tables(specs_root() / "ct" / f"{package}-{date}")


def test_a_release_that_is_carried_is_not_written_again(tmp_path):
    path = as_text(tmp_path, published(load_terminology("adam", "2026-03-27")))
    (made,) = import_releases([path], tmp_path / "ct", package="adam", date="2026-03-27")

    assert (made.new, made.folder) == (False, specs_root() / "ct" / "adam-2026-03-27")
    assert not (tmp_path / "ct").exists()


@pytest.mark.parametrize(
    ("name", "package", "date"),
    [
        ("SDTM Terminology 2025-03-28.txt", "sdtm", "2025-03-28"),
        ("ADaM Terminology 2026-03-27.txt", "adam", "2026-03-27"),
        ("Define-XML Terminology 2026-03-27.txt", "define-xml", "2026-03-27"),
    ],
)
def test_the_name_of_a_text_file_says_package_and_date(tmp_path, name, package, date):
    path = as_text(tmp_path, RELEASE).rename(tmp_path / name)
    found = read_publication(path)

    assert (found.package, found.date) == (package, date)


@each_form
def test_what_is_said_wins_over_what_the_file_says(tmp_path, form):
    found = read_publication(form(tmp_path, RELEASE), package="adam", date="2026-03-27")

    assert (found.package, found.date) == ("adam", "2026-03-27")


@pytest.mark.parametrize(
    ("name", "said", "facts"),
    [
        ("SDTM Terminology.txt", {}, ["does not say its date"]),
        ("download.txt", {"date": "2099-01-01"}, ["does not say its package"]),
        ("download.txt", {}, ["does not say its date", "does not say its package"]),
        ("download.txt", {"package": "../x", "date": "2099-1-1"},
         ['"../x" is no package of a release', '"2099-1-1" is no date of a release']),
    ],
)  # fmt: skip
def test_a_name_that_says_too_little_is_not_guessed(tmp_path, name, said, facts):
    path = as_text(tmp_path, RELEASE).rename(tmp_path / name)
    with pytest.raises(SpecError) as raised:
        read_publication(path, **said)

    named = f'"{path.as_posix()}" '
    found = [one.fact.replace(named, "") for one in raised.value.diagnostics]
    assert sorted(found) == sorted(facts)
    assert {one.code for one in raised.value.diagnostics} == {"STD007"}


def damaged(code="C49488", value="Y", preferred="Yes", flag="No"):
    """The release with mistakes in one codelist, and one codelist that stands there twice."""
    terms = [(code, value, preferred), ("C49487", "N", "No"), ("C49487", "NO", "No")]
    return (
        ("C66742", "NY", flag, "No Yes Response", "CDISC SDTM Yes No Terminology", terms),
        EMPTY,
    )


FACTS = [
    '"49488" is not an NCI code',
    '"maybe" is neither Yes nor No',
    '"C49487" stands twice in codelist C66742',
    "no preferred term",
    "no submission value",
]


@each_form
def test_a_corrupt_file_is_refused_whole_with_all_its_mistakes(tmp_path, form):
    release = damaged(code="49488", value="", preferred="", flag="maybe")
    with pytest.raises(SpecError) as raised:
        import_releases([form(tmp_path, release)], tmp_path / "ct")

    assert sorted(one.fact for one in raised.value.diagnostics) == sorted(FACTS)
    assert {one.code for one in raised.value.diagnostics} == {"STD005"}
    assert not (tmp_path / "ct").exists()


@pytest.mark.parametrize(
    ("form", "places"),
    [
        (as_text, [(2, 9), (3, 1), (3, 31), (3, 54), (5, 1)]),
        (as_excel, [(2, 3), (3, 1), (3, 5), (3, 8), (5, 1)]),
        (as_old_excel, [(2, 3), (3, 1), (3, 5), (3, 8), (5, 1)]),
        (as_bare_excel, [(2, 3), (3, 1), (3, 5), (3, 8), (5, 1)]),
        (as_odm, [(11, 1), (15, 1), (15, 1), (15, 1), (23, 1)]),
    ],
)
def test_a_mistake_is_shown_at_its_row_and_column(tmp_path, form, places):
    release = damaged(code="49488", value="", preferred="", flag="maybe")
    with pytest.raises(SpecError) as raised:
        read_publication(form(tmp_path, release))

    found = [(one.span.line, one.span.column) for one in raised.value.diagnostics]
    assert found == places


def test_a_mistake_in_json_is_shown_by_its_path(tmp_path):
    with pytest.raises(SpecError) as raised:
        read_publication(as_library(tmp_path, damaged(code="49488")))

    assert [one.found for one in raised.value.diagnostics] == [
        ("library.json: codelists[0].terms[0]",),
        ("library.json: codelists[0].terms[2]",),
    ]


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        ("C1\tC66742", "the line ends before Codelist Extensible (Yes/No)"),
        ("C1\tC66742\t\t\tY\t\t\tYes\tmore", "more than 8 fields"),
        ("C1\tC66743\t\t\tY\t\t\tYes", 'codelist "C66743" is not in the file'),
        ("C1\tC66742\t\t\ta\x07b\t\t\tYes", "a control character in the submission value"),
        ("C1\tC66742\t\t\tX\ta\x07b\t\tYes", "a control character in a synonym"),
    ],
)
def test_a_line_of_text_that_is_no_row_is_refused(tmp_path, line, fact):
    path = as_text(tmp_path, [NY])
    with path.open("a", encoding="utf-8") as file:
        file.write(f"{line}\n")
    with pytest.raises(SpecError) as raised:
        read_publication(path)

    (diagnostic,) = raised.value.diagnostics
    assert (diagnostic.fact, diagnostic.span.line) == (fact, 6)


@pytest.mark.parametrize("form", [as_text, as_old_excel, as_excel, as_odm, as_library])
def test_a_file_that_is_cut_off_is_refused(tmp_path, form):
    path = form(tmp_path, RELEASE)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(SpecError) as raised:
        import_releases([path], tmp_path / "ct")

    assert {one.code for one in raised.value.diagnostics} == {"STD005"}
    assert not (tmp_path / "ct").exists()


@pytest.mark.parametrize(
    ("content", "fact"),
    [
        (b"Code\tName\r\n", "no column Codelist Code, "),
        (b"Code\tCodelist Code\xff", "the text is not UTF-8"),
        (b"\n", "no column Code, "),
        (b"Code\tName", "the last line does not end: the file is cut off"),
        (b'{"codelists": 3}', "holds no list"),
        (b'{"codelists": [3, {"terms": 4}]}', "no codelist or term"),
        (b'{"codelists": ', "no JSON: "),
        (b'{"codelists": []}', "holds no codelist"),
        (b"<ODM/>", 'the file begins with "ODM"'),
        (b"<ODM>", "the file is not well-formed XML"),
        (b"PK\x03\x04", "is not an Excel file that can be read"),
        (b"\xd0\xcf\x11\xe0", "is not an Excel file that can be read"),
    ],
)
def test_what_is_no_publication_is_refused(tmp_path, content, fact):
    path = tmp_path / "SDTM Terminology 2099-01-01.txt"
    path.write_bytes(content)
    with pytest.raises(SpecError) as raised:
        read_publication(path)

    assert {one.code for one in raised.value.diagnostics} == {"STD005"}
    assert all(fact in one.fact for one in raised.value.diagnostics)


def test_xml_that_could_reach_other_files_is_refused(tmp_path):
    (tmp_path / "secret").write_text("secret")
    path = as_odm(tmp_path, [NY])
    reaching = f'<!DOCTYPE ODM [<!ENTITY x SYSTEM "{(tmp_path / "secret").as_uri()}">]>\n<ODM '
    text = path.read_text("utf-8").replace("<ODM ", reaching).replace(">No<", ">&x;<")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SpecError) as raised:
        read_publication(path)

    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.fact == "the file declares a document type, which can reach other files"
    assert diagnostic.span.line == 3


def test_a_cell_that_a_spreadsheet_turned_into_a_date_is_refused(tmp_path):
    path = as_bare_excel(tmp_path, [NY])
    with zipfile.ZipFile(path) as file:
        parts = {name: file.read(name) for name in file.namelist()}
    parts["xl/s1.xml"] = parts["xl/s1.xml"].replace(
        b'<c t="inlineStr"><is><t xml:space="preserve">NA</t></is></c>',
        b'<c t="d"><v>2024-03-01</v></c>',
    )
    with zipfile.ZipFile(path, "w") as file:
        for name, part in parts.items():
            file.writestr(name, part)
    with pytest.raises(SpecError) as raised:
        read_publication(path)

    (diagnostic,) = raised.value.diagnostics
    assert diagnostic.fact.startswith("the cell holds a date")
    assert (diagnostic.span.line, diagnostic.span.column) == (5, 5)


def test_several_files_are_imported_together_or_not_at_all(tmp_path):
    good = as_library(tmp_path, [NY])
    wrong = as_odm(tmp_path, damaged(value=""))
    with pytest.raises(SpecError):
        import_releases([good, wrong], tmp_path / "ct")
    assert not (tmp_path / "ct").exists()

    adam = as_text(tmp_path, [EMPTY]).rename(tmp_path / "ADaM Terminology 2099-02-02.txt")
    made = import_releases([good, adam], tmp_path / "ct")
    assert [(one.package, one.date) for one in made] == [
        ("adam", "2099-02-02"), ("sdtm", "2099-01-01"),
    ]  # fmt: skip


def test_the_same_release_twice_is_one_and_another_content_is_refused(tmp_path):
    (first,) = import_releases(
        [as_library(tmp_path, RELEASE), as_odm(tmp_path, RELEASE)], tmp_path / "ct"
    )
    (again,) = import_releases([as_excel(tmp_path, RELEASE)], tmp_path / "ct")
    with pytest.raises(OutputError) as raised:
        import_releases([as_text(tmp_path, [NY])], tmp_path / "ct")

    assert (first.new, again.new) == (True, False)
    assert [one.code for one in raised.value.diagnostics] == ["STD006"]
    assert tables(first.folder) == (CODELISTS, TERMS)


def test_two_files_that_differ_cannot_be_one_release(tmp_path):
    files = [as_library(tmp_path, RELEASE), as_odm(tmp_path, [NY])]
    with pytest.raises(OutputError) as raised:
        import_releases(files, tmp_path / "ct")

    assert [one.code for one in raised.value.diagnostics] == ["STD006"]
    assert not (tmp_path / "ct").exists()


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "ct").write_text("a file")
    with pytest.raises(OutputError) as raised:
        import_releases([as_text(tmp_path, RELEASE)], tmp_path / "ct")

    assert [one.code for one in raised.value.diagnostics] == ["OUT003"]


@each_form
def test_a_damaged_file_is_read_or_refused_and_never_breaks_the_program(tmp_path, form):
    path = form(tmp_path, RELEASE)
    whole = path.read_bytes()
    refused = 0
    for start in range(8, len(whole), max(1, len(whole) // 40)):
        damaged = bytearray(whole)
        damaged[start : start + 3] = bytes((start % 251, 0, 255))
        path.write_bytes(damaged)
        try:
            read_publication(path)
        except SpecError:
            refused += 1

    assert refused > 0
