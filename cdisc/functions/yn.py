"""A condition as 'Y' or 'N'."""

from cdisc.language.verb import Argument, Type, Typing, Use, Verb


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "boolean")
    return "text"


YN = Verb(
    name="yn",
    form="call",
    summary="'Y' where the condition holds, else 'N'.",
    missing="Never missing: a comparison with missing is false.",
    arguments=(Argument("condition", "value"),),
    rule=_rule,
    sql=lambda use, out: f"CASE WHEN {out.sql(use.operand)} THEN 'Y' ELSE 'N' END",
    english=lambda use, words: f"'Y' where {words.say(use.operand)}, otherwise 'N'",
    gives=lambda _use, _scope: ("N", "Y"),
    r=lambda use, out: f'if_else(holds({out.r(use.operand)}), "Y", "N")',
    values=lambda _use, _scope: (("N", None), ("Y", None)),
    example="yn(RANDDT is not missing)",
)
