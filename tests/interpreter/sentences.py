"""Random expressions that have a type, and the small awkward study that they are about.

A `Speaker` draws from the grammar by type: whatever it says is sound. Everything it draws
comes from one `random.Random`, so that a seed is an example.
"""

import dataclasses

TYPES = ("text", "number", "dtc", "date", "datetime")
TEXTS = (
    "A", "a", "AB", "A-B", " A  b ", "1", "2.5", "<0.1", "\uff11\uff12", "\uff21", "\u00e9",
    "1\u30022\u30023", "it's", "x,y", "10", "-3", "1e3", ".5", "5.", "+7", " 8 ", "NaN", "inf", "Y",
    "N", "-", "--", "B-", "\u3000", " ",
)  # fmt: skip
NUMBERS = (
    "0", "1", "2", "2.5", "2.675", "-1.5", "1e3", "0.125", "7", "100", "ND", "10000000000", "1", "2"
)  # fmt: skip
DAYS = (
    "2026-05-03", "2026-05-03", "2026-5-4", "2026-05-UN", "2026-UN-UN", "UN-UN-UN", "2026-UN-14",
    "UN-05-03", "2026-04-30", "2025-12-31", "2024-02-29", "2026-02-30", "UNK", "2026-13-01",
)  # fmt: skip
MOMENTS = (*DAYS, "2026-05-03 08:15", "2026-05-03 23:59:59", "2026-05-02 24:00", "2026-05-03 8")
FORMS = {
    "f": {"A": TEXTS, "B": ("P", "Q", "q"), "N": NUMBERS, "M": NUMBERS, "D": DAYS, "E": MOMENTS},
    "x": {"A": TEXTS, "B": ("P", "Q", "q"), "N": NUMBERS, "D": DAYS, "E": MOMENTS},
    "d": {"A": TEXTS, "D": DAYS},
    "v": {"D": DAYS},
}
READ = "iso 'y-m-d' unknown 'UN' 'UNK' else missing"
READ_TIME = "iso 'y-m-d H:M:S' 'y-m-d H:M' 'y-m-d H' 'y-m-d' unknown 'UN' 'UNK' else missing"
OWN = {
    "XT1": ("text", "f.A"),
    "XT2": ("text", "f.A | squish | upper"),
    "XN1": ("number", "f.N | num else missing"),
    "XN2": ("number", "f.M | num else missing"),
    "XC1": ("dtc", f"f.D | {READ}"),
    "XC2": ("dtc", f"f.E | {READ_TIME}"),
    "XD1": ("date", "XC1 | date"),
    "XD2": ("date", "XC2 | impute date last from day flag XDF"),
    "XM1": ("datetime", "XC2 | impute date first from month time last flag XMF"),
    "EPOCH": ("text", "f.B"),
    "VISITNUM": ("number", "f.V | num"),
}
TABLES = {"codes": {"KEY": ("A", "AB", "1"), "SAYS": ("alpha", "", "one"), "NO": ("1", "2.5", "")}}
BANDS = ("'<2', '2-<7', '>=7'", "'<=0', '1-10', '>100'")
LITERALS = ("'2026'", "'2026-05'", "'2026-05-03'", "'2026-05-03T08:15'")


def rows(random):
    """Return rows of each form: some subjects without records, some forms without any."""
    subjects = ["001", "002", "003", "004"]
    found = {}
    for form, fields in FORMS.items():
        most = random.choice((0, 1, 4, 9)) if form != "f" else random.choice((0, 2, 6, 10, 14))
        found[form] = []
        for number in range(most):
            row = {"SUBJ": random.choice(subjects), "NO": f"{number:03}"}
            row["V"] = random.choice(("1", "2", "", "1.5"))
            for name, values in fields.items():
                row[name] = "" if random.random() < 0.2 else random.choice(values)
            found[form].append(row)
    found["d"] = list({row["SUBJ"]: row for row in found["d"]}.values())
    found["v"] = list({(row["SUBJ"], row["V"]): row for row in found["v"]}.values())
    return found


