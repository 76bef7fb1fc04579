import sys

import pytest

from cdisc.engine.resolve import resolve
from cdisc.errors import SpecError
from cdisc.spec import load_study
from tests.study_builder import build, write_study

CODE = """\
import dataclasses
from cdisc.functions.texts import UPPER

SHOUT = dataclasses.replace(
    UPPER, name="shout", english=lambda use, words: f"{words.say(use.operand)}, shouted"
)


def more():
    return [dataclasses.replace(UPPER, name="cry"), dataclasses.replace(UPPER, name="yell")]


def again():
    return (UPPER,)


NOTHING = 3
"""


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a package with entry points, as a folder on the path."""

    def install(name, version, points):
        home = tmp_path / "site"
        module = name.lower().replace("-", "_").replace(".", "_")
        info = home / f"{module}-{version}.dist-info"
        info.mkdir(parents=True)
        (home / f"{module}.py").write_text(CODE)
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")
        lines = [f"{point} = {module}:{target}\n" for point, target in points.items()]
        (info / "entry_points.txt").write_text("[cdisc.functions]\n" + "".join(lines))
        monkeypatch.syspath_prepend(str(home))
        monkeypatch.delitem(sys.modules, module, raising=False)

    return install


def study(tmp_path, wanted, line="ae.TERM", more=""):
    return write_study(
        tmp_path / "S1",
        {"sdtm/ae": f"dataset: AE\nrows: each ae\nkeys: AETERM\nvariables: {{AETERM: {line}}}\n"},
        {"ae": "SUBJ,TERM\n1,rash\n"},
        f"functions: {wanted}\n{more}",
    )


def mistakes(home):
    with pytest.raises(SpecError) as caught:
        resolve(load_study(home))
    return [(one.code, one.fact, *one.found) for one in caught.value.diagnostics]


def test_a_package_that_the_study_names_gives_steps(tmp_path, installed):
    installed("Acme.Oncology", "1.2.0", {"a": "SHOUT", "b": "more"})

    home = study(tmp_path, "acme-oncology 1.2.0", "ae.TERM | shout | cry | yell")

    assert build(home).tables["AE"].column("AETERM").to_pylist() == ["RASH"]
    assert resolve(load_study(home)).packages == ("acme-oncology 1.2.0",)


def test_a_package_that_the_study_does_not_name_changes_nothing(tmp_path, installed):
    installed("acme-b", "1.0", {"a": "SHOUT"})

    home = study(tmp_path, "[]", "ae.TERM | shout")

    assert [one[0] for one in mistakes(home)] == ["SPEC013"]


def test_another_version_is_not_the_one_that_the_study_names(tmp_path, installed):
    installed("acme-c", "1.3.0", {"a": "SHOUT"})

    assert mistakes(study(tmp_path, "[acme-c 1.2.0]")) == [
        ("SPEC065", 'the package "acme-c" has the version 1.3.0')
    ]


def test_a_package_that_is_not_installed_is_named(tmp_path, installed):
    installed("acme-d", "1.3.0", {"a": "SHOUT"})

    with pytest.raises(SpecError) as caught:
        resolve(load_study(study(tmp_path, "[acme-e]")))

    (one,) = caught.value.diagnostics
    assert (one.fact, one.expected, one.help) == (
        'no package "acme-e" with functions is installed',
        "acme-d",
        'did you mean "acme-d"?',
    )
    assert (one.span.line, one.span.column) == (5, 13)


@pytest.mark.parametrize(
    ("target", "found"),
    [
        ("again", 'there is a step "upper" already'),
        ("NOTHING", "TypeError: 3 is no Verb"),
        ("MISSING", "AttributeError: module 'acme_f' has no attribute 'MISSING'"),
    ],
)
def test_an_entry_point_that_gives_no_new_verb_is_refused(tmp_path, installed, target, found):
    installed("acme-f", "1", {"a": target})

    assert mistakes(study(tmp_path, "acme-f")) == [
        ("SPEC065", 'the entry point "a" of the package "acme-f" gives no function', found)
    ]


def test_two_packages_do_not_share_a_name(tmp_path, installed):
    installed("acme-g", "1", {"a": "SHOUT"})
    installed("acme-h", "1", {"a": "SHOUT"})

    assert [one[-1] for one in mistakes(study(tmp_path, "[acme-g, acme-h]"))] == [
        'there is a step "shout" already'
    ]
