"""Runs the cases; see `run`."""

import argparse
import itertools
import pathlib
import sys
import tempfile
import time

import by_arrow
import by_duckdb
import by_pandas
import by_polars
import by_postgres
import carry
import compare
import program


def run(case, binary, folder):
    """Returns how many rows were compared and what differs."""
    path = folder / f"rows{case.suffix}"
    case.write(path)
    expected = case.read(path)
    assert len(expected) > 50, f"{case.name}: the writer reads {len(expected)} rows of its own file"
    seen, rows, said = carry.carry(binary, path, case.source)
    found = compare.differences(expected, seen)
    if rows != len(expected):
        found.append(("all", "", f"{len(expected)} rows", f"{rows} rows"))
    if said:
        found.append(("all", "", "no failure", said))
    return len(expected), found


def shown(value):
    text = repr(value)
    return text if len(text) < 160 else f"{text[:157]}..."


def main():
    parser = argparse.ArgumentParser(description="Read what other programs write.")
    parser.add_argument("--release", action="store_true", help="build and run with optimisations")
    parser.add_argument("--only", default="", help="only cases with this text in their name")
    parser.add_argument("--formats", default="csv,jsonl,parquet", help="which of csv,jsonl,parquet (default: all)")
    parser.add_argument("--show", type=int, default=3, help="how many differences of a case to show (default: 3)")
    arguments = parser.parse_args()
    compare.check_itself()
    binary, started, failed = program.build(arguments.release), time.monotonic(), 0
    print(f"{'writer':<9}{'format':<9}{'options':<40}{'rows':>5}  result")
    with by_postgres.server() as server, tempfile.TemporaryDirectory(dir=program.TARGET) as folder:
        every = itertools.chain(by_duckdb.cases(), by_arrow.cases(), by_pandas.cases(), by_polars.cases(), by_postgres.cases(server))
        formats = arguments.formats.split(",")
        every = [case for case in every if arguments.only in case.name and case.format in formats]
        for number, case in enumerate(every):
            place = pathlib.Path(folder) / str(number)
            place.mkdir()
            try:
                rows, found = run(case, binary, place)
            except Exception as error:  # The other cases go on.
                rows, found = 0, [("all", "", "a file that its writer reads", f"{type(error).__name__}: {error}")]
            failed += bool(found)
            result = f"{len(found)} DIFFERENCES" if found else "equal"
            print(f"{case.writer:<9}{case.format:<9}{case.options:<40}{rows:>5}  {result}{case.note and f' ({case.note})'}", flush=True)
            for key, column, want, got in found[: arguments.show]:
                print(f"    {key} {column}: expected {shown(want)}, got {shown(got)}")
    print(f"in {time.monotonic() - started:.0f} s\n{len(every) - failed} passed, {failed} failed")
    return 1 if failed or not every else 0


if __name__ == "__main__":
    sys.exit(main())
