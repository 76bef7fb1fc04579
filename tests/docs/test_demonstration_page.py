"""The page of the demonstration study: its commands run, and it shows what the package holds."""

import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from tests.oracle.comparison import read_transport

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "demonstration.md"
GIVEN = yaml.safe_load((Path(__file__).parent / "demonstration.yaml").read_text(encoding="utf-8"))
EXCERPT = re.compile(r"(<!-- excerpt: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
COMMAND = re.compile(r"(```sh\n([^`]*)```\n\n```text\n)[^`]*(```\n)")
DAYS = (183, 365)


def table(head, rows, numbers=()):
    """A table of the page; columns of numbers are set to the right."""
    lines = [head, ["--:" if name in numbers else "---" for name in head], *rows]
    return "".join(f"| {' | '.join(map(str, line))} |\n" for line in lines)


def cell(value):
    if isinstance(value, float):
        return "" if np.isnan(value) else f"{value:g}"
    return str(value).replace("|", "\\|")


class Shown:
    """What the page shows of the package."""

    def __init__(self, study):
        self.study = study
        self.datasets = {}

    def dataset(self, name):
        if name not in self.datasets:
            self.datasets[name] = read_transport(self.study.transports()[name])
        return self.datasets[name]

    def excerpt(self, name):
        made = getattr(self, f"of_{name}", None)
        return made() if made else self.records(**GIVEN["excerpts"][name])

    def records(self, dataset, where, show):
        """Records of one subject, as a table named by the dataset."""
        data = self.dataset(dataset)
        data = data[data["USUBJID"] == GIVEN["subject"]]
        for variable, values in where.items():
            data = data[data[variable].isin(values)]
        assert len(data) > 0
        return table(show, [[cell(value) for value in row] for row in data[show].to_numpy(object)])

    def of_datasets(self):
        rows = [
            [one.name, one.label, f"{one.records:,}", "" if one.subjects is None else one.subjects]
            for one in self.study.report.datasets
        ]
        head = ["Dataset", "Label", "Records", "Subjects"]
        return table(head, rows, head[2:])

    def of_defects(self):
        found = self.planted()
        assert set(found) == set(GIVEN["defects"])
        rows = [
            [kind, one["is"], f"{found[kind]:,}", one["then"]]
            for kind, one in GIVEN["defects"].items()
        ]
        return table(["Kind", "What it is", "Values", "What becomes of it"], rows, ["Values"])

    def planted(self):
        dirt = pd.read_csv(self.study.truth / "truth_dirt.csv", dtype=str, keep_default_na=False)
        return dirt["DEFECT"].value_counts().to_dict()

    def of_findings(self):
        rows = [
            [one.severity, f"{one.dataset}.{one.variable}" if one.variable else one.dataset,
             one.fact.replace("|", "\\|"), one.explained]
            for one in self.study.report.findings
            if one.severity != "note"
        ]  # fmt: skip
        return table(["Severity", "Where", "Finding", "Why it stays"], rows)

    def of_curve(self):
        adtte, rows = self.dataset("adtte"), []
        for name in ("DFS", "OS", "GRFS"):
            for arm, one in adtte[adtte["PARAMCD"] == name].groupby("TRT01P"):
                free = [f"{product_limit(one, day):.3f}" for day in DAYS]
                rows.append([name, arm, len(one), int((one["CNSR"] == 0).sum()), *free])
        head = ["Time", "Arm", "Subjects", "Events", *(f"Free at day {day}" for day in DAYS)]
        return table(head, rows, head[2:])


def product_limit(times, day):
    """The share without event at a day: those at risk are all whose time is not shorter."""
    events = times[(times["CNSR"] == 0) & (times["AVAL"] <= day)]
    steps = [
        1 - (events["AVAL"] == at).sum() / (times["AVAL"] >= at).sum()
        for at in sorted(events["AVAL"].unique())
    ]
    return float(np.prod(steps))


@pytest.fixture(scope="module")
def shown(whole_study):
    return Shown(whole_study)


@pytest.fixture(scope="module")
def home(whole_study, tmp_path_factory):
    """A folder as it is after `cdisc demo`, in which the commands of the page run."""
    folder = tmp_path_factory.mktemp("page")
    (folder / "build").mkdir()
    (folder / "build" / "demo").symlink_to(whole_study.package)
    (folder / "build" / "demo-simulated").symlink_to(whole_study.simulated)
    (folder / "mappings").symlink_to(ROOT / "mappings")
    command = folder / "cdisc"
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{ROOT / "convert.py"}" "$@"\n')
    command.chmod(0o755)
    return folder


def printed(home, commands):
    run = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", commands],
        cwd=home,
        env={"PATH": f"{home}:/usr/bin:/bin", "LC_ALL": "C.UTF-8", "COLUMNS": "400"},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )
    assert (run.returncode, run.stderr) == (0, "")
    return run.stdout


