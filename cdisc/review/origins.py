"""From a finding to what made the values: the line of the mapping and the fields of forms."""

import dataclasses
from collections.abc import Iterable, Iterator
from pathlib import Path

from cdisc.diagnostics import Span
from cdisc.engine.program import Program
from cdisc.engine.resolve import resolve
from cdisc.spec import load_study
from cdisc.spec.study import ExplanationBlock
from cdisc.validate.rules import Finding


@dataclasses.dataclass(frozen=True, slots=True)
class Origins:
    """What a mapping says of the variables of a package that was built with it.

    Attributes:
        places: Line of each variable, and of each dataset under an empty name.
        fields: Fields of forms that each variable comes from, through all derivations.
        pages: Pages of the annotated form of those fields.
        explanations: The study's reasons for findings that stay.
        imported: Folder of the terminology that the study has imported.
    """

    places: dict[tuple[str, str], str]
    fields: dict[tuple[str, str], tuple[str, ...]]
    pages: dict[tuple[str, str], tuple[str, ...]]
    explanations: tuple[tuple[ExplanationBlock, Span], ...] = ()
    imported: Path | None = None


def origins_of(study: Path) -> Origins:
    """Return what the mapping files of a study say of each variable.

    Raises:
        SpecError: The mapping files are wrong.
    """
    loaded = load_study(study)
    program = resolve(loaded)
    places: dict[tuple[str, str], str] = {}
    fields: dict[tuple[str, str], tuple[str, ...]] = {}
    pages: dict[tuple[str, str], tuple[str, ...]] = {}
    for plan in program.datasets.values():
        if plan.loaded:
            span = plan.loaded.document.span(("dataset",))
            places[plan.shown, ""] = f"{loaded.inside(span.file)}:{span.line}"
        for name, variable in plan.variables.items():
            span = variable.checked.expression.span()
            key = (plan.shown, name.removeprefix("supp:"))
            places[key] = f"{loaded.inside(span.file)}:{span.line}"
            found = dict.fromkeys(_fields(program, plan.name, name))
            fields[key] = tuple(found)
            forms = (program.forms[one.partition(".")[0]] for one in found)
            pages[key] = tuple(dict.fromkeys(page for form in forms for page in form.block.page))
    return Origins(places, fields, pages, loaded.explained, loaded.ct_folder)


def _fields(program: Program, dataset: str, variable: str) -> Iterator[str]:
    """Yield the fields that a variable comes from, through other variables."""
    waiting, seen = [(dataset, variable)], set()
    while waiting:
        here = waiting.pop(0)
        plan = program.datasets.get(here[0])
        if here in seen or plan is None or here[1] not in plan.variables:
            continue
        seen.add(here)
        checked = plan.variables[here[1]].checked
        if not checked.sound:
            continue
        for _ref, target in checked.refs():
            if target.qualifier in program.forms:
                yield f"{target.qualifier}.{target.name}"
            elif target.qualifier:
                waiting.append((target.qualifier, target.name))


def with_origins(findings: Iterable[Finding], origins: Origins) -> tuple[Finding, ...]:
    """Return findings with the line and the fields of the variable that each is about."""
    return tuple(
        dataclasses.replace(
            one,
            place=origins.places.get(
                (one.dataset, one.variable), origins.places.get((one.dataset, ""), one.place)
            ),
            fields=origins.fields.get((one.dataset, one.variable), ()),
            pages=origins.pages.get((one.dataset, one.variable), one.pages),
        )
        for one in findings
    )
