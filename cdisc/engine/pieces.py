"""Variables whose expression depends on where a record comes from: ``set`` of a row source.

Such a variable has one expression all the same, so that types, needs, lineage and SQL
follow from one tree: a `BySource` with a piece for each source. Every piece keeps its
own place in the file.
"""

import dataclasses
from bisect import bisect_right
from collections.abc import Sequence

from cdisc.diagnostics import Diagnostic, Span, did_you_mean
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.lines import Line, nothing
from cdisc.language import tree as t
from cdisc.record import record
from cdisc.source import Loc

# What a record is, whatever it is made from.
_BETWEEN = "; "
_IDENTITIES = {"study.id", "dataset.domain", "rows.subject", "sequence"}


def set_by_source(draft: Draft, frame: Frame) -> None:
    """Give the variables that row sources set an expression by source.

    Args:
        draft: Takes the mistakes: SPEC041, what cannot be set.
        frame: The dataset; its lines are changed.
    """
    pieces: dict[str, dict[int, t.Expression]] = {}
    companions: dict[str, Line] = {}
    for number, source in enumerate(frame.sources):
        for name, text in source.sets.items():
            loc: Loc = (*source.sets_at, name)
            here = frame.reader.document.span(loc)
            if not check_settable(draft, frame, name, loc):
                continue
            expression = frame.reader.expression(text, loc) or nothing(text, here)
            pieces.setdefault(name, {})[number] = expression
            for more in frame.reader.companions(Line(name, expression)):
                if more.name not in source.sets:
                    companions.setdefault(more.name, more)
                    pieces.setdefault(more.name, {})[number] = more.expression
    for name, found in pieces.items():
        line = frame.lines.get(name) or companions.get(name)
        line = line or Line(name, next(iter(found.values())))
        default = line.expression if name in frame.lines else None
        frame.lines[name] = dataclasses.replace(line, expression=by_source(found, default))


def check_settable(draft: Draft, frame: Frame, name: str, loc: Loc) -> bool:
    """Say whether a variable may be set; note why not."""
    line = frame.lines.get(name)
    span = frame.reader.document.span(loc, key=True)
    if line is not None and line.implied and line.expression.text in _IDENTITIES:
        fact, help_ = f"{name} says what a record is: it cannot be set", "take it out of set:"
        draft.problems.append(Diagnostic("SPEC041", fact, span, help=help_))
        return False
    if line is not None and line.step is not None:
        fact, help_ = f"{name} is written by a step, on all records", "set what the step reads"
        draft.problems.append(Diagnostic("SPEC041", fact, span, help=help_))
        return False
    known = line is not None or draft.standard_of(frame, name) is not None
    if not known and frame.submitted:
        fact = f'{frame.shown} has no variable "{name}"'
        line_of_it = f"give it a line: {name}: {{map: '', label: ...}}"
        help_ = did_you_mean(name, frame.lines) or line_of_it
        draft.problems.append(Diagnostic("SPEC041", fact, span, help=help_))
        return False
    return True


def by_source(pieces: dict[int, t.Expression], default: t.Expression | None) -> t.Expression:
    """Return one expression of several, by the index of the row source.

    Args:
        pieces: Expression of each source that has its own.
        default: That of all others, or None.
    """
    parts = [*([default] if default else []), *pieces.values()]
    starts = [0]
    for part in parts[:-1]:
        starts.append(starts[-1] + len(part.text) + len(_BETWEEN))
    trees = [moved(part.tree, start) for part, start in zip(parts, starts, strict=True)]
    own = trees[1:] if default else trees
    branches = tuple(_branch(number, tree) for number, tree in zip(pieces, own, strict=True))
    tree = t.BySource(
        branches=branches, default=trees[0] if default else None, end=len(parts[0].text)
    )
    return t.Expression(_BETWEEN.join(part.text for part in parts), tree, _Places(parts, starts))


def _branch(number: int, value: t.Node) -> t.Branch:
    place = {"start": value.start, "end": value.end}
    source = t.Ref(qualifier="rows", name="source", **place)
    here = t.Number(value=str(number + 1), **place)
    condition = t.Compare(operator="=", left=source, right=here, **place)
    return t.Branch(condition=condition, value=value, **place)


@record()
class _Places:
    """Finds the place of characters in the piece that they belong to."""

    parts: Sequence[t.Expression]
    starts: Sequence[int]

    def __call__(self, start: int, end: int) -> Span:
        at = bisect_right(self.starts, start) - 1
        part, first = self.parts[at], self.starts[at]
        return part.locate(start - first, min(end - first, len(part.text)))


def moved(tree: t.Node, by: int) -> t.Node:
    """Return a tree whose places are so many characters further on."""
    places = {"start": tree.start + by, "end": tree.end + by}
    if isinstance(tree, t.Step):
        places["name_start"] = tree.name_start + by
    return t.over(tree, moved, by, **places)
