"""Changed files for readers, as many as asked: each is read, or refused with named findings.

    python -m tests.fuzz --count 200000                  every reader
    python -m tests.fuzz raw:excel dataset:.xpt --count 1000

The files are the same in every run. The first that does what none may do ends the run of
its reader: its bytes stay in the folder that is named.
"""

import argparse
import random
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzzing import changed, changed_inside, changed_packed
from tests.properties import test_raw_hostile as raw
from tests.properties import test_transport_hostile as transport

SAID_EVERY = 10_000


def say(text):
    print(text, flush=True)  # noqa: T201  a script tells how far it is


def readers(folder):
    """Return, by name, the good files, what changes within them, and the judge of each reader."""
    found = {}
    for kind, (file, data, _options) in raw.SEEDS.items():
        within = changed_inside if kind in raw.ARCHIVES else None
        found[f"raw:{kind}"] = (file, [data], within, judge_of(folder, kind))
    for suffix in transport.SUFFIXES:
        within = changed_packed if suffix == ".dsjc" else None
        good = transport.seeds(suffix, folder)
        found[f"dataset:{suffix}"] = (f"file{suffix}", good, within, reader_of(folder, suffix))
    return found


def judge_of(folder, kind):
    return lambda _number, data: raw.judge(folder, kind, data)


def reader_of(folder, suffix):
    def judge(number, data):
        path = folder / f"file{suffix}"
        path.write_bytes(data)
        findings = transport.told(path, "latin-1" if number % 5 else "utf-8")
        assert all(one.to_text() for one in findings[:1])

    return judge


def run(name, reader, count, first):
    """Judge the changed files of a reader; return how many were judged, and whether all held."""
    _file, seeds, within, judge = reader
    begun = time.monotonic()
    for number in range(first, first + count):
        chance = random.Random(f"{name} {number}")  # noqa: S311  no secret
        one = within if within is not None and number % 2 else changed
        data = one(seeds[number % len(seeds)], chance)
        try:
            judge(number, data)
        except BaseException as error:  # noqa: BLE001  whatever it is, it is what is looked for
            kept = Path(tempfile.mkdtemp(prefix="fuzz-"), f"{number}-{_file}")
            kept.write_bytes(data)
            say(f"{name}: input {number}: {error!r}; {kept}")
            return number - first, False
        if (number - first + 1) % SAID_EVERY == 0:
            said = time.monotonic() - begun
            say(f"{name}: {number - first + 1:,} inputs, {said:,.0f} s")
    return count, True


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("readers", nargs="*")
    parser.add_argument("--count", type=int, default=200_000)
    parser.add_argument("--first", type=int, default=0)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        known = readers(Path(home))
        unknown = set(asked.readers) - set(known)
        if unknown:
            parser.error(f"no reader {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        held = True
        for name in asked.readers or known:
            count, fine = run(name, known[name], asked.count, asked.first)
            say(f"{name}: {count:,} inputs, {'all' if fine else 'NOT all'} held")
            held &= fine
    sys.exit(not held)


if __name__ == "__main__":
    main()
