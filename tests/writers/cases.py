"""What a case is, and what cases share."""

import dataclasses
from collections.abc import Callable
from pathlib import Path

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


def csv_source(**settings):
    """Returns the `source` of a CSV file: settings of the dialect, and the types."""
    return {"format": "csv", "csv": settings, "types": TYPES} if settings else {"format": "csv", "types": TYPES}
