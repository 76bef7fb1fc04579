"""Files of fixed width: each field stands at the same characters of every line."""

from itertools import accumulate, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.diagnostics import Diagnostic
from cdisc.raw.csv import beyond_end, nul, read_bytes
from cdisc.raw.delivery import SHOWN, Delivery, counted
from cdisc.raw.encoding import to_utf8
from cdisc.raw.fields import Read, form_of
from cdisc.raw.source import RawFormSource

_LF = 10


def read_fixed(path: Path, delivery: Delivery, source: RawFormSource) -> Read:
    """Read a file of fixed width; blanks around a value are no part of it.

    The fields follow each other without gaps; a gap is a field like any other. A line
    may end early: what is not there is missing, which a note says if the last field
    is not even begun. Text beyond the last field is refused.
    """
    data = read_bytes(path, delivery)
    if isinstance(data, Diagnostic):
        return None, [data]
    text = to_utf8(data, source.encoding or "utf-8", delivery)
    if isinstance(text, Diagnostic):
        return None, [text]
    if b"\0" in text:
        return None, [nul(text, delivery)]
    if not text.strip():
        return None, [delivery.finding("RAW005", "is empty", expected="a line for each record")]
    lines = _lines(text)
    if len(lines) < source.skip_rows:
        return None, [beyond_end(len(lines), 0, source.skip_rows, delivery)]
    return _fields(lines.slice(source.skip_rows), delivery, source)


def _lines(text: bytes) -> pa.LargeStringArray:
    """Return the lines without their ends, and without empty lines at the end."""
    ends = np.flatnonzero(np.frombuffer(text, np.uint8) == _LF) + 1
    if not len(ends) or ends[-1] < len(text):
        ends = np.append(ends, len(text))
    offsets = np.concatenate(([0], ends)).astype(np.int64)
    lines = pa.LargeStringArray.from_buffers(
        len(ends), pa.py_buffer(offsets.tobytes()), pa.py_buffer(text)
    )
    whole = pc.replace_substring_regex(lines, pattern=r"\r?\n$", replacement="")
    used = np.flatnonzero(pc.not_equal(whole, "").to_numpy(zero_copy_only=False))
    return whole.slice(0, int(used[-1]) + 1 if len(used) else 0)


def _fields(lines: pa.LargeStringArray, delivery: Delivery, source: RawFormSource) -> Read:
    columns = source.columns or {}
    stops = [0, *accumulate(columns.values())]
    first = source.skip_rows + 1
    findings, notes = _check(lines, stops, first, delivery)
    if findings:
        return None, findings
    values = (
        (name, pa.chunked_array([_part(lines, start, stop).cast(pa.string())]))
        for name, (start, stop) in zip(columns, pairwise(stops), strict=True)
    )
    return form_of(
        list(values),
        delivery,
        rows=first,
        strip=source.strip,
        missing=source.missing,
        notes=notes,
    )


def _part(lines: pa.LargeStringArray, start: int, stop: int | None) -> pa.LargeStringArray:
    return pc.utf8_trim(pc.utf8_slice_codeunits(lines, start, stop), characters=" ")


def _check(
    lines: pa.LargeStringArray, stops: list[int], first: int, delivery: Delivery
) -> tuple[list[Diagnostic], list[Diagnostic]]:
    """Return what stops the reading, and what is to be said of it."""
    findings = []
    returns = _rows(pc.match_substring(lines, "\r"), first)
    if returns:
        findings.append(
            delivery.finding(
                "RAW010",
                "holds a carriage return without a line feed",
                f"{counted(len(returns), 'line')}, first at row {returns[0]}",
                row=returns[0],
                expected="lines that end with LF or CRLF",
            )
        )
    beyond = _rows(pc.not_equal(_part(lines, stops[-1], None), ""), first)
    if beyond:
        findings.append(
            delivery.finding(
                "RAW029",
                f"has {counted(len(beyond), 'line')} with text behind the last column",
                f"row {', '.join(map(str, beyond[:SHOWN]))}",
                row=beyond[0],
                expected=f"at most {counted(stops[-1], 'character')} in a line",
                records=len(beyond),
            )
        )
    short = _rows(pc.less_equal(pc.utf8_length(lines), stops[-2]), first)
    if not short:
        return findings, []
    note = delivery.finding(
        "RAW030",
        f"has {counted(len(short), 'line')} that end before the last column",
        f"row {', '.join(map(str, short[:SHOWN]))}",
        row=short[0],
        expected=f"more than {counted(stops[-2], 'character')} in a line",
        records=len(short),
    )
    return findings, [note]


def _rows(chosen: pa.BooleanArray, first: int) -> list[int]:
    places = np.flatnonzero(chosen.to_numpy(zero_copy_only=False))
    rows: list[int] = (places + first).tolist()
    return rows
