"""Two datasets side by side, cell by cell, as an outside reader of XPT gives the first."""

import pandas as pd
import pyreadstat

SAS_EPOCH = pd.Timestamp("1960-01-01")


def read_transport(path):
    """The dataset; days and times are ISO 8601 text, and '' or NaN is what is missing."""
    data, meta = pyreadstat.read_xport(path, disable_datetime_conversion=True)
    for name, form in meta.original_variable_types.items():
        if form and form.startswith("DATE"):
            timed = form.startswith("DATETIME")
            days = SAS_EPOCH + pd.to_timedelta(data[name], unit="s" if timed else "D")
            text = days.dt.strftime("%Y-%m-%dT%H:%M:%S" if timed else "%Y-%m-%d")
            data[name] = text.fillna("").astype(object)
    return data


def differences(ours, theirs):
    """Lines that say where the two differ: none if every cell is the same."""
    if set(ours.columns) != set(theirs.columns):
        return [f"columns: {sorted(set(ours.columns) ^ set(theirs.columns))}"]
    if len(ours) != len(theirs):
        return [f"records: {len(ours)} and {len(theirs)}"]
    lines = []
    for name in ours.columns:
        one, other = ours[name].reset_index(drop=True), theirs[name].reset_index(drop=True)
        differs = (one != other) & ~(one.isna() & other.isna())
        lines += [
            f"{name}, record {place + 1} of {ours['USUBJID'].iloc[place]}:"
            f" {one[place]!r} and {other[place]!r}"
            for place in differs[differs].index
        ]
    return lines
