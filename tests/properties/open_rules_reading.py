"""A slow, plain reading of the conditions of published rules: record by record, in Python.

A record is a dict in which a text that is missing is None. What each operator means is written
here a second time, from its documentation, without a word of SQL.
"""

import datetime as dt
import itertools
import re

from cdisc.validate.open_rules.rule import Group

from .open_rules_groups import (
    before_last,
    different,
    inconsistent,
    next_corresponds,
    ordered_by,
    ordered_set,
    repeated,
    unique,
    unrelated,
)

SEPARATOR = "/"


def failing(condition, rows):
    """Return the numbers of the records, from 1, for which a condition holds."""
    return [at for at, row in enumerate(rows, 1) if holds(condition, row, rows)]


def holds(condition, row, rows):
    if isinstance(condition, Group):
        parts = [holds(one, row, rows) for one in condition.parts]
        return {"all": all(parts), "any": any(parts), "not": not all(parts)}[condition.kind]
    for negated, plain in NEGATIONS.items():
        if condition.operator == negated:
            return not OPERATORS[plain](condition, row, rows)
    return OPERATORS[condition.operator](condition, row, rows)


def other(test, row):
    """What a condition compares with: the value of a variable if one is named, else the literal."""
    named = isinstance(test.value, str) and not test.literal and test.value in row
    return row[test.value] if named else test.value


def said(value):
    """A value as text: a whole number without its point."""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else str(value)
    return value


def alike(value):
    """A value in one form, so that 1, 1.0 and '01' agree."""
    try:
        return float(value)
    except (TypeError, ValueError):
        return None if value is None else str(value).strip()


def number(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def equal(test, row, _rows):
    left, right = row[test.name], other(test, row)
    if test.options.get("value_is_reference"):
        right = row.get(row[test.value])
    if test.options.get("round_values"):
        left, right = (None if number(one) is None else float(halves(one)) for one in (left, right))
    if test.options.get("type_insensitive") or test.options.get("value_is_reference"):
        left, right = alike(left), alike(right)
    if left is None or right is None:
        return False
    return type_of(left) == type_of(right) and left == right


def halves(value):
    """Round half away from zero."""
    value = float(value)
    return int(abs(value) + 0.5) * (1 if value >= 0 else -1)


def type_of(value):
    return "number" if isinstance(value, int | float) else "text"


def unequal(test, row, rows):
    left, right = row[test.name], other(test, row)
    if test.options.get("value_is_reference"):
        right = row.get(row[test.value])
    return not (left is None and right is None) and not equal(test, row, rows)


def lowered(value):
    return None if value is None else str(said(value)).lower()


def equal_folded(test, row, _rows):
    left, right = lowered(row[test.name]), lowered(other(test, row))
    return left is not None and left == right


def unequal_folded(test, row, _rows):
    return lowered(row[test.name]) != lowered(other(test, row))


def ordered(sign):
    def build(test, row, _rows):
        left, right = number(row[test.name]), number(other(test, row))
        return left is not None and right is not None and sign(left, right)

    return build


def empty(test, row, _rows):
    return row[test.name] is None


def part(test, row):
    value = said(row[test.name])
    if value is None:
        return None
    if "prefix" in test.options:
        return value[: test.options["prefix"]]
    return value[-test.options["suffix"] :]


def of_part(meaning):
    def build(test, row, _rows):
        value = part(test, row)
        return value is not None and meaning(value, test, row)

    return build


def matches(test, row, _rows):
    value = said(row[test.name])
    return value is not None and re.match(test.value, value) is not None


def matches_not(test, row, rows):
    return row[test.name] is not None and not matches(test, row, rows)


def string_part(test, row, _rows):
    found = re.search(test.options["regex"], other(test, row) or "")
    return found is not None and row[test.name] is not None and row[test.name] == found[1]


def sized(sign):
    def build(test, row, _rows):
        right = other(test, row)
        size = right if isinstance(right, int | float) else len(said(right) or "")
        return sign(len(said(row[test.name]) or ""), size)

    return build


def equal_parts(test, row, _rows):
    parts = (row[test.name] or "").split(test.options.get("separator", SEPARATOR))
    return len(parts) == 1 or (len(parts) == 2 and len(parts[0]) == len(parts[1]))


def contained(fold):
    def build(test, row, rows):
        value = row[test.name]
        if isinstance(test.value, list):
            among = test.value
        elif not test.literal and test.value in row:
            among = [one[test.value] for one in rows]
        else:
            among = [test.value]
        if value is None:
            return "" in among
        return fold(value) in [fold(one) for one in among if one is not None]

    return build


def contains(fold):
    def build(test, row, _rows):
        value, right = row[test.name], other(test, row)
        if value is None or right is None:
            return False
        return fold(said(right)) in fold(said(value))

    return build


def contains_or_is_among(test, row, rows):
    if not test.literal and test.value in row:  # a variable: its value is one of the other's
        right = row[test.value]
        return right is not None and right in [one[test.name] for one in rows]
    return contains(str)(test, row, rows)


def contains_all(test, _row, rows):
    held = {one[test.name] for one in rows}
    wanted = test.value if isinstance(test.value, list) else {one[test.value] for one in rows}
    return {one for one in wanted if one is not None} <= held


def exists(test, row, _rows):
    return test.name in row


def gaps(test, row, _rows):
    names = sorted(
        (one for one in row if re.fullmatch(rf"{test.name}\d*", one)), key=lambda x: (len(x), x)
    )
    return any(
        row[after] is not None and row[before] is None
        for before, after in itertools.pairwise(names)
    )


# dates -----------------------------------------------------------------------------------------

EXACT = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d))?)?)?)?)?", re.ASCII)


