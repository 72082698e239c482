#!/usr/bin/env bash
# fast-xml-parser 5.12.1 (npm), here on payments of a bank statement in XML (camt.053).
# One would expect: the text of an element is text; or, since the package makes numbers of numbers by default, amounts
# become numbers and references with a letter in them, such as a payment's EndToEndId, do not.
# What happens: a letter E among digits is an exponent and 0x a hexadecimal number, so references that differ become the
# same: 0E12345 and 0E67890 are both 0, 12E3 and 12000 are both 12000. Who looks a payment's loan up by its reference
# posts it to another one. And the type hangs on the length: an account of 13 digits is a number without its leading
# zeros, one of 19 digits stays text, so a sample may show text.
# Cure: `parseTagValue: false` (and `parseAttributeValue: false`), and make numbers of the amounts oneself.
# Output seen:
#   0E12345 0, 0E67890 0, 12E3 12000, 12000 12000, 0x1F 31, 0012345678901 12345678901, 1234567890123456789 as text
#   with parseTagValue false: all as text
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund fast-xml-parser@5.12.1 >/dev/null
echo "fast-xml-parser $(node -p 'JSON.parse(require("fs").readFileSync("node_modules/fast-xml-parser/package.json")).version')"
found=$(node -e '
const { XMLParser } = require("fast-xml-parser");
const references = ["0E12345", "0E67890", "12E3", "12000", "0x1F", "0012345678901", "1234567890123456789"];
const xml = `<Stmt>${references.map((text) => `<EndToEndId>${text}</EndToEndId>`).join("")}</Stmt>`;
const read = (options) => new XMLParser(options).parse(xml).Stmt.EndToEndId;
const tell = (value) => (typeof value === "string" ? "as text" : value);
console.log(read({}).map((value, place) => `${references[place]} ${tell(value)}`).join(", "));
const kept = read({ parseTagValue: false });
console.log("with parseTagValue false:", String(kept) === String(references) ? "all as text" : kept);
')
echo "$found"
if [ "$found" != "0E12345 0, 0E67890 0, 12E3 12000, 12000 12000, 0x1F 31, 0012345678901 12345678901, \
1234567890123456789 as text
with parseTagValue false: all as text" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
