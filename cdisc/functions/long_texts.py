"""Long text: cut between words into parts that a transport file holds, nothing lost.

Bytes count, not characters, and no character is cut. A single blank between two parts
is left out; a word that is longer than a part is cut within. Parts are filled from the
left, so that the same text always gives the same parts.
"""

from cdisc.functions.boxes import numbered
from cdisc.functions.whole import require_whole
from cdisc.language import tree as t
from cdisc.language.verb import Argument, Companion, Sql, Type, Typing, Use, Verb, Words

MOST_BYTES = 200
_MOST_PARTS = 99


def _rule(use: Use, check: Typing) -> Type:
    check.require(use.operand, "text")
    require_whole(use, check, "parts", least=2, most=_MOST_PARTS)
    parts = use.text("parts") or ""
    most = int(parts) if parts.isdecimal() and int(parts) else _MOST_PARTS
    require_whole(use, check, "part", least=1, most=most)
    return "text"


def _sql(use: Use, out: Sql) -> str:
    operand, part = out.column(use.operand), use.text("part", "1")
    if use.text("part") is None:
        too_long = f"len(text_parts({operand})) > {use.text('parts')}"
        found = f"left({operand}, 40) || '...'"
        out.audit(
            "DATA031", f"CASE WHEN strlen({operand}) > {MOST_BYTES} THEN {too_long} END", found
        )
    whole = operand if part == "1" else "NULL"
    return (
        f"CASE WHEN strlen({operand}) <= {MOST_BYTES} THEN {whole}"
        f" ELSE text_parts({operand})[{part}] END"
    )


def _companions(use: Use, target: str) -> tuple[Companion, ...]:
    node = use.node
    if not isinstance(node, t.Step) or use.text("part") is not None:
        return ()
    parts = use.text("parts") or ""
    made = []
    for number in range(1, min(int(parts), _MOST_PARTS) if parts.isdecimal() else 0):
        which = (t.Word(value="part"), t.Number(value=str(number + 1)))
        tree = t.Step(
            name=node.name, operand=node.operand, arguments=(*node.arguments, *which),
            start=node.start, end=node.end, name_start=node.name_start,
        )  # fmt: skip
        name = numbered(target, number)
        made.append(Companion(name, tree, qualifier=True, label="{label}"))
    return tuple(made)


def _english(use: Use, words: Words) -> str:
    part = use.text("part", "1")
    return (
        f"part {part} of {words.say(use.operand)}, which is cut between words into parts of at"
        f" most {MOST_BYTES} bytes"
    )


SPLIT = Verb(
    name="split",
    form="step",
    summary=(
        "A text cut between words into parts of at most 200 bytes: the first is the value, the"
        " others become supplemental qualifiers (in CO and TS variables) numbered from 1."
    ),
    missing="Missing stays missing; a text that is longer than the parts is an error.",
    arguments=(
        Argument("parts", "number", after=("into",)),
        Argument("part", "number", after=("part",), optional=True),
    ),
    rule=_rule,
    sql=_sql,
    english=_english,
    effect="cleans",
    companions=_companions,
    example="ae.AETERM | squish | split into 3",
    source="SDTMIG v3.4, section 4.5.3, Text Strings that Exceed the Maximum Length",
    prelude=(
        # words with the blank behind them; a word that no part holds, character by character
        "CREATE MACRO text_words(x) AS flatten(list_transform("
        "regexp_extract_all(x, '(?s)[^ ]* |[^ ]+'),"
        f" lambda w: CASE WHEN strlen(rtrim(w, ' ')) > {MOST_BYTES}"
        " THEN regexp_extract_all(w, '(?s).') ELSE [w] END));"
        "CREATE MACRO text_shown(x) AS CASE WHEN right(x, 1) = ' ' THEN left(x, length(x) - 1)"
        " ELSE x END;"
        "CREATE MACRO text_parts(x) AS list_transform(list_reduce("
        "list_transform(text_words(x), lambda w: [w]),"
        " lambda done, w: CASE"
        f" WHEN strlen(text_shown(done[-1] || w[1])) <= {MOST_BYTES}"
        " THEN list_append(done[:-2], done[-1] || w[1]) ELSE list_concat(done, w) END),"
        " lambda p: text_shown(p))"
    ),
)
