"""All proofs of a study, in the order of its files."""

from collections.abc import Iterable, Iterator

from cdisc.diagnostics import Diagnostic, in_file_order
from cdisc.engine.program import Program
from cdisc.engine.proof.conditions import check_conditions
from cdisc.engine.proof.holdings import Holdings
from cdisc.engine.proof.joins import check_joins
from cdisc.engine.proof.partial import PartialDates
from cdisc.engine.proof.places import Study
from cdisc.engine.proof.presence import check_filled, check_presence, check_qualifiers
from cdisc.engine.proof.terms import check_terms
from cdisc.engine.proof.unused import Unused

# What a build says again of the data themselves: by validation, or by the run.
SAID_AGAIN = frozenset({"SPEC072", "SPEC073", "SPEC077"})


def prove(program: Program, mistakes: Iterable[Diagnostic] = ()) -> tuple[Diagnostic, ...]:
    """Return what can be known to be wrong, or to do nothing, before there are data.

    Args:
        program: A study; `cdisc.engine.resolve.attempt` gives one that has mistakes too.
        mistakes: Its mistakes; nothing is said of the lines that they are in.

    Returns:
        Warnings and notes (SPEC070 to SPEC080), in the order of the files.
    """
    return in_file_order(dict.fromkeys(_findings(Study(program, mistakes))))


def _findings(study: Study) -> Iterator[Diagnostic]:
    holdings, dates = Holdings(study), PartialDates(study)
    for place in study.places:
        yield from check_conditions(place, holdings)
        yield from check_terms(place, study.program)
        yield from check_filled(place, holdings)
        yield from check_joins(place, study)
        yield from dates.check(place)
    for plan in study.program.datasets.values():
        if plan.of is not None:
            continue  # what is there or not is asked of the dataset, not of its stages
        yield from check_presence(plan)
        yield from check_qualifiers(study, plan)
    yield from Unused(study).check()
