"""A study run in buckets of subjects: memory does not grow with the study.

A bucket is a range of subjects in the order in which datasets are sorted, so the results
of the buckets, one behind the other, are the result. Raw records go to the bucket of their
subject with the row that they had in their file. What looks across subjects runs at the
end, on what the buckets made; what is said of the data is added up (`cdisc.engine.seen`).
The result does not depend on the number of buckets.
"""

import dataclasses
import re
import time
from collections.abc import Callable, Iterator, Sequence
from math import ceil
from pathlib import Path

import pyarrow as pa

from cdisc.dataset import RawForm, RawStudy
from cdisc.engine.database import Database
from cdisc.engine.divide import divide, part
from cdisc.engine.program import DatasetPlan, Program
from cdisc.engine.run import Result, Run, result_of
from cdisc.engine.seen import Seen
from cdisc.engine.spool import ROW, Spool, StoredTable
from cdisc.engine.statements import Statement, statements
from cdisc.engine.within import forms_of, made_whole, needed_by
from cdisc.errors import RawDataError
from cdisc.functions.sqltext import name as sql_name

SOURCE = "_src"
_MINUTE = 60
_SIZE = re.compile(
    r"(?P<number>[0-9]+(\.[0-9]+)?)\s*(?P<unit>[KMGT])(?P<binary>i)?B", re.IGNORECASE
)
_GROWTH = 16  # what is made of a byte of raw records while a bucket runs
_BASE = 400_000_000  # what the program itself needs


@dataclasses.dataclass(frozen=True)
class Buckets:
    """How a study is divided.

    Attributes:
        folder: Temporary folder; holds the raw data and the results.
        number: How many buckets, if there are so many subjects.
        memory: Limit of the engine such as ``1GB``, beyond which it spills; None for its own.
        threads: Threads of the engine.
    """

    folder: Path
    number: int
    memory: str | None = None
    threads: int | None = None

    def database(self) -> Database:
        """Return a database of its own."""
        spill = self.folder / "spill" if self.memory else None
        return Database(threads=self.threads, memory=self.memory, spill=spill)


def bytes_of(memory: str) -> int:
    """Return the bytes of a size such as ``2GB``, ``512MB`` or ``1.5 GiB``.

    Raises:
        ValueError: The text is no size.
    """
    match = _SIZE.fullmatch(memory.strip())
    if match is None:
        raise ValueError(f'"{memory}" is no size such as 2GB or 512MB')
    base = 1024 if match["binary"] else 1000
    scale: int = base ** " KMGT".index(match["unit"].upper())
    return int(float(match["number"]) * scale)


