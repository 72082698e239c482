#!/usr/bin/env bash
# @formulajs/formulajs 4.6.1 (npm), the functions of spreadsheets in JavaScript.
# One would expect: TEXT(date, "dd-mm-yyyy") writes a date that DATE made as 31-01-2026.
# What happens: whatever the format, it is written year first, and in UTC: where it is India's time, the day before. A letter
# with due dates from it asks for each instalment a day early. What a format has around the digits is lost as well: the
# rupee sign is gone, and an amount in brackets comes out as -5.000. DAY of the same date is right.
# Cure: write dates and amounts with Intl.
# Output seen, with TZ=Asia/Kolkata, of DATE(2026, 1, 31):
#   DAY: 31
#   TEXT dd-mm-yyyy: 2026-01-30
#   TEXT d mmm yyyy: 2026-01-30
#   TEXT ₹#,##0.00 of 4406.04: 4,406.04
#   TEXT 0.00;(0.00) of -5: -5.000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @formulajs/formulajs@4.6.1 >/dev/null
echo "@formulajs/formulajs $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/@formulajs/formulajs/package.json")).version')"
cat > text.mjs <<'JS'
import { DATE, DAY, TEXT } from "@formulajs/formulajs";

const due = DATE(2026, 1, 31);
console.log(`DAY: ${DAY(due)}`);
for (const format of ["dd-mm-yyyy", "d mmm yyyy"]) console.log(`TEXT ${format}: ${TEXT(due, format)}`);
for (const [amount, format] of [[4406.04, "₹#,##0.00"], [-5, "0.00;(0.00)"]])
    console.log(`TEXT ${format} of ${amount}: ${TEXT(amount, format)}`);
JS
found=$(TZ=Asia/Kolkata node text.mjs)
echo "$found"
if [ "$found" != "DAY: 31
TEXT dd-mm-yyyy: 2026-01-30
TEXT d mmm yyyy: 2026-01-30
TEXT ₹#,##0.00 of 4406.04: 4,406.04
TEXT 0.00;(0.00) of -5: -5.000" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
