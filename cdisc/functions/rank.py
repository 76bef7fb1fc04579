"""The place of a text in a stated order: what sorts grades and responses from best to worst."""

from cdisc.functions.lookups import AUDITS
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.functions.unmatched import ELSE
from cdisc.language.verb import Argument, R, Scope, Sql, Type, Typing, Use, Verb, Words


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    words = use.texts("words")
    twice = [one for n, one in enumerate(words) if one in words[:n]]
    if twice:
        return check.problem("SPEC012", f'rank: "{twice[0]}" is written twice', use.node)
    return "number"


def _sql(use: Use, out: Sql) -> str:
    operand = out.column(use.operand)
    whens = [
        f"WHEN {operand} = {text(word)} THEN {number}.0"
        for number, word in enumerate(use.texts("words"), start=1)
    ]
    result = f"CASE {' '.join(whens)} END"
    otherwise = use.text("else", "report")
    if otherwise in AUDITS:
        out.audit(AUDITS[otherwise], f"{operand} IS NOT NULL AND {result} IS NULL", operand)
    return f"CAST({result} AS DOUBLE)"


def _r(use: Use, out: R) -> str:
    operand = out.r(use.operand)
    whens = [
        f"{operand} == {r_text(word)} ~ {number}"
        for number, word in enumerate(use.texts("words"), start=1)
    ]
    return "case_when(\n  " + ",\n  ".join(whens) + "\n)"


def _english(use: Use, words: Words) -> str:
    listed = ", ".join(f"{n} for '{one}'" for n, one in enumerate(use.texts("words"), start=1))
    return f"the rank of {words.say(use.operand)}: {listed}"


def _values(use: Use, _scope: Scope) -> tuple[tuple[str, str | None], ...]:
    return tuple((str(n), one) for n, one in enumerate(use.texts("words"), start=1))


RANK = Verb(
    name="rank",
    form="step",
    summary="The place of a text, from 1, in the order that is written: what orders by severity.",
    missing="Missing stays missing; a text that is not listed is reported.",
    arguments=(
        Argument("words", "word", many=True),
        ELSE,
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    values=_values,
    example="AVALC | rank CR PR SD PD",
)
