#!/usr/bin/env bash
# babel 2.19.0 (its data is CLDR's).
# One would expect: the accounting form of an amount in rupees differs from the ordinary one only in its brackets for
# negative amounts, so a column of it is grouped in lakh and crore too.
# What happens: for English in India (and Tamil, Telugu and others, but not Hindi) the accounting form is grouped in
# thousands and millions. A balance sheet printed with it shows 1,234,567.50 beside 12,34,567.50 elsewhere.
# Cure: give the pattern: format_currency(amount, "INR", "¤#,##,##0.00;(¤#,##,##0.00)", locale="en_IN").
# Output seen:
#   en_IN: standard ₹12,34,567.50 accounting ₹1,234,567.50
#   hi_IN: standard ₹12,34,567.50 accounting ₹12,34,567.50
#   with a pattern: (₹12,34,567.50)
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq babel==2.19.0
PYTHONUTF8=1 venv/bin/python - <<'PY'
import sys
from decimal import Decimal
from importlib.metadata import version

from babel.numbers import format_currency

print("babel", version("babel"))
AMOUNT = Decimal("1234567.50")
found = []
for locale in ("en_IN", "hi_IN"):
    forms = [format_currency(AMOUNT, "INR", locale=locale, format_type=kind) for kind in ("standard", "accounting")]
    print(f"{locale}: standard {forms[0]} accounting {forms[1]}")
    found += forms
given = format_currency(-AMOUNT, "INR", "¤#,##,##0.00;(¤#,##,##0.00)", locale="en_IN")
print("with a pattern:", given)
lakh = "₹12,34,567.50"
as_stated = [*found, given] == [lakh, "₹1,234,567.50", lakh, lakh, "(₹12,34,567.50)"]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
