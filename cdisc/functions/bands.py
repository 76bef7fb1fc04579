"""Bands of a number: ``bands(AGE, '<18', '18-64', '>64')``, with the band's number beside.

A band is its own label, or has one before a colon: ``'Underweight: <18.5'``.
"""

import re

from cdisc.functions.numbers import NUMBER_TEXT
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Companion, R, Sql, Type, Typing, Use, Verb, Words

_NUMBER = r"(-?\d+(?:\.\d+)?)"
_LIMIT = re.compile(rf"\s*(<=|>=|<|>|≤|≥)\s*{_NUMBER}\D*")
_RANGE = re.compile(rf"\s*{_NUMBER}\s*-\s*(<?)\s*{_NUMBER}\D*")


def _bands(use: Use) -> list[tuple[str, str]]:
    """Return the label of each band, and the band as it is written."""
    texts = [node.value for node in use.node.arguments[1:] if isinstance(node, t.Text)]
    return [(_label(one), one) for one in texts]


def _labels(use: Use) -> list[str]:
    return [label for label, _band in _bands(use)]


def _label(band: str) -> str:
    label, colon, _rest = band.rpartition(":")
    return label.strip() if colon else band


def _condition(value: str, band: str) -> str | None:
    label = band.rpartition(":")[2]
    limit = _LIMIT.fullmatch(label)
    if limit:
        sign = {"≤": "<=", "≥": ">="}.get(limit[1], limit[1])
        return f"{value} {sign} {limit[2]}"
    both = _RANGE.fullmatch(label)
    if both:
        return f"{value} >= {both[1]} AND {value} <{'' if both[2] else '='} {both[3]}"
    return None


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "number")
    for node in use.node.arguments[1:]:
        if not isinstance(node, t.Text) or _condition("x", node.value) is None:
            check.problem(
                "SPEC012",
                "bands: this is not a band",
                node,
                expected="'<18', '18-64', '25-<30', '>=65', or with a label: 'Old: >=65'",
            )
    return "text"


def _cases(use: Use, out: Sql, values: list[str]) -> str:
    operand = out.column(use.operand)
    whens = [
        f"WHEN {_condition(operand, band)} THEN {value}"
        for (_label, band), value in zip(_bands(use), values, strict=True)
    ]
    return f"CASE {' '.join(whens)} END"


def _sql(use: Use, out: Sql) -> str:
    result = _cases(use, out, [text(label) for label in _labels(use)])
    operand = out.column(use.operand)
    outside = f"{operand} IS NOT NULL AND {result} IS NULL"
    out.audit("DATA005", outside, f"number_text({operand})")
    return result


def _r_cases(use: Use, out: R, values: list[str]) -> str:
    operand = out.r(use.operand)
    whens = [
        f"{(_condition(operand, band) or '').replace(' AND ', ' & ')} ~ {value}"
        for (_label, band), value in zip(_bands(use), values, strict=True)
    ]
    return "case_when(\n  " + ",\n  ".join(whens) + "\n)"


def _said(label: str, band: str) -> str:
    return f"'{label}'" if label == band else f"'{label}' ({band})"


def _english(use: Use, words: Words) -> str:
    said = [_said(label, band) for label, band in _bands(use)]
    return f"the band into which {words.say(use.operand)} falls: {_or(said)}"


def _number_english(use: Use, words: Words) -> str:
    bands = enumerate(_bands(use), start=1)
    said = [f"{number} for {_said(*band)}" for number, band in bands]
    return f"the number of the band into which {words.say(use.operand)} falls: {_or(said)}"


def _or(said: list[str]) -> str:
    return said[0] if len(said) == 1 else f"{', '.join(said[:-1])} or {said[-1]}"


def _companions(use: Use, target: str) -> tuple[Companion, ...]:
    node = use.node
    tree = t.Call(name="band_number", arguments=node.arguments, start=node.start, end=node.end)
    return (Companion(f"{target}N", tree),)


_ARGUMENTS = (Argument("number", "value"), Argument("band", "value", many=True))

BANDS = Verb(
    name="bands",
    form="call",
    summary="The band that a number falls into; the band's number is written to the variable + N.",
    missing="Missing stays missing; a number outside all bands is reported.",
    arguments=_ARGUMENTS,
    rule=_rule,
    sql=_sql,
    english=_english,
    r=lambda use, out: _r_cases(use, out, [r_text(label) for label in _labels(use)]),
    example="bands(AGE, '<18', '18-64', '>64')",
    companions=_companions,
    prelude=NUMBER_TEXT,
    gives=lambda use, _scope: _labels(use),
    values=lambda use, _scope: tuple((label, None) for label in _labels(use)),
    source="ADaMIG v1.3, section 3.2.3, pooled groups",
)


def _number_rule(use: Use, check: Typing) -> Type:
    _rule(use, check)
    return "number"


BAND_NUMBER = Verb(
    name="band_number",
    form="call",
    summary="The number of the band that a number falls into, from 1.",
    missing="Missing stays missing.",
    arguments=_ARGUMENTS,
    rule=_number_rule,
    sql=lambda use, out: _cases(use, out, [str(n + 1) for n in range(len(_labels(use)))]),
    english=_number_english,
    r=lambda use, out: _r_cases(use, out, [str(n + 1) for n in range(len(_labels(use)))]),
    example="band_number(AGE, '<18', '18-64', '>64')",
    values=lambda use, _scope: tuple(
        (str(number), label) for number, label in enumerate(_labels(use), start=1)
    ),
)
