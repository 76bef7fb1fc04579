"""Rules tied to the datasets of a study: parsed, typed, rendered as SQL by the engine.

A rule is typed for each dataset that it holds on, with the verbs and the meaning that
``checks:`` of a mapping have. One that names a variable which the data lack does not
hold there; that a variable is lacking is another rule's finding.
"""

import dataclasses
import re
from collections.abc import Callable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import cast

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.engine.level import Level
from cdisc.engine.lines import implied
from cdisc.engine.meaning import Meaning
from cdisc.engine.needs import aggregate_source
from cdisc.engine.program import Checked, DatasetPlan, Program, Target, VariablePlan
from cdisc.engine.sql import Compiler
from cdisc.engine.vocabulary import VariableScope, Vocabulary
from cdisc.functions.registry import builtin_verbs
from cdisc.functions.sqltext import name as sql_name
from cdisc.language import tree as t
from cdisc.language.expansion import expand, stands_for_more
from cdisc.language.parser import parse
from cdisc.language.types import Checker
from cdisc.language.verb import Type
from cdisc.spec import LoadedStudy
from cdisc.validate.conventions import load_conventions, matching
from cdisc.validate.rules.model import Predicate, Rule

_TEMPLATE = re.compile(r"--(?=[A-Z])")
_LITERAL = re.compile(r"'[^']*'")
_NAMED = re.compile(r"\b([A-Z][A-Z0-9_]*)(?:\.([A-Z][A-Z0-9_]*))?\b")
_DOMAIN_LETTERS = 2
_TOGETHER = 40  # rules of one pass: a longer statement takes longer to plan than a pass to run


@dataclasses.dataclass(frozen=True, slots=True)
class _Instance:
    """A rule in the words of one dataset, for one variable if it holds for each."""

    rule: Rule
    fill: Callable[[str], str]
    variable: str | None = None


def compile_rules(
    rules: Sequence[Rule], datasets: Sequence[Dataset], others: Sequence[Dataset] = ()
) -> tuple[Predicate, ...]:
    """Return what the rules become for each dataset that they hold on.

    Args:
        rules: Rules of the stage of the datasets.
        datasets: The datasets that are judged.
        others: Further datasets that rules may ask of, such as the tabulations of analysis
            data; one of a name that is judged too is left out.

    Returns:
        Predicates, dataset by dataset; those that share a level are run in one pass.

    Raises:
        ValueError: A rule is no sentence of the language, whatever the data.
    """
    names = {one.name for one in datasets}
    world = _World((*datasets, *(one for one in others if one.name not in names)))
    return tuple(one for dataset in datasets for one in world.predicates(rules, dataset))


