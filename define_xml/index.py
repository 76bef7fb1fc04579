"""What the page of a define.xml looks up: definitions by OID, their places, and who uses them."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from define_xml import model

_COMPARATORS = {
    "EQ": "=",
    "NE": "\u2260",
    "LT": "<",
    "LE": "\u2264",
    "GT": ">",
    "GE": "\u2265",
    "IN": "in",
    "NOTIN": "not in",
}
_UNCLASSED = "OTHER"


@dataclass(frozen=True, slots=True)
class Row:
    """A reference with its definition, and the place that the row has on the page."""

    ref: model.ItemRef
    item: model.ItemDef
    place: str


@dataclass(frozen=True, slots=True)
class Use:
    """Where something is used: a place on the page, and what it is called."""

    place: str
    name: str


def anchor(oid: str) -> str:
    """Return an OID as a fragment that HTML and URLs take, different for different OIDs."""
    return re.sub(r"[^A-Za-z0-9.-]", lambda found: f"_{ord(found[0]):x}_", oid)


class Index:
    """The definitions of a define.xml as the page shows them together.

    An ItemDef that several datasets share has a row in each: the first has its OID as
    its place, the others the OID of their dataset too.
    """

    def __init__(self, define: model.Define) -> None:
        self.define = define
        self.items = {one.oid: one for one in define.items}
        self.codelists = {one.oid: one for one in define.codelists}
        self.methods = {one.oid: one for one in define.methods}
        self.comments = {one.oid: one for one in define.comments}
        self.standards = {one.oid: one for one in define.standards}
        self.leaves = {one.id: one for one in define.leaves}
        self.groups = {one.oid: one for one in define.item_groups}
        self.clauses = {one.oid: one for one in define.where_clauses}
        self.coded = [one for one in define.codelists if one.external is None]
        self.external = [one for one in define.codelists if one.external is not None]
        self._lists = {one.oid: one for one in define.value_lists}
        self._taken: set[str] = set()
        self.rows: dict[str, list[Row]] = {}
        self.values: dict[str, list[Row]] = {}
        self._uses: dict[str, dict[Use, None]] = defaultdict(dict)
        for group in define.item_groups:
            self._place(group)
        for use, oids in self._references():
            for oid in oids:
                if oid:
                    self._uses[oid][use] = None

    @property
    def classes(self) -> dict[str, list[model.ItemGroup]]:
        """The datasets by class, in the order of the file."""
        found: dict[str, list[model.ItemGroup]] = {}
        for group in self.define.item_groups:
            name = group.class_.name if group.class_ else _UNCLASSED
            found.setdefault(name, []).append(group)
        return found

    @property
    def unused(self) -> list[model.ItemDef]:
        """Definitions of items that no dataset and no value list has."""
        shown = {row.item.oid for rows in (*self.rows.values(), *self.values.values())
                 for row in rows}  # fmt: skip
        return [one for one in self.define.items if one.oid not in shown]

    def uses(self, oid: str) -> list[Use]:
        """Return where something is used, in the order of the page."""
        return list(self._uses.get(oid, ()))

    def keys(self, group: model.ItemGroup) -> str:
        """Return the names of the key variables in order."""
        keyed = [(ref.key_sequence, ref.item_oid) for ref in group.item_refs if ref.key_sequence]
        names = [self.items[oid].name for _, oid in sorted(keyed) if oid in self.items]
        return ", ".join(names)

    def condition(self, ref: model.ItemRef) -> str:
        """Return when a value-level definition applies, in words."""
        clauses = (self.where(oid) for oid in ref.where_clause_oids if oid in self.clauses)
        return " or ".join(clauses)

    def where(self, oid: str) -> str:
        """Return a where clause in words; its OID if there is none."""
        clause = self.clauses.get(oid)
        return oid if clause is None else " and ".join(map(self._range, clause.range_checks))

    def _range(self, check: model.RangeCheck) -> str:
        item = self.items.get(check.item_oid)
        name = check.item_oid if item is None else item.name
        sign = _COMPARATORS.get(check.comparator or "", check.comparator or "")
        values = ", ".join(f'"{value}"' for value in check.values)
        listed = check.comparator in {"IN", "NOTIN"}
        return f"{name} {sign} ({values})" if listed else f"{name} {sign} {values}"

    def _place(self, group: model.ItemGroup) -> None:
        self.rows[group.oid] = []
        for ref in group.item_refs:
            item = self.items.get(ref.item_oid)
            if item is None:
                continue
            row = Row(ref, item, self._free(item.oid, group.oid))
            self.rows[group.oid].append(row)
            values = self._lists.get(item.value_list_oid or "")
            self.values[row.place] = [
                Row(one, self.items[one.item_oid], self._free(one.item_oid, row.place))
                for one in (values.item_refs if values else ())
                if one.item_oid in self.items
            ]

    def _free(self, oid: str, within: str) -> str:
        """Return a place that no other row has."""
        place = anchor(oid)
        if place in self._taken:
            place = f"{place}.in.{anchor(within)}"
        number, tried = 1, place
        while tried in self._taken:
            number += 1
            tried = f"{place}.{number}"
        self._taken.add(tried)
        return tried

    def _references(self) -> Iterator[tuple[Use, Iterable[str | None]]]:
        """Yield every use, and the OIDs of what is used there."""
        define = self.define
        for display in define.displays:
            yield from _of_display(display)
        for standard in define.standards:
            yield Use(anchor(standard.oid), standard.name), (standard.comment_oid,)
        for group in define.item_groups:
            yield Use(anchor(group.oid), group.name), (group.comment_oid, group.standard_oid)
            for row in self.rows[group.oid]:
                yield from self._of_variable(f"{group.name}.{row.item.name}", row)
        for codelist in define.codelists:
            use = Use(anchor(codelist.oid), codelist.name)
            yield use, (codelist.comment_oid, codelist.standard_oid)
        for method in define.methods:
            yield Use(anchor(method.oid), method.name), _leaves(method.documents)
        for comment in define.comments:
            yield Use(anchor(comment.oid), comment.oid), _leaves(comment.documents)
        whole = _leaves((*define.annotated_crf, *define.supplemental))
        yield Use("top", define.name), (define.comment_oid, *whole)

    def _of_variable(self, name: str, row: Row) -> Iterator[tuple[Use, Iterable[str | None]]]:
        yield Use(row.place, name), _used(row)
        for value in self.values[row.place]:
            when = self.condition(value.ref)
            yield Use(value.place, f"{name} where {when}" if when else name), _used(value)


def _of_display(display: model.ResultDisplay) -> Iterator[tuple[Use, Iterable[str | None]]]:
    use = Use(anchor(display.oid), display.name)
    yield use, _leaves(display.documents)
    for result in display.results:
        yield use, (result.comment_oid, result.parameter_oid)
        for one in result.datasets:
            yield use, (one.item_group_oid, *one.variable_oids)
        for part in (result.documentation, result.programming_code):
            yield use, _leaves(part.documents if part else ())


def _leaves(documents: Iterable[model.DocumentRef]) -> tuple[str, ...]:
    return tuple(one.leaf_id for one in documents)


def _used(row: Row) -> Iterator[str | None]:
    yield from (row.item.codelist_oid, row.ref.method_oid, row.item.comment_oid)
    yield row.ref.role_codelist_oid
    for origin in row.item.origins:
        yield from _leaves(origin.documents)
