import dataclasses

import pyarrow as pa
import pytest

from cdisc.dataset import Method, Origin, Variable
from cdisc.diagnostics import catalogue
from define_xml import build_define, check_define, define_bytes, validate_schema, write_define
from define_xml.model import Comment, Leaf, Standard

ANYWHERE = Origin("Assigned", "Sponsor")
HOW = Method("As the plan says.", "plan")


def complete(study):
    """Return the study with origins and methods, so that nothing is amiss."""
    datasets = tuple(
        dataclasses.replace(dataset, variables=tuple(map(explained, dataset.variables)))
        for dataset in study.datasets
    )
    return dataclasses.replace(study, datasets=datasets)


def explained(variable):
    origin = variable.origin or ANYWHERE
    method = variable.method or (HOW if origin.type == "Derived" else None)
    return dataclasses.replace(variable, origin=origin, method=method)


def qualifier(name, origin):
    return Variable(name, name, "text", 1, origin=origin)


@pytest.fixture
def study(sdtm):
    known = (qualifier("AESI", Origin("Collected", "Investigator", ("3",))),)
    known += (qualifier("AETRTEM", ANYWHERE),)
    supplemental = dataclasses.replace(sdtm.dataset("SUPPAE"), qualifiers=known)
    datasets = [supplemental if one.name == "SUPPAE" else one for one in sdtm.datasets]
    return complete(dataclasses.replace(sdtm, datasets=tuple(datasets)))


@pytest.fixture
def package(study, created, tmp_path):
    """Write the files beside the define.xml, and return its model and its path."""
    define = build_define(study, created=created, annotated_crf="acrf.pdf")
    for name in ("ae.xpt", "suppae.xpt", "ta.xpt", "acrf.pdf"):
        (tmp_path / name).touch()
    return define, tmp_path / "define.xml"


@pytest.fixture
def check(package):
    """Check the define.xml with changes to its text or its model, against given datasets."""
    define, path = package

    def write_and_check(*edits, datasets=(), **changes):
        text = define_bytes(dataclasses.replace(define, **changes)).decode()
        for old, new in edits:
            assert old in text
            text = text.replace(old, new, 1)
        path.write_text(text, encoding="utf-8")
        found = check_define(path, datasets)
        assert all(one.code in catalogue() for one in found)
        return [(one.code, one.fact) for one in found]

    return write_and_check


def line_of(path, part):
    lines = path.read_text(encoding="utf-8").splitlines()
    return 1 + next(at for at, line in enumerate(lines) if part in line)


def test_a_define_that_was_just_built_has_no_finding(check, study):
    assert check(datasets=study.datasets) == []


def test_an_analysis_define_that_was_just_built_has_no_finding(adam, created, tmp_path):
    study = complete(adam)
    path = tmp_path / "define.xml"
    for name in ("adsl.xpt", "adtte.xpt"):
        (tmp_path / name).touch()
    write_define(build_define(study, created=created), path)
    assert check_define(path, study.datasets) == ()


