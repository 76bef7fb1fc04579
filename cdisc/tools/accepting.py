"""Terms that a person accepts: checked all together, then written beside their evidence.

A wrong line refuses all of them. What is written is at once what recodes the data, what
the codelists of define.xml show and why; nothing of it comes from likeness.
"""

import dataclasses
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TypeAlias

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.engine.program import Program
from cdisc.engine.proof.places import Study
from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.functions.terminology import fold
from cdisc.language.verb import Scope, Use
from cdisc.spec import LoadedStudy, load_study
from cdisc.spec.layers import STUDY
from cdisc.tools.inbox import Wanted, wanted
from cdisc.tools.term_files import Entry, Section, replace_files, with_entries

_LINE = re.compile(r"\s*(\w+\.\w+)(?:\[(\w+)\])?\s*:\s*(.+)\s=\s(.*)", re.DOTALL)
_NUMBER = re.compile(r"-?\d+")
_SHOWN = 20
_Mapped: TypeAlias = tuple[Mapping[str, str], Mapping[str, str]]  # exact texts, folded ones
_EXPECTED = "DATASET.VARIABLE: collected text = TERM"


@dataclasses.dataclass(frozen=True)
class Acceptance:
    """A collected text and the term that a person gives it.

    Attributes:
        variable: ``DATASET.VARIABLE``.
        text: The collected text.
        term: The term; empty for "known, and missing".
        place: Where the person said so.
        terms: The study's terms that are meant, where the variable has several.
    """

    variable: str
    text: str
    term: str
    place: Span
    terms: str | None = None


@dataclasses.dataclass(frozen=True)
class Evidence:
    """Who accepts, and why: what the person says, and nothing else."""

    by: str | None = None
    because: str | None = None


@dataclasses.dataclass(frozen=True)
class Accepted:
    """What an acceptance changes.

    Attributes:
        files: New text by path.
        entries: How many texts have got a term.
        extended: Those of them whose term the codelist does not have, as ``TERM (codelist)``.
        known: How many had that term already.
    """

    files: Mapping[Path, str]
    entries: int
    extended: tuple[str, ...]
    known: int

    def write(self) -> None:
        """Write every file, or none.

        Raises:
            OutputError: OUT003, the disk refuses.
        """
        replace_files({path: text.encode() for path, text in self.files.items()})


def read_lines(lines: Sequence[str]) -> tuple[Acceptance, ...]:
    """Return what lines such as ``AE.AESEV: slight = MILD`` say.

    The last `` = `` parts text and term. Either may stand in double quotes with the escapes
    of JSON, for blanks at its ends, or for what cannot be typed; a term ``""`` leaves missing.

    Raises:
        SpecError: SPEC090, every line that cannot be read.

    Example:
        >>> read_lines(["AE.AESEV: slight = MILD"])[0].text
        'slight'
    """
    found: list[Acceptance] = []
    problems: list[Diagnostic] = []
    for number, line in enumerate(lines, start=1):
        shown = line if line.isprintable() else json.dumps(line, ensure_ascii=False)
        place = Span("--accept", number, 1, len(shown) + 1, shown)
        match = _LINE.fullmatch(line)
        parts = [unquoted(one) for one in match.group(3, 4)] if match else [None]
        if match is None or not parts[0] or parts[1] is None or not match[4].strip():
            problems.append(unread("the line is no acceptance", place, _EXPECTED))
            continue
        found.append(Acceptance(match[1].upper(), parts[0], parts[1], place, match[2]))
    if problems:
        raise SpecError(problems)
    return tuple(found)


def unread(fact: str, place: Span, expected: str) -> Diagnostic:
    """Return the finding that a line of acceptances cannot be read."""
    return Diagnostic(
        "SPEC090",
        fact,
        place,
        expected=expected,
        help='a term "" in quotes leaves the text missing',
    )


def unquoted(text: str) -> str | None:
    """Return a text without blanks at its ends, or what stands in its quotes; None if wrong."""
    text = text.strip()
    if not text.startswith('"'):
        return text
    try:
        found = json.loads(text)
    except json.JSONDecodeError:
        return None
    return found if isinstance(found, str) else None


