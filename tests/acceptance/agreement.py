"""What the truth says of every subject, and what the package says: both as plain texts.

Nothing of the program is used here: the truth files are CSV, and the package is read by
another reader. A comparison holds, for each parameter, the values by subject (and by
day, where there are several) of either side.
"""

import csv
import datetime as dt
import re
from dataclasses import dataclass, field

import pyreadstat

EPOCH = dt.date(1960, 1, 1)
PLAIN = re.compile(r"\d{4}/\d{1,2}/\d{1,2}")
SITES = {"PK01": "01", "PK02": "02", "PK03": "03"}
# Truth of a subject -> variable of ADSL, dates and codes as they stand.
SUBJECT = {
    "ARMCD": "ARMCD",
    "RANDDT": "RANDDT",
    "TRTSDT": "TRTSDT",
    "INFDT": "INFDT",
    "TREATED": "INFFL",
    "XOELIG": "XOELFL",
    "XODT": "TR02SDT",
    "XOINFDT": "XOINFDT",
    "EOSDT": "EOSDT",
    "DEATHDT": "DTHDT",
    "DEATHCAUSE": "DTHCAUS",
    "LASTALIVE": "LSTALVDT",
}
# Date of a fact -> parameter of ADRS that is Y on that day, N without it.
EVENTS = {
    "DEATHDT": "DEATH",
    "RELAPSEDT": "RLPSANY",
    "NEWTXDT": "NEWALT",
    "XODT": "XOVER",
    "AG24DT": "AGVHD24",
    "AG34DT": "AGVHD34",
    "CGMSDT": "CGVHDMS",
    "CGSVDT": "CGVHDSV",
    "CGSTDT": "CGVHDST",
}
LAST = {"LASTDA": "LSTDA", "LASTGV": "LSTGV", "LASTMRD": "LSTMRD"}
KINDS = {"RLPSHEM": ("HEMATOLOGICAL", "COMBINED"), "RLPSEMD": ("EXTRAMEDULLARY", "COMBINED")}
ADULT = 18
SEVERITY = {"0": "NONE", "1": "MILD", "2": "MODERATE", "3": "SEVERE"}


@dataclass
class Comparison:
    """Values of one parameter: by key (subject first), as the truth and as the package has it."""

    dataset: str
    parameter: str
    truth: dict = field(default_factory=dict)
    found: dict = field(default_factory=dict)

    @property
    def different(self):
        """The keys whose values differ, or that one side lacks."""
        return [
            key
            for key in sorted({*self.truth, *self.found})
            if self.truth.get(key) != self.found.get(key)
        ]


def table(path):
    """Return the records of a CSV file of the truth."""
    with path.open(encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def dataset(package, name):
    """Return the records of a dataset of the package, dates and numbers as texts."""
    path = next(package.rglob(f"{name}.xpt"))
    frame, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
    columns = {one: [told(one, value) for value in frame[one]] for one in meta.column_names}
    return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]


def told(name, value):
    """Return a value as text: a date of a variable in DT as ISO 8601, a whole number as such."""
    if isinstance(value, str):
        return value
    if value != value:  # noqa: PLR0124  a missing number is not equal to itself
        return ""
    if name.endswith("DT"):
        return (EPOCH + dt.timedelta(days=int(value))).isoformat()
    return f"{value:.15g}"


def comparisons(truth, package):
    """Return every comparison, in the order of the datasets.

    Args:
        truth: Folder of the truth files.
        package: Folder of the package.
    """
    found = {}

    def compare(name, parameter, side, key, values):
        one = found.setdefault((name, parameter), Comparison(name, parameter))
        assert key not in getattr(one, side), (name, parameter, key)
        getattr(one, side)[key] = values

    subjects = table(truth / "truth_subject.csv")
    _subjects(compare, subjects, dataset(package, "adsl"))
    _events(compare, subjects, table(truth / "truth_endpoint.csv"), dataset(package, "adrs"))
    _times(compare, table(truth / "truth_endpoint.csv"), dataset(package, "adtte"))
    known = {one["USUBJID"] for one in subjects}
    samples = [one for one in table(truth / "truth_mrd.csv") if one["USUBJID"] in known]
    _samples(compare, samples, dataset(package, "admrd"))
    _graft(compare, table(truth / "truth_gvhd.csv"), dataset(package, "adgvhd"))
    return list(found.values())


