"""The codelist of a variable: what may occur in this study, extended values marked."""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from typing import TypeAlias

import pyarrow as pa

from cdisc.dataset import Codelist, Comparison, Subset, Term
from cdisc.engine.permitted import Permitted, Rule, permitted
from cdisc.engine.possible import possible
from cdisc.engine.program import DatasetPlan, Program, VariablePlan
from cdisc.engine.subsets import divide, pc
from cdisc.language import tree as t
from cdisc.standard import CodelistStandard, Terminology

_Published: TypeAlias = tuple[CodelistStandard, Terminology]


@dataclasses.dataclass(frozen=True)
class Codelists:
    """The codelists of a variable over the records of a dataset.

    Attributes:
        program: The study.
        plan: The dataset where the variable is made.
        variable: The variable.
        table: The records of the dataset that has it, perhaps by ``copy``.
        name: Its name there.
    """

    program: Program
    plan: DatasetPlan
    variable: VariablePlan
    table: pa.Table
    name: str

    def whole(self, observed: Iterable[str] | None) -> Codelist | None:
        """Return the codelist of all records, or None.

        Args:
            observed: Distinct values in the data, numbers as text; None if they are too many.

        Returns:
            Published terms in the order of publication, limited to those that occur or
            that the expression can give; then values that the codelist does not hold,
            marked as extended. The terms of several codelists, if the values come from
            several. A sponsor's own codelist where only the expression limits the values,
            or where the standard names a codelist for some records and none for the others.
        """
        block = self.variable.line.block
        if observed is None:
            return None
        decodes = dict(possible(self.variable))
        values = dict.fromkeys([*decodes, *observed])
        named = block.codelist if block else None
        free = not named and self._partly_free
        found = [] if free else self._found((named,) if named else self._codes(), values)
        place = f"{self.plan.name}.{self.variable.name}"
        if found:
            return _among(place, found, values, self.variable, known=bool(decodes or named))
        if named:
            terms = self.program.vocabulary.study.terms.get(named, {})
            values = dict.fromkeys([*terms.values(), *values])
            return _own(place, named, values, decodes, self.variable)
        if decodes and not _is_constant(self.variable):
            return _own(place, self.variable.name, values, decodes, self.variable)
        return None

    def subsets(self) -> tuple[Subset, ...]:
        """Return the codelists of some records, where not all have the same; the others last."""
        parts = [(rule, values) for rule, values in self._parts if values]
        if len(parts) < 2:  # noqa: PLR2004  one codelist for all is that of the variable
            return ()
        found = [self._subset(rule, values) for rule, values in parts if rule.when]
        if all(one.codelist is None for one in found):
            return ()
        rest = next((values for rule, values in parts if not rule.when), ())
        others = self._others(found) if rest else None
        if others is not None:
            codes = next(rule.codelists for rule, _ in parts if not rule.when)
            longest = max(len(value.encode()) for value in rest)
            found.append(Subset((others,), self._codelist(codes, rest), longest))
        return tuple(found)

    def _subset(self, rule: Rule, values: tuple[str, ...]) -> Subset:
        longest = max(len(value.encode()) for value in values)
        where = tuple(self._occurring(one) for one in rule.when)
        return Subset(where, self._codelist(rule.codelists, values), longest)

    def _codelist(self, codes: tuple[str, ...], values: tuple[str, ...]) -> Codelist | None:
        found = self._found(codes, dict.fromkeys(values))
        place = f"{self.plan.name}.{self.variable.name}.{'.'.join(codes)}"
        return _among(place, found, values, self.variable, known=False) if found else None

    def _others(self, found: Sequence[Subset]) -> Comparison | None:
        """Return what the records of no subset have in common, if one comparison can say it."""
        asked = [one.where for one in found]
        names = {one.variable for where in asked for one in where}
        if len(names) != 1 or any(len(where) > 1 or where[0].negated for where in asked):
            return None
        values = dict.fromkeys(value for where in asked for value in where[0].values)
        return Comparison(names.pop(), tuple(values), negated=True)

    def _occurring(self, one: Comparison) -> Comparison:
        """Return a comparison with the texts alone that occur."""
        present = set(pc.unique(self.table.column(one.variable)).to_pylist())
        values = tuple(value for value in one.values if one.negated or value in present)
        return dataclasses.replace(one, values=values)

    @cached_property
    def _parts(self) -> tuple[tuple[Rule, tuple[str, ...]], ...]:
        """The rules that hold on some records, with the distinct values there, sorted."""
        block = self.variable.line.block
        if self.variable.kind != "text" or (block and block.codelist):
            return ()
        found = self._permitted(self.table.column_names)
        if not found.rules:
            return ()
        values = self.table.column(self.name)
        return tuple(
            (rule, tuple(sorted(pc.unique(pc.drop_null(values.filter(mask))).to_pylist())))
            for rule, mask in divide(self.table, found)
        )

    @property
    def _partly_free(self) -> bool:
        """Say whether some records have a codelist of the standard, and others none."""
        with_codes = {bool(rule.codelists) for rule, values in self._parts if values}
        return len(with_codes) > 1

    def _codes(self) -> Iterator[str]:
        """Yield the codelists of the variable, those of the records at hand first."""
        yield from (code for rule, _ in self._parts for code in rule.codelists)
        yield from self._permitted(self.table.column_names).codelists

    def _permitted(self, names: Iterable[str]) -> Permitted:
        known = self.variable.standard.codelists if self.variable.standard else ()
        return permitted(self.plan.stage, self.plan.domain, self.variable.name, known, tuple(names))

    def _found(self, codes: Iterable[str], values: Iterable[str]) -> list[_Published]:
        """Return the codelists that have some of the values, else the first that there is."""
        left, found = set(values), list[_Published]()
        first: list[_Published] = []
        for published in self._published(codes):
            first = first or [published]
            if not left:
                break
            has = {term.value for term in published[0].terms} & left
            if has:
                found.append(published)
                left -= has
        return found or first

    def _published(self, codes: Iterable[str]) -> Iterator[_Published]:
        for code in dict.fromkeys(codes):
            for terminology in self.program.vocabulary.terminologies:
                codelist = terminology.codelist(code)
                if codelist:
                    yield codelist, terminology
                    break


