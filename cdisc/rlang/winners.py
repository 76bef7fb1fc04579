"""Time to event in R: the records of parameters, and the event or censoring that each takes."""

from cdisc.engine.program import EventPlan, ParamPlan, RowSource
from cdisc.engine.winners import numbers
from cdisc.functions.rtext import text as r_text
from cdisc.functions.rtext import texts as r_texts
from cdisc.rlang.frame import Frame, selected
from cdisc.rlang.function import Function
from cdisc.rlang.place import Others
from cdisc.rlang.render import Renderer

_WINNERS = """\
offered <- inner_join(choices, facts, by = "name")
stops <- offered %>%
  filter(role == "stop") %>%
  group_by({subject}, code) %>%
  summarise(stop = minimum(date), .groups = "drop")
# the first event in time; on one day the first in the list
events <- offered %>%
  filter(role == "event") %>%
  arrange(date, rank, !is.na(sequence), sequence, record) %>%
  group_by({subject}, code) %>%
  slice(1) %>%
  ungroup() %>%
  left_join(stops, by = c("{subject}", "code")) %>%
  filter(is.na(stop) | date <= stop)
# the last censoring in time, cut where nothing counts any more; on one day the first in the list
censors <- offered %>%
  filter(role == "censor") %>%
  left_join(stops, by = c("{subject}", "code")) %>%
  mutate(date = pmin(date, stop, na.rm = TRUE)) %>%
  arrange(date, desc(rank), desc(sequence), desc(record)) %>%
  group_by({subject}, code) %>%
  slice(n()) %>%
  ungroup()
winners <- bind_rows(events, censors) %>%
  group_by({subject}, code) %>%
  slice(1) %>%
  ungroup() %>%
  transmute(
    {subject},
    param.code = code, winner.date = date, winner.cnsr = cnsr, winner.event = says,
    winner.censoring = if_else(cnsr == 0, NA_character_, says), winner.domain = domain,
    winner.variable = variable, winner.sequence = sequence
  )"""


def params(
    function: Function, source: RowSource, frame: Frame, steps: list[str], columns: dict[str, str]
) -> str:
    """Return the records of all parameters with what each takes.

    Args:
        function: The function that is being written.
        source: The row source.
        frame: The records of its dataset.
        steps: What numbers and selects them.
        columns: Their values that are asked for.
    """
    plan, subject = function.plan, function.program.subject
    facts = [_fact(function, event) for event in (*plan.events, *plan.censors)]
    function.add(_stacked("facts", facts))
    function.add(_choices(function))
    function.add(_WINNERS.format(subject=subject))
    starts = []
    for number, param in enumerate(plan.params, start=1):
        start = Renderer(function, param.start, frame, Others(source.name))
        values = {
            "form": r_text(source.name),
            "row": "row",
            subject: subject,
            "param.code": r_text(param.code),
            "param.label": r_text(param.block.label),
            "param.order": str(number),
            "param.start": start.r(param.start.expression.tree),
        }
        listed = ", ".join(
            name if name == value else f"{name} = {value}" for name, value in values.items()
        )
        taken = f", {selected(columns)}" if columns else ""
        starts.append(
            frame.render(*steps, *_having(function, param, frame), f"transmute({listed}{taken})")
        )
    listed = ",\n".join(starts).replace("\n", "\n  ")
    join = f'left_join(winners, by = c("{subject}", "param.code"))'
    return f"bind_rows(\n  {listed}\n) %>%\n  arrange(row) %>%\n  {join}"


def _having(function: Function, param: ParamPlan, frame: Frame) -> list[str]:
    """Return the step that keeps those who have a parameter, or none."""
    if param.where is None:
        return []
    made = Renderer(function, param.where, frame, Others(function.plan.sources[0].name))
    return [f"filter({made.r(param.where.expression.tree)})"]


def _fact(function: Function, event: EventPlan) -> str:
    """Return the dated records of an event."""
    frame = Frame(function.dataset(event.dataset))
    place = Others(event.dataset)
    steps = ["mutate(record = row_number())"]
    if event.when is not None:
        made = Renderer(function, event.when, frame, place)
        steps.append(f"filter({made.r(event.when.expression.tree)})")
    date = Renderer(function, event.date, frame, place).r(event.date.expression.tree)
    date = {"dtc": f"dtc_date({date})", "datetime": f"as.Date({date})"}.get(event.date.type, date)
    listed = [
        function.program.subject,
        f"name = {r_text(event.name)}",
        f"date = {date}",
        f"says = {r_text(event.block.says)}",
        f"domain = {r_text(event.dataset)}",
        f"variable = {r_text(event.variable) if event.variable else 'NA_character_'}",
        f"sequence = {event.sequence or 'NA_real_'}",
        "record",
    ]
    return frame.render(*steps, f"transmute({', '.join(listed)})", "filter(!is.na(date))")


def _choices(function: Function) -> str:
    """Return the table of what each parameter may take: its role, its rank, its CNSR."""
    rows: list[tuple[str, str, str, str, str]] = []
    for param in function.plan.params:
        roles = ["event"] * len((*param.block.events, *param.block.competing))
        roles += ["censor"] * len(param.block.censors)
        listed = [
            (role, *one) for role, one in zip(roles, numbers(function.plan, param), strict=True)
        ]
        listed += [("stop", name, "0") for name in param.block.stop_at]
        rows += [
            (param.code, role, str(rank), name, cnsr)
            for rank, (role, name, cnsr) in enumerate(listed, start=1)
        ]
    code, role, rank, name, cnsr = (list(one) for one in zip(*rows, strict=True))
    return (
        "choices <- data.frame(\n"
        f"  code = {r_texts(code)}, role = {r_texts(role)},\n"
        f"  rank = c({', '.join(rank)}), name = {r_texts(name)}, cnsr = c({', '.join(cnsr)})\n)"
    )


def _stacked(name: str, parts: list[str]) -> str:
    listed = ",\n".join(parts).replace("\n", "\n  ")
    return f"{name} <- bind_rows(\n  {listed}\n)"
