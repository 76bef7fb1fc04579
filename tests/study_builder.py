"""A small study from YAML and CSV text: what tests of the language and of the engine build."""

import json
from pathlib import Path

from cdisc.dataset import RawStudy
from cdisc.engine.program import Program
from cdisc.engine.resolve import resolve
from cdisc.engine.run import Result, run
from cdisc.raw import RawFormSource, read_raw
from cdisc.spec import LoadedStudy, load_study

STUDY = """\
study: {id: S1, usubjid: "'S1-' + subject"}
standards: {sdtm: SDTMIG 3.4, adam: ADaMIG 1.3, ct: 2025-03-28}
raw:
"""


def read_delivery(loaded: LoadedStudy, folder: Path) -> RawStudy:
    """Read the raw files of a study as its study.yaml says."""
    sources = {
        name: RawFormSource(
            file=block.file,
            delimiter=block.delimiter,
            encoding=block.encoding,
            strip=block.strip,
            missing=block.missing,
        )
        for name, block in loaded.study.raw.items()
    }
    return read_raw(sources, folder)


def resolve_with(loaded: LoadedStudy, raw: RawStudy) -> Program:
    """Resolve a study whose raw data are at hand."""
    return resolve(loaded, {form.name: form.table.column_names for form in raw.forms})


def build(folder: Path) -> Result:
    """Build the study of a folder from its own ``raw/``."""
    loaded = load_study(folder)
    raw = read_delivery(loaded, folder / "raw")
    return run(resolve_with(loaded, raw), raw)


def write_study(
    folder: Path, datasets: dict[str, str], raw: dict[str, str], study: str = ""
) -> Path:
    """Write a study: dataset files by ``sdtm/ae`` path, CSV text by form, more of study.yaml.

    Each form is declared with the subject field SUBJ unless `study` declares raw: itself.
    """
    text = study if study.startswith("study:") else STUDY + _forms(raw) + study
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "study.yaml").write_text(text, encoding="utf-8")
    for path, content in datasets.items():
        place = folder / f"{path}.yaml"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(content, encoding="utf-8")
    (folder / "raw").mkdir(exist_ok=True)
    for name, content in raw.items():
        (folder / "raw" / f"{name}.csv").write_text(content, encoding="utf-8")
    return folder


def _forms(raw: dict[str, str]) -> str:
    return "".join(f"  {name}: {{file: {name}.csv, subject: SUBJ}}\n" for name in raw)


def evaluate(
    folder: Path,
    records: list[dict[str, str]],
    lines: dict[str, str | tuple[str, str]],
    study: str = "",
) -> dict[str, list[object]]:
    """Return the values of expressions for each record of a form ``f``, in file order.

    A line is the expression of a text, or a pair of type and expression. Records are
    those of subject 001 unless they say SUBJ.
    """
    result = build(evaluation(folder, records, lines, study))
    return {name: result.tables["AE"].column(name).to_pylist() for name in lines}


def evaluation(
    folder: Path,
    records: list[dict[str, str]],
    lines: dict[str, str | tuple[str, str]],
    study: str = "",
) -> Path:
    """Write the study of `evaluate`."""
    fields = list(dict.fromkeys(["SUBJ", "NO", *(name for one in records for name in one)]))
    numbered = [
        {"SUBJ": "001", "NO": f"{number:04}", **one} for number, one in enumerate(records, start=1)
    ]
    text = "\n".join(",".join(_cell(one.get(field, "")) for field in fields) for one in numbered)
    variables = []
    for name, line in lines.items():
        kind, expression = line if isinstance(line, tuple) else ("text", line)
        block = {"map": expression, "label": name, "type": kind}
        variables.append(f"  {name}: {json.dumps(block, ensure_ascii=False)}\n")
    dataset = "dataset: AE\nrows: each f\nkeys: [AESPID]\nvariables:\n  AESPID: f.NO\n"
    raw = {"f": f"{','.join(fields)}\n{text}\n" if numbered else f"{','.join(fields)}\n"}
    return write_study(folder, {"sdtm/ae": dataset + "".join(variables)}, raw, study)


def _cell(value: str) -> str:
    return '"' + value.replace('"', '""') + '"' if set(value) & set(',"\n') else value
