#!/usr/bin/env bash
# card-validator 10.0.4 with credit-card-type 10.3.0 (npm), which tell the network of a card from its first digits.
# One would expect: a card of RuPay, India's own network, is told as RuPay's, or as of no network that they know.
# What happens: RuPay's ranges are taken for those of others: 508500 to 508999 and 606985 to 608500 for Maestro's, 652150
# to 653149 for Discover's. So a form shows the wrong mark, asks for 12 to 19 digits where RuPay has 16, and a fee or a
# rule that goes by the network goes wrong.
# Cure: tell RuPay's ranges by one's own list first.
# Output seen:
#   508500: maestro
#   606985: maestro
#   608001: maestro
#   652150: discover
#   6074819900004939, a number of RuPay's for tests: valid, maestro, 12 to 19 digits
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund card-validator@10.0.4 credit-card-type@10.3.0 >/dev/null
for name in card-validator credit-card-type; do
    echo "$name $(node -p "require('./node_modules/$name/package.json').version")"
done
cat > network.js <<'JS'
const { number } = require("card-validator");

for (const digits of ["508500", "606985", "608001", "652150"])
    console.log(`${digits}: ${number(digits).card?.type ?? "none"}`);
const { isValid, card } = number("6074819900004939");
const lengths = `${card.lengths.at(0)} to ${card.lengths.at(-1)} digits`;
console.log(`6074819900004939, a number of RuPay's for tests: ${isValid ? "valid" : "wrong"}, ${card.type}, ${lengths}`);
JS
found=$(node network.js)
echo "$found"
if [ "$found" != "508500: maestro
606985: maestro
608001: maestro
652150: discover
6074819900004939, a number of RuPay's for tests: valid, maestro, 12 to 19 digits" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
