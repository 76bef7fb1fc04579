"""Write a simulated study block by block: raw files, the defects in them, and the truth.

Every file is open for one block at a time and nothing that grows with the number of
subjects is kept, so a study of a million subjects needs the memory of one block.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np

from cdisc.diagnostics import Diagnostic
from cdisc.errors import OutputError
from cdisc.simulate import defects, truth
from cdisc.simulate.course import Mode
from cdisc.simulate.files import Writer, write
from cdisc.simulate.model import Words, load
from cdisc.simulate.records import of_forms, of_truth
from cdisc.simulate.rendering import Records, Table, render, system_columns
from cdisc.simulate.study import Study, lives
from cdisc.simulate.summary import Summary

_MOST = 1_000_000


def _silent(_said: str) -> None:
    """Tell nobody."""


def simulate(
    out: Path,
    *,
    subjects: int = 70,
    seed: int = 7441291,
    mode: Mode = "random",
    tell: Callable[[str], None] = _silent,
) -> None:
    """Write the raw files of a synthetic study, and the truth behind them.

    The same arguments give the same bytes.

    Args:
        out: Folder; ``raw/edc``, ``raw/ext`` and ``truth`` appear inside it.
        subjects: How many subjects are randomized; screening failures come on top.
        seed: Master seed of all random streams, not negative.
        mode: Whether each treated subject responds by chance, or a fixed number of
            each arm does: the probability times the treated, rounded.
        tell: Is told how far the work is, in one short sentence per block.

    Raises:
        OutputError: SIM001, the number of subjects cannot be simulated; SIM002, a
            file cannot be written; SIM003, the seed is negative.

    Example:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     simulate(Path(folder), subjects=2)
        ...     sorted(path.name for path in Path(folder).iterdir())
        ['raw', 'truth']
    """
    wrong = []
    if not 1 <= subjects <= _MOST:
        fact = f"a study of {subjects} subjects cannot be simulated"
        wrong.append(Diagnostic("SIM001", fact, expected=f"a number from 1 to {_MOST}"))
    if seed < 0:
        wrong.append(Diagnostic("SIM003", f"{seed} is no seed", expected="0 or more"))
    if wrong:
        raise OutputError(wrong)
    writers: dict[str, Writer] = {}
    summary = Summary(load("endpoints"), load("forms")["words"]["arms"])
    for study in lives(subjects, seed, mode):
        done = study.block.first + study.block.subjects
        tell(f"simulation: subject {study.block.first + 1} to {done} of {subjects}")
        _write_block(study, out, writers, summary)
    write(out / load("endpoints")["summary"]["file"], summary.text(subjects, seed, mode).encode())


def _write_block(study: Study, out: Path, writers: dict[str, Writer], summary: Summary) -> None:
    log = defects.Log()
    forms, records = study.forms, of_forms(study)
    ids = _ids(study)
    for name, form in forms["forms"].items():
        if study.block.number and form.get("once"):
            continue
        writer = _writer(writers, out, form, forms["files"][form["as"]])
        made = _made(study, name, records[form["records"]], ids)
        writer.write(made.finish(log, form["file"], writer.rows))
    tables = of_truth(study, log)
    summary.add(tables["subjects"], tables["endpoints"])
    for name, form in forms["truth"].items():
        writer = _writer(writers, out, form, forms["files"]["coding"])
        writer.write(render(tables[name], form["columns"], {}))


def _writer(writers: dict[str, Writer], out: Path, form: Words, dialect: Words) -> Writer:
    return writers.setdefault(form["file"], Writer(out / form["file"], dialect))


def _ids(study: Study) -> Words:
    sites = study.model["sites"]["site"]
    return {
        "study": study.model["study"],
        "site": np.array(sites, dtype=object)[study.people.site],
        "label": truth.labels(study.people, sites),
    }


def _made(study: Study, name: str, source: Records, ids: Words) -> defects.Made:
    """One form of a block, rendered, with its defects."""
    form, plan = study.forms["forms"][name], study.dirt
    table: Table = {}
    if form["as"] == "edc":
        table |= system_columns(source, name, study.forms["system"], ids)
    table |= render(source, form["columns"], study.forms["codelists"])
    made = defects.Made(table)
    first = study.block.number == 0
    defects.note_known(made, plan, name, source, ids["label"], first=first)
    defects.inject(study.stream("dirt", name), plan, made, name, first=first)
    return made
