"""`cdisc validate --rules open` on packages with a large LB: processor seconds and peak memory.

    python benchmarks/open_rules.py RULES
    python benchmarks/open_rules.py RULES --rows 10000 --core ../core/core.py --json

RULES is a clone of the published rules, or a folder of them. Each size is a package of DM, SV and
LB (34 variables), as benchmarks/validate.py writes it, judged by the command in a process of its
own: what is counted is the whole command, with its start, both cores together. With --core the
CDISC rules engine judges the same package with the same rules, in one process, and it is said
whether both find the same: rule, dataset and record. Without it, ours is told alone.
"""

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from validate import write_package

SIZES = (10_000, 100_000, 500_000)
ROOT = Path(__file__).parents[1]
STANDARD, VERSION, TERMS = "sdtmig", "3.4", "sdtmct-2025-03-28"


def main() -> None:
    """Import the rules, write the packages, judge them, print what it cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("rules", type=Path)
    parser.add_argument("--rows", type=int, action="append", help="may be given several times")
    parser.add_argument("--package", type=Path, help="a package to judge too")
    parser.add_argument("--core", type=Path, help="core.py of the CDISC rules engine")
    parser.add_argument("--core-python", default="python3", help="the Python that runs it")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        home = Path(made)
        ours(["rules", "import", str(asked.rules.resolve())], home)
        packages = {f"{rows:,} records of LB": written(home, rows) for rows in asked.rows or SIZES}
        if asked.package:
            packages[asked.package.name] = asked.package.resolve()
        told = [judged(name, folder, home, asked) for name, folder in packages.items()]
    if asked.json:
        print(json.dumps(told, indent=1))
        return
    for one in told:
        print("\n".join(f"{name:16} {value}" for name, value in one.items()), end="\n\n")
    if asked.core is None:
        print("the CDISC rules engine was not named with --core: ours alone")


def written(home: Path, rows: int) -> Path:
    """Return a package that another process has written, so that its memory is not ours."""
    folder = home / f"lb{rows}"
    folder.mkdir()
    maker = multiprocessing.get_context("spawn").Process(target=write_package, args=(folder, rows))
    maker.start()
    maker.join()
    if maker.exitcode:
        raise SystemExit(maker.exitcode)
    return folder


def judged(name: str, folder: Path, home: Path, asked: argparse.Namespace) -> dict[str, Any]:
    """Return what judging a package cost, and how many findings there are."""
    report = home / "report.json"
    command = ["validate", str(folder), "--rules", "open", "--fail-on", "never"]
    cost = ours([*command, "--json", str(report)], home)
    content = json.loads(report.read_text("utf-8"))
    (said,) = [one for one in content["published"] if one["standard"].startswith("SDTMIG")]
    found = {
        (one["code"], one["dataset"]): one["records"]
        for one in content["findings"]
        if one["engine"] == "open"
    }
    told = {
        "package": name, "rules": said["rules"], "ran": said["ran"], "findings": len(found),
        **cost,
    }  # fmt: skip
    if asked.core is not None:
        told |= official(folder, home, asked, found)
    return told


def ours(arguments: Sequence[str], home: Path) -> dict[str, float]:
    """Run our command, and return what it cost."""
    return run([sys.executable, str(ROOT / "convert.py"), *arguments], ROOT, home)


def official(
    folder: Path, home: Path, asked: argparse.Namespace, found: dict[tuple[str, str], int]
) -> dict[str, Any]:
    """Run the CDISC rules engine, and return what it cost and where it differs."""
    core, report = asked.core.resolve(), home / "core"
    command = [asked.core_python, str(core), "validate", "-s", STANDARD]
    command += ["-v", VERSION.replace(".", "-"), "-d", str(folder), "-ct", TERMS]
    command += ["-of", "JSON", "-o", str(report), "-ps", "1", "-p", "disabled"]
    cost = run(command, core.parent, home)
    content = json.loads(report.with_suffix(".json").read_text("utf-8"))
    details = content.get("Issue_Details") or []
    theirs: dict[tuple[str, str], set[int]] = {}
    for one in details:
        key = (str(one["core_id"]), Path(str(one["dataset"])).stem.upper())
        rows = theirs.setdefault(key, set())
        if str(one.get("row", "")).isdigit():
            rows.add(int(one["row"]))
    same = sum(key in theirs and len(theirs[key]) == number for key, number in found.items())
    return {
        **{f"core_{name}": value for name, value in cost.items()},
        "core_findings": len(theirs),
        "same": same,
        "only_ours": sorted(" ".join(one) for one in set(found) - set(theirs)),
        "only_core": sorted(" ".join(one) for one in set(theirs) - set(found)),
    }


def run(command: Sequence[str], folder: Path, home: Path) -> dict[str, float]:
    """Run a command to its end, and return seconds, processor seconds and peak memory."""
    begun = time.perf_counter()
    where = os.environ | {"XDG_CONFIG_HOME": str(home)}
    process = subprocess.Popen(command, cwd=folder, env=where, stdout=subprocess.DEVNULL)
    _pid, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} left with {process.returncode}")
    return {
        "seconds": round(time.perf_counter() - begun, 2),
        "cpu_seconds": round(used.ru_utime + used.ru_stime, 2),
        "peak_mb": round(used.ru_maxrss / 1024),
    }


if __name__ == "__main__":
    main()
