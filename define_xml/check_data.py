"""Check a define.xml against the datasets that it describes, in both directions."""

from collections.abc import Iterable, Iterator

import pyarrow.compute as pc

from cdisc.dataset import Dataset, Variable
from cdisc.diagnostics import Diagnostic
from define_xml import model
from define_xml.check_values import Values, digits_exceeded, outside
from define_xml.data_type import fits
from define_xml.words import Looked

# The standard's own structure: what says of records which domain they belong to.
_DOMAINS = ("RDOMAIN", "DOMAIN")


def check_data(define: model.Define, datasets: Iterable[Dataset]) -> Iterator[Diagnostic]:
    """Find every difference between a define.xml and the datasets of the study.

    A dataset of the define.xml that is marked as having no data need not be given.

    Yields:
        DEF020 to DEF031 and DEF044 to DEF050, dataset by dataset and variable by variable.
    """
    given = {dataset.name: dataset for dataset in datasets}
    groups = {group.name: group for group in define.item_groups}
    comparison = _Comparison(define)
    for name in [one for one in given if one not in groups]:
        yield Diagnostic("DEF020", f'dataset "{name}" is not in the define.xml', dataset=name)
    for name, group in groups.items():
        if name in given:
            yield from comparison.dataset(group, given[name])
        elif not group.has_no_data:
            fact = f'dataset "{name}" of the define.xml was not given'
            yield Diagnostic("DEF021", fact, dataset=name)


class _Comparison:
    """Compares datasets with one define.xml."""

    def __init__(self, define: model.Define) -> None:
        self._looked = Looked(define, {})
        self._items = self._looked.items
        self._codelists = self._looked.codelists

    def dataset(self, group: model.ItemGroup, dataset: Dataset) -> Iterator[Diagnostic]:
        name = dataset.name
        refs = [ref for ref in group.item_refs if ref.item_oid in self._items]
        described = {self._items[ref.item_oid].name: ref for ref in refs}
        if group.description != dataset.label:
            fact = f'the label of "{name}" differs between data and define.xml'
            yield _difference("DEF024", fact, dataset.label, group.description, name)
        if group.has_no_data != (dataset.table.num_rows == 0):
            yield _no_data(f'dataset "{name}"', name, None, marked=group.has_no_data)
        values = Values(self._looked, group, dataset)
        for variable in dataset.variables:
            if variable.name in described:
                yield from self._variable(described[variable.name], dataset, variable, values)
            else:
                fact = f'variable "{variable.name}" is not in the define.xml'
                yield Diagnostic("DEF022", fact, dataset=name, variable=variable.name)
        held = {variable.name for variable in dataset.variables}
        for missing in [one for one in described if one not in held]:
            fact = f'variable "{missing}" of the define.xml is not in the dataset'
            yield Diagnostic("DEF023", fact, dataset=name, variable=missing)
        yield from _sequences(described, dataset)
        yield from _domain(group, dataset)

    def _variable(
        self, ref: model.ItemRef, dataset: Dataset, variable: Variable, values: Values
    ) -> Iterator[Diagnostic]:
        item = self._items[ref.item_oid]
        column = dataset.table.column(variable.name)
        place = (dataset.name, variable.name)
        blank = dataset.table.num_rows > 0 and column.null_count == len(column)
        if item.description != variable.label:
            fact = "the label differs between data and define.xml"
            yield _difference("DEF025", fact, variable.label, item.description, *place)
        if not fits(item.data_type, variable, column):
            fact = f'the values are not of the data type "{item.data_type}"'
            yield Diagnostic("DEF026", fact, dataset=place[0], variable=place[1])
        if _has_other_length(item, variable):
            fact = "the length differs between data and define.xml"
            yield _difference("DEF027", fact, variable.length, item.length, *place)
        if ref.has_no_data != blank:
            yield _no_data(f'variable "{place[1]}"', *place, marked=ref.has_no_data)
        codelist = self._codelists.get(item.codelist_oid or "")
        if codelist is not None and codelist.coded_values:
            yield from outside(codelist, column, place)
        if ref.mandatory and column.null_count and not blank:
            fact = f'{column.null_count} records have no "{place[1]}", which is mandatory'
            yield Diagnostic(
                "DEF049", fact, dataset=place[0], variable=place[1], records=column.null_count
            )
        yield from digits_exceeded(item, column, place)
        yield from values.check(item, variable)


def _has_other_length(item: model.ItemDef, variable: Variable) -> bool:
    """Compare what is comparable: text has its allocated length, dates in text have none."""
    if variable.kind != "text":
        return False
    if item.data_type == "text":
        return item.length != variable.length
    return item.length is not None and item.length != variable.length


def _sequences(described: dict[str, model.ItemRef], dataset: Dataset) -> Iterator[Diagnostic]:
    held = [variable.name for variable in dataset.variables if variable.name in described]
    order = {name: at for at, name in enumerate(described)}
    stated = sorted(held, key=lambda name: (described[name].order_number or 0, order[name]))
    if held != stated:
        fact = f'the order of the variables of "{dataset.name}" differs'
        yield _difference("DEF028", fact, _listed(held), _listed(stated), dataset.name)
    sequence = {name: ref.key_sequence for name, ref in described.items()}
    keyed = [name for name, place in sequence.items() if place is not None]
    keys = sorted(keyed, key=lambda name: sequence[name] or 0)
    if dataset.keys and keys != list(dataset.keys):  # a transport file does not say its keys
        fact = f'the keys of "{dataset.name}" differ'
        yield _difference("DEF029", fact, _listed(dataset.keys), _listed(keys), dataset.name)
    yield from _not_unique([one for one in keys if one in held], dataset)


def _not_unique(keys: list[str], dataset: Dataset) -> Iterator[Diagnostic]:
    """Find records that have the same values in all keys."""
    if not keys:
        return
    rows = dataset.table.num_rows
    told_apart = dataset.table.select(keys).group_by(keys).aggregate([]).num_rows
    if told_apart < rows:
        fact = f'{rows} records of "{dataset.name}" have {told_apart} different keys'
        found = (_listed(keys),)
        yield Diagnostic(
            "DEF044", fact, found=found, dataset=dataset.name, records=rows - told_apart
        )


def _domain(group: model.ItemGroup, dataset: Dataset) -> Iterator[Diagnostic]:
    """Find another abbreviation in the records than the definition states."""
    for name in _DOMAINS:
        # comments and relations belong to several domains
        several = name == "RDOMAIN" and group.domain == group.name
        if group.domain and not several and name in dataset.table.column_names:
            held = sorted(pc.unique(dataset.table.column(name).drop_null()).to_pylist())
            if held not in ([], [group.domain]):
                fact = f'the domain of "{dataset.name}" differs'
                place = (dataset.name, name)
                yield _difference("DEF050", fact, _listed(held), group.domain, *place)
            return


def _no_data(what: str, dataset: str, variable: str | None, *, marked: bool) -> Diagnostic:
    said = "is marked as having no data, but has" if marked else "has no data, but is not so marked"
    return Diagnostic("DEF031", f"{what} {said}", dataset=dataset, variable=variable)


def _difference(code: str, fact: str, data: object, define: object, *place: str) -> Diagnostic:
    dataset, variable = (*place, None)[:2]
    found = (f'data "{data}"', f'define.xml "{"" if define is None else define}"')
    return Diagnostic(code, fact, found=found, dataset=dataset, variable=variable)


def _listed(names: Iterable[str]) -> str:
    return ", ".join(names)
