"""Relations between data sets: ``relate:`` of the dataset files becomes one RELREC.

Three forms, as in SDTMIG section 8.2 and 8.3. Records to records: each record points with
its --SEQ, and those that have one value in common are one relation. Groups to groups: each
value of a grouping variable points with that variable. Data sets to data sets: two records
without a subject say by which variables the data sets belong together.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.level import Level
from cdisc.engine.lines import Line, implied, implied_expression
from cdisc.engine.program import ROWS, Need, Program, Relation, RowSource
from cdisc.functions.numbers import NUMBER_TEXT
from cdisc.functions.sqltext import name as sql_name
from cdisc.functions.sqltext import text as sql_text
from cdisc.language import tree as t
from cdisc.source import Loc
from cdisc.spec.dataset import RelateBlock

KIND: Literal["relate"] = "relate"
_LINE = re.compile(
    r"(?:(?P<form>records|groups|datasets)\s+)?(?P<where>.+?)"
    r"(?:\s+(?P<one>one|many)\s+to\s+(?P<other>one|many))?",
    re.DOTALL,
)
_EXPECTED = "records|groups|datasets EXPRESSION = DATASET.VARIABLE, for data sets one to many"


def add_relations(draft: Draft) -> None:
    """Add to a draft what ``relate:`` of all files makes, if any of them has it."""
    relations: list[Relation] = []
    for frame in tuple(draft.frames.values()):
        if frame.loaded is not None and frame.of is None:
            relations += _Reader(draft, frame).relations()
    if not relations:
        return
    name = implied()["relations"]["dataset"]
    first = relations[0]
    if name in draft.frames:
        fact = f"{name} is written by a file as well"
        help_ = f"keep relate:, or the file {name.lower()}.yaml"
        draft.problems.append(Diagnostic("SPEC050", fact, first.span, help=help_))
        return
    standard = draft.sdtm.dataset(name)
    lines = {
        key: Line(key, implied_expression(text, first.span), implied=True)
        for key, text in implied()["implied"]["relations"].items()
    }
    draft.frames[name] = Frame(
        name, "sdtm", name, standard.class_name if standard else "RELATIONSHIP", standard,
        tuple(implied()["relations"]["keys"]), lines, draft.frames[first.dataset].reader,
        (RowSource(KIND, KIND, None, first.span, relations=tuple(relations)),),
    )  # fmt: skip


class _Reader:
    """Reads the relations of one file, and notes what is wrong with them."""

    def __init__(self, draft: Draft, frame: Frame) -> None:
        self.draft, self.frame = draft, frame
        self.document = frame.reader.document

    def relations(self) -> Iterator[Relation]:
        assert self.frame.loaded is not None
        for other, entries in self.frame.loaded.model.relate.items():
            if other not in self.draft.frames:
                known = sorted(self.draft.frames)
                span = self.document.span(("relate", other), key=True)
                fact, help_ = f'there is no dataset "{other}"', did_you_mean(other, known)
                mistake = Diagnostic("SPEC018", fact, span, expected=", ".join(known), help=help_)
                self.draft.problems.append(mistake)
                continue
            single = len(entries) == 1 and not self._is_list(other)
            for index, entry in enumerate(entries):
                loc: Loc = ("relate", other) if single else ("relate", other, index)
                found = self._relation(other, entry, loc)
                if found is not None:
                    yield found

    def _is_list(self, other: str) -> bool:
        written = self.document.value
        entries = written.get("relate") if isinstance(written, dict) else None
        return isinstance(entries, dict) and isinstance(entries[other], list)

    def _relation(self, other: str, entry: str | RelateBlock, loc: Loc) -> Relation | None:
        offset, at = 0, loc
        if isinstance(entry, str):
            match = _LINE.fullmatch(entry.strip())
            assert match is not None  # any text has a middle
            types = tuple(match[one].upper() for one in ("one", "other") if match[one])
            form, text, offset = match["form"] or "records", match["where"], match.start("where")
        else:
            form, text, types = entry.form, entry.where, entry.types or ()
            at = (*loc, "where")
        expression = self.frame.reader.expression(text, at, offset)
        if expression is None:
            return None
        sides = _sides(expression.tree, other)
        wrong = self._mistake(form, sides, other, types)
        if wrong is not None or sides is None:
            span = expression.span()
            fact = wrong or f"a relation names a variable of {other} behind the equals sign"
            self.draft.problems.append(Diagnostic("SPEC050", fact, span, expected=_EXPECTED))
            return None
        own, variable = sides
        return Relation(
            self.frame.name, other, form, self._name(own, expression), variable.name,
            types, expression.span(), expression,
        )  # fmt: skip

    def _mistake(
        self,
        form: str,
        sides: tuple[t.Node, t.Ref] | None,
        other: str,
        types: Sequence[str],
    ) -> str | None:
        if sides is None:
            return None
        own, _variable = sides
        if form != "records" and not _is_variable(own, self.frame):
            return f"{form} are related by a variable of {self.frame.name}"
        if form == "datasets" and not types:
            return "data sets are related one to many, or the like: which of it is not said"
        if types and form != "datasets":
            return "only data sets are related one to many, or the like"
        if form == "records":
            for frame in (self.frame, self.draft.frames[other]):
                if _sequence(frame) is None:
                    return f"records of {frame.name} have no sequence number to point with"
        return None

    def _name(self, own: t.Node, expression: t.Expression) -> str:
        """Return the variable with the value of this side, making one that is not submitted."""
        if _is_variable(own, self.frame):
            assert isinstance(own, t.Ref)
            return own.name
        lines = self.frame.lines
        name = f"{KIND}:{sum(one.startswith(f'{KIND}:') for one in lines) + 1}"
        part = t.Expression(expression.text, own, expression.locate)
        lines[name] = Line(name, part, work=True)
        return name


def _sides(tree: t.Node, other: str) -> tuple[t.Node, t.Ref] | None:
    """Return the expression of this data set and the variable of the other."""
    if isinstance(tree, t.Compare) and tree.operator == "=":
        for own, ref in ((tree.left, tree.right), (tree.right, tree.left)):
            if isinstance(ref, t.Ref) and ref.qualifier == other:
                return own, ref
    return None


def _is_variable(node: t.Node, frame: Frame) -> bool:
    if not isinstance(node, t.Ref):
        return False
    return node.qualifier in (None, frame.name) and node.name in frame.lines


def _sequence(frame: Frame) -> str | None:
    name = implied()["sequence"][0].replace("--", frame.domain)
    return name if name in frame.lines else None


def needs_of_relations(source: RowSource, frames: Mapping[str, Frame]) -> Iterator[Need]:
    """Yield what must be there before relations can be made."""
    for one in source.relations:
        for dataset, variable in ((one.dataset, one.own), (one.other, one.variable)):
            frame = frames[dataset]
            yield dataset, ROWS
            for name in (variable, _sequence(frame) if one.form == "records" else None):
                if name in frame.lines:
                    yield dataset, name


def relation_records(program: Program, source: RowSource, level: Level) -> str:
    """Return the query that makes the records of all relations.

    RELID numbers the relations of a subject: in the order of the files, of the sequence
    numbers on the first side, and of the values; so it does not depend on the order of the
    raw records. Relations between data sets are numbered apart.
    """
    level.preludes[NUMBER_TEXT] = None
    members: list[str] = []
    related: list[str] = []
    for number, one in enumerate(source.relations):
        if one.form == "datasets":
            related += _datasets(program, number, one)
        else:
            members += [_members(program, source, number, side) for side in (1, 2)]
    if members:
        related.append(_NUMBERED)
    first = _MEMBERS.format(members="\n  UNION ALL\n  ".join(members)) if members else ""
    return first + _RECORDS.format(related="\n  UNION ALL\n  ".join(related))


def _datasets(program: Program, number: int, one: Relation) -> Iterator[str]:
    name = sql_text(f"{one.dataset}{one.other}{number + 1}")
    sides = ((one.dataset, one.own), (one.other, one.variable))
    for (dataset, variable), kind in zip(sides, one.types, strict=True):
        domain = program.datasets[dataset].domain
        yield (
            f"SELECT CAST(NULL AS VARCHAR), CAST(NULL AS BIGINT), {sql_text(domain)},"
            f" {sql_text(variable)}, CAST(NULL AS VARCHAR), {sql_text(kind)}, {name}"
        )


def _members(program: Program, source: RowSource, number: int, side: int) -> str:
    one = source.relations[number]
    dataset, variable = (one.dataset, one.own) if side == 1 else (one.other, one.variable)
    plan = program.datasets[dataset]
    value = _value(program, dataset, variable)
    idvar, pointer, place, src = variable, value, "0", "CAST(NULL AS BIGINT)"
    if one.form == "records":
        assert plan.sequence is not None
        idvar = plan.sequence
        place = f"s.{sql_name(idvar)}"
        pointer, src = f"CAST(CAST({place} AS BIGINT) AS VARCHAR)", "s._src"
    # lines that compare with one variable of a data set share their relations
    group = next(
        at
        for at, other in enumerate(source.relations)
        if (other.dataset, other.other, other.form, other.variable)
        == (one.dataset, one.other, one.form, one.variable)
    )
    return (
        f"SELECT {group} AS relation, {side} AS side, s._subject AS subject, {src} AS src,"
        f" {value} AS value, {place} AS place, {sql_text(plan.domain)} AS domain,"
        f" {sql_text(idvar)} AS idvar, {pointer} AS idvarval"
        f" FROM {sql_name(dataset)} AS s WHERE {value} IS NOT NULL AND s._subject IS NOT NULL"
    )


def _value(program: Program, dataset: str, variable: str, alias: str = "s") -> str:
    column = f"{alias}.{sql_name(variable)}"
    number = program.datasets[dataset].variables[variable].kind == "number"
    return f"number_text({column})" if number else f"CAST({column} AS VARCHAR)"


def without_partner(program: Program, one: Relation) -> str:
    """Return the query for the values of a relation that the other data set does not have.

    Its rows: the value, how many records have it, and the first source record.
    """
    value = _value(program, one.dataset, one.own)
    other = _value(program, one.other, one.variable, "o")
    apart = " AND o._id <> s._id" if one.dataset == one.other else ""
    return (
        f"SELECT {value} AS value, count(*) AS n, min(s._src) FROM {sql_name(one.dataset)} AS s"
        f" WHERE {value} IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {sql_name(one.other)} AS o"
        f" WHERE o._subject = s._subject AND {other} = {value}{apart})"
        " GROUP BY 1 ORDER BY n DESC, 1"
    )


_MEMBERS = """WITH members AS (
  {members}
),
distinct_members AS (
  SELECT relation, subject, value, domain, idvar, idvarval, min(src) AS src,
    min(place) FILTER (WHERE side = 1) AS place, min(side) AS least, max(side) AS most
  FROM members GROUP BY ALL
),
whole AS (
  -- a relation has both sides, and more than one member
  SELECT *, min(place) OVER own AS first, min(least) OVER own AS one, max(most) OVER own AS other,
    count(*) OVER own AS number
  FROM distinct_members WINDOW own AS (PARTITION BY relation, subject, value)
),
numbered AS (
  SELECT *, dense_rank() OVER (PARTITION BY subject ORDER BY relation, first, value) AS relid
  FROM whole WHERE one = 1 AND other = 2 AND number > 1
)
"""
_NUMBERED = (
    "SELECT subject, src, domain, idvar, idvarval, CAST(NULL AS VARCHAR),"
    " CAST(relid AS VARCHAR) FROM numbered"
)
_RECORDS = """SELECT
  subject AS _subject,
  row_number() OVER (ORDER BY subject NULLS FIRST, relid, domain, idvar, idvarval) AS _id,
  src AS _src,
  subject AS "rows.subject",
  domain AS "relate.domain",
  idvar AS "relate.idvar",
  idvarval AS "relate.idvarval",
  reltype AS "relate.reltype",
  relid AS "relate.relid"
FROM (
  {related}
) AS related(subject, src, domain, idvar, idvarval, reltype, relid)"""
