"""What a report of a validation shows: frozen facts, counted elsewhere."""

import dataclasses

from cdisc.validate.rules.model import GRADES, Finding, Grade


@dataclasses.dataclass(frozen=True, slots=True)
class Coverage:
    """Which published rules were run over a folder.

    Attributes:
        folder: Name of the folder.
        standard: Standard and version that chose them.
        sha256: Hash of the rules that were imported.
        rules: How many apply.
        ran: How many of them were run over a dataset at least.
        skipped: Why others were not, with their identifiers; the most frequent reason first.
    """

    folder: str
    standard: str
    sha256: str
    rules: int
    ran: int
    skipped: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def lines(self) -> tuple[str, ...]:
        """What a report says of it, in words."""
        said = (
            f"{self.folder}: {self.ran:,} of {self.rules:,} published rules of {self.standard}"
            f" (sha256 {self.sha256[:12]}) were run"
        )
        return (said, *(f"{len(names):,} were not: {why}" for why, names in self.skipped))


@dataclasses.dataclass(frozen=True, slots=True)
class Validation:
    """One run over one package.

    Attributes:
        package: Its name.
        findings: In order.
        datasets: Name, label, records and variables of each dataset.
        standards: What they were held against.
        rules: How many rules there are.
        version: Version of the program.
        published: Which published rules were run, where they were asked for.
    """

    package: str
    findings: tuple[Finding, ...]
    datasets: tuple[tuple[str, str, int, int], ...]
    standards: tuple[str, ...]
    rules: int
    version: str
    published: tuple[Coverage, ...] = ()

    @property
    def open(self) -> tuple[Finding, ...]:
        """The findings that nobody has explained and that are still there."""
        return tuple(one for one in self.findings if not one.explained and one.status != "gone")

    def counts(self) -> dict[Grade, int]:
        """Return how many findings are open, by severity, zeros included."""
        severities = [one.severity for one in self.open]
        return {grade: severities.count(grade) for grade in GRADES}

    def fails(self, limit: Grade) -> bool:
        """Say whether an open finding is as grave as a severity, or graver."""
        worst = GRADES.index(limit)
        return any(GRADES.index(one.severity) <= worst for one in self.open)
