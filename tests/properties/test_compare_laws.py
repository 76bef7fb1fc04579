import dataclasses

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.compare import Rules, Tolerance, compare_datasets
from cdisc.dataset import Dataset, Variable

VARIABLES = (
    Variable("K", "key", "text", 9), Variable("N", "seq", "number", 8),
    Variable("X", "x", "text", 9), Variable("V", "v", "number", 8),
)  # fmt: skip
values = st.tuples(
    st.sampled_from(["a", "b", "c", None]),
    st.sampled_from([1.0, 2.0, None]),
    st.sampled_from(["x", "y", None]),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
)
tolerances = st.builds(Tolerance, st.sampled_from([0.0, 0.5]), st.sampled_from([0.0, 0.1]))


def dataset(rows, keys):
    columns = list(zip(*rows, strict=True)) or [(), (), (), ()]
    types = [pa.string(), pa.float64(), pa.string(), pa.float64()]
    arrays = [pa.array(one, kind) for one, kind in zip(columns, types, strict=True)]
    table = pa.Table.from_arrays(arrays, names=["K", "N", "X", "V"])
    return Dataset("D", "", "", "", keys, VARIABLES, table)


datasets = st.builds(
    dataset, st.lists(values, max_size=8), st.sampled_from([(), ("K",), ("K", "N")])
)


@settings(max_examples=25)
@given(datasets, tolerances)
def test_everything_is_equal_to_itself(one, tolerance):
    assert not compare_datasets(one, one, rules=Rules(tolerance)).different


@settings(max_examples=25)
@given(datasets, datasets, tolerances)
def test_the_other_way_round_says_the_same(a, b, tolerance):
    rules = Rules(tolerance, first=0)
    forth, back = compare_datasets(a, b, rules=rules), compare_datasets(b, a, rules=rules)

    sides = {"a": "b", "b": "a"}
    turned = dataclasses.replace(
        back,
        records_a=back.records_b,
        records_b=back.records_a,
        records=tuple(
            dataclasses.replace(one, side=sides[one.side]) for one in reversed(back.records)
        ),
    )
    assert dataclasses.replace(turned, reordered=forth.reordered) == forth


@settings(max_examples=25)
@given(st.data())
def test_a_difference_that_is_planted_is_found(data):
    count = data.draw(st.integers(1, 9))
    rows = [("s", float(number), "x", float(number)) for number in range(count)]
    place = data.draw(st.integers(0, count - 1))
    change = data.draw(st.sampled_from(["X", "V", "less"]))
    other = [list(row) for row in rows]
    if change == "less":
        del other[place]
    else:
        other[place][2 if change == "X" else 3] = data.draw(st.sampled_from([None, "y", "z"])) if (
            change == "X"
        ) else data.draw(st.none() | st.floats(100, 200))  # fmt: skip
    order = data.draw(st.permutations(other))
    keys = ("K", "N")

    found = compare_datasets(dataset(rows, keys), dataset(order, keys))

    assert found.different
    key = (("K", "s"), ("N", str(place)))
    if change == "less":
        assert [(one.side, one.count, one.first) for one in found.records] == [("a", 1, (key,))]
    else:
        assert [(one.variable, one.count, one.first[0].key) for one in found.values] == [
            (change, 1, key)
        ]
