"""Every subject of a study is in the dataset of one record per subject."""

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import pc
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts, has_text
from cdisc.validate.keys import repeated


def check_one_record(facts: Facts) -> list[Diagnostic]:
    """Find subjects with several records where each must have one.

    The keys that the spec declares do not matter here.

    Source:
        SDTMIG v3.4, section 5.2; ADaMIG v1.3, section 2.3.1.
    """
    rule = facts.conventions.subject
    if facts.name != rule.dataset or not facts.has_text(rule.key):
        return []
    values = column(facts.dataset, rule.key)
    records, lines = gather([values], pc.and_(repeated([values]), values.is_valid()))
    if not records:
        return []
    return [
        Diagnostic(
            facts.codes.subject_repeated,
            f'subjects have several records in "{facts.name}"',
            found=lines,
            expected=f"one record for each {rule.key}",
            dataset=facts.name,
            variable=rule.key,
            records=records,
        )
    ]


def check_subjects(facts: Facts, subjects: Dataset | None) -> list[Diagnostic]:
    """Find subjects that the dataset of one record per subject does not have.

    Args:
        facts: The dataset.
        subjects: The dataset of one record per subject, or None when absent.

    Source:
        SDTMIG v3.4, section 5.2; ADaMIG v1.3, section 2.3.1.
    """
    rule = facts.conventions.subject
    if facts.name == rule.dataset or not facts.has_text(rule.key):
        return []
    if subjects is None or not has_text(subjects, rule.key):
        return []
    values = column(facts.dataset, rule.key)
    known = pc.is_in(values, value_set=column(subjects, rule.key).combine_chunks())
    records, lines = gather([values], pc.and_(pc.invert(known), values.is_valid()))
    if not records:
        return []
    return [
        Diagnostic(
            facts.codes.subject_unknown,
            f'subjects are not in "{rule.dataset}"',
            found=lines,
            expected=f"a record of {rule.dataset} for each {rule.key}",
            dataset=facts.name,
            variable=rule.key,
            records=records,
        )
    ]
