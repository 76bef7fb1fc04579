"""Predicates run together: one pass over a dataset for all that share a level.

The first pass only counts. What a rule found is looked at again, by itself, for the
values, the keys and the first records to show; most rules find nothing.
"""

import itertools
import re
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.engine.database import Database, working_on
from cdisc.engine.level import Level, Unique
from cdisc.functions.sqltext import name as sql_name
from cdisc.validate.conventions import load_conventions
from cdisc.validate.evidence import column, show
from cdisc.validate.rules.model import Finding, Predicate

_SHOWN = 5
_WORD = re.compile(r"\w+")


def run_predicates(
    predicates: Sequence[Predicate],
    datasets: Sequence[Dataset],
    *,
    threads: int | None = None,
    database: Database | None = None,
    rows: dict[str, dict[str, frozenset[int]]] | None = None,
) -> tuple[Finding, ...]:
    """Return what predicates find in the records of datasets.

    Args:
        predicates: Of any origin, those that share a level together.
        datasets: Every dataset that they name, unique by name. Columns that none names
            are not read.
        threads: Threads of the database; the findings do not depend on it.
        database: The database to use, for who runs several times; its tables are replaced.
        rows: By the codes of which the numbers of all records are wanted: takes them, by the
            fingerprint of the finding.

    Returns:
        One finding for each predicate that a record breaks, in the order of predicates.
    """
    if not predicates:
        return ()
    if database is None:
        with Database(threads=threads, zone="UTC") as own:
            return run_predicates(predicates, datasets, database=own, rows=rows)
    run = _Run(database, datasets, predicates)
    run.rows = rows or {}
    found = dict(itertools.chain.from_iterable(map(run.one_pass, run.passes())))
    return tuple(found[index] for index in sorted(found))


class _Run:
    rows: dict[str, dict[str, frozenset[int]]]

    def __init__(
        self, database: Database, datasets: Sequence[Dataset], predicates: Sequence[Predicate]
    ) -> None:
        self.database, self.predicates = database, predicates
        self.datasets = {one.name: one for one in datasets}
        levels = {id(one.level): one.level for one in predicates}
        for level in levels.values():
            database.macros(_statements(level))
            for name, rows in level.tables.items():
                database.store_columns(name, rows)
        named = _named(predicates)
        self.subject = load_conventions("sdtm").subject.key
        for dataset in datasets:
            if dataset.name in named:
                database.store(dataset.name, _stored(dataset, named, self.subject))
        self.repeated = {
            unique
            for level in levels.values()
            for unique in _all_uniques(level)
            if self._repeats(unique)
        }

    def passes(self) -> Iterator[list[tuple[int, Predicate]]]:
        """Yield the predicates of each pass; datasets with repeated subjects come first.

        Of those, others are to find one record only, which is the first.
        """
        by_level: dict[int, list[tuple[int, Predicate]]] = {}
        for index, one in enumerate(self.predicates):
            by_level.setdefault(id(one.level), []).append((index, one))
        tables = {one.table for one in self.repeated}
        groups = sorted(by_level.values(), key=lambda one: one[0][1].level.source not in tables)
        cleaned = False
        for group in groups:
            if not cleaned and group[0][1].level.source not in tables:
                cleaned = True
                self._clean()
            yield group

    def _repeats(self, unique: Unique) -> bool:
        columns = ", ".join(sql_name(one) for one in unique.columns)
        return bool(
            self.database.rows(
                f"SELECT 1 FROM {unique.table} GROUP BY {columns} HAVING count(*) > 1 LIMIT 1"
                if columns
                else f"SELECT 1 FROM {unique.table} LIMIT 1 OFFSET 1"
            )
        )

    def _clean(self) -> None:
        for unique in sorted(self.repeated, key=lambda one: (one.table, one.columns)):
            columns = ", ".join(sql_name(one) for one in unique.columns) or "1"
            self.database.run(
                f"CREATE OR REPLACE TABLE {unique.table} AS SELECT * FROM {unique.table}"
                f" QUALIFY row_number() OVER (PARTITION BY {columns} ORDER BY _id) = 1"
            )

    def one_pass(self, group: list[tuple[int, Predicate]]) -> Iterator[tuple[int, Finding]]:
        """Yield what the predicates of one level find, by their index."""
        level = group[0][1].level
        with working_on(f"rules of {group[0][1].dataset}"):
            counts = ", ".join(f"count(*) FILTER (WHERE {one.sql})" for _index, one in group)
            numbers = self.database.rows(_query(level, counts))[0]
            for (index, predicate), number in zip(group, numbers, strict=True):
                if number:
                    yield index, self._finding(predicate, number)

    def _finding(self, one: Predicate, records: int) -> Finding:
        dataset = self.datasets[one.dataset]
        subject = self.subject if self.subject in dataset.table.column_names else ""
        where = f"WHERE {one.sql}"
        number = "count(DISTINCT b._subject)" if subject else "0"
        least = f"{number}, min(b._id, {_SHOWN})"
        subjects, first = self.database.rows(_query(one.level, least, where))[0]
        found = Finding(
            code=one.code,
            severity=one.severity,
            message=one.message,
            dataset=one.dataset,
            variable=one.variable or "",
            records=records,
            subjects=subjects,
            first=tuple(int(record) for record in first),
            keys=_keys(dataset, int(first[0])),
            values=tuple(self._values(one, where)),
            expected=one.expected,
            source=one.source,
        )
        if one.code in self.rows:
            all_rows = self.database.rows(_query(one.level, "b._id", where))
            self.rows[one.code][found.fingerprint] = frozenset(int(row[0]) for row in all_rows)
        return found

    def _values(self, one: Predicate, where: str) -> Iterator[str]:
        if not one.outputs:
            return
        shown = ", ".join(f"b.{sql_name(name)}" for name in one.outputs)
        end = f"{where} GROUP BY ALL ORDER BY count(*) DESC, min(b._id)"
        rows = self.database.rows(
            f"SELECT *, count(*) OVER () FROM ({_query(one.level, f'{shown}, count(*)', end)})"
            f" LIMIT {_SHOWN}"
        )
        for *values, records, _different in rows:
            said = ", ".join(
                f"{name} {show(value)}" for name, value in zip(one.outputs, values, strict=True)
            )
            yield f"{said}: {records:,} {'record' if records == 1 else 'records'}"
        if rows and rows[0][-1] > len(rows):
            yield f"{rows[0][-1] - len(rows):,} more"


