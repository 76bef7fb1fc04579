"""A folder that appears whole or not at all.

The package is built in a folder beside its destination, forced to the disk and then
put in place by one rename, so a reader never sees half of it and a run that is
killed leaves the previous package as it was. What a killed run left beside it is
cleared by the next one; a lock tells it from the folder of a run that still works.
Only a package is ever replaced: a folder with anything in it that no manifest lists
is somebody's work.
"""

import ctypes
import errno
import glob
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.package.manifest import MANIFEST, changed_outputs, list_files, listed_outputs

_DISK = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EROFS, errno.EACCES})
_CANNOT_EXCHANGE = frozenset({errno.ENOSYS, errno.EINVAL, errno.ENOTSUP, errno.EPERM})
_RENAME_EXCHANGE = 2
_AT_FDCWD = -100
_SHOWN = 3
_WORKED_ON = (".docx",)  # what people go on editing


@contextmanager
def package_folder(out: Path) -> Iterator[Path]:
    """Give a new folder to write a package into; put it at `out` when all went well.

    Args:
        out: Where the package shall stand: a place that is free, an empty folder, or
            a previous package, which is replaced.

    Yields:
        An empty folder beside `out`. If the block raises, it is removed, and what
        stood at `out` is untouched.

    Raises:
        OutputError: `out` holds something other than a package (OUT001), is a file
            (OUT002), holds files that its manifest does not list (OUT004) or documents that
            were edited (OUT010); or the disk refuses (OUT003).
    """
    shown, out = out.as_posix(), out.resolve()
    _require_replaceable(out, shown)
    partial = out.with_name(f".{out.name}.partial-{os.getpid()}")
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        _clear_leftovers(out)
        partial.mkdir()
        with _locked(partial):
            yield partial
            _force_to_disk(partial)
            _require_replaceable(out, shown)
            _put_in_place(partial, out)
    except OSError as error:
        if error.errno not in _DISK:
            raise
        raise OutputError(
            [
                Diagnostic(
                    "OUT003",
                    f'cannot write the package "{shown}": {os.strerror(error.errno).lower()}',
                    help="free space or choose another place with --out; nothing was replaced",
                )
            ]
        ) from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _require_replaceable(out: Path, shown: str) -> None:
    if not out.exists():
        return
    if not out.is_dir():
        raise OutputError(
            [Diagnostic("OUT002", f'"{shown}" is a file', expected="a folder, or nothing")]
        )
    if not any(out.iterdir()):
        return
    listed = listed_outputs(out)
    if listed is None:
        raise OutputError(
            [
                Diagnostic(
                    "OUT001",
                    f'folder "{shown}" is not empty and is no package',
                    expected=f"a free place, an empty folder, or a package with its {MANIFEST}",
                    help="choose another place with --out",
                )
            ]
        )
    strange = [name for name in list_files(out) if name not in listed]
    if strange:
        raise OutputError(
            [
                Diagnostic(
                    "OUT004",
                    f'package "{shown}" holds files that its {MANIFEST} does not list',
                    found=tuple(strange[:_SHOWN]),
                    help="move them elsewhere; replacing the package would delete them",
                    records=len(strange),
                )
            ]
        )
    if edited := changed_outputs(out, _WORKED_ON):
        raise OutputError(
            [
                Diagnostic(
                    "OUT010",
                    f'package "{shown}" holds documents that were edited since they were made',
                    found=edited[:_SHOWN],
                    help="move them elsewhere; replacing the package would delete them",
                    records=len(edited),
                )
            ]
        )


def _clear_leftovers(out: Path) -> None:
    """Put back a package that a killed run had set aside; remove what it had begun."""
    name = glob.escape(out.name)
    for aside in sorted(out.parent.glob(f".{name}.previous-*")):
        if out.exists():
            shutil.rmtree(aside)
        else:
            aside.rename(out)
    for partial in sorted(out.parent.glob(f".{name}.partial-*")):
        with _locked(partial) as is_ours:
            if is_ours:
                shutil.rmtree(partial)


@contextmanager
def _locked(folder: Path) -> Iterator[bool]:
    """Hold a folder; give False while another run holds it."""
    if sys.platform == "win32":
        yield False
        return
    import fcntl

    descriptor = os.open(folder, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _force_to_disk(folder: Path) -> None:
    for root, _, files in os.walk(folder):
        for name in files:
            _sync(Path(root, name))
        _sync(Path(root))


def _sync(path: Path) -> None:
    if path.is_dir() and sys.platform == "win32":
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _put_in_place(new: Path, out: Path) -> None:
    """Rename `new` to `out`; what stood there is gone only when the new one stands."""
    if not out.exists():
        new.rename(out)
    elif not _exchange(new, out):
        aside = out.with_name(f".{out.name}.previous-{os.getpid()}")
        out.rename(aside)
        try:
            new.rename(out)
        except OSError:
            aside.rename(out)
            raise
        shutil.rmtree(aside, ignore_errors=True)
    _sync(out.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system cannot."""
    if sys.platform != "linux":
        return False
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except AttributeError:
        return False
    failed = renameat2(_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    if not failed:
        return True
    number = ctypes.get_errno()
    if number in _CANNOT_EXCHANGE:
        return False
    raise OSError(number, os.strerror(number), str(one))
