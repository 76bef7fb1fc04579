"""What tests of a define that is built ask of it, and change of the study that it is built of."""

import dataclasses


def one(objects, oid):
    found = [each for each in objects if each.oid == oid]
    assert len(found) == 1, oid
    return found[0]


def replaced(study, dataset_name, **changes):
    """Return the study with fields of the variables of one dataset replaced, by variable."""
    datasets = []
    for dataset in study.datasets:
        if dataset.name == dataset_name:
            variables = tuple(
                dataclasses.replace(variable, **changes.get(variable.name, {}))
                for variable in dataset.variables
            )
            dataset = dataclasses.replace(dataset, variables=variables)  # noqa: PLW2901  the copy takes its place
        datasets.append(dataset)
    return dataclasses.replace(study, datasets=tuple(datasets))
