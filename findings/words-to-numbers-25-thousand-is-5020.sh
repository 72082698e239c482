#!/usr/bin/env bash
# words-to-numbers 1.5.1 (npm), reads numbers that are written or spoken as words.
# One would expect: "twenty five thousand" is 25000, as "twelve thousand" is 12000.
# What happens: it is 5020, without an error: the word before "thousand" is multiplied, and the tens before that are
# added. So an amount of tens and ones of thousands, such as most instalments and small loans, is wrong wherever it is
# spoken to a bot or read off a cheque; round amounts (twenty thousand) and amounts below twenty thousand are right.
# "Lakh" and "crore" are left in the text as words.
# Output seen:
#   twelve thousand five hundred: 12500
#   twenty thousand: 20000
#   twenty five thousand: 5020
#   thirty four thousand six hundred: 4630
#   two lakh fifty thousand: 2 lakh 50000
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
npm init -y >/dev/null
npm install --silent --no-audit --no-fund words-to-numbers@1.5.1 >/dev/null
echo "words-to-numbers $(node -p 'require("./node_modules/words-to-numbers/package.json").version')"
cat > read.js <<'JS'
const { wordsToNumbers } = require("words-to-numbers");

for (const words of [
    "twelve thousand five hundred", "twenty thousand", "twenty five thousand", "thirty four thousand six hundred",
    "two lakh fifty thousand",
])
    console.log(`${words}: ${wordsToNumbers(words)}`);
JS
found=$(node read.js)
echo "$found"
if [ "$found" != "twelve thousand five hundred: 12500
twenty thousand: 20000
twenty five thousand: 5020
thirty four thousand six hundred: 4630
two lakh fifty thousand: 2 lakh 50000" ]; then
    echo "the behaviour has changed" >&2
    exit 1
fi
