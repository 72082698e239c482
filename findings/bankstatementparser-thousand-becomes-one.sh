#!/usr/bin/env bash
# bankstatementparser 0.0.29, reads bank statements of many formats into one model; here CSV.
# One would expect: in one column of amounts a comma means the same in every row: 1,00,000.05 shows that it groups
# digits there, so 1,000 is a thousand.
# What happens: each cell is judged alone. 1,000 without paise is read as one rupee (1.000), 12,345 as twelve, between
# rows of the same column whose commas group digits. No error and no warning is given; the balance column, which would
# contradict, is left as text and not compared.
# Cure: take the commas out of the file's amounts before it is parsed, and compare the sum with the balances.
# Output seen:
#   1,00,000.05 100000.05 | 1,000 1.000 | 12,345 12.345 | 2,500.00 2500.00
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq bankstatementparser==0.0.29
venv/bin/python - <<'PY'
import logging
import sys
from importlib.metadata import version
from pathlib import Path

from bankstatementparser import create_parser

logging.basicConfig(level="WARNING")
print("bankstatementparser", version("bankstatementparser"))
Path("statement.csv").write_text('''Date,Description,Credit,Balance
01/04/2026,EMI LN-1,"1,00,000.05","1,00,000.05"
02/04/2026,EMI LN-2,"1,000","1,01,000.05"
03/04/2026,EMI LN-3,"12,345","1,13,345.05"
04/04/2026,EMI LN-4,"2,500.00","1,15,845.05"
''')
amounts = [str(amount) for amount in create_parser("statement.csv", "csv").parse()["amount"]]
print(" | ".join(f"{text} {amount}" for text, amount in zip(("1,00,000.05", "1,000", "12,345", "2,500.00"), amounts)))
sys.exit(0 if amounts == ["100000.05", "1.000", "12.345", "2500.00"] else "the behaviour has changed")
PY
