"""Verbs of other packages: entry points of the group ``cdisc.functions``.

A study names the packages that it wants, so that what happens to be installed changes
nothing, and a machine that lacks one says so.
"""

import re
from collections.abc import Iterator, Mapping
from importlib.metadata import EntryPoint, entry_points

from cdisc.diagnostics import Diagnostic, did_you_mean
from cdisc.language.verb import Verb, Verbs

GROUP = "cdisc.functions"


def package_verbs(wanted: str, known: Verbs) -> tuple[Mapping[str, Verb], str] | Diagnostic:
    """Return the verbs of a package, and its name and version.

    Args:
        wanted: Name of a distribution, or name and version.
        known: Verbs that there are; no package may change what they mean.

    Returns:
        Verbs by form and name, in the order of their entry points, each of which is a
        `Verb` or a function without arguments that returns verbs; or SPEC065: the
        package is not there, has another version, or gives no verbs.
    """
    name, _, version = wanted.partition(" ")
    offered = _offered()
    if _plain(name) not in offered:
        return Diagnostic(
            "SPEC065",
            f'no package "{name}" with functions is installed',
            expected=", ".join(sorted(offered)) or f"a package with entry points {GROUP}",
            help=did_you_mean(_plain(name), offered) or f"install {wanted}",
        )
    points = offered[_plain(name)]
    assert points[0].dist is not None
    there = points[0].dist.version
    if version and there != version:
        fact = f'the package "{name}" has the version {there}'
        return Diagnostic("SPEC065", fact, expected=version, help=f"install {wanted}")
    found: dict[str, Verb] = {}
    for point in points:
        try:
            given = list(_verbs(point.load()))
        except (ImportError, AttributeError, TypeError) as error:
            return _strange(name, point, f"{type(error).__name__}: {error}")
        for verb in given:
            key = f"{verb.form} {verb.name}"
            if key in known or key in found:
                return _strange(
                    name, point, f'there is a {_KINDS[verb.form]} "{verb.name}" already'
                )
            found[key] = verb
    return found, f"{_plain(name)} {there}"


_KINDS = {"step": "step", "call": "function"}


def _verbs(given: object) -> Iterator[Verb]:
    if callable(given) and not isinstance(given, Verb):
        given = given()
    for one in (given,) if isinstance(given, Verb) else _listed(given):
        if not isinstance(one, Verb):
            raise TypeError(f"{one!r} is no Verb")
        yield one


def _listed(given: object) -> Iterator[object]:
    if not isinstance(given, list | tuple):
        raise TypeError(f"{given!r} is no Verb")
    yield from given


def _strange(name: str, point: EntryPoint, found: str) -> Diagnostic:
    fact = f'the entry point "{point.name}" of the package "{name}" gives no function'
    return Diagnostic("SPEC065", fact, found=(found,), help="ask who maintains the package")


def _offered() -> dict[str, list[EntryPoint]]:
    """Return the entry points of each package, sorted by name."""
    found: dict[str, list[EntryPoint]] = {}
    for point in sorted(entry_points(group=GROUP), key=lambda one: one.name):
        if point.dist is not None:
            found.setdefault(_plain(point.dist.name), []).append(point)
    return found


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
