"""Which codelist a variable has, on which records."""

import itertools

import pyarrow as pa
import pytest
import yaml

from cdisc.dataset import Comparison
from cdisc.engine.describe import describe
from cdisc.engine.lines import read_specs
from cdisc.engine.permitted import Rule, permitted
from cdisc.engine.said import method_text
from cdisc.engine.subsets import divide
from cdisc.resources import specs_root
from cdisc.spec import load_study
from cdisc.standard import load_sdtm, load_terminology
from tests.study_builder import build, read_delivery, resolve_with, write_study

DS = """
dataset: DS
rows: each ds
keys: [USUBJID, DSSPID]
variables:
  DSSPID:  ds.NO
  DSTERM:  ds.TERM
  DSDECOD: ds.TERM | ct
  DSCAT:   {category}
"""
RAW = {
    "ds": "SUBJ,NO,TERM,CAT\n"
    "001,1,randomized,PROTOCOL MILESTONE\n"
    "001,2,completed,DISPOSITION EVENT\n"
    "001,3,randomized,DISPOSITION EVENT\n"
    "001,4,site transfer,OTHER EVENT\n"
    "001,5,completed,\n"
    "001,6,ended by me,DISPOSITION EVENT\n"
}
TERMS = "terms:\n  NCOMPLT: {ended by me: COMPLETED}\n"


def built(folder, category="ds.CAT", terms=TERMS):
    path = write_study(folder, {"sdtm/ds": DS.format(category=category)}, RAW, terms)
    loaded = load_study(path)
    raw = read_delivery(loaded, path / "raw")
    return resolve_with(loaded, raw), build(path)


def test_a_collected_text_becomes_a_term_of_the_codelist_of_its_record(tmp_path):
    _program, result = built(tmp_path)
    assert result.tables["DS"].column("DSDECOD").to_pylist() == [
        "RANDOMIZED",
        "COMPLETED",
        None,  # a milestone is no disposition event
        "SITE TRANSFER",
        "COMPLETED",  # no category: what the standard names
        "COMPLETED",
    ]
    found = [(one.code, one.found) for one in result.findings if one.code == "DATA004"]
    assert [code for code, _ in found] == ["DATA004"]
    assert "randomized" in found[0][1][0]


def test_a_codelist_is_not_chosen_by_what_follows_from_the_variable_itself(tmp_path):
    category = "when DSDECOD = 'RANDOMIZED' then 'PROTOCOL MILESTONE' else 'DISPOSITION EVENT'"
    _program, result = built(tmp_path, category)
    table = result.tables["DS"].select(["DSDECOD", "DSCAT"]).to_pydict()
    assert table["DSDECOD"] == [
        "RANDOMIZED", "COMPLETED", "RANDOMIZED", "SITE TRANSFER", "COMPLETED", "COMPLETED",
    ]  # fmt: skip
    assert table["DSCAT"].count("PROTOCOL MILESTONE") == 2


def test_the_method_says_which_codelist_belongs_to_which_records(tmp_path):
    program, result = built(tmp_path)
    lines = describe(program, result, "DS", standard="SDTMIG").variables
    assert next(one for one in lines if one.name == "DSDECOD").method is None  # it is collected
    text = method_text(program.datasets["DS"], program.datasets["DS"].variables["DSDECOD"], program)
    assert text == (
        "ds.TERM mapped to its term of the codelist NCOMPLT (C66727) where DSCAT is"
        " 'DISPOSITION EVENT', of the codelist PROTMLST (C114118) where DSCAT is 'PROTOCOL"
        " MILESTONE', of the codelist OTHEVENT (C150811) where DSCAT is 'OTHER EVENT', of the"
        " codelist NCOMPLT or PROTMLST or OTHEVENT (C66727 or C114118 or C150811) otherwise."
    )


