import pytest
import yaml
from jsonschema import Draft202012Validator

from cdisc.resources import mappings_root
from cdisc.spec.jsonschema import file_of, schemas, text_of

COMMAND = "python -m cdisc.spec.jsonschema"
SCHEMAS = schemas()
KINDS = {
    "study.yaml": "study",
    "explained.yaml": "explained",
    "crf.yaml": "crf",
    "define.yaml": "define",
    "terms": "terms",
    "sdtm": "dataset",
    "adam": "dataset",
}
MAPPINGS = sorted(mappings_root().rglob("*.yaml"))


class Editor(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
    """YAML as editors read it: numbers and truth values, but no dates."""


Editor.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in Editor.yaml_implicit_resolvers.items()
}


def mistakes(kind, text):
    value = yaml.load(text, Editor)  # noqa: S506  a safe loader
    found = Draft202012Validator(SCHEMAS[kind]).iter_errors(value)
    return sorted(".".join(str(part) for part in one.absolute_path) for one in found)


def kind_of(path):
    return KINDS.get(path.name) or KINDS[path.parent.name]


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_file_says_what_the_models_say(kind):
    written = file_of(kind).read_text(encoding="utf-8")

    assert written == text_of(SCHEMAS[kind]), f"out of date: run {COMMAND}"


def test_there_is_no_schema_file_without_a_model():
    files = {path.name for path in file_of("study").parent.iterdir()}

    reports = {"validation.schema.json"}  # what validation writes, not what a study does
    assert files - reports == {file_of(kind).name for kind in SCHEMAS}


@pytest.mark.parametrize("kind", SCHEMAS)
def test_a_schema_is_one_of_draft_2020_12(kind):
    assert SCHEMAS[kind]["$schema"] == Draft202012Validator.META_SCHEMA["$id"]
    Draft202012Validator.check_schema(SCHEMAS[kind])


@pytest.mark.parametrize(
    "path", MAPPINGS, ids=[path.relative_to(mappings_root()).as_posix() for path in MAPPINGS]
)
def test_a_mapping_that_is_carried_fits_its_schema(path):
    assert mistakes(kind_of(path), path.read_text(encoding="utf-8")) == []


def test_every_field_is_described():
    silent = [
        f"{kind}: {block['title']}.{name}"
        for kind, schema in SCHEMAS.items()
        for block in (schema, *schema.get("$defs", {}).values())
        for name, field in block.get("properties", {}).items()
        if "description" not in field and "$ref" not in field
    ]

    assert silent == []


SMALLEST = "dataset: AE\nrows: each ae\nkeys: [USUBJID]\n"


def test_the_smallest_dataset_fits():
    assert mistakes("dataset", SMALLEST) == []


@pytest.mark.parametrize(
    "line",
    [
        "variables: {AESEQ: 1}",
        "variables: {AESER: NO}",
        "variables: {AETERM: {map: ae.AETERM, length: 200}}",
        "keys: USUBJID",
        "rows: [each ae, {melt: vs, tests: {columns: [result, low], TEMP: [TEMP, 36.5]}}]",
        "rows: {melt: vs, tests: {columns: [result], TEMP: [TEMP]}}",
        "copy: {ADSL: [SEX, 'NO']}",
        "events: {DEATH: {date: ADSL.DTHDT, says: DEATH, cnsr: 2}}",
    ],
)
def test_what_the_loader_takes_as_text_may_look_like_something_else(line):
    assert mistakes("dataset", SMALLEST + line) == []


def test_a_version_may_be_typed_without_quotes():
    study = "study: {id: 1001, usubjid: subject}\nraw: {}\n"

    assert mistakes("study", study + "standards: {sdtm: SDTMIG 3.4, ct: x, define: 2.1}") == []
    assert mistakes("study", study + "standards: {sdtm: SDTMIG 3.4, ct: x, define: '2.1'}") == []
    assert mistakes("study", study + "standards: {sdtm: SDTMIG 3.4, ct: x, define: 2.2}") == [
        "standards.define"
    ]


def test_what_is_laid_over_a_library_need_not_be_whole():
    assert mistakes("dataset", "dataset: AE\nvariables: {AETERM: ae.TERM}\n") == []
    assert mistakes("library", "let: {dosed: EX.EXDOSE > 0}\n") == []
    assert mistakes("library", "lets: {dosed: EX.EXDOSE > 0}\n") == [""]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("rows: each ae\nkeys: USUBJID\n", [""]),
        (SMALLEST + "variable: {}", [""]),
        (SMALLEST + "label:", ["label"]),
        (SMALLEST + "label: [AE]", ["label"]),
        (SMALLEST + "keys: []", ["keys"]),
        (SMALLEST.replace("AE", "adverse"), ["dataset"]),
        (SMALLEST + "variables: {AETERM: [ae.AETERM]}", ["variables.AETERM"]),
        (SMALLEST + "variables: {AETERM: {map: a, lenght: 8}}", ["variables.AETERM"]),
        (SMALLEST + "variables: {AETERM: {map: a, type: string}}", ["variables.AETERM"]),
        (SMALLEST + "supp: {AEX: {map: ae.X}}", ["supp.AEX"]),
    ],
)
def test_what_the_loader_refuses_does_not_fit(text, where):
    assert mistakes("dataset", text) == where
