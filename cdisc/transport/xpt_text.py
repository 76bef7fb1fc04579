"""Text columns as the bytes of another encoding, and as fixed-width fields and back.

Everything here works on whole Arrow buffers. Arrow holds UTF-8; ASCII and UTF-8
files take its bytes as they are, any other encoding is converted in one call for
all values together, joined by NUL. That is why a NUL inside a value is refused
before it comes here. An Arrow ``string`` that holds bytes of another encoding is
called *encoded* below: only its lengths and bytes are looked at.
"""

import codecs
from collections.abc import Iterator
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Bytes = npt.NDArray[np.uint8]

BLANK: Final = 0x20
PIECE: Final = 65_536
_PRINTABLE: Final = bytes(range(0x20, 0x7F))


def normalised_encoding(encoding: str) -> str | None:
    """Return the codec's own name, or None if it is unknown or does not extend ASCII.

    Example:
        >>> normalised_encoding("UTF8"), normalised_encoding("utf-16")
        ('utf-8', None)
    """
    try:
        codec = codecs.lookup(encoding)
        agrees = _PRINTABLE.decode("ascii").encode(codec.name) == _PRINTABLE
        escapes = any(_escapes(character, codec.name) for character in "\u00e9\u4e2d")
    except (LookupError, UnicodeError):
        return None
    return codec.name if agrees and not escapes else None


def _escapes(character: str, codec: str) -> bool:
    """Say whether a codec writes a character beyond ASCII in ASCII bytes alone."""
    written = character.encode(codec, "ignore")
    return bool(written) and written.isascii()


def pieces(column: pa.ChunkedArray) -> Iterator[tuple[int, pa.StringArray]]:
    """Yield the first record (from 0) and the values of each part of a text column."""
    start = 0
    for chunk in column.chunks:
        for at in range(0, len(chunk), PIECE):
            yield start + at, chunk.slice(at, PIECE).cast(pa.string())
        start += len(chunk)


def buffers(values: pa.StringArray) -> tuple[npt.NDArray[np.int32], Bytes]:
    """Return offsets (one more than values) and the bytes that they point into, no copy."""
    _, offsets, data = values.buffers()
    if offsets is None or data is None:
        return np.zeros(len(values) + 1, dtype=np.int32), np.empty(0, dtype=np.uint8)
    every = np.frombuffer(offsets, dtype=np.int32)
    starts = every[values.offset : values.offset + len(values) + 1]
    return starts, np.frombuffer(data, dtype=np.uint8)


def is_ascii(values: pa.StringArray) -> bool:
    """Say whether all bytes under the values are ASCII."""
    offsets, data = buffers(values)
    used = data[offsets[0] : offsets[-1]]
    return used.size == 0 or int(used.max()) < 0x80  # noqa: PLR2004  ASCII ends here


def encoded(values: pa.StringArray, encoding: str) -> pa.StringArray:
    """Return the values as bytes of `encoding`, which has them all; missing stays missing.

    Raises:
        UnicodeEncodeError: A character is not in the encoding (never with ASCII, which is
            taken as it is).
    """
    if encoding in {"ascii", "utf-8"} or is_ascii(values):
        return values
    return _converted(values, "utf-8", encoding)


def decoded(values: pa.StringArray, encoding: str) -> pa.StringArray:
    """Return encoded values as Arrow text; missing stays missing.

    Raises:
        UnicodeDecodeError: The bytes are not of the encoding.
    """
    return values if is_ascii(values) else _converted(values, encoding, "utf-8")


def _converted(values: pa.StringArray, source: str, target: str) -> pa.StringArray:
    whole = pc.fill_null(values.view(pa.binary()), b"")
    joined = pc.binary_join(pa.ListArray.from_arrays([0, len(whole)], whole), b"\0")
    data = joined[0].as_buffer().to_pybytes().decode(source).encode(target)
    marked = np.frombuffer(data + b"\0", dtype=np.uint8)
    ends = np.flatnonzero(marked == 0)
    offsets = np.zeros(len(values) + 1, dtype=np.int32)
    offsets[1:] = ends - np.arange(len(values))
    return pa.StringArray.from_buffers(
        len(values),
        pa.py_buffer(offsets),
        pa.py_buffer(marked[marked != 0]),
        pc.is_valid(values).buffers()[1],
        values.null_count,
    )


def field_bytes(values: pa.StringArray, length: int) -> Bytes:
    """Return encoded values as contiguous ``(n, width)`` bytes, missing as blanks.

    The width is `length`, with blanks at the end of values, or less if all
    values have the same size: what lacks is all blank. No value may be longer
    than `length`.
    """
    if values.null_count:
        values = _missing_as_empty(values)
    offsets, data = buffers(values)
    sizes = np.diff(offsets)
    width = int(sizes.max())
    if int(sizes.sum(dtype=np.int64)) == width * np.count_nonzero(sizes):
        return _of_one_size(sizes, data[offsets[0] : offsets[-1]], width)
    offsets, data = buffers(pc.ascii_rpad(values, length))
    return data[offsets[0] : offsets[-1]].reshape(len(values), length)


def _of_one_size(sizes: npt.NDArray[np.int32], used: Bytes, width: int) -> Bytes:
    """Return values that are all empty or of `width` bytes, the empty ones as blanks."""
    if used.size == len(sizes) * width:
        return used.reshape(len(sizes), width)
    field: Bytes = np.full((len(sizes), width), BLANK, dtype=np.uint8)
    item = np.dtype((np.void, width))
    field.view(item)[sizes > 0, 0] = used.view(item)
    return field


def _missing_as_empty(values: pa.StringArray) -> pa.StringArray:
    """Return the values with empty for missing; no copy unless bytes lie under a missing one."""
    offsets, data = buffers(values)
    if (pc.sum(pc.binary_length(values)).as_py() or 0) != int(offsets[-1] - offsets[0]):
        return pc.fill_null(values, "")
    return pa.StringArray.from_buffers(len(values), pa.py_buffer(offsets), pa.py_buffer(data))


def read_field(field: Bytes) -> pa.StringArray:
    """Return the encoded values of a field, trailing blanks removed, blank as missing.

    Args:
        field: Contiguous ``(n, length)`` bytes, which the values may go on using.
    """
    count, length = field.shape
    offsets = np.arange(count + 1, dtype=np.int32) * np.int32(length)
    padded = pa.StringArray.from_buffers(count, pa.py_buffer(offsets), pa.py_buffer(field))
    if not (field[:, -1:] == BLANK).any():
        return padded
    values = pc.ascii_rtrim(padded, " ")
    ends, data = buffers(values)
    held = ends[1:] != ends[:-1]
    missing = count - np.count_nonzero(held)
    if not missing:
        return values
    bits = pa.py_buffer(np.packbits(held, bitorder="little"))
    return pa.StringArray.from_buffers(count, pa.py_buffer(ends), pa.py_buffer(data), bits, missing)


def has_nul(values: pa.StringArray) -> bool:
    """Say whether there is a NUL byte under the values."""
    offsets, data = buffers(values)
    used = data[offsets[0] : offsets[-1]]
    return used.size != 0 and int(used.min()) == 0
