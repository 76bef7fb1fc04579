"""The datasets that rules are run on: tables of a database, with what is said of them.

A missing text and an empty one are the same here: both are NULL. Numbers are DOUBLE.
"""

import dataclasses
import itertools
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pyarrow as pa

from cdisc.engine.database import Database
from cdisc.engine.lines import read_specs
from cdisc.functions.sqltext import name as quoted

SUBMITTED = "submitted"
_LETTERS = 4  # of the domain of associated persons: AP and two more
_ASSOCIATED = re.compile(r"^AP(?=..$)")


@cache
def conventions() -> Mapping[str, Any]:
    """Return what the rules presuppose beyond the guides: names, classes, domains, severities."""
    return read_specs("open_rules.yaml")


@dataclasses.dataclass(frozen=True)
class Variable:
    """What the submission says of a variable; `type` is Char or Num."""

    name: str
    label: str
    type: str
    length: int
    format: str = ""


@dataclasses.dataclass(frozen=True)
class Table:
    """A dataset of the submission.

    Attributes:
        name: Its name, in upper case.
        label: Its label.
        file: Name of its file.
        variables: Its variables, in order.
        rows: How many records it has.
        size: Bytes of its file.
        domain: What its records call their domain; of supplemental qualifiers, None.
        parent: The domain that its records supplement or relate to; or None.
        parts: Of a dataset that was split and is put together, its parts: how many records stand
            before the part's, and its name.
    """

    name: str
    label: str
    file: str
    variables: tuple[Variable, ...]
    rows: int
    size: int
    domain: str | None
    parent: str | None
    parts: tuple[tuple[int, str], ...] = ()

    @property
    def relation(self) -> str:
        """The table of its records, as SQL names it."""
        return relation(f"{self.whole}*" if self.parts else self.name)

    @property
    def is_supplement(self) -> bool:
        """Whether it has supplemental qualifiers."""
        return self.name.startswith(("SUPP", "SQ"))

    @property
    def is_of_persons(self) -> bool:
        """Whether its records are of associated persons."""
        if self.is_supplement:
            return len(self.parent or "") == _LETTERS and str(self.parent).startswith("AP")
        return conventions()["person"] in self.names or self.name.startswith("AP")

    @property
    def whole(self) -> str:
        """The dataset that it is, or is a part of: QS of QSCG, SUPPQS of SUPPQSCG."""
        if self.domain:
            return self.domain
        start = next((one for one in ("SUPP", "SQ") if self.name.startswith(one)), None)
        return f"{start}{self.parent}" if start and self.parent else self.name

    @property
    def is_split(self) -> bool:
        """Whether it is a part of a dataset that was split."""
        return self.name != self.whole

    @property
    def stem(self) -> str:
        """Its domain; of associated persons that of the persons: APFA has FATESTCD."""
        return _ASSOCIATED.sub("", self.domain or self.name)

    @property
    def letters(self) -> str:
        """What stands for ``--`` in the names of its variables."""
        return self.parent if self.is_supplement and self.parent else self.stem

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its variables, in order."""
        return tuple(one.name for one in self.variables)


class Study:
    """Datasets in a database.

    Attributes:
        tables: The datasets, by name.
        define: What a define says of each variable, by dataset, in the words of the rules.

    Args:
        product: Name of the implementation guide, as in ``SDTMIG``.
        version: Its version, as in ``3.4``.
        substandard: What part of the guide applies; or empty.
        use: The use case, as in ``INDH``; or empty, then rules of every use apply.
        database: Where its tables lie, for who has many studies; else one of its own.
    """

    def __init__(
        self,
        product: str,
        version: str,
        substandard: str = "",
        use: str = "",
        *,
        database: Database | None = None,
    ) -> None:
        self.product, self.version = product.upper(), version
        self.substandard, self.use = substandard.upper(), use.upper()
        self.database = database or Database(zone="UTC")
        self._own = database is None
        self.tables: dict[str, Table] = {}
        self._together: set[str] = set()
        self.define: dict[str, list[dict[str, object]]] = {}

    def add(
        self,
        name: str,
        data: pa.Table,
        variables: Sequence[Variable],
        label: str = "",
        file: str = "",
        size: int = 0,
    ) -> None:
        """Add a dataset: texts and numbers, one column a variable."""
        name = name.upper()
        columns = ", ".join(f"{_cleaned(one)} AS {quoted(one.name)}" for one in variables)
        with self.database.registered("_incoming", data):
            self.database.run(
                f"CREATE TABLE {relation(name)} AS "
                f"SELECT row_number() OVER () AS __row, {columns} FROM _incoming"
            )
        supplement = name.startswith(("SUPP", "SQ"))
        self.tables[name] = Table(
            name,
            label,
            file or f"{name.lower()}.xpt",
            tuple(variables),
            data.num_rows,
            size,
            None if supplement else self._first(name, variables, "DOMAIN"),
            self._first(name, variables, "RDOMAIN"),
        )

    def _first(self, name: str, variables: Sequence[Variable], column: str) -> str | None:
        if column not in {one.name for one in variables}:
            return None
        found = self.database.rows(
            f"SELECT {quoted(column)} FROM {relation(name)} ORDER BY __row LIMIT 1"
        )
        return str(found[0][0]) if found and found[0][0] is not None else None

    def of_domain(self, domain: str) -> list[Table]:
        """Return the datasets of a domain: one, or the parts of one that was split."""
        named = self.tables.get(domain)
        if named is not None:
            return [named]
        return [one for one in self.tables.values() if one.domain == domain]

    def together(self, table: Table) -> Table:
        """Return a dataset with the other parts of it, where it was split."""
        parts = [one for _name, one in sorted(self.tables.items()) if one.whole == table.whole]
        if len(parts) <= 1:
            return table
        starts = list(itertools.accumulate((one.rows for one in parts), initial=0))
        variables = {name.name: name for one in reversed(parts) for name in one.variables}
        names = dict.fromkeys(name for one in parts for name in one.names)
        found = dataclasses.replace(
            parts[0],
            variables=tuple(variables[name] for name in names),
            rows=starts[-1],
            parts=tuple((start, one.name) for start, one in zip(starts, parts, strict=False)),
        )
        if found.whole not in self._together:
            self._together.add(found.whole)
            rows = " UNION ALL BY NAME ".join(
                f"SELECT * REPLACE (__row + {start} AS __row) FROM {one.relation}"
                for start, one in zip(starts, parts, strict=False)
            )
            self.database.run(f"CREATE TABLE {found.relation} AS {rows}")
        return found

    def close(self) -> None:
        """Let the tables go."""
        if self._own:
            self.database.__exit__(None, None, None)
            return
        for name in (*self.tables, *(f"{one}*" for one in self._together)):
            self.database.run(f"DROP TABLE {relation(name)}")


def _cleaned(one: Variable) -> str:
    if one.type == "Num":
        return f"TRY_CAST({quoted(one.name)} AS DOUBLE)"
    # blanks at the end are padding, as in transport files
    return f"nullif(rtrim(CAST({quoted(one.name)} AS VARCHAR)), '')"


def relation(name: str) -> str:
    """Return the table of a dataset, as SQL names it."""
    return quoted(f"{SUBMITTED}.{name}")
