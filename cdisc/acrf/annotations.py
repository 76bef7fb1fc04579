"""What stands on the pages of a case report form: its questions, and what became of them.

Texts follow the guide of CDISC for annotations: the variable, the value that tells its
records from others, ``SUPPxx.QVAL`` for supplemental qualifiers, and ``[NOT SUBMITTED]``.

Source:
    CDISC SDTM Metadata Submission Guidelines 2.0, section 3, Annotated CRF.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from cdisc.acrf.lineage import Carried, carried_fields
from cdisc.diagnostics import Diagnostic
from cdisc.engine.program import Program
from cdisc.errors import SpecError
from cdisc.record import record
from cdisc.spec.crf import CrfFieldBlock, CrfFile, CrfFormBlock

NOT_SUBMITTED = "[NOT SUBMITTED]"


@record()
class Note:
    """One annotation.

    Attributes:
        text: What it says.
        dataset: Whose colour it has; None for what is not submitted.
    """

    text: str
    dataset: str | None


_NOTHING = Note(NOT_SUBMITTED, None)


@record()
class Question:
    """A question of a form, with its annotations.

    Attributes:
        fields: The raw fields that its answer is in, the one it is named by first.
        label: How it is asked.
        choices: What may be ticked; empty for a box to write in.
        unit: Unit behind the box.
        notes: Its annotations.
    """

    fields: tuple[str, ...]
    label: str
    choices: tuple[str, ...]
    unit: str
    notes: tuple[Note, ...]


@record()
class Sheet:
    """A form with its annotations.

    Attributes:
        form: Alias of the raw form.
        title: Its title.
        datasets: Notes that name the datasets its answers are in, in order of colour.
        header: Questions at the head of each page.
        questions: The others.
        visits: Names of the visits at which it is filled in.
    """

    form: str
    title: str
    datasets: tuple[Note, ...]
    header: tuple[Question, ...]
    questions: tuple[Question, ...]
    visits: tuple[str, ...]


@record()
class AnnotatedForm:
    """A whole case report form, annotated.

    Attributes:
        study: STUDYID.
        title: Title of the document.
        sheets: Its forms, in order.
        visits: Visits with the aliases of their forms, in order of time.
        carried: Which variable holds which field.
        findings: What the mapping reads of a form that no page asks for.
    """

    study: str
    title: str
    sheets: tuple[Sheet, ...]
    visits: tuple[tuple[str, tuple[str, ...]], ...]
    carried: tuple[Carried, ...]
    findings: tuple[Diagnostic, ...]


def annotate(program: Program) -> AnnotatedForm:
    """Return the case report form of a study with its annotations.

    Args:
        program: The study, resolved; no data are needed.

    Raises:
        SpecError: ACRF001, the study has no ``crf.yaml``.
    """
    crf = program.loaded.crf
    if crf is None:
        fact = f'study "{program.loaded.study.study.id}" has no crf.yaml'
        raise SpecError([Diagnostic("ACRF001", fact)])
    carried = carried_fields(program)
    writer = _Writer(program, crf.model, carried)
    return AnnotatedForm(
        study=program.loaded.study.study.id,
        title=crf.model.title,
        sheets=tuple(writer.sheet(alias, form) for alias, form in crf.model.forms.items()),
        visits=tuple((one.title, one.forms) for one in crf.model.visits.values()),
        carried=carried,
        findings=tuple(_unasked(program, crf.model, carried)),
    )


def plain_notes(program: Program) -> dict[tuple[str, str], tuple[Note, ...]]:
    """Return the annotations by form and field, for pages that somebody else has drawn.

    Of a form without a field they name its datasets. A question of ``crf.yaml`` has
    those of all its fields; a field that no variable holds is not submitted.

    Args:
        program: The study.
    """
    carried, crf = carried_fields(program), program.loaded.crf
    writer = _Writer(program, crf.model if crf else None, carried)
    return _Plain({key: notes for form in program.forms for key, notes in writer.plain(form)})


class _Plain(dict[tuple[str, str], tuple[Note, ...]]):
    """Annotations by field; of a field that is not known, that it is not submitted."""

    def __missing__(self, key: tuple[str, str]) -> tuple[Note, ...]:
        return (_NOTHING,) if key[1] else ()


def notes_of(carried: Sequence[Carried], *, several: bool) -> tuple[Note, ...]:
    """Return the annotations of one question.

    Args:
        carried: What holds its answer.
        several: Whether the page has several datasets, which notes then name.
    """
    wheres: dict[tuple[str, str, bool, str | None], dict[str, list[str]]] = {}
    for one in carried:
        key = (one.dataset, one.variable, one.qualifier, one.value)
        topics = wheres.setdefault(key, {})
        if one.where is not None and not one.qualifier:
            codes = topics.setdefault(one.where[0], [])
            if one.where[1] not in codes:
                codes.append(one.where[1])
    return tuple(
        Note(_text(*key, topics, several=several), key[0]) for key, topics in wheres.items()
    )


def _text(
    dataset: str,
    variable: str,
    qualifier: bool,  # noqa: FBT001  part of a key
    value: str | None,
    topics: Mapping[str, Sequence[str]],
    *,
    several: bool,
) -> str:
    if qualifier:
        return f'SUPP{dataset}.QVAL where QNAM = "{variable}"'
    name = f"{dataset}.{variable}" if several else variable
    text = name if value is None else f'{name} = "{value}"'
    for topic, codes in topics.items():
        quoted = ", ".join(f'"{code}"' for code in codes)
        text += f" where {topic} " + (f"= {quoted}" if len(codes) == 1 else f"in ({quoted})")
    return text


class _Writer:
    """Writes the annotations of one form after the other."""

    def __init__(self, program: Program, crf: CrfFile | None, carried: Iterable[Carried]) -> None:
        self._program = program
        self._crf = crf or CrfFile.model_construct(forms={})
        self._by_field: dict[tuple[str, str], list[Carried]] = defaultdict(list)
        for one in carried:
            self._by_field[one.form, one.field].append(one)

    def sheet(self, alias: str, form: CrfFormBlock) -> Sheet:
        questions = form.questions
        found = {name: self._answers(alias, name, one) for name, one in questions.items()}
        found |= {name: self._found(alias, (name,)) for name in self._crf.header}
        datasets = tuple(dict.fromkeys(one.dataset for some in found.values() for one in some))
        several = len(datasets) > 1
        return Sheet(
            form=alias,
            title=form.title,
            datasets=self._named(datasets),
            header=tuple(
                Question((name,), label, (), "", _together(found[name], several=several))
                for name, label in self._crf.header.items()
            ),
            questions=tuple(
                Question(
                    fields=fields_of(self._crf, name, one),
                    label=one.label,
                    choices=self._crf.choices[one.choices] if one.choices else (),
                    unit=one.unit,
                    notes=notes_of(found[name], several=several) or (_NOTHING,),
                )
                for name, one in questions.items()
            ),
            visits=tuple(one.title for one in self._crf.visits.values() if alias in one.forms),
        )

    def plain(self, alias: str) -> Iterator[tuple[tuple[str, str], tuple[Note, ...]]]:
        """Yield the annotations of each field of a form, and of the form."""
        form = self._crf.forms.get(alias)
        found = {key[1]: self._found(alias, (key[1],)) for key in self._by_field if key[0] == alias}
        for name, one in (form.questions if form else {}).items():
            found[name] = self._answers(alias, name, one)
        datasets = tuple(dict.fromkeys(one.dataset for some in found.values() for one in some))
        yield (alias, ""), self._named(datasets)
        for name, some in found.items():
            yield (alias, name), notes_of(some, several=len(datasets) > 1) or (_NOTHING,)

    def _named(self, datasets: Iterable[str]) -> tuple[Note, ...]:
        return tuple(Note(f"{one} ({self._label(one)})", one) for one in datasets)

    def _answers(self, alias: str, name: str, field: CrfFieldBlock) -> list[Carried]:
        """Return what holds the answer, and the unit that is printed behind it."""
        found = self._found(alias, fields_of(self._crf, name, field))
        topics = {one.where for one in found}
        units = self._found(alias, (field.unit,)) if field.unit else []
        return [*found, *(one for one in units if one.where in topics)]

    def _found(self, alias: str, fields: Iterable[str]) -> list[Carried]:
        found = (one for field in fields for one in self._by_field.get((alias, field), ()))
        unique = {(one.dataset, one.variable, one.where, one.value): one for one in found}
        return list(unique.values())

    def _label(self, dataset: str) -> str:
        plan = self._program.datasets[dataset]
        own = plan.loaded.model.label if plan.loaded else None
        return own or (plan.standard.label if plan.standard else dataset)


def fields_of(crf: CrfFile, name: str, field: CrfFieldBlock) -> tuple[str, ...]:
    """Return the raw fields that hold the answer of a question, the one it is named by first."""
    decode = (f"{name}{crf.decodes}",) if crf.decodes and field.choices else ()
    return (name, *decode, *field.beside)


def _together(carried: Sequence[Carried], *, several: bool) -> tuple[Note, ...]:
    """Return one note a dataset, for what stands at the head of every page."""
    names: dict[str, dict[str, None]] = {}
    for one in carried:
        names.setdefault(one.dataset, {})[one.variable] = None
    return tuple(
        Note(f"{dataset}: {', '.join(some)}" if several else ", ".join(some), dataset)
        for dataset, some in names.items()
    )


def _unasked(program: Program, crf: CrfFile, carried: Iterable[Carried]) -> Iterator[Diagnostic]:
    """Find fields that variables hold and no page asks for; what vendors send is on no page."""
    asked = {
        (alias, field)
        for alias, form in crf.forms.items()
        for name, one in form.questions.items()
        for field in fields_of(crf, name, one)
    }
    unasked: dict[str, dict[str, None]] = defaultdict(dict)
    for one in carried:
        vendor = program.forms[one.form].block.source == "Vendor"
        if (
            one.certain
            and not vendor
            and (one.form, one.field) not in asked
            and one.field not in crf.header
        ):
            unasked[one.form][one.field] = None
    for form, fields in unasked.items():
        no_page = form not in crf.forms
        yield Diagnostic(
            "ACRF002",
            f'form "{form}" has no page' if no_page else f'no question of form "{form}" asks for',
            program.forms[form].span,
            found=tuple(fields) if not no_page else (),
            help="add it to crf.yaml",
        )
