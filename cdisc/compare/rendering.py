"""A comparison for people, as text, and for programs, as JSON."""

import dataclasses
import json
from collections.abc import Iterator

from cdisc.compare.model import Comparison, DatasetComparison, Key


def to_json(comparison: Comparison) -> str:
    """Return everything that was found as one JSON object."""
    value = {
        "different": comparison.different,
        "datasets": [
            {"different": one.different, **dataclasses.asdict(one)} for one in comparison.datasets
        ],
        "findings": [one.to_json() for one in comparison.findings],
    }
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def to_text(comparison: Comparison) -> str:
    """Return everything that was found as people read it."""
    lines = [line for one in comparison.datasets for line in _dataset(one)]
    count = len(comparison.datasets)
    different = sum(one.different for one in comparison.datasets)
    said = f"{different} different, {count - different} equal"
    lines.append(f"{_counted(count, 'dataset')} compared: {said}")
    return "\n".join(lines) + "\n"


def _dataset(one: DatasetComparison) -> Iterator[str]:
    said = "different" if one.different else "equal"
    if any((one.attributes, one.records, one.values)) and not one.different:
        said = "equal but for accepted differences"
    yield f"{one.name}: {said}"
    how = f"by {', '.join(one.keys)}" if one.keys else "by whole records"
    how = "by position" if one.by_position else how
    yield (
        f"  {one.records_a:,} records in A, {one.records_b:,} in B, {one.matched:,} matched {how};"
        f" {one.variables:,} variables"
    )
    if one.repeated:
        yield f"  {one.repeated:,} records share their keys: matched in their order"
    if one.reordered:
        yield "  records stand in another order"
    for attribute in one.attributes:
        name = f"{attribute.variable} " if attribute.variable else ""
        kept = f"   accepted: {attribute.accepted}" if attribute.accepted else ""
        yield f"  {name}{attribute.attribute}: {_shown(attribute.a)} | {_shown(attribute.b)}{kept}"
    for records in one.records:
        count = f"{_counted(records.count, 'record')}{_kept(records.accepted)}"
        yield f"  only in {records.side.upper()}: {count}"
        yield from (f"    {_key(key)}" for key in records.first)
    for values in one.values:
        most = f", by at most {values.largest:.6g}" if values.largest is not None else ""
        verb = "differs" if values.count == 1 else "differ"
        count = f"{_counted(values.count, 'value')} {verb}{most}{_kept(values.accepted)}"
        yield f"  {values.variable}: {count}"
        for example in values.first:
            yield f"    {_key(example.key)}: {_shown(example.a)} | {_shown(example.b)}"


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _kept(count: int) -> str:
    return f" ({count:,} accepted)" if count else ""


def _key(key: Key) -> str:
    return ", ".join(f"{name} {value}" if value else f"{name} missing" for name, value in key)


def _shown(value: str | None) -> str:
    return "(none)" if value is None else json.dumps(value, ensure_ascii=False)