@dataclasses.dataclass(frozen=True)
class View:
    """What an expression can name in one place, by type.

    Attributes:
        refs: References by type.
        sources: Views of what a choice or summary can run over, by name; None is the own.
        records: What `count` and `any` can take, by name.
        groups: What can stand behind ``by`` here.
        dated: Whether the standard implies a reference start date.
    """

    refs: dict[str, tuple[str, ...]]
    sources: dict[str | None, "View"] = dataclasses.field(default_factory=dict)
    groups: tuple[str, ...] = ()
    dated: bool = True


def refs(qualifier, names):
    """Return references by type."""
    found = dict.fromkeys(TYPES, ())
    for name, (kind, _line) in names.items():
        found[kind] = (*found[kind], f"{qualifier}.{name}" if qualifier else name)
    return found


def joined(*several):
    """Return references of several places together."""
    return {kind: tuple(name for one in several for name in one[kind]) for kind in TYPES}


EX = {
    "EXTRT": ("text", "x.A"),
    "EXDOSE": ("number", "x.N | num else missing"),
    "EXSTDTC": ("dtc", f"x.D | {READ}"),
    "EXENDTC": ("dtc", f"x.E | {READ_TIME}"),
    "EXSTDY": ("number", "study_day(EXSTDTC)"),
    "EPOCH": ("text", "x.B"),
}
DM = {
    "SUBJID": ("text", "d.SUBJ"),
    "RFSTDTC": ("dtc", "min EX.EXSTDTC where EX.EXDOSE > 0"),
    "BRTHDTC": ("dtc", f"d.D | {READ}"),
    "AGE": ("number", "age(BRTHDTC, RFSTDTC)"),
}
SV = {"SVSTDTC": ("dtc", f"v.D | {READ}")}
FIELDS = {"A": ("text", ""), "N": ("text", ""), "E": ("text", ""), "NO": ("text", "")}


def view(names, source):
    """Return what the lines of a dataset can name; `source` gives its records."""
    row = refs(source, FIELDS if source.islower() else OWN)
    subject = joined(refs("DM", DM), refs("d", {"A": ("text", "")}))
    outer = joined(refs("", names), row, subject, refs("SV", SV))
    inside = {
        "EX": View(refs("EX", EX), groups=("EPOCH",)),
        "x": View(refs("x", FIELDS)),
        source: View(row, groups=("EPOCH",) if source.isupper() else ()),
        "other": View(refs("other", names), groups=("EPOCH", "VISITNUM", "XT2")),
        None: View(refs("", names), groups=("USUBJID", "EPOCH", "VISITNUM", "XT2")),
    }
    return View(outer, inside, dated=source.islower())


