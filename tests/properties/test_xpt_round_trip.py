import datetime as dt
import tempfile
from pathlib import Path

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from cdisc.dataset import ARROW_TYPES, Dataset, Variable
from cdisc.transport import check_xpt, read_xpt, write_xpt

CREATED = dt.datetime(2026, 1, 1)  # noqa: DTZ001  transport files know no time zone
FORMATS = {
    "text": [None, "$20.", "$CHAR8.", "$YESNO."],
    "number": [None, "8.", "8.2", "BEST12.", "COMMA10.3"],
    "date": ["DATE9.", "E8601DA10.", "YYMMDD10."],
    "datetime": ["DATETIME20.", "E8601DT19."],
    "time": ["TIME8.", "E8601TM8."],
}
names = st.from_regex(r"[A-Z_][A-Z0-9_]{0,7}", fullmatch=True)


characters = st.sampled_from(" AZaz09.-/'$\u007eéµ≥½术语🩺Ÿ") | st.characters(
    exclude_categories=["C", "Z"]
)


def texts(most, encoding):
    """Text of at most so many bytes, without blanks at the end."""
    alphabet = st.characters(codec="ascii", exclude_categories=["C"])
    return st.text(alphabet if encoding == "ascii" else characters, max_size=most).map(
        lambda one: one.encode(encoding)[:most].decode(encoding, "ignore").rstrip(" ")
    )


def values_of(kind, encoding, length):
    if kind == "text":
        return texts(length, encoding).map(lambda one: one or None)
    if kind == "number":
        return st.floats(-(2.0**251), 2.0**251).filter(lambda one: one == 0 or abs(one) > 1e-78)
    return {
        "date": st.dates(),
        "datetime": st.datetimes().map(lambda one: one.replace(microsecond=0)),
        "time": st.times().map(lambda one: one.replace(microsecond=0)),
    }[kind]


@st.composite
def datasets(draw, encoding):
    labels = texts(40, encoding)
    rows = draw(st.integers(0, 6))
    columns = {}
    variables = []
    for name in draw(st.lists(names, min_size=1, max_size=4, unique=True)):
        kind = draw(st.sampled_from(list(FORMATS)))
        length = draw(st.integers(1, 24)) if kind == "text" else 8
        shown = draw(st.sampled_from(FORMATS[kind]))
        value = st.none() | values_of(kind, encoding, length)
        columns[name] = pa.array(
            draw(st.lists(value, min_size=rows, max_size=rows)), ARROW_TYPES[kind]
        )
        variables.append(Variable(name, draw(labels), kind, length, shown))
    label = draw(labels)
    return Dataset(draw(names), label, "", "", (), tuple(variables), pa.table(columns))


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(["ascii", "utf-8", "gb18030"]).flatmap(
        lambda encoding: st.tuples(datasets(encoding), st.just(encoding))
    )
)
def test_what_is_written_is_read_back(written):
    dataset, encoding = written
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.xpt"
        if "XPT016" in [one.code for one in check_xpt(dataset, encoding=encoding)]:
            return  # a short blank record at the end is refused
        write_xpt(dataset, path, created=CREATED, encoding=encoding)
        again = read_xpt(path, encoding=encoding)
    assert again == dataset
