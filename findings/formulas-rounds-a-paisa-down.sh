#!/usr/bin/env bash
# formulas 1.3.4, which computes the formulas of a workbook in Python.
# One would expect: ROUND(10.075,2) is 10.08, as spreadsheet programs show it: they round the number that is written. Who
# proves a lender's workbook with it compares paise.
# What happens: what is rounded is the binary number just below, so a half paisa is lost with some amounts (1.005, 0.285,
# 10.075) and not with others (2.675, 1.455), without a pattern that a reader of the amounts could see.
# Cure: compare to half a paisa more than the tolerance, or round the cells oneself from their text as decimals.
# Output seen:
#   ROUND(1.005,2) 1.0, ROUND(0.285,2) 0.28, ROUND(10.075,2) 10.07, ROUND(2.675,2) 2.68, ROUND(1.455,2) 1.46
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq formulas==1.3.4 numpy==2.4.6
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

import formulas

print("formulas", version("formulas"))
amounts = ("1.005", "0.285", "10.075", "2.675", "1.455")
found = [float(formulas.Parser().ast(f"=ROUND({amount},2)")[1].compile()()) for amount in amounts]
print(", ".join(f"ROUND({amount},2) {rounded}" for amount, rounded in zip(amounts, found, strict=True)))
sys.exit(0 if found == [1.0, 0.28, 10.07, 2.68, 1.46] else "the behaviour has changed")
PY
