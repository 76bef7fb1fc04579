"""The schemas that CDISC publishes, and the violations that they find.

They are carried by the package ``defineutils`` (MIT licence): Define-XML 2.1 with the root of
Analysis Results Metadata 1.0, which takes files without results too.
"""

from collections.abc import Iterable
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from lxml import etree

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import ConformanceError
from define_xml.read import Parsed, parse_define

_ROOT = Path("cdisc-arm-1.0") / "arm1-0-0.xsd"


def published_schemas() -> Path:
    """Return the folder of the published schemas, as `validate_schema` takes it."""
    found = find_spec("defineutils")
    assert found is not None
    assert found.origin is not None
    return Path(found.origin).parent / "validate" / "schema"


@cache
def _schema(root: Path) -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(root / _ROOT))


def validate_schema(path: Path, schema_root: Path) -> tuple[Diagnostic, ...]:
    """Validate a define.xml against the schemas that CDISC publishes.

    Args:
        path: The define.xml.
        schema_root: Folder that holds ``cdisc-arm-1.0``, ``cdisc-define-2.1``,
            ``cdisc-odm-1.3.2`` and ``core``, as CDISC publishes them.

    Returns:
        DEF005 for every violation, with its line; DEF001 or DEF002 for another file; DEF052
        for a file of version 2.0, of which the schemas are not.

    Raises:
        OSError: The define.xml or the schema cannot be opened.
    """
    try:
        parsed = parse_define(path)
    except ConformanceError as error:
        return error.diagnostics
    return validate_parsed(parsed, schema_root)


def validate_parsed(parsed: Parsed, schema_root: Path) -> tuple[Diagnostic, ...]:
    """Validate a define.xml that was parsed: `validate_schema`."""
    version = str(parsed.root.xpath("string(//@*[local-name() = 'DefineVersion'])"))
    if version.startswith("2.0"):
        fact = "the schemas of Define-XML 2.0 are not carried"
        return (Diagnostic("DEF052", fact, span=Span(parsed.file, 1, 1, 1)),)
    schema = _schema(schema_root)
    schema.validate(parsed.root)
    log: Iterable[Any] = schema.error_log  # type: ignore[assignment]  # the stubs miss __iter__
    return tuple(
        Diagnostic("DEF005", one.message, span=Span(parsed.file, one.line, 1, 1)) for one in log
    )
