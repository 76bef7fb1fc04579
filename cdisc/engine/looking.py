"""What a run looks at in the data, and reports: audits, checks, dates, relations."""

from collections.abc import Callable, Iterable, Sequence
from functools import partial

from cdisc.dataset import RawStudy
from cdisc.diagnostics import Diagnostic
from cdisc.engine.among import probed
from cdisc.engine.database import Database
from cdisc.engine.findings import audited, not_met, partly_dated, partnerless
from cdisc.engine.level import Audit, Level, Probe, chosen
from cdisc.engine.program import Checked, DatasetPlan, EventPlan, Program, Relation
from cdisc.engine.relate import without_partner
from cdisc.engine.seen import Counted, Place, Row, Seen, Use, Values
from cdisc.engine.statements import Statement, check_level, split
from cdisc.engine.winners import dated
from cdisc.errors import RawDataError

FORM_SHIFT = 1 << 40
LOADING = "_loading"


def place_of(program: Program, src: int | None) -> str:
    """Return the file and row of a source record."""
    if src is None:
        return "no record of a file"
    form = list(program.forms.values())[src // FORM_SHIFT]
    return f"{form.block.file} row {src % FORM_SHIFT}"


class Looking:
    """Looks at the data of a study, each time in a place of the program."""

    def __init__(
        self, program: Program, raw: RawStudy, database: Database, progress: Callable[[str], None]
    ) -> None:
        self.program, self.raw, self.database, self.progress = program, raw, database, progress
        self.seen = Seen()
        self.wrong = False
        self.unheard: frozenset[str] = frozenset()  # of these datasets nothing is reported
        self.place_at(0)

    # what is seen ---------------------------------------------------------------

    def place_at(self, major: int, dataset: str = "") -> None:
        """Begin a part of the program: what is seen in it is numbered."""
        self.major, self.minor = major, 0
        self.deaf = dataset in self.unheard

    def look(self) -> Place:
        """Return the place of the next look at the data, the same whatever they hold."""
        self.minor += 1
        return self.major, self.minor

    def see(self, place: Place, what: Counted | Values) -> None:
        """Keep what is to be reported."""
        if not self.deaf:
            self.wrong |= self.seen.see(place, what)

    def note(self, use: Use) -> None:
        """Keep how many records of a form a line used."""
        place = self.look()
        if not self.deaf:
            self.seen.uses[place] = use

    def stop_on_errors(self) -> None:
        """Raise what was found so far, if the run cannot go on with it."""
        if self.wrong:
            self.seen.ended = (self.major, self.minor)
            raise RawDataError(self.seen.findings())

    def prepare(self, level: Level | Statement) -> None:
        """Make the macros and the small tables that a statement uses."""
        self.database.macros(one for prelude in level.preludes for one in split(prelude))
        for name, rows in level.tables.items():
            self.database.store_columns(name, rows)

    def probe(self, probes: Iterable[Probe]) -> None:
        """Report what queries find on records that no column stands for."""
        for one in probes:
            table = f"({one.sql})"
            number = self.count(f"SELECT count({one.audit.column}) FROM {table}")
            self.report(one.audit, table, number)

    def report(self, audit: Audit, table: str, number: int) -> None:
        """Report what an audit found on so many records."""
        place = self.look()
        if number:
            values = self.database.rows(audit.values(table))
            self.see(place, Values(values, number, partial(self._audited, audit), audit))

    def _audited(self, audit: Audit, values: Sequence[Row], number: int) -> Diagnostic:
        return audited(audit, values, number, self.place)

    def place(self, src: int | None) -> str:
        """Return the file and row of a source record."""
        return place_of(self.program, src)

    # datasets that are complete ---------------------------------------------------

    def check(self, plan: DatasetPlan) -> None:
        """Report the records that do not meet the conditions of ``checks:``."""
        for checked in plan.checks:
            condition, level = check_level(self.program, plan, checked)
            self.prepare(level)
            failing = chosen(level, f"({condition}) IS NOT TRUE")
            number, src = self.database.rows(f"SELECT count(*), min(_src) FROM ({failing})")[0]
            place = self.look()
            if number:
                say = partial(self._not_met, plan.name, checked)
                self.see(place, Counted(number, src, say))
            self.probe(probed(level))

    def _not_met(self, name: str, checked: Checked, number: int, src: int | None) -> Diagnostic:
        return not_met(name, checked, number, self.place(src))

    def date_events(self, plan: DatasetPlan) -> None:
        """Report the partial dates of events and censorings: they do not count."""
        for event in (*plan.events, *plan.censors):
            if event.date.type != "dtc":
                continue
            level = Level(LOADING)
            records, date, where = dated(self.program, plan, level, event)
            self.prepare(level)
            number, src = self.database.rows(
                f"SELECT count(*), min(s._src) FROM {records}"
                f" WHERE ({date}) IS NOT NULL AND TRY_CAST(left({date}, 10) AS DATE) IS NULL"
                f" AND ({where})"
            )[0]
            place = self.look()
            if number:
                say = partial(self._partly_dated, plan.name, event)
                self.see(place, Counted(number, src, say))

    def _partly_dated(
        self, name: str, event: EventPlan, number: int, src: int | None
    ) -> Diagnostic:
        return partly_dated(name, event, number, self.place(src))

    def find_partners(self, plan: DatasetPlan) -> None:
        """Report the values of relations that the other dataset does not have."""
        for relation in (one for source in plan.sources for one in source.relations):
            values = self.database.rows(without_partner(self.program, relation))
            place = self.look()
            if values:
                number = sum(count for _value, count, _src in values)
                self.see(place, Values(values, number, partial(self._partnerless, relation)))

    def _partnerless(self, relation: Relation, values: Sequence[Row], _number: int) -> Diagnostic:
        return partnerless(relation, values, self.place)

    def count(self, sql: str) -> int:
        """Return the number that a query gives."""
        return int(self.database.rows(sql)[0][0])
