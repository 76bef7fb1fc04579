"""Values of Dataset-JSON as the kinds of a dataset, exactly or not at all.

JSON has texts and numbers; what a column means by them its metadata say. A value that
would change on the way is a finding that names its record.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import ARROW_TYPES
from cdisc.diagnostics import Diagnostic
from cdisc.transport.json_columns import Column

LARGEST_INTEGER: Final = 2**53
_DAY: Final = (
    r"([0-9]{2}(0[48]|[2468][048]|[13579][26])|([02468][048]|[13579][26])00)-02-29"
    r"|[0-9]{4}-02-(0[1-9]|1[0-9]|2[0-8])|[0-9]{4}-(0[469]|11)-(0[1-9]|[12][0-9]|30)"
    r"|[0-9]{4}-(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])"
)
_CLOCK: Final = r"([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.0+)?)?"
_WHOLE_FORMS: Final = {
    "date": f"^({_DAY})$",
    "datetime": f"^({_DAY})(T{_CLOCK})?$",
    "time": f"^{_CLOCK}$",
}
_EXPECTED: Final = {
    "date": "a complete date, YYYY-MM-DD, as its target is a number",
    "datetime": "YYYY-MM-DDThh:mm:ss without fraction and zone, as its target is a number",
    "time": "hh:mm:ss without fraction and zone, as its target is a number",
    "number": "a number that a double can hold",
    "integer": "a whole number of at most 2 to the power of 53",
    "decimal": "a decimal number that a double holds as it is written",
}
_DECIMAL: Final = r"^[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)(\.[0-9]+)?$"
_ALWAYS_EXACT: Final = 15
_SIXTY: Final = pa.scalar(60, pa.int32())


@dataclasses.dataclass(slots=True)
class _Wrong:
    record: int
    value: str
    count: int


class Values:
    """Collects the columns of a file, and what could not be taken.

    Attributes:
        chunks: Of each column, arrays of its kind.
        longest: Of each column, the most bytes of a text.
    """

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._wrong: dict[str, _Wrong] = {}
        self._count = 0
        self.chunks: list[list[pa.Array]] = [[] for _ in columns]
        self.longest = [0] * len(columns)

    def add(self, table: pa.Table) -> None:
        """Take records: columns of text or of doubles, in the order of the columns."""
        for place, (column, values) in enumerate(zip(self._columns, table.columns, strict=True)):
            array = values.combine_chunks()
            if column.quoted:
                array = _without_empty(array)
            taken, good = _as(column, array)
            self._note(column, array, good)
            self.chunks[place].append(taken)
            if column.kind == "text":
                longest = pc.max(pc.binary_length(array)).as_py() or 0
                self.longest[place] = max(self.longest[place], longest)
        self._count += len(table)

    def _note(self, column: Column, array: pa.Array, good: pa.Array | None) -> None:
        """Remember where values are not `good`; null, or None at all, says nothing wrong."""
        if good is None or pc.all(good).as_py() is not False:
            return
        bad = pc.invert(pc.fill_null(good, fill_value=True))
        place = pc.index(bad, pa.scalar(value=True)).as_py()
        wrong = self._wrong.setdefault(
            column.name, _Wrong(self._count + place + 1, str(array[place].as_py()), 0)
        )
        wrong.count += pc.sum(bad).as_py()

    def findings(self, dataset: str) -> tuple[Diagnostic, ...]:
        """Return one finding for each column with values that could not be taken."""
        written = {one.name: one.written for one in self._columns}
        return tuple(
            Diagnostic(
                "DSJ007",
                f"record {one.record:,} has a value that cannot be taken as it is",
                found=(one.value[:60],),
                expected=_EXPECTED[written[name]],
                dataset=dataset,
                variable=name,
                records=one.count,
            )
            for name, one in self._wrong.items()
        )


def _without_empty(texts: pa.Array) -> pa.Array:
    empty = pc.equal(pc.binary_length(texts), 0)
    return pc.if_else(empty, None, texts) if pc.any(empty).as_py() else texts


def _as(column: Column, array: pa.Array) -> tuple[pa.Array, pa.Array | None]:
    """Return values as their kind, and which of them are good; a bad one is null."""
    if column.written == "text":
        return array, None
    if column.written == "decimal":
        return _decimals(array)
    if column.written in _WHOLE_FORMS:
        good = pc.match_substring_regex(array, _WHOLE_FORMS[column.written])
        good = pc.and_(good, pc.invert(pc.match_substring_regex(array, "^0000")))
        return _moments(pc.if_else(good, array, None), column), good
    good = pc.is_finite(array)
    if column.written == "integer":
        within = pc.less_equal(pc.abs(array), float(LARGEST_INTEGER))
        good = pc.and_(pc.and_(good, within), pc.equal(pc.floor(array), array))
    return array, good


def _moments(array: pa.Array, column: Column) -> pa.Array:
    plain = pc.replace_substring_regex(array, r"\.0+$", "")
    if column.written == "time":
        parts = [_two_digits(plain, start) for start in (0, 3, 6)]
        minutes = pc.add(pc.multiply(parts[0], _SIXTY), parts[1])
        plain = pc.add(pc.multiply(minutes, _SIXTY), parts[2])
    return plain.cast(ARROW_TYPES[column.kind])


def _two_digits(texts: pa.Array, start: int) -> pa.Array:
    """Return two digits as numbers, 0 where the text has ended before."""
    digits = pc.utf8_slice_codeunits(texts, start, start + 2)
    return pc.if_else(pc.equal(digits, ""), "0", digits).cast(pa.int32())


def _decimals(array: pa.Array) -> tuple[pa.Array, pa.Array]:
    formed = pc.match_substring_regex(array, _DECIMAL)
    plain = pc.replace_substring(pc.if_else(formed, array, None), ",", "")
    plain = pc.utf8_ltrim(plain, "+")
    numbers = plain.cast(pa.float64())
    digits = pc.binary_length(pc.replace_substring_regex(plain, r"^-?[0.]*|\.", ""))
    doubtful = pc.fill_null(pc.greater(digits, _ALWAYS_EXACT), fill_value=False)
    if not pc.any(doubtful).as_py():
        return numbers, formed
    kept = pc.equal(plain, numbers.cast(pa.string()))
    rest = pc.and_(doubtful, pc.invert(kept))
    lost = pa.array(list(_lost(pc.unique(plain.filter(rest)).to_pylist())), pa.string())
    exact = pc.invert(pc.is_in(plain, lost))
    return numbers, pc.and_(formed, exact)


def _lost(texts: Sequence[str]) -> Iterator[str]:
    """Return the decimals that are not the shortest text of any double, nor equal to it."""
    for text in texts:
        if Decimal(repr(float(text))) != Decimal(text):
            yield text
