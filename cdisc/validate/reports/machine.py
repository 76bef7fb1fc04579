"""A validation for machines: JSON of a published schema, and SARIF 2.1.0 for annotations."""

from typing import Any

from cdisc.validate.findings import as_text, to_json
from cdisc.validate.reports.model import Validation
from cdisc.validate.rules.model import GRADES, Finding

_LEVELS = {"reject": "error", "error": "error", "warning": "warning", "notice": "note"}
FORMAT = "cdisc-validation-1"


def json_report(validation: Validation) -> dict[str, Any]:
    """Return the report as values of JSON, as ``specs/schema/validation.schema.json`` says."""
    return {
        "format": FORMAT,
        "version": validation.version,
        "package": validation.package,
        "standards": list(validation.standards),
        "rules": validation.rules,
        "datasets": [
            {"name": name, "label": label, "records": records, "variables": variables}
            for name, label, records, variables in validation.datasets
        ],
        "published": [
            {
                "folder": one.folder,
                "standard": one.standard,
                "sha256": one.sha256,
                "rules": one.rules,
                "ran": one.ran,
                "skipped": [{"why": why, "rules": list(names)} for why, names in one.skipped],
            }
            for one in validation.published
        ],
        "open": validation.counts(),
        "findings": [_plain(to_json(one)) for one in validation.findings],
    }


def _plain(value: dict[str, Any]) -> dict[str, Any]:
    return {name: list(part) if isinstance(part, tuple) else part for name, part in value.items()}


def render_json(validation: Validation) -> str:
    """Write the report as JSON."""
    return as_text(json_report(validation))


def render_sarif(validation: Validation) -> str:
    """Write the findings as SARIF; explained ones are suppressed, gone ones are absent.

    Source:
        SARIF 2.1.0 (OASIS), sections 3.27, 3.35 and 3.49.
    """
    stays = [one for one in validation.findings if one.status != "gone"]
    rules = list(dict.fromkeys(one.code for one in stays))
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "cdisc",
                "version": validation.version,
                "rules": [_rule(code, stays) for code in rules],
            }
        },
        "results": [_result(one, rules.index(one.code)) for one in stays],
    }
    if validation.published:
        said = [{"text": line} for one in validation.published for line in one.lines]
        notes = [{"level": "note", "message": one} for one in said]
        run["invocations"] = [{"executionSuccessful": True, "toolExecutionNotifications": notes}]
    schema = "https://json.schemastore.org/sarif-2.1.0.json"
    return as_text({"$schema": schema, "version": "2.1.0", "runs": [run]})


def _rule(code: str, findings: list[Finding]) -> dict[str, Any]:
    first = next(one for one in findings if one.code == code)
    rule: dict[str, Any] = {"id": code, "shortDescription": {"text": first.message}}
    if first.source:
        rule["help"] = {"text": first.source}
    return rule


def _result(one: Finding, index: int) -> dict[str, Any]:
    where = f"{one.dataset}.{one.variable}" if one.variable else one.dataset
    counted = f" ({one.records:,} records)" if one.records else ""
    text = f"{where}: {one.message}{counted}" if where else one.message
    result: dict[str, Any] = {
        "ruleId": one.code,
        "ruleIndex": index,
        "level": _LEVELS[one.severity],
        "rank": 100.0 - 25.0 * GRADES.index(one.severity),
        "message": {"text": text},
        "partialFingerprints": {"finding/v1": one.fingerprint},
        "locations": [_location(one, where)],
    }
    if one.numbers or one.also:
        result["properties"] = {"numbers": list(one.numbers), "also": list(one.also)}
    if one.status:
        states = {"new": "new", "changed": "updated", "same": "unchanged"}
        result["baselineState"] = states[one.status]
    if one.explained:
        result["suppressions"] = [{"kind": "external", "justification": one.explained}]
    return result


def _location(one: Finding, where: str) -> dict[str, Any]:
    location: dict[str, Any] = {
        "logicalLocations": [{"fullyQualifiedName": where or "package", "kind": "member"}]
    }
    file, _, line = one.place.rpartition(":")
    if file and line.isdigit():
        location["physicalLocation"] = {
            "artifactLocation": {"uri": file},
            "region": {"startLine": int(line)},
        }
    return location
