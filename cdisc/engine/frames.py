"""Dataset files to frames: the class, the standard and the variables of each dataset."""

import dataclasses
from collections.abc import Iterable

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.lines import Line, Lines, implied, implied_expression
from cdisc.engine.pieces import set_by_source
from cdisc.engine.program import RowSource
from cdisc.engine.qualifiers import check_pointers
from cdisc.engine.relate import add_relations
from cdisc.engine.sources import read_sources
from cdisc.spec import LoadedDataset
from cdisc.standard import DatasetStandard

_BASIC = "BASIC DATA STRUCTURE"
_TIME_TO_EVENT = "TIME-TO-EVENT"
_OCCURRENCES = "OCCURRENCE DATA STRUCTURE"
_SUBJECT_LEVEL = "SUBJECT LEVEL ANALYSIS DATASET"


def make_frames(draft: Draft) -> None:
    """Add the frame of every dataset file to a draft, and of what supplements it."""
    for one in draft.loaded.datasets:
        frame = _frame(draft, one)
        draft.frames[frame.name] = frame
        if any(line.supp for line in frame.lines.values()):
            check_pointers(frame, draft.problems)
            supplement = _supplement(draft, frame, one)
            draft.frames[supplement.name] = supplement
    add_relations(draft)


def _frame(draft: Draft, one: LoadedDataset) -> Frame:
    model, stage = one.model, one.stage
    reader = Lines(one, draft.verbs, draft.problems)
    sources = tuple(read_sources(draft, one))
    class_name, standard = _class(draft, one, sources)
    domain = model.dataset[:2] if stage == "sdtm" else model.dataset
    frame = Frame(
        model.dataset, stage, domain, class_name, standard, model.keys, {}, reader, sources, one
    )
    language = implied()["implied"]
    names = {name.replace("--", domain): text for name, text in language[stage].items()}
    more = [language[_TIME_TO_EVENT]] if model.params else []
    frame.lines = reader.collect(lambda name: _is_listed(draft, frame, name), *more, names)
    set_by_source(draft, frame)
    _check_work(draft, frame)
    return frame


def _check_work(draft: Draft, frame: Frame) -> None:
    """Note what is not submitted though the standard has a variable of that name here."""
    bare = dataclasses.replace(frame, lines={})
    for line in frame.lines.values():
        if not line.work or not frame.submitted:
            continue
        known = draft.standard_of(bare, line.name)
        exact = known is not None and (known.template or "--").startswith("--")
        if exact:
            draft.problems.append(
                Diagnostic(
                    "SPEC040",
                    f"{line.name} is a variable that {frame.name} may have in the standard",
                    line.expression.span(),
                    help="put it under variables:, or give what you use yourself another name",
                )
            )


def _supplement(draft: Draft, parent: Frame, one: LoadedDataset) -> Frame:
    """Return the dataset of the supplemental qualifiers of another one."""
    name = f"SUPP{parent.name}"
    here = one.document.span(("supp",) if one.model.supp else ("dataset",), key=True)
    lines = {
        key: Line(key, implied_expression(text, here), implied=True)
        for key, text in implied()["implied"]["supp"].items()
    }
    standard = draft.sdtm.dataset(name)
    return Frame(
        name,
        "sdtm",
        parent.domain,
        standard.class_name if standard else "RELATIONSHIP",
        standard,
        tuple(implied()["supp_keys"]),
        lines,
        parent.reader,
        (RowSource("supp", parent.name, None, here),),
        parent=parent.name,
    )


def _is_listed(draft: Draft, frame: Frame, name: str) -> bool:
    if frame.stage == "sdtm" and frame.standard is not None:
        return frame.standard.variable(name) is not None
    # An analysis dataset, or a custom domain: what its class may have.
    return draft.standard_of(frame, name) is not None


def _class(
    draft: Draft, one: LoadedDataset, sources: Iterable[RowSource]
) -> tuple[str, DatasetStandard | None]:
    """Return the class of a dataset, and what the standard says of it."""
    if one.stage == "sdtm":
        return _sdtm_class(draft, one)
    return _adam_class(draft, one, sources)


def _sdtm_class(draft: Draft, one: LoadedDataset) -> tuple[str, DatasetStandard | None]:
    model = one.model
    standard = draft.sdtm.dataset(model.dataset)
    if standard is None and not model.class_ and model.submit == "yes":
        draft.problems.append(
            Diagnostic(
                "SPEC031",
                f"{draft.sdtm.name} {draft.sdtm.version} has no dataset {model.dataset}",
                one.document.span(("dataset",)),
                help=did_you_mean(model.dataset, draft.sdtm.names())
                or "give it a class: and a label:",
            )
        )
    return (standard.class_name if standard else model.class_ or ""), standard


def _adam_class(
    draft: Draft, one: LoadedDataset, sources: Iterable[RowSource]
) -> tuple[str, DatasetStandard | None]:
    model = one.model
    if draft.adam is None:
        draft.problems.append(
            Diagnostic(
                "SPEC032",
                "the study names no ADaMIG",
                one.document.span(("dataset",)),
                help="add adam: ADaMIG 1.3 under standards: in study.yaml",
            )
        )
        return model.class_ or "", None
    class_name = model.class_ or _likely_class(draft, one, sources)
    known = draft.adam.classes()
    if class_name not in known:
        draft.problems.append(
            Diagnostic(
                "SPEC033",
                f'no class of ADaM is called "{class_name}"',
                one.document.span(("class",)),
                expected=", ".join(known),
                help=did_you_mean(class_name, known),
            )
        )
        return class_name, None
    if model.params and class_name == _BASIC:
        class_name = _TIME_TO_EVENT
    return class_name, draft.adam.dataset(model.dataset, class_name)


def _likely_class(draft: Draft, one: LoadedDataset, sources: Iterable[RowSource]) -> str:
    """Return the class of an analysis dataset that names none, by what it is made of."""
    if one.model.params:
        return _TIME_TO_EVENT
    if one.model.keys == (implied()["subject"],):
        return _SUBJECT_LEVEL
    found = [draft.sdtm.dataset(source.name) for source in sources]
    if {standard.class_name for standard in found if standard} & {"EVENTS", "INTERVENTIONS"}:
        return _OCCURRENCES
    return _BASIC
