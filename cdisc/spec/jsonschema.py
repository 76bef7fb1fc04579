"""The form of the mapping files as JSON Schema, for editors and for other programs.

The schemas are made from the models, so that what an editor underlines is what the
loader refuses. They differ from the models in what YAML makes of a scalar: the loader
takes every scalar as the text that was typed, where an editor sees ``8`` as a number
and ``NO`` as a truth value. So wherever text may stand, those may stand as well.

Run ``python -m cdisc.spec.jsonschema`` to write them to ``specs/schema/``.
"""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from cdisc.resources import specs_root
from cdisc.spec.crf import CrfFile
from cdisc.spec.dataset import DatasetFile
from cdisc.spec.define import DefineFile
from cdisc.spec.study import ExplainedFile, StudyFile, TermsFile

DRAFT = "https://json-schema.org/draft/2020-12/schema"

_FILES: dict[str, tuple[type[BaseModel], str]] = {
    "study": (StudyFile, "mappings/*/study.yaml"),
    "library": (StudyFile, "library.yaml"),
    "terms": (TermsFile, "mappings/*/terms/*.yaml"),
    "explained": (ExplainedFile, "mappings/*/explained.yaml"),
    "crf": (CrfFile, "mappings/*/crf.yaml"),
    "define": (DefineFile, "mappings/*/define.yaml"),
    "dataset": (DatasetFile, "mappings/*/sdtm/*.yaml, mappings/*/adam/*.yaml"),
}

# What must stand in each file itself: of the rest, a library may say some and the study some.
_LAID: dict[str, list[str]] = {"library": [], "dataset": ["dataset"]}
# What a folder may say of all its forms.
_FORM, _OF_A_FOLDER = "RawFormBlock", "subject"


def schemas() -> dict[str, dict[str, Any]]:
    """Return the JSON Schema (draft 2020-12) of each kind of file.

    Returns:
        JSON-ready values by ``study``, ``library``, ``terms``, ``explained``,
        ``crf``, ``define`` and ``dataset``, in this order.
    """
    found = {}
    for name, (model, title) in _FILES.items():
        schema = model.model_json_schema(schema_generator=_AsWritten)
        found[name] = {"$schema": DRAFT, **schema, "title": title}
        if name in _LAID:
            found[name]["required"] = _LAID[name]
        if _FORM in schema.get("$defs", {}):
            schema["$defs"][_FORM]["required"].remove(_OF_A_FOLDER)
    return found


def text_of(schema: dict[str, Any]) -> str:
    """Return a schema as the text of its file."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def file_of(name: str) -> Path:
    """Return the file of ``specs/schema/`` that holds the schema of a kind of file."""
    return specs_root() / "schema" / f"{name}.schema.json"


def write() -> None:
    """Write every schema to its file."""
    for name, schema in schemas().items():
        path = file_of(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text(text_of(schema), encoding="utf-8", newline="\n")


class _AsWritten(GenerateJsonSchema):
    """Says what may be typed, where pydantic says what the loader hands over."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return {**super().str_schema(schema), "type": ["string", "number", "boolean"]}

    def literal_schema(self, schema: core_schema.LiteralSchema) -> JsonSchemaValue:
        """Let a choice that looks like a number be typed without quotes."""
        numbers = [float(one) for one in schema["expected"] if _is_number(one)]
        return {"enum": [*schema["expected"], *numbers]}

    def function_before_schema(
        self, schema: core_schema.BeforeValidatorFunctionSchema
    ) -> JsonSchemaValue:
        """Let the only item of a list stand without the list."""
        found = super().function_before_schema(schema)
        if found.get("type") != "array":
            return found
        return {"anyOf": [found["items"], found]}

    def dict_schema(self, schema: core_schema.DictSchema) -> JsonSchemaValue:
        """Refuse a key that is not of the form of a name."""
        found = super().dict_schema(schema)
        return {**found, "additionalProperties": False} if "patternProperties" in found else found

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        """Refuse a key without a value: what is not said is left out."""
        return self.generate_inner(schema["schema"])

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        found = super().default_schema(schema)
        return {key: part for key, part in found.items() if key != "default" or part is not None}

    def field_title_should_be_set(self, _schema: object) -> bool:
        """Leave out titles, which would only repeat the key."""
        return False


def _is_number(value: object) -> bool:
    return isinstance(value, str) and value.replace(".", "", 1).isdecimal()


if __name__ == "__main__":
    write()
