"""The page about editors is true: its schema lines work, its table names the warnings there are."""

import json
import re
from pathlib import Path

import yaml
from jsonschema import Draft202012Validator

from cdisc.diagnostics import catalogue
from cdisc.resources import mappings_root, specs_root
from cdisc.tools.formatting import formatted

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "editor.md").read_text(encoding="utf-8")
(EXAMPLE,) = re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
(SETTINGS,) = re.findall(r"^```json\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)


def validator(file):
    return Draft202012Validator(json.loads(file.read_text(encoding="utf-8")))


def test_the_first_line_names_a_schema_from_where_dataset_files_lie():
    (place,) = re.findall(r"\$schema=(\S+)", EXAMPLE)
    schema = (mappings_root() / "ABC01" / "sdtm" / place).resolve()

    assert schema == (specs_root() / "schema" / "dataset.schema.json").resolve()
    assert list(validator(schema).iter_errors(yaml.safe_load(EXAMPLE))) == []


def test_a_typo_is_underlined():
    check = validator(specs_root() / "schema" / "dataset.schema.json")
    for right, wrong in (("rows:", "row:"), ("AETERM:", "aeterm:"), ("each ae", "{eech: ae}")):
        assert list(check.iter_errors(yaml.safe_load(EXAMPLE.replace(right, wrong))))


def test_the_settings_cover_every_file_that_is_carried():
    schemas = json.loads(SETTINGS)["yaml.schemas"]
    globs = [
        one for found in schemas.values() for one in ([found] if isinstance(found, str) else found)
    ]
    carried = set(mappings_root().rglob("*.yaml"))

    assert all((ROOT / name).is_file() for name in schemas)
    assert carried == {path for one in globs for path in ROOT.glob(one)}


def test_the_first_line_stays_when_a_file_is_formatted():
    text = formatted(EXAMPLE, "dataset", file="ae.yaml")

    assert text.splitlines()[0] == EXAMPLE.splitlines()[0]


def test_the_table_of_warnings_names_those_that_a_check_gives():
    named = set(re.findall(r"SPEC0[78]\d", PAGE.partition("## What is proved")[2]))

    assert named == {
        code
        for code, entry in catalogue().items()
        if code.startswith(("SPEC07", "SPEC08")) and entry.severity != "error"
    }
