"""Does a study keep the standards it names? Findings, never exceptions.

`validate_study` runs every check over every dataset. A check is a pure function
that returns what it found, one finding for each dataset, variable and kind.
`locate` adds the lines of the spec.
"""

from cdisc.validate.places import locate
from cdisc.validate.study import validate_study

__all__ = ["locate", "validate_study"]