def _subjects(compare, subjects, adsl):
    for one in subjects:
        for name, variable in SUBJECT.items():
            compare("ADSL", variable, "truth", (one["USUBJID"],), one[name])
        reason = "" if one["EOSREAS"] == "COMPLETED" else one["EOSREAS"]
        compare("ADSL", "DCSREAS", "truth", (one["USUBJID"],), reason)
        compare("ADSL", "XOFL", "truth", (one["USUBJID"],), "Y" if one["XODT"] else "N")
        compare("ADSL", "SAFFL", "truth", (one["USUBJID"],), "Y" if one["TRTSDT"] else "N")
    for one in adsl:
        for variable in (*SUBJECT.values(), "XOFL", "SAFFL"):
            compare("ADSL", variable, "found", (one["USUBJID"],), one[variable])
        # the truth says that consent was withdrawn; who signs for a child is a matter of age
        guardian = int(one["AGE"]) < ADULT and one["DCSREAS"] == "WITHDRAWAL BY PARENT/GUARDIAN"
        reason = "WITHDRAWAL BY SUBJECT" if guardian else one["DCSREAS"]
        compare("ADSL", "DCSREAS", "found", (one["USUBJID"],), reason)


def _events(compare, subjects, endpoints, adrs):
    for one in subjects:
        dates = {code: one[name] for name, code in EVENTS.items()}
        relapse = one["RELAPSETYPE"]
        dates |= {c: one["RELAPSEDT"] if relapse in kinds else "" for c, kinds in KINDS.items()}
        for code, date in dates.items():
            kind = relapse if code == "RLPSANY" else ""
            value = "Y" if date else "N"
            compare("ADRS", code, "truth", (one["USUBJID"],), (value, date, kind))
        for name, code in LAST.items():
            if one[name]:
                compare("ADRS", code, "truth", (one["USUBJID"],), ("Y", one[name], ""))
    for one in endpoints:
        if one["ENDPOINT"].startswith("MRD"):
            values = (one["VALUE"], one["DATE"], one["REASON"])
            compare("ADRS", one["ENDPOINT"], "truth", (one["USUBJID"],), values)
    for one in adrs:
        values = (one["AVALC"], one["ADT"], one["AVALCAT1"])
        compare("ADRS", one["PARAMCD"], "found", (one["USUBJID"],), values)


def _times(compare, endpoints, adtte):
    for one in endpoints:
        if not one["ENDPOINT"].startswith("MRD"):
            values = tuple(one[name] for name in ("START", "DATE", "DAYS", "EVENT", "REASON"))
            compare("ADTTE", one["ENDPOINT"], "truth", (one["USUBJID"],), values)
    for one in adtte:
        values = tuple(one[name] for name in ("STARTDT", "ADT", "AVAL", "CNSR", "EVNTDESC"))
        compare("ADTTE", one["PARAMCD"], "found", (one["USUBJID"],), values)


def _samples(compare, samples, admrd):
    for one in samples:
        key = (one["USUBJID"], one["DATE"], one["SPEC"])
        level = one["REPORTED"]
        value = level if level.startswith("<") else f"{float(level):.15g}"
        compare("ADMRD", "MRDPCT", "truth", key, (value, one["ISPRIMARY"]))
    for one in admrd:
        if one["PARAMCD"] == "MRDPCT":
            key = (one["USUBJID"], one["ADT"], one["CPSPEC"])
            value = one["AVALC"] if one["AVALC"].startswith("<") else one["AVAL"]
            primary = "Y" if (one["AVISITN"], one["ANL01FL"]) == ("3", "Y") else "N"
            compare("ADMRD", "MRDPCT", "found", key, (value, primary))


