"""A published rule as typed values: what it checks, of which datasets, and what it reports."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

Kind = Literal["all", "any", "not"]


class UnknownConstructError(Exception):
    """A rule says what is not known here; it is listed, and never skipped in silence."""


@dataclasses.dataclass(frozen=True)
class Test:
    """One condition on a variable.

    Attributes:
        operator: Name of the operator.
        name: The variable, with ``--`` for the letters of the domain; or None.
        value: What it is compared with: a literal, a name, a list of them, or None.
        literal: Whether a text is meant as it stands and is no name.
        options: Other parameters of the operator.
    """

    operator: str
    name: str | None
    value: Any
    literal: bool
    options: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Group:
    """Conditions of which all, any or none shall hold."""

    kind: Kind
    parts: tuple["Condition", ...]


Condition: TypeAlias = Test | Group


@dataclasses.dataclass(frozen=True)
class Operation:
    """A value that is computed beside the data, under a name like ``$dy``."""

    id: str
    operator: str
    name: str | None
    domain: str | None
    group: tuple[str, ...]
    filter: Mapping[str, Any]
    options: Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Match:
    """A dataset that is joined to the one that is checked.

    Attributes:
        name: The dataset; ``SUPP--`` is that of the domain.
        keys: Pairs of variables: of the dataset that is checked, and of this one.
        child: The dataset checked has the records that point at those of this one.
        wildcard: What stands for ``**`` in names of the other dataset's variables.
        join: ``inner`` or ``left``.
    """

    name: str
    keys: tuple[tuple[str, str], ...]
    child: bool
    wildcard: str | None
    join: str


@dataclasses.dataclass(frozen=True)
class Scope:
    """The datasets and uses that a rule is for; an empty tuple leaves the matter open."""

    classes: tuple[str, ...]
    not_classes: tuple[str, ...]
    domains: tuple[str, ...]
    not_domains: tuple[str, ...]
    split: bool | None
    structures: tuple[str, ...]
    not_structures: tuple[str, ...]
    uses: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Rule:
    """One published rule.

    Attributes:
        id: Its identifier, as in ``CORE-000001``.
        type: What its records are: of the data, of the metadata, of the define.
        sensitivity: What counts as one finding: ``Record``, ``Dataset`` or ``Group``.
        check: What is wrong if it holds.
        operations: Values that it computes first, in this order.
        matches: Datasets that it joins, in this order.
        scope: What it is for.
        outputs: Variables that a finding shows; empty for all that it asks about.
        message: What a finding says.
        grouping: Variables that make a group, where findings are by group.
        standards: Name, version and substandard of the standards it belongs to.
        numbers: Numbers of the rules of authorities that it puts into practice.
    """

    id: str
    type: str
    sensitivity: str
    check: Condition
    operations: tuple[Operation, ...]
    matches: tuple[Match, ...]
    scope: Scope
    outputs: tuple[str, ...]
    message: str
    grouping: tuple[str, ...]
    standards: tuple[tuple[str, str, str], ...]
    numbers: tuple[str, ...]

    def tests(self) -> Iterator[Test]:
        """Give every condition on a variable, in reading order."""
        yield from _tests(self.check)


def _tests(condition: Condition) -> Iterator[Test]:
    if isinstance(condition, Test):
        yield condition
        return
    for part in condition.parts:
        yield from _tests(part)


def rule_of(data: Mapping[str, Any]) -> Rule:
    """Return a rule from its YAML.

    Raises:
        UnknownConstructError: It is not of the form that is known, or checks nothing.
    """
    try:
        return _rule_of(data)
    except (KeyError, TypeError, AttributeError) as error:
        raise UnknownConstructError(f"not of the published form: {error}") from error


def _rule_of(data: Mapping[str, Any]) -> Rule:
    outcome = data["Outcome"]
    standards, numbers = _authorities(data.get("Authorities") or ())
    return Rule(
        data["Core"]["Id"],
        data["Rule Type"],
        data["Sensitivity"],
        _condition(data["Check"]),
        tuple(_operation(one) for one in data.get("Operations") or ()),
        tuple(_match(one) for one in data.get("Match Datasets") or ()),
        _scope(data["Scope"]),
        tuple(outcome.get("Output Variables") or ()),
        str(outcome["Message"]).strip(),
        tuple(data.get("Grouping_Variables") or data.get("Grouping Variables") or ()),
        standards,
        numbers,
    )


def _authorities(
    authorities: Sequence[Mapping[str, Any]],
) -> tuple[tuple[tuple[str, str, str], ...], tuple[str, ...]]:
    standards: dict[tuple[str, str, str], None] = {}
    numbers: dict[str, None] = {}
    for authority in authorities:
        for one in authority.get("Standards") or ():
            named = (str(one["Name"]), str(one["Version"]), str(one.get("Substandard") or ""))
            standards[named] = None
            for reference in one.get("References") or ():
                numbers[str(reference["Rule Identifier"]["Id"])] = None
    return tuple(standards), tuple(numbers)


def _condition(data: Mapping[str, Any]) -> Condition:
    if "operator" in data:
        known = ("operator", "name", "value", "value_is_literal")
        return Test(
            data["operator"],
            data.get("name"),
            data.get("value"),
            bool(data.get("value_is_literal", False)),
            {key: value for key, value in data.items() if key not in known},
        )
    kinds: tuple[Kind, ...] = ("all", "any", "not")
    found = [kind for kind in kinds if kind in data]
    if len(data) != 1 or not found:
        raise UnknownConstructError(f"conditions with {', '.join(sorted(data))}")
    parts = data[found[0]]
    items = parts if isinstance(parts, list) else [parts]
    return Group(found[0], tuple(_condition(one) for one in items))


def _operation(data: Mapping[str, Any]) -> Operation:
    known = ("id", "operator", "name", "domain", "group", "filter")
    group = data.get("group") or ()
    return Operation(
        data["id"],
        data["operator"],
        data.get("name"),
        data.get("domain"),
        (group,) if isinstance(group, str) else tuple(group),
        data.get("filter") or {},
        {key: value for key, value in data.items() if key not in known},
    )


def _match(data: Mapping[str, Any]) -> Match:
    keys = tuple(
        (one, one) if isinstance(one, str) else (one["Left"], one["Right"])
        for one in data.get("Keys") or ()
    )
    join = str(data.get("Join Type") or "inner").lower()
    return Match(data["Name"], keys, bool(data.get("Child")), data.get("Wildcard"), join)


def _scope(data: Mapping[str, Any]) -> Scope:
    classes, domains = data.get("Classes") or {}, data.get("Domains") or {}
    structures = data.get("Data Structures") or {}
    return Scope(
        tuple(classes.get("Include") or ()),
        tuple(classes.get("Exclude") or ()),
        tuple(domains.get("Include") or ()),
        tuple(domains.get("Exclude") or ()),
        domains.get("include_split_datasets"),
        tuple(structures.get("Include") or ()),
        tuple(structures.get("Exclude") or ()),
        tuple(one.strip() for one in str(data.get("Use Case") or "").split(",") if one.strip()),
    )
