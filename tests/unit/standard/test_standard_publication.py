"""Taking over a release from the text that NCI EVS publishes."""

import pytest

from cdisc.errors import OutputError, SpecError
from cdisc.resources import specs_root
from cdisc.standard import add_release, carried_terminology, load_terminology

HEADER = (
    "Code\tCodelist Code\tCodelist Extensible (Yes/No)\tCodelist Name\tCDISC Submission Value\t"
    "CDISC Synonym(s)\tCDISC Definition\tNCI Preferred Term"
)
NEEDED = [
    name for name in HEADER.split("\t") if name not in ("CDISC Synonym(s)", "CDISC Definition")
]
NY = "C66742\t\tNo\tNo Yes Response\tNY\tsyn\tdef\tCDISC SDTM Yes No Terminology"
Y = "C49488\tC66742\t\tNo Yes Response\tY\tYes\tdef\tYes"
N = "C49487\tC66742\t\tNo Yes Response\tN\tNo\tdef\tNo"
AGEU = "C66781\t\tNo\tAge Unit\tAGEU\tsyn\tdef\tCDISC SDTM Age Unit Terminology"


def _publish(folder, *lines, end="\n", encoding="utf-8"):
    path = folder / "SDTM Terminology.txt"
    path.write_text("".join(line + end for line in lines), encoding=encoding, newline="")
    return path


@pytest.mark.parametrize(("end", "encoding"), [("\n", "utf-8"), ("\r\n", "utf-8-sig")])
def test_a_publication_becomes_two_tables_sorted_by_codelist(tmp_path, end, encoding):
    published = _publish(tmp_path, HEADER, AGEU, NY, Y, N, end=end, encoding=encoding)
    folder = add_release(published, "sdtm", "2099-01-01", root=tmp_path)
    assert folder == tmp_path / "ct" / "sdtm-2099-01-01"
    assert (folder / "codelists.tsv").read_bytes() == (
        b"code\tvalue\textensible\tterms\tname\tpreferred_term\n"
        b"C66742\tNY\tNo\t2\tNo Yes Response\tCDISC SDTM Yes No Terminology\n"
        b"C66781\tAGEU\tNo\t0\tAge Unit\tCDISC SDTM Age Unit Terminology\n"
    )
    assert (folder / "terms.tsv").read_bytes() == (
        b"codelist\tcode\tvalue\tpreferred_term\nC66742\tC49488\tY\tYes\nC66742\tC49487\tN\tNo\n"
    )
    assert carried_terminology(tmp_path) == (("sdtm", "2099-01-01"),)


def _as_published(release):
    yield HEADER
    for one in map(release.codelist, reversed(release.codes())):
        extensible = "Yes" if one.extensible else "No"
        head = [
            one.code,
            "",
            extensible,
            one.name,
            one.submission_value,
            "",
            "",
            one.preferred_term,
        ]
        yield "\t".join(head)
        for term in one.terms:
            row = [term.code, one.code, "", one.name, term.value, "", "", term.preferred_term]
            yield "\t".join(row)


@pytest.mark.parametrize(("package", "date"), carried_terminology())
def test_a_carried_release_comes_back_byte_for_byte(tmp_path, package, date):
    published = _publish(tmp_path, *_as_published(load_terminology(package, date)))
    folder = add_release(published, package, date, root=tmp_path)
    carried = specs_root() / "ct" / folder.name
    for table in ("codelists.tsv", "terms.tsv"):
        assert (folder / table).read_bytes() == (carried / table).read_bytes()


@pytest.mark.parametrize(
    ("lines", "findings"),
    [
        (["Code\tName"], [(1, f"no column {', '.join(NEEDED[1:])}")]),
        ([HEADER, Y], [(2, 'codelist "C66742" is not in the file')]),
        (
            [HEADER, NY.replace("\tNo\t", "\tno\t", 1), Y.replace("\tY\t", "\t\t")],
            [(2, '"no" is neither Yes nor No'), (3, "no code or no submission value")],
        ),
        (
            [HEADER, NY, "C49488\tC66742"],
            [(3, "the line ends before Codelist Extensible (Yes/No)")],
        ),
    ],
)
def test_what_is_not_a_publication_is_refused_with_every_finding(tmp_path, lines, findings):
    with pytest.raises(SpecError) as raised:
        add_release(_publish(tmp_path, *lines), "sdtm", "2099-01-01", root=tmp_path)
    found = [(one.span.line, one.fact) for one in raised.value.diagnostics]
    assert found == findings
    assert {one.code for one in raised.value.diagnostics} == {"STD005"}
    assert not (tmp_path / "ct").exists()


def test_a_release_that_is_there_is_not_overwritten(tmp_path):
    published = _publish(tmp_path, HEADER, NY, Y)
    folder = add_release(published, "sdtm", "2099-01-01", root=tmp_path)
    before = (folder / "terms.tsv").read_bytes()
    with pytest.raises(OutputError) as raised:
        add_release(_publish(tmp_path, HEADER, NY, N), "sdtm", "2099-01-01", root=tmp_path)
    assert raised.value.diagnostics[0].code == "STD006"
    assert (folder / "terms.tsv").read_bytes() == before