class _World:
    """All datasets as the engine sees them."""

    def __init__(self, datasets: Sequence[Dataset]) -> None:
        self.datasets = {one.name: one for one in datasets}
        self.subject = load_conventions("sdtm").subject.key
        self.names = {one.name: tuple(one.table.column_names) for one in datasets}
        self.types = {
            one.name: {item.name: _type(item.name, item.kind) for item in one.variables}
            for one in datasets
        }
        plans = {one.name: self._plan(one) for one in datasets}
        nothing = cast("Vocabulary", None)  # rules look nothing up in the tables of a study
        self.program = Program(
            loaded=cast("LoadedStudy", None),  # no mapping files made the data
            vocabulary=nothing,
            subject=self.subject,
            forms={},
            usubjid=cast("Checked", None),
            datasets=plans,
            steps=(),
        )
        self.vocabulary = nothing
        self.verbs = builtin_verbs()

    def _plan(self, dataset: Dataset) -> DatasetPlan:
        names = self.names[dataset.name]
        rules = load_conventions("sdtm").subject, load_conventions("adam").subject
        single = any(rule.dataset == dataset.name for rule in rules)
        return DatasetPlan(
            name=dataset.name,
            stage="sdtm",
            domain=dataset.domain or dataset.name,
            standard=None,
            class_name=dataset.class_name,
            sources=(),
            keys=(self.subject,) if single else (),
            variables=cast("dict[str, VariablePlan]", dict.fromkeys(names)),
            order=names,
            rows_needs=frozenset(),
            of_subjects=self.subject in names,
        )

    def predicates(self, rules: Sequence[Rule], dataset: Dataset) -> Iterator[Predicate]:
        """Yield the predicates of a dataset, as many as go together on one level."""
        level = Level(sql_name(dataset.name))
        together = 0
        for instance in self._instances(rules, dataset):
            checked = self._checked(instance, dataset)
            if checked is None:
                continue
            if together == _TOGETHER:
                level, together = Level(sql_name(dataset.name)), 0
            together += 1
            yield self._predicate(instance, dataset, checked, level)

    def _instances(self, rules: Sequence[Rule], dataset: Dataset) -> Iterator[_Instance]:
        prefix = (dataset.domain or dataset.name)[:_DOMAIN_LETTERS]
        names = self.names[dataset.name]
        for rule in rules:
            if not _holds(rule, dataset, prefix):
                continue
            if not rule.scope.each:
                yield _Instance(rule, _filled(prefix, "", ""))
                continue
            seen: set[str] = set()
            for template in rule.scope.each:
                for (name,) in matching(names, [template], prefix):
                    stem = _stem(name, template.replace("--", prefix))
                    if name not in seen:
                        seen.add(name)
                        yield _Instance(rule, _filled(prefix, name, stem), name)

    def _checked(self, instance: _Instance, dataset: Dataset) -> Checked | None:
        rule = instance.rule
        check = f"({instance.fill(rule.check)})"
        text = f"not ({instance.fill(rule.when)}) or {check}" if rule.when else check
        if self._lacks(text, dataset.name):
            return None
        expression = parse(text, lambda _start, _end: rule.span)
        scope = VariableScope(
            self.vocabulary, rule.code, "boolean", references=implied()["references"]
        )
        if any(stands_for_more(node, self.verbs) for node in expression.verbs):
            tree = expand(expression.tree, self.verbs, scope)
            expression = dataclasses.replace(expression, tree=tree)
        meaning = self._meaning(dataset)
        counted = {
            id(node.operand)
            for node in expression.choices
            if isinstance(node, t.Aggregate) and node.kind in ("any", "count")
        }
        known: dict[int, tuple[t.Ref, Target | Diagnostic]] = {}

        def target(ref: t.Ref) -> Target | Diagnostic:
            if id(ref) not in known:
                found = meaning.of(ref, expression, counted=id(ref) in counted)
                known[id(ref)] = ref, found
            return known[id(ref)][1]

        def type_of_ref(ref: t.Ref) -> Type | Diagnostic:
            found = target(ref)
            return found.type if isinstance(found, Target) else found

        checker = Checker(expression, self.verbs, scope, type_of_ref)
        found = checker.require(expression.tree, "boolean")
        # the data lack what the rule asks of, or have it in another type
        if checker.problems:
            return None
        checked = Checked(expression, found, checker.type_of, checker.uses, target, scope)
        return checked if checked.sound and self._groups(checked, dataset.name) else None

    def _lacks(self, text: str, name: str) -> bool:
        """Say whether a text names what is not in the data: seen at once, before it is parsed."""
        own = self.names[name]
        return any(
            other not in self.names.get(first, ())
            if other
            else first not in own and first not in self.names
            for first, other in _NAMED.findall(_LITERAL.sub("", text))
        )

    def _groups(self, checked: Checked, name: str) -> bool:
        """Say whether what records are grouped by has one type in both datasets."""
        for node in checked.expression.choices:
            source = aggregate_source(node, checked) if isinstance(node, t.Aggregate) else None
            other = source[1] if source else name
            own, there = self.types[name], self.types[other]
            if any(there.get(ref.name) != own[ref.name] for ref in node.by):
                return False
        return True

    def _meaning(self, dataset: Dataset) -> Meaning:
        return Meaning(
            dataset.name,
            (),
            "variables",
            {},
            self.names,
            lambda name, variable: self.types[name][variable],
            {},
        )

    def _predicate(
        self, instance: _Instance, dataset: Dataset, checked: Checked, level: Level
    ) -> Predicate:
        rule = instance.rule
        compiler = Compiler(
            self.program, self.program.datasets[dataset.name], level, checked, rule.code
        )
        condition = compiler.sql(checked.expression.tree)
        own = [
            target.name
            for _ref, target in checked.refs()
            if target.kind == "own" and target.name in self.names[dataset.name]
        ]
        shown = [instance.fill(one) for one in rule.show] or list(dict.fromkeys(own))
        return Predicate(
            code=rule.code,
            severity=rule.severity,
            dataset=dataset.name,
            variable=instance.variable or next(iter(shown), None),
            sql=f"({condition}) IS NOT TRUE",
            level=level,
            outputs=tuple(one for one in shown if one in self.names[dataset.name]),
            message=" ".join(instance.fill(rule.message).split()),
            expected=" ".join(instance.fill(rule.check).split()),
            source=rule.source,
        )


def _type(name: str, kind: str) -> Type:
    dates = load_conventions("sdtm").partial_dates
    if kind == "text" and any(fnmatchcase(name, one) for one in dates):
        return "dtc"
    return cast("Type", kind)


def _holds(rule: Rule, dataset: Dataset, prefix: str) -> bool:
    scope = rule.scope
    if scope.classes and not {dataset.class_name, dataset.subclass or ""} & {*scope.classes}:
        return False
    if scope.datasets and not any(fnmatchcase(dataset.name, one) for one in scope.datasets):
        return False
    absent = {one.replace("--", prefix) for one in scope.absent}
    if absent & set(dataset.table.column_names):
        return False
    return not any(fnmatchcase(dataset.name, one) for one in scope.besides)


def _filled(prefix: str, variable: str, stem: str) -> Callable[[str], str]:
    def fill(text: str) -> str:
        text = text.replace("{variable}", variable).replace("{stem}", stem)
        return _TEMPLATE.sub(prefix, text)

    return fill


def _stem(name: str, template: str) -> str:
    found = re.fullmatch(re.escape(template).replace(r"\*", "(.+)"), name)
    return found[1] if found and found.groups() else ""