@pytest.mark.parametrize(
    ("old", "new", "fact"),
    [
        (
            'ItemRef ItemOID="IT.TA.ARM"',
            'ItemRef ItemOID="IT.TA.ARMS"',
            '"IG.TA" refers to ItemDef "IT.TA.ARMS", which is not defined',
        ),
        (
            'CodeListOID="CL.AESEV"',
            'CodeListOID="CL.X"',
            '"IT.AE.AESEV" refers to CodeList "CL.X", which is not defined',
        ),
        (
            'MethodOID="MT.AE.AESTDY"',
            'MethodOID="MT.X"',
            '"IG.AE" refers to MethodDef "MT.X", which is not defined',
        ),
        (
            'def:CommentOID="COM.AE.AETERM"',
            'def:CommentOID="COM.X"',
            '"IT.AE.AETERM" refers to def:CommentDef "COM.X", which is not defined',
        ),
        (
            'ValueListOID="VL.SUPPAE.QVAL"',
            'ValueListOID="VL.X"',
            '"IT.SUPPAE.QVAL" refers to def:ValueListDef "VL.X", which is not defined',
        ),
        (
            'WhereClauseOID="WC.SUPPAE.QNAM.AESI"',
            'WhereClauseOID="WC.X"',
            '"VL.SUPPAE.QVAL" refers to def:WhereClauseDef "WC.X", which is not defined',
        ),
        (
            'def:ItemOID="IT.SUPPAE.QNAM"',
            'def:ItemOID="IT.X"',
            '"WC.SUPPAE.QNAM.AESI" refers to ItemDef "IT.X", which is not defined',
        ),
        (
            'def:ArchiveLocationID="LF.TA"',
            'def:ArchiveLocationID="LF.X"',
            '"IG.TA" refers to def:leaf "LF.X", which is not defined',
        ),
        (
            '<def:DocumentRef leafID="LF.acrf"/>',
            '<def:DocumentRef leafID="LF.X"/>',
            '"MDV.S1.SDTM" refers to def:leaf "LF.X", which is not defined',
        ),
        (
            'def:StandardOID="STD.CT-SDTM"',
            'def:StandardOID="STD.X"',
            '"CL.AESEV" refers to def:Standard "STD.X", which is not defined',
        ),
    ],
)
def test_a_reference_that_leads_nowhere_is_found(check, old, new, fact):
    assert [one for one in check((old, new)) if one[0] not in {"DEF011", "DEF015"}] == [
        ("DEF010", fact)
    ]


def test_a_reference_to_a_definition_of_another_kind_leads_nowhere(check):
    assert check(('CodeListOID="CL.AESEV"', 'CodeListOID="MT.AE.AESTDY"')) == [
        (
            "DEF010",
            '"IT.AE.AESEV" refers to CodeList "MT.AE.AESTDY", which is not defined',
        ),
        ("DEF011", 'CodeList "CL.AESEV" is never used'),
    ]


def test_a_definition_that_nobody_uses_is_found_where_it_stands(check, package):
    define, path = package
    found = check(
        comments=(*define.comments, Comment(oid="COM.OLD", description="old")),
        leaves=(*define.leaves, Leaf(id="LF.OLD", href="acrf.pdf", title="old")),
    )
    assert found == [
        ("DEF011", 'def:CommentDef "COM.OLD" is never used'),
        ("DEF011", 'def:leaf "LF.OLD" is never used'),
    ]
    assert check_define(path)[0].span.line == line_of(path, 'OID="COM.OLD"')


def test_a_standard_may_be_followed_without_being_named(check, package):
    define, _ = package
    more = Standard(oid="STD.TTE", name="ADaMIG", type="IG", version="1.0", status="Final")
    assert check(standards=(*define.standards, more)) == []


def test_an_oid_given_twice_is_found(check, package):
    define, _ = package
    assert check(methods=(*define.methods, define.methods[0])) == [
        ("DEF012", 'the OID "MT.AE.USUBJID" is given 2 times')
    ]


def test_an_oid_of_two_kinds_of_definition_is_found(check, package):
    define, _ = package
    comment = Comment(oid="MT.AE.AESTDY", description="x")
    found = check(comments=(*define.comments, comment))
    assert ("DEF012", 'the OID "MT.AE.AESTDY" is given 2 times') in found


def test_a_value_that_a_codelist_holds_twice_is_found(check):
    assert check(('CodedValue="N"', 'CodedValue="Y"')) == [
        ("DEF013", 'codelist "CL.NY" holds the value "Y" 2 times')
    ]


@pytest.mark.parametrize("name", ["ae.xpt", "acrf.pdf"])
def test_a_file_that_is_not_there_is_found(check, package, name):
    _, path = package
    (path.parent / name).unlink()
    assert check() == [("DEF014", f'the file "{name}" is not beside the define.xml')]


def test_a_web_address_and_an_escaped_name_are_no_missing_files(check, package):
    _, path = package
    (path.parent / "my crf.pdf").touch()
    assert check(('href="acrf.pdf"', 'href="my%20crf.pdf#page=1"')) == []
    assert check(('href="acrf.pdf"', 'href="https://example.test/acrf.pdf"')) == []


def test_a_variable_without_origin_is_found(check):
    edit = ('<def:Origin Type="Protocol" Source="Sponsor"/>', "")
    assert check(edit) == [("DEF015", 'variable "ARMCD" has no origin')]


