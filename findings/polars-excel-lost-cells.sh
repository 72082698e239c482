#!/usr/bin/env bash
# polars 2.1.0 with fastexcel 0.21.0 (workbook made with xlsxwriter 3.3.1).
# One would expect: drop_empty_cols=False keeps column A, and a cell that shows an error is told from an empty one.
# What happens: 1. an empty first column is gone before polars sees the sheet, whatever drop_empty_cols says, so the
# second column of the sheet is the first of the frame (columns=[0] is then refused, though the frame has a column 0).
# 2. A cell with #DIV/0! comes back as null, without a word: an amount that failed to compute looks like one not given.
# Cure: go by heading, never by place; ask fastexcel itself (to_arrow_with_errors with a dtype) and refuse the sheet.
# Output seen:
#   frame: [{'loan': 'L1', 'due': None}, {'loan': 'L2', 'due': None}, {'loan': 'L3', 'due': 5}]
#   the same with drop_empty_cols=False: True
#   columns=[0]: ColumnNotFoundError; columns=[1]: ['loan']
#   errors told by fastexcel: 1
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq polars==2.1.0 fastexcel==0.21.0 xlsxwriter==3.3.1 pyarrow==25.0.0
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import fastexcel
import polars
import xlsxwriter

with xlsxwriter.Workbook("dues.xlsx") as book:
    sheet = book.add_worksheet()
    sheet.write_row(0, 1, ["loan", "due"])
    sheet.write(1, 1, "L1")
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    sheet.write(2, 1, "L2")
    sheet.write_row(3, 1, ["L3", 5])
frame = polars.read_excel("dues.xlsx", drop_empty_rows=False)
same = frame.equals(polars.read_excel("dues.xlsx", drop_empty_cols=False, drop_empty_rows=False))
try:
    first = str(polars.read_excel("dues.xlsx", columns=[0]).columns)
except Exception as error:
    first = type(error).__name__
second = polars.read_excel("dues.xlsx", columns=[1]).columns
_, errors = fastexcel.read_excel("dues.xlsx").load_sheet(0, dtypes="string").to_arrow_with_errors()
told = len(errors.errors) if errors else 0
print("polars", version("polars"), "fastexcel", version("fastexcel"), "xlsxwriter", version("xlsxwriter"))
print("frame:", frame.to_dicts())
print("the same with drop_empty_cols=False:", same)
print(f"columns=[0]: {first}; columns=[1]: {second}")
print("errors told by fastexcel:", told)
rows = [{"loan": "L1", "due": None}, {"loan": "L2", "due": None}, {"loan": "L3", "due": 5}]
as_stated = frame.to_dicts() == rows and same and first == "ColumnNotFoundError" and second == ["loan"] and told == 1
sys.exit(0 if as_stated else "the behaviour has changed")
PY
