"""Review a package that lies in a folder, whoever made it.

A transport file holds values, labels and lengths. The define.xml beside it says the
rest: the standards, what each dataset is, its keys, where values come from. What it
says makes a `Study`, which is then validated like one that was just built; whether it
agrees with the data is checked as well.
"""

from cdisc.review.defines import check_defines
from cdisc.review.package import read_package, validate_package

__all__ = ["check_defines", "read_package", "validate_package"]
