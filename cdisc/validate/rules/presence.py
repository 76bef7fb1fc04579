"""What a package must hold as a whole: datasets, variables and values that have to be there."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from cdisc.dataset import Dataset
from cdisc.resources import specs_root
from cdisc.standard import SdtmStandard
from cdisc.validate.columns import pc
from cdisc.validate.rules.model import Finding, Grade

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)


@dataclasses.dataclass(frozen=True, slots=True)
class Presence:
    """A rule about what is there.

    Attributes:
        code: Its id.
        severity: How grave it is that something is lacking.
        stage: ``sdtm`` or ``adam``.
        message: What is lacking.
        source: Where the standard says so.
        needs: Datasets that must be there.
        given: Datasets that make the rule hold; it always does if there are none.
        has: Dataset, variable and value that a record of it must have.
        variable: Dataset and the variable that it must have.
        filled: Cores of the standard of which a variable must have a value somewhere.
        dated: Templates of variables that must be dates or times, with a format that shows it.
        like: Codes of checks that say the same.
        good: Datasets that keep the rule.
        bad: Datasets that break it.
    """

    code: str
    severity: Grade
    stage: str
    message: str
    source: str
    needs: tuple[str, ...] = ()
    given: tuple[str, ...] = ()
    has: tuple[str, str, str] | None = None
    variable: tuple[str, str] | None = None
    filled: tuple[str, ...] = ()
    dated: tuple[str, ...] = ()
    like: tuple[str, ...] = ()
    good: Mapping[str, Sequence[Mapping[str, str]]] = dataclasses.field(default_factory=dict)
    bad: Mapping[str, Sequence[Mapping[str, str]]] = dataclasses.field(default_factory=dict)


@cache
def load_presence(stage: str) -> tuple[Presence, ...]:
    """Return the rules about what data of a stage, ``sdtm`` or ``adam``, must hold."""
    return tuple(_read(specs_root() / "rules" / "package" / f"{stage}.yaml"))


def _read(path: Path) -> Iterator[Presence]:
    content = yaml.load(path.read_text(encoding="utf-8"), Loader=_LOADER)  # noqa: S506  makes text only
    for one in content["rules"]:
        has, variable = one.get("has"), one.get("variable")
        yield Presence(
            code=one["id"],
            severity=cast("Grade", one["severity"]),
            stage=content["stage"],
            message=one["message"],
            source=one["source"],
            needs=tuple(one.get("needs", ())),
            given=tuple(one.get("given", ())),
            has=(has["dataset"], has["variable"], has["value"]) if has else None,
            variable=(variable["dataset"], variable["name"]) if variable else None,
            filled=tuple(one.get("filled", ())),
            dated=tuple(one.get("dated", ())),
            like=tuple(one.get("like", ())),
            good=one["good"],
            bad=one["bad"],
        )


def check_presence(
    rules: Sequence[Presence],
    datasets: Sequence[Dataset],
    others: Sequence[Dataset] = (),
    guide: SdtmStandard | None = None,
) -> tuple[Finding, ...]:
    """Return what a package lacks.

    Args:
        rules: Rules of the stage of the datasets.
        datasets: The datasets that are judged.
        others: Datasets of the stage before, which may make a rule hold.
        guide: The guide that the datasets follow, where rules ask of its cores.
    """
    known = {one.name: one for one in (*others, *datasets)}
    found = [_finding(rule) for rule in rules if _lacks(rule, known)]
    for rule in rules:
        for dataset in datasets:
            found += (_of_variable(rule, dataset, one) for one in _poor(rule, dataset, guide))
    return tuple(found)


def _poor(rule: Presence, dataset: Dataset, guide: SdtmStandard | None) -> Iterator[str]:
    """Yield the variables of a dataset that have no value, or are dates that do not look so."""
    for one in dataset.variables if dataset.table.num_rows else ():
        if any(fnmatchcase(one.name, template) for template in rule.dated):
            if one.kind == "number" and not one.format:
                yield one.name
        elif rule.filled and guide is not None:
            known = guide.variable(dataset.name, one.name, class_name=dataset.class_name)
            values = dataset.table.column(one.name)
            if known is not None and known.core in rule.filled and values.null_count == len(values):
                yield one.name


def _of_variable(rule: Presence, dataset: Dataset, name: str) -> Finding:
    return Finding(
        code=rule.code,
        severity=rule.severity,
        message=rule.message.replace("{variable}", name),
        dataset=dataset.name,
        variable=name,
        records=dataset.table.num_rows,
        source=rule.source,
    )


def _lacks(rule: Presence, known: Mapping[str, Dataset]) -> bool:
    if not all(one in known for one in rule.given):
        return False
    if not all(one in known for one in rule.needs):
        return True
    if rule.has is not None:
        name, variable, value = rule.has
        return name in known and not _holds(known[name], variable, value)
    if rule.variable is not None:
        name, variable = rule.variable
        return name in known and variable not in known[name].table.column_names
    return False


def _holds(dataset: Dataset, variable: str, value: str) -> bool:
    if variable not in dataset.table.column_names:
        return True  # that the variable is absent is another finding
    return bool(pc.any(pc.equal(dataset.table.column(variable), value)).as_py())


def _finding(rule: Presence) -> Finding:
    dataset, variable = "", ""
    if rule.has is not None:
        dataset, variable = rule.has[:2]
    elif rule.variable is not None:
        dataset, variable = rule.variable
    elif rule.needs:
        dataset = rule.needs[0]
    return Finding(
        code=rule.code,
        severity=rule.severity,
        message=rule.message,
        dataset=dataset,
        variable=variable,
        source=rule.source,
    )
