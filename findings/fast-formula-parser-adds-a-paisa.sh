#!/usr/bin/env bash
# fast-formula-parser 1.0.19 (npm), computes formulas of spreadsheets.
# One would expect: ROUNDUP leaves an amount alone that has no more than the places asked for, and TRUNC(4.35,2) is
# 4.35, as in every spreadsheet.
# What happens: ROUNDUP adds a unit of the last place to exact amounts, 100 becomes 100.01 and 437.5 becomes 437.51,
# though not to all (8884.88 stays). TRUNC does not look at its second argument and takes all paise away. ROUNDDOWN is
# right. A sheet that rounds instalments up to the paisa is a paisa off in many rows.
# Cure: ROUNDDOWN in place of TRUNC, and round up oneself, in decimals.
# Output seen:
#   ROUNDUP(100,2) 100.01, ROUNDUP(437.5,2) 437.51, ROUNDUP(8884.88,2) 8884.88, ROUNDUP(1.1,1) 1.2
#   TRUNC(4.35,2) 4, TRUNC(1234.56,1) 1234, ROUNDDOWN(1234.56,1) 1234.5
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund fast-formula-parser@1.0.19 >/dev/null
found=$(node -e '
const FormulaParser = require("fast-formula-parser");
const parser = new FormulaParser();
for (const formulas of [
    ["ROUNDUP(100,2)", "ROUNDUP(437.5,2)", "ROUNDUP(8884.88,2)", "ROUNDUP(1.1,1)"],
    ["TRUNC(4.35,2)", "TRUNC(1234.56,1)", "ROUNDDOWN(1234.56,1)"],
])
    console.log(formulas.map((formula) => `${formula} ${parser.parse(formula)}`).join(", "));
')
echo "$found"
if [ "$found" != "ROUNDUP(100,2) 100.01, ROUNDUP(437.5,2) 437.51, ROUNDUP(8884.88,2) 8884.88, ROUNDUP(1.1,1) 1.2
TRUNC(4.35,2) 4, TRUNC(1234.56,1) 1234, ROUNDDOWN(1234.56,1) 1234.5" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
