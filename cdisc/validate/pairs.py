"""Variables that say the same in two ways must do so one-to-one."""

import numpy as np
import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import pc
from cdisc.validate.conventions import Pair, matching
from cdisc.validate.evidence import SHOWN, column, show
from cdisc.validate.facts import Facts


def check_pairs(facts: Facts) -> list[Diagnostic]:
    """Find codes with several texts, and texts with several codes.

    Records where one of the two is missing take no part.

    Source:
        SDTMIG v3.4, sections 4.2.1, 4.4.5 and 4.5.3.2 (a text of more than 200 characters
        keeps its label over several qualifiers); ADaMIG v1.3, section 3.3.4.
    """
    found = []
    seen: set[frozenset[str]] = set()
    for pair in facts.conventions.pairs:
        templates = [pair.code, pair.text]
        for code, text in matching(facts.names, templates, facts.prefix):
            names = frozenset({code, text})
            if names in seen:
                continue
            seen.add(names)
            found += _both_ways(facts, pair, code, text)
    return found


def _both_ways(facts: Facts, pair: Pair, code: str, text: str) -> list[Diagnostic]:
    within = [pair.within] if pair.within not in {None, code, text} else []
    group = [name for name in within if facts.has(name)]
    pairs = _distinct_pairs(facts.dataset, [*group, code, text])
    found = []
    ways = ((code, text),) if pair.shared == "yes" else ((code, text), (text, code))
    for one, other in ways:
        records, lines = _ambiguous(pairs, [*group, one], other)
        if records:
            where = f" within {group[0]}" if group else ""
            found.append(
                Diagnostic(
                    facts.codes.pair_broken,
                    f'a value of "{one}" has several values of "{other}"{where}',
                    found=lines,
                    expected=f"one {other} for each {one}",
                    dataset=facts.name,
                    variable=one,
                    records=records,
                )
            )
    return found


def _distinct_pairs(dataset: Dataset, names: list[str]) -> pa.Table:
    columns = [column(dataset, name) for name in names]
    table = pa.table(
        [*columns, pa.array(np.arange(1, dataset.table.num_rows + 1))], names=[*names, "#record"]
    )
    for name in names[-2:]:
        table = table.filter(table[name].is_valid())
    return (
        table.group_by(names, use_threads=False)
        .aggregate([("#record", "min"), ("#record", "count")])
        .sort_by("#record_min")
    )


def _ambiguous(pairs: pa.Table, keys: list[str], other: str) -> tuple[int, tuple[str, ...]]:
    counted = pairs.group_by(keys, use_threads=False).aggregate(
        [(other, "count"), ("#record_min", "min"), ("#record_count", "sum")]
    )
    bad = counted.filter(pc.greater(counted[f"{other}_count"], 1)).sort_by("#record_min_min")
    lines = [_line(pairs, keys, other, row) for row in bad.slice(0, SHOWN).to_pylist()]
    if bad.num_rows > SHOWN:
        rest = bad.num_rows - SHOWN
        lines.append(f"{rest} more distinct {'value' if rest == 1 else 'values'}")
    return int(pc.sum(bad["#record_count_sum"]).as_py() or 0), tuple(lines)


def _line(pairs: pa.Table, keys: list[str], other: str, row: dict[str, object]) -> str:
    mask = None
    for key in keys:
        value = row[key]
        same = pairs[key].is_null() if value is None else pc.equal(pairs[key], value)
        mask = same if mask is None else pc.and_kleene(mask, same)
    held = pairs.filter(mask).select([other, "#record_min"]).slice(0, SHOWN).to_pylist()
    parts = [f"{show(one[other])} (record {one['#record_min']})" for one in held]
    return f"{', '.join(show(row[key]) for key in keys)} has {' and '.join(parts)}"