def test_a_variable_needs_no_origin_where_all_its_values_have_one(check, package):
    define, _ = package
    items = tuple(
        dataclasses.replace(item, origins=()) if item.oid == "IT.SUPPAE.QVAL" else item
        for item in define.items
    )
    assert check(items=items) == []
    bare = tuple(
        dataclasses.replace(item, origins=()) if item.oid.endswith("QVAL.AESI") else item
        for item in items
    )
    assert check(items=bare) == [("DEF015", 'variable "QVAL" has no origin')]


def test_parts_that_were_not_read_are_found(check):
    assert check(('Name="TA"', 'Name="TA" Origin="old"')) == [
        ("DEF004", "ItemGroupDef/@Origin was not read")
    ]


def test_a_file_that_cannot_be_read_gives_its_reasons(check):
    assert check((' def:Structure="One record per ARMCD"', "")) == [
        ("DEF003", 'ItemGroupDef "IG.TA" lacks def:Structure')
    ]


def test_the_schema_finds_what_it_forbids(check, package, schema_root):
    _, path = package
    check(('DataType="partialDate"', 'DataType="dates"'))
    found = check_define(path, schema_root=schema_root)
    line = line_of(path, 'DataType="dates"')
    assert {(one.code, one.span.line) for one in found} == {("DEF005", line), ("DEF034", line)}


def test_the_schema_is_not_asked_about_another_file(tmp_path, schema_root):
    path = tmp_path / "define.xml"
    path.write_text("<html/>")
    assert [one.code for one in validate_schema(path, schema_root)] == ["DEF002"]
    assert [one.code for one in check_define(path, schema_root=schema_root)] == ["DEF002"]


