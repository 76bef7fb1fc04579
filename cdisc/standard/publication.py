"""A new release of controlled terminology: from the file that NCI EVS publishes to ``specs/ct``.

NCI publishes each package as tab-separated text (``SDTM Terminology.txt``): one
line a codelist, whose second column is empty, and one line a term, whose second
column is the code of its codelist. What is kept: codes, submission values,
preferred terms, names and the extensible flag. Synonyms and definitions are not.
"""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import OutputError, SpecError
from cdisc.resources import specs_root

_CODE = "Code"
_CODELIST = "Codelist Code"
_EXTENSIBLE = "Codelist Extensible (Yes/No)"
_NAME = "Codelist Name"
_VALUE = "CDISC Submission Value"
_PREFERRED = "NCI Preferred Term"
_NEEDED = (_CODE, _CODELIST, _EXTENSIBLE, _NAME, _VALUE, _PREFERRED)

_Row = dict[str, str]


def add_release(publication: Path, package: str, date: str, *, root: Path | None = None) -> Path:
    """Write a published release as a folder of ``specs/ct``.

    Args:
        publication: The tab-separated text of NCI EVS, UTF-8.
        package: ``sdtm``, ``adam``, ``define-xml``, ``cdash`` or ``protocol``.
        date: Date of the release, ISO 8601.
        root: Folder that stands for ``specs/``.

    Returns:
        The new folder; it appears whole or not at all.

    Raises:
        SpecError: STD005, the file is not such a publication.
        OutputError: STD006, the release is there already.

    Source:
        https://evs.nci.nih.gov/ftp1/CDISC/
    """
    folder = (root or specs_root()) / "ct" / f"{package}-{date}"
    if folder.exists():
        fact = f'controlled terminology "{package} {date}" is carried already'
        mend = f'remove the folder "specs/ct/{folder.name}" first'
        raise OutputError([Diagnostic("STD006", fact, help=mend)])
    heads, terms = _read(publication)
    beside = folder.with_name(f".{folder.name}")
    beside.mkdir(parents=True, exist_ok=True)
    counts = Counter(one[_CODELIST] for one in terms)
    _write(
        beside / "codelists.tsv",
        ("code", "value", "extensible", "terms", "name", "preferred_term"),
        (
            (
                one[_CODE],
                one[_VALUE],
                one[_EXTENSIBLE],
                str(counts[one[_CODE]]),
                one[_NAME],
                one[_PREFERRED],
            )
            for one in heads
        ),
    )
    _write(
        beside / "terms.tsv",
        ("codelist", "code", "value", "preferred_term"),
        ((one[_CODELIST], one[_CODE], one[_VALUE], one[_PREFERRED]) for one in terms),
    )
    return beside.rename(folder)


def _read(path: Path) -> tuple[list[_Row], list[_Row]]:
    """Return the codelists and the terms, each sorted by the code of the codelist."""
    lines = path.read_text(encoding="utf-8-sig").split("\n")
    lines = [line.removesuffix("\r") for line in lines]
    names = lines[0].split("\t")
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        span = Span(str(path), 1, 1, len(lines[0]) + 1, lines[0])
        fact = f"no column {', '.join(missing)}"
        raise SpecError([Diagnostic("STD005", fact, span, expected=", ".join(_NEEDED))])
    numbered = [(number, line) for number, line in enumerate(lines[1:], 2) if line]
    rows = [
        (number, line, dict(zip(names, line.split("\t"), strict=False)))
        for number, line in numbered
    ]
    codelists = {row[_CODE] for _, _, row in rows if not row.get(_CODELIST)}
    wrong = [
        Diagnostic("STD005", fact, Span(str(path), number, 1, len(line) + 1, line))
        for number, line, row in rows
        for fact in _faults(row, codelists)
    ]
    if wrong:
        raise SpecError(wrong)
    heads = [row for _, _, row in rows if not row[_CODELIST]]
    terms = [row for _, _, row in rows if row[_CODELIST]]
    # Sorting is stable: terms keep the order of publication within their codelist.
    return (
        sorted(heads, key=lambda row: row[_CODE].encode()),
        sorted(terms, key=lambda row: row[_CODELIST].encode()),
    )


def _faults(row: _Row, codelists: set[str]) -> Iterable[str]:
    short = [name for name in _NEEDED if name not in row]
    if short:
        yield f"the line ends before {short[0]}"
        return
    if not row[_CODELIST] and row[_EXTENSIBLE] not in ("Yes", "No"):
        yield f'"{row[_EXTENSIBLE]}" is neither Yes nor No'
    if row[_CODELIST] and row[_CODELIST] not in codelists:
        yield f'codelist "{row[_CODELIST]}" is not in the file'
    if not row[_CODE] or not row[_VALUE]:
        yield "no code or no submission value"


def _write(path: Path, names: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> None:
    lines = ("\t".join(row) + "\n" for row in (names, *rows))
    path.write_text("".join(lines), encoding="utf-8", newline="\n")
