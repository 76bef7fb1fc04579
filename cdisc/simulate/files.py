"""Write rendered tables as delimited text: declared encoding and line end, nothing else."""

import csv
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.simulate.model import Words
from cdisc.simulate.rendering import Table


class Writer:
    """Appends blocks of rows to one file.

    The first block creates the file and writes the header, and so must come even
    when there is no row.
    """

    def __init__(self, path: Path, dialect: Words) -> None:
        self._path = path
        self._encoding = dialect["encoding"]
        self._newline = dialect["newline"]
        self._delimiter = dialect.get("delimiter", ",")
        self._started = False
        self.rows = 0

    def write(self, table: Table) -> None:
        """Append the rows of a table.

        Raises:
            OutputError: SIM002, the file cannot be written.
        """
        encoding = self._encoding
        if self._started and encoding == "utf-8-sig":
            encoding = "utf-8"
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            with self._path.open(
                "a" if self._started else "w", encoding=encoding, newline=""
            ) as file:
                writer = csv.writer(file, delimiter=self._delimiter, lineterminator=self._newline)
                if not self._started:
                    writer.writerow(table)
                writer.writerows(zip(*table.values(), strict=True))
        except OSError as problem:
            raise OutputError(
                [
                    Diagnostic(
                        "SIM002", f'the file "{self._path}" cannot be written: {problem.strerror}'
                    )
                ]
            ) from problem
        self._started = True
        self.rows += len(next(iter(table.values())))
