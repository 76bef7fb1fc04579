"""What is made wrong on purpose, after the true records are rendered, and its log.

Two kinds: a cell is rewritten, or a row is put beside a row that exists. Every one
is logged with the file, the row (1 is the first after the header), the field and
the text before and after.
"""

import dataclasses
from collections.abc import Callable

import numpy as np

from cdisc.simulate.model import Array, Random, Words, day_number
from cdisc.simulate.rendering import Records, Table, edc_day, lis_day

_MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
_FEWEST = 20


@dataclasses.dataclass(slots=True)
class Log:
    """The defects so far, in the order in which they were made."""

    lines: list[tuple[str, str, int, str, str, str]] = dataclasses.field(default_factory=list)

    def table(self) -> Records:
        """Return the log by file, row and defect."""
        lines = sorted(self.lines, key=lambda line: (line[1], line[2], line[0], line[3]))
        names = ("defect", "file", "row", "field", "clean", "dirty")
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
        self._notes: list[tuple[str, Array, str, Array, Array]] = []

    def note(self, defect: str, rows: Array, column: str, clean: Array) -> None:
        """Log cells that were made wrong before the table was rendered."""
        self._free[rows] = False
        self._notes.append((defect, rows, column, clean, self.table[column][rows]))

    def cells(self, random: Random, plan: Words) -> None:
        """Rewrite some cells of one column."""
        column, values = plan["column"], self.table[plan["column"]]
        other = self.table[str(plan.get("against", column))]
        able = self._free & (values != "") & (other != "")
        if "only" in plan:
            able &= np.isin(values.astype(str), plan["only"])
        for name, allowed in plan.get("where", {}).items():
            able &= np.isin(self.table[name].astype(str), allowed)
        if plan["how"] in _NUMERIC:
            able &= np.char.isnumeric(np.char.replace(values.astype(str), ".", ""))
        rows = _choose(random, np.flatnonzero(able), plan)
        clean = values[rows].copy()
        rewrite = _CELLS[plan["how"]]
        picks = random.integers(0, 1 << 16, len(rows))
        dirty = [rewrite(*cell) for cell in zip(clean, other[rows], picks, strict=True)]
        values[rows] = np.array(dirty, dtype=object)
        self.note(plan["id"], rows, column, clean)

    def rows(self, random: Random, plan: Words) -> None:
        """Put copies, perhaps changed, after some rows."""
        rows = _choose(random, np.flatnonzero(self._free), plan)
        copy = {name: values[rows].copy() for name, values in self.table.items()}
        for name, text in plan.get("change", {}).items():
            copy[name][:] = text
        if plan["how"] == "corrected":
            copy[plan["column"]] = np.array([_bumped(one) for one in copy[plan["column"]]], object)
            copy[plan["time"]] = np.array([_later(one) for one in copy[plan["time"]]], object)
        self._free[rows] = False
        column = next(iter(plan.get("change", {"": ""})))
        start = self._size + sum(len(place) for place, _ in self._extra)
        self._extra.append((rows, copy))
        clean = self.table[column][rows] if column else np.full(len(rows), "", dtype=object)
        dirty = copy[column] if column else clean
        self._notes.append((plan["id"], start + np.arange(len(rows)), column, clean, dirty))

    def finish(self, log: Log, file: str, before: int) -> Table:
        """Return the altered table and log its defects; `before` rows are written already."""
        place = np.concatenate([np.arange(self._size), *(rows for rows, _ in self._extra)])
        order = np.argsort(place, kind="stable")
        final = np.empty(len(order), dtype=np.int64)
        final[order] = np.arange(len(order))
        for defect, rows, column, clean, dirty in self._notes:
            for row, was, now in zip(final[rows], clean, dirty, strict=True):
                log.lines.append((defect, file, before + int(row) + 1, column, was, now))
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
    for one in plan["rows"]:
        if one["form"] == form and (first or "share" in one):
            made.rows(random, one)


def _choose(random: Random, able: Array, plan: Words) -> Array:
    if "count" in plan:
        count = min(plan["count"], len(able))
    else:
        count = int(np.floor(plan["share"] * len(able) + 0.5))
        count = max(count, 1) if len(able) >= _FEWEST else count
    return np.sort(random.permutation(able)[:count])


def partial_date(text: str) -> str:
    """Return the EDC date without its day."""
    return "UN" + text[2:]


def _partial(text: str, _other: str, pick: int) -> str:
    return f"UN-UNK{text[6:]}" if pick % 10 < 3 else partial_date(text)  # noqa: PLR2004  three of ten


def _before(_text: str, other: str, _pick: int) -> str:
    date, month, year = other.split("-")
    if month not in _MONTHS or not date.isdigit():
        return other
    return edc_day(day_number(f"{year}-{_MONTHS.index(month) + 1:02d}-{date}") - 3)


def _blank_space(text: str, _other: str, pick: int) -> str:
    return (f" {text}", f"{text}  ", f"{text}\t", text.swapcase() + " ")[pick % 4]


def _grade(text: str, _other: str, pick: int) -> str:
    return (("I", "II", "III", "IV")[int(text) - 1], f"{text}级", f"G{text}")[pick % 3]


def _other_date(text: str, _other: str, _pick: int) -> str:
    date, time = text.split(" ")
    year, month, day = date.split("/")
    hour, minute = time.split(":")
    return f"{year}-{int(month):02d}-{int(day):02d} {int(hour):02d}:{minute}"


def _midnight(text: str, _other: str, _pick: int) -> str:
    """The day begins where the day before ends."""
    year, month, day = text.split(" ", maxsplit=1)[0].split("/")
    return lis_day(day_number(f"{year}-{int(month):02d}-{int(day):02d}") - 1) + " 24:00"


def _marked(text: str, _other: str, pick: int) -> str:
    wide = "".join(chr(ord(sign) + 0xFEE0) if sign.isdigit() else sign for sign in text)
    return (f"{text}*", wide, text.replace(".", "。"), f"<{text}")[pick % 4]


def _words(_text: str, _other: str, pick: int) -> str:
    return ("not done", "ND", "hemolysed", "标本溶血")[pick % 4]


def _slip(text: str, _other: str, _pick: int) -> str:
    return text.replace(".", "") if "." in text else f"{text}0"


def _bumped(text: str) -> str:
    """The corrected result: the last digit is another one."""
    if not text or not text[-1].isdigit():
        return text
    return text[:-1] + str((int(text[-1]) + 1) % 10)


def _later(text: str) -> str:
    date, time = text.split(" ")
    return f"{date} 23:{time.split(':')[1]}"


_CELLS: dict[str, Callable[[str, str, int], str]] = {
    "partial_date": _partial,
    "before": _before,
    "blank": lambda _text, _other, _pick: "",
    "blank_space": _blank_space,
    "grade_words": _grade,
    "other_date": _other_date,
    "date_only": lambda text, _other, _pick: text.split(" ")[0],
    "midnight": _midnight,
    "marked": _marked,
    "words": _words,
    "slip": _slip,
}
_NUMERIC = frozenset({"marked", "words", "slip"})
