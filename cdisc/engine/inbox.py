"""The terms inbox: every value that a verb looked up and nothing knows, of the whole study.

The same statements run as in a build; what a build reports with three examples is kept
whole, and errors of terms do not stop it. Records are counted where they end up: a
collected record that makes two records of a dataset counts twice.
"""

import dataclasses
from collections.abc import Callable, Iterable
from typing import TypeAlias

from cdisc.dataset import RawStudy
from cdisc.diagnostics import Span
from cdisc.engine.database import Database
from cdisc.engine.inner import raw_table
from cdisc.engine.level import Audit, Probe
from cdisc.engine.looking import FORM_SHIFT
from cdisc.engine.program import Program
from cdisc.engine.run import Run
from cdisc.engine.sql import SEEN
from cdisc.engine.statements import Statement
from cdisc.functions.sqltext import name as sql_name
from cdisc.language.verb import Scope, Use

# Values that a table, the study's terms or a codelist do not know; texts of check boxes.
_CODES = ("DATA001", "DATA002", "DATA003", "DATA004", "DATA032")
_Key: TypeAlias = tuple[str, str, str, int, int]


@dataclasses.dataclass(frozen=True)
class Asked:
    """A verb that looks values up.

    Attributes:
        dataset: Dataset.
        variable: Its variable, supplemental qualifiers by their own name.
        span: The line.
        use: The verb.
        scope: The study as the verb sees it.
    """

    dataset: str
    variable: str
    span: Span
    use: Use
    scope: Scope


@dataclasses.dataclass(frozen=True)
class Waiting:
    """A value that a verb did not find.

    Attributes:
        asked: The verb.
        value: As the verb saw it.
        records: Records of the dataset that have it.
        subjects: Distinct subjects of them.
        forms: Forms that they come from, in the order of study.yaml.
        first: File and row of the first of them.
    """

    asked: Asked
    value: str
    records: int
    subjects: int
    forms: tuple[str, ...]
    first: str


@dataclasses.dataclass(frozen=True)
class Collected:
    """What verbs found in the data of a study.

    Attributes:
        waiting: Values that nothing knows, most records first within a verb.
        seen: Every value that each verb looked up.
    """

    waiting: tuple[Waiting, ...]
    seen: tuple[tuple[Asked, frozenset[str]], ...]


def collect(
    program: Program,
    raw: RawStudy,
    *,
    threads: int | None = None,
    progress: Callable[[str], None] = lambda _dataset: None,
) -> Collected:
    """Run a study and return every value that no term, table or list knows.

    Args:
        program: The resolved study.
        raw: Its collected data.
        threads: Threads of the engine; the result does not depend on it.
        progress: Called with the name of each dataset that is being worked on.

    Raises:
        RawDataError: The data cannot be read or joined as the spec says.
    """
    with Database(threads=threads) as database:
        collecting = dataclasses.replace(program, inbox=True)
        return _Collecting(collecting, raw, database, progress).collected()


class _Collecting(Run):
    """A run that keeps what its audits find, and reports nothing of it."""

    def collected(self) -> Collected:
        """Run everything and return what waits."""
        self.asked: dict[_Key, Asked] = {}
        self.database.run(
            "CREATE TABLE _inbox (asked INT, value VARCHAR, subject VARCHAR, src INT8)"
        )
        self.database.run("CREATE TABLE _seen (asked INT, value VARCHAR)")
        self.make()
        asked = list(self.asked.values())
        return Collected(tuple(self.waiting(asked)), tuple(self.looked_up(asked)))

    def audit(self, statement: Statement) -> None:
        """Keep the values that the hidden columns of a statement found."""
        self.keep(statement.audits, sql_name(statement.dataset))
        self.probe(statement.probes)

    def probe(self, probes: Iterable[Probe]) -> None:
        """Keep the values that queries on other records found."""
        for one in probes:
            self.keep([one.audit], f"({one.sql})")

    def keep(self, found: Iterable[Audit], table: str) -> None:
        """Keep the values in the columns of audits of a table."""
        audits = [one for one in found if one.use and one.code in (SEEN, *_CODES)]
        if not audits:
            return
        described = self.database.rows(f"SELECT column_name FROM (DESCRIBE SELECT * FROM {table})")
        subject = sql_name(self.program.subject)
        known = f"d.{subject}" if (self.program.subject,) in described else "NULL"
        for one in audits:
            number, listed = self.number(one), one.listed(table)
            if one.code == SEEN:
                self.database.run(
                    f"INSERT INTO _seen SELECT DISTINCT {number}, CAST({one.column} AS VARCHAR)"
                    f" FROM {listed} WHERE {one.column} IS NOT NULL"
                )
                continue
            self.database.run(
                f"INSERT INTO _inbox SELECT {number}, CAST(d.{one.column} AS VARCHAR),"
                f" {known}, d._src FROM {listed} AS d WHERE d.{one.column} IS NOT NULL"
            )

    def number(self, audit: Audit) -> int:
        """Return the number of the verb of an audit; the lines of all stages are one."""
        assert audit.use is not None
        assert audit.scope is not None
        variable = audit.variable.removeprefix("supp:")
        node = audit.use.node
        key = (audit.dataset, variable, str(audit.span), node.start, node.end)
        asked = Asked(audit.dataset, variable, audit.span, audit.use, audit.scope)
        self.asked.setdefault(key, asked)
        return list(self.asked).index(key)

    def whose(self) -> str:
        """Return the query of the subject of every collected record, once all forms are read."""
        tables = (raw_table(form) for form in self.program.forms)
        return " UNION ALL ".join(f"SELECT _src, _subject FROM {one}" for one in tables)

    def waiting(self, asked: list[Asked]) -> list[Waiting]:
        """Return the values that no verb knew, each with where it stands."""
        rows = self.database.rows(
            "SELECT asked, value, count(*) AS n, count(DISTINCT coalesce(w._subject, subject)),"
            f" min(src), list_sort(list(DISTINCT src // {FORM_SHIFT}) FILTER (src IS NOT NULL))"
            f" FROM _inbox LEFT JOIN ({self.whose()}) AS w ON w._src = src"
            " GROUP BY asked, value ORDER BY asked, n DESC, value"
        )
        names = list(self.program.forms)
        return [
            Waiting(
                asked[number], value, records, subjects,
                tuple(names[form] for form in forms or ()), self.place(src),
            )
            for number, value, records, subjects, src, forms in rows
        ]  # fmt: skip

    def looked_up(self, asked: list[Asked]) -> list[tuple[Asked, frozenset[str]]]:
        """Return every value that each verb looked up."""
        found: list[set[str]] = [set() for _one in asked]
        for number, value in self.database.rows("SELECT DISTINCT asked, value FROM _seen"):
            found[number].add(value)
        return [(one, frozenset(values)) for one, values in zip(asked, found, strict=True)]
