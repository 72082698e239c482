#!/usr/bin/env bash
# num2words 0.5.14.
# One would expect: amounts in words for India (lang="en_IN") go as far as in English, where a number may have hundreds of
# digits; a book of a thousand crore is that of a middle-sized lender ("one thousand crore", "one lakh crore").
# What happens: from 1,000 crore (10,000,000,000) on an OverflowError is raised; one rupee less is written in words. The
# same number is no trouble for lang="en". So a receipt works and the total of the month does not.
# Cure: split the crores off and write them by themselves, or keep amounts in words to single documents.
# Output seen:
#   9999999999: nine hundred and ninety-nine crore, ninety-nine lakh, ninety-nine thousand, nine hundred and ninety-nine
#   10000000000: OverflowError
#   10000000000 in English: ten billion
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq num2words==0.5.14
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

from num2words import num2words

print("num2words", version("num2words"))
found = []
for amount in (9_999_999_999, 10_000_000_000):
    try:
        found.append(num2words(amount, lang="en_IN"))
    except OverflowError as error:
        found.append(type(error).__name__)
    print(f"{amount}: {found[-1]}")
print("10000000000 in English:", num2words(10_000_000_000, lang="en"))
as_stated = found[0].startswith("nine hundred and ninety-nine crore") and found[1] == "OverflowError"
sys.exit(0 if as_stated else "the behaviour has changed")
PY
