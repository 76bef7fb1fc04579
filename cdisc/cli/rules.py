"""Commands about the conformance rules that CDISC publishes: import, list, test."""

import collections
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, FormatOption, study_folder

if TYPE_CHECKING:
    from cdisc.review.open_rules import Outcome
    from cdisc.review.rule_store import Data
    from cdisc.validate.open_rules.findings import Severities
    from cdisc.validate.open_rules.rule import Rule

app = typer.Typer(
    no_args_is_help=True,
    help="""The conformance rules that CDISC publishes: import them, list them, run their cases.

    Example: cdisc rules list rules
    """,
)

Folder = Annotated[
    Path | None, typer.Argument(help="Folder with rules; those that were imported by default")
]
OfStudy = Annotated[
    str | None, typer.Option("--study", help="Folder with study.yaml, or a study that is carried")
]


def stores(study: str | None) -> list[Path]:
    """Return the folders where imported rules may lie: that of the study, then that of the user."""
    own = [study_folder(study)] if study else []
    return [*own, Path(typer.get_app_dir("cdisc"))]


@app.command("import")
def import_(
    path: Annotated[
        Path, typer.Argument(help="Clone of the published rules, folder of rules, or zip archive")
    ],
    study: OfStudy = None,
    output: FormatOption = Format.TEXT,
) -> None:
    """Take over published rules, checked and pinned by their hash: all of them, or none.

    They lie in the folder of the study, where one is named, else in that of the user.

    Example: cdisc rules import cdisc-open-rules
    """
    with findings_as(output):
        from cdisc.review.rule_import import take_rules
        from cdisc.review.rule_store import write_store

        taken = take_rules(path)
        place = write_store(taken.store, stores(study)[0])
        if output is Format.JSON:
            told = {
                "file": place.as_posix(),
                "sha256": taken.store.sha256,
                "rules": len(taken.store.data),
                "hindered": taken.hindered,
                "left": taken.left,
            }
            typer.echo(json.dumps(told, indent=2))
            return
        for name, why in sorted(taken.hindered.items()):
            typer.echo(f"{name}  cannot be run: {why}")
        for status, number in taken.left.items():
            typer.echo(f"{number} left out: {status}")
        typer.echo(
            f"{taken.store.shown}; {len(taken.hindered)} that cannot be run; {place.as_posix()}"
        )


@app.command("list")
def list_(rules: Folder = None, study: OfStudy = None, output: FormatOption = Format.TEXT) -> None:
    """List rules: numbers, datasets, severity, message; and what hinders one that cannot be run.

    Example: cdisc rules list rules
    """
    with findings_as(output):
        from cdisc.review.published import own_rules
        from cdisc.review.rule_import import take_rules
        from cdisc.review.rule_store import read_store

        store = take_rules(rules).store if rules else read_store(stores(study))
        grades = own_rules(study_folder(study) if study else None).grades
        listed = [_listed(one, store.known, grades) for one in store.data]
        hindered = store.known[1]
        if output is Format.JSON:
            told = {"sha256": store.sha256, "rules": listed, "hindered": hindered}
            typer.echo(json.dumps(told, indent=2))
            return
        for one in listed:
            typer.echo(
                f"{one['id']}  {one['severity']}  {', '.join(one['numbers'])}  {one['datasets']}  "
                f"{one['message']}"
            )
        for name, reason in sorted(hindered.items()):
            typer.echo(f"{name}  cannot be run: {reason}")
        typer.echo(f"{store.shown}; {len(hindered)} that cannot be run")


def _listed(
    data: "Data",
    known: "tuple[Mapping[str, Rule], Mapping[str, str]]",
    grades: "Severities",
) -> dict[str, Any]:
    from cdisc.review.rule_store import identifier
    from cdisc.validate.open_rules.findings import datasets_of

    name = identifier(data)
    rule = known[0].get(name)
    return {
        "id": name,
        "type": str(data.get("Rule Type") or ""),
        "severity": grades.of(name, data),
        "numbers": list(rule.numbers) if rule else [],
        "datasets": datasets_of(rule) if rule else "",
        "message": " ".join(rule.message.split()) if rule else "",
        "runs": name not in known[1],
        "why": known[1].get(name, ""),
    }


@app.command("test")
def test_(
    rules: Annotated[
        Path, typer.Argument(help="Folder with the rules; their cases too, if no other is named")
    ],
    cases: Annotated[
        Path | None, typer.Argument(help="Folder with cases: RULE/positive|negative/NUMBER")
    ] = None,  # noqa: PT028  a command, no test
    output: FormatOption = Format.TEXT,  # noqa: PT028  a command, no test
) -> None:
    """Run the test cases of rules, and say which findings differ from those expected.

    Leaves with 4 where a case fails.

    Example: cdisc rules test rules cases
    """
    with findings_as(output):
        from cdisc.review.open_rules import run_cases
        from cdisc.review.rule_import import take_rules

        found, unknown = take_rules(rules).store.known
        outcomes = run_cases(cases or rules, found, unknown, known_only=cases is None)
        failed = [one for one in outcomes if not one.passed]
        if output is Format.JSON:
            typer.echo(json.dumps([_as_data(one) for one in outcomes], indent=2))
        else:
            for one in failed:
                typer.echo(_as_text(one))
            typer.echo(_table(outcomes))
        if failed:
            raise typer.Exit(4)


def _as_data(one: "Outcome") -> dict[str, object]:
    return {
        "rule": one.case.rule,
        "case": one.case.name,
        "passed": one.passed,
        "why": one.why,
        "extra": [vars(each) for each in one.extra],
        "missing": [vars(each) for each in one.missing],
    }


def _as_text(one: "Outcome") -> str:
    lines = [f"{one.case.rule} {one.case.name}: {one.why or 'the findings differ'}"]
    for word, values in (("found", one.extra), ("expected", one.missing)):
        for each in values[:3]:
            record = f" record {each.record}" if each.record else ""
            lines.append(f"    {word}: {each.dataset}{record} {each.variable} = {each.value!r}")
        if len(values) > 3:  # noqa: PLR2004  as many as are shown
            lines.append(f"    {word}: {len(values) - 3} more")
    return "\n".join(lines)


def _table(outcomes: "list[Outcome]") -> str:
    """Return how many cases pass, of all and by operator."""
    total: collections.Counter[str] = collections.Counter()
    passed: collections.Counter[str] = collections.Counter()
    for one in outcomes:
        for name in _constructs(one.rule):
            total[name] += 1
            passed[name] += one.passed
    width = max((len(name) for name in total), default=0)
    lines = [
        f"{name:{width}}  {passed[name]} of {count}"
        for name, count in sorted(total.items(), key=lambda each: (-each[1], each[0]))
    ]
    good = sum(one.passed for one in outcomes)
    share = f" ({good / len(outcomes):.1%})" if outcomes else ""
    return "\n".join([*lines, f"{good} of {len(outcomes)} cases pass{share}"])


def _constructs(rule: "Rule | None") -> list[str]:
    if rule is None:
        return []
    names = {one.operator for one in rule.tests()} | {one.operator for one in rule.operations}
    return sorted(names)
