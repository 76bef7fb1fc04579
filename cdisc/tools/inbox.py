"""The terms inbox of a study: what its data hold and no term matches, with suggestions."""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.engine.inbox import Asked, Collected, collect
from cdisc.engine.program import Program
from cdisc.engine.proof.places import Study
from cdisc.engine.resolve import resolve
from cdisc.engine.vocabulary import VariableScope
from cdisc.functions.terminology import fold
from cdisc.language.verb import Scope, Use
from cdisc.raw import read_study
from cdisc.report.inbox import Inbox, InboxValue, UnusedTerm
from cdisc.spec import load_study
from cdisc.standard import CodelistStandard
from cdisc.tools.nearest import suggested

_FEW = 25  # terms that a drop-down may list whole


@dataclasses.dataclass(frozen=True)
class Wanted:
    """What a step looks values up in.

    Attributes:
        name: Of the codelist, the terms or the table, for people.
        terms: The study's terms that hold, or would hold, its synonyms; None if it takes none.
        codelists: The published codelists: of the variable, and where the record decides, all.
        number: The terms are numbers.
        known: Texts that it knows, each with its term.
    """

    name: str
    terms: str | None
    codelists: tuple[CodelistStandard, ...]
    number: bool
    known: tuple[tuple[str, str], ...]

    @property
    def codes(self) -> str | None:
        """The NCI codes of the codelists; None without any."""
        return " or ".join(one.code for one in self.codelists) or None

    @property
    def extensible(self) -> bool | None:
        """Whether one of the codelists may be extended; None without any."""
        return any(one.extensible for one in self.codelists) if self.codelists else None


def open_inbox(
    study: Path,
    *,
    raw: Path,
    threads: int | None = None,
    progress: Callable[[str], None] = lambda _said: None,
) -> Inbox:
    """Return every collected value of a study that no term matches.

    Args:
        study: Folder with ``study.yaml``.
        raw: Folder with the raw files.
        threads: Threads of the engine; the result does not depend on it.
        progress: Told what is being worked on.

    Raises:
        SpecError: The mapping files are wrong; raised before data are read.
        RawDataError: The data cannot be read or joined as the spec says. Values without a
            term are no such error, whatever ``else`` says.
    """
    loaded = load_study(study)
    resolve(loaded)
    progress("raw files")
    collected = read_study(loaded, raw)
    fields = {form.name: tuple(form.table.column_names) for form in collected.forms}
    program = resolve(loaded, fields)
    found = collect(program, collected, threads=threads, progress=progress)
    progress("suggestions")
    values = tuple(_values(program, found))
    return Inbox(loaded.study.study.id, values, tuple(_unused(program, found)))


def wanted(use: Use, scope: Scope) -> Wanted:
    """Return what a verb looks values up in."""
    if any(argument.name == "terms" for argument in use.verb.arguments):
        return _of_terms(use, scope)
    if "pairs" in use.given:
        keys = [key for key, _to in use.pairs() if key not in ("other", "none")]
        return _listed(use.verb.name, keys)
    table = use.text("table") if "table" in use.given else None
    if table is not None:
        columns = scope.table(table)
        rows: Mapping[str, object] = {}
        if not isinstance(columns, Diagnostic):
            rows = next(iter(columns.values()), {})
        return _listed(f"table {table}", rows)
    if "variable" in use.given:
        decodes = scope.decodes(use.text("variable") or "")
        codes = () if isinstance(decodes, Diagnostic) else decodes
        return _listed(f"names of {use.text('variable')}", codes)
    words = use.texts("words") if "words" in use.given else ()
    return _listed(use.verb.name, words)


def _listed(name: str, keys: Sequence[str] | Mapping[str, object]) -> Wanted:
    return Wanted(name, None, (), number=False, known=tuple((key, key) for key in keys))


