"""The datasets that rules are run on: tables of a database, with what is said of them.

A missing text and an empty one are the same here: both are NULL. Numbers are DOUBLE.
"""

import dataclasses
import re
from collections.abc import Sequence

import pyarrow as pa

from cdisc.engine.database import Database
from cdisc.functions.sqltext import name as quoted

SUBMITTED = "submitted"
_ASSOCIATED = re.compile(r"^AP(?=..$)")


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
    """

    name: str
    label: str
    file: str
    variables: tuple[Variable, ...]
    rows: int
    size: int
    domain: str | None
    parent: str | None

    @property
    def is_supplement(self) -> bool:
        """Whether it has supplemental qualifiers."""
        return self.name.startswith(("SUPP", "SQ"))

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

    def close(self) -> None:
        """Let the tables go."""
        if self._own:
            self.database.__exit__(None, None, None)
            return
        for name in self.tables:
            self.database.run(f"DROP TABLE {relation(name)}")


def _cleaned(one: Variable) -> str:
    if one.type == "Num":
        return f"TRY_CAST({quoted(one.name)} AS DOUBLE)"
    # blanks at the end are padding, as in transport files
    return f"nullif(rtrim(CAST({quoted(one.name)} AS VARCHAR)), '')"


def relation(name: str) -> str:
    """Return the table of a dataset, as SQL names it."""
    return quoted(f"{SUBMITTED}.{name}")
