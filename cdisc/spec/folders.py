"""What study.yaml says once of all forms whose files lie in a folder.

It is laid under each of these forms, key by key, before the forms are read: whatever
asks a form, or points at the line that says something of it, finds the folder's line.
"""

from collections.abc import Iterator
from pathlib import PurePosixPath

from cdisc.source import Document, Loc
from cdisc.spec.overlay import lay_beneath
from cdisc.spec.study import FolderBlock

FOLDERS = "folders"


def with_folders(document: Document) -> Document:
    """Return a study.yaml whose forms say themselves what their folders say of them."""
    folders = _section(document, FOLDERS)
    if not isinstance(folders, dict):
        return document
    copies: dict[Loc, Loc] = {
        ("raw", name, key): (FOLDERS, folder, key)
        for name, folder in _places(document, folders)
        for key in (folders[folder] if isinstance(folders[folder], dict) else ())
        if key in FolderBlock.model_fields  # another one is a mistake of the folder alone
    }
    return lay_beneath(document, copies)


def folder_of(file: str, folders: object) -> str | None:
    """Return the nearest folder of a file that is among `folders`."""
    if not isinstance(folders, dict):
        return None
    parents = (str(one) for one in PurePosixPath(file).parents)
    return next((one for one in parents if one in folders), None)


def said_by_folder(document: Document, file: str, name: str, loc: Loc) -> bool:
    """Say whether what stands in a form comes from its folder."""
    folder = folder_of(file, _section(document, FOLDERS))
    if folder is None:
        return False
    place = document.span((FOLDERS, folder, *loc), key=True)
    return place == document.span(("raw", name, *loc), key=True)


def _places(document: Document, folders: object) -> Iterator[tuple[str, str]]:
    """Yield the forms that lie in a folder, and the folder."""
    forms = _section(document, "raw")
    for name, form in forms.items() if isinstance(forms, dict) else ():
        file = form.get("file") if isinstance(form, dict) else None
        folder = folder_of(file, folders) if isinstance(file, str) else None
        if folder is not None:
            yield name, folder


def _section(document: Document, name: str) -> object:
    return document.value.get(name) if isinstance(document.value, dict) else None
