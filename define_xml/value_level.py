"""Value-level metadata: of supplemental qualifiers, of tests and parameters, of some records.

A SUPP-- dataset holds one variable a record: its name in QNAM, its label in QLABEL,
its value in QVAL. Define-XML describes each as a value of QVAL where QNAM says so, and so
it does the results of a test, the values of a parameter, and the values of a variable whose
codelist is not the same on all records.

Source:
    SDTMIG v3.4, section 8.4; Define-XML 2.1, value-level metadata.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping

from cdisc.dataset import (
    Comparison,
    Dataset,
    Division,
    Method,
    Subset,
    Value,
    Variable,
)
from cdisc.dataset import Origin as KnownOrigin
from define_xml.codelists import Source
from define_xml.described import Described, describe_values
from define_xml.model import ItemDef, ItemRef, Origin, RangeCheck, ValueList, WhereClause

# The structure of a supplemental qualifier is the same in every study.
_NAME, _LABEL, _VALUE, _ORIGIN = "QNAM", "QLABEL", "QVAL", "QORIG"
_ORIGINS = {
    "ASSIGNED": "Assigned",
    "COLLECTED": "Collected",
    "CRF": "Collected",
    "DERIVED": "Derived",
    "EDT": "Collected",
    "PROTOCOL": "Protocol",
    "PREDECESSOR": "Predecessor",
}


@dataclasses.dataclass(frozen=True, slots=True)
class Written:
    """What has been written already, for values to refer to.

    Attributes:
        codelists: The OID of every codelist.
        origin: Writes an origin.
        method: Writes a method of a place, if there is one, and returns its OID.
        comment: Writes a comment of a place, if there is one, and returns its OID.
    """

    codelists: Mapping[Source, str]
    origin: Callable[[KnownOrigin], Origin]
    method: Callable[[str, Method | None], str | None]
    comment: Callable[[str, str | None], str | None]


@dataclasses.dataclass(slots=True)
class ValueLevel:
    """Value lists, with their conditions and definitions."""

    lists: list[ValueList] = dataclasses.field(default_factory=list)
    where_clauses: list[WhereClause] = dataclasses.field(default_factory=list)
    items: list[ItemDef] = dataclasses.field(default_factory=list)
    _explained: dict[str, bool] = dataclasses.field(default_factory=dict)
    _there: set[str] = dataclasses.field(default_factory=set)

    def extend(self, other: "ValueLevel") -> None:
        """Add the value lists of another variable; a clause that is there is the same clause."""
        self.lists += other.lists
        bare = {item.oid for item in other.items if not item.origins}
        for one in other.lists:
            self._explained[one.oid] = not any(ref.item_oid in bare for ref in one.item_refs)
        new = {one.oid: one for one in other.where_clauses if one.oid not in self._there}
        self._there |= new.keys()
        self.where_clauses += new.values()
        self.items += other.items

    def has(self, oid: str) -> bool:
        """Say whether there is a value list of that OID."""
        return oid in self._explained

    def has_origins(self, oid: str) -> bool:
        """Say whether every value of the value list of that OID has an origin of its own."""
        return self._explained.get(oid, False)


def build_value_level(dataset: Dataset, written: Written) -> ValueLevel:
    """Describe the values of every variable that means something else by test or qualifier.

    A value is described if any record has it; a dataset without records has none.

    Args:
        dataset: Any dataset; one that supplements another is known by its columns.
        written: What the values refer to.
    """
    level = ValueLevel()
    for variable in dataset.variables:
        division = _qualifiers(dataset, variable) or variable.division
        if division is not None:
            level.extend(_divided(dataset, variable, division, written))
        elif variable.subsets:
            level.extend(_subsets(dataset, variable, written.codelists))
    return level


def _qualifiers(dataset: Dataset, variable: Variable) -> Division | None:
    """Return how the qualifiers of a dataset that supplements another divide its values."""
    if variable.name != _VALUE or not {_NAME, _LABEL, _ORIGIN} <= set(dataset.table.column_names):
        return None
    values = tuple(
        Value(one.name, one.codelist, one.origin, one.method, one.comment)
        for one in dataset.qualifiers
    )
    return Division(_NAME, _LABEL, values)


def _divided(
    dataset: Dataset, variable: Variable, division: Division, written: Written
) -> ValueLevel:
    level = ValueLevel()
    known = {one.of: one for one in division.values}
    refs = []
    rows = describe_values(dataset.table, variable, division, said=_ORIGIN)
    for order, row in enumerate(rows, start=1):
        value = known.get(row.of) or Value(row.of)
        if value.codelist is None and division.otherwise is not None:
            value = dataclasses.replace(value, codelist=division.otherwise)
        place = f"{dataset.name}.{variable.name}.{row.of}"
        where = f"WC.{dataset.name}.{division.by}.{row.of}"
        level.items.append(_item(place, row, value, variable, written))
        level.where_clauses.append(
            _clause(where, dataset.name, (Comparison(division.by, (row.of,)),))
        )
        refs.append(
            ItemRef(
                item_oid=f"IT.{place}",
                order_number=order,
                mandatory=False,
                method_oid=written.method(place, value.method),
                where_clause_oids=(where,),
            )
        )
    if refs:
        oid = f"VL.{dataset.name}.{variable.name}"
        level.lists.append(ValueList(oid=oid, item_refs=tuple(refs)))
    return level


def _item(
    place: str, row: Described, value: Value, variable: Variable, written: Written
) -> ItemDef:
    codelist = value.codelist if value.codelist is not None and value.codelist.terms else None
    text = codelist is not None and codelist.kind == "text"
    return ItemDef(
        oid=f"IT.{place}",
        name=row.of,
        data_type="text" if text else row.data_type,
        length=row.length if text or row.measured else None,
        significant_digits=None if text else row.digits,
        sas_field_name=variable.name if variable.name != _VALUE else row.of,
        comment_oid=written.comment(place, value.comment),
        description=row.label,
        codelist_oid=None if codelist is None else written.codelists[codelist],
        origins=tuple(_origins(row, value, variable, written)),
    )


def _origins(
    row: Described, value: Value, variable: Variable, written: Written
) -> Iterator[Origin]:
    """Yield what the value says of its origin; of a qualifier nobody knows, what the data say."""
    if value.origin is not None:
        yield written.origin(value.origin)
    elif variable.name == _VALUE and (said := _ORIGINS.get((row.said or "").upper())):
        yield Origin(type=said)


def _subsets(dataset: Dataset, variable: Variable, oids: Mapping[Source, str]) -> ValueLevel:
    """Describe the values of a variable that has different codelists on different records."""
    level = ValueLevel()
    place = f"{dataset.name}.{variable.name}"
    refs = []
    for order, subset in enumerate(variable.subsets, start=1):
        # a number, not the name: two conditions may lead to one codelist
        level.items.append(_part(f"{place}.{order}", variable, subset, oids))
        level.where_clauses.append(_clause(f"WC.{place}.{order}", dataset.name, subset.where))
        refs.append(
            ItemRef(
                item_oid=f"IT.{place}.{order}",
                order_number=order,
                mandatory=False,
                where_clause_oids=(f"WC.{place}.{order}",),
            )
        )
    level.lists.append(ValueList(oid=f"VL.{place}", item_refs=tuple(refs)))
    return level


def _part(place: str, variable: Variable, subset: Subset, oids: Mapping[Source, str]) -> ItemDef:
    return ItemDef(
        oid=f"IT.{place}",
        name=variable.name,
        data_type="text",
        length=subset.length,
        sas_field_name=variable.name,
        description=variable.label,
        codelist_oid=oids[subset.codelist] if subset.codelist else None,
    )


def _clause(oid: str, dataset: str, where: tuple[Comparison, ...]) -> WhereClause:
    comparators = {(False, True): "EQ", (False, False): "IN"}
    comparators |= {(True, True): "NE", (True, False): "NOTIN"}
    return WhereClause(
        oid=oid,
        range_checks=tuple(
            RangeCheck(
                comparator=comparators[one.negated, len(one.values) == 1],
                soft_hard="Soft",
                item_oid=f"IT.{dataset}.{one.variable}",
                values=one.values,
            )
            for one in where
        ),
    )