def _of_terms(use: Use, scope: Scope) -> Wanted:
    assert isinstance(scope, VariableScope)  # the engine has no other
    name = use.text("terms")
    known = scope.vocabulary.study.terms
    terms = scope.terms_name(name)
    if use.verb.name == "code":
        said = tuple(known.get(terms, {}).items())
        return Wanted(f"terms {terms}", terms, (), number=True, known=said)
    codelists = tuple(_codelists(scope, name))
    if name is None and terms not in known:
        # terms that are named after the codelist of some records would be hidden by new ones
        named = (said for one in codelists for said in (one.submission_value, one.code))
        terms = next((one for one in named if one in known), terms)
    said = tuple(known.get(terms, {}).items())
    if not codelists:
        own = tuple((value, value) for value in dict.fromkeys(one[1] for one in said))
        return Wanted(f"terms {terms}", terms, (), number=False, known=(*own, *said))
    published = [
        (text, term.value)
        for codelist in codelists
        for term in codelist.terms
        for text in dict.fromkeys((term.value, term.preferred_term, *term.synonyms))
    ]
    where = " or ".join(one.submission_value for one in codelists)
    return Wanted(where, terms, codelists, number=False, known=(*published, *said))


def _codelists(scope: VariableScope, name: str | None) -> Iterator[CodelistStandard]:
    """Yield the codelists of a step, those of some records only as well."""
    found = scope.terms(name)
    every = () if isinstance(found, Diagnostic) else found.every
    codes = (code for terms in reversed(every) for code in (terms.code or "").split(" or "))
    for code in dict.fromkeys(codes):
        codelist = scope.vocabulary.codelist(code) if code else None
        if codelist is not None:
            yield codelist


def _values(program: Program, found: Collected) -> Iterator[InboxValue]:
    asked: dict[int, tuple[Asked, list[int]]] = {}
    for at, one in enumerate(found.waiting):
        asked.setdefault(id(one.asked), (one.asked, []))[1].append(at)
    for verb, members in asked.values():
        sought = wanted(verb.use, verb.scope)
        known = tuple(one for one in sought.known if one[1])
        near = suggested([found.waiting[at].value for at in members], known)
        terms = tuple(dict.fromkeys(term for _text, term in known))
        choices = terms if sought.terms is not None and len(terms) <= _FEW else ()
        place = f"{program.loaded.inside(verb.span.file)}:{verb.span.line}"
        for one in (found.waiting[at] for at in members):
            yield InboxValue(
                variable=f"{verb.dataset}.{verb.variable}",
                step=verb.use.verb.name,
                where=sought.name,
                code=sought.codes,
                extensible=sought.extensible,
                terms=sought.terms,
                value=one.value,
                records=one.records,
                subjects=one.subjects,
                forms=one.forms,
                first=one.first,
                line=place,
                nearest=near[one.value],
                choices=choices,
            )


def _unused(program: Program, found: Collected) -> Iterator[UnusedTerm]:
    """Yield the terms of the study itself that no value matched.

    Terms are left out of which a verb takes values that are not seen: within a
    condition, say, or a summary of other records.
    """
    seen: dict[str, set[str]] = {}
    places: set[tuple[str, int, int]] = set()
    for verb, values in found.seen:
        places.add((str(verb.span), verb.use.node.start, verb.use.node.end))
        sought = wanted(verb.use, verb.scope)
        if sought.terms is not None:
            exact = values if sought.number else {fold(value) for value in values} | values
            seen.setdefault(sought.terms, set()).update(exact)
    unseen = set(_unseen(program, places))
    loaded = program.loaded
    home = next(iter(loaded.folders))
    for name, texts in seen.items():
        document, loc = loaded.term_places.get(name, (None, ()))
        if document is None or name in unseen or not document.file.startswith(f"{home}/"):
            continue  # a library serves other studies too
        for text, value in loaded.terms[name].items():
            if (*loc, text) in document.values and not {text, fold(text)} & texts:
                line = document.span((*loc, text), key=True).line
                yield UnusedTerm(name, text, value, f"{loaded.inside(document.file)}:{line}")


def _unseen(program: Program, places: set[tuple[str, int, int]]) -> Iterator[str]:
    """Yield the terms of verbs whose values were not seen."""
    for place in Study(program).places:
        for use in place.checked.uses.values():
            span = str(place.checked.expression.span())
            if any(one.name == "terms" for one in use.verb.arguments) and (
                (span, use.node.start, use.node.end) not in places
            ):
                terms = wanted(use, place.checked.scope).terms
                if terms is not None:
                    yield terms
