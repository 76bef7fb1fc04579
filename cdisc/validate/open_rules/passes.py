"""Which of many predicates hold of any record: as few passes over the records as can be.

Predicates that ask of each record alone are counted many at a time. Those that take dates apart
are asked of each combination of their values once, as many records share a date. Those that hold
records against each other are looked at one by one, over the columns that they name.
"""

import dataclasses
import re
from collections.abc import Sequence

from cdisc.functions.sqltext import name as quoted
from cdisc.validate.open_rules.columns import Frame
from cdisc.validate.open_rules.rule import Rule
from cdisc.validate.open_rules.study import Study

_TOGETHER = 40  # predicates of one statement: a longer one takes longer to plan than a pass to run
_OF_OTHERS = (" OVER (", "FROM f", "JOIN f")  # a predicate that looks at other records too
_MANY = 20_000  # records: of fewer, a statement of its own costs more than it saves
_OF_DATES = ("AS TIMESTAMP", "AS DATE")
_UNION = " UNION ALL "  # records that are values: of each variable other conditions can hold
_WORD = re.compile(r'"[^"]*"|\w+')


@dataclasses.dataclass(frozen=True)
class Job:
    """A rule over the records of one frame; without a predicate it can hold of none."""

    rule: Rule
    frame: Frame
    where: str | None

    @property
    def alone(self) -> bool:
        """Whether its predicate looks at other records too, or can hold of some variables only."""
        asked = any(one in (self.where or "") for one in _OF_OTHERS)
        return asked or _UNION in self.frame.query

    def source(self, study: Study) -> str:
        """Return the records that it is asked of; of many with dates, each combination once."""
        query, where = self.frame.query, self.where or ""
        table = study.tables.get(self.frame.dataset)
        few = table is None or table.rows < _MANY
        if few or not any(one in where for one in _OF_DATES):
            return query
        words = set(_WORD.findall(where))
        used = [one for one in self.frame.columns if words & {one, quoted(one)}]
        if "__row" in words or not used:
            return query
        return f"SELECT DISTINCT {', '.join(map(quoted, used))} FROM ({query}) AS f"


def finding(jobs: Sequence[Job], study: Study) -> set[int]:
    """Return the places of the jobs that find something."""
    found: set[int] = set()
    together: dict[str, list[int]] = {}
    for at, job in enumerate(jobs):
        if not job.alone:
            together.setdefault(job.source(study), []).append(at)
        elif study.database.rows(
            f"WITH f AS ({job.frame.query}) SELECT 1 FROM "
            f"(SELECT {job.where} AS __hit FROM f) WHERE __hit LIMIT 1"
        ):
            found.add(at)
    for source, places in together.items():
        for begun in range(0, len(places), _TOGETHER):
            some = places[begun : begun + _TOGETHER]
            counts = ", ".join(f"count(*) FILTER (WHERE {jobs[at].where})" for at in some)
            numbers = study.database.rows(f"SELECT {counts} FROM ({source}) AS f")[0]
            found.update(at for at, number in zip(some, numbers, strict=True) if number)
    return found
