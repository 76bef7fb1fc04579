"""What a Dataset-JSON file says beside its records, and the rules that the standard sets.

The published schema allows no other attributes than these, so another attribute is
refused: it would be lost without a word. Everything wrong is said at once.
"""

import dataclasses
import re
from collections.abc import Iterator
from typing import Any, Final

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import RawDataError

VERSION: Final = "1.1.0"
DATA_TYPES: Final = (
    *("string", "integer", "decimal", "float", "double"),
    *("boolean", "datetime", "date", "time", "URI"),
)
_TARGETS: Final = {
    "decimal": "decimal",
    "datetime": "integer",
    "date": "integer",
    "time": "integer",
}
_MOMENT: Final = (
    r"[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
    r"(\.[0-9]+)?([+-]([01][0-9]|2[0-3]):[0-5][0-9]|Z)?"
)
_VERSION: Final = r"1\.1(\.(0|[1-9][0-9]*))?"
_ANY: Final = r"(?s:.*)"
_SOME: Final = r"(?s:.+)"

_HEADER: Final[dict[str, str | type]] = {
    "datasetJSONCreationDateTime": _MOMENT,
    "datasetJSONVersion": _VERSION,
    "fileOID": _SOME,
    "dbLastModifiedDateTime": _MOMENT,
    "originator": _ANY,
    "sourceSystem": dict,
    "studyOID": _SOME,
    "metaDataVersionOID": _SOME,
    "metaDataRef": _ANY,
    "itemGroupOID": _SOME,
    "records": int,
    "name": _SOME,
    "label": _ANY,
    "columns": list,
}
"""Attributes in the order of the standard: the pattern of a text, or the type of the rest."""

_COLUMN: Final[dict[str, str | type]] = {
    "itemOID": _SOME,
    "name": _SOME,
    "label": _ANY,
    "dataType": "|".join(DATA_TYPES),
    "targetDataType": "integer|decimal",
    "length": int,
    "displayFormat": _ANY,
    "keySequence": int,
}
_SYSTEM: Final[dict[str, str | type]] = {"name": _ANY, "version": _ANY}
_HEADER_NEEDED: Final = frozenset(
    {
        *("datasetJSONCreationDateTime", "datasetJSONVersion", "itemGroupOID"),
        *("records", "name", "label", "columns"),
    }
)
_COLUMN_NEEDED: Final = frozenset({"itemOID", "name", "label", "dataType"})
_JSON_NAMES: Final = {int: "a whole number", list: "an array", dict: "an object"}


@dataclasses.dataclass(frozen=True, slots=True)
class About:
    """Attributes of a Dataset-JSON file that a `Dataset` does not hold; None is left out.

    Attributes:
        file_oid: Unique identifier of the file.
        modified: When the source database was last changed, as ``YYYY-MM-DDThh:mm:ss``.
        originator: The organization that made the file.
        system: Name and version of the system that the data come from.
        study_oid: OID of the study, as in define.xml.
        metadata_oid: OID of the metadata version, as in define.xml.
        metadata_ref: Where define.xml is.
    """

    file_oid: str | None = None
    modified: str | None = None
    originator: str | None = None
    system: tuple[str, str] | None = None
    study_oid: str | None = None
    metadata_oid: str | None = None
    metadata_ref: str | None = None

    def attributes(self) -> dict[str, Any]:
        """Return the attributes by their names in the file, in the order of the standard."""
        system = self.system and {"name": self.system[0], "version": self.system[1]}
        values = {
            "fileOID": self.file_oid,
            "dbLastModifiedDateTime": self.modified,
            "originator": self.originator,
            "sourceSystem": system,
            "studyOID": self.study_oid,
            "metaDataVersionOID": self.metadata_oid,
            "metaDataRef": self.metadata_ref,
        }
        return {name: value for name, value in values.items() if value is not None}


