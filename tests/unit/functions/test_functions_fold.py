import unicodedata

import pyarrow as pa
import pytest

from cdisc.engine.database import Database
from cdisc.functions.terminology import CT, fold


def folded_by_sql(texts):
    with Database() as database:
        database.macros([CT.prelude])
        database.store("t", pa.table({"x": texts}))
        return [row[0] for row in database.rows("SELECT fold(x) FROM t")]


CASES = {
    "  Mild \t ": "mild",
    "Not\u00a0 Done": "not done",
    "\uff2d\uff49\uff4c\uff44\u3000\uff08\uff11\uff09": "mild (1)",
    "A\u030angstrom": "\u00e5ngstrom",
    "\u039f\u0394\u039f\u03a3": "\u03bf\u03b4\u03bf\u03c3",
    "it's": "it's",
    "\u8efd\u5ea6": "\u8efd\u5ea6",
}


@pytest.mark.parametrize(("collected", "expected"), CASES.items())
def test_width_blanks_and_case_do_not_count(collected, expected):
    assert fold(collected) == expected
    assert folded_by_sql([collected]) == [expected]


def test_terms_and_data_are_folded_alike_whatever_the_character():
    characters = [chr(code) for code in range(1, 0x10000)]
    texts = [f"A{one}B" for one in characters if unicodedata.category(one) not in ("Cn", "Cs")]

    apart = [
        (text, found) for text, found in zip(texts, folded_by_sql(texts), strict=True)
        if found != fold(text)
    ]  # fmt: skip

    assert apart == []
