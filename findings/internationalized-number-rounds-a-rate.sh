#!/usr/bin/env bash
# @internationalized/number 3.6.9 (npm), reads numbers that people type; the number field of React Aria stands on it.
# One would expect: `parse` gives the number that was typed, 10.5% is 0.105; how many places are shown is a matter of
# the formatter. So it is with plain numbers: with maximumFractionDigits 0, 10.5 is read as 10.5.
# What happens: with style percent and nothing else asked, the places that would not be shown are rounded off while
# reading. 10.5% and 10.75% are both 0.11, 0.4% is 0. A rate of interest typed in full is another one in the contract.
# Cure: maximumFractionDigits of 2 or more in the options of the parser (and of the field).
# Output seen:
#   percent: 10.5% 0.11, 10.75% 0.11, 0.4% 0
#   percent with two places: 10.5% 0.105, 10.75% 0.1075, 0.4% 0.004
#   plain with no places: 10.5 10.5, 10.75 10.75, 0.4 0.4
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund @internationalized/number@3.6.9 >/dev/null
found=$(node -e '
const { NumberParser } = require("@internationalized/number");
function tell(name, options, unit) {
    const parser = new NumberParser("en-IN", options);
    const texts = ["10.5", "10.75", "0.4"].map((text) => text + unit);
    console.log(`${name}: ` + texts.map((text) => `${text} ${parser.parse(text)}`).join(", "));
}
tell("percent", { style: "percent" }, "%");
tell("percent with two places", { style: "percent", maximumFractionDigits: 2 }, "%");
tell("plain with no places", { maximumFractionDigits: 0 }, "");
')
echo "$found"
if [ "$found" != "percent: 10.5% 0.11, 10.75% 0.11, 0.4% 0
percent with two places: 10.5% 0.105, 10.75% 0.1075, 0.4% 0.004
plain with no places: 10.5 10.5, 10.75 10.75, 0.4 0.4" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
