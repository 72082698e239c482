#!/usr/bin/env bash
# polars 2.1.0 with xlsxwriter 3.3.1, read back with openpyxl 3.1.5.
# One would expect: write_excel gives a column of Decimals a number format with the places of its type, as it gives one
# to columns of floats and whole numbers; and dtype_formats takes the type that the column's schema names.
# What happens: the cells have the format General, so 437.50 is shown as 437.5 and 500.00 as 500, in a report of exact
# amounts only: floats have separators and places. The format of the very type, Decimal(38, 2), is left aside without a
# word; it must be the class.
# Cure: dtype_formats={pl.Decimal: "#,##0.00"}, or column_formats.
# Output seen:
#   nothing named: decimal General, float #,##0.000;[Red]-#,##0.000
#   Decimal(38, 2) named: decimal General, float #,##0.000;[Red]-#,##0.000
#   Decimal named: decimal #,##0.00, float #,##0.000;[Red]-#,##0.000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq polars==2.1.0 xlsxwriter==3.3.1 openpyxl==3.1.5
venv/bin/python - <<'PY'
import sys
from decimal import Decimal

import openpyxl
import polars as pl

print("polars", pl.__version__)
amounts = pl.DataFrame({"decimal": [Decimal("437.50")], "float": [437.5]}, schema_overrides={"decimal": pl.Decimal(38, 2)})
found = []
for name, formats in {
    "nothing named": {},
    "Decimal(38, 2) named": {amounts.schema["decimal"]: "#,##0.00"},
    "Decimal named": {pl.Decimal: "#,##0.00"},
}.items():
    amounts.write_excel("amounts.xlsx", dtype_formats=formats)
    cells = openpyxl.load_workbook("amounts.xlsx").active[2]
    found.append(f"{name}: decimal {cells[0].number_format}, float {cells[1].number_format}")
print("\n".join(found))
as_stated = found == [
    "nothing named: decimal General, float #,##0.000;[Red]-#,##0.000",
    "Decimal(38, 2) named: decimal General, float #,##0.000;[Red]-#,##0.000",
    "Decimal named: decimal #,##0.00, float #,##0.000;[Red]-#,##0.000",
]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
