"""Collected dates and times to ISO 8601: partial in, partial out, nothing is filled."""

import re

from cdisc.functions.rtext import texts as r_texts
from cdisc.functions.sqltext import text
from cdisc.functions.unmatched import ELSE
from cdisc.language import tree as t
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words

_PIECE = re.compile(r"mmm|dd?|mm?|yyyy|yy?|HH?|MM?|SS?|.")
_MONTHS = [
    "january", "february", "march", "april", "may", "june",
    "july", "august", "september", "october", "november", "december",
]  # fmt: skip
_PARTS = {
    "d": ("day", r"\d{1,2}"),
    "dd": ("day", r"\d{2}"),
    "m": ("month", r"\d{1,2}"),
    "mm": ("month", r"\d{2}"),
    "mmm": ("month", f"(?:{'|'.join(f'{m[:3]}(?:{m[3:]})?' for m in _MONTHS)}|sept)"),
    "y": ("year", r"\d{4}"),
    "yyyy": ("year", r"\d{4}"),
    "yy": ("short_year", r"\d{2}"),
    "H": ("hour", r"\d{1,2}"),
    "HH": ("hour", r"\d{2}"),
    "M": ("minute", r"\d{1,2}"),
    "MM": ("minute", r"\d{2}"),
    "S": ("second", r"\d{1,2}"),
    "SS": ("second", r"\d{2}"),
}
_STRPTIME = {
    "d": "%d", "dd": "%d", "m": "%m", "mm": "%m", "mmm": "%b", "y": "%Y", "yyyy": "%Y",
    "H": "%H", "HH": "%H", "M": "%M", "MM": "%M", "S": "%S", "SS": "%S",
}  # fmt: skip
_CAPITALS = set("DY")  # never between parts: YYYY and DD are dates of another language
_DATE = ("year", "month", "day")
_TIME = ("hour", "minute", "second")
_EXPECTED = "d m mmm y H M S and what stands between, such as 'd-mmm-y' or 'm/d/y H:M'"


def _pattern(form: str, unknown: tuple[str, ...]) -> tuple[str, list[str]]:
    """Return the regular expression of a form and the part that each group holds."""
    pattern = ""
    parts: list[str] = []
    other = "".join(f"|{re.escape(token)}" for token in unknown)
    for piece in _PIECE.findall(form):
        if piece in _PARTS:
            part, digits = _PARTS[piece]
            parts.append(part)
            pattern += f"({digits}{other})"
        else:
            pattern += r"\s+" if piece == " " else re.escape(piece)
    return f"(?i)\\s*{pattern}\\s*", parts


def _forms(use: Use) -> tuple[list[str], list[str]]:
    """Return the forms of dates (with time or not) and those of times alone."""
    dates: list[str] = []
    times: list[str] = []
    for form in use.texts("format"):
        parts = set(_pattern(form, ())[1])
        (times if parts <= set(_TIME) else dates).append(form)
    return dates, times


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    split = _split(use)
    for form in use.texts("format"):
        parts = _pattern(form, ())[1]
        if not parts or len(parts) != len(set(parts)) or _CAPITALS & set(form):
            fact = f"iso: '{form}' is not the form of a date"
            check.problem("SPEC012", fact, use.node, expected=_EXPECTED)
        if "short_year" in parts and use.text("pivot") is None:
            fact = f"iso: '{form}' has two digits of a year"
            help_ = "say where the century turns: pivot 1950"
            check.problem("SPEC012", fact, use.node, help=help_)
    if split is not None and not all(_forms(use)):
        fact = "iso: date + time needs a form for each"
        check.problem("SPEC012", fact, use.node, help="such as 'd-mmm-y' 'H:M'")
    return "dtc"


def _split(use: Use) -> tuple[t.Node, t.Node] | None:
    """Return date and time where they are collected apart."""
    node = use.operand
    if isinstance(node, t.Arithmetic) and node.operator == "+":
        return node.left, node.right
    return None


