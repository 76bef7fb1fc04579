"""The records of a rule: of a dataset, of its metadata, of the study; with what is joined."""

from collections.abc import Callable, Iterator, Sequence

from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Column, Frame, Kind, MissingVariableError, of_frame
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.operations import compute
from cdisc.validate.open_rules.relations import with_parents, with_qualifiers, with_related
from cdisc.validate.open_rules.rule import Match, Operation, Rule, UnknownConstructError
from cdisc.validate.open_rules.study import Study, Table

STUDY = "STUDY"
_OF_DATA = "Record Data"
_KINDS: dict[str, Kind] = {"Num": "number", "Char": "text"}


def frames_of(
    rule: Rule, study: Study, library: Library, tables: Sequence[Table]
) -> Iterator[Frame]:
    """Give the records that a rule looks at, dataset by dataset.

    Raises:
        UnknownConstructError: The kind of the rule is not known.
    """
    build = _BUILDERS.get(rule.type)
    if build is None:
        raise UnknownConstructError(f"rule type {rule.type}")
    if rule.type == "Domain Presence Check":
        if tables or not study.tables:
            yield _computed(rule, study, library, None, _presence(study))
        return
    for table in _wholes(rule, study, tables):
        try:
            yield _computed(rule, study, library, table, build(rule, study, library, table))
        except MissingVariableError:
            continue  # the rule does not apply to a dataset without its variables


def _wholes(rule: Rule, study: Study, tables: Sequence[Table]) -> Iterator[Table]:
    """Give datasets; those that were split put together, once, unless a rule is for the parts."""
    seen: set[str] = set()
    for table in tables:
        if rule.scope.split or rule.type != _OF_DATA:
            yield table
        elif table.whole not in seen:
            seen.add(table.whole)
            yield study.together(table)


def _computed(
    rule: Rule, study: Study, library: Library, table: Table | None, frame: Frame
) -> Frame:
    """Add what the operations of a rule give to its records."""
    for operation in rule.operations:
        frame = _with(frame, operation, study, library, table)
    return frame


def _with(
    frame: Frame, operation: Operation, study: Study, library: Library, table: Table | None
) -> Frame:
    found = compute(operation, frame, study, library, table)
    columns = {**frame.columns, operation.id: of_frame(operation.id, found.kind, found.items)}
    join = f" LEFT JOIN ({found.joined}) AS o ON {found.on}" if found.joined else ""
    query = f"SELECT f.*, {found.sql} AS {quoted(operation.id)} FROM ({frame.query}) AS f{join}"
    return frame.over(query, columns)


# the data ------------------------------------------------------------------------------


def _columns(table: Table) -> dict[str, Column]:
    return {one.name: of_frame(one.name, _KINDS.get(one.type, "text")) for one in table.variables}


def _records(rule: Rule, study: Study, _library: Library, table: Table) -> Frame:
    query = f"SELECT * FROM {table.relation}"
    frame = Frame(table.name, table.letters, query, _columns(table), table.parts)
    for match in rule.matches:
        if match.child:
            name = match.name.replace("--", table.parent or "")
            frame = with_parents(frame, study) if table.name == name else frame
        elif not match.keys:
            frame = with_related(frame, study, table, match.name, match.wildcard)
        else:
            frame = _matched(rule, frame, match, study, table)
    return frame


def _matched(rule: Rule, frame: Frame, match: Match, study: Study, table: Table) -> Frame:
    name = match.name.replace("--", table.domain or "")
    others = [one for one in study.tables.values() if name in (one.name, one.domain, one.whole)]
    if not others or name == table.whole:
        return frame
    other = study.together(others[0])
    if other.is_supplement:
        return with_qualifiers(frame, study, other)
    for left, right in match.keys:
        if right not in other.names:
            raise MissingVariableError(right)
        frame.column(left)
    on = " AND ".join(
        f"f.{quoted(frame.named(left))} IS NOT DISTINCT FROM m.{quoted(right)}"
        for left, right in match.keys
    )
    columns, added = dict(frame.columns), []
    asked = {one for test in rule.tests() for one in (test.name, test.value) if _is_text(one)}
    keys = {right for left, right in match.keys if left == right}
    for name_, column in _columns(other).items():
        if name_ in keys:
            continue
        full = f"{name}.{name_}"
        shown = full if name_ in columns or full in asked else name_
        columns[shown] = of_frame(shown, column.kind)
        added.append(f"m.{quoted(name_)} AS {quoted(shown)}")
    selected = ", ".join(["f.*", *added])
    join = "LEFT" if match.join == "left" else "INNER"
    query = f"SELECT {selected} FROM ({frame.query}) AS f {join} JOIN {other.relation} AS m ON {on}"
    return frame.over(query, columns)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


