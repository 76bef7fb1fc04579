"""Values from small tables: lookup, code, decode, map."""

from collections.abc import Mapping

from cdisc.diagnostics import Diagnostic
from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text
from cdisc.functions.unmatched import ELSE
from cdisc.language.verb import Argument, R, Scope, Sql, Type, Typing, Use, Verb, Words

AUDITS = {"error": "DATA001", "report": "DATA002"}


def refuse(found: Diagnostic, use: Use, check: Typing) -> Type:
    """Note at the verb why the study has no such terms or table; return the type to go on with."""
    return check.problem(found.code, found.fact, use.node, expected=found.expected, help=found.help)


def _joined(use: Use, out: Sql, name: str, rows: Mapping[str, str], *, number: bool = False) -> str:
    operand = out.column(use.operand)
    return _audited(use, out, operand, out.mapped(name, operand, rows), rows, number=number)


def _audited(
    use: Use, out: Sql, operand: str, value: str, rows: Mapping[str, str], *, number: bool
) -> str:
    code = AUDITS.get(use.text("else", "report") or "", "")
    out.audit(code, f"{operand} IS NOT NULL AND {value} IS NULL", operand)
    value = f"nullif({value}, '')" if "" in rows.values() else value
    return f"CAST({value} AS DOUBLE)" if number else value


def r_looked_up(
    use: Use, out: R, name: str, rows: Mapping[str, str], *, number: bool = False
) -> str:
    """Return the R of the value of an operand in a named vector."""
    value = f"looked_up({out.r(use.operand)}, {out.named(name, rows)})"
    value = f'na_if({value}, "")' if "" in rows.values() else value
    return f"as.numeric({value})" if number else value


def _column(use: Use, found: Mapping[str, Mapping[str, str]]) -> Mapping[str, str] | None:
    return found.get(use.text("column") or "")


def _numbers(rows: Mapping[str, str]) -> bool:
    values = [value for value in rows.values() if value]
    return bool(values) and all(value.replace(".", "", 1).lstrip("-").isdigit() for value in values)


def _lookup_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text", "dtc")
    found = check.scope.table(use.text("table") or "")
    if isinstance(found, Diagnostic):
        return refuse(found, use, check)
    rows = _column(use, found)
    if rows is None:
        fact = f'table "{use.text("table")}" has no column "{use.text("column")}"'
        return check.problem("SPEC020", fact, use.node, expected=", ".join(found))
    return "number" if check.scope.target_type == "number" and _numbers(rows) else "text"


def _lookup(use: Use, out: Sql) -> str:
    table, column = use.text("table") or "", use.text("column") or ""
    found = out.scope.table(table)
    assert not isinstance(found, Diagnostic)
    operand = out.column(use.operand)
    value = f"{out.looked_up(table, found, operand)}.{sql_name(column)}"
    number = out.type_of(use.node) == "number"
    return _audited(use, out, operand, value, found[column], number=number)


def _gives(use: Use, scope: Scope) -> tuple[str, ...] | None:
    found = scope.table(use.text("table") or "")
    rows = None if isinstance(found, Diagnostic) else _column(use, found)
    return tuple(value for value in rows.values() if value) if rows else None


def _r_lookup(use: Use, out: R) -> str:
    table, column = use.text("table") or "", use.text("column") or ""
    found = out.scope.table(table)
    assert not isinstance(found, Diagnostic)
    number = out.type_of(use.node) == "number"
    return r_looked_up(use, out, f"{table}_{column}", found[column], number=number)


LOOKUP = Verb(
    name="lookup",
    form="step",
    summary="The value of a column of a study table, by its key.",
    missing="Missing stays missing; a key that the table lacks is reported.",
    arguments=(Argument("table", "word"), Argument("column", "word"), ELSE),
    rule=_lookup_rule,
    sql=_lookup,
    english=lambda use, words: (
        f"the {use.text('column')} that the study's table {use.text('table')} gives for"
        f" {words.say(use.operand)}"
    ),
    r=_r_lookup,
    effect="assigns",
    gives=_gives,
    example="vs.INSTANCE | lookup visits VISITNUM",
)


def _code_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    found = check.scope.numbers(use.text("terms") or "")
    if isinstance(found, Diagnostic):
        return refuse(found, use, check)
    return "number"


def _code(use: Use, out: Sql) -> str:
    rows = out.scope.numbers(use.text("terms") or "")
    assert not isinstance(rows, Diagnostic)
    return _joined(use, out, f"{use.text('terms')}_code", rows, number=True)


def _r_code(use: Use, out: R) -> str:
    rows = out.scope.numbers(use.text("terms") or "")
    assert not isinstance(rows, Diagnostic)
    return r_looked_up(use, out, f"{use.text('terms')}_numbers", rows, number=True)


