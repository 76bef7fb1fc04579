"""What the program knows of a word: a code, a verb of the language, a key of the files."""

import dataclasses
import typing
from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from pydantic import BaseModel

from cdisc.diagnostics import Diagnostic, Span, catalogue, did_you_mean
from cdisc.engine.gradings import grading
from cdisc.engine.lines import implied
from cdisc.functions import builtin_verbs
from cdisc.language import tree as t
from cdisc.language.binding import bind
from cdisc.language.english import English
from cdisc.language.expansion import expand
from cdisc.language.offers import GradedTerm, Terms
from cdisc.language.parser import parse
from cdisc.language.verb import Type, Use, Verb
from cdisc.spec.dataset import DatasetFile
from cdisc.spec.study import StudyFile

_NOWHERE = Span("", 0, 0, 0, "")
_EFFECTS = {
    "cleans": "kept: what was Collected stays Collected",
    "assigns": "Assigned",
    "derives": "Derived",
}
_TYPES: Mapping[str, Type] = {"DTC": "dtc", "DTM": "datetime", "DT": "date"}


@dataclasses.dataclass(frozen=True)
class Explanation:
    """What is known of a word.

    Attributes:
        kind: ``finding``, ``step``, ``function`` or ``key``.
        title: The word, and what it is.
        parts: Text by heading, in order; an empty heading for plain text.
    """

    kind: str
    title: str
    parts: tuple[tuple[str, str], ...]

    def to_text(self) -> str:
        """Return it as people read it."""
        shown = [f"{head}: {text}" if head else text for head, text in self.parts]
        return "\n\n".join([self.title, *shown])

    def to_json(self) -> dict[str, object]:
        """Return it as JSON-ready values."""
        return {
            "kind": self.kind,
            "title": self.title,
            **{head.lower() or "text": text for head, text in self.parts},
        }


def explain(word: str) -> tuple[Explanation, ...]:
    """Return all that is known of a word; nothing if it is not known.

    Args:
        word: Code of a finding, name of a verb, or key of the mapping files.
    """
    bare = word.strip().removeprefix("|").strip().removesuffix(":")
    bare = bare.partition("(")[0].strip()
    return (*_finding(bare.upper()), *_verbs(bare), *_keys(bare))


def near(word: str) -> str | None:
    """Return a help line that names the nearest word that is known, or None."""
    names = {verb.name for verb in builtin_verbs().values()} | set(_all_keys())
    return did_you_mean(word, [*names, *catalogue()])


def _finding(code: str) -> Iterator[Explanation]:
    entry = catalogue().get(code)
    if entry is not None:
        parts = [("Why", entry.why), ("Mend", entry.mend)]
        parts += [("Source", entry.source)] if entry.source else []
        yield Explanation("finding", f"{entry.severity}[{code}]: {entry.title}", tuple(parts))


def _verbs(name: str) -> Iterator[Explanation]:
    for verb in builtin_verbs().values():
        if verb.name == name:
            kind = "step" if verb.form == "step" else "function"
            parts = [
                ("", verb.summary),
                ("Usage", verb.usage()),
                ("Missing values", verb.missing),
                ("Origin", _EFFECTS[verb.effect]),
                ("Example", verb.example),
                ("English", _english(verb)),
            ]
            parts += [("Standard", verb.source)] if verb.source else []
            yield Explanation(kind, f"{verb.name}: a {kind} of the language", tuple(parts))


def _english(verb: Verb) -> str:
    """Return what define.xml says of the example of a verb."""
    verbs, scope = builtin_verbs(), Sample()
    tree = expand(parse(verb.example, lambda _start, _end: _NOWHERE).tree, verbs, scope)
    uses: dict[int, Use] = {}
    for node in _all_nodes(tree):
        if isinstance(node, t.Call | t.Step):
            use = bind(node, verbs, lambda _node: _NOWHERE)
            assert isinstance(use, Use), use  # examples are tested
            uses[id(node)] = use
    return English(uses, scope, scope.dataset, _type_of, lambda _ref: None).sentence(tree)


def _all_nodes(tree: t.Node) -> Iterator[t.Node]:
    for node in tree.walk():
        yield node
        if isinstance(node, t.Meant):
            yield from _all_nodes(node.written)


def _type_of(node: t.Node) -> Type:
    """Return the type that a variable has by its name; anything else is not known."""
    if isinstance(node, t.Ref):
        for suffix, found in _TYPES.items():
            if node.name.endswith(suffix):
                return found
    return "missing"


class Sample:
    """A study as a verb's example sees it: whatever is asked for is there, and empty."""

    target = "the variable"
    dataset = "the data set"
    target_type: Type = "text"

    def reference(self, name: str) -> t.Ref | None:
        """Return the reference that the standard implies."""
        qualifier, _, variable = str(implied()["references"][name]).partition(".")
        return t.Ref(qualifier=qualifier, name=variable)

    def terms(self, name: str | None) -> Terms | Diagnostic:
        """Return terms of any name, or of the codelist of the variable."""
        return Terms(name or f"of {self.target}", None, {}, {}, ())

    def numbers(self, _name: str) -> Mapping[str, str] | Diagnostic:
        """Return terms without entries."""
        return {}

    def table(self, _name: str) -> Mapping[str, Mapping[str, str]] | Diagnostic:
        """Return a table without columns."""
        return {}

    def table_rows(
        self, _name: str
    ) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]] | Diagnostic:
        """Return a table of ranges without rows."""
        return ("key", "low", "high", "value"), ()

    def decodes(self, _variable: str) -> Mapping[str, str] | Diagnostic:
        """Return names of no codes."""
        return {}

    def grading(self, name: str) -> Sequence[GradedTerm] | Diagnostic:
        """Return the terms of a grading table that every study has."""
        return grading(name, {})

    def conversions(self) -> Mapping[str, str]:
        """Return no factors."""
        return {}


def _keys(name: str) -> Iterator[Explanation]:
    found = _all_keys().get(name, ())
    for where, description, required in found:
        must = "must be there" if required else "may be left out"
        yield Explanation("key", f"{name}: a key of {where}", (("", description), ("Use", must)))


@cache
def _all_keys() -> Mapping[str, tuple[tuple[str, str, bool], ...]]:
    """Return every key of the files: where it stands, what it is, whether it must be there."""
    found: dict[str, dict[tuple[str, str, bool], None]] = {}
    for model, where in ((StudyFile, "study.yaml"), (DatasetFile, "a dataset file")):
        for name, entry in _keys_of(model, where, frozenset()):
            found.setdefault(name, {})[entry] = None
    return {name: tuple(entries) for name, entries in found.items()}


def _keys_of(
    model: type[BaseModel], where: str, above: frozenset[type[BaseModel]]
) -> Iterator[tuple[str, tuple[str, str, bool]]]:
    for field_name, field in model.model_fields.items():
        name = field.alias or field_name
        said = field.description or f"The section {name}:"
        yield name, (where, said, field.is_required())
        for below in _models(field.annotation):
            if below not in above:
                yield from _keys_of(below, f"{where}, {name}:", above | {model})


def _models(annotation: object) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in typing.get_args(annotation):
        yield from _models(part)
