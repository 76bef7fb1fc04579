"""What a variable needs first: lineage, read from the tree."""

from collections.abc import Collection, Iterator, Mapping
from typing import Protocol

from cdisc.engine.lines import implied
from cdisc.engine.meaning import ROW_VALUES
from cdisc.engine.program import ROWS, Checked, Need
from cdisc.language import tree as t


class Framed(Protocol):
    """What is needed to know of a dataset here."""

    @property
    def keys(self) -> tuple[str, ...]:
        """Its keys."""

    @property
    def lines(self) -> Mapping[str, object]:
        """Its variables."""


def aggregate_source(node: t.Aggregate, checked: Checked) -> tuple[str, str] | None:
    """Return the kind and name of what an aggregate runs over; None for its own dataset.

    The kind is ``dataset``, ``form``, or ``another`` for the other records of its own.
    """
    if node.operand is None:
        return None
    for ref in t.references(node.operand):
        target = checked.target(ref)
        if target.table:
            continue
        if target.kind == "another":
            return "another", target.qualifier
        if target.kind in ("other", "dataset"):
            return "dataset", target.qualifier
        if target.kind in ("form", "records", "field"):
            return "form", target.qualifier
        if target.kind == "row" and ref.qualifier not in ROW_VALUES:
            return ("form" if target.qualifier.islower() else "dataset"), target.qualifier
    return None


def operand_sources(node: t.Aggregate) -> set[str]:
    """Return every dataset or form that the operand of an aggregate names."""
    return (
        {ref.qualifier for ref in t.references(node.operand) if ref.qualifier}
        if node.operand
        else set()
    )


def is_correlated(node: t.Aggregate, checked: Checked) -> bool:
    """Say whether an aggregate compares other records with the record at hand."""
    source = aggregate_source(node, checked)
    if source is None or source[0] == "another":
        return source is not None
    inside = [node.where] if node.where is not None else []
    if node.operand is not None:
        inside.append(node.operand)
    targets = [checked.target(ref) for part in inside for ref in t.references(part)]
    return any(
        one.kind == "own" or (one.kind in ("row", "field") and one.qualifier != source[1])
        for one in targets
    )


def misplaced(
    checked: Checked, known: Mapping[str, Collection[str]], dataset: str
) -> Iterator[tuple[t.Ref, str]]:
    """Yield what stands behind ``by`` and cannot group records, with what can.

    Args:
        checked: A sound expression of a dataset.
        known: Variables of each dataset, and fields of each form where they are known.
        dataset: The dataset.
    """
    for node in checked.expression.choices:
        source = aggregate_source(node, checked) if isinstance(node, t.Aggregate) else None
        there = known.get(source[1]) if source else None
        for ref in node.by:
            own = checked.target(ref).kind == "own"
            if not own or (there is not None and ref.name not in there):
                two = source is not None and source[1] != dataset
                both = (
                    f"{dataset} and {source[1]} both have" if source and two else f"{dataset} has"
                )
                yield ref, f"variables that {both}"


def astray(checked: Checked) -> Iterator[tuple[t.Ref, str, str]]:
    """Yield what names another record where there is none, or this one where one is chosen.

    With it come the fact and what to write.
    """
    within: set[int] = set()
    for node in checked.expression.choices:
        if not isinstance(node, t.Aggregate):
            continue
        source = aggregate_source(node, checked)
        if source is not None and source[0] == "another":
            within |= {id(ref) for ref in t.references(node)}
            for one in node.order:
                if not one.ref.is_other():
                    fact = f"{one.ref} is the same for all other records, and orders none of them"
                    yield one.ref, fact, f"write {t.OTHER}.{one.ref.name}"
    for ref in checked.expression.references:
        if ref.is_other() and id(ref) not in within:
            fact = f"{ref} means another record, and nothing here says which"
            yield ref, fact, f"first {ref} where ... order ..., or any {t.OTHER} where ..."


def is_setwise(checked: Checked) -> bool:
    """Say whether an expression looks at other records of its own dataset."""
    if any(use.verb.by_distinct or use.verb.setwise for use in checked.uses.values()):
        return True
    for node in checked.expression.choices:
        if not isinstance(node, t.Aggregate):
            return True
        if aggregate_source(node, checked) is None or is_correlated(node, checked):
            return True
    return any(checked.target(ref).kind == "sequence" for ref in checked.expression.references)


def needs_of(checked: Checked, frames: Mapping[str, Framed], dataset: str) -> frozenset[Need]:
    """Return the variables and records that must be there before an expression runs.

    An expression with a reference that means nothing needs nothing: it will not run.
    """
    return frozenset(_needs(checked, frames, dataset)) if checked.sound else frozenset()


def _chosen(checked: Checked) -> set[int]:
    """Return the references to the very records that an aggregate runs over: none is joined."""
    found: set[int] = set()
    for node in checked.expression.choices:
        source = aggregate_source(node, checked) if isinstance(node, t.Aggregate) else None
        if source is not None:
            refs = t.references(node)
            found |= {id(ref) for ref in refs if checked.target(ref).qualifier == source[1]}
    return found


def _needs(checked: Checked, frames: Mapping[str, Framed], dataset: str) -> Iterator[Need]:
    chosen = _chosen(checked)
    for ref, target in checked.refs():
        if target.kind == "own" or (target.kind == "another" and target.name):
            yield dataset, target.name
        elif target.kind == "sequence":
            yield from ((dataset, key) for key in frames[dataset].keys)
        elif target.kind == "other" or (target.kind == "row" and target.qualifier in frames):
            yield target.qualifier, target.name
            yield target.qualifier, ROWS
            if target.kind == "other" and id(ref) not in chosen:
                yield from _joins(frames, dataset, target.qualifier)
        elif target.kind == "dataset":
            yield target.qualifier, ROWS
    for node in checked.expression.choices:
        if isinstance(node, t.Aggregate) and (source := aggregate_source(node, checked)):
            yield from ((source[1], ref.name) for ref in node.by if source[0] == "dataset")


def _joins(frames: Mapping[str, Framed], dataset: str, other: str) -> Iterator[Need]:
    for key in join_keys(frames, dataset, other):
        yield dataset, key
        yield other, key


def join_keys(frames: Mapping[str, Framed], dataset: str, other: str) -> list[str]:
    """Return the keys of another dataset that a dataset has as variables, the subject aside."""
    if dataset not in frames:
        return []
    own = frames[dataset].lines
    subject = implied()["subject"]
    return [key for key in frames[other].keys if key in own and key != subject]