def test_terms_of_several_codelists_are_terms_of_all_and_of_one_where_it_holds(tmp_path):
    program, result = built(tmp_path)
    variable = describe(program, result, "DS", standard="SDTMIG").variable("DSDECOD")
    assert variable.codelist is not None
    assert variable.codelist.code is None
    assert [(one.value, one.code, one.extended) for one in variable.codelist.terms] == [
        ("COMPLETED", "C25250", False),
        ("RANDOMIZED", "C114209", False),
        ("SITE TRANSFER", "C186208", False),
    ]
    assert [
        (one.where, one.codelist.name, [term.value for term in one.codelist.terms], one.length)
        for one in variable.subsets
    ] == [
        ((Comparison("DSCAT", ("DISPOSITION EVENT",)),), "NCOMPLT", ["COMPLETED"], 9),
        ((Comparison("DSCAT", ("PROTOCOL MILESTONE",)),), "PROTMLST", ["RANDOMIZED"], 10),
        ((Comparison("DSCAT", ("OTHER EVENT",)),), "OTHEVENT", ["SITE TRANSFER"], 13),
        (
            (
                Comparison(
                    "DSCAT",
                    ("DISPOSITION EVENT", "PROTOCOL MILESTONE", "OTHER EVENT"),
                    negated=True,
                ),
            ),
            "NCOMPLT",
            ["COMPLETED"],
            9,
        ),
    ]


def test_a_codelist_of_some_records_is_not_that_of_others_which_have_none(tmp_path):
    dataset = """\
dataset: RS
rows: each rs
keys: [USUBJID, RSTESTCD]
variables:
  RSTESTCD: rs.TEST
  RSORRES:  rs.RESULT
"""
    raw = {"rs": "SUBJ,TEST,RESULT\n001,ECOG101,Dead\n001,OVRLRESP,Good\n"}
    path = write_study(tmp_path, {"sdtm/rs": dataset}, raw)
    loaded = load_study(path)
    program = resolve_with(loaded, read_delivery(loaded, path / "raw"))
    variable = describe(program, build(path), "RS", standard="SDTMIG").variable("RSORRES")
    assert variable.codelist is None
    assert [
        (one.where, one.codelist.name, [(term.value, term.extended) for term in one.codelist.terms])
        for one in variable.subsets[:1]
    ] == [((Comparison("RSTESTCD", ("ECOG101",)),), "ECOG101OR", [("Dead", False)])]
    (others,) = variable.subsets[1:]  # which have no codelist
    assert others.where == (Comparison("RSTESTCD", ("ECOG101",), negated=True),)
    assert others.codelist is None


@pytest.mark.parametrize(
    ("line", "terms"),
    [
        ("{map: ds.CAT, codelist: EPOCH}", [("TREATMENT 1", True), ("TREATMENT 2", True)]),
        ("ds.CAT", None),  # nobody says that words which are no terms belong to it
    ],
)
def test_a_codelist_that_the_line_names_stands_though_no_value_is_its_term(tmp_path, line, terms):
    dataset = f"""\
dataset: DS
rows: each ds
keys: [USUBJID, DSTERM]
variables:
  DSTERM: ds.TERM
  EPOCH:  {line}
"""
    raw = {"ds": "SUBJ,TERM,CAT\n001,a,TREATMENT 1\n001,b,TREATMENT 2\n"}
    path = write_study(tmp_path, {"sdtm/ds": dataset}, raw)
    loaded = load_study(path)
    program = resolve_with(loaded, read_delivery(loaded, path / "raw"))
    codelist = describe(program, build(path), "DS", standard="SDTMIG").variable("EPOCH").codelist
    if terms is None:
        assert codelist is None
    else:
        assert (codelist.code, [(one.value, one.extended) for one in codelist.terms]) == (
            "C99079",
            terms,
        )


def test_a_codelist_that_all_records_share_needs_no_conditions(tmp_path):
    program, result = built(tmp_path, "const 'PROTOCOL MILESTONE'", "")
    variable = describe(program, result, "DS", standard="SDTMIG").variable("DSDECOD")
    assert variable.subsets == ()
    assert variable.codelist is not None
    assert variable.codelist.name == "PROTMLST"
    assert [one.value for one in variable.codelist.terms] == ["RANDOMIZED"]


def test_every_record_belongs_to_the_first_rule_that_it_meets():
    table = pa.table({"EGTESTCD": pa.array(["INTP", None, "QTC", "INTP"]).dictionary_encode()})
    found = permitted("sdtm", "EG", "EGSTRESC", ("C71150", "C120522", "C101834"), ["EGTESTCD"])
    parts = [(rule.codelists, mask.to_pylist()) for rule, mask in divide(table, found)]
    assert parts == [
        (("C101834",), [True, False, False, True]),
        (("C71150", "C120522"), [False, True, True, False]),
    ]


