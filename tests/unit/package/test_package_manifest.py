import hashlib
import json
import os
from pathlib import Path

import pytest

import cdisc
from cdisc.errors import OutputError
from cdisc.package import InputFile, write_manifest
from cdisc.package import manifest as manifest_module

ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180-2, B.1
EMPTY = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.fixture
def package(tmp_path, monkeypatch):
    specs = tmp_path / "specs"
    (specs / "ct").mkdir(parents=True)
    (specs / "ct" / "terms.yaml").write_bytes(b"abc")
    (specs / "b.yaml").write_bytes(b"")
    monkeypatch.setattr(manifest_module, "specs_root", lambda: specs)
    folder = tmp_path / "package"
    (folder / "m5").mkdir(parents=True)
    (folder / "m5" / "b.xpt").write_bytes(b"abc")
    (folder / "a.html").write_bytes(b"")
    return folder


def write(folder):
    ae, dm = folder.parent / "ae.csv", folder.parent / "dm.csv"
    ae.write_bytes(b"abc")
    dm.write_bytes(b"")
    return write_manifest(
        folder,
        inputs=[InputFile(dm, "raw/dm.csv"), InputFile(ae, "raw/ae.csv", rows=3)],
        settings={"created": "2026-01-01T00:00:00", "a": ["é", None]},
        rows={"m5/b.xpt": 7},
    )


def test_the_manifest_holds_hash_size_and_rows_of_every_file(package):
    specs = hashlib.sha256(f"{EMPTY}  b.yaml\n{ABC}  ct/terms.yaml\n".encode()).hexdigest()

    assert json.loads(write(package).read_text(encoding="utf-8")) == {
        "format": 1,
        "program": "cdisc-toolkit",
        "versions": {"program": cdisc.__version__, "specs": f"sha256:{specs}"},
        "settings": {"created": "2026-01-01T00:00:00", "a": ["é", None]},
        "inputs": [
            {"path": "raw/ae.csv", "sha256": ABC, "size": 3, "rows": 3},
            {"path": "raw/dm.csv", "sha256": EMPTY, "size": 0},
        ],
        "outputs": [
            {"path": "a.html", "sha256": EMPTY, "size": 0},
            {"path": "m5/b.xpt", "sha256": ABC, "size": 3, "rows": 7},
        ],
    }


def test_the_manifest_has_the_same_bytes_whenever_and_wherever_it_is_written(package, monkeypatch):
    first = write(package).read_bytes()
    os.utime(package / "a.html", (1, 1))
    listed = list(package.rglob("*"))
    monkeypatch.setattr(Path, "rglob", lambda self, _: reversed(listed) if self == package else [])
    monkeypatch.setattr(
        manifest_module, "_hash_tree", lambda _: json.loads(first)["versions"]["specs"][7:]
    )
    again = write(package).read_bytes()

    assert again == first
    assert first.endswith(b"}\n")
    assert b"\r" not in first
    assert str(package.parent).encode() not in first


def test_keys_stand_in_order(package):
    text = write(package).read_text(encoding="utf-8")

    assert list(json.loads(text)) == [
        "format",
        "inputs",
        "outputs",
        "program",
        "settings",
        "versions",
    ]


@pytest.mark.parametrize("name", ["/raw/ae.csv", "../ae.csv", "raw/../../ae.csv"])
def test_an_input_is_named_by_a_relative_path(package, name):
    with pytest.raises(OutputError) as caught:
        write_manifest(package, inputs=[InputFile(package / "a.html", name)], settings={})

    assert [one.code for one in caught.value.diagnostics] == ["OUT005"]


def test_two_inputs_have_two_names(package):
    one = InputFile(package / "a.html", "raw/ae.csv")

    with pytest.raises(OutputError) as caught:
        write_manifest(package, inputs=[one, one], settings={})

    assert [one.fact for one in caught.value.diagnostics] == ['two inputs are called "raw/ae.csv"']


def test_rows_of_an_absent_file_are_a_programming_mistake(package):
    with pytest.raises(ValueError, match="not in the package"):
        write_manifest(package, inputs=[], settings={}, rows={"none.xpt": 1})
