#!/usr/bin/env bash
# beancount 3.2.3, a journal exported for double-entry bookkeeping as text.
# One would expect: commas in an amount only help the reader, wherever they stand: 100,000.00 and 1,00,000.00 are the same
# number, and the second is how every bank of India writes it.
# What happens: commas must stand by threes. 1,00,000.00 INR is an invalid number, and the whole transaction is left out;
# the rest of the file loads, and is balanced, without it.
# Cure: write amounts without commas, and stop at any error of the loader.
# Output seen:
#   100,000.00: transactions 1, errors 0
#   1,00,000.00: transactions 0, errors 2 ValueError: Invalid number format: '1,00,000.00'
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq beancount==3.2.3
venv/bin/python - <<'PY'
import sys
from importlib.metadata import version

from beancount import loader
from beancount.core.data import Transaction

JOURNAL = """2026-11-01 open Assets:Bank
2026-11-01 open Income:Interest
2026-11-02 * "collected"
  Assets:Bank       {amount} INR
  Income:Interest  -{amount} INR
"""
print("beancount", version("beancount"))
found = []
for amount in ("100,000.00", "1,00,000.00"):
    entries, errors, _ = loader.load_string(JOURNAL.format(amount=amount))
    found.append((sum(isinstance(entry, Transaction) for entry in entries), len(errors)))
    print(f"{amount}: transactions {found[-1][0]}, errors {found[-1][1]}", *(error.message for error in errors[:1]))
sys.exit(0 if found == [(1, 0), (0, 2)] else "the behaviour has changed")
PY
