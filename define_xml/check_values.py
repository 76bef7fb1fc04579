"""Check value-level metadata against the records: complete, disjoint, and true of each value."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute

from cdisc.dataset import Dataset, Variable
from cdisc.diagnostics import Diagnostic
from define_xml import model
from define_xml.data_type import fits_as_written, significant_digits
from define_xml.words import COMPARATORS, Looked

Mask: TypeAlias = Any
pc: Any = pyarrow.compute  # Arrow carries no annotations
# More decimals than these are the rounding of a computation.
_EXACT = 12
_SHOWN = 3
_NUMBERS = frozenset({"integer", "float", "double"})
_ORDERED: Mapping[str, Callable[..., Any]] = {
    "LT": pc.less,
    "LE": pc.less_equal,
    "GT": pc.greater,
    "GE": pc.greater_equal,
}


class Values:
    """The value-level metadata of one dataset, with the records that each condition means."""

    def __init__(self, looked: Looked, group: model.ItemGroup, dataset: Dataset) -> None:
        items = looked.items
        self.dataset = dataset
        self.items = items
        self.names = {
            ref.item_oid: items[ref.item_oid].name
            for ref in group.item_refs
            if ref.item_oid in items
        }
        self.lists = looked.value_lists
        self.clauses = looked.clauses
        self.codelists = looked.codelists
        self._masks: dict[str, Mask | None] = {}

    def check(self, item: model.ItemDef, variable: Variable) -> Iterator[Diagnostic]:
        """Find what the values of a variable say that its records do not, and the reverse.

        Conditions on variables of other datasets are not followed; nothing is found of a
        variable that has such a condition.

        Yields:
            DEF026, DEF027, DEF030 and DEF045 to DEF048.
        """
        values = self.lists.get(item.value_list_oid or "")
        if values is None or self.dataset.table.num_rows == 0:
            return
        masks = [self._of(ref) for ref in values.item_refs]
        if any(mask is None for mask in masks):
            return
        column = self.dataset.table.column(variable.name)
        yield from self._coverage(variable, column, masks)
        for ref, mask in zip(values.item_refs, masks, strict=True):
            part = self.items.get(ref.item_oid)
            if part is not None:
                yield from self._value(part, variable, column.filter(pa.array(mask)))

    def _coverage(
        self, variable: Variable, column: "pa.ChunkedArray[Any]", masks: Sequence[Mask]
    ) -> Iterator[Diagnostic]:
        there = column.is_valid().to_numpy()
        times = np.sum(masks, axis=0) if masks else np.zeros(len(column))
        left, twice = int((there & (times == 0)).sum()), int((there & (times > 1)).sum())
        for code, records, fact in (
            ("DEF045", left, f"{left} records have a value that no condition describes"),
            ("DEF046", twice, f"{twice} records meet several conditions"),
        ):
            if records:
                yield Diagnostic(
                    code, fact, dataset=self.dataset.name, variable=variable.name, records=records
                )

    def _value(
        self, part: model.ItemDef, variable: Variable, column: "pa.ChunkedArray[Any]"
    ) -> Iterator[Diagnostic]:
        place = (self.dataset.name, variable.name)
        if column.null_count == len(column):
            yield _at("DEF047", f'no record has the value "{part.oid}"', place)
            return
        if not fits_as_written(part.data_type, variable, column):
            fact = f'the values of "{part.oid}" are not of the data type "{part.data_type}"'
            yield _at("DEF026", fact, place)
        if variable.kind == "text" and part.length is not None:
            longest = pc.max(pc.binary_length(column)).as_py()
            if longest > part.length:
                fact = f'the values of "{part.oid}" are longer than stated'
                found = (f'data "{longest}"', f'define.xml "{part.length}"')
                yield dataclasses.replace(_at("DEF027", fact, place), found=found)
        yield from digits_exceeded(part, column, place)
        codelist = self.codelists.get(part.codelist_oid or "")
        if codelist is not None and codelist.coded_values:
            yield from outside(codelist, column, place)

    def _of(self, ref: model.ItemRef) -> Mask | None:
        """Return the records that any of the conditions of a value means; None if unknown."""
        if not ref.where_clause_oids:
            return None
        found = [self._clause(oid) for oid in ref.where_clause_oids]
        known = [one for one in found if one is not None]
        return np.any(known, axis=0) if len(known) == len(found) else None

    def _clause(self, oid: str) -> Mask | None:
        if oid not in self._masks:
            clause = self.clauses.get(oid)
            checks = [self._holds(one) for one in clause.range_checks] if clause else []
            known = [one for one in checks if one is not None]
            whole = len(known) == len(checks) > 0
            self._masks[oid] = np.all(known, axis=0) if whole else None
        return self._masks[oid]

    def _holds(self, check: model.RangeCheck) -> Mask | None:
        """Return the records that meet a comparison; a missing value differs from all."""
        name = self.names.get(check.item_oid)
        known = name in self.dataset.table.column_names and check.comparator in COMPARATORS
        if name is None or not known:
            return None
        column = _plain(self.dataset.table.column(name))
        try:
            values = pa.array(check.values, pa.string()).cast(column.type)
        except pa.ArrowInvalid:
            return None
        ordered = _ORDERED.get(check.comparator or "")
        if ordered is not None:
            if len(values) != 1:
                return None
            met = ordered(column, values[0])
            return pc.fill_null(met, False).to_numpy()  # noqa: FBT003  the argument is positional
        among = pc.is_in(column, value_set=values).to_numpy()
        return among if check.comparator in {"EQ", "IN"} else ~among


def _plain(column: "pa.ChunkedArray[Any]") -> "pa.ChunkedArray[Any]":
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def digits_exceeded(
    item: model.ItemDef, column: "pa.ChunkedArray[Any]", place: tuple[str, str]
) -> Iterator[Diagnostic]:
    """Find numbers with more decimals than their definition states."""
    stated = item.significant_digits
    if stated is None or stated >= _EXACT or not pa.types.is_floating(column.type):
        return
    needed = significant_digits(column)
    if needed > stated:
        fact = f'the numbers of "{item.oid}" have {needed} decimals, not {stated}'
        yield _at("DEF048", fact, place)


def _at(code: str, fact: str, place: tuple[str, str]) -> Diagnostic:
    return Diagnostic(code, fact, dataset=place[0], variable=place[1])


def outside(
    codelist: model.CodeList, column: "pa.ChunkedArray[Any]", place: tuple[str, str]
) -> Iterator[Diagnostic]:
    """Find values that are not in the codelist; dates and times are not compared."""
    values = _plain(column).drop_null()
    if pa.types.is_floating(values.type) and codelist.data_type in _NUMBERS:
        permitted = pa.array(_numbers(codelist), pa.float64())
    elif pa.types.is_string(values.type):
        permitted = pa.array(codelist.coded_values, pa.string())
    else:
        return
    strange = values.filter(pc.invert(pc.is_in(values, value_set=permitted)))
    if not len(strange):
        return
    distinct = sorted(pc.unique(strange).to_pylist())
    fact = f'{len(distinct)} of the values are not in codelist "{codelist.oid}"'
    yield Diagnostic(
        "DEF030",
        fact,
        found=tuple(f'"{one}"' for one in distinct[:_SHOWN]),
        expected=", ".join(codelist.coded_values[:10]),
        dataset=place[0],
        variable=place[1],
        records=len(strange),
    )


def _numbers(codelist: model.CodeList) -> list[float]:
    """Return the numbers of a codelist; a term that is none is found where codelists are."""
    found = []
    for one in codelist.coded_values:
        try:
            found.append(float(one))
        except ValueError:
            continue
    return found
