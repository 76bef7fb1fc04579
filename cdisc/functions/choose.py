"""One of several values: the first that is there, the earliest, the latest."""

from collections.abc import Callable, Sequence

from cdisc.functions.dates import DTC_EARLIEST, TIMES
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

_SEVERAL = (Argument("values", "value", many=True),)


def _common(use: Use, check: Typing) -> Type:
    found = [check.type_of(node) for node in use.node.arguments]
    for node, one in zip(use.node.arguments, found, strict=True):
        if one == "boolean":  # it is true or false, and never gives way to the next one
            check.require(node, "text")
    types = set(found) - {"missing", "boolean"}
    if types & {"text", "dtc"}:
        types.discard("literal")
    if types == {"text", "dtc"}:
        return "text"
    if len(types) > 1:
        return check.problem(
            "SPEC014", f"the values are of different types: {', '.join(sorted(types))}", use.node
        )
    return types.pop() if types else "missing"


def _times(use: Use, check: Typing) -> Type:
    for node in use.node.arguments:
        check.require(node, *TIMES)
    return _common(use, check)


def _call(function: str) -> Callable[[Use, Sql], str]:
    def render(use: Use, out: Sql) -> str:
        return f"{function}({', '.join(out.sql(node) for node in use.node.arguments)})"

    return render


def _earliest(use: Use, out: Sql) -> str:
    return least([out.sql(node) for node in use.node.arguments], out.type_of(use.node))


def least(values: Sequence[str], kind: Type) -> str:
    """Return the SQL of the earliest of several values; partial dates by `DTC_EARLIEST`."""
    if kind != "dtc":
        return f"least({', '.join(values)})"
    return f"dtc_ranked(least({', '.join(f'dtc_rank({one})' for one in values)}))"


def _list(before: str) -> Callable[[Use, Words], str]:
    return lambda use, words: before + words.several(use.node.arguments, "and")


def _passing_over(before: str) -> Callable[[Use, Words], str]:
    def render(use: Use, words: Words) -> str:
        words.note("Missing dates are passed over.")
        return before + words.several(use.node.arguments, "and")

    return render


def _r_call(function: str) -> Callable[[Use, R], str]:
    return lambda use, out: f"{function}({', '.join(out.r(one) for one in use.node.arguments)})"


def _r_coalesce(use: Use, out: R) -> str:
    there = [out.r(one) for one in use.node.arguments if out.type_of(one) != "missing"]
    return f"coalesce({', '.join(there)})" if there else "NA"


COALESCE = Verb(
    name="coalesce",
    form="call",
    summary="The first value that is not missing.",
    missing="Missing where all are missing.",
    arguments=_SEVERAL,
    rule=_common,
    sql=_call("coalesce"),
    english=_list("the first non-missing value of "),
    r=_r_coalesce,
    effect="cleans",
    example="coalesce(EX.EXENDTC, EX.EXSTDTC)",
)

EARLIEST = Verb(
    name="earliest",
    form="call",
    summary="The earliest of several dates; of equal, the most complete.",
    missing="Missing dates are passed over; missing where all are missing.",
    arguments=_SEVERAL,
    rule=_times,
    sql=_earliest,
    prelude=DTC_EARLIEST,
    english=_passing_over("the earliest of "),
    r=_r_call("earliest"),
    example="earliest(AESTDT, TRTSDT)",
)

LATEST = Verb(
    name="latest",
    form="call",
    summary="The latest of several dates; of equal, the most complete.",
    missing="Missing dates are passed over; missing where all are missing.",
    arguments=_SEVERAL,
    rule=_times,
    sql=_call("greatest"),
    english=_passing_over("the latest of "),
    r=_r_call("latest"),
    example="latest(AEENDT, TRTEDT)",
)
