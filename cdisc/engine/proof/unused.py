"""What a study writes down and no line uses.

A name is used if it stands as a word anywhere that could mean it: so what is called unused
is. Texts in quotes are not words.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cached_property

from cdisc.diagnostics import Diagnostic
from cdisc.engine.proof.places import Place, Study
from cdisc.engine.vocabulary import VariableScope
from cdisc.language.formula import formula_head
from cdisc.source import Document, Loc
from cdisc.spec import LoadedDataset
from cdisc.spec.folders import folder_of

_QUOTED = re.compile(r"'(?:[^']|'')*'")
_WORD = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)?")
_SECTIONS = ("events", "censors")
_UNREADABLE = ("SPEC001", "SPEC010")


class Unused:
    """Finds the words of a study that nothing uses.

    Args:
        study: The study.
    """

    def __init__(self, study: Study) -> None:
        self.study, self.loaded = study, study.program.loaded

    def check(self) -> Iterator[Diagnostic]:
        """Find names of study.yaml and of the dataset files that nothing uses."""
        if self.loaded.unread or any(one.code in _UNREADABLE for one in self.study.mistakes):
            return  # what cannot be read may use anything
        home = self.loaded.document.file.removesuffix("study.yaml")
        for finding in self._findings():
            if finding.span and finding.span.file.startswith(home):  # a library serves others too
                yield finding

    def _findings(self) -> Iterator[Diagnostic]:
        yield from self._of_the_study()
        for one in self.loaded.datasets:
            yield from self._of_a_dataset(one)

    def _of_the_study(self) -> Iterator[Diagnostic]:
        model, document = self.loaded.study, self.loaded.document
        for key in model.let:
            head = formula_head(key)
            name = head[0] if head else key
            if not self._used(name, document, but=("let", key)):
                kind = "function" if head else "condition"
                yield _unused(f'{kind} "{name}"', document, ("let", key))
        for name in model.tables:
            if not self._all[name]:
                yield _unused(f'table "{name}"', document, ("tables", name))
        for name in model.raw:
            if not self._used(name, document, but=("raw", name)):
                yield _unused(f'form "{name}"', document, ("raw", name))
        used = {folder_of(form.file, model.folders) for form in model.raw.values()}
        for name in sorted(set(model.folders) - used):
            yield _unused(f'folder "{name}"', document, ("folders", name))
        implied = set(self._terms_by_variable())
        for name, (place, loc) in self.loaded.term_places.items():
            if not self._all[name] and name not in implied:
                yield _unused(f'terms "{name}"', place, loc)

    def _terms_by_variable(self) -> Iterator[str]:
        """Yield the terms that a line means without naming them: those of its variable."""
        vocabulary = self.study.program.vocabulary
        for place in self.study.places:
            for use in place.checked.uses.values():
                named = {argument.name for argument in use.verb.arguments}
                if place.variable is None or "terms" not in named or "terms" in use.given:
                    continue
                name = place.variable.name.removeprefix("supp:")
                yield from (name, name[2:])
                for code in _codelists(place):
                    found = vocabulary.codelist(code)
                    yield from (code, found.submission_value) if found else (code,)

    def _of_a_dataset(self, one: LoadedDataset) -> Iterator[Diagnostic]:
        document = one.document
        places = self._words[document.file].items()
        named = {word for loc, words in places if loc[0] == "params" for word in words}
        for section in _SECTIONS:
            kind = "event" if section == "events" else "censoring"
            for name in getattr(one.model, section):
                if name not in named:
                    yield _unused(f'{kind} "{name}"', document, (section, name))
        own = set().union(*(words for _loc, words in places))
        for loc, columns in _columns(one):
            for index, name in enumerate(columns):
                if index and f"test.{name}" not in own:
                    yield _unused(f'column "{name}"', document, (*loc, index), key=False)
        dataset = one.model.dataset
        for name in one.model.work:
            here = self._used(name, document, but=("work", name))
            if not here and not self._all[f"{dataset}.{name}"]:
                yield _unused(f'work variable "{name}"', document, ("work", name))

    def _used(self, name: str, document: Document, *, but: Loc) -> bool:
        """Say whether a name stands anywhere apart from one place of a document."""
        there = self._words[document.file].get(but)
        return self._all[name] > (there[name] if there else 0)

    @cached_property
    def _all(self) -> Counter[str]:
        found: Counter[str] = Counter()
        for places in self._words.values():
            for words in places.values():
                found.update(words)
        return found

    @cached_property
    def _words(self) -> Mapping[str, Mapping[Loc, Counter[str]]]:
        """How often each word stands in each line of each file."""
        documents = [self.loaded.document, *(one.document for one in self.loaded.datasets)]
        return {one.file: _words_of(one) for one in documents}


def _codelists(place: Place) -> Iterator[str]:
    """Yield the codelists of the variable of a line, of all records and of some."""
    scope = place.checked.scope
    if isinstance(scope, VariableScope):
        yield from scope.codelists
        yield from (code for rule in scope.rules for code in rule.codelists)


def _speaks(loc: Loc) -> bool:
    """Say whether what stands at a place may name something of the study."""
    if loc[0] == "raw":
        return len(loc) > 2 and loc[2] in ("subject", "where")  # noqa: PLR2004  raw, form, key
    return loc[0] not in ("terms", "standards", "folders", "not_used")


def _words_of(document: Document) -> dict[Loc, Counter[str]]:
    """Return the words below each section and name, what is qualified with its qualifier too."""
    found: defaultdict[Loc, Counter[str]] = defaultdict(Counter)
    for loc, mark in document.values.items():
        if mark.value is not None and loc and _speaks(loc):
            text = _QUOTED.sub(" ", mark.value) if "'" in mark.value else mark.value
            words = _WORD.findall(text)
            words += [word.partition(".")[0] for word in words if "." in word]
            found[loc[:2]].update(words)
    return found


def _columns(one: LoadedDataset) -> Iterable[tuple[Loc, tuple[str, ...]]]:
    for loc in one.document.values:
        if loc[-2:] == ("tests", "columns"):
            listed = one.document.values
            count = sum(1 for place in listed if place[:-1] == loc)
            names = tuple(str(listed[(*loc, index)].value) for index in range(count))
            yield loc, names


def _unused(what: str, document: Document, loc: Loc, *, key: bool = True) -> Diagnostic:
    return Diagnostic(
        "SPEC078",
        f"nothing uses the {what}",
        document.span(loc, key=key),
        help="use it, or remove it",
    )
