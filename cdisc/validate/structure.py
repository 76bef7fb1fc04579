"""Does the dataset have the variables of the standard, as the standard has them?"""

import re

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.validate.codes import SDTM
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts

_NUMERIC_KINDS = frozenset({"number", "date", "datetime", "time"})


def check_dataset(facts: Facts) -> list[Diagnostic]:
    """Find a dataset that the standard does not name, or that has no records.

    Source:
        SDTMIG v3.4, sections 2.6 and 3.2.
    """
    found = []
    if facts.closed and not facts.known:
        found.append(
            Diagnostic("SDTM025", f'the standard has no dataset "{facts.name}"', dataset=facts.name)
        )
    if facts.dataset.table.num_rows == 0:
        found.append(
            Diagnostic(
                facts.codes.no_records,
                f'"{facts.name}" has no records',
                help="leave the dataset out of the package",
                dataset=facts.name,
                records=0,
            )
        )
    return found


def check_presence(facts: Facts) -> list[Diagnostic]:
    """Find required and expected variables that the dataset lacks.

    Source:
        SDTMIG v3.4, section 4.1.5, Core Variables; ADaMIG v1.3, section 3.
    """
    return [
        Diagnostic(
            code,
            f'{word} variable "{name}" is absent',
            expected=f'a variable "{name}"',
            help=f'add a line for "{name}" to the spec of {facts.name}',
            dataset=facts.name,
            variable=name,
        )
        for code, word, names in (
            (facts.codes.required_absent, "required", facts.required),
            ("SDTM023", "expected", facts.expected),
        )
        for name in names
        if not facts.has(name)
    ]


def check_missing(facts: Facts) -> list[Diagnostic]:
    """Find required variables (SDTM) and required keys (ADaM) with missing values.

    Source:
        SDTMIG v3.4, section 4.1.5: a required variable cannot be null for any record.
        ADaMIG v1.3, section 3.1.1: a required variable must be there; it may be null.
    """
    found = []
    tabulation = facts.codes is SDTM
    what = "required variable" if tabulation else "key variable"
    subject = facts.conventions.subject.key
    for name in facts.required if tabulation else facts.dataset.keys:
        if not facts.has(name) or not (name in facts.required or name == subject):
            continue
        records, lines = gather([column(facts.dataset, name)], facts.dataset.table[name].is_null())
        if records:
            found.append(
                Diagnostic(
                    facts.codes.required_missing,
                    f'{what} "{name}" has missing values',
                    found=lines,
                    expected="a value in every record",
                    dataset=facts.name,
                    variable=name,
                    records=records,
                )
            )
    return found


def check_known(facts: Facts) -> list[Diagnostic]:
    """Find variables that the standard does not name.

    Source:
        SDTMIG v3.4, section 4.1.1: other data go to supplemental qualifiers.
    """
    if not (facts.closed and facts.known):
        return []
    return [
        Diagnostic(
            "SDTM003",
            f'the standard has no variable "{name}" for "{facts.name}"',
            expected="variables of the implementation guide or of the class in the model",
            help=did_you_mean(name, set(facts.required + facts.expected) - set(facts.names))
            or f'move "{name}" to "supp:"',
            dataset=facts.name,
            variable=name,
        )
        for name in facts.names
        if name not in facts.standard and not _continues(facts, name)
    ]


def _continues(facts: Facts, name: str) -> bool:
    """Say whether a variable holds the rest of a long text, as the standard has it."""
    return any(
        one in facts.standard and re.fullmatch(f"{re.escape(one)}[1-9][0-9]?", name)
        for one in facts.conventions.continued
    )


def check_order(facts: Facts) -> list[Diagnostic]:
    """Find the first variable that does not stand where the standard puts it.

    Source:
        SDTMIG v3.4, section 4.1.4, Order of the Variables.
    """
    wanted = [name for name in facts.order if facts.has(name)]
    present = [name for name in facts.names if name in set(wanted)]
    for here, there in zip(present, wanted, strict=True):
        if here != there:
            return [
                Diagnostic(
                    "SDTM024",
                    "the variables do not stand in the order of the standard",
                    found=(f'"{here}" where "{there}" belongs',),
                    expected=" ".join(wanted),
                    dataset=facts.name,
                    variable=here,
                )
            ]
    return []


def check_types(facts: Facts) -> list[Diagnostic]:
    """Find variables that are text where the standard says Num, or the reverse.

    Source:
        SDTMIG v3.4, section 4.1.4: column Type of the specification tables.
    """
    found = []
    for variable in facts.dataset.variables:
        standard = facts.standard.get(variable.name)
        stored = "Num" if variable.kind in _NUMERIC_KINDS else "Char"
        if standard is None or standard.type == stored:
            continue
        found.append(
            Diagnostic(
                facts.codes.wrong_type,
                f'"{variable.name}" is {stored} but {standard.type} in the standard',
                found=(variable.kind,),
                expected=standard.type,
                dataset=facts.name,
                variable=variable.name,
            )
        )
    return found
