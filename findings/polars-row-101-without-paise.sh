#!/usr/bin/env bash
# polars 2.1.0.
# One would expect: a frame made of rows (dictionaries or tuples) with Decimals keeps each of them exactly, or refuses
# them: `strict` is true unless it is switched off. A frame made of columns does keep them.
# What happens: the number of places is taken from the first 100 rows. A later amount with more places is rounded to
# that, without a word: after 100 loans at 10 or 12 % the rate 10.5 is 10, after 100 whole amounts 437.50 is 438.
# It does not show with a handful of rows, as in a test.
# Cure: name the type in the schema, pass infer_schema_length=None, or build the frame from columns.
# Output seen:
#   rows: rate 10, amount 438, types Decimal(precision=38, scale=0) and Decimal(precision=38, scale=0)
#   rows, all looked at: rate 10.5, amount 437.50
#   columns: rate 10.5, amount 437.50
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq polars==2.1.0
venv/bin/python - <<'PY'
import sys
from decimal import Decimal

import polars as pl

print("polars", pl.__version__)
loans = [{"rate": Decimal(10 + number % 2 * 2), "amount": Decimal(500)} for number in range(100)]
loans.append({"rate": Decimal("10.5"), "amount": Decimal("437.50")})
frames = {
    "rows": pl.DataFrame(loans, strict=True),
    "rows, all looked at": pl.DataFrame(loans, infer_schema_length=None),
    "columns": pl.DataFrame({name: [loan[name] for loan in loans] for name in ("rate", "amount")}),
}
found = {name: tuple(map(str, frame.row(-1))) for name, frame in frames.items()}
for name, (rate, amount) in found.items():
    types = f", types {' and '.join(map(str, frames[name].dtypes))}" if name == "rows" else ""
    print(f"{name}: rate {rate}, amount {amount}{types}")
exact = ("10.5", "437.50")
as_stated = found == {"rows": ("10", "438"), "rows, all looked at": exact, "columns": exact}
sys.exit(0 if as_stated else "the behaviour has changed")
PY
