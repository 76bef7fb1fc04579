"""Boxes of which any number may be checked: one value, or that there are several.

SDTMIG wants the one value, or ``MULTIPLE`` with the single values as supplemental
qualifiers; both come from one line.
"""

from cdisc.functions.rtext import text as r_text
from cdisc.functions.rtext import texts as r_texts
from cdisc.functions.sqltext import text
from cdisc.functions.whole import require_whole
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Companion, R, Sql, Type, Typing, Use, Verb, Words

_MULTIPLE = "MULTIPLE"
_CHECKED = ("Y", "YES", "1", "X", "T", "TRUE", "ON", "CHECKED")
_OPEN = ("N", "NO", "0", "F", "FALSE", "OFF", "UNCHECKED")
_ORDINALS = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")
_MOST = len(_ORDINALS)
_SOURCE = "SDTMIG v3.4, section 4.2.8, Variable Values"
_PRELUDE = (
    "CREATE MACRO values_there(l) AS"
    " list_filter(l, lambda x, i: x IS NOT NULL AND list_position(l, x) = i)"
)


def _box_rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    if not use.text("meaning"):
        check.problem("SPEC012", "box: its meaning is empty", use.node, expected="a text")
    return "text"


def _box(use: Use, out: Sql) -> str:
    operand = out.column(use.operand)
    folded = f"upper(trim({operand}))"
    own = tuple(one.upper() for one in use.texts("checked"))
    checked = own or _CHECKED
    unchecked = tuple(one for one in _OPEN if one not in checked)
    listed, left = (", ".join(text(one) for one in group) for group in (checked, unchecked))
    out.audit("DATA032", f"{folded} NOT IN ({listed}, {left})", operand)
    return f"CASE WHEN {folded} IN ({listed}) THEN {text(use.text('meaning') or '')} END"


def _box_r(use: Use, out: R) -> str:
    own = tuple(one.upper() for one in use.texts("checked"))
    listed = r_texts(own or _CHECKED)
    folded = f"toupper(trimmed({out.r(use.operand)}))"
    return f"if_else({folded} %in% {listed}, {r_text(use.text('meaning') or '')}, NA_character_)"


BOX = Verb(
    name="box",
    form="step",
    summary=(
        "What a box means where it is checked: Y, Yes, 1, X, T, True, On, Checked, or the texts"
        " behind `checked`."
    ),
    missing="Missing where the box is empty, N, No, 0, F, False, Off; another text is reported.",
    arguments=(
        Argument("meaning", "word"),
        Argument("checked", "text", after=("checked",), many=True, optional=True),
    ),
    rule=_box_rule,
    sql=_box,
    english=lambda use, words: (
        f"'{use.text('meaning')}' where the box {words.say(use.operand)} is checked"
    ),
    r=_box_r,
    effect="cleans",
    gives=lambda use, _scope: (use.text("meaning") or "",),
    example="dm.RACE_ASIAN | box ASIAN",
)


def _texts(use: Use, check: Typing) -> Type:
    for node in use.nodes("values"):
        check.require(node, "text")
    return "text"


def _values(use: Use, out: Sql) -> str:
    listed = ", ".join(out.sql(node) for node in use.nodes("values"))
    return f"values_there([{listed}])"


def _said(use: Use, words: Words) -> str:
    return words.several(use.nodes("values"), "and")


def _one_rule(use: Use, check: Typing) -> Type:
    number = len(use.nodes("values"))
    if not 1 < number <= _MOST:
        fact = f"one_or_multiple: {number} value{'s' if number > 1 else ''}"
        check.problem("SPEC012", fact, use.node, expected=f"two to {_MOST} values")
    return _texts(use, check)


def _one(use: Use, out: Sql) -> str:
    there = _values(use, out)
    return f"CASE len({there}) WHEN 0 THEN NULL WHEN 1 THEN {there}[1] ELSE '{_MULTIPLE}' END"


def _r_values(use: Use, out: R) -> str:
    return ", ".join(out.r(node) for node in use.nodes("values"))


def _one_r(use: Use, out: R) -> str:
    values = _r_values(use, out)
    multiple = r_text(_MULTIPLE)
    return f"if_else(count_there({values}) > 1, {multiple}, nth_there(1, {values}))"


def _nth_r(use: Use, out: R) -> str:
    values = _r_values(use, out)
    assert isinstance(use.operand, t.Number)
    nth = f"nth_there({use.operand.value}, {values})"
    return f"if_else(count_there({values}) > 1, {nth}, NA_character_)"


def _companions(use: Use, target: str) -> tuple[Companion, ...]:
    values = use.nodes("values")
    made = []
    for number in range(1, len(values) + 1):
        count = t.Number(value=str(number))
        tree = t.Call(name="nth_checked", arguments=(count, *values))
        made.append(
            Companion(numbered(target, number), tree, qualifier=True, label=f"{{label}} {number}")
        )
    return tuple(made)


def numbered(target: str, number: int) -> str:
    """Return the name of a variable with a number, at most 8 characters.

    Example:
        >>> numbered("AETERM", 1), numbered("CMINDCSP", 2)
        ('AETERM1', 'CMINDCS2')
    """
    return f"{target[: 8 - len(str(number))]}{number}"


ONE_OR_MULTIPLE = Verb(
    name="one_or_multiple",
    form="call",
    summary=(
        "Of several boxes the one value that is there, or MULTIPLE; then the single values become"
        " supplemental qualifiers, numbered from 1."
    ),
    missing="Missing where no value is there. The same value twice counts once.",
    arguments=(Argument("values", "value", many=True),),
    rule=_one_rule,
    sql=_one,
    english=lambda use, words: (
        f"the one value that is present among {_said(use, words)};"
        f" '{_MULTIPLE}' where more than one is present"
    ),
    r=_one_r,
    effect="cleans",
    companions=_companions,
    prelude=_PRELUDE,
    example="one_or_multiple(dm.RACE_WHITE | box WHITE, dm.RACE_ASIAN | box ASIAN)",
    source=_SOURCE,
)


def _nth_rule(use: Use, check: Typing) -> Type:
    require_whole(use, check, "n", least=1, most=_MOST)
    if not isinstance(use.operand, t.Number):
        check.problem("SPEC012", "nth_checked: n is not a number", use.operand, expected="1, 2, 3")
    return _texts(use, check)


def _nth(use: Use, out: Sql) -> str:
    there = _values(use, out)
    assert isinstance(use.operand, t.Number)
    return f"CASE WHEN len({there}) > 1 THEN {there}[{use.operand.value}] END"


def _nth_english(use: Use, words: Words) -> str:
    assert isinstance(use.operand, t.Number)
    ordinal = _ORDINALS[int(use.operand.value) - 1]
    return (
        f"the {ordinal} of the values that are present among {_said(use, words)},"
        " where more than one is present"
    )


NTH_CHECKED = Verb(
    name="nth_checked",
    form="call",
    summary="The n-th of the values that are there, where there is more than one.",
    missing="Missing where fewer values are there, or only one. The same value twice counts once.",
    arguments=(Argument("n", "value"), Argument("values", "value", many=True)),
    rule=_nth_rule,
    sql=_nth,
    english=_nth_english,
    r=_nth_r,
    effect="cleans",
    prelude=_PRELUDE,
    example="nth_checked(1, dm.RACE1, dm.RACE2, dm.RACE3)",
    source=_SOURCE,
)
