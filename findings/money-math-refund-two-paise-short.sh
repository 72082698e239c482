#!/usr/bin/env bash
# money-math 2.6.3 (npm), exact arithmetic on amounts of two places as text.
# One would expect: the tax on a negative amount (a refund, a credit note) is the tax on the amount with a minus, or half
# a paisa beside it where it is rounded.
# What happens: a negative result is cut and then rounded up towards zero, so it is up to a paisa and a half off the
# exact one: 18 % of 4406.04 is 793.09, of -4406.04 it is -793.07 (exact: 793.0872). Dividing and percentages do the
# same. A charge and its reversal do not cancel out: two paise stay in the ledger.
# Cure: compute with the amount without its sign, and put the minus back.
# Output seen:
#   18 % of 4406.04: 793.09, of -4406.04: -793.07
#   a sixth of 100.00: 16.67, of -100.00: -16.65
#   2 percent of 4406.04: 88.12, of -4406.04: -88.11
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund money-math@2.6.3 >/dev/null
echo "money-math $(node -p 'require("./node_modules/money-math/package.json").version')"
cat > tax.js <<'JS'
const money = require("money-math");

console.log(`18 % of 4406.04: ${money.mul("4406.04", "0.18")}, of -4406.04: ${money.mul("-4406.04", "0.18")}`);
console.log(`a sixth of 100.00: ${money.div("100.00", "6.00")}, of -100.00: ${money.div("-100.00", "6.00")}`);
const [charge, refund] = ["4406.04", "-4406.04"].map((amount) => money.percent(amount, "2.00"));
console.log(`2 percent of 4406.04: ${charge}, of -4406.04: ${refund}`);
JS
found=$(node tax.js)
echo "$found"
if [ "$found" != "18 % of 4406.04: 793.09, of -4406.04: -793.07
a sixth of 100.00: 16.67, of -100.00: -16.65
2 percent of 4406.04: 88.12, of -4406.04: -88.11" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
