#!/usr/bin/env bash
# QuantLib 1.44.
# One would expect: `Money.rounded()` rounds an amount to the units of its currency. A rupee has 100 paise for QuantLib
# too (`fractionsPerUnit`).
# What happens: rupees, dollars, pounds and yen come back as they were, 100.126 as 100.126, without a word: only some
# currencies, such as the euro, have a rule of rounding. A settlement that is computed with Money and rounded() carries
# parts of a paisa into the books.
# Cure: round with ClosestRounding(2), or in decimals.
# Output seen:
#   INR: 100 units, 100.126 becomes 100.126
#   USD: 100 units, 100.126 becomes 100.126
#   EUR: 100 units, 100.126 becomes 100.13
#   ClosestRounding(2): 100.13
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq QuantLib==1.44
venv/bin/python - <<'PY'
import sys

import QuantLib as ql

print("QuantLib", ql.__version__)
found = []
for currency in (ql.INRCurrency(), ql.USDCurrency(), ql.EURCurrency()):
    rounded = ql.Money(100.126, currency).rounded().value()
    found.append(f"{currency.code()}: {currency.fractionsPerUnit()} units, 100.126 becomes {rounded}")
found.append(f"ClosestRounding(2): {ql.ClosestRounding(2)(100.126)}")
print("\n".join(found))
as_stated = found == [
    "INR: 100 units, 100.126 becomes 100.126",
    "USD: 100 units, 100.126 becomes 100.126",
    "EUR: 100 units, 100.126 becomes 100.13",
    "ClosestRounding(2): 100.13",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
