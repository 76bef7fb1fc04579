"""What verbs may ask of a study: terms, codes, tables, decodes, conversions."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Literal, TypeAlias

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.gradings import grading
from cdisc.engine.lines import read_specs
from cdisc.engine.permitted import Rule
from cdisc.engine.units import conversion_factors, spellings
from cdisc.errors import SpecError, StandardNotFoundError
from cdisc.functions.terminology import fold
from cdisc.language import tree as t
from cdisc.language.offers import GradedTerm, Terms, TermsCase
from cdisc.language.verb import Type
from cdisc.record import record
from cdisc.spec import LoadedStudy
from cdisc.standard import (
    CodelistStandard,
    MedicalDictionary,
    Terminology,
    load_dictionary,
    load_terminology,
)

# Values by folded text, and by exact text those that folding would confuse.
Folded: TypeAlias = tuple[dict[str, str], dict[str, str]]


@record()
class Vocabulary:
    """The words of one study: its terms and tables, and the terminology that it pins."""

    study: LoadedStudy

    @cached_property
    def terminologies(self) -> tuple[Terminology, ...]:
        """The CT releases that the study pins, SDTM first."""
        standards = self.study.study.standards
        found = [self._release("sdtm", standards.ct, "ct")]
        if standards.adamct:
            found.append(self._release("adam", standards.adamct, "adamct"))
        return tuple(found)

    def _release(self, package: str, date: str, key: str) -> Terminology:
        try:
            return load_terminology(package, date, imported=self.study.ct_folder)
        except StandardNotFoundError as error:
            place = self.study.document.span(("standards", key))
            placed = [dataclasses.replace(one, span=place) for one in error.diagnostics]
            raise StandardNotFoundError(placed) from error

    @cached_property
    def dictionaries(self) -> dict[str, MedicalDictionary]:
        """The dictionaries that the study pins, all of them read.

        Raises:
            SpecError: SPEC095 or SPEC096, one cannot be read or is of another version.
        """
        return {name: self.dictionary(name) for name in self.study.study.dictionaries}

    def dictionary(self, name: Literal["MedDRA", "WHODrug"]) -> MedicalDictionary:
        """Return a dictionary that the study pins, read when it is first asked for."""
        said, folder = self.study.study.dictionaries[name], self.study.dictionary_folder(name)
        try:
            return load_dictionary(name, said.version, folder)
        except SpecError as error:
            place = self.study.document.span(("dictionaries", name, "folder"))
            placed = [
                one if one.span else dataclasses.replace(one, span=place)
                for one in error.diagnostics
            ]
            raise SpecError(placed) from error

    def codelist(self, key: str) -> CodelistStandard | None:
        """Return a codelist by NCI code or short name from the pinned releases."""
        for terminology in self.terminologies:
            found = terminology.codelist(key)
            if found:
                return found
        return None

    def synonyms(self, *names: str) -> dict[str, str]:
        """Return collected text to submission value of the first of the names that exists."""
        for name in names:
            if name in self.study.terms:
                return self.study.terms[name]
        return {}

    def folded(self, codelist: CodelistStandard) -> tuple[Folded, Folded, Folded]:
        """Return the submission values, the preferred terms and the synonyms of a codelist."""
        if codelist.code not in self._published:
            submitted = [(term.value, term.value) for term in codelist.terms]
            preferred = [(term.preferred_term, term.value) for term in codelist.terms]
            preferred += self._spelled(codelist)
            synonyms = [(said, term.value) for term in codelist.terms for said in term.synonyms]
            self._published[codelist.code] = (
                _folded(submitted),
                _folded(preferred),
                _folded(synonyms),
            )
        return self._published[codelist.code]

    def _spelled(self, codelist: CodelistStandard) -> list[tuple[str, str]]:
        """Return how the units of a codelist are written elsewhere, none for other codelists."""
        said = read_specs("units", "spellings.yaml")
        if codelist.code not in said["codelists"]:
            return []
        known = {fold(term.value) for term in codelist.terms}
        return [
            (spelling, term.value)
            for term in codelist.terms
            for spelling in spellings(said, term.value)
            if fold(spelling) not in known
        ]

    @cached_property
    def _published(self) -> dict[str, tuple[Folded, Folded, Folded]]:
        return {}

    @cached_property
    def made_terms(self) -> dict[tuple[tuple[str, ...], str | None, str], Terms]:
        """Terms of codelists by their codes, the name that was asked for, and the variable."""
        return {}

    def grading(self, name: str) -> Sequence[GradedTerm] | Diagnostic:
        """Return the terms of a grading table of the study or of all studies."""
        if name not in self._gradings:
            self._gradings[name] = grading(name, self.study.study.grades)
        return self._gradings[name]

    @cached_property
    def _gradings(self) -> dict[str, Sequence[GradedTerm] | Diagnostic]:
        return {}

    @cached_property
    def factors(self) -> dict[str, str]:
        """Conversion factors by ``test|from|to``, both directions."""
        written, scales, molar, valence = (
            read_specs("units", f"{name}.yaml")
            for name in ("factors", "scales", "molar", "valence")
        )
        return conversion_factors(written, scales, molar, valence)


@record()
class VariableScope:
    """The study as seen from one variable; see `cdisc.language.verb.Scope`."""

    vocabulary: Vocabulary
    target: str
    target_type: Type
    codelists: tuple[str, ...] = ()
    rules: tuple[Rule, ...] = ()
    references: Mapping[str, str] = dataclasses.field(default_factory=dict)
    decoding: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    def reference(self, name: str) -> t.Ref | None:
        """Return a reference that the standard implies."""
        text = self.references.get(name)
        if text is None:
            return None
        qualifier, _, variable = text.partition(".")
        return t.Ref(qualifier=qualifier, name=variable)

    def terms(self, name: str | None) -> Terms | Diagnostic:
        """Return what collected texts may become; the codelist is the variable's own."""
        lists = self._own(name)
        rules = () if name else self.rules
        cases = tuple(self._case(one) for one in rules if self._lists(one.codelists))
        synonyms = self.vocabulary.synonyms(*self._names(name, lists))
        unknown = name is not None and self.vocabulary.codelist(name) is None
        if not synonyms and not cases and (unknown or not lists):
            return self._no_terms(name)
        return dataclasses.replace(self._of(lists, name), cases=cases)

    def _case(self, rule: Rule) -> TermsCase:
        when = ((t.Ref(qualifier=None, name=c.variable), c.values, c.negated) for c in rule.when)
        return TermsCase(tuple(when), self._of(self._lists(rule.codelists), None))

    def _of(self, lists: Sequence[CodelistStandard], name: str | None) -> Terms:
        """Return the terms of some codelists, made once for all variables that have them."""
        known = self.vocabulary.made_terms
        key = (tuple(one.code for one in lists), name, self.target)
        if key not in known:
            known[key] = self._made(lists, name)
        return known[key]

    def _made(self, lists: Sequence[CodelistStandard], name: str | None) -> Terms:
        """Return the terms of some codelists; of two that have a text, the first decides."""
        synonyms = self.vocabulary.synonyms(*self._names(name, lists))
        said = _folded(synonyms.items())
        own_words = _folded((value, value) for value in synonyms.values() if value)
        published = [self.vocabulary.folded(one) for one in lists]
        layers = [layer for level in zip(*published, strict=True) for layer in level]
        collected: dict[str, str] = {}
        exact: dict[str, str] = {}
        # the study comes first, then submission values, preferred terms, synonyms
        for fresh, confused in (said, own_words, *layers):
            exact = {**confused, **exact}
            blocked = {fold(text) for text in confused}
            collected = {**{k: v for k, v in fresh.items() if k not in blocked}, **collected}
        label = " or ".join(one.submission_value for one in lists) or name or self.target
        code = " or ".join(one.code for one in lists) or None
        values = tuple(dict.fromkeys(value for value in synonyms.values() if value))
        return Terms(label, code, collected, exact, values)

    def _names(self, name: str | None, lists: Sequence[CodelistStandard]) -> tuple[str, ...]:
        if name is not None:
            return (name,)
        codelists = (said for one in lists for said in (one.submission_value, one.code))
        return (self.target, self.target[2:], *codelists)

    def terms_name(self, name: str | None) -> str:
        """Return the name of the study's terms that hold, or would hold, those of a verb."""
        names = self._names(name, self._own(name))
        known = self.vocabulary.study.terms
        return next((one for one in names if one in known), names[0])

    def _own(self, name: str | None) -> list[CodelistStandard]:
        """Return the codelist of a name, or else those of the variable."""
        named = self.vocabulary.codelist(name) if name else None
        return [named] if named else self._lists(self.codelists)

    def _lists(self, codes: Sequence[str]) -> list[CodelistStandard]:
        return [found for code in codes if (found := self.vocabulary.codelist(code))]

    def _no_terms(self, name: str | None) -> Diagnostic:
        known = sorted(self.vocabulary.study.terms)
        if name is None:
            return Diagnostic(
                "SPEC021",
                f"{self.target} has no codelist in the standard",
                help="name it: | ct NAME",
            )
        return Diagnostic(
            "SPEC021",
            f'there is no codelist and no terms "{name}"',
            expected=", ".join(known) or None,
            help=did_you_mean(name, known),
        )

    def numbers(self, name: str) -> Mapping[str, str] | Diagnostic:
        """Return terms whose values are numbers."""
        rows = self.vocabulary.study.terms.get(name)
        if rows is None:
            return self._no_terms(name)
        wrong = [value for value in rows.values() if not value.lstrip("-").isdigit()]
        if wrong:
            return Diagnostic("SPEC022", f'terms "{name}" hold "{wrong[0]}", which is not a number')
        return rows

    def table(self, name: str) -> Mapping[str, Mapping[str, str]] | Diagnostic:
        """Return the columns of a study table by its key."""
        found = self.table_rows(name)
        if isinstance(found, Diagnostic):
            return found
        columns, rows = found
        keys = [row[0] for row in rows]
        twice = next((key for key in keys if keys.count(key) > 1), None)
        if twice is not None:
            return Diagnostic(
                "SPEC023",
                f'table "{name}" has the key "{twice}" on {keys.count(twice)} rows',
                expected="one row for each key that is looked up",
            )
        return {
            column: {row[0]: row[index] for row in rows} for index, column in enumerate(columns)
        }

    def table_rows(
        self, name: str
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | Diagnostic:
        """Return the columns and the rows of a study table."""
        tables = self.vocabulary.study.study.tables
        if name in ("MedDRA", "WHODrug") and name in self.vocabulary.study.study.dictionaries:
            return self._dictionary_rows(name)
        if name not in tables:
            return Diagnostic(
                "SPEC020",
                f'there is no table "{name}"',
                expected=", ".join(sorted(tables)) or "a table under tables: in study.yaml",
                help=did_you_mean(name, tables),
            )
        columns = tables[name].columns  # a row of another length is a mistake of its own
        return columns, tuple(row for row in tables[name].rows if len(row) == len(columns))

    def _dictionary_rows(
        self, name: Literal["MedDRA", "WHODrug"]
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | Diagnostic:
        try:
            found = self.vocabulary.dictionary(name)
        except SpecError as error:
            return error.diagnostics[0]
        return found.columns, found.rows

    def decodes(self, variable: str) -> Mapping[str, str] | Diagnostic:
        """Return the names of the test codes of a variable's codelist."""
        for code in self.decoding.get(variable, ()):
            for terminology in self.vocabulary.terminologies:
                own, partner = terminology.codelist(code), terminology.partner(code)
                if own and partner:
                    names = {term.code: term.value for term in partner.terms}
                    return {
                        term.value: names[term.code] for term in own.terms if term.code in names
                    }
        return Diagnostic("SPEC021", f'"{variable}" has no codelist whose terms have names')

    def grading(self, name: str) -> Sequence[GradedTerm] | Diagnostic:
        """Return the terms of a grading table."""
        return self.vocabulary.grading(name)

    def conversions(self) -> Mapping[str, str]:
        """Return conversion factors by ``test|from|to``."""
        return self.vocabulary.factors


def _folded(entries: Iterable[tuple[str, str]]) -> Folded:
    """Return values by folded text, and by exact text those that folding would confuse.

    A text that stands for several values even so, as a synonym may, stands for none.
    """
    found: dict[str, str] = {}
    several: set[str] = set()
    listed = [(text, value, fold(text)) for text, value in entries]
    for _text, value, key in listed:
        if found.setdefault(key, value) != value:
            several.add(key)
    if not several:
        return found, {}
    exact: dict[str, set[str]] = {}
    for text, value, key in listed:
        if key in several:
            exact.setdefault(text, set()).add(value)
    confused = {text: value for text, (value, *more) in exact.items() if not more}
    return {key: value for key, value in found.items() if key not in several}, confused
