"""Countries: names and codes as collected to the three-letter codes of ISO 3166-1."""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from cdisc.functions.sqltext import text
from cdisc.functions.texts import NARROWED
from cdisc.functions.unmatched import ELSE_KEEP
from cdisc.language.verb import R, Sql, Type, Typing, Use, Verb, Words
from cdisc.resources import specs_root

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same values, only sooner
_NOISE = r"\bthe\b|[^a-z0-9]+"
_CODES = {"error": "DATA003", "report": "DATA004"}


def country_key(name: str) -> str:
    """Return a name as countries are compared: case, accents, signs and articles do not count.

    Example:
        >>> country_key("Netherlands (the)") == country_key("THE NETHERLANDS")
        True
    """
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(_NOISE, "", letters.lower().replace("&", " and "))


@cache
def _file() -> Mapping[str, Any]:
    text_ = specs_root().joinpath("iso3166.yaml").read_text(encoding="utf-8")
    found: Mapping[str, Any] = yaml.load(text_, Loader=_LOADER)  # noqa: S506  makes text only
    return found


@cache
def countries() -> Mapping[str, str]:
    """Return the alpha-3 code by every code and name, as `country_key` makes them."""
    found: dict[str, str] = {}
    for code, names in _file()["countries"].items():
        for name in (code, *names):
            found[country_key(name)] = code
    return found


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "text"


def _sql(use: Use, out: Sql) -> str:
    table = out.table("iso3166", countries())
    layers = [
        {"folded": "country_key(x)"},
        {"value": f"(SELECT value FROM {table} WHERE key = folded)"},
    ]
    (operand,), value = out.once((use.operand,), layers, "iso3166")
    otherwise = use.text("else", "report")
    if otherwise == "keep":
        return f"coalesce({value}, {operand})"
    if otherwise in _CODES:
        missed = f"{operand} IS NOT NULL AND {value} IS NULL"
        out.audit(_CODES[otherwise], missed, operand)
    return value


def _r(use: Use, out: R) -> str:
    operand = out.r(use.operand)
    value = f"looked_up(country_key({operand}), {out.named('iso3166', countries())})"
    return f"coalesce({value}, {operand})" if use.text("else") == "keep" else value


def _english(use: Use, words: Words) -> str:
    return f"the ISO 3166-1 alpha-3 code of the country {words.say(use.operand)}"


ISO3166 = Verb(
    name="iso3166",
    form="step",
    summary=(
        "The three-letter code of a country, from its English name, its alpha-2 or its alpha-3"
        " code; case, accents and punctuation do not count."
    ),
    missing="Missing stays missing; a text that is no country is reported and left missing.",
    arguments=(ELSE_KEEP,),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    effect="cleans",
    example="dm.COUNTRY | iso3166 else error",
    source="SDTMIG v3.4, section 5.2, COUNTRY; ISO 3166-1",
    prelude=(
        f"{NARROWED};CREATE MACRO country_key(x) AS regexp_replace("
        f"replace(lower(strip_accents(narrowed(x))), '&', ' and '), {text(_NOISE)}, '', 'g')"
    ),
)
