#!/usr/bin/env bash
# to-words 5.7.0 (npm), amounts in words for India (locale en-IN).
# One would expect: the words that cheques, sanction letters and annual reports in India use: above a crore they count in
# crores (one hundred crore, one lakh crore).
# What happens: a hundred crore is "One Arab", ten thousand crore "One Kharab": words of the old scale, which hardly a
# reader of an English document knows, and which no bank prints. Up to 99 crore all is as expected, so no small test sees it.
# Cure: split the crores off, and say them as a number of their own before "Crore".
# Output seen:
#   999999999: Ninety Nine Crore Ninety Nine Lakh Ninety Nine Thousand Nine Hundred Ninety Nine Rupees Only
#   1000000000: One Arab Rupees Only
#   1000000000000: Ten Kharab Rupees Only
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund to-words@5.7.0 >/dev/null
echo "to-words $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/to-words/package.json")).version')"
found=$(node -e '
const { ToWords } = require("to-words");
const words = new ToWords({ localeCode: "en-IN" });
for (const rupees of [999999999, 1000000000, 1000000000000])
    console.log(`${rupees}: ${words.convert(rupees, { currency: true })}`);
')
echo "$found"
if [ "$found" != "999999999: Ninety Nine Crore Ninety Nine Lakh Ninety Nine Thousand Nine Hundred Ninety Nine Rupees Only
1000000000: One Arab Rupees Only
1000000000000: Ten Kharab Rupees Only" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
