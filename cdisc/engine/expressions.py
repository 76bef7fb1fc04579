"""Expressions tied to what they mean and typed; the conditions of ``let:`` first."""

import dataclasses
from collections.abc import Callable, Collection, Sequence
from functools import cached_property
from typing import Literal

from cdisc.diagnostics import Diagnostic
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.lines import implied, nothing, parse_at
from cdisc.engine.meaning import Meaning
from cdisc.engine.needs import astray, misplaced
from cdisc.engine.program import Checked, RowSource, Target
from cdisc.engine.vocabulary import VariableScope
from cdisc.language import tree as t
from cdisc.language.expansion import TooDeepError, expand, stands_for_more
from cdisc.language.formula import formula_head
from cdisc.language.parser import too_deep
from cdisc.language.types import Checker, article, fits, mend
from cdisc.language.verb import Type
from cdisc.record import changed


class Expressions:
    """Checks the expressions of a study whose frames are all there.

    Args:
        draft: The study.
        type_of_variable: Gives the type of a variable of a dataset.
    """

    def __init__(self, draft: Draft, type_of_variable: Callable[[str, str], Type]) -> None:
        self.draft, self.type_of_variable = draft, type_of_variable
        study = draft.study.study
        self.constants = {"study.id": study.id}
        if study.cutoff:
            self.constants["study.cutoff"] = study.cutoff
        self.lets: dict[str, t.Expression] = {}
        self._held: dict[str, list[Diagnostic]] = {}
        self._meanings: dict[str, Meaning] = {}
        self._expansions: dict[int, list[tuple[t.Expression, VariableScope, t.Expression]]] = {}

    def check_lets(self) -> None:
        """Check each condition once; one that is wrong says nothing where it is used.

        A condition may use those above it.
        """
        draft = self.draft
        for name, text in draft.study.let.items():
            if formula_head(name):
                continue  # a function is checked where it is used
            before = len(draft.problems)
            loc = ("let", name)
            expression = parse_at(draft.loaded.document, text, loc, draft.problems)
            if expression is not None:
                scope = VariableScope(draft.vocabulary, name, "boolean")
                expression = self.check(
                    expression, self._meaning("", "variables"), scope, "boolean"
                ).expression
            if expression is None or len(draft.problems) > before:
                expression = nothing(text, draft.loaded.document.span(loc))
                if draft.loaded.document.span(loc).file != draft.loaded.document.file:
                    # a library speaks of datasets that a study need not take
                    self._held[name] = draft.problems[before:]
                    del draft.problems[before:]
            self.lets[name] = expression

    def meaning(self, name: str) -> Meaning:
        """Return what references mean in the lines of a dataset, or in a form's expressions."""
        if name not in self._meanings:
            frame = self.draft.frames.get(name)
            self._meanings[name] = (
                self._meaning(name, "fields") if frame is None else self._meaning_in(frame)
            )
            if name in self.draft.tables:  # its columns are what the fields of a form are
                columns = {name: self.draft.tables[name]}
                self._meanings[name] = dataclasses.replace(self._meanings[name], forms=columns)
        return self._meanings[name]

    def check_of_record(
        self,
        expression: t.Expression,
        meaning: Meaning,
        scope: VariableScope,
        *wanted: Type,
        summaries: bool = False,
    ) -> Checked:
        """Type an expression that is asked of a record before there are others to choose from.

        With `summaries`, of other records it may ask what no order decides: any, count, min, max,
        sum and mean, without ``by``.
        """
        checked = self.check(expression, meaning, scope, *wanted)
        for node in checked.expression.choices:
            allowed = (
                summaries
                and isinstance(node, t.Aggregate)
                and node.kind not in t.Flag.CHOICES
                and not node.by
            )
            if not allowed:
                self.draft.problems.append(
                    Diagnostic(
                        "SPEC012",
                        "a choice or summary cannot stand where records are selected",
                        checked.expression.span(node),
                        help="make it a variable of the data set, and name that here",
                    )
                )
        return checked

    def check(
        self, expression: t.Expression, meaning: Meaning, scope: VariableScope, *wanted: Type
    ) -> Checked:
        """Type an expression; what does not fit is noted.

        Args:
            expression: What to check.
            meaning: What its references mean.
            scope: The study as its verbs see it.
            *wanted: Types that it may have; any type if none is given.
        """
        expression = self._expanded(expression, scope)
        counted = {
            id(node.operand)
            for node in expression.choices
            if isinstance(node, t.Aggregate) and node.kind in ("any", "count")
        }
        # The reference is kept beside its meaning, so that no other one can have its id.
        known: dict[int, tuple[t.Ref, Target | Diagnostic]] = {}

        def target(ref: t.Ref) -> "Target | Diagnostic":
            found = known.get(id(ref))
            if found is None:
                meant = meaning.of(ref, expression, counted=id(ref) in counted)
                found = known[id(ref)] = ref, meant
            return found[1]

        def type_of_ref(ref: t.Ref) -> "Type | Diagnostic":
            found = target(ref)
            return found.type if isinstance(found, Target) else found

        checker = Checker(expression, self.draft.verbs, scope, type_of_ref)
        found = checker.type_of(expression.tree)
        if not checker.problems and wanted and not fits(found, wanted):
            checker.problem(
                "SPEC014",
                f"{scope.target} is {article(wanted[0])}, but this is {article(found)}",
                help=mend(found, wanted[0]),
            )
        checked = Checked(expression, found, checker.type_of, checker.uses, target, scope)
        if not checker.problems and meaning.bare == "variables":
            self._require_groups(checked, checker, meaning)
        self.draft.problems.extend(checker.problems)
        return checked

    def _expanded(self, expression: t.Expression, scope: VariableScope) -> t.Expression:
        """Return an expression with what its names of ``let:`` and its verbs stand for."""
        try:
            if any(ref.name in self.lets for ref in expression.references):
                tree = t.substitute(expression.tree, self._let)
                expression = changed(expression, tree=tree)
            if any(stands_for_more(node, self.draft.verbs) for node in expression.verbs):
                expression = self._longer(expression, scope)
            # a tree has no more levels than nodes
            if len(expression.nodes) <= t.DEEPEST or t.depth(expression.tree) <= t.DEEPEST:
                return expression
        except TooDeepError:
            pass  # said below
        self.draft.problems.append(too_deep(expression.span()))
        return dataclasses.replace(expression, tree=t.Text(value=""))

    def _longer(self, expression: t.Expression, scope: VariableScope) -> t.Expression:
        """Return an expression with what its verbs stand for; the stages of a dataset share it."""
        known = self._expansions.setdefault(id(expression), [])
        found = next((longer for _written, of, longer in known if of == scope), None)
        if found is None:
            tree = expand(expression.tree, self.draft.verbs, scope)
            found = changed(expression, tree=tree)
            # The expression is kept beside it, so that no other one can have its id.
            known.append((expression, scope, found))
        return found

    @staticmethod
    def _require_groups(checked: Checked, checker: Checker, meaning: Meaning) -> None:
        """Note what cannot group records, though it stands behind ``by``."""
        if checked.expression.choices:
            forms = {name: fields for name, fields in meaning.forms.items() if fields is not None}
            known = {**meaning.datasets, **forms}
            for ref, expected in misplaced(checked, known, meaning.dataset):
                fact = f'"{ref}" cannot group these records'
                checker.problem("SPEC017", fact, ref, expected=expected)
        for ref, fact, help_ in astray(checked):
            checker.problem("SPEC045", fact, ref, help=help_)

    def _let(self, ref: t.Ref) -> t.Node | None:
        """Return the condition that a name of ``let:`` stands for."""
        if ref.qualifier is None and ref.name in self.lets:
            self.draft.problems.extend(self._held.pop(ref.name, ()))
            return t.placed(self.lets[ref.name].tree, ref)
        return None

    def _meaning_in(self, frame: Frame) -> Meaning:
        melts = [source.melt for source in frame.sources if source.melt]
        meaning = self._meaning(frame.name, "variables", frame.sources)
        return dataclasses.replace(
            meaning,
            constants={**self.constants, "dataset.domain": frame.domain},
            columns=[column for melt in melts for column in melt.tests.columns],
        )

    def _meaning(
        self, name: str, bare: Literal["variables", "fields"], sources: Sequence[RowSource] = ()
    ) -> Meaning:
        return Meaning(
            name,
            sources,
            bare,
            self.draft.fields,
            self._names,
            self.type_of_variable,
            self.constants,
            self.lets,
            unread=self.draft.loaded.unread,
            tables=self.draft.tables,
            single=self._single,
        )

    @cached_property
    def _single(self) -> frozenset[str]:
        """Return the datasets that have one record a subject."""
        subject = implied()["subject"]
        return frozenset(
            frame.name for frame in self.draft.frames.values() if frame.keys == (subject,)
        )

    @cached_property
    def _names(self) -> dict[str, Collection[str]]:
        return {frame.name: frame.lines for frame in self.draft.frames.values()}
