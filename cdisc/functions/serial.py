"""Dates that a spreadsheet program kept as numbers of days, written out again."""

from cdisc.language.verb import Sql, Type, Typing, Use, Verb, Words

_LONGEST = r"[2-7]\d{4}(\.\d+)?"  # 20000 is in 1954, 79999 in 2119: no year, no time, no 8 digits


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "text"


def _sql(use: Use, out: Sql) -> str:
    return f"written_out({out.chained(use.operand)})"


def _english(use: Use, words: Words) -> str:
    return words.after(
        use.operand, "with the serial number of a spreadsheet program written as a date"
    )


SERIAL = Verb(
    name="serial",
    form="step",
    summary=(
        "The number under which a spreadsheet program keeps a date (46152, 46152.29514), as"
        " y-m-d or y-m-d H:M, with seconds where there are some; any other text stays as it is."
    ),
    missing="Missing stays missing.",
    rule=_rule,
    sql=_sql,
    english=_english,
    may_be_empty=True,
    pure=True,
    costly=True,
    effect="cleans",
    r=lambda use, out: f"written_out({out.r(use.operand)})",
    example="lab.COLL_TM | serial | iso 'y-m-d H:M' 'y-m-d' 'y/m/d H:M'",
    prelude=(
        "CREATE MACRO serial_moment(x) AS TIMESTAMP '1899-12-30'"
        " + to_seconds(CAST(round(TRY_CAST(x AS DOUBLE) * 86400) AS BIGINT));"
        f"CREATE MACRO written_out(x) AS CASE WHEN NOT regexp_full_match(trim(x), '{_LONGEST}')"
        " THEN x WHEN position('.' IN x) = 0 THEN strftime(serial_moment(x), '%Y-%m-%d')"
        " WHEN second(serial_moment(x)) = 0 THEN strftime(serial_moment(x), '%Y-%m-%d %H:%M')"
        " ELSE strftime(serial_moment(x), '%Y-%m-%d %H:%M:%S') END"
    ),
)