def accept(
    study: Path, acceptances: Sequence[Acceptance], evidence: Evidence | None = None
) -> Accepted:
    """Return the files that give collected texts their terms; nothing is written yet.

    Args:
        study: Folder with ``study.yaml``.
        acceptances: What is accepted.
        evidence: Who accepts it, and why.

    Raises:
        SpecError: SPEC091 to SPEC094, every line that is wrong; or the mapping files are.
    """
    loaded = load_study(study)
    checked = _Acceptances(resolve(loaded), evidence or Evidence())
    for one in acceptances:
        checked.take(one)
    if checked.problems:
        raise SpecError(checked.problems)
    return Accepted(
        _files(loaded, checked),
        sum(len(entries) for entries in checked.entries.values()),
        tuple(dict.fromkeys(checked.extended)),
        checked.known,
    )


class _Acceptances:
    """Checks acceptances one after the other and gathers what they add."""

    def __init__(self, program: Program, evidence: Evidence) -> None:
        self.program, self.evidence = program, evidence
        self.steps = _steps(program)
        self.mapped: dict[int, list[_Mapped]] = {}
        self.entries: dict[str, dict[str, str]] = {}
        self.why: dict[str, dict[str, Mapping[str, str]]] = {}
        self.problems: list[Diagnostic] = []
        self.extended: list[str] = []
        self.known = 0

    def take(self, one: Acceptance) -> None:
        """Add one acceptance, or note what is wrong with it."""
        found = self.step(one)
        if isinstance(found, Diagnostic):
            self.problems.append(found)
            return
        use, scope, sought = found
        assert sought.terms is not None  # only such steps are kept
        wrong = self.against_codelist(one, sought) or self.against_terms(one, use, scope, sought)
        if wrong is not None:
            self.problems.append(wrong)

    def step(self, one: Acceptance) -> tuple[Use, Scope, Wanted] | Diagnostic:
        """Return the step that an acceptance is for."""
        steps = [step for step in self.steps.get(one.variable, ()) if step[2].terms is not None]
        if one.terms is not None:
            steps = [step for step in steps if step[2].terms == one.terms]
        names = sorted({step[2].terms or "" for step in steps})
        if len(names) == 1:
            return steps[0]
        if names:
            return Diagnostic(
                "SPEC094",
                f"{one.variable} takes several terms",
                one.place,
                expected=", ".join(f"{one.variable}[{name}]" for name in names),
                help="say which are meant, in brackets behind the variable",
            )
        taking = sorted(
            name for name, of in self.steps.items() if any(step[2].terms for step in of)
        )
        other = [step[2].name for step in self.steps.get(one.variable, ())]
        help_ = did_you_mean(one.variable, taking)
        if other:
            help_ = f"mend the line of {one.variable}, or what it names: {', '.join(other)}"
        return Diagnostic(
            "SPEC091",
            f"{one.variable} has no step that takes terms",
            one.place,
            expected=", ".join(taking) or "a line with: | ct",
            help=help_,
        )

    def against_codelist(self, one: Acceptance, sought: Wanted) -> Diagnostic | None:
        """Return why the codelist refuses a term, if it does."""
        if sought.number and not _NUMBER.fullmatch(one.term):
            return _refused(one, f"terms {sought.terms} hold numbers, and this is none", "a number")
        lists = sought.codelists
        if not lists or not one.term or any(each.find(one.term) for each in lists):
            return None
        terms = [term for each in lists for term in each.terms]
        meant = [
            term.value
            for term in terms
            if fold(one.term) in map(fold, (term.value, term.preferred_term, *term.synonyms))
        ]
        if sought.extensible and not meant:
            return None
        what = f"codelist {sought.name} {sought.codes}"
        if meant:
            expected = " or ".join(dict.fromkeys(meant))
            return _refused(one, f"{what} writes this term otherwise", expected)
        values = list(dict.fromkeys(term.value for term in terms))
        few = ", ".join(values[:_SHOWN]) + (", ..." if len(values) > _SHOWN else "")
        fact = f"{what} does not have the term and is not extensible"
        return _refused(one, fact, few, did_you_mean(one.term, values))

    def against_terms(
        self, one: Acceptance, use: Use, scope: Scope, sought: Wanted
    ) -> Diagnostic | None:
        """Add the text to the terms, or return what it is mapped to already."""
        assert sought.terms is not None
        added = self.entries.get(sought.terms, {})
        if id(use) not in self.mapped:
            self.mapped[id(use)] = _mapped(use, scope, sought)
        found = [
            exact.get(one.text, folded.get(fold(one.text)))
            for exact, folded in self.mapped[id(use)]
        ]
        # a text that waits on some records is not mapped, though it may be on others
        there = added.get(one.text, None if None in found else next(iter(found), None))
        if there is None:
            self.entries.setdefault(sought.terms, {})[one.text] = one.term
            self.explain(one, sought)
        elif there == one.term:
            self.known += one.text not in added
        else:
            return Diagnostic(
                "SPEC093",
                f"the text of {one.variable} is mapped to another term already",
                one.place,
                found=(f"{json.dumps(one.text, ensure_ascii=False)} is {there or 'missing'}",),
                help=f"change it in the terms {sought.terms} by hand, if it is wrong",
            )
        return None

    def explain(self, one: Acceptance, sought: Wanted) -> None:
        """Note why a text has its term."""
        assert sought.terms is not None
        why: dict[str, str] = {}
        holding = [each for each in sought.codelists if each.find(one.term)]
        extended = [each for each in sought.codelists if each.extensible]
        codelist = next(iter([*holding, *extended, *sought.codelists]), None)
        if codelist is not None:
            why["codelist"] = codelist.code
            releases = self.program.vocabulary.terminologies
            why["ct"] = next(each.date for each in releases if each.codelist(codelist.code))
            if one.term and not holding:
                why["extended"] = "yes"
                self.extended.append(f"{one.term} ({codelist.submission_value})")
        why |= {
            name: said
            for name, said in dataclasses.asdict(self.evidence).items()
            if said is not None
        }
        if why:
            self.why.setdefault(sought.terms, {})[one.text] = why


