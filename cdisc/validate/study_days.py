"""Study days are computed again from their date and the subject's reference date."""

import numpy as np
import pyarrow as pa

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts, has_text
from cdisc.validate.iso8601 import read_dates


def check_study_days(facts: Facts, subjects: Dataset | None) -> list[Diagnostic]:
    """Compare every study day with the one that the dates give.

    The day is the difference in days, plus one on or after the reference date;
    there is no day 0, and none where a date lacks year, month or day.

    Args:
        facts: The dataset.
        subjects: The dataset of one record per subject, or None.

    Source:
        SDTMIG v3.4, section 4.4.4, Use of the Study Day Variables.
    """
    found = []
    for rule in facts.conventions.days:
        for day, date in matching(facts.names, [rule.day, rule.date], facts.prefix):
            if facts.dataset.variable(day).kind != "number":
                continue
            found += _zero(facts, day)
            if subjects is not None and facts.has_text(date) and _ready(facts, subjects):
                found += _compare(facts, subjects, day, date)
    return found


def _ready(facts: Facts, subjects: Dataset) -> bool:
    subject = facts.conventions.subject
    texts = has_text(subjects, subject.start) and has_text(subjects, subject.key)
    return texts and facts.has_text(subject.key)


def _zero(facts: Facts, day: str) -> list[Diagnostic]:
    values = column(facts.dataset, day)
    records, lines = gather([values], pc.equal(values, 0.0))
    if not records:
        return []
    return [
        Diagnostic(
            "SDTM039",
            f'"{day}" is 0',
            found=lines,
            expected="1 on the reference date, -1 on the day before",
            dataset=facts.name,
            variable=day,
            records=records,
        )
    ]


def _compare(facts: Facts, subjects: Dataset, day: str, date: str) -> list[Diagnostic]:
    subject = facts.conventions.subject
    assert subject.start is not None  # _ready has looked
    owners = column(facts.dataset, subject.key)
    row = pc.index_in(owners, value_set=column(subjects, subject.key))
    reference = pc.take(column(subjects, subject.start), row)
    dates = column(facts.dataset, date)
    start, when = read_dates(reference), read_dates(dates)
    difference = (when.day - start.day).astype(np.int64)
    both = when.complete & start.complete
    wanted = np.where(both, difference + (difference >= 0), 0)
    values = column(facts.dataset, day)
    numbers = values.to_numpy()
    stated = ~np.isnan(numbers)
    # 0 is the other finding; a malformed date is a finding of its date.
    findings = (
        (
            "SDTM031",
            f'"{day}" is not the study day of "{date}"',
            both & stated & (numbers != wanted) & (numbers != 0),
        ),
        (
            "SDTM032",
            f'"{day}" is given although a date is missing or partial',
            stated & ~both & (numbers != 0),
        ),
        ("SDTM033", f'"{day}" is missing although both dates are complete', both & ~stated),
    )
    should = pa.array(wanted.astype(np.float64), mask=~both)
    found = []
    for code, fact, bad in findings:
        records, lines = gather([values, should, dates, reference], pa.array(bad))
        if records:
            found.append(
                Diagnostic(
                    code,
                    fact,
                    found=lines,
                    expected=f"{date} - {subject.start}, plus 1 from {subject.start} on "
                    f"(shown: {day}, the day expected, {date}, {subject.start})",
                    dataset=facts.name,
                    variable=day,
                    records=records,
                )
            )
    return found
