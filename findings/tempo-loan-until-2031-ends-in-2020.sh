#!/usr/bin/env bash
# @formkit/tempo 1.1.0 (npm).
# One would expect: parse refuses a text that does not fit the format to its end, as it refuses 5/2/26 for DD/MM/YY; or
# the short form of a date in English for India takes the year with four digits too.
# What happens: the short form is DD/MM/YY, whatever follows its last part is left aside, and so 31/12/2031 is 31 December
# 2020: the years of the whole century are 2020, those of 19xx are 2019. In British English, whose short form has four
# digits, the same text is right.
# Cure: parse with a format of one's own, and check that formatting gives the text back.
# Output seen:
#   31/12/31 in en-IN: 2031-12-31
#   31/12/2031 in en-IN: 2020-12-31
#   31/12/2031 in en-GB: 2031-12-31
#   5/2/26 in en-IN: an error
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @formkit/tempo@1.1.0 >/dev/null
echo "@formkit/tempo $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/@formkit/tempo/package.json")).version')"
cat > read.mjs <<'JS'
import { format, parse } from "@formkit/tempo";

for (const [text, locale] of [["31/12/31", "en-IN"], ["31/12/2031", "en-IN"], ["31/12/2031", "en-GB"], ["5/2/26", "en-IN"]]) {
    let day;
    try {
        day = format(parse(text, "short", locale), "YYYY-MM-DD");
    } catch {
        day = "an error";
    }
    console.log(`${text} in ${locale}: ${day}`);
}
JS
found=$(node read.mjs)
echo "$found"
if [ "$found" != "31/12/31 in en-IN: 2031-12-31
31/12/2031 in en-IN: 2020-12-31
31/12/2031 in en-GB: 2031-12-31
5/2/26 in en-IN: an error" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
