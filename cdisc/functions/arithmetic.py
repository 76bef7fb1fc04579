"""Functions of numbers; where mathematics has no result, or no double holds it, it is missing."""

from collections.abc import Callable

from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

FINITE = "CREATE MACRO finite(x) AS CASE WHEN isfinite(x) THEN x END"


def _rule(use: Use, check: Typing) -> Type:
    for node in use.node.arguments:
        check.require(node, "number")
    return "number"


def _term(node: t.Node, words: Words) -> str:
    """Return the English of an operand, in parentheses where it is more than a name."""
    said = words.say(node)
    return said if isinstance(node, t.Ref | t.Number) else f"({said})"


def _sql(macro: str) -> Callable[[Use, Sql], str]:
    def render(use: Use, out: Sql) -> str:
        given = ", ".join(f"CAST({out.sql(one)} AS DOUBLE)" for one in use.node.arguments)
        return f"finite({macro}({given}))"

    return render


def _r(code: str) -> Callable[[Use, R], str]:
    def render(use: Use, out: R) -> str:
        return f"finite({code.format(*(out.r(one) for one in use.node.arguments))})"

    return render


def _english(text: str) -> Callable[[Use, Words], str]:
    def render(use: Use, words: Words) -> str:
        return text.format(*(_term(one, words) for one in use.node.arguments))

    return render


def _number(  # noqa: PLR0913  what each of them says of itself
    name: str,
    english: str,
    summary: str,
    *,
    example: str,
    arguments: tuple[str, ...] = ("number",),
    missing: str = "Missing stays missing.",
    macro: str = "",
    r: str = "",
) -> Verb:
    defined = f"; CREATE MACRO number_{name}{macro}" if macro else ""
    return Verb(
        name=name,
        form="call",
        summary=summary,
        missing=missing,
        arguments=tuple(Argument(one, "value") for one in arguments),
        rule=_rule,
        sql=_sql(f"number_{name}" if macro else name),
        english=_english(english),
        r=_r(r or f"{name}({{0}})"),
        example=example,
        prelude=FINITE + defined,
    )


ABS = _number(
    "abs", "the absolute value of {0}", "The number without its sign.", example="abs(CHG)"
)
SQRT = _number(
    "sqrt",
    "the square root of {0}",
    "The square root.",
    missing="Missing stays missing; missing of a negative number.",
    macro="(x) AS sqrt(CASE WHEN x >= 0 THEN x END)",
    example="sqrt(RR / 1000)",
)
POWER = _number(
    "power",
    "{0} to the power of {1}",
    "A number to the power of another.",
    arguments=("number", "exponent"),
    missing="Missing where either is missing, or where there is no such power.",
    r="({0})^({1})",
    example="power(HEIGHT / 100, 2)",
)
EXP = _number(
    "exp", "the exponential function of {0}", "The exponential function.", example="exp(LOGAVAL)"
)
LOG = _number(
    "log",
    "the natural logarithm of {0}",
    "The natural logarithm, as LOG of SAS and of R.",
    missing="Missing stays missing; missing of zero and of a negative number.",
    macro="(x) AS ln(CASE WHEN x > 0 THEN x END)",
    example="log(AVAL)",
)
LOG10 = _number(
    "log10",
    "the logarithm of {0} to base 10",
    "The logarithm to base 10.",
    missing="Missing stays missing; missing of zero and of a negative number.",
    macro="(x) AS log10(CASE WHEN x > 0 THEN x END)",
    example="log10(AVAL)",
)
FLOOR = _number(
    "floor", "{0}, rounded down to a whole number", "The whole number below.", example="floor(AGE)"
)
CEIL = _number(
    "ceil",
    "{0}, rounded up to a whole number",
    "The whole number above.",
    r="ceiling({0})",
    example="ceil(ADY / 7)",
)
MOD = _number(
    "mod",
    "the remainder of {0} divided by {1}",
    "The remainder of a division, with the sign of the number that is divided, as MOD of SAS.",
    arguments=("number", "divisor"),
    missing="Missing where either is missing; missing of a division by zero.",
    macro="(x, y) AS x - y * trunc(x / nullif(y, 0))",
    r="remainder({0}, {1})",
    example="mod(ADY, 7)",
)


def _several(name: str, function: str, said: str, example: str) -> Verb:
    return Verb(
        name=name,
        form="call",
        summary=f"The {said} of several numbers of a record.",
        missing="Missing numbers are passed over; missing where all are missing.",
        arguments=(Argument("values", "value", many=True),),
        rule=_rule,
        sql=lambda use, out: function.format(
            ", ".join(f"CAST({out.sql(one)} AS DOUBLE)" for one in use.node.arguments)
        ),
        english=lambda use, words: (
            f"the {said} of {words.several(use.node.arguments, 'and')}, missing values passed over"
        ),
        r=lambda use, out: f"{name}({', '.join(out.r(one) for one in use.node.arguments)})",
        example=example,
    )


LEAST = _several("least", "least({0})", "smallest", "least(AVAL1, AVAL2)")
GREATEST = _several("greatest", "greatest({0})", "largest", "greatest(AVAL1, AVAL2)")
AVERAGE = _several("average", "list_avg([{0}])", "mean", "average(SYSBP1, SYSBP2, SYSBP3)")
