"""Numbers among the arguments of a verb that count something: whole, and within bounds."""

from cdisc.language import tree as t
from cdisc.language.verb import Typing, Use


def require_whole(use: Use, check: Typing, name: str, *, least: int, most: int) -> None:
    """Note an argument that is typed as a number but counts nothing.

    Args:
        use: The verb where it is used.
        check: Notes the mistake (SPEC012).
        name: The argument; one that is not there, or that is computed, is left alone.
        least: The least number that it may be.
        most: The greatest.
    """
    given = use.given.get(name)
    value = given.value if isinstance(given, t.Number) else given
    if isinstance(value, t.Node):
        return
    assert value is None or isinstance(value, str)
    if value is not None and not (value.isdecimal() and least <= int(value) <= most):
        fact = f"{use.verb.name}: {name} cannot be {value}"
        check.problem("SPEC012", fact, use.node, expected=f"a whole number from {least} to {most}")
