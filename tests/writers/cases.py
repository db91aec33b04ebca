"""What a case is, and what cases share."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

import rules
import table

TYPES = {"i64": "number", "u64": "number", "f64": "number", "d10": "number", "flag": "boolean", "json": "json", "weird": "number"}


@dataclasses.dataclass
class Case:
    """One way to write the table: `write` makes the file, `read` has its writer read it and returns id → row."""

    writer: str
    format: str
    options: str
    suffix: str
    write: Callable[[Path], None]
    read: Callable[[Path], dict]
    source: dict = dataclasses.field(default_factory=dict)
    # Where the writer cannot read what it wrote, or JSON has no place for it: why `read` gives something else.
    note: str = ""

    @property
    def name(self):
        return f"{self.writer} {self.format} {self.options}"


# What else `types` can say: of these columns the value itself is known, however a writer spells it.
MOMENTS = {
    "day": "date", "at_s": "timestamp", "at_ms": "timestamp", "at_us": "timestamp", "at_ns": "timestamp", "at_utc": "timestamp",
    "at_zone": "timestamp", "time_ms": "time", "time_us": "time", "bytes": "binary",
}  # fmt: skip


def typed(case, columns, **source):
    """Returns the case with `types` for moments and bytes too: what is expected of these columns is what the table holds."""
    kinds = {name: MOMENTS[name] for name in columns if name in MOMENTS}

    def read(path):
        held = rules.rows_of_arrow(table.table(list(kinds)))
        return {key: row if isinstance(row, rules.Refused) else {**row, **held_of(held[key], row)} for key, row in case.read(path).items()}

    settings = {**case.source, **source}
    return dataclasses.replace(case, options=f"{case.options}, typed", read=read, source={**settings, "types": {**settings.get("types", {}), **kinds}})


def held_of(held, row):
    return {name: value for name, value in held.items() if name in row}


def csv_source(**settings):
    """Returns the `source` of a CSV file: settings of the dialect, and the types."""
    return {"format": "csv", "csv": settings, "types": TYPES} if settings else {"format": "csv", "types": TYPES}
