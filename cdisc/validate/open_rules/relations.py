"""Records that are related by what they say of each other: by RELREC, or as parent and child.

A relationship names a dataset and one of its variables. Which pairs of them there are is read
first, as there are few; the records are then joined pair by pair, in one query.
"""

from cdisc.functions.sqltext import name as quoted
from cdisc.functions.sqltext import text
from cdisc.validate.open_rules.columns import REFERENCED, Frame, of_frame, plain
from cdisc.validate.open_rules.study import Study, Table, conventions, relation

_SUBJECT, _PARENT, _VARIABLE, _VALUE, _RELATION = (
    "USUBJID", "RDOMAIN", "IDVAR", "IDVARVAL", "RELID",
)  # fmt: skip

_NAME, _TEXT = "QNAM", "QVAL"
_NONE = "SELECT NULL AS s, NULL AS d, NULL AS i, NULL AS v WHERE false"


def with_parents(frame: Frame, study: Study) -> Frame:
    """Add, for each record that points at one of a parent, the value that it points at.

    The column `REFERENCED` has the value where the parent has such a record, and is missing
    where it has none.
    """
    needed = (_SUBJECT, _PARENT, _VARIABLE, _VALUE)
    if any(name not in frame.columns for name in needed):
        return frame
    parts = [
        f"SELECT DISTINCT {quoted(_SUBJECT)} AS s, {text(domain)} AS d, {text(variable)} AS i, "
        f"{plain(quoted(variable))} AS v FROM {parent.relation}"
        for domain, variable in _pairs(frame, study)
        for parent in study.of_domain(domain)
        if variable in parent.names and _SUBJECT in parent.names
    ]
    of = " UNION ".join(parts) or _NONE
    query = (
        f"SELECT f.*, CASE WHEN p.v IS NOT NULL THEN f.{quoted(_VALUE)} END AS {REFERENCED} "
        f"FROM ({frame.query}) AS f LEFT JOIN ({of}) AS p ON f.{quoted(_SUBJECT)} = p.s "
        f"AND f.{quoted(_PARENT)} = p.d AND f.{quoted(_VARIABLE)} = p.i "
        f"AND {plain(f'f.{quoted(_VALUE)}')} = p.v"
    )
    columns = {**frame.columns, REFERENCED: of_frame(REFERENCED, "text")}
    return frame.over(query, columns)


def _pairs(frame: Frame, study: Study) -> list[tuple[str, str]]:
    rows = study.database.rows(
        f"SELECT DISTINCT {quoted(_PARENT)}, {quoted(_VARIABLE)} FROM ({frame.query}) "
        f"WHERE {quoted(_PARENT)} IS NOT NULL AND {quoted(_VARIABLE)} IS NOT NULL ORDER BY ALL"
    )
    return [(str(domain), str(variable)) for domain, variable in rows]


def with_qualifiers(frame: Frame, study: Study, other: Table) -> Frame:
    """Add the supplemental qualifiers of records: a column for each name that they have.

    A qualifier is tied to a record by what `_TIES` both have and by the variable that it names;
    one that names none is of all records so tied. A name that is there already stays as it is.
    """
    needed = {_VARIABLE, _VALUE, _NAME, _TEXT}
    if not needed <= set(other.names):
        return frame
    rows = study.database.rows(
        f"SELECT DISTINCT {_VARIABLE}, {_NAME} FROM {other.relation} WHERE {_NAME} IS NOT NULL "
        "ORDER BY ALL"
    )
    ties = [one for one in conventions()["ties"] if one in frame.columns and one in other.names]
    for variable in dict.fromkeys(row[0] for row in rows):
        names = [name for own, name in rows if own == variable and name not in frame.columns]
        if names and (variable is None or variable in frame.columns):
            frame = _qualified(frame, other, ties, variable, names)
    return frame


def _qualified(
    frame: Frame, other: Table, ties: list[str], variable: str | None, names: list[str]
) -> Frame:
    """Add the qualifiers that name one variable of the records, or none."""
    keys = [f"{quoted(one)} AS {quoted(one)}" for one in ties]
    on = [f"f.{quoted(one)} IS NOT DISTINCT FROM q.{quoted(one)}" for one in ties]
    where = f"{_VARIABLE} IS NULL"
    if variable is not None:
        keys.append(f"{plain(_VALUE)} AS __value")
        on.append(f"{plain(f'f.{quoted(variable)}')} = q.__value")
        where = f"{_VARIABLE} = {text(variable)}"
    values = [
        f"arg_min({_TEXT}, __row) FILTER ({_NAME} = {text(one)}) AS {quoted(one)}" for one in names
    ]
    of = f"SELECT {', '.join([*keys, *values])} FROM {other.relation} WHERE {where} GROUP BY "
    of += ", ".join(str(at) for at in range(1, len(keys) + 1)) if keys else "()"
    added = ", ".join(f"q.{quoted(one)}" for one in names)
    query = (
        f"SELECT f.*, {added} FROM ({frame.query}) AS f LEFT JOIN ({of}) AS q "
        f"ON {' AND '.join(on) or 'true'}"
    )
    columns = {**frame.columns, **{one: of_frame(one, "text") for one in names}}
    return frame.over(query, columns)


