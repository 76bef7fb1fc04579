import errno
import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from cdisc.errors import OutputError
from cdisc.package import folder as package_module
from cdisc.package import package_folder, write_manifest

ROOT = Path(__file__).parents[3]


def make(out, text):
    with package_folder(out) as folder:
        (folder / "reports").mkdir()
        (folder / "reports" / "index.html").write_text(text, encoding="utf-8")
        write_manifest(folder, inputs=[], settings={})


def content(out):
    return {
        path.relative_to(out).as_posix(): path.read_text(encoding="utf-8")
        for path in sorted(out.rglob("*"))
        if path.is_file() and path.name != "manifest.json"
    }


def codes(caught):
    return [one.code for one in caught.value.diagnostics]


def test_a_package_appears_where_nothing_stood(tmp_path):
    make(tmp_path / "new" / "out", "one")

    assert content(tmp_path / "new" / "out") == {"reports/index.html": "one"}
    assert os.listdir(tmp_path / "new") == ["out"]


def test_nothing_is_seen_at_the_destination_before_the_end(tmp_path):
    with package_folder(tmp_path / "out") as folder:
        (folder / "a").write_bytes(b"")
        assert folder == tmp_path / f".out.partial-{os.getpid()}"
        assert not (tmp_path / "out").exists()


def test_a_package_takes_the_place_of_an_empty_folder(tmp_path):
    (tmp_path / "out").mkdir()
    make(tmp_path / "out", "one")

    assert content(tmp_path / "out") == {"reports/index.html": "one"}


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_package_replaces_the_previous_one(tmp_path, monkeypatch, can_exchange):
    if not can_exchange:
        monkeypatch.setattr(package_module, "_exchange", lambda *_: False)
    make(tmp_path / "out", "one")
    make(tmp_path / "out", "two")

    assert content(tmp_path / "out") == {"reports/index.html": "two"}
    assert os.listdir(tmp_path) == ["out"]


def test_a_failure_leaves_the_previous_package_and_nothing_else(tmp_path):
    make(tmp_path / "out", "one")

    with pytest.raises(KeyError), package_folder(tmp_path / "out") as folder:
        (folder / "half").write_bytes(b"x")
        raise KeyError

    assert content(tmp_path / "out") == {"reports/index.html": "one"}
    assert os.listdir(tmp_path) == ["out"]


def test_a_failure_of_the_last_rename_puts_the_previous_package_back(tmp_path, monkeypatch):
    make(tmp_path / "out", "one")
    monkeypatch.setattr(package_module, "_exchange", lambda *_: False)
    rename = Path.rename

    def refuse(self, target):
        if ".partial-" in self.name:
            raise OSError(errno.EIO, "broken")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(OutputError) as caught:
        make(tmp_path / "out", "two")

    assert codes(caught) == ["OUT003"]
    assert content(tmp_path / "out") == {"reports/index.html": "one"}
    assert os.listdir(tmp_path) == ["out"]


def test_linux_exchanges_two_names_in_one_step(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    (tmp_path / "a" / "x").write_bytes(b"")

    exchanged = package_module._exchange(tmp_path / "a", tmp_path / "b")

    assert exchanged == (sys.platform == "linux")
    assert os.listdir(tmp_path / "b") == ["x"] * exchanged


def test_a_run_killed_in_the_middle_leaves_the_previous_package(tmp_path):
    make(tmp_path / "out", "one")
    program = textwrap.dedent(
        """
        import os, signal, sys
        from pathlib import Path
        from cdisc.package import package_folder
        with package_folder(Path(sys.argv[1])) as folder:
            (folder / "half").write_bytes(b"x")
            os.kill(os.getpid(), signal.SIGKILL)
        """
    )
    run = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "out")], cwd=ROOT, check=False
    )

    assert run.returncode == -signal.SIGKILL
    assert content(tmp_path / "out") == {"reports/index.html": "one"}
    assert len(os.listdir(tmp_path)) == 2
    make(tmp_path / "out", "two")
    assert content(tmp_path / "out") == {"reports/index.html": "two"}
    assert os.listdir(tmp_path) == ["out"]


def test_the_folder_of_a_run_that_still_works_is_left_alone(tmp_path):
    other = tmp_path / ".out.partial-1"
    other.mkdir()
    with package_module._locked(other) as is_ours:
        make(tmp_path / "out", "one")
        assert is_ours
        assert sorted(os.listdir(tmp_path)) == [".out.partial-1", "out"]

    make(tmp_path / "out", "two")
    assert os.listdir(tmp_path) == ["out"]