def _is_constant(variable: VariablePlan) -> bool:
    """Say whether the values are texts of the expression rather than a verb's own list."""
    tree = variable.checked.expression.tree
    uses = variable.checked.uses
    return not (isinstance(tree, t.Step | t.Call) and uses[id(tree)].verb.values is not None)


def _among(
    place: str,
    found: Sequence[_Published],
    values: Iterable[str],
    variable: VariablePlan,
    *,
    known: bool,
) -> Codelist | None:
    """Return the values as terms of one published codelist, or of several.

    Of several it is a codelist of the study, and marks no value as extended. None where most
    values are no terms, unless they are `known` beforehand, or one is a term and the standard
    names a codelist for the variable itself: a codelist of words for results that are mostly
    numbers does not limit them.
    """
    wanted = dict.fromkeys(values)
    terms: dict[str, Term] = {}
    named = False
    for codelist, terminology in found:
        partner = terminology.partner(codelist.code)
        names = {term.code: term.value for term in partner.terms} if partner else {}
        named = named or bool(names)
        for term in codelist.terms:
            if term.value in wanted:
                terms.setdefault(term.value, Term(term.value, names.get(term.code), term.code))
    other = [value for value in wanted if value not in terms]
    named_by_standard = bool(terms and variable.standard and variable.standard.codelists)
    if not (known or named_by_standard) and len(other) > len(terms):
        return None
    one = len(found) == 1
    extended = (Term(value, value if named else None, None, extended=one) for value in other)
    every = (*terms.values(), *extended)
    if not one:
        label = " or ".join(codelist.name for codelist, _ in found)
        return Codelist(place, label, every, kind=variable.kind)
    codelist, terminology = found[0]
    return Codelist(
        codelist.submission_value,
        codelist.name,
        every,
        codelist.code,
        f"CT-{terminology.package.upper()}",
        codelist.extensible,
        variable.kind,
    )


def _own(
    name: str,
    label: str,
    values: Iterable[str],
    decodes: dict[str, str | None],
    variable: VariablePlan,
) -> Codelist:
    terms = tuple(Term(value, decodes.get(value)) for value in values)
    return Codelist(name, label, terms, kind=variable.kind)