def number_of_buckets(raw: RawStudy, memory: int) -> int:
    """Return into how many buckets a study is divided so that it fits into memory.

    Args:
        raw: Its collected data, on disk.
        memory: Bytes.
    """
    paths = {one.table.path for one in raw.forms}
    collected: int = sum(path.stat().st_size for path in paths)
    return max(1, ceil(collected * _GROWTH / max(memory - _BASE, memory // 4)))


def run_in_buckets(
    program: Program,
    raw: RawStudy,
    buckets: Buckets,
    progress: Callable[[str], None] = lambda _said: None,
) -> Result:
    """Build every dataset of a program, some subjects at a time.

    Args:
        program: The resolved study.
        raw: Its collected data; the tables are `StoredTable` with a column ``_row``.
        buckets: How it is divided.
        progress: Told what is being worked on, with the records so far and the time left.

    Returns:
        What `cdisc.engine.run.run` returns; its tables are `StoredTable`.

    Raises:
        RawDataError: The data do not fit the spec; the findings of all subjects.
    """
    return _Divided(program, raw, buckets, progress).result()


class _Divided:
    """A run in buckets."""

    def __init__(
        self,
        program: Program,
        raw: RawStudy,
        buckets: Buckets,
        progress: Callable[[str], None],
    ) -> None:
        self.program, self.raw, self.buckets, self.progress = program, raw, buckets, progress
        self.listed: list[Statement] = list(statements(program))
        self.whole = made_whole(program)
        plans = program.datasets
        self.fixed = frozenset(one.name for one in plans.values() if not one.of_subjects)
        self.fixed -= self.whole
        needed = {name for one in self.whole for name in needed_by(plans[one])}
        self.handed = needed & set(plans) - self.whole - self.fixed
        self.seen = Seen()
        self.numbered = dict.fromkeys(plans, 0)

    def result(self) -> Result:
        """Run everything and return what it gave."""
        folder = self.buckets.folder
        with Spool(folder / "raw") as self.parts, self.buckets.database() as database:
            sizes = divide(self.program, self.raw, database, self.buckets.number, self.parts)
        with Spool(folder / "made") as self.made, Spool(folder / "handed") as self.hidden:
            begun = time.monotonic()
            for number in range(len(sizes)):
                tell = _Progress(self.progress, sizes, number, begun)
                self.run_bucket(number, tell)
            self.hidden.close()
            if self.whole and self.seen.ended is None:
                self.run_whole(len(sizes))
        if self.seen.ended is not None:
            raise RawDataError(self.seen.findings())
        plans = [plan for plan in self.program.datasets.values() if plan.of is None]
        tables = {plan.name: self.sorted(plan) for plan in plans}
        sources = {name: one.showing([SOURCE]).column(0) for name, one in tables.items()}
        return result_of(self.program, self.seen, tables, sources)

    def run_bucket(self, number: int, tell: Callable[[str], None]) -> None:
        """Make all datasets that do not look across subjects, of the subjects of a bucket."""
        first = number == 0
        raw = RawStudy(tuple(self.form(one.name, [number]) for one in self.program.forms.values()))
        with self.buckets.database() as database:
            run = Run(self.program, raw, database, tell)
            run.listed, run.left_out = self.listed, self.whole
            run.unheard = frozenset() if first else self.fixed
            try:
                run.make()
                for plan, place in run.plans():
                    run.finish(plan, place)
                    if plan.of is None and (first or plan.name not in self.fixed):
                        self.keep(plan, run, of_subjects=not first)
                    if plan.name in self.handed:
                        self.hand_over(plan, run)
                    self.count(plan, run)
                run.stop_on_errors()
            except RawDataError:
                assert run.seen.ended is not None
            self.seen.add(run.seen)
        for form in self.program.forms:
            if form not in self.asked_whole():
                self.parts.remove(part(form, number))

    def asked_whole(self) -> frozenset[str]:
        """Return the forms that something looks at across subjects."""
        plans = (self.program.datasets[name] for name in self.whole)
        return frozenset().union(*(forms_of(self.program, plan) for plan in plans))

    def keep(self, plan: DatasetPlan, run: Run, *, of_subjects: bool = False) -> None:
        """Store the records of a dataset behind those of the buckets before."""
        table, sources = run.fetch(plan, of_subjects=of_subjects)
        self.made.add(plan.name, table.append_column(SOURCE, sources.cast(pa.int64())))

    # across subjects --------------------------------------------------------------

    def hand_over(self, plan: DatasetPlan, run: Run) -> None:
        """Store a dataset with its hidden columns, as it would be numbered in one piece."""
        names = [one for one in _columns(run, plan) if not one.startswith(("_audit_", "_at"))]
        listed = ", ".join(sql_name(one) for one in names if one != "_id")
        shift = self.numbered[plan.name] if self.numbers_itself(plan) else self.shift(plan)
        query = f"SELECT {listed}, _id + {shift} AS _id FROM {sql_name(plan.name)} ORDER BY _id"
        self.hidden.add(plan.name, run.database.fetch(query))

    def numbers_itself(self, plan: DatasetPlan) -> bool:
        """Say whether the records of a dataset are numbered anew, not as those they come from."""
        return len(plan.sources) > 1 or plan.sources[0].kind in ("group", "relate")

    def shift(self, plan: DatasetPlan) -> int:
        """Return by how much the number of a record is more in the whole than in this bucket."""
        source = plan.sources[0]
        if self.numbers_itself(plan):
            return self.numbered[plan.name]
        if source.kind not in ("dataset", "supp"):
            assert source.kind in ("form", "melt", "table"), source.kind
            return 0
        return self.shift(self.program.datasets[source.name])

    def count(self, plan: DatasetPlan, run: Run) -> None:
        """Note how many records of a dataset there are so far."""
        if self.numbers_itself(plan):
            table = sql_name(plan.name)
            self.numbered[plan.name] += run.count(f"SELECT count(*) FROM {table}")

    def run_whole(self, buckets: int) -> None:
        """Make the datasets that look across subjects."""
        numbers = range(buckets)
        asked = self.asked_whole()
        forms = (self.form(one, numbers if one in asked else []) for one in self.program.forms)
        with self.buckets.database() as database:
            run = Run(self.program, RawStudy(tuple(forms)), database, self.progress)
            made = frozenset(self.program.datasets) - self.whole - self.fixed
            run.listed, run.left_out, run.unheard = self.listed, made, self.fixed
            try:
                run.load_unheard()
                for name in sorted(self.handed):
                    self.take_over(name, run)
                run.run_statements()
                for plan, place in run.plans():
                    if plan.name in self.whole:
                        run.finish(plan, place)
                        if plan.of is None:
                            self.keep(plan, run)
                run.stop_on_errors()
            except RawDataError:
                assert run.seen.ended is not None
            self.seen.add(run.seen)

    def take_over(self, name: str, run: Run) -> None:
        """Store what the buckets made of a dataset where statements look for it."""
        table = sql_name(f"{name}.1")
        handed = self.hidden.table(name)
        assert handed is not None
        run.database.store(f"{name}.1", handed.whole())
        run.database.run(
            f"CREATE OR REPLACE VIEW {sql_name(name)} AS SELECT *, rowid AS _at FROM {table}"
        )

    # raw records and results ------------------------------------------------------

    def form(self, name: str, buckets: Sequence[int]) -> RawForm:
        """Return the records of a form in some buckets."""
        about = self.raw.form(name)
        names = [*about.table.column_names, ROW]
        empty = pa.schema([(one, pa.int64() if one == ROW else pa.string()) for one in names])
        found = (self.parts.table(part(name, one)) for one in buckets)
        table = pa.concat_tables(
            [empty.empty_table(), *(one.whole() for one in found if one is not None)]
        )
        rows = table.column(ROW)
        return RawForm(name, about.file, table.drop_columns([ROW]), rows, about.notes)

    def sorted(self, plan: DatasetPlan) -> StoredTable:
        """Return a dataset as it is sorted: by subject it is, and within a subject."""
        self.made.close()
        made = self.made.table(plan.name)
        assert made is not None
        if not plan.of_subjects or plan.keys[0] == self.program.subject or plan.name in self.whole:
            return made.showing(plan.order)
        keys = ", ".join(f"{sql_name(one)} ASC NULLS FIRST" for one in plan.keys)
        with self.buckets.database() as database:
            numbers = pa.array(range(made.num_rows), pa.int64())
            with database.registered("_made", made.whole().append_column("_n", numbers)):
                table = database.fetch(f"SELECT * EXCLUDE (_n) FROM _made ORDER BY {keys}, _n")
        with Spool(self.buckets.folder / "sorted" / plan.name) as spool:
            spool.add(plan.name, table.cast(made.whole().schema))
        again = spool.table(plan.name)
        assert again is not None
        return again.showing(plan.order)


def _columns(run: Run, plan: DatasetPlan) -> Iterator[str]:
    """Yield the columns of a dataset, hidden ones too."""
    described = f"SELECT column_name FROM (DESCRIBE SELECT * FROM {sql_name(plan.name)})"
    yield from (name for (name,) in run.database.rows(described))


class _Progress:
    """Says how far the buckets are: records so far, and how long the rest may take."""

    def __init__(
        self, tell: Callable[[str], None], sizes: Sequence[int], number: int, begun: float
    ) -> None:
        done, total = sum(sizes[:number]), sum(sizes)
        said = f"bucket {number + 1} of {len(sizes)}, {done:,} of {total:,} raw records"
        if done:
            left = (time.monotonic() - begun) * (total - done) / done
            minutes, seconds = divmod(round(left), _MINUTE)
            said += f", {f'{minutes} min ' if minutes else ''}{seconds} s left"
        self._tell, self._said = tell, said

    def __call__(self, dataset: str) -> None:
        self._tell(f"{self._said}: {dataset}")
