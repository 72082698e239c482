#!/usr/bin/env bash
# mathjs 15.2.0 (npm), evaluates formulas that are kept as text, such as a lender's fees and rates; it knows
# percentages.
# One would expect: since 100 + 18% is 118 and 10.5% * 2 is 0.21, a percentage may stand anywhere: a rate and its
# spread, 8% + 2%, are 0.1 (or 8.16 %, if a percentage after a plus is one of what stands before), and a fee of 2% + 500
# on 40,000 is 1,300.
# What happens: a percent sign with a plus or minus after it is the remainder of a division, and the plus or minus is
# the sign of the divisor. 8% + 2% is the remainder of 8 by 0.02, which is 0; the fee is the remainder of 80,000 by 500,
# also 0; 100 + 18% - 5 is 98. No error is raised, and the same formula with its terms in the other order is right.
# Cure: brackets around each percentage, or rates as plain decimals.
# Output seen:
#   8% + 2% = 0; 40000 * 2% + 500 = 0; 100 + 18% - 5 = 98
#   (8%) + (2%) = 0.1; 500 + 40000 * (2%) = 1300; 100 + 18% = 118; 10.5% * 2 = 0.21
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mathjs@15.2.0 >/dev/null
echo "mathjs $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/mathjs/package.json")).version')"
found=$(node -e '
const { evaluate } = require("mathjs");
for (const formulas of [
    ["8% + 2%", "40000 * 2% + 500", "100 + 18% - 5"],
    ["(8%) + (2%)", "500 + 40000 * (2%)", "100 + 18%", "10.5% * 2"],
])
    console.log(formulas.map((formula) => `${formula} = ${evaluate(formula)}`).join("; "));
')
echo "$found"
if [ "$found" != "8% + 2% = 0; 40000 * 2% + 500 = 0; 100 + 18% - 5 = 98
(8%) + (2%) = 0.1; 500 + 40000 * (2%) = 1300; 100 + 18% = 118; 10.5% * 2 = 0.21" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
