#!/usr/bin/env bash
# duckdb 2.0.1, with polars 2.1.0 beside it.
# One would expect: a series of months from 31 January has the last day of each month, since each of its days is the first
# one plus some months: 31 January plus two months is 31 March for duckdb too.
# What happens: the month is added to the day before, so after February every due date is the 28th: 28 March, 28 April.
# Interest by days of a plan that is made so is three days short in March. polars' date_range keeps the 31st.
# Cure: make a series of numbers, and add that many months to the first day.
# Output seen:
#   generate_series: 2026-01-31 2026-02-28 2026-03-28 2026-04-28
#   added to the first day: 2026-01-31 2026-02-28 2026-03-31 2026-04-30
#   polars: 2026-01-31 2026-02-28 2026-03-31 2026-04-30
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq duckdb==2.0.1 polars==2.1.0
venv/bin/python - <<'PY'
import sys
from datetime import date

import duckdb
import polars as pl

print("duckdb", duckdb.__version__)
SERIES = "SELECT unnest(generate_series(DATE '2026-01-31', DATE '2026-04-30', INTERVAL 1 MONTH))"
ADDED = "SELECT DATE '2026-01-31' + to_months(number::INTEGER) FROM range(4) AS months(number)"
days = {name: [row[0] for row in duckdb.sql(query).fetchall()] for name, query in
        {"generate_series": SERIES, "added to the first day": ADDED}.items()}
days["polars"] = pl.date_range(date(2026, 1, 31), date(2026, 4, 30), "1mo", eager=True).to_list()
found = {name: " ".join(f"{day:%Y-%m-%d}" for day in each) for name, each in days.items()}
for name, line in found.items():
    print(f"{name}: {line}")
last_days = "2026-01-31 2026-02-28 2026-03-31 2026-04-30"
drifted = "2026-01-31 2026-02-28 2026-03-28 2026-04-28"
as_stated = found == {"generate_series": drifted, "added to the first day": last_days, "polars": last_days}
sys.exit(0 if as_stated else "the behaviour has changed")
PY
