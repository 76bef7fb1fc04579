"""What a package was made from and what it holds, as hashes: ``manifest.json``.

With the manifest anyone can prove that a file is the one that was made, and that
the same input gives the same bytes. It therefore holds no clock, no path of a
machine and no order of a file system.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import cdisc
from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.resources import specs_root

MANIFEST = "manifest.json"
PROGRAM = "cdisc-toolkit"
_FORMAT = 1


@dataclasses.dataclass(frozen=True, slots=True)
class InputFile:
    """A file that the package was made from.

    Attributes:
        path: Where it lies now.
        name: What the manifest calls it: relative, with forward slashes.
        rows: Records read from it, or None where it holds none.
    """

    path: Path
    name: str
    rows: int | None = None


def write_manifest(
    folder: Path,
    *,
    inputs: Iterable[InputFile],
    settings: Mapping[str, object],
    rows: Mapping[str, int] | None = None,
) -> Path:
    """Write ``manifest.json``: hash, size and rows of every input and output.

    Call it last, for it lists the files that lie in the folder; the manifest itself
    is not among them.

    Args:
        folder: The folder of the package.
        inputs: The raw files and the files of the spec.
        settings: What steered the run, such as ``created``; JSON values.
        rows: Records of each output that holds records, by path inside the folder.

    Returns:
        The path of the manifest.

    Raises:
        OutputError: Two inputs have one name, a name is not relative (OUT005), or a
            file cannot be read or written (OUT003).
        ValueError: `rows` names a file that is not in the folder.
    """
    rows = rows or {}
    files = list_files(folder)
    strange = sorted(set(rows) - set(files))
    if strange:
        raise ValueError(f"rows of files that are not in the package: {strange}")
    inputs = sorted(inputs, key=lambda one: one.name)
    _require_plain_names([one.name for one in inputs])
    manifest = {
        "format": _FORMAT,
        "program": PROGRAM,
        "versions": {"program": cdisc.__version__, "specs": f"sha256:{_hash_tree(specs_root())}"},
        "settings": dict(settings),
        "inputs": [_entry(one.path, one.name, one.rows) for one in inputs],
        "outputs": [_entry(folder / name, name, rows.get(name)) for name in files],
    }
    place = folder / MANIFEST
    _write(place, manifest)
    return place


def relist(folder: Path) -> bool:
    """Bring the outputs of a manifest up to date with the files that lie in the folder.

    Args:
        folder: The folder of a package.

    Returns:
        Whether there was a manifest of ours. Inputs and settings stay, and so do the records
        of each output.
    """
    place = folder / MANIFEST
    if listed_outputs(folder) is None:
        return False
    manifest = json.loads(place.read_bytes())
    rows = {one["path"]: one.get("rows") for one in manifest["outputs"]}
    manifest["outputs"] = [
        _entry(folder / name, name, rows.get(name)) for name in list_files(folder)
    ]
    _write(place, manifest)
    return True


def _write(place: Path, manifest: Mapping[str, object]) -> None:
    text = json.dumps(manifest, sort_keys=True, indent=2, ensure_ascii=False, allow_nan=False)
    place.write_bytes(text.encode("utf-8") + b"\n")


def list_files(folder: Path) -> list[str]:
    """Return the path of every file of a folder but the manifest, sorted by bytes."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path != MANIFEST)


def listed_outputs(folder: Path) -> frozenset[str] | None:
    """Return the outputs that the manifest of a folder lists; None without one of ours."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (FileNotFoundError, NotADirectoryError, ValueError):
        return None
    if not isinstance(manifest, dict) or manifest.get("program") != PROGRAM:
        return None
    return frozenset(one["path"] for one in manifest["outputs"])


def changed_outputs(folder: Path, suffixes: Iterable[str]) -> tuple[str, ...]:
    """Return the outputs with these suffixes that are not as the manifest of ours lists them."""
    if listed_outputs(folder) is None:
        return ()
    outputs = json.loads((folder / MANIFEST).read_bytes())["outputs"]
    endings = tuple(suffixes)
    return tuple(
        one["path"]
        for one in outputs
        if one["path"].endswith(endings)
        and (folder / one["path"]).is_file()
        and _hash(folder / one["path"])[0] != one["sha256"]
    )


def _require_plain_names(names: list[str]) -> None:
    twice = sorted({name for name in names if names.count(name) > 1})
    rooted = [name for name in names if name.startswith("/") or ".." in name.split("/")]
    wrong = [
        *(f'two inputs are called "{name}"' for name in twice),
        *(f'input "{name}" is not named by a relative path' for name in rooted),
    ]
    if wrong:
        raise OutputError([Diagnostic("OUT005", fact) for fact in wrong])


def _entry(path: Path, name: str, rows: int | None) -> dict[str, object]:
    digest, size = _hash(path)
    entry: dict[str, object] = {"path": name, "sha256": digest, "size": size}
    if rows is not None:
        entry["rows"] = rows
    return entry


def _hash(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        return digest, file.tell()


def _hash_tree(root: Path) -> str:
    """Return one hash of the names and bytes of all files below a folder."""
    names = sorted(path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file())
    lines = [f"{_hash(root / name)[0]}  {name}\n" for name in names]
    return hashlib.sha256("".join(lines).encode()).hexdigest()
