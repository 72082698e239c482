#!/usr/bin/env bash
# currency.js 2.0.4 (npm), amounts of money in JavaScript.
# One would expect: an amount and its negative round alike, so that a charge and its refund cancel.
# What happens: halves are rounded towards plus infinity. 1.005 becomes 1.01 and -1.005 becomes -1.00: half a paisa of
# interest that is charged and taken back leaves a paisa.
# Cure: round the absolute value and put the sign back, or compute in whole paise.
# Output seen:
#   1.005 -> 1.01, -1.005 -> -1.00, together 0.01
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund currency.js@2.0.4 >/dev/null
echo "currency.js $(node -p 'require("./node_modules/currency.js/package.json").version')"
found=$(node -e '
const currency = require("currency.js");
const [charge, refund] = [currency(1.005), currency(-1.005)];
console.log(`1.005 -> ${charge}, -1.005 -> ${refund}, together ${charge.add(refund)}`);
')
echo "$found"
if [ "$found" != "1.005 -> 1.01, -1.005 -> -1.00, together 0.01" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