def test_a_package_set_aside_by_a_killed_run_is_put_back(tmp_path):
    make(tmp_path / "out", "one")
    (tmp_path / "out").rename(tmp_path / ".out.previous-1")

    with pytest.raises(KeyError), package_folder(tmp_path / "out"):
        raise KeyError

    assert content(tmp_path / "out") == {"reports/index.html": "one"}


def test_a_package_set_aside_although_the_new_one_stands_is_removed(tmp_path):
    make(tmp_path / ".out.previous-1", "one")
    make(tmp_path / "out", "two")
    make(tmp_path / "out", "three")

    assert os.listdir(tmp_path) == ["out"]
    assert content(tmp_path / "out") == {"reports/index.html": "three"}


def test_files_reach_the_disk_before_the_package_is_put_in_place(tmp_path, monkeypatch):
    steps = []
    sync, put = package_module._sync, package_module._put_in_place
    monkeypatch.setattr(package_module, "_sync", lambda path: (steps.append(path.name), sync(path)))
    monkeypatch.setattr(
        package_module, "_put_in_place", lambda *names: (steps.append("rename"), put(*names))
    )
    make(tmp_path / "out", "one")

    partial = f".out.partial-{os.getpid()}"
    assert sorted(steps[:4]) == sorted([partial, "manifest.json", "reports", "index.html"])
    assert steps[4:] == ["rename", tmp_path.name]


@pytest.mark.parametrize("manifest", [None, "{}", "no json", '["program"]', '{"program": "other"}'])
def test_a_folder_that_is_no_package_is_refused_and_kept(tmp_path, manifest):
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "chapter.txt").write_bytes(b"years of work")
    if manifest:
        (out / "manifest.json").write_text(manifest, encoding="utf-8")

    with pytest.raises(OutputError) as caught:
        make(out, "one")

    assert codes(caught) == ["OUT001"]
    assert content(out) == {"chapter.txt": "years of work"}


def test_a_file_at_the_destination_is_refused_and_kept(tmp_path):
    (tmp_path / "out").write_bytes(b"x")

    with pytest.raises(OutputError) as caught:
        make(tmp_path / "out", "one")

    assert codes(caught) == ["OUT002"]
    assert (tmp_path / "out").read_bytes() == b"x"


def test_a_file_that_the_program_did_not_make_keeps_the_previous_package(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    make(tmp_path / "out", "one")
    (tmp_path / "out" / "notes.txt").write_bytes(b"mine")

    with pytest.raises(OutputError) as caught:
        make(Path("out"), "two")

    assert str(caught.value) == (
        'error[OUT004]: package "out" holds files that its manifest.json does not list\n'
        " = found: notes.txt\n"
        " = help: move them elsewhere; replacing the package would delete them\n"
        " = more: cdisc explain OUT004"
    )
    assert content(tmp_path / "out") == {"notes.txt": "mine", "reports/index.html": "one"}


def test_a_folder_filled_while_the_package_was_made_is_kept(tmp_path):
    with pytest.raises(OutputError) as caught, package_folder(tmp_path / "out"):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "late.txt").write_bytes(b"mine")

    assert codes(caught) == ["OUT001"]
    assert content(tmp_path / "out") == {"late.txt": "mine"}


def test_a_full_disk_is_reported_and_leaves_nothing(tmp_path):
    with pytest.raises(OutputError) as caught, package_folder(tmp_path / "out"):
        raise OSError(errno.ENOSPC, "no space")

    assert codes(caught) == ["OUT003"]
    assert os.listdir(tmp_path) == []


def test_a_mistake_of_the_program_is_not_dressed_up_as_a_full_disk(tmp_path):
    with pytest.raises(FileNotFoundError), package_folder(tmp_path / "out"):
        (tmp_path / "nowhere").read_bytes()


def test_a_package_replaces_the_folder_behind_a_link(tmp_path):
    make(tmp_path / "real", "one")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    make(tmp_path / "link", "two")

    assert (tmp_path / "link").is_symlink()
    assert content(tmp_path / "real") == {"reports/index.html": "two"}


def test_an_exchange_that_fails_for_another_reason_is_an_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        package_module._exchange(tmp_path / "none", tmp_path / "neither")
