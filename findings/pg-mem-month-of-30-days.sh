#!/usr/bin/env bash
# pg-mem 3.0.14 (npm), PostgreSQL in memory for the tests of programs for Node.
# One would expect: a statement that it runs gives what PostgreSQL gives, or an error: 5 January plus a month is 5 February,
# and numeric(14,2) holds 437.505 as 437.51.
# What happens: a month is 30 days, so each due date of a plan that is made in SQL wanders, to 4 February and 6 March.
# Numerics are binary fractions of any number of places: 437.505 stays so, and 8884.88 in paise is 888487.9999999999,
# which no comparison with 888488 finds. A test of a schedule or of a balance passes or fails for the wrong reason.
# Cure: test money and dates on PostgreSQL itself, for instance on PGlite.
# Output seen:
#   2026-01-05 and a month: 2026-02-04
#   2026-01-05 and two months: 2026-03-06
#   437.505 in numeric(14,2): 437.505
#   8884.88 in paise: 888487.9999999999
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund pg-mem@3.0.14 >/dev/null
echo "pg-mem $(node -p 'require("./node_modules/pg-mem/package.json").version')"
cat > ask.js <<'JS'
const { newDb } = require("pg-mem");

const tables = newDb().public;
tables.none("CREATE TABLE loans (id int PRIMARY KEY, due date, amount numeric(14,2))");
tables.none("INSERT INTO loans VALUES (1, '2026-01-05', 437.505), (2, '2026-01-05', 8884.88)");
const one = (what, loan) => tables.one(`SELECT ${what} AS found FROM loans WHERE id = ${loan}`).found;
const day = (interval) => one(`due + INTERVAL '${interval}'`, 1).toISOString().slice(0, 10);
console.log(`2026-01-05 and a month: ${day("1 month")}`);
console.log(`2026-01-05 and two months: ${day("2 months")}`);
console.log(`437.505 in numeric(14,2): ${one("amount", 1)}`);
console.log(`8884.88 in paise: ${one("amount * 100", 2)}`);
JS
found=$(TZ=UTC node ask.js)
echo "$found"
if [ "$found" != "2026-01-05 and a month: 2026-02-04
2026-01-05 and two months: 2026-03-06
437.505 in numeric(14,2): 437.505
8884.88 in paise: 888487.9999999999" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
