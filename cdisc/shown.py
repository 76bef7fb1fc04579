"""What a study derives, for those who check it: the SQL that runs, and R to program it again."""

from collections.abc import Iterable
from pathlib import Path

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.engine.statements import split, statements
from cdisc.errors import SpecError
from cdisc.pipeline import check
from cdisc.rlang import r_script


def sql_of(study: Path, dataset: str, raw: Path | None = None) -> str:
    """Return the SQL that makes a dataset, each column with its line of the spec.

    Args:
        study: Folder with ``study.yaml``.
        dataset: Dataset name.
        raw: Folder with the raw files; only a melt needs it, to tell fields from texts.

    Raises:
        SpecError: The mapping files are wrong, or have no such dataset.
    """
    program = check(study, raw)
    _require(dataset, program.datasets, "SPEC018", "the study has no dataset")
    ran = list(statements(program))
    stages = [one for one in ran if program.datasets[one.dataset].of == dataset]
    made = [one for one in ran if one.dataset == dataset]
    tables = " and ".join(f"{dataset}.{number}" for number in range(1, len(made) + 1))
    head = f"-- {dataset} is {tables}, side by side"
    macros = dict.fromkeys(
        one
        for statement in [*stages, *made]
        for prelude in statement.preludes
        for one in split(prelude)
    )
    parts = [
        head,
        *(f"{one.shown};" for one in [*stages, *made]),
        "-- the functions used above",
        *(f"{one};" for one in macros),
    ]
    return "\n\n".join(parts)


def r_of(study: Path, dataset: str, variable: str, raw: Path | None = None) -> str:
    """Return R code that derives a variable, for double programming by hand.

    Args:
        study: Folder with ``study.yaml``.
        dataset: Dataset name.
        variable: Variable, or supplemental qualifier, of the dataset.
        raw: Folder with the raw files; only a melt needs it, to tell fields from texts.

    Raises:
        SpecError: The mapping files are wrong, or have no such variable.
        OutputError: Something of the derivation has no rendering in R.
    """
    program = check(study, raw)
    _require(dataset, program.datasets, "SPEC018", "the study has no dataset")
    names = [name.removeprefix("supp:") for name in program.datasets[dataset].variables]
    _require(variable, names, "SPEC017", f"{dataset} has no variable")
    return r_script(program, dataset, variable)


def _require(name: str, names: Iterable[str], code: str, fact: str) -> None:
    known = sorted(names)
    if name not in known:
        help_ = did_you_mean(name, known)
        raise SpecError(
            [Diagnostic(code, f'{fact} "{name}"', expected=", ".join(known), help=help_)]
        )
