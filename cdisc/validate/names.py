"""Names and labels: what a transport file can hold, and what the standard calls them."""

import re

from cdisc.diagnostics import Diagnostic
from cdisc.standard import VariableStandard
from cdisc.validate.codes import ADAM
from cdisc.validate.columns import pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import column, distinct, gather, records_in
from cdisc.validate.facts import Facts

NAME = re.compile(r"[A-Z_][A-Z0-9_]{0,7}")
_RULE = "at most 8 characters: A-Z, 0-9 and _, a letter or _ first"
_LABEL_BYTES = 40


def check_names(facts: Facts) -> list[Diagnostic]:
    """Find names of datasets and variables that a transport file cannot hold.

    Source:
        SAS transport format, version 5; SDTMIG v3.4, section 4.2.1.
    """
    found = []
    if not NAME.fullmatch(facts.name):
        found.append(
            Diagnostic(
                facts.codes.bad_dataset_name,
                f'"{facts.name}" is no valid dataset name',
                expected=_RULE,
                dataset=facts.name,
            )
        )
    found += [
        Diagnostic(
            facts.codes.bad_name,
            f'"{name}" is no valid variable name',
            expected=_RULE,
            dataset=facts.name,
            variable=name,
        )
        for name in facts.names
        if not NAME.fullmatch(name)
    ]
    return found


def check_prefixes(facts: Facts) -> list[Diagnostic]:
    """Find variables beyond the standard that lack the letters of the domain.

    Source:
        SDTMIG v3.4, section 4.2.1: names begin with the two-character prefix.
    """
    prefix = facts.prefix
    if prefix is None:
        return []
    return [
        Diagnostic(
            "SDTM026",
            f'"{name}" is not in the standard and does not begin with "{prefix}"',
            expected=f'a name that begins with "{prefix}"',
            dataset=facts.name,
            variable=name,
        )
        for name in facts.names
        if name not in facts.standard and not name.startswith(prefix)
    ]


def check_labels(facts: Facts) -> list[Diagnostic]:
    """Find labels that are too long, or not those of the standard.

    Source:
        SAS transport format, version 5: 40 bytes; SDTMIG v3.4, section 4.1.4.
    """
    found = []
    for variable in facts.dataset.variables:
        size = len(variable.label.encode())
        if size > _LABEL_BYTES or size == 0:
            found.append(
                Diagnostic(
                    facts.codes.label_too_long,
                    f'the label of "{variable.name}" has {size} bytes',
                    found=(variable.label,) if size else (),
                    expected=f"1 to {_LABEL_BYTES} bytes",
                    dataset=facts.name,
                    variable=variable.name,
                )
            )
        standard = facts.standard.get(variable.name)
        # A label that the standard leaves open binds nobody.
        if standard is None or standard.label == variable.label or standard.open_label:
            continue
        if facts.codes is ADAM and is_of_any_domain(standard):
            continue  # the label of the tabulation data is that of its domain
        found.append(
            Diagnostic(
                facts.codes.label_differs,
                f'the label of "{variable.name}" is not that of the standard',
                found=(variable.label,),
                expected=standard.label,
                dataset=facts.name,
                variable=variable.name,
            )
        )
    return found


def is_of_any_domain(standard: VariableStandard) -> bool:
    """Say whether the standard has a variable for every domain, such as --TERM."""
    return (standard.template or "").startswith("--")


def check_short_codes(facts: Facts) -> list[Diagnostic]:
    """Find short codes, such as test codes, that cannot serve as a variable name.

    Source:
        SDTMIG v3.4, section 4.2.1: at most 8 characters, no digit first, letters,
        digits and underscores only.
    """
    found = []
    for template in facts.conventions.short_codes:
        for (name,) in matching(facts.names, [template], facts.prefix):
            if not facts.has_text(name):
                continue
            values = column(facts.dataset, name)
            bad = [value for value in distinct(values) if not NAME.fullmatch(value)]
            records, lines = gather([values], records_in(values, bad))
            if records:
                found.append(
                    Diagnostic(
                        facts.codes.bad_short_code,
                        f'"{name}" has values that cannot serve as a name',
                        found=lines,
                        expected=_RULE,
                        dataset=facts.name,
                        variable=name,
                        records=records,
                    )
                )
    return found


def check_identifier(facts: Facts) -> list[Diagnostic]:
    """Find records whose domain abbreviation is not that of the dataset.

    Source:
        SDTMIG v3.4, section 2.2.3, Identifier Variables.
    """
    name = facts.conventions.identifier
    if name is None or facts.prefix is None or not facts.has_text(name):
        return []
    domain = facts.dataset.domain or facts.prefix
    values = column(facts.dataset, name)
    records, lines = gather([values], pc.not_equal(values, domain))
    if not records:
        return []
    return [
        Diagnostic(
            "SDTM027",
            f'"{name}" is not "{domain}" in every record',
            found=lines,
            expected=domain,
            dataset=facts.name,
            variable=name,
            records=records,
        )
    ]
