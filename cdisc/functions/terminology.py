"""Controlled terminology: collected text to submission value, never by similarity."""

import unicodedata
from functools import lru_cache

from cdisc.diagnostics import Diagnostic
from cdisc.functions.lookups import refuse
from cdisc.functions.rtext import texts as r_texts
from cdisc.functions.sqltext import text
from cdisc.functions.texts import NARROW, NARROWED, WIDE
from cdisc.functions.unmatched import ELSE_KEEP
from cdisc.language import tree as t
from cdisc.language.offers import Terms, TermsCase
from cdisc.language.verb import (
    Argument,
    R,
    Scope,
    Sql,
    Type,
    Typing,
    Use,
    Verb,
    Words,
)

_MOST_CASES = 5  # that a sentence can list

_TO_NARROW = str.maketrans(WIDE, NARROW)
# What `str.split` takes for a blank, as RE2 writes it.
_BLANKS = r"[\s\x0B\x1C-\x1F\x{85}\p{Z}]+"


@lru_cache(maxsize=1 << 15)  # the terms of a codelist are folded again and again
def fold(collected: str) -> str:
    r"""Return a text as collected texts are compared: width, blanks and case do not count.

    Example:
        >>> fold("  Mild\u3000\uff21\uff25 ")
        'mild ae'
    """
    if collected.isascii():
        return " ".join(collected.split()).lower()
    narrow = unicodedata.normalize("NFC", collected).translate(_TO_NARROW)
    # Character by character, as the macro does: a word's last sigma is no other letter.
    return "".join(one.lower()[0] for one in " ".join(narrow.split()))


def _terms(use: Use, scope: Scope) -> Terms:
    found = scope.terms(use.text("terms"))
    assert isinstance(found, Terms)  # the rule refused a diagnostic
    return found


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    found = check.scope.terms(use.text("terms"))
    if isinstance(found, Diagnostic):
        return refuse(found, use, check)
    return "text"


def _sql(use: Use, out: Sql) -> str:
    terms = _terms(use, out.scope)
    if terms.cases:
        operand = out.column(use.operand)
        value = _by_case(terms, operand, out)
    elif out.is_field(use.operand):
        operand, value = _once(use, terms, out)
    else:
        operand = out.column(use.operand)
        value = out.mapped(f"ct_{terms.name}", f"fold({operand})", terms.collected)
        if terms.exact:
            value = (
                f"coalesce({out.mapped(f'ct_{terms.name}_exact', operand, terms.exact)}, {value})"
            )
    otherwise = use.text("else", "report")
    code = {"error": "DATA003", "report": "DATA004"}.get(otherwise or "", "")
    out.audit(code, f"{operand} IS NOT NULL AND {value} IS NULL", operand)
    return f"coalesce({value}, {operand})" if otherwise == "keep" else value


def _by_case(terms: Terms, operand: str, out: Sql) -> str:
    """Return the SQL of the term of a text, by the case of the record: one table for all."""
    whens = "".join(
        f"WHEN {' AND '.join(_holds(one, out) for one in case.when)} THEN '{number}|' "
        for number, case in enumerate(terms.cases)
    )
    case = f"CASE {whens}ELSE '{len(terms.cases)}|' END"
    value = out.mapped(f"ct_{terms.name}", f"{case} || fold({operand})", terms.by_case("collected"))
    exact = terms.by_case("exact")
    if not exact:
        return value
    return (
        f"coalesce({out.mapped(f'ct_{terms.name}_exact', f'{case} || {operand}', exact)}, {value})"
    )


def _holds(one: tuple[t.Ref, tuple[str, ...], bool], out: Sql) -> str:
    ref, values, negated = one
    listed = ", ".join(map(text, values))
    among = f"coalesce({out.sql(ref)} IN ({listed}), FALSE)"
    return f"NOT {among}" if negated else among


def _once(use: Use, terms: Terms, out: Sql) -> tuple[str, str]:
    """Return the SQL of a collected text and of its term, found once per distinct text."""
    table = out.table(f"ct_{terms.name}", terms.collected)
    value = f"(SELECT value FROM {table} WHERE key = folded)"
    if terms.exact:
        exact = out.table(f"ct_{terms.name}_exact", terms.exact)
        value = f"coalesce((SELECT value FROM {exact} WHERE key = x), {value})"
    (operand,), found = out.once((use.operand,), [{"folded": "fold(x)"}, {"value": value}], "ct")
    return operand, found


