"""Operators of conditions as SQL predicates over the records of a frame.

Each gives what is true of a record where the operator holds. A missing value equals nothing and
is unequal to any value that is there; two missing values are neither equal nor unequal.
"""

import itertools
from collections.abc import Callable

from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import Column, Frame, plain
from cdisc.validate.open_rules.rule import Test, UnknownConstructError

Build = Callable[[Frame, Test], str]
_OPERATORS: dict[str, Build] = {}


def predicate(frame: Frame, test: Test) -> str:
    """Return a condition as SQL.

    Raises:
        MissingVariableError: The frame has no variable that it names.
        UnknownConstructError: The operator is not known.
    """
    build = _OPERATORS.get(test.operator)
    if build is None:
        raise UnknownConstructError(f"operator {test.operator}")
    return f"({build(frame, test)})"


def known() -> frozenset[str]:
    """Return the names of the operators."""
    return frozenset(_OPERATORS)


def operator(
    name: str, complement: str | None = None, *, wrong: bool = False
) -> Callable[[Build], Build]:
    """Add an operator, and its complement.

    Args:
        name: Its name.
        complement: Name of the operator that is true where this one is not.
        wrong: What is built is the complement, which is easier said.
    """

    def add(build: Build) -> Build:
        def negated(frame: Frame, test: Test) -> str:
            return f"NOT ({build(frame, test)})"

        _OPERATORS[name] = negated if wrong else build
        if complement is not None:
            _OPERATORS[complement] = build if wrong else negated
        return build

    return add


# what is compared ----------------------------------------------------------------------


def target(frame: Frame, test: Test) -> Column:
    """Return the variable that a condition is about."""
    if test.name is None:
        raise UnknownConstructError(f"{test.operator} without a name")
    return frame.column(test.name)


def compared(frame: Frame, test: Test) -> Column:
    """Return what a condition compares with: a variable, or a literal."""
    return frame.value(test.value, literal=test.literal)


def _true(sql: str) -> str:
    return f"coalesce({sql}, false)"


def _as_text(column: Column) -> str:
    """Return a value as text: a whole number without its point."""
    if column.kind == "number":
        return f"regexp_replace(CAST({column.sql} AS VARCHAR), '\\.0$', '')"
    if column.kind == "text":
        return column.sql
    return f"CAST({column.sql} AS VARCHAR)"


def _pair(frame: Frame, test: Test) -> tuple[str, str] | None:
    """Return two values that can be compared as they are; None where their types differ."""
    left = target(frame, test)
    if test.options.get("value_is_reference"):
        right = frame.referenced(frame.column(str(test.value)))
    else:
        right = compared(frame, test)
    if test.options.get("round_values"):
        left, right = (_rounded(one) for one in (left, right))
    if test.options.get("type_insensitive") or test.options.get("value_is_reference"):
        return plain(left.sql), plain(right.sql)
    if left.kind != right.kind and "missing" not in (left.kind, right.kind):
        return None
    return left.sql, right.sql


def _rounded(column: Column) -> Column:
    return Column(f"round(TRY_CAST({_as_text(column)} AS DOUBLE))", "number")


@operator("equal_to")
def _equal(frame: Frame, test: Test) -> str:
    pair = _pair(frame, test)
    return _true(f"{pair[0]} = {pair[1]}") if pair else "false"


@operator("not_equal_to")
def _not_equal(frame: Frame, test: Test) -> str:
    pair = _pair(frame, test)
    if pair:
        return f"{pair[0]} IS DISTINCT FROM {pair[1]}"
    left, right = target(frame, test), compared(frame, test)
    return f"{left.sql} IS NOT NULL OR {right.sql} IS NOT NULL"


@operator("equal_to_case_insensitive")
def _equal_folded(frame: Frame, test: Test) -> str:
    left, right = _as_text(target(frame, test)), _as_text(compared(frame, test))
    return _true(f"lower({left}) = lower({right})")


@operator("not_equal_to_case_insensitive")
def _not_equal_folded(frame: Frame, test: Test) -> str:
    left, right = _as_text(target(frame, test)), _as_text(compared(frame, test))
    return f"lower({left}) IS DISTINCT FROM lower({right})"


def _number(column: Column) -> str:
    return column.sql if column.kind == "number" else f"TRY_CAST({column.sql} AS DOUBLE)"


def _ordered(sign: str) -> Build:
    def build(frame: Frame, test: Test) -> str:
        left, right = _number(target(frame, test)), _number(compared(frame, test))
        return _true(f"{left} {sign} {right}")

    return build


for _name, _sign in {
    "less_than": "<", "less_than_or_equal_to": "<=",
    "greater_than": ">", "greater_than_or_equal_to": ">=",
}.items():  # fmt: skip
    operator(_name)(_ordered(_sign))


