"""Texts of relations in which a value is made once per distinct operands, layer on layer."""

from collections.abc import Callable, Mapping, Sequence


def listed(values: Sequence[str], names: Sequence[str]) -> str:
    """Return the columns of a SELECT."""
    return ", ".join(f"{one} AS {x}" for one, x in zip(values, names, strict=True))


def joining(text: str, values: Sequence[str], names: Sequence[str]) -> Callable[[str], str]:
    """Return what joins a relation, under an alias, where it holds these values."""
    same = "=" if len(values) == 1 else "IS NOT DISTINCT FROM"

    def make(alias: str) -> str:
        on = " AND ".join(f"{alias}.{x} {same} {one}" for one, x in zip(values, names, strict=True))
        return f"LEFT JOIN (\n    {text}\n  ) AS {alias} ON {on}"

    return make


def layered(base: str, layers: Sequence[Mapping[str, str]], names: Sequence[str]) -> str:
    """Return nested SELECTs: every layer adds its columns to those of the one before."""
    text = base
    for number, layer in enumerate(layers, start=1):
        columns = ", ".join(f"{sql} AS {column}" for column, sql in layer.items())
        kept = ", ".join(names) if number == len(layers) else "*"
        text = f"SELECT {kept}, {columns}\n    FROM ({text})"
    return text
