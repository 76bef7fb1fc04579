"""What all readers do at their end: names are checked, missing texts become null."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import RawForm
from cdisc.diagnostics import Diagnostic
from cdisc.raw.delivery import Delivery, counted

Read = tuple[RawForm | None, list[Diagnostic]]
"""A form and no errors, or no form and every error."""

_NAMES_SHOWN = 5


def check_names(names: Sequence[str], delivery: Delivery) -> list[Diagnostic]:
    """Return what is wrong with the names of the fields: empty ones, and doubles."""
    findings = []
    empty = [str(place) for place, name in enumerate(names, 1) if not name]
    if empty:
        findings.append(
            delivery.finding(
                "RAW006",
                "has fields without a name",
                f"{counted(len(empty), 'field')} of {len(names)}: "
                f"number {', '.join(empty[:_NAMES_SHOWN])}",
                help="name every field in the first line of the file",
            )
        )
    seen: dict[str, int] = {}
    for name in names:
        seen[name] = seen.get(name, 0) + 1
    twice = sorted(name for name, times in seen.items() if name and times > 1)
    if twice:
        findings.append(
            delivery.finding(
                "RAW007",
                "names a field more than once",
                *(f'"{name}" {seen[name]} times' for name in twice[:_NAMES_SHOWN]),
                expected="each name once, after the prefix of strip is taken off",
            )
        )
    return findings


def form_of(
    columns: Sequence[tuple[str, pa.ChunkedArray]],
    delivery: Delivery,
    *,
    rows: pa.Array | int,
    strip: str = "",
    missing: Sequence[str] = (),
    notes: Sequence[Diagnostic] = (),
) -> Read:
    """Return the form of columns of text.

    Args:
        columns: Name and text of each field, shape (records,); empty text becomes null.
        delivery: The file.
        rows: Row of each record, or the row of the first one if they follow each other.
        strip: Taken from the front of names that begin with it.
        missing: Further texts that mean "no value".
        notes: What there is to say of the file.
    """
    names = [name.removeprefix(strip) for name, _ in columns]
    findings = check_names(names, delivery)
    if findings:
        return None, findings
    empty = pa.array(["", *missing], pa.string())
    schema = pa.schema([(name, pa.string()) for name in names])
    table = pa.table([without(values, empty) for _, values in columns], schema=schema)
    if isinstance(rows, int):
        rows = pa.array(np.arange(rows, rows + table.num_rows, dtype=np.int64))
    return RawForm(delivery.form, delivery.file, table, rows, tuple(notes)), []


def without(values: pa.ChunkedArray, empty: pa.StringArray) -> pa.ChunkedArray:
    """Return the values, those that are in `empty` as null."""
    found = pc.is_in(values, value_set=empty)
    if not pc.any(found).as_py():
        return values
    return pc.if_else(found, pa.scalar(None, values.type), values)
