"""What a site copies from the charts of its subjects: history, examinations, medication.

`records` makes the record tables of these forms for one study or block of it.
"""

from typing import TYPE_CHECKING

from cdisc.simulate import history
from cdisc.simulate.model import load
from cdisc.simulate.rendering import Records

if TYPE_CHECKING:
    from cdisc.simulate.study import Study


def records(study: "Study") -> dict[str, Records]:
    """Return the record tables of the chart forms, by name in forms.yaml."""
    people = study.people
    random, words = study.stream("history"), load("history")
    past = history.remember(random, words, people)
    return {
        "diseases": history.diseases(random, words, people, past),
        "transplants": history.transplants(random, words, people, past),
        "illnesses": history.illnesses(random, words, people),
    }
