"""What Arrow's columns are called here; Arrow itself carries no annotations.

A column is an Arrow array or chunked array of shape (n,), a mask one of bool in
which missing is no.
"""

from typing import Any, TypeAlias

import pyarrow.compute

Column: TypeAlias = Any
Mask: TypeAlias = Any
pc: Any = pyarrow.compute
