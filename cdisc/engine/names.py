"""The names that a study gives to its forms and tables: each of them means one thing.

An expression says ``NAME.FIELD``, so forms, tables, data sets and the words of the language
must differ; and the engine does not tell capitals from small letters.
"""

import re
from collections.abc import Iterator, Mapping, Sequence

from cdisc.diagnostics import Diagnostic
from cdisc.engine.draft import Draft
from cdisc.engine.meaning import ROW_VALUES
from cdisc.source import Document, Loc
from cdisc.spec.study import TableBlock

_WORDS = (*ROW_VALUES, "study", "dataset", "new")
_HIDDEN = ("_row", "_id", "_subject", "_src", "subject_")


def check_names(draft: Draft) -> Iterator[Diagnostic]:
    """Yield the mistakes in the names of forms, tables and fields, and in tables as such."""
    document, datasets = draft.loaded.document, {name.lower() for name in draft.frames}
    for name in draft.study.raw:
        if name in _WORDS:
            yield _taken(document, ("raw", name), name, "a word of the language")
        elif re.fullmatch(r"[^\W\d]\w*", name) is None or name != name.lower():
            fact = f'"{name}" cannot be the alias of a form'
            span = document.span(("raw", name), key=True)
            yield Diagnostic("SPEC024", fact, span, expected="a name in lower case")
    for name, table in draft.study.tables.items():
        place = ("tables", name)
        if name in draft.study.raw:
            yield _taken(document, place, name, "a form")
        elif name.lower() in datasets:
            yield _taken(document, place, name, "a data set")
        elif name in _WORDS:
            yield _taken(document, place, name, "a word of the language")
        yield from _cells(document, name, table)
    yield from _fields(document, draft.fields)
    yield from _expected(draft)


def _taken(document: Document, loc: Loc, name: str, what: str) -> Diagnostic:
    span = document.span(loc, key=True)
    return Diagnostic("SPEC024", f'"{name}" is {what}', span, help="give it another name")


def _cells(document: Document, name: str, table: TableBlock) -> Iterator[Diagnostic]:
    """Yield what makes a study table none."""
    columns, place = table.columns, ("tables", name)
    twice = sorted({one for one in columns if columns.count(one) > 1})
    if twice:
        fact = f'table "{name}" has two columns "{twice[0]}"'
        yield Diagnostic("SPEC023", fact, document.span((*place, "columns")))
    for index, row in enumerate(table.rows):
        if len(row) != len(columns):
            yield Diagnostic(
                "SPEC023",
                f'this row of table "{name}" has {len(row)} cells, and there are'
                f" {len(columns)} columns",
                document.span((*place, "rows", index)),
                expected=", ".join(columns),
            )


def _fields(document: Document, fields: Mapping[str, Sequence[str] | None]) -> Iterator[Diagnostic]:
    """Yield the fields of forms that the engine would take for others."""
    for form, names in fields.items():
        known = dict.fromkeys(_HIDDEN, "")
        for name in names or ():
            other = known.setdefault(name.lower(), name)
            if other == name:
                continue
            fact = f'form {form} has the fields "{other}" and "{name}"'
            if not other:
                fact = f'form {form} has a field "{name}", which is a name of the engine'
            yield Diagnostic("SPEC024", fact, document.span(("raw", form), key=True))


def _expected(draft: Draft) -> Iterator[Diagnostic]:
    """Yield the tables of which two rows expect the same record: ``expect:`` would make both."""
    for source in (one for frame in draft.frames.values() for one in frame.sources):
        table = draft.study.tables.get(source.expect or "")
        if table is None:
            continue
        keys = [one for one in table.columns if one in (*source.by, *source.expected)]
        places = [table.columns.index(one) for one in keys]
        known: set[tuple[str, ...]] = set()
        for row in (one for one in table.rows if len(one) == len(table.columns)):
            values = tuple(row[at] for at in places)
            if values in known:
                said = ", ".join(f"{a} {b}" for a, b in zip(keys, values, strict=True))
                fact = f'two rows of table "{source.expect}" expect the same record: {said}'
                help_ = "name more of its columns: expect: TABLE by COLUMN COLUMN"
                yield Diagnostic("SPEC023", fact, source.span, help=help_)
            known.add(values)
