"""Are the values terms of the codelists that the standard names?"""

import dataclasses
import re
from collections.abc import Iterable, Sequence
from typing import Protocol

import pyarrow as pa

from cdisc.dataset import Codelist, Variable
from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.permitted import Rule
from cdisc.engine.subsets import divide
from cdisc.standard import CodelistStandard
from cdisc.validate.columns import Column, Mask, pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import SHOWN, column, distinct, gather, records_in, show
from cdisc.validate.facts import Facts

_NUMBER = re.compile(r"\s*(?:<=|>=|<|>)?\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*")


class Release(Protocol):
    """A release of controlled terminology, or several that answer as one."""

    def codelist(self, key: str) -> CodelistStandard | None:
        """Return the codelist of that NCI code, or None."""


@dataclasses.dataclass(frozen=True, slots=True)
class Releases:
    """Several releases; the first that has a codelist answers."""

    releases: tuple[Release, ...]

    def codelist(self, key: str) -> CodelistStandard | None:
        """Return the codelist of that NCI code, or None."""
        found = (release.codelist(key) for release in self.releases)
        return next((one for one in found if one is not None), None)


@dataclasses.dataclass(frozen=True, slots=True)
class _Permitted:
    """The terms of all codelists of one variable."""

    values: dict[str, str]
    extensible: bool
    title: str

    def near(self, value: str) -> str | None:
        """Return the term that differs only in case or blanks, or None."""
        wanted = " ".join(value.split()).casefold()
        return next((one for one in self.values if one.casefold() == wanted), None)


def check_terms(facts: Facts, terminology: Release) -> list[Diagnostic]:
    """Find values that are no terms of the published codelist.

    Where the guides name several codelists, each record is held against those of the
    condition that it meets. A value that a codelist which takes further values does not
    have is a warning, or a note where the study's own codelist marks it as extended.
    External dictionaries are not looked up.

    Source:
        SDTMIG v3.4, section 4.3; the extensible flag of the NCI EVS terminology.
    """
    found = []
    for variable in facts.dataset.variables:
        if variable.kind != "text":
            continue
        permitted = facts.permitted(variable.name)
        whole = (Rule((), permitted.otherwise), None)
        parts = divide(facts.dataset.table, permitted) if permitted.rules else [whole]
        for rule, mask in parts:
            found += _part(facts, variable.name, terminology, rule, mask)
    return found


def _part(
    facts: Facts, name: str, terminology: Release, rule: Rule, mask: Mask | None
) -> list[Diagnostic]:
    """Check the values of the records that a rule is about."""
    published = [(code, terminology.codelist(code)) for code in rule.codelists]
    permitted = _permitted([(code, one) for code, one in published if one is not None])
    named = facts.standard[name].codelists if name in facts.standard else ()
    absent = [code for code, one in published if one is None and code in named]
    if absent and not rule.when:  # a rule may be of another time than the release
        return [_no_codelist(facts, name, absent)]
    if not permitted.values:
        return []
    values = column(facts.dataset, name)
    if mask is not None:
        values = pc.if_else(mask, values, None)
    return _values(facts, name, permitted, _Part(values, rule))


def _permitted(published: Sequence[tuple[str, CodelistStandard]]) -> _Permitted:
    values: dict[str, str] = {}
    for _, codelist in published:
        values.update((term.value, term.code) for term in codelist.terms)
    return _Permitted(
        values,
        extensible=any(codelist.extensible for _, codelist in published),
        title=" or ".join(f"{code} ({codelist.name})" for code, codelist in published),
    )


