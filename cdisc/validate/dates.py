"""Dates, times and durations: well formed, real, and in order."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import Column, pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import column, gather, records_in
from cdisc.validate.facts import Facts
from cdisc.validate.iso8601 import Bools, is_duration, is_interval, read_dates


def check_dates(facts: Facts) -> list[Diagnostic]:
    """Find texts that are not ISO 8601 where the standard's value domain is.

    Complete and partial dates, omitted components, durations and intervals are
    told apart by the words of the value domain.

    Source:
        SDTMIG v3.4, sections 4.4.1 to 4.4.3.
    """
    found = []
    for name, standard in facts.standard.items():
        domain = standard.described_value_domain or ""
        if "ISO 8601" in domain and facts.has_text(name):
            found += _one(facts, name, domain)
    return found


def _one(facts: Facts, name: str, domain: str) -> list[Diagnostic]:
    values = column(facts.dataset, name)
    texts = pc.unique(values).drop_null()
    dates = read_dates(texts)
    fine = np.zeros(len(texts), bool)
    unreal = np.zeros(len(texts), bool)
    kinds = [one for one in ("datetime", "duration", "interval") if one in domain]
    if "datetime" in kinds or not kinds:  # a bare "ISO 8601" allows them all
        fine |= dates.real
        unreal |= dates.formed & ~dates.real
    if "duration" in kinds or not kinds:
        fine |= is_duration(texts)
    if "interval" in kinds or not kinds:
        fine |= is_interval(texts)
    found = []
    for code, fact, bad in (
        ("SDTM028", "has values that are not ISO 8601", ~fine & ~unreal),
        ("SDTM038", "has dates or times that do not exist", unreal),
    ):
        records, lines = gather(
            [values], records_in(values, texts.filter(pa.array(bad)).to_pylist())
        )
        if records:
            found.append(
                Diagnostic(
                    code,
                    f'"{name}" {fact}',
                    found=lines,
                    expected=domain,
                    dataset=facts.name,
                    variable=name,
                    records=records,
                )
            )
    return found


def check_periods(facts: Facts) -> list[Diagnostic]:
    """Find ends that are certainly before their start.

    Partial dates compare by the parts that both have; where that leaves the
    order open, or the offsets from UTC differ, nothing is found.

    Source:
        SDTMIG v3.4, section 4.4.2.
    """
    found = []
    for start, end in _periods(facts):
        columns = [column(facts.dataset, name) for name in (start, end)]
        if columns[0].type != columns[1].type:
            continue
        records, lines = gather(columns, pa.array(_before(columns[1], columns[0])))
        if records:
            found.append(
                Diagnostic(
                    facts.codes.start_after_end,
                    f'"{end}" is before "{start}"',
                    found=lines,
                    expected=f"{end} on or after {start}",
                    dataset=facts.name,
                    variable=end,
                    records=records,
                )
            )
    return found


def _periods(facts: Facts) -> Iterator[tuple[str, ...]]:
    seen = set()
    for period in facts.conventions.periods:
        if period.unless and any(matching(facts.names, [period.unless], facts.prefix)):
            continue
        for names in matching(facts.names, [period.start, period.end], facts.prefix):
            if names not in seen:
                seen.add(names)
                yield names


def _before(values: Column, others: pa.ChunkedArray) -> Bools:
    if not pa.types.is_string(values.type):
        less: Bools = np.asarray(pc.fill_null(pc.less(values, others), fill_value=False))
        return less
    one, other = read_dates(values), read_dates(others)
    # A comparison with NaT is false, so an unknown bound finds nothing.
    before: Bools = (one.latest < other.earliest) & (one.zone == other.zone)
    return before