def _layers(forms: list[str], use: Use) -> list[dict[str, str]]:
    """Return what is computed of each distinct text ``x``, layer on layer.

    The last layer gives ``value``: NULL if no form fits or there is no such day or
    time, empty if every part is unknown.
    """
    unknown = use.texts("unknown")
    read: dict[str, str] = {}
    parts: dict[str, dict[int, str]] = {part: {} for part in (*_DATE, *_TIME)}
    for number, form in enumerate(forms):
        pattern, names = _pattern(form, unknown)
        listed = ", ".join(text(name) for name in names)
        read[f"f{number}"] = f"quick IS NULL AND regexp_full_match(x, {text(pattern)})"
        read[f"p{number}"] = (
            f"CASE WHEN quick IS NULL THEN regexp_extract(x, {text(pattern)}, [{listed}]) END"
        )
        for name in names:
            value = f"p{number}.{name}"
            made = {
                "year": f"iso_year({value})",
                "short_year": f"iso_century({value}, {use.text('pivot')})",
                "month": f"iso_month({value})",
            }.get(name, f"iso_number({value})")
            parts[name.removeprefix("short_")][number] = made
    tokens = ", ".join(text(token.upper()) for token in unknown)
    fits = " OR ".join(f"f{number}" for number in range(len(forms)))
    split = {name: _by_form(made, len(forms)) for name, made in parts.items()}
    split["fits"] = f"({fits})" + (f" OR upper(trim(x)) IN ({tokens})" if tokens else "")
    date, time = f"iso_date({', '.join(_DATE)})", f"iso_time({', '.join(_TIME)})"
    value = time if not any(parts[one] for one in _DATE) else date
    if any(parts[one] for one in _TIME) and value == date:
        value = f"CASE WHEN {time} IS NOT NULL THEN iso_join({date}, {time}) END"
    value = f"coalesce(quick, CASE WHEN fits THEN {value} END)"
    return [{"quick": _quick(forms[0])}, read, split, {"value": value}]


def _by_form(made: dict[int, str], forms: int) -> str:
    """Return the SQL of a part by the first form that fits, which may have no such part."""
    whens = (f"WHEN f{number} THEN {made.get(number, 'NULL')}" for number in range(forms))
    return f"CASE {' '.join(whens)} END" if made else "NULL"


def _quick(form: str) -> str:
    """Return the SQL of a complete date in the first form, which is what most texts are.

    DuckDB reads such a text in one call; what it leaves out is read part by part.
    """
    pattern, parts = _pattern(form, ())
    written = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
    complete = [{*_DATE}, {*_DATE, "hour", "minute"}, {*_DATE, *_TIME}]
    if set(parts) not in complete:
        return "CAST(NULL AS VARCHAR)"
    pieces = _PIECE.findall(form)
    reading = "".join(_STRPTIME.get(piece, piece.replace("%", "%%")) for piece in pieces)
    moment = f"try_strptime(x, {text(reading)})"  # with blanks around it, it is left out
    shown = f"strftime({moment}, {text(written[complete.index(set(parts))])})"
    return f"CASE WHEN regexp_full_match(x, {text(pattern)}) THEN {shown} END"


def _read(use: Use, out: Sql, node: t.Node, forms: list[str], name: str) -> str:
    """Return the SQL that reads a text; NULL if no form fits, '' if all is unknown."""
    (value,), result = out.once((node,), _layers(forms, use), name)
    otherwise = use.text("else", "error")
    if otherwise != "missing":
        code = {"error": "DATA007", "report": "DATA008"}[otherwise or "error"]
        out.audit(code, f"{value} IS NOT NULL AND {result} IS NULL", value)
    return result


def _sql(use: Use, out: Sql) -> str:
    dates, times = _forms(use)
    split = _split(use)
    if split is None:
        return f"nullif({_read(use, out, use.operand, dates or times, 'iso')}, '')"
    date = _read(use, out, split[0], dates, "iso_date")
    time = _read(use, out, split[1], times, "iso_time")
    there = f"CASE WHEN {out.column(split[0])} IS NULL THEN '' ELSE {date} END"
    return f"nullif(iso_join({there}, {time}), '')"


def _r(use: Use, out: R) -> str:
    dates, times = _forms(use)
    more = f", unknown = {r_texts(use.texts('unknown'))}" if use.texts("unknown") else ""
    more += f", turn = {use.text('pivot')}" if use.text("pivot") else ""
    split = _split(use)
    if split is None:
        return f"iso({out.r(use.operand)}, {r_texts(dates or times)}{more})"
    date, time = (out.r(node) for node in split)
    return f"iso_apart({date}, {time}, {r_texts(dates)}, {r_texts(times)}{more})"


