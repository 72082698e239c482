#!/usr/bin/env bash
# mt-940 5.1.1, a reader of bank statements in the format MT940.
# One would expect: the signed amount of a line says what the line does to the balance, so opening balance and amounts
# give the closing balance. A line marked RC (a credit that is taken back, such as a returned cheque) lowers it.
# What happens: only D is negative. RC is positive like the credit that it takes back, so a returned instalment counts
# as paid twice, and the amounts do not add up to the closing balance of the same statement.
# Cure: take the sign from the status (C and RD up, D and RC down), and refuse a statement that does not add up.
# Output seen:
#   C 100.00, D -50.00, RC 100.00, RD 50.00
#   opening 1000.00 with the amounts: 1200.00, closing: 1000.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq mt-940==5.1.1
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import mt940

STATEMENT = """:20:STATEMENT
:25:000123456789
:28C:1/1
:60F:C260101INR1000,00
:61:2601020102C100,00NTRFEMI-1//1
:61:2601030103D50,00NTRFFEE-1//2
:61:2601040104RC100,00NTRFEMI-1//3
:61:2601050105RD50,00NTRFFEE-1//4
:62F:C260105INR1000,00
"""
print("mt-940", version("mt-940"))
statement = mt940.parse(STATEMENT)
lines = [(line.data["status"], line.data["amount"].amount) for line in statement]
opening = statement.data["final_opening_balance"].amount.amount
closing = statement.data["final_closing_balance"].amount.amount
total = opening + sum(amount for _, amount in lines)
seen = ", ".join(f"{status} {amount}" for status, amount in lines)
print(seen)
print(f"opening {opening} with the amounts: {total}, closing: {closing}")
as_stated = seen == "C 100.00, D -50.00, RC 100.00, RD 50.00" and (str(total), str(closing)) == ("1200.00", "1000.00")
sys.exit(0 if as_stated else "the behaviour has changed")
PY
