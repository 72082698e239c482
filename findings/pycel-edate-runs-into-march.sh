#!/usr/bin/env bash
# pycel 1.0b30, which computes the formulas of a workbook in Python.
# One would expect: EDATE(31 January, 1) is the last day of February, as in spreadsheet programs: the plan of a loan that
# falls due on the last day of each month is one column of such cells.
# What happens: the days that February lacks run over into March: 3 March, three days late; from 31 March on it is 1 May.
# EOMONTH beside it is right.
# Cure: write such plans with EOMONTH, or compute the dates outside the workbook.
# Output seen:
#   EDATE(31 Jan 2026, 1): 2026-03-03
#   EDATE(31 Mar 2026, 1): 2026-05-01
#   EOMONTH(31 Jan 2026, 1): 2026-02-28
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq pycel==1.0b30 openpyxl==3.1.5
venv/bin/python - <<'PY'
import sys
from datetime import date, timedelta
from importlib.metadata import version

from openpyxl import Workbook
from pycel import ExcelCompiler

print("pycel", version("pycel"))
book = Workbook()
for formula in ("=EDATE(DATE(2026,1,31),1)", "=EDATE(DATE(2026,3,31),1)", "=EOMONTH(DATE(2026,1,31),1)"):
    book.active.append([formula])
book.save("plan.xlsx")
compiled = ExcelCompiler("plan.xlsx")
found = [date(1899, 12, 30) + timedelta(days=int(compiled.evaluate(f"Sheet!A{row}"))) for row in (1, 2, 3)]
for name, day in zip(("EDATE(31 Jan 2026, 1)", "EDATE(31 Mar 2026, 1)", "EOMONTH(31 Jan 2026, 1)"), found, strict=True):
    print(f"{name}: {day}")
as_stated = found == [date(2026, 3, 3), date(2026, 5, 1), date(2026, 2, 28)]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
