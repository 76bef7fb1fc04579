"""The ``rows:`` of a dataset file: where its records come from."""

import dataclasses
import re
from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.engine.draft import Draft
from cdisc.engine.meaning import no_field, no_source
from cdisc.engine.program import RowSource
from cdisc.source import Loc
from cdisc.spec import LoadedDataset
from cdisc.spec.dataset import EachBlock

_EACH = "each "
_ROWS = re.compile(
    r"(?P<params>params\s+for\s+)?each\s+(?P<name>\w+)"
    r"(?:\s+where\s+(?P<where>.+?))?(?:\s+(?P<keep>keep\s+(?:first|last)\b.+))?",
    re.DOTALL,
)


def read_sources(draft: Draft, one: LoadedDataset) -> Iterator[RowSource]:
    """Yield the row sources of a file, whose conditions are not checked yet."""
    written = one.document.value
    single = not isinstance(written, dict) or not isinstance(written.get("rows"), list)
    for index, entry in enumerate(one.model.rows):
        loc: Loc = ("rows",) if single else ("rows", index)
        if isinstance(entry, str):
            yield from _line(draft, one, entry, loc)
        elif isinstance(entry, EachBlock):
            for source in _line(draft, one, f"{_EACH}{entry.each}", (*loc, "each"), len(_EACH)):
                yield dataclasses.replace(source, sets=entry.sets, sets_at=(*loc, "set"))
        else:
            _check_name(draft, entry.melt, one, (*loc, "melt"), 0)
            where = (entry.where, (*loc, "where"), 0) if entry.where else None
            span = one.document.span(loc)
            source = RowSource("melt", entry.melt, None, span, entry, where)
            source = dataclasses.replace(source, sets=entry.sets, sets_at=(*loc, "set"))
            _check_tests(draft, source, entry.tests.columns, one, loc)
            yield source


def _line(
    draft: Draft, one: LoadedDataset, entry: str, loc: Loc, before: int = 0
) -> Iterator[RowSource]:
    """Yield the source of a line, of which so many characters are not in the file."""
    span = one.document.span(loc)
    match = _ROWS.fullmatch(entry.strip())
    if match is None:
        draft.problems.append(
            Diagnostic(
                "SPEC035",
                f'"{entry[before:]}" does not say where records come from',
                span,
                expected="each FORM, each DATASET, each TABLE, or params for each DATASET;"
                " then where ...",
            )
        )
        return
    name = match["name"]
    _check_name(draft, name, one, loc, entry.index(name, before) - before)
    where, keep = (
        (match[part], loc, match.start(part) - before) if match[part] else None
        for part in ("where", "keep")
    )
    if match["params"]:
        yield RowSource("params", name, None, span, where_at=where, keep_at=keep)
    elif name in draft.tables:
        yield RowSource("table", name, None, span, where_at=where, keep_at=keep)
    elif name in draft.study.raw:
        yield RowSource("form", name, None, span, where_at=where, keep_at=keep)
    else:
        yield RowSource("dataset", name, None, span, where_at=where, keep_at=keep)


def _check_name(draft: Draft, name: str, one: LoadedDataset, loc: Loc, at: int) -> None:
    datasets = [other.model.dataset for other in draft.loaded.datasets]
    supplements = (f"SUPP{name}" for name in datasets)
    names = [*draft.study.raw, *draft.tables, *datasets, *supplements]
    if name not in names and name not in draft.loaded.unread:
        span = one.document.span_within(loc, at, at + len(name))
        mistake = no_source(name, [*draft.study.raw, *draft.tables], datasets)
        draft.problems.append(dataclasses.replace(mistake, span=span))


def _check_tests(
    draft: Draft, source: RowSource, columns: tuple[str, ...], one: LoadedDataset, loc: Loc
) -> None:
    fields = draft.fields.get(source.name)
    for code, cells in source.tests.items():
        at: Loc = (*loc, "tests", code)
        if len(cells) != len(columns):
            draft.problems.append(
                Diagnostic(
                    "SPEC036",
                    f"{code} has {len(cells)} of {len(columns)} cells",
                    one.document.span(at),
                    expected=", ".join(columns),
                )
            )
        if fields is not None and cells[0] not in fields:
            draft.problems.append(
                no_field(source.name, cells[0], fields, one.document.span((*at, 0)))
            )
