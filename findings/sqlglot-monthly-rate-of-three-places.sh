#!/usr/bin/env bash
# sqlglot 30.30.0 with duckdb 2.0.1.
# One would expect: a statement of PostgreSQL that is translated for DuckDB gives the same figures there, or the
# translation says that it cannot: a numeric without places has all of them, and whole numbers divide to whole numbers.
# What happens: `numeric` becomes DECIMAL, which for DuckDB has three places, so a month's interest on 50,000 at a monthly
# rate of 0.00875 is 450 instead of 437.50. `/` stays `/`, which for DuckDB is a division of fractions, so half of an odd
# number of paise is not whole. It says nothing, also where it is told to refuse what it cannot translate. Where the types
# of the columns are given to its optimiser first, the division is right.
# Cure: name the places (numeric(20, 12)), give sqlglot the types, and compare the totals of both databases.
# Output seen:
#   SELECT 50000 * '0.00875'::numeric
#     SELECT 50000 * CAST('0.00875' AS DECIMAL): 450.000
#   SELECT 50000 * '0.00875'::numeric(20, 12)
#     SELECT 50000 * CAST('0.00875' AS DECIMAL(20, 12)): 437.500000000000
#   SELECT 440743::bigint / 2
#     SELECT CAST(440743 AS BIGINT) / 2: 220371.5
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq sqlglot==30.30.0 duckdb==2.0.1
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import duckdb
import sqlglot

print(*(f"{name} {version(name)}" for name in ("sqlglot", "duckdb")))
found = []
for statement in (
    "SELECT 50000 * '0.00875'::numeric",
    "SELECT 50000 * '0.00875'::numeric(20, 12)",
    "SELECT 440743::bigint / 2",
):
    refuse = sqlglot.ErrorLevel.RAISE
    (translated,) = sqlglot.transpile(statement, read="postgres", write="duckdb", unsupported_level=refuse)
    found.append(f"{translated}: {duckdb.sql(translated).fetchall()[0][0]}")
    print(f"{statement}\n  {found[-1]}")
as_stated = found == [
    "SELECT 50000 * CAST('0.00875' AS DECIMAL): 450.000",
    "SELECT 50000 * CAST('0.00875' AS DECIMAL(20, 12)): 437.500000000000",
    "SELECT CAST(440743 AS BIGINT) / 2: 220371.5",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
