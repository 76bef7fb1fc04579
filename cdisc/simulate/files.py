"""Write rendered tables as delimited text: declared encoding and line end, nothing else."""

import re
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
        self._special = re.compile(f'[{self._delimiter}"\r\n]').search
        self._started = False
        self.rows = 0

    def write(self, table: Table) -> None:
        """Append the rows of a table.

        Raises:
            OutputError: SIM002, the file cannot be written.
        """
        lines = [] if self._started else [self._delimiter.join(self._quoted(list(table)))]
        columns = [self._quoted(values.tolist()) for values in table.values()]
        lines += map(self._delimiter.join, zip(*columns, strict=True))
        encoding = self._encoding.removesuffix("-sig") if self._started else self._encoding
        content = self._newline.join([*lines, ""]).encode(encoding)
        write(self._path, content, append=self._started)
        self._started = True
        self.rows += len(next(iter(table.values())))

    def _quoted(self, texts: list[str]) -> list[str]:
        """Quote the texts that need it; most columns have none, which one search tells."""
        special = self._special
        if not special("".join(texts)):
            return texts
        return ['"' + text.replace('"', '""') + '"' if special(text) else text for text in texts]


def write(path: Path, content: bytes, *, append: bool = False) -> None:
    """Write or append to a file; its folder is made.

    Raises:
        OutputError: SIM002, the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab" if append else "wb") as file:
            file.write(content)
    except OSError as problem:
        fact = f'the file "{path}" cannot be written: {problem.strerror}'
        raise OutputError([Diagnostic("SIM002", fact)]) from problem
