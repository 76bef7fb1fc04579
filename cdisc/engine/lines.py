"""The lines of a dataset file: what the study writes, what it copies, what is implied."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import Any

from cdisc.diagnostics import Diagnostic, Span
from cdisc.engine.steps import written_by_steps
from cdisc.errors import SpecError
from cdisc.language import tree as t
from cdisc.language.binding import bind
from cdisc.language.parser import parse
from cdisc.language.verb import Verbs
from cdisc.plain import read_plain
from cdisc.record import changed, record
from cdisc.resources import specs_root
from cdisc.source import Document, Loc
from cdisc.spec import LoadedDataset
from cdisc.spec.dataset import CodedBlock, SuppBlock, VariableBlock


@cache
def implied() -> Mapping[str, Any]:
    """Return ``specs/language.yaml``: what the standards imply."""
    return read_specs("language.yaml")


@cache
def read_specs(*path: str) -> Mapping[str, Any]:
    """Return a file of ``specs/``, with every value as text."""
    text = specs_root().joinpath(*path).read_text(encoding="utf-8")
    found: Mapping[str, Any] = read_plain(text)
    return found


@record()
class Line:
    """One variable as written, copied or implied.

    Attributes:
        name: The variable.
        expression: What makes it.
        block: Overrides, where the variable is a block.
        copied: Dataset and variable that it is taken from unchanged, by ``copy:``.
        implied: No line of the study says it.
        dictionary: External dictionary and version, by ``coded:``.
        companion_of: The variable whose verb writes this one too.
        supp: It is a supplemental qualifier.
        qualifier: What the file says of it as a supplemental qualifier.
        label: Its label, with ``{label}`` for that of the variable that it accompanies.
        work: It is used within the study only.
        no_data: Nothing was collected for it.
        quiet: What it finds is reported elsewhere: a later stage has the same line.
        from_table: It is a column of a study table, with the type of the variable.
        step: The step that writes it, by its place in the file.
    """

    name: str
    expression: t.Expression
    block: VariableBlock | None = None
    copied: tuple[str, str] | None = None
    implied: bool = False
    dictionary: str | None = None
    companion_of: str | None = None
    supp: bool = False
    qualifier: SuppBlock | None = None
    label: str | None = None
    work: bool = False
    no_data: bool = False
    quiet: bool = False
    from_table: bool = False
    step: int | None = None


class Lines:
    """Collects the lines of one dataset file; mistakes of grammar are noted, not raised."""

    def __init__(self, loaded: LoadedDataset, verbs: Verbs, problems: list[Diagnostic]) -> None:
        self.loaded, self.verbs, self.problems = loaded, verbs, problems
        self.document: Document = loaded.document
        self.found: dict[str, Line] = {}

    def collect(
        self, wanted: Callable[[str], bool], *implications: Mapping[str, str]
    ) -> dict[str, Line]:
        """Return every line by variable.

        Args:
            wanted: Says of an implied variable whether the standard lists it here.
            *implications: Variables that the standard implies, with their expressions.
        """
        said = (
            self._coded, self._copied, self._written, self._supp, self._work, self._no_data,
            self._stepped,
        )  # fmt: skip
        for line in (line for lines in said for line in lines()):
            if line.name in self.found:
                self.problems.append(self._twice(line))
            self.found[line.name] = line
        for line in list(self.found.values()):
            for more in self.companions(line):
                self.found.setdefault(more.name, more)
        here = self.document.span(("dataset",))
        for mapping in implications:
            for name, text in mapping.items():
                if name not in self.found and wanted(name):
                    self.found[name] = Line(name, implied_expression(text, here), implied=True)
        return self.found

    def expression(self, text: str, loc: Loc, offset: int = 0) -> t.Expression | None:
        """Parse a text of the file, or note why it cannot be."""
        return parse_at(self.document, text, loc, self.problems, offset)

    def _written(self) -> Iterator[Line]:
        for name, entry in self.loaded.model.variables.items():
            block = entry if isinstance(entry, VariableBlock) else None
            loc: Loc = ("variables", name, "map") if block else ("variables", name)
            text = block.map if block else str(entry)
            expression = self.expression(text, loc) or nothing(text, self.document.span(loc))
            yield Line(name, expression, block)

    def _supp(self) -> Iterator[Line]:
        for name, block in self.loaded.model.supp.items():
            loc: Loc = ("supp", name, "map")
            expression = self.expression(block.map, loc)
            expression = expression or nothing(block.map, self.document.span(loc))
            yield Line(f"supp:{name}", expression, supp=True, qualifier=block)

    def _work(self) -> Iterator[Line]:
        for name, text in self.loaded.model.work.items():
            loc: Loc = ("work", name)
            expression = self.expression(text, loc) or nothing(text, self.document.span(loc))
            yield Line(name, expression, work=True)

    def _no_data(self) -> Iterator[Line]:
        for reason, names in self.loaded.model.no_data.items():
            for index, name in enumerate(names):
                span = self.document.span(("no_data", reason, index))
                block = VariableBlock(map="''", comment=reason)
                yield Line(name, nothing("''", span), block, no_data=True)

    def _stepped(self) -> Iterator[Line]:
        for one in written_by_steps(self.loaded):
            yield Line(one.name, one.expression, one.block, step=one.step)

    def _coded(self) -> Iterator[Line]:
        for dictionary, block in self.loaded.model.coded.items():
            for index, name in enumerate(block.variables):
                loc: Loc = ("coded", dictionary, "variables", index)
                tree, text = self._coding(dictionary, block, name, loc)
                yield Line(name, self._tree(tree, loc, text), dictionary=dictionary)

    def _coding(
        self, dictionary: str, block: CodedBlock, name: str, loc: Loc
    ) -> tuple[t.Node, str]:
        """Return what fills a coded variable: the field of its name, or what `by` leads to."""
        field = block.by or name
        ref = t.Ref(qualifier=block.source, name=field, start=0, end=len(field))
        if not block.by:
            return ref, f"{block.source}.{name}"
        table = dictionary.partition(" ")[0]
        column = column_of(table, name, self.loaded.model.dataset[:2])
        if column is None:
            fact = f"{table} has nothing for {name}"
            self.problems.append(Diagnostic("SPEC097", fact, self.document.span(loc)))
            return t.Text(value=""), "''"
        words = (t.Word(value=table), t.Word(value=column))
        step = t.Step(name="lookup", operand=ref, arguments=words)
        return step, f"{block.source}.{field} | lookup {table} {column}"

    def _copied(self) -> Iterator[Line]:
        for source, names in self.loaded.model.copy_.items():
            for index, name in enumerate(names):
                ref = t.Ref(qualifier=source, name=name, start=0, end=len(name))
                tree = self._tree(ref, ("copy", source, index), f"{source}.{name}")
                yield Line(name, tree, copied=(source, name))

    def _tree(self, tree: t.Node, loc: Loc, text: str) -> t.Expression:
        span = self.document.span(loc)
        return t.Expression(text, tree, lambda _start, _end: span)

    def companions(self, line: Line) -> Iterator[Line]:
        """Yield the further variables that the verb of a line writes."""
        tree = line.expression.tree
        if not isinstance(tree, t.Step | t.Call):
            return
        use = bind(tree, self.verbs, line.expression.span)
        if isinstance(use, Diagnostic) or use.verb.companions is None:
            return  # a mistake is reported where the line itself is checked
        for companion in use.verb.companions(use, line.name.removeprefix("supp:")):
            expression = changed(line.expression, tree=companion.tree)
            made = Line(companion.name, expression, companion_of=line.name, label=companion.label)
            yield self._qualifying(made) if companion.qualifier else made

    def _qualifying(self, line: Line) -> Line:
        """Return a companion as a supplemental qualifier, where its data set has such."""
        continued = implied()["continued"]
        if self.loaded.stage != "sdtm" or line.companion_of in continued:
            return line
        # the label follows when that of the variable is known
        block = SuppBlock(label=line.name, map=line.expression.text)
        return dataclasses.replace(line, name=f"supp:{line.name}", supp=True, qualifier=block)

    def _twice(self, line: Line) -> Diagnostic:
        first = self.found[line.name].expression.span()
        return Diagnostic(
            "SPEC002",
            f'"{line.name}" is written twice',
            line.expression.span(),
            help=f"keep one of the two; the first stands at {first}",
        )


def column_of(dictionary: str, variable: str, domain: str) -> str | None:
    """Return the column of a dictionary that a variable holds, or None.

    Example:
        >>> column_of("MedDRA", "AEPTCD", "AE"), column_of("MedDRA", "AESEV", "AE")
        ('PTCD', None)
    """
    for level, pairs in read_specs("dictionaries.yaml").get(dictionary, {}).items():
        for pair in pairs if isinstance(pairs, list) else ():
            for suffix, name in zip(("", "CD"), pair, strict=True):
                if name and name.replace("--", domain) == variable:
                    return f"{level}{suffix}"
    return None


def parse_at(
    document: Document, text: str, loc: Loc, problems: list[Diagnostic], offset: int = 0
) -> t.Expression | None:
    """Parse a text that stands in a file, or note why it cannot be.

    Args:
        document: The file.
        text: What to parse.
        loc: Where it stands.
        problems: Takes the mistakes.
        offset: Its first character within the value that stands there.
    """

    def locate(start: int, end: int) -> Span:
        return document.span_within(loc, max(start + offset, 0), max(end + offset, 1))

    try:
        return parse(text, locate)
    except SpecError as error:
        problems.extend(error.diagnostics)
        return None


def nothing(text: str, span: Span) -> t.Expression:
    """Return what stands for an expression that cannot be read: missing, of any type."""
    return t.Expression(text, t.Text(value=""), lambda _start, _end: span)


def implied_expression(text: str, span: Span) -> t.Expression:
    """Return an expression of ``specs/language.yaml``, placed at a line of the study."""
    parsed = parse(text, lambda _start, _end: span)
    return changed(parsed, text=text)
