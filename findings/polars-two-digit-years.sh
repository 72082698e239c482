#!/usr/bin/env bash
# polars 2.1.0.
# One would expect: the date 03/04/27, as banks in India write it in their CSV statements, is left as text when no format
# is given, or read as 3 April 2027.
# What happens: read_csv with try_parse_dates, and str.to_date without a format, make a real date of it in the year 27,
# two thousand years ago, with no error and no null. It sorts, subtracts and can be written to a database, so a payment
# looks 730,000 days early. Cure: read dates as text and give the format, with %y, which reads it as 2027.
# Output seen:
#   read_csv: 0027-04-03 and 0026-12-31, of type Date
#   str.to_date(): 0027-04-03
#   str.to_date("%d/%m/%y"): 2027-04-03
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq polars==2.1.0
venv/bin/python - <<'PY'
import io
import sys
from datetime import date
from importlib.metadata import version

import polars

text = "paid,amount\n03/04/27,500\n31/12/26,700\n"
column = polars.read_csv(io.StringIO(text), try_parse_dates=True)["paid"]
words = polars.Series(["03/04/27"])
guessed, given = words.str.to_date()[0], words.str.to_date("%d/%m/%y")[0]
print("polars", version("polars"))
print(f"read_csv: {column[0]} and {column[1]}, of type {column.dtype}")
print("str.to_date():", guessed)
print('str.to_date("%d/%m/%y"):', given)
as_stated = (
    column.to_list() == [date(27, 4, 3), date(26, 12, 31)] and guessed == date(27, 4, 3) and given == date(2027, 4, 3)
)
sys.exit(0 if as_stated else "the behaviour has changed")
PY
