# SPDX-License-Identifier: Apache-2.0
"""Reads a store's own files and its exports without hsl: pandas, polars and DuckDB agree.

Usage: other_readers.py BARS.parquet COLUMN.parquet EXPORT (EXPORT.parquet, .arrow and .csv).
Prints a line a reader and file: rows, symbols, first and last date, sum of closes, sum of per."""
import sys

import duckdb
import pandas
import polars

BARS, COLUMN, EXPORT = sys.argv[1:]


def show(reader, kind, rows, symbols, first, last, total):
    print(reader, kind, rows, symbols, str(first)[:10], str(last)[:10], total)


def of_pandas(kind, table, number):
    show("pandas", kind, len(table), table["symbol"].nunique(), table["date"].min(),
         table["date"].max(), table[number].sum())


def of_polars(kind, table, number):
    show("polars", kind, table.height, table["symbol"].n_unique(), table["date"].min(),
         table["date"].max(), table[number].sum())


def of_duckdb(kind, source, number):
    row = duckdb.sql(f"SELECT count(*), count(DISTINCT symbol), min(date), max(date), "
                     f"sum({number}) FROM {source}").fetchall()[0]
    show("duckdb", kind, *row)


of_pandas("bars", pandas.read_parquet(BARS), "close")
of_polars("bars", polars.read_parquet(BARS), "close")
of_duckdb("bars", f"'{BARS}'", "close")
of_pandas("column", pandas.read_parquet(COLUMN), "value")
of_polars("column", polars.read_parquet(COLUMN), "value")
of_duckdb("column", f"'{COLUMN}'", "value")
for number in ("close", "per"):
    of_pandas(f"parquet.{number}", pandas.read_parquet(EXPORT + ".parquet"), number)
    of_polars(f"parquet.{number}", polars.read_parquet(EXPORT + ".parquet"), number)
    of_duckdb(f"parquet.{number}", f"'{EXPORT}.parquet'", number)
    of_pandas(f"arrow.{number}", pandas.read_feather(EXPORT + ".arrow"), number)
    of_polars(f"arrow.{number}", polars.read_ipc(EXPORT + ".arrow"), number)
    text = {"symbol": str}
    of_pandas(f"csv.{number}", pandas.read_csv(EXPORT + ".csv", dtype=text), number)
    of_polars(f"csv.{number}", polars.read_csv(EXPORT + ".csv",
                                               schema_overrides={"symbol": polars.String}), number)
    of_duckdb(f"csv.{number}", f"read_csv('{EXPORT}.csv', types={{'symbol': 'VARCHAR'}})", number)
