"""A dataset as it is in effect: libraries, copies, implied and companion variables in place.

What a person has to gather from several files and from the standard, on one page, each
line with the place that says it.
"""

import dataclasses
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.engine.program import DatasetPlan, Program, VariablePlan
from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study

By = Literal["line", "copy", "coded", "work", "supp", "step", "companion", "implied", "no data"]


@dataclasses.dataclass(frozen=True)
class ShownLine:
    """One variable.

    Attributes:
        variable: Name.
        label: As in the package.
        type: Type in the language.
        core: Req, Exp or Perm of the standard; None where it says nothing.
        by: What says it.
        expression: What makes it.
        place: File and line.
    """

    variable: str
    label: str
    type: str
    core: str | None
    by: By
    expression: str
    place: str


@dataclasses.dataclass(frozen=True)
class ShownDataset:
    """A dataset: what is said of it as a whole, and its variables in their order.

    Attributes:
        dataset: Name.
        label: As in the package.
        class_name: Class of the standard.
        rows: Where its records come from, each source with its place.
        keys: Variables that sort it.
        checks: Conditions that every record meets, each with its place.
        lines: Its variables; those of work and the qualifiers come last.
    """

    dataset: str
    label: str
    class_name: str
    rows: tuple[tuple[str, str], ...]
    keys: tuple[str, ...]
    checks: tuple[tuple[str, str], ...]
    lines: tuple[ShownLine, ...]

    def to_text(self) -> str:
        """Return the dataset as an aligned table."""
        head = [f"{self.dataset}  {self.label}  ({self.class_name})"]
        head += [f"  rows: {text}  {place}" for text, place in self.rows]
        head.append(f"  keys: {' '.join(self.keys)}")
        head += [f"  check: {text}  {place}" for text, place in self.checks]
        cells = [("variable", "type", "core", "by", "label", "place", "expression")]
        cells += [
            (one.variable, one.type, one.core or "", one.by, one.label, one.place, one.expression)
            for one in self.lines
        ]
        return "\n".join([*head, "", *_aligned(cells)]) + "\n"

    def to_json(self) -> str:
        """Return the same as JSON."""
        return json.dumps(dataclasses.asdict(self), indent=1, ensure_ascii=False) + "\n"


def show(study: Path, dataset: str) -> ShownDataset:
    """Return a dataset of a study as it is in effect.

    Args:
        study: Folder with ``study.yaml``.
        dataset: Dataset name.

    Raises:
        SpecError: The mapping files are wrong, or have no such dataset.
    """
    program = resolve(load_study(study))
    known = [name for name, plan in program.datasets.items() if plan.of is None]
    if dataset not in known:
        raise SpecError(
            [
                Diagnostic(
                    "SPEC018",
                    f'the study has no dataset "{dataset}"',
                    expected=", ".join(sorted(known)),
                    help=did_you_mean(dataset, known),
                )
            ]
        )
    plan = program.datasets[dataset]
    model = plan.loaded.model if plan.loaded else None
    rest = [name for name in plan.variables if name not in plan.order]
    return ShownDataset(
        dataset,
        (model.label if model else None) or (plan.standard.label if plan.standard else dataset),
        plan.class_name,
        tuple(_rows(program, plan)),
        plan.keys,
        tuple(_checks(program, plan)),
        tuple(_line(program, plan.variables[name]) for name in (*plan.order, *rest)),
    )


def _rows(program: Program, plan: DatasetPlan) -> Iterator[tuple[str, str]]:
    if plan.loaded is None:
        return
    written = plan.loaded.document.value
    single = not isinstance(written, dict) or not isinstance(written.get("rows"), list)
    for index, entry in enumerate(plan.loaded.model.rows):
        span = plan.loaded.document.span(("rows",) if single else ("rows", index))
        text = entry if isinstance(entry, str) else _block(entry.model_dump())
        yield " ".join(text.split()), _place(program, span)


def _block(entry: dict[str, object]) -> str:
    """Return the first words of a block of rows."""
    key = "melt" if "melt" in entry else "each"
    where = f" where {entry['where']}" if entry.get("where") else ""
    return f"{key} {entry[key]}{where}"


def _checks(program: Program, plan: DatasetPlan) -> Iterator[tuple[str, str]]:
    for one in plan.checks:
        text = " ".join(one.expression.text.split())
        yield text, _place(program, one.expression.span())


def _line(program: Program, plan: VariablePlan) -> ShownLine:
    line, expression = plan.line, plan.checked.expression
    text = " ".join(expression.text.split())
    if line.companion_of:
        text = f"with {line.companion_of}"
    return ShownLine(
        plan.name.removeprefix("supp:"),
        plan.label.removeprefix("supp:"),
        plan.type,
        plan.standard.core if plan.standard else None,
        _by(plan),
        text,
        _place(program, expression.span()),
    )


def _by(plan: VariablePlan) -> By:
    line = plan.line
    said: tuple[tuple[object, By], ...] = (
        (line.no_data, "no data"),
        (line.implied, "implied"),
        (line.companion_of, "companion"),
        (line.copied, "copy"),
        (line.dictionary, "coded"),
        (line.step is not None, "step"),
        (line.work, "work"),
        (line.supp, "supp"),
    )
    return next((by for is_so, by in said if is_so), "line")


def _place(program: Program, span: Span) -> str:
    return f"{program.loaded.inside(span.file)}:{span.line}"


def _aligned(cells: Sequence[tuple[str, ...]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    for row in cells:
        padded = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        yield "  ".join(padded).rstrip()
