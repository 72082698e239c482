#!/usr/bin/env bash
# fundamental-js 1.4.1 (npm), loan calculators for India, among them one that compares the two ways to use a prepayment.
# One would expect: to keep the instalment and end sooner saves at least as much interest as to lower the instalment and
# keep the term, since less is owed in every month that follows. And two prepayments of one month both count.
# What happens: the lower instalment comes out as the one that saves more (658.24 against 598.07, of 100,000 at 12 %
# over 12 months with 10,000 prepaid in month 6). That way takes the prepayment before the interest of its month, the
# other one after it, and its new instalment repays the loan in 11 months while it says 12. A borrower is advised
# wrongly. And of 20,000 and 10,000 in the same month only the last one counts; the 20,000 are gone, in both ways,
# without a word.
# Cure: add up the prepayments of a month first, and work out both ways oneself with the same order of interest and
# money.
# Output seen:
#   10000: sooner saves 598.07, lower saves 658.24
#   20000 and 10000: sooner saves 598.07, lower saves 658.24
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund fundamental-js@1.4.1 >/dev/null
echo "fundamental-js $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/fundamental-js/package.json")).version')"
found=$(node -e '
const { prepaymentImpact } = require("fundamental-js");
const loan = { principal: 100000, annualRate: 0.12, months: 12 };
for (const amounts of [[10000], [20000, 10000]]) {
    const prepayments = amounts.map((amount) => ({ month: 6, amount }));
    const saved = (mode) => prepaymentImpact({ ...loan, prepayments, mode }).savings.interestSaved.toFixed(2);
    console.log(`${amounts.join(" and ")}: sooner saves ${saved("reduceTenure")}, lower saves ${saved("reduceEmi")}`);
}
')
echo "$found"
if [ "$found" != "10000: sooner saves 598.07, lower saves 658.24
20000 and 10000: sooner saves 598.07, lower saves 658.24" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