def about_of(header: dict[str, Any]) -> About:
    """Return what a checked header says beside its dataset."""
    system = header.get("sourceSystem")
    return About(
        file_oid=header.get("fileOID"),
        modified=header.get("dbLastModifiedDateTime"),
        originator=header.get("originator"),
        system=(system["name"], system["version"]) if system else None,
        study_oid=header.get("studyOID"),
        metadata_oid=header.get("metaDataVersionOID"),
        metadata_ref=header.get("metaDataRef"),
    )


def lacks_needed(header: dict[str, Any]) -> bool:
    """Say whether an attribute that every file must have is not there."""
    return not header.keys() >= _HEADER_NEEDED


def check_header(header: dict[str, Any]) -> None:
    """Hold all attributes but ``rows`` against the rules of Dataset-JSON 1.1.

    Raises:
        RawDataError: Attributes are missing, unknown or of another form (DSJ002, DSJ003),
            or columns contradict themselves or each other (DSJ004).

    Source:
        Dataset-JSON v1.1, Top-level Metadata Attributes, Column Metadata.
    """
    findings = [*_against(header, _HEADER, _HEADER_NEEDED, "the file")]
    if isinstance(header.get("sourceSystem"), dict):
        findings += _against(header["sourceSystem"], _SYSTEM, frozenset(_SYSTEM), "sourceSystem")
    columns = header.get("columns")
    if isinstance(columns, list):
        for number, column in enumerate(columns, 1):
            findings += _column_findings(column, f"column {number}")
        if not findings:
            findings += _columns_findings(columns)
    if findings:
        raise RawDataError(findings)


def _against(
    values: dict[str, Any], rules: dict[str, str | type], needed: frozenset[str], place: str
) -> Iterator[Diagnostic]:
    for name in rules:
        if name in needed and name not in values:
            yield Diagnostic("DSJ002", f'{place} has no "{name}"')
    for name, value in values.items():
        rule = rules.get(name)
        if rule is None:
            known = did_you_mean(name, rules)
            yield Diagnostic("DSJ003", f'{place} has an attribute "{name}"', help=known)
        elif not _fits(value, rule):
            yield Diagnostic(
                "DSJ002",
                f'"{name}" of {place} has not the form that the standard sets',
                found=(repr(value)[:100],),
                expected=_JSON_NAMES[rule] if isinstance(rule, type) else _said(rule),
            )


def _fits(value: object, rule: str | type) -> bool:
    if isinstance(rule, str):
        return isinstance(value, str) and re.fullmatch(rule, value) is not None
    return type(value) is rule and not (isinstance(value, int) and value < 0)


def _said(rule: str) -> str:
    known = {
        _ANY: "a text",
        _SOME: "a text that is not empty",
        _MOMENT: "YYYY-MM-DDThh:mm:ss",
        _VERSION: "1.1 or 1.1.x",
    }
    return known.get(rule) or rule.replace("|", ", ")


def _column_findings(column: object, place: str) -> Iterator[Diagnostic]:
    if not isinstance(column, dict):
        yield Diagnostic("DSJ002", f"{place} is no object")
        return
    where = f'{place}, "{column["name"]}",' if isinstance(column.get("name"), str) else place
    yield from _against(column, _COLUMN, _COLUMN_NEEDED, where)
    for name in ("length", "keySequence"):
        if column.get(name) == 0:
            yield Diagnostic("DSJ002", f'"{name}" of {where} is 0', expected="at least 1")
    kind, target = column.get("dataType"), column.get("targetDataType")
    if target in {"integer", "decimal"} and kind in DATA_TYPES and _TARGETS.get(kind) != target:
        yield Diagnostic(
            "DSJ004",
            f'{where} has the dataType "{kind}" and the targetDataType "{target}"',
            expected="decimal to decimal; datetime, date or time to integer",
        )


def _columns_findings(columns: list[dict[str, Any]]) -> Iterator[Diagnostic]:
    for attribute in ("name", "keySequence", "itemOID"):
        seen: set[object] = set()
        for column in columns:
            value = column.get(attribute)
            if value is not None and value in seen:
                yield Diagnostic("DSJ004", f'two columns have the {attribute} "{value}"')
            seen.add(value)
