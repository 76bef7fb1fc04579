"""The order of work, found per variable: a dataset may read one that reads it."""

from collections.abc import Mapping

from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import ROWS, Batch, DatasetPlan, Need
from cdisc.errors import SpecError


def order_batches(datasets: Mapping[str, DatasetPlan]) -> tuple[Batch, ...]:
    """Group all variables into batches, each of one dataset, that can run one after another.

    Raises:
        SpecError: SPEC030, variables that need each other in a ring; each ring is named.
    """
    there = {(plan.name, name) for plan in datasets.values() for name in (ROWS, *plan.variables)}
    left: dict[str, dict[str, frozenset[Need]]] = {
        plan.name: {
            ROWS: plan.rows_needs & there,
            **{
                name: (one.needs | {(plan.name, ROWS)}) & there
                for name, one in plan.variables.items()
            },
        }
        for plan in datasets.values()
    }
    reads = {
        name: {name} | {dataset for need in needs.values() for dataset, _variable in need}
        for name, needs in left.items()
    }
    done: set[Need] = set()
    batches: list[Batch] = []
    rings: list[Diagnostic] = []
    ready: dict[str, list[tuple[str, ...]]] = {}  # until what a dataset reads changes
    while any(left.values()):
        for one, needs in left.items():
            if needs and one not in ready:
                ready[one] = _ready(one, needs, done)
        waiting = (one for one, needs in left.items() if needs)
        name = max(waiting, key=lambda one: sum(map(len, ready[one])))
        levels = ready[name]
        if not levels:
            ring = _ring(left, done)
            rings.append(_said(ring, datasets))
            for dataset, one in ring:
                done.add((dataset, one))
                left[dataset].pop(one, None)
            ready.clear()
            continue
        begins = levels[0] == (ROWS,)
        batches.append(Batch(name, begins, _split(levels[1:] if begins else levels)))
        for one in (one for level in levels for one in level):
            done.add((name, one))
            del left[name][one]
        for one in left:
            if name in reads[one]:
                ready.pop(one, None)
    if rings:
        raise SpecError(rings)
    return tuple(batches)


def _ready(
    name: str, needs: Mapping[str, frozenset[Need]], done: set[Need]
) -> list[tuple[str, ...]]:
    """Return what can be computed of a dataset now, in levels that build on each other."""
    have = set(done)
    levels: list[tuple[str, ...]] = []
    while True:
        known = {one for level in levels for one in level}
        level = tuple(one for one, need in needs.items() if one not in known and need <= have)
        if ROWS in level:
            level = (ROWS,)
        if not level:
            return levels
        levels.append(level)
        have |= {(name, one) for one in level}


def _split(levels: list[tuple[str, ...]]) -> tuple[tuple[str, ...], ...]:
    return tuple(level for level in levels if level)


def _ring(left: Mapping[str, Mapping[str, frozenset[Need]]], done: set[Need]) -> list[Need]:
    """Return variables each of which needs the next; the first is the last as well."""
    start = next((name, next(iter(needs))) for name, needs in left.items() if needs)
    path: list[Need] = [start]
    while True:
        dataset, name = path[-1]
        step = min(need for need in left[dataset][name] if need not in done)
        if step in path:
            return [*path[path.index(step) :], step]
        path.append(step)


def _said(ring: list[Need], datasets: Mapping[str, DatasetPlan]) -> Diagnostic:
    named = next((one for one in ring if one[1] != ROWS), ring[0])
    variable = datasets[named[0]].variables.get(named[1])
    names = [f"{datasets[d].shown}.{'(records)' if v == ROWS else v}" for d, v in ring]
    # the stages of a dataset count as the dataset itself
    told = [at for at in range(len(ring)) if names[at] != names[at - 1] or ring[at] == ring[at - 1]]
    said = " <- ".join(names[at] for at in dict.fromkeys([0, *told]))
    return Diagnostic(
        "SPEC030",
        "these variables need each other, in a ring",
        variable.checked.expression.span() if variable else None,
        found=(said,),
        help="take one of them from its own source, or make what they read in another dataset",
    )
