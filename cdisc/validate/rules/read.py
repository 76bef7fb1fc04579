"""Rules from ``specs/rules/*.yaml``, every text with its line."""

import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

import yaml

from cdisc.diagnostics import Diagnostic, Span
from cdisc.errors import SpecError
from cdisc.resources import specs_root
from cdisc.validate.rules.model import GRADES, Grade, Rule, Scope

_LOADER: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_FIELDS = frozenset({
    "id", "severity", "class", "in", "not_in", "each", "absent", "when", "check", "message",
    "source", "show", "like", "good", "bad",
})  # fmt: skip
_NEEDED = ("id", "severity", "check", "message", "source", "good", "bad")


@cache
def load_rules(stage: str) -> tuple[Rule, ...]:
    """Return the rules that the program carries for ``sdtm`` or ``adam`` data.

    Raises:
        SpecError: A file is wrong.
    """
    return tuple(rule for rule in _carried() if rule.scope.stage == stage)


@cache
def _carried() -> tuple[Rule, ...]:
    paths = sorted((specs_root() / "rules").glob("*.yaml"))
    return tuple(rule for path in paths for rule in read_rules(path))


def read_rules(path: Path) -> tuple[Rule, ...]:
    """Return the rules of a file, in its order.

    Raises:
        SpecError: SPEC001 it is no YAML; SPEC003 a rule lacks something or has what no rule has.
    """
    name = path.as_posix()
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.load(text, Loader=_LOADER)  # noqa: S506  makes text only
    except (yaml.YAMLError, OSError, UnicodeDecodeError) as error:
        raise SpecError([Diagnostic("SPEC001", str(error), Span(name, 1, 1, 1))]) from error
    lines = [
        number for number, line in enumerate(text.splitlines(), 1) if re.match(r"\s*- id:", line)
    ]
    problems: list[Diagnostic] = []
    rules = []
    for index, entry in enumerate(content["rules"]):
        line = lines[index] if index < len(lines) else 1
        span = Span(name, line, 1, 1)
        wrong = list(_mistakes(entry))
        problems += (Diagnostic("SPEC003", one, span) for one in wrong)
        if not wrong:
            rules.append(_rule(entry, content["stage"], span))
    if problems:
        raise SpecError(problems)
    return tuple(rules)


def _mistakes(entry: Mapping[str, Any]) -> Iterator[str]:
    for name in entry:
        if name not in _FIELDS:
            yield f'a rule has no "{name}"'
    for name in _NEEDED:
        if not entry.get(name):
            yield f'the rule lacks "{name}"'
    if entry.get("severity") not in GRADES:
        yield f'"{entry.get("severity")}" is no severity of a rule: {", ".join(GRADES)}'


def _rule(entry: Mapping[str, Any], stage: str, span: Span) -> Rule:
    scope = Scope(
        stage,
        classes=_texts(entry.get("class")),
        datasets=_texts(entry.get("in")),
        besides=_texts(entry.get("not_in")),
        each=_texts(entry.get("each")),
        absent=_texts(entry.get("absent")),
    )
    return Rule(
        code=entry["id"],
        severity=cast("Grade", entry["severity"]),
        scope=scope,
        when=entry.get("when", ""),
        check=entry["check"],
        message=entry["message"],
        source=entry["source"],
        span=span,
        show=_texts(entry.get("show")),
        like=_texts(entry.get("like")),
        good=entry["good"],
        bad=entry["bad"],
    )


def _texts(value: str | list[str] | None) -> tuple[str, ...]:
    if value is None:
        return ()
    return (value,) if isinstance(value, str) else tuple(value)
