"""Commands about the conformance rules that CDISC publishes: list, test."""

import collections
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cdisc.cli.findings import findings_as
from cdisc.cli.options import Format, FormatOption

if TYPE_CHECKING:
    from cdisc.review.open_rules import Outcome
    from cdisc.validate.open_rules.rule import Rule

app = typer.Typer(
    no_args_is_help=True,
    help="""The conformance rules that CDISC publishes: list them, run their test cases.

    Example: cdisc rules list rules
    """,
)

Folder = Annotated[Path, typer.Argument(help="Folder with the rules, one YAML file each")]


@app.command("list")
def list_(rules: Folder, output: FormatOption = Format.TEXT) -> None:
    """List rules, and for each that cannot be run what hinders it.

    Example: cdisc rules list rules
    """
    with findings_as(output):
        from cdisc.review.open_rules import hindered, read_rules

        found, unknown = read_rules(rules)
        why = {**unknown, **hindered(found.values())}
        if output is Format.JSON:
            listed = [
                {"id": one.id, "type": one.type, "numbers": one.numbers, "message": one.message}
                for one in found.values()
            ]
            typer.echo(json.dumps({"rules": listed, "hindered": why}, indent=2))
            return
        for one in found.values():
            typer.echo(f"{one.id}  {one.type}: {' '.join(one.message.split())}")
        for name, reason in sorted(why.items()):
            typer.echo(f"{name}  cannot be run: {reason}")
        typer.echo(f"{len(found)} rules, {len(why)} that cannot be run")


@app.command("test")
def test_(
    rules: Folder,
    cases: Annotated[Path, typer.Argument(help="Folder with cases: RULE/positive|negative/NUMBER")],
    output: FormatOption = Format.TEXT,  # noqa: PT028  a command, no test
) -> None:
    """Run the test cases of rules, and say which findings differ from those expected.

    Leaves with 4 where a case fails.

    Example: cdisc rules test rules cases
    """
    with findings_as(output):
        from cdisc.review.open_rules import read_rules, run_cases

        found, unknown = read_rules(rules)
        outcomes = run_cases(cases, found, unknown)
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
