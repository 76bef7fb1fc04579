"""Variables that the standard asks for and nobody fills."""

import re
from collections.abc import Iterator

from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import DatasetPlan, VariablePlan
from cdisc.engine.proof.holdings import Holdings, is_plain
from cdisc.engine.proof.places import Place, Study
from cdisc.language import tree as t
from cdisc.standard import load_sdtm

_FREE = "ADAM OTHER"  # a class that asks for no variables of its own
_NAME = re.compile(r"[A-Z_][A-Z0-9_]*")  # no template, such as --SEQ or TRTxxP
_WORDS = {"Req": ("SPEC072", "required"), "Exp": ("SPEC073", "expected")}


def check_presence(plan: DatasetPlan) -> Iterator[Diagnostic]:
    """Find required and expected variables of the guide that no line makes.

    Source:
        SDTMIG v3.4, section 4.1.5, Core Variables; ADaMIG v1.3, section 3.
    """
    if plan.loaded is None or plan.standard is None or plan.of or not plan.submitted:
        return
    if plan.class_name == _FREE:
        return
    for core, (code, word) in _WORDS.items():
        absent = [
            one.name
            for one in plan.standard.variables
            if one.core == core and _NAME.fullmatch(one.name) and one.name not in plan.variables
        ]
        if absent:
            many = len(absent) > 1
            yield Diagnostic(
                code,
                f"{plan.name} has no line for {len(absent)} {word} variable{'s' if many else ''}",
                plan.loaded.document.span(("dataset",)),
                expected=", ".join(absent),
                help=_help(core, absent),
                dataset=plan.name,
            )


def _help(core: str, absent: list[str]) -> str:
    if core == "Req":
        return f"add a line under variables: {absent[0]}: ..."
    return f"add a line, or say why there are no data: no_data: {{Not collected: [{absent[0]}]}}"


def check_filled(place: Place, holdings: Holdings) -> Iterator[Diagnostic]:
    """Find a variable that is missing on every record, though its line does not say so.

    Source:
        SDTMIG v3.4, section 4.1.5: a required variable cannot be null for any record.
    """
    plan, variable = place.plan, place.variable
    if plan is None or variable is None or not is_plain(plan):
        return
    tree = place.checked.expression.tree
    if not holdings.of(place.checked, tree, plan).nothing:
        return
    required = plan.stage == "sdtm" and variable.standard and variable.standard.core == "Req"
    if required:
        yield Diagnostic(
            "SPEC072",
            f"{variable.name} is required, and its line leaves it missing",
            place.span(),
            help="say what it is made of",
            dataset=plan.name,
            variable=variable.name,
        )
    elif not isinstance(tree, t.Text):  # '' says so itself
        yield _never_filled(place, plan, variable)


def _never_filled(place: Place, plan: DatasetPlan, variable: VariablePlan) -> Diagnostic:
    name = variable.name.removeprefix("supp:")
    return Diagnostic(
        "SPEC079",
        f"{name} is missing on every record",
        place.span(),
        help="what it reads is never filled: correct that, or write '' and why in a comment",
        dataset=plan.name,
        variable=name,
    )


def check_qualifiers(study: Study, plan: DatasetPlan) -> Iterator[Diagnostic]:
    """Find supplemental qualifiers that the standard has as variables of the dataset.

    Source:
        SDTMIG v3.4, section 8.4: what the model has is no supplemental qualifier.
    """
    if plan.loaded is None or plan.stage != "sdtm":
        return
    guide = load_sdtm(study.program.loaded.study.standards.sdtm.split(" ")[1])
    for name in plan.loaded.model.supp:
        known = guide.variable(plan.name, name, class_name=plan.class_name)
        if known is not None:
            yield Diagnostic(
                "SPEC080",
                f"{name} is a variable that {plan.name} may have in the standard",
                plan.loaded.document.span(("supp", name), key=True),
                expected=known.label,
                help="put it under variables:, or give the qualifier another name",
                dataset=plan.name,
                variable=name,
            )
