"""Value-level metadata: of supplemental qualifiers, and of codelists of some records only.

A SUPP-- dataset holds one variable a record: its name in QNAM, its label in QLABEL,
its value in QVAL. Define-XML describes each as a value of QVAL where QNAM says so, as it
does the values of a variable whose codelist is not the same on all records.

Source:
    SDTMIG v3.4, section 8.4; Define-XML 2.1, value-level metadata.
"""

import dataclasses
from collections.abc import Callable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import Codelist, Dataset, Dictionary, Subset, Variable
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


def _unknown(_name: str, _place: str) -> tuple[None, None]:
    return None, None


@dataclasses.dataclass(slots=True)
class ValueLevel:
    """Value lists, with their conditions and definitions."""

    lists: list[ValueList] = dataclasses.field(default_factory=list)
    where_clauses: list[WhereClause] = dataclasses.field(default_factory=list)
    items: list[ItemDef] = dataclasses.field(default_factory=list)

    def extend(self, other: "ValueLevel") -> None:
        """Add the value lists of another dataset."""
        self.lists += other.lists
        self.where_clauses += other.where_clauses
        self.items += other.items

    def has(self, oid: str) -> bool:
        """Say whether there is a value list of that OID."""
        return any(one.oid == oid for one in self.lists)

    def has_origins(self, oid: str) -> bool:
        """Say whether every value of the value list of that OID has an origin of its own."""
        bare = {item.oid for item in self.items if not item.origins}
        return any(
            one.oid == oid and not any(ref.item_oid in bare for ref in one.item_refs)
            for one in self.lists
        )


def build_value_level(
    dataset: Dataset, known: Callable[[str, str], tuple[Origin | None, str | None]] = _unknown
) -> ValueLevel:
    """Describe the values of a supplemental qualifier dataset, one for each name, by name.

    Any other dataset, and one without records, has none. The length of a value is that of
    its longest text in UTF-8.

    Args:
        dataset: Any dataset.
        known: Given a qualifier and its place, returns its origin and the OID of its
            method. Where it knows no origin, that is taken of QORIG, if Define-XML has it.
    """
    level = ValueLevel()
    if not {_NAME, _LABEL, _VALUE, _ORIGIN} <= set(dataset.table.column_names):
        return level
    refs = []
    for order, row in enumerate(_qualifiers(dataset.table), start=1):
        place = f"{dataset.name}.{_VALUE}.{row[_NAME]}"
        where = f"WC.{dataset.name}.{_NAME}.{row[_NAME]}"
        origin, method = known(row[_NAME], place)
        level.items.append(_item(place, row, origin))
        level.where_clauses.append(
            WhereClause(
                oid=where,
                range_checks=(
                    RangeCheck(
                        comparator="EQ",
                        soft_hard="Soft",
                        item_oid=f"IT.{dataset.name}.{_NAME}",
                        values=(row[_NAME],),
                    ),
                ),
            )
        )
        ref = ItemRef(
            item_oid=f"IT.{place}",
            order_number=order,
            mandatory=False,
            method_oid=method,
            where_clause_oids=(where,),
        )
        refs.append(ref)
    if refs:
        oid = f"VL.{dataset.name}.{_VALUE}"
        level.lists.append(ValueList(oid=oid, item_refs=tuple(refs)))
    return level


def build_subsets(dataset: Dataset, oids: Mapping[Codelist | Dictionary, str]) -> ValueLevel:
    """Describe the values of the variables that have different codelists on different records.

    Args:
        dataset: Any dataset.
        oids: The OID of every codelist.
    """
    level = ValueLevel()
    for variable in dataset.variables:
        place = f"{dataset.name}.{variable.name}"
        refs = []
        for order, subset in enumerate(variable.subsets, start=1):
            # a number, not the name: two conditions may lead to one codelist
            level.items.append(_part(f"{place}.{order}", variable, subset, oids))
            level.where_clauses.append(_where(f"{place}.{order}", dataset.name, subset))
            refs.append(
                ItemRef(
                    item_oid=f"IT.{place}.{order}",
                    order_number=order,
                    mandatory=False,
                    where_clause_oids=(f"WC.{place}.{order}",),
                )
            )
        if refs:
            level.lists.append(ValueList(oid=f"VL.{place}", item_refs=tuple(refs)))
    return level


def _part(
    place: str, variable: Variable, subset: Subset, oids: Mapping[Codelist | Dictionary, str]
) -> ItemDef:
    return ItemDef(
        oid=f"IT.{place}",
        name=variable.name,
        data_type="text",
        length=subset.length,
        sas_field_name=variable.name,
        description=variable.label,
        codelist_oid=oids[subset.codelist],
    )


def _where(place: str, dataset: str, subset: Subset) -> WhereClause:
    comparators = {(False, True): "EQ", (False, False): "IN"}
    comparators |= {(True, True): "NE", (True, False): "NOTIN"}
    return WhereClause(
        oid=f"WC.{place}",
        range_checks=tuple(
            RangeCheck(
                comparator=comparators[one.negated, len(one.values) == 1],
                soft_hard="Soft",
                item_oid=f"IT.{dataset}.{one.variable}",
                values=one.values,
            )
            for one in subset.where
        ),
    )


def _qualifiers(table: pa.Table) -> list[dict[str, str]]:
    """Return name, label, origin and longest value of each qualifier, in order of name."""
    lengths = pc.binary_length(table.column(_VALUE))
    grouped = (
        table.select([_NAME, _LABEL, _ORIGIN])
        .append_column("length", lengths)
        .group_by(_NAME)
        .aggregate([(_LABEL, "min"), (_ORIGIN, "min"), ("length", "max")])
        .sort_by(_NAME)
    )
    names = [_NAME, _LABEL, _ORIGIN, "length"]
    columns = [_NAME, f"{_LABEL}_min", f"{_ORIGIN}_min", "length_max"]
    rows: list[dict[str, str]] = grouped.select(columns).rename_columns(names).to_pylist()
    return [row for row in rows if row[_NAME] is not None]


def _item(place: str, row: dict[str, str], known: Origin | None) -> ItemDef:
    said = _ORIGINS.get((row[_ORIGIN] or "").upper())
    origin = known or (Origin(type=said) if said else None)
    return ItemDef(
        oid=f"IT.{place}",
        name=row[_NAME],
        data_type="text",
        length=int(row["length"] or 1),
        sas_field_name=row[_NAME],
        description=row[_LABEL],
        origins=() if origin is None else (origin,),
    )
