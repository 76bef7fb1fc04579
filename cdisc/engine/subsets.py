"""The records of a finished dataset by the codelists that a variable has there."""

from collections.abc import Sequence
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

from cdisc.dataset import Comparison
from cdisc.engine.permitted import Permitted, Rule

Mask: TypeAlias = Any
pc: Any = pyarrow.compute  # Arrow carries no annotations


def divide(table: pa.Table, found: Permitted) -> list[tuple[Rule, Mask]]:
    """Return the rules that hold on any record, with the mask of the records of each.

    Every record is in exactly one mask. The last rule has no condition: it stands for the
    records on which no other holds, and is left out where there are none.

    Args:
        table: The records; rules may ask for its columns only.
        found: The codelists of a variable.
    """
    left = pa.repeat(pa.scalar(value=True), table.num_rows)
    parts = []
    for rule in (*found.rules, Rule((), found.otherwise)):
        mask = pc.and_(left, holds(table, rule.when))
        if pc.any(mask).as_py():
            parts.append((rule, mask))
            left = pc.and_(left, pc.invert(mask))
    return parts


def holds(table: pa.Table, when: Sequence[Comparison]) -> Mask:
    """Return the mask of the records that meet all comparisons.

    A missing value equals nothing, and differs from everything.
    """
    mask = pa.repeat(pa.scalar(value=True), table.num_rows)
    for one in when:
        column = table.column(one.variable).combine_chunks()
        if pa.types.is_dictionary(column.type):
            column = column.cast(column.type.value_type)
        among = pc.is_in(column, value_set=pa.array(one.values, pa.string()))
        mask = pc.and_(mask, pc.invert(among) if one.negated else among)
    return mask
