"""Published rules taken over: from a clone, a folder or an archive, pinned by their hash."""

import re
import zipfile

import pytest

from cdisc.errors import SpecError, StandardNotFoundError
from cdisc.review.rule_import import LARGEST, take_rules
from cdisc.review.rule_store import FILE, read_store, write_store

RULE = """\
Core: {{Id: {id}, Status: {status}, Version: "1"}}
Rule Type: Record Data
Sensitivity: Record
Scope: {{Domains: {{Include: [AE]}}}}
Check: {{all: [{{name: AETERM, operator: {operator}}}]}}
Outcome: {{Message: No term., Output Variables: [AETERM]}}
"""


def text(name, status="Published", operator="empty"):
    return RULE.format(id=name, status=status, operator=operator)


CLONE = {
    "Published/OWN-0002/rule.yml": text("OWN-0002"),
    "Published/OWN-0001/rule.yml": text("OWN-0001"),
    "Published/OWN-0001/positive/01/data/ae.csv": "AETERM\n",
    "Deprecated/OWN-0003/rule.yml": text("OWN-0003", "Deprecated"),
    "Unpublished/NEW-RULE/rule.yml": text("OWN-0004", "Draft"),
    ".github/workflows/publish.yml": "on: push\n",
    "mappings.yaml": "a: [1, 2]\n",
}


def laid(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return folder


def zipped(path, files):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def refused(path):
    with pytest.raises(SpecError) as caught:
        take_rules(path)
    return [(one.code, one.fact) for one in caught.value.diagnostics]


def test_of_a_clone_the_rules_in_force_are_taken_and_the_others_counted(tmp_path):
    taken = take_rules(laid(tmp_path, CLONE))

    assert [one["Core"]["Id"] for one in taken.store.data] == ["OWN-0001", "OWN-0002"]
    assert (taken.hindered, taken.left) == ({}, {"deprecated": 1, "draft": 1})


def test_a_rule_that_cannot_be_compiled_is_taken_and_named_with_the_construct(tmp_path):
    odd = {"a.yml": text("OWN-0001", operator="odd"), "b.yml": text("OWN-0002")}

    taken = take_rules(laid(tmp_path, odd))

    assert len(taken.store.data) == 2
    assert taken.hindered == {"OWN-0001": "operator odd"}


def test_the_same_rules_give_the_same_bytes_whatever_they_came_in(tmp_path):
    folder = laid(tmp_path / "clone", CLONE)
    archive = zipped(
        tmp_path / "main.zip", {f"rules-main/{name}": CLONE[name] for name in reversed(CLONE)}
    )
    flat = laid(tmp_path / "flat", {"x.yaml": text("OWN-0001"), "a.yml": text("OWN-0002")})

    written = [
        write_store(take_rules(one).store, tmp_path / f"home{at}").read_bytes()
        for at, one in enumerate((folder, archive, flat))
    ]

    assert written[0] == written[1] == written[2]
    assert re.match(
        rb'\{"format":"cdisc-open-rules-1","sha256":"[0-9a-f]{64}","rules":', written[0]
    )


def test_what_was_imported_is_read_back_and_the_first_folder_counts(tmp_path):
    study, user = tmp_path / "study", tmp_path / "user"
    both = take_rules(laid(tmp_path / "clone", CLONE)).store
    one = take_rules(laid(tmp_path / "one", {"a.yml": text("OWN-0001")})).store
    write_store(both, user)

    assert read_store([study, user]) == both
    write_store(one, study)
    assert read_store([study, user]) == one


def test_a_store_that_somebody_changed_is_noticed(tmp_path):
    store = take_rules(laid(tmp_path / "clone", CLONE)).store
    path = write_store(store, tmp_path)
    path.write_bytes(path.read_bytes().replace(b"AETERM", b"AESEQ"))

    with pytest.raises(SpecError) as caught:
        read_store([tmp_path])

    (found,) = caught.value.diagnostics
    assert (found.code, found.expected) == ("RULE004", f"sha256 {store.sha256}")
    assert found.found != (f"sha256 {store.sha256}",)


@pytest.mark.parametrize("content", [b"", b"[]", b'{"format":"other"}\n', b"\xff\xfe"])
def test_a_file_that_is_no_store_is_noticed(tmp_path, content):
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(SpecError) as caught:
        read_store([tmp_path])

    assert caught.value.diagnostics[0].expected == "a file of format cdisc-open-rules-1"


def test_without_an_import_it_is_said_what_to_type(tmp_path):
    with pytest.raises(StandardNotFoundError) as caught:
        read_store([tmp_path])

    (found,) = caught.value.diagnostics
    assert (found.code, found.help) == ("RULE003", "type: cdisc rules import PATH")


def test_mistakes_are_told_all_at_once_and_nothing_is_taken(tmp_path):
    files = {
        "a.yml": text("OWN-0001"),
        "b.yml": text("OWN-0001", operator="non_empty"),
        "c.yml": "Core: {Id: [",
    }

    codes = [code for code, _fact in refused(laid(tmp_path, files))]

    assert codes == ["RULE002", "RULE005"]


def test_what_grows_by_reference_is_refused(tmp_path):
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 10)}]" for at in range(1, 9)]

    ((code, fact),) = refused(laid(tmp_path, {"bomb.yml": "\n".join(lines)}))

    assert (code, fact) == ("RULE002", "bomb.yml is no YAML: more than 100,000 values")


@pytest.mark.parametrize("name", ["../rule.yml", "/etc/rule.yml", "a/../../rule.yml", "C:\\r.yml"])
def test_a_member_outside_the_archive_is_refused(tmp_path, name):
    archive = zipped(tmp_path / "rules.zip", {"a.yml": text("OWN-0001"), name: text("OWN-0002")})

    assert refused(archive) == [("RULE006", f'"{name}" lies outside the archive')]


def test_an_archive_that_would_unpack_to_more_than_a_rule_is_refused(tmp_path):
    archive = zipped(tmp_path / "rules.zip", {"a.yml": "#" * (LARGEST + 1)})

    assert refused(archive) == [("RULE006", '"a.yml" would unpack to 4,194,305 bytes')]


def test_an_archive_that_is_cut_off_is_refused(tmp_path):
    archive = zipped(tmp_path / "rules.zip", CLONE)
    archive.write_bytes(archive.read_bytes()[:-30])

    assert [code for code, _fact in refused(archive)] == ["RULE006"]


def test_a_folder_without_rules_is_refused(tmp_path):
    assert [code for code, _fact in refused(laid(tmp_path, {"a.yml": "a: 1"}))] == ["RULE001"]
