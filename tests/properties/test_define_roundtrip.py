import dataclasses
import datetime as dt
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from define_xml import define_bytes, read_define
from define_xml.binding import bound_fields
from define_xml.model import Define

TEXT = st.text(
    st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff")
    | st.sampled_from("\t\n\r<>&\"' "),
    max_size=8,
)
VALUES = {
    str: TEXT,
    int: st.integers(-(10**6), 10**6),
    bool: st.booleans(),
    dt.datetime: st.datetimes(timezones=st.none() | st.just(dt.UTC)),
}


def objects(model):
    """Draw any object of the model, with at most two of what there may be many."""
    defaults = {field.name: field.default for field in dataclasses.fields(model)}
    drawn = {}
    for field in bound_fields(model):
        one = objects(field.type) if field.is_model else VALUES[field.type]
        if field.many:
            one = st.lists(one, max_size=2).map(tuple)
        elif defaults[field.name] is None:
            one = st.none() | one
        drawn[field.name] = one
    if model is Define:
        drawn["define_version"] = st.just("2.1.0")
    return st.builds(model, **drawn)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(objects(Define))
def test_any_define_is_read_back_as_it_was_written(define):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "define.xml"
        path.write_bytes(define_bytes(define))
        assert read_define(path) == define
