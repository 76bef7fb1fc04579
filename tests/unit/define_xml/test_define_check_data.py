"""The check of a define.xml against data that changed after it was built."""

import dataclasses

import pyarrow as pa
import pytest

from cdisc.dataset import Variable
from define_xml import build_define, check_define, write_define


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

    def test_numbers_outside_the_codelist(self, analysis_study, created, tmp_path):
        path = tmp_path / "define.xml"
        for name in ("adsl.xpt", "adtte.xpt"):
            (tmp_path / name).touch()
        write_define(build_define(analysis_study, created=created), path)
        datasets = (
            self.values("TRT01PN", [3.0])(analysis_study.datasets[0]),
            analysis_study.datasets[1],
        )
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
