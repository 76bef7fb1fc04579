"""What is made wrong on purpose, after the true records are rendered, and its log.

Three kinds: a cell is rewritten, a number and its unit are rewritten together, or a
row is put beside a row that exists. Every one is logged with the file, the row (1 is
the first after the header), the field, the text before and after, and what converted
data must say where one cell decides it.
"""

import dataclasses
import re
from collections.abc import Callable

import numpy as np
import pyarrow as pa
from pyarrow import compute

from cdisc.simulate.misprints import NUMERIC, REWRITES, bumped, expected, later, partial_date
from cdisc.simulate.model import Array, Random, Words
from cdisc.simulate.rendering import Records, Table, numbers

_FEWEST = 20


@dataclasses.dataclass(slots=True)
class Log:
    """The defects so far, in the order in which they were made."""

    lines: list[tuple[str, str, int, str, str, str, str]] = dataclasses.field(default_factory=list)

    def table(self) -> Records:
        """Return the log by file, row and defect."""
        lines = sorted(self.lines, key=lambda line: (line[1], line[2], line[0], line[3]))
        names = ("defect", "file", "row", "field", "clean", "dirty", "expected")
        columns = zip(*lines, strict=True) if lines else [()] * len(names)
        return {
            name: np.array([str(one) for one in column], dtype=object)
            for name, column in zip(names, columns, strict=True)
        }


class Made:
    """One rendered table under alteration."""

    def __init__(self, table: Table) -> None:
        self.table = {name: values.copy() for name, values in table.items()}
        self._size = len(next(iter(table.values())))
        self._free = np.ones(self._size, dtype=bool)
        self._extra: list[tuple[Array, Table]] = []
        self._notes: list[tuple[str, Array, str, Array, Array, str]] = []

    def note(self, defect: str, rows: Array, column: str, clean: Array, *, read: str = "") -> None:
        """Log cells that were made wrong; `read` as in `misprints.expected`."""
        self._free[rows] = False
        self._notes.append((defect, rows, column, clean, self.table[column][rows], read))

    def cells(self, random: Random, plan: Words) -> None:
        """Rewrite some cells of one column."""
        column, values = plan["column"], self.table[plan["column"]]
        other = self.table[str(plan.get("against", column))]
        able = self._free & (values != "") & (other != "")
        if "only" in plan:
            able &= _among(values, plan["only"])
        for name, allowed in plan.get("where", {}).items():
            able &= _among(self.table[name], allowed)
        if plan["how"] in NUMERIC:
            able &= _matching(values, r"^[0-9]+(\.[0-9]*)?$")
        if "contains" in plan:
            able &= _matching(values, "|".join(re.escape(one) for one in plan["contains"]))
        rows = _choose(random, np.flatnonzero(able), plan)
        clean = values[rows].copy()
        rewrite = REWRITES[plan["how"]]
        picks = random.integers(0, 1 << 16, len(rows))
        dirty = [rewrite(*cell) for cell in zip(clean, other[rows], picks, strict=True)]
        values[rows] = np.array(dirty, dtype=object)
        self.note(plan["id"], rows, column, clean, read=plan.get("read", ""))

    def units(self, random: Random, plan: Words) -> None:
        """Rewrite some numbers and their units."""
        column, unit = plan["column"], plan["unit"]
        values, units = self.table[column], self.table[unit]
        able = self._free & (values != "") & (units == plan["from"])
        rows = _choose(random, np.flatnonzero(able), plan)
        clean, was = values[rows].copy(), units[rows].copy()
        scaled = clean.astype(float) * plan["scale"] + plan.get("shift", 0)
        values[rows], units[rows] = numbers(scaled, plan["decimals"]), plan["to"]
        self.note(plan["id"], rows, column, clean)
        self.note(plan["id"], rows, unit, was)

    def rows(self, random: Random, plan: Words) -> None:
        """Put copies, perhaps changed, after some rows."""
        able = self._free.copy()
        for name, allowed in plan.get("where", {}).items():
            able &= _among(self.table[name], allowed)
        rows = _choose(random, np.flatnonzero(able), plan)
        copy = {name: values[rows].copy() for name, values in self.table.items()}
        for name, text in plan.get("change", {}).items():
            copy[name][:] = text
        if plan["how"] == "corrected":
            copy[plan["column"]] = np.array([bumped(one) for one in copy[plan["column"]]], object)
            copy[plan["time"]] = np.array([later(one) for one in copy[plan["time"]]], object)
        for name, how in plan.get("rewrite", {}).items():
            copy[name] = np.array([REWRITES[how](one, "", 0) for one in copy[name]], dtype=object)
        self._free[rows] = False
        column = next(iter(plan.get("change") or plan.get("rewrite") or {"": ""}))
        start = self._size + sum(len(place) for place, _ in self._extra)
        self._extra.append((rows, copy))
        clean = self.table[column][rows] if column else np.full(len(rows), "", dtype=object)
        dirty = copy[column] if column else clean
        self._notes.append((plan["id"], start + np.arange(len(rows)), column, clean, dirty, ""))

    def finish(self, log: Log, file: str, before: int) -> Table:
        """Return the altered table and log its defects; `before` rows are written already."""
        place = np.concatenate([np.arange(self._size), *(rows for rows, _ in self._extra)])
        order = np.argsort(place, kind="stable")
        final = np.empty(len(order), dtype=np.int64)
        final[order] = np.arange(len(order))
        for defect, rows, column, clean, dirty, read in self._notes:
            for row, was, now in zip(final[rows], clean, dirty, strict=True):
                said = expected(read, was, now)
                log.lines.append((defect, file, before + int(row) + 1, column, was, now, said))
        return {
            name: np.concatenate([values, *(copy[name] for _, copy in self._extra)])[order]
            for name, values in self.table.items()
        }


