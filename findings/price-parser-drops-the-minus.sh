#!/usr/bin/env bash
# price-parser 0.5.1.
# One would expect: "-₹1,500.00" is read as minus 1500, or refused.
# What happens: the amount comes back positive, with no sign of the minus left, in whatever place it stands: before the
# rupee sign, after it, behind the figure, as the long minus, as brackets. A reversal or a refund in a statement is read
# as a payment. Grouping by lakhs is read right, which makes it tempting for Indian statements.
# Cure: look for the sign yourself before the text is handed over, or parse the figure without it.
# Output seen:
#   -500 -> 500; -₹1,500.00 -> 1500.00; ₹ -1,50,000.50 -> 150000.50; Rs. -500 -> 500; 500- -> 500; −500 -> 500;
#   (500.00) -> 500.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq price-parser==0.5.1
PYTHONUTF8=1 venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

from price_parser import Price

texts = ("-500", "-₹1,500.00", "₹ -1,50,000.50", "Rs. -500", "500-", "−500", "(500.00)")
amounts = [str(Price.fromstring(text).amount) for text in texts]
print("price-parser", version("price-parser"))
for text, amount in zip(texts, amounts):
    print(text, "->", amount)
as_stated = amounts == ["500", "1500.00", "150000.50", "500", "500", "500", "500.00"]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
