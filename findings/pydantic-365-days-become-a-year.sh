#!/usr/bin/env bash
# pydantic 2.14.4, with isodate 0.7.2 as the reader on the other side.
# One would expect: a timedelta of 365 days, a term counted in days, is written to JSON as P365D, as 30 days are P30D. A
# timedelta knows no years: their length is not fixed.
# What happens: each 365 days are written as a year: P1Y, and 400 days as P1Y35D. Pydantic itself reads a year as 365
# days (and a month, P1M, as 30 without objection), so a round trip through it shows nothing. A reader that follows the
# calendar, as the notation means it, comes to another day when a 29 February lies between: here 366 days, a day of
# interest more.
# Cure: `ser_json_timedelta="float"` in the model's configuration, or a whole number of days as a field of its own.
# Output seen:
#   30 days "P30D", 364 days "P364D", 365 days "P1Y", 400 days "P1Y35D"
#   365 days from 2027-04-01: 2028-03-31; read by isodate: 2028-04-01
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq pydantic==2.14.4 isodate==0.7.2
venv/bin/python - <<'PY'
import json
import sys
from datetime import date, timedelta
from importlib.metadata import version

import isodate
from pydantic import TypeAdapter

print("pydantic", version("pydantic"), "isodate", version("isodate"))
adapter = TypeAdapter(timedelta)
written = [adapter.dump_json(timedelta(days=days)).decode() for days in (30, 364, 365, 400)]
print(", ".join(f"{days} days {text}" for days, text in zip((30, 364, 365, 400), written, strict=True)))
start = date(2027, 4, 1)
ends = [str(start + timedelta(days=365)), str(start + isodate.parse_duration(json.loads(written[2])))]
print(f"365 days from {start}: {ends[0]}; read by isodate: {ends[1]}")
as_stated = written == ['"P30D"', '"P364D"', '"P1Y"', '"P1Y35D"'] and ends == ["2028-03-31", "2028-04-01"]
as_stated = as_stated and adapter.validate_json('"P1M"') == timedelta(days=30)
sys.exit(0 if as_stated else "the behaviour has changed")
PY
