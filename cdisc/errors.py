"""The exceptions. The class says who must act; the code of a diagnostic says what.

```text
CdiscError                  exit 1    base; carries a tuple of Diagnostic
  SpecError                 exit 2    a YAML file is wrong
  RawDataError              exit 3    the collected data do not fit the spec
  ConformanceError          exit 4    the result breaks a rule of severity error
  StandardNotFoundError     exit 5    specs/ lacks that IG or CT version
  OutputError               exit 6    cannot write what was asked
anything else               exit 70   our bug
```
"""

from collections.abc import Iterable
from typing import ClassVar

from cdisc.diagnostics import Diagnostic, in_file_order


class CdiscError(Exception):
    """An expected failure; `diagnostics` holds every finding that led to it."""

    exit_code: ClassVar[int] = 1

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = in_file_order(diagnostics)
        super().__init__("\n\n".join(one.to_text() for one in self.diagnostics))


class SpecError(CdiscError):
    """A file of ``mappings/`` or ``specs/`` is wrong as written."""

    exit_code = 2


class RawDataError(CdiscError):
    """The collected data do not fit the spec."""

    exit_code = 3


class ConformanceError(CdiscError):
    """The result breaks a rule of severity error."""

    exit_code = 4


class StandardNotFoundError(CdiscError):
    """``specs/`` holds no such implementation guide, model or CT release."""

    exit_code = 5


class OutputError(CdiscError):
    """What was asked cannot be written: a limit of the format, or the disk."""

    exit_code = 6
