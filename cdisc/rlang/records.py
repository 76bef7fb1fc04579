"""The records of a dataset in R, with the values of their source beside them."""

from collections.abc import Iterable

from cdisc.engine.program import Checked, RowSource
from cdisc.functions.rtext import name as r_name
from cdisc.functions.rtext import text as r_text
from cdisc.language import tree as t
from cdisc.rlang.choices import ordered
from cdisc.rlang.frame import Frame, selected
from cdisc.rlang.function import Function, NoRenderingError
from cdisc.rlang.place import Others
from cdisc.rlang.render import Renderer
from cdisc.rlang.winners import params


def add_records(function: Function, expressions: Iterable[Checked]) -> None:
    """Add the statement that makes the records: one pipeline per row source, stacked.

    Args:
        function: The function that is being written.
        expressions: What asks for values of the sources.
    """
    asked = list(expressions)
    parts = [
        _source(function, source, asked, number)
        for number, source in enumerate(function.plan.sources, start=1)
    ]
    start = function.main.start
    if len(parts) == 1:
        function.add(f"{start} <- {parts[0]}")
        return
    listed = ",\n".join(parts).replace("\n", "\n  ")
    function.add(f"{start} <- bind_rows(\n  {listed}\n)")


def _source(function: Function, source: RowSource, asked: list[Checked], number: int) -> str:
    if source.kind not in ("form", "dataset", "melt", "params"):
        raise NoRenderingError(f"records made from {source.kind}")
    form = source.name in function.program.forms
    if form:
        frame = Frame(r_name(function.form(source.name)))
        steps = []
    else:
        frame = Frame(r_name(function.dataset(source.name)))
        steps = ["mutate(row = row_number())"]
    place = Others(source.name)
    if source.where:
        if any(isinstance(node, t.Aggregate) for node in source.where.expression.tree.walk()):
            raise NoRenderingError("records that are taken by what others say")
        made = Renderer(function, source.where, frame, place)
        steps.append(f"filter({made.r(source.where.expression.tree)})")
    if source.keep:
        steps += _kept(function, source.keep, frame, place)
    columns = {
        f"{ref.qualifier}.{target.name}": target.name
        for checked in asked
        for ref, target in checked.refs()
        if target.kind == "row" and target.qualifier == source.name
    }
    refs = [ref for checked in asked for ref, _target in checked.refs()]
    by_source = any((ref.qualifier, ref.name) == ("rows", "source") for ref in refs)
    more = [f"rows.source = {number}"] if by_source else []
    if source.kind == "params":
        return params(function, source, frame, steps, columns)
    if source.kind != "melt":
        return frame.render(*steps, _taken(function, source, columns, *more))
    return _melted(function, source, frame.render(*steps), columns, more)


def _taken(function: Function, source: RowSource, columns: dict[str, str], *more: str) -> str:
    fixed = [f"form = {r_text(source.name)}", "row", function.program.subject, *more]
    listed = ", ".join(fixed)
    return f"transmute({listed}{', ' if columns else ''}{selected(columns)})"


def _kept(function: Function, keep: Checked, frame: Frame, place: Others) -> list[str]:
    """Return the steps that choose one record among several."""
    flag = keep.expression.tree
    assert isinstance(flag, t.Flag)
    made = Renderer(function, keep, frame, place)
    groups = [made.r(ref) for ref in flag.by] or [function.program.subject]
    return [
        *ordered(made, flag.order),
        f"group_by({', '.join(groups)})",
        "slice(1)" if flag.kind == "first" else "slice(n())",
        "ungroup()",
        "arrange(row)",
    ]


def _melted(
    function: Function, source: RowSource, start: str, columns: dict[str, str], more: list[str]
) -> str:
    melt = source.melt
    assert melt is not None
    fields = function.program.forms[source.name].fields
    if fields is None:
        raise NoRenderingError("a melt; give the raw files with --raw")
    name = function.fresh(f"{source.name}_records")
    function.add(f"{name} <- {start}")
    parts = []
    for code, cells in source.tests.items():
        values = [*more, f"test.code = {r_text(code)}"]
        for column, cell in zip(melt.tests.columns, cells, strict=True):
            text = r_text(cell) if cell else "NA_character_"
            values.append(
                f"{r_name(f'test.{column}')} = {r_name(cell) if cell in fields else text}"
            )
        collected = "" if melt.keep == "all" else f"filter(!is.na({r_name(cells[0])})) %>% "
        parts.append(f"{name} %>% {collected}{_taken(function, source, columns, *values)}")
    listed = ",\n".join(parts).replace("\n", "\n  ")
    return f"bind_rows(\n  {listed}\n) %>%\n  arrange(row)"
