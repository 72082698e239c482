#!/usr/bin/env bash
# any-date-parser 2.2.4 (npm).
# One would expect: where the locale is American, 13/05/2026 is no date, as it is for a parser that wants the month first:
# there is no month 13.
# What happens: the 1 at the front is dropped and 3/05 is read: 5 March. 31/12/2026 is 12 January. The package takes the
# locale of the machine if none is named, which for a server in a container is often American, so a due date as India
# writes it is a date of another month, without an error. With the locale en-IN all is right.
# Cure: name the locale at every call.
# Output seen, as en-US and as en-IN:
#   13/05/2026: 2026-03-05 and 2026-05-13
#   28/02/2026: 2026-08-02 and 2026-02-28
#   31/12/2026: 2026-01-12 and 2026-12-31
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund any-date-parser@2.2.4 >/dev/null
echo "any-date-parser $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/any-date-parser/package.json")).version')"
cat > read.mjs <<'JS'
import parser from "any-date-parser";

const read = (text, locale) => {
    const day = parser.fromString(text, locale);
    return Number.isNaN(day.getTime()) ? "no date" : day.toISOString().slice(0, 10);
};
for (const text of ["13/05/2026", "28/02/2026", "31/12/2026"])
    console.log(`${text}: ${read(text, "en-US")} and ${read(text, "en-IN")}`);
JS
found=$(TZ=UTC node read.mjs)
echo "$found"
if [ "$found" != "13/05/2026: 2026-03-05 and 2026-05-13
28/02/2026: 2026-08-02 and 2026-02-28
31/12/2026: 2026-01-12 and 2026-12-31" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