class TestData:
    """The same define.xml against data that changed after it was built."""

    @pytest.fixture
    def changed(self, check, study):
        def check_changed(name, change):
            datasets = [
                change(dataset) if dataset.name == name else dataset for dataset in study.datasets
            ]
            return check(datasets=[one for one in datasets if one is not None])

        return check_changed

    def variables(self, **changes):
        """Return a change of fields of variables, by name of the variable."""
        return lambda dataset: dataclasses.replace(
            dataset,
            variables=tuple(
                dataclasses.replace(variable, **changes.get(variable.name, {}))
                for variable in dataset.variables
            ),
        )

    def values(self, name, values):
        """Return a change of the values of one variable."""

        def change(dataset):
            at = dataset.table.column_names.index(name)
            column = pa.array(values, dataset.table.schema.field(name).type)
            return dataclasses.replace(dataset, table=dataset.table.set_column(at, name, column))

        return change

    def test_a_dataset_that_is_not_described(self, check, study):
        strange = dataclasses.replace(study.dataset("TA"), name="XX")
        assert check(datasets=(*study.datasets, strange)) == [
            ("DEF020", 'dataset "XX" is not in the define.xml')
        ]

    def test_a_dataset_that_is_not_given(self, changed):
        assert changed("TA", lambda _: None) == [
            ("DEF021", 'dataset "TA" of the define.xml was not given')
        ]

    def test_a_dataset_without_data_need_not_be_given(self, changed):
        assert changed("MH", lambda _: None) == []

    def test_a_variable_that_is_not_described(self, changed):
        def add(dataset):
            more = Variable("TANEW", "New", "text", 1)
            table = dataset.table.append_column("TANEW", pa.array(["x"]))
            variables = (*dataset.variables, more)
            return dataclasses.replace(dataset, variables=variables, table=table)

        assert changed("TA", add) == [("DEF022", 'variable "TANEW" is not in the define.xml')]

    def test_a_variable_that_is_not_in_the_dataset(self, changed):
        def drop(dataset):
            table = dataset.table.drop_columns(["ARM"])
            return dataclasses.replace(dataset, variables=dataset.variables[:-1], table=table)

        assert changed("TA", drop) == [
            ("DEF023", 'variable "ARM" of the define.xml is not in the dataset')
        ]

    def test_another_label_of_the_dataset(self, changed):
        found = changed("TA", lambda dataset: dataclasses.replace(dataset, label="Arms"))
        assert found == [("DEF024", 'the label of "TA" differs between data and define.xml')]

    def test_another_label_of_a_variable(self, changed):
        assert changed("TA", self.variables(ARM={"label": "Arm"})) == [
            ("DEF025", "the label differs between data and define.xml")
        ]

    @pytest.mark.parametrize(
        ("name", "values", "data_type"),
        [
            ("AESTDTC", ["2014-01-02T08:30", "2014"], "partialDate"),
            ("AESEQ", [1.0, 1.5], "integer"),
        ],
    )
    def test_values_of_another_type(self, changed, name, values, data_type):
        assert changed("AE", self.values(name, values)) == [
            ("DEF026", f'the values are not of the data type "{data_type}"')
        ]

    def test_a_kind_of_another_type(self, changed):
        def to_number(dataset):
            changed_kind = self.variables(ARM={"kind": "number", "length": 8})(dataset)
            at = dataset.table.column_names.index("ARM")
            table = dataset.table.set_column(at, "ARM", pa.array([1.0]))
            return dataclasses.replace(changed_kind, table=table)

        assert changed("TA", to_number) == [
            ("DEF026", 'the values are not of the data type "text"')
        ]

    def test_another_length(self, changed):
        assert changed("TA", self.variables(ARM={"length": 41})) == [
            ("DEF027", "the length differs between data and define.xml")
        ]

    def test_text_without_a_length(self, check, study):
        edit = ('Name="ARM" DataType="text" Length="40"', 'Name="ARM" DataType="text"')
        assert check(edit, datasets=study.datasets) == [
            ("DEF035", '"IT.TA.ARM" of type text has no length'),
            ("DEF027", "the length differs between data and define.xml"),
        ]

    def test_another_order(self, changed):
        def turn(dataset):
            names = ["STUDYID", "ARM", "ARMCD"]
            variables = tuple(dataset.variable(name) for name in names)
            return dataclasses.replace(
                dataset, variables=variables, table=dataset.table.select(names)
            )

        assert changed("TA", turn) == [("DEF028", 'the order of the variables of "TA" differs')]

    def test_other_keys(self, changed):
        turned = ("AESEQ", "USUBJID")
        assert changed("AE", lambda dataset: dataclasses.replace(dataset, keys=turned)) == [
            ("DEF029", 'the keys of "AE" differ')
        ]

    def test_values_outside_the_codelist(self, check, study):
        change = self.values("AESEV", ["SEVERE", None])
        datasets = [change(one) if one.name == "AE" else one for one in study.datasets]
        assert check(datasets=datasets) == [
            ("DEF030", '1 of the values are not in codelist "CL.AESEV"')
        ]

    def test_numbers_outside_the_codelist(self, adam, created, tmp_path):
        study = complete(adam)
        path = tmp_path / "define.xml"
        for name in ("adsl.xpt", "adtte.xpt"):
            (tmp_path / name).touch()
        write_define(build_define(study, created=created), path)
        datasets = (self.values("TRT01PN", [3.0])(study.datasets[0]), study.datasets[1])
        found = check_define(path, datasets)
        assert [(one.code, one.found, one.expected, one.records) for one in found] == [
            ("DEF030", ('"3.0"',), "1, 2", 1)
        ]

    def test_data_where_none_are_said_to_be(self, changed):
        def fill(dataset):
            rows = [["S1", "01-001", "Y", "2014-01-02T08:30:00", 1.0]]
            columns = [
                pa.array([value], kind)
                for value, kind in zip(rows[0], dataset.table.schema.types, strict=True)
            ]
            table = pa.table(columns, names=dataset.table.column_names)
            return dataclasses.replace(dataset, table=table)

        assert changed("MH", fill) == [
            ("DEF031", 'dataset "MH" is marked as having no data, but has')
        ]

    def test_a_variable_that_has_data_after_all(self, changed):
        change = self.values("AEENDTC", [None, "2014-01-03T08:30:00"])
        assert changed("AE", change) == [
            ("DEF031", 'variable "AEENDTC" is marked as having no data, but has')
        ]

    def test_a_variable_that_lost_its_data(self, changed):
        assert changed("AE", self.values("AEDOSE", [None, None])) == [
            ("DEF031", 'variable "AEDOSE" has no data, but is not so marked')
        ]
