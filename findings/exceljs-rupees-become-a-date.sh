#!/usr/bin/env bash
# exceljs 4.4.0 (npm), with openpyxl 3.1.5.
# One would expect: a number whose format has letters with a backslash before each, as spreadsheet programs store text of
# a format that needs no quotes (\R\s\ #,##0.00), is a number; with quotes ("Rs." #,##0.00) it is one.
# What happens: the backslashes are dropped, so the s of Rs means seconds, the d of days a day and the M of EMI a month: the
# amount 46053.00 is read as the date 31 January 2026. A book that is read and written again has lost the amount: the cell
# holds a date there, with a format that no longer says Rs.
# Cure: look at the formats in the file before its dates are trusted; write formats with quotes.
# Output seen:
#   \R\s\ #,##0.00: a date, 2026-01-31
#   0\ \d\a\y\s: a date, 2026-01-31
#   "Rs." #,##0.00: a number, 46053
#   written again, \R\s\ #,##0.00 is: Rs #,##0.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq openpyxl==3.1.5
venv/bin/python - <<'PY'
from openpyxl import Workbook

book = Workbook()
for row, number_format in enumerate((r"\R\s\ #,##0.00", r"0\ \d\a\y\s", '"Rs." #,##0.00'), start=1):
    book.active.cell(row, 1, 46053).number_format = number_format
    book.active.cell(row, 2, number_format)
book.save("amounts.xlsx")
PY
npm init -y >/dev/null
npm install --silent --no-audit --no-fund exceljs@4.4.0 >/dev/null
echo "exceljs $(node -p 'require("./node_modules/exceljs/package.json").version')"
cat > read.js <<'JS'
const { Workbook } = require("exceljs");

(async () => {
    const book = new Workbook();
    await book.xlsx.readFile("amounts.xlsx");
    book.worksheets[0].eachRow((row) => {
        const [, amount, format] = row.values;
        const isDate = amount instanceof Date;
        console.log(`${format}: ${isDate ? `a date, ${amount.toISOString().slice(0, 10)}` : `a number, ${amount}`}`);
    });
    await book.xlsx.writeFile("again.xlsx");
})();
JS
found=$(node read.js && venv/bin/python -c '
import openpyxl
cell = openpyxl.load_workbook("again.xlsx").active["A1"]
print(r"written again, \R\s\ #,##0.00 is:", cell.number_format)')
echo "$found"
if [ "$found" != '\R\s\ #,##0.00: a date, 2026-01-31
0\ \d\a\y\s: a date, 2026-01-31
"Rs." #,##0.00: a number, 46053
written again, \R\s\ #,##0.00 is: Rs #,##0.00' ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
