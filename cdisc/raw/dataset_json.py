"""Dataset-JSON 1.1, NDJSON and their compressed form as text."""

from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.raw.delivery import Delivery
from cdisc.raw.fields import Read, form_of
from cdisc.raw.parquet import no_text
from cdisc.raw.source import RawFormSource
from cdisc.raw.texts import NoTextError, text_of
from cdisc.transport import read_dataset_json


def read_json(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    """Read a Dataset-JSON file; its suffix says whether it is lined or compressed."""
    try:
        dataset = read_dataset_json(path).dataset
    except RawDataError as error:
        return None, [placed(one, delivery) for one in error.diagnostics]
    columns, findings = [], []
    for name, values in zip(dataset.table.column_names, dataset.table.columns, strict=True):
        try:
            columns.append((name, text_of(values)))
        except NoTextError as error:
            findings.append(no_text(name, error, delivery))
    if findings:
        return None, findings
    return form_of(columns, delivery, rows=1, strip=source.strip, missing=source.missing)


def placed(finding: Diagnostic, delivery: Delivery) -> Diagnostic:
    """Return a finding about the bytes of a file as one about this file."""
    return delivery.finding(
        finding.code,
        f"cannot be read: {finding.fact}",
        *finding.found,
        expected=finding.expected,
        help=finding.help,
        records=finding.records,
    )