def test_the_page_shows_what_commands_print_and_what_the_package_holds(shown, home, golden):
    page = PAGE.read_text(encoding="utf-8")
    page = EXCERPT.sub(lambda one: f"{one[1]}\n{shown.excerpt(one[2])}\n{one[3]}", page)
    page = COMMAND.sub(lambda one: f"{one[1]}{printed(home, one[2])}{one[3]}", page)

    golden(PAGE, page)


def test_the_first_command_makes_what_the_page_is_about(shown):
    (command,) = re.findall(r"^cdisc demo .*$", PAGE.read_text(encoding="utf-8"), re.MULTILINE)
    made = json.loads((shown.study.package / "manifest.json").read_text(encoding="utf-8"))

    assert command == "cdisc demo --out build/demo"  # 70 subjects and the seed, by default
    assert made["settings"]["created"] == "2026-01-01T00:00:00"


def test_the_curve_is_that_of_the_truth(shown):
    truth = json.loads((shown.study.truth / "truth_summary.json").read_text(encoding="utf-8"))
    adtte, arms = shown.dataset("adtte"), {"CART": "CD19 CAR-T", "CHEMODLI": "Chemotherapy + DLI"}
    for code, arm in arms.items():
        for name in ("OS", "DFS", "GRFS"):
            times = adtte[(adtte["PARAMCD"] == name) & (adtte["TRT01P"] == arm)]
            known = truth["arms"][code]["endpoints"][name]
            assert len(times) == known["n"]
            assert (times["CNSR"] == 0).sum() == known["events"]
            for day in DAYS:
                assert product_limit(times, day) == pytest.approx(
                    known[f"day_{day}"]["free_of_all"], abs=1e-9
                )


def test_the_form_leads_to_the_curve_and_the_curve_to_the_form(shown):
    """Each source number names one record: ADTTE, ADRS, RS, and the date on the form."""
    who = GIVEN["subject"]
    time = one(shown.dataset("adtte"), USUBJID=who, PARAMCD="DFS")
    assert (time.SRCDOM, time.SRCVAR) == ("ADRS", "ADT")
    fact = one(shown.dataset("adrs"), USUBJID=who, ASEQ=time.SRCSEQ)
    assert (fact.PARAMCD, fact.ADT, fact.SRCDOM, fact.SRCVAR) == (
        "RLPSANY", time.ADT, "RS", "RSDTC",
    )  # fmt: skip
    record = one(shown.dataset("rs"), USUBJID=who, RSSEQ=fact.SRCSEQ)
    assert (record.RSTESTCD, record.RSSTRESC, record.RSDTC) == ("DRCRIND", "Y", fact.ADT)
    form = pd.read_csv(shown.study.raw / "edc" / "RESP.csv", dtype=str, encoding="utf-8-sig")
    assert form[form["SUBJ"] == "02-1006"]["RLPDAT"].dropna().tolist() == ["04-APR-2027"]


def one(data, **values):
    for name, value in values.items():
        data = data[data[name] == value]
    assert len(data) == 1
    return data.iloc[0]
