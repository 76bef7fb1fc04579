"""A validation as people read it on a terminal: the gravest first, one block a finding."""

from collections.abc import Iterator

from cdisc.validate.reports.model import Validation
from cdisc.validate.rules.model import Finding


def render_text(validation: Validation) -> str:
    """Write open findings in full, explained ones as one line each, then the counts."""
    blocks = ["\n".join(_lines(one)) for one in validation.open]
    explained = [one for one in validation.findings if one.explained and one.status != "gone"]
    gone = [one for one in validation.findings if one.status == "gone"]
    if explained:
        blocks.append("\n".join(_short("explained", one) for one in explained))
    if gone:
        blocks.append("\n".join(_short("gone", one) for one in gone))
    return "\n\n".join([*blocks, _counts(validation, len(explained))]) + "\n"


def _lines(one: Finding) -> Iterator[str]:
    mark = f" ({one.status})" if one.status in {"new", "changed"} else ""
    yield f"{one.severity}[{one.code}]: {one.message}{mark}"
    where = f"{one.dataset}.{one.variable}" if one.variable else one.dataset
    counted = ""
    if one.records:
        counted = f"{one.records:,} {'record' if one.records == 1 else 'records'}"
        if one.subjects:
            counted += f" of {one.subjects:,} {'subject' if one.subjects == 1 else 'subjects'}"
        if one.first:
            counted += f", first {', '.join(map(str, one.first))}"
    if where or counted:
        yield f"  --> {': '.join(part for part in (where, counted) if part)}"
    if one.keys:
        yield f"  = key: {', '.join(one.keys)}"
    for value in one.values:
        yield f"  = found: {value}"
    for name, text in (
        ("expected", one.expected),
        ("help", one.help),
        ("made by", one.place),
        ("fields", ", ".join(one.fields)),
        ("pages", ", ".join(one.pages)),
        ("source", one.source),
        ("also", ", ".join(one.also)),
    ):
        if text:
            yield f"  = {name}: {text}"


def _short(word: str, one: Finding) -> str:
    where = f"{one.dataset}.{one.variable}" if one.variable else one.dataset
    reason = f": {one.explained}" if one.explained else ""
    return f"{word} {one.severity}[{one.code}] {where}: {one.message}{reason}"


def _counts(validation: Validation, explained: int) -> str:
    counted = ", ".join(f"{number:,} {grade}" for grade, number in validation.counts().items())
    records = sum(one[2] for one in validation.datasets)
    said = f"{counted}; {explained:,} explained"
    said += "".join(f"\n{line}" for one in validation.published for line in one.lines)
    return (
        f"{said}\n{len(validation.datasets)} datasets, {records:,} records,"
        f" {validation.rules} rules, {', '.join(validation.standards)}"
    )
