"""``records:`` of a dataset file: further records made from those that are there.

A dataset with such blocks is built in stages, which are datasets like any other that
nobody sees: ``X.base`` has the records of ``rows:``, ``X.made1`` those of the first block,
and ``X`` itself stacks them. A block sees the records above it: the second one reads
``X.before2``, which stacks what there is by then. What a line takes from the row source is
taken over from stage to stage; what it derives from other variables is derived anew over
all records, old and new.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.draft import Draft, Frame
from cdisc.engine.lines import Line, implied, nothing, parse_at
from cdisc.engine.meaning import ROW_VALUES
from cdisc.engine.pieces import check_settable
from cdisc.engine.program import ROWS, DatasetPlan, Need, RowSource
from cdisc.engine.regroup import Regroup, plain
from cdisc.language import tree as t
from cdisc.record import changed
from cdisc.source import Loc
from cdisc.spec.dataset import RecordsBlock

# The condition on a new record, as a variable of its stage.
WHEN = "records.when"
_KEEP = "keep "
_EXPECT = re.compile(r"(?P<table>\w+)(?:\s+by\s+(?P<keys>\w+(?:\s+\w+)*))?")


def add_stages(draft: Draft) -> None:
    """Put stages in place of the row sources of every dataset with ``records:``.

    Args:
        draft: A study whose frames are all there. Takes the mistakes: SPEC041 what cannot be
            set, SPEC043 what cannot group records, SPEC044 what says which are expected.
    """
    for frame in list(draft.frames.values()):
        if frame.loaded is not None and frame.loaded.model.records and frame.parent is None:
            _Stages(draft, frame).build()


def without_unused(datasets: Mapping[str, DatasetPlan]) -> dict[str, DatasetPlan]:
    """Return the datasets of a study, and of their stages only what something needs."""
    needed: set[Need] = set()
    waiting = [
        (plan.name, name)
        for plan in datasets.values()
        if plan.of is None
        for name in (ROWS, *plan.variables)
    ]
    while waiting:
        need = waiting.pop()
        plan = datasets.get(need[0])
        if plan is None or need in needed:
            continue
        needed.add(need)
        if need[1] == ROWS:
            waiting += plan.rows_needs
        elif need[1] in plan.variables:
            waiting += plan.variables[need[1]].needs
    return {
        plan.name: plan
        if plan.of is None
        else dataclasses.replace(
            plan,
            variables={
                name: one for name, one in plan.variables.items() if (plan.name, name) in needed
            },
        )
        for plan in datasets.values()
    }


class _Stages:
    """Builds the stages of one dataset.

    Args:
        draft: The study.
        frame: The dataset; it is changed.
    """

    def __init__(self, draft: Draft, frame: Frame) -> None:
        assert frame.loaded is not None
        self.draft, self.frame, self.loaded = draft, frame, frame.loaded
        self.blocks = frame.loaded.model.records
        self.subject: str = implied()["subject"]
        self.made: list[Frame] = []
        for at, block in enumerate(self.blocks):
            for name in self._settable(at, block):
                self.frame.lines.setdefault(name, self._missing(name, ("records", at, "set", name)))
        self.sourced = {
            name for name, line in frame.lines.items() if self._reads_source(line.expression.tree)
        }

    def build(self) -> None:
        """Add the stages to the study."""
        frame = self.frame
        lines = {
            name: line if name in self.sourced else changed(line, quiet=True)
            for name, line in frame.lines.items()
        }
        self.base = self._stage("base", lines, frame.sources, events=frame.events)
        before = self.base
        for at, block in enumerate(self.blocks):
            if at:
                lines = {name: self._stacked(line) for name, line in frame.lines.items()}
                quiet = {n: changed(line, quiet=True) for n, line in lines.items()}
                before = self._stage(f"before{at + 1}", quiet, self._sources())
            self.made.append(self._made(at, block, before))
        frame.lines = {name: self._stacked(line) for name, line in frame.lines.items()}
        frame.sources, frame.events = self._sources(), False

    def _stage(
        self, name: str, lines: dict[str, Line], sources: tuple[RowSource, ...], *,
        events: bool = False,
    ) -> Frame:  # fmt: skip
        frame = dataclasses.replace(
            self.frame,
            name=f"{self.frame.name}.{name}",
            lines=lines,
            sources=sources,
            of=self.frame.name,
            events=events,
        )
        self.draft.frames[frame.name] = frame
        return frame

    # all records so far --------------------------------------------------------------

    def _sources(self) -> tuple[RowSource, ...]:
        span = self.loaded.document.span(("records",), key=True)
        sources = [RowSource("dataset", self.base.name, None, span)]
        for made in self.made:
            line = made.lines.get(WHEN)
            condition = None
            if line is not None:
                tree = t.placed(t.Ref(qualifier=None, name=WHEN), line.expression.tree)
                condition = changed(line.expression, tree=tree)
            sources.append(RowSource("dataset", made.name, None, span, condition=condition))
        return tuple(sources)

    def _stacked(self, line: Line) -> Line:
        """Return a line for all records so far: taken over where a stage has a value of its own."""
        owners = [(0, self.base)] if line.name in self.sourced else []
        owners += [(at + 1, one) for at, one in enumerate(self.made) if line.name in one.made]
        if not owners:
            return line
        tree = line.expression.tree
        place = {"start": tree.start, "end": tree.end}
        branches = []
        for number, owner in owners:
            source = t.Ref(qualifier="rows", name="source", **place)
            here = t.Compare(
                operator="=", left=source, right=t.Number(value=str(number + 1), **place), **place
            )
            value = t.Ref(qualifier=owner.name, name=line.name, **place)
            branches.append(t.Branch(condition=here, value=value, **place))
        default = None if line.name in self.sourced else tree
        stacked = t.BySource(branches=tuple(branches), default=default, **place)
        sets = (block.sets.get(line.name) for block in self.blocks)
        text = "; ".join([line.expression.text, *(one for one in sets if one)])
        written = line.expression
        end = len(written.text)
        expression = t.Expression(
            text, stacked, lambda start, stop: written.locate(start, min(stop, end))
        )
        return changed(line, expression=expression, step=None)

    # the records of a block ----------------------------------------------------------

    def _made(self, at: int, block: RecordsBlock, before: Frame) -> Frame:
        loc: Loc = ("records", at)
        by = self._by(block, loc)
        table, keys = self._expected(block, loc) if block.expect else (None, ())
        self._check_group_values(block, loc)
        own = {name: self._taken(before, name) for name in by}
        if not block.by:
            copied = self.sourced.union(*(one.made for one in self.made))
            own = {name: self._taken(before, name) for name in sorted(copied)}
        if table is not None:
            own.update(self._of_table(table, by))
        taken = frozenset(name for name, line in own.items() if not line.from_table)
        own.update(self._set(at, block, before, by))
        lines = {}
        for name, line in self.frame.lines.items():
            if name in own:
                lines[name] = own[name]
            elif name in self.sourced:
                lines[name] = self._missing(name, ("records",))
            else:
                lines[name] = changed(line, quiet=True)
        if block.when is not None:
            lines[WHEN] = self._when(at, block.when, before, by)
        made = self._stage(
            f"made{at + 1}", lines, (self._source(at, block, before, by, table, keys),)
        )
        made.made, made.taken = frozenset(own), taken - set(block.sets)
        return made

    def _source(
        self, at: int, block: RecordsBlock, before: Frame, by: tuple[str, ...],
        table: str | None, keys: tuple[str, ...],
    ) -> RowSource:  # fmt: skip
        span = self.loaded.document.span(("records", at))
        where = (block.where, ("records", at, "where"), 0) if block.where else None
        if block.by:
            return RowSource(
                "group", before.name, None, span, where_at=where, by=by, expect=table, expected=keys
            )
        keep = (
            (f"{_KEEP}{block.keep}", ("records", at, "keep"), -len(_KEEP)) if block.keep else None
        )
        return RowSource("dataset", before.name, None, span, where_at=where, keep_at=keep)

    def _by(self, block: RecordsBlock, loc: Loc) -> tuple[str, ...]:
        """Return the variables that group records; the subject is always one of them."""
        found = []
        for name in block.by:
            if name in self.frame.lines:
                found.append(name)
                continue
            place: Loc = (*loc, "by", block.by.index(name))
            document = self.loaded.document
            span = document.span(place if place in document.values else (*loc, "by"))
            fact = f'{self.frame.name} has no variable "{name}" to group records by'
            help_ = did_you_mean(name, self.frame.lines)
            self.draft.problems.append(Diagnostic("SPEC043", fact, span, help=help_))
        if block.by and block.keep:
            fact = "records are grouped or chosen, not both"
            span = self.loaded.document.span((*loc, "keep"))
            help_ = "leave out keep:, and choose with first or last in the expressions of set:"
            self.draft.problems.append(Diagnostic("SPEC043", fact, span, help=help_))
        if block.by and self.subject not in found and self.subject in self.frame.lines:
            found.insert(0, self.subject)
        return tuple(found)

    def _check_group_values(self, block: RecordsBlock, loc: Loc) -> None:
        """Note what groups records and is something else in the new one, where it is summarised."""
        texts = [(text, (*loc, "set", name)) for name, text in block.sets.items()]
        texts += [(block.when, (*loc, "when"))] if block.when else []
        found = (parse_at(self.loaded.document, text, at, []) for text, at in texts)
        group = Regroup(self.draft, self.frame, self.frame.name, block.by, None)
        summarised = any(one is not None and group.is_summarised(one.tree) for one in found)
        for name in (one for one in block.by if one in block.sets and summarised):
            fact = f"{name} groups the records, and the new one of a group has another {name}"
            span = self.loaded.document.span((*loc, "set", name), key=True)
            help_ = f"take {name} out of by:, and say which records are meant with where:"
            self.draft.problems.append(Diagnostic("SPEC043", fact, span, help=help_))

    def _expected(self, block: RecordsBlock, loc: Loc) -> tuple[str | None, tuple[str, ...]]:
        """Return the table of what is expected, and its columns that tell its rows apart."""
        assert block.expect is not None
        span = self.loaded.document.span((*loc, "expect"))
        match = _EXPECT.fullmatch(block.expect.strip())
        tables = self.draft.tables
        if match is None or match["table"] not in tables:
            name = match["table"] if match else block.expect
            fact, listed = f'there is no table "{name}"', ", ".join(sorted(tables)) or None
            help_ = did_you_mean(name, tables)
            self.draft.problems.append(
                Diagnostic("SPEC044", fact, span, expected=listed, help=help_)
            )
            return None, ()
        table = match["table"]
        columns = tables[table]
        rest = [one for one in columns if one not in block.by]
        keys = tuple((match["keys"] or " ".join(rest[:1])).split())
        for key in keys:
            if key not in columns or key not in self.frame.lines:
                what = f"variable of {self.frame.name}" if key in columns else f"column of {table}"
                fact = f'rows of {table} are matched by "{key}", which is no {what}'
                known = [one for one in rest if one in self.frame.lines]
                help_ = "name the columns: expect: TABLE by COLUMN"
                self.draft.problems.append(
                    Diagnostic("SPEC044", fact, span, expected=", ".join(known) or None, help=help_)
                )
                return None, ()
        if not block.by:
            help_ = f"say of whom: by: {self.subject}, and what else tells groups apart"
            fact = "records are expected of nobody"
            self.draft.problems.append(Diagnostic("SPEC044", fact, span, help=help_))
            return None, ()
        return table, keys

    def _of_table(self, table: str, by: tuple[str, ...]) -> Iterator[tuple[str, Line]]:
        """Yield the variables that a row of a table says by a column of their name."""
        for column in self.draft.tables[table]:
            line = self.frame.lines.get(column)
            if line is not None and column not in by:
                tree = t.Ref(qualifier=table, name=column)
                yield column, self._own(line, tree, f"{table}.{column}", from_table=True)

    def _taken(self, before: Frame, name: str) -> Line:
        tree = t.Ref(qualifier=before.name, name=name)
        return self._own(self.frame.lines[name], tree, name)

    def _own(self, line: Line, tree: t.Node, text: str, *, from_table: bool = False) -> Line:
        """Return a line whose expression is made up; mistakes of it are those of the line."""
        span = line.expression.span()
        expression = t.Expression(text, t.standing_at(tree, line.expression.tree), lambda *_: span)
        return dataclasses.replace(
            line, expression=expression, copied=None, dictionary=None, quiet=True,
            from_table=from_table, implied=False, step=None,
        )  # fmt: skip

    def _missing(self, name: str, loc: Loc) -> Line:
        line = self.frame.lines.get(name)
        expression = nothing("''", self.loaded.document.span(loc, key=True))
        if line is None:
            return Line(name, expression)
        return dataclasses.replace(
            line, expression=expression, copied=None, dictionary=None, step=None
        )

    # expressions of set: -------------------------------------------------------------

    def _settable(self, at: int, block: RecordsBlock) -> Iterator[str]:
        for name in block.sets:
            if check_settable(self.draft, self.frame, name, ("records", at, "set", name)):
                yield name

    def _set(
        self, at: int, block: RecordsBlock, before: Frame, by: tuple[str, ...]
    ) -> dict[str, Line]:
        regroup = Regroup(self.draft, self.frame, before.name, by, self._where(at, block))
        found: dict[str, Line] = {}
        for name, text in block.sets.items():
            if name not in self.frame.lines or self.frame.lines[name].step is not None:
                continue
            loc: Loc = ("records", at, "set", name)
            expression = self.frame.reader.expression(text, loc)
            if expression is None:
                expression = nothing(text, self.loaded.document.span(loc))
            line = dataclasses.replace(
                self.frame.lines[name], expression=expression, copied=None, dictionary=None
            )
            for more in self.frame.reader.companions(line):
                found.setdefault(more.name, regroup.line(more))
            found[name] = regroup.line(line)
        return found

    def _when(self, at: int, text: str, before: Frame, by: tuple[str, ...]) -> Line:
        """Return the condition on a new record."""
        loc: Loc = ("records", at, "when")
        expression = self.frame.reader.expression(text, loc)
        line = Line(WHEN, expression or nothing(text, self.loaded.document.span(loc)), work=True)
        where = self._where(at, self.blocks[at])
        return Regroup(self.draft, self.frame, before.name, by, where).line(line)

    def _where(self, at: int, block: RecordsBlock) -> t.Node | None:
        """Return the condition of a block, unless it names what is not there."""
        if block.where is None:
            return None
        expression = self.frame.reader.expression(block.where, ("records", at, "where"))
        if expression is None:
            return None
        names = {*self.frame.lines, *self.draft.study.let}
        bare = [one for one in t.references(expression.tree) if one.qualifier is None]
        return expression.tree if all(one.name in names for one in bare) else None

    # what comes from the row source ---------------------------------------------------

    def _reads_source(self, tree: t.Node) -> bool:
        """Say whether an expression takes a value of the record's own source."""
        sources = {source.name for source in self.frame.sources}
        return _reads(plain(self.draft, tree), sources)


def _reads(node: t.Node, sources: set[str]) -> bool:
    if isinstance(node, t.Ref):
        if (node.qualifier, node.name) == ("rows", "subject"):
            return False
        return node.qualifier in sources or node.qualifier in ROW_VALUES
    if isinstance(node, t.Aggregate) and node.operand is not None:
        # what a summary runs over is not the record at hand
        over = {one.qualifier or one.name for one in t.references(node.operand)}
        sources = sources - over
    return any(_reads(child, sources) for child in node.children())
