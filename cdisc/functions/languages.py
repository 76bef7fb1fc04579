"""Languages: names and codes as collected to the three-letter codes of ISO 639-3.

The library pycountry has the codes and names of the standard; ``specs/iso639.yaml`` has what
people write besides. Some languages are called as others are coded: ``en`` is English, and
there is a language En. Such a text is a code where it is all small or all capital letters, as
codes are written, and otherwise nobody knows.
"""

from collections.abc import Mapping
from functools import cache

from cdisc.functions.countries import KEY, country_key, further_names, or_said
from cdisc.functions.unmatched import ELSE_KEEP
from cdisc.language.verb import Sql, Type, Typing, Use, Verb, Words

_CODES = ("alpha_3", "alpha_2", "bibliographic")
_NAMES = ("name", "common_name", "inverted_name")


@cache
def languages() -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the alpha-3 code by what codes and names are compared by, and by exact texts.

    A name of several languages is in neither. The exact texts are codes that could be the
    names of other languages, or that comparing would leave nothing of.
    """
    import pycountry  # noqa: PLC0415  no other study waits for it

    coded: dict[str, str] = {}
    named: dict[str, set[str]] = {}
    for one in pycountry.languages:
        coded |= {code: one.alpha_3 for field in _CODES if (code := getattr(one, field, None))}
        for field in _NAMES:
            if name := getattr(one, field, None):
                named.setdefault(country_key(name), set()).add(one.alpha_3)
    for code, names in further_names("iso639.yaml").items():
        for name in names:
            named.setdefault(country_key(name), set()).add(code)
    plain = {
        code: language
        for code, language in coded.items()
        if country_key(code) and named.get(code, {language}) == {language}
    }
    exact = {
        text: language
        for code, language in coded.items()
        if code not in plain
        for text in (code, code.upper())
    }
    alone = {
        name: next(iter(codes))
        for name, codes in named.items()
        if name and len(codes) == 1 and name not in coded
    }
    return {**alone, **plain}, exact


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "text"


def _sql(use: Use, out: Sql) -> str:
    named, exact = languages()
    value = (
        f"coalesce((SELECT value FROM {out.table('iso639_codes', exact)} WHERE key = x),"
        f" (SELECT value FROM {out.table('iso639', named)} WHERE key = folded))"
    )
    layers = [{"folded": "country_key(x)"}, {"value": value}]
    (operand,), found = out.once((use.operand,), layers, "iso639")
    return or_said(use, out, operand, found)


def _english(use: Use, words: Words) -> str:
    return f"the ISO 639-3 code of the language {words.say(use.operand)}"


ISO639 = Verb(
    name="iso639",
    form="step",
    summary=(
        "The three-letter code of a language, from its English name or a code of ISO 639; case,"
        " accents and punctuation do not count."
    ),
    missing="Missing stays missing; a text that is no language is reported and left missing.",
    arguments=(ELSE_KEEP,),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=None,  # 17,000 names would hide the derivation that a script is to show
    effect="cleans",
    example="sc.LANGUAGE | iso639 else error",
    source=(
        "ISO 639-3; SDTM has no codelist of languages: the results of LNGSPP and LNGSPS"
        " (C74559) are the sponsor's"
    ),
    prelude=KEY,
)
