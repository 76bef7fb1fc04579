"""Which datasets a rule is for: by domain, class, structure and use."""

from collections.abc import Sequence

from cdisc.validate.open_rules.library import Library
from cdisc.validate.open_rules.rule import Rule
from cdisc.validate.open_rules.study import Study, Table

_ALL = "ALL"
_ABOUT, _FINDINGS = "FINDINGS ABOUT", "FINDINGS"


def tables_of(rule: Rule, study: Study, library: Library) -> list[Table]:
    """Return the datasets of a study that a rule is for, in the order of their names."""
    if rule.scope.uses and study.use and study.use not in rule.scope.uses:
        return []
    return [one for _name, one in sorted(study.tables.items()) if _is_for(rule, one, library)]


def _is_for(rule: Rule, table: Table, library: Library) -> bool:
    scope = rule.scope
    domains, not_domains = scope.domains, scope.not_domains
    if domains and _ALL not in domains and not _is_named(table, domains):
        return False
    if _is_named(table, not_domains):
        return False
    return _is_of_class(rule, table, library)


def _is_named(table: Table, names: Sequence[str]) -> bool:
    own = {table.name, table.domain or table.name}
    for name in names:
        if name in own:
            return True
        if name.endswith("--") and _has_stem(table, name[:-2]):
            return True
    return False


def _has_stem(table: Table, stem: str) -> bool:
    if stem in ("SUPP", "SQ"):
        return table.is_supplement
    return (table.domain or table.name).startswith(stem) and len(table.domain or "") > len(stem)


def _is_of_class(rule: Rule, table: Table, library: Library) -> bool:
    wanted, unwanted = rule.scope.classes, rule.scope.not_classes
    found = library.class_of(table)
    if found in unwanted or (found == _ABOUT and _FINDINGS in unwanted):
        return False
    if not wanted or _ALL in wanted:
        return True
    return found in wanted or (found == _ABOUT and _FINDINGS in wanted)
