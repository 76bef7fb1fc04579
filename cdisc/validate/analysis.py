"""What only analysis datasets must keep: flags, counts, imputation, their sources."""

import pyarrow as pa

from cdisc.dataset import Dataset, Study
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts, has_text
from cdisc.validate.names import is_of_any_domain


def check_flags(facts: Facts) -> list[Diagnostic]:
    """Find flags with other values than their standard ones.

    Source:
        ADaMIG v1.3, sections 3.1.4 and 3.3.8, flag variables.
    """
    found = []
    for flag in facts.conventions.flags:
        for (name,) in matching(facts.names, [flag.variable], facts.prefix):
            values = column(facts.dataset, name)
            standard = facts.standard.get(name)
            allowed = (standard.value_list if standard is not None else ()) or flag.values
            kind = "number" if all(one.isdigit() for one in allowed) else "text"
            if facts.dataset.variable(name).kind != kind:
                continue
            permitted = pa.array(allowed, pa.string()).cast(values.type)
            bad = pc.and_(pc.invert(pc.is_in(values, value_set=permitted)), values.is_valid())
            records, lines = gather([values], bad)
            if records:
                found.append(
                    Diagnostic(
                        "ADAM023",
                        f'the flag "{name}" has other values',
                        found=lines,
                        expected=f"{', '.join(allowed)} or missing",
                        dataset=facts.name,
                        variable=name,
                        records=records,
                    )
                )
    return found


def check_counts(facts: Facts) -> list[Diagnostic]:
    """Find censoring values, and other counts, that are not whole numbers from 0.

    Source:
        ADaM Basic Data Structure for Time-to-Event Analyses v1.0, section 4.
    """
    found = []
    for template in facts.conventions.counts:
        for (name,) in matching(facts.names, [template], facts.prefix):
            if facts.dataset.variable(name).kind != "number":
                continue
            values = column(facts.dataset, name)
            bad = pc.or_(pc.less(values, 0.0), pc.not_equal(values, pc.floor(values)))
            records, lines = gather([values], bad)
            if records:
                found.append(
                    Diagnostic(
                        "ADAM024",
                        f'"{name}" has values that are not whole numbers from 0',
                        found=lines,
                        expected="0, 1, 2 ...",
                        dataset=facts.name,
                        variable=name,
                        records=records,
                    )
                )
    return found


def check_imputation_flags(facts: Facts) -> list[Diagnostic]:
    """Find imputation flags in records whose date or time is missing.

    Source:
        ADaMIG v1.3, section 3.1.3, date and time imputation flag variables.
    """
    found = []
    seen = set()
    for rule in facts.conventions.imputation:
        for (name,) in matching(facts.names, [rule.flag], facts.prefix):
            dates = [
                names[1]
                for template in rule.of
                for names in matching(facts.names, [rule.flag, template], facts.prefix)
                if names[0] == name
            ]
            if name in seen:
                continue
            seen.add(name)
            found += _imputation(facts, name, dates)
    return found


def _imputation(facts: Facts, name: str, dates: list[str]) -> list[Diagnostic]:
    flags = column(facts.dataset, name)
    mask = flags.is_valid()
    for date in dates:
        mask = pc.and_(mask, column(facts.dataset, date).is_null())
    records, lines = gather([flags], mask)
    if not records:
        return []
    what = " and ".join(f'"{date}"' for date in dates)
    lack = f"{what} {'is' if len(dates) == 1 else 'are'} missing" if dates else "no date is there"
    return [
        Diagnostic(
            "ADAM025",
            f'the imputation flag "{name}" is given although {lack}',
            found=lines,
            expected="a flag only where a date or time was imputed",
            dataset=facts.name,
            variable=name,
            records=records,
        )
    ]


def check_subject_values(facts: Facts, subjects: Dataset | None) -> list[Diagnostic]:
    """Find values that differ from those of the subject-level dataset.

    Source:
        ADaMIG v1.3, section 3.1.1: a variable of the same name has the same values.
    """
    rule = facts.conventions.subject
    if subjects is None or facts.name == rule.dataset:
        return []
    if not facts.has_text(rule.key) or not has_text(subjects, rule.key):
        return []
    keys = column(subjects, rule.key).combine_chunks()
    row = pc.index_in(column(facts.dataset, rule.key), value_set=keys)
    found = []
    for name in facts.names:
        if name == rule.key or name not in subjects.table.column_names:
            continue
        values = column(facts.dataset, name)
        wanted = pc.take(column(subjects, name), row)
        if values.type != wanted.type:
            continue
        same = pc.fill_null(pc.equal(values, wanted), fill_value=False)
        both_missing = pc.and_(values.is_null(), wanted.is_null())
        bad = pc.and_(pc.invert(pc.or_(same, both_missing)), row.is_valid())
        records, lines = gather([values, wanted], bad)
        if records:
            found.append(
                Diagnostic(
                    "ADAM026",
                    f'"{name}" differs from {rule.dataset}.{name}',
                    found=lines,
                    expected=f"the value of {rule.dataset} (shown: here, there)",
                    dataset=facts.name,
                    variable=name,
                    records=records,
                )
            )
    return found


def check_source_labels(facts: Facts, previous: Study | None) -> list[Diagnostic]:
    """Find variables whose label is not that of the one tabulation variable they are named after.

    Source:
        ADaMIG v1.3, section 3.1.1: a copied variable keeps its attributes.
    """
    if previous is None:
        return []
    labels: dict[str, set[str]] = {}
    for dataset in previous.datasets:
        for variable in dataset.variables:
            labels.setdefault(variable.name, set()).add(variable.label)
    return [
        Diagnostic(
            "ADAM027",
            f'the label of "{variable.name}" is not that of the tabulation data',
            found=(variable.label,),
            expected=" or ".join(sorted(labels[variable.name])),
            dataset=facts.name,
            variable=variable.name,
        )
        for variable in facts.dataset.variables
        if variable.name in labels
        and variable.label not in labels[variable.name]
        and (variable.name not in facts.standard or is_of_any_domain(facts.standard[variable.name]))
    ]


def check_known_subjects(
    facts: Facts, subject_dataset: str, previous: Study | None
) -> list[Diagnostic]:
    """Find subjects of the subject-level dataset that the tabulation data do not have.

    Args:
        facts: The dataset; only the subject-level one is looked at.
        subject_dataset: Name of the tabulation dataset of one record per subject.
        previous: The tabulation study, or None.

    Source:
        ADaMIG v1.3, section 2.3.1.
    """
    key = facts.conventions.subject.key
    if previous is None or facts.name != facts.conventions.subject.dataset:
        return []
    for dataset in previous.datasets:
        if dataset.name == subject_dataset and has_text(dataset, key) and facts.has_text(key):
            break
    else:
        return []
    values = column(facts.dataset, key)
    known = pc.is_in(values, value_set=column(dataset, key).combine_chunks())
    records, lines = gather([values], pc.and_(pc.invert(known), values.is_valid()))
    if not records:
        return []
    return [
        Diagnostic(
            "ADAM028",
            f'subjects are not in "{subject_dataset}" of the tabulation data',
            found=lines,
            expected=f"a record of {subject_dataset} for each {key}",
            dataset=facts.name,
            variable=key,
            records=records,
        )
    ]