def moment(value):
    """The moment at which a date begins of which parts may be left out; None where it is none."""
    found = EXACT.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return None
    parts = [int(one) if one else low for one, low in zip(found.groups(), LOW, strict=True)]
    try:
        return dt.datetime(*parts, tzinfo=dt.UTC)
    except ValueError:
        return None


LOW = (1970, 1, 1, 0, 0, 0)


def dated(sign):
    def build(test, row, _rows):
        left, right = moment(row[test.name]), moment(other(test, row))
        if left is None or right is None:
            return False
        component = test.options.get("date_component")
        if component:
            left, right = getattr(left, component), getattr(right, component)
        return sign(left, right)

    return build


def complete(test, row, _rows):
    value = row[test.name]
    return moment(value) is not None and len(value) >= len("2026-01-01")


def invalid_date(test, row, _rows):
    return moment(row[test.name]) is None


DURATION = r"P(\d+W|(\d+Y)?(\d+M)?(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+S)?)?)"


def invalid_duration(test, row, _rows):
    sign = "" if test.options.get("negative") is False else "-?"
    value = row[test.name] or ""
    return value.endswith("P") or re.fullmatch(sign + DURATION, value) is None


def lt(a, b):
    return a < b


def le(a, b):
    return a <= b


def eq(a, b):
    return a == b


def gt(a, b):
    return a > b


def ge(a, b):
    return a >= b


def ne(a, b):
    return a != b


OPERATORS = {
    "equal_to": equal, "not_equal_to": unequal,
    "equal_to_case_insensitive": equal_folded, "not_equal_to_case_insensitive": unequal_folded,
    "less_than": ordered(lt), "less_than_or_equal_to": ordered(le),
    "greater_than": ordered(gt), "greater_than_or_equal_to": ordered(ge),
    "empty": empty, "exists": exists, "matches_regex": matches, "not_matches_regex": matches_not,
    "prefix_matches_regex": of_part(lambda v, t, _r: re.search(t.value, v) is not None),
    "suffix_matches_regex": of_part(lambda v, t, _r: re.search(t.value, v) is not None),
    "not_prefix_matches_regex": of_part(lambda v, t, _r: re.search(t.value, v) is None),
    "not_suffix_matches_regex": of_part(lambda v, t, _r: re.search(t.value, v) is None),
    "prefix_equal_to": of_part(lambda v, t, r: v == other(t, r)),
    "suffix_equal_to": of_part(lambda v, t, r: v == other(t, r)),
    "prefix_is_contained_by": of_part(lambda v, t, _r: v in t.value),
    "suffix_is_contained_by": of_part(lambda v, t, _r: v in t.value),
    "equals_string_part": string_part,
    "starts_with": lambda t, r, _: r[t.name] is not None and said(r[t.name]).startswith(t.value),
    "ends_with": lambda t, r, _: r[t.name] is not None and said(r[t.name]).endswith(t.value),
    "longer_than": sized(gt), "longer_than_or_equal_to": sized(ge), "has_equal_length": sized(eq),
    "split_parts_have_equal_length": equal_parts,
    "is_contained_by": contained(lambda one: one),
    "is_contained_by_case_insensitive": contained(str.lower),
    "contains": contains_or_is_among, "contains_case_insensitive": contains(str.lower),
    "contains_all": contains_all,
    "inconsistent_enumerated_columns": gaps,
    "date_equal_to": dated(eq), "date_not_equal_to": dated(ne), "date_less_than": dated(lt),
    "date_less_than_or_equal_to": dated(le), "date_greater_than": dated(gt),
    "date_greater_than_or_equal_to": dated(ge),
    "is_complete_date": complete, "invalid_date": invalid_date,
    "invalid_duration": invalid_duration,
    "is_unique_set": unique, "is_not_unique_relationship": unrelated,
    "is_inconsistent_across_dataset": inconsistent,
    "present_on_multiple_rows_within": repeated,
    "empty_within_except_last_row": before_last(wanted=True),
    "non_empty_within_except_last_row": before_last(wanted=False),
    "has_next_corresponding_record": next_corresponds,
    "is_ordered_set": ordered_set, "is_ordered_by": ordered_by,
    "has_different_values": different,
}  # fmt: skip

NEGATIONS = {
    "non_empty": "empty", "not_exists": "exists",
    "prefix_not_equal_to": "prefix_equal_to", "suffix_not_equal_to": "suffix_equal_to",
    "prefix_is_not_contained_by": "prefix_is_contained_by",
    "suffix_is_not_contained_by": "suffix_is_contained_by",
    "does_not_equal_string_part": "equals_string_part",
    "shorter_than_or_equal_to": "longer_than", "shorter_than": "longer_than_or_equal_to",
    "has_not_equal_length": "has_equal_length",
    "split_parts_have_unequal_length": "split_parts_have_equal_length",
    "is_not_contained_by": "is_contained_by",
    "is_not_contained_by_case_insensitive": "is_contained_by_case_insensitive",
    "does_not_contain": "contains",
    "does_not_contain_case_insensitive": "contains_case_insensitive",
    "not_contains_all": "contains_all", "is_incomplete_date": "is_complete_date",
    "is_not_unique_set": "is_unique_set",
    "is_unique_relationship": "is_not_unique_relationship",
    "is_consistent_across_dataset": "is_inconsistent_across_dataset",
    "not_present_on_multiple_rows_within": "present_on_multiple_rows_within",
    "does_not_have_next_corresponding_record": "has_next_corresponding_record",
    "is_not_ordered_set": "is_ordered_set", "is_not_ordered_by": "is_ordered_by",
    "has_same_values": "has_different_values",
}  # fmt: skip
