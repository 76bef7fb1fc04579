import copy
import dataclasses
import pickle

import pytest

from cdisc.record import record


@record(slots=True, kw_only=True)
class Place:
    start: int = dataclasses.field(default=0, compare=False)


@record(slots=True, kw_only=True)
class Named(Place):
    name: str
    parts: list[str] = dataclasses.field(default_factory=list)


@record()
class Pair:
    left: int
    right: int = 2


def test_a_record_is_made_by_place_and_by_keyword_with_its_defaults():
    assert (Pair(1).left, Pair(1).right, Pair(1, right=3).right) == (1, 2, 3)
    assert (Named(name="a").start, Named(name="a").parts) == (0, [])
    assert Named(name="a").parts is not Named(name="a").parts


def test_what_is_missing_or_too_much_is_refused_as_for_any_function():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'left'"):
        Pair()
    with pytest.raises(TypeError, match="unexpected keyword argument 'middle'"):
        Pair(1, middle=2)
    with pytest.raises(TypeError, match="takes 1 positional argument"):
        Named("a")


def test_records_are_equal_by_kind_and_by_the_fields_that_are_compared():
    assert Named(name="a", start=1) == Named(name="a", start=2)
    assert Named(name="a") != Named(name="b")
    assert Pair(1) != (1, 2)
    assert hash(Pair(1)) == hash(Pair(1, 2)) == hash((1, 2))
    assert {Place(start=1)} == {Place(start=2)}


def test_a_record_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot change 'left' of Pair"):
        Pair(1).left = 3
    with pytest.raises(dataclasses.FrozenInstanceError, match="cannot change 'name' of Named"):
        del Named(name="a").name


def test_a_record_is_shown_replaced_copied_matched_and_pickled_as_a_dataclass():
    one = Named(name="a", parts=["b"], start=3)
    assert repr(one) == "Named(start=3, name='a', parts=['b'])"
    assert repr(dataclasses.replace(one, name="c")) == "Named(start=3, name='c', parts=['b'])"
    assert repr(copy.copy(one)) == repr(one)
    assert repr(pickle.loads(pickle.dumps(one))) == repr(one)  # noqa: S301  made here
    assert dataclasses.asdict(Pair(1)) == {"left": 1, "right": 2}
    match Pair(4):
        case Pair(left, 2):
            assert left == 4
