#!/usr/bin/env bash
# pandas-market-calendars 4.6.1, the trading days of exchanges.
# One would expect: NSE and BSE of Mumbai are closed on India's national days in every year that the package answers for
# (Republic Day, 26 January, and Christmas have fixed dates); or, where the days are not known, it says so.
# What happens: from 2025 on NSE, BSE and XNSE are open on every weekday, without an error or a warning: a list of days
# has come to its end. XBOM, the same exchange in Mumbai in the same package, comes from another source and knows the
# days. A due date or a settlement day that is moved off holidays with "NSE" is not moved any more.
# Cure: take XBOM, or refuse a calendar that has no closed weekday in a year.
# Output seen:
#   NSE: 2024 14, 2025 0, 2026 0; 26 January 2026 open
#   BSE: 2024 14, 2025 0, 2026 0; 26 January 2026 open
#   XNSE: 2024 14, 2025 0, 2026 0; 26 January 2026 open
#   XBOM: 2024 17, 2025 14, 2026 16; 26 January 2026 closed
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq pandas-market-calendars==4.6.1 exchange-calendars==4.13.2 pandas==2.3.3
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import pandas
import pandas_market_calendars

print("pandas-market-calendars", version("pandas-market-calendars"))
found = []
for name in ("NSE", "BSE", "XNSE", "XBOM"):
    closed = {}
    for year in (2024, 2025, 2026):
        first, last = f"{year}-01-01", f"{year}-12-31"
        valid = pandas_market_calendars.get_calendar(name).valid_days(first, last).tz_localize(None)
        closed[year] = [day for day in pandas.bdate_range(first, last) if day not in valid]
    republic_day = "closed" if pandas.Timestamp("2026-01-26") in closed[2026] else "open"
    counts = ", ".join(f"{year} {len(days)}" for year, days in closed.items())
    found.append(f"{name}: {counts}; 26 January 2026 {republic_day}")
    print(found[-1])
as_stated = found == [
    "NSE: 2024 14, 2025 0, 2026 0; 26 January 2026 open",
    "BSE: 2024 14, 2025 0, 2026 0; 26 January 2026 open",
    "XNSE: 2024 14, 2025 0, 2026 0; 26 January 2026 open",
    "XBOM: 2024 17, 2025 14, 2026 16; 26 January 2026 closed",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
