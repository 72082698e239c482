#!/usr/bin/env bash
# pyxirr 0.10.8.
# One would expect: a date as text is taken where only one reading is possible (2026-02-05), and refused otherwise.
# What happens: with slashes the month is read first. 31/01/2026 is refused, but 05/02/2026, as India writes the fifth of
# February, is the second of May, without a word. A loan paid out on 5 January and repaid on the 5th of each month is then
# paid out on 1 May and repaid on the days to 12 May and once a year later: at 110 % a year instead of 11 %.
# Cure: pass dates, never text.
# Output seen:
#   dates: 11.07 %
#   text like 2026-02-05: 11.07 %
#   text like 05/02/2026: 109.55 %
#   text like 31/01/2026: ValueError
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq pyxirr==0.10.8
venv/bin/python - <<'PY'
import sys
from datetime import date
from importlib.metadata import version

import pyxirr

print("pyxirr", version("pyxirr"))
DAYS = [date(2026, month, 5) for month in range(1, 13)] + [date(2027, 1, 5)]
FLOWS = [-50_000] + [4407.43] * 12
found = []
for name, days in {
    "dates": DAYS,
    "text like 2026-02-05": [day.isoformat() for day in DAYS],
    "text like 05/02/2026": [day.strftime("%d/%m/%Y") for day in DAYS],
    "text like 31/01/2026": [day.replace(day=28).strftime("%d/%m/%Y") for day in DAYS],
}.items():
    try:
        rate = f"{pyxirr.xirr(days, FLOWS) * 100:.2f} %"
    except ValueError:
        rate = "ValueError"
    found.append(f"{name}: {rate}")
print("\n".join(found))
as_stated = found == [
    "dates: 11.07 %",
    "text like 2026-02-05: 11.07 %",
    "text like 05/02/2026: 109.55 %",
    "text like 31/01/2026: ValueError",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
