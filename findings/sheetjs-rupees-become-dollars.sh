#!/usr/bin/env bash
# xlsx 0.18.5 (npm), known as SheetJS, the newest on npm.
# One would expect: a number format that names only a locale, such as [$-4009] for English in India, adds no currency;
# the amount is shown as Excel shows it, without any sign.
# What happens: the formatted text begins with a dollar sign. A column of rupees, exported as CSV or read as text, becomes
# dollars. With the sign in the brackets ([$₹-4009]) it is a rupee sign, and without brackets there is none.
# Cure: take the raw values of amounts (raw: true), never the formatted text.
# Output seen:
#   #,##0.00 -> 1,234,567.50
#   [$-4009]#,##0.00 -> $1,234,567.50
#   [$₹-4009]#,##0.00 -> ₹1,234,567.50
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund xlsx@0.18.5 >/dev/null
echo "xlsx $(node -p 'require("./node_modules/xlsx/package.json").version')"
cat > formats.cjs <<'JS'
const XLSX = require("xlsx");
const formats = ["#,##0.00", "[$-4009]#,##0.00", "[$₹-4009]#,##0.00"];
const sheet = XLSX.utils.aoa_to_sheet(formats.map(() => [1234567.5]));
formats.forEach((format, row) => { sheet[`A${row + 1}`].z = format; });
const book = XLSX.utils.book_new();
XLSX.utils.book_append_sheet(book, sheet, "amounts");
const read = XLSX.read(XLSX.write(book, { type: "buffer", bookType: "xlsx" }), { cellNF: true });
const rows = XLSX.utils.sheet_to_csv(read.Sheets.amounts, { FS: ";" }).trim().split("\n");
rows.forEach((text, row) => console.log(`${formats[row]} -> ${text}`));
JS
found=$(node formats.cjs)
echo "$found"
if [ "$found" != '#,##0.00 -> 1,234,567.50
[$-4009]#,##0.00 -> $1,234,567.50
[$₹-4009]#,##0.00 -> ₹1,234,567.50' ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