class Speaker:
    """Says expressions of a type, at most so deep.

    Args:
        random: Where every choice comes from.
        view: What can be named.
        name: The variable that the expression makes.
        inside: The view of the records of a choice or summary, in whose condition it speaks.
    """

    def __init__(self, random, view, name, inside=None):
        self.random, self.view, self.name, self.inside = random, view, name, inside

    def pick(self, *choices):
        return self.random.choice(choices)

    def say(self, kind, depth):
        """Return an expression of a type, in parentheses unless it is one word."""
        if depth <= 0 or self.random.random() < 0.15:
            return self.atom(kind)
        ways = list(getattr(self, f"{kind}s")(depth - 1))
        ways += [self.case, self.coalesce]
        if self.inside is None:
            ways += [self.aggregate] * 3
        made = self.random.choice(ways)
        text = (
            made(kind, depth - 1) if made in (self.case, self.coalesce, self.aggregate) else made()
        )
        return f"({text})"

    def atom(self, kind):
        """Return a reference or a constant."""
        known = self.view.refs[kind]
        if self.inside is not None and self.random.random() < 0.6:
            known = self.inside.refs[kind] or known
        if known and (kind in ("dtc", "date", "datetime") or self.random.random() < 0.75):
            return self.random.choice(known)
        if kind == "text":
            return self.pick("'A'", "'b'", "'it''s'", "'2026-05'", "''", "'1'", "' x '", "'\u00e9'")
        if kind == "number":
            return self.pick("0", "1", "2", "2.5", "10", "0.125", "1000", "0.1")
        if kind == "dtc":
            return "XC1"
        return {"date": "(XC2 | date)", "datetime": "XM1"}[kind]

    def case(self, kind, depth):
        branches = " ".join(
            f"when {self.condition(depth)} then {self.say(kind, depth)}"
            for _ in range(self.pick(1, 1, 2))
        )
        return branches + (f" else {self.say(kind, depth)}" if self.random.random() < 0.6 else "")

    def coalesce(self, kind, depth):
        return f"coalesce({', '.join(self.say(kind, depth) for _ in range(self.pick(1, 2, 3)))})"

    # by type ---------------------------------------------------------------------------

    def texts(self, depth):
        def text():
            return self.say(self.pick("text", "text", "text", "dtc"), depth)

        def number():
            return self.say("number", depth)

        steps = (
            "squish", "upper", "lower", "halfwidth", "serial", "part 1 of '-'", "part 2 of '-'",
            "part 3 of '\u3002'", "replace 'A' by ''", "replace ' ' by '-'",
            "replace '-' by '\uff0d'", "map A to X ' 8 ' to '' other to Z",
            "map A to X a to y none to M",
            "map '1' to one other to '' none to none", "lookup codes SAYS else missing",
        )  # fmt: skip
        yield lambda: f"{text()} | {self.random.choice(steps)}"
        yield lambda: f"{text()} | {self.random.choice(steps)} | {self.random.choice(steps)}"
        yield lambda: f"{number()} | text"
        yield lambda: f"substr({text()}, {self.pick(1, 2, 3)}, {self.pick(1, 2, 20)})"
        yield lambda: f"{text()} + {text()}"
        yield lambda: f"yn({self.condition(depth)})"
        yield lambda: f"one_or_multiple({', '.join(text() for _ in range(self.pick(2, 3)))})"
        yield lambda: f"bands({number()}, {self.random.choice(BANDS)})"
        yield lambda: f"range_flag({number()}, {number()}, {number()})"
        flag = self.pick("date_flag", "time_flag")
        yield lambda: f"{self.say('dtc', depth)} | {flag} {self.filling(depth)}"
        if self.inside is None:
            yield self.flag

    def numbers(self, depth):
        def number():
            return self.say("number", depth)

        def say(kind):
            return self.say(kind, depth)

        def moment():
            return self.say(self.pick("dtc", "date", "datetime"), depth)

        signs = ("+", "-", "*", "/")
        yield lambda: f"{number()} {self.random.choice(signs)} {number()}"
        yield lambda: f"-{number()}"
        yield lambda: f"{self.say('text', depth)} | num else missing"
        yield lambda: f"{number()} | round {self.pick(0, 1, 2, 5)}"
        yield lambda: f"{self.say('date', depth)} - {self.say('date', depth)}"
        yield lambda: f"{self.say('datetime', depth)} - {self.say('datetime', depth)}"
        if self.view.dated:
            yield lambda: f"study_day({moment()})"
        yield lambda: f"study_day({moment()}, {moment()})"
        yield lambda: f"age({moment()}, {moment()})"
        yield lambda: f"{self.say('text', depth)} | rank A '1' AB ' 8 ' else missing"
        yield lambda: f"band_number({number()}, {self.random.choice(BANDS)})"
        name = self.pick("chg", "pchg", "ratio", "mod", "least", "greatest", "average")
        yield lambda: f"{name}({number()}, {number()})"
        yield lambda: f"{self.pick('abs', 'sqrt', 'floor', 'ceil')}({number()})"
        yield lambda: f"{self.pick('exp', 'log', 'log10')}({number()}) | round 3"
        yield lambda: f"power({number()}, {self.pick(2, 0.5, number())}) | round 3"
        unit, exact = self.pick("days", "weeks", "months", "years"), self.pick("hours", "minutes")
        days = self.pick("duration", "elapsed", "completed")
        yield lambda: f"{days}({moment()}, {moment()}, '{unit}')"
        times = [self.pick("dtc", "datetime"), self.pick("dtc", "datetime")]
        yield lambda: f"elapsed({say(times[0])}, {say(times[1])}, '{exact}')"
        if self.inside is None:
            yield lambda: f"number{self.clauses(None, depth, order=True)}"

    def dtcs(self, depth):
        def dtc():
            return self.say("dtc", depth)

        yield lambda: f"{self.pick('earliest', 'latest')}({dtc()})"
        yield lambda: f"{self.pick('earliest', 'latest')}({dtc()}, {dtc()})"
        yield lambda: f"copy {self.random.choice(self.view.refs['dtc'])}"

    def filling(self, depth, *, time=None):
        """Return what `impute` is told."""
        time = self.random.random() < 0.5 if time is None else time
        side = self.pick("first", "last", "mid", "'02-29'", "'06-15'")
        hour = self.pick("first", "last", "'12:30:00'")
        words, clock = f"date {side} from {self.pick('month', 'day')}", f"time {hour}"
        if time:
            low = f"from {self.pick('minute', 'second')} {clock}"
            words = self.pick(f"{words} {clock}", clock, low)
        bounds = [
            f"{bound} {' '.join(self.bound(depth) for _ in range(self.pick(1, 1, 2)))}"
            for bound in ("not before", "not after")
            if self.random.random() < 0.25
        ]
        if self.random.random() < 0.1:
            side, bound = self.pick(("first", "not before"), ("last", "not after"))
            words = f"date {side} from year {clock if time else ''}"
            bounds = [f"{bound} {self.bound(depth)}"]
        return " ".join([words, *bounds])

    def bound(self, depth):
        return self.say(self.pick("date", "datetime"), min(depth, 1))

    def imputed(self, depth, *, time):
        told = self.filling(depth, time=time)
        return f"{self.say('dtc', depth)} | impute {told} flag {self.name}F"

    def dates(self, depth):
        def date():
            return self.say("date", depth)

        yield lambda: f"{self.say(self.pick('dtc', 'date', 'datetime'), depth)} | date"
        yield lambda: f"date({self.say(self.pick('dtc', 'datetime'), depth)})"
        yield lambda: self.imputed(depth, time=False)
        yield lambda: f"{self.say('date', depth)} {self.pick('+', '-')} {self.say('number', depth)}"
        yield lambda: f"{self.pick('earliest', 'latest')}({date()}, {date()})"

    def datetimes(self, depth):
        yield lambda: self.imputed(depth, time=True)
        yield (
            lambda: (
                f"{self.say('datetime', depth)} {self.pick('+', '-')} {self.say('number', depth)}"
            )
        )

    # conditions ---------------------------------------------------------------------------

    def condition(self, depth):
        """Return a condition, in parentheses."""
        if depth > 0 and self.random.random() < 0.35:
            sign = self.pick("and", "or", "not")
            if sign == "not":
                return f"(not {self.condition(depth - 1)})"
            return f"({self.condition(depth - 1)} {sign} {self.condition(depth - 1)})"
        return f"({self.random.choice(list(self.comparisons(max(depth - 1, 0))))()})"

    def comparisons(self, depth):
        def say(kind):
            return self.say(kind, depth)

        def literal():
            return self.pick(say("dtc"), say("dtc"), self.random.choice(LITERALS))

        equal, order = self.pick("=", "<>"), self.pick("<", "<=", ">", ">=", "=", "<>")
        time = self.pick("before", "after", "on or before", "on or after")
        kinds = ("dtc", "date", "datetime")
        among, missing = self.pick("in", "not in"), self.pick("is missing", "is not missing")
        inside = self.pick("contains", "starts with", "ends with")
        yield lambda: f"{self.named('text', depth)} {order} {self.named('text', depth)}"
        yield lambda: f"{say('number')} {order} {say('number')}"
        yield lambda: f"{say(self.pick(*kinds))} {time} {say(self.pick(*kinds))}"
        yield lambda: f"{say('dtc')} {time} {literal()}"
        yield lambda: f"{say('dtc')} {equal} {say('dtc')}"
        yield lambda: f"{say('date')} {order} {say('date')}"
        yield lambda: f"{self.named('text', depth)} {inside} {self.named('text', depth)}"
        yield lambda: f"{self.named('text', depth)} {among} ('A', '1', 'it''s')"
        yield lambda: f"{say('number')} {among} (1, 2.5, 0)"
        yield lambda: f"{say(self.pick(*TYPES))} {missing}"
        if self.inside is None:
            yield lambda: f"any {self.records(depth)}"

    def named(self, kind, depth):
        """Return an expression that is not the empty text, which no comparison takes."""
        said = self.say(kind, depth)
        return "XT1" if said in ("''", "") else said

    # choices and summaries ---------------------------------------------------------------

    def within(self, source):
        """Return a speaker of the condition over the records of a source."""
        inner = self.view.sources[source]
        outer = {kind: tuple(r for r in self.view.refs[kind] if "SV." not in r) for kind in TYPES}
        if source is None:
            outer = self.view.refs
        return Speaker(self.random, View(outer, dated=self.view.dated), self.name, inner)

    def records(self, depth):
        source = self.random.choice([one for one in self.view.sources if one is not None])
        where = self.within(source).condition(depth) if self.random.random() < 0.8 else ""
        return f"{source} where {where}" if where else source

    def clauses(self, source, depth, *, order):
        inner = self.view.sources[source]
        text = ""
        if self.random.random() < 0.7:
            text += f" where {self.within(source).condition(depth)}"
        if inner.groups and self.random.random() < 0.5:
            number = self.pick(1, 1, 2) if len(inner.groups) > 1 else 1
            text += f" by {' '.join(self.random.sample(inner.groups, number))}"
        if order:
            known = [ref for kind in TYPES for ref in inner.refs[kind]]
            items = self.random.sample(known, min(len(known), self.pick(1, 1, 2)))
            text += " order " + " ".join(item + self.pick("", "", " descending") for item in items)
        return text

    def aggregate(self, kind, depth):
        """Return a choice or summary of a type."""
        source = self.random.choice(list(self.view.sources))
        inner = self.view.sources[source]
        if kind == "number" and self.random.random() < 0.3:
            if source is None:
                return f"count records{self.clauses(None, depth, order=False)}"
            return f"count {self.records(depth)}"
        if not inner.refs[kind]:
            source, inner = None, self.view.sources[None]
        word = self.pick("first", "last", "min", "max", *(("sum", "mean") * (kind == "number")))
        alone = Speaker(self.random, View(inner.refs, dated=self.view.dated), self.name, inner)
        operand = alone.say(kind, min(depth, 1)) if self.random.random() < 0.4 else ""
        if source is not None and f"{source}." not in operand:
            operand = ""
        if any(one in operand.split() for one in ("copy",)):
            operand = ""
        operand = operand or self.random.choice(inner.refs[kind])
        ordered = word in ("first", "last")
        return f"{word} {operand}{self.clauses(source, depth, order=ordered)}"

    def flag(self):
        return f"flag {self.pick('first', 'last')}{self.clauses(None, 1, order=True)}"
