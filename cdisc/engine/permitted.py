"""On which records a variable has which codelists: what the guides say beside their tables.

``specs/codelists.yaml`` holds a condition for each codelist, ``specs/instruments.yaml`` the
codelists of questionnaires and their like. Conditions are of the mapping language, and no
more than a where clause of define.xml can say: comparisons of texts, joined by ``and``.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from cdisc.dataset import Comparison
from cdisc.diagnostics import Span
from cdisc.engine.lines import read_specs
from cdisc.language import tree as t
from cdisc.language.parser import parse
from cdisc.record import record

_ALWAYS, _NONE = "always", "none"


@record(slots=True)
class Rule:
    """The codelists of a variable on the records that meet a condition.

    Attributes:
        when: Comparisons that all hold.
        codelists: NCI codes, none where no codelist limits these records.
    """

    when: tuple[Comparison, ...]
    codelists: tuple[str, ...]


@record(slots=True)
class Permitted:
    """The codelists of a variable: by condition, and where no condition holds.

    Attributes:
        rules: The first whose condition holds decides.
        otherwise: NCI codes of the codelists of all other records.
    """

    rules: tuple[Rule, ...]
    otherwise: tuple[str, ...]

    @property
    def codelists(self) -> tuple[str, ...]:
        """Every codelist, each once."""
        by_rule = (code for rule in self.rules for code in rule.codelists)
        return tuple(dict.fromkeys((*self.otherwise, *by_rule)))


def permitted(
    stage: str, domain: str | None, variable: str, known: tuple[str, ...], names: Collection[str]
) -> Permitted:
    """Return the codelists of a variable.

    Args:
        stage: ``sdtm`` or ``adam``.
        domain: What ``--`` stands for, or None.
        variable: The variable.
        known: The codelists that the table of the standard names.
        names: Variables that conditions may ask for. What a rule about others permits is
            permitted wherever no condition holds.

    Example:
        >>> found = permitted("sdtm", "DS", "DSDECOD", ("C66727",), ["DSCAT", "DSDECOD"])
        >>> found.rules[1]
        Rule(when=(Comparison(variable='DSCAT', values=('PROTOCOL MILESTONE',), negated=False),), \
codelists=('C114118',))
        >>> permitted("sdtm", "DS", "DSDECOD", ("C66727",), ["DSDECOD"]).otherwise
        ('C66727', 'C114118', 'C150811')
    """
    rules = _rules(stage, (domain or "")[:2], variable)
    decided = [(one, all(c.variable in names for c in one.when)) for one in rules]
    usable = tuple(one for one, asked in decided if asked)
    otherwise = known
    if usable and not usable[-1].when:
        otherwise = usable[-1].codelists
        usable = usable[:-1]
    beyond = (code for one, asked in decided if not asked for code in one.codelists)
    return Permitted(usable, tuple(dict.fromkeys((*otherwise, *beyond))))


def has_rules(stage: str, domain: str | None, variable: str) -> bool:
    """Say whether the codelists of a variable differ by record."""
    return bool(_rules(stage, (domain or "")[:2], variable))


@cache
def _rules(stage: str, domain: str, variable: str) -> tuple[Rule, ...]:
    """Return the rules of a variable in the order of the files."""
    found = [
        Rule(_condition(text.replace("--", domain)), () if codes == _NONE else tuple(codes.split()))
        for lines in _written(stage, domain).get(variable, ())
        for codes, text in lines.items()
    ]
    if stage == "sdtm":
        found += _instruments(domain, variable)
    return tuple(found)


@cache
def _written(stage: str, domain: str) -> Mapping[str, Sequence[Mapping[str, str]]]:
    """Return the lines of ``specs/codelists.yaml`` by variable."""
    found: dict[str, list[Mapping[str, str]]] = {}
    for name, lines in read_specs("codelists.yaml").get(stage, {}).items():
        found.setdefault(name.replace("--", domain), []).append(lines)
    return found


@cache
def _tables() -> Mapping[str, Any]:
    return read_specs("instruments.yaml")


def _instruments(domain: str, variable: str) -> Iterator[Rule]:
    if domain not in _tables()["domains"]:
        return
    for name in ("tests", "results"):
        table = _tables()[name]
        of = [one.replace("--", domain) for one in table["of"]]
        if variable not in of:
            continue
        by, place = table["by"].replace("--", domain), of.index(variable)
        for codes, values in table["rows"].items():
            yield Rule((Comparison(by, tuple(values)),), (codes.split()[place],))


def _condition(text: str) -> tuple[Comparison, ...]:
    if text == _ALWAYS:
        return ()
    tree = parse(text, lambda start, end: Span("specs/codelists.yaml", 1, start, end, text)).tree
    return tuple(map(_comparison, tree.operands if isinstance(tree, t.And) else (tree,)))


def _comparison(node: t.Node) -> Comparison:
    match node:
        case t.Compare(operator="=" | "<>", left=t.Ref(name=name), right=t.Text(value=value)):
            return Comparison(name, (value,), negated=node.operator == "<>")
        case t.Among(operand=t.Ref(name=name)):
            values = tuple(one.value for one in node.items if isinstance(one, t.Text))
            return Comparison(name, values, negated=node.negated)
    raise ValueError(f"{node} is no comparison of a variable with texts")
