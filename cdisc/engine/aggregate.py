"""Aggregates, flags and sequence numbers as SQL: joins with narrow summaries."""

import re
from collections.abc import Callable

from cdisc.engine.among import probe, settled
from cdisc.engine.inner import Inner, Rendering, raw_table
from cdisc.engine.level import Grouped
from cdisc.engine.needs import aggregate_source, is_correlated, operand_sources
from cdisc.engine.operators import SUBQUERY
from cdisc.functions.choose import least
from cdisc.functions.dates import DTC_EARLIEST
from cdisc.functions.sqltext import name as sql_name
from cdisc.language import tree as t
from cdisc.language.verb import Type, Use

# numbers are added in the order of the records, so that threads do not decide the last digit
_SIMPLE = {
    "min": "min({0}){1}",
    "max": "max({0}){1}",
    "sum": "list_sum(list({0} ORDER BY s._id){1})",
    "mean": "list_avg(list({0} ORDER BY s._id){1})",
}
# of partial dates, the one that may be earliest; the last in bytes is the one that may be latest
_EARLIEST = "dtc_ranked(min(dtc_rank({0})){1})"
_SPREAD = {("max", "latest"), ("min", "earliest")}
_TIE = "DATA011"
_AT_HAND = re.compile(r"\bb\.")
_UNDECIDED = "DATA018"
_DATES = ("before", "after", "on or before", "on or after")