def inject(
    random: Random,
    plan: Words,
    made: Made,
    form: str,
    *,
    first: bool = True,
) -> None:
    """Make the defects that the plan has for a form.

    Args:
        random: The stream of the defects.
        plan: Content of ``defects.yaml``.
        made: The rendered form, or one block of it.
        form: Name of the form.
        first: Whether this is the first block; counted defects are made only there.
    """
    for one in plan["cells"]:
        if one["form"] == form and (first or "share" in one):
            made.cells(random, one)
    for one in plan["units"]:
        if one["form"] == form and (first or "share" in one):
            made.units(random, one)
    for one in plan["rows"]:
        if one["form"] == form and (first or "share" in one):
            made.rows(random, one)


def note_known(
    made: Made, plan: Words, form: str, source: Records, label: Array, *, first: bool = True
) -> None:
    """Log the defects that the records themselves have.

    A field of the records tells the clean text where a cell is wrong (``clean``), or
    that a row is meant (``true``), or that the date of the row is partial
    (``partial``), or the usual name of what the cell names (``distinct``: the first
    row of every other name); or a column holds the text that tells (``value``); or
    the subject is written in another way (``label``: the first row).

    Args:
        made: The rendered form.
        plan: Content of ``defects.yaml``.
        form: Name of the form.
        source: The records of the form.
        label: How the EDC writes each subject.
        first: Whether this is the first block; what every row has is logged only there.
    """
    for one in plan["known"]:
        if one["form"] != form or (not first and {"distinct", "label"} & one.keys()):
            continue
        column = one["column"]
        if "partial" in one:
            rows, clean = _made_partial(made.table[column], source[one["partial"]])
        else:
            rows, clean = _KNOWN[next(iter(_KNOWN.keys() & one.keys()))](
                made.table[column], source, one, label
            )
        made.note(one["id"], rows, column, clean, read=one.get("read", ""))


def _made_partial(cells: Array, partial: Array) -> tuple[Array, Array]:
    rows = np.flatnonzero(partial)
    clean = cells[rows].copy()
    cells[rows] = np.array([partial_date(text) for text in clean], dtype=object)
    return rows, clean


def _other_names(cells: Array, source: Records, plan: Words, _label: Array) -> tuple[Array, Array]:
    usual = source[plan["distinct"]]
    rows = np.flatnonzero((cells != usual) & (cells != ""))
    _, place = np.unique(cells[rows].astype(str), return_index=True)
    rows = np.sort(rows[place])
    return rows, usual[rows]


def _cleaner(_cells: Array, source: Records, plan: Words, _label: Array) -> tuple[Array, Array]:
    clean = source[plan["clean"]]
    rows = np.flatnonzero(clean != "")
    return rows, clean[rows]


def _as_it_is(cells: Array, source: Records, plan: Words, _label: Array) -> tuple[Array, Array]:
    told = source[plan["true"]] if "true" in plan else cells == plan["value"]
    rows = np.flatnonzero(told)
    return rows, cells[rows]


def _labelled(cells: Array, source: Records, _plan: Words, label: Array) -> tuple[Array, Array]:
    rows = np.arange(min(len(cells), 1))
    return rows, label[source["subject"][rows]]


_KNOWN: dict[str, Callable[[Array, Records, Words, Array], tuple[Array, Array]]] = {
    "clean": _cleaner,
    "value": _as_it_is,
    "true": _as_it_is,
    "distinct": _other_names,
    "label": _labelled,
}


def _among(values: Array, allowed: list[str]) -> Array:
    return np.asarray(np.logical_or.reduce([values == one for one in allowed]), dtype=bool)


def _matching(values: Array, pattern: str) -> Array:
    found = compute.match_substring_regex(pa.array(values.tolist(), pa.string()), pattern)
    return np.array(found.to_pylist(), dtype=bool)


def _choose(random: Random, able: Array, plan: Words) -> Array:
    if "count" in plan:
        count = min(plan["count"], len(able))
    else:
        count = int(np.floor(plan["share"] * len(able) + 0.5))
        count = max(count, 1) if len(able) >= _FEWEST else count
    return np.sort(random.permutation(able)[:count])