def _no_codelist(facts: Facts, name: str, absent: Sequence[str]) -> Diagnostic:
    return Diagnostic(
        "CT007",
        f'the terminology has no codelist {" or ".join(absent)} of "{name}"',
        help="state a release of the terminology that has it",
        dataset=facts.name,
        variable=name,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Part:
    """The values of the records that a rule is about, the others missing."""

    values: Column
    rule: Rule


def _values(facts: Facts, name: str, permitted: _Permitted, part: _Part) -> list[Diagnostic]:
    codes = part.rule.codelists
    besides = [one for code in codes for one in facts.conventions.besides.get(code, ())]
    fit = {*permitted.values, *besides}
    other = [value for value in distinct(part.values) if value not in fit]
    if not other:
        return []
    marked = _extended(facts.dataset.variable(name))
    spelled = [value for value in other if permitted.near(value)]
    # a measured number is no term that was left out (C102580 and its like hold words)
    rest = [one for one in other if one not in set(spelled) and not _NUMBER.fullmatch(one)]
    declared = [value for value in rest if value in marked]
    foreign = [value for value in rest if value not in marked]
    say = _Say(facts, name, part, permitted)
    if not permitted.extensible:
        return say.about("CT001", "values that are not in", other)
    return [
        *say.about("CT004", "values that differ only in spelling from terms of", spelled),
        *say.about("CT002", "values that extend, without being marked, the codelist", foreign),
        *say.about("CT003", "marked extensions of", declared),
    ]


@dataclasses.dataclass(frozen=True, slots=True)
class _Say:
    facts: Facts
    name: str
    part: _Part
    permitted: _Permitted

    def about(self, code: str, fact: str, bad: Sequence[str]) -> list[Diagnostic]:
        values = self.part.values
        records, lines = gather([values], records_in(values, bad))
        if not records:
            return []
        return [
            Diagnostic(
                code,
                f'"{self.name}" has {fact} {self.permitted.title}{_where(self.part.rule)}',
                found=lines,
                expected=_examples(self.permitted.values),
                help=_advice(bad[0], self.permitted),
                dataset=self.facts.name,
                variable=self.name,
                records=records,
            )
        ]


def _where(rule: Rule) -> str:
    """Say which records a rule is about, or nothing if it is about all."""
    said = (
        f"{one.variable} is {'not ' if one.negated else ''}{_listed(one.values)}"
        for one in rule.when
    )
    return f", where {' and '.join(said)}" if rule.when else ""


def _listed(values: Sequence[str]) -> str:
    shown = [show(value) for value in values[:SHOWN]]
    more = ["..."] if len(values) > SHOWN else []
    return ", ".join([*shown, *more])


def _examples(values: Iterable[str]) -> str:
    terms = list(values)
    most = 4 * SHOWN
    listed = ", ".join(terms[:most])
    return f"{listed} ... ({len(terms)} terms)" if len(terms) > most else listed


def _advice(value: str, permitted: _Permitted) -> str | None:
    near = permitted.near(value)
    return f'did you mean "{near}"?' if near else did_you_mean(value, permitted.values)


def _extended(variable: Variable) -> frozenset[str]:
    """Return the values that the codelists of a variable declare as the study's own.

    They are marked as extended; among the terms of several published codelists they are
    those without a code.
    """
    declared: set[str] = set()
    for one in (variable.codelist, *(subset.codelist for subset in variable.subsets)):
        if one is not None:
            joined = one.code is None and any(term.code for term in one.terms)
            own = (term for term in one.terms if term.extended or (joined and not term.code))
            declared.update(term.value for term in own)
    return frozenset(declared)


def check_declared_terms(facts: Facts) -> list[Diagnostic]:
    """Find values that the study's own codelist of the variable does not declare.

    Source:
        Define-XML v2.1, section 5.3.10: a codelist holds every value that occurs.
    """
    found = []
    for variable in facts.dataset.variables:
        codelist = variable.codelist
        if codelist is None or variable.kind != "text":
            continue
        values = column(facts.dataset, variable.name)
        declared = {term.value for term in codelist.terms}
        bad = [value for value in distinct(values) if value not in declared]
        records, lines = gather([values], records_in(values, bad))
        if records:
            found.append(_undeclared(facts, variable, codelist, (records, lines)))
    return found


def _undeclared(
    facts: Facts, variable: Variable, codelist: Codelist, shown: tuple[int, tuple[str, ...]]
) -> Diagnostic:
    return Diagnostic(
        "CT005",
        f'"{variable.name}" has values that its codelist "{codelist.name}" does not declare',
        found=shown[1],
        expected=_examples(term.value for term in codelist.terms),
        dataset=facts.name,
        variable=variable.name,
        records=shown[0],
    )


def check_concepts(facts: Facts, terminology: Release) -> list[Diagnostic]:
    """Find pairs, such as test code and test name, that name different concepts.

    Both codelists of a pair publish the same concepts under the same NCI codes.

    Source:
        NCI EVS terminology: paired codelists.
    """
    found = []
    for pair in facts.conventions.pairs:
        for code, text in matching(facts.names, [pair.code, pair.text], facts.prefix):
            concepts = [_concepts(facts, name, terminology) for name in (code, text)]
            if all(concepts):
                found += _different(facts, (code, text), (concepts[0], concepts[1]))
    return found


def _concepts(facts: Facts, name: str, terminology: Release) -> dict[str, str]:
    permitted = facts.permitted(name)
    codes = permitted.otherwise
    if permitted.rules:
        parts = divide(facts.dataset.table, permitted)
        codes = tuple(dict.fromkeys(code for rule, _ in parts for code in rule.codelists))
    published = [(code, terminology.codelist(code)) for code in codes]
    return _permitted([(code, one) for code, one in published if one is not None]).values


def _different(
    facts: Facts, names: tuple[str, str], concepts: tuple[dict[str, str], dict[str, str]]
) -> list[Diagnostic]:
    columns = [column(facts.dataset, name) for name in names]
    if not all(pa.types.is_string(one.type) for one in columns):
        return []
    if not set(concepts[0].values()) & set(concepts[1].values()):
        return []
    coded = [_code_of(values, known) for values, known in zip(columns, concepts, strict=True)]
    records, lines = gather(columns, pc.not_equal(coded[0], coded[1]))
    if not records:
        return []
    return [
        Diagnostic(
            "CT006",
            f'"{names[0]}" and "{names[1]}" name different concepts of the terminology',
            found=lines,
            expected="terms with the same NCI code",
            dataset=facts.name,
            variable=names[1],
            records=records,
        )
    ]


def _code_of(values: Column, known: dict[str, str]) -> Column:
    """Return the NCI code of each value, missing where it is no published term."""
    row = pc.index_in(values, value_set=pa.array(list(known), pa.string()))
    return pc.take(pa.array(list(known.values()), pa.string()), row)


def check_codes(facts: Facts, terminology: Release) -> list[Diagnostic]:
    """Find codes beside a value that are not those of its term.

    Values that are no terms take no part; they are found by `check_terms`.

    Source:
        SDTMIG v3.4, section 7.4.2, Trial Summary; NCI EVS terminology.
    """
    found = []
    for coded in facts.conventions.coded:
        names = (coded.value, coded.code, coded.reference)
        if not all(facts.has_text(name) for name in names):
            continue
        values, codes, references = (column(facts.dataset, name) for name in names)
        known = _code_of(values, _concepts(facts, coded.value, terminology))
        bad = pc.and_(records_in(references, coded.names), pc.not_equal(known, codes))
        records, lines = gather([values, codes], bad)
        if records:
            found.append(
                Diagnostic(
                    "CT008",
                    f'"{coded.code}" has codes that are not those of the terms in "{coded.value}"',
                    found=lines,
                    expected="the NCI code of the term",
                    dataset=facts.name,
                    variable=coded.code,
                    records=records,
                )
            )
    return found
