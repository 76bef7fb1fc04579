"""Text to number, number or date to text, and rounding half away from zero."""

from cdisc.functions.unmatched import ELSE
from cdisc.functions.whole import require_whole
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

NUMBER_TEXT = (
    "CREATE MACRO number_text(x) AS CASE WHEN NOT isfinite(x) THEN NULL"
    " WHEN x = floor(x) AND abs(x) < 1e15 THEN CAST(CAST(x AS BIGINT) AS VARCHAR)"
    " WHEN abs(x) < 1e-3 AND CAST(printf('%.15f', x) AS DOUBLE) = x"
    " THEN rtrim(printf('%.15f', x), '0')"
    " ELSE CAST(x AS VARCHAR) END"
)

_ISO: dict[Type, str] = {"date": "%Y-%m-%d", "datetime": "%Y-%m-%dT%H:%M:%S"}
_AUDITS = {"error": "DATA016", "report": "DATA015"}


def _num_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "number"


def _num(use: Use, out: Sql) -> str:
    operand = out.column(use.operand)
    result = f"num({operand})"
    # the text of a variable stays in that variable; that of a field would be lost
    otherwise = use.text("else", "report" if out.is_collected(use.operand) else "missing")
    if otherwise in _AUDITS:
        out.audit(_AUDITS[otherwise], f"{operand} IS NOT NULL AND {result} IS NULL", operand)
    return result


def _num_english(use: Use, words: Words) -> str:
    words.note("A text that is not a number gives missing.")
    return f"the numeric value of {words.say(use.operand)}"


NUM = Verb(
    name="num",
    form="step",
    summary="The number that a text is; decimal point, optional sign and exponent.",
    missing=(
        "Missing where the text is not a number, such as '<0.1' or 'ND';"
        " of a collected field that is reported."
    ),
    arguments=(ELSE,),
    rule=_num_rule,
    sql=_num,
    english=_num_english,
    r=lambda use, out: f"number({out.r(use.operand)})",
    effect="cleans",
    example="LBSTRESC | num",
    source="SDTMIG v3.4, section 4.5.1, Original and Standardized Results",
    prelude=(
        "CREATE MACRO num(x) AS CASE WHEN regexp_full_match(x,"
        " '\\s*[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?\\s*')"
        " AND isfinite(TRY_CAST(x AS DOUBLE)) THEN TRY_CAST(x AS DOUBLE) END"
    ),
)


def _text_rule(use: Use, check: Typing) -> Type:
    return "text" if check.require(use.operand, "number", *_ISO) == "number" else "dtc"


def _text(use: Use, out: Sql) -> str:
    form = _ISO.get(out.type_of(use.operand))
    if form:
        return f"strftime({out.sql(use.operand)}, '{form}')"
    return f"number_text({out.column(use.operand)})"


def _text_r(use: Use, out: R) -> str:
    kind = out.type_of(use.operand)
    function = f"dtc_of_{kind}" if kind in _ISO else "number_text"
    return f"{function}({out.r(use.operand)})"


TEXT = Verb(
    name="text",
    form="step",
    summary=(
        "A number as text, the shortest that reads back as the same number;"
        " a date, or date with time, as ISO 8601."
    ),
    missing="Missing stays missing.",
    rule=_text_rule,
    sql=_text,
    english=lambda use, words: words.after(use.operand, "as text"),
    r=_text_r,
    effect="cleans",
    example="VSSTRESN | text",
    prelude=NUMBER_TEXT,
)


def _round_rule(use: Use, check: Typing) -> Type:
    require_whole(use, check, "digits", least=0, most=12)
    return check.require(use.operand, "number")


def _round(use: Use, out: Sql) -> str:
    return f"round_half_up({out.sql(use.operand)}, {use.text('digits')})"


def _round_english(use: Use, words: Words) -> str:
    digits = use.text("digits")
    to = {"0": "a whole number", "1": "1 decimal"}.get(digits or "", f"{digits} decimals")
    return f"{words.say(use.operand)}, rounded to {to}"


ROUND = Verb(
    name="round",
    form="step",
    summary="Round to so many decimals, half away from zero, as SAS does.",
    missing="Missing stays missing.",
    arguments=(Argument("digits", "number"),),
    rule=_round_rule,
    sql=_round,
    english=_round_english,
    r=lambda use, out: f"round_half_up({out.r(use.operand)}, {use.text('digits')})",
    effect="cleans",
    example="vs.WEIGHT | num | round 2",
    prelude=(
        "CREATE MACRO round_half_up(x, n) AS "
        " coalesce(CAST(round(TRY_CAST(x AS DECIMAL(38, 12)), n) AS DOUBLE), x)"
    ),
)


def _limit_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "number"


LIMIT = Verb(
    name="limit",
    form="step",
    summary="The number behind < <= > or >=: the limit of what could be measured.",
    missing="Missing stays missing; missing of any other text, also of a plain number.",
    rule=_limit_rule,
    sql=lambda use, out: f"limit_of({out.column(use.operand)})",
    english=lambda use, words: f"the number behind '<' or '>' in {words.say(use.operand)}",
    r=lambda use, out: f"limit_of({out.r(use.operand)})",
    effect="derives",
    example="coalesce(LBSTRESC | num, (LBSTRESC | limit) / 2)",
    prelude=(
        "CREATE MACRO limit_of(x) AS TRY_CAST(regexp_extract(x,"
        " '^\\s*[<>]=?\\s*([+-]?(?:\\d+\\.?\\d*|\\.\\d+)(?:[eE][+-]?\\d+)?)\\s*$', 1) AS DOUBLE)"
    ),
)

DECIMALS = Verb(
    name="decimals",
    form="step",
    summary="How many digits a number, or a limit such as '<0.50', has after the point.",
    missing="Missing where the text is no number and no limit; 0 without a point.",
    rule=_limit_rule,
    sql=lambda use, out: f"decimals_of({out.column(use.operand)})",
    english=lambda use, words: f"the number of decimals of {words.say(use.operand)}",
    r=lambda use, out: f"decimals_of({out.r(use.operand)})",
    effect="derives",
    example="(LBSTRESC | limit) - power(10, -(LBSTRESC | decimals))",
    prelude=(
        "CREATE MACRO decimals_of(x) AS CASE WHEN regexp_full_match(x,"
        " '\\s*(?:[<>]=?)?\\s*[+-]?(?:\\d+\\.?\\d*|\\.\\d+)\\s*')"
        " THEN CAST(length(regexp_extract(x, '\\.(\\d*)', 1)) AS DOUBLE) END"
    ),
)
