"""Controlled terminology: collected text to submission value, never by similarity."""

import unicodedata

from cdisc.diagnostics import Diagnostic
from cdisc.functions.lookups import refuse
from cdisc.functions.sqltext import text
from cdisc.functions.texts import NARROW, NARROWED, WIDE
from cdisc.language.verb import Argument, R, Scope, Sql, Terms, Type, Typing, Use, Verb, Words

_TO_NARROW = str.maketrans(WIDE, NARROW)
# What `str.split` takes for a blank, as RE2 writes it.
_BLANKS = r"[\s\x0B\x1C-\x1F\x{85}\p{Z}]+"


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
    if out.is_field(use.operand):
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
    value = f"looked_up(folded({operand}), {out.named(f'{terms.name}_terms', terms.collected)})"
    if terms.exact:
        exact = out.named(f"{terms.name}_exact_terms", terms.exact)
        value = f"coalesce(looked_up({operand}, {exact}), {value})"
    return f"coalesce({value}, {operand})" if use.text("else") == "keep" else value


def _english(use: Use, words: Words) -> str:
    terms = _terms(use, words.scope)
    name = f"{terms.name} ({terms.code})" if terms.code else terms.name
    kept = " where it has one, otherwise kept" if use.text("else") == "keep" else ""
    return words.after(use.operand, f"mapped to its term of the codelist {name}{kept}")


def _gives(use: Use, scope: Scope) -> tuple[str, ...] | None:
    if use.text("else") == "keep":
        return None
    terms = _terms(use, scope)
    return tuple(dict.fromkeys((*terms.collected.values(), *terms.exact.values())))


CT = Verb(
    name="ct",
    form="step",
    summary=(
        "The submission value of a collected text: by the study's terms, the submission value"
        " or the preferred term; case, width and blanks do not count."
    ),
    missing="Missing stays missing; a text that no term matches is reported and left missing.",
    arguments=(
        Argument("terms", "word", optional=True),
        Argument(
            "else",
            "word",
            after=("else",),
            optional=True,
            choices=("error", "report", "missing", "keep"),
        ),
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    r=_r,
    effect="cleans",
    gives=_gives,
    values=lambda use, scope: tuple((value, None) for value in _terms(use, scope).values),
    example="ae.AESEV | ct else error",
    source="SDTMIG v3.4, section 4.3, Coding and Controlled Terminology Assumptions",
    prelude=(
        f"{NARROWED};CREATE MACRO fold(x) AS"
        f" lower(trim(regexp_replace(narrowed(nfc_normalize(x)), {text(_BLANKS)}, ' ', 'g')))"
    ),
)
