#!/usr/bin/env bash
# rrule-temporal 2.2.8 (npm), rules of recurring days (RFC 5545, with the SKIP of RFC 7529).
# One would expect: "each month on the 31st, where there is none the last day before it" is
# FREQ=MONTHLY;BYMONTHDAY=31;SKIP=BACKWARD, and gives twelve days a year, as the same rule does without BYMONTHDAY from 31
# January on.
# What happens: with BYMONTHDAY the SKIP is left aside without a word, though its manual says that SKIP is applied after
# BYMONTHDAY. Months without a 31st have no day at all: reminders or debits of a loan that falls due at the end of the
# month fail to appear in five months of the year.
# Cure: leave BYMONTHDAY out and start on a 31st, or take BYMONTHDAY=28,29,30,31;BYSETPOS=-1.
# Output seen:
#   BYMONTHDAY=31;SKIP=BACKWARD: 2026-01-31 2026-03-31 2026-05-31 2026-07-31
#   SKIP=BACKWARD: 2026-01-31 2026-02-28 2026-03-31 2026-04-30
#   BYMONTHDAY=28,29,30,31;BYSETPOS=-1: 2026-01-31 2026-02-28 2026-03-31 2026-04-30
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund rrule-temporal@2.2.8 temporal-polyfill@1.0.8 >/dev/null
version=$(node -p 'JSON.parse(require("fs").readFileSync("node_modules/rrule-temporal/package.json")).version')
echo "rrule-temporal $version"
cat > days.mjs <<'JS'
import { RRuleTemporal } from "rrule-temporal";

for (const part of ["BYMONTHDAY=31;SKIP=BACKWARD", "SKIP=BACKWARD", "BYMONTHDAY=28,29,30,31;BYSETPOS=-1"]) {
    const scale = part.includes("SKIP") ? "RSCALE=GREGORIAN;" : "";
    const rule = `DTSTART;TZID=Asia/Kolkata:20260131T090000\nRRULE:${scale}FREQ=MONTHLY;${part};COUNT=4`;
    const days = new RRuleTemporal({ rruleString: rule }).all().map((day) => day.toPlainDate().toString());
    console.log(`${part}: ${days.join(" ")}`);
}
JS
found=$(node days.mjs)
echo "$found"
if [ "$found" != "BYMONTHDAY=31;SKIP=BACKWARD: 2026-01-31 2026-03-31 2026-05-31 2026-07-31
SKIP=BACKWARD: 2026-01-31 2026-02-28 2026-03-31 2026-04-30
BYMONTHDAY=28,29,30,31;BYSETPOS=-1: 2026-01-31 2026-02-28 2026-03-31 2026-04-30" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