def _code_values(use: Use, scope: Scope) -> tuple[tuple[str, str | None], ...]:
    rows = scope.numbers(use.text("terms") or "")
    assert not isinstance(rows, Diagnostic)
    return tuple((number, decode) for decode, number in rows.items())


CODE = Verb(
    name="code",
    form="step",
    summary="The number that the study's terms give to a text.",
    missing="Missing stays missing; a text without a number is reported.",
    arguments=(Argument("terms", "word"), ELSE),
    rule=_code_rule,
    sql=_code,
    english=lambda use, words: (
        f"the number that the study's terms {use.text('terms')} give to {words.say(use.operand)}"
    ),
    r=_r_code,
    effect="assigns",
    values=_code_values,
    example="TRT01P | code TRT",
)


def _decode_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    found = check.scope.decodes(use.text("variable") or "")
    if isinstance(found, Diagnostic):
        return refuse(found, use, check)
    return "text"


def _decode(use: Use, out: Sql) -> str:
    rows = out.scope.decodes(use.text("variable") or "")
    assert not isinstance(rows, Diagnostic)
    return _joined(use, out, f"{use.text('variable')}_decode", rows)


def _r_decode(use: Use, out: R) -> str:
    rows = out.scope.decodes(use.text("variable") or "")
    assert not isinstance(rows, Diagnostic)
    return r_looked_up(use, out, f"{use.text('variable')}_names", rows)


DECODE = Verb(
    name="decode",
    form="step",
    summary="The name that controlled terminology gives to a test code (same NCI code).",
    missing="Missing stays missing; a code without a name is reported.",
    arguments=(Argument("variable", "word"), ELSE),
    rule=_decode_rule,
    sql=_decode,
    english=lambda use, words: (
        f"the name that controlled terminology gives to {words.say(use.operand)}"
    ),
    r=_r_decode,
    effect="assigns",
    example="LBTESTCD | decode LBTESTCD",
)


def _map_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "text"


def _map(use: Use, out: Sql) -> str:
    operand = out.column(use.operand)
    pairs = dict(use.pairs())
    other, none = pairs.pop("other", None), pairs.pop("none", None)
    whens = [f"WHEN {operand} = {text(key)} THEN {_value(to)}" for key, to in pairs.items()]
    if none is not None:
        whens.insert(0, f"WHEN {operand} IS NULL THEN {_value(none)}")
    if other is not None:
        whens.append(f"WHEN {operand} IS NOT NULL THEN {_value(other)}")
    else:
        keys = ", ".join(text(key) for key in pairs)
        out.audit("DATA002", f"{operand} NOT IN ({keys})", operand)
    return f"CASE {' '.join(whens)} END"


def _value(to: str) -> str:
    return text(to) if to else "NULL"


def _r_map(use: Use, out: R) -> str:
    operand = out.r(use.operand)
    pairs = dict(use.pairs())
    other, none = pairs.pop("other", None), pairs.pop("none", None)
    whens = [f"{operand} == {r_text(key)} ~ {_r_value(to)}" for key, to in pairs.items()]
    if none is not None:
        whens.insert(0, f"is.na({operand}) ~ {_r_value(none)}")
    if other is not None:
        whens.append(f"!is.na({operand}) ~ {_r_value(other)}")
    return "case_when(\n  " + ",\n  ".join(whens) + "\n)"


def _r_value(to: str) -> str:
    return r_text(to) if to else "NA_character_"


def _map_english(use: Use, words: Words) -> str:
    pairs = dict(use.pairs())
    other, none = pairs.pop("other", None), pairs.pop("none", None)
    parts = [f"'{key}' to {_said(to)}" for key, to in pairs.items()]
    parts.append(f"any other value to {_said(other or '')}")
    if none is not None:
        parts.append(f"missing to {_said(none)}")
    return words.after(use.operand, f"recoded ({', '.join(parts)})")


def _said(value: str) -> str:
    return f"'{value}'" if value else "missing"


MAP = Verb(
    name="map",
    form="step",
    summary="Each text to another; `other` stands for the rest, `none` for missing.",
    missing="Missing stays missing unless `none to` says otherwise; a text not listed is reported.",
    arguments=(Argument("pairs", "pairs"),),
    rule=_map_rule,
    sql=_map,
    english=_map_english,
    r=_r_map,
    gives=lambda use, _scope: tuple(to for _key, to in use.pairs() if to),
    values=lambda use, _scope: tuple(dict.fromkeys((to, None) for _key, to in use.pairs() if to)),
    example="DSDECOD | map COMPLETED to COMPLETED other to DISCONTINUED none to ONGOING",
)
