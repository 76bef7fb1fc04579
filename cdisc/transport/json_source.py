"""The bytes of a Dataset-JSON file, block after block, unpacked where they are packed.

Nothing is held but what no one has taken yet; a record or a header of more than
`MOST_BYTES` and a file that unpacks without end are refused.
"""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from cdisc.diagnostics import Diagnostic
from cdisc.errors import RawDataError

BLOCK: Final = 4 * 1024 * 1024
MOST_BYTES: Final = 64 * 1024 * 1024
_SWOLLEN: Final = 1024 * 1024 * 1024
_SWELLS: Final = 500
_ZLIB_OR_GZIP: Final = 32 + zlib.MAX_WBITS
_MARK: Final = b"\xef\xbb\xbf"


def refusal(code: str, fact: str, *found: str) -> RawDataError:
    """Return the error of one finding."""
    return RawDataError([Diagnostic(code, fact, found=found)])


class Pending:
    """What has been read and not yet taken.

    Attributes:
        data: The bytes; whoever takes some assigns the rest.
        ended: Whether the file has no more than `data`.
    """

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._blocks = blocks(path, packed=path.suffix.lower() == ".dsjc")
        self.data = b""
        self.ended = False
        self.more()
        self.data = self.data.removeprefix(_MARK)

    def more(self) -> None:
        """Read as much as is held already, at least a block.

        Raises:
            RawDataError: What is held is too large for a record or a header (DSJ001).
        """
        if len(self.data) > MOST_BYTES:
            fact = f'"{self.name}" has a part of more than {MOST_BYTES // 2**20} MB without an end'
            raise refusal("DSJ001", fact)
        parts = [self.data]
        wanted = max(1, len(self.data))
        while wanted > 0:
            block = next(self._blocks, None)
            if block is None:
                self.ended = True
                break
            parts.append(block)
            wanted -= len(block)
        self.data = b"".join(parts)

    def everything(self) -> bytes:
        """Return all that is left."""
        self.data = b"".join([self.data, *self._blocks])
        self.ended = True
        return self.data


def blocks(path: Path, *, packed: bool) -> Iterator[bytes]:
    """Return the content of a file in blocks that are not empty.

    Args:
        path: The file.
        packed: It is a zlib stream, or a gzip stream, which some programs write instead.

    Raises:
        RawDataError: The file cannot be read (FILE002) or unpacked (DSJ008).

    Source:
        Compressed Dataset-JSON v1.1, Compression.
    """
    try:
        with path.open("rb") as file:
            plain = iter(lambda: file.read(BLOCK), b"")
            yield from _unpacked(plain, path.name) if packed else plain
    except OSError as error:
        raise refusal("FILE002", f'cannot read "{path.name}": {error.strerror}') from error


def _unpacked(packed: Iterator[bytes], name: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(_ZLIB_OR_GZIP)
    taken = given = 0
    try:
        for block in packed:
            taken += len(block)
            rest = block
            while rest and not unpacker.eof:
                plain = unpacker.decompress(rest, BLOCK)
                given += len(plain)
                if given > _SWOLLEN and given > _SWELLS * taken:
                    fact = f'"{name}" unpacks to more than {_SWELLS} times its size'
                    raise refusal("DSJ008", fact)
                if plain:
                    yield plain
                rest = unpacker.unconsumed_tail
            if unpacker.unused_data or (unpacker.eof and rest):
                raise refusal("DSJ008", f'"{name}" goes on after the end of its packed data')
        plain = unpacker.flush()
    except zlib.error as error:
        raise refusal("DSJ008", f'"{name}" cannot be unpacked', str(error)) from error
    if plain:
        yield plain
    if not unpacker.eof:
        raise refusal("DSJ008", f'"{name}" ends within its packed data')
