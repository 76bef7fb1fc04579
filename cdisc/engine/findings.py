"""What a run reports of the data: the fact, examples with their place, and the remedy."""

from collections.abc import Callable, Sequence

from cdisc.diagnostics import Diagnostic
from cdisc.engine.level import Audit, Unique
from cdisc.engine.program import Checked, EventPlan, FormPlan, Relation

_EXAMPLES = 3
_PLURAL = {
    False: {"s": "", "are": "is", "become": "becomes", "fall": "falls", "leave": "leaves"},
    True: {"s": "s", "are": "are", "become": "become", "fall": "fall", "leave": "leave"},
}
_FACTS = {
    "DATA001": "{variable}: {n} value{s} {are} not in the table",
    "DATA002": "{variable}: {n} value{s} {are} not listed and {become} missing",
    "DATA003": "{variable}: {n} collected value{s} {are} not in the codelist",
    "DATA004": "{variable}: {n} collected value{s} {are} not in the codelist and {become} missing",
    "DATA005": "{variable}: {n} value{s} {fall} outside all bands",
    "DATA006": "{variable}: {n} conversion{s} {are} not known",
    "DATA007": "{variable}: {n} collected value{s} cannot be read as a date",
    "DATA008": "{variable}: {n} collected value{s} cannot be read as a date and {become} missing",
    "DATA015": "{variable}: {n} collected value{s} {are} not a number and {become} missing",
    "DATA016": "{variable}: {n} collected value{s} {are} not a number",
    "DATA017": "{variable}: {n} number{s} cannot move a date; the result is missing",
    "DATA018": "{variable}: {n} comparison{s} of partial dates {are} undecided: taken as false",
    "DATA026": "{variable}: visits of {n} date{s} cannot be numbered and {become} missing",
    "DATA031": "{variable}: {n} text{s} {are} longer than the parts",
    "DATA032": "{variable}: {n} text{s} in a box {are} neither checked nor unchecked",
    "DATA035": "{variable}: {n} unit{s} {are} not in the grading table; the grade is missing",
    "DATA033": "{variable}: {n} number{s} {are} too long to be converted, and {become} missing",
    "DATA034": "{variable}: {n} group{s} of records without a single value",
    "DATA011": "{variable}: the order leaves {n} choice{s} open; the place in the file decided",
}
_HELP = {
    "DATA001": "add the value to the table in study.yaml",
    "DATA002": "add the value to the table or to map, or say: else missing; of map: other to ''",
    "DATA003": "add the value to terms, for example under terms/",
    "DATA004": "add the value to terms, or say what to do: else error, else missing, else keep",
    "DATA005": "add a band that covers it",
    "DATA006": "add the factor to the units table, or the unit to the terms",
    "DATA035": "convert the results, or add the unit to a table under grades: in study.yaml",
    "DATA007": "add the form of the date, the unknown token, or: else report",
    "DATA008": "add the form of the date or the unknown token",
    "DATA015": "tidy the text first, or say: else missing",
    "DATA016": "tidy the text first, or say: else report",
    "DATA017": "a date moves by whole days, a date with time by whole seconds: round first",
    "DATA018": "compare parts that both have, or impute the date first",
    "DATA026": "complete the date, or plan a number; more than 99 days behind one visit have none",
    "DATA031": "split into more parts, or shorten the text",
    "DATA032": "say which texts are a checked box: box MEANING checked 'V', or tidy them with map",
    "DATA033": "a number of more than 26 digits is no result: query the data",
    "DATA034": "name a variable under idvar: that has a value and tells these apart",
    "DATA011": "add variables to order, until it is total",
}


def audited(
    audit: Audit,
    values: Sequence[tuple[object, int, int | None]],
    number: int,
    place: Callable[[int | None], str],
) -> Diagnostic:
    """Return the finding of an audit.

    Args:
        audit: What was looked at.
        values: Each value found, its records, and the first source record; most records first.
        number: Records of all values.
        place: Says where a source record stands.
    """
    found = _examples(values, place, "for " if audit.among else "")
    variable = audit.variable.removeprefix("supp:")
    fact = _FACTS[audit.code].format(
        variable=f"{audit.dataset}.{variable}", n=len(values), **_PLURAL[len(values) > 1]
    )
    return Diagnostic(
        audit.code,
        f"{fact}, among the records of {audit.among}" if audit.among else fact,
        audit.span,
        found=found,
        help=_HELP[audit.code],
        dataset=audit.dataset,
        variable=variable,
        records=number,
    )