class AggregateSql:
    """Renders one aggregate of an expression."""

    def __init__(self, compiler: Rendering, node: t.Aggregate) -> None:
        self.compiler, self.node = compiler, node
        self.strictly, self.undecided = "", ""
        # what verbs found among the records: code, value, verb, whether a list of values
        self.noticed: list[tuple[str, str, Use | None, bool]] = []

    def render(self) -> str:
        """Return the SQL of the aggregate's value for the record at hand."""
        node, operand = self.node, self.node.operand
        if (
            isinstance(operand, t.Call)
            and (node.kind, operand.name) in _SPREAD
            and len(operand_sources(node)) > 1
        ):
            return self._spread(operand)
        source = aggregate_source(node, self.compiler.checked)
        inner, table = self._inner(source)
        made = self.compiler.inside(inner)
        group = self._grouped(source, inner, table, made)
        return self._value(group)

    def _spread(self, operand: t.Call) -> str:
        """Return ``max latest(A.X, B.Y)`` as the latest of the maxima."""
        parts = []
        for argument in operand.arguments:
            part = t.Aggregate(
                kind=self.node.kind,
                operand=argument,
                where=self.node.where,
                by=self.node.by,
                order=self.node.order,
                start=self.node.start,
                end=self.node.end,
            )
            parts.append(AggregateSql(self.compiler, part).render())
        if operand.name == "latest":
            return f"greatest({', '.join(parts)})"
        return least(parts, self._kind(operand))

    def _inner(self, source: tuple[str, str] | None) -> tuple[Inner, str]:
        here = self.compiler.level.source
        if source is None:
            return Inner(self.compiler.plan.name, own=True, table=here), here
        if source[0] == "another":
            return Inner(source[1], beside=True, table=here), here
        table = raw_table(source[1]) if source[0] == "form" else sql_name(source[1])
        return Inner(source[1], table=table), table

    def _grouped(
        self, source: tuple[str, str] | None, inner: Inner, table: str, made: Rendering
    ) -> Grouped:
        node, level = self.node, self.compiler.level
        self.made = made
        where = self._where(made, inner, table)
        self.expressions = self._expressions(made, inner)
        names = [sql_name(ref.name) for ref in node.by]
        if source is None:
            group = [f"s.{one}" for one in names] or ["s._subject"]
            on = names or ["_subject"]
        elif is_correlated(node, self.compiler.checked):
            return self._correlated(source, inner, table, where, names)
        else:
            subject = self.compiler.program.subject
            on = [one for one in names if one != subject]
            if self._of_one_subject(source):
                on.insert(0, "_subject")
            group = [f"s.{one}" for one in on]
        text = inner.render(table) + (f"\n    WHERE {where}" if where else "")
        joined = " AND ".join(
            f"{{alias}}.g{n} {self._sign(source)} b.{one}" for n, one in enumerate(on)
        )
        stem = (source[1] if source else self.compiler.plan.name).lower()
        return level.grouped(
            f"group {text} {group}",
            f"{stem}_group",
            lambda alias: Grouped(alias, text, tuple(group), joined.format(alias=alias) or "TRUE"),
        )

    def _of_one_subject(self, source: tuple[str, str]) -> bool:
        """Say whether the records are those of the subject at hand; trial design has none."""
        other = self.compiler.program.datasets.get(source[1])
        return self.compiler.plan.of_subjects and (other is None or other.of_subjects)

    def _sign(self, source: tuple[str, str] | None) -> str:
        """Return how groups are compared: missing is a group among records of this dataset."""
        if source is not None and source[0] != "another":
            other = self.compiler.program.datasets.get(source[1])
            if other is None or other.of is None:
                return "="
        return "IS NOT DISTINCT FROM"

    def _where(self, made: Rendering, inner: Inner, table: str) -> str | None:
        """Return the condition, widened so that what is lost by it can be reported.

        Then what is summarised is what meets it as it is written.
        """
        if self.node.where is None:
            return None
        where = made.sql(self.node.where)
        dates_only = all(code == _UNDECIDED for code, _found in inner.audits)
        if not (inner.undecided and dates_only and _widens(self.node.where)):
            if not inner.audits:
                return where
            if SUBQUERY in where and "dtc_" in where:
                self._look_apart(made, inner, table)
                return where
            self._notice(inner)
            self.strictly = f" FILTER (WHERE {where})"
            return " AND ".join(made.sql(one) for one in settled(made, self.node.where))
        inner.audits = {}
        wide = where
        for comparison, (open_, _found) in inner.undecided.items():
            wide = wide.replace(comparison, f"({comparison} OR {open_})")
        found = " ".join(f"WHEN {open_} THEN {one}" for open_, one in inner.undecided.values())
        self.strictly = f" FILTER (WHERE {where})"
        self.undecided = f"min(CASE {found} END) FILTER (WHERE ({where}) IS NOT TRUE)"
        return wide

    def _look_apart(self, made: Rendering, inner: Inner, table: str) -> None:
        """Have a query of its own look where a condition takes long to plan more than once."""
        assert self.node.where is not None
        if table == self.compiler.level.source:
            inner.audits = {}  # not reported: a query over the records at hand takes long to plan
            return
        alone = {one: use for one, use in inner.audits.items() if not _AT_HAND.search(one[1])}
        plain = [made.sql(one) for one in settled(made, self.node.where)]
        inner.audits = alone
        joins = "".join(text for _alias, text in inner.joins.values())
        if _AT_HAND.search(joins):
            inner.audits = {}
        probe(made, table, [one for one in plain if not _AT_HAND.search(one)])

    def _notice(self, inner: Inner, choose: Callable[[str], str] | None = None) -> None:
        """Keep what verbs found: every value among the records, or that of the one chosen."""
        for (code, found), use in inner.audits.items():
            listed = f"nullif(list_distinct(list(DISTINCT {found}){self.strictly}), [])"
            summary = choose(found) if choose else listed
            self.noticed.append((code, summary, use, choose is None))
        inner.audits = {}

    def _correlated(
        self, source: tuple[str, str], inner: Inner, table: str, where: str | None, names: list[str]
    ) -> Grouped:
        joins = " ".join(text for _alias, text in inner.joins.values())
        subject = self.compiler.program.subject
        sign = self._sign(source)
        same = "".join(f" AND s.{one} {sign} b.{one}" for one in names if one != subject)
        same += " AND s._id <> b._id" if inner.beside else ""
        subjects = f"s._subject {sign} b._subject" if self._of_one_subject(source) else "TRUE"
        text = (
            f"{self.compiler.level.source} AS b JOIN {table} AS s ON {subjects}{same} {joins}"
        ) + (f"\n    WHERE {where}" if where else "")
        return self.compiler.level.grouped(
            f"group {text}",
            f"{inner.name.lower()}_matched",
            lambda alias: Grouped(alias, text, ("b._id",), f"{alias}.g0 = b._id"),
        )

    def _expressions(self, made: Rendering, inner: Inner) -> tuple[str, str | None]:
        """Return the summary, and for a choice the same with ties broken the other way."""
        node = self.node
        if node.kind in ("count", "any"):
            return f"count(*){self.strictly}", None
        assert node.operand is not None
        operand = made.sql(node.operand)
        if node.kind not in ("first", "last"):
            self._notice(inner)
        if node.kind == "min" and self._kind(node.operand) == "dtc":
            return _EARLIEST.format(operand, self.strictly), None
        if node.kind in _SIMPLE:
            return _SIMPLE[node.kind].format(operand, self.strictly), None
        keys = sort_key(made, node.order)
        choose = "arg_min_null" if node.kind == "first" else "arg_max_null"

        def chosen(value: str, tie: str = "ASC NULLS FIRST") -> str:
            return f"{choose}({value}, create_sort_key({keys}, s._id, '{tie}')){self.strictly}"

        self._notice(inner, chosen)
        return chosen(operand), chosen(operand, "DESC NULLS LAST")

    def _kind(self, operand: t.Node) -> Type:
        """Return the type of an operand; that of partial dates has macros of its own."""
        kind = self.compiler.type_of(operand)
        if kind == "dtc":
            self.compiler.level.preludes[DTC_EARLIEST] = None
        return kind

    def _value(self, group: Grouped) -> str:
        main, other = self.expressions
        value = group.value(main)
        if self.undecided:
            found = group.value(self.undecided)
            self.compiler.audit(_UNDECIDED, f"{found} IS NOT NULL", found)
        for code, summary, use, several in self.noticed:
            self.compiler.relay(code, group.value(summary), use, self._among(), several=several)
        if self.node.kind == "any":
            return f"coalesce({value} > 0, false)"
        if self.node.kind == "count":
            return f"CAST(coalesce({value}, 0) AS DOUBLE)"
        if other is not None:
            twin = group.value(other)
            self.compiler.audit(
                _TIE,
                f"{value} IS DISTINCT FROM {twin}",
                f"concat(CAST({value} AS VARCHAR), ' and ', CAST({twin} AS VARCHAR))",
            )
        return value

    def _among(self) -> str:
        """Return the dataset or form whose records are summarised."""
        source = aggregate_source(self.node, self.compiler.checked)
        name = source[1] if source else self.compiler.plan.name
        dataset = self.compiler.program.datasets.get(name)
        return dataset.shown if dataset else name

    @staticmethod
    def flag(compiler: Rendering, node: t.Flag) -> str:
        """Return the SQL of a flag: 'Y' on exactly one record of each group."""
        inner = Inner(compiler.plan.name, own=True, table=compiler.level.source)
        made = compiler.inside(inner)
        where = AggregateSql.candidates(compiler, made, node.where)
        last = node.kind == "last"
        group = ", ".join(made.sql(ref) for ref in node.by) or "s._subject"
        order = [
            f"{made.sql(one.ref)}, '{_direction(descending=one.descending != last)}'"
            for one in node.order
        ]
        # ties are broken by the source record; broken the other way they show themselves
        ends = (f"s._id, '{_direction(descending=one)}'" for one in (last, not last))
        keys = (", ".join([*order, end]) for end in ends)
        chosen, other = (f"arg_min(s._id, create_sort_key({one}))" for one in keys)
        text = (
            f"LEFT JOIN (\n    SELECT {chosen} AS chosen,\n      {other} AS other"
            f"\n    FROM {inner.render(compiler.level.source)}"
            + (f"\n    WHERE {where}" if where else "")
            + f"\n    GROUP BY {group}"
        )
        alias = compiler.level.join(
            text,
            f"flag_{compiler.variable}".lower(),
            lambda alias: f"{text}\n  ) AS {alias} ON {alias}.chosen = b._id",
        )
        compiler.audit(
            _TIE, f"{alias}.chosen <> {alias}.other", "'another record with the same order'"
        )
        return f"CASE WHEN {alias}.chosen IS NOT NULL THEN 'Y' END"

    @staticmethod
    def numbering(compiler: Rendering, node: t.Numbering) -> str:
        """Return the SQL of the number of a record within its group."""
        inner = Inner(compiler.plan.name, own=True, table=compiler.level.source)
        made = compiler.inside(inner)
        where = AggregateSql.candidates(compiler, made, node.where)
        group = ", ".join(made.sql(ref) for ref in node.by) or "s._subject"
        order = ", ".join(
            f"{made.sql(one.ref)} {_direction(descending=one.descending)}" for one in node.order
        )
        # ties are broken by the source record; those of equal order have one rank
        text = (
            "LEFT JOIN (\n    SELECT s._id AS record,"
            f"\n      row_number() OVER (PARTITION BY {group} ORDER BY {order}, s._id) AS n,"
            f"\n      rank() OVER (PARTITION BY {group} ORDER BY {order}) AS place"
            f"\n    FROM {inner.render(compiler.level.source)}"
            + (f"\n    WHERE {where}" if where else "")
        )
        alias = compiler.level.join(
            text,
            f"number_{compiler.variable}".lower(),
            lambda alias: f"{text}\n  ) AS {alias} ON {alias}.record = b._id",
        )
        compiler.audit(_TIE, f"{alias}.n <> {alias}.place", "'another record with the same order'")
        return f"CAST({alias}.n AS DOUBLE)"

    @staticmethod
    def candidates(compiler: Rendering, made: Rendering, where: t.Node | None) -> str | None:
        """Return the condition on the records of a window; every record of the dataset is one."""
        if where is None:
            return None
        sql = made.sql(where)
        if made.inner is not None and made.inner.audits:
            compiler.look(where, settled(made, where))
        return sql

    @staticmethod
    def window(made: Rendering, node: t.Flag) -> str:
        """Return the window in which the record to choose stands first."""
        last = node.kind == "last"
        part = ", ".join(made.sql(ref) for ref in node.by) or "s._subject"
        order = [
            f"{made.sql(one.ref)} {_direction(descending=one.descending != last)}"
            for one in node.order
        ]
        order.append(f"s._id {'DESC' if last else 'ASC'}")
        return f"PARTITION BY {part} ORDER BY {', '.join(order)}"

    @staticmethod
    def sequence(compiler: Rendering) -> str:
        """Return the SQL of the number of a record within subject, in key order."""
        keys = ", ".join(f"b.{sql_name(key)} ASC NULLS FIRST" for key in compiler.plan.keys)
        window = f"PARTITION BY b._subject ORDER BY {keys}, b._id"
        return f"CAST(row_number() OVER ({window}) AS DOUBLE)"


def sort_key(made: Rendering, order: tuple[t.Ordering, ...]) -> str:
    """Return the arguments of create_sort_key: missing first, as SAS sorts."""
    return ", ".join(
        f"{made.sql(one.ref)}, '{_direction(descending=one.descending)}'" for one in order
    )


def _direction(*, descending: bool) -> str:
    return "DESC NULLS LAST" if descending else "ASC NULLS FIRST"


def _widens(node: t.Node) -> bool:
    """Say whether a condition holds at least as often if comparisons of dates in it do."""
    match node:
        case t.And() | t.Or():
            return all(_widens(one) for one in node.operands)
        case t.Meant(meaning=meaning):
            return _widens(meaning)
        case t.Compare():
            below = (one for child in node.children() for one in child.walk())
        case _:
            below = (one for one in node.walk())
    return not any(isinstance(one, t.Compare) and one.operator in _DATES for one in below)
