"""Compares rows of JSON, exactly."""

import decimal

from rules import Refused


def differences(expected, seen):
    """Returns what differs between two tables (id → row), as (id, column, expected, seen)."""
    found = []
    for key in sorted(expected.keys() | seen.keys()):
        want, got = expected.get(key, "no row"), seen.get(key, "no row")
        if not (isinstance(want, dict) and isinstance(got, dict)):
            if not (type(want) is type(got) and want == got):
                found.append((key, "", want, got))
            continue
        if list(want) != list(got):
            found.append((key, "", f"columns {list(want)}", f"columns {list(got)}"))
        shared = [name for name in want if name in got]
        found += [(key, name, want[name], got[name]) for name in shared if not equal(want[name], got[name])]
    return found


def equal(one, other):
    """Whether two values are the same: numbers by value to the last digit, with the sign of a zero; text by its code points."""
    if type(one) is not type(other):
        return False
    if isinstance(one, decimal.Decimal):
        return one == other and one.is_signed() == other.is_signed()
    if isinstance(one, list):
        return len(one) == len(other) and all(map(equal, one, other))
    if isinstance(one, dict):
        return list(one) == list(other) and all(equal(one[name], other[name]) for name in one)
    return one == other


def check_itself():
    """Ends the test unless a planted difference of every kind is found."""
    number = decimal.Decimal
    row = {"id": "r", "a": number("1"), "b": ["x", None], "c": {"k": True}, "d": number("0.1")}
    planted = [
        {**row, "a": number("1.0000000000000000000000000001")}, {**row, "a": "1"}, {**row, "a": None}, {**row, "a": True},
        {**row, "b": ["x"]}, {**row, "b": ["x", ""]}, {**row, "b": [None, "x"]}, {**row, "c": {"k": number(1)}}, {**row, "c": {}},
        {**row, "d": number("-0.1")}, {name: row[name] for name in ("id", "a", "b", "c")}, Refused("a"),
    ]  # fmt: skip
    assert not differences({"r": row}, {"r": {**row, "a": number("1.0")}}), "1 and 1.0 are one number"
    assert not equal(number("0"), number("-0")), "a zero's sign counts"
    for other in planted:
        assert len(differences({"r": row}, {"r": other})) >= 1, f"not found: {other}"
    assert len(differences({"r": row}, {})) == len(differences({}, {"r": row})) == 1, "a missing row is not found"
    assert differences({"r": Refused("a")}, {"r": Refused("b")}), "a refusal for another column is not found"
