"""What a run sees in the data. What buckets of subjects see adds up to what the whole shows.

Every look at the data has a place in the program, the same in every bucket. What is seen
at one place in several buckets is added: records are counted together, of examples the
least is kept. What is said of it is said once, at the end, in the order of the places.
"""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from cdisc.diagnostics import Diagnostic, has_errors
from cdisc.engine.level import Audit

Place: TypeAlias = tuple[int, int]
Row: TypeAlias = tuple[Any, int, int | None]


@dataclasses.dataclass(frozen=True)
class Use:
    """How many records of a form a line of the study used or left out."""

    form: str
    dataset: str
    line: str
    reason: str
    used: int
    excluded: int


@dataclasses.dataclass
class Counted:
    """Records that are to be reported, and the least of the examples.

    Attributes:
        number: How many.
        least: What tells of the first of them: rows, records or a value, which can be compared.
        say: Says it.
    """

    number: int
    least: Any
    say: Callable[[int, Any], Diagnostic]

    def add(self, other: "Counted") -> None:
        """Take what another bucket saw."""
        self.number += other.number
        examples = [one for one in (self.least, other.least) if one is not None]
        self.least = min(examples, default=None)

    def said(self) -> Diagnostic:
        """Return the finding."""
        return self.say(self.number, self.least)


class Values:
    """Values that are to be reported, with their records and the first source record.

    Attributes:
        audit: What looked at them, or None.
        say: Says it, of the values, those of most records first, and of the records of all.
    """

    def __init__(
        self,
        rows: Iterable[Row],
        number: int,
        say: Callable[[Sequence[Row], int], Diagnostic],
        audit: Audit | None = None,
    ) -> None:
        self.number, self.say, self.audit = number, say, audit
        self._found: dict[Any, tuple[int, int | None]] = {}
        self._take(rows)

    def add(self, other: "Values") -> None:
        """Take what another bucket saw."""
        self.number += other.number
        self._take(other.rows())

    def rows(self) -> list[Row]:
        """Return the values, those of most records first."""
        listed = ((value, count, src) for value, (count, src) in self._found.items())
        return sorted(listed, key=lambda one: (-one[1], one[0]))

    def said(self) -> Diagnostic:
        """Return the finding."""
        return self.say(self.rows(), self.number)

    def _take(self, rows: Iterable[Row]) -> None:
        for value, count, src in rows:
            before, first = self._found.get(value, (0, None))
            sources = [one for one in (first, src) if one is not None]
            self._found[value] = before + count, min(sources, default=None)


class Seen:
    """Everything that a run, or the runs of all buckets, saw.

    Attributes:
        at: What is to be reported, by place.
        uses: The ledger of records, by place.
        records: Records of each form.
        ended: Behind this place nothing ran, for what was found up to it; None if all ran.
    """

    def __init__(self) -> None:
        self.uses: dict[Place, Use] = {}
        self.records: dict[str, int] = {}
        self.ended: Place | None = None
        self.at: dict[Place, Counted | Values] = {}

    def see(self, place: Place, what: Counted | Values) -> bool:
        """Keep what was seen at a place, and say whether it is an error."""
        self.at[place] = what
        return has_errors([what.said()])

    def add(self, other: "Seen") -> None:
        """Take what another bucket saw."""
        for place, what in other.at.items():
            known = self.at.setdefault(place, what)
            if known is not what:
                known.add(what)  # type: ignore[arg-type]  # one place sees things of one kind
        for place, use in other.uses.items():
            before = self.uses.get(place)
            if before is not None:
                use = dataclasses.replace(  # noqa: PLW2901  the use of both
                    use, used=use.used + before.used, excluded=use.excluded + before.excluded
                )
            self.uses[place] = use
        for form, number in other.records.items():
            self.records[form] = self.records.get(form, 0) + number
        ends = [one for one in (self.ended, other.ended) if one is not None]
        self.ended = min(ends, default=None)

    def found(self) -> Iterator[Counted | Values]:
        """Yield what is to be said, in the order of the program, up to the end of the run."""
        for place in sorted(self.at):
            if self.ended is None or place <= self.ended:
                yield self.at[place]

    def findings(self) -> list[Diagnostic]:
        """Return what is said of the data."""
        return [one.said() for one in self.found()]

    def listed_uses(self) -> tuple[Use, ...]:
        """Return the ledger of records in the order of the program."""
        return tuple(self.uses[place] for place in sorted(self.uses))
