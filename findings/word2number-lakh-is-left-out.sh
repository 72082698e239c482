#!/usr/bin/env bash
# word2number 1.1, reads numbers that are written as words.
# One would expect: a text with a word that the package does not know, such as lakh or crore, is refused, as a text
# without any known word is.
# What happens: the unknown word is left out and the rest is read: "one lakh fifty thousand" is 51000, "ten lakh" is 10.
# The amount in words of a loan or a cheque in India is read as far too little, without an error.
# Cure: refuse a text with a word outside the package's own list before it is read.
# Output seen:
#   fifty one thousand: 51000
#   one lakh fifty thousand: 51000
#   ten lakh: 10
#   two crore: 2
#   lakh: ValueError
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq word2number==1.1
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

from word2number import w2n

print("word2number", version("word2number"))
found = {}
for words in ("fifty one thousand", "one lakh fifty thousand", "ten lakh", "two crore", "lakh"):
    try:
        found[words] = w2n.word_to_num(words)
    except ValueError:
        found[words] = "ValueError"
    print(f"{words}: {found[words]}")
as_stated = list(found.values()) == [51000, 51000, 10, 2, "ValueError"]
sys.exit(0 if as_stated else "the behaviour has changed")
PY
