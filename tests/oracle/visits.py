"""SV of the demonstration study, and the visit of each record: by its event, or by its day."""

import pandas as pd

from tests.oracle.collected import (
    answered,
    iso_day,
    looked_up,
    read_form,
    recoded,
    study_day,
    tidied,
)
from tests.oracle.course import CROSSOVER, INITIAL
from tests.oracle.doses import first_infusions

# event: number, name, study day, first and last study day for samples of a vendor
PLANNED = {
    "SCR": (10, "SCREENING", -28),
    "RND": (20, "RANDOMIZATION", None),
    "APH": (30, "LEUKAPHERESIS", None),
    "DM5": (40, "DAY -5", -5),
    "DM4": (50, "DAY -4", -4),
    "DM3": (60, "DAY -3", -3),
    "D0": (100, "DAY 0", 1),
    "D7": (107, "DAY 7", 8),
    "D14": (114, "DAY 14", 15),
    "D28": (128, "DAY 28", 29),
    "M2": (302, "MONTH 2", 61),
    "M3": (303, "MONTH 3", 91),
    "M4": (304, "MONTH 4", 122),
    "M5": (305, "MONTH 5", 153),
    "M6": (306, "MONTH 6", 183),
    "M9": (309, "MONTH 9", 274),
    "M12": (312, "MONTH 12", 366),
    "XAPH": (530, "XO LEUKAPHERESIS", None),
    "XDM5": (540, "XO DAY -5", None),
    "XDM4": (550, "XO DAY -4", None),
    "XDM3": (560, "XO DAY -3", None),
    "XD0": (600, "XO DAY 0", None),
    "XD7": (607, "XO DAY 7", None),
    "XD14": (614, "XO DAY 14", None),
    "XD28": (628, "XO DAY 28", None),
    "EOS": (900, "END OF STUDY", None),
}
# days around the target in which a sample belongs to the visit, by its number
WINDOWS = {100: 0, 107: 1, 114: 2, 128: 3} | dict.fromkeys(range(302, 307), 7) | {309: 14, 312: 14}
TARGETS = {number: day for number, _name, day in PLANNED.values()}
CONTACTS = {"1": "IN PERSON", "2": "TELEPHONE CALL", "Telephone": "TELEPHONE CALL"} | {
    "3": "REMOTE AUDIO VIDEO", "Video": "REMOTE AUDIO VIDEO",
}  # fmt: skip


