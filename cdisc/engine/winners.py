"""Time to event as SQL: of the dated facts of a subject, the one that each parameter takes."""

from collections.abc import Iterator, Sequence

from cdisc.engine.among import probe, probe_condition
from cdisc.engine.chosen import chosen_records
from cdisc.engine.inner import Inner
from cdisc.engine.level import Level
from cdisc.engine.program import DatasetPlan, EventPlan, ParamPlan, Program
from cdisc.engine.sql import Compiler
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text

CENSORED, COMPETED = "1", "2"  # CNSR where nothing else is said


def winners(program: Program, plan: DatasetPlan, level: Level, starts: Sequence[str]) -> str:
    """Return the SQL of the records of all parameters with what they take.

    Args:
        program: The study.
        plan: The time-to-event dataset.
        level: Takes what the conditions of events need.
        starts: A SELECT for each parameter, with its records and their time origins.
    """
    events = (*plan.events, *plan.censors)
    return _WINNERS.format(
        starts=_stacked(starts),
        facts=_stacked([_fact(program, plan, level, event) for event in events]),
        choices=",\n    ".join(_choices(plan)),
    )


def dated(
    program: Program, plan: DatasetPlan, level: Level, event: EventPlan
) -> tuple[str, str, str]:
    """Return the SQL of the records of an event, of its date as written, and of its condition.

    Args:
        program: The study.
        plan: The time-to-event dataset.
        level: Takes what the condition needs.
        event: The event or censoring.
    """
    owner = program.datasets[event.dataset]
    table, where = sql_name(event.dataset), "TRUE"
    inner = Inner(event.dataset, own=True)
    date = Compiler(program, owner, level, event.date, event.name, inner)
    if event.when is not None and event.when.expression.choices:
        table = chosen_records(program, plan, level, event.dataset, table, event.when)
    elif event.when is not None:
        made = Compiler(program, owner, level, event.when, event.name, inner)
        where = made.sql(event.when.expression.tree)
        probe_condition(made, event.when.expression.tree, table)
    found = date.sql(event.date.expression.tree)
    probe(date, table, [where])
    return inner.render(table), found, where


def numbers(plan: DatasetPlan, param: ParamPlan) -> Iterator[tuple[str, str]]:
    """Yield the names that a parameter may take with CNSR: events, those that compete, the rest."""
    cnsr = {one.name: one.block.cnsr for one in (*plan.events, *plan.censors)}
    yield from ((name, "0") for name in param.block.events)
    yield from ((name, cnsr.get(name) or COMPETED) for name in param.block.competing)
    yield from ((name, cnsr.get(name) or CENSORED) for name in param.block.censors)


def _fact(program: Program, plan: DatasetPlan, level: Level, event: EventPlan) -> str:
    records, date, where = dated(program, plan, level, event)
    if event.date.type == "dtc":
        date = f"TRY_CAST(left({date}, 10) AS DATE)"
    sequence = f"s.{sql_name(event.sequence)}" if event.sequence else "CAST(NULL AS DOUBLE)"
    variable = sql_text(event.variable) if event.variable else "CAST(NULL AS VARCHAR)"
    return (
        f"SELECT s._subject, {sql_text(event.name)} AS name, CAST({date} AS DATE) AS date,"
        f" {sql_text(event.block.says)} AS says, {sql_text(event.dataset)} AS domain,"
        f" {variable} AS variable, {sequence} AS sequence, s._id AS record\n"
        f"FROM {records}\nWHERE ({date}) IS NOT NULL"
        + (f" AND {where}" if event.when is not None else "")
    )


def _choices(plan: DatasetPlan) -> Iterator[str]:
    """Yield role, rank and CNSR of every name in every parameter; what competes follows events."""
    for param in plan.params:
        roles = [*("event" for _ in (*param.block.events, *param.block.competing))]
        roles += ["censor" for _ in param.block.censors]
        listed = [(role, *one) for role, one in zip(roles, numbers(plan, param), strict=True)]
        listed += [("stop", name, "0") for name in param.block.stop_at]
        for rank, (role, name, cnsr) in enumerate(listed, start=1):
            code = sql_text(param.code)
            yield f"({code}, {sql_text(role)}, {rank}, {sql_text(name)}, {cnsr})"


def _stacked(parts: Sequence[str]) -> str:
    return "\nUNION ALL BY NAME\n".join(parts).replace("\n", "\n  ")


# No dataset has a name with an underscore, so none is hidden by these.
_WINNERS = """WITH _choices AS (
  SELECT * FROM (VALUES
    {choices}
  ) AS t(code, role, rank, name, cnsr)
),
_facts AS (
  {facts}
),
_offered AS (
  SELECT f.*, c.code, c.role, c.rank, c.cnsr FROM _facts AS f JOIN _choices AS c ON c.name = f.name
),
_stop AS (
  SELECT _subject, code, min(date) AS date FROM _offered WHERE role = 'stop' GROUP BY _subject, code
),
_event AS (
  -- the first event in time; on one day the first in the list, what competes behind the events
  SELECT _subject, code, arg_min({{'date': date, 'says': says, 'domain': domain,
    'variable': variable, 'sequence': sequence, 'cnsr': cnsr}},
    create_sort_key(date, 'ASC NULLS FIRST', rank, 'ASC NULLS FIRST',
      sequence, 'ASC NULLS FIRST', record, 'ASC NULLS FIRST')) AS fact
  FROM _offered WHERE role = 'event' GROUP BY _subject, code
),
_censor AS (
  -- the last censoring in time, cut where nothing counts any more; on one day the first in the list
  SELECT o._subject, o.code, arg_max({{'date': least(o.date, stop.date), 'says': says,
    'domain': domain, 'variable': variable, 'sequence': sequence, 'cnsr': cnsr}},
    create_sort_key(least(o.date, stop.date), 'ASC NULLS FIRST', rank, 'DESC NULLS LAST',
      sequence, 'DESC NULLS LAST', record, 'DESC NULLS LAST')) AS fact
  FROM _offered AS o
    LEFT JOIN _stop AS stop ON stop._subject = o._subject AND stop.code = o.code
  WHERE role = 'censor' GROUP BY o._subject, o.code
)
SELECT p.*,
  coalesce(e.fact.date, c.fact.date) AS "winner.date",
  CAST(CASE WHEN e.fact IS NOT NULL THEN e.fact.cnsr ELSE c.fact.cnsr END AS DOUBLE)
    AS "winner.cnsr",
  coalesce(e.fact.says, c.fact.says) AS "winner.event",
  CASE WHEN e.fact IS NULL THEN c.fact.says
    WHEN e.fact.cnsr <> 0 THEN e.fact.says END AS "winner.censoring",
  coalesce(e.fact.domain, c.fact.domain) AS "winner.domain",
  CASE WHEN e.fact IS NOT NULL THEN e.fact.variable ELSE c.fact.variable END
    AS "winner.variable",
  CASE WHEN e.fact IS NOT NULL THEN e.fact.sequence ELSE c.fact.sequence END AS "winner.sequence"
FROM (
  {starts}
) AS p
LEFT JOIN _stop AS stop ON stop._subject = p._subject AND stop.code = p."param.code"
LEFT JOIN _event AS e ON e._subject = p._subject AND e.code = p."param.code"
  AND (stop.date IS NULL OR e.fact.date <= stop.date)
LEFT JOIN _censor AS c ON c._subject = p._subject AND c.code = p."param.code"
"""
