"""Steps as the language sees them: a verb of their own over what they read.

A variable that a step writes is an expression like any other: a call whose arguments
are the step's ``reads`` and ``with``. So its needs, its lineage, its origin, its place
in the order of work and its method text follow from the tree, as for every line.
"""

from collections.abc import Callable, Iterator, Mapping

from cdisc.diagnostics import Span
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Sql, Type, Typing, Use, Verb, Verbs, Words
from cdisc.record import record
from cdisc.source import Loc
from cdisc.spec import LoadedDataset, LoadedStudy
from cdisc.spec.dataset import VariableBlock
from cdisc.spec.step import StepBlock


@record()
class Written:
    """A variable that a step writes."""

    name: str
    expression: t.Expression
    block: VariableBlock
    step: int


def written_by_steps(one: LoadedDataset) -> Iterator[Written]:
    """Yield the variables that the steps of a dataset file write."""
    for number, step in enumerate(one.model.steps):
        tree = t.Call(name=_verb_name(one.model.dataset, number), arguments=(*_arguments(step),))
        for name, said in step.writes.items():
            expression = t.Expression(_text(step), tree, _places(one, number, step, name))
            yield Written(name, expression, VariableBlock(map=_text(step), **dict(said)), number)


def step_verbs(loaded: LoadedStudy) -> Verbs:
    """Return a verb for each step of a study; no expression can name it."""
    return {
        f"call {verb.name}": verb
        for one in loaded.datasets
        for number, step in enumerate(one.model.steps)
        for verb in (_verb(_verb_name(one.model.dataset, number), step),)
    }


def read_of(checked_tree: t.Node) -> tuple[t.Ref, ...]:
    """Return what a step reads of its records, by the tree of a variable that it writes."""
    assert isinstance(checked_tree, t.Call)
    return tuple(one for one in checked_tree.arguments if isinstance(one, t.Ref))


def tables_of(checked_tree: t.Node) -> Mapping[str, tuple[t.Ref, ...]]:
    """Return what a step reads of each table of its own, by dataset or form."""
    assert isinstance(checked_tree, t.Call)
    found: dict[str, list[t.Ref]] = {}
    for one in checked_tree.arguments:
        if isinstance(one, t.Aggregate):
            assert isinstance(one.operand, t.Ref)
            assert one.operand.qualifier
            found.setdefault(one.operand.qualifier, []).append(one.operand)
    return {name: tuple(refs) for name, refs in found.items()}


def _verb_name(dataset: str, number: int) -> str:
    return f"step {number + 1} of {dataset}"  # the blanks keep it out of every expression


def _text(step: StepBlock) -> str:
    return step.python or step.sql or ""


def _arguments(step: StepBlock) -> Iterator[t.Node]:
    """Yield the references of a step; each stands at a place of its own, see `_places`."""
    at = 0
    for text in step.reads:
        at -= 1
        qualifier, _, name = text.rpartition(".")
        yield t.Ref(qualifier=qualifier or None, name=name, start=at, end=at)
    for source, names in step.with_.items():
        for name in names:
            at -= 1
            ref = t.Ref(qualifier=source, name=name, start=at, end=at)
            # all records of the dataset: nothing is joined
            yield t.Aggregate(kind="count", operand=ref, start=at, end=at)


def _places(
    one: LoadedDataset, number: int, step: StepBlock, written: str
) -> Callable[[int, int], Span]:
    """Return what gives the place of a reference, or of the variable that is written."""
    document = one.document
    locs: list[Loc] = [("reads", index) for index in range(len(step.reads))]
    locs += [
        ("with", source, index)
        for source, names in step.with_.items()
        for index in range(len(names))
    ]

    def locate(start: int, _end: int) -> Span:
        if start < 0:
            return document.span(("steps", number, *locs[-start - 1]))
        key: Loc = ("steps", number, "writes", written)
        listed = (*step.writes,).index(written)
        return (
            document.span(key, key=True)
            if key in document.values
            else document.span(("steps", number, "writes", listed))
        )

    return locate


def _verb(name: str, step: StepBlock) -> Verb:
    def rule(use: Use, check: Typing) -> Type:
        for node in use.nodes("reads"):
            inner = node.operand if isinstance(node, t.Aggregate) else node
            assert inner is not None
            check.type_of(inner)
        return check.scope.target_type

    def english(_use: Use, _words: Words) -> str:
        return " ".join(step.says.split()).removesuffix(".")

    def sql(_use: Use, _out: Sql) -> str:
        raise NotImplementedError(name)  # its values are stored by the run

    return Verb(
        name=name,
        form="call",
        summary="A step of the study.",
        missing="As the step says.",
        rule=rule,
        sql=sql,
        english=english,
        example="",
        arguments=(Argument("reads", "value", many=True),),
        effect="derives",
    )
