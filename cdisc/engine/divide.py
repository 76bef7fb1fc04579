"""Raw records to buckets: a bucket is a range of subjects, in the order of their names."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from cdisc.dataset import RawForm, RawStudy
from cdisc.engine.database import Database
from cdisc.engine.program import FormPlan, Program
from cdisc.engine.run import Run
from cdisc.engine.spool import Spool, StoredTable

Numbers = npt.NDArray[np.int64]


def divide(
    program: Program, raw: RawStudy, database: Database, number: int, parts: Spool
) -> list[int]:
    """Write the records of all forms apart by bucket, and return how many each bucket has.

    Args:
        program: The resolved study.
        raw: Its collected data; the tables are `StoredTable` with a column ``_row``.
        database: Makes the subjects.
        number: How many buckets; there are fewer if there are fewer subjects.
        parts: Takes them, by `part`; in each the records stand in the order of the file.
    """
    run = Run(program, raw, database, lambda _said: None)
    numbers: dict[str | None, int] = {}
    weights: list[int] = []
    coded: dict[str, list[Numbers]] = {}
    for form in program.forms.values():
        table = stored(raw.form(form.name))
        coded[form.name] = [
            _coded(run, form, batch, numbers, weights) for batch in table.to_batches()
        ]
    bucket_of = _ranges(list(numbers), np.array(weights, dtype=np.int64), number)
    sizes = [0] * (int(bucket_of.max()) + 1)
    for form in program.forms.values():
        batches = zip(stored(raw.form(form.name)).to_batches(), coded[form.name], strict=True)
        for batch, codes in batches:
            for bucket, table in _split(batch, bucket_of[codes]):
                parts.add(part(form.name, bucket), table)
                sizes[bucket] += table.num_rows
    return sizes


def part(form: str, bucket: int) -> str:
    """Return the name of the records of a form in a bucket."""
    return f"{form} {bucket}"


def stored(form: RawForm) -> StoredTable:
    """Return the table of a form on disk, with the rows of the file."""
    table: object = form.table
    assert isinstance(table, StoredTable)
    return table.all_columns()


def _coded(
    run: Run, form: FormPlan, batch: pa.RecordBatch, numbers: dict[str | None, int],
    weights: list[int],
) -> Numbers:  # fmt: skip
    """Return the number of the subject of each record; new subjects get the next."""
    subjects = _subjects(run, form, pa.Table.from_batches([batch]))
    distinct = subjects.dictionary.to_pylist()
    known = [numbers.setdefault(one, len(numbers)) for one in (*distinct, None)]
    weights += [0] * (len(numbers) - len(weights))
    lookup = np.array(known, dtype=np.int64)
    at = subjects.indices.fill_null(len(distinct)).to_numpy(zero_copy_only=False)
    codes: Numbers = lookup[at]
    size = max(1, batch.nbytes // max(1, batch.num_rows))
    for code, count in zip(*np.unique(codes, return_counts=True), strict=True):
        weights[code] += int(count) * size
    return codes


def _subjects(run: Run, form: FormPlan, table: pa.Table) -> pa.DictionaryArray:
    """Return the subject of each record; worked out once for each text of a single field."""
    fields = {ref.name for ref, _target in form.subject.refs()}
    if len(fields) != 1:
        return run.subjects(form, table).combine_chunks().dictionary_encode()
    name = fields.pop()
    texts = table.column(name).combine_chunks().dictionary_encode()
    distinct = pa.table({name: texts.dictionary})
    made = run.subjects(form, distinct).combine_chunks()
    return pc.take(made, texts.indices).dictionary_encode()


def _ranges(subjects: Sequence[str | None], weights: Numbers, number: int) -> Numbers:
    """Return the bucket of each subject: ranges of about the same weight, none of them empty."""
    if not subjects:
        return np.zeros(1, dtype=np.int64)
    order = sorted(range(len(subjects)), key=lambda at: (subjects[at] is not None, subjects[at]))
    total = np.cumsum(np.maximum(weights[order], 1))
    ranks = (total - 1) * number // total[-1]
    buckets = np.empty(len(order), dtype=np.int64)
    buckets[order] = np.unique(ranks, return_inverse=True)[1]
    return buckets


def _split(batch: pa.RecordBatch, buckets: Numbers) -> Iterator[tuple[int, pa.Table]]:
    """Yield the records of each bucket, in their order."""
    table = pa.Table.from_batches([batch])
    found, counts = np.unique(buckets, return_counts=True)
    if len(found) > 1 and np.any(np.diff(buckets) < 0):
        table = table.take(pa.array(np.argsort(buckets, kind="stable")))
    at = 0
    for bucket, count in zip(found.tolist(), counts.tolist(), strict=True):
        yield bucket, table.slice(at, count)
        at += count