def _graft(compare, examinations, adgvhd):
    for one in examinations:
        key = (one["USUBJID"], one["DATE"])
        compare("ADGVHD", "AGVHGRD", "truth", key, (one["AGGRADE"], one["AGONSET"]))
        compare("ADGVHD", "CGVHSEV", "truth", key, (SEVERITY[one["CGSEV"]], one["CGONSET"]))
        asked = "Y" if one["CGSYS"] == "1" else "N"
        compare("ADGVHD", "CGVHSYS", "truth", key, (asked, one["CGONSET"]))
    for one in adgvhd:
        if one["PARAMCD"] in ("AGVHGRD", "CGVHSEV", "CGVHSYS"):
            key = (one["USUBJID"], one["ADT"])
            compare("ADGVHD", one["PARAMCD"], "found", key, (one["AVALC"], one["ONSDT"]))


# A lineage of blood cells, by the codes and the names of the three laboratories; and the times
# of ADTTE that end when it recovers.
LINEAGES = {
    "NEUT": ("NEU#", "ANC", "GR#", "中性粒细胞绝对值"),
    "PLAT": ("PLT", "血小板", "血小板计数"),
    "HGB": ("HGB", "Hb", "血红蛋白"),
}
DURATIONS = {
    "HTD34": ("NEUT", "PLAT", "HGB"),
    "HTDNEU": ("NEUT",),
    "HTDPLT": ("PLAT",),
    "HTDHGB": ("HGB",),
}
WEEK = dt.timedelta(days=7)  # a count stands for seven days, and so long no other may be severe


def lost_counts(truth):
    """Return the blood counts whose value the raw file does not have.

    They are logged as Q12 (no result: not done, hemolysed), as Q07 where what is
    written is a bound (``<0.27``) and no number, and as Q13 where the decimal point
    slipped: such a value is kept as it was collected.

    Args:
        truth: Folder of the truth files; the raw files lie beside it.

    Returns:
        Subject, lineage and day of each.
    """
    with (truth.parent / "raw/ext/LAB.csv").open(encoding="gb18030", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found, taken = set(), {}
    for row in rows:
        day = row["COLL_TM"].split(" ")[0]
        if PLAIN.fullmatch(day):  # other rows of the sample say it in another form
            number = (int(part) for part in day.split("/"))
            taken.setdefault(row["SAMPLE_ID"], set()).add(dt.date(*number))
    for one in table(truth / "truth_dirt.csv"):
        if one["FILE"] != "raw/ext/LAB.csv" or one["FIELD"] != "RESULT":
            continue
        bound = one["DEFECT"] == "Q07" and one["EXPECTED"].startswith(("<", ">"))
        if one["DEFECT"] not in ("Q12", "Q13") and not bound:
            continue
        row = rows[int(one["ROW"]) - 1]
        named = {row["ITEM_CODE"], row["ITEM_NAME"]}
        subject = f"SYN07441291-{SITES[row['HOSP']]}-{row['PATNO']}"
        found |= {
            (subject, lineage, day)
            for lineage, names in LINEAGES.items()
            if named & {*names}
            for day in taken[row["SAMPLE_ID"]]
        }
    return found


def is_hidden(comparison, key, lost):
    """Say whether a logged defect hides the truth of a value.

    The one rule: how long a severe cytopenia lasted may differ where a count of its
    lineages is lost that was taken from the first of the two days of onset to a week
    after the later end. Nothing else may differ.

    Args:
        comparison: The comparison.
        key: The key that differs.
        lost: Of `lost_counts`.
    """
    if comparison.parameter not in DURATIONS:
        return False
    sides = [side[key] for side in (comparison.truth, comparison.found) if key in side]
    first = min(dt.date.fromisoformat(side[0]) for side in sides)
    last = max(dt.date.fromisoformat(side[1]) for side in sides)
    return any(
        subject == key[0]
        and lineage in DURATIONS[comparison.parameter]
        and first <= day <= last + WEEK
        for subject, lineage, day in lost
    )
