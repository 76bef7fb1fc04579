"""A function that is written in the mapping language itself: its name, parameters and body.

``let: {"bmi(weight, height)": weight / power(height / 100, 2)}`` makes the function `bmi`
of a study; ``specs/formulas.yaml`` holds those that every study has.
"""

import re
from collections.abc import Callable

from cdisc.language import tree as t
from cdisc.language.verb import Argument, Effect, Scope, Sql, Type, Typing, Use, Verb, Words

_HEAD = re.compile(r"([a-z]\w*) *\( *(\w+(?: *, *\w+)*) *\)")


def formula_head(key: str) -> tuple[str, tuple[str, ...]] | None:
    """Return name and parameters of ``name(a, b)``, or None if it is not written so."""
    found = _HEAD.fullmatch(key)
    if found is None:
        return None
    return found[1], tuple(one.strip() for one in found[2].split(","))


def formula(  # noqa: PLR0913  what a function says of itself
    head: tuple[str, tuple[str, ...]],
    body: t.Node | Callable[[], t.Node],
    *,
    says: str | None = None,
    summary: str = "A function of the study.",
    missing: str = "As its parts.",
    effect: Effect = "derives",
    source: str | None = None,
    example: str = "",
) -> Verb:
    """Return a function that stands for an expression.

    Args:
        head: Its name and its parameters.
        body: The expression, in which the parameters are bare names; or what gives it, for
            one that may not be needed.
        says: Its English, with ``{parameter}`` for the English of each; that of the body if
            left out.
        summary: What it does, for help.
        missing: What happens to missing values.
        effect: What it does to the origin of a value.
        source: Section of the standard, or publication, that decides it.
        example: A line that uses it.
    """
    name, parameters = head

    def expands(use: Use, _scope: Scope) -> t.Node:
        given = {one: use.node_of(one) for one in parameters}
        body_here = t.placed(body() if callable(body) else body, use.node)
        return t.substitute(
            body_here, lambda ref: given.get(ref.name) if ref.qualifier is None else None
        )

    def english(use: Use, words: Words) -> str:
        assert says is not None
        said = {one: words.say(node) for one in parameters if (node := use.node_of(one))}
        return says.format_map(said)

    return Verb(
        name=name,
        form="call",
        arguments=tuple(Argument(one, "value") for one in parameters),
        summary=summary,
        missing=missing,
        rule=_rule,
        sql=_no_sql,
        english=english if says else None,
        effect=effect,
        example=example or f"{name}({', '.join(parameters)})",
        source=source,
        expands=expands,
    )


def _rule(_use: Use, _check: Typing) -> Type:
    """Ask nothing of the arguments: the body does, with the place of the function."""
    return "missing"


def _no_sql(use: Use, _out: Sql) -> str:
    raise TypeError(use.verb.name)
