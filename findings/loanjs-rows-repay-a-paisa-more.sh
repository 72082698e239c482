#!/usr/bin/env bash
# loanjs 1.1.2 (npm), a schedule of instalments.
# One would expect: the rows of a schedule repay exactly the loan, and their sum is the total that is stated beside them,
# because the last row takes the rest.
# What happens: all twelve rows of 50,000 at 10.5 % are the same 4,407.43. Their principal is 50,000.01, while the last
# row says that nothing remains, and the stated total is a paisa less than the sum of the rows.
# Cure: compute the last row oneself: the balance before it and its interest.
# Output seen:
#   stated: total 52889.15 principal 50000.00
#   rows: total 52889.16 principal 50000.01, remains 0.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund loanjs@1.1.2 >/dev/null
echo "loanjs $(node -p 'require("./node_modules/loanjs/package.json").version')"
found=$(node -e '
const { Loan } = require("loanjs");
const loan = new Loan(50000, 12, 10.5, "annuity");
const sum = (name) => loan.installments.reduce((total, row) => total + row[name], 0).toFixed(2);
console.log(`stated: total ${loan.sum.toFixed(2)} principal ${loan.capitalSum.toFixed(2)}`);
console.log(`rows: total ${sum("installment")} principal ${sum("capital")}, remains ${loan.installments[11].remain.toFixed(2)}`);
')
echo "$found"
if [ "$found" != "stated: total 52889.15 principal 50000.00
rows: total 52889.16 principal 50000.01, remains 0.00" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
