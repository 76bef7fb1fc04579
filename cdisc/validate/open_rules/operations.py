"""Operations: what a rule computes beside the data, as a column of its records."""

from collections.abc import Callable

from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text
from cdisc.validate.open_rules import sets
from cdisc.validate.open_rules.columns import Frame, Kind, MissingVariableError
from cdisc.validate.open_rules.context import Computed, Context, list_of
from cdisc.validate.open_rules.dates import complete_to
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import Operation, UnknownConstructError
from cdisc.validate.open_rules.study import Study, Table


def compute(
    operation: Operation, frame: Frame, study: Study, library: Library, table: Table | None
) -> Computed:
    """Return what an operation gives.

    Raises:
        UnknownConstructError: It is not known.
        MissingVariableError: What it reads is not there.
    """
    build = _OPERATIONS.get(operation.operator)
    if build is None:
        raise UnknownConstructError(f"operation {operation.operator}")
    return build(Context(operation, frame, study, library, table))


def known() -> frozenset[str]:
    """Return the names of the operations."""
    return frozenset(_OPERATIONS)


def _aggregated(
    context: Context, sql: str, kind: Kind, nothing: str = "NULL", of: str = ""
) -> Computed:
    """Return a summary of the dataset that an operation reads: of all, or by group.

    Args:
        context: The operation.
        sql: The summary.
        kind: Its type.
        nothing: What stands for a group without records.
        of: Query that is summarized, of the groups ``k0``, ``k1`` and more; else the dataset.
    """
    source, operation = context.source(), context.operation
    groups = context.frame.expanded(operation.group)
    keys = [quoted(one) for one in groups]
    aliases = operation.options.get("group_aliases") or []
    names = [*aliases, *groups[len(aliases) :]][: len(groups)]
    for name in names:
        context.frame.column(name)
    for name in groups:
        if name not in source.names:
            raise MissingVariableError(name)
    if pattern := operation.options.get("regex"):
        keys = [_matched(key, str(pattern)) for key in keys]
    read = f"{source.relation}{_filtered(context, source)}"
    listed = "".join(f"{key} AS k{at}, " for at, key in enumerate(keys))
    rows = f"(SELECT {listed}* FROM {read})"
    if of:
        rows = f"({of.format(keys=''.join(f'k{at}, ' for at in range(len(keys))), rows=rows)})"
    if not groups:
        return Computed(f"(SELECT {sql} FROM {rows})", kind)
    numbers = ", ".join(f"k{at}" for at in range(len(keys)))
    own = [f"f.{quoted(context.frame.named(name))}" for name in names]
    if pattern:
        own = [_matched(one, str(pattern)) for one in own]
    on = " AND ".join(f"{one} IS NOT DISTINCT FROM o.k{at}" for at, one in enumerate(own))
    joined = f"SELECT {numbers}, {sql} AS v FROM {rows} GROUP BY {numbers}"
    value = f"coalesce(o.v, {nothing})" if nothing != "NULL" else "o.v"
    return Computed(value, kind, joined, on)


def _matched(sql: str, pattern: str) -> str:
    """Return the part of a text that matches a pattern; the whole where none does."""
    shown = f"CAST({sql} AS VARCHAR)"
    return f"coalesce(nullif(regexp_extract({shown}, {text(pattern)}), ''), {shown})"


def _filtered(context: Context, source: Table) -> str:
    parts = []
    for name, value in context.operation.filter.items():
        column = context.frame.named(name)
        if column not in source.names:
            raise MissingVariableError(column)
        literal = context.frame.literal(value)
        parts.append(f"{quoted(column)} = {literal.sql}")
    return f" WHERE {' AND '.join(parts)}" if parts else ""


def _distinct(context: Context) -> Computed:
    if context.operation.options.get("value_is_reference"):
        return _referenced(context)
    source = context.source()
    column = quoted(context.variable(source))
    shown = f"CAST({column} AS VARCHAR)"
    if next(one for one in source.variables if quoted(one.name) == column).type == "Num":
        shown = f"regexp_replace({shown}, '\\.0$', '')"
    each = f"SELECT {{keys}}{shown} AS v FROM {{rows}} GROUP BY ALL"
    # a group without values has none: its list is empty
    values = "coalesce(list(v ORDER BY v) FILTER (v IS NOT NULL), [])"
    return _aggregated(context, values, "list", of=each)


def _referenced(context: Context) -> Computed:
    """The variables of the dataset that each record relates to."""
    parent = context.frame.column(context.library.known["parent"])
    cases = " ".join(
        f"WHEN {text(one.domain)} THEN {list_of(one.names).sql}"
        for one in context.study.tables.values()
        if one.domain
    )
    value = f"CASE f.{parent.sql} {cases} END" if cases else "CAST(NULL AS VARCHAR[])"
    return Computed(value, "list")


def _count(context: Context) -> Computed:
    counted = "count(*)"
    if context.operation.filter and context.operation.group:
        # records that are chosen and belong to no group are not counted
        groups = context.frame.expanded(context.operation.group)
        there = " AND ".join(f"k{at} IS NOT NULL" for at in range(len(groups)))
        counted = f"count(*) FILTER ({there})" if there else counted
    return _aggregated(context, counted, "number", "0")


def _extreme(function: str) -> Callable[[Context], Computed]:
    def build(context: Context) -> Computed:
        column = quoted(context.variable(context.source()))
        return _aggregated(context, f"{function}({column})", "number")

    return build


