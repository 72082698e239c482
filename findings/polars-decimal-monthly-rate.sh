#!/usr/bin/env bash
# polars 2.1.0.
# One would expect: a quotient or product of decimals has more places than its parts, as in SQL or in Python's decimal;
# so interest of a month is the same whether the amount is multiplied first or the yearly rate is divided first.
# What happens: the result keeps the larger scale of the two parts, rounded half to even, without a word. A yearly rate
# of 0.1050 becomes a monthly rate of 0.0088, and 50,000 at 10.5 % costs 440.00 a month instead of 437.50.
# Cure: multiply before dividing, or give the rate a scale that holds a monthly rate before any arithmetic.
# Output seen:
#   types: rate Decimal(precision=38, scale=4), rate / 12 Decimal(precision=38, scale=4)
#   rate / 12: 0.0088
#   amount * rate / 12: 437.5000
#   amount * (rate / 12): 440.0000
#   with a scale of 12, amount * (rate / 12): 437.500000000000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq polars==2.1.0
venv/bin/python - <<'PY'
import sys

import polars as pl

print("polars", pl.__version__)
loans = pl.DataFrame({"amount": ["50000.00"], "rate": ["0.1050"]}).select(
    pl.col("amount").str.to_decimal(scale=2), pl.col("rate").str.to_decimal(scale=4)
)
amount, rate = pl.col("amount"), pl.col("rate")
wide = rate.cast(pl.Decimal(38, 12))
found = loans.select(
    (rate / 12).alias("monthly"), (amount * rate / 12).alias("first"), (amount * (rate / 12)).alias("then"),
    (amount * (wide / 12)).alias("wide"),
)
print(f"types: rate {loans.schema['rate']}, rate / 12 {found.schema['monthly']}")
values = [str(value) for value in found.row(0)]
for name, value in zip(
    ("rate / 12", "amount * rate / 12", "amount * (rate / 12)", "with a scale of 12, amount * (rate / 12)"), values
):
    print(f"{name}: {value}")
sys.exit(0 if values == ["0.0088", "437.5000", "440.0000", "437.500000000000"] else "the behaviour has changed")
PY