@operator("empty", "non_empty")
def _empty(frame: Frame, test: Test) -> str:
    column = target(frame, test)
    if column.kind == "list":
        return f"{column.sql} IS NULL OR len({column.sql}) = 0"
    return f"{column.sql} IS NULL"


# parts of texts ------------------------------------------------------------------------


def _part(frame: Frame, test: Test) -> str:
    """Return the first or last characters of a text, as many as the condition says."""
    shown = _as_text(target(frame, test))
    if "prefix" in test.options:
        return f"left({shown}, {int(test.options['prefix'])})"
    return f"right({shown}, {int(test.options['suffix'])})"


def _matching(*, whole: bool, anchored: bool) -> Build:
    def build(frame: Frame, test: Test) -> str:
        shown = _as_text(target(frame, test)) if whole else _part(frame, test)
        pattern = f"^(?:{test.value})" if anchored else str(test.value)
        return f"regexp_matches({shown}, {text(pattern)})"

    return build


def _matches(name: str, negated: str, build: Build) -> None:
    """Add an operator and its complement, of which neither is true of a missing value."""
    operator(name)(lambda frame, test: _true(build(frame, test)))
    operator(negated)(lambda frame, test: _true(f"NOT ({build(frame, test)})"))


_matches("matches_regex", "not_matches_regex", _matching(whole=True, anchored=True))
_matches("prefix_matches_regex", "not_prefix_matches_regex", _matching(whole=False, anchored=False))
_matches("suffix_matches_regex", "not_suffix_matches_regex", _matching(whole=False, anchored=False))


def _part_equal(frame: Frame, test: Test) -> str:
    other = text(frame.letters) if test.value == "DOMAIN" else _as_text(compared(frame, test))
    return _true(f"{_part(frame, test)} = {other}")


def _part_contained(frame: Frame, test: Test) -> str:
    part = Column(_part(frame, test), "text")
    return _true(_contained_in(frame, part, test))


for _end in ("prefix", "suffix"):
    operator(f"{_end}_equal_to", f"{_end}_not_equal_to")(_part_equal)
    operator(f"{_end}_is_contained_by", f"{_end}_is_not_contained_by")(_part_contained)


@operator("equals_string_part", "does_not_equal_string_part")
def _string_part(frame: Frame, test: Test) -> str:
    pattern = text(str(test.options["regex"]))
    part = f"nullif(regexp_extract({_as_text(compared(frame, test))}, {pattern}, 1), '')"
    return _true(f"{_as_text(target(frame, test))} = {part}")


@operator("starts_with")
def _starts(frame: Frame, test: Test) -> str:
    return _true(f"starts_with({_as_text(target(frame, test))}, {_as_text(compared(frame, test))})")


@operator("ends_with")
def _ends(frame: Frame, test: Test) -> str:
    return _true(f"ends_with({_as_text(target(frame, test))}, {_as_text(compared(frame, test))})")


def _length(frame: Frame, test: Test) -> tuple[str, str]:
    other = compared(frame, test)
    size = other.sql if other.kind == "number" else f"length({_as_text(other)})"
    return f"length(coalesce({_as_text(target(frame, test))}, ''))", f"coalesce({size}, 0)"


def _sized(sign: str) -> Build:
    return lambda frame, test: f" {sign} ".join(_length(frame, test))


operator("longer_than", "shorter_than_or_equal_to")(_sized(">"))
operator("longer_than_or_equal_to", "shorter_than")(_sized(">="))
operator("has_equal_length", "has_not_equal_length")(_sized("="))


@operator("split_parts_have_equal_length", "split_parts_have_unequal_length")
def _equal_parts(frame: Frame, test: Test) -> str:
    shown = _as_text(target(frame, test))
    parts = f"string_split({shown}, {text(str(test.options.get('separator', '/')))})"
    same = f"len({parts}) = 2 AND length({parts}[1]) = length({parts}[2])"
    return f"{shown} IS NULL OR len({parts}) = 1 OR ({same})"


# lists ---------------------------------------------------------------------------------


def _contained_in(frame: Frame, column: Column, test: Test, *, folded: bool = False) -> str:
    """Say whether a value is one of a list, or of the values of a variable."""
    fold: Callable[[str], str] = (lambda sql: f"lower({sql})") if folded else (lambda sql: sql)
    if isinstance(test.value, list):
        items = [frame.named(one) if isinstance(one, str) else one for one in test.value]
        same = [one for one in items if isinstance(one, str) == (column.kind == "text")]
        listed = ", ".join(fold(frame.literal(one).sql) for one in same if one != "")
        found = _true(f"{fold(column.sql)} IN ({listed})") if listed else "false"
        return f"({found} OR {column.sql} IS NULL)" if "" in items else found
    other = compared(frame, test)
    if other.kind == "list":
        of = f"list_transform({other.sql}, lambda __one: lower(__one))" if folded else other.sql
        return _true(f"list_contains({of}, {fold(_as_text(column))})")
    if other.from_frame:
        return _true(f"{fold(column.sql)} IN (SELECT {fold(other.sql)} FROM f)")
    return _true(f"{fold(column.sql)} = {fold(other.sql)}")


