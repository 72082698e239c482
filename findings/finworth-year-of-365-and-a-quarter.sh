#!/usr/bin/env bash
# finworth 0.8.0, a calculator of finance for India, with pyxirr 0.10.8 beside it.
# One would expect: xirr is XIRR as spreadsheet programs have it, with a year of 365 days: 100 that become 110 in 365 days
# are 10 %.
# What happens: its year has 365.25 days, so they are 10.0072 %. The yearly rate of a loan of twelve instalments is 11.08 %
# where pyxirr, with 365 days, says 11.07 %: two rates on two papers for one loan.
# Cure: compute the rate that a borrower sees with one function everywhere, and name its year.
# Output seen, finworth and pyxirr:
#   100 to 110 in 365 days: 10.0072 %, 10.0000 %
#   50,000 in twelve instalments of 4407.43: 11.0762 %, 11.0682 %
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq finworth==0.8.0 pyxirr==0.10.8
venv/bin/python - <<'PY'
import sys
from datetime import date
from importlib.metadata import version

import finworth
import pyxirr

print(*(f"{name} {version(name)}" for name in ("finworth", "pyxirr")))
LOAN = [(date(2026, 1, 5), -50_000.0), *((date(2026, month, 5), 4407.43) for month in range(2, 13))]
flows = {
    "100 to 110 in 365 days": [(date(2026, 1, 1), -100.0), (date(2027, 1, 1), 110.0)],
    "50,000 in twelve instalments of 4407.43": [*LOAN, (date(2027, 1, 5), 4407.43)],
}
found = [
    f"{name}: {finworth.xirr(flow) * 100:.4f} %, {pyxirr.xirr(flow) * 100:.4f} %" for name, flow in flows.items()
]
print("\n".join(found))
as_stated = found == [
    "100 to 110 in 365 days: 10.0072 %, 10.0000 %",
    "50,000 in twelve instalments of 4407.43: 11.0762 %, 11.0682 %",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
