"""The collected files as a second programmer reads them: text, with '' for what is missing.

Nothing here knows the program. What a line of the mapping asks for is written out by hand.
"""

import datetime as dt
import re
import unicodedata
from decimal import ROUND_HALF_UP, Decimal

import pandas as pd

STUDY = "SYN07441291"
MONTHS = {
    name: f"{number:02}"
    for number, name in enumerate(
        ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"],
        start=1,
    )
}
UNKNOWN = ("UN", "UNK")
MISSING_IN_FORMS = ("ND", "NA", ".", "UNK")
MISSING_IN_LABORATORY = ("---", "***")
HOSPITALS = {"PK01": "01", "PK02": "02", "PK03": "03"}


def read_form(folder, name):
    form = pd.read_csv(
        folder / "edc" / f"{name}.csv", dtype=object, keep_default_na=False, encoding="utf-8-sig"
    )
    form = form.where(~form.isin(MISSING_IN_FORMS), "")
    return form.assign(USUBJID="SYN07441291-" + form["SUBJ"])


def read_randomization(folder):
    table = pd.read_csv(
        folder / "ext" / "RAND.csv", dtype=object, keep_default_na=False, encoding="utf-8-sig"
    )
    site, number = table["SUBJ_IW"].str[:2], table["SUBJ_IW"].str[2:]
    return table.assign(USUBJID="SYN07441291-" + site + "-" + number)


def read_laboratory(folder):
    table = pd.read_csv(
        folder / "ext" / "LAB.csv", dtype=object, keep_default_na=False, encoding="gb18030"
    )
    table = table.where(~table.isin(MISSING_IN_LABORATORY), "")
    return table.assign(
        USUBJID="SYN07441291-" + table["HOSP"].map(HOSPITALS) + "-" + table["PATNO"]
    )


def read_flow(folder):
    table = pd.read_csv(
        folder / "ext" / "FLOW.csv",
        dtype=object,
        keep_default_na=False,
        encoding="utf-8-sig",
        sep=";",
    )
    return table.assign(USUBJID="SYN07441291-" + table["PATIENT"].str.replace("/", "-"))


def answered(form, name):
    """The code of an item, or the decode where the code is missing."""
    return first_known(form[name], form[f"{name}_D"])


def first_known(*columns):
    """The first value of each row that is not ''."""
    result = columns[0]
    for column in columns[1:]:
        result = result.where(result != "", column)
    return result


def folded(text):
    """Case, width and blanks do not count where a term is looked for."""
    return re.sub(r"\s+", " ", unicodedata.normalize("NFKC", text)).strip().casefold()


def recoded(column, terms):
    """Each text by its term; '' stays, and a text without a term is a mistake of this reading."""
    table = {folded(key): value for key, value in terms.items()}
    table |= {folded(value): value for value in terms.values()}
    return column.map(lambda text: table[folded(text)] if text else "")


def tidied(column):
    return column.map(lambda text: " ".join(text.split()))


def iso_day(text):
    """``03-MAY-2026`` as ``2026-05-03``; what is unknown is left out from the right."""
    if not text:
        return ""
    day, month, year = text.upper().split("-")
    if month in UNKNOWN:
        return year if day in UNKNOWN else f"{year}---{int(day):02}"
    if day in UNKNOWN:
        return f"{year}-{MONTHS[month]}"
    return dt.date(int(year), int(MONTHS[month]), int(day)).isoformat()


def iso_day_and_time(text):
    """``03-MAY-2026 8:05`` as ``2026-05-03T08:05``; without a time the day alone."""
    day, _, time = text.partition(" ")
    date = iso_day(day)
    if not time:
        return date
    hour, minute = time.split(":")
    # A hyphen stands for each part that is not known before one that is: 2026-05--T08:15.
    date += {4: "----", 7: "--"}.get(len(date), "")
    return f"{date}T{int(hour):02}:{int(minute):02}"


