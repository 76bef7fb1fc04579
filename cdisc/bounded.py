"""A build in bounded memory: raw records and results lie on disk, subjects are made in buckets.

What a build gives does not depend on whether it is bounded, nor on how many buckets it takes.
"""

import dataclasses
import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from cdisc.dataset import Dataset, RawStudy, Study
from cdisc.diagnostics import Diagnostic
from cdisc.engine.buckets import Buckets, number_of_buckets, run_in_buckets
from cdisc.engine.program import Program
from cdisc.engine.run import Result
from cdisc.engine.spool import StoredTable
from cdisc.raw.parts import store_study
from cdisc.spec import LoadedStudy
from cdisc.transport import split_dataset, stream_xpt, with_one_length
from cdisc.transport.xpt_check import Checks

_Stage = TypeVar("_Stage", bound=str)
_SMALL = 16  # a dataset of at most this part of the memory is held in it


@dataclasses.dataclass(frozen=True)
class Room:
    """What a build has for its data.

    Attributes:
        memory: Bytes.
        folder: Temporary folder.
        threads: Threads of the engine.
        buckets: How many buckets; as many as the memory asks for by default.
    """

    memory: int
    folder: Path
    threads: int | None = None
    buckets: int | None = None

    def read(self, loaded: LoadedStudy, raw: Path, progress: Callable[[str], None]) -> RawStudy:
        """Read the raw files of a study onto the disk; see `cdisc.raw.read_study`."""
        return store_study(loaded, raw, self.folder / "forms", progress)

    def run(self, program: Program, raw: RawStudy, progress: Callable[[str], None]) -> Result:
        """Build every dataset of a program; see `cdisc.engine.run.run`."""
        number = self.buckets or number_of_buckets(raw, self.memory)
        limit = f"{max(self.memory // 2, 1 << 28) >> 20}MiB"
        buckets = Buckets(self.folder / "run", number, limit, self.threads)
        result = run_in_buckets(program, raw, buckets, progress)
        return dataclasses.replace(
            result, tables={name: self._held(one) for name, one in result.tables.items()}
        )

    def _held(self, table: StoredTable | pa.Table) -> StoredTable | pa.Table:
        """Return a table in memory if it is small."""
        small = isinstance(table, StoredTable) and table.size * _SMALL <= self.memory
        return table.whole() if isinstance(table, StoredTable) and small else table


def parts_of(dataset: Dataset) -> Iterator[pa.Table]:
    """Yield the records of a dataset, as many at once as fit into memory."""
    if isinstance(dataset.table, pa.Table):
        yield dataset.table
        return
    for batch in dataset.table.to_batches():
        yield pa.Table.from_batches([batch])


def untransportable(dataset: Dataset) -> tuple[Diagnostic, ...]:
    """Return what a transport file cannot hold; see `cdisc.transport.check_xpt`."""
    checks = Checks(dataset, "ascii")
    for table in parts_of(dataset):
        checks.add(table)
    return tuple(checks.findings())


def write_parts(dataset: Dataset, path: Path, created: dt.datetime) -> None:
    """Write a dataset as a transport file, part by part; see `cdisc.transport.write_xpt`."""
    with stream_xpt(dataset, path, created=created) as file:
        for table in parts_of(dataset):
            file.add(table)


@dataclasses.dataclass(frozen=True)
class Submitted:
    """What agencies ask of transport files, beside their values.

    Attributes:
        one_length: Text variables of one name have one length in all datasets of the study.
        largest: Bytes above which a dataset is there in parts too, in a folder of their own.

    Source:
        FDA Study Data Technical Conformance Guide, section 3.3.2 (dataset size, column length).
    """

    one_length: bool = False
    largest: int | None = None

    def lengths(self, studies: Mapping[_Stage, Study]) -> dict[_Stage, Study]:
        """Return the stages of a study with the lengths that are asked for."""
        if not self.one_length:
            return dict(studies)
        every = [dataset for study in studies.values() for dataset in study.datasets]
        longer = iter(with_one_length(every))
        return {
            stage: dataclasses.replace(study, datasets=tuple(next(longer) for _ in study.datasets))
            for stage, study in studies.items()
        }

    def parts(self, dataset: Dataset) -> tuple[Dataset, ...]:
        """Return the parts of a dataset that is too large; none of one that is not."""
        found = split_dataset(dataset, largest=self.largest) if self.largest else ()
        return found if len(found) > 1 else ()


AS_THEY_ARE = Submitted()