@operator("is_contained_by", "is_not_contained_by")
def _contained(frame: Frame, test: Test) -> str:
    column = target(frame, test)
    if column.kind == "list":
        return f"len(list_intersect({column.sql}, {compared(frame, test).sql})) > 0"
    return _contained_in(frame, column, test)


@operator("is_contained_by_case_insensitive", "is_not_contained_by_case_insensitive")
def _contained_folded(frame: Frame, test: Test) -> str:
    return _contained_in(frame, target(frame, test), test, folded=True)


@operator("contains", "does_not_contain")
def _contains(frame: Frame, test: Test) -> str:
    column, other = target(frame, test), compared(frame, test)
    if column.kind == "list":
        return _true(f"list_contains({column.sql}, {_as_text(other)})")
    if other.from_frame:  # of a variable: its value is one of those of the other
        return _true(f"{_as_text(other)} IN (SELECT {_as_text(column)} FROM f)")
    return _true(f"contains({_as_text(column)}, {_as_text(other)})")


@operator("contains_case_insensitive", "does_not_contain_case_insensitive")
def _contains_folded(frame: Frame, test: Test) -> str:
    column, other = target(frame, test), compared(frame, test)
    folded = f"lower({_as_text(other)})"
    if column.kind == "list":
        return _true(
            f"list_contains(list_transform({column.sql}, lambda __one: lower(__one)), {folded})"
        )
    return _true(f"contains(lower({_as_text(column)}), {folded})")


@operator("contains_all", "not_contains_all")
def _contains_all(frame: Frame, test: Test) -> str:
    column = target(frame, test)
    if isinstance(test.value, list):
        wanted = frame.literal(frame.expanded(map(str, test.value))).sql
    else:
        other = compared(frame, test)
        wanted = (
            other.sql if other.kind == "list" else f"(SELECT list(DISTINCT {other.sql}) FROM f)"
        )
    held = column.sql if column.kind == "list" else f"(SELECT list(DISTINCT {column.sql}) FROM f)"
    return _true(f"list_has_all({held}, {wanted})")


@operator("shares_no_elements_with", "shares_at_least_one_element_with")
def _shares_none(frame: Frame, test: Test) -> str:
    return f"len({_shared(frame, test)}) = 0"


@operator("shares_exactly_one_element_with")
def _shares_one(frame: Frame, test: Test) -> str:
    return f"len({_shared(frame, test)}) = 1"


def _shared(frame: Frame, test: Test) -> str:
    left, right = target(frame, test), compared(frame, test)
    sides = (one.sql if one.kind == "list" else f"[{_as_text(one)}]" for one in (left, right))
    return "list_intersect({}, {})".format(*sides)


@operator("is_ordered_subset_of", "is_not_ordered_subset_of")
def _ordered_subset(frame: Frame, test: Test) -> str:
    column, other = target(frame, test).sql, compared(frame, test).sql
    places = f"list_transform({column}, lambda __one: list_position({other}, __one))"
    return _true(f"list_has_all({other}, {column}) AND {places} = list_sort({places})")


# presence ------------------------------------------------------------------------------


@operator("exists", "not_exists")
def _exists(frame: Frame, test: Test) -> str:
    name = frame.named(str(test.name))
    if name in frame.columns:
        return "true"
    lists = [one for one in frame.columns.values() if one.kind == "list"]
    if any(name in (one.items or ()) for one in lists):
        return "true"
    # of a list that is the same for every record it is known now
    asked = [one.sql for one in lists if one.items is None]
    held = " OR ".join(_true(f"list_contains({one}, {text(name)})") for one in asked)
    return held or "false"


@operator("inconsistent_enumerated_columns")
def _gaps(frame: Frame, test: Test) -> str:
    stem = frame.named(str(test.name))
    found = [
        name
        for name in frame.columns
        if name == stem or (name.startswith(stem) and name[len(stem) :].isdigit())
    ]
    found.sort(key=lambda name: (len(name), name))
    pairs = itertools.pairwise(found)
    gaps = [f"({quoted(b)} IS NOT NULL AND {quoted(a)} IS NULL)" for a, b in pairs]
    return " OR ".join(gaps) or "false"
