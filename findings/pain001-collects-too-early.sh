#!/usr/bin/env bash
# pain001 0.0.74, writes ISO 20022 payment files from CSV; here a collection of instalments (pain.008.001.02).
# One would expect: rows with another payment_information_id, day and sequence type become a block of their own (PmtInf),
# as the format has it, because day and sequence type stand once in a block.
# What happens: all rows go into one block with the identifier, the day and the sequence type of the first row. The
# debit that the file asks for on 20 February is collected on 20 January, and a first collection is called a recurring
# one. Nothing is said; the result passes the schema.
# Cure: one input file for each block, and a look at the result: each day of the input must be in it.
# Output seen:
#   asked: 2026-01-20 RCUR 0.10, 2026-02-20 FRST 4406.04
#   blocks: 1, days 2026-01-20, sequence types RCUR, amounts 0.10 4406.04
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
cd "$dir"
venv/bin/pip install -qq pain001==0.0.74
venv/bin/python -m pain001 init pain.008.001.02 -o sample.csv >/dev/null
venv/bin/python - <<'PY'
import csv
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

print("pain001", version("pain001"))
# The package's own sample, of which the second row becomes a collection of the next month.
with open("sample.csv", newline="") as file:
    reader = csv.DictReader(file)
    names, rows = reader.fieldnames, list(reader)[:2]
rows[0] |= {"payment_amount": "0.10", "ctrl_sum": "4406.14", "sequence_type": "RCUR"}
rows[0] |= {"requested_execution_date": "2026-01-20", "payment_information_id": "JANUARY"}
rows[1] |= {"payment_amount": "4406.04", "ctrl_sum": "4406.14", "sequence_type": "FRST"}
rows[1] |= {"requested_execution_date": "2026-02-20", "payment_information_id": "FEBRUARY"}
with open("input.csv", "w", newline="") as file:
    writer = csv.DictWriter(file, names)
    writer.writeheader()
    writer.writerows(rows)
asked = [f"{row['requested_execution_date']} {row['sequence_type']} {row['payment_amount']}" for row in rows]
print("asked:", ", ".join(asked))
command = [sys.executable, "-m", "pain001", "generate", "-t", "pain.008.001.02", "-d", "input.csv"]
subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
xml = Path("pain.008.001.02.xml").read_text()


def values(tag: str) -> str:
    return " ".join(re.findall(rf"<{tag}(?: [^>]*)?>([^<]*)</{tag}>", xml))


found = (len(re.findall("<PmtInf>", xml)), values("ReqdColltnDt"), values("SeqTp"), values("InstdAmt"))
print("blocks: {}, days {}, sequence types {}, amounts {}".format(*found))
sys.exit(0 if found == (1, "2026-01-20", "RCUR", "0.10 4406.04") else "the behaviour has changed")
PY