def _date_extreme(function: str) -> Callable[[Context], Computed]:
    def build(context: Context) -> Computed:
        column = quoted(context.variable(context.source()))
        return _aggregated(context, f"arg_{function}({column}, {complete_to(column)})", "text")

    return build


def _mean(context: Context) -> Computed:
    column = quoted(context.variable(context.source()))
    return _aggregated(context, f"avg({column})", "number")


def _study_day(context: Context) -> Computed:
    """Days from the reference start; the day of it is 1, the day before it -1."""
    reference = context.library.known["reference_start"]
    source = context.study.tables.get(reference["dataset"])
    name = context.frame.named(str(context.operation.name))
    context.frame.column(name)
    if source is None or reference["variable"] not in source.names:
        raise MissingVariableError(reference["variable"])
    subject = context.library.known["subject"]
    start, day = (
        f"TRY_CAST(left({one}, 10) AS DATE)"
        for one in (f"o.{quoted(reference['variable'])}", f"f.{quoted(name)}")
    )
    days = f"date_diff('day', {start}, {day})"
    value = f"{days} + CASE WHEN {days} >= 0 THEN 1 ELSE 0 END"
    joined = (
        f"SELECT {quoted(subject)}, first({quoted(reference['variable'])} ORDER BY __row) AS "
        f"{quoted(reference['variable'])} FROM {source.relation} GROUP BY 1"
    )
    return Computed(value, "number", joined, f"f.{quoted(subject)} = o.{quoted(subject)}")


def _metadata(context: Context) -> Computed:
    table = context.own()
    values: dict[str, object] = {
        "dataset_name": table.name,
        "dataset_label": table.label,
        "dataset_location": table.file,
        "dataset_size": table.size,
    }
    literal = context.frame.literal(values[str(context.operation.name)])
    return Computed(literal.sql, literal.kind)


def _exists(context: Context) -> Computed:
    name = context.frame.named(str(context.operation.name))
    tables = [context.table] if context.table else list(context.study.tables.values())
    found = any(name in one.names for one in tables)
    return Computed("true" if found else "false", "boolean")


def _variable_count(context: Context) -> Computed:
    """How many datasets have a variable, each by the letters of its own domain."""
    name = str(context.operation.name)
    count = sum(
        name.replace("--", one.domain or "", 1) in one.names
        for one in context.study.tables.values()
    )
    return Computed(f"{count}", "number")


def _split(context: Context) -> Computed:
    column = context.frame.column(str(context.operation.name))
    delimiter = text(str(context.operation.options["delimiter"]))
    parts = f"list_transform(string_split(f.{column.sql}, {delimiter}), lambda __one: trim(__one))"
    return Computed(parts, "list")


def _label(context: Context) -> Computed:
    literal = context.frame.literal(context.library.label_of(context.own()))
    return Computed(literal.sql, "text")


def _custom(context: Context) -> Computed:
    custom = context.library.is_custom(context.own())
    return Computed("true" if custom else "false", "boolean")


def _of_library(core: str | None) -> Callable[[Context], Computed]:
    return lambda context: list_of(context.library.variables(context.own(), core))


def _filtered_variables(*, of_dataset: bool) -> Callable[[Context], Computed]:
    def build(context: Context) -> Computed:
        options = context.operation.options
        if options.get("key_name") != "role":
            raise UnknownConstructError(f"variables by {options.get('key_name')}")
        found = context.library.model(context.own(), options["key_value"])
        if of_dataset:
            found = [name for name in context.own().names if name in found]
        return list_of(found)

    return build


def _terms(context: Context) -> Computed:
    options = context.operation.options
    found = context.library.terms(
        options["codelists"], str(options["level"]), str(options["returntype"])
    )
    return list_of(found)


def _extensible(context: Context) -> Computed:
    found = context.library.is_extensible(str(context.operation.options["codelist"]))
    return Computed("true" if found else "false", "boolean")


_OPERATIONS: dict[str, Callable[[Context], Computed]] = {
    "distinct": _distinct,
    "record_count": _count,
    "max": _extreme("max"),
    "min": _extreme("min"),
    "mean": _mean,
    "max_date": _date_extreme("max"),
    "min_date": _date_extreme("min"),
    "dy": _study_day,
    "extract_metadata": _metadata,
    "variable_exists": _exists,
    "variable_count": _variable_count,
    "split_by": _split,
    "codelist_terms": _terms,
    "codelist_extensible": _extensible,
    "domain_label": _label,
    "domain_is_custom": _custom,
    "dataset_names": lambda context: list_of(sorted(context.study.tables)),
    "study_domains": lambda context: list_of(
        sorted({one.domain for one in context.study.tables.values()}, key=lambda one: one or "")
    ),
    "standard_domains": lambda context: list_of(sorted(context.library.domains)),
    "variable_names": lambda context: list_of(context.library.all_variables()),
    "variable_is_null": sets.is_null,
    "minus": sets.minus,
    "map": sets.mapped,
    "get_column_order_from_dataset": lambda context: list_of(context.own().names),
    "get_column_order_from_library": _of_library(None),
    "required_variables": _of_library("Req"),
    "expected_variables": _of_library("Exp"),
    "permissible_variables": _of_library("Perm"),
    "get_model_column_order": lambda context: list_of(context.library.model(context.own())),
    "get_parent_model_column_order": lambda context: list_of(
        context.library.parent_model(context.own())
    ),
    "get_model_filtered_variables": _filtered_variables(of_dataset=False),
    "get_dataset_filtered_variables": _filtered_variables(of_dataset=True),
}