def test_no_records_belong_to_no_rule():
    found = permitted("sdtm", "DS", "DSDECOD", ("C66727",), ["DSCAT"])
    assert divide(pa.table({"DSCAT": pa.array([], pa.string())}), found) == []


def test_a_rule_without_a_codelist_says_that_there_is_none():
    found = permitted("sdtm", "SS", "SSSTRESC", ("C124304",), ["SSTESTCD"])
    assert found.rules == (Rule((Comparison("SSTESTCD", ("SURVSTAT",), negated=True),), ()),)
    assert found.otherwise == ("C124304",)


def test_a_variable_has_the_codelists_of_the_table_where_no_rule_is_written():
    found = permitted("sdtm", "AE", "AESEV", ("C66769",), ["AETERM"])
    assert (found.rules, found.codelists) == ((), ("C66769",))


@pytest.mark.parametrize(
    ("variable", "by", "value", "codelist"),
    [
        ("QSTESTCD", "QSCAT", "ACE", None),
        ("QSTESTCD", "QSCAT", "MMSE", "C100142"),
        ("QSTEST", "QSCAT", "MMSE", "C100141"),
        ("QSORRES", "QSTESTCD", "IPS0103", "C182461"),
        ("QSSTRESC", "QSTESTCD", "IPS0103", "C182499"),
        ("FTTESTCD", "FTCAT", "SDMT", "C115396"),
    ],
)
def test_tests_and_results_of_an_instrument_have_its_own_codelists(variable, by, value, codelist):
    found = permitted("sdtm", variable[:2], variable, (), [by])
    fitting = [rule.codelists for rule in found.rules if value in rule.when[0].values]
    assert fitting == ([(codelist,)] if codelist else [])


def rules():
    """Yield every rule with the names of its variable and the variables that it asks for."""
    written = yaml.safe_load((specs_root() / "codelists.yaml").read_text(encoding="utf-8"))
    for stage, variables in written.items():
        for name in variables:
            yield name, permitted(stage, name[:2], name, (), _Everything())
    for domain, of in itertools.product(("QS", "FT", "RS"), ("TESTCD", "TEST", "ORRES", "STRESC")):
        name = f"{domain}{of}"
        yield name, permitted("sdtm", domain, name, (), _Everything())


class _Everything:
    def __contains__(self, _name):
        return True


def test_the_terminology_has_every_codelist_of_every_rule():
    release = load_terminology("sdtm", "2025-03-28")
    absent = {
        (name, code)
        for name, found in rules()
        for code in found.codelists
        if release.codelist(code) is None
    }
    assert absent == set()


def test_rules_ask_for_terms_that_the_terminology_has():
    release = load_terminology("sdtm", "2025-03-28")
    standard = load_sdtm("3.4")
    categories = ("C100129", "C115304", "C118971")  # an instrument may be used in any of QS, FT, RS
    tests = {
        value
        for line in read_specs("instruments.yaml")["tests"]["rows"]
        for value in terms_of(release, line.split()[0])
    }
    wrong = []
    for name, found in rules():
        for one in (one for rule in found.rules for one in rule.when):
            codes = standard.variable(name[:2], one.variable).codelists
            if name[:2] in ("QS", "FT", "RS"):
                codes = categories if one.variable.endswith("CAT") else ()
            known = {value for code in codes for value in terms_of(release, code)} or tests
            wrong += [(name, value) for value in one.values if value not in known]
    assert wrong == []


def terms_of(release, code):
    return [term.value for term in release.codelist(code).terms]


def test_no_record_meets_two_rules_of_a_variable():
    for name, found in rules():
        seen: dict[str, Rule] = {}
        for rule in found.rules:
            (one,) = rule.when
            for value in () if one.negated else one.values:
                assert value not in seen, (name, value)
                seen[value] = rule
        negated = [rule.when[0] for rule in found.rules if rule.when[0].negated]
        for one in negated:
            assert set(seen) <= set(one.values), name
