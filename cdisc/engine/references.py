"""A reference as SQL: a column at hand, or of a record that a join finds."""

from collections.abc import Callable

from cdisc.engine.inner import Rendering, raw_table
from cdisc.engine.level import Unique
from cdisc.engine.needs import join_keys
from cdisc.engine.program import Target
from cdisc.functions.sqltext import name as sql_name
from cdisc.language import tree as t


def link_name(dataset: str) -> str:
    """Return the column with the record of a dataset that a record is made from."""
    return sql_name(f"_link_{dataset.replace('.', '_')}")


class ReferenceSql:
    """Renders one reference that leads away from the columns at hand.

    Args:
        compiler: Renders the expression.
        target: What the reference means.
        ref: The reference.
    """

    def __init__(self, compiler: Rendering, target: Target, ref: t.Ref) -> None:
        self.compiler, self.target, self.ref = compiler, target, ref
        self.inner = compiler.inner
        self.at = "s" if self.inner and not self.inner.beside else "b"

    def render(self) -> str:
        """Return the SQL of the value."""
        if self.target.kind == "row":
            return self._row()
        if self.target.kind == "form":
            return self._other_form()
        return self._other_dataset()

    def _row(self) -> str:
        """Return a value of the source of the record at hand, or of the own record inside."""
        target, program = self.target, self.compiler.program
        at = "s" if self.inner and self.inner.own else "b"
        dataset = program.datasets.get(target.qualifier)
        if dataset is None or dataset.stage != self.compiler.plan.stage:
            return f"{at}.{sql_name(f'{self.ref.qualifier}.{target.name}')}"
        table = sql_name(target.qualifier)
        link = link_name(target.qualifier)

        def make(alias: str) -> str:
            return f"LEFT JOIN {table} AS {alias} ON {alias}._id = {at}.{link}"

        join = self.inner.join if self.inner else self.compiler.level.join
        return f"{join(f'link {table} {at}', target.qualifier, make)}.{sql_name(target.name)}"

    def _other_form(self) -> str:
        form = self.target.qualifier
        return self._matched(raw_table(form), ("_subject",), f"raw_{form}", f"form {form}")

    def _other_dataset(self) -> str:
        datasets, name = self.compiler.program.datasets, self.target.qualifier
        here = self.inner.name if self.inner else self.compiler.plan.name
        columns = tuple(join_keys(datasets, here, name))
        if datasets[name].of_subjects:
            columns = ("_subject", *columns)
        return self._matched(sql_name(name), columns, name, name)

    def _matched(self, table: str, columns: tuple[str, ...], stem: str, said: str) -> str:
        """Return a value of the one record of a table that agrees in some columns."""
        level = self.compiler.level
        unique = Unique(table, columns, self.compiler.checked.expression.span(self.ref), said)
        if unique not in level.uniques:
            level.uniques.append(unique)

        def make(alias: str) -> str:
            same = [f"{alias}.{sql_name(one)} = {self.at}.{sql_name(one)}" for one in columns]
            on = " AND ".join(same) or "TRUE"
            return f"LEFT JOIN {table} AS {alias} ON {on}"

        join: Callable[[str, str, Callable[[str], str]], str]
        join = self.inner.join if self.inner else level.join
        return f"{join(f'{table} {columns}', stem, make)}.{sql_name(self.target.name)}"
