"""A slow, plain reading of the conditions that hold records against each other."""


def names_of(value):
    return [value] if isinstance(value, str) else list(value or ())


def key(row, names):
    return tuple(row[one] for one in names)


def unique(test, row, rows):
    names = [one for one in (test.name, *names_of(test.value)) if one in row]
    return sum(key(one, names) == key(row, names) for one in rows) <= 1


def unrelated(test, row, rows):
    """A value of either side goes with several of the other, or with one and with none."""

    def several(one, many):
        if row[one] is None:
            return False
        found = {each[many] for each in rows if each[one] == row[one]}
        return len(found) > 1

    return several(test.name, test.value) or several(test.value, test.name)


def inconsistent(test, row, rows):
    names = names_of(test.value)
    group = [one[test.name] for one in rows if key(one, names) == key(row, names)]
    counts = {one: group.count(one) for one in group}
    most = [one for one, times in counts.items() if times == max(counts.values())]
    return len(counts) > 1 and (len(most) > 1 or row[test.name] != most[0])


def repeated(test, row, rows):
    names = [test.name, *names_of(test.options["within"])]
    return sum(key(one, names) == key(row, names) for one in rows) > int(test.value or 1)


def after(row, rows, names, ordering):
    """The record that follows in the group; None after the last."""
    group = [one for one in rows if key(one, names) == key(row, names)]
    group.sort(key=lambda one: (one[ordering] is None, one[ordering]) if ordering else 0)
    at = next(at for at, one in enumerate(group) if one is row)
    return group[at + 1] if at + 1 < len(group) else None


def before_last(*, wanted):
    def build(test, row, rows):
        names = names_of(test.value)
        if None in key(row, names):
            return False
        last = after(row, rows, names, test.options.get("ordering")) is None
        return not last and (row[test.name] is None) is wanted

    return build


def next_corresponds(test, row, rows):
    names = names_of(test.options["within"])
    following = after(row, rows, names, test.options["ordering"])
    return following is None or following[test.value] == row[test.name]


def in_place(test, row, rows, names, *, down=False):
    group = [one for one in rows if key(one, names) == key(row, names)]
    there = sorted((one[test.name] for one in group if one[test.name] is not None), reverse=down)
    at = next(at for at, one in enumerate(group) if one is row)
    return at < len(there) and there[at] == row[test.name]


def ordered_set(test, row, rows):
    return in_place(test, row, rows, names_of(test.value))


def ordered_by(test, row, rows):
    return in_place(test, row, rows, [], down=test.options.get("order") == "dsc")


def different(test, _row, rows):
    return len({one[test.name] for one in rows} - {None}) > 1
