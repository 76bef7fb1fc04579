"""Words of the language in any order: what comes of them is a program or a mistake with a place."""

import json
import random

import pytest

from cdisc.engine.resolve import attempt
from cdisc.functions import builtin_verbs
from cdisc.spec import load_study
from tests.study_builder import write_study

VERBS = builtin_verbs()
STEPS = [one for one in VERBS.values() if one.form == "step"]
CALLS = [one for one in VERBS.values() if one.form == "call"]
REFERENCES = [
    "AETERM",
    "AESTDTC",
    "NUM",
    "ADT",
    "ADTM",
    "TIM",
    "f.T",
    "f.V",
    "f.nope",
    "g.T",
    "DM.RFSTDTC",
    "DM.SEX",
    "other.AETERM",
    "other",
    "study.id",
    "rows.subject",
    "new.X",
    "nope",
    "DM",
    "opened",
    "USUBJID",
    "f",
    "t1.v",
    "AE",
    "test.code",
    "param.code",
    "SUPPAE",
]
TEXTS = [
    "'a'",
    "''",
    "'2014-01-01'",
    "'d-mmm-y'",
    "'days'",
    "'<18'",
    "'NY'",
    "'it''s'",
    "'y-m-d'",
    "'%'",
    "'12:00:00'",
    "'06-15'",
]
NUMBERS = ("0", "1", "2.5", "1e5", "007", "1e999")
WORDS = [
    "NY",
    "t1",
    "v",
    "other",
    "none",
    "to",
    "else",
    "error",
    "missing",
    "keep",
    "date",
    "time",
    "first",
    "last",
    "mid",
    "from",
    "month",
    "flag",
    "not",
    "before",
    "after",
    "unknown",
    "pivot",
    "by",
    "of",
    "into",
    "part",
    "for",
    "unit",
    "low",
    "high",
    "checked",
    "CR",
    "windows",
    "when",
    "then",
    "where",
    "order",
    "and",
    "or",
    "in",
    "is",
    "on",
    "contains",
    "starts",
    "ends",
    "with",
    "descending",
    "const",
    "copy",
    "min",
    "max",
    "sum",
    "mean",
    "number",
    "count",
    "any",
    "records",
    "(",
    ")",
    "|",
    ",",
    "+",
    "-",
    "*",
    "/",
    "=",
    "<>",
    "<",
    ">",
    "<=",
    ">=",
    ".",
    "'",
    '"',
    "#",
    "é",
    "有",
    "\xa0",
]
STUDY = """
let:
  opened: AE.AETERM = 'a'
  "twice(x)": x + x
tables:
  t1: {columns: [k, v], rows: [[a, AA], [b, BB]]}
  windows: {columns: [low, high, AVISIT], rows: [['1', '2', A], ['3', '4', B]]}
"""
AE = """
dataset: AE
rows: each f
keys: [USUBJID, AETERM]
variables:
  AETERM: f.T
  NUM: {map: f.V | num, label: Number, type: number}
  AESTDTC: f.D | iso 'y-m-d' 'y-m'
  ADT: {map: AESTDTC | date, label: Date, type: date}
  ADTM: {map: AESTDTC | impute date first from month time first, label: Date, type: datetime}
  TIM: {map: time(ADTM), label: Time, type: time}
"""
DM = """
dataset: DM
rows: each g
keys: USUBJID
variables:
  RFSTDTC: g.D | iso 'y-m-d'
  SEX: g.T
"""
FIELDS = {"f": ["SUBJ", "T", "V", "D"], "g": ["SUBJ", "T", "D"]}
TYPES = ("text", "number", "dtc", "date", "datetime", "time")


