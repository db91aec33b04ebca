#!/usr/bin/env python3
"""Writes TPC-H customers and orders, as a warehouse would unload them for Segment, to a folder.

    python3 -m venv venv
    venv/bin/pip install duckdb==1.5.5 duckdb-extensions duckdb-extension-tpch==1.5.5
    venv/bin/python tpch.py --scale 1 FOLDER

Scale 1 is 150,000 customers and 1,500,000 orders; scale 0.001, the one in infra/examples/tpch, a thousandth of that.
Rows are sorted by key and the generator is deterministic, so a scale always gives the same bytes. DuckDB's own
writers make the files: `customers` and `orders`, each as CSV, JSON lines and Parquet.
"""

import argparse
import pathlib

import duckdb
from duckdb_extensions import import_extension

# What a customer is worth is the usual reason for sending customers anywhere. A third of the customers never
# ordered: for them there is no first and no last order date.
CUSTOMERS = """
    SELECT c_custkey::VARCHAR    AS customer_id,
           c_name                AS name,
           c_address             AS address,
           c_phone               AS phone,
           c_acctbal             AS account_balance,
           c_mktsegment          AS market_segment,
           n_nationkey::VARCHAR  AS nation_id,
           n_name                AS nation,
           r_name                AS region,
           coalesce(placed, 0)   AS order_count,
           coalesce(spent, 0)::DECIMAL(15, 2) AS lifetime_value,
           first_date            AS first_order_date,
           last_date             AS last_order_date,
           placed IS NOT NULL    AS has_ordered,
           c_comment             AS comment
    FROM customer
    JOIN nation ON n_nationkey = c_nationkey
    JOIN region ON r_regionkey = n_regionkey
    LEFT JOIN (SELECT o_custkey, count(*) AS placed, sum(o_totalprice) AS spent,
                      min(o_orderdate) AS first_date, max(o_orderdate) AS last_date
               FROM orders GROUP BY o_custkey) ON o_custkey = c_custkey
    ORDER BY c_custkey
"""

# An order's last item is shipped when all are: an order that is not finished has no date for it.
ORDERS = """
    SELECT o_orderkey::VARCHAR  AS order_id,
           c_custkey::VARCHAR   AS customer_id,
           o_orderstatus        AS order_status,
           o_totalprice         AS total_price,
           o_orderdate          AS order_date,
           CASE o_orderstatus WHEN 'F' THEN shipped END AS shipped_date,
           o_orderpriority      AS priority,
           items                AS item_count,
           o_clerk              AS clerk,
           n_name               AS nation,
           o_comment            AS comment
    FROM orders
    JOIN customer ON c_custkey = o_custkey
    JOIN nation ON n_nationkey = c_nationkey
    JOIN (SELECT l_orderkey, count(*) AS items, max(l_shipdate) AS shipped FROM lineitem GROUP BY l_orderkey)
      ON l_orderkey = o_orderkey
    ORDER BY o_orderkey
"""

EXTRACTS = {"customers": CUSTOMERS, "orders": ORDERS}
WRITERS = {"csv": "(FORMAT csv, HEADER)", "jsonl": "(FORMAT json)", "parquet": "(FORMAT parquet)"}


def main():
    parser = argparse.ArgumentParser(description="Write TPC-H customers and orders as extracts.")
    parser.add_argument("folder", type=pathlib.Path, help="where the files go; made if it is not there")
    parser.add_argument("--scale", type=float, default=0.001, help="TPC-H scale factor (default: 0.001)")
    parser.add_argument("--formats", default="csv,jsonl,parquet", help="which of csv,jsonl,parquet (default: all)")
    arguments = parser.parse_args()
    formats = arguments.formats.split(",")
    if unknown := set(formats) - WRITERS.keys():
        parser.error(f"unknown formats: {', '.join(sorted(unknown))}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    write(arguments.folder, arguments.scale, formats)


def write(folder, scale, formats):
    import_extension("tpch")
    connection = duckdb.connect()
    connection.execute("LOAD tpch")
    connection.execute("CALL dbgen(sf = $scale)", {"scale": scale})
    for name, query in EXTRACTS.items():
        # Sorted once, written in every format.
        connection.execute(f"CREATE TEMP TABLE extract_{name} AS {query}")
        for format in formats:
            path = folder / f"{name}.{format}"
            target = str(path).replace("'", "''")
            rows = connection.execute(f"COPY extract_{name} TO '{target}' {WRITERS[format]}").fetchone()[0]
            print(f"{path}: {rows:,} rows, {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
