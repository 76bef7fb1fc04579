"""A step in Python: a function of the study, pandas in, pandas out.

The function's file is run by itself, as text: nothing is put on the path, and nothing
is written beside it. What the function gives is looked at before it is believed.
"""

import ast
import types
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.engine.step_plan import ROW
from cdisc.engine.step_values import StepError, taken
from cdisc.language.verb import Type

if TYPE_CHECKING:
    import pandas as pd

Function = Callable[..., Any]


def find_function(folder: Path, shown: str, dotted: str, span: Span) -> Diagnostic | None:
    """Say what is wrong with the name of a function; nothing of its file is run.

    Args:
        folder: The folder that holds the file.
        shown: How findings name that folder.
        dotted: ``file.function``.
        span: The place that names it.
    """
    path, function = place_of(folder, dotted)
    expected = ", ".join(f"{one.stem}.FUNCTION" for one in sorted(folder.glob("*.py"))) or None
    if "." not in dotted:
        fact = f'"{dotted}" is not of the form file.function'
        return Diagnostic("SPEC061", fact, span, expected=expected)
    if not path.is_file():
        fact = f'"{dotted}" names no function: there is no {path.name} in {shown}'
        return Diagnostic("SPEC061", fact, span, expected=expected)
    text = path.read_text(encoding="utf-8")
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        line = error.lineno or 1
        lines = text.splitlines() or [""]
        place = Span(f"{shown}/{path.name}", line, error.offset or 1, (error.offset or 1) + 1,
                     lines[min(line, len(lines)) - 1])  # fmt: skip
        return Diagnostic("SPEC061", f"{path.name} is not valid Python: {error.msg}", place)
    names = [one.name for one in tree.body if isinstance(one, ast.FunctionDef)]
    if function in names:
        return None
    return Diagnostic(
        "SPEC061",
        f'{path.name} has no function "{function}"',
        span,
        expected=", ".join(names) or None,
        help=did_you_mean(function, names),
    )


def place_of(folder: Path, dotted: str) -> tuple[Path, str]:
    """Return the file and the name of a function that is written ``file.function``."""
    module, _, function = dotted.rpartition(".")
    return folder.joinpath(*module.split(".")).with_suffix(".py"), function


def load_function(folder: Path, shown: str, dotted: str, span: Span) -> Function:
    """Return a function of a file.

    Raises:
        StepError: SPEC063, the file cannot be run.
    """
    path, name = place_of(folder, dotted)
    file = f"{shown}/{path.name}"
    text = path.read_text(encoding="utf-8")
    module = types.ModuleType(path.stem)
    module.__file__ = str(path)
    _guarded(lambda: exec(compile(text, file, "exec"), module.__dict__), file, text, dotted, span)  # noqa: S102  the study's own code
    function: Function = getattr(module, name)
    return lambda *frames: _guarded(lambda: function(*frames), file, text, dotted, span)


def _guarded(work: Callable[[], Any], file: str, text: str, dotted: str, span: Span) -> Any:
    try:
        return work()
    except Exception as error:
        raise StepError(_failed(error, file, text, dotted, span)) from error


def _failed(error: Exception, file: str, text: str, dotted: str, span: Span) -> Diagnostic:
    """Return what the code of a study did wrong, at its own last line."""
    lines, number = text.splitlines(), None
    trace = error.__traceback__
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == file:
            number = trace.tb_lineno
        trace = trace.tb_next
    said = f"{type(error).__name__}: {error}".strip().removesuffix(":")
    if number is None:
        return Diagnostic("SPEC063", f"{dotted} failed", span, found=(said,))
    line = lines[number - 1] if number <= len(lines) else ""
    column = len(line) - len(line.lstrip()) + 1
    return Diagnostic(
        "SPEC063",
        f"{dotted} failed",
        Span(file, number, column, len(line) + 1, line),
        found=(said,),
        help=f"the step stands at {span}",
    )


def run_function(
    function: Function,
    records: pa.Table,
    tables: Mapping[str, pa.Table],
    writes: Mapping[str, Type],
    *,
    dotted: str,
    span: Span,
) -> pa.Table:
    """Return what a function makes of records, in their order.

    Args:
        function: Takes a frame of the records and one for each further table.
        records: What the step reads; a column `ROW` numbers them.
        tables: What it reads of other datasets.
        writes: The variables that it writes, with their types.
        dotted: Name of the function.
        span: Place of the step.

    Raises:
        StepError: SPEC063, the function failed; SPEC064, what it gives does not fit.
    """
    given = _frame(records.drop_columns([ROW]))
    labels = given.index
    made = function(given, *(_frame(one) for one in tables.values()))
    _require_frame(made, labels, tuple(writes), dotted, span)
    made = made.loc[labels]
    columns = [taken(_arrow(made[name], name, dotted, span), kind, f"{dotted}: {name}", span)
               for name, kind in writes.items()]  # fmt: skip
    return pa.table(columns, names=[*writes])


def _frame(table: pa.Table) -> "pd.DataFrame":
    import pandas as pd

    def dtype(kind: pa.DataType) -> object:
        return pd.StringDtype(na_value=float("nan")) if pa.types.is_string(kind) else None

    frame: pd.DataFrame = table.to_pandas(types_mapper=dtype, date_as_object=False)
    return frame


def _require_frame(
    made: object, labels: "pd.Index[Any]", writes: tuple[str, ...], dotted: str, span: Span
) -> None:
    import pandas as pd

    def wrong(found: str, expected: str) -> StepError:
        fact = f"what {dotted} gives does not fit"
        return StepError(Diagnostic("SPEC064", fact, span, found=(found,), expected=expected))

    if not isinstance(made, pd.DataFrame):
        raise wrong(f"{type(made).__name__}", f"a DataFrame with the columns {', '.join(writes)}")
    columns = [str(one) for one in made.columns]
    if sorted(columns) != sorted(writes):
        raise wrong(f"the columns {', '.join(columns) or 'none'}", ", ".join(writes))
    if len(made) != len(labels):
        raise wrong(f"{len(made)} records", f"{len(labels)} records, those that it was given")
    if not made.index.is_unique or not made.index.isin(labels).all():
        raise wrong("another index", "the index of the records that it was given")


def _arrow(column: "pd.Series[Any]", name: str, dotted: str, span: Span) -> pa.Array:
    try:
        return pa.array(column, from_pandas=True)
    except (pa.ArrowInvalid, pa.ArrowTypeError) as error:
        fact = f"what {dotted} gives does not fit"
        found = f"{name}: values of several types ({error})"
        raise StepError(Diagnostic("SPEC064", fact, span, found=(found,))) from error
