"""The list of the built-in verbs. Nothing registers itself by being imported."""

from functools import cache
from types import MappingProxyType

from cdisc.functions.age import AGE
from cdisc.functions.arithmetic import (
    ABS,
    AVERAGE,
    CEIL,
    EXP,
    FLOOR,
    GREATEST,
    LEAST,
    LOG,
    LOG10,
    MOD,
    POWER,
    SQRT,
)
from cdisc.functions.bands import BAND_NUMBER, BANDS
from cdisc.functions.boxes import BOX, NTH_CHECKED, ONE_OR_MULTIPLE
from cdisc.functions.choose import COALESCE, EARLIEST, LATEST
from cdisc.functions.convert import CONVERT
from cdisc.functions.countries import ISO3166
from cdisc.functions.dates import DATE_CALL, DATE_STEP, TIME
from cdisc.functions.durations import COMPLETED, DURATION, ELAPSED
from cdisc.functions.formulas import formulas
from cdisc.functions.grades import GRADE, TOXICITY
from cdisc.functions.impute import DATE_FLAG, IMPUTE, TIME_FLAG
from cdisc.functions.iso import ISO
from cdisc.functions.languages import ISO639
from cdisc.functions.long_texts import SPLIT
from cdisc.functions.lookups import CODE, DECODE, LOOKUP, MAP
from cdisc.functions.numbers import DECIMALS, LIMIT, NUM, ROUND, TEXT
from cdisc.functions.range_flag import RANGE_FLAG
from cdisc.functions.ranges import WITHIN
from cdisc.functions.rank import RANK
from cdisc.functions.relative import RELATIVE
from cdisc.functions.serial import SERIAL
from cdisc.functions.study_day import STUDY_DAY
from cdisc.functions.terminology import CT
from cdisc.functions.texts import HALFWIDTH, LOWER, PART, REPLACE, SQUISH, SUBSTR, UPPER
from cdisc.functions.treatment import (
    EVENT_ON_TREATMENT,
    EVENT_SPANS_TREATMENT,
    ON_TREATMENT,
    TREATMENT_EMERGENT,
)
from cdisc.functions.visits import VISIT_NUMBER
from cdisc.functions.yn import YN
from cdisc.language.verb import Verb, Verbs

_BUILTIN: tuple[Verb, ...] = (
    ABS,
    AGE,
    AVERAGE,
    BAND_NUMBER,
    BANDS,
    BOX,
    CEIL,
    COALESCE,
    CODE,
    COMPLETED,
    CONVERT,
    CT,
    DATE_CALL,
    DATE_FLAG,
    DATE_STEP,
    DECODE,
    DURATION,
    EARLIEST,
    ELAPSED,
    EVENT_ON_TREATMENT,
    EVENT_SPANS_TREATMENT,
    EXP,
    FLOOR,
    GRADE,
    GREATEST,
    HALFWIDTH,
    IMPUTE,
    ISO,
    ISO3166,
    ISO639,
    LATEST,
    LEAST,
    LIMIT,
    DECIMALS,
    LOG,
    LOG10,
    LOOKUP,
    LOWER,
    MAP,
    MOD,
    NTH_CHECKED,
    NUM,
    ONE_OR_MULTIPLE,
    ON_TREATMENT,
    PART,
    POWER,
    RANGE_FLAG,
    RANK,
    RELATIVE,
    REPLACE,
    ROUND,
    SERIAL,
    SPLIT,
    SQRT,
    SQUISH,
    STUDY_DAY,
    SUBSTR,
    TEXT,
    TIME,
    TIME_FLAG,
    TOXICITY,
    TREATMENT_EMERGENT,
    UPPER,
    VISIT_NUMBER,
    WITHIN,
    YN,
)


@cache
def builtin_verbs() -> Verbs:
    """Return the built-in verbs by form and name, such as ``step iso``."""
    return MappingProxyType({f"{verb.form} {verb.name}": verb for verb in (*_BUILTIN, *formulas())})