def _refused(one: Acceptance, fact: str, expected: str, help_: str | None = None) -> Diagnostic:
    found = (one.term,)
    return Diagnostic("SPEC092", fact, one.place, found=found, expected=expected, help=help_)


def _steps(program: Program) -> dict[str, list[tuple[Use, Scope, Wanted]]]:
    """Return the steps that look something up, by ``DATASET.VARIABLE``."""
    found: dict[str, list[tuple[Use, Scope, Wanted]]] = {}
    for place in Study(program).places:
        if place.plan is None or place.variable is None:
            continue
        name = f"{place.plan.shown}.{place.variable.name.removeprefix('supp:')}"
        for use in place.checked.uses.values():
            sought = wanted(use, place.checked.scope)
            if sought.terms is not None or sought.known:
                found.setdefault(name, []).append((use, place.checked.scope, sought))
    return found


def _mapped(use: Use, scope: Scope, sought: Wanted) -> list[_Mapped]:
    """Return the terms that texts have already, of each kind of records."""
    if sought.number:
        return [(dict(sought.known), {})]
    terms = scope.terms(use.text("terms"))
    every = () if isinstance(terms, Diagnostic) else terms.every
    listed = [one for one in every if one.code] or every  # records without a codelist match nothing
    return [(one.exact, one.collected) for one in listed]


def _files(loaded: LoadedStudy, checked: _Acceptances) -> dict[Path, str]:
    """Return the new text of every file that changes."""
    more: dict[Path, dict[Section, Mapping[str, Entry]]] = {}
    for name, entries in checked.entries.items():
        own = loaded.folder / "terms" / f"{name}.yaml"
        place = _place(loaded, name) or own
        more.setdefault(place, {})["terms", name] = entries
        if name in checked.why:
            beside = own if place.name == STUDY else place
            more.setdefault(beside, {})["evidence", name] = checked.why[name]
    return {path: _text(path, sections) for path, sections in more.items()}


def _text(path: Path, more: Mapping[Section, Mapping[str, Entry]]) -> str:
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    return with_entries(before, "study" if path.name == STUDY else "terms", more)


def _place(loaded: LoadedStudy, name: str) -> Path | None:
    """Return the file of the study itself that holds terms, or None; a library is not changed."""
    if name not in loaded.term_places:
        return None
    file = loaded.term_places[name][0].file
    home = next(iter(loaded.folders))
    return loaded.folder / loaded.inside(file) if file.startswith(f"{home}/") else None