def _english(use: Use, words: Words) -> str:
    split = _split(use)
    if split:
        said = f"{words.say(split[0])} and {words.say(split[1])},"
        return f"{said} in ISO 8601 format, complete or partial as collected"
    return words.after(use.operand, "in ISO 8601 format, complete or partial as collected")


def _partial(use: Use) -> bool:
    """Say whether a form leaves out the day of a date, or a part may be unknown."""
    dates, _times = _forms(use)
    complete = all("day" in _pattern(form, ())[1] for form in dates)
    return bool(use.texts("unknown")) or not complete


ISO = Verb(
    name="iso",
    form="step",
    summary="A collected date, time, or date + time, as ISO 8601; unknown parts are left out.",
    missing="Missing stays missing; a text that no form fits, or an impossible date, is an error.",
    arguments=(
        Argument("format", "text", many=True),
        Argument("unknown", "text", after=("unknown",), many=True, optional=True),
        Argument("pivot", "number", after=("pivot",), optional=True),
        ELSE,
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    effect="cleans",
    partial=_partial,
    example="ae.AESTDAT | iso 'd-mmm-y' 'mmm-y' 'y' unknown 'UN' 'UNK'",
    source="SDTMIG v3.4, section 4.4.2, Date/Time Precision",
    prelude=(
        "CREATE MACRO iso_number(x) AS CASE"
        " WHEN regexp_full_match(x, '\\d{1,2}') THEN lpad(x, 2, '0') END;"
        "CREATE MACRO iso_month(x) AS coalesce(iso_number(x), lpad(CAST(list_position("
        f"{[month[:3] for month in _MONTHS]}, lower(left(x, 3))) AS VARCHAR), 2, '0'));"
        "CREATE MACRO iso_year(x) AS CASE WHEN regexp_full_match(x, '\\d{4}') THEN x END;"
        "CREATE MACRO iso_century(x, turn) AS CASE WHEN regexp_full_match(x, '\\d{2}') THEN CAST("
        "turn + (CAST(x AS INTEGER) - turn % 100 + 100) % 100 AS VARCHAR) END;"
        "CREATE MACRO iso_date(y, m, d) AS CASE"
        " WHEN m NOT BETWEEN '01' AND '12' OR d NOT BETWEEN '01' AND '31' THEN NULL"
        " WHEN m IS NOT NULL AND d IS NOT NULL AND"
        " TRY_CAST(coalesce(y, '2000') || '-' || m || '-' || d AS DATE) IS NULL THEN NULL"
        " WHEN y IS NULL AND m IS NULL THEN CASE WHEN d IS NULL THEN '' ELSE '----' || d END"
        " WHEN y IS NULL THEN '--' || m || coalesce('-' || d, '')"
        " WHEN m IS NULL THEN y || coalesce('---' || d, '')"
        " ELSE y || '-' || m || coalesce('-' || d, '') END;"
        "CREATE MACRO iso_time(h, m, s) AS CASE WHEN coalesce(h, m, s) IS NULL THEN ''"
        " WHEN h = '24' AND coalesce(m, '00') = '00' AND coalesce(s, '00') = '00' THEN '24:00'"
        " WHEN h > '23' OR m > '59' OR s > '59' THEN NULL"
        " ELSE coalesce(h, '-') || coalesce(':' || m, CASE WHEN s IS NULL THEN '' ELSE ':-' END)"
        " || coalesce(':' || s, '') END;"
        "CREATE MACRO iso_hyphens(d) AS CASE WHEN d = '' THEN '-----'"
        " WHEN length(d) = 4 AND left(d, 1) <> '-' THEN d || '----'"
        " WHEN length(d) = 4 OR (length(d) = 7 AND left(d, 1) <> '-') THEN d || '--' ELSE d END;"
        "CREATE MACRO iso_join(d, t) AS CASE WHEN coalesce(t, '') = '' THEN d"
        " WHEN t = '24:00' AND length(d) = 10"
        " THEN CAST(CAST(d AS DATE) + 1 AS VARCHAR) || 'T00:00'"
        " ELSE iso_hyphens(d) || 'T' || t END"
    ),
)
