"""What the standard that a study names says of its datasets, as rules ask for it."""

from collections.abc import Sequence
from functools import cached_property

from cdisc.errors import CdiscError
from cdisc.standard import Terminology, load_sdtm, load_terminology
from cdisc.validate.open_rules.rule import UnknownConstructError
from cdisc.validate.open_rules.study import Study, Table, conventions

_ABOUT, _FINDINGS, _EVENTS, _INTERVENTIONS = (
    "FINDINGS ABOUT", "FINDINGS", "EVENTS", "INTERVENTIONS",
)  # fmt: skip


class Library:
    """The standard of a study.

    Args:
        study: The study; its product and version choose the guide.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.known = conventions()
        try:
            self.guide = load_sdtm(study.version) if study.product == "SDTMIG" else None
        except CdiscError:
            self.guide = None
        # other guides are written against the same model
        self.general = self.guide or load_sdtm(self.known["model_of"])

    @cached_property
    def product(self) -> str:
        """The guide; a special one, such as SENDIG-DART, is one of the guide that it extends."""
        carried = (*self.known["guides"], *self.known["domains"])
        names = [one for one in carried if self.study.product.startswith(f"{one}-")]
        return names[0] if names else self.study.product

    @cached_property
    def domains(self) -> tuple[str, ...]:
        """The domains of the guide."""
        known = self.known["domains"].get(self.product)
        return tuple(known) if known else self.general.names()

    def class_of(self, table: Table) -> str:
        """Return the class of a dataset, in the words of the codelist of classes."""
        domain = table.stem
        guide: dict[str, list[str]] | None = self.known["guides"].get(self.product)
        for name, domains in (guide or self.known["classes"]).items():
            if table.name in domains or domain in domains:
                return str(name)
        if table.is_supplement:
            return "RELATIONSHIP"
        found = None if guide else self.general.dataset(domain)
        if found is not None and found.class_name:
            return {"SPECIAL-PURPOSE": "SPECIAL PURPOSE"}.get(found.class_name, found.class_name)
        names = set(table.names)
        if f"{domain}TESTCD" in names:
            return _ABOUT if f"{domain}OBJ" in names else _FINDINGS
        if f"{domain}TERM" in names:
            return _EVENTS
        return _INTERVENTIONS if f"{domain}TRT" in names else ""

    def structure_of(self, table: Table) -> str:
        """Return the structure of an analysis dataset, as its variables tell it."""
        structures: dict[str, dict[str, list[str]]] = self.known["structures"]
        for name, signs in structures.items():
            if table.name in signs.get("names", ()):
                return name
            if any(one in signs.get("variables", ()) for one in table.names):
                return name
            endings = tuple(signs.get("endings", ()))
            if endings and any(one.endswith(endings) for one in table.names):
                return name
        return next(reversed(structures))

    def is_custom(self, table: Table) -> bool:
        """Say whether the guide does not know a domain."""
        return table.stem not in self.domains

    def label_of(self, table: Table) -> str | None:
        """Return the label that the guide gives a domain."""
        found = self.general.dataset(table.stem)
        return found.label if found else None

    def variables(self, table: Table, core: str | None = None) -> list[str]:
        """Return the variables that the guide lists for a domain, of one core or of all."""
        found = None if self.is_custom(table) else self.general.dataset(table.stem)
        return [one.name for one in (found.variables if found else ()) if core in (None, one.core)]

    def all_variables(self) -> list[str]:
        """Return the variables that the guide lists for any of its domains, sorted."""
        found = (self.general.dataset(name) for name in self.domains)
        return sorted({one.name for each in found if each for one in each.variables})

    def terms(self, codelists: Sequence[str], level: str, kind: str) -> list[str]:
        """Return codes (``code``) or submission values (``value``) of codelists or their terms."""
        found: list[str] = []
        for name in codelists:
            codelist = self.terminology.codelist(name)
            if codelist is None:
                release = f"{self.terminology.package} {self.terminology.date}"
                raise UnknownConstructError(f"codelist {name}, which {release} does not have")
            if level == "codelist":
                found.append(codelist.code if kind == "code" else codelist.submission_value)
            else:
                found += [one.code if kind == "code" else one.value for one in codelist.terms]
        return found

    def is_extensible(self, codelist: str) -> bool:
        """Say whether a codelist takes further terms; one that is not there takes all."""
        found = self.terminology.codelist(codelist)
        return found is None or found.extensible

    @cached_property
    def terminology(self) -> Terminology:
        """The terminology that is carried."""
        return load_terminology("sdtm", self.known["terminology"])

    def model(self, table: Table, role: str | None = None) -> list[str]:
        """Return the variables of the class of a domain in the model, of one role or of all."""
        class_name = self.class_of(table)
        found = self.general.model_variables(table.stem, class_name=class_name)
        return [one.name for one in found if role in (None, one.role)]

    def parent_model(self, table: Table) -> list[str]:
        """Return what the model lets the parent of a dataset of qualifiers have."""
        name = table.parent or table.name[-2:]
        tables = self.study.of_domain(name)
        if tables:
            return self.model(tables[0])
        return [one.name for one in self.general.model_variables(name)]

    def described(
        self, table: Table, names: Sequence[str] | None = None
    ) -> dict[str, dict[str, object]]:
        """Return what guide and model say of variables of a domain, by name; of its own if None."""
        class_name = self.class_of(table)
        found: dict[str, dict[str, object]] = {}
        for at, name in enumerate(table.names if names is None else names, 1):
            one = self.general.variable(table.stem, name, class_name=class_name)
            if one is not None:
                found[name] = {
                    "library_variable_name": one.name,
                    "library_variable_role": one.role,
                    "library_variable_label": one.label,
                    "library_variable_core": one.core,
                    "library_variable_order_number": at,
                    "library_variable_data_type": one.type,
                }
        return found