# metadata ------------------------------------------------------------------------------


def _values(frame_rows: Sequence[dict[str, object]], kinds: dict[str, Kind]) -> str:
    """Return a query that gives rows that are known beforehand."""
    names = ", ".join(quoted(name) for name in ("__row", *kinds))
    if not frame_rows:
        typed = ", ".join(f"NULL AS {quoted(name)}" for name in ("__row", *kinds))
        return f"SELECT {typed} WHERE false"
    rows = []
    for row in frame_rows:
        cells = [str(row["__row"]) if row["__row"] is not None else "NULL::BIGINT"]
        for name, kind in kinds.items():
            cells.append(_cell(row.get(name), kind))
        rows.append(f"({', '.join(cells)})")
    return f"SELECT * FROM (VALUES {', '.join(rows)}) AS v({names})"


def _cell(value: object, kind: Kind) -> str:
    """Return a value that is known beforehand."""
    if kind == "list":
        items = value if isinstance(value, list) else []
        return f"CAST([{', '.join(text(str(one)) for one in items)}] AS VARCHAR[])"
    if value is None or value == "":
        return "NULL::DOUBLE" if kind == "number" else "NULL::VARCHAR"
    return f"{value}::DOUBLE" if kind == "number" else text(str(value))


_OF_VARIABLE: dict[str, Kind] = {
    "variable_name": "text",
    "variable_order_number": "number",
    "variable_label": "text",
    "variable_size": "number",
    "variable_data_type": "text",
    "variable_format": "text",
}
_OF_DATASET: dict[str, Kind] = {
    "dataset_label": "text",
    "dataset_location": "text",
    "dataset_name": "text",
    "dataset_size": "number",
}
_OF_LIBRARY: dict[str, Kind] = {
    "library_variable_name": "text",
    "library_variable_role": "text",
    "library_variable_label": "text",
    "library_variable_core": "text",
    "library_variable_order_number": "number",
    "library_variable_data_type": "text",
    "library_variable_ccode": "text",
}
_OF_DEFINE: dict[str, Kind] = {
    "define_variable_name": "text",
    "define_variable_label": "text",
    "define_variable_data_type": "text",
    "define_variable_role": "text",
    "define_variable_size": "number",
    "define_variable_length": "number",
    "define_variable_ccode": "text",
    "define_variable_format": "text",
    "define_variable_origin_type": "text",
    "define_variable_is_collected": "text",
    "define_variable_has_no_data": "text",
    "define_variable_order_number": "number",
    "define_variable_has_codelist": "text",
    "define_variable_codelist_coded_values": "list",
    "define_variable_codelist_coded_codes": "list",
    "define_variable_allowed_terms": "list",
    "define_variable_mandatory": "text",
    "define_variable_has_comment": "text",
}


def variable_rows(table: Table) -> list[dict[str, object]]:
    """Return what is said of each variable of a dataset."""
    return [
        {
            "__row": at,
            "variable_name": one.name,
            "variable_order_number": at,
            "variable_label": one.label,
            "variable_size": one.length,
            "variable_data_type": one.type,
            "variable_format": one.format,
        }
        for at, one in enumerate(table.variables, 1)
    ]


def dataset_row(table: Table) -> dict[str, object]:
    """Return what is said of a dataset."""
    return {
        "__row": 1,
        "dataset_label": table.label,
        "dataset_location": table.file,
        "dataset_name": table.name,
        "dataset_size": table.size,
    }


def _made(table: Table, rows: Sequence[dict[str, object]], kinds: dict[str, Kind]) -> Frame:
    columns = {name: of_frame(name, kind) for name, kind in kinds.items()}
    return Frame(table.name, table.letters, _values(rows, kinds), columns)


def _variables(_rule: Rule, _study: Study, _library: Library, table: Table) -> Frame:
    return _made(table, variable_rows(table), _OF_VARIABLE)