def with_related(frame: Frame, study: Study, table: Table, name: str, only: str | None) -> Frame:
    """Join the records that RELREC relates to those of a dataset.

    Args:
        frame: The records of the dataset.
        study: The study.
        table: The dataset.
        name: The dataset that relates; its name qualifies those of the related variables.
        only: The one domain whose records count; or None for all, then ``**`` stands for the
            letters of theirs.
    """
    links = study.tables.get(name)
    needed = {_SUBJECT, _PARENT, _VARIABLE, _VALUE, _RELATION}
    if links is None or not needed <= set(links.names):
        return frame
    rows = study.database.rows(
        f"SELECT DISTINCT a.{_VARIABLE}, b.{_PARENT}, b.{_VARIABLE}, a.{_VALUE} IS NOT NULL "
        f"FROM {relation(name)} AS a JOIN {relation(name)} AS b ON a.{_RELATION} = b.{_RELATION} "
        f"AND a.{_SUBJECT} IS NOT DISTINCT FROM b.{_SUBJECT} AND a.{_PARENT} <> b.{_PARENT} "
        f"WHERE a.{_PARENT} = {text(table.domain or '')} ORDER BY ALL"
    )
    found: list[tuple[str, Table, str, bool]] = []
    for own, domain, variable, by_record in rows:
        if only is None or domain == only:
            found += [
                (own, other, variable, by_record)
                for other in study.of_domain(domain)
                if variable in other.names and own in frame.columns
            ]
    columns = dict(frame.columns)
    for _own, other, _variable, _by_record in found:
        for one in other.names:
            shown = _shown(name, other, one, only)
            columns[shown] = of_frame(shown, "text")
    added = [key for key in columns if key not in frame.columns]
    parts = [_joined(frame, name, table, added, only, one) for one in found]
    empty = ", ".join(["f.*", *(f"NULL::VARCHAR AS {quoted(one)}" for one in added)])
    query = " UNION ALL ".join(parts) or f"SELECT {empty} FROM ({frame.query}) AS f WHERE false"
    return frame.over(query, columns)


def _shown(name: str, other: Table, variable: str, only: str | None) -> str:
    letters = other.domain or other.name
    if only is None and variable.startswith(letters):
        variable = f"**{variable[len(letters) :]}"
    return f"{name}.{variable}"


def _joined(
    frame: Frame,
    name: str,
    table: Table,
    added: list[str],
    only: str | None,
    link: tuple[str, Table, str, bool],
) -> str:
    own, other, variable, by_record = link
    mine = {_shown(name, other, one, only): one for one in other.names}
    cells = [
        f"CAST(m.{quoted(mine[key])} AS VARCHAR) AS {quoted(key)}"
        if key in mine
        else f"NULL::VARCHAR AS {quoted(key)}"
        for key in added
    ]
    left, right = plain(f"f.{quoted(own)}"), plain(f"m.{quoted(variable)}")
    on = f"f.{quoted(_SUBJECT)} = m.{quoted(_SUBJECT)}"
    if by_record:
        pairs = (
            f"SELECT a.{_SUBJECT} AS s, {plain(f'a.{_VALUE}')} AS x, {plain(f'b.{_VALUE}')} AS y "
            f"FROM {relation(name)} AS a JOIN {relation(name)} AS b USING ({_RELATION}) "
            f"WHERE a.{_SUBJECT} = b.{_SUBJECT} AND a.{_PARENT} = {text(table.domain or '')} "
            f"AND a.{_VARIABLE} = {text(own)} AND b.{_PARENT} = {text(other.domain or '')} "
            f"AND b.{_VARIABLE} = {text(variable)}"
        )
        source = (
            f"({frame.query}) AS f JOIN ({pairs}) AS p ON f.{quoted(_SUBJECT)} = p.s AND "
            f"{left} = p.x JOIN {other.relation} AS m ON {on} AND {right} = p.y"
        )
    else:
        source = f"({frame.query}) AS f JOIN {other.relation} AS m ON {on} AND {left} = {right}"
    return f"SELECT {', '.join(['f.*', *cells])} FROM {source}"
