#!/usr/bin/env bash
# mt940js 1.3.5 and stitch-swiftmessageparser 2.0.1 (npm), readers of bank statements in the format MT940.
# One would expect: a line names its value date with the year (260102) and its entry date without (1231). The year of
# the entry date is the one that brings it near the value date, as the format means it: 31 December 2025 here.
# What happens: the entry date takes the year of the value date. An instalment booked on 31 December with value 2
# January is booked a whole year late, on a day that is still to come; one booked on 2 January with value 31 December is
# booked a year early. Both are out of the statement's own period, and `validate` does not mind. It is seen once a year,
# on the days on which a lender closes its books.
# Cure: take day and month of the entry date, and choose the year that puts it within half a year of the value date.
# Output seen:
#   mt940js: value 2026-01-02 entry 2026-12-31, value 2025-12-31 entry 2025-01-02
#   stitch-swiftmessageparser: value 2026-01-02 entry 2026-12-31, value 2025-12-31 entry 2025-01-02
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund mt940js@1.3.5 stitch-swiftmessageparser@2.0.1 >/dev/null
found=$(node -e '
const text = `:20:STATEMENT
:25:000123456789
:28C:1/1
:60F:C251230INR1000,00
:61:2601021231C100,00NTRFEMI-1//1
:61:2512310102C50,00NTRFEMI-2//2
:62F:C260105INR1150,00
-
`;
const day = (date) => date.toISOString().slice(0, 10);
function tell(name, statements) {
    const lines = statements[0].transactions;
    console.log(`${name}: ` + lines.map((line) => `value ${day(line.date)} entry ${day(line.entryDate)}`).join(", "));
}
const { Parser } = require("mt940js");
tell("mt940js", new Parser().parse(text));
const parser = require("stitch-swiftmessageparser").default;
tell("stitch-swiftmessageparser", parser.parse({ type: "mt940", data: text, validate: true }));
')
echo "$found"
if [ "$found" != "mt940js: value 2026-01-02 entry 2026-12-31, value 2025-12-31 entry 2025-01-02
stitch-swiftmessageparser: value 2026-01-02 entry 2026-12-31, value 2025-12-31 entry 2025-01-02" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
