"""Grading tables: those of ``specs/grades/``, and those that a study brings itself."""

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.errors import SpecError
from cdisc.language import tree as t
from cdisc.language.offers import GradedTerm
from cdisc.language.parser import parse
from cdisc.plain import read_plain
from cdisc.resources import specs_root
from cdisc.spec.study import GradedTermBlock, GradingBlock

_KEY = re.compile(r"^([^\s#].*):$", re.MULTILINE)


def published() -> Mapping[str, GradingBlock]:
    """Return the grading tables that every study has, by name."""
    return {name: _published(name) for name in _files()}


@cache
def _files() -> Mapping[str, str]:
    """Return the text of each published table by its name, which is the one key of its file."""
    folder = specs_root().joinpath("grades")
    paths = sorted(folder.iterdir(), key=lambda one: one.name)
    texts = [path.read_text(encoding="utf-8") for path in paths]
    return {name: text for text in texts for name in _KEY.findall(text)}


@cache
def _published(name: str) -> GradingBlock:
    found = read_plain(_files()[name])
    return GradingBlock.model_validate(found[name])


def grading(name: str, own: Mapping[str, GradingBlock]) -> Sequence[GradedTerm] | Diagnostic:
    """Return the terms of a grading table.

    Args:
        name: Its name; a table of the study stands before a published one of that name.
        own: The tables of the study.

    Returns:
        Its terms, one for each unit, or what is wrong: SPEC055 there is no such table,
        SPEC056 a condition of it cannot be read.
    """
    table = own.get(name) or (_published(name) if name in _files() else None)
    if table is None:
        tables = {*_files(), *own}
        return Diagnostic(
            "SPEC055",
            f'there is no grading table "{name}"',
            expected=", ".join(sorted(tables)),
            help=did_you_mean(name, tables),
        )
    try:
        return [
            made for term, block in table.terms.items() for made in _terms(term, block, table.value)
        ]
    except SpecError as error:
        [found] = error.diagnostics
        assert found.span is not None
        return Diagnostic(
            "SPEC056",
            f'grading table "{name}": {found.fact}',
            expected=found.expected,
            help=f"correct the condition: {found.span.text}",
        )


def _terms(name: str, block: GradedTermBlock, value: str) -> Iterator[GradedTerm]:
    tables: list[tuple[str | None, Mapping[str, str]]] = [*block.units.items()]
    for unit, grades in tables or [(None, block.grades)]:
        yield GradedTerm(
            name,
            block.direction,
            block.tests,
            unit,
            (value, *block.needs),
            tuple((grade, _parsed(condition)) for grade, condition in grades.items()),
        )


def _parsed(condition: str) -> t.Node:
    """Return the tree of a condition, whose nodes get the place of the verb that uses it."""
    tree = parse(condition, lambda start, end: Span("", 1, start + 1, end + 1, condition)).tree
    return t.placed(tree, t.Text(value=""))