def iso_of_vendor(text):
    """``2026/5/3 8:05``, ``03.05.2026`` or the 46145.33681 of a spreadsheet; 24:00 is tomorrow."""
    if not text:
        return ""
    if re.fullmatch(r"\d+(\.\d+)?", text):
        return iso_of_serial(text)
    day, _, time = text.partition(" ")
    parts = [int(part) for part in re.split(r"[-/.]", day)]
    date = dt.date(*(parts if len(day.split(".")) == 1 else reversed(parts)))
    if not time:
        return date.isoformat()
    hour, minute = (int(part) for part in time.split(":"))
    if hour == 24:
        return (date + dt.timedelta(days=1)).isoformat() + "T00:00"
    return f"{date.isoformat()}T{hour:02}:{minute:02}"


def iso_of_serial(text):
    """Days since 30 December 1899; the part behind the point is the time of the day."""
    whole, _, part = text.partition(".")
    date = dt.date(1899, 12, 30) + dt.timedelta(days=int(whole))
    if not part:
        return date.isoformat()
    seconds = round(Decimal(f"0.{part}") * 86400)
    hour, minute, second = seconds // 3600, seconds // 60 % 60, seconds % 60
    assert second == 0
    return f"{date.isoformat()}T{hour:02}:{minute:02}"


def known_parts(text):
    """What stands before the first part that is not known: 2026-05 of 2026-05--T08:15."""
    return text.split("--")[0]


def before(one, other):
    """By the parts that both have; a missing date is before nothing."""
    one, other = known_parts(one), known_parts(other)
    shared = min(len(one), len(other))
    return shared > 0 and one[:shared] < other[:shared]


def on_or_before(one, other):
    """Before, or the same at least to the day."""
    one, other = known_parts(one), known_parts(other)
    shared = min(len(one), len(other))
    return before(one, other) or (shared >= 10 and one[:shared] == other[:shared])


def as_day(text):
    """The complete day of a date, '' if a part of it is not known."""
    return text[:10] if re.match(r"\d{4}-\d\d-\d\d", text) else ""


def days_after(day, number):
    """The day so many days later; '' stays."""
    return (dt.date.fromisoformat(day) + dt.timedelta(days=number)).isoformat() if day else ""


def study_day(day, reference):
    """The reference is day 1, the day before it is day -1; None where one is not known."""
    if not as_day(day) or not as_day(reference):
        return None
    distance = (dt.date.fromisoformat(day[:10]) - dt.date.fromisoformat(reference[:10])).days
    return distance if distance < 0 else distance + 1


def study_days(dates, references):
    """The reference is day 1, the day before it is day -1; NaN where a day is not known."""
    days = pd.to_datetime(dates.map(as_day), format="%Y-%m-%d", errors="coerce")
    start = pd.to_datetime(references.map(as_day), format="%Y-%m-%d", errors="coerce")
    distance = (days - start).dt.days
    return distance.where(distance < 0, distance + 1).astype(float)


def rounded(number, digits):
    """Half is rounded away from zero."""
    return float(number.quantize(Decimal(1).scaleb(-digits), rounding=ROUND_HALF_UP))


def sorted_by(frame, keys):
    """By the bytes of the keys; what ties keeps its place."""
    return frame.sort_values(
        keys, key=lambda column: column.map(lambda text: text.encode()), kind="stable"
    ).reset_index(drop=True)


def numbered(frame, keys, name):
    """Sorted, with the sequence number within subject."""
    frame = sorted_by(frame, keys)
    return frame.assign(**{name: frame.groupby("USUBJID").cumcount() + 1.0})


def per_subject(values, subjects, choose):
    """The value that ``choose`` takes of the known values of each subject."""
    known = values[values != ""]
    return known.groupby(subjects[known.index]).agg(choose)


def looked_up(subjects, found):
    """A value for each subject, '' where there is none."""
    values = subjects.map(found).astype(object)
    return values.where(values.notna(), "")


def qualifiers(parent, sequence, domain, lines):
    """SUPP--: one record for each value that is not missing."""
    records = []
    for name, label, values, origin, evaluator in lines:
        known = values != ""
        numbers = parent[sequence][known].map("{:.0f}".format) if sequence else ""
        records.append(
            pd.DataFrame({
                "STUDYID": STUDY, "RDOMAIN": domain, "USUBJID": parent["USUBJID"][known],
                "IDVAR": sequence, "IDVARVAL": numbers, "QNAM": name, "QLABEL": label,
                "QVAL": values[known], "QORIG": origin, "QEVAL": evaluator,
            })
        )  # fmt: skip
    return pd.concat(records, ignore_index=True)