def _r(use: Use, out: R) -> str:
    terms = _terms(use, out.scope)
    operand = out.r(use.operand)
    rows, exact, case = terms.collected, terms.exact, ""
    if terms.cases:
        rows, exact = terms.by_case("collected"), terms.by_case("exact")
        whens = "".join(
            f'  {" & ".join(_r_holds(one, out) for one in case.when)} ~ "{number}|",\n'
            for number, case in enumerate(terms.cases)
        )
        case = f'case_when(\n{whens}  TRUE ~ "{len(terms.cases)}|"\n), '
    key, bare = f"folded({operand})", operand
    if case:
        # a missing text stays missing, where pasting would make it a word
        key, bare = (f"if_else(is.na({one}), NA, paste0({case}{one}))" for one in (key, bare))
    value = f"looked_up({key}, {out.named(f'{terms.name}_terms', rows)})"
    if exact:
        value = (
            f"coalesce(looked_up({bare}, {out.named(f'{terms.name}_exact_terms', exact)}), {value})"
        )
    return f"coalesce({value}, {operand})" if use.text("else") == "keep" else value


def _r_holds(one: tuple[t.Ref, tuple[str, ...], bool], out: R) -> str:
    ref, values, negated = one
    among = f"{out.r(ref)} %in% {r_texts(values)}"
    return f"!({among})" if negated else among


def _english(use: Use, words: Words) -> str:
    terms = _terms(use, words.scope)
    kept = " where it has one, otherwise kept" if use.text("else") == "keep" else ""
    if not terms.cases:
        return words.after(use.operand, f"mapped to its term of {_codelist(terms)}{kept}")
    if len(terms.cases) > _MOST_CASES:
        by = " and ".join(
            dict.fromkeys(words.say(ref) for one in terms.cases for ref, *_ in one.when)
        )
        return words.after(use.operand, f"mapped to its term of the codelist of its {by}{kept}")
    said = [f"{_codelist(one.terms)} where {_when(one, words)}" for one in terms.cases]
    if terms.code:
        said.append(f"{_codelist(terms)} otherwise")
    return words.after(use.operand, f"mapped to its term of {', of '.join(said)}{kept}")


def _codelist(terms: Terms) -> str:
    name = f"{terms.name} ({terms.code})" if terms.code else terms.name
    return f"the codelist {name}"


def _when(case: TermsCase, words: Words) -> str:
    said = (
        f"{words.say(ref)} is {'not ' if negated else ''}{' or '.join(map(repr, values))}"
        for ref, values, negated in case.when
    )
    return " and ".join(said)


def _gives(use: Use, scope: Scope) -> tuple[str, ...] | None:
    if use.text("else") == "keep":
        return None
    every = _terms(use, scope).every
    given = (
        one for terms in every for part in (terms.collected, terms.exact) for one in part.values()
    )
    return tuple(dict.fromkeys(given))


def _values(use: Use, scope: Scope) -> tuple[tuple[str, None], ...]:
    every = (value for terms in _terms(use, scope).every for value in terms.values)
    return tuple((value, None) for value in dict.fromkeys(every))


def _implies(use: Use, scope: Scope) -> tuple[t.Ref, ...]:
    found = scope.terms(use.text("terms"))
    if isinstance(found, Diagnostic):
        return ()
    return tuple(dict.fromkeys(ref for case in found.cases for ref, *_ in case.when))


CT = Verb(
    name="ct",
    form="step",
    summary=(
        "The submission value of a collected text: by the study's terms, the submission value,"
        " the preferred term or a synonym that the release has; case, width and blanks do not"
        " count."
    ),
    missing="Missing stays missing; a text that no term matches is reported and left missing.",
    arguments=(
        Argument("terms", "word", optional=True),
        ELSE_KEEP,
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    effect="cleans",
    gives=_gives,
    values=_values,
    implies=_implies,
    example="ae.AESEV | ct else error",
    source="SDTMIG v3.4, section 4.3, Coding and Controlled Terminology Assumptions",
    prelude=(
        f"{NARROWED};CREATE MACRO fold(x) AS"
        f" lower(trim(regexp_replace(narrowed(nfc_normalize(x)), {text(_BLANKS)}, ' ', 'g')))"
    ),
)
