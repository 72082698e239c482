#!/usr/bin/env bash
# accounting 0.4.1 (npm), formats amounts of money and reads them back; currency-formatter 1.5.9 (npm) stands on it.
# One would expect: `unformat` takes the currency's sign and the commas away, whatever the sign is: "Rs. 1,000.50" gives
# 1000.5 as "₹ 1,000.50" does, the more so when the text is what its own `formatMoney` has written.
# What happens: the full stop of "Rs." stays and is taken for the decimal point. Rs. 1,000.50 is 0.1, Rs. 1,00,000 is
# 0.1 too, Rs. 500 is 0.5. No error is raised, and the result is a number like any other. "Rs" without a full stop is
# well.
# Cure: cut off the text up to the first digit or minus before it is read.
# Output seen:
#   accounting: Rs. 1,000.50 0.1 | Rs. 1,00,000 0.1 | Rs. 500 0.5 | Rs 1,000.50 1000.5 | ₹ 1,000.50 1000.5
#   currency-formatter: Rs. 1,000.50 0.1 | Rs. 1,00,000 0.1 | Rs. 500 0.5 | Rs 1,000.50 1000.5 | ₹ 1,000.50 1000.5
#   written by accounting: Rs. 1,000.50, read back: 0.1
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund accounting@0.4.1 currency-formatter@1.5.9 >/dev/null
found=$(node -e '
const accounting = require("accounting");
const formatter = require("currency-formatter");
const texts = ["Rs. 1,000.50", "Rs. 1,00,000", "Rs. 500", "Rs 1,000.50", "₹ 1,000.50"];
const tell = (name, read) => console.log(`${name}: ` + texts.map((text) => `${text} ${read(text)}`).join(" | "));
tell("accounting", (text) => accounting.unformat(text));
tell("currency-formatter", (text) => formatter.unformat(text, { code: "INR" }));
const written = accounting.formatMoney(1000.5, { symbol: "Rs.", format: "%s %v" });
console.log(`written by accounting: ${written}, read back: ${accounting.unformat(written)}`);
')
echo "$found"
if [ "$found" != "accounting: Rs. 1,000.50 0.1 | Rs. 1,00,000 0.1 | Rs. 500 0.5 | Rs 1,000.50 1000.5 | ₹ 1,000.50 1000.5
currency-formatter: Rs. 1,000.50 0.1 | Rs. 1,00,000 0.1 | Rs. 500 0.5 | Rs 1,000.50 1000.5 | ₹ 1,000.50 1000.5
written by accounting: Rs. 1,000.50, read back: 0.1" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