class Sentences:
    """Expressions that are half right: by the grammar, or words in any order."""

    def __init__(self, seed):
        self.random = random.Random(seed)  # noqa: S311  no secret

    def one(self):
        pick = self.random.random()
        if pick < 0.3:
            return " ".join(self.token() for _ in range(self.random.randint(1, 12)))
        text = self.value(self.random.randint(1, 3))
        if pick < 0.5:
            words = text.split(" ")
            words[self.random.randrange(len(words))] = self.token()
            text = " ".join(words)
        return text

    def token(self):
        verb = self.random.choice([*STEPS, *CALLS]).name
        groups = (REFERENCES, TEXTS, NUMBERS, WORDS, WORDS, (verb,))
        return self.random.choice(self.random.choice(groups))

    def leaf(self):
        return self.random.choice(self.random.choice((REFERENCES, TEXTS, NUMBERS)))

    def value(self, depth):
        if depth < 1:
            return self.leaf()
        a, b = self.value(depth - 1), self.value(depth - 1)
        sign = self.random.choice(["=", "<>", "<", "before", "on or after", "contains"])
        kind = self.random.choice(["first", "last", "min", "sum", "mean"])
        forms = [
            a,
            f"({a}) {self.random.choice('+-*/')} ({b})",
            f"when ({a}) {sign} ({b}) then ({a}) else ({b})",
            f"{kind} ({a}) where ({b}) {sign} {self.leaf()} by {self.leaf()} order {self.leaf()}",
            f"count {self.leaf()} where ({a}) is missing",
            f"flag first where ({a}) {sign} ({b}) order {self.leaf()}",
            f"number by {self.leaf()} order {self.leaf()}",
            f"({a}) | {self.step(depth - 1)}",
            self.call(depth - 1),
            f"twice({a})",
        ]
        return self.random.choice(forms)

    def step(self, depth):
        verb = self.random.choice(STEPS)
        return " ".join([verb.name, *(self.argument(one, depth) for one in verb.arguments)])

    def call(self, depth):
        verb = self.random.choice(CALLS)
        return f"{verb.name}({', '.join(self.value(depth) for _ in verb.arguments)})"

    def argument(self, argument, depth):
        if argument.optional and self.random.random() < 0.5:
            return ""
        if self.random.random() < 0.2:
            found = self.token()
        elif argument.kind == "value":
            found = f"({self.value(depth)})"
        elif argument.kind == "pairs":
            found = f"{self.leaf()} to {self.leaf()}"
        else:
            kinds = {"text": TEXTS, "number": NUMBERS}
            found = self.random.choice(argument.choices or kinds.get(argument.kind, WORDS))
        return " ".join([*argument.after, found])


def mistakes(folder, expressions):
    lines = [
        json.dumps({"map": text, "label": "x", "type": TYPES[at % len(TYPES)]}, ensure_ascii=False)
        for at, text in enumerate(expressions)
    ]
    text = AE + "".join(f"  X{at}: {line}\n" for at, line in enumerate(lines))
    raw = {"f": "", "g": ""}
    loaded = load_study(write_study(folder, {"sdtm/ae": text, "sdtm/dm": DM}, raw, STUDY))
    return attempt(loaded, FIELDS)[1]


@pytest.mark.parametrize("seed", range(3))
def test_any_words_make_a_program_or_a_mistake(tmp_path, seed):
    sentences = Sentences(seed)

    found = mistakes(tmp_path / "study", [sentences.one() for _ in range(100)])

    assert len(found) > 50
    assert [one for one in found if one.span is None] == []


@pytest.mark.parametrize("verb", VERBS.values(), ids=lambda verb: f"{verb.form}-{verb.name}")
def test_a_verb_whose_arguments_are_wrong_says_so(tmp_path, verb):
    """Each argument in turn is each kind of thing; a verb takes it, or tells of itself."""
    things = ("'a'", "1", "NUM", "AESTDTC", "ADT", "nope", "(NUM = 1)", "''", "date", "DM")
    if verb.form == "call":
        calls = [", ".join([one] * n) for one in things for n in range(4)]
        expressions = [f"{verb.name}({one})" for one in calls]
    else:
        sentences = Sentences(verb.name)
        wrong = [f"{verb.name} {one} {two}" for one in things for two in ("", *things[:4])]
        expressions = [f"AETERM | {one}" for one in wrong]
        expressions += [f"{one} | {sentences.step(0)}" for one in things for _ in range(2)]

    found = mistakes(tmp_path / "study", expressions)

    assert found
    assert [one for one in found if not one.fact or one.span is None] == []


@pytest.mark.parametrize(
    "text",
    [
        "(" * 200 + "1" + ")" * 200,
        "-" * 3000 + "1",
        "1" + " + 1" * 2500,
        "f.T" + " | upper" * 1300,
        "coalesce(" * 900 + "'a'" + ")" * 900,
        "when " + "not " * 1000 + "f.T = '1' then 'a'",
        "(when f.T = '1' then " * 200 + "'b'" + ")" * 200,
        "(when f.T = '1' then " * 49 + "'b'" + ")" * 49,
        "coalesce(" * 98 + "f.T" + ")" * 98,
        "f.T" + " | upper" * 98,
        "twice(" * 30 + "NUM" + ")" * 1,
    ],
    ids=lambda text: text[:12],
)
def test_what_is_nested_deep_is_read_or_refused(tmp_path, text):
    found = mistakes(tmp_path / "study", [text])

    assert {one.code for one in found} <= {"SPEC010", "SPEC011", "SPEC014"}


def test_functions_that_grow_are_refused_before_they_do(tmp_path):
    chain = "".join(f'  "f{at}(x)": f{at - 1}(x) + x\n' for at in range(1, 120))
    study = f'let:\n  "f0(x)": x + x\n{chain}'
    text = AE + "  X: {map: f119(f119(f119(AETERM))), label: x, type: text}\n"
    loaded = load_study(
        write_study(tmp_path / "s", {"sdtm/ae": text, "sdtm/dm": DM}, {"f": "", "g": ""}, study)
    )

    _program, found = attempt(loaded, FIELDS)

    assert {one.code for one in found} == {"SPEC011"}
