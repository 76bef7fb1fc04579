"""Mapping files to a `Program`: every word tied to what it means, all mistakes at once."""

from collections.abc import Mapping, Sequence

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.declared import declared_mistakes
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.forms import check_usubjid, plan_form
from cdisc.engine.frames import make_frames
from cdisc.engine.lines import implied
from cdisc.engine.names import check_names
from cdisc.engine.order import order_batches
from cdisc.engine.program import Batch, DatasetPlan, Program
from cdisc.engine.rows import complete
from cdisc.engine.stages import add_stages, without_unused
from cdisc.engine.step_plan import step_mistakes
from cdisc.engine.variables import Variables
from cdisc.errors import SpecError
from cdisc.spec import LoadedStudy


def resolve(loaded: LoadedStudy, fields: Mapping[str, Sequence[str]] | None = None) -> Program:
    """Resolve a study.

    Args:
        loaded: The mapping files.
        fields: Fields of each raw form, or None where the data are not at hand;
            then a field of any name is accepted.

    Raises:
        SpecError: SPEC001 to SPEC039: the mistakes of form that loading noted and
            those of the language, of all files together.
        StandardNotFoundError: A standard that the study pins is not carried.
    """
    program, mistakes = attempt(loaded, fields)
    if mistakes:
        raise SpecError(mistakes)
    return program


def attempt(
    loaded: LoadedStudy, fields: Mapping[str, Sequence[str]] | None = None
) -> tuple[Program, tuple[Diagnostic, ...]]:
    """Resolve a study as far as it is sound, and return its mistakes beside it; see `resolve`.

    A program with mistakes can be looked at and cannot be run.
    """
    draft = Draft(loaded, fields)
    make_frames(draft)
    add_stages(draft)
    draft.problems.extend(check_names(draft))
    variables = Variables(draft)
    expressions = variables.expressions
    forms = {
        name: plan_form(expressions, name, number) for number, name in enumerate(draft.study.raw)
    }
    usubjid = check_usubjid(expressions)
    datasets = {frame.name: _dataset(variables, frame) for frame in draft.frames.values()}
    datasets = without_unused(datasets)
    batches = _batches(draft, datasets)
    draft.problems.extend(declared_mistakes(loaded, datasets, draft.vocabulary))
    draft.problems.extend(step_mistakes(loaded, datasets, implied()["subject"]))
    program = Program(
        loaded, draft.vocabulary, implied()["subject"], forms, usubjid, datasets, batches,
        tuple(draft.packages),
    )  # fmt: skip
    return program, tuple(dict.fromkeys(draft.problems))


def _batches(draft: Draft, datasets: Mapping[str, DatasetPlan]) -> tuple[Batch, ...]:
    try:
        return order_batches(datasets)
    except SpecError as error:
        draft.problems.extend(error.diagnostics)
        return ()


def _dataset(variables: Variables, frame: Frame) -> DatasetPlan:
    plans = {name: variables.plan(frame.name, name) for name in frame.lines}
    names = [line.name for line in frame.lines.values() if not line.supp and not line.work]
    _check_keys(variables.draft, frame)
    plan = DatasetPlan(
        frame.name,
        frame.stage,
        frame.domain,
        frame.standard,
        frame.class_name,
        frame.sources,
        frame.keys,
        plans,
        tuple(_order(variables.draft, frame, names)),
        frozenset(),
        parent=frame.parent,
        sequence=_sequence(frame, names),
        loaded=frame.loaded,
        submitted=frame.submitted,
        of=frame.of,
        taken=frame.taken,
        of_subjects=variables.draft.has_subjects(frame),
    )
    return complete(variables, frame, plan)


def _order(draft: Draft, frame: Frame, names: Sequence[str]) -> Sequence[str]:
    """Return variables in the order of the standard."""
    if frame.stage == "sdtm":
        continuing = [name for name in names if frame.lines[name].label]
        others = [name for name in names if name not in continuing]
        order = draft.sdtm.order(frame.shown, others, class_name=frame.class_name)
        for name in reversed(continuing):  # each behind the variable that goes on in it
            order.insert(order.index(frame.lines[name].companion_of or "") + 1, name)
        return order
    if draft.adam and frame.standard:
        return draft.adam.order(frame.class_name, names)
    return names


def _check_keys(draft: Draft, frame: Frame) -> None:
    """Note the keys of a file that are no variables of its dataset."""
    if frame.loaded is None:
        return
    for index, key in enumerate(frame.keys):
        unknown = frame.standard is None and key == implied()["subject"]
        if key not in frame.lines and not unknown:
            draft.problems.append(
                Diagnostic(
                    "SPEC034",
                    f'key "{key}" is not a variable of {frame.shown}',
                    frame.loaded.document.span(("keys", index)),
                    help=did_you_mean(key, frame.lines),
                )
            )


def _sequence(frame: Frame, names: Sequence[str]) -> str | None:
    """Return the variable that numbers the records of a dataset, or None."""
    templates: Sequence[str] = implied()["sequence"]
    own = [template.replace("--", frame.name[:2]) for template in templates]
    length = max(len(template) for template in templates)
    others = [name for name in names if name.endswith("SEQ") and len(name) == length]
    return next((name for name in (*own[:1], *others, *own[1:]) if name in names), None)
