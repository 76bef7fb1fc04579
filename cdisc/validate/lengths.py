"""Lengths: every value fits, no length is above the limit, none is wasteful."""

from cdisc.dataset import Variable
from cdisc.diagnostics import Diagnostic
from cdisc.validate.columns import Column, pc
from cdisc.validate.conventions import matching
from cdisc.validate.evidence import column, gather
from cdisc.validate.facts import Facts

_LIMIT = 200
_SLACK_BYTES = 20


def check_lengths(facts: Facts) -> list[Diagnostic]:
    """Compare the allocated length of each text variable with its values.

    Source:
        SAS transport format, version 5: 200 bytes; Study Data Technical
        Conformance Guide, section 3.3.2: the length is that of the longest value.
    """
    found = []
    for variable in facts.dataset.variables:
        if variable.kind == "text":
            found += _lengths(facts, variable)
    return found


def _lengths(facts: Facts, variable: Variable) -> list[Diagnostic]:
    values = column(facts.dataset, variable.name)
    sizes = pc.binary_length(values)
    longest = pc.max(sizes).as_py() or 1
    found = []
    if variable.length > _LIMIT:
        found.append(
            Diagnostic(
                facts.codes.length_over_limit,
                f'"{variable.name}" has the length {variable.length}',
                expected=f"at most {_LIMIT}",
                dataset=facts.name,
                variable=variable.name,
            )
        )
    if longest > variable.length:
        records, lines = _too_long(values, sizes, variable.length)
        found.append(
            Diagnostic(
                facts.codes.value_too_long,
                f'values of "{variable.name}" are longer than its length {variable.length}',
                found=lines,
                expected=f"a length of {longest}",
                records=records,
                dataset=facts.name,
                variable=variable.name,
            )
        )
    if variable.length > 2 * longest and variable.length - longest > _SLACK_BYTES:
        found.append(
            Diagnostic(
                facts.codes.length_too_generous,
                f'"{variable.name}" has the length {variable.length}, '
                f"its longest value {_bytes(longest)}",
                expected=f"a length of {longest}",
                dataset=facts.name,
                variable=variable.name,
            )
        )
    return found


def check_value_limits(facts: Facts) -> list[Diagnostic]:
    """Find values above the limit that the standard sets for their variable.

    Source:
        SDTMIG v3.4, section 4.2.1: 8 characters for codes, 40 for names of tests,
        20 for codes of arms.
    """
    found = []
    for limit in facts.conventions.limits:
        for (name,) in matching(facts.names, [limit.variable], facts.prefix):
            if name in limit.exceptions or facts.dataset.variable(name).kind != "text":
                continue
            values = column(facts.dataset, name)
            records, lines = _too_long(values, pc.binary_length(values), limit.bytes)
            if records:
                found.append(
                    Diagnostic(
                        facts.codes.value_over_limit,
                        f'values of "{name}" are longer than {limit.bytes} bytes',
                        found=lines,
                        expected=f"at most {_bytes(limit.bytes)}",
                        dataset=facts.name,
                        variable=name,
                        records=records,
                    )
                )
    return found


def _too_long(values: Column, sizes: Column, limit: int) -> tuple[int, tuple[str, ...]]:
    return gather([values], pc.greater(sizes, limit))


def _bytes(count: int) -> str:
    return f"{count} byte" if count == 1 else f"{count} bytes"
