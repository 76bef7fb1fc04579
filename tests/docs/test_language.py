"""The reference of the language is true: its examples work, its tables are those of the code."""

import re
from pathlib import Path

import pytest
import yaml

from cdisc.diagnostics import Span
from cdisc.engine.resolve import resolve
from cdisc.functions import builtin_verbs
from cdisc.language.parser import parse
from cdisc.spec import DatasetFile, StudyFile, load_study
from cdisc.spec.dataset import (
    CodedBlock,
    EachBlock,
    EventBlock,
    MeltBlock,
    ParamBlock,
    RecordsBlock,
    RelateBlock,
    SuppBlock,
    VariableBlock,
)
from cdisc.spec.step import StepBlock, WrittenBlock
from cdisc.spec.study import (
    GradedTermBlock,
    GradingBlock,
    RawFormBlock,
    StandardsBlock,
    StudyBlock,
    TableBlock,
)

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "language.md"
TEXT = PAGE.read_text(encoding="utf-8")
EXAMPLES = [
    line.strip()
    for block in re.findall(r"^```cdisc\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
    for line in block.splitlines()
]
FILES = re.findall(r"^```yaml (\S+)\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE)
BLOCKS = {
    "study.yaml": StudyFile,
    "study:": StudyBlock,
    "standards:": StandardsBlock,
    "raw: a form": RawFormBlock,
    "tables: a table": TableBlock,
    "grades: a grading table": GradingBlock,
    "grades: a term": GradedTermBlock,
    "A data set": DatasetFile,
    "variables: a block": VariableBlock,
    "rows: a melt": MeltBlock,
    "rows: a block": EachBlock,
    "records: a block": RecordsBlock,
    "supp: a qualifier": SuppBlock,
    "relate: a relation": RelateBlock,
    "coded: a dictionary": CodedBlock,
    "events: and censors:": EventBlock,
    "params: a parameter": ParamBlock,
    "steps: a step": StepBlock,
    "writes: a block": WrittenBlock,
}
EFFECTS = {"cleans": "kept", "assigns": "Assigned", "derives": "Derived"}


def code(text):
    return f"`{text}`".replace("|", "\\|")


def table(head, rows):
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def verbs():
    """Return the steps and the functions, each in a table."""
    text = ""
    for form, title in (("step", "Steps"), ("call", "Functions")):
        rows = [
            [
                code(verb.usage().removeprefix("| ")),
                verb.summary,
                verb.missing,
                EFFECTS[verb.effect],
                code(verb.example),
                verb.source or "",
            ]
            for verb in builtin_verbs().values()
            if verb.form == form
        ]
        head = [title, "What it does", "Missing values", "Origin", "Example", "Standard"]
        text += f"{table(head, rows)}\n"
    return text


def keys():
    """Return the keys of each block of the files, each block in a table."""
    text = ""
    for title, model in BLOCKS.items():
        rows = [
            [
                code(field.alias or name),
                "yes" if field.is_required() else "",
                (field.description or "").replace("|", "\\|"),
            ]
            for name, field in model.model_fields.items()
        ]
        text += f"{table([f'**{title}**', 'Must be there', 'What it is'], rows)}\n"
    return text


def implied():
    """Return the variables that the standards imply."""
    found = yaml.load(
        (ROOT / "specs" / "language.yaml").read_text(encoding="utf-8"),
        Loader=yaml.BaseLoader,  # noqa: S506  texts only
    )
    names = {"sdtm": "SDTM", "adam": "ADaM", "supp": "SUPP--", "TIME-TO-EVENT": "Time to event"}
    names["relations"] = "RELREC"
    rows = [
        [names[where], ", ".join(code(name) for name in lines)]
        for where, lines in found["implied"].items()
    ]
    said = "Made where the standard lists the variable and the file does not write it:\n\n"
    return f"{said}{table(['Data sets', 'Variables'], rows)}"


def grammar():
    """Return the grammar as it is run."""
    text = (ROOT / "cdisc" / "language" / "grammar.lark").read_text(encoding="utf-8")
    return f"```lark\n{text}```\n"


def generated(text):
    """Return the page with every generated part as the code has it."""
    for name, part in (
        ("implied", implied()),
        ("verbs", verbs()),
        ("keys", keys()),
        ("grammar", grammar()),
    ):
        marked = re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)
        text, count = marked.subn(lambda found, part=part: found[1] + part + found[2], text)
        assert count == 1
    return text


def test_the_generated_parts_of_the_page_are_those_of_the_code(golden):
    golden(PAGE, generated(TEXT))


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_expression_of_the_page_parses(example):
    parse(example, lambda start, end: Span("docs/language.md", 1, start + 1, end + 1, example))


def test_the_files_of_the_page_make_a_study_without_a_mistake(tmp_path):
    more = {
        "sdtm/ds.yaml": "dataset: DS\nrows: each ds\nkeys: [USUBJID, DSSTDTC]\nvariables:\n"
        "  DSDECOD: ds.DECOD\n  DSSTDTC: ds.DAT | iso 'y-m-d'\n"
    }
    for name, text in [*FILES, *more.items()]:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    study = tmp_path / "study.yaml"
    names = ("vs", "mh", "ds", "cm", "qs")
    forms = "".join(f"  {name}: {{file: x.csv, subject: PATNO}}\n" for name in names)
    study.write_text(
        study.read_text(encoding="utf-8").replace("raw:\n", f"raw:\n{forms}"), encoding="utf-8"
    )

    assert {one.shown for one in resolve(load_study(tmp_path)).datasets.values()} == {
        "DM", "EX", "AE", "SUPPAE", "VS", "MH", "SUPPMH", "DS", "CM", "QS", "TV", "RELREC",
        "ADSL", "ADTTE", "ADVS", "ADQS",
    }  # fmt: skip


def test_every_link_inside_the_page_leads_somewhere():
    anchors = {
        re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")
        for title in re.findall(r"^#+ (.*)$", TEXT, re.MULTILINE)
    }

    assert set(re.findall(r"\]\(#([^)]+)\)", TEXT)) <= anchors
