"""A file as the study names it, whether it lies in the folder or in an archive there.

``export.zip/lab/chem.csv`` is the file ``lab/chem.csv`` of ``export.zip``. One member
is unpacked at a time, under a name of ours, and never more than it said it would be.
"""

import contextlib
import lzma
import re
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import RawDataError
from cdisc.raw.delivery import Delivery

LARGEST = 4 << 30
"""Bytes that a member may unpack to."""

RATIO = 250
"""Times its packed size that a member may unpack to, where that is more than `SMALL`."""

SMALL = 32 << 20

DAMAGED = (
    *(zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, EOFError, OSError),
    *(RuntimeError, ValueError, LookupError, OverflowError),
)
"""What `zipfile` raises of bytes that are no archive, or one that it cannot unpack."""

_SHOWN = 20
_INSIDE = re.compile(r"(?i)(?P<archive>.*?\.zip)/(?P<member>.+)")


@contextlib.contextmanager
def opened(folder: Path, delivery: Delivery) -> Iterator[Path]:
    """Give a path at which the bytes of the file lie while the context lasts.

    Args:
        folder: The folder of the raw data; no file outside it is read.
        delivery: The file, by its path in the folder or in an archive there.

    Raises:
        RawDataError: RAW001, RAW004, RAW019 or RAW020.
    """
    place = PurePosixPath(delivery.file)
    if place.is_absolute() or Path(delivery.file).is_absolute() or ".." in place.parts:
        expected = "a path inside that folder, without .."
        fact = "lies outside the folder of the raw data"
        raise RawDataError([delivery.finding("RAW004", fact, expected=expected)])
    path = folder / delivery.file
    match = _INSIDE.fullmatch(delivery.file)
    if path.exists():
        yield path
    elif match is None or not (folder / match["archive"]).is_file():
        raise RawDataError([_absent(folder, delivery)])
    else:
        with tempfile.TemporaryDirectory() as home:
            # the name of a member decides nothing but its suffix: nobody writes elsewhere
            suffix = re.sub(r"[^a-z0-9.]", "", place.suffix.lower())
            target = Path(home, f"member{suffix}")
            _unpack(folder / match["archive"], match["member"], target, delivery)
            yield target


def _absent(folder: Path, delivery: Delivery) -> Diagnostic:
    files = sorted(path.relative_to(folder).as_posix() for path in _files(folder))
    return delivery.finding(
        "RAW001",
        f'of form "{delivery.form}" is not in the folder of the raw data',
        f"files there: {_shown(files)}" if files else "no file there",
        help=did_you_mean(delivery.file, files) or "name the file under raw: in study.yaml",
    )


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []


def _shown(names: Sequence[str]) -> str:
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more} more" if more > 0 else "")


def _unpack(archive: Path, member: str, target: Path, delivery: Delivery) -> None:
    try:
        with zipfile.ZipFile(archive) as whole:
            names = sorted(one for one in whole.namelist() if not one.endswith("/"))
            if names.count(member) != 1:
                raise RawDataError([_no_member(member, names, delivery)])
            refusal = too_large(whole.getinfo(member), delivery)
            if refusal:
                raise RawDataError([refusal])
            with whole.open(member) as source, target.open("wb") as unpacked:
                shutil.copyfileobj(source, unpacked)  # stops at the size that was checked
    except DAMAGED as error:
        raise RawDataError([_unreadable(error, delivery)]) from error


def _no_member(member: str, names: Sequence[str], delivery: Delivery) -> Diagnostic:
    times = names.count(member)
    if times:
        return delivery.finding("RAW019", f"is {times} times in its archive")
    return delivery.finding(
        "RAW019",
        "is not in its archive",
        f"files there: {_shown(names)}" if names else "no file there",
        help=did_you_mean(member, names),
    )


def too_large(info: zipfile.ZipInfo, delivery: Delivery) -> Diagnostic | None:
    """Return a finding if a member would unpack to more than is read."""
    ratio = info.file_size // max(1, info.compress_size)
    if info.file_size <= SMALL or (info.file_size <= LARGEST and ratio <= RATIO):
        return None
    return delivery.finding(
        "RAW020",
        "would unpack to more than is read",
        f"{info.file_size:,} bytes, packed in {info.compress_size:,}",
        expected=f"at most {LARGEST:,} bytes, and at most {RATIO} times what is packed",
    )


def _unreadable(error: Exception, delivery: Delivery) -> Diagnostic:
    encrypted = "encrypted" in str(error) or "password" in str(error)
    return delivery.finding(
        "RAW019",
        "cannot be unpacked from its archive",
        "it is encrypted" if encrypted else "the archive is damaged or packed in an unknown way",
    )
