"""What the program says when something is wrong: one shape for every finding.

A `Diagnostic` states a fact, points at the line of a spec that asked for it
(`Span`), shows what was found in the data, what was expected and what to type.
The severity and the long explanation of a code live in
``specs/diagnostics.yaml``, never at the call. Text for people and JSON for
machines are two faces of the same object.
"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from functools import cache
from typing import Literal

from cdisc.plain import read_plain
from cdisc.record import record
from cdisc.resources import specs_root

_CODE = re.compile(r"^(?=[A-Z]+\d+:)", re.MULTILINE)
Severity = Literal["error", "warning", "note"]


@dataclasses.dataclass(frozen=True, slots=True, order=True)
class Span:
    """A part of one line of a text file; lines and columns count from 1."""

    file: str
    line: int
    column: int
    end_column: int
    text: str = ""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@record(slots=True)
class CatalogueEntry:
    """What ``specs/diagnostics.yaml`` says of a code."""

    code: str
    severity: Severity
    title: str
    why: str
    mend: str
    source: str | None = None


@record(slots=True)
class Diagnostic:
    """One finding.

    Attributes:
        code: Family and three digits, such as ``SPEC013``; in the catalogue.
        fact: What is wrong, lower case, names in double quotes, no full stop.
        span: The place in a spec or data file, or None for the whole package.
        found: What the data hold, at most a few sentences.
        expected: The allowed values, or the rule.
        help: What to type, in the user's own names.
        dataset: The dataset concerned, where the finding is about data.
        variable: The variable concerned.
        records: How many records are concerned.
        explained: Why the finding stays, in the words of the study.
    """

    code: str
    fact: str
    span: Span | None = None
    found: tuple[str, ...] = ()
    expected: str | None = None
    help: str | None = None
    dataset: str | None = None
    variable: str | None = None
    records: int | None = None
    explained: str | None = None

    @property
    def severity(self) -> Severity:
        """The severity that the catalogue gives to the code."""
        return catalogued(self.code).severity

    def to_json(self) -> dict[str, object]:
        """Return the finding as JSON-ready values; absent parts are left out."""
        value: dict[str, object] = {"code": self.code, "severity": self.severity}
        for field in dataclasses.fields(self):
            part = getattr(self, field.name)
            if field.name == "code" or part is None or part == ():
                continue
            value[field.name] = dataclasses.asdict(part) if field.name == "span" else part
        return value

    def to_text(self) -> str:
        """Return the finding as people read it, without a final newline."""
        return "\n".join(_lines(self))


def _lines(diagnostic: Diagnostic) -> Iterable[str]:
    yield f"{diagnostic.severity}[{diagnostic.code}]: {diagnostic.fact}"
    span = diagnostic.span
    gutter = ""
    if span is not None:
        gutter = " " * len(str(span.line))
        yield f"{gutter} --> {span}" if span.text else f"  --> {span}"
        if span.text:
            width = max(1, min(span.end_column, len(span.text) + 1) - span.column)
            yield f"{gutter} |"
            yield f"{span.line} | {span.text}"
            yield f"{gutter} | {' ' * (span.column - 1)}{'^' * width}"
    elif diagnostic.dataset:
        variable = f".{diagnostic.variable}" if diagnostic.variable else ""
        yield f"  --> {diagnostic.dataset}{variable}"
    for found in diagnostic.found:
        yield f"{gutter} = found: {found}"
    if diagnostic.expected is not None:
        yield f"{gutter} = expected: {diagnostic.expected}"
    if diagnostic.help is not None:
        yield f"{gutter} = help: {diagnostic.help}"
    if diagnostic.explained is not None:
        yield f"{gutter} = explained: {diagnostic.explained}"
    yield f"{gutter} = more: cdisc explain {diagnostic.code}"


@cache
def catalogue() -> dict[str, CatalogueEntry]:
    """Return every code that the program may give, from ``specs/diagnostics.yaml``."""
    return {code: catalogued(code) for code in _blocks()}


@cache
def catalogued(code: str) -> CatalogueEntry:
    """Return what the catalogue says of a code; of the rest of it nothing is read.

    Raises:
        KeyError: There is no such code.
    """
    return CatalogueEntry(code=code, **read_plain(_blocks()[code])[code])


@cache
def _blocks() -> dict[str, str]:
    """Return the text of each entry of ``specs/diagnostics.yaml`` by its code."""
    text = (specs_root() / "diagnostics.yaml").read_text(encoding="utf-8")
    _comment, *blocks = _CODE.split(text)
    return {block.partition(":")[0]: block for block in blocks}


def in_file_order(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Sort by file, line and column; findings without a place come last."""

    def place(diagnostic: Diagnostic) -> tuple[object, ...]:
        span = diagnostic.span
        where = (0, span.file, span.line, span.column) if span else (1, "", 0, 0)
        return (*where, diagnostic.code, diagnostic.dataset or "", diagnostic.fact)

    return tuple(sorted(diagnostics, key=place))


def did_you_mean(word: str, choices: Iterable[str]) -> str | None:
    """Return a help line that names the nearest choice, or None if none is near."""
    import difflib  # noqa: PLC0415  only what is wrong is compared

    choices = sorted(set(choices))
    folded = {choice.casefold(): choice for choice in reversed(choices)}
    near = difflib.get_close_matches(word.casefold(), list(folded), n=1, cutoff=0.6)
    return f'did you mean "{folded[near[0]]}"?' if near else None


def has_errors(diagnostics: Sequence[Diagnostic]) -> bool:
    """Say whether at least one finding is of severity error."""
    return any(diagnostic.severity == "error" for diagnostic in diagnostics)
