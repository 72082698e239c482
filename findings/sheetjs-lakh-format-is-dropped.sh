#!/usr/bin/env bash
# xlsx 0.18.5 (npm), SheetJS, with openpyxl 3.1.5.
# One would expect: a cell with the number format #,##,##0.00 is shown with its two places, grouped one way or another;
# the package shows #,##0.00 that way.
# What happens: a format whose grouping differs from thousands is given up: the cell has no text, and CSV, HTML and rows of
# text show the bare number: 125000.5, or 500 without paise. The usual format for lakh and crore in three parts, each with
# a condition, is given up between a thousand and a lakh only, so "1,25,000.50" stands beside "99999.5" in one file.
# Cure: read the numbers (raw), and write them oneself.
# Output seen:
#   #,##0.00: 125,000.50 | 99,999.50 | 500.00
#   #,##,##0.00: 125000.5 | 99999.5 | 500
#   in three parts: 1,25,000.50 | 99999.5 | 500.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq openpyxl==3.1.5
venv/bin/python - <<'PY'
from openpyxl import Workbook

THREE_PARTS = r"[>=10000000]##\,##\,##\,##0.00;[>=100000]##\,##\,##0.00;##,##0.00"
book = Workbook()
for number_format in ("#,##0.00", "#,##,##0.00", THREE_PARTS):
    book.active.append([125_000.5, 99_999.5, 500])
    for cell in book.active[book.active.max_row]:
        cell.number_format = number_format
book.save("amounts.xlsx")
PY
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
echo "xlsx $(node -p 'require("xlsx").version')"
cat > show.js <<'JS'
const { readFile, utils } = require("xlsx");

const book = readFile("amounts.xlsx");
const rows = utils.sheet_to_json(book.Sheets[book.SheetNames[0]], { header: 1, raw: false });
["#,##0.00", "#,##,##0.00", "in three parts"].forEach((name, row) => console.log(`${name}: ${rows[row].join(" | ")}`));
JS
found=$(node show.js)
echo "$found"
if [ "$found" != "#,##0.00: 125,000.50 | 99,999.50 | 500.00
#,##,##0.00: 125000.5 | 99999.5 | 500
in three parts: 1,25,000.50 | 99999.5 | 500.00" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
