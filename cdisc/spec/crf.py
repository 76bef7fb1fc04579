"""``crf.yaml``: what the pages of the case report form show, and when they are filled in."""

from collections.abc import Iterable, Iterator

from pydantic import Field

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.record import record
from cdisc.source import Document, Loc
from cdisc.spec.model import SpecModel
from cdisc.spec.study import StudyFile, Texts


class CrfFieldBlock(SpecModel):
    """One question of a form."""

    label: str = Field(description="The question as the page asks it", min_length=1)
    choices: str | None = Field(default=None, description="Name under choices: what may be ticked")
    unit: str = Field(default="", description="Unit that is printed behind the box")
    beside: Texts = Field(
        default=(), description="Further fields that belong to the question, such as its unit"
    )


class CrfFormBlock(SpecModel):
    """One form: a page, and more where it does not fit on one."""

    title: str = Field(description="Title of the page", min_length=1)
    fields: dict[str, str | CrfFieldBlock] = Field(
        description="Field of the raw form: its question, or a block", min_length=1
    )

    @property
    def questions(self) -> dict[str, CrfFieldBlock]:
        """The fields in order; a question that was written alone is one without more."""
        return {
            name: CrfFieldBlock(label=one) if isinstance(one, str) else one
            for name, one in self.fields.items()
        }


class CrfVisitBlock(SpecModel):
    """One visit: the forms that are filled in at it."""

    title: str = Field(description="Name of the visit, for the bookmarks", min_length=1)
    forms: Texts = Field(description="Aliases of the forms, in order", min_length=1)


class CrfFile(SpecModel):
    """crf.yaml."""

    title: str = Field(default="Case Report Form", description="Title of the document")
    pdf: str | None = Field(
        default=None, description="Pages that the sponsor has drawn, relative to this file"
    )
    places: str | None = Field(
        default=None, description="Where annotations go on them: a file of coordinates"
    )
    header: dict[str, str] = Field(
        default_factory=dict, description="Field at the head of every page: its label"
    )
    decodes: str = Field(
        default="", description="What the name of a field with the text of a choice ends with"
    )
    choices: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="Name: what may be ticked"
    )
    visits: dict[str, CrfVisitBlock] = Field(
        default_factory=dict, description="Event of the data capture: the visit, in order of time"
    )
    forms: dict[str, CrfFormBlock] = Field(
        description="Alias of the raw form: its page, in order", min_length=1
    )


@record()
class LoadedCrf:
    """``crf.yaml`` with its text.

    Attributes:
        model: What the file says.
        document: Where it says it.
    """

    model: CrfFile
    document: Document


def crf_mistakes(crf: LoadedCrf, study: StudyFile) -> Iterator[Diagnostic]:
    """Yield every name of ``crf.yaml`` that stands for nothing.

    Args:
        crf: The file.
        study: ``study.yaml``, which names the raw forms.
    """
    model = crf.model
    for alias in model.forms:
        if alias not in study.raw:
            yield _unknown(crf, "raw form", alias, ("forms", alias), study.raw)
    for event, visit in model.visits.items():
        for at, alias in enumerate(visit.forms):
            if alias not in model.forms:
                yield _unknown(crf, "form", alias, ("visits", event, "forms", at), model.forms)
    for alias, form in model.forms.items():
        for name, field in form.questions.items():
            if field.choices is not None and field.choices not in model.choices:
                loc = ("forms", alias, "fields", name, "choices")
                yield _unknown(crf, "list of choices", field.choices, loc, model.choices)


def _unknown(crf: LoadedCrf, kind: str, name: str, loc: Loc, known: Iterable[str]) -> Diagnostic:
    names = sorted(known)
    return Diagnostic(
        "SPEC110",
        f'there is no {kind} "{name}"',
        crf.document.span(loc, key=loc[-1] == name),
        expected=", ".join(names) or None,
        help=did_you_mean(name, names),
    )
