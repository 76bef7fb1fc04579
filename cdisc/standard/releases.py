"""Which releases of the standards ``specs/`` carries, and what to say if one is not there.

A release is a folder; nothing is registered anywhere else. Its name is what it
holds and the version or date: ``sdtm/ig-3.4``, ``adam/ig-1.3``,
``ct/sdtm-2025-03-28``. Releases of terminology that a project imports lie in a
folder of its own, in the same form.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.errors import StandardNotFoundError
from cdisc.resources import specs_root


def carried_sdtm(root: Path | None = None) -> tuple[str, ...]:
    """Return the SDTMIG versions that ``specs/sdtm`` holds, oldest first."""
    return _versions((root or specs_root()) / "sdtm", "ig-")


def carried_adam(root: Path | None = None) -> tuple[str, ...]:
    """Return the ADaMIG versions that ``specs/adam`` holds, oldest first."""
    return _versions((root or specs_root()) / "adam", "ig-")


def carried_terminology(root: Path | None = None) -> tuple[tuple[str, str], ...]:
    """Return the releases of ``specs/ct`` as (package, date), sorted."""
    return imported_terminology((root or specs_root()) / "ct")


def imported_terminology(folder: Path) -> tuple[tuple[str, str], ...]:
    """Return the releases that lie in a folder as (package, date), sorted."""
    names = (path.parent.name for path in folder.glob("*/codelists.tsv"))
    return tuple(sorted((name[:-11], name[-10:]) for name in names if not name.startswith(".")))


def require_guide(folder: Path, name: str, version: str, carried: tuple[str, ...]) -> Path:
    """Return the folder of an implementation guide.

    Raises:
        StandardNotFoundError: STD001, the version is not carried.
    """
    if version in carried:
        return folder / f"ig-{version}"
    raise StandardNotFoundError(
        [
            Diagnostic(
                "STD001",
                f'{name} "{version}" is not carried',
                expected=f"one of {', '.join(carried)}",
                help=f'write one of these, or add the folder "specs/{folder.name}/ig-{version}"',
            )
        ]
    )


def require_release(
    package: str, date: str, root: Path | None = None, imported: Path | None = None
) -> Path:
    """Return the folder of a release of controlled terminology; a carried one comes first.

    Args:
        package: Such as ``sdtm``.
        date: Date of the release.
        root: Folder that stands for ``specs/``.
        imported: Folder of the releases that a project has imported.

    Raises:
        StandardNotFoundError: STD002, the release is neither carried nor imported.
    """
    carried = carried_terminology(root)
    own = imported_terminology(imported) if imported else ()
    if (package, date) in carried:
        return (root or specs_root()) / "ct" / f"{package}-{date}"
    if imported and (package, date) in own:
        return imported / f"{package}-{date}"
    raise StandardNotFoundError([_no_release(package, date, {*carried, *own}, imported)])


def _no_release(
    package: str, date: str, known: Iterable[tuple[str, str]], imported: Path | None
) -> Diagnostic:
    known = sorted(known)
    dates = sorted(there for name, there in known if name == package)
    near = None if dates else did_you_mean(package, {name for name, _ in known})
    to = f" --to {shown(imported)}" if imported else ""
    add = f"import it: cdisc ct import FILE --package {package} --date {date}{to}"
    return Diagnostic(
        "STD002",
        f'controlled terminology "{package} {date}" is not carried'
        + (f' and not in "{shown(imported)}"' if imported else ""),
        expected=f"one of {', '.join(f'{name} {there}' for name, there in known)}",
        help=near or (f"write {dates[-1]}, or {add}" if dates else add),
    )


def shown(folder: Path) -> str:
    """Return how people name a folder: from where they are, if it lies below or beside."""
    relative = Path(os.path.relpath(folder)).as_posix()
    return relative if not relative.startswith("../../") else folder.as_posix()


def _versions(folder: Path, prefix: str) -> tuple[str, ...]:
    names = (path.parent.name for path in folder.glob(f"{prefix}*/standard.yaml"))
    found = (name.removeprefix(prefix) for name in names)
    return tuple(sorted(found, key=lambda text: [int(part) for part in text.split(".")]))
