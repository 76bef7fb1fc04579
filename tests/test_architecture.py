import ast
import re
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
MODULES = sorted([*(ROOT / "cdisc").rglob("*.py"), *(ROOT / "define_xml").rglob("*.py")])
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)  # the same values, only sooner
MOST_LINES = 400
EMPTY_NAMES = {"utils", "util", "helpers", "helper", "common", "core", "manager", "service", "misc"}

# What code may name although a standard names it too, and why.
ALLOWED = {
    "STUDYID": "structure: every dataset has it, before any domain is known",
    "DOMAIN": "structure: as above",
    "USUBJID": "structure: as above",
    "QNAM": "structure of SUPP--: a record holds the name of a variable",
    "QLABEL": "structure of SUPP--",
    "QVAL": "structure of SUPP--",
    "QORIG": "structure of SUPP--",
    "QEVAL": "structure of SUPP--",
    "IDVAR": "structure of SUPP--, RELREC and CO: how a record points at another",
    "IDVARVAL": "structure of SUPP--, RELREC and CO",
    "RDOMAIN": "structure of SUPP--, RELREC and CO",
    "RELID": "structure of RELREC",
    "RELTYPE": "structure of RELREC",
    "SUPPQUAL": "structure: the template of SUPP--",
    "RELREC": "structure: the one dataset that the language writes by itself",
    "SDTM": "name of the standard",
    "SDTMIG": "name of the standard",
    "LEVEL": "a word of Define-XML: SUBJECT LEVEL ANALYSIS DATASET",
    "SET": "a word of SQL",
    "SS": "seconds in the form of a time",
}
# Text for people: an example or an explanation names what it likes.
SPOKEN = {"example", "examples", "description", "summary", "source"}


def name_of(module):
    return module.relative_to(ROOT).as_posix()


each_module = pytest.mark.parametrize("module", MODULES, ids=name_of)


@cache
def tree_of(module: Path) -> ast.Module:
    return ast.parse(module.read_text(encoding="utf-8"))


def silent(tree: ast.Module) -> set[ast.AST]:
    """Docstrings, and the arguments that hold text for people."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            found.add(node.value)
        if isinstance(node, ast.keyword) and node.arg in SPOKEN:
            found.update(ast.walk(node.value))
    return found


def texts_of(module: Path) -> Iterator[tuple[int, str]]:
    tree = tree_of(module)
    unheard = silent(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in unheard:
            yield node.lineno, node.value


@cache
def names_of_the_standards() -> tuple[frozenset[str], frozenset[str]]:
    """Every variable and every dataset that a file of specs/sdtm or specs/adam names."""
    variables, datasets = set(), set()
    for folder in ("sdtm", "adam"):
        for file in (ROOT / "specs" / folder).rglob("*.yaml"):
            entry = yaml.load(file.read_text(encoding="utf-8"), LOADER)  # noqa: S506  a safe loader
            parts = [entry, *entry.get("sections", ())]
            lines = [line for part in parts for line in part.get("variables", "").splitlines()]
            if lines:
                datasets.add(entry["name"])
                variables |= {line.split("|")[0].strip() for line in lines}
    return frozenset(variables), frozenset(datasets)


def test_the_standards_name_what_we_look_for():
    variables, datasets = names_of_the_standards()

    assert {"AETERM", "RFSTDTC", "LBSTRESN", "AVAL", "TRTSDT"} <= variables
    assert {"AE", "DM", "ADSL"} <= datasets


@each_module
def test_code_names_no_variable_and_no_dataset(module):
    variables, datasets = names_of_the_standards()
    named = [
        f"line {line}: {word}"
        for line, text in texts_of(module)
        for word in re.findall(r"(?<![A-Za-z0-9-])[A-Z][A-Z0-9]+", text)
        if word not in ALLOWED and (word in variables or (word in datasets and word == text))
    ]

    assert named == [], "names of data live in mappings/ and specs/"


@each_module
def test_a_module_opens_with_its_idea(module):
    assert ast.get_docstring(tree_of(module))


@each_module
def test_a_module_is_short(module):
    lines = module.read_text(encoding="utf-8").count("\n")

    assert lines <= MOST_LINES


@each_module
def test_a_module_has_a_name_that_says_something(module):
    assert not {module.stem, module.parent.name} & EMPTY_NAMES


@each_module
def test_only_the_command_line_catches_everything(module):
    caught = [
        node.lineno
        for node in ast.walk(tree_of(module))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]

    # the command line, for what we did wrong; a step, for what the code of a study does
    may = {"cdisc/cli/application.py", "cdisc/engine/step_python.py"}
    assert caught == [] or name_of(module) in may


@each_module
def test_an_exception_from_a_rule_has_a_code_and_a_reason(module):
    bare = [
        number
        for number, line in enumerate(module.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(r"#\s*(noqa|type:\s*ignore)", line)
        and not re.search(
            r"# (noqa: [A-Z]+\d+(, [A-Z]+\d+)*|type: ignore\[[a-z-, ]+\])\s+(- |# )?\w", line
        )
    ]

    assert bare == [], "write  # noqa: CODE  reason"


# The catalogue of diagnostics


@cache
def catalogue() -> dict[str, dict[str, str]]:
    return yaml.safe_load((ROOT / "specs" / "diagnostics.yaml").read_text(encoding="utf-8"))


@cache
def codes_in_use() -> dict[str, str]:
    """Every code that code or a rule gives, and one place where it does."""
    families = "|".join(sorted({code[:-3] for code in catalogue()}))
    pattern = re.compile(rf"\b(?:{families})\d{{3}}\b")
    used = {
        code: f"{name_of(module)}:{line}"
        for module in MODULES
        for line, text in texts_of(module)
        for code in pattern.findall(text)
    }
    for file in sorted((ROOT / "specs").glob("rules/*.yaml")):
        used |= dict.fromkeys(pattern.findall(file.read_text(encoding="utf-8")), file.name)
    return used


def test_every_code_in_use_is_in_the_catalogue():
    unknown = {code: place for code, place in codes_in_use().items() if code not in catalogue()}

    assert unknown == {}


def test_every_code_of_the_catalogue_is_in_use():
    assert sorted(set(catalogue()) - set(codes_in_use())) == []


def test_a_code_is_given_once():
    text = (ROOT / "specs" / "diagnostics.yaml").read_text(encoding="utf-8")
    codes = re.findall(r"^(\S+):", text, re.MULTILINE)

    assert sorted(codes) == sorted(set(codes))


def test_every_entry_of_the_catalogue_is_whole():
    wrong = [
        code
        for code, entry in catalogue().items()
        if set(entry) - {"source"} != {"severity", "title", "why", "mend"}
        or entry["severity"] not in {"error", "warning", "note"}
        or entry["title"].endswith(".")
        or not entry["why"].endswith(".")
        or not entry["mend"].endswith(".")
    ]

    assert wrong == []


# The layers


def test_every_package_stands_in_a_layer():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    layers = " ".join(contracts["importlinter"]["contracts"][0]["layers"])
    layered = set(re.findall(r"cdisc\.(\w+)", layers))
    present = {
        path.stem
        for path in (ROOT / "cdisc").iterdir()
        if path.suffix == ".py" or (path / "__init__.py").is_file()
    }

    assert present - layered == {"__init__"}
