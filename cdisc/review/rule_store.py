"""The published rules as they were imported: one file, pinned by its hash.

The file holds each rule as it was published, in one form: keys in order, rules by identifier. The
same rules give the same bytes. Its hash stands in it, so that whoever changes a rule is noticed.
"""

import dataclasses
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError, SpecError, StandardNotFoundError
from cdisc.validate.open_rules.rule import Rule, UnknownConstructError, rule_of
from cdisc.validate.open_rules.run import hindrance

FORMAT = "cdisc-open-rules-1"
FILE = "open-rules.json"
_FILE = re.compile(
    rb'\{"format":"%s","sha256":"(?P<sha256>[0-9a-f]{64})","rules":(?P<rules>\[.*\])\}\n'
    % FORMAT.encode(),
    re.DOTALL,
)
Data = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Store:
    """Published rules, as they were imported.

    Attributes:
        data: Each rule as it was published, in the order of identifiers.
        sha256: Hash of their one form.
    """

    data: tuple[Data, ...]
    sha256: str

    @cached_property
    def known(self) -> tuple[Mapping[str, Rule], Mapping[str, str]]:
        """The rules by identifier; and for those that cannot be run, what hinders them."""
        rules: dict[str, Rule] = {}
        hindered: dict[str, str] = {}
        for one in self.data:
            name = identifier(one)
            try:
                rules[name] = rule_of(one)
            except UnknownConstructError as error:
                hindered[name] = str(error)
                continue
            if why := hindrance(rules[name]):
                hindered[name] = why
        return rules, hindered

    @property
    def shown(self) -> str:
        """How reports name what was imported."""
        return f"{len(self.data)} published rules, sha256 {self.sha256[:12]}"


def identifier(rule: Data) -> str:
    """Return the identifier of a rule as it was published; empty if it has none."""
    core = rule.get("Core")
    return str(core.get("Id") or "") if isinstance(core, dict) else ""


def store_of(rules: Sequence[Data]) -> Store:
    """Return rules as a store, in the order of their identifiers."""
    ordered = tuple(sorted(rules, key=identifier))
    return Store(ordered, hashlib.sha256(_content(ordered)).hexdigest())


def write_store(store: Store, folder: Path) -> Path:
    """Write rules to a folder, in place of those that were there.

    Raises:
        OutputError: OUT003, the disk refuses.
    """
    path = folder / FILE
    text = b'{"format":"%s","sha256":"%s","rules":%s}\n' % (
        FORMAT.encode(), store.sha256.encode(), _content(store.data),
    )  # fmt: skip
    beside = path.with_name(f"{FILE}.new")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        beside.write_bytes(text)
        beside.replace(path)
    except OSError as error:
        fact = f'cannot write "{path.as_posix()}": {error.strerror}'
        raise OutputError([Diagnostic("OUT003", fact)]) from error
    return path


def read_store(folders: Sequence[Path]) -> Store:
    """Return the rules of the first folder that has any.

    Raises:
        StandardNotFoundError: RULE003, none of the folders has any.
        SpecError: RULE004, the file is not as it was written.
    """
    path = next((one / FILE for one in folders if (one / FILE).is_file()), None)
    if path is None:
        places = " and ".join(one.as_posix() for one in folders)
        fact = f"there are no published rules in {places}"
        help_ = "type: cdisc rules import PATH"
        raise StandardNotFoundError([Diagnostic("RULE003", fact, help=help_)])
    try:
        text = path.read_bytes()
    except OSError:
        text = b""
    match = _FILE.fullmatch(text)
    found = hashlib.sha256(match["rules"]).hexdigest() if match else ""
    if match is None or found != match["sha256"].decode():
        fact = f'"{path.as_posix()}" is not as it was imported'
        expected = f"sha256 {match['sha256'].decode()}" if match else f"a file of format {FORMAT}"
        shown = (f"sha256 {found}",) if match else ()
        raise SpecError([Diagnostic("RULE004", fact, found=shown, expected=expected)])
    return Store(tuple(json.loads(match["rules"])), found)


def _content(rules: Sequence[Data]) -> bytes:
    shown = json.dumps(rules, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return shown.encode("utf-8")
