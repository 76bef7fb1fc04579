"""Countries: names and codes as collected to the three-letter codes of ISO 3166-1.

The library pycountry has the codes and names of the standard; ``specs/iso3166.yaml`` has what
people write besides. Both are read when a study has the verb, and not before.
"""

import re
import unicodedata
from collections.abc import Mapping
from functools import cache

import yaml

from cdisc.functions.sqltext import text
from cdisc.functions.texts import NARROWED
from cdisc.functions.unmatched import ELSE_KEEP
from cdisc.language.verb import R, Sql, Type, Typing, Use, Verb, Words
from cdisc.resources import specs_root

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same values, only sooner
_NOISE = r"\bthe\b|[^a-z0-9]+"
_FIELDS = ("alpha_3", "alpha_2", "name", "official_name", "common_name")
_CODES = {"error": "DATA003", "report": "DATA004"}
KEY = (
    f"{NARROWED};CREATE MACRO country_key(x) AS regexp_replace("
    f"replace(lower(strip_accents(narrowed(x))), '&', ' and '), {text(_NOISE)}, '', 'g')"
)


def country_key(name: str) -> str:
    """Return a name as countries are compared: case, accents, signs and articles do not count.

    Example:
        >>> country_key("Netherlands (the)") == country_key("THE NETHERLANDS")
        True
    """
    plain = unicodedata.normalize("NFKD", name)
    letters = "".join(one for one in plain if not unicodedata.combining(one))
    return re.sub(_NOISE, "", letters.lower().replace("&", " and "))


def further_names(file: str) -> Mapping[str, list[str]]:
    """Return the names that a file of ``specs/`` adds to those of a standard, by code."""
    text_ = specs_root().joinpath(file).read_text(encoding="utf-8")
    found: Mapping[str, list[str]]
    found = yaml.load(text_, Loader=_LOADER)["names"]  # noqa: S506  makes text only
    return found


@cache
def countries() -> Mapping[str, str]:
    """Return the alpha-3 code by every code and name, as `country_key` makes them."""
    import pycountry  # noqa: PLC0415  no other study waits for it

    found: dict[str, str] = {}
    for one in pycountry.countries:
        for field in _FIELDS:
            if name := getattr(one, field, None):
                found[country_key(name)] = one.alpha_3
    for code, names in further_names("iso3166.yaml").items():
        found |= dict.fromkeys(map(country_key, names), code)
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
    return or_said(use, out, operand, value)


def or_said(use: Use, out: Sql, operand: str, value: str) -> str:
    """Return the SQL of a code, and of what the verb says becomes of a text that has none."""
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
    prelude=KEY,
)