def _query(level: Level, columns: str, end: str = "") -> str:
    """Return a query over the records of a level, with its operands and joins."""
    *before, last = level.parts("judged")
    made = ", ".join(f"{part.name} AS (\n{part.render(audits=False)}\n)" for part in before)
    source = last.source or level.source
    text = f"SELECT {columns}\nFROM {source} AS b\n{level.rendered_joins()}{end}"
    return f"WITH {made}\n{text}" if before else text


def _statements(level: Level) -> Iterator[str]:
    for part in level.parts("judged"):
        for prelude in part.level.preludes:
            first, *rest = prelude.split(";CREATE")
            yield first
            yield from (f"CREATE{one}" for one in rest)


def _all_uniques(level: Level) -> Iterator[Unique]:
    for part in level.parts("judged"):
        yield from part.level.uniques


def _named(predicates: Sequence[Predicate]) -> set[str]:
    """Return every word of the statements: what is none of them need not be stored."""
    words: set[str] = set()
    for one in predicates:
        words.update(_WORD.findall(one.sql), one.outputs, (one.dataset,))
    for level in {id(one.level): one.level for one in predicates}.values():
        words.update(_WORD.findall(_query(level, "")))
    return words


def _stored(dataset: Dataset, named: set[str], subject: str) -> pa.Table:
    """Return the columns that are named, with the number and the subject of each record."""
    columns = {name: column(dataset, name) for name in dataset.table.column_names if name in named}
    columns["_id"] = pa.array(np.arange(1, dataset.table.num_rows + 1))
    # records without a subject are those of nobody: what is joined by subject is missing
    columns["_subject"] = pa.nulls(dataset.table.num_rows, pa.string())
    if subject in dataset.table.column_names:
        columns["_subject"] = column(dataset, subject).cast(pa.string())
    return pa.table(columns)


def _keys(dataset: Dataset, record: int) -> tuple[str, ...]:
    """Return what tells a record from the others: its keys, else what numbers it."""
    names = [one for one in dataset.keys if one in dataset.table.column_names]
    if not names:
        known = load_conventions("sdtm")
        prefix = (dataset.domain or dataset.name)[:2]
        wanted = (known.subject.key, known.sequence.variable.replace("--", prefix))
        names = [one for one in wanted if one in dataset.table.column_names]
    row = dataset.table.slice(record - 1, 1)
    return tuple(f"{name} {show(row.column(name)[0].as_py())}" for name in names)
