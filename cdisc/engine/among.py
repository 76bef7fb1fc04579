"""What verbs report of records among which is chosen: nothing is lost in silence there either.

Inside an aggregate, or in a condition of ``rows``, the records that a verb sees are not
the record at hand. A summary carries what was found among them to the record at hand; for
a condition a query of its own looks. Where a part of the condition that reports nothing
already leaves a record out, what is found on it does not matter.
"""

from collections.abc import Iterator, Sequence

from cdisc.engine.inner import Rendering
from cdisc.engine.level import Level, Probe
from cdisc.language import tree as t


def settled(made: Rendering, where: t.Node) -> list[t.Node]:
    """Return the parts of a condition, joined by ``and``, in which no verb reports anything."""
    inner = made.inner
    assert inner is not None
    found = []
    for one in _parts(where):
        outside, inner.audits = inner.audits, {}
        made.sql(one)
        if not inner.audits:
            found.append(one)
        inner.audits = outside
    return found


def probe_condition(made: Rendering, where: t.Node, table: str) -> None:
    """Have a query look at what verbs of a condition on the records of a table found."""
    inner = made.inner
    assert inner is not None
    if inner.audits:
        probe(made, table, [made.sql(one) for one in settled(made, where)])


def probe(made: Rendering, table: str, conditions: Sequence[str], src: str = "s._src") -> None:
    """Have a query look at what verbs found on the records of a table, alias ``s``.

    Args:
        made: What rendered the verbs; what it found is taken from its `inner`.
        table: The table.
        conditions: The records that are meant, as SQL.
        src: The source record, as SQL.
    """
    inner = made.inner
    assert inner is not None
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    for (code, found), use in inner.audits.items():
        audit = made.found(code, use, inner.name)
        query = f"SELECT {found} AS {audit.column}, {src} AS _src FROM {inner.render(table)}{where}"
        one = Probe(audit, query)
        if all((code, query) != (known.audit.code, known.sql) for known in made.level.probes):
            made.level.probes.append(one)
    inner.audits = {}


def probed(level: Level) -> Iterator[Probe]:
    """Yield a query for each audit of a level whose SELECT does not run as it stands."""
    parts = level.parts("looked")
    texts = [part.render(audits=True) for part in parts]
    made = [f"{part.name} AS ({text})" for part, text in zip(parts, texts, strict=True)][:-1]
    query = f"{'WITH ' if made else ''}{', '.join(made)} {texts[-1]}".strip()
    for part in parts:
        yield from (Probe(one, query) for one in part.level.audits)


def _parts(node: t.Node) -> Iterator[t.Node]:
    match node:
        case t.Meant(meaning=meaning):
            yield from _parts(meaning)
        case t.And(operands=operands):
            for one in operands:
                yield from _parts(one)
        case _:
            yield node
