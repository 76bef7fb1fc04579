"""Published rules over a folder of datasets: what its define says, and how cases of rules fare."""

import collections
import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from cdisc.engine.database import Database
from cdisc.review.case_folder import define_of
from cdisc.validate.open_rules.cases import Case, Reported, cases_of
from cdisc.validate.open_rules.frames import STUDY
from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import Rule, UnknownConstructError
from cdisc.validate.open_rules.run import run
from cdisc.validate.open_rules.study import Study
from define_xml import Define


@dataclasses.dataclass(frozen=True)
class Outcome:
    """How a case of a rule fared.

    Attributes:
        case: The case.
        rule: The rule; None where it is not known here.
        why: What hindered it; empty where it ran.
        extra: What was found and not expected.
        missing: What was expected and not found.
    """

    case: Case
    rule: Rule | None
    why: str = ""
    extra: tuple[Reported, ...] = ()
    missing: tuple[Reported, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether exactly what was expected was found."""
        return not (self.why or self.extra or self.missing)


def run_cases(
    root: Path, rules: Mapping[str, Rule], unknown: Mapping[str, str], *, known_only: bool = False
) -> list[Outcome]:
    """Run every case below a folder, ``RULE/positive|negative/NUMBER``, in order.

    Args:
        root: The folder.
        rules: The rules by identifier.
        unknown: Why others cannot be run.
        known_only: Leave out cases of rules that are in neither; a clone has those of drafts too.
    """
    cases = cases_of(root)
    if known_only:
        cases = [one for one in cases if one.rule in rules or one.rule in unknown]
    # the datasets of a case are small: one thread is sooner done than many are woken
    with Database(threads=1, zone="UTC") as database:
        return [_outcome(case, rules, unknown, database) for case in cases]


def _outcome(
    case: Case, rules: Mapping[str, Rule], unknown: Mapping[str, str], database: Database
) -> Outcome:
    rule = rules.get(case.rule)
    if rule is None:
        return Outcome(case, None, unknown.get(case.rule, "there is no such rule"))
    study = case.study(database)
    try:
        if (define := define_of(case.folder / "data")) is not None:
            study.define = define_rows(define)
        found = reported(rule, study)
    except UnknownConstructError as error:
        return Outcome(case, rule, str(error))
    finally:
        study.close()
    expected = case.expected()
    if expected is None:  # only that there is something to find, or nothing
        wrong = case.name.startswith("negative") != bool(found)
        return Outcome(case, rule, "the case does not say what is expected" if wrong else "")
    got, wanted = _counted(found), _counted(expected)
    return Outcome(
        case, rule, "", tuple((got - wanted).elements()), tuple((wanted - got).elements())
    )


def reported(rule: Rule, study: Study) -> list[Reported]:
    """Return what a rule finds, value by value, as a results file says it."""
    return [
        Reported(one.dataset, str(one.record or ""), name, shown(value))
        for one in run(rule, study, Library(study))
        for name, value in one.values
    ]


def shown(value: Any) -> str:
    """Return a value as a results file says it; a missing one is empty."""
    return "" if value is None else str(value)


def _counted(reported: Iterable[Reported]) -> "collections.Counter[Reported]":
    """Count values, of which numbers and lists have one form; a line without variable is none.

    What is found of a whole study may be said once, or once for each of its datasets.
    """
    counts = collections.Counter(
        dataclasses.replace(one, value=_form(one.value)) for one in reported if one.variable
    )
    for one in counts:
        if one.dataset == STUDY:
            counts[one] = 1
    return counts


def _form(value: str) -> str:
    value = value.rstrip()
    if value == "null":
        return ""
    if value.startswith("["):  # a set, whose order says nothing
        try:
            return str(sorted(map(str, json.loads(value.replace("'", '"').replace("None", '""')))))
        except ValueError:
            return value
    try:
        return str(float(value))
    except ValueError:
        return value


def define_rows(define: Define) -> dict[str, list[dict[str, object]]]:
    """Return what a define says of each variable, by dataset, in the words of the rules."""
    items = {one.oid: one for one in define.items}
    codelists = {one.oid: one for one in define.codelists}
    found: dict[str, list[dict[str, object]]] = {}
    for group in define.item_groups:
        rows: list[dict[str, object]] = []
        for at, ref in enumerate(group.item_refs, 1):
            item = items.get(ref.item_oid)
            if item is None:
                continue
            codelist = codelists.get(item.codelist_oid or "")
            terms: Sequence[Any] = (*codelist.items, *codelist.enumerated) if codelist else ()
            origin = item.origins[0].type if item.origins else ""
            rows.append(
                {
                    "define_variable_name": item.name,
                    "define_variable_label": item.description or "",
                    "define_variable_data_type": item.data_type,
                    "define_variable_role": ref.role or "",
                    "define_variable_size": item.length or "",
                    "define_variable_length": item.length or "",
                    "define_variable_ccode": (codelist.code or "") if codelist else "",
                    "define_variable_format": item.display_format or "",
                    "define_variable_origin_type": origin or "",
                    "define_variable_is_collected": str(origin == "Collected"),
                    "define_variable_has_no_data": "Yes" if ref.has_no_data else "",
                    "define_variable_order_number": ref.order_number or at,
                    "define_variable_has_codelist": str(codelist is not None),
                    "define_variable_codelist_coded_values": [one.coded_value for one in terms],
                    "define_variable_codelist_coded_codes": [one.code for one in terms if one.code],
                    "define_variable_allowed_terms": [one.coded_value for one in terms],
                    "define_variable_mandatory": "Yes" if ref.mandatory else "No",
                    "define_variable_has_comment": str(item.comment_oid is not None),
                }
            )
        found[group.name.upper()] = rows
    return found
