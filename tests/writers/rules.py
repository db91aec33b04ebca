"""What a value becomes in JSON: the rules of shared/extract/README.md, worked out anew in Python.

JSON here is what `json.loads` makes of it, but with every number as a Decimal of its digits: doubles would hide differences.
"""

import base64
import dataclasses
import datetime
import decimal
import json
import math
import re

import numpy
import pyarrow as pa

EPOCH = datetime.date(1970, 1, 1)
UNITS = {"s": 1, "ms": 1_000, "us": 1_000_000, "ns": 1_000_000_000}


@dataclasses.dataclass(frozen=True)
class Refused:
    """A row that is to be rejected, because of a value that JSON does not have."""

    column: str


class NotJson(Exception):
    """A value has no JSON."""


def parse(text):
    """Reads JSON with exact numbers."""
    return json.loads(text, parse_int=decimal.Decimal, parse_float=decimal.Decimal)


def rows_of_arrow(table, json_columns=()):
    """Returns the rows of an Arrow table by their id."""
    columns = {name: list(table.column(name)) for name in table.column_names}
    rows = {}
    for index, key in enumerate(table.column("id").to_pylist()):
        row = {}
        for name, cells in columns.items():
            try:
                value = scalar(cells[index])
                row[name] = parse(value) if name in json_columns and value is not None else value
            except NotJson:
                row = Refused(name)
                break
        rows[key] = row
    return rows


def scalar(value):
    """Returns the JSON of an Arrow scalar."""
    kind, types = value.type, pa.types
    if not value.is_valid:
        return None
    if isinstance(value, pa.ExtensionScalar):
        inner = value.value
        return uuid(inner.as_py()) if kind.extension_name == "arrow.uuid" else scalar(inner)
    if types.is_dictionary(kind):
        return scalar(value.value)
    if types.is_list(kind) or types.is_large_list(kind) or types.is_fixed_size_list(kind) or types.is_list_view(kind):
        return [scalar(item) for item in value.values]
    if types.is_struct(kind):
        return {field.name: scalar(value[index]) for index, field in enumerate(kind)}
    if types.is_map(kind):
        return {key(entry[0]): scalar(entry[1]) for entry in value.values}
    return plain(value, kind, types)


def plain(value, kind, types):
    if types.is_boolean(kind) or types.is_string(kind) or types.is_large_string(kind) or types.is_string_view(kind):
        return value.as_py()
    if types.is_integer(kind) or types.is_decimal(kind):
        return decimal.Decimal(value.as_py())
    if types.is_floating(kind):
        return number(value.as_py(), kind)
    if types.is_binary(kind) or types.is_large_binary(kind) or types.is_fixed_size_binary(kind) or types.is_binary_view(kind):
        return base64.b64encode(value.as_py()).decode()
    if types.is_date32(kind):
        return day(value.value)
    if types.is_date64(kind):
        return day(value.value // 86_400_000)
    if types.is_time(kind):
        return clock(value.value, kind.unit, 0)
    if types.is_timestamp(kind):
        days, rest = divmod(value.value, 86_400 * UNITS[kind.unit])
        return f"{day(days)}T{clock(rest, kind.unit, 3)}Z"
    raise TypeError(f"no rule for {kind}")


def number(value, kind):
    """The shortest digits that read back as the same float; NaN, a missing value to those who write it, as `JSON.stringify`."""
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise NotJson
    return decimal.Decimal(str(numpy.float32(value)) if pa.types.is_float32(kind) else repr(value))


def day(days):
    return (EPOCH + datetime.timedelta(days=days)).isoformat()


def clock(units, unit, least):
    """A time of day: with 3, 6 or 9 digits of a second, as few as hold it but at least `least`."""
    seconds, rest = divmod(units, UNITS[unit])
    digits = f"{rest * (1_000_000_000 // UNITS[unit]):09}"
    needed = max(least, next((length for length in (0, 3, 6) if not digits[length:].strip("0")), 9))
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"
    return text + (f".{digits[:needed]}" if needed else "")


def uuid(value):
    return str(value)


def key(value):
    """JSON has no keys but text: any other becomes the text of its JSON."""
    found = scalar(value)
    return found if isinstance(found, str) else json.dumps(found, default=str)


NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")
BOOLEANS = {"true": True, "t": True, "1": True, "yes": True, "false": False, "f": False, "0": False, "no": False}


def rows_of_text(rows, types):
    """Returns rows whose cells are text or None, by their id, after the rules for CSV cells."""
    done = {}
    for row in rows:
        try:
            done[row["id"]] = {name: cell(value, types.get(name), name) for name, value in row.items()}
        except NotJson as error:
            done[row["id"]] = Refused(error.args[0])
    return done


def cell(text, kind, column):
    if text is None or kind is None:
        return text
    if kind == "number" and text.strip().lower() == "nan":
        return None
    if kind == "number" and NUMBER.fullmatch(text.strip()):
        return decimal.Decimal(text.strip())
    if kind == "boolean" and text.strip().lower() in BOOLEANS:
        return BOOLEANS[text.strip().lower()]
    if kind == "json":
        return parse(text)
    raise NotJson(column)
