"""What rules found, in the shape of all findings: severity, place, records, values, sources."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from cdisc.engine.lines import read_specs
from cdisc.functions.sqltext import name as quoted
from cdisc.validate.evidence import show
from cdisc.validate.open_rules.bulk import SHOWN, Hit
from cdisc.validate.open_rules.frames import STUDY
from cdisc.validate.open_rules.rule import Rule
from cdisc.validate.open_rules.run import ABSENT
from cdisc.validate.open_rules.study import Study, conventions, relation
from cdisc.validate.rules import Finding
from cdisc.validate.rules.model import GRADES, Grade

ENGINE = "open"
_LONGEST = 200  # characters of a value that is shown


@dataclasses.dataclass(frozen=True)
class Severities:
    """Which rule is how grave: the table of the program, and above it that of a study.

    Attributes:
        tables: Patterns of identifiers with their severity; the first table that knows a rule
            counts, and in it the last line that fits.
        doubtful: Severity of rules that are published as reporting too much.
        default: Severity of all others.
    """

    tables: tuple[Mapping[str, Grade], ...]
    doubtful: Grade
    default: Grade

    def of(self, rule: str, data: Mapping[str, Any] | None = None) -> Grade:
        """Return the severity of a rule.

        Args:
            rule: Its identifier.
            data: The rule as it was published.
        """
        for table in self.tables:
            fits = [grade for pattern, grade in table.items() if fnmatchcase(rule, pattern)]
            if fits:
                return fits[-1]
        much = "Overreporting" in str((data or {}).get("Executability"))
        return self.doubtful if much else self.default


def severities(own: Mapping[str, Grade] | None = None) -> Severities:
    """Return the table of severities, with that of a study above it."""
    known = read_specs("published.yaml")["severities"]
    return Severities(
        (own or {}, {pattern: _grade(one) for pattern, one in known["rules"].items()}),
        _grade(known["doubtful"]),
        _grade(known["default"]),
    )


def _grade(text: str) -> Grade:
    return next(one for one in GRADES if one == text)


@dataclasses.dataclass(frozen=True)
class Citation:
    """Where an authority asks for what a rule checks."""

    authority: str
    number: str
    document: str
    section: str


def citations(data: Mapping[str, Any], product: str, version: str) -> tuple[Citation, ...]:
    """Return what a rule cites for a standard; for all its standards, if it is for none of it.

    Args:
        data: The rule as it was published.
        product: Name of the standard, as in ``SDTMIG``.
        version: Its version.
    """
    found: dict[Citation, bool] = {}
    for authority in data.get("Authorities") or ():
        name = str(authority.get("Organization") or "")
        for one in authority.get("Standards") or ():
            own = (str(one.get("Name")), str(one.get("Version"))) == (product, version)
            for reference in one.get("References") or ():
                cited = _citation(name, reference)
                found[cited] = found.get(cited, False) or own
    own_ones = tuple(one for one, own in found.items() if own)
    return own_ones or tuple(found)


def _citation(authority: str, reference: Mapping[str, Any]) -> Citation:
    number = str((reference.get("Rule Identifier") or {}).get("Id") or "")
    cited: Mapping[str, Any] = next(iter(reference.get("Citations") or ()), {})
    parts = (str(cited.get(key) or "").strip() for key in ("Section", "Item"))
    section = ", ".join(one for one in parts if one)
    return Citation(authority, number, str(cited.get("Document") or "").strip(), section)


def source_of(cited: Iterable[Citation]) -> str:
    """Return citations as a source, as in ``CDISC CG0131: Model v2.0, Demographics, DTHFL``."""
    said: dict[str, str] = {}
    for one in cited:
        place = ", ".join(part for part in (one.document, one.section) if part)
        said.setdefault(f"{one.authority} {one.number}".strip(), place)
    return "; ".join(f"{number}: {place}" if place else number for number, place in said.items())


def findings_of(
    hits: Iterable[Hit],
    study: Study,
    published: Mapping[str, Mapping[str, Any]],
    grades: Severities,
    keys: Mapping[str, Sequence[str]] | None = None,
) -> Iterator[tuple[Hit, Finding]]:
    """Yield what was found in the shape of all findings.

    Args:
        hits: What rules found.
        study: The datasets, which are still there.
        published: The rules as they were published, by identifier.
        grades: Their severities.
        keys: Keys of datasets, where they are known.
    """
    for hit in hits:
        data = published.get(hit.rule.id, {})
        cited = citations(data, study.product, study.version)
        yield (
            hit,
            Finding(
                code=hit.rule.id,
                severity=grades.of(hit.rule.id, data),
                message=" ".join(hit.rule.message.split()),
                dataset="" if hit.dataset == STUDY else hit.dataset,
                variable=hit.variable or _variable(hit, study),
                records=hit.records,
                subjects=hit.subjects,
                first=hit.first,
                keys=_keys(hit, study, (keys or {}).get(hit.dataset, ())),
                values=tuple(_values(hit)),
                source=source_of(cited),
                engine=ENGINE,
                numbers=tuple(dict.fromkeys(one.number for one in cited if one.number)),
            ),
        )


def _variable(hit: Hit, study: Study) -> str:
    """Return the variable that a finding is about: the first of the dataset that it asks about."""
    table = study.tables.get(hit.dataset)
    if table is None:
        return ""
    asked = [_named(one.name, table.letters) for one in hit.rule.tests() if one.name]
    held = [one for one in hit.names if one in table.names]
    first = next((one for one in held if one in asked), next(iter(held), ""))
    if first or hit.records:
        return first
    # of a dataset that lacks the variable
    return next((one for one in hit.names if one in asked and one.isidentifier()), "")


def _named(name: str, letters: str) -> str:
    return name.replace("--", letters, 1) if name.startswith("--") else name


def _values(hit: Hit) -> Iterator[str]:
    for values, records in hit.values:
        said = ", ".join(
            f"{name} {_shown(value)}" for name, value in zip(hit.names, values, strict=True)
        )
        if hit.records:
            said += f": {records:,} {'record' if records == 1 else 'records'}"
        yield said
    if hit.more and hit.records:
        yield f"{hit.more:,} more"


def _shown(value: object) -> str:
    if value == ABSENT:
        return "not in the dataset"
    if isinstance(value, list):
        said = ", ".join(str(one) for one in value)
        return f"[{said if len(said) <= _LONGEST else f'{len(value)} names'}]"
    return show(value)


def _keys(hit: Hit, study: Study, keys: Sequence[str]) -> tuple[str, ...]:
    """Return what tells the first record from others: its keys, else subject and number."""
    table = study.tables.get(hit.dataset)
    if table is None or not hit.first:
        return ()
    known = conventions()
    wanted = keys or (known["subject"], known["sequence"].replace("--", table.letters))
    names = [one for one in wanted if one in table.names]
    if not names:
        return ()
    row = study.database.rows(
        f"SELECT {', '.join(map(quoted, names))} FROM {relation(table.name)} "
        f"WHERE __row = {hit.first[0]}"
    )[0]
    return tuple(f"{name} {show(value)}" for name, value in zip(names, row, strict=True))


def datasets_of(rule: Rule) -> str:
    """Return the datasets that a rule is for, as people read it."""
    scope = rule.scope
    parts = [*scope.domains, *(f"not {one}" for one in scope.not_domains)]
    if not scope.domains or "ALL" in scope.domains:
        parts = [one for one in parts if one != "ALL"]
        classes = [one for one in scope.classes if one != "ALL"]
        parts = [*classes, *(f"not {one}" for one in scope.not_classes), *parts]
    return ", ".join(parts) or "all"


__all__ = ["SHOWN", "Severities", "citations", "datasets_of", "findings_of", "severities"]
