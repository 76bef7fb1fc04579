"""The engine gives what the reference of the language says, whatever is written.

Random expressions of every type are built by the engine and worked out by the plain
interpreter of `tests.interpreter`; every value must be the same.
"""

import json
import math
import random
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.interpreter import sentences as s
from tests.interpreter.study import Dataset, Study, parsed
from tests.study_builder import build, write_study

PLAIN = ("EPOCH", "VISITNUM", "AESPID")
TABLE = {
    name: {
        "columns": list(columns),
        "rows": [list(row) for row in zip(*columns.values(), strict=True)],
    }
    for name, columns in s.TABLES.items()
}
STUDY = f"tables: {json.dumps(TABLE)}\n"
KNOWN = {*s.EX, *s.DM, *s.SV, "AESPID", "EXSPID"} - {*PLAIN}
ANALYSED = {name: (kind, f"AE.{name}") for name, (kind, _line) in s.OWN.items()}


def block(name, kind, line):
    if name in KNOWN or (name in PLAIN and not line.startswith("AE.")):
        return f"  {name}: {json.dumps(line, ensure_ascii=False)}\n"
    made = {"map": line, "type": kind, "label": name}
    return f"  {name}: {json.dumps(made, ensure_ascii=False)}\n"


def file(name, source, keys, lines, head=""):
    text = f"dataset: {name}\n{head}rows: each {source}\nkeys: {json.dumps(keys)}\nvariables:\n"
    return text + "".join(block(one, kind, line) for one, (kind, line) in lines.items())


def csv(form, rows):
    fields = ["SUBJ", "NO", "V", *s.FORMS[form]]
    lines = [fields, *([row[field] for field in fields] for row in rows)]
    return "\n".join(",".join('"' + one.replace('"', '""') + '"' for one in line) for line in lines)


def datasets(ae, adae):
    """Return every dataset of the study: its source, keys and lines."""
    key = {"AESPID": ("text", "f.NO")}
    analysed = {"AESPID": ("text", "AE.AESPID"), **ANALYSED}
    return {
        "DM": ("d", ["USUBJID"], s.DM),
        "EX": ("x", ["USUBJID", "EXSPID"], {"EXSPID": ("text", "x.NO"), **s.EX}),
        "SV": ("v", ["USUBJID", "VISITNUM"], {"VISITNUM": ("number", "v.V | num"), **s.SV}),
        "AE": ("f", ["USUBJID", "AESPID"], {**key, **s.OWN, **ae}),
        "ADAE": ("AE", ["USUBJID", "AESPID"], {**analysed, **adae}),
    }


def engine(rows, parts):
    files = {}
    for name, (source, keys, lines) in parts.items():
        adam = name.startswith("AD")
        head = "label: Analysis\nclass: ADVERSE EVENT\n" if adam else ""
        folder = "adam" if adam else "sdtm"
        files[f"{folder}/{name.lower()}"] = file(name, source, keys, lines, head)
    with tempfile.TemporaryDirectory() as folder:
        raw = {form: csv(form, found) for form, found in rows.items()}
        return build(write_study(Path(folder), files, raw, STUDY))


def interpreter(rows, parts):
    tables = {
        name: {
            column: dict(zip(next(iter(columns.values())), values, strict=True))
            for column, values in columns.items()
        }
        for name, columns in s.TABLES.items()
    }
    made = [
        Dataset(
            name,
            source,
            tuple(keys),
            {one: parsed(line) for one, (_kind, line) in lines.items()},
            {one: kind for one, (kind, _line) in lines.items()},
        )
        for name, (source, keys, lines) in parts.items()
    ]
    return Study(rows, made, usubjid=lambda one: f"S1-{one}", tables=tables)


def same(a, b):
    if isinstance(a, float) and isinstance(b, float):
        return math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
    return (type(a) is type(b) or isinstance(a, str)) and a == b


def drawn(chance, number):
    """Return so many expressions of each of the two datasets, by variable."""
    chosen = {}
    for dataset, names, source in (("AE", s.OWN, "f"), ("ADAE", ANALYSED, "AE")):
        view, chosen[dataset] = s.view(names, source), {}
        for at in range(number):
            kind, name = chance.choice(s.TYPES), f"V{at:03}"
            text = s.Speaker(chance, view, name).say(kind, chance.choice((1, 2, 2, 3)))
            chosen[dataset][name] = (kind, text[1:-1] if text.startswith("(") else text)
    return chosen


def differences(seed, number):
    """Return what engine and reference see differently, the shortest expression first."""
    chance = random.Random(seed)  # noqa: S311  examples, not secrets
    rows, chosen = s.rows(chance), drawn(chance, number)
    parts = datasets(chosen["AE"], chosen["ADAE"])
    result, study = engine(rows, parts), interpreter(rows, parts)
    found = []
    for dataset, lines in chosen.items():
        table = {one["AESPID"]: one for one in result.tables[dataset].to_pylist()}
        records = {study.value(one, "AESPID"): one for one in study.records(dataset)}
        assert set(table) == set(records)
        for place, record in records.items():
            for name, (kind, text) in lines.items():
                actual, expected = table[place][name], study.value(record, name)
                if not same(actual, expected):
                    said = f"engine {actual!r}, reference {expected!r}, record {place}"
                    found.append((len(text), f"{dataset} {kind}: {text}\n   {said}"))
    return [text for _length, text in sorted(found)]


@settings(max_examples=5)
@given(st.integers(0, 2**32))
def test_the_engine_gives_what_the_reference_says(seed):
    assert differences(seed, 20) == []


@pytest.mark.slow
@pytest.mark.exhaustive
@settings(max_examples=250)
@given(st.integers(0, 2**32))
def test_the_engine_gives_what_the_reference_says_of_ten_thousand_expressions(seed):
    assert differences(seed, 20) == []