class Visits:
    """The visits of all subjects, and whose they are of records that name none."""

    def __init__(self, folder, samples, ec):
        self.collected = edc_visits(folder)
        self.infused = [first_infusions(ec, period) for period in (INITIAL, CROSSOVER)]
        self.by_day = {}  # planned visits of the EDC, the lowest number of a day
        self.done, self.days = set(), set()
        for one in self.collected[self.collected["DAY"] != ""].itertuples():
            self.days.add((one.USUBJID, one.DAY))
            if one.PLANNED:
                place = (one.USUBJID, one.DAY)
                self.by_day[place] = min(self.by_day.get(place, 9999), one.PLANNED)
                self.done.add((one.USUBJID, one.PLANNED))
        self.samples = {place: self.planned_of_sample(*place) for place in set(samples)}
        self.extra = sorted(
            place for place, number in self.samples.items() if not number and place not in self.days
        )
        self.sv = self.visits()
        kept = self.sv.sort_values("VISITNUM", kind="stable")
        self.of_slot = dict(
            zip(
                kept["USUBJID"] + kept["slot"],
                zip(kept["VISITNUM"], kept["VISIT"], strict=True),
                strict=True,
            )
        )
        places = zip(kept["USUBJID"], kept["DAY"], strict=True)
        self.of_day = {}
        for place, number, name in zip(places, kept["VISITNUM"], kept["VISIT"], strict=True):
            self.of_day.setdefault(place, (number, name))
        self.names = dict(zip(kept["VISITNUM"], kept["VISIT"], strict=True))

    def planned_of_sample(self, subject, day):
        """The planned visit of that day; else that in whose window it lies, if it took place."""
        if (subject, day) in self.days:
            return self.by_day.get((subject, day), 0)
        for shift, infused in zip((0, 500), self.infused, strict=True):
            distance = study_day(day, infused.get(subject, ""))
            for number, width in WINDOWS.items():
                if shift and number not in (100, 107, 114, 128):
                    continue
                # Days before the infusion have no day 0 between them and the target.
                if distance is None or distance < 0:
                    continue
                if abs(distance - TARGETS[number]) <= width:
                    return number + shift if (subject, number + shift) in self.done else 0
        return 0

    def visits(self):
        extra = pd.DataFrame(self.extra, columns=["USUBJID", "DAY"]).assign(
            PLANNED=0, slot="", reason="Sample between visits", SVCNTMOD="IN PERSON"
        )
        sv = pd.concat([self.collected, extra], ignore_index=True).fillna("")
        numbers, names, place = [], [], {}
        planned = sv[(sv["PLANNED"] > 0) & (sv["PLANNED"] < 900) & (sv["DAY"] != "")]
        by_subject = dict(tuple(planned.groupby("USUBJID")))
        for one in sv.sort_values(["USUBJID", "DAY"], kind="stable").itertuples():
            if one.PLANNED:
                number, name = float(one.PLANNED), names_of_planned(one.PLANNED)
            else:
                earlier = by_subject[one.USUBJID]
                earlier = earlier[earlier["DAY"] <= one.DAY].sort_values(["DAY", "PLANNED"])
                base = earlier["PLANNED"].iloc[-1] if len(earlier) else 0
                nth = place[one.USUBJID, base] = place.get((one.USUBJID, base), 0) + 1
                number, name = round(base + nth / 100, 2), f"UNSCHEDULED {base}.{nth:02}"
            numbers.append((one.Index, number))
            names.append((one.Index, name))
        sv["VISITNUM"], sv["VISIT"] = pd.Series(dict(numbers)), pd.Series(dict(names))
        return sv

    def dataset(self, reference):
        """SV as it is submitted, without epochs."""
        sv = self.sv.copy()
        planned, done = sv["PLANNED"] > 0, sv["DAY"] != ""
        sv["SVPRESP"] = planned.map({True: "Y", False: ""})
        sv["SVOCCUR"] = done.map({True: "Y", False: "N"}).where(planned, "")
        sv["SVREASOC"], sv["SVUPDES"] = (
            sv["reason"].where(~done, ""),
            sv["reason"].where(~planned, ""),
        )
        sv["VISITDY"] = [TARGETS.get(number) for number in sv["PLANNED"]]
        sv["VISITDY"] = sv["VISITDY"].astype(float)
        samples = pd.Series(self.samples)
        days = {place: [] for place in zip(sv["USUBJID"], sv["PLANNED"], strict=True)}
        for (subject, day), number in samples.items():
            if number:
                days.setdefault((subject, number), []).append(day)
        for name, choose in (("SVSTDTC", min), ("SVENDTC", max)):
            sv[name] = [
                choose(
                    [
                        day
                        for day in (
                            one.DAY,
                            *(days[one.USUBJID, one.PLANNED] if one.PLANNED else ()),
                        )
                        if day
                    ],
                    default="",
                )
                for one in sv.itertuples()
            ]
            sv[f"{name[:4]}DY"] = [
                study_day(*pair)
                for pair in zip(sv[name], looked_up(sv["USUBJID"], reference), strict=True)
            ]
            sv[f"{name[:4]}DY"] = sv[f"{name[:4]}DY"].astype(float)
        return sv.drop(columns=["PLANNED", "slot", "DAY", "reason"])

    def of_event(self, subjects, events, sequences):
        """Number and name of the visit that a form names; (None, '') for events of no visit."""
        return [
            self.of_slot.get(f"{subject}{event}{sequence}", (None, ""))
            if event not in PLANNED
            else (float(PLANNED[event][0]), PLANNED[event][1])
            for subject, event, sequence in zip(subjects, events, sequences, strict=True)
        ]

    def on_day(self, subjects, dates):
        """Those of a visit on the day of the record."""
        return [
            self.of_day.get((subject, date[:10]), (None, ""))
            for subject, date in zip(subjects, dates, strict=True)
        ]

    def of_sample(self, subjects, dates):
        """Those of the visit that a sample of a vendor belongs to."""
        found = []
        for subject, date in zip(subjects, dates, strict=True):
            number = self.samples.get((subject, date[:10]), 0)
            known = (float(number), self.names.get(float(number), "")) if number else None
            found.append(known or self.of_day.get((subject, date[:10]), (None, "")))
        return found


def names_of_planned(number):
    return next(name for one, name, _day in PLANNED.values() if one == number)


def edc_visits(folder):
    visit = read_form(folder, "VISIT")
    return pd.DataFrame({
        "USUBJID": visit["USUBJID"],
        "PLANNED": [PLANNED.get(event, (0,))[0] for event in visit["EVENT"]],
        "slot": visit["EVENT"] + visit["EVSEQ"],
        "DAY": visit["VISDAT"].map(iso_day),
        "reason": tidied(visit["VISRSN"]),
        "SVCNTMOD": recoded(answered(visit, "VISMODE"), CONTACTS),
    })  # fmt: skip


def with_visits(frame, found, *, days=True):
    """The record's VISITNUM and VISIT, and VISITDY where a visit is planned."""
    frame["VISITNUM"] = pd.Series([number for number, _ in found], index=frame.index, dtype=float)
    frame["VISIT"] = pd.Series([name for _, name in found], index=frame.index, dtype=object)
    if days:
        frame["VISITDY"] = frame["VISITNUM"].map(TARGETS).astype(float)
