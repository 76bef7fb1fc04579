"""The number of an unplanned visit: that of the planned visit before it, and a decimal."""

from collections.abc import Sequence

from cdisc.functions.dates import DTC_DATE, TIMES
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Sql, Type, Typing, Use, Verb, Words

# The last planned number on or before each day on which something unplanned was done; then the
# days that follow the same number are counted.
_NUMBERED = """
    WITH visits AS (SELECT _id, _subject, {planned} AS planned, {day} AS day FROM {table}),
    planned AS (
      SELECT _subject, day, max(planned) AS number FROM visits
      WHERE planned IS NOT NULL AND day IS NOT NULL GROUP BY _subject, day
    ),
    unplanned AS (
      SELECT DISTINCT _subject, day FROM visits WHERE planned IS NULL AND day IS NOT NULL
    ),
    following AS (
      SELECT u._subject, u.day, coalesce(p.number, 0) AS number
      FROM unplanned AS u ASOF LEFT JOIN planned AS p
        ON p._subject = u._subject AND u.day >= p.day
    ),
    counted AS (
      SELECT *, row_number() OVER (PARTITION BY _subject, number ORDER BY day) AS n,
        count(*) OVER (PARTITION BY _subject, number) AS days
      FROM following
    )
    SELECT v._id, CASE WHEN c.number <> floor(c.number) OR c.days > 99 THEN NULL
      ELSE round(c.number + c.n / CASE WHEN c.days > 9 THEN 100 ELSE 10 END, 2) END AS value
    FROM visits AS v JOIN counted AS c ON c._subject = v._subject AND c.day = v.day
    WHERE v.planned IS NULL"""


def _arguments(use: Use) -> tuple[t.Node, t.Node]:
    planned, date = use.node_of("planned"), use.node_of("date")
    assert planned is not None
    assert date is not None
    return planned, date


def _rule(use: Use, check: Typing) -> Type:
    planned, date = _arguments(use)
    check.require(planned, "number")
    check.require(date, *TIMES)
    return "number"


def _sql(use: Use, out: Sql) -> str:
    planned, date = _arguments(use)
    kind = out.type_of(date)

    def query(table: str, columns: Sequence[str]) -> str:
        day = f"dtc_date({columns[1]})" if kind == "dtc" else f"CAST({columns[1]} AS DATE)"
        return _NUMBERED.format(table=table, planned=columns[0], day=day)

    (number, at), alias = out.over_records((planned, date), query, "visit")
    text = f"coalesce(CAST({at} AS VARCHAR), 'no date')"
    out.audit("DATA026", f"{number} IS NULL AND {alias}.value IS NULL", text)
    return f"coalesce({number}, {alias}.value)"


def _english(use: Use, words: Words) -> str:
    planned, date = (words.say(one) for one in _arguments(use))
    said = planned
    if " " in planned:
        said, planned = f"the planned number ({planned})", "planned number"
    return (
        f"{said}; where that is missing, the last {planned} of the subject on or before {date},"
        f" or 0 before the first, plus 0.1 for the first day with records without {planned} that"
        " follows it, 0.2 for the second and so on (0.01, 0.02 and so on where there are more than"
        " nine such days); missing without a complete date"
    )


VISIT_NUMBER = Verb(
    name="visit_number",
    form="call",
    summary=(
        "The planned number of a visit; of an unplanned one, the planned number before it and"
        " .1, .2 ... by day."
    ),
    missing="Missing, and reported, where an unplanned visit has no complete date.",
    arguments=(Argument("planned", "value"), Argument("date", "value")),
    rule=_rule,
    sql=_sql,
    english=_english,
    example="visit_number(sv.VISIT | lookup visits VISITNUM, SVSTDTC)",
    source="SDTMIG v3.4, section 4.4.5, Clinical Encounters and Visits",
    prelude=DTC_DATE,
    setwise=True,
)
