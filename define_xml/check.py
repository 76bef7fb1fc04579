"""Check a define.xml: that it is one, that it agrees with itself, and with the data.

Every check gives findings and raises none; the order of the findings is that of the
file, then of the code, so that two reports can be compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from cdisc.dataset import Dataset
from cdisc.diagnostics import Diagnostic, Span, in_file_order
from cdisc.errors import ConformanceError
from define_xml import model
from define_xml.check_data import check_data
from define_xml.check_datasets import check_datasets
from define_xml.check_definitions import check_definitions
from define_xml.check_references import check_references
from define_xml.check_results import check_results
from define_xml.read import Parsed, line_of, parse_define, read_parsed
from define_xml.schema import validate_parsed
from define_xml.words import Looked


def check_define(
    path: Path, datasets: Iterable[Dataset] = (), *, schema_root: Path | None = None
) -> tuple[Diagnostic, ...]:
    """Check a define.xml against itself, the files beside it, the data and the schema.

    Args:
        path: The define.xml.
        datasets: All datasets that it should describe; none for no comparison with data.
        schema_root: Folder of the published schemas, as in `validate_schema`; None for no
            validation.

    Returns:
        The findings, in order of the file. A file that cannot be read gives only the
        reasons (DEF001 to DEF003) and what the schema says.

    Raises:
        OSError: The file cannot be opened.
    """
    found: list[Diagnostic] = []
    try:
        parsed = parse_define(path)
        if schema_root is not None:
            found += validate_parsed(parsed, schema_root)
        define = read_parsed(parsed)
    except ConformanceError as error:
        return in_file_order(dict.fromkeys((*found, *error.diagnostics)))
    spans = _spans(parsed)
    found += (
        Diagnostic("DEF004", f"{part} was not read", span=Span(str(path), line, 1, 1))
        for part, line in _unread(define)
    )
    found += check_references(define, spans)
    looked = Looked(define, spans)
    for check in (check_datasets, check_definitions, check_results):
        found += check(looked)
    found += _files(define, path.parent, spans)
    found += _origins(define, spans)
    datasets = tuple(datasets)
    if datasets:
        found += check_data(define, datasets)
    return in_file_order(found)


def _spans(parsed: Parsed) -> dict[str, Span]:
    """Return where each OID is defined in the file; the second place of one given twice."""
    spans = {}
    for element in parsed.root.iter():
        oid = element.get("OID") or element.get("ID")
        if oid:
            spans[oid] = Span(parsed.file, line_of(element), 1, 1)
    return spans


def _unread(define: model.Define) -> Iterator[tuple[str, int]]:
    for one in define.unread:
        part, _, line = one.rpartition(", line ")
        yield part, int(line)


def _files(define: model.Define, folder: Path, spans: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Find files that are named but not there; web addresses and empty datasets need none."""
    leaves = [(one.name, one.leaf) for one in define.item_groups if not one.has_no_data]
    for dataset, leaf in (*leaves, *((None, one) for one in define.leaves)):
        if leaf is None or urlsplit(leaf.href).scheme:
            continue
        if not (folder / unquote(urlsplit(leaf.href).path)).exists():
            fact = f'the file "{leaf.href}" is not beside the define.xml'
            yield Diagnostic("DEF014", fact, span=spans.get(leaf.id), dataset=dataset)


def _origins(define: model.Define, spans: Mapping[str, Span]) -> Iterator[Diagnostic]:
    """Find variables without an origin, neither their own nor one on each of their values."""
    items = {item.oid: item for item in define.items}
    by_value = {
        value_list.oid
        for value_list in define.value_lists
        if all(
            ref.item_oid in items and items[ref.item_oid].origins for ref in value_list.item_refs
        )
    }
    for group in define.item_groups:
        for ref in group.item_refs:
            item = items.get(ref.item_oid)
            if item is None or item.origins or item.value_list_oid in by_value:
                continue
            yield Diagnostic(
                "DEF015",
                f'variable "{item.name}" has no origin',
                span=spans.get(item.oid),
                dataset=group.name,
                variable=item.name,
            )
