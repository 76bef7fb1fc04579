"""Which datasets a rule is for: by domain, class, structure and use."""

from collections.abc import Sequence

from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import Rule
from cdisc.validate.open_rules.study import Study, Table

_ALL = "ALL"
_ABOUT, _FINDINGS = "FINDINGS ABOUT", "FINDINGS"
_QUALIFIERS, _PERSONS = ("SUPP--", "SQ--"), ("AP--", "APFA--")


def tables_of(rule: Rule, study: Study, library: Library) -> list[Table]:
    """Return the datasets of a study that a rule is for, in the order of their names."""
    return [one for _name, one in sorted(study.tables.items()) if _is_for(rule, one, library)]


def _is_for(rule: Rule, table: Table, library: Library) -> bool:
    return (
        _is_of_use(rule, table, library)
        and _is_of_structure(rule, table, library)
        and _is_of_domain(rule, table)
        and _is_of_class(rule, table, library)
    )


def _is_of_domain(rule: Rule, table: Table) -> bool:
    scope = rule.scope
    if _is_named(table, scope.not_domains):
        return False
    if table.is_split and scope.split is not None:
        return scope.split
    if not scope.domains:
        return scope.split is not True
    return _ALL in scope.domains or _is_named(table, scope.domains)


def _is_named(table: Table, names: Sequence[str]) -> bool:
    own = {table.name, table.domain or table.name, table.whole}
    return (
        any(name in own for name in names)
        or (table.is_supplement and any(name in _QUALIFIERS for name in names))
        or (table.is_of_persons and any(name in _PERSONS for name in names))
    )


def _is_of_structure(rule: Rule, table: Table, library: Library) -> bool:
    wanted, unwanted = rule.scope.structures, rule.scope.not_structures
    if (not wanted and not unwanted) or _ALL in wanted:
        return True
    found = library.structure_of(table)
    return (not wanted or found in wanted) and found not in unwanted


def _is_of_use(rule: Rule, table: Table, library: Library) -> bool:
    """Say whether a rule is for the use of a domain; only an integrated guide tells uses apart."""
    study = library.study
    uses: dict[str, dict[str, list[str]]] | None = library.known["uses"].get(study.product)
    if uses is None:
        return not (rule.scope.uses and study.use) or study.use in rule.scope.uses
    of_part = uses.get(study.substandard)
    if of_part is None:
        return not (rule.scope.uses and study.use) or study.use in rule.scope.uses
    domain = (table.parent if table.is_supplement else table.domain) or table.name
    if any(domain in of_part.get(one, ()) for one in rule.scope.uses):
        return True
    listed = {one for part in uses.values() for domains in part.values() for one in domains}
    return domain not in (*library.domains, *listed) and study.use in rule.scope.uses


def _is_of_class(rule: Rule, table: Table, library: Library) -> bool:
    wanted, unwanted = rule.scope.classes, rule.scope.not_classes
    found = library.class_of(table)
    if found in unwanted or (found == _ABOUT and _FINDINGS in unwanted):
        return False
    if not wanted or _ALL in wanted:
        return True
    return found in wanted or (found == _ABOUT and _FINDINGS in wanted)
