"""Text as collected, tidied by named steps: squish, upper, lower, part, replace, substr."""

from cdisc.functions.rtext import text as r_text
from cdisc.functions.sqltext import text
from cdisc.functions.whole import require_whole
from cdisc.language.verb import Argument, R, Sql, Type, Typing, Use, Verb, Words


def _text(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    return "text"


def _squish(use: Use, out: Sql) -> str:
    return f"squish({out.chained(use.operand)})"


def _squish_english(use: Use, words: Words) -> str:
    return words.after(use.operand, "without leading, trailing and repeated blanks")


SQUISH = Verb(
    name="squish",
    form="step",
    summary="Remove leading and trailing blanks and control characters; one blank between words.",
    missing="Missing stays missing; text of blanks only becomes missing.",
    rule=_text,
    sql=_squish,
    english=_squish_english,
    may_be_empty=True,
    pure=True,
    costly=True,
    effect="cleans",
    r=lambda use, out: f"squish({out.r(use.operand)})",
    example="ae.AETERM | squish",
    prelude=(
        "CREATE MACRO squish(x) AS"
        " trim(regexp_replace(x, '[\\s\\x00-\\x1F\\x{00A0}\\x{3000}]+', ' ', 'g'))"
    ),
)

UPPER = Verb(
    name="upper",
    form="step",
    summary="Upper case.",
    missing="Missing stays missing.",
    rule=_text,
    sql=lambda use, out: f"upper({out.sql(use.operand)})",
    english=lambda use, words: words.after(use.operand, "in upper case"),
    pure=True,
    effect="cleans",
    r=lambda use, out: f"toupper({out.r(use.operand)})",
    example="ae.AETERM | upper",
)

LOWER = Verb(
    name="lower",
    form="step",
    summary="Lower case.",
    missing="Missing stays missing.",
    rule=_text,
    sql=lambda use, out: f"lower({out.sql(use.operand)})",
    english=lambda use, words: words.after(use.operand, "in lower case"),
    pure=True,
    effect="cleans",
    r=lambda use, out: f"tolower({out.r(use.operand)})",
    example="cm.CMDOSFRQ | lower",
)


def _not_empty(use: Use, check: Typing, name: str) -> Type:
    """Note a text to look for that is empty: it would be found nowhere, or everywhere."""
    if use.text(name) == "":
        fact = f"{use.verb.name}: '{name}' is empty"
        check.problem("SPEC012", fact, use.node, expected="at least one character")
    return _text(use, check)


def _part_rule(use: Use, check: Typing) -> Type:
    require_whole(use, check, "n", least=1, most=999)
    return _not_empty(use, check, "separator")


def _part(use: Use, out: Sql) -> str:
    separator = text(use.text("separator") or "")
    return f"split_part({out.chained(use.operand)}, {separator}, {use.text('n')})"


def _part_english(use: Use, words: Words) -> str:
    split = words.after(use.operand, f"split at '{use.text('separator')}'")
    return f"part {use.text('n')} of {split}"


PART = Verb(
    name="part",
    form="step",
    summary="The n-th part of a text cut at a separator; counts from 1.",
    missing="Missing where there is no such part.",
    arguments=(Argument("n", "number"), Argument("separator", "text", after=("of",))),
    rule=_part_rule,
    sql=_part,
    english=_part_english,
    may_be_empty=True,
    pure=True,
    costly=True,
    effect="cleans",
    r=lambda use, out: (
        f"nth_part({out.r(use.operand)}, {use.text('n')}, {r_text(use.text('separator') or '')})"
    ),
    example="dm.PATNUM | part 2 of '-'",
)


def _replace(use: Use, out: Sql) -> str:
    old, new = text(use.text("old") or ""), text(use.text("new") or "")
    return f"replace({out.chained(use.operand)}, {old}, {new})"


def _replace_english(use: Use, words: Words) -> str:
    old, new = use.text("old"), use.text("new")
    done = f"replaced by '{new}'" if new else "removed"
    return words.after(use.operand, f"with '{old}' {done}")


def _r_replace(use: Use, out: R) -> str:
    old, new = r_text(use.text("old") or ""), r_text(use.text("new") or "")
    return f"gsub({old}, {new}, {out.r(use.operand)}, fixed = TRUE)"


REPLACE = Verb(
    name="replace",
    form="step",
    summary="Replace every occurrence of a text.",
    missing="Missing stays missing; an empty result is missing.",
    arguments=(Argument("old", "text"), Argument("new", "text", after=("by",))),
    rule=lambda use, check: _not_empty(use, check, "old"),
    sql=_replace,
    english=_replace_english,
    may_be_empty=True,
    pure=True,
    effect="cleans",
    r=_r_replace,
    example="lab.RESULT | replace '*' by ''",
)


def _substr_rule(use: Use, check: Typing) -> Type:
    value, start, length = use.node.arguments
    check.require(value, "text")
    check.require(start, "number")
    check.require(length, "number")
    require_whole(use, check, "start", least=1, most=32767)
    require_whole(use, check, "length", least=1, most=32767)
    return "text"


def _substr(use: Use, out: Sql) -> str:
    value, start, length = (out.sql(node) for node in use.node.arguments)
    return f"substr({value}, TRY_CAST({start} AS INTEGER), TRY_CAST({length} AS INTEGER))"


def _r_substr(use: Use, out: R) -> str:
    value, start, length = (out.r(node) for node in use.node.arguments)
    return f"substring({value}, {start}, {start} + {length} - 1)"


def _substr_english(use: Use, words: Words) -> str:
    value, start, length = (words.say(node) for node in use.node.arguments)
    if start.isdecimal() and length.isdecimal():
        last = int(start) + int(length) - 1
        which = f"character {start}" if last == int(start) else f"characters {start} to {last}"
        return f"{which} of {value}"
    return f"{length} characters of {value} from character {start} on"


SUBSTR = Verb(
    name="substr",
    form="call",
    summary="Some characters of a text; the first is number 1.",
    missing="Missing where the text is missing, or ends before the first of them.",
    arguments=(
        Argument("text", "value"),
        Argument("start", "value"),
        Argument("length", "value"),
    ),
    rule=_substr_rule,
    sql=_substr,
    english=_substr_english,
    may_be_empty=True,
    effect="cleans",
    r=_r_substr,
    example="substr(rand.SUBJ_IW, 1, 2)",
)

WIDE = "".join(chr(code) for code in range(0xFF01, 0xFF5F)) + "\u3000"
NARROW = "".join(chr(code) for code in range(0x21, 0x7F)) + " "

# translate() is slow, and almost every text is ASCII: as many bytes as characters
NARROWED = (
    "CREATE MACRO narrowed(x) AS CASE WHEN strlen(x) = length(x) THEN x"
    f" ELSE translate(x, {text(WIDE)}, {text(NARROW)}) END"
)

HALFWIDTH = Verb(
    name="halfwidth",
    form="step",
    summary=(
        "Full-width letters, digits and signs as ASCII;"
        " an ideographic stop between digits as a point."
    ),
    missing="Missing stays missing.",
    rule=_text,
    sql=lambda use, out: f"halfwidth({out.chained(use.operand)})",
    english=lambda use, words: words.after(use.operand, "with full-width characters as ASCII"),
    may_be_empty=True,
    pure=True,
    costly=True,
    effect="cleans",
    r=lambda use, out: f"halfwidth({out.r(use.operand)})",
    example="lab.RESULT | halfwidth | squish",
    prelude=(
        f"{NARROWED};CREATE MACRO halfwidth(x) AS CASE WHEN strlen(x) = length(x) THEN x"
        " ELSE regexp_replace(narrowed(x), '(\\d)\u3002(\\d)', '\\1.\\2', 'g') END"
    ),
)
