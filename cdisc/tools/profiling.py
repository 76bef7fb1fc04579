"""The profile of raw files as text for people and as JSON for machines."""

import dataclasses
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError
from cdisc.raw import FieldProfile, FileProfile, profile_raw, sources_of
from cdisc.spec import load_study

_WIDEST = 32


def profiles(raw: Path, study: Path | None, *, values: bool) -> list[FileProfile]:
    """Return what stands in raw files.

    Args:
        raw: A folder, or one file.
        study: Folder with ``study.yaml``, which says how the files are written; or None.
        values: Show the commonest values.

    Raises:
        RawDataError: RAW001, nothing is there that can be read.
    """
    sources = sources_of(load_study(study)) if study else None
    found = list(profile_raw(raw, sources, values=values)) if raw.exists() else []
    if not found:
        fact = f'"{raw.as_posix()}" holds no file of a known format'
        raise RawDataError([Diagnostic("RAW001", fact)])
    return found


def to_json(found: Iterable[FileProfile]) -> str:
    """Return profiles as a JSON array."""
    values = [
        {
            **dataclasses.asdict(dataclasses.replace(one, findings=())),
            "findings": [finding.to_json() for finding in one.findings],
        }
        for one in found
    ]
    return json.dumps(values, ensure_ascii=False, indent=1) + "\n"


def to_text(found: Iterable[FileProfile]) -> str:
    """Return profiles as people read them."""
    return "\n".join("\n".join(_file(one)) + "\n" for one in found)


def _file(one: FileProfile) -> Iterator[str]:
    part = f", {one.part}" if one.part else ""
    counts = f"{_many(one.records, 'record')}, {_many(len(one.fields), 'field')}"
    yield f"{one.file}{part}: {one.format}, {counts}"
    for finding in one.findings:
        yield from (f"  {line}" for line in finding.to_text().splitlines())
    if not one.fields:
        return
    rows = [["field", "type", "missing", "distinct", "longest", "values and forms"]]
    rows += [_row(field) for field in one.fields]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]) - 1)]
    for name, kind, *numbers, rest in rows:
        shown = "  ".join(
            number.rjust(width) for number, width in zip(numbers, widths[2:], strict=True)
        )
        yield f"  {name.ljust(widths[0])}  {kind.ljust(widths[1])}  {shown}  {rest}".rstrip()


def _many(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _row(field: FieldProfile) -> list[str]:
    samples = ", ".join(f"{_short(text)} ({count:,})" for text, count in field.samples)
    said = [
        *(_form(form) for form in field.forms),
        *([f"{field.unfit:,} of no form"] if field.unfit else []),
        *([samples] if samples else []),
        *(f"{number:,} with {what}" for what, number in field.trouble.items()),
    ]
    numbers = (f"{number:,}" for number in (field.missing, field.distinct, field.longest))
    return [field.name, field.type, *numbers, "; ".join(said)]


def _form(form: str) -> str:
    """Return the step that reads a form: ``iso 'd-mmm-y' unknown 'UN'``."""
    plain, unknown, words = form.partition(" unknown ")
    either = " or ".join(f"'{one}'" for one in plain.split(" or "))
    return f"iso {either}{unknown}{words}"


def _short(text: str) -> str:
    plain = text.encode("unicode_escape").decode() if not text.isprintable() else text
    return plain if len(plain) <= _WIDEST else f"{plain[: _WIDEST - 1]}…"
