#!/usr/bin/env bash
# hyperformula 3.5.0 (npm), which computes a workbook's formulas outside a spreadsheet program.
# One would expect: TEXT(0.105,"0.00%") is 10.50% and TEXT(1234567.5,"#,##0.00") is 1,234,567.50, as in every spreadsheet
# program; these two formats are what a key facts sheet and a statement are made of. What is not supported is an error.
# What happens: the percent sign is copied and nothing is multiplied, so a rate of 10.5 % reads 0.10%; of a format with
# thousands only the first sign is understood, the paise are rounded away and the rest of the format is printed as it
# stands. Neither is an error. "0.00" alone is right.
# Cure: take the number of the cell and write it with a formatter of one's own; never read text cells as amounts.
# Output seen:
#   =TEXT(0.105,"0.00%"): 0.10%
#   =TEXT(1234567.5,"#,##0.00"): 1234568,##0.00
#   =TEXT(1234567.5,"0.00"): 1234567.50
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund hyperformula@3.5.0 >/dev/null
found=$(node -e '
const { HyperFormula } = require("hyperformula");
const formulas = ["=TEXT(0.105,\"0.00%\")", "=TEXT(1234567.5,\"#,##0.00\")", "=TEXT(1234567.5,\"0.00\")"];
const book = HyperFormula.buildFromArray(formulas.map((formula) => [formula]), { licenseKey: "gpl-v3" });
console.log(`hyperformula ${HyperFormula.version}`);
formulas.forEach((formula, row) => console.log(`${formula}: ${book.getCellValue({ sheet: 0, col: 0, row })}`));
')
echo "$found"
if [ "$found" != 'hyperformula 3.5.0
=TEXT(0.105,"0.00%"): 0.10%
=TEXT(1234567.5,"#,##0.00"): 1234568,##0.00
=TEXT(1234567.5,"0.00"): 1234567.50' ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