def _dataset(_rule: Rule, _study: Study, _library: Library, table: Table) -> Frame:
    return _made(table, [dataset_row(table)], _OF_DATASET)


def _variables_and_library(_rule: Rule, _study: Study, library: Library, table: Table) -> Frame:
    known = library.described(table)
    rows = [{**row, **known.get(str(row["variable_name"]), {})} for row in variable_rows(table)]
    return _made(table, rows, {**_OF_VARIABLE, **_OF_LIBRARY})


def _variables_and_define(_rule: Rule, study: Study, _library: Library, table: Table) -> Frame:
    said = {str(one["define_variable_name"]): one for one in study.define.get(table.name, ())}
    rows = [{**row, **said.get(str(row["variable_name"]), {})} for row in variable_rows(table)]
    return _made(table, rows if said else [], {**_OF_VARIABLE, **_OF_DEFINE})


def _define_and_library(_rule: Rule, study: Study, library: Library, table: Table) -> Frame:
    said = study.define.get(table.name, [])
    known = library.described(table, [str(one["define_variable_name"]) for one in said])
    rows = [
        {"__row": at, **one, **known.get(str(one["define_variable_name"]), {})}
        for at, one in enumerate(said, 1)
    ]
    return _made(table, rows, {**_OF_DEFINE, **_OF_LIBRARY})


def _define(_rule: Rule, study: Study, _library: Library, table: Table) -> Frame:
    rows = [{"__row": at, **one} for at, one in enumerate(study.define.get(table.name, []), 1)]
    return _made(table, rows, _OF_DEFINE)


def _long(table: Table, more: dict[str, Kind], rows: Sequence[dict[str, object]]) -> Frame:
    """Return one record a value, with what is said of its variable or dataset."""
    kinds: dict[str, Kind] = {"variable_name": "text", "variable_value": "text", **more}
    parts = []
    for one, row in zip(table.variables, rows, strict=True):
        cells = []
        for name, kind in more.items():
            value = row.get(name)
            missing = value is None or value == ""
            if kind == "number":
                cells.append(f"{'NULL' if missing else value}::DOUBLE AS {quoted(name)}")
            else:
                cells.append(
                    f"{'NULL::VARCHAR' if missing else text(str(value))} AS {quoted(name)}"
                )
        parts.append(
            f"SELECT __row, {text(one.name)} AS variable_name, "
            f"CAST({quoted(one.name)} AS VARCHAR) AS variable_value, {', '.join(cells)} "
            f"FROM {table.relation}"
        )
    columns = {name: of_frame(name, kind) for name, kind in kinds.items()}
    columns["row_number"] = Column("CAST(__row AS DOUBLE)", "number", from_frame=True)
    return Frame(table.name, table.letters, " UNION ALL ".join(parts), columns)


def _values_and_variable(_rule: Rule, _study: Study, _library: Library, table: Table) -> Frame:
    kinds = {name: kind for name, kind in _OF_VARIABLE.items() if name != "variable_name"}
    return _long(table, kinds, variable_rows(table))


def _values_and_dataset(_rule: Rule, _study: Study, _library: Library, table: Table) -> Frame:
    return _long(table, _OF_DATASET, [dataset_row(table)] * len(table.variables))


def _presence(study: Study) -> Frame:
    kinds: dict[str, Kind] = {}
    row: dict[str, object] = {"__row": None}
    for table in study.tables.values():
        kinds[table.whole] = "text"
        row[table.whole] = table.file
    columns = {name: of_frame(name, kind) for name, kind in kinds.items()}
    return Frame(STUDY, "", _values([row], kinds), columns)


_Builder = Callable[[Rule, Study, Library, Table], Frame]
_BUILDERS: dict[str, _Builder] = {
    _OF_DATA: _records,
    "Domain Presence Check": _records,
    "Variable Metadata Check": _variables,
    "Dataset Metadata Check": _dataset,
    "Variable Metadata Check against Library Metadata": _variables_and_library,
    "Variable Metadata Check against Define XML": _variables_and_define,
    "Define Item Metadata Check": _define,
    "Define Item Metadata Check against Library Metadata": _define_and_library,
    "Value Check with Variable Metadata": _values_and_variable,
    "Value Check with Dataset Metadata": _values_and_dataset,
}
TYPES = frozenset(_BUILDERS)
"""The types of rules that are known."""