def _examples(
    values: Sequence[tuple[object, int, int | None]],
    place: Callable[[int | None], str],
    standing: str = "",
) -> tuple[str, ...]:
    found = [
        f'"{value}" {standing}{_number(count, "record")}, first {place(src)}'
        for value, count, src in values[:_EXAMPLES]
    ]
    if len(values) > _EXAMPLES:
        found.append(f"and {_number(len(values) - _EXAMPLES, 'more value')}")
    return tuple(found)


def without_subject(form: FormPlan, number: int, row: int) -> Diagnostic:
    """Return the finding that records of a form have no subject; `row` is the first."""
    return Diagnostic(
        "DATA009",
        f"{_records(number, f'form {form.name}', 'has', 'have')} no subject",
        form.subject.expression.span(),
        found=(f"first {form.block.file} row {row}",),
        help="correct the expression of subject:, or leave such records out with where:",
        records=number,
    )


def collected_twice(form: FormPlan, number: int, rows: Sequence[int]) -> Diagnostic:
    """Return the finding that records of a form are not told apart by ``record:``."""
    places = " and ".join(str(row) for row in rows[:_EXAMPLES])
    return Diagnostic(
        "DATA019",
        f"{_records(number, f'form {form.name}', 'repeats', 'repeat')} what identifies a record",
        form.span,
        found=(f"{form.block.file} rows {places}",),
        expected="one record for each subject, " + ", ".join(form.block.record),
        help="query the data, correct record:, or choose with: keep first by ... order ...",
        records=number,
    )


def not_unique(unique: Unique, subjects: int, subject: str, records: int) -> Diagnostic:
    """Return the finding that a join would multiply records; `subject` has `records` of them."""
    noun = "subject" if "_subject" in unique.columns else (*unique.columns, "study")[0]
    return Diagnostic(
        "DATA010",
        f"{unique.said} has more than one record where one is expected",
        unique.span,
        found=(f"{_number(subjects, noun)}, such as {subject} with {records} records",),
        expected="one record for each "
        + (", ".join(unique.columns).replace("_subject", "subject") or noun),
        help="choose one: first X where ... order ..., last, min, max",
        records=subjects,
    )


def partnerless(
    relation: Relation,
    values: Sequence[tuple[object, int, int | None]],
    place: Callable[[int | None], str],
) -> Diagnostic:
    """Return the finding that values of a relation have no partner; see `audited`."""
    number = sum(count for _value, count, _src in values)
    what = f"relate to no record of {relation.other}"
    return Diagnostic(
        "DATA030",
        f"{_records(number, relation.dataset, what.replace('relate', 'relates'), what)}",
        relation.span,
        found=_examples(values, place),
        expected=f"a value of {relation.other}.{relation.variable} of the same subject",
        help="query the data, or tidy both sides so that they are written alike",
        dataset=relation.dataset,
        records=number,
    )


def partly_dated(dataset: str, event: EventPlan, number: int, place: str) -> Diagnostic:
    """Return the finding that partial dates of an event do not count; `place` is the first."""
    return Diagnostic(
        "DATA020",
        f"{_number(number, 'partial date')} of {event.name} cannot count",
        event.span,
        found=(f"first {place}",),
        help="name an analysis date that is made with impute",
        dataset=dataset,
        records=number,
    )


def not_met(dataset: str, checked: Checked, number: int, place: str) -> Diagnostic:
    """Return the finding that records do not meet a condition; `place` is the first."""
    text = " ".join(checked.expression.text.split())
    return Diagnostic(
        "DATA012",
        f"{_records(number, dataset, 'does', 'do')} not meet: {text}",
        checked.expression.span(),
        found=(f"first {place}",),
        dataset=dataset,
        records=number,
    )


def _number(count: int, noun: str) -> str:
    return f"{count} {noun}{'s' if count > 1 else ''}"


def _records(count: int, source: str, one: str, many: str) -> str:
    return f"{_number(count, 'record')} of {source} {many if count > 1 else one}"
