"""The functions of ``specs/formulas.yaml``: written in the mapping language itself."""

from collections.abc import Iterator
from functools import partial

import yaml

from cdisc.diagnostics import Span
from cdisc.language import tree as t
from cdisc.language.formula import formula, formula_head
from cdisc.language.parser import parse
from cdisc.language.verb import Verb
from cdisc.resources import specs_root

_LOADER = getattr(yaml, "CBaseLoader", yaml.BaseLoader)  # the same values, only sooner
_FILE = "specs/formulas.yaml"


def formulas() -> Iterator[Verb]:
    """Yield the functions that every study has, in the order of the file."""
    text = specs_root().joinpath("formulas.yaml").read_text(encoding="utf-8")
    for key, one in yaml.load(text, Loader=_LOADER).items():  # noqa: S506  makes text only
        head = formula_head(key)
        assert head is not None, key

        yield formula(
            head,
            partial(_body, key, one["means"]),
            says=one.get("says"),
            summary=one["summary"],
            missing=one["missing"],
            source=one.get("source"),
            example=one["example"],
        )


def _body(key: str, text: str) -> t.Node:
    """Return what a function means; most studies use few, so it is read when it is used."""

    def locate(start: int, end: int) -> Span:
        return Span(_FILE, 1, start + 1, end + 1, key)

    return parse(text, locate).tree
